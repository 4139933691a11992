"""Slides for a seminar: the key numbers, a slide for each figure that has a message, conclusions, recommendations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import pptx
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from canbao.outputs import fix_zip_times
from canbao.report.charts import png
from canbao.report.edition import (
    LONGEST_PROPERTY,
    Edition,
    Heading,
    Headlines,
    Item,
    Listing,
    PrintedFigure,
    Span,
    Spans,
    Text,
    plain,
)

COLOURS: Any = RGBColor  # without types of its own
BLUE, SOFT, WARN, WHITE = (COLOURS.from_string(code) for code in ("1E2DBE", "5A6272", "960A55", "FFFFFF"))
WIDTH, HEIGHT, EDGE = Inches(13.333), Inches(7.5), Inches(0.6)
BLANK_LAYOUT, TITLE_ONLY = 6, 5
FEW, ROWS = 3, 3
"""Up to so many numbers about one thing share a slide with those about others, so many things on each."""

CONCLUSIONS, RECOMMENDATIONS = "conclusions", "recommendations-each"
STATEMENT_SIZE = 16
LINE, LINES = 106, 19
"""Letters in a line of statements, and lines on a slide."""


def write_pptx(edition: Edition, path: Path, _fonts: Path) -> None:
    """Write the slides."""
    slides = pptx.Presentation()
    slides.slide_width, slides.slide_height = WIDTH, HEIGHT
    _Slides(slides, edition).write()
    slides.save(str(path))
    fix_zip_times(path, edition.document.date)


class _Slides:
    def __init__(self, slides: Any, edition: Edition) -> None:
        self.slides, self.edition = slides, edition

    def write(self) -> None:
        properties = self.slides.core_properties
        properties.title = self.edition.title[:LONGEST_PROPERTY]
        properties.author = ", ".join(self.edition.authors)[:LONGEST_PROPERTY]
        properties.created = properties.modified = datetime.combine(self.edition.document.date, time())
        properties.last_modified_by = "Canbao"
        self._cover()
        headlines = [item for item in self.edition.items if isinstance(item, Headlines)]
        beside = [item for item in headlines if item.of and len(item.figures) <= FEW]
        together = beside if len(beside) > 1 else []
        for item in headlines:
            if item not in together:
                self._headlines(item)
        for first in range(0, len(together), ROWS):
            self._rows_of_headlines(together[first : first + ROWS])
        for figure in self.edition.figures:
            if figure.headline:
                self._figure(figure)
        for heading, statements in _statements(self.edition.items):
            self._statements(heading, statements)

    def _slide(self, title: str) -> Any:
        slide = self.slides.slides.add_slide(self.slides.slide_layouts[TITLE_ONLY])
        shape = slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = EDGE, Inches(0.35), WIDTH - 2 * EDGE, Inches(1.15)
        title = title.rstrip(".。")
        self._say(shape.text_frame, title, _title_size(title), BLUE, bold=True)
        shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        self._footer(slide)
        return slide

    def _cover(self) -> None:
        slide = self.slides.slides.add_slide(self.slides.slide_layouts[TITLE_ONLY])
        panel = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, WIDTH, Inches(5.1))
        panel.fill.solid()
        panel.fill.fore_color.rgb = BLUE
        panel.line.fill.background()
        title = slide.shapes.title
        # The title is above the panel: it is drawn after it.
        slide.shapes._spTree.append(title._element)
        title.left, title.top, title.width, title.height = Inches(0.9), Inches(1.3), Inches(11.4), Inches(2.2)
        self._say(title.text_frame, self.edition.title, 38, WHITE, bold=True)
        self._box(slide, Inches(0.9), Inches(3.6), Inches(11.4), Inches(0.8), self.edition.subtitle, 20, WHITE)
        joiner = "、" if self.edition.language == "zh" else ", "
        imprint = f"{joiner.join(self.edition.authors)}   {self.edition.date}"
        self._box(slide, Inches(0.9), Inches(5.4), Inches(11.4), Inches(0.6), imprint, 16, SOFT)
        self._footer(slide)

    def _headlines(self, item: Headlines) -> None:
        slide = self._slide(item.of or self.edition.words["key_messages"])
        across = item.across
        width, height = (WIDTH - 2 * EDGE) / across, Inches(2.45)
        for position, figure in enumerate(item.figures):
            left = EDGE + width * (position % across)
            top = Inches(1.75) + height * (position // across)
            self._box(slide, left, top, width, Inches(0.9), figure.number, 40, BLUE, bold=True)
            self._box(slide, left, top + Inches(0.85), width - Inches(0.3), Inches(0.9), figure.label, 15, None)
            self._box(slide, left, top + Inches(1.7), width, Inches(0.4), figure.detail, 12, SOFT)

    def _rows_of_headlines(self, items: Sequence[Headlines]) -> None:
        """A few numbers about each of several things: one slide, a row each."""
        slide = self._slide(self.edition.words["procedures"])
        name_width = Inches(3.0)
        height = Inches(5.2) / ROWS
        for row, item in enumerate(items):
            top = Inches(1.75) + height * row
            self._box(slide, EDGE, top + Inches(0.15), name_width, Inches(0.9), item.of, 18, None, bold=True)
            width = (WIDTH - 2 * EDGE - name_width) / len(item.figures)
            for position, figure in enumerate(item.figures):
                left = EDGE + name_width + width * position
                self._box(slide, left, top, width, Inches(0.75), figure.number, 34, BLUE, bold=True)
                said = " ".join(filter(None, (figure.label, figure.detail)))
                self._box(slide, left, top + Inches(0.7), width - Inches(0.2), Inches(0.7), said, 14, SOFT)

    def _statements(self, heading: Heading, statements: Sequence[Spans]) -> None:
        """What a chapter says, on as many slides as it takes."""
        pages = _pages(statements)
        for number, page in enumerate(pages, start=1):
            counted = f"{heading.text} ({number}/{len(pages)})" if len(pages) > 1 else heading.text
            slide = self._slide(counted)
            room = WIDTH - 2 * EDGE
            box = slide.shapes.add_textbox(EDGE, Inches(1.65), Emu(int(room)), Inches(5.2))
            box.text_frame.word_wrap = True
            for at, spans in enumerate(page):
                paragraph = box.text_frame.paragraphs[0] if at == 0 else box.text_frame.add_paragraph()
                paragraph.space_after, paragraph.alignment = Pt(9), PP_ALIGN.LEFT
                for span in spans:
                    self._run(paragraph, span.text, STATEMENT_SIZE, None, bold=span.strong)

    def _figure(self, figure: PrintedFigure) -> None:
        slide = self._slide(figure.headline)
        picture = slide.shapes.add_picture(BytesIO(png(figure.slide)), EDGE, Inches(1.65))
        room_width, room_height = WIDTH - 2 * EDGE, Inches(4.75)
        factor = min(room_width / picture.width, room_height / picture.height)
        picture.width, picture.height = Emu(int(picture.width * factor)), Emu(int(picture.height * factor))
        picture.left = Emu(int((WIDTH - picture.width) / 2))
        picture._element.nvPicPr.cNvPr.set("descr", figure.alt)
        picture._element.nvPicPr.cNvPr.set("name", f"{self.edition.words['figure']} {figure.number}")
        note = "  ".join([*(plain(spans) for spans in figure.slide_notes), figure.source])
        self._box(slide, EDGE, Inches(6.5), WIDTH - 2 * EDGE, Inches(0.4), note, 11, SOFT)
        slide.notes_slide.notes_text_frame.text = figure.alt

    def _footer(self, slide: Any) -> None:
        if self.edition.notice:
            self._box(slide, EDGE, Inches(7.0), WIDTH - 2 * EDGE, Inches(0.35), self.edition.notice, 12, WARN, bold=True)

    def _box(
        self,
        slide: Any,
        left: float,
        top: float,
        width: float,
        height: float,
        text: str,
        size: float,
        colour: Any,
        *,
        bold: bool = False,
    ) -> None:
        if not text:
            return
        box = slide.shapes.add_textbox(Emu(int(left)), Emu(int(top)), Emu(int(width)), Emu(int(height)))
        box.text_frame.word_wrap = True
        self._say(box.text_frame, text, size, colour, bold=bold)

    def _say(self, frame: Any, text: str, size: float, colour: Any, *, bold: bool = False) -> None:
        paragraph = frame.paragraphs[0]
        self._run(paragraph, text, size, colour, bold=bold)
        paragraph.alignment = PP_ALIGN.LEFT

    def _run(self, paragraph: Any, text: str, size: float, colour: Any, *, bold: bool) -> None:
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold = Pt(size), bold
        run.font.name = "Calibri"
        if colour is not None:
            run.font.color.rgb = colour
        properties = run._r.get_or_add_rPr()
        east = properties.makeelement(qn("a:ea"), {"typeface": "Microsoft YaHei"})
        properties.append(east)
        properties.set("lang", {"en": "en-GB", "zh": "zh-CN"}[self.edition.language])


def _statements(items: Sequence[Item]) -> Iterator[tuple[Heading, list[Spans]]]:
    """What the conclusions say, and each recommendation in a sentence, under the heading of their chapter."""
    chapter, part = None, ""
    found: dict[str, tuple[Heading, list[Spans]]] = {}
    for item in items:
        match item:
            case Heading(level=1):
                chapter, part = item, item.key
            case Heading():
                part = item.key
            case Text(spans) if chapter and part == CONCLUSIONS:
                found.setdefault(part, (chapter, []))[1].append(spans)
            case Listing(said) if chapter and part == CONCLUSIONS:
                found.setdefault(part, (chapter, []))[1].extend((Span("•  "), *spans) for spans in said)
            case Text(spans) if chapter and part == RECOMMENDATIONS and all(span.strong for span in spans if span.text):
                found.setdefault(part, (chapter, []))[1].append(tuple(replace(span, strong=False) for span in spans))
    yield from found.values()


def _pages(statements: Sequence[Spans]) -> list[list[Spans]]:
    """Statements by slides: as many as fill no more lines than one holds, about as many on each."""
    lines = [0.5 + math.ceil(_length(plain(spans)) / LINE) for spans in statements]
    count = max(1, math.ceil(sum(lines) / LINES))
    share = sum(lines) / count
    pages: list[list[Spans]] = [[]]
    filled = 0.0
    for spans, taken in zip(statements, lines, strict=True):
        if pages[-1] and (filled + taken > LINES or filled + taken / 2 > share):
            pages.append([])
            filled = 0.0
        pages[-1].append(spans)
        filled += taken
    return pages


def _length(text: str) -> int:
    """In letters: a Chinese character takes the room of two."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def _title_size(title: str) -> float:
    """Long messages in smaller letters, so that they keep to two lines."""
    length = _length(title)
    return 26 if length <= 90 else 22 if length <= 120 else 18
