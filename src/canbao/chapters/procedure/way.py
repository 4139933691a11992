"""A procedure's steps and ways as a map, its variants, and what is odd in its log."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Figure,
    ProcessMap,
    Row,
)
from canbao.chapters.findings import bullets, paragraph
from canbao.chapters.procedure.words import say, source_of, table_of
from canbao.languages import Number, Words
from canbao.procedures.analysis import (
    variants,
)
from canbao.procedures.analysis.process_map import process_map
from canbao.procedures.procedure import Procedure
from canbao.survey.disclosure import SMALLEST_BASE

COMMONEST = 8
"""So many variants are listed."""


def way_of(procedure: Procedure) -> Sequence[Block]:
    """The steps as a map, with what most time passes on."""
    layout = process_map(procedure.steps)
    if layout.steps.height < 2:
        return []
    names = layout.steps["activity"].to_list()
    at = {name: number for number, name in enumerate(names)}
    chart = ProcessMap(
        tuple(procedure.label(name) for name in names),
        tuple(layout.steps["cases"]),
        tuple(layout.steps.select("column", "lane").iter_rows()),
        tuple((at[start], at[end]) for start, end in layout.ways.select("activity", "following").iter_rows()),
        tuple(layout.ways["cases"]),
        tuple(layout.ways["mean_days"]),
    )
    worst = procedure.edges.sort("total_days", descending=True).row(0, named=True)
    slowest: dict[str, Words | Number] = {
        "start": procedure.label(worst["activity"]), "end": procedure.label(worst["following"]),
        "share": Number(worst["share_of_delay"], "percent"),
    }  # fmt: skip
    alt = say("map_alt", steps=len(names), **slowest)
    headline = say("map_headline", name=procedure.title, **slowest)
    left_out = (say("map_left_out", count=layout.left_out),) if layout.left_out else ()
    figure = Figure(
        f"{procedure.key}_map",
        say("map_figure", name=procedure.title),
        chart,
        alt,
        (say("map_note"),),
        source_of(procedure),
        headline,
        left_out,
    )
    return [paragraph(say("map_lead")), figure]


def variants_of(procedure: Procedure) -> Sequence[Block]:
    """The commonest variants and what they take."""
    found = variants(procedure.steps)
    columns = (
        Column("variant", say("variant"), align="left"),
        Column("cases", say("cases")),
        Column("share", say("share")),
        Column("cumulative", say("cumulative")),
        Column("median", say("median_days_short")),
    )
    rows = []
    for row in found.head(COMMONEST).iter_rows(named=True):
        steps = in_turn([procedure.label(name) for name in row["activities"]])
        if row["count"] < SMALLEST_BASE:
            continue
        rows.append(
            Row(
                (
                    Cell(steps),
                    Cell(Number(row["count"])),
                    Cell(Number(row["share"], "percent")),
                    Cell(Number(row["cumulative_share"], "percent")),
                    Cell(Number(row["median_days"], "decimal")),
                )
            )
        )
    if not rows:
        return []
    once = found.filter(pl.col("count") == 1).height
    return [
        *bullets(say("variants_sentence", variants=Number(found.height), once=Number(once))),
        table_of(procedure, "variants", columns, rows, [say("variants_note")]),
    ]


def in_turn(steps: Sequence[Words]) -> Words:
    """Steps one after the other; what comes several times running is written once with how often."""
    runs: list[tuple[Words, int]] = []
    for step in steps:
        if runs and runs[-1][0] == step:
            runs[-1] = (step, runs[-1][1] + 1)
        else:
            runs.append((step, 1))
    parts = [Words(*(f"{step[one]} ×{times}" if times > 1 else step[one] for one in ("en", "zh"))) for step, times in runs]
    return Words(" → ".join(part.en for part in parts), " → ".join(part.zh for part in parts))


def quality_of(procedure: Procedure) -> Sequence[Block]:
    """What is odd in the log, with how often."""
    if not procedure.log.findings:
        return [paragraph(say("quality_none"))]
    return [paragraph(say("quality_lead")), *bullets(*(finding.words for finding in procedure.log.findings))]
