"""Owners, frequencies and targets of indicators, evidence/monitoring.yaml. What is not set stays blank."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.evidence.monitoring", "framework")

FILE = "monitoring.yaml"

Frequency = Literal["monthly", "quarterly", "half_yearly", "yearly", "two_yearly", "five_yearly", "once"]


class TargetEntry(Entry):
    """What an indicator should come to: a share as 0.9, not 90.

    Args:
        value: of the indicator.
        year: by when.
        reason: on what it rests, and how it can be reached.
    """

    value: Annotated[float, Field(allow_inf_nan=False)]
    year: Annotated[int, Field(ge=1990, le=2150)]
    reason: Bilingual | None = None


class WatchedEntry(Entry):
    """What is set for one indicator."""

    owner: Bilingual | None = None
    frequency: Frequency | None = None
    source: Bilingual | None = None
    target: TargetEntry | None = None


class FrameworkFile(Entry):
    """monitoring.yaml.

    Args:
        owner: of all indicators that name none.
        frequency: of all indicators that name none.
        indicators: by name.
        recorded: how long cases take by the offices' logs, by the procedure's name in study.yaml.
    """

    owner: Bilingual | None = None
    frequency: Frequency | None = None
    indicators: dict[str, WatchedEntry] = Field(default_factory=dict)
    recorded: dict[str, WatchedEntry] = Field(default_factory=dict)


@dataclass(frozen=True)
class Framework:
    """What a study sets for its indicators, and where each entry stands."""

    entry: FrameworkFile = field(default_factory=FrameworkFile)
    file: YamlFile | None = field(default=None, compare=False)

    def watched(self, name: str) -> WatchedEntry:
        """What is set for an indicator, by its own entry or by that for all."""
        return self._completed(self.entry.indicators.get(name, WatchedEntry()))

    def recorded(self, procedure: str) -> WatchedEntry:
        """The same of what the offices' log of a procedure tells."""
        return self._completed(self.entry.recorded.get(procedure, WatchedEntry()))

    def _completed(self, own: WatchedEntry) -> WatchedEntry:
        shared = {"owner": own.owner or self.entry.owner, "frequency": own.frequency or self.entry.frequency}
        return own.model_copy(update=shared)

    def check(self, known: Collection[str], shares: Collection[str], procedures: Collection[str] = ()) -> None:
        """Check that the indicators exist, and that the targets of shares are shares.

        Args:
            known: names of indicators.
            shares: those of them that lie between 0 and 1.
            procedures: names of the study's procedures.

        Raises:
            InputError: an indicator or procedure is unknown, or a target lies outside of 0 to 1.
        """
        if self.file is None:
            return
        faults = [
            Fault(say("no_procedure", name=name), self.file.place(["recorded", name]), did_you_mean(name, procedures))
            for name in self.entry.recorded
            if name not in procedures
        ]
        for name, one in self.entry.indicators.items():
            if name not in known:
                what = say("no_indicator", name=name)
                faults.append(Fault(what, self.file.place(["indicators", name]), did_you_mean(name, known)))
            elif one.target is not None and name in shares and not 0 <= one.target.value <= 1:
                place = self.file.place(["indicators", name, "target", "value"])
                faults.append(Fault(say("no_share", name=name, value=f"{one.target.value:g}"), place))
        raise_all(faults)


def read_framework(evidence: Path) -> Framework:
    """What a study sets; nothing where there is no file.

    Raises:
        InputError: faults in the file.
    """
    path = evidence / FILE
    if not path.is_file():
        return Framework()
    file = YamlFile(path)
    return Framework(file.validate(FrameworkFile), file)
