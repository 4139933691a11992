"""Causes of waiting: textbook situations, and an oracle that asks of every moment what the resource did."""

import datetime
from collections import Counter
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.procedures import EventLog
from canbao.procedures.analysis import BatchRule, CalendarRule, case_times, causes, efficiency, waiting_causes
from canbao.procedures.analysis.calendars import LocalTime, calendars, hour_of_week
from canbao.procedures.analysis.causes import CAUSES, PARTS

from .logs import BEGINNING, log_of

ALWAYS = CalendarRule(confidence=0.0, support=0.0, events=10**9)
"""Too few events for a calendar of one's own: everybody's hours stand in."""


class Task(NamedTuple):
    case: str
    activity: str
    start: float
    complete: float
    resource: str | None


def service_log(tasks: list[Task], zone: str = "UTC") -> EventLog:
    """A log of tasks whose times are hours."""
    rows = [
        (task.case, task.activity, BEGINNING + datetime.timedelta(hours=hour), cycle, task.resource)
        for task in tasks
        for cycle, hour in (("start", task.start), ("complete", task.complete))
    ]
    schema = {"case_id": pl.String, "activity": pl.String, "time": pl.Datetime("us", "UTC"), "lifecycle": pl.String}
    frame = pl.DataFrame(rows, schema={**schema, "resource": pl.String}, orient="row")
    return EventLog.of("test", frame, time_zone=zone)


def all_hours(resource: str = "clock") -> list[Task]:
    """A resource that works at every hour of the week, so that everybody's calendar is always open."""
    return [Task(f"c{hour}", "tick", hour, hour + 0.5, resource) for hour in range(168)]


def hours_of(log: EventLog, case: str, activity: str, **rules: BatchRule | CalendarRule) -> dict[str, float]:
    found = waiting_causes(log, working_hours=ALWAYS, **rules)  # type: ignore[arg-type]
    assert found is not None
    number = log.cases["case_id"].to_list().index(case)
    row = found.filter(pl.col("case") == number, pl.col("activity") == activity).to_dicts()[0]
    return {part: round(row[f"{part}_days"] * 24, 6) for part in PARTS if row[f"{part}_days"]}


def test_busy_with_what_was_due_earlier_is_contention() -> None:
    tasks = [
        Task("x", "ask", 0, 1, "q"),
        Task("y", "ask", 1, 2, "q"),
        Task("x", "do", 3, 6, "r"),
        Task("y", "do", 6, 7, "r"),
    ]
    # r is free from 2 to 3 and at work from 3 to 6 on what was due at 1.
    assert hours_of(service_log([*tasks, *all_hours()]), "y", "do") == {"contention": 3, "extraneous": 1}


def test_busy_with_what_became_due_later_is_prioritisation() -> None:
    tasks = [
        Task("x", "ask", 0, 1, "q"),
        Task("y", "ask", 1, 2, "q"),
        Task("y", "do", 3, 5, "r"),
        Task("x", "do", 5, 6, "r"),
    ]
    log = service_log([*tasks, *all_hours()])
    assert hours_of(log, "x", "do", batches=BatchRule(smallest=3)) == {"prioritisation": 2, "extraneous": 2}


def test_what_nobody_is_known_to_do_stays_unattributed() -> None:
    tasks = [Task("x", "ask", 0, 1, "q"), Task("x", "do", 3, 4, None)]
    assert hours_of(service_log([*tasks, *all_hours()]), "x", "do") == {"unattributed": 2}


def test_waiting_until_a_batch_is_complete_is_batching() -> None:
    asked = [Task(case, "ask", at, at + 1, f"q{case}") for case, at in (("x", 0), ("y", 4), ("z", 8))]
    done = [Task(case, "sign", 12, 13, "r") for case in "xyz"]
    log = service_log([*asked, *done, *all_hours()])
    assert hours_of(log, "x", "sign") == {"batching": 8, "extraneous": 3}
    assert hours_of(log, "z", "sign") == {"extraneous": 3}
    assert hours_of(log, "x", "sign", batches=BatchRule(smallest=4)) == {"extraneous": 11}


