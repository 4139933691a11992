"""Instances, waiting and service: an oracle that goes through events one by one, and sums that must hold."""

import datetime
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures import EventLog
from canbao.procedures.analysis import case_times, completed, instances, records_service, waiting, waiting_times

from .logs import BEGINNING, log_of

Event = tuple[str, str, float, str, str | None]
EVENT = st.tuples(
    st.sampled_from("xy"),
    st.sampled_from("ab"),
    st.integers(0, 12),
    st.sampled_from(["start", "complete", "Complete", "suspend"]),
    st.sampled_from(["r", "s", None]),
)


def lifecycle_log(events: Sequence[Event]) -> EventLog:
    rows = [
        (case, activity, BEGINNING + datetime.timedelta(days=day), cycle, who) for case, activity, day, cycle, who in events
    ]
    schema = {"case_id": pl.String, "activity": pl.String, "time": pl.Datetime("us", "UTC"), "lifecycle": pl.String}
    return EventLog.of("test", pl.DataFrame(rows, schema={**schema, "resource": pl.String}, orient="row"))


def paired_by_hand(log: EventLog) -> list[tuple[object, ...]]:
    """Completions with the earliest open start of their resource, then of any; the rest alone."""
    events = [row for row in log.events.to_dicts() if row["lifecycle"].lower() != "suspend"]
    events.sort(key=lambda row: (row["time"], row["lifecycle"].lower() == "complete", row["position"]))
    pairs: list[tuple[dict[str, object] | None, dict[str, object] | None]] = []
    for by_resource in (True, False):
        opened: dict[tuple[object, ...], list[dict[str, object]]] = {}
        taken = []
        for row in events:
            if by_resource and row["resource"] is None:
                continue
            key = (row["case"], row["activity"], row["resource"] if by_resource else None)
            if row["lifecycle"].lower() == "start":
                opened.setdefault(key, []).append(row)
            elif opened.get(key):
                start = opened[key].pop(0)
                pairs.append((start, row))
                taken += [start["position"], row["position"]]
        events = [row for row in events if row["position"] not in taken]
    for row in events:
        pairs.append((row, None) if row["lifecycle"].lower() == "start" else (None, row))
    found = []
    for start, end in pairs:
        either = end or start
        assert either is not None
        who = either["resource"] or (start["resource"] if start else None)
        begun = start["time"] if start else either["time"]
        found.append((either["case"], either["activity"], begun, end["time"] if end else None, bool(start and end), who))
    return sorted(found, key=str)


@given(st.lists(EVENT, min_size=1, max_size=25))
@settings(deadline=None)
def test_starts_and_completions_are_paired_in_order(events: list[Event]) -> None:
    log = lifecycle_log([*events, ("z", "a", 0, "start", None), ("z", "a", 1, "complete", None)])
    columns = ["case", "activity", "start", "complete", "measured", "resource"]
    assert sorted(instances(log).select(columns).iter_rows(), key=str) == paired_by_hand(log)


@given(st.lists(EVENT, min_size=1, max_size=25))
@settings(deadline=None)
def test_waiting_adds_up_to_idle_time_and_with_active_time_to_throughput(events: list[Event]) -> None:
    log = lifecycle_log([*events, ("z", "a", 0, "start", None), ("z", "a", 20, "complete", None)])
    table = waiting_times(log)
    times = {row["case"]: row for row in case_times(log).to_dicts()}
    for (case,), own in table.group_by("case"):
        spans = sorted(zip(own["start"], own["complete"].fill_null(log.closed), strict=True))
        busy, reached = datetime.timedelta(0), spans[0][0]
        for start, end in spans:
            busy += max(end - max(start, reached), datetime.timedelta(0))
            reached = max(reached, end)
        row = times[case]
        throughput = (reached - spans[0][0]) / datetime.timedelta(days=1)
        assert row["throughput_days"] == pytest.approx(throughput)
        if own["measured"].any():
            assert row["active_days"] == pytest.approx(busy / datetime.timedelta(days=1))
            assert row["idle_days"] == pytest.approx(throughput - busy / datetime.timedelta(days=1))
        else:
            assert row["active_days"] is row["idle_days"] is row["processing_days"] is None


def test_a_case_worked_out_by_hand() -> None:
    """Two instances overlap; the third waits from the later completion, the fourth from the third."""
    log = lifecycle_log(
        [
            ("x", "a", 0, "start", "r"), ("x", "a", 4, "complete", "r"),
            ("x", "b", 1, "start", "s"), ("x", "b", 2, "complete", "s"),
            ("x", "c", 6, "start", "r"), ("x", "c", 7, "complete", "r"),
            ("x", "d", 10, "start", "s"), ("x", "d", 10, "complete", "s"),
        ]
    )  # fmt: skip
    table = waiting_times(log)
    assert table["waiting_days"].to_list() == [None, 0, 2, 3]
    assert table["before"].to_list() == [None, "a", "a", "c"]
    assert table["service_days"].to_list() == [4, 1, 1, 0]
    assert case_times(log).row(0) == (0, 10, 6, 5, 5)
    by_resource = {row["resource"]: row for row in waiting(log, "resource").to_dicts()}
    assert by_resource["s"]["total_waiting_days"] == 3 and by_resource["s"]["total_service_days"] == 1
    assert by_resource["r"]["share_of_waiting"] == pytest.approx(2 / 5)
    assert completed(log).events["activity"].to_list() == ["b", "a", "c", "d"]


def test_without_starts_all_time_is_elapsed_and_service_unknown() -> None:
    log = log_of({"x": [("a", 0), ("b", 3), ("c", 4)]})
    assert not records_service(log)
    assert completed(log) is log
    table = waiting(log)
    assert dict(zip(table["activity"], table["total_waiting_days"], strict=True)) == {"b": 3, "c": 1, "a": 0}
    assert table["total_service_days"].is_null().all() and table["share_of_service"].is_null().all()
    assert case_times(log).row(0) == (0, 4, None, None, None)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="office"):
        waiting(log_of({"x": [("a", 0)]}), "office")
