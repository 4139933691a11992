"""What somebody asks of the simulator, as an address says it: levers, assumptions, injury protection, a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict

from canbao.chapters.protection import AS_IT_STANDS, COMPARED
from canbao.languages import Catalogue, Language
from canbao.reforms import Assumption, assumed, spanned
from canbao.workbench.simulate.levers import Positions, positions

say = Catalogue("canbao.workbench.simulate", "words")

YEARS = (2030, 2045, 2060)
FIRST_YEAR = YEARS[1]
ENDS = ("low", "high")
INJURY = {"+".join(names): names for names in COMPARED}
"""Arrangements against injury at work that can be chosen, as an address writes them."""


def choosable() -> Mapping[str, Assumption]:
    """The assumptions on which pensions to come rest."""
    return {name: one for name, one in spanned().items() if not name.startswith("injury")}


@dataclass(frozen=True)
class Asked:
    """A question to the simulator.

    Args:
        at: where the levers stand.
        ends: the assumptions that are taken at an end of their span: `low` or `high` by name.
        injury: the arrangement against injury at work; the one that stands if it is left alone.
        year: whose results come first.
    """

    at: Positions
    ends: Mapping[str, str]
    injury: str
    year: int

    @cached_property
    def assumptions(self) -> tuple[tuple[str, float], ...]:
        """The assumptions' values."""
        return assumed(self.ends)

    @property
    def reforms_injury(self) -> bool:
        """Whether another arrangement against injury is asked for."""
        return self.injury != "+".join(AS_IT_STANDS)

    @property
    def changes(self) -> bool:
        """Whether anything is otherwise than under the law as it stands."""
        return bool(self.at.moved) or self.reforms_injury

    @property
    def scenario(self) -> str:
        """All but the year, as the end of an address."""
        injury = urlencode({"injury": self.injury}) if self.reforms_injury else ""
        return "&".join(filter(None, [self.at.query, urlencode(dict(self.ends)), injury]))

    @property
    def query(self) -> str:
        """All of it."""
        return "&".join(filter(None, [self.scenario, f"year={self.year}"]))

    def command(self, folder: str) -> str:
        """The same on the command line."""
        assume = "".join(f" --assume {name}={end}" for name, end in self.ends.items())
        years = ",".join(map(str, YEARS))
        lines = [f"canbao simulate {folder} --reform reform.yaml --years {years}{assume}"] if self.at.moved else []
        if self.reforms_injury:
            lines.append(f"canbao injury {folder} --compare {'+'.join(AS_IT_STANDS)},{self.injury}")
        return "\n".join(lines)

    def assumptions_described(self, language: Language) -> str:
        """The assumptions that are not central, in words."""
        parts = (f"{choosable()[name].label[language]}: {say(f'end_{end}')[language]}" for name, end in self.ends.items())
        return ("; " if language == "en" else "；").join(parts)


def asked_of(given: QueryDict) -> Asked:
    """What an address asks; what it says wrongly stands as the law has it."""
    ends = {name: str(given[name]) for name in choosable() if given.get(name) in ENDS}
    injury = given.get("injury", "")
    year = next((year for year in YEARS if given.get("year") == str(year)), FIRST_YEAR)
    return Asked(positions(given), ends, injury if injury in INJURY else "+".join(AS_IT_STANDS), year)
