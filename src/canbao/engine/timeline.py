"""A life in time: the events at which some rules are evaluated, and the phases that the events divide it into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Timeline:
    """Events and phases.

    Args:
        events: for each event, the rule or column that gives the month in which it happens.
        phases: the phases of a life in order, each with the event that ends it; the last one has None. A phase lasts to the
            end of the year in which its event happens, or an event that ends a later phase, if that comes sooner: whoever
            dies before retirement works till then and never is retired.
        opens: the event in whose year a life that is gone through year by year begins; None where all begin with the run.
        closes: the event in whose year it ends. Of years outside nothing is computed: their results are blank, and nothing
            of them is added up. Both events must be known before any year is gone through.
    """

    events: Mapping[str, str] = field(default_factory=dict)
    phases: Mapping[str, str | None] = field(default_factory=dict)
    opens: str | None = None
    closes: str | None = None

    def opened_by(self, phase: str) -> list[str]:
        """The events of which the first opens a phase; none for the first phase."""
        names = list(self.phases)
        at = names.index(phase)
        return self.closed_by(names[at - 1]) if at else []

    def closed_by(self, phase: str) -> list[str]:
        """The events of which the first closes a phase; none for the last phase."""
        names = list(self.phases)
        return [event for name in names[names.index(phase) :] if (event := self.phases[name]) is not None]

    def events_before(self, phase: str) -> list[str]:
        """All events that lie before a phase."""
        names = list(self.phases)
        return [event for name in names[: names.index(phase)] if (event := self.phases[name]) is not None]

    @property
    def bounds(self) -> list[str]:
        """The events between which a life lies."""
        return [event for event in (self.opens, self.closes) if event is not None]
