"""How cases end, and after which steps they are given up."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Curves,
    Figure,
    Interval,
    Notice,
    Point,
    Row,
)
from canbao.chapters.findings import bullets, paragraph
from canbao.chapters.procedure.words import say, source_of, table_of
from canbao.languages import Number, joined
from canbao.procedures.analysis import (
    cumulative_incidence,
    last_steps,
    step_hazards,
)
from canbao.procedures.procedure import Procedure
from canbao.survey.disclosure import SMALLEST_BASE

WORST = 12
"""So many of the ways on which most time passes are listed."""


CURVE_POINTS = 60


def losses_of(procedure: Procedure) -> Sequence[Block]:
    """How cases end, in time, and after which step they are given up; open cases count as long as they were seen."""
    endings = procedure.endings.within(procedure.steps)
    ways = [way for way in ("completed", "refused", "abandoned") if endings.knows(way)]
    if not ways:
        return [Notice(say("no_endings"), "missing"), *_last_seen(procedure)]
    table = procedure.outcomes
    curves = cumulative_incidence(table["days"], table["outcome"].to_physical(), ("completed", "refused", "abandoned"))
    if curves.is_empty():
        return [Notice(say("no_endings"), "missing"), *_last_seen(procedure)]
    last = float(curves["days"].quantile(0.99) or 0.0)
    positions = tuple(round(last * at / CURVE_POINTS, 2) for at in range(CURVE_POINTS + 1))
    lines = [_read_off(curves.filter(pl.col("way").cast(pl.String) == way), positions) for way in ways]
    counted = {way: int((table["outcome"].cast(pl.String) == way).sum()) for way in ("open", *ways)}
    ends = {way: line[-1].value or 0.0 for way, line in zip(ways, lines, strict=True)}
    alt = say(
        "losses_alt",
        days=Number(last),
        shares=joined(say("losses_part", way=say(f"way_{way}"), share=Number(ends[way], "percent")) for way in ways),
        open=Number(counted["open"]),
    )
    chart = Curves(positions, tuple(say(f"way_{way}") for way in ways), tuple(lines), say("losses_x"), say("losses_y"))
    figure = Figure(
        f"{procedure.key}_losses", say("losses_figure"), chart, alt, (say("losses_note"),), source_of(procedure)
    )
    return [paragraph(say("losses_lead")), *bullets(alt), figure, *_given_up(procedure, ways)]


def _read_off(curve: pl.DataFrame, positions: Sequence[float]) -> tuple[Point, ...]:
    """A step function at given days."""
    days, share = curve["days"].to_numpy(), [0.0, *curve["share"].to_list()]
    low, high = ([0.0, *curve[one].fill_null(0.0).to_list()] for one in ("low", "high"))
    at = days.searchsorted(positions, side="right")
    return tuple(Point(share[one], low[one], high[one]) for one in at.tolist())


def _given_up(procedure: Procedure, ways: Sequence[str]) -> list[Block]:
    """After which step cases are refused or given up."""
    lost = [way for way in ("abandoned", "refused") if way in ways]
    if not lost:
        return _last_seen(procedure)
    found = step_hazards(procedure.steps, procedure.endings.within(procedure.steps)).head(WORST)
    columns = (
        Column("activity", say("after_step"), align="left"),
        Column("visits", say("visits")),
        Column("went_on", say("went_on")),
        Column("still_there", say("still_there")),
        *(Column(way, say(f"share_{way}")) for way in lost),
        Column("median", say("median_until")),
    )
    rows = []
    for row in found.iter_rows(named=True):
        label = Cell(procedure.label(row["activity"]))
        if row["visits"] < SMALLEST_BASE:
            continue
        shares = (
            Cell(Number(row[f"{way}_share"], "percent"), None, Interval(row[f"{way}_low"], row[f"{way}_high"]))
            if row[f"{way}_share"] is not None
            else Cell()
            for way in lost
        )
        counts = (Cell(Number(row[one])) for one in ("visits", "went_on", "still_there"))
        rows.append(Row((label, *counts, *shares, Cell(Number(row["median_days"], "decimal")))))
    return [table_of(procedure, "given_up", columns, rows, [say("given_up_note")])] if rows else []


def _last_seen(procedure: Procedure) -> list[Block]:
    """Where cases were last seen that have not ended."""
    found = last_steps(procedure.steps, procedure.endings.within(procedure.steps)).head(WORST)
    columns = (
        Column("activity", say("step"), align="left"),
        Column("cases", say("cases")),
        Column("share", say("share")),
        Column("silent", say("silent_days")),
    )
    rows = [
        Row(
            (
                Cell(procedure.label(row["activity"])),
                Cell(Number(row["cases"])),
                Cell(Number(row["share"], "percent")),
                Cell(Number(row["median_silent_days"], "decimal")),
            )
        )
        for row in found.iter_rows(named=True)
        if row["cases"] >= SMALLEST_BASE
    ]
    return [table_of(procedure, "last_seen", columns, rows)] if rows else []
