"""The document that chapters write and `canbao.report` prints: sections, words, tables and figures, free of any format.

Every text is `Words`, both languages at once, in the inline marks of CommonMark: *emphasis*, **strong**, `code`,
[text](address), and [@key] for a citation. Every number keeps its value and the form in which it is to be printed;
no block holds a number that was typed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal

from canbao.evidence import brackets
from canbao.languages import Form, Language, Number, Words

Flag = Literal["suppressed", "unreliable"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval in a cell, both limits printed in the same form."""

    low: float | None
    high: float | None
    form: Form = "percent"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table cell: a number, an interval or words; nothing where nobody knows.

    Args:
        content: None is printed as a dash.
        flag: `suppressed` cells have no content; `unreliable` ones are marked (coefficient of variation above 30 %).
        interval: of the number in the same cell; printed small beneath it, and as columns of their own in files for
            machines (`<column>_low`, `<column>_high`).
    """

    content: Number | Interval | Words | None = None
    flag: Flag | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A table column.

    Args:
        key: its name in machine-readable files (snake case, English).
        label: its heading.
        group: a heading that spans it and its neighbours with the same group.
        align: numbers stand right, words left.
    """

    key: str
    label: Words
    group: Words | None = None
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: one cell a column. A `heading` row has one cell that spans the table.

    Args:
        cells: in the order of the columns.
        kind: how it is printed.
        key: by which text cites a figure of it; its first words where it has none.
    """

    cells: tuple[Cell, ...]
    kind: Literal["body", "heading", "total"] = "body"
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table with its notes; `key` names it in files and cross-references."""

    key: str
    title: Words
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Words, ...] = ()
    source: Words | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One drawn value with its interval; a suppressed or unknown one has None and leaves its place empty."""

    value: float | None
    low: float | None = None
    high: float | None = None
    flag: Flag | None = None


@dataclass(frozen=True, slots=True)
class StackedBars:
    """Horizontal bars that add up to 100 %, one a group: shares of the categories `series` in each of `groups`.

    Args:
        groups: labels of the bars, from top to bottom.
        series: labels of the parts, from left to right.
        values: one tuple a group, one point a series.
        panels: a heading for each group, repeated where groups belong together; None for one panel.
    """

    groups: tuple[Words, ...]
    series: tuple[Words, ...]
    values: tuple[tuple[Point, ...], ...]
    panels: tuple[Words, ...] | None = None


@dataclass(frozen=True, slots=True)
class Intervals:
    """Dots with intervals, one a group and series: shares (`percent`), or any other form.

    Args:
        groups: labels from top to bottom.
        series: labels told apart by colour and shape; one of them needs no legend.
        values: one tuple a group, one point a series.
        form: how the axis prints its numbers.
        panels: as in `StackedBars`.
        zero_line: a reference line at zero, for differences.
        axis: what is measured, with its unit.
        numbers: whether each value stands beside its dot.
    """

    groups: tuple[Words, ...]
    series: tuple[Words, ...]
    values: tuple[tuple[Point, ...], ...]
    axis: Words
    form: Form = "percent"
    panels: tuple[Words, ...] | None = None
    zero_line: bool = False
    numbers: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars with intervals, one a category, longest first or in the order given."""

    categories: tuple[Words, ...]
    values: tuple[Point, ...]
    axis: Words
    form: Form = "percent"


@dataclass(frozen=True, slots=True)
class Staircase:
    """Coverage as a staircase: from everybody down to the covered, with what is lost at each step and why.

    Args:
        steps: labels of the gaps in order of attribution, then of the covered.
        values: shares of all workers; they add up to 1.
        kinds: `gap` or `covered`, one a step.
    """

    steps: tuple[Words, ...]
    values: tuple[Point, ...]
    kinds: tuple[Literal["gap", "covered"], ...]


@dataclass(frozen=True, slots=True)
class Combinations:
    """Which sets occur together: an UpSet chart.

    Args:
        sets: labels of the sets.
        members: for each combination, which sets it holds (indices into `sets`).
        values: share of all for each combination, largest first.
    """

    sets: tuple[Words, ...]
    members: tuple[tuple[int, ...], ...]
    values: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines over a numeric axis, one a series, with bands where intervals are known.

    Args:
        x: positions, ascending.
        series: labels of the lines.
        values: one tuple a series, one point a position.
        x_axis: what the positions are, with unit.
        y_axis: what is measured, with unit.
        x_form: how positions are printed.
        y_form: how values are printed.
    """

    x: tuple[float, ...]
    series: tuple[Words, ...]
    values: tuple[tuple[Point, ...], ...]
    x_axis: Words
    y_axis: Words
    x_form: Form = "count"
    y_form: Form = "percent"


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """A procedure's steps from left to right; the width of a way is how many take it, its colour how long it lasts.

    Args:
        steps: their labels.
        cases: how many cases have each step.
        places: column from the left, and lane: 0 in the middle, negative ones above.
        ways: indices of the steps from and to which a way leads.
        taken: cases that take each way.
        days: mean days on each way.
    """

    steps: tuple[Words, ...]
    cases: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    ways: tuple[tuple[int, int], ...]
    taken: tuple[int, ...]
    days: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What stands where two things meet, as a table in colours: one word a field.

    Args:
        rows: labels from top to bottom.
        columns: labels from left to right.
        groups: a heading for each column, repeated where columns belong together.
        categories: the words, from the strongest to the weakest.
        fields: one tuple a row, for each column the number of its category; None where nobody knows.
    """

    rows: tuple[Words, ...]
    columns: tuple[Words, ...]
    groups: tuple[Words, ...]
    categories: tuple[Words, ...]
    fields: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class TileMap:
    """Places as tiles, about where they lie on a map, the darker the larger the value.

    Args:
        places: labels.
        positions: of each, column from the left and row from the top.
        values: one point a place; intervals are not drawn.
        axis: what is measured.
        form: how values are printed.
    """

    places: tuple[Words, ...]
    positions: tuple[tuple[int, int], ...]
    values: tuple[Point, ...]
    axis: Words
    form: Form = "percent"


