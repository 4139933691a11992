"""Places: where law differs. A place may lie in another, as a class of city lies in a province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

NATION = "all"
"""The place that contains all others; a worker of whom no place is known is there."""


@dataclass(frozen=True)
class Places:
    """All places by name.

    Args:
        parents: for each place the one that it lies in; provinces lie in `NATION`.
    """

    parents: Mapping[str, str]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every place; a place's position is its number in the kernel."""
        return (NATION, *self.parents)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The position of each place."""
        return {name: at for at, name in enumerate(self.names)}

    def parent(self, name: str) -> str | None:
        """The place that a place lies in; None for the nation."""
        return self.parents.get(name)

    def within(self, name: str) -> set[str]:
        """A place with all that lie in it."""
        found = {name}
        for place, parent in self.parents.items():
            if parent in found:
                found.add(place)
        return found
