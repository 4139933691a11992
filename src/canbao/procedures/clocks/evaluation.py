"""How long each clock ran in each case, and whether in time; cases that are still open included."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Words
from canbao.procedures.clocks.calendar import Calendar, Days, Unit, chinese_calendar, day_number
from canbao.procedures.clocks.clock import PROCEDURE, Attribute, Clock, Conditions
from canbao.procedures.event_log import EventLog

say = Catalogue("canbao.procedures.clocks", "words")

STATES = ("in_time", "late", "open_in_time", "open_late", "unknown")
REASONS = ("stop_before_start", "no_deadline", "condition_unknown")
"""Why a state is unknown."""

LONG_AGO = 2**40
"""More days than any calendar has."""

Flags = NDArray[np.bool_]

_SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "case": pl.UInt32,
    "case_id": pl.String,
    "clock": pl.String,
    "repetition": pl.UInt32,
    "started": pl.Datetime("us", "UTC"),
    "due": pl.Date,
    "stopped": pl.Datetime("us", "UTC"),
    "limit": pl.Int32,
    "unit": pl.Enum(get_args(Unit)),
    "paused": pl.Int32,
    "elapsed": pl.Int32,
    "days_left": pl.Int32,
    "late_by": pl.Int32,
    "state": pl.Enum(STATES),
    "reason": pl.Enum(REASONS),
    "paused_now": pl.Boolean,
    "plain_week": pl.Boolean,
}


def evaluate(
    log: EventLog,
    clocks: Sequence[Clock],
    calendar: Calendar | None = None,
    at: datetime.datetime | None = None,
    rename: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Every run of every clock.

    The day after the starting event is day 1; a clock ends with the last day of its limit. While a pause lasts, from the
    day after the event that begins it to the day of the one that ends it, days do not count; a pause that begins after the
    limit has passed mends nothing. What stops a clock is the first stopping event after its start. A case without a start
    has no run.

    Args:
        log: the log; days are those of its time zone.
        clocks: those to evaluate; one whose events do not occur has no rows, and `applicability` says why.
        calendar: which days are working days; China's if None.
        at: the moment at which open cases are looked at, as a rule the log's end; later events do not count.
        rename: the log's activities that bear other names than the clocks', each with the clocks' name.

    Returns:
        A row a run, by clock, case and repetition: `case`, `case_id`, `clock`, `repetition` from 1, `started`, `due` (the
        last day in time; while a pause lasts, as if it ended now), `stopped` (null while open), `limit` and `unit`;
        `paused` and `elapsed`, without the pauses, in that unit, in calendar days where it is months; `days_left`, calendar
        days from the stop or now to `due`, and `late_by`, those after `due`, null unless late; `state`, and `reason` where
        that is unknown; `paused_now`; and `plain_week`: the holidays of a year concerned are not known, so that Monday to
        Friday was counted.

    Raises:
        InputError: an attribute that should hold moments holds something else.
    """
    calendar = calendar or chinese_calendar()
    seen = _Seen(log, at or log.closed, rename or {})
    applying = [clock for clock in clocks if _hindrance(clock, log, seen) is None]
    tables = [_table(clock, _runs(clock, calendar, seen), calendar, seen) for clock in applying]
    names = pl.Enum([clock.name for clock in clocks])
    made = pl.concat(tables) if tables else pl.DataFrame(schema=_SCHEMA)
    return made.with_columns(pl.col("clock").cast(names)).sort("clock", "case", "repetition")


def applicability(
    log: EventLog,
    clocks: Sequence[Clock],
    at: datetime.datetime | None = None,
    rename: Mapping[str, str] | None = None,
) -> Mapping[str, Words | None]:
    """Why a clock says nothing about this log, for each clock; None where it applies.

    Args:
        log: the log.
        clocks: the clocks.
        at: the moment at which open cases are looked at.
        rename: see `evaluate`.
    """
    seen = _Seen(log, at or log.closed, rename or {})
    return {clock.name: _hindrance(clock, log, seen) for clock in clocks}


