"""How cases end, where they were last seen, and where they give up."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures.analysis import Endings, incidence, last_steps, outcomes, step_hazards, still_open

from .logs import log_of

ENDINGS = Endings(completed=("paid",), refused=("refused",), abandoned=("withdrawn",))
CASES = {
    "granted": [("apply", 0), ("check", 2), ("paid", 10)],
    "twice": [("apply", 0), ("refused", 3), ("apply", 5), ("paid", 9), ("archived", 12)],
    "refused": [("apply", 1), ("check", 2), ("refused", 4)],
    "gone": [("apply", 1), ("withdrawn", 6)],
    "open": [("apply", 2), ("check", 3)],
    "quiet": [("apply", 14)],
    "late": [("apply", 19), ("check", 20)],
}


def test_a_case_ends_with_its_last_ending_or_is_open_until_the_log_closes() -> None:
    table = outcomes(log_of(CASES), ENDINGS)
    assert table["outcome"].to_list() == ["completed", "completed", "refused", "abandoned", "open", "open", "open"]
    assert table["days"].to_list() == [10, 9, 3, 5, 18, 6, 1]
    assert table["silent_days"].to_list() == [10, 8, 16, 14, 17, 6, 0]


def test_silence_can_count_as_giving_up() -> None:
    silent = Endings(("paid",), ("refused",), ("withdrawn",), silent_days=10)
    table = outcomes(log_of(CASES), silent)
    assert table["outcome"].to_list() == ["completed", "completed", "refused", "abandoned", "abandoned", "open", "open"]
    assert table["days"][4] == 11
    row = step_hazards(log_of(CASES), silent).filter(pl.col("activity") == "check").row(0, named=True)
    assert (row["visits"], row["completed"], row["refused"], row["abandoned"], row["still_there"]) == (4, 1, 1, 1, 1)


def test_where_cases_without_an_ending_were_last_seen() -> None:
    assert last_steps(log_of(CASES), ENDINGS).select("activity", "cases", "median_silent_days").rows() == [
        ("check", 2, 8.5),
        ("apply", 1, 6.0),
    ]
    assert last_steps(log_of(CASES))["cases"].sum() == len(CASES)


def test_after_each_step() -> None:
    table = step_hazards(log_of(CASES), ENDINGS)
    row = table.filter(pl.col("activity") == "apply").row(0, named=True)
    assert {name: row[name] for name in ("visits", "went_on", "completed", "refused", "abandoned", "still_there")} == {
        "visits": 8, "went_on": 4, "completed": 1, "refused": 1, "abandoned": 1, "still_there": 1,
    }  # fmt: skip
    # Days 1, 1, 1, 2 to go on, 3 refused, 4 paid, 5 withdrawn; 6 still there: one of eight was withdrawn.
    assert row["abandoned_share"] == pytest.approx(1 / 8)
    assert row["abandoned_low"] < 1 / 8 < row["abandoned_high"]
    assert row["median_days"] == 2


def test_what_the_endings_do_not_tell_stays_unknown() -> None:
    only_paid = Endings(completed=("paid",))
    table = step_hazards(log_of(CASES), only_paid)
    assert table["abandoned_share"].is_null().all() and table["refused_share"].is_null().all()
    assert incidence(log_of(CASES), only_paid)["way"].unique().to_list() == ["completed"]


def test_names_that_the_log_does_not_have_are_refused() -> None:
    with pytest.raises(InputError, match=r"payed.*paid"):
        outcomes(log_of(CASES), Endings(completed=("payed",)))
    with pytest.raises(InputError, match="more than one way"):
        outcomes(log_of(CASES), Endings(completed=("paid",), refused=("paid",)))


STEPS = st.lists(
    st.tuples(st.sampled_from(["apply", "check", "paid", "refused"]), st.integers(0, 30)), min_size=1, max_size=6
)


@given(st.dictionaries(st.sampled_from("uvwxyz"), STEPS, min_size=1))
@settings(deadline=None)
def test_every_visit_is_counted_once(cases: dict[str, list[tuple[str, int]]]) -> None:
    log = log_of({"end": [("apply", 0), ("paid", 31), ("refused", 31)], **cases})
    endings = Endings(completed=("paid",), refused=("refused",))
    table = step_hazards(log, endings)
    ways = pl.sum_horizontal("went_on", "completed", "refused", "abandoned", "still_there")
    assert (table["visits"] == table.select(ways).to_series()).all()
    expected = 0
    for _, own in log.events.group_by("case"):
        names = own["activity"].to_list()
        ends = [at for at, name in enumerate(names) if name in ("paid", "refused")]
        expected += sum(name in ("apply", "check") for name in (names[: ends[-1]] if ends else names))
    assert table["visits"].sum() == expected
    curves, curve = incidence(log, endings), still_open(log, endings)
    total = curves.group_by("way").agg(pl.col("share").last())["share"].sum()
    assert total + curve["share_open"][-1] == pytest.approx(1)


def test_a_log_of_endings_alone_has_no_steps() -> None:
    assert step_hazards(log_of({"x": [("paid", 0)]}), Endings(completed=("paid",))).is_empty()