def test_a_queue_that_is_worked_off_after_other_work_is_no_batch() -> None:
    asked = [Task(case, "ask", at, at + 1, f"q{case}") for case, at in (("x", 0), ("y", 4))]
    done = [Task("w", "other", 0, 12, "r"), Task("x", "sign", 12, 13, "r"), Task("y", "sign", 13, 14, "r")]
    assert hours_of(service_log([*asked, *done, *all_hours()]), "x", "sign") == {"contention": 11}


def test_nights_are_unavailability() -> None:
    """r works on weekdays from 9 to 17; what is due at 16:30 on Monday is begun on Tuesday at 9:30."""
    usual = [
        Task(f"w{week}d{day}h{hour}", "tick", at, at + 0.25, "r")
        for week in range(4) for day in range(5) for hour in range(9, 17)
        for at in [168 * week + 24 * day + hour]
    ]  # fmt: skip
    log = service_log([*usual, Task("x", "ask", 15.5, 16.5, "q"), Task("x", "do", 33.5, 34, "r")])
    found = waiting_causes(log, working_hours=CalendarRule(events=50))
    assert found is not None
    row = found.filter(pl.col("activity") == "do").to_dicts()[0]
    hours = {part: row[f"{part}_days"] * 24 for part in PARTS}
    # Free from 16:30 to 17 and from 9:15 to 9:30; at work from 9 to 9:15 on what was due then.
    expected = {"unavailability": 16, "prioritisation": 0.25, "extraneous": 0.75}
    assert hours == pytest.approx({part: expected.get(part, 0) for part in PARTS}, abs=1e-9)


TASK = st.tuples(st.sampled_from("ab"), st.integers(0, 8), st.integers(0, 6), st.sampled_from("rs"))
Steps = tuple[str, int, int, str]
CASES = st.lists(st.lists(TASK, min_size=1, max_size=4), min_size=1, max_size=5)


def tasks_of(cases: list[list[Steps]]) -> list[Task]:
    tasks = []
    for number, steps in enumerate(cases):
        now = number
        for activity, wait, service, resource in steps:
            tasks.append(Task(f"k{number}", activity, now + wait, now + wait + service, resource))
            now += wait + service
    return tasks


def asked_of_every_moment(log: EventLog, found: pl.DataFrame, on_duty: dict[str, list[bool]]) -> list[dict[str, float]]:
    """What the resource does in each half hour of waiting."""
    spans = {}
    for (case, activity), own in log.events.filter(pl.col("resource") != "clock").group_by("case", "activity"):
        begun = own.filter(pl.col("lifecycle") == "start")
        ended = own.filter(pl.col("lifecycle") == "complete")
        spans[(case, activity)] = list(zip(begun["time"], ended["time"], begun["resource"], strict=True))
    due = {(row["case"], row["activity"], row["start"]): row["enabled"] for row in found.to_dicts()}
    work = [
        (case, activity, start, end, who, due.get((case, activity, start), start))
        for (case, activity), own in spans.items()
        for start, end, who in own
    ]
    step = datetime.timedelta(hours=1)
    answers = []
    for row in found.to_dicts():
        mine = [one for one in work if one[4] == row["resource"]]
        counts: Counter[str] = Counter()
        now = row["enabled"]
        while now < row["start"]:
            middle = now + step / 2
            at_work = [one for one in mine if one[2] <= middle < one[3]]
            if at_work:
                counts["contention" if min(one[5] for one in at_work) <= row["enabled"] else "prioritisation"] += 1
            elif not on_duty[row["resource"]][middle.weekday() * 24 + middle.hour]:
                counts["unavailability"] += 1
            else:
                counts["extraneous"] += 1
            now += step
        answers.append(dict(counts))
    return answers


