"""Steps from left to right, whatever the log."""

from __future__ import annotations

import datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.procedures import EventLog
from canbao.procedures.analysis.process_map import COLUMNS_AT_MOST, process_map

NOON = datetime.datetime(2024, 1, 2, 12, tzinfo=datetime.UTC)


def log_of(*cases: str) -> EventLog:
    """A log with a letter an activity, a day between events."""
    rows = [
        {"case_id": str(at), "activity": letter, "time": NOON + datetime.timedelta(days=day)}
        for at, case in enumerate(cases)
        for day, letter in enumerate(case)
    ]
    return EventLog.of("letters", pl.DataFrame(rows))


def test_a_straight_way_is_a_row_and_a_loop_moves_nothing() -> None:
    found = process_map(log_of(*["ABCD"] * 30, *["ABCBCD"] * 20))
    assert dict(found.steps.select("activity", "column").iter_rows()) == {"A": 0, "B": 1, "C": 2, "D": 3}
    assert set(found.steps["lane"]) == {0}
    ways = {(start, end): (cases, count) for start, end, cases, count, _ in found.ways.iter_rows()}
    assert ways[("C", "B")] == (20, 20)
    assert ways[("B", "C")] == (50, 70)


def test_steps_of_few_cases_are_left_to_the_tables() -> None:
    found = process_map(log_of(*["AB"] * 99, "AXB"))
    assert found.steps["activity"].to_list() == ["A", "B"]
    assert found.left_out == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ABCDEFGHIJKLMN", min_size=1, max_size=9), min_size=1, max_size=12))
def test_no_two_steps_stand_on_each_other(cases: list[str]) -> None:
    found = process_map(log_of(*cases))
    places = list(found.steps.select("column", "lane").iter_rows())
    assert len(set(places)) == len(places)
    assert all(0 <= column < COLUMNS_AT_MOST for column, _ in places)
    shown = set(found.steps["activity"])
    assert {name for way in found.ways.select("activity", "following").iter_rows() for name in way} <= shown