# --- what is seen of the log ----------------------------------------------------------------------------------------------


class _Seen:
    """The log up to a moment, in days of its own zone.

    Args:
        log: the log.
        at: the moment.
        rename: the log's activities with the clocks' names.
    """

    def __init__(self, log: EventLog, at: datetime.datetime, rename: Mapping[str, str]) -> None:
        self.log = log
        if at.tzinfo is None:
            at = at.replace(tzinfo=log.zone)
        self.at = at = at.astimezone(datetime.UTC)
        self.day = day_number(self.day_of(at))
        columns = [
            column for column in ("case", "activity", "time", "position", "lifecycle") if column in log.events.columns
        ]
        self.events = _finished(log.events.select(columns).filter(pl.col("time") <= at))
        self.names: dict[str, list[str]] = {}
        for own in self.events["activity"].cast(pl.String).unique(maintain_order=True):
            # Clocks may use the log's own name all the same.
            for name in {own, rename.get(own, own)}:
                self.names.setdefault(name, []).append(own)

    def day_of(self, moment: datetime.datetime) -> datetime.date:
        """The day of a moment."""
        return moment.astimezone(self.log.zone).date()

    def occurs(self, activities: Sequence[str]) -> bool:
        """Whether any of the clocks' activities has happened."""
        return any(activity in self.names for activity in activities)

    def timeline(self, clock: Clock) -> pl.DataFrame:
        """All moments that matter to a clock, in order, and which of its parts each of them plays.

        `starts`, `stops`; `from_0`, `until_0`, … for the pauses; `when_0`, … for exceptions. What an attribute says comes
        before (a start) or after (a stop) all events of its moment.
        """
        entry = clock.entry
        parts: dict[str, Sequence[str]] = {"starts": clock.starts, "stops": clock.stops}
        for at, pause in enumerate(entry.pauses):
            parts |= {f"from_{at}": [pause.since], f"until_{at}": [pause.until]}
        parts |= {f"when_{at}": [one.when] for at, one in enumerate(entry.exceptions) if one.when is not None}
        activity = pl.col("activity")
        events = self.events.filter(activity.is_in(self._own(clock.activities))).select(
            "case",
            "time",
            pl.col("position").cast(pl.Int64),
            *(activity.is_in(self._own(named)).alias(part) for part, named in parts.items()),
        )
        for part, moments, position in (("starts", entry.starts, -1), ("stops", entry.stops, 2**62)):
            if isinstance(moments, Attribute):
                plays = [pl.lit(one == part).alias(one) for one in parts]
                times = pl.DataFrame({"time": _moments_of(self.log, moments.attribute)}).with_row_index("case")
                kept = times.filter(pl.col("time") <= self.at)
                events = pl.concat(
                    [events, kept.select("case", "time", pl.lit(position, pl.Int64).alias("position"), *plays)]
                )
        return events.sort("case", "time", "position", maintain_order=True)

    def _own(self, activities: Sequence[str]) -> pl.Series:
        """The log's own names of some activities."""
        own = [name for activity in activities for name in self.names.get(activity, ())]
        return pl.Series([own], dtype=pl.List(self.events.schema["activity"]))

    def days(self, times: pl.Series) -> Days:
        """The days of moments; those of missing ones are meaningless."""
        local = times.dt.convert_time_zone(self.log.time_zone).dt.date()
        return local.cast(pl.Int32).fill_null(0).to_numpy().astype(np.int64)


def _finished(events: pl.DataFrame) -> pl.DataFrame:
    """Of activities that have a beginning and an end in the log, the end is the moment that counts."""
    if "lifecycle" not in events.columns:
        return events
    complete = pl.col("lifecycle").cast(pl.String).str.to_lowercase() == "complete"
    ended = events.filter(complete)["activity"].unique()
    return events.filter(complete.fill_null(False) | ~pl.col("activity").is_in(ended.implode()))


