"""Groups: what they differ in, what is not shown, what is tested."""

import datetime

import numpy as np
import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures import EventLog
from canbao.procedures.analysis import Endings, group_differences

from .logs import BEGINNING


def made(sizes: dict[str | None, int], pace: dict[str | None, float], seed: int = 1) -> EventLog:
    """Cases of several groups: applied for, and paid, refused or still open when the log closes on day 40."""
    random = np.random.default_rng(seed)
    rows, groups = [], []
    for group, size in sizes.items():
        for _ in range(size):
            case = f"c{len(groups)}"
            groups.append((case, group))
            first = random.uniform(0, 10)
            rows.append((case, "apply", BEGINNING + datetime.timedelta(days=first)))
            end = first + random.exponential(pace[group])
            if end < 40:
                rows.append(
                    (case, "paid" if random.random() < 0.7 else "refused", BEGINNING + datetime.timedelta(days=end))
                )
    rows.append((groups[0][0], "note", BEGINNING + datetime.timedelta(days=40)))
    frame = pl.DataFrame(rows, schema=["case_id", "activity", "time"], orient="row")
    return EventLog.of("test", frame, cases=pl.DataFrame(groups, schema=["case_id", "channel"], orient="row"))


PACE: dict[str | None, float] = {"app": 4, "counter": 9, "post": 9, None: 9}
ENDINGS = Endings(completed=("paid",), refused=("refused",))


def test_the_slower_group_is_seen_to_be_slower() -> None:
    found = group_differences(made({"app": 300, "counter": 300}, PACE), ["channel"], endings=ENDINGS)
    rows = {row["group"]: row for row in found.table.to_dicts()}
    for name, pace in (("app", 4.0), ("counter", 9.0)):
        row = rows[name]
        assert row["median_days_low"] < pace * np.log(2) < row["median_days_high"]
        assert row["completed_share_low"] < 0.7 < row["completed_share_high"]
        assert row["ended"] <= row["cases"] == 300
        assert row["breach_share"] is None and row["judged"] is None
    tests = {row["measure"]: row for row in found.tests.to_dicts()}
    assert tests["days"]["test"] == "log-rank" and tests["days"]["p_holm"] < 1e-6
    assert tests["completed"]["p_holm"] > 0.05
    assert tests["days"]["p_holm"] == pytest.approx(min(1, 2 * tests["days"]["p"]))


def test_without_endings_throughput_times_are_compared() -> None:
    found = group_differences(made({"app": 100, "counter": 100}, PACE), ["channel"])
    assert found.tests["test"].to_list() == ["Kruskal–Wallis"]
    assert found.table["completed_share"].is_null().all()


def test_small_groups_and_those_that_give_them_away_are_not_shown() -> None:
    found = group_differences(made({"app": 200, "counter": 80, "post": 20, None: 60}, PACE), ["channel"], endings=ENDINGS)
    shown = {row["group"]: not row["suppressed"] for row in found.table.to_dicts()}
    assert shown == {"app": True, "counter": True, "post": False, None: False}
    hidden = found.table.filter(pl.col("suppressed")).drop("column", "group", "suppressed")
    assert all(hidden[column].is_null().all() for column in hidden.columns)


def test_shares_of_too_few_judged_cases_are_not_shown() -> None:
    log = made({"app": 100, "counter": 100, "post": 100}, PACE)
    judged = [at % 10 == 0 if at < 200 or at < 210 else None for at in range(300)]
    found = group_differences(log, ["channel"], breach=pl.Series(judged, dtype=pl.Boolean))
    rows = {row["group"]: row for row in found.table.to_dicts()}
    assert rows["post"]["cases"] == 100 and rows["post"]["breach_share"] is None and rows["post"]["judged"] is None
    shown = [name for name in rows if rows[name]["breach_share"] is not None]
    assert len(shown) == 1 and rows[shown[0]]["breach_share"] == pytest.approx(0.1)


def test_wrong_columns_and_lengths_are_faults() -> None:
    log = made({"app": 40}, PACE)
    with pytest.raises(InputError, match="no column colour"):
        group_differences(log, ["colour"])
    with pytest.raises(InputError, match="2 values for 40 cases"):
        group_differences(log, ["channel"], breach=pl.Series([True, False]))


def test_one_group_alone_is_not_tested_against_nothing() -> None:
    found = group_differences(made({"app": 40}, PACE), ["channel"], endings=ENDINGS)
    assert found.tests["p"].is_null().all() and found.tests["p_holm"].is_null().all()
    assert found.table["cases"].to_list() == [40]
