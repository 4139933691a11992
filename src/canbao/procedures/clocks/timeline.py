"""What is seen of a log up to a moment, and the timeline of one clock: all moments that matter to it, in order."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.procedures.clocks.calendar import Days, day_number
from canbao.procedures.clocks.clock import PROCEDURE, Attribute, Clock, Conditions, procedure_named
from canbao.procedures.event_log import EventLog

say = Catalogue("canbao.procedures.clocks", "words")

Flags = NDArray[np.bool_]

_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}


class Seen:
    """The log up to a moment, in days of its own zone.

    Args:
        log: the log.
        at: the moment.
        rename: the log's activities with the clocks' names.
        ended_by: activities that end a case.
    """

    def __init__(
        self, log: EventLog, at: datetime.datetime, rename: Mapping[str, str], ended_by: Sequence[str] = ()
    ) -> None:
        self.log = log
        self.ended_by = ended_by
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

    def of_procedure(self, clock: Clock) -> Flags | None:
        """Which cases belong to the clock's procedure; None where the log does not tell in words that we know."""
        known = {*self.log.cases.columns, *self.log.events.columns}
        if clock.procedure is None or PROCEDURE not in known:
            return None
        named = self.log.case_column(PROCEDURE).cast(pl.String)
        meant = {name: procedure_named(name) for name in named.drop_nulls().unique()}
        if not any(meant.values()):
            return None
        own = [name for name, key in meant.items() if key == clock.procedure]
        return named.is_in(own).fill_null(False).to_numpy()

    def day_of(self, moment: datetime.datetime) -> datetime.date:
        """The day of a moment."""
        return moment.astimezone(self.log.zone).date()

    def occurs(self, activities: Sequence[str]) -> bool:
        """Whether any of the clocks' activities has happened."""
        return any(activity in self.names for activity in activities)

    def timeline(self, clock: Clock) -> pl.DataFrame:
        """All moments that matter to a clock, in order, and which of its parts each of them plays.

        `starts`, `stops`, `ends` (of the case); `from_0`, `until_0`, … for the pauses; `when_0`, … for exceptions. What an
        attribute says comes before (a start) or after (a stop) all events of its moment.
        """
        entry = clock.entry
        ends = [name for name in self.ended_by if name not in (*clock.starts, *clock.stops)]
        parts: dict[str, Sequence[str]] = {"starts": clock.starts, "stops": clock.stops, "ends": ends}
        for at, pause in enumerate(entry.pauses):
            parts |= {f"from_{at}": [pause.since], f"until_{at}": [pause.until]}
        parts |= {f"when_{at}": [one.when] for at, one in enumerate(entry.exceptions) if one.when is not None}
        activity = pl.col("activity")
        events = self.events.filter(activity.is_in(self._own([*clock.activities, *ends]))).select(
            "case",
            "time",
            pl.col("position").cast(pl.Int64),
            *(activity.is_in(self._own(named)).alias(part) for part, named in parts.items()),
        )
        for part, moments, position in (("starts", entry.starts, -1), ("stops", entry.stops, 2**62)):
            if isinstance(moments, Attribute):
                plays = [pl.lit(one == part).alias(one) for one in parts]
                times = pl.DataFrame({"time": moments_of(self.log, moments.attribute)}).with_row_index("case")
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


def moments_of(log: EventLog, attribute: str) -> pl.Series:
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


def fits(log: EventLog, conditions: Conditions) -> tuple[Flags, Flags]:
    """For each case whether it fulfils the conditions, and whether that is known: one that it fails is enough to know."""
    cases = log.cases.height
    fits, recorded, fails = np.ones(cases, bool), np.ones(cases, bool), np.zeros(cases, bool)
    for attribute, values in conditions.items():
        column = log.case_column(attribute)
        here = column.is_not_null().to_numpy()
        if column.dtype.is_numeric():
            found = column.cast(pl.Float64).is_in([float(value) for value in values if _is_number(value)])
        elif column.dtype == pl.Boolean:
            found = column.is_in([value for text, value in _TRUTHS.items() if text in map(_text, values)])
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