def _moments_of(log: EventLog, attribute: str) -> pl.Series:
    """An attribute of cases as moments, in UTC.

    Raises:
        InputError: it holds no times.
    """
    column = log.case_column(attribute)
    if column.dtype == pl.Date:
        column = column.cast(pl.Datetime("us")).dt.replace_time_zone(
            log.time_zone, ambiguous="earliest", non_existent="null"
        )
    if not isinstance(column.dtype, pl.Datetime):
        fault = say("no_moments", attribute=attribute, kind=str(column.dtype))
        raise InputError(Fault(fault, Place(log.name, field=attribute), say("no_moments_remedy")))
    if column.dtype.time_zone is None:
        column = column.dt.replace_time_zone(log.time_zone, ambiguous="earliest", non_existent="null")
    return column.dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def _hindrance(clock: Clock, log: EventLog, seen: _Seen) -> Words | None:
    """Why a clock cannot be told in this log."""
    for moments in (clock.entry.starts, clock.entry.stops):
        if not isinstance(moments, Attribute) and not seen.occurs(moments):
            return say("not_applicable_activities", names=", ".join(moments))
    known = {*log.cases.columns, *log.events.columns}
    missing = [attribute for attribute in clock.attributes if attribute not in known]
    if missing:
        return say("not_applicable_attributes", names=", ".join(missing))
    if clock.procedure is not None and PROCEDURE in known:
        named = log.case_column(PROCEDURE).cast(pl.String)
        if not (named == clock.procedure).any():
            return say("not_applicable_procedure", name=clock.procedure)
    entry = clock.entry
    first, last = (seen.day_of(moment) for moment in (log.opened, seen.at))
    if (entry.since is not None and last < entry.since) or (entry.until is not None and first > entry.until):
        return say("not_applicable_dates")
    return None


def _fits(log: EventLog, conditions: Conditions) -> tuple[Flags, Flags]:
    """For each case whether it fulfils the conditions, and whether that is known: one that it fails is enough to know."""
    fits, recorded, fails = (
        np.ones(log.cases.height, bool),
        np.ones(log.cases.height, bool),
        np.zeros(log.cases.height, bool),
    )
    for attribute, values in conditions.items():
        column = log.case_column(attribute)
        here = column.is_not_null().to_numpy()
        if column.dtype.is_numeric():
            found = column.cast(pl.Float64).is_in([float(value) for value in values if _is_number(value)])
        else:
            found = column.cast(pl.String).is_in([_text(value) for value in values])
        fulfilled = found.fill_null(False).to_numpy()
        fits &= fulfilled
        recorded &= here
        fails |= here & ~fulfilled
    return fits, recorded | fails


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- runs of one clock ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Runs:
    """Runs of a clock, a value a run; days are days since 1970.

    Args:
        case: row of the case.
        started: when.
        stopped: when; null while open.
        start: day of the start.
        end: day of the stop, or the day on which open runs are looked at.
        limit: in the clock's unit; meaningless where a date is given.
        due: the last day in time.
        paused: days of the clock's unit that did not count.
        paused_now: whether it stands still.
        reason: number of the reason for which the state is unknown; -1 where it is known.
    """

    case: Days
    started: pl.Series
    stopped: pl.Series
    start: Days
    end: Days
    limit: Days
    due: Days
    paused: Days
    paused_now: Flags
    reason: Days


@dataclass(frozen=True)
class _Spans:
    """From which row of the timeline to which each run goes.

    Args:
        case: row of the case.
        start: row of the start.
        stop: row of the stop; -1 while open.
        last: row of the stop, or the last one of the case.
        early: whether a stop came before the first start and none after it.
    """

    case: Days
    start: Days
    stop: Days
    last: Days
    early: Flags

    def only(self, kept: Flags) -> _Spans:
        """Some of the runs."""
        return _Spans(self.case[kept], self.start[kept], self.stop[kept], self.last[kept], self.early[kept])


