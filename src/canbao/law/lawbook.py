"""China's social insurance as one model: every scheme's rules and parameters, read once."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import Field, RootModel

import canbao.law as room
from canbao.engine import Category, Kind, Model, Parameters, Places, Rule, Timeline, rules_in
from canbao.engine.kinds import KindName
from canbao.languages import Words
from canbao.law import categories
from canbao.located_yaml import Bilingual, Entry, read

LIFE = Timeline(
    events={
        "injury": "injury_month",
        "retirement": "retirement_month",
        "claiming": "resident_pension_month",
        "death": "death_month",
    },
    phases={"working": "retirement", "retired": "death", "dead": None},
)


class DocumentEntry(Entry):
    """A law, notice or other source.

    Args:
        title: the official name of a law; ours where the document has none, as `described` says.
        described: the title is ours.
        legal: a document with a title of ours is a rule nonetheless, not a report or compilation.
        number: as the issuing office gives it, and how one writes it in English.
        date: of issue or entry into force.
        address: where it was read.
    """

    title: Bilingual
    described: bool = False
    legal: bool = False
    number: Bilingual | None = None
    date: str | None = None
    address: str | None = None

    @property
    def is_rule(self) -> bool:
        """It is a law, regulation or notice."""
        return self.legal or not self.described

    @property
    def named(self) -> Words:
        """Title and number as people cite them: “Social Insurance Law, Order No. 35 …”, “《…》（主席令…）”."""
        title = self.title.words
        # Inside of titles Chinese sets single angle brackets.
        chinese = title.zh if self.described else f"《{title.zh.replace('《', '〈').replace('》', '〉')}》"
        if self.number is None:
            return Words(title.en, chinese)
        return Words(f"{title.en}, {self.number.en}", f"{chinese}（{self.number.zh}）")


class ClassEntry(Entry):
    """A class of cities with figures of its own."""

    label: Bilingual
    also: list[str] = Field(default_factory=list)


class ProvinceEntry(Entry):
    """A province."""

    label: Bilingual
    classes: dict[str, ClassEntry] = Field(default_factory=dict)


class PlacesFile(Entry):
    """places.yaml."""

    provinces: dict[str, ProvinceEntry]


class ColumnEntry(Entry):
    """A column by which a case is described."""

    label: Bilingual
    kind: str
    unit: str = ""
    range: tuple[float, float] | None = None
    default: str | float | None = None
    assumed: str | float | None = None
    also: dict[str, str] = Field(default_factory=dict)


class LabelEntry(Entry):
    """What a rule is called, and what it says in Chinese; in English its docstring does. A variant has its rule's label."""

    label: Bilingual | None = None
    says: str


def schemes() -> list[str]:
    """The folders of the law, one a scheme."""
    return sorted(one.name for one in pkgutil.iter_modules(room.__path__) if one.ispkg)


@cache
def documents() -> Mapping[str, DocumentEntry]:
    """Every document that rules and parameters cite."""
    return read(_file("documents.yaml"), RootModel[dict[str, DocumentEntry]]).root


@cache
def provinces() -> Mapping[str, ProvinceEntry]:
    """All provinces by code, with their classes of cities."""
    return read(_file("places.yaml"), PlacesFile).provinces


@cache
def columns() -> Mapping[str, ColumnEntry]:
    """The columns by which cases are described."""
    return read(_file("columns.yaml"), RootModel[dict[str, ColumnEntry]]).root


@cache
def labels() -> Mapping[str, LabelEntry]:
    """What each rule is called and says, by the name of its function."""
    found: dict[str, LabelEntry] = {}
    for scheme in schemes():
        found |= read(_file(scheme, "labels.yaml"), RootModel[dict[str, LabelEntry]]).root
    return found


@cache
def model() -> Model:
    """The law as it stands, all schemes together."""
    parameters = Parameters.read([parameter_file(scheme) for scheme in schemes()], places(), documents())
    kinds = {name: kind_of_column(entry) for name, entry in columns().items() if entry.kind != "place"}
    return Model(rules(), parameters, places(), LIFE, kinds)


def parameter_file(scheme: str) -> Path:
    """Where the parameters of a scheme stand."""
    return _file(scheme, "parameters.yaml")


def rules() -> list[Rule]:
    """The rules of all schemes."""
    return [one for scheme in schemes() for one in rules_of(scheme)]


def rules_of(scheme: str) -> list[Rule]:
    """The rules of one scheme, in the order of its text."""
    return rules_in(importlib.import_module(f"canbao.law.{scheme}.rules"))


@cache
def places() -> Places:
    """All provinces, each followed by its classes of cities as `42/2`."""
    parents: dict[str, str] = {}
    for code, entry in provinces().items():
        parents[code] = "all"
        parents |= {f"{code}/{name}": code for name in entry.classes}
    return Places(parents)


def place_label(name: str) -> Words:
    """What a place is called."""
    province, _, city_class = name.partition("/")
    if province not in provinces():
        return Words("China", "全国")
    entry = provinces()[province]
    if not city_class:
        return entry.label.words
    inner = entry.classes[city_class].label.words
    return Words(f"{entry.label.en}, {inner.en}", f"{entry.label.zh}{inner.zh}")


def category_list(kind: str) -> type[Category] | None:
    """The list of categories of that name."""
    found: Any = getattr(categories, kind, None)
    return found if isinstance(found, type) and issubclass(found, Category) else None


def kind_of_column(entry: ColumnEntry) -> Kind:
    """A column's kind as the engine knows it."""
    listed = category_list(entry.kind)
    if listed is not None:
        return Kind("category", listed)
    plain: Mapping[str, KindName] = {"number": "float", "integer": "int", "month": "month", "yes_no": "bool"}
    return Kind(plain[entry.kind])


def _file(*parts: str) -> Path:
    path = resources.files("canbao.law").joinpath(*parts)
    return Path(str(path))
