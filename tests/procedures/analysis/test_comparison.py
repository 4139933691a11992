"""Before and after a reform that shortens one step, drops one and adds one."""

import datetime

import numpy as np
import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures import EventLog
from canbao.procedures.analysis import Comparison, Endings, compare

from .logs import BEGINNING, log_of


def office(cases: int, *, reformed: bool, seed: int) -> EventLog:
    random = np.random.default_rng(seed)
    rows = []
    for case in range(cases):
        day = random.uniform(0, 100)
        steps = ["apply", *([] if reformed else ["stamp"]), "check", *(["message"] if reformed else []), "paid"]
        if random.random() < 0.2:
            steps[-1] = "refused"
        for step in steps:
            rows.append((f"{case}", step, BEGINNING + datetime.timedelta(days=day)))
            day += random.exponential(2 if step == "check" and reformed else 4)
    return EventLog.of("office", pl.DataFrame(rows, schema=["case_id", "activity", "time"], orient="row"))


@pytest.fixture(scope="module")
def found() -> Comparison:
    endings = Endings(completed=("paid",), refused=("refused",))
    return compare(office(400, reformed=False, seed=1), office(500, reformed=True, seed=2), endings=endings)


def test_what_appeared_and_what_vanished(found: Comparison) -> None:
    rows = found.changes.select("kind", "activity", "following", "status").rows()
    assert ("activity", "stamp", None, "vanished") in rows and ("activity", "message", None, "appeared") in rows
    assert ("edge", "apply", "check", "appeared") in rows and ("edge", "apply", "stamp", "vanished") in rows
    assert set(found.variants["status"]) == {"appeared", "vanished"}
    assert found.variants["share_difference"].sum() == pytest.approx(0)


def test_figures_side_by_side(found: Comparison) -> None:
    rows = {row["figure"]: row for row in found.figures.to_dicts()}
    assert (rows["cases"]["before"], rows["cases"]["after"], rows["cases"]["low"]) == (400, 500, None)
    # Three steps of four days on average become 4 + 2 + 4.
    assert rows["mean_days"]["low"] < -2 < rows["mean_days"]["high"]
    assert rows["median_days"]["low"] < rows["median_days"]["difference"] < rows["median_days"]["high"]
    assert rows["completed_share"]["low"] < 0 < rows["completed_share"]["high"]
    assert rows["completed_share"]["before"] + rows["refused_share"]["before"] <= 1 + 1e-9
    assert "abandoned_share" not in rows


def test_steps_that_both_have() -> None:
    before = log_of({f"{at}": [("a", 0), ("b", 4 + at % 7), ("c", 20)] for at in range(70)})
    after = log_of({f"{at}": [("a", 0), ("b", 1 + at % 7), ("c", 20)] for at in range(70)})
    row = compare(before, after).edges.filter(pl.col("following") == "b").to_dicts()[0]
    assert (row["median_days_before"], row["median_days_after"], row["days_difference"]) == (7, 4, -3)
    assert row["days_low"] < -3 < row["days_high"] < 0
    assert (row["share_before"], row["share_difference"], row["status"]) == (1, 0, "both")


def test_a_log_compared_with_itself_shows_no_difference() -> None:
    log = office(100, reformed=False, seed=3)
    found = compare(log, log, endings=Endings(completed=("paid",)))
    assert found.figures["difference"].drop_nulls().abs().max() == 0
    assert found.changes.is_empty()
    assert (found.edges["days_low"].drop_nulls() <= 0).all() and (found.edges["days_high"].drop_nulls() >= 0).all()


def test_an_ending_must_occur_in_one_of_the_logs() -> None:
    log = office(50, reformed=False, seed=4)
    with pytest.raises(InputError, match="withdrawn"):
        compare(log, log, endings=Endings(abandoned=("withdrawn",)))