def _runs(clock: Clock, calendar: Calendar, seen: _Seen) -> _Runs:
    entry, log = clock.entry, seen.log
    line = seen.timeline(clock)
    case, day = line["case"].to_numpy().astype(np.int64), seen.days(line["time"])
    fits, known = _fits(log, entry.where)
    fits |= ~known
    if clock.procedure is not None and PROCEDURE in {*log.cases.columns, *log.events.columns}:
        fits &= (log.case_column(PROCEDURE).cast(pl.String) == clock.procedure).fill_null(False).to_numpy()
    spans = _spans(clock, line, case, day)
    held = fits[spans.case]
    if entry.since is not None:
        held &= day[spans.start] >= day_number(entry.since)
    if entry.until is not None:
        held &= day[spans.start] <= day_number(entry.until)
    if entry.optional:
        held &= spans.stop >= 0
    spans = spans.only(held)

    is_open = spans.stop < 0
    start, end = day[spans.start], np.where(is_open, seen.day, day[spans.stop])
    reason = np.full(len(start), -1)
    reason[~known[spans.case]] = REASONS.index("condition_unknown")
    limit = np.zeros(len(start), np.int64)
    if entry.deadline is not None:
        deadlines = _moments_of(log, entry.deadline)
        due = seen.days(deadlines)[spans.case]
        reason[deadlines.is_null().to_numpy()[spans.case]] = REASONS.index("no_deadline")
        paused, paused_now = np.zeros(len(start), np.int64), np.zeros(len(start), bool)
    else:
        limit = _limits(clock, line, spans, seen)
        pauses = _pauses(clock, line, case, day, spans, seen)
        due, paused, paused_now = _due(clock, calendar, start, limit, pauses)
    if entry.last_day == "next_working_day":
        due = calendar.next_working_day(due)
    reason[spans.early] = REASONS.index("stop_before_start")

    times = line["time"]
    stopped = times.gather(pl.Series(np.maximum(spans.stop, 0), dtype=pl.UInt32))
    return _Runs(
        spans.case,
        times.gather(pl.Series(spans.start, dtype=pl.UInt32)),
        pl.select(pl.when(pl.Series(~is_open)).then(stopped).alias("stopped")).to_series(),
        start,
        end,
        limit,
        due,
        paused,
        paused_now,
        reason,
    )


def _spans(clock: Clock, line: pl.DataFrame, case: Days, day: Days) -> _Spans:
    starts, stops = np.flatnonzero(line["starts"]), np.flatnonzero(line["stops"])
    match clock.entry.repeats:
        case "first":
            start = starts[_changes(case[starts])]
        case "last":
            start = starts[_changes(case[starts][::-1])[::-1]]
        case "each":
            start = _not_running(starts, stops, case)
    stop = _following(start, stops, case)
    # Where only the day of an event is known, the stop of a day may stand before its start.
    before = _preceding(start, stops, case)
    unclaimed = _preceding(np.maximum(before, 0), starts, case) < 0
    same_day = (stop < 0) & (before >= 0) & unclaimed & (day[before] == day[start])
    stop = np.where(same_day, before, stop)
    last = np.where(stop >= 0, stop, np.searchsorted(case, case[start], "right") - 1)
    first_start = starts[_changes(case[starts])]
    first = first_start[np.searchsorted(case[first_start], case[start])] if len(start) else start
    early = (stop < 0) & (_preceding(first, stops, case) >= 0)
    return _Spans(case[start], start, stop, last, early)


def _changes(case: Days) -> Flags:
    """Whether each row is the first of its case."""
    return np.concatenate([[True], case[1:] != case[:-1]]) if len(case) else np.zeros(0, bool)


def _following(rows: Days, targets: Days, case: Days) -> Days:
    """The first of the targets after each row in the same case; -1 where there is none."""
    return _target(rows, targets, case, np.searchsorted(targets, rows, "right"))


def _preceding(rows: Days, targets: Days, case: Days) -> Days:
    """The last of the targets before each row in the same case; -1 where there is none."""
    return _target(rows, targets, case, np.searchsorted(targets, rows) - 1)


def _target(rows: Days, targets: Days, case: Days, at: Days) -> Days:
    padded = np.append(targets, -1)
    found = padded[np.where((at >= 0) & (at < len(targets)), at, -1)]
    return np.where((found >= 0) & (case[found] == case[rows]), found, -1) if len(rows) else rows


