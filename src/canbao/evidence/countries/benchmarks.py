"""Indicators of international standards, the study's own and published ones."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field

from canbao.evidence.countries.card import Confidence
from canbao.located_yaml import Bilingual, Entry, read


class OwnIndicator(Entry):
    """How the study's own is asked for."""

    of: str
    category: str | list[str]
    among: dict[str, str | list[str]] = Field(default_factory=dict)


class PublishedValue(Entry):
    """A share that somebody published."""

    value: float = Field(ge=0, le=1)
    source: str
    confidence: Confidence


class IndicatorEntry(Entry):
    """An indicator by its number in the report."""

    id: str
    label: Bilingual
    ours: OwnIndicator
    world: PublishedValue | None = None
    china: PublishedValue | None = None
    differs: Bilingual | None = None


class BenchmarksFile(Entry):
    """benchmarks.yaml."""

    indicators: list[IndicatorEntry]


@cache
def benchmarks() -> tuple[IndicatorEntry, ...]:
    """All indicators."""
    path = resources.files("canbao.evidence.countries").joinpath("benchmarks.yaml")
    return tuple(read(Path(str(path)), BenchmarksFile).indicators)
