"""An edition as a Word document, with Word's own headings, captions, contents and table headers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor
from lxml.etree import SubElement

from canbao.evidence.review.anchors import bookmark
from canbao.outputs import fix_zip_times
from canbao.report.charts import png, small_bar
from canbao.report.edition import (
    LONGEST_PROPERTY,
    Edition,
    Heading,
    Headlines,
    Item,
    Listing,
    Marks,
    PrintedCell,
    PrintedFigure,
    PrintedLetter,
    PrintedSmallChart,
    PrintedSmallCharts,
    PrintedTable,
    Remark,
    Span,
    Text,
    Works,
)

SPELLING = {"en": "en-GB", "zh": "zh-CN"}
"""The language in which Word checks spelling and chooses the forms of Chinese characters."""

FONTS = {"en": ("Calibri", "Microsoft YaHei"), "zh": ("Calibri", "Microsoft YaHei")}
BLUE, SOFT, WARN = RGBColor(0x1E, 0x2D, 0xBE), RGBColor(0x5A, 0x62, 0x72), RGBColor(0x96, 0x0A, 0x55)
PALE = "EEF1F8"
TEXT_WIDTH, LANDSCAPE_WIDTH = Cm(16.6), Cm(26.1)
CONTENTS_LEVELS = 2
"""Headings down to this level stand in the table of contents."""

HELD = 2
"""So many last rows of a table stay on the page of its notes."""

PORTRAIT, LANDSCAPE = 112.0, 190.0
"""Digits that fit beside one another in a table, on an upright page and on one on its side."""


_WORDS = (Text, Listing, Remark)


def write_docx(edition: Edition, path: Path, _fonts: Path) -> None:
    """Write a Word document."""
    document = docx.Document()
    _Writer(document, edition).write()
    document.save(str(path))
    fix_zip_times(path, edition.document.date)


class _Writer:
    def __init__(self, document: Any, edition: Edition) -> None:
        self.document, self.edition = document, edition
        self.after_brief = False
        self.bookmarks = self.headings = 0
        self.turned = False
        self._named: dict[str, str] = {}

    def write(self) -> None:
        self._styles()
        self._properties()
        self._page(self.document.sections[0])
        if self.edition.letter is not None:
            self._letterhead(self.edition.letter)
        else:
            self._cover()
            self._contents()
        for at, item in enumerate(self.edition.items):
            self._turn(landscape=_is_wide(item) or _leads_to_wide(self.edition.items, at))
            self._item(item)
        if self.edition.made_with:
            self._paragraph([Span(self.edition.made_with)], "Note")

    # --- page and styles ----------------------------------------------------------------------------------------------

    def _properties(self) -> None:
        properties = self.document.core_properties
        made = datetime.combine(self.edition.document.date, time())
        properties.title = self.edition.title[:LONGEST_PROPERTY]
        properties.author = ", ".join(self.edition.authors)[:LONGEST_PROPERTY]
        properties.comments, properties.language = (
            self.edition.notice,
            SPELLING[self.edition.language],
        )
        properties.created = properties.modified = made
        properties.last_modified_by = "Canbao"
        properties.revision = 1
        properties.category = self.edition.document.label

    def _styles(self) -> None:
        styles = self.document.styles
        self._language()
        self._font(styles["Normal"], 10.5)
        styles["Normal"].paragraph_format.space_after = Pt(7)
        styles["Normal"].paragraph_format.line_spacing = 1.25
        is_letter = self.edition.letter is not None
        for level, size in ((1, 12.0 if is_letter else 20.0), (2, 14.0), (3, 12.0), (4, 11.0)):
            style = styles[f"Heading {level}"]
            self._font(style, size, BLUE, bold=True)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(18), Pt(6)
            style.paragraph_format.page_break_before = level == 1 and not is_letter
        self._font(styles["Caption"], 10, bold=True)
        styles["Caption"].font.italic = False
        styles["Caption"].paragraph_format.keep_with_next = True
        styles["Caption"].paragraph_format.space_before = Pt(12)
        for name, size, colour in (("Note", 8.5, SOFT), ("Cell", 8.5, None), ("Small", 7, SOFT)):
            style = styles.add_style(name, 1)
            style.base_style = styles["Normal"]
            self._font(style, size, colour)
            style.paragraph_format.space_after = Pt(2 if name == "Note" else 0)
            style.paragraph_format.line_spacing = 1.0
        for level in range(1, CONTENTS_LEVELS + 1):
            self._contents_style(level)
        self._named = {style.name: style.style_id for style in styles}

    def _language(self) -> None:
        """Chinese characters in the forms of the mainland, not in those of the template's Japanese."""
        own = SPELLING[self.edition.language]
        language = self.document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
        theme = self.document.settings.element.find(qn("w:themeFontLang"))
        for element in (language, theme):
            element.set(qn("w:val"), own)
            element.set(qn("w:eastAsia"), SPELLING["zh"])

    def _contents_style(self, level: int) -> None:
        style = self.document.styles.add_style(f"toc {level}", 1)
        style.base_style = self.document.styles["Normal"]
        self._font(style, 10.5, bold=level == 1)
        layout = style.paragraph_format
        layout.left_indent, layout.space_after, layout.line_spacing = Cm(0.8 * (level - 1)), Pt(2), 1.1
        layout.tab_stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)

    def _font(self, style: Any, size: float, colour: RGBColor | None = None, *, bold: bool | None = None) -> None:
        latin, chinese = FONTS[self.edition.language]
        style.font.name, style.font.size = latin, Pt(size)
        properties = style.element.get_or_add_rPr()
        fonts = properties.find(qn("w:rFonts"))
        # The theme's fonts would win over those that are named.
        for attribute in list(fonts.attrib):
            if "heme" in attribute:
                del fonts.attrib[attribute]
        for name, font in (("ascii", latin), ("hAnsi", latin), ("eastAsia", chinese), ("cs", latin)):
            fonts.set(qn(f"w:{name}"), font)
        if colour is not None:
            style.font.color.rgb = colour
        if bold is not None:
            style.font.bold = bold

    def _page(self, section: Any) -> None:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin = section.bottom_margin = Cm(2.2)
        header = section.header.paragraphs[0]
        self._runs(header, [Span(self.edition.title)], size=8, colour=SOFT)
        if self.edition.notice:
            self._runs(header, [Span("    "), Span(self.edition.notice, strong=True)], size=8, colour=WARN)
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _field(footer, "PAGE")

    def _letterhead(self, letter: PrintedLetter) -> None:
        self._paragraph([Span(letter.sender, strong=True)], "Normal", size=15, colour=BLUE)
        if letter.contact:
            self._paragraph([Span(letter.contact)], "Note", colour=SOFT)
        if self.edition.notice:
            self._paragraph([Span(self.edition.notice, strong=True)], "Normal", size=10, colour=WARN)
        line = self._paragraph([Span(self.edition.title, strong=True)], "Normal", size=17)
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        table = self.document.add_table(rows=0, cols=2)
        for label, fact in letter.facts:
            for cell, text in zip(table.add_row().cells, (label, fact), strict=True):
                self._runs(cell.paragraphs[0], [Span(text)], size=9.5)

    def _cover(self) -> None:
        for _ in range(5):
            self.document.add_paragraph()
        self._paragraph([Span(self.edition.words["report"])], "Normal", size=12, colour=SOFT)
        self._paragraph([Span(self.edition.title, strong=True)], "Normal", size=28, colour=BLUE)
        if self.edition.subtitle:
            self._paragraph([Span(self.edition.subtitle)], "Normal", size=16)
        self.document.add_paragraph()
        joiner = "、" if self.edition.language == "zh" else ", "
        self._paragraph([Span(joiner.join(self.edition.authors))], "Normal", size=12)
        self._paragraph([Span(self.edition.date)], "Normal", size=11, colour=SOFT)
        if self.edition.notice:
            self._paragraph([Span(self.edition.notice, strong=True)], "Normal", size=12, colour=WARN)

    def _contents(self) -> None:
        """A table of contents: the headings as they stand; Word works the page numbers out when it opens the file."""
        self.document.add_page_break()
        self._paragraph([Span(self.edition.words["contents"], strong=True)], "Normal", size=18, colour=BLUE)
        shown = [item for item in self.edition.items if isinstance(item, Heading) and item.level <= CONTENTS_LEVELS]
        line = None
        for position, heading in enumerate(shown, start=1):
            line = self._line(f"toc {heading.level}")
            if position == 1:
                _field_begin(line._p, rf'TOC \o "1-{CONTENTS_LEVELS}" \h \z \u')
            entry = _element("w:hyperlink", anchor=_place(position), history="1")
            line._p.append(entry)
            entry.append(_run_of(_numbered(heading)))
            entry.append(_run_of(_element("w:tab")))
            _field_begin(entry, rf"PAGEREF {_place(position)} \h")
            _field_end(entry)
        if line is not None:
            _field_end(line._p)
            # Nobody but a word processor knows on which page a heading comes to stand: it is asked to say so.
            settings = self.document.settings.element
            settings.find(qn("w:compat")).addprevious(_element("w:updateFields", val="true"))

    # --- items --------------------------------------------------------------------------------------------------------

    def _item(self, item: Item) -> None:
        match item:
            case Heading():
                line = self.document.add_heading(level=item.level)
                self._mark(line, item.marks, shown=False)
                self._listed_heading(line, item)
                if item.level == 1:
                    line.paragraph_format.page_break_before = not (item.brief and self.after_brief)
                    self.after_brief = item.brief
            case Text(spans, marks):
                self._paragraph(spans, "Normal", marks=marks)
            case Listing(items, ordered, marks):
                for at, spans in enumerate(items):
                    self._paragraph(spans, "List Number" if ordered else "List Bullet", marks=marks[at : at + 1])
            case Remark(spans, kind, marks):
                line = self._paragraph(spans, "Normal", colour=WARN if kind == "notice" else SOFT, marks=marks)
                _shade(line._p.get_or_add_pPr(), PALE)
            case Headlines(marks=marks):
                if marks:
                    self._mark(self._line("Note"), marks)
                self._headlines(item)
            case PrintedSmallCharts(charts, marks):
                if marks:
                    self._mark(self._line("Note"), marks)
                self._small_charts(charts)
            case PrintedTable():
                self._table(item)
            case PrintedFigure():
                self._figure(item)
            case Works(entries, marks):
                if marks:
                    self._mark(self._line("Note"), marks)
                for spans in entries:
                    line = self._paragraph(spans, "Normal")
                    line.paragraph_format.left_indent = Cm(1)
                    line.paragraph_format.first_line_indent = Cm(-1)

    def _listed_heading(self, line: Any, heading: Heading) -> None:
        """A heading's words, in the bookmark to which the table of contents leads."""
        if self.edition.letter is not None or heading.level > CONTENTS_LEVELS:
            line.add_run(_numbered(heading))
            return
        self.headings += 1
        self.bookmarks += 1
        line._p.append(_element("w:bookmarkStart", id=str(self.bookmarks), name=_place(self.headings)))
        line.add_run(_numbered(heading))
        line._p.append(_element("w:bookmarkEnd", id=str(self.bookmarks)))

    def _headlines(self, item: Headlines) -> None:
        across = item.across
        table = self.document.add_table(rows=-(-len(item.figures) // across), cols=across)
        table.autofit = False
        for position, figure in enumerate(item.figures):
            cell = table.cell(position // across, position % across)
            cell.width = Emu(int(TEXT_WIDTH / across))
            _shade(cell._tc.get_or_add_tcPr(), PALE)
            line = cell.paragraphs[0]
            self._runs(line, [Span(figure.number, strong=True)], size=20, colour=BLUE)
            self._runs(cell.add_paragraph(style="Cell"), [Span(figure.label)], size=9.5)
            if figure.detail:
                self._runs(cell.add_paragraph(style="Small"), [Span(figure.detail)], size=8, colour=SOFT)
        self.document.add_paragraph()

    def _small_charts(self, charts: Sequence[PrintedSmallChart]) -> None:
        table = self.document.add_table(rows=1, cols=len(charts))
        table.autofit = False
        width = int(TEXT_WIDTH / len(charts))
        for cell, chart in zip(table.rows[0].cells, charts, strict=True):
            cell.width = Emu(width)
            self._runs(cell.paragraphs[0], [Span(chart.title, strong=True)], size=9.5)
            for bar in chart.bars:
                line = cell.add_paragraph(style="Cell")
                line.paragraph_format.keep_with_next = True
                self._runs(line, [Span(f"{bar.label}  {bar.number}")], size=8.5)
                drawing = (
                    cell.add_paragraph(style="Small")
                    .add_run()
                    .add_picture(BytesIO(png(small_bar(bar.share))), width=Emu(int(width * 0.85)))
                )
                # What it shows is said in the line above.
                drawing._inline.docPr.set("descr", bar.number)
            self._runs(
                cell.add_paragraph(style="Small"),
                [Span(" ".join(filter(None, (chart.note, self.edition.words["figure"], chart.number))))],
                size=8,
                colour=SOFT,
            )
        self.document.add_paragraph()

    def _caption(self, kind: str, number: str, title: str, marks: Marks) -> None:
        line = self._line("Caption")
        self._mark(line, marks)
        self._runs(line, [Span(f"{self.edition.words[kind]} {number}  ")], colour=BLUE)
        self._runs(line, [Span(title)])

    def _figure(self, figure: PrintedFigure) -> None:
        self._caption("figure", figure.number, figure.title, figure.marks)
        line = self.document.add_paragraph()
        line.paragraph_format.keep_with_next = True
        shape = line.add_run().add_picture(BytesIO(png(figure.svg)), width=TEXT_WIDTH)
        if shape.height > Cm(20):
            shape.width, shape.height = Emu(int(shape.width * Cm(20) / shape.height)), Cm(20)
        shape._inline.docPr.set("descr", figure.alt)
        shape._inline.docPr.set("name", f"{self.edition.words['figure']} {figure.number}")
        self._notes(figure)

    def _notes(self, item: PrintedTable | PrintedFigure) -> None:
        said = [*item.notes, *([(Span(item.source),)] if item.source else [])]
        lines = [self._paragraph(note, "Note") for note in said] or [self._line("Note")]
        for line in lines[:-1]:
            line.paragraph_format.keep_with_next = True
        lines[0].paragraph_format.space_before = Pt(4)
        lines[-1].paragraph_format.space_after = Pt(12)

    def _table(self, item: PrintedTable) -> None:
        self._caption("table", item.number, item.title, item.marks)
        room = LANDSCAPE_WIDTH if self.turned else TEXT_WIDTH
        small = _need(item) > (LANDSCAPE if self.turned else PORTRAIT * 0.85)
        self._grid(item, room, 7.0 if small else 8.5)
        self._notes(item)

    def _turn(self, *, landscape: bool) -> None:
        """Go on on a page that stands or lies, if the last one did not."""
        if landscape == self.turned:
            return
        self.turned = landscape
        section = self.document.add_section()
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (Cm(29.7), Cm(21)) if landscape else (Cm(21), Cm(29.7))
        section.left_margin = section.right_margin = Cm(1.8 if landscape else 2.2)

    def _grid(self, item: PrintedTable, room: int, size: float) -> None:
        heads = 2 if item.grouped else 1
        table = self.document.add_table(rows=heads + len(item.rows), cols=len(item.columns))
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
        _borders(table)
        total = _need(item)
        widths = [Emu(int(room * (column.weight + 2.0) / total)) for column in item.columns]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        # Cells are taken row by row: asking the table for each one is slow.
        rows = [row._tr.tc_lst for row in table.rows]
        self._head(item, rows, heads, size)
        for left, (printed, cells) in enumerate(zip(item.rows[::-1], rows[: heads - 1 : -1], strict=True)):
            self._row(item, printed, cells, size, held=left < HELD or printed.kind == "heading")
        for row in table.rows[:heads] if heads == 1 else (table.rows[0], table.rows[1]):
            _repeat(row)
        for cells in rows:
            for cell, width in zip(cells, widths, strict=False):
                properties = cell.find(_CELL)
                if properties.find(_SPAN) is None:
                    properties.find(_WIDTH).set(_TWIPS, str(round(width.twips)))

    def _head(self, item: PrintedTable, rows: list[Any], heads: int, size: float) -> None:
        if heads == 2:
            at = 0
            while at < len(item.columns):
                group, end = item.columns[at].group, at + 1
                while group and end < len(item.columns) and item.columns[end].group == group:
                    end += 1
                self._fill(rows[0][at], [Span(group, strong=True)], size, "center" if end - at > 1 else "right")
                at = end
            _merge_groups(rows[0], item)
        for cell, column in zip(rows[heads - 1], item.columns, strict=True):
            self._fill(cell, [Span(column.label, strong=True)], size, column.align)
            _shade(cell.get_or_add_tcPr(), "DCE1F5")

    def _row(self, item: PrintedTable, printed: Any, cells: list[Any], size: float, *, held: bool) -> None:
        if printed.kind == "heading":
            self._fill(cells[0], [Span(printed.cells[0].text, strong=True)], size, "left", held=held)
            _shade(cells[0].get_or_add_tcPr(), PALE)
            _span_all(cells)
            return
        for cell, content, column in zip(cells, printed.cells, item.columns, strict=True):
            spans = content.spans
            if printed.kind == "total":
                spans = tuple(Span(one.text, True, one.emphasis, one.code, one.link) for one in spans)
            self._fill(cell, spans, size, column.align, content, held=held)

    def _fill(
        self,
        cell: Any,
        spans: Sequence[Span],
        size: float,
        align: str,
        content: PrintedCell | None = None,
        *,
        held: bool = False,
    ) -> None:
        line = cell.find(_PARAGRAPH)
        layout = SubElement(line, _LAYOUT)
        SubElement(layout, _STYLE, {_VALUE: "Cell"})
        if held:
            SubElement(layout, _KEPT)
        SubElement(layout, _ALIGNED, {_VALUE: align})
        for span in spans:
            _quick_run(line, span, size)
        if content is not None and content.small:
            _quick_run(line, Span(content.small), size * 0.82, colour=str(SOFT), breaks=True)

    # --- words --------------------------------------------------------------------------------------------------------

    def _paragraph(
        self,
        spans: Sequence[Span],
        style: str,
        size: float | None = None,
        colour: RGBColor | None = None,
        marks: Marks = (),
    ) -> Any:
        line = self._line(style)
        self._mark(line, marks)
        self._runs(line, spans, size=size, colour=colour)
        return line

    def _mark(self, line: Any, marks: Marks, *, shown: bool = True) -> None:
        """A paragraph's number in small print, in a bookmark by which comments on it are found again."""
        for mark in marks:
            self.bookmarks += 1
            line._p.append(_element("w:bookmarkStart", id=str(self.bookmarks), name=bookmark(mark)))
            if shown:
                self._runs(line, [Span(f"{mark}  ")], size=7, colour=SOFT)
            line._p.append(_element("w:bookmarkEnd", id=str(self.bookmarks)))

    def _line(self, style: str) -> Any:
        """A paragraph in a style, by its identity: python-docx goes through all styles to find one by its name."""
        line = self.document.add_paragraph()
        line._p.style = self._named[style]
        return line

    def _runs(self, line: Any, spans: Sequence[Span], size: float | None = None, colour: RGBColor | None = None) -> None:
        for span in spans:
            run = line.add_run(span.text)
            if span.strong:
                run.bold = True
            if span.emphasis:
                run.italic = True
            if size is not None:
                run.font.size = Pt(size)
            if colour is not None:
                run.font.color.rgb = colour
            if span.code:
                run.font.name = "Consolas"


def _need(table: PrintedTable) -> float:
    """How much room its columns want side by side."""
    return sum(column.weight + 2.0 for column in table.columns)


def _is_wide(item: Item) -> bool:
    return isinstance(item, PrintedTable) and _need(item) > PORTRAIT


def _leads_to_wide(items: Sequence[Item], at: int) -> bool:
    """Whether a heading, or words beneath one, stand right above a table on its side; a chapter's own stay."""
    if not isinstance(items[at], (Heading, *_WORDS)):
        return False
    # Where a chapter has nothing but words so far, they stay together at its beginning.
    before = next(
        (one for one in reversed(items[: at + 1]) if _begins(one) or not isinstance(one, (Heading, *_WORDS))), None
    )
    if before is None or _begins(before):
        return False
    under = next(one for one in reversed(items[: at + 1]) if not isinstance(one, _WORDS))
    following = next((one for one in items[at:] if not isinstance(one, (Heading, *_WORDS))), None)
    above = takewhile(lambda one: one is not following, items[at + 1 :])
    alone = isinstance(under, Heading) and not any(map(_begins, above))
    return alone and following is not None and _is_wide(following)


def _place(position: int) -> str:
    """The bookmark of a heading, named as Word names its own."""
    return f"_Toc{position:09d}"


def _begins(item: Item) -> bool:
    return isinstance(item, Heading) and item.level == 1


def _numbered(heading: Heading) -> str:
    return f"{heading.number}  {heading.text}" if heading.number else heading.text


# --- what python-docx has no names for ------------------------------------------------------------------------------------


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _quick_run(line: Any, span: Span, size: float, colour: str = "", *, breaks: bool = False) -> None:
    """A run of a cell, written as it stands in the file: a report has ten thousand, and one by one they take seconds."""
    run = SubElement(line, _RUN)
    properties = SubElement(run, _PROPERTIES)
    if span.code:
        SubElement(properties, _FONTS, {_ASCII: "Consolas", _HANSI: "Consolas"})
    if span.strong:
        SubElement(properties, _BOLD)
    if span.emphasis:
        SubElement(properties, _ITALIC)
    if colour:
        SubElement(properties, _COLOUR, {_VALUE: colour})
    SubElement(properties, _SIZE, {_VALUE: str(round(size * 2))})
    if breaks:
        SubElement(run, _BREAK)
    text = SubElement(run, _TEXT, {_SPACE: "preserve"})
    # What Word takes for a line's end or a tab is a space in a cell; other control characters no file may hold.
    text.text = "".join(one if one >= " " else " " for one in span.text)


_RUN, _PROPERTIES, _FONTS, _BOLD, _ITALIC, _COLOUR, _SIZE, _BREAK, _TEXT = (
    qn(f"w:{name}") for name in ("r", "rPr", "rFonts", "b", "i", "color", "sz", "br", "t")
)
_PARAGRAPH, _LAYOUT, _STYLE, _KEPT, _ALIGNED, _CELL, _SPAN, _WIDTH = (
    qn(f"w:{name}") for name in ("p", "pPr", "pStyle", "keepNext", "jc", "tcPr", "gridSpan", "tcW")
)
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TWIPS = qn("w:w")
_ASCII, _HANSI, _VALUE = (qn(f"w:{name}") for name in ("ascii", "hAnsi", "val"))


def _shade(properties: Any, colour: str) -> None:
    properties.append(_element("w:shd", val="clear", color="auto", fill=colour))


def _run_of(content: Any) -> Any:
    """A run of text, or of an element."""
    run = _element("w:r")
    if isinstance(content, str):
        text = _element("w:t")
        text.text = content
        text.set(_SPACE, "preserve")
        content = text
    run.append(content)
    return run


def _field(line: Any, code: str) -> None:
    _field_begin(line._p, code)
    _field_end(line._p)


def _field_begin(parent: Any, code: str) -> None:
    parent.append(_run_of(_element("w:fldChar", fldCharType="begin")))
    instruction = _element("w:instrText")
    instruction.text = code
    instruction.set(_SPACE, "preserve")
    parent.append(_run_of(instruction))
    parent.append(_run_of(_element("w:fldChar", fldCharType="separate")))


def _field_end(parent: Any) -> None:
    parent.append(_run_of(_element("w:fldChar", fldCharType="end")))


def _borders(table: Any) -> None:
    borders = _element("w:tblBorders")
    for edge, size, colour in (("top", "12", "1E2DBE"), ("bottom", "8", "1E2DBE"), ("insideH", "4", "DFE3EA")):
        borders.append(_element(f"w:{edge}", val="single", sz=size, space="0", color=colour))
    table._tbl.tblPr.append(borders)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))


def _span_all(cells: list[Any]) -> None:
    cells[0].grid_span = len(cells)
    for cell in cells[1:]:
        cell.getparent().remove(cell)


def _merge_groups(cells: list[Any], item: PrintedTable) -> None:
    at = 0
    while at < len(item.columns):
        group, end = item.columns[at].group, at + 1
        while group and end < len(item.columns) and item.columns[end].group == group:
            end += 1
        if end - at > 1:
            cells[at].grid_span = end - at
            for cell in cells[at + 1 : end]:
                cell.getparent().remove(cell)
        at = end