def _not_running(opens: Days, closes: Days, case: Days) -> Days:
    """Of rows that open something, those that find it closed."""
    earlier = _preceding(opens, opens, case)
    return opens[(earlier < 0) | (_preceding(opens, closes, case) > earlier)]


# --- lengths and pauses ---------------------------------------------------------------------------------------------------


def _limits(clock: Clock, line: pl.DataFrame, spans: _Spans, seen: _Seen) -> Days:
    """How long each run may last."""
    limit = np.full(len(spans.case), clock.entry.length)
    for at, one in reversed(list(enumerate(clock.entry.exceptions))):
        if one.when is not None:
            happened = np.concatenate([[0], np.cumsum(line[f"when_{at}"].to_numpy())])
            holds = happened[spans.last + 1] > happened[np.minimum(spans.start, spans.last) + 1]
        elif set(one.where) <= {*seen.log.cases.columns, *seen.log.events.columns}:
            holds = _fits(seen.log, one.where)[0][spans.case]
        else:
            # A log that does not record the condition has the ordinary length.
            continue
        limit = np.where(holds, one.length, limit)
    return limit


@dataclass(frozen=True)
class _Pauses:
    """Stretches in which runs stand still: from the day after `since` to `until`, by run and then in order; none overlap.

    Args:
        run: number of the run.
        since: day of the event that begins it.
        until: day of the event that ends it, or of the run's end.
        running: whether it has not ended.
    """

    run: Days
    since: Days
    until: Days
    running: Flags


def _pauses(clock: Clock, line: pl.DataFrame, case: Days, day: Days, spans: _Spans, seen: _Seen) -> _Pauses:
    runs = pl.DataFrame(
        {"case": spans.case, "start": spans.start, "last": spans.last, "open": spans.stop < 0}
    ).with_row_index("run")
    found = []
    for at in range(len(clock.entry.pauses)):
        begins, ends = np.flatnonzero(line[f"from_{at}"]), np.flatnonzero(line[f"until_{at}"])
        since = _not_running(begins, ends, case)
        until = _following(since, ends, case)
        stretches = pl.DataFrame({"case": case[since], "since": since, "until": until})
        meeting = runs.join(stretches, on="case").filter(
            pl.col("since") < pl.col("last") + pl.col("open"), (pl.col("until") < 0) | (pl.col("until") > pl.col("start"))
        )
        found.append(meeting)
    table = pl.concat(found) if found else runs.head(0).with_columns(since=pl.lit(0), until=pl.lit(0))
    run = table["run"].to_numpy().astype(np.int64)
    first, last, until = (table[one].to_numpy() for one in ("start", "last", "until"))
    is_open = table["open"].to_numpy()
    end = np.where(is_open, seen.day, day[last]) if len(run) else run
    running = (until < 0) & is_open
    begin = np.maximum(day[table["since"].to_numpy()], day[first])
    finish = np.minimum(np.where(until < 0, end, day[until]), end)
    order = np.lexsort((finish, begin, run))
    run, begin, finish, running = run[order], begin[order], finish[order], running[order]
    # What an earlier pause already covers does not count twice.
    table = pl.DataFrame({"run": run, "until": finish})
    reached = table.select(pl.col("until").cum_max().over("run"))["until"]
    begin = np.maximum(begin, _earlier(run, reached))
    return _Pauses(run, begin, np.maximum(begin, finish), running)


