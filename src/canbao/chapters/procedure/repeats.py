"""What is done twice, sent back and handed over."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Row,
)
from canbao.chapters.findings import paragraph
from canbao.chapters.procedure.words import say, table_of
from canbao.languages import Number
from canbao.procedures.analysis import (
    handovers,
    loops,
    rework,
)
from canbao.procedures.attributes import attribute_value_label
from canbao.procedures.procedure import Procedure
from canbao.survey.disclosure import SMALLEST_BASE

WORST = 12
"""So many of the ways on which most time passes are listed."""


def repeats_of(procedure: Procedure) -> Sequence[Block]:
    """Steps done more than once, ways back, and hand-overs between offices."""
    found = rework(procedure.steps).filter(pl.col("repeating_cases") >= SMALLEST_BASE).head(WORST)
    blocks: list[Block] = []
    if found.height:
        columns = (
            Column("activity", say("step"), align="left"),
            Column("cases", say("cases")),
            Column("repeating", say("repeating"), say("more_than_once")),
            Column("share", say("share"), say("more_than_once")),
            Column("self_loops", say("self_loops")),
            Column("returns", say("returns")),
            Column("lost", say("median_lost")),
        )
        rows = [
            Row(
                (
                    Cell(procedure.label(row["activity"])),
                    *(Cell(Number(row[one])) for one in ("cases", "repeating_cases")),
                    Cell(Number(row["share"], "percent")),
                    *(Cell(Number(row[one])) for one in ("self_loops", "returns")),
                    Cell(Number(row["median_lost_days"], "decimal")),
                )
            )
            for row in found.iter_rows(named=True)
        ]
        blocks.append(table_of(procedure, "repeats", columns, rows, [say("repeats_note")]))
    blocks += _ways_back(procedure)
    blocks += _handed_over(procedure)
    return blocks or [paragraph(say("no_repeats"))]


def _ways_back(procedure: Procedure) -> list[Block]:
    found = loops(procedure.steps).filter(pl.col("cases") >= SMALLEST_BASE).head(WORST // 2)
    rows = [
        Row(
            (
                Cell(procedure.label(row["activity"])),
                Cell(procedure.label(row["back_to"])),
                *(Cell(Number(row[one])) for one in ("count", "cases")),
                Cell(Number(row["median_days"], "decimal")),
            )
        )
        for row in found.iter_rows(named=True)
    ]
    columns = (
        Column("activity", say("from"), align="left"),
        Column("back_to", say("back_to"), align="left"),
        Column("count", say("count")),
        Column("cases", say("cases")),
        Column("median", say("median_since")),
    )
    return [table_of(procedure, "loops", columns, rows)] if rows else []


def _handed_over(procedure: Procedure) -> list[Block]:
    if "office" not in procedure.log.events.columns:
        return []
    found = handovers(procedure.steps, "office").filter(pl.col("cases") >= SMALLEST_BASE).head(WORST // 2)
    rows = [
        Row(
            (
                Cell(attribute_value_label("office", row["giver"])),
                Cell(attribute_value_label("office", row["receiver"])),
                *(Cell(Number(row[one])) for one in ("count", "cases")),
                Cell(Number(row["median_days"], "decimal")),
                Cell(Number(row["returned"])),
            )
        )
        for row in found.iter_rows(named=True)
    ]
    columns = (
        Column("giver", say("from"), align="left"),
        Column("receiver", say("to"), align="left"),
        Column("count", say("count")),
        Column("cases", say("cases")),
        Column("median", say("median_days_short")),
        Column("returned", say("returned")),
    )
    return [table_of(procedure, "handovers", columns, rows)] if rows else []
