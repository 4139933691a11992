"""How long each clock ran in each case, and whether in time; cases that are still open included."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import polars as pl

from canbao.languages import Catalogue, Words
from canbao.procedures.clocks.calendar import Calendar, Unit, chinese_calendar
from canbao.procedures.clocks.clock import Attribute, Clock, vocabulary
from canbao.procedures.clocks.runs import REASONS, Runs, changes, runs_of
from canbao.procedures.clocks.timeline import Seen
from canbao.procedures.event_log import EventLog

say = Catalogue("canbao.procedures.clocks", "words")

STATES = ("in_time", "late", "open_in_time", "open_late", "unknown")
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
    "ended": pl.Boolean,
    "paused_now": pl.Boolean,
    "plain_week": pl.Boolean,
}


def evaluate(
    log: EventLog,
    clocks: Sequence[Clock],
    calendar: Calendar | None = None,
    at: datetime.datetime | None = None,
    rename: Mapping[str, str] | None = None,
    ended_by: Sequence[str] | None = None,
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
        ended_by: activities that end a case, and with it whatever clock is still running; those with which, by the
            vocabulary, a case ends refused or abandoned if None.

    Returns:
        A row a run, by clock, case and repetition: `case`, `case_id`, `clock`, `repetition` from 1, `started`, `due` (the
        last day in time; while a pause lasts, as if it ended now), `stopped` (null while open), `limit` and `unit`;
        `paused` and `elapsed`, without the pauses, in that unit, in calendar days where it is months; `days_left`, calendar
        days from the stop or now to `due`, and `late_by`, those after `due`, null unless late; `state`, and `reason` where
        that is unknown; `ended`: the case ended before anything stopped the clock, as by withdrawal; `paused_now`; and
        `plain_week`: the holidays of a year concerned are not known, so that Monday to Friday was counted.

    Raises:
        InputError: an attribute that should hold moments holds something else.
    """
    calendar = calendar or chinese_calendar()
    if ended_by is None:
        ended_by = [key for key, entry in vocabulary().items() if entry.ending in ("refused", "abandoned")]
    seen = Seen(log, at or log.closed, rename or {}, ended_by)
    applying = [clock for clock in clocks if _hindrance(clock, log, seen) is None]
    tables = [_table(clock, runs_of(clock, calendar, seen), calendar, seen) for clock in applying]
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
    seen = Seen(log, at or log.closed, rename or {})
    return {clock.name: _hindrance(clock, log, seen) for clock in clocks}


def _hindrance(clock: Clock, log: EventLog, seen: Seen) -> Words | None:
    """Why a clock cannot be told in this log."""
    for moments in (clock.entry.starts, clock.entry.stops):
        if not isinstance(moments, Attribute) and not seen.occurs(moments):
            return say("not_applicable_activities", names=", ".join(moments))
    known = {*log.cases.columns, *log.events.columns}
    missing = [attribute for attribute in clock.attributes if attribute not in known]
    if missing:
        return say("not_applicable_attributes", names=", ".join(missing))
    of_procedure = seen.of_procedure(clock)
    if of_procedure is not None and not of_procedure.any():
        return say("not_applicable_procedure", name=clock.procedure or "")
    entry = clock.entry
    first, last = (seen.day_of(moment) for moment in (log.opened, seen.at))
    if (entry.since is not None and last < entry.since) or (entry.until is not None and first > entry.until):
        return say("not_applicable_dates")
    return None


def _table(clock: Clock, runs: Runs, calendar: Calendar, seen: Seen) -> pl.DataFrame:
    is_open = runs.stopped.is_null().to_numpy()
    late = runs.end > runs.due
    state = np.where(is_open, np.where(late, 3, 2), np.where(late, 1, 0))
    unknown = runs.reason >= 0
    state[unknown] = STATES.index("unknown")
    no_due = np.isin(runs.reason, [REASONS.index("no_deadline"), REASONS.index("outside_calendar")])
    reaches = np.maximum(np.maximum(runs.due, runs.end), runs.start)
    counts_working = clock.unit == "working_days" or clock.entry.last_day == "next_working_day"
    plain = ~calendar.knows(runs.start, reaches) if counts_working else np.zeros(len(late), bool)
    repetition = np.arange(len(runs.case)) - np.flatnonzero(changes(runs.case))[np.cumsum(changes(runs.case)) - 1] + 1
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
        "ended": runs.ended,
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