@dataclass(frozen=True, slots=True)
class FlowDiagram:
    """How many came how far, in boxes from top to bottom, and how many were left out at each.

    Args:
        stages: for each box what it holds, with how many.
        left: for each box what was left out there, with how many; empty where nothing was.
    """

    stages: tuple[tuple[tuple[Words, int], ...], ...]
    left: tuple[tuple[tuple[Words, int], ...], ...]


Chart = StackedBars | Intervals | Bars | Staircase | Combinations | Curves | ProcessMap | Matrix | TileMap | FlowDiagram


@dataclass(frozen=True, slots=True)
class Figure:
    """A numbered chart.

    Args:
        key: names it in files and cross-references.
        title: what it shows.
        alt: what a reader who cannot see it should hear: the finding, with its numbers.
        notes: what stands beneath it, wherever it is shown.
        headline: the message in one sentence, if it deserves a slide of its own.
        pointers: notes that lead to other places of the report, and mean nothing on a slide.
    """

    key: str
    title: Words
    chart: Chart
    alt: Words
    notes: tuple[Words, ...] = ()
    source: Words | None = None
    headline: Words | None = None
    pointers: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Generated words."""

    text: Words


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short statements.

    Args:
        messages: whether they are worth repeating among the key findings, as a figure's headline is.
    """

    items: tuple[Words, ...]
    messages: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Words set apart: what a reader must know (`notice`), or what the data could not answer (`missing`)."""

    text: Words
    kind: Literal["notice", "missing"] = "notice"


@dataclass(frozen=True, slots=True)
class Authored:
    """What the study's authors wrote, as CommonMark, its figures filled in; the languages need not run parallel."""

    markdown: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A headline number with the words that make it meaningful."""

    number: Number
    label: Words
    detail: Words | None = None


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The few numbers of a page that people will remember.

    Args:
        of: what they are about, where that is less than the whole report.
    """

    figures: tuple[KeyFigure, ...]
    of: Words | None = None


@dataclass(frozen=True, slots=True)
class SmallChart:
    """A figure's shares of all workers again, small enough to stand beside others.

    Args:
        title: what they are shares of.
        bars: labels with their shares, from top to bottom.
        figure: the key of the figure in which more stands.
        note: how they are counted.
    """

    title: Words
    bars: tuple[tuple[Words, Point], ...]
    figure: str
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class SmallCharts:
    """A few figures at a glance, side by side, without numbers of their own."""

    charts: tuple[SmallChart, ...]


@dataclass(frozen=True, slots=True)
class References:
    """Where the list of the works cited stands."""


Block = Paragraph | Bullets | Notice | Authored | KeyFigures | SmallCharts | Table | Figure | References


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it.

    Args:
        key: names it in the outline, in addresses and in the authors' text folder.
        numbered: chapters and their sections are; key findings and annexes are not.
    """

    key: str
    title: Words
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    numbered: bool = True

    def walk(self) -> Iterator[Block]:
        """Its blocks and those of its sections, in reading order."""
        yield from self.blocks
        for section in self.sections:
            yield from section.walk()


def cited_in(part: object) -> frozenset[str]:
    """The keys of all works that a text, a block, a section or several of them cite."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "[" in one:
                found |= {citation.key for bracket in brackets(one) for citation in bracket.citations}
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, tuple | list):
            waiting += one
        elif is_dataclass(one):
            waiting += (getattr(one, entry.name) for entry in fields(one))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Reference:
    """A work of the literature as each language prints it.

    Args:
        citation: in the text, with brackets: "(Zhang and Liu 2024)", "〔1〕".
        entry: in the list of references, in inline marks.
    """

    key: str
    citation: Words
    entry: Words


@dataclass(frozen=True, slots=True)
class Letter:
    """What makes a document a letter: plain pages under a letterhead, without a cover, contents and numbered captions.

    Args:
        sender: who writes.
        contact: whom to ask.
        facts: what stands beside one another under the letterhead: to whom, for which month, its number, its day.
        dated: whether the document's date is the letter's.
    """

    sender: Words
    contact: Words | None
    facts: tuple[tuple[Words, Words], ...]
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Args:
        notice: printed on every page, for synthetic data.
        date: the study's date: every time stamp in the files is this day, so that the same input gives the same bytes.
        references: the works that may be cited, in the order of each language's list.
        chapters: in order; the first is the key findings.
        letter: for what is sent to somebody; a report has none.
        kind: what stands above the title; an assessment report where nothing is said.
        edition: what is said of this edition on every page: that it is a draft, say.
        label: by which files of an edition are known again (`draft-1`); with it, paragraphs are printed with numbers.
    """

    key: str
    title: Words
    subtitle: Words
    authors: tuple[Words, ...]
    date: datetime.date
    chapters: tuple[Section, ...]
    references: Mapping[Language, tuple[Reference, ...]]
    notice: Words | None = None
    made_with: Words | None = None
    letter: Letter | None = None
    kind: Words | None = None
    edition: Words | None = None
    label: str = ""

    def tables(self) -> Iterator[Table]:
        """All tables in reading order."""
        yield from (block for block in self.walk() if isinstance(block, Table))

    def figures(self) -> Iterator[Figure]:
        """All figures in reading order."""
        yield from (block for block in self.walk() if isinstance(block, Figure))

    def walk(self) -> Iterator[Block]:
        """All blocks in reading order."""
        for chapter in self.chapters:
            yield from chapter.walk()
