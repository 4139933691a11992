"""The levers: data in levers.yaml, turned into a reform as its file would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import yaml
from django.http import QueryDict
from pydantic import Field, RootModel

from canbao.careers import life_parameters
from canbao.languages import LANGUAGES, Catalogue, Form, Language, Number, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile
from canbao.reforms.reform import Reform, Setting

say = Catalogue("canbao.workbench.simulate", "words")

STARTS = "2027-01"
"""From when on what is set holds."""

THE_VALUE = "the value"


class Sets(Entry):
    """What a lever sets a parameter to."""

    value: float | Literal["the value"] | None = None
    share: Literal["the value"] | None = None
    of: str | None = None
    every_entry: Literal["the value"] | None = Field(default=None, alias="every entry")


class Lever(Entry):
    """One lever."""

    label: Bilingual
    about: Bilingual
    kind: Literal["switch", "slider"]
    low: float = Field(default=0, alias="from")
    high: float = Field(default=1, alias="to")
    step: float = 1
    stands: float = 0
    form: Form = "count"
    sets: dict[str, Sets]

    def told(self, language: Language) -> str:
        """What it does, with where the law has it."""
        return self.about.words[language].format(stands=Number(self.stands, self.form).text(language))

    def clipped(self, text: str) -> float:
        """What somebody set it to, on one of its steps and within its limits; where it stands if that is no number."""
        try:
            value = float(text)
        except ValueError:
            return self.stands
        if not self.low <= value <= self.high:
            return self.stands
        return round(self.low + round((value - self.low) / self.step) * self.step, 6)


class LeversFile(RootModel[dict[str, Lever]]):
    """levers.yaml."""


@cache
def levers() -> Mapping[str, Lever]:
    """All levers by name."""
    path = Path(str(resources.files("canbao.workbench.simulate").joinpath("levers.yaml")))
    return YamlFile(path).validate(LeversFile).root


@dataclass(frozen=True)
class Positions:
    """Where every lever is.

    Args:
        values: by lever; those that stand where the law has them are among them.
    """

    values: Mapping[str, float]

    @property
    def moved(self) -> dict[str, float]:
        """The levers that are elsewhere than the law has them."""
        return {name: value for name, value in self.values.items() if value != levers()[name].stands}

    @property
    def query(self) -> str:
        """As the end of an address: all that is needed to come back."""
        return urlencode([(name, f"{value:g}") for name, value in self.moved.items()])

    def reform(self, title: str = "") -> Reform:
        """The reform that these positions make; its name is its positions, so that it is run once."""
        settings = {
            parameter: {STARTS: _setting(parameter, sets, value)}
            for name, value in self.moved.items()
            for parameter, sets in levers()[name].sets.items()
        }
        return Reform(f"levers?{self.query}", Words.same(title) if title else say("reform"), None, settings, (), {})

    def yaml(self, title: str = "") -> str:
        """The same reform as a file for `canbao simulate` and a study's reforms/."""
        moved: dict[Language, str] = {one: self.described(one) for one in LANGUAGES}
        titles = {one: title or say("reform_title", moved=moved[one])[one] for one in LANGUAGES}
        settings = {
            name: {month: _written(one) for month, one in dated.items()} for name, dated in self.reform().settings.items()
        }
        content = {"title": titles, "summary": moved, "parameters": settings}
        return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)

    def described(self, language: Language) -> str:
        """The moved levers in words."""
        parts = []
        for name, value in self.moved.items():
            lever = levers()[name]
            number = "" if lever.kind == "switch" else f" {Number(value, lever.form).text(language)}"
            parts.append(f"{lever.label.words[language]}{number}")
        return ("; " if language == "en" else "；").join(parts)


def positions(asked: QueryDict) -> Positions:
    """Where an address puts the levers."""
    return Positions({name: lever.clipped(asked.get(name, "")) for name, lever in levers().items()})


def _setting(parameter: str, sets: Sets, value: float) -> Setting:
    if sets.of is not None:
        return Setting(share=value, of=sets.of)
    if sets.every_entry is not None:
        dated = next(iter(life_parameters()[parameter].entry.values.values()))
        table = next(iter(dated.values())).table or {}
        return Setting(table=dict.fromkeys(table, value))
    return Setting(value=value if sets.value == THE_VALUE else float(sets.value or 0))


def _written(setting: Setting) -> object:
    if setting.of is not None:
        return {"share": setting.share, "of": setting.of}
    return setting.table if setting.table is not None else setting.value
