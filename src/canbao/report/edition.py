"""A document in one language, with every number printed and every table and figure numbered.

Writers for single formats only lay out what stands here, so that all formats of an edition say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from canbao.chapters.document import (
    Authored,
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Figure,
    Interval,
    KeyFigures,
    Notice,
    Paragraph,
    References,
    Section,
    SmallChart,
    SmallCharts,
    Table,
)
from canbao.evidence import Citation, with_citations
from canbao.languages import UNKNOWN, Catalogue, Language, Number, Words
from canbao.report.chart_tables import chart_table
from canbao.report.charts import draw, for_slide

say = Catalogue("canbao.report", "words")

SUPPRESSED, UNRELIABLE = "··", "†"

DEEPEST = 4
"""Level of the smallest headings."""

LONGEST_PROPERTY = 255
"""Characters that office programs keep of a title or author in a file's properties."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str | None = None


Spans = tuple[Span, ...]
Marks = tuple[str, ...]
"""The numbers under which an item's paragraphs can be commented on: 5.2-3; none where an edition is not numbered."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (chapters) to 4; `number` is empty where it has none.

    Args:
        brief: a chapter that only says what it would need, and deserves no page of its own.
    """

    level: int
    number: str
    text: str
    key: str
    brief: bool = False
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    spans: Spans
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of statements."""

    items: tuple[Spans, ...]
    ordered: bool = False
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Words set apart."""

    spans: Spans
    kind: Literal["notice", "missing", "quote"]
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Headline:
    """A number in large print: the number, what it is, and its interval."""

    number: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Headlines:
    """The numbers of the first page, or of what `of` names."""

    figures: tuple[Headline, ...]
    of: str = ""
    marks: Marks = ()

    @property
    def across(self) -> int:
        """How many stand side by side: as many as leave no row half empty."""
        return 4 if len(self.figures) % 4 == 0 else 3


@dataclass(frozen=True, slots=True)
class PrintedBar:
    """A share as a small bar; a hidden one has no length."""

    label: str
    number: str
    share: float

    @property
    def percent(self) -> float:
        """How much of the room it takes."""
        return round(self.share * 100, 1)


@dataclass(frozen=True, slots=True)
class PrintedSmallChart:
    """A figure at a glance, and the number under which the whole of it stands."""

    title: str
    bars: tuple[PrintedBar, ...]
    key: str
    number: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PrintedSmallCharts:
    """Figures at a glance, side by side."""

    charts: tuple[PrintedSmallChart, ...]
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A table cell as it is printed.

    Args:
        spans: what stands in it.
        small: the interval beneath.
        source: the cell as the chapters made it, for formats that keep numbers.
    """

    spans: Spans
    small: str = ""
    source: Cell | None = None

    @property
    def text(self) -> str:
        """Without marks."""
        return plain(self.spans)


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """A column's headings, and how much room its words need."""

    key: str
    label: str
    group: str
    align: Literal["left", "right"]
    weight: float


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A table row."""

    cells: tuple[PrintedCell, ...]
    kind: Literal["body", "heading", "total"]


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A numbered table."""

    key: str
    number: str
    title: str
    columns: tuple[PrintedColumn, ...]
    rows: tuple[PrintedRow, ...]
    notes: tuple[Spans, ...]
    source: str
    marks: Marks = ()

    @property
    def grouped(self) -> bool:
        """Whether some columns have a heading in common."""
        return any(column.group for column in self.columns)


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """A numbered chart.

    Args:
        svg: the drawing.
        slide: the drawing for a slide, shorter where the other is long.
        data: what is drawn, as a table, for those who cannot see it.
        headline: its message.
        slide_notes: those of its notes that do not lead to other places of the report.
    """

    key: str
    number: str
    title: str
    svg: str
    slide: str
    alt: str
    data: PrintedTable
    notes: tuple[Spans, ...]
    source: str
    headline: str
    slide_notes: tuple[Spans, ...] = ()
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Works:
    """The list of references."""

    entries: tuple[Spans, ...]
    marks: Marks = ()