def _due(clock: Clock, calendar: Calendar, start: Days, limit: Days, pauses: _Pauses) -> tuple[Days, Days, Flags]:
    """The last day in time, the days that did not count, and whether the clock stands still."""
    length = calendar.count(pauses.since, pauses.until, clock.unit)
    run = pauses.run
    table = pl.DataFrame({"run": run, "length": length})
    before = table.select((pl.col("length").cum_sum() - pl.col("length")).over("run"))["length"].to_numpy()
    due_then = _last_day(calendar, start[run], limit[run], before, clock.unit)
    due_then = np.maximum(due_then, _earlier(run, pl.Series(pauses.until)))
    # A pause that begins after the limit has passed, and all that come later, mend nothing.
    in_time = pl.DataFrame({"run": run, "in_time": (pauses.since <= due_then).astype(np.int8)})
    mends = in_time.select(pl.col("in_time").cum_min().over("run"))["in_time"].to_numpy() > 0
    runs = len(start)
    mended = np.bincount(run[mends], length[mends], runs).astype(np.int64)
    due = _last_day(calendar, start, limit, mended, clock.unit)
    np.maximum.at(due, run[mends], pauses.until[mends])
    paused_now = np.zeros(runs, bool)
    paused_now[run[pauses.running]] = True
    return due, np.bincount(run, length, runs).astype(np.int64), paused_now


def _earlier(run: Days, days: pl.Series) -> Days:
    """For each pause what the one before it in the same run has; a day before all others where there is none."""
    table = pl.DataFrame({"run": run, "day": days})
    found = table.select(pl.col("day").shift(1).over("run"))["day"]
    return found.fill_null(-LONG_AGO).to_numpy()


def _last_day(calendar: Calendar, start: Days, limit: Days, stood_still: Days, unit: Unit) -> Days:
    if unit == "months":
        return calendar.add(start, limit, unit) + stood_still
    return calendar.add(start, limit + stood_still, unit)


# --- the table ------------------------------------------------------------------------------------------------------------


def _table(clock: Clock, runs: _Runs, calendar: Calendar, seen: _Seen) -> pl.DataFrame:
    is_open = runs.stopped.is_null().to_numpy()
    late = runs.end > runs.due
    state = np.where(is_open, np.where(late, 3, 2), np.where(late, 1, 0))
    unknown = runs.reason >= 0
    state[unknown] = STATES.index("unknown")
    no_due = runs.reason == REASONS.index("no_deadline")
    reaches = np.maximum(np.maximum(runs.due, runs.end), runs.start)
    counts_working = clock.unit == "working_days" or clock.entry.last_day == "next_working_day"
    plain = ~calendar.knows(runs.start, reaches) if counts_working else np.zeros(len(late), bool)
    repetition = np.arange(len(runs.case)) - np.flatnonzero(_changes(runs.case))[np.cumsum(_changes(runs.case)) - 1] + 1
    columns = {
        "case": runs.case,
        "clock": pl.repeat(clock.name, len(late), dtype=pl.String, eager=True),
        "repetition": repetition,
        "started": runs.started,
        "due": pl.Series(runs.due, dtype=pl.Int32),
        "stopped": runs.stopped,
        "limit": runs.limit,
        "unit": pl.repeat(clock.unit, len(late), dtype=pl.String, eager=True),
        "paused": runs.paused,
        "elapsed": calendar.count(runs.start, runs.end, clock.unit) - runs.paused,
        "days_left": runs.due - runs.end,
        "late_by": runs.end - runs.due,
        "state": state,
        "reason": runs.reason,
        "paused_now": runs.paused_now,
        "plain_week": plain,
    }
    known = pl.Series(~unknown)
    return (
        pl.DataFrame(columns)
        .with_columns(
            seen.log.cases["case_id"].cast(pl.String).gather(pl.Series(runs.case, dtype=pl.UInt32)).alias("case_id"),
            pl.when(pl.lit(clock.entry.deadline is None)).then(pl.col("limit")).alias("limit"),
            pl.when(~pl.Series(no_due)).then(pl.col("due")).alias("due"),
            pl.when(known & pl.Series(late)).then(pl.col("late_by")).alias("late_by"),
            *(pl.when(known).then(pl.col(name)).alias(name) for name in ("elapsed", "days_left")),
            pl.col("state").replace_strict(range(len(STATES)), STATES, return_dtype=pl.String),
            pl.col("reason").replace_strict(range(len(REASONS)), REASONS, default=None, return_dtype=pl.String),
        )
        .select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
    )
