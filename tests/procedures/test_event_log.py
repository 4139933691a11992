"""An event log as two tables."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures import EventLog, Finding

NOON = datetime.datetime(2024, 1, 2, 12, tzinfo=datetime.UTC)


def written(*rows: tuple[str, str, int], **columns: list[str | None]) -> EventLog:
    """A log of rows (case, activity, hours after noon)."""
    cases, activities, hours = zip(*rows, strict=True)
    times = [NOON + datetime.timedelta(hours=hour) for hour in hours]
    return EventLog.of("office.csv", pl.DataFrame({"case_id": cases, "activity": activities, "time": times, **columns}))


def test_events_stand_by_case_then_time_then_order_in_the_file() -> None:
    log = written(("b", "decide", 5), ("a", "apply", 1), ("b", "apply", 0), ("b", "check", 5))
    assert log.cases["case_id"].to_list() == ["b", "a"]
    assert list(zip(log.events["case"], log.events["activity"], strict=True)) == [
        (0, "apply"),
        (0, "decide"),
        (0, "check"),
        (1, "apply"),
    ]
    assert log.activities == ["apply", "check", "decide"]
    assert log.closed - log.opened == datetime.timedelta(hours=5)


def test_a_grouping_is_the_case_s_own_or_that_of_its_first_event_with_one() -> None:
    log = written(("a", "x", 0), ("a", "y", 1), ("b", "x", 2), channel=[None, "app", None])
    assert log.case_column("channel").to_list() == ["app", None]
    with pytest.raises(InputError, match="no column office"):
        log.case_column("office")


def test_some_cases_make_a_log_of_their_own() -> None:
    log = written(("a", "x", 0), ("b", "x", 1), ("b", "y", 2)).only(pl.Series([False, True]))
    assert log.cases["case_id"].to_list() == ["b"]
    assert log.events["case"].to_list() == [0, 0]


def test_a_log_that_was_saved_opens_as_it_was(tmp_path: Path) -> None:
    log = written(("a", "x", 0), ("b", "y", 1))
    log = EventLog.of(
        "n", log.events.join(log.cases.with_row_index("case"), on="case"), findings=[Finding("ties", 2, ("a",))]
    )
    log.save(tmp_path / "log")
    opened = EventLog.load(tmp_path / "log")
    assert opened.events.equals(log.events)
    assert opened.cases.equals(log.cases)
    assert opened.findings == log.findings


def test_an_empty_log_and_a_column_of_identifiers_are_refused() -> None:
    with pytest.raises(InputError, match="no events"):
        EventLog.of("e", pl.DataFrame({"case_id": [], "activity": [], "time": []}))
    with pytest.raises(InputError, match="different activities"):
        written(*(("a", f"number {one}", one) for one in range(20_001)))
