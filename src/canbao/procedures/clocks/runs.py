"""From when to when a clock runs in each case, which days do not count, and which day is the last."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from canbao.procedures.clocks.calendar import FIRST, LAST, Calendar, Days, Unit, day_number
from canbao.procedures.clocks.clock import Clock
from canbao.procedures.clocks.timeline import Flags, Seen, fits, moments_of

REASONS = ("stop_before_start", "no_deadline", "condition_unknown", "outside_calendar")
"""Why a state is unknown."""

LONG_AGO = 2**40
"""More days than any calendar has."""


@dataclass(frozen=True)
class Runs:
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
        ended: whether the case ended first.
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
    ended: Flags
    reason: Days


@dataclass(frozen=True)
class _Spans:
    """From which row of the timeline to which each run goes.

    Args:
        case: row of the case.
        start: row of the start.
        stop: row of the stop or of the case's end; -1 while open.
        last: row of the stop, or the last one of the case.
        early: whether a stop came before the first start and none after it.
        ended: whether the case ended before a stop.
    """

    case: Days
    start: Days
    stop: Days
    last: Days
    early: Flags
    ended: Flags

    def only(self, kept: Flags) -> _Spans:
        """Some of the runs."""
        return _Spans(*(getattr(self, one.name)[kept] for one in fields(self)))


def runs_of(clock: Clock, calendar: Calendar, seen: Seen) -> Runs:
    """All runs of a clock in a log.

    Args:
        clock: one that applies to the log.
        calendar: which days are working days.
        seen: what is seen of the log.
    """
    entry, log = clock.entry, seen.log
    line = seen.timeline(clock)
    case, day = line["case"].to_numpy().astype(np.int64), seen.days(line["time"])
    fulfilled, known = fits(log, entry.where)
    fulfilled |= ~known
    of_procedure = seen.of_procedure(clock)
    if of_procedure is not None:
        fulfilled &= of_procedure
    spans = _spans(clock, line, case, day)
    held = fulfilled[spans.case]
    if entry.since is not None:
        held &= day[spans.start] >= day_number(entry.since)
    if entry.until is not None:
        held &= day[spans.start] <= day_number(entry.until)
    if entry.optional:
        held &= (spans.stop >= 0) & ~spans.ended
    spans = spans.only(held)

    is_open = spans.stop < 0
    start, end = day[spans.start], np.where(is_open, seen.day, day[spans.stop])
    reason = np.full(len(start), -1)
    reason[~known[spans.case]] = REASONS.index("condition_unknown")
    limit = np.zeros(len(start), np.int64)
    if entry.deadline is not None:
        deadlines = moments_of(log, entry.deadline)
        due = seen.days(deadlines)[spans.case]
        reason[deadlines.is_null().to_numpy()[spans.case]] = REASONS.index("no_deadline")
        paused, paused_now = np.zeros(len(start), np.int64), np.zeros(len(start), bool)
    else:
        limit = _limits(clock, line, spans, seen)
        pauses = _pauses(clock, line, case, day, spans, seen)
        due, paused, paused_now = _due(clock, calendar, start, limit, pauses)
    if entry.last_day == "next_working_day":
        due = calendar.next_working_day(due)
    beyond = (start < day_number(FIRST)) | (np.maximum(due, end) >= day_number(LAST))
    reason[beyond & (reason < 0)] = REASONS.index("outside_calendar")
    reason[spans.early] = REASONS.index("stop_before_start")

    times = line["time"]
    stopped = times.gather(pl.Series(np.maximum(spans.stop, 0), dtype=pl.UInt32))
    return Runs(
        spans.case,
        times.gather(pl.Series(spans.start, dtype=pl.UInt32)),
        pl.select(pl.when(pl.Series(~is_open)).then(stopped).alias("stopped")).to_series(),
        start,
        end,
        limit,
        due,
        paused,
        paused_now,
        spans.ended,
        reason,
    )


def _spans(clock: Clock, line: pl.DataFrame, case: Days, day: Days) -> _Spans:
    starts, stops, ends = (np.flatnonzero(line[part]) for part in ("starts", "stops", "ends"))
    match clock.entry.repeats:
        case "first":
            start = starts[changes(case[starts])]
        case "last":
            start = starts[changes(case[starts][::-1])[::-1]]
        case "each":
            start = _not_running(starts, np.sort(np.concatenate([stops, ends])), case)
    stop = _following(start, stops, case)
    # Where only the day of an event is known, the stop of a day may stand before its start.
    before = _preceding(start, stops, case)
    unclaimed = _preceding(np.maximum(before, 0), starts, case) < 0
    same_day = (stop < 0) & (before >= 0) & unclaimed & (day[before] == day[start])
    stop = np.where(same_day, before, stop)
    end = _following(start, ends, case)
    ended = (end >= 0) & ((stop < 0) | (end < stop)) & ~same_day
    stop = np.where(ended, end, stop)
    last = np.where(stop >= 0, stop, np.searchsorted(case, case[start], "right") - 1)
    first_start = starts[changes(case[starts])]
    first = first_start[np.searchsorted(case[first_start], case[start])] if len(start) else start
    early = (stop < 0) & (_preceding(first, stops, case) >= 0)
    return _Spans(case[start], start, stop, last, early, ended)


def changes(case: Days) -> Flags:
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


def _limits(clock: Clock, line: pl.DataFrame, spans: _Spans, seen: Seen) -> Days:
    """How long each run may last."""
    limit = np.full(len(spans.case), clock.entry.length)
    for at, one in reversed(list(enumerate(clock.entry.exceptions))):
        if one.when is not None:
            happened = np.concatenate([[0], np.cumsum(line[f"when_{at}"].to_numpy())])
            holds = happened[spans.last + 1] > happened[np.minimum(spans.start, spans.last) + 1]
        elif set(one.where) <= {*seen.log.cases.columns, *seen.log.events.columns}:
            holds = fits(seen.log, one.where)[0][spans.case]
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


def _pauses(clock: Clock, line: pl.DataFrame, case: Days, day: Days, spans: _Spans, seen: Seen) -> _Pauses:
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
