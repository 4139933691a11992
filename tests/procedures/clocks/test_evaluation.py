"""Runs of clocks: against a count day by day, and what logs can do to them."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures import EventLog
from canbao.procedures.clocks import Clock, applicability, breaches, chinese_calendar, evaluate, shipped
from canbao.procedures.clocks.clock import ClockEntry

Make = Callable[..., Any]
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime.date(2023, 9, 1)
TWO_PAUSES = [{"from": "queried", "until": "replied"}, {"from": "suspended", "until": "resumed"}]
LABEL = {"en": "Test", "zh": "测试"}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def noon(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=ZONE)


def one(table: pl.DataFrame, case_id: str = "1") -> dict[str, Any]:
    return table.filter(pl.col("case_id") == case_id).row(0, named=True)


# --- day by day -----------------------------------------------------------------------------------------------------------


def counted_day_by_day(start: int, length: int, unit: str, pauses: list[tuple[int, int]], end: int) -> tuple[int, int, int]:
    """The last day in time, the days paused and those elapsed, found by walking through the days."""
    calendar = chinese_calendar()

    def counts(at: int) -> bool:
        return unit == "calendar_days" or calendar.is_working(START + datetime.timedelta(at))

    def stands_still(at: int) -> bool:
        return any(begin < at <= finish for begin, finish in pauses)

    due, used, at = start, 0, start
    while True:
        at += 1
        if stands_still(at):
            due = at if used == length else due
        elif used == length:
            break
        elif counts(at):
            used += 1
            due = at if used == length else due
    walked = range(start + 1, end + 1)
    paused = sum(counts(at) and stands_still(at) for at in walked)
    return due, paused, sum(map(counts, walked)) - paused


@st.composite
def a_case(draw: st.DrawFn) -> tuple[int, int, dict[int, list[int]]]:
    """Start, stop (-1 while open), and for each kind of pause days on which it begins and ends in turn."""
    start = draw(st.integers(0, 40))
    stop = draw(st.one_of(st.just(-1), st.integers(start, start + 60)))
    turns = {kind: sorted(draw(st.sets(st.integers(start + 1, start + 70), max_size=6))) for kind in (0, 1)}
    return start, stop, turns


@settings(max_examples=60, deadline=None)
@given(st.lists(a_case(), min_size=1, max_size=8), st.integers(0, 25), st.sampled_from(["calendar_days", "working_days"]))
def test_as_counted_day_by_day(cases: list[tuple[int, int, dict[int, list[int]]]], length: int, unit: str) -> None:
    rows: list[tuple[str, str, int]] = []
    for at, (start, stop, turns) in enumerate(cases):
        rows.append((str(at), "asked", start))
        rows += [(str(at), ("queried", "replied")[turn % 2], when) for turn, when in enumerate(turns[0])]
        rows += [(str(at), ("suspended", "resumed")[turn % 2], when) for turn, when in enumerate(turns[1])]
        if stop >= 0:
            rows.append((str(at), "answered", stop))
    now = 115
    rows += [("last", activity, now) for activity in ("asked", "answered")]
    content = {"label": LABEL, "starts": "asked", "stops": "answered", "length": length, "unit": unit, "pauses": TWO_PAUSES}
    clock = Clock("test", ClockEntry.model_validate(content))
    frame = pl.DataFrame(rows, schema=["case_id", "activity", "day"], orient="row")
    noons = [datetime.datetime.combine(START, datetime.time(12), ZONE) + datetime.timedelta(when) for when in frame["day"]]
    log = EventLog.of("test", frame.drop("day").with_columns(pl.Series("time", noons, dtype=pl.Datetime("us", ZONE.key))))
    made = evaluate(log, [clock])
    for at, (start, stop, turns) in enumerate(cases):
        row = one(made, str(at))
        end = stop if stop >= 0 else now
        pauses = []
        for days in turns.values():
            for begin, finish in zip(days[::2], [*days[1::2], end][: len(days[::2])], strict=True):
                # What begins on the day of the stop or later belongs to no run.
                if begin < end:
                    pauses.append((begin, min(finish, end)))
        due, paused, elapsed = counted_day_by_day(start, length, unit, pauses, end)
        assert row["paused"] == paused
        assert row["elapsed"] == elapsed
        assert row["due"] == START + datetime.timedelta(due)
        late = end > due
        assert row["state"] == (("late" if late else "in_time") if stop >= 0 else ("open_late" if late else "open_in_time"))
        assert row["late_by"] == (end - due if late else None)
        assert row["days_left"] == due - end


# --- which events ---------------------------------------------------------------------------------------------------------


def test_each_repetition_is_a_run_of_its_own(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [
            ("1", "asked", "2024-03-01T09:00"),
            ("1", "asked", "2024-03-02T09:00"),
            ("1", "answered", "2024-03-04T09:00"),
            ("1", "answered", "2024-03-05T09:00"),
            ("1", "asked", "2024-03-10T09:00"),
            ("1", "answered", "2024-03-20T09:00"),
            ("1", "asked", "2024-03-20T10:00"),
        ]
    )
    made = evaluate(log, [a_clock(repeats="each", length=5, unit="calendar_days")])
    assert made["repetition"].to_list() == [1, 2, 3]
    assert made["due"].to_list() == [day("2024-03-06"), day("2024-03-15"), day("2024-03-25")]
    # An answer on the day of the last question belongs to the question before it.
    assert made["state"].to_list() == ["in_time", "late", "open_in_time"]


def test_the_day_is_that_of_the_log_s_zone(a_clock: Make, a_log: Make) -> None:
    """Half past seven in Shanghai is still the day before in London."""
    events = [("1", "asked", "2024-03-01T07:30"), ("1", "answered", "2024-03-11T07:30")]
    log = a_log(events)
    clock = a_clock(length=10, unit="calendar_days")
    assert one(evaluate(log, [clock]))["due"] == day("2024-03-11")
    assert one(evaluate(replace(log, time_zone="Europe/London"), [clock]))["due"] == day("2024-03-10")


def test_a_limit_ends_with_the_end_of_its_last_day(a_clock: Make, a_log: Make) -> None:
    clock = a_clock(length=1, unit="calendar_days")
    for minute, state in (("2024-03-02T23:59", "in_time"), ("2024-03-03T00:00", "late")):
        log = a_log([("1", "asked", "2024-03-01T00:01"), ("1", "answered", minute)])
        assert one(evaluate(log, [clock]))["state"] == state


def test_of_activities_with_a_beginning_and_an_end_the_end_counts(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [("1", "asked", "2024-03-01T09:00"), ("1", "answered", "2024-03-05T09:00"), ("1", "answered", "2024-03-20T09:00")],
        lifecycle=[None, "start", "COMPLETE"],
    )
    assert one(evaluate(log, [a_clock(length=5)]))["stopped"].date() == day("2024-03-20")


def test_later_events_do_not_count_at_an_earlier_moment(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [("1", "asked", "2024-03-01T09:00"), ("1", "answered", "2024-03-20T09:00"), ("2", "answered", "2024-03-01T08:00")]
    )
    clock = a_clock(length=10)
    assert one(evaluate(log, [clock], at=noon("2024-03-10")))["state"] == "open_in_time"
    assert one(evaluate(log, [clock], at=noon("2024-03-18")))["state"] == "open_late"
    assert one(evaluate(log, [clock], at=noon("2024-03-20")))["state"] == "late"
    assert evaluate(log, [clock], at=noon("2020-01-01")).is_empty()


def test_names_of_the_log_stand_for_the_clock_s(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [("1", "提问", "2024-03-01T09:00"), ("1", "答复甲", "2024-03-05T09:00"), ("2", "答复乙", "2024-03-05T09:00")]
    )
    clock = a_clock()
    assert evaluate(log, [clock]).is_empty()
    made = evaluate(log, [clock], rename={"提问": "asked", "答复甲": "answered", "答复乙": "answered"})
    assert one(made)["state"] == "in_time"


def test_a_case_that_ends_first_ends_its_clocks(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [
            ("1", "asked", "2024-03-01T09:00"),
            ("1", "withdrawn", "2024-03-05T09:00"),
            ("2", "asked", "2024-03-01T09:00"),
            ("2", "lapsed", "2024-03-25T09:00"),
            ("3", "asked", "2024-03-01T09:00"),
            ("3", "answered", "2024-03-04T09:00"),
            ("3", "withdrawn", "2024-03-05T09:00"),
            ("4", "asked", "2024-03-01T09:00"),
            ("4", "paid", "2024-04-25T09:00"),
        ]
    )
    made = evaluate(log, [a_clock()])
    assert made["ended"].to_list() == [True, True, False, False]
    assert made["state"].to_list() == ["in_time", "late", "in_time", "open_late"]
    assert made["elapsed"].to_list()[0] == 2
    assert evaluate(log, [a_clock(stops=["answered", "withdrawn", "lapsed"])])["ended"].any() is False
    assert evaluate(log, [a_clock()], ended_by=[])["state"].to_list() == ["open_late", "open_late", "in_time", "open_late"]
    again = a_log(
        [
            ("1", "asked", "2024-03-01T09:00"),
            ("1", "withdrawn", "2024-03-02T09:00"),
            ("1", "asked", "2024-03-05T09:00"),
            ("1", "answered", "2024-03-07T09:00"),
        ]
    )
    made = evaluate(again, [a_clock(repeats="each")])
    assert made.select("ended", "elapsed").rows() == [(True, 0), (False, 2)]


# --- conditions and attributes --------------------------------------------------------------------------------------------


def test_conditions_choose_the_cases_and_what_is_not_known_stays_unknown(a_clock: Make, a_log: Make) -> None:
    events = [(case, what, f"2024-03-0{at}T09:00") for case in "1234" for what, at in (("asked", 1), ("answered", 4))]
    attributes = {"1": {"kind": "a", "level": 1.0, "urgent": True}, "2": {"kind": "b"}, "4": {"kind": "c", "level": 2.0}}
    log = a_log(events, attributes)
    made = evaluate(log, [a_clock(where={"kind": ["a", "c"]})])
    assert made["case_id"].to_list() == ["1", "3", "4"]
    assert made["reason"].to_list() == [None, "condition_unknown", None]
    assert made["state"].to_list() == ["in_time", "unknown", "in_time"]
    assert evaluate(log, [a_clock(where={"urgent": "yes"})])["state"].to_list() == ["in_time"] + ["unknown"] * 3
    assert evaluate(log, [a_clock(where={"level": 1, "urgent": True})])["state"].to_list() == ["in_time"] + ["unknown"] * 2


def test_a_condition_that_the_log_does_not_record_leaves_the_ordinary_length(a_clock: Make, a_log: Make) -> None:
    log = a_log([("1", "asked", "2024-03-01T09:00"), ("1", "answered", "2024-03-05T09:00")])
    made = evaluate(log, [a_clock(exceptions=[{"length": 1, "where": {"facts_clear": "yes"}}])])
    assert made["limit"].to_list() == [10]


def test_deadlines_and_moments_of_attributes(a_clock: Make, a_log: Make) -> None:
    attributes: dict[str, dict[str, Any]] = {
        "1": {"opened": day("2024-03-01"), "closed": day("2024-03-08"), "last": noon("2024-03-07")},
        "2": {"opened": day("2024-03-01"), "closed": None, "last": noon("2024-03-30")},
        "3": {"opened": day("2024-03-01"), "closed": day("2024-03-09"), "last": None},
        "4": {"opened": day("2024-03-05"), "closed": day("2024-03-02"), "last": noon("2024-03-30")},
        "5": {"opened": day("2024-03-05"), "closed": day("2024-03-05"), "last": noon("2024-03-05")},
    }
    log = a_log([(case, "seen", "2024-03-20T09:00") for case in "12345"], attributes)
    clock = a_clock(starts={"attribute": "opened"}, stops={"attribute": "closed"}, length=None, unit=None, deadline="last")
    made = evaluate(log, [clock])
    assert made["state"].to_list() == ["late", "open_in_time", "unknown", "unknown", "in_time"]
    assert made["reason"].to_list() == [None, None, "no_deadline", "stop_before_start", None]
    assert made["late_by"].to_list() == [1, None, None, None, None]
    assert made["limit"].null_count() == 5


def test_an_attribute_without_dates_is_refused(a_clock: Make, a_log: Make) -> None:
    log = a_log([("1", "asked", "2024-03-01T09:00"), ("1", "answered", "2024-03-05T09:00")], {"1": {"last": "soon"}})
    with pytest.raises(InputError, match="should hold dates"):
        evaluate(log, [a_clock(length=None, unit=None, deadline="last")])


# --- which clocks ---------------------------------------------------------------------------------------------------------


def test_why_a_clock_says_nothing(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [("1", "asked", "2024-03-01T09:00"), ("1", "answered", "2024-03-05T09:00")],
        {"1": {"procedure": "maternity_allowance"}},
    )
    clocks = [
        a_clock("fits"),
        a_clock("events", stops="paid"),
        a_clock("attributes", where={"office": "a"}),
        a_clock("dates", since=day("2025-01-01")),
        replace(a_clock("procedure"), procedure="pension_application"),
    ]
    found = applicability(log, clocks)
    assert found["fits"] is None
    said = {name: words.en for name, words in found.items() if words is not None}
    assert "paid" in said["events"] and "office" in said["attributes"]
    assert "in force" in said["dates"] and "pension_application" in said["procedure"]
    assert evaluate(log, clocks)["clock"].unique().to_list() == ["fits"]


def test_runs_outside_the_dates_of_a_clock_are_none_of_its_own(a_clock: Make, a_log: Make) -> None:
    events = [(case, "asked", f"2024-0{case}-01T09:00") for case in "1234"] + [("4", "answered", "2024-05-01T09:00")]
    made = evaluate(a_log(events), [a_clock(since=day("2024-02-01"), until=day("2024-03-31"))])
    assert made["case_id"].to_list() == ["2", "3"]


def test_a_right_that_nobody_used_is_no_breach(a_log: Make) -> None:
    events = [(case, "conclusion_served", "2024-03-01T09:00") for case in "12"]
    events += [("3", "conclusion_served", "2024-03-01T09:00"), ("3", "withdrawn", "2024-03-18T09:00")]
    log = a_log([*events, ("2", "second_assessment_requested", "2024-03-20T09:00")])
    made = evaluate(log, [shipped()["capacity_second_request"]])
    assert made.select("case_id", "state").rows() == [("2", "late")]


def test_procedures_in_one_log_are_told_apart(a_log: Make) -> None:
    events = [
        (case, what, when)
        for case in "12"
        for what, when in (("application_received", "2024-03-01T09:00"), ("decided", "2024-04-01T09:00"))
    ]
    log = a_log(events, {"1": {"procedure": "pension_application"}, "2": {"procedure": "maternity_allowance"}})
    made = evaluate(log, list(shipped().values()))
    assert made.select("case_id", pl.col("clock").cast(pl.String)).rows() == [
        ("2", "maternity_allowance"),
        ("1", "pension_application"),
    ]


def test_a_procedure_may_bear_its_title_or_a_name_that_nobody_knows(a_log: Make) -> None:
    events = [
        (case, what, when)
        for case in "12"
        for what, when in (("application_received", "2024-03-01T09:00"), ("decided", "2024-04-01T09:00"))
    ]
    clock = shipped()["pension_application"]
    titled = a_log(events, {"1": {"procedure": "申领基本养老金"}, "2": {"procedure": "申领生育津贴"}})
    assert evaluate(titled, [clock])["case_id"].to_list() == ["1"]
    unknown = a_log(events, {"1": {"procedure": "A-17"}, "2": {"procedure": None}})
    assert evaluate(unknown, [clock])["case_id"].to_list() == ["1", "2"]


def test_no_clocks_and_no_runs_have_the_same_columns(a_clock: Make, a_log: Make) -> None:
    log = a_log([("1", "asked", "2024-03-01T09:00"), ("2", "answered", "2024-03-05T09:00")])
    full = evaluate(log, [a_clock()])
    assert full.height == 1
    for clocks in ([], [a_clock(starts="x")], [a_clock(starts="answered", stops="asked")]):
        made = evaluate(log, clocks)
        assert made.drop("clock").schema == full.drop("clock").schema


# --- what logs can hold ---------------------------------------------------------------------------------------------------


def test_dates_that_no_calendar_has_leave_the_state_unknown(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [
            ("1", "asked", "1900-03-01T09:00"),
            ("1", "answered", "1900-03-02T09:00"),
            ("2", "asked", "2024-03-01T09:00"),
            ("2", "answered", "2024-03-05T09:00"),
            ("3", "asked", "2150-12-30T09:00"),
            ("3", "answered", "9998-12-31T09:00"),
        ]
    )
    made = evaluate(log, [a_clock()], at=noon("9999-01-01"))
    assert made["reason"].to_list() == ["outside_calendar", None, "outside_calendar"]
    assert made["due"].null_count() == 2
    assert made["state"].to_list() == ["unknown", "in_time", "unknown"]


def test_an_event_without_a_time_is_not_seen(a_clock: Make, a_log: Make) -> None:
    log = a_log(
        [("1", "asked", "2024-03-01T09:00"), ("1", "answered", "2024-03-04T09:00"), ("1", "answered", "2024-04-04T09:00")]
    )
    without = replace(log, events=log.events.with_columns(time=pl.when(pl.col("position") != 1).then(pl.col("time"))))
    assert one(evaluate(without, [a_clock()]))["state"] == "late"


def test_the_order_of_clocks_and_of_the_file_changes_nothing(a_clock: Make, a_log: Make) -> None:
    events = [
        (str(at % 7), ("asked", "answered", "queried")[at % 3], f"2024-03-{1 + at % 28:02}T{9 + at // 28:02}:00")
        for at in range(60)
    ]
    clocks = [a_clock("a", repeats="each"), a_clock("b", pauses=[{"from": "queried", "until": "answered"}])]
    first = evaluate(a_log(events), clocks)
    second = evaluate(a_log(reversed(events)), clocks[::-1])
    columns = ["case_id", "clock", "repetition", "due", "state", "paused"]
    as_rows = [
        made.with_columns(pl.col("clock").cast(pl.String)).select(columns).sort(columns).rows() for made in (first, second)
    ]
    assert as_rows[0] == as_rows[1]


def test_logs_whose_columns_are_called_as_ours(a_clock: Make, a_log: Make) -> None:
    events = [(str(at), what, "2024-03-01T09:00") for at in range(40) for what in ("asked", "answered")]
    log = a_log(events, {str(at): {"late": "x", "run": 1, "office": None} for at in range(40)})
    made = breaches(evaluate(log, [a_clock()]), log, ["late", "late"])
    assert made.select("clock", "by_late", "runs", "late").rows() == [("test", "x", 40, 0)]
    assert breaches(evaluate(log, [a_clock()]), log, "office")["office"].to_list() == [None]
