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
            end of the year in which its event happens.
    """

    events: Mapping[str, str] = field(default_factory=dict)
    phases: Mapping[str, str | None] = field(default_factory=dict)

    def ended_before(self, phase: str) -> str | None:
        """The event that opens a phase; None for the first."""
        names = list(self.phases)
        at = names.index(phase)
        return self.phases[names[at - 1]] if at else None

    def events_before(self, phase: str) -> list[str]:
        """All events that lie before a phase."""
        names = list(self.phases)
        return [event for name in names[: names.index(phase)] if (event := self.phases[name]) is not None]
