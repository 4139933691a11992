"""One procedure: its log, the limits that hold for it, and what both tell, worked out once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from canbao.errors import Place
from canbao.languages import Words
from canbao.procedures.analysis import Endings, Summary, completed, edges, outcomes, records_service, summary
from canbao.procedures.clocks import Limits, find_calendar, limits_for
from canbao.procedures.event_log import EventLog
from canbao.procedures.reading import open_log


@dataclass(frozen=True)
class Procedure:
    """A procedure's log with what is to be asked of it.

    Args:
        key: names its tables and figures.
        title: of the procedure.
        log: what happened.
        limits: the time limits that hold, and what activities are called.
        by: columns by whose values it is shown.
    """

    key: str
    title: Words
    log: EventLog
    limits: Limits
    by: tuple[str, ...] = ()

    @cached_property
    def summary(self) -> Summary:
        """The log in a few figures."""
        return summary(self.log)

    @cached_property
    def steps(self) -> EventLog:
        """The log with an event a step: of starts and completions, the completions."""
        return completed(self.log) if records_service(self.log) else self.log

    @cached_property
    def edges(self) -> pl.DataFrame:
        """What directly follows what."""
        return edges(self.steps)

    @cached_property
    def runs(self) -> pl.DataFrame:
        """Every run of every clock."""
        return self.limits.evaluate(self.log)

    @cached_property
    def broken(self) -> pl.Series | None:
        """Whether a time limit was broken in each case; null where nobody can tell yet, None where no limit holds."""
        if self.runs.is_empty():
            return None
        state = pl.col("state").cast(pl.String)
        late, kept = state.is_in(["late", "open_late"]).any(), (state == "in_time").all()
        told = self.runs.group_by("case").agg(pl.when(late).then(True).when(kept).then(False).alias("broken"))
        cases = self.log.cases.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("case"))
        return cases.join(told, on="case", how="left", maintain_order="left")["broken"]

    @property
    def endings(self) -> Endings:
        """With which activities cases end."""
        known = self.limits.endings
        return Endings(known.get("completed", ()), known.get("refused", ()), known.get("abandoned", ()))

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """How every case ended, or that it is open."""
        return outcomes(self.steps, self.endings.within(self.steps))

    def label(self, activity: str | None) -> Words:
        """What an activity is called."""
        return self.limits.label(activity) if activity is not None else Words.same("–")


def open_procedure(
    path: Path,
    limits: Path | None = None,
    by: Sequence[str] = (),
    *,
    calendar: str | None = None,
    columns: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    case_object: str | None = None,
    title: Words | None = None,
    key: str = "procedure",
) -> Procedure:
    """A log with the time limits that hold for it.

    Args:
        path: the log, in any format that `open_log` reads.
        limits: a limits.yaml; without one, the shipped limits of the procedures that the log names.
        by: columns by whose values results are shown.
        calendar: which days are working days, in place of what the limits say: `cn`, `weekdays`, `calendar_days` or a file.
        columns: as for `open_log`.
        time_zone: as for `open_log`.
        case_object: as for `open_log`.
        title: of the procedure; the file's name if None.
        key: names its tables and figures.

    Raises:
        InputError: the log, the limits or a column is at fault.
    """
    log = open_log(path, columns=columns, time_zone=time_zone, case_object=case_object)
    for column in by:
        log.case_column(column)
    return Procedure(key, title or Words.same(log.name), log, held_to(log, limits, calendar), tuple(by))


def held_to(log: EventLog, limits: Path | None, calendar: str | None, beside: Sequence[EventLog] = ()) -> Limits:
    """The limits that hold for a log, under another calendar where one is named.

    Args:
        log: the log.
        limits: a limits.yaml, or None for the shipped limits of the procedures that the log names.
        calendar: see `open_procedure`.
        beside: other logs to which the file applies as well.

    Raises:
        InputError: the limits or the calendar are at fault.
    """
    held = limits_for(log, limits, beside)
    if calendar is None:
        return held
    return dataclasses.replace(held, calendar=find_calendar(calendar, Path.cwd(), Place(field="--calendar")))
