"""Published figures beside the study's own; blank where nobody published a number."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field

from canbao.chapters.confidence import Grade, grade_words
from canbao.chapters.document import Cell, Column, Row, Section, Table
from canbao.chapters.estimates import Estimate
from canbao.chapters.findings import Findings, interval_note, paragraph
from canbao.languages import Catalogue, Number, Words
from canbao.located_yaml import Bilingual, Entry, read

say = Catalogue("canbao.chapters", "reference")


SOMETHING = 1e-9
"""The least amount that is more than nothing."""


class OwnFigure(Entry):
    """Which estimate of the study stands beside a published figure; of numbers, `none` is the share at nought."""

    of: str
    category: str | list[str]
    among: dict[str, str] = Field(default_factory=dict)


class PublishedFigure(Entry):
    """A figure that others published.

    Args:
        value: a share; None where none is legible.
        below: where the source says only that it is less than this.
        shaped: the synthetic sample was drawn to resemble it (workers/sample.yaml), so that agreement proves nothing.
        confidence: A official or primary, B a mirror or a quotation, C second hand, D weak.
    """

    key: str
    label: Bilingual
    year: int
    value: float | None = None
    below: float | None = None
    shaped: bool = False
    source: Bilingual
    confidence: Grade
    ours: OwnFigure | None = None


class PublishedFigures(Entry):
    """The file published.yaml."""

    figures: list[PublishedFigure]


@cache
def published_figures() -> tuple[PublishedFigure, ...]:
    """All figures of published.yaml."""
    with resources.as_file(resources.files("canbao.chapters") / "published.yaml") as path:
        return tuple(read(Path(path), PublishedFigures).figures)


def _source(figure: PublishedFigure) -> Words:
    return say("source_and_confidence", source=figure.source.words, confidence=grade_words(figure.confidence))


def chapter(findings: Findings) -> Section:
    """The table of published figures and ours."""
    if not findings.has("platform_worker"):
        return Section("reference", say("title"), (paragraph(say("elsewhere")),))
    rows, synthetic = [], findings.settings.synthetic
    for figure in published_figures():
        own = _own(findings, figure)
        rows.append(
            Row(
                (
                    Cell(say("shaped", label=figure.label.words) if synthetic and figure.shaped else figure.label.words),
                    Cell(Words.same(str(figure.year))),
                    Cell(_published(figure)),
                    own.cell("percent") if own else Cell(),
                    own.base if own else Cell(),
                    Cell(_source(figure)),
                )
            )
        )
    columns = (
        Column("figure", say("figure"), align="left"),
        Column("year", say("year")),
        Column("published", say("published")),
        Column("ours", say("ours")),
        Column("n", say("base")),
        Column("source", say("source"), align="left"),
    )
    notes = (*([say("shaped_note")] if synthetic else []), say("through_work_note"), interval_note(findings))
    table = Table("reference_figures", say("table"), columns, tuple(rows), notes, findings.source)
    return Section("reference", say("title"), (paragraph(say("lead")), table))


def _published(figure: PublishedFigure) -> Number | Words | None:
    if figure.value is None and figure.below is not None:
        return say("below", value=Number(figure.below, "percent"))
    return None if figure.value is None else Number(figure.value, "percent")


def _own(findings: Findings, figure: PublishedFigure) -> Estimate | None:
    ours = figure.ours
    if ours is None or not findings.has(ours.of, *ours.among):
        return None
    if findings.column(ours.of).is_numeric:
        return findings.estimator.exceedance(ours.of, SOMETHING, among=ours.among).at("at_least").complement
    if isinstance(ours.category, str):
        return findings.estimator.of(ours.of, among=ours.among).at(ours.category)
    return findings.estimator.share_in(ours.of, ours.category, ours.among)
