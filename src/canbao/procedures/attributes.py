"""What attributes of cases and their values are called, for logs speak in keys."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field, RootModel

from canbao.languages import Catalogue, Words
from canbao.located_yaml import Bilingual, Entry, read
from canbao.workers.vocabulary import vocabulary

say = Catalogue("canbao.procedures", "words")

UNSAID = "not_said"
"""The value in the place of a blank, where a blank is a group of its own."""


class AttributeEntry(Entry):
    """An attribute of cases with its values, as reports call them."""

    label: Bilingual
    values: dict[str, Bilingual] = Field(default_factory=dict)


@cache
def attributes() -> Mapping[str, AttributeEntry]:
    """Attributes whose names and values are known in both languages."""
    path = Path(str(resources.files("canbao.procedures").joinpath("attributes.yaml")))
    return read(path, RootModel[dict[str, AttributeEntry]]).root


def attribute_label(name: str) -> Words:
    """What an attribute of a log is called: as here, in the vocabulary of workers' columns, or by its own name."""
    if name in attributes():
        return attributes()[name].label.words
    known = vocabulary().get(name)
    return known.label if known is not None else Words.same(name)


def attribute_value_label(name: str, value: str | None) -> Words:
    """What a value of an attribute is called: as here, in the vocabulary of workers' columns, or as the log has it."""
    if value is None or value == UNSAID:
        return say("not_said")
    here, known = attributes().get(name), vocabulary().get(name)
    if here is not None and value in here.values:
        return here.values[value].words
    return known.categories.get(value, Words.same(value)) if known is not None else Words.same(value)
