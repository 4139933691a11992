"""What is done twice, where time goes and through how many hands a case passes; against plain loops."""

import math
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures import EventLog
from canbao.procedures.analysis import bottlenecks, case_handovers, case_rework, edges, handovers, loops, rework

from .logs import log_of

CASES = st.dictionaries(
    st.sampled_from("xyz"),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20)), min_size=1, max_size=8),
    min_size=1,
)
Cases = dict[str, list[tuple[str, int]]]


def ordered(log: EventLog) -> dict[int, list[tuple[str, float]]]:
    days = (log.events["time"] - log.opened).dt.total_microseconds() / 86_400e6
    found: dict[int, list[tuple[str, float]]] = {}
    for case, activity, day in zip(log.events["case"], log.events["activity"], days, strict=True):
        found.setdefault(case, []).append((activity, day))
    return found


@given(CASES)
@settings(deadline=None)
def test_repetitions_are_those_that_one_counts(cases: Cases) -> None:
    log = log_of(cases)
    by_activity = {row["activity"]: row for row in rework(log).to_dicts()}
    by_case = {row["case"]: row for row in case_rework(log).to_dicts()}
    totals = dict.fromkeys("abc", 0.0)
    for case, steps in ordered(log).items():
        names = [name for name, _ in steps]
        loops_of_itself = sum(here == there for here, there in pairwise(names))
        assert by_case[case]["self_loops"] == loops_of_itself
        assert by_case[case]["returns"] == len(names) - len(set(names)) - loops_of_itself
        spans = []
        for name in set(names):
            days = [day for other, day in steps if other == name]
            totals[name] += max(days) - min(days)
            spans.append((min(days), max(days)))
        covered = sum(any(low <= hour / 24 < high for low, high in spans) for hour in range(21 * 24)) / 24
        assert by_case[case]["lost_days"] == pytest.approx(covered)
    for name, row in by_activity.items():
        assert row["lost_days"] == pytest.approx(totals[name])
        assert row["self_loops"] + row["returns"] + row["cases"] == log.events.filter(pl.col("activity") == name).height


def test_ways_back_lead_to_what_was_before() -> None:
    log = log_of({"x": [("apply", 0), ("check", 1), ("supplement", 3), ("check", 7), ("check", 8), ("decide", 9)]})
    assert loops(log).rows() == [("check", "check", 1, 1, 1.0), ("supplement", "check", 1, 1, 6.0)]
    assert rework(log).row(0) == ("check", 1, 1, 1.0, 1, 1, 7.0, 7.0)


@given(CASES)
@settings(deadline=None)
def test_shares_of_delay_add_up(cases: Cases) -> None:
    log = log_of(cases)
    for table in (bottlenecks(log), bottlenecks(log, "activity")):
        assert table["total_days"].sum() == pytest.approx(edges(log)["total_days"].sum())
        assert table["total_days"].to_list() == sorted(table["total_days"].to_list(), reverse=True)
        if table["total_days"].sum() > 0:
            assert table["cumulative_share"][-1] == pytest.approx(1)
        else:
            assert table["share_of_delay"].is_null().all()


def test_the_slowest_step_comes_first() -> None:
    log = log_of({"x": [("a", 0), ("b", 1), ("c", 9)], "y": [("a", 0), ("b", 1)]})
    assert bottlenecks(log).select("rank", "activity", "following", "share_of_delay").rows() == [
        (1, "b", "c", 0.8),
        (2, "a", "b", 0.2),
    ]
    assert bottlenecks(log, "activity").row(0)[:3] == (1, "c", 1)


def test_hand_overs_and_ping_pong() -> None:
    steps = {"x": [("a", 0), ("b", 1), ("c", 3), ("d", 4), ("e", 5), ("f", 6)]}
    log = log_of(steps, office=["A", "A", "B", None, "A", "C"])
    assert handovers(log).rows() == [
        ("A", "B", 1, 1, 2.0, 2.0, 1, None),
        ("A", "C", 1, 1, 1.0, 1.0, 0, None),
        ("B", "A", 1, 1, 2.0, 2.0, 0, None),
    ]
    assert case_handovers(log).row(0) == (0, 3, 3, 1, None)
    with pytest.raises(InputError, match="resource"):
        handovers(log, "resource")


def test_distance_between_offices_is_that_of_a_great_circle() -> None:
    places = {"latitude": [0.0, 0.0, 90.0], "longitude": [0.0, 90.0, 0.0]}
    log = log_of({"x": [("a", 0), ("b", 1), ("c", 2)]}, office=["A", "B", "C"], **places)
    quarter = math.pi / 2 * 6371.0088
    assert handovers(log)["mean_km"].to_list() == pytest.approx([quarter, quarter])
    assert case_handovers(log)["km"].to_list() == pytest.approx([2 * quarter])


def test_of_a_case_without_a_known_office_nothing_is_said() -> None:
    log = log_of({"x": [("a", 0), ("b", 1)], "y": [("a", 0), ("b", 1)]}, office=[None, None, "A", "A"])
    assert case_handovers(log).rows() == [(0, None, None, None, None), (1, 1, 0, 0, None)]
