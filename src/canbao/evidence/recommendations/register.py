"""The register of recommendations, evidence/recommendations.yaml.

Each entry rests on tables of the report, may name a reform whose simulated effect and cost stand beside it, and keeps what
was said of it, what was decided and what became of it. Numbers are given once and for all: they are how a recommendation
is spoken of after the report.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.evidence.recommendations", "register")

FILE = "recommendations.yaml"

Decision = Literal["open", "accepted", "partly", "rejected", "postponed"]
State = Literal["not_begun", "under_way", "done", "stopped"]


def _number(value: object) -> object:
    """A bare number is a number of a recommendation, too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class FindingEntry(Entry):
    """On what a recommendation rests.

    Args:
        tables: of the report, by their keys.
        text: what they say, its figures as placeholders; blank for the tables alone.
    """

    tables: Annotated[list[str], Field(min_length=1)]
    text: Bilingual | None = None


class CommentEntry(Entry):
    """What a body said of a recommendation."""

    by: Bilingual
    date: datetime.date
    text: Bilingual


class DecisionEntry(Entry):
    """What was decided."""

    state: Decision
    by: Bilingual | None = None
    date: datetime.date | None = None
    reason: Bilingual | None = None


class FollowUpEntry(Entry):
    """How far it has come on a day."""

    date: datetime.date
    state: State
    note: Bilingual | None = None


class RecommendationEntry(Entry):
    """One recommendation.

    Args:
        number: unique, and never given to another.
        finding: what it rests on.
        standing: what the law says and what has been done on the report's day, so that what remains is clear.
        recommendation: what should be done.
        addressee: who should do it.
        change: the rule to be made or changed, with its number.
        reform: a reform, by name; its simulated effect and cost are shown where the study compares it.
        effects: tables of the report that show its effect, where it is none of the reforms.
        outcome: what these say of its effect and cost, figures as placeholders, or why it is not simulated; printed where
            simulations were run.
    """

    number: Annotated[str, BeforeValidator(_number), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,11}$")]
    finding: FindingEntry
    standing: Bilingual | None = None
    recommendation: Bilingual
    addressee: Bilingual
    change: Bilingual | None = None
    reform: str | None = None
    effects: list[str] = Field(default_factory=list)
    outcome: Bilingual | None = None
    comments: list[CommentEntry] = Field(default_factory=list)
    decision: DecisionEntry | None = None
    follow_up: list[FollowUpEntry] = Field(default_factory=list)


class RegisterFile(Entry):
    """recommendations.yaml.

    Args:
        recommendations: in order.
        not_recommended: reforms that were compared and are not recommended, by name, with the reason.
        arrangements_not_recommended: the same of arrangements against injury at work.
    """

    recommendations: list[RecommendationEntry] = Field(default_factory=list)
    not_recommended: dict[str, Bilingual] = Field(default_factory=dict)
    arrangements_not_recommended: dict[str, Bilingual] = Field(default_factory=dict)


@dataclass(frozen=True)
class Register:
    """The recommendations of a study, and where each stands in its file."""

    entries: tuple[RecommendationEntry, ...] = ()
    not_recommended: Mapping[str, Bilingual] = field(default_factory=dict)
    arrangements_not_recommended: Mapping[str, Bilingual] = field(default_factory=dict)
    file: YamlFile | None = field(default=None, compare=False)

    def place(self, *keys: int | str) -> Place:
        """Where a part of an entry stands; the entry's position comes first."""
        return self.file.place(["recommendations", *keys]) if self.file else Place()

    def place_of_reason(self, name: str) -> Place:
        """Where the reason stands for not recommending a reform or an arrangement."""
        kept = "not_recommended" if name in self.not_recommended else "arrangements_not_recommended"
        return self.file.place([kept, name]) if self.file else Place()

    def check_reforms(self, known: Collection[str], arrangements: Collection[str] = ()) -> None:
        """Check that every reform and every arrangement that is named exists.

        Args:
            known: names of the programme's reforms and of the study's own.
            arrangements: names of the arrangements against injury at work.

        Raises:
            InputError: one is not.
        """
        named = [(one.reform, self.place(at, "reform")) for at, one in enumerate(self.entries) if one.reform is not None]
        if self.file is not None:
            named += [(name, self.file.place(["not_recommended", name])) for name in self.not_recommended]
        faults = [
            Fault(say("no_reform", name=name), place, _remedy(name, known)) for name, place in named if name not in known
        ]
        for name in self.arrangements_not_recommended:
            if name not in arrangements:
                remedy = did_you_mean(name, arrangements)
                faults.append(Fault(say("no_arrangement", name=name), self.place_of_reason(name), remedy))
        raise_all(faults)


def _remedy(name: str, known: Collection[str]) -> Words:
    return did_you_mean(name, known) or say("add_reform")


def read_register(evidence: Path) -> Register:
    """The register of a study; an empty one where there is no file.

    Args:
        evidence: the study's evidence folder.

    Raises:
        InputError: what is wrong in it; of two recommendations with one number, both lines.
    """
    path = evidence / FILE
    if not path.is_file():
        return Register()
    file = YamlFile(path)
    content = file.validate(RegisterFile)
    entries = content.recommendations
    raise_all([*_numbers_twice(entries, file), *_steps_back(entries, file)])
    return Register(tuple(entries), content.not_recommended, content.arrangements_not_recommended, file)


def _numbers_twice(entries: Sequence[RecommendationEntry], file: YamlFile) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for at, one in enumerate(entries):
        # R1 and r1 would be spoken of as one.
        number = one.number.casefold()
        if number in first:
            line = str(file.place(["recommendations", first[number], "number"]).line)
            yield Fault(say("number_twice", number=one.number, line=line), file.place(["recommendations", at, "number"]))
        first.setdefault(number, at)


def _steps_back(entries: Sequence[RecommendationEntry], file: YamlFile) -> Iterator[Fault]:
    """Follow-ups are told in the order of their days."""
    for at, one in enumerate(entries):
        for step, (before, after) in enumerate(zip(one.follow_up, one.follow_up[1:], strict=False), start=1):
            if after.date < before.date:
                place = file.place(["recommendations", at, "follow_up", step, "date"])
                yield Fault(say("out_of_order", number=one.number, before=before.date.isoformat()), place)
