"""The outline of the report: every chapter in order, in one place."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from canbao.chapters import (
    administration,
    annexes,
    context,
    countries,
    field,
    focus,
    gaps,
    injury,
    key_findings,
    legal_access,
    literature,
    method,
    monitoring,
    options,
    other_branches,
    pensions,
    prospects,
    protection,
    recommendations,
    reference,
    regions,
    self_assessment,
    seminar,
    tabulations,
    workers,
)
from canbao.chapters.authored import StatedFigure, Weaver
from canbao.chapters.document import Document, Reference, Section, cited_in
from canbao.chapters.findings import Findings
from canbao.chapters.reported import Reported
from canbao.languages import LANGUAGES, Catalogue, Words

say = Catalogue("canbao.chapters", "outline")

CHAPTERS: tuple[Callable[[Findings], Section | None], ...] = (
    context.chapter,
    legal_access.chapter,
    method.chapter,
    workers.chapter,
    pensions.chapter,
    injury.chapter,
    protection.chapter,
    other_branches.chapter,
    focus.chapter,
    regions.chapter,
    administration.chapter,
    self_assessment.chapter,
    tabulations.chapter,
    reference.chapter,
    literature.chapter,
    field.chapter,
    gaps.chapter,
    countries.chapter,
    prospects.chapter,
    options.chapter,
)
"""Each takes the study and returns a chapter, or nothing where the study asks for none."""

CLOSING: tuple[Callable[[Findings, Reported], Section | None], ...] = (
    recommendations.chapter,
    monitoring.chapter,
    seminar.chapter,
)
"""What follows from the chapters above: each takes what they have shown."""

AUTHORED_ONLY = ("foreword", "conclusions")
"""Chapters that exist where the authors wrote them."""


@dataclass(frozen=True)
class Draft:
    """A report as it is drawn up, with the figures that the authors' text states."""

    document: Document
    figures: list[StatedFigure] = dataclasses.field(default_factory=list)


def draw_up(findings: Findings, weaver: Weaver, authored: Sequence[str], progress: Callable[[Words], None]) -> Draft:
    """Write every chapter and weave the authors' text in.

    Args:
        findings: the study.
        weaver: of the authors' text.
        authored: the parts for which the authors wrote something.
        progress: told of each chapter before it is written.
    """
    chapters: list[Section] = []
    for write in CHAPTERS:
        chapter = write(findings)
        if chapter is not None:
            progress(chapter.title)
            chapters.append(chapter)
    # Before the simulation has run, nobody knows all tables.
    reported = Reported.of(chapters, complete=findings.simulator is not None or not findings.settings.reforms)
    closing = [chapter for write in CLOSING if (chapter := write(findings, reported)) is not None]
    whole = [
        key_findings.chapter(findings, chapters),
        *_own("foreword", authored),
        *chapters,
        *_own("conclusions", authored),
        *closing,
        *(one for one in (literature.references(findings),) if one is not None),
        annexes.chapter(findings),
    ]
    return Draft(_document(findings, weaver.weave(whole, reported)), weaver.figures)


def _own(key: str, authored: Sequence[str]) -> list[Section]:
    return [Section(key, say(key), numbered=key != "foreword")] if key in authored else []


def _document(findings: Findings, chapters: Sequence[Section]) -> Document:
    settings, works = findings.settings, findings.literature
    title, subtitle = settings.titles
    listed = literature.reviewed(findings) | cited_in(chapters)
    references = {
        language: tuple(
            Reference(key, works.citations[key], Words.same(entry))
            for key, entry in works.entries.get(language, ())
            if key in listed
        )
        for language in LANGUAGES
    }
    return Document(
        key="report",
        title=title,
        subtitle=subtitle,
        authors=tuple(author.words for author in settings.authors),
        date=settings.date,
        chapters=tuple(chapters),
        references=references,
        notice=say("synthetic") if settings.synthetic else None,
        made_with=say("made_with", version=findings.versions.get("canbao", "")),
    )
