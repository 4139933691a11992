"""What a procedure costs applicants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from canbao.chapters.confidence import confidence_words
from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Notice,
    Row,
    Table,
)
from canbao.chapters.findings import bullets, paragraph
from canbao.chapters.procedure.words import GROUPS_SHOWN, say, source_of, table_of
from canbao.errors import InputError
from canbao.languages import Form, Number, Words, joined, within_sentence
from canbao.procedures.analysis import (
    burden_prices,
    burden_summary,
)
from canbao.procedures.analysis.burden import KINDS
from canbao.procedures.attributes import attribute_label, attribute_value_label
from canbao.procedures.procedure import Procedure
from canbao.survey.disclosure import SMALLEST_BASE


def burden_of(procedure: Procedure) -> Sequence[Block]:
    """Visits, documents, minutes and fees as far as the log records them, and what they come to."""
    try:
        found = burden_summary(procedure.log)
    except InputError as error:
        # A column that is called like a kind of burden and holds something else is no reason to refuse the rest.
        return [Notice(fault.what, "missing") for fault in error.faults]
    known = found.filter(pl.col("cases") >= SMALLEST_BASE)
    kinds = [kind for kind in KINDS if kind in set(known["kind"])]
    if not kinds:
        return []
    columns = (
        Column("kind", say("kind"), align="left"),
        Column("cases", say("cases")),
        *(Column(one, say(one)) for one in ("mean", "median", "p90")),
        Column("total", say("total")),
    )
    rows = [
        Row(
            (
                Cell(say(f"kind_{row['kind']}")),
                Cell(Number(row["cases"])),
                *(Cell(Number(row[one], "decimal")) for one in ("mean", "median", "p90")),
                Cell(Number(row["total"])),
            ),
            "total" if row["kind"] == "cost" else "body",
        )
        for row in known.iter_rows(named=True)
    ]
    cost = known.filter(pl.col("kind") == "cost").row(0, named=True)
    named = joined(say(f"counted_{kind}") for kind in kinds)
    statement = say(
        "burden_sentence", mean=Number(cost["mean"], "decimal"), p90=Number(cost["p90"], "decimal"), kinds=named
    )
    return [
        paragraph(say("burden_lead")),
        *bullets(statement),
        table_of(procedure, "burden", columns, rows, [say("burden_note")]),
        *(_burden_by(procedure, column, [*kinds, "cost"]) for column in procedure.by),
        _prices(procedure),
    ]


def _burden_by(procedure: Procedure, column: str, kinds: Sequence[str]) -> Table:
    found = burden_summary(procedure.log, by=column)
    by_group: dict[str | None, dict[str, dict[str, float | None]]] = {}
    for row in found.iter_rows(named=True):
        by_group.setdefault(row["group"], {})[row["kind"]] = row
    most = sorted(by_group, key=lambda group: -(by_group[group]["cost"]["cases"] or 0))[:GROUPS_SHOWN]
    columns = (
        Column("group", attribute_label(column), align="left"),
        Column("cases", say("cases")),
        *(Column(kind, say(f"kind_{kind}")) for kind in kinds),
    )
    rows = [
        Row(
            (
                Cell(attribute_value_label(column, group)),
                _unless_hidden(of_kind["cost"], "cases", "count"),
                *(_unless_hidden(of_kind[kind], "mean", "decimal") for kind in kinds),
            )
        )
        for group, of_kind in by_group.items()
        if group in most
    ]
    title = say("burden_by_table", column=within_sentence(attribute_label(column)))
    return Table(f"{procedure.key}_burden_{column}", title, columns, tuple(rows), (), source_of(procedure))


def _unless_hidden(row: Mapping[str, float | None], what: str, form: Form) -> Cell:
    return (
        Cell(None, "suppressed") if row["suppressed"] else Cell(Number(row[what], form) if row[what] is not None else None)
    )


def _prices(procedure: Procedure) -> Table:
    prices = burden_prices()
    columns = (
        Column("price", say("price"), align="left"),
        Column("value", say("price_value")),
        Column("date", say("price_date"), align="left"),
        Column("confidence", say("price_confidence"), align="left"),
        Column("source", say("price_source"), align="left"),
    )
    rows = [
        Row(
            (
                Cell(one.label.words),
                Cell(Number(one.value, "decimal")),
                Cell(Words.day(one.date)),
                Cell(confidence_words(one.confidence)),
                Cell(one.source.words),
            )
        )
        for one in (prices.hourly_wage, prices.visit_fare, prices.document_cost)
    ]
    return Table(f"{procedure.key}_burden_prices", say("burden_prices_table"), columns, tuple(rows))


def recorded_burden(procedure: Procedure, what: str) -> pl.Series:
    """Of each case that was completed: the days it took, the documents asked for, or the visits to a counter.

    Args:
        procedure: the log.
        what: `days`, `documents` or `visits`.

    Returns:
        A value a case; empty where the log does not record it or nobody said how cases end.
    """
    done = procedure.outcomes.filter(pl.col("outcome").cast(pl.String) == "completed")
    if what == "days":
        return done["days"]
    events = procedure.steps.events.join(done.select("case"), on="case", how="semi")
    if what == "documents" and "documents" in events.columns:
        return events.group_by("case").agg(pl.col("documents").cast(pl.Float64).sum())["documents"]
    if what == "visits" and "visits" in events.columns:
        return events.group_by("case").agg(pl.col("visits").cast(pl.Float64).sum())["visits"]
    return pl.Series(what, [], dtype=pl.Float64)
