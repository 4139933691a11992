"""How many limits were broken: a published survival curve, and counts that can be made by hand."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures.clocks import breaches, evaluate
from canbao.procedures.clocks.breaches import still_running

Make = Callable[..., Any]

# Weeks of remission of 21 patients under 6-MP; those with 0 were still in remission (Freireich et al. 1963).
REMISSION = np.array([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
RELAPSED = np.array([1] * 9 + [0] * 12, dtype=bool)


@pytest.mark.parametrize(
    ("week", "share"),
    [(5, 1.0), (6, 0.8571), (7, 0.8067), (10, 0.7529), (13, 0.6902), (16, 0.6275), (22, 0.5378), (23, 0.4482)],
)
def test_the_curve_of_the_textbooks(week: int, share: float) -> None:
    assert still_running(REMISSION, RELAPSED, week)[0] == pytest.approx(share, abs=5e-5)


def test_the_interval_that_stata_prints_at_ten_weeks() -> None:
    _, low, high = still_running(REMISSION, RELAPSED, 10)
    assert (low, high) == (pytest.approx(0.5032, abs=5e-5), pytest.approx(0.8894, abs=5e-5))


@given(st.lists(st.integers(-30, 30), min_size=1), st.integers(-30, 30))
def test_without_open_runs_it_is_the_plain_share(times: list[int], at: int) -> None:
    share, low, high = still_running(np.array(times), np.ones(len(times), bool), at)
    assert share == pytest.approx(np.mean(np.array(times) > at))
    assert (low is None) == (high is None)
    if low is not None and high is not None and share is not None:
        assert 0 <= low <= share <= high <= 1


def test_nobody_knows_what_nobody_was_observed_for() -> None:
    assert still_running(np.array([-5, -3]), np.array([True, False]), 0) == (None, None, None)
    assert still_running(np.array([], dtype=int), np.array([], dtype=bool), 0) == (None, None, None)
    assert still_running(np.array([-5, 3]), np.array([True, False]), 0)[0] == 0.5


# --- counts ---------------------------------------------------------------------------------------------------------------


def a_crowd(a_log: Make, sizes: dict[str, int]) -> Any:
    """Cases by office: of five one is answered three days late, one is open in time, and one is open and late."""
    events, attributes = [], {}
    for office, size in sizes.items():
        for at in range(size):
            case = f"{office}{at}"
            attributes[case] = {"office": office, "group": "ab"[at % 2]}
            asked = "2024-03-29" if at % 5 == 1 else "2024-03-01"
            events.append((case, "asked", f"{asked}T09:00"))
            if at % 5 not in (1, 2):
                events.append((case, "answered", "2024-03-14T09:00" if at % 5 == 0 else "2024-03-05T09:00"))
    attributes["last"] = {"office": "x", "group": "a"}
    return a_log([*events, ("last", "asked", "2024-03-30T09:00")], attributes)


def test_counts_and_amounts(a_clock: Make, a_log: Make) -> None:
    log = a_crowd(a_log, {"x": 50})
    evaluated = evaluate(log, [a_clock(length=10, unit="calendar_days")])
    row = breaches(evaluated, log).row(0, named=True)
    counted = {key: row[key] for key in ("runs", "cases", "in_time", "late", "open_in_time", "open_late", "unknown")}
    assert counted == {
        "runs": 51,
        "cases": 51,
        "in_time": 20,
        "late": 10,
        "open_in_time": 11,
        "open_late": 10,
        "unknown": 0,
    }
    assert row["share_late"] == 20 / 40
    # Clopper and Pearson for 20 of 40
    assert (row["share_low"], row["share_high"]) == (pytest.approx(0.3380, abs=5e-5), pytest.approx(0.6620, abs=5e-5))
    # 3 days late ten times, 19 days so far ten times
    assert (row["median_late"], row["p90_late"], row["total_late"]) == (11.0, 19.0, 220.0)
    # Answered after 4 days were 20 of 40 that had been open for so long: those asked on 29 and 30 March had not.
    assert row["expected_late"] == pytest.approx(20 / 40)


def test_small_groups_are_hidden_and_nothing_gives_them_away(a_clock: Make, a_log: Make) -> None:
    log = a_crowd(a_log, {"x": 60, "y": 40, "z": 12})
    evaluated = evaluate(log, [a_clock(length=10, unit="calendar_days")])
    made = breaches(evaluated, log, "office")
    assert dict(made.select("office", "suppressed").rows()) == {"x": False, "y": True, "z": True}
    assert made.filter("suppressed").drop("clock", "office", "suppressed").null_count().row(0) == (2,) * (made.width - 3)
    crossed = breaches(evaluated, log, ["office", "group"])
    assert crossed.columns[:3] == ["clock", "office", "group"]
    shown = crossed.filter(~pl.col("suppressed"))
    assert (shown["cases"] >= 30).all()


def test_many_small_offices_take_no_time(a_clock: Make, a_log: Make) -> None:
    log = a_crowd(a_log, {f"office {at}": 25 + at % 8 for at in range(300)})
    evaluated = evaluate(log, [a_clock(length=10, unit="calendar_days")])
    made = breaches(evaluated, log, "office")
    assert made.height == 301
    assert made.filter("suppressed")["runs"].null_count() == made["suppressed"].sum() >= 190


def test_runs_of_one_case_are_runs_and_the_case_is_one(a_clock: Make, a_log: Make) -> None:
    turns = [("1", what, f"2024-03-{at:02}T09:00") for at in range(1, 29, 2) for what in ("asked", "answered")]
    log = a_log(turns)
    row = breaches(evaluate(log, [a_clock(repeats="each")]), log).row(0, named=True)
    assert row["suppressed"] and row["runs"] is None


def test_a_column_that_the_log_does_not_have(a_clock: Make, a_log: Make) -> None:
    log = a_crowd(a_log, {"x": 5})
    with pytest.raises(InputError, match="no column offices"):
        breaches(evaluate(log, [a_clock()]), log, "offices")


def test_nothing_evaluated_nothing_broken(a_clock: Make, a_log: Make) -> None:
    log = a_crowd(a_log, {"x": 5})
    assert breaches(evaluate(log, [a_clock(starts="nothing")]), log, "office").is_empty()
    assert breaches(evaluate(log, []), log).is_empty()


def test_cases_that_ended_first_are_not_taken_for_answered(a_clock: Make, a_log: Make) -> None:
    """Twenty answered on day 4, twenty withdrawn on day 8, twenty answered on day 14 of 10."""
    last = {0: ("answered", 5), 1: ("withdrawn", 9), 2: ("answered", 15)}
    events = [(str(at), "asked", "2024-03-01T09:00") for at in range(60)]
    events += [(str(at), last[at % 3][0], f"2024-03-{last[at % 3][1]:02}T09:00") for at in range(60)]
    log = a_log(events)
    row = breaches(evaluate(log, [a_clock(length=10, unit="calendar_days")]), log).row(0, named=True)
    assert (row["in_time"], row["late"], row["ended"]) == (40, 20, 20)
    assert row["share_late"] == pytest.approx(1 / 3)
    assert row["expected_late"] == pytest.approx(2 / 3)


def test_many_small_offices_by_two_columns_take_no_time(a_clock: Make, a_log: Make) -> None:
    log = a_crowd(a_log, {f"office {at}": 8 + at * 7 % 90 for at in range(400)})
    evaluated = evaluate(log, [a_clock(length=10, unit="calendar_days")])
    started = time.process_time()
    made = breaches(evaluated, log, ["office", "group"])
    assert made.height == 801
    assert made.filter(pl.col("cases") < 30).is_empty()
    # Minutes where every cell that might be shown again is tried by decomposing all equations anew.
    assert time.process_time() - started < 10
