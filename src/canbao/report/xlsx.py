"""The tables of an edition as an Excel workbook: a sheet a table, numbers as numbers."""

from __future__ import annotations

import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from canbao.chapters.document import Cell, Interval
from canbao.languages import UNKNOWN, Form, Number
from canbao.report.edition import LONGEST_PROPERTY, SUPPRESSED, Edition, PrintedCell, PrintedTable, plain

NUMBER_FORMATS: dict[Form, str] = {
    "count": "#,##0",
    "percent": "0.0%",
    "points": "0.0",
    "decimal": "#,##0.0",
    "decimal2": "#,##0.00",
    "decimal3": "0.000",
    "plain": "General",
}
FACTOR = {"points": 100.0}
HEAD_ROW = 3


def write_xlsx(edition: Edition, path: Path, _fonts: Path) -> None:
    """Write a workbook: contents, then every table, then the data of every figure."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    made = datetime.datetime.combine(edition.document.date, datetime.time())
    book.set_properties(
        {
            "title": edition.title[:LONGEST_PROPERTY],
            "author": ", ".join(edition.authors)[:LONGEST_PROPERTY],
            "created": made,
            "comments": edition.notice,
        }
    )
    _Workbook(book, edition).write()
    book.close()


class _Workbook:
    def __init__(self, book: xlsxwriter.Workbook, edition: Edition) -> None:
        self.book, self.edition = book, edition
        self.known: dict[tuple[tuple[str, object], ...], Style] = {}

    def style(self, **properties: object) -> Style:
        base = {
            "font_name": "Microsoft YaHei" if self.edition.language == "zh" else "Calibri",
            "font_size": 10,
            "valign": "top",
        }
        key = tuple(sorted({**base, **properties}.items()))
        if key not in self.known:
            self.known[key] = self.book.add_format(dict(key))
        return self.known[key]

    def write(self) -> None:
        words = self.edition.words
        tables = [(f"{words['table']} {table.number}", table, table.title) for table in self.edition.tables]
        tables += [(f"{words['figure']} {figure.number}", figure.data, figure.title) for figure in self.edition.figures]
        contents = self.book.add_worksheet(words["contents"])
        self._contents(contents, [(name, title) for name, _, title in tables])
        for name, table, title in tables:
            self._table(self.book.add_worksheet(name), name, title, table)

    def _contents(self, sheet: Worksheet, listed: list[tuple[str, str]]) -> None:
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 90)
        sheet.write_string(0, 0, self.edition.title, self.style(bold=True, font_size=14, font_color="#1E2DBE"))
        sheet.write_string(1, 0, self.edition.notice or self.edition.subtitle, self.style(bold=bool(self.edition.notice)))
        for row, (name, title) in enumerate(listed, start=HEAD_ROW):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.style(font_color="#1E2DBE", underline=1), name)
            sheet.write_string(row, 1, title, self.style())

    def _table(self, sheet: Worksheet, name: str, title: str, table: PrintedTable) -> None:
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, f"{name}  {title}", self.style(bold=True, font_size=12, font_color="#1E2DBE"))
        if self.edition.notice:
            sheet.write_string(1, 0, self.edition.notice, self.style(bold=True, font_color="#960A55"))
        places = self._heads(sheet, table)
        row = HEAD_ROW + 2
        for printed in table.rows:
            if printed.kind == "heading":
                sheet.write_string(row, 0, printed.cells[0].text, self.style(bold=True, bg_color="#EEF1F8"))
            else:
                for place, cell in zip(places, printed.cells, strict=True):
                    self._cell(sheet, row, place, cell, bold=printed.kind == "total")
            row += 1
        row += 1
        for note in (*(plain(spans) for spans in table.notes), table.source):
            if note:
                sheet.write_string(row, 0, note, self.style(font_color="#5A6272", font_size=9))
                row += 1
        sheet.freeze_panes(HEAD_ROW + 2, 1)

    def _heads(self, sheet: Worksheet, table: PrintedTable) -> list[int]:
        """Headings in two rows; a column with intervals takes three. Gives the first place of each column."""
        places, at = [], 0
        head = self.style(bold=True, text_wrap=True, bottom=1, bg_color="#DCE1F5")
        for position, column in enumerate(table.columns):
            places.append(at)
            limits = any(row.kind != "heading" and row.cells[position].small for row in table.rows)
            labels = [column.label, "↓", "↑"] if limits else [column.label]
            for offset, label in enumerate(labels):
                sheet.write_string(HEAD_ROW, at + offset, column.group if offset == 0 else "", head)
                sheet.write_string(HEAD_ROW + 1, at + offset, label, head)
                wide = min(max(column.weight * 1.1 + 2, 8), 60) if offset == 0 else 8
                sheet.set_column(at + offset, at + offset, wide)
            at += len(labels)
        return places

    def _cell(self, sheet: Worksheet, row: int, at: int, cell: PrintedCell, *, bold: bool) -> None:
        source = cell.source or Cell()
        if isinstance(source.content, Number) and source.flag != "suppressed" and source.content.value is not None:
            self._number(
                sheet, row, at, source.content.value, source.content.form, bold=bold, unsure=source.flag == "unreliable"
            )
            if source.interval is not None:
                self._limits(sheet, row, at + 1, source.interval)
        elif cell.text != UNKNOWN:
            sheet.write_string(
                row,
                at,
                cell.text,
                self.style(bold=bold, text_wrap=True, align="right" if cell.text == SUPPRESSED else "left"),
            )

    def _limits(self, sheet: Worksheet, row: int, at: int, interval: Interval) -> None:
        for offset, value in enumerate((interval.low, interval.high)):
            if value is not None:
                self._number(sheet, row, at + offset, value, interval.form, bold=False, unsure=False)

    def _number(self, sheet: Worksheet, row: int, at: int, value: float, form: Form, *, bold: bool, unsure: bool) -> None:
        shown = NUMBER_FORMATS[form] + ('"†"' if unsure and form != "plain" else "")
        sheet.write_number(row, at, value * FACTOR.get(form, 1.0), self.style(bold=bold, num_format=shown))