@given(CASES)
@settings(deadline=None, max_examples=60)
def test_every_moment_has_the_cause_that_the_oracle_sees(cases: list[list[Steps]]) -> None:
    tasks = list({(task.case, task.activity): task for task in tasks_of(cases)}.values())
    log = service_log(tasks)
    found = waiting_causes(log, batches=BatchRule(smallest=10**6), working_hours=CalendarRule(0.5, 0.0, 0))
    assert found is not None
    marks = [(task.resource, hour) for task in tasks for hour in (task.start, task.complete)]
    on_duty = {who: [any(mark == (who, hour) for mark in marks) for hour in range(168)] for who in "rs"}
    for row, answer in zip(found.to_dicts(), asked_of_every_moment(log, found, on_duty), strict=True):
        hours = {cause: row[f"{cause}_days"] * 24 for cause in CAUSES}
        assert hours == pytest.approx({cause: answer.get(cause, 0) for cause in CAUSES}, abs=1e-9)


@given(CASES, st.integers(1, 3), st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Amsterdam"]))
@settings(deadline=None, max_examples=60)
def test_parts_are_never_negative_and_add_up(cases: list[list[Steps]], smallest: int, zone: str) -> None:
    log = service_log([*tasks_of(cases), *all_hours()], zone)
    found = waiting_causes(log, batches=BatchRule(smallest, gap_seconds=7200), working_hours=CalendarRule(0.5, 0.0, 0))
    assert found is not None
    parts = found.select(f"{part}_days" for part in PARTS)
    assert all(parts[column].min() is None or parts[column].min() >= 0 for column in parts.columns)  # type: ignore[operator]
    np.testing.assert_allclose(parts.sum_horizontal().to_numpy(), found["waiting_days"].to_numpy(), atol=1e-9)
    table = causes(log, batches=BatchRule(smallest, gap_seconds=7200), working_hours=CalendarRule(0.5, 0.0, 0))
    assert table is not None
    assert table["waiting_days"].sum() == pytest.approx(found["waiting_days"].sum())


def test_efficiency_without_any_waiting_is_one() -> None:
    tasks = [Task("x", "ask", 0, 1, "q"), Task("x", "do", 3, 4, "r")]
    log = service_log([*tasks, *all_hours()])
    table = causes(log, working_hours=ALWAYS)
    assert table is not None
    rows = {row["cause"]: row for row in efficiency(table, log).to_dicts()}
    times = case_times(log)
    assert rows["all"]["efficiency_without"] == pytest.approx(1)
    assert rows["extraneous"]["efficiency"] == pytest.approx(1 - times["idle_days"].sum() / times["throughput_days"].sum())


def test_a_log_without_starts_or_resources_has_no_causes() -> None:
    assert causes(log_of({"x": [("a", 0), ("b", 1)]}, resource=["r", "r"])) is None
    assert causes(log_of({"x": [("a", 0), ("a", 1)]}, lifecycle=["start", "complete"])) is None


def test_the_week_begins_on_monday_by_the_clocks_of_the_zone() -> None:
    moments = pl.Series([datetime.datetime(2024, 3, 31, hour, tzinfo=datetime.UTC) for hour in (0, 1, 22)])
    micro = moments.cast(pl.Datetime("us", "UTC")).to_physical().to_numpy()
    zone = LocalTime.of(
        "Europe/Amsterdam", moments[0] - datetime.timedelta(days=200), moments[2] + datetime.timedelta(days=200)
    )
    # The clocks go from 2 to 3 on this Sunday.
    assert hour_of_week(zone.local(micro)).tolist() == [145, 147, 0]


def test_a_resource_that_does_little_has_everybodys_hours() -> None:
    hour = 3_600_000_000
    local = np.array([hour * (96 + 9 + 168 * week) for week in range(6)] + [hour * (96 + 12)])
    who = np.array([0] * 6 + [1])
    found = calendars(who, local, 2, CalendarRule(confidence=0.5, support=0.7, events=6))
    assert np.flatnonzero(found[0]).tolist() == np.flatnonzero(found[1]).tolist() == [9]
