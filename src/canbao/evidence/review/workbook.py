"""The Excel template for comments: written with the list of paragraphs and drop-downs, and read again."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import xlsxwriter
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from canbao.errors import Fault, InputError, Place
from canbao.evidence.review.comments import COMMENT_TYPES, HEADER, Comment, CommentType, clean, shown
from canbao.evidence.review.packed import refuse_bomb
from canbao.evidence.review.snapshot import Snapshot, say
from canbao.languages import LANGUAGES, Language, Words
from canbao.outputs import fix_zip_times

ROWS = 400
"""For comments; more can be written below, without drop-downs."""

FIELDS = ("edition", "commenter", "body", "date")
COLUMNS = ("paragraph", "type", "comment", "proposed_change")
WIDTHS = (14, 16, 70, 60)
FIRST_FIELD = 2
HEAD = FIRST_FIELD + len(FIELDS) + 1
LONGEST_SHOWN = 400
WIDEST = 60
LARGEST = 100_000
"""Rows of a workbook that are read."""


@dataclass(frozen=True, slots=True)
class WorkbookComment:
    """A row of the template.

    Args:
        row: as the spreadsheet counts it, from 1.
        type: as it was chosen; blank where it was not.
    """

    row: int
    paragraph: str
    type: str
    comment: str
    proposed: str


def write_template(snapshot: Snapshot, path: Path, language: Language) -> None:
    """Write the template for comments on an edition."""
    with xlsxwriter.Workbook(path, PLAIN_TEXT) as book:
        book.set_properties({"created": datetime.datetime.combine(snapshot.date, datetime.time())})
        styles = _styles(book, language)
        _comments_sheet(book.add_worksheet(say("sheet_comments")[language]), styles, snapshot, language)
        _paragraphs_sheet(book.add_worksheet(say("sheet_paragraphs")[language]), styles, snapshot, language)
    fix_zip_times(path, snapshot.date)


PLAIN_TEXT = {"strings_to_formulas": False, "strings_to_urls": False}
"""Whatever is written into a cell is text."""


def _styles(book: xlsxwriter.Workbook, language: Language) -> dict[str, Style]:
    font = {"font_name": "Microsoft YaHei" if language == "zh" else "Calibri", "font_size": 11, "valign": "top"}
    wanted: dict[str, dict[str, object]] = {
        "plain": {"text_wrap": True},
        "text": {"num_format": "@", "text_wrap": True, "border": 1, "border_color": "#DFE3EA"},
        "bold": {"bold": True},
        "soft": {"font_color": "#5A6272"},
        "title": {"bold": True, "font_size": 15, "font_color": "#1E2DBE"},
        "head": {"bold": True, "bg_color": "#DCE1F5", "bottom": 1, "text_wrap": True},
    }
    return {name: book.add_format({**font, **properties}) for name, properties in wanted.items()}


def _comments_sheet(sheet: Worksheet, styles: Mapping[str, Style], snapshot: Snapshot, language: Language) -> None:
    """Who comments, and rows for comments with drop-downs."""
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, say("template_title", title=snapshot.title)[language], styles["title"])
    for at, name in enumerate(FIELDS, start=FIRST_FIELD):
        sheet.write_string(at, 0, say(f"column_{name}")[language], styles["bold"])
        sheet.write_string(at, 2, snapshot.edition if name == "edition" else "", styles["text"])
    sheet.write_string(HEAD - 1, 0, say("template_how")[language], styles["soft"])
    for at, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(HEAD, at, say(f"column_{name}")[language], styles["head"])
        for row in range(HEAD + 1, HEAD + 1 + ROWS):
            sheet.write_blank(row, at, None, styles["text"])
    numbers = f"='{say('sheet_paragraphs')[language]}'!$A$2:$A${len(snapshot.paragraphs) + 1}"
    types = [say(f"type_{one}")[language] for one in COMMENT_TYPES]
    for at, source in ((0, numbers), (1, types)):
        choice = {"validate": "list", "source": source, "error_message": say("drop_down")[language]}
        sheet.data_validation(HEAD + 1, at, HEAD + ROWS, at, choice)
    sheet.freeze_panes(HEAD + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)


def _paragraphs_sheet(sheet: Worksheet, styles: Mapping[str, Style], snapshot: Snapshot, language: Language) -> None:
    """What can be commented on."""
    for at, (name, width) in enumerate((("paragraph", 12), ("kind", 12), ("text", 100))):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, say(f"column_{name}")[language], styles["head"])
    for row, one in enumerate(snapshot.paragraphs, start=1):
        sheet.write_string(row, 0, one.number, styles["text"])
        sheet.write_string(row, 1, say(f"kind_{one.kind}")[language], styles["plain"])
        said = shortened(one.words, language)
        sheet.write_string(row, 2, said, styles["bold" if one.kind == "heading" else "plain"])
    sheet.freeze_panes(1, 0)


def shortened(words: Words, language: Language, most: int = LONGEST_SHOWN) -> str:
    """The beginning of what a paragraph says, in its first line; in the other language where it says nothing in this."""
    text = (words[language] or words["zh" if language == "en" else "en"]).partition("\n")[0]
    return text if len(text) <= most else text[: most - 1] + "…"


def read_template(path: Path) -> tuple[Mapping[str, str], list[WorkbookComment]]:
    """The comments of a template that somebody filled in; formulas count as what they last showed.

    Returns:
        edition, commenter, body and date; and the rows.

    Raises:
        InputError: it is no workbook, is damaged, or is another one than the template.
    """
    refuse_bomb(path)
    try:
        book = fastexcel.read_excel(path)
        known = {say("sheet_comments")[language] for language in LANGUAGES}
        name = next((one for one in book.sheet_names if one.strip() in known), None)
        rows: list[list[str]] = [] if name is None else _rows(book, name)
    except Exception as error:
        # A file that others made can be wrong in more ways than the reader names.
        raise InputError(
            Fault(say("no_workbook", problem=type(error).__name__), Place(path), say("save_as_xlsx"))
        ) from None
    head = next((at for at, row in enumerate(rows) if _is_head(row)), None)
    if head is None:
        raise InputError(Fault(say("no_template"), Place(path), say("use_template")))
    fields = {}
    for row in rows[:head]:
        named = _meant(row[0], "column_", FIELDS)
        if named:
            fields[named] = next((cell for cell in row[1:] if cell), "")
    return fields, list(_told(rows, head))


def _rows(book: fastexcel.ExcelReader, name: str) -> list[list[str]]:
    sheet = book.load_sheet(name, header_row=None, n_rows=LARGEST, dtypes="string")
    frame = sheet.to_polars()
    return [[clean(str(cell)) if cell is not None else "" for cell in row[:WIDEST]] for row in frame.iter_rows()]


def _is_head(row: Sequence[str]) -> bool:
    return len(row) >= len(COLUMNS) and all(
        _meant(cell, "column_", (name,)) for name, cell in zip(COLUMNS, row, strict=False)
    )


def _told(rows: Sequence[Sequence[str]], head: int) -> Iterator[WorkbookComment]:
    for at, row in enumerate(rows[head + 1 :], start=head + 2):
        paragraph, kind, comment, proposed = row[: len(COLUMNS)]
        if comment or proposed:
            yield WorkbookComment(at, paragraph, meant_type(kind), comment, proposed)


def meant_type(said: str) -> CommentType | str:
    """A type by its name in either language; `general` where none was chosen, as it stands where it is none."""
    if not said.strip():
        return "general"
    return _meant(said, "type_", COMMENT_TYPES) or said.strip()


def _meant(said: str, prefix: str, names: Sequence[str]) -> str:
    """Which of some names is said, by its words in either language."""
    told = said.strip().rstrip(":：").casefold()
    for name in names:
        words = say(f"{prefix}{name}")
        if told in (name, words.en.casefold(), words.zh.casefold()):
            return name
    return ""


# --- the log as a workbook ------------------------------------------------------------------------------------------------


def write_log_workbook(comments: Sequence[Comment], path: Path, language: Language, day: datetime.date) -> None:
    """Write the log of comments and decisions as a workbook; whatever is in a cell is text."""
    with xlsxwriter.Workbook(path, PLAIN_TEXT) as book:
        book.set_properties({"created": datetime.datetime.combine(day, datetime.time())})
        font = {"font_name": "Microsoft YaHei" if language == "zh" else "Calibri", "font_size": 10, "valign": "top"}
        head = book.add_format({**font, "bold": True, "bg_color": "#DCE1F5", "bottom": 1, "text_wrap": True})
        cell = book.add_format({**font, "text_wrap": True, "num_format": "@"})
        sheet = book.add_worksheet(say("sheet_comments")[language])
        for at, name in enumerate(HEADER):
            sheet.set_column(at, at, 50 if name in ("comment", "proposed_change", "response") else 15)
            sheet.write_string(0, at, say(f"column_{name}")[language], head)
        for row, one in enumerate(comments, start=1):
            for at, name in enumerate(HEADER):
                sheet.write_string(row, at, shown(one, name)[language], cell)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(comments), 1), len(HEADER) - 1)
    fix_zip_times(path, day)
