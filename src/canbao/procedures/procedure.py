"""One procedure: its log, the limits that hold for it, and what both tell, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from canbao.languages import Words
from canbao.procedures.analysis import Endings, Summary, completed, edges, outcomes, records_service, summary
from canbao.procedures.clocks import Limits
from canbao.procedures.event_log import EventLog


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