Item = Heading | Text | Listing | Remark | Headlines | PrintedSmallCharts | PrintedTable | PrintedFigure | Works


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """What stands above a letter: its sender, whom to ask, and facts with their labels."""

    sender: str
    contact: str
    facts: tuple[tuple[str, str], ...]
    dated: bool


@dataclass(frozen=True)
class Edition:
    """A report in one language.

    Args:
        notice: printed on every page: that data are synthetic, that this is a draft.
        words: what the layout itself says: contents, page, notes.
        letter: of letters; None of reports.
    """

    language: Language
    document: Document
    title: str
    subtitle: str
    authors: tuple[str, ...]
    date: str
    notice: str
    made_with: str
    items: tuple[Item, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    letter: PrintedLetter | None = None

    @property
    def tables(self) -> list[PrintedTable]:
        """All tables in order."""
        return [item for item in self.items if isinstance(item, PrintedTable)]

    @property
    def figures(self) -> list[PrintedFigure]:
        """All figures in order."""
        return [item for item in self.items if isinstance(item, PrintedFigure)]

    @property
    def characters(self) -> frozenset[str]:
        """Every character that is printed."""
        return frozenset(character for text in self._texts() for character in text)

    def _texts(self) -> Iterator[str]:
        yield from (
            self.title,
            self.subtitle,
            *self.authors,
            self.date,
            self.notice,
            self.made_with,
            *self.words.values(),
        )
        if self.letter is not None:
            yield from (self.letter.sender, self.letter.contact, *(text for fact in self.letter.facts for text in fact))
        for item in self.items:
            yield from _texts_of(item)


LAYOUT_WORDS = ("contents", "table", "figure", "chart_data", "report", "key_messages", "scroll_hint", "procedures")


def edition_of(document: Document, language: Language) -> Edition:
    """Print a document in one language."""
    printer = _Printer(document, language)
    items = tuple(printer.items())
    return Edition(
        language=language,
        document=document,
        title=document.title[language],
        subtitle=document.subtitle[language],
        authors=tuple(author[language] for author in document.authors),
        date=Words.day(document.date)[language],
        notice=_notice(document, language),
        made_with=document.made_with[language] if document.made_with else "",
        items=items,
        words={key: say(key)[language] for key in LAYOUT_WORDS}
        | ({"report": document.kind[language]} if document.kind else {}),
        letter=_letter_of(document, language),
    )


def _letter_of(document: Document, language: Language) -> PrintedLetter | None:
    if document.letter is None:
        return None
    facts = tuple((label[language], fact[language]) for label, fact in document.letter.facts)
    contact = document.letter.contact
    return PrintedLetter(
        document.letter.sender[language], contact[language] if contact else "", facts, document.letter.dated
    )


def _notice(document: Document, language: Language) -> str:
    said = [one[language] for one in (document.edition, document.notice) if one is not None]
    return (" · " if language == "en" else "　").join(said)


def plain(spans: Iterable[Span]) -> str:
    """The text without marks."""
    return "".join(span.text for span in spans)


class _Printer:
    def __init__(self, document: Document, language: Language) -> None:
        self.document, self.language = document, language
        self.citations = {work.key: work.citation[language] for work in document.references.get(language, ())}
        self.tables = self.figures = self.chapters = self.lettered = 0
        self.numbers = {figure.key: f"{at}" for at, figure in enumerate(document.figures(), start=1)}

    def items(self) -> Iterator[Item]:
        for chapter in self.document.chapters:
            number = ""
            if chapter.numbered:
                self.chapters += 1
                number = str(self.chapters)
            else:
                self.lettered += 1
            yield from self._section(chapter, 1, number, chapter.key, number or lettered(self.lettered))

    def _section(self, section: Section, level: int, number: str, key: str, mark: str) -> Iterator[Item]:
        brief = not section.sections and all(isinstance(block, Notice) for block in section.blocks)
        yield Heading(level, number, section.title[self.language], key, brief, (mark,) if self.document.label else ())
        at = 0
        for block in section.blocks:
            items = list(self._block(block, level))
            # Of a chapter's own paragraphs the section is 0: spreadsheets take 5-3 for the third of May.
            yield from self._marked(items, mark if level > 1 else f"{mark}.0", at)
            at += self._paragraphs(block, items, level)
        count = 0
        for position, part in enumerate(section.sections, start=1):
            inner = ""
            if part.numbered and number:
                count += 1
                inner = f"{number}.{count}"
            below = inner or f"{mark}.{lettered(position) if number else position}"
            yield from self._section(part, level + 1, inner, f"{key}-{part.key}", below)

    def _marked(self, items: Iterable[Item], mark: str, at: int) -> Iterator[Item]:
        """The items with the numbers of their paragraphs, where the edition is to be commented on."""
        for item in items:
            if not self.document.label or isinstance(item, Heading):
                yield item
                continue
            marks = tuple(f"{mark}-{at + one}" for one in range(1, paragraphs_of(item) + 1))
            at += len(marks)
            yield replace(item, marks=marks)

    def _paragraphs(self, block: Block, items: Sequence[Item], level: int) -> int:
        """How many numbers a block takes: where authors wrote more in one language, as many as there."""
        if not isinstance(block, Authored):
            return sum(map(paragraphs_of, items))
        written = (self._authored(text, level) for text in block.markdown.values())
        return max((sum(map(paragraphs_of, one)) for one in written), default=0)

    def _block(self, block: Block, level: int) -> Iterator[Item]:
        match block:
            case Paragraph(text):
                yield Text(self._spans(text[self.language]))
            case Bullets(items):
                yield Listing(tuple(self._spans(item[self.language]) for item in items))
            case Notice(text, kind):
                yield Remark(self._spans(text[self.language]), kind)
            case Authored(markdown):
                if self.language in markdown:
                    yield from self._authored(markdown[self.language], level)
            case KeyFigures(figures, of):
                yield Headlines(
                    tuple(
                        Headline(
                            one.number.text(self.language),
                            one.label[self.language],
                            one.detail[self.language] if one.detail else "",
                        )
                        for one in figures
                    ),
                    of[self.language] if of else "",
                )
            case SmallCharts(charts):
                yield PrintedSmallCharts(tuple(map(self._small_chart, charts)))
            case Table():
                self.tables += 1
                yield self._table(block, f"{self.tables}")
            case Figure():
                self.figures += 1
                yield self._figure(block, f"{self.figures}")
            case References():
                works = self.document.references.get(self.language, ())
                yield Works(tuple(self._spans(work.entry[self.language]) for work in works))

    # --- tables and figures -------------------------------------------------------------------------------------------

    def _table(self, table: Table, number: str) -> PrintedTable:
        rows = tuple(PrintedRow(tuple(self._cell(cell) for cell in row.cells), row.kind) for row in table.rows)
        notes = [self._spans(note[self.language]) for note in (*table.notes, *_mark_notes(table))]
        return PrintedTable(
            key=table.key,
            number=number,
            title=table.title[self.language],
            columns=tuple(self._column(column, at, rows) for at, column in enumerate(table.columns)),
            rows=rows,
            notes=tuple(notes),
            source=table.source[self.language] if table.source else "",
        )

    def _column(self, column: Column, at: int, rows: Sequence[PrintedRow]) -> PrintedColumn:
        label = column.label[self.language]
        widths = [_width(cell.text) for row in rows if row.kind != "heading" for cell in row.cells[at : at + 1]]
        smalls = [_width(cell.small) * 0.85 for row in rows if row.kind != "heading" for cell in row.cells[at : at + 1]]
        longest_word = (
            max((_width(word) for word in re.split(r"[\s\-–]+", label)), default=0) if self.language == "en" else 4
        )
        need = max([min(max(widths, default=0), 34), *smalls, longest_word, 3])
        group = column.group[self.language] if column.group else ""
        return PrintedColumn(column.key, label, group, column.align, need)

    def _cell(self, cell: Cell) -> PrintedCell:
        small = self._interval(cell.interval) if cell.interval is not None else ""
        # One dash says that nothing is known of either limit.
        small = "" if small == UNKNOWN else small
        if cell.flag == "suppressed":
            return PrintedCell((Span(SUPPRESSED),), "", cell)
        match cell.content:
            case None:
                return PrintedCell((Span(UNKNOWN),), "", cell)
            case Words():
                return PrintedCell(self._spans(cell.content[self.language]), small, cell)
            case Interval():
                return PrintedCell((Span(self._interval(cell.content)),), "", cell)
            case Number():
                text = cell.content.text(self.language)
                return PrintedCell((Span(f"{text}{UNRELIABLE}" if cell.flag == "unreliable" else text),), small, cell)

    def _interval(self, interval: Interval) -> str:
        form = "points" if interval.form == "percent" else interval.form
        low, high = (Number(value, form).text(self.language) for value in (interval.low, interval.high))
        if low == high == UNKNOWN:
            return UNKNOWN
        return f"{low} – {high}" if "−" in low + high else f"{low}–{high}"

    def _figure(self, figure: Figure, number: str) -> PrintedFigure:
        data = chart_table(figure)
        svg, shorter = draw(figure.chart, self.language), for_slide(figure.chart)
        return PrintedFigure(
            key=figure.key,
            number=number,
            title=figure.title[self.language],
            svg=svg,
            slide=svg if shorter is figure.chart else draw(shorter, self.language),
            alt=figure.alt[self.language],
            data=self._table(data, ""),
            notes=self._notes(*figure.notes, *figure.pointers, *_drawn_marks(data)),
            slide_notes=self._notes(*figure.notes, *_drawn_marks(data)),
            source=figure.source[self.language] if figure.source else "",
            headline=figure.headline[self.language] if figure.headline else "",
        )

    def _notes(self, *notes: Words) -> tuple[Spans, ...]:
        return tuple(self._spans(note[self.language]) for note in notes)

    def _small_chart(self, chart: SmallChart) -> PrintedSmallChart:
        bars = (
            PrintedBar(
                label[self.language],
                SUPPRESSED if point.flag == "suppressed" else Number(point.value, "percent").text(self.language),
                point.value or 0.0,
            )
            for label, point in chart.bars
        )
        note = chart.note[self.language] if chart.note else ""
        return PrintedSmallChart(chart.title[self.language], tuple(bars), chart.figure, self.numbers[chart.figure], note)

    # --- words --------------------------------------------------------------------------------------------------------

    def _spans(self, text: str) -> Spans:
        cited = with_citations(text, self._cited)
        tokens = _markdown().parseInline(_spaced(cited) if self.language == "zh" else cited)
        return tuple(_inline(tokens[0].children or [])) if tokens else ()

    def _cited(self, citations: Sequence[Citation]) -> str | None:
        if any(one.key not in self.citations for one in citations):
            return None
        comma = ", " if self.language == "en" else "，"
        inner = [
            comma.join([re.sub(r"^[(（\\\[]+|[)）\\\]]+$", "", self.citations[one.key]), *filter(None, [one.locator])])
            for one in citations
        ]
        return f"({'; '.join(inner)})" if self.language == "en" else f"（{'；'.join(inner)}）"

    def _authored(self, markdown: str, level: int) -> Iterator[Item]:
        cited = with_citations(markdown, self._cited)
        if self.language == "zh":
            # A line break between Chinese characters is no space.
            cited = _spaced(re.sub(r"(?<=[\u2e80-\uffef])\n(?=[\u2e80-\uffef])", "", cited))
        yield from _blocks(_markdown().parse(cited), level)


def paragraphs_of(item: Item) -> int:
    """How many numbered paragraphs an item is: each statement of a list is one."""
    return 0 if isinstance(item, Heading) else len(item.items) if isinstance(item, Listing) else 1


def lettered(position: int) -> str:
    """A, B … Z, AA, AB …: chapters without a number."""
    quotient, rest = divmod(position - 1, 26)
    return (lettered(quotient) if quotient else "") + chr(ord("A") + rest)


@cache
def _markdown() -> MarkdownIt:
    """CommonMark; markup of others is shown as it was typed, never passed on."""
    return MarkdownIt("commonmark", {"html": False})


def _spaced(text: str) -> str:
    """Chinese without blanks between words and numbers: sentences that come from many places are written one way.

    Those that set the type add what room belongs there.
    """
    return re.sub(r"(?<=[\u2e80-\uffef]) ?(−?\d[\d,.]*%?) ?(?=[\u2e80-\uffef])", r"\1", text)


def _inline(tokens: Sequence[Token]) -> Iterator[Span]:
    style = Span("")
    for token in tokens:
        match token.type:
            case "text" | "html_inline":
                yield replace(style, text=token.content)
            case "code_inline":
                yield replace(style, text=token.content, code=True)
            case "softbreak" | "hardbreak":
                yield replace(style, text=" ")
            case "strong_open" | "strong_close":
                style = replace(style, strong=token.type == "strong_open")
            case "em_open" | "em_close":
                style = replace(style, emphasis=token.type == "em_open")
            case "link_open":
                style = replace(style, link=_safe_address(str(token.attrGet("href") or "")))
            case "link_close":
                style = replace(style, link=None)
            case "image":
                yield replace(style, text=token.content)


def _safe_address(address: str) -> str | None:
    return address if re.match(r"https?://|mailto:", address) else None


def _blocks(tokens: Sequence[Token], level: int) -> Iterator[Item]:
    """The authors' blocks; lists are one level deep, quotations are set apart."""
    items: list[Spans] = []
    depth, quoted, heading, ordered = 0, 0, 0, False
    above: list[int] = []
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                ordered = token.type == "ordered_list_open" if depth == 0 else ordered
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
                if depth == 0:
                    yield Listing(tuple(items), ordered)
                    items = []
            case "blockquote_open" | "blockquote_close":
                quoted += 1 if token.type == "blockquote_open" else -1
            case "heading_open" | "heading_close":
                heading = int(token.tag[1:]) if token.type == "heading_open" else 0
            case "inline":
                spans = tuple(_inline(token.children or []))
                if heading:
                    # Whatever levels the authors chose, theirs begin below the place where the text stands and skip none.
                    if text := plain(spans).strip():
                        above = [*(one for one in above if one < heading), heading]
                        yield Heading(min(level + len(above), DEEPEST), "", text, "")
                elif depth:
                    items.append(spans)
                elif quoted:
                    yield Remark(spans, "quote")
                else:
                    yield Text(spans)
            case "code_block" | "fence":
                yield Text((Span(token.content.rstrip(), code=True),))


def _mark_notes(table: Table) -> list[Words]:
    """What the marks in a table mean, where they occur."""
    cells = [cell for row in table.rows for cell in row.cells]
    notes = []
    if any(cell.flag == "suppressed" for cell in cells):
        notes.append(say("suppressed_note"))
    if any(cell.flag == "unreliable" for cell in cells):
        notes.append(say("unreliable_note"))
    return notes


def _drawn_marks(data: Table) -> list[Words]:
    """What the marks in a drawing mean: of what is hidden it shows the place, of what is uncertain the interval alone."""
    hidden = any(cell.flag == "suppressed" for row in data.rows for cell in row.cells)
    return [say("suppressed_note")] if hidden else []


def _width(text: str) -> float:
    """In units of a digit: a Chinese character takes two."""
    return sum(1.8 if ord(character) > 0x2E80 else 1.0 for character in text)


def _texts_of(item: Item) -> Iterator[str]:
    match item:
        case Heading():
            yield from (item.text, item.number)
        case Text(spans) | Remark(spans, _, _):
            yield plain(spans)
        case Listing(items, _, _):
            yield from (plain(spans) for spans in items)
        case Works(entries, _):
            yield from (plain(spans) for spans in entries)
        case Headlines(figures=figures):
            for figure in figures:
                yield from (figure.number, figure.label, figure.detail)
        case PrintedSmallCharts(charts, _):
            for chart in charts:
                yield from (chart.title, chart.note)
                yield from (text for bar in chart.bars for text in (bar.label, bar.number))
        case PrintedTable():
            yield from (item.title, item.source, item.number, *(plain(note) for note in item.notes))
            for column in item.columns:
                yield from (column.label, column.group)
            for row in item.rows:
                yield from (text for cell in row.cells for text in (cell.text, cell.small))
        case PrintedFigure():
            yield from (
                item.title,
                item.alt,
                item.source,
                item.headline,
                item.svg,
                *(plain(note) for note in item.notes),
            )
            yield from _texts_of(item.data)
