"""A report's paragraphs with their numbers, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from canbao.chapters.document import Document
from canbao.evidence.review.snapshot import NumberedParagraph, ParagraphKind, Snapshot, identified
from canbao.languages import LANGUAGES, Language, Words
from canbao.report.edition import (
    Edition,
    Heading,
    Headlines,
    Item,
    Listing,
    PrintedFigure,
    PrintedSmallCharts,
    PrintedTable,
    Remark,
    Text,
    Works,
    edition_of,
    plain,
)
from canbao.report.html import html_items

Part = tuple[ParagraphKind, str, str, str]
"""Kind, chapter, key and words."""


def printed_for_numbering(document: Document) -> dict[Language, Edition]:
    """A report in both languages, with the numbers of its paragraphs."""
    labelled = document if document.label else replace(document, label="numbered")
    return {language: edition_of(labelled, language) for language in LANGUAGES}


def snapshot_of(document: Document, editions: Mapping[Language, Edition], edition: str = "") -> Snapshot:
    """All paragraphs of a report.

    Args:
        document: the report.
        editions: as printed for numbering.
        edition: what it is called; blank for a report that nobody has taken as an edition.
    """
    return Snapshot(edition, document.date, document.title, numbered_paragraphs(editions))


def numbered_paragraphs(editions: Mapping[Language, Edition]) -> tuple[NumberedParagraph, ...]:
    """The paragraphs of both languages together: where authors wrote more in one, the other is blank."""
    parts = {language: dict(_parts(edition)) for language, edition in editions.items()}
    return identified((number, *_united(number, parts)) for number in _in_order(parts))


def fragments(edition: Edition) -> dict[str, str]:
    """Each paragraph, table and figure as it stands in the web page, by its number."""
    made = {}
    for item in edition.items:
        for at, number in enumerate(item.marks):
            one = replace(item, items=(item.items[at],)) if isinstance(item, Listing) else item
            made[number] = str(html_items([replace(one, marks=())], edition.words))
    return made


def _united(number: str, parts: Mapping[Language, Mapping[str, Part]]) -> tuple[ParagraphKind, str, str, Words]:
    known = [parts[language][number] for language in LANGUAGES if number in parts[language]]
    said = (parts[language][number][3] if number in parts[language] else "" for language in LANGUAGES)
    return known[0][0], known[0][1], known[0][2], Words(*said)


def _in_order(parts: Mapping[Language, Mapping[str, Part]]) -> list[str]:
    """By headings as they come, and by the number within each; headings are the same in both languages."""
    first, other = (list(parts[language]) for language in LANGUAGES)
    heads = {number: at for at, number in enumerate(dict.fromkeys(_head(one) for one in first + other))}
    # An author's first paragraph of a section may be in one language only, its heading never.
    return sorted(dict.fromkeys(first + other), key=lambda one: (heads[_head(one)], _position(one)))


def _head(number: str) -> str:
    return number.partition("-")[0].removesuffix(".0")


def _position(number: str) -> int:
    return int(number.partition("-")[2] or 0)


def _parts(edition: Edition) -> Iterator[tuple[str, Part]]:
    chapter = ""
    for item in edition.items:
        if isinstance(item, Heading) and item.level == 1 and item.key:
            chapter = item.key
        for at, number in enumerate(item.marks):
            kind, key, text = _told(item, at)
            yield number, (kind, chapter, key, text)


def _told(item: Item, at: int) -> tuple[ParagraphKind, str, str]:
    """Kind, key and words of one paragraph of an item."""
    match item:
        case Heading():
            return "heading", item.key, item.text
        case Text():
            return "text", "", plain(item.spans)
        case Listing():
            return "item", "", plain(item.items[at])
        case Remark():
            return "notice", "", plain(item.spans)
        case Headlines():
            told = (" ".join(filter(None, (one.number, one.label, one.detail))) for one in item.figures)
            return "headlines", "headlines", "\n".join(told)
        case PrintedSmallCharts():
            told = (f"{bar.label} {bar.number}" for chart in item.charts for bar in chart.bars)
            return "figure", "small_charts", "\n".join([*(chart.title for chart in item.charts), *told])
        case PrintedTable():
            return "table", item.key, _table(item)
        case PrintedFigure():
            return "figure", item.key, "\n".join([item.title, item.alt, *_table(item.data).split("\n")[1:]])
        case Works():
            return "references", "references", "\n".join(plain(entry) for entry in item.entries)


def _table(table: PrintedTable) -> str:
    """Title, heads, rows and notes, a line each."""
    heads = "\t".join(" ".join(filter(None, (one.group, one.label))) for one in table.columns)
    rows = ("\t".join(" ".join(filter(None, (cell.text, cell.small))) for cell in row.cells) for row in table.rows)
    notes = (plain(note) for note in table.notes)
    return "\n".join([table.title, heads, *rows, *notes, *([table.source] if table.source else [])])
