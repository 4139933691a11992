"""The law and life courses as one model: where both have a rule of one name, the life course's holds."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import RootModel

import canbao.careers as room
from canbao.careers.categories import Activity, RiskGroup
from canbao.careers.extraction import shipped_rows
from canbao.careers.projection import carried_back, projected
from canbao.engine import Kind, Model, Parameters, Rule, rules_in
from canbao.law import lawbook
from canbao.law.categories import Hukou, HukouLocality, Relation, Sex
from canbao.law.lawbook import DocumentEntry, LabelEntry
from canbao.located_yaml import read

LIFE_COURSE = replace(lawbook.LIFE, events={**lawbook.LIFE.events, "start": "start_month"}, opens="start", closes="death")
"""Nothing is computed before somebody joins the workers of the study, nor after death."""

COLUMNS: Mapping[str, Kind] = {
    "birth_month": Kind("month"),
    "sex": Kind("category", Sex),
    "hukou": Kind("category", Hukou),
    "hukou_locality_at_start": Kind("category", HukouLocality),
    "relation_at_start": Kind("category", Relation),
    "activity_at_start": Kind("category", Activity),
    "start_year": Kind("int"),
    "relative_income": Kind("float"),
    "employer_compliance": Kind("float"),
    "compliance_taste": Kind("float"),
    "flexible_score": Kind("float"),
    "flexible_taste": Kind("float"),
    "flexible_at_start": Kind("bool"),
    "burden_at_start": Kind("float"),
    "chosen_base_to_floor": Kind("float"),
    "aware": Kind("bool"),
    "resident_probability": Kind("float"),
    "resident_taste": Kind("float"),
    "resident_payment_at_start": Kind("float"),
    "orders_year": Kind("float"),
    "risk_group_at_start": Kind("category", RiskGroup),
    "hours_at_start": Kind("float"),
}
"""What a life course starts from, beside the columns of the law."""


def parts() -> list[str]:
    """The folders of life courses."""
    return sorted(one.name for one in pkgutil.iter_modules(room.__path__) if one.ispkg)


@cache
def documents() -> Mapping[str, DocumentEntry]:
    """Every document that rules and parameters cite, those of the law included."""
    own = read(_file("documents.yaml"), RootModel[dict[str, DocumentEntry]]).root
    return {**lawbook.documents(), **own}


@cache
def labels() -> Mapping[str, LabelEntry]:
    """What the rules of life courses are called and say."""
    found: dict[str, LabelEntry] = {}
    for part in parts():
        path = _file(part, "labels.yaml")
        if path.is_file():
            found |= read(path, RootModel[dict[str, LabelEntry]]).root
    return found


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of the law and of life courses; one of the law gives way to one of the same name here."""
    own = [one for part in parts() for one in _rules_of(part)]
    names = {one.name for one in own}
    return (*(one for one in lawbook.rules() if one.name not in names), *own)


@cache
def life_parameters() -> Parameters:
    """The parameters of the law and of life courses as they are published and assumed, not yet carried on."""
    law = [lawbook.parameter_file(scheme) for scheme in lawbook.schemes()]
    own = [path for part in parts() if (path := _file(part, "parameters.yaml")).is_file()]
    return Parameters.read([*law, *own], lawbook.places(), documents(), shipped_rows())


@cache
def carried_parameters() -> Parameters:
    """The same carried on into all years."""
    return projected(life_parameters())


@cache
def law_with_older_figures() -> Model:
    """The law alone, its figures carried back to years before the first published one: for careers that began then."""
    return lawbook.model().with_parameters(carried_back(life_parameters()))


def life_model(parameters: Parameters | None = None, replaced: Sequence[Rule] = ()) -> Model:
    """Law and life courses as one model.

    Args:
        parameters: carried on into all years, as a reform or another assumption has them; as they stand if None.
        replaced: rules that hold instead of those of their names.

    Raises:
        InputError: the rules do not fit together.
    """
    model = _law_as_it_stands()
    if replaced:
        model = _model([*replaced, *(one for one in rules() if one.name not in {each.name for each in replaced})])
    return model if parameters is None else model.with_parameters(parameters)


@cache
def _law_as_it_stands() -> Model:
    return _model(rules())


def _model(together: Sequence[Rule]) -> Model:
    ruled = {one.name for one in together}
    law_columns = {
        name: lawbook.kind_of_column(entry) for name, entry in lawbook.columns().items() if entry.kind != "place"
    }
    columns = {name: kind for name, kind in {**law_columns, **COLUMNS}.items() if name not in ruled}
    return Model(together, carried_parameters(), lawbook.places(), LIFE_COURSE, columns)


def _rules_of(part: str) -> list[Rule]:
    if not _file(part, "rules.py").is_file():
        return []
    return rules_in(importlib.import_module(f"canbao.careers.{part}.rules"))


def _file(*names: str) -> Path:
    return Path(str(resources.files("canbao.careers").joinpath(*names)))
