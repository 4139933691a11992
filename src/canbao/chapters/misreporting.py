"""What becomes of coverage if answers misreport enrolment: bounds over assumed errors, and records of those linked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl
from pydantic import RootModel

from canbao.chapters.document import Block, Cell, Column, Interval, Row, Table
from canbao.chapters.findings import Findings, paragraph
from canbao.languages import Catalogue, Number, Words
from canbao.located_yaml import Bilingual, Entry, read
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.survey.misclassification import Corrected, by_records, under_errors

say = Catalogue("canbao.chapters", "misreporting")

RECORDED = "recorded_"
"""Before the name of a column stands that of what the insurer's records say."""


class AnswerErrors(Entry):
    """How many members may say that they are in no scheme, and why that is thought.

    Args:
        say_none: the ends of the part that may.
        at_most: the covered share beyond which no correction leads, because more are in no register; the upper end is then
            lowered to what leads there.
        source: why.
    """

    say_none: tuple[float, float]
    at_most: float = 1.0
    source: Bilingual


@cache
def answer_errors() -> dict[str, AnswerErrors]:
    """By column."""
    path = Path(str(resources.files("canbao.chapters").joinpath("answer_errors.yaml")))
    return read(path, RootModel[dict[str, AnswerErrors]]).root


def if_misreported(findings: Findings, column: str) -> Sequence[Block]:
    """A paragraph and a table.

    Args:
        findings: the study.
        column: the scheme of a branch, with the category `none`.
    """
    design = findings.estimator.design
    said = pl.col(column).cast(pl.String) != "none"
    errors = answer_errors()[column]
    low, high = errors.say_none
    answered = under_errors(design, said, 0.0).estimate
    high = max(low, min(high, 1 - answered / errors.at_most))
    rows = []
    for part in dict.fromkeys((low, (low + high) / 2, high)):
        label = say("if_errors", part=Number(part, "percent")) if part else say("as_answered")
        rows.append(_row(label, under_errors(design, said, part)))
    notes = [say("note"), errors.source.words]
    if findings.has(f"{RECORDED}{column}"):
        recorded = pl.col(f"{RECORDED}{column}").cast(pl.String) != "none"
        rows.append(_row(say("linked"), by_records(design, said, recorded)))
        notes.append(say("linked_note"))
    columns = (Column("case", say("case"), align="left"), Column("n", say("base")), Column("share", say("share")))
    return [
        paragraph(say("lead")),
        Table(f"{column}_if_misreported", say(f"table_{column}"), columns, tuple(rows), tuple(notes), findings.source),
    ]


def _row(label: Words, found: Corrected) -> Row:
    if found.n < SMALLEST_BASE:
        return Row((Cell(label), Cell(None, "suppressed"), Cell(None, "suppressed")))
    share = Cell(Number(found.estimate, "percent"), None, Interval(found.low, found.high, "percent"))
    return Row((Cell(label), Cell(Number(found.n, "count")), share))
