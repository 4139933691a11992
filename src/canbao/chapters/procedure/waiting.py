"""Where time passes in a procedure, what cases wait for, and why."""

from __future__ import annotations

from collections.abc import Sequence

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Figure,
    Notice,
    Point,
    Row,
    StackedBars,
)
from canbao.chapters.findings import bullets, paragraph
from canbao.chapters.procedure.words import day_form, say, source_of, table_of
from canbao.languages import Number
from canbao.procedures.analysis import (
    causes,
    records_service,
    waiting,
)
from canbao.procedures.procedure import Procedure

CAUSES = ("batching", "contention", "prioritisation", "unavailability", "extraneous", "unattributed")


WORST = 12
"""So many of the ways on which most time passes are listed."""


def delays_of(procedure: Procedure) -> Sequence[Block]:
    """The ways on which most of all cases' time passes."""
    if procedure.edges.is_empty():
        return []
    ranked = procedure.edges.sort("total_days", "activity", "following", descending=[True, False, False]).head(WORST)
    form = day_form(ranked["median_days"])
    columns = (
        Column("from", say("from"), align="left"),
        Column("to", say("to"), align="left"),
        Column("count", say("count")),
        Column("cases", say("cases")),
        Column("median", say("median"), say("days")),
        Column("mean", say("mean"), say("days")),
        Column("p90", say("p90"), say("days")),
        Column("share", say("share_of_delay")),
    )
    rows = [
        Row(
            (
                Cell(procedure.label(way["activity"])),
                Cell(procedure.label(way["following"])),
                Cell(Number(way["count"])),
                Cell(Number(way["cases"])),
                *(Cell(Number(way[f"{one}_days"], form)) for one in ("median", "mean", "p90")),
                Cell(Number(way["share_of_delay"], "percent")),
            )
        )
        for way in ranked.iter_rows(named=True)
    ]
    first = ranked.row(0, named=True)
    known = ranked["share_of_delay"].drop_nulls()
    statement = say(
        "delays_sentence",
        start=procedure.label(first["activity"]),
        end=procedure.label(first["following"]),
        share=Number(first["share_of_delay"], "percent"),
        three=Number(float(known.head(3).sum()), "percent"),
    )
    return [*bullets(statement if len(known) else None), table_of(procedure, "delays", columns, rows, [say("delays_note")])]


def waits_of(procedure: Procedure) -> Sequence[Block]:
    """Waiting against service by step, and why cases wait, where the log records starts and who was at work."""
    if not records_service(procedure.log):
        return [Notice(say("no_service"), "missing")]
    steps = waiting(procedure.log).head(WORST)
    columns = (
        Column("activity", say("step"), align="left"),
        Column("instances", say("count")),
        *(Column(f"{one}_{of}", say(one), say(of)) for of in ("waiting", "service") for one in ("median", "mean", "p90")),
        Column("share", say("share_of_waiting")),
    )
    rows = [
        Row(
            (
                Cell(procedure.label(step["activity"])),
                Cell(Number(step["instances"])),
                *(
                    Cell(Number(step[f"{one}_{of}_days"], "decimal2"))
                    for of in ("waiting", "service")
                    for one in ("median", "mean", "p90")
                ),
                Cell(Number(step["share_of_waiting"], "percent")),
            )
        )
        for step in steps.iter_rows(named=True)
    ]
    return [paragraph(say("waits_lead")), table_of(procedure, "waits", columns, rows), *_causes(procedure)]


def _causes(procedure: Procedure) -> Sequence[Block]:
    transitions = causes(procedure.log)
    if transitions is None or not transitions["waiting_days"].sum():
        return []
    worst = transitions.head(WORST - 4)
    labels = [
        say("way", start=procedure.label(row["activity"]), end=procedure.label(row["following"]))
        for row in worst.iter_rows(named=True)
    ]
    totals = [float(transitions[f"{cause}_days"].sum()) for cause in CAUSES]
    whole = sum(totals)
    groups = [say("all_ways"), *labels]
    values = [
        tuple(Point(total / whole) for total in totals),
        *(
            tuple(Point(row[f"{cause}_days"] / row["waiting_days"] if row["waiting_days"] else 0.0) for cause in CAUSES)
            for row in worst.iter_rows(named=True)
        ),
    ]
    first = max(range(len(CAUSES)), key=totals.__getitem__)
    share = Number(totals[first] / whole, "percent")
    known = CAUSES[first] != "unattributed"
    alt = (
        say("causes_alt", cause=say(f"cause_{CAUSES[first]}"), share=share) if known else say("causes_unknown", share=share)
    )
    chart = StackedBars(tuple(groups), tuple(say(f"cause_{cause}") for cause in CAUSES), tuple(values))
    return [
        *bullets(alt),
        Figure(f"{procedure.key}_causes", say("causes_figure"), chart, alt, (say("causes_note"),), source_of(procedure)),
    ]
