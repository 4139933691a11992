"""A questionnaire that asks for the vocabulary, as an XLSForm in English and Chinese.

Any server that knows the standard (ODK, KoboToolbox, SurveyCTO) can field it. Its answers carry the vocabulary's names,
so that they come back without a codebook.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import xlsxwriter

from canbao.languages import Catalogue, Words
from canbao.outputs import whole_file
from canbao.workers.condition import Condition, Part, Span, code, values
from canbao.workers.vocabulary import Vocabulary, WorkerColumn

say = Catalogue("canbao.workers", "faults")

ENGLISH, CHINESE = "English (en)", "中文 (zh)"
SURVEY = (
    "type",
    "name",
    f"label::{ENGLISH}",
    f"label::{CHINESE}",
    "required",
    "relevant",
    "constraint",
    f"constraint_message::{ENGLISH}",
    f"constraint_message::{CHINESE}",
    "appearance",
    "calculation",
)
CHOICES = ("list_name", "name", f"label::{ENGLISH}", f"label::{CHINESE}")
SETTINGS = ("form_title", "form_id", "version", "default_language")
YES_NO = "yes_no"
MADE = datetime.datetime(2026, 1, 1)
"""The file's date of writing: the same vocabulary gives the same bytes."""

Row = Mapping[str, str]


def write_xlsform(path: Path, vocabulary: Vocabulary) -> int:
    """Write the questionnaire; it appears whole or not at all.

    Args:
        path: of the .xlsx file.
        vocabulary: its columns with a question are asked, in its order.

    Returns:
        how many questions it asks.
    """
    asked = [column for column in vocabulary.values() if column.question is not None and not column.extra]
    questions = [row for column in asked for row in _questions(column, vocabulary)]
    choices = [_choice(YES_NO, name, say(f"form_{name}")) for name in ("yes", "no")]
    choices += [
        _choice(column.name, name, label)
        for column in asked
        if column.type in ("category", "set")
        for name, label in column.categories.items()
    ]
    title = say("form_title")
    settings = {"form_title": f"{title.en} / {title.zh}", "form_id": "canbao", "version": "1", "default_language": ENGLISH}
    with whole_file(path) as scratch:
        book = xlsxwriter.Workbook(scratch)
        book.set_properties({"title": title.en, "created": MADE})
        for name, heads, rows in (
            ("survey", SURVEY, questions),
            ("choices", CHOICES, choices),
            ("settings", SETTINGS, [settings]),
        ):
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(heads) - 1, 24)
            for at, head in enumerate(heads):
                sheet.write_string(0, at, head)
                for line, row in enumerate(rows, start=1):
                    sheet.write_string(line, at, row.get(head, ""))
        book.close()
    return len(asked)


def _questions(column: WorkerColumn, vocabulary: Vocabulary) -> Iterator[Row]:
    assert column.question is not None
    name = f"{column.name}_percent" if column.type == "share" else column.name
    row = {
        "type": _type(column),
        "name": name,
        f"label::{ENGLISH}": column.question.en,
        f"label::{CHINESE}": column.question.zh,
        "relevant": _relevant(column.when, vocabulary),
        "appearance": "month-year" if column.type == "month" else "minimal" if len(column.categories) > 12 else "",
    }
    if column.range is not None and column.is_numeric:
        factor = 100 if column.type == "share" else 1
        low, high = (limit * factor for limit in column.range)
        if math.isfinite(low) and math.isfinite(high):
            message = say("form_range", low=_number(low, ","), high=_number(high, ","))
            row |= {
                "constraint": f". >= {_number(low)} and . <= {_number(high)}",
                f"constraint_message::{ENGLISH}": message.en,
                f"constraint_message::{CHINESE}": message.zh,
            }
    yield row
    if column.type == "share":
        # People think in per cent; the worker table holds shares.
        yield {"type": "calculate", "name": column.name, "calculation": f"${{{name}}} div 100"}


def _type(column: WorkerColumn) -> str:
    match column.type:
        case "category":
            return f"select_one {column.name}"
        case "yes_no":
            return f"select_one {YES_NO}"
        case "set":
            return f"select_multiple {column.name}"
        case "month":
            return "date"
        case "integer":
            return "integer"
        case "text":
            return "text"
        case _:
            return "decimal"


def _choice(list_name: str, name: str, label: Words) -> Row:
    return {"list_name": list_name, "name": name, f"label::{ENGLISH}": label.en, f"label::{CHINESE}": label.zh}


def _relevant(when: Condition | None, vocabulary: Vocabulary) -> str:
    return " and ".join(_holds(name, part, vocabulary) for name, part in (when or {}).items())


def _holds(name: str, part: Part, vocabulary: Vocabulary) -> str:
    if isinstance(part, Span):
        limits = ((">=", part.low), ("<=", part.high))
        return " and ".join(f"${{{name}}} {sign} {_number(limit)}" for sign, limit in limits if limit is not None)
    several = vocabulary[name].type == "set"
    tests = [f"selected(${{{name}}}, '{one}')" if several else f"${{{name}}} = '{code(one)}'" for one in values(part)]
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def _number(number: float, separator: str = "") -> str:
    """A number without an exponent, which XPath does not know, and without needless zeros."""
    return f"{number:{separator}.6f}".rstrip("0").rstrip(".")
