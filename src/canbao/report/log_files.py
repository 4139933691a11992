"""The log of comments and decisions as a file of its own: CSV, a workbook, or a Word document."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from canbao.chapters.document import Document
from canbao.chapters.review import comments_section
from canbao.errors import Fault, InputError, Place
from canbao.evidence.review.changes import Comparison
from canbao.evidence.review.comments import ReviewLog, comments_csv
from canbao.evidence.review.workbook import write_log_workbook
from canbao.languages import Catalogue, Language, Words
from canbao.report.docx import write_docx
from canbao.report.edition import edition_of

say = Catalogue("canbao.report", "words")

LOG_FORMATS = ("csv", "xlsx", "docx")


def write_log(
    log: ReviewLog,
    path: Path,
    language: Language,
    day: datetime.date,
    title: Words,
    comparisons: Mapping[str, Comparison] | None = None,
) -> None:
    """Write the log in the format of the file's suffix.

    Args:
        log: the comments.
        path: .csv, .xlsx or .docx.
        language: of headings and decisions.
        day: by which the file is dated.
        title: of the report.
        comparisons: of editions with the report as it is now, where that is known.

    Raises:
        InputError: another suffix.
    """
    match path.suffix.lower():
        case ".csv":
            path.write_text(comments_csv(log.comments), encoding="utf-8-sig", newline="")
        case ".xlsx":
            write_log_workbook(log.comments, path, language, day)
        case ".docx":
            section = replace(comments_section(log, comparisons or {}), sections=())
            document = Document("log", section.title, title, (), day, (section,), {})
            write_docx(edition_of(document, language), path, path.parent)
        case suffix:
            known = ", ".join(f".{one}" for one in LOG_FORMATS)
            raise InputError(Fault(say("log_format", suffix=suffix or "?", known=known), Place(path)))
