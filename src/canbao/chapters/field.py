"""The field: what people said, by theme and without their identity, and what is done locally."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from canbao.chapters.document import Block, Bullets, Cell, Column, Notice, Row, Section, Table
from canbao.chapters.findings import Findings, paragraph
from canbao.evidence.field.notes import FieldWork, Practice, PracticeEntry, Quotation, Source, Talk
from canbao.languages import Catalogue, Number, Words, joined

say = Catalogue("canbao.chapters", "field")

FIRST_WORDS = 7
"""So many words of a quotation are said again."""


def chapter(findings: Findings) -> Section | None:
    """Voices by theme, then local practice; None where the study gathered neither."""
    work = findings.evidence.field
    parts = {"voices": _voices(work), "practices": _practices(work)}
    sections = tuple(Section(key, say(f"title_{key}"), tuple(blocks)) for key, blocks in parts.items() if blocks)
    if not sections:
        return None
    return Section("field", say("title"), (paragraph(say("lead")),), sections)


# --- interviews and focus groups ------------------------------------------------------------------------------------------


def _voices(work: FieldWork) -> list[Block]:
    if not work.talks:
        return []
    taking_part = sum(talk.entry.participants for talk in work.talks)
    lead = say("voices_lead", talks=Number(len(work.talks)), people=Number(taking_part))
    made_up = [talk.entry.synthetic for talk in work.talks]
    notice = [Notice(say("all_synthetic" if all(made_up) else "synthetic"))] if any(made_up) else []
    return [paragraph(lead), *notice, _talks(work.talks), *_by_theme(work)]


def _talks(talks: Sequence[Talk]) -> Table:
    columns = (
        Column("label", say("label"), align="left"),
        Column("kind", say("kind"), align="left"),
        Column("who", say("who"), align="left"),
        Column("where", say("where"), align="left"),
        Column("date", say("date")),
        Column("quotations", say("quotations")),
    )
    mixed = len({talk.entry.synthetic for talk in talks}) > 1
    rows = tuple(
        Row(
            (
                Cell(_label(talk, mixed=mixed)),
                Cell(say(f"kind_{talk.entry.kind}", people=Number(talk.entry.participants))),
                Cell(talk.entry.who.words),
                Cell(talk.entry.where.words),
                Cell(Words.same(talk.entry.date)),
                Cell(Number(len(talk.quotations))),
            )
        )
        for talk in talks
    )
    return Table("talks", say("talks_table"), columns, rows, (say("talks_note"),))


def _label(talk: Talk, *, mixed: bool) -> Words:
    label = Words.same(talk.entry.label)
    return say("made_up", label=label) if mixed and talk.entry.synthetic else label


def _by_theme(work: FieldWork) -> Iterator[Block]:
    """What was said to each theme; of a quotation with two themes the second shows how it begins."""
    told: dict[Words, Words] = {}
    for theme, label in work.themes.items():
        said = [one for one in work.quotations if theme in one.themes]
        if not said:
            continue
        talks = len({one.talk for one in said})
        yield paragraph(say("theme", theme=label, talks=Number(talks)))
        new = [one for one in said if one.text not in told]
        again = [_quoted_again(one, told[one.text]) for one in said if one.text in told]
        told |= {one.text: label for one in new}
        yield Bullets((*(_quoted(one) for one in new), *again))


def _quoted_again(quotation: Quotation, theme: Words) -> Words:
    """So much of a quotation that one knows it again, and where the whole of it stands."""
    english = " ".join(quotation.text.en.split(" ")[:FIRST_WORDS]).rstrip(".,;:?!")
    chinese = re.split(r"[，。；：？！]", quotation.text.zh, maxsplit=1)[0]
    return say("quoted_before", start=Words(english, chinese), label=quotation.talk, theme=theme)


def _quoted(quotation: Quotation) -> Words:
    return say("quoted", text=quotation.text, label=quotation.talk)


# --- local practice -------------------------------------------------------------------------------------------------------

ASPECTS = ("who", "where", "what", "cost", "result", "repeatable")


def _practices(work: FieldWork) -> list[Block]:
    if not work.practices:
        return []
    rows = [row for practice in work.practices for row in _card(practice, work)]
    columns = (Column("aspect", say("aspect"), align="left"), Column("content", say("content"), align="left"))
    lead = say("practices_lead", times=Number(len(work.practices)))
    table = Table("local_practice", say("practices_table"), columns, tuple(rows), (say("practices_note"),))
    return [paragraph(lead), _overview(work.practices), table]


def _overview(practices: Sequence[Practice]) -> Table:
    columns = (
        Column("practice", say("practice"), align="left"),
        Column("where", say("where"), align="left"),
        Column("since", say("since")),
        Column("until", say("until")),
        Column("confidence", say("confidence"), align="left"),
    )
    rows = tuple(
        Row(
            (
                Cell(one.entry.title.words),
                Cell(one.entry.where.words),
                _date(one.entry.since),
                _date(one.entry.until),
                Cell(say(f"confidence_{one.entry.confidence}")),
            )
        )
        for one in practices
    )
    return Table("practices", say("overview_table"), columns, rows, (say("confidence_note"),))


def _date(text: str | None) -> Cell:
    return Cell(Words.same(text)) if text else Cell()


def _card(practice: Practice, work: FieldWork) -> Iterator[Row]:
    entry = practice.entry
    yield Row((Cell(entry.title.words),), "heading")
    for aspect in ASPECTS:
        told = getattr(entry, aspect)
        yield Row((Cell(say(f"aspect_{aspect}")), Cell(told.words if told else None)))
    if themes := [work.themes[one] for one in entry.themes if one in work.themes]:
        yield Row((Cell(say("aspect_themes")), Cell(joined(themes))))
    yield Row((Cell(say("aspect_sources")), Cell(_sources(entry))))


def _sources(entry: PracticeEntry) -> Words | None:
    return joined((_source(one) for one in entry.sources), en="; ", zh="；") if entry.sources else None


def _source(source: Source) -> Words:
    title = source.title.words
    if source.address:
        title = Words(f"[{title.en}]({source.address})", f"[{title.zh}]({source.address})")
    return say("dated", title=title, date=source.date) if source.date else title
