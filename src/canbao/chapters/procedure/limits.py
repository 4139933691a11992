"""Which time limits of the law are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Interval,
    Notice,
    Row,
    Table,
)
from canbao.chapters.findings import bullets
from canbao.chapters.procedure.words import say, source_of, table_of
from canbao.languages import Number, Words, joined, within_sentence
from canbao.procedures.attributes import attribute_label, attribute_value_label
from canbao.procedures.clocks import Clock, breaches
from canbao.procedures.procedure import Procedure


def limits_of(procedure: Procedure) -> Sequence[Block]:
    """How often each limit was broken and by how much, in all and by groups."""
    if procedure.runs.is_empty():
        return [Notice(say("no_clocks"), "missing")]
    overall = breaches(procedure.runs, procedure.log)
    labels = {clock.name: clock.label for clock in procedure.limits.clocks}
    lengths = {clock.name: clock.limit for clock in procedure.limits.clocks}
    columns = (
        Column("clock", say("clock"), align="left"),
        Column("limit", say("limit"), align="left"),
        Column("runs", say("runs")),
        Column("in_time", say("in_time")),
        Column("late", say("late")),
        Column("open_in_time", say("open_in_time"), say("open")),
        Column("open_late", say("open_late"), say("open")),
        Column("share_late", say("share_late")),
        Column("expected_late", say("expected_late")),
        Column("median_late", say("median"), say("late_by")),
        Column("p90_late", say("p90"), say("late_by")),
    )
    rows = []
    for row in overall.iter_rows(named=True):
        rows.append(Row((Cell(labels[row["clock"]]), Cell(lengths[row["clock"]]), *_clock_cells(row))))
    counted = [row for row in overall.iter_rows(named=True) if row["share_late"] is not None]
    worst = max(counted, key=lambda row: row["share_late"], default=None)
    statement = None
    if worst is not None:
        statement = say(
            "clocks_sentence" if len(counted) > 1 else "clock_sentence",
            clock=labels[worst["clock"]],
            share=Number(worst["share_late"], "percent"),
            still=Number(worst["open_late"]),
        )
    silent = [
        say("clock_silent", clock=labels[name], why=why)
        for name, why in procedure.limits.applicability(procedure.log).items()
        if why is not None
    ]
    notes = [say("clocks_note"), *_bases(procedure.limits.clocks, set(overall["clock"])), *silent]
    return [
        *bullets(statement, *(_apart(procedure, column, labels) for column in procedure.by)),
        table_of(procedure, "clocks", columns, rows, notes),
        *(_by_group(procedure, column, labels) for column in procedure.by),
    ]


def _bases(clocks: Sequence[Clock], shown: Collection[str]) -> Iterator[Words]:
    """The articles on which limits rest, each with its limits, and whether the article itself was read."""
    of: dict[Words, list[Words]] = {}
    for clock in clocks:
        if clock.name in shown and clock.basis.en:
            of.setdefault(_basis(clock), []).append(clock.label)
    for basis, limits in of.items():
        yield say("clock_basis", clocks=joined(limits, en="; ", zh="；"), basis=basis)


def _basis(clock: Clock) -> Words:
    match clock.entry.confidence:
        case "agreed" | "reported":
            return say("basis_reprinted", basis=clock.basis)
        case "doubtful" | "memory" | "assumption":
            return say("basis_unread", basis=clock.basis)
        case _:
            return clock.basis


def _clock_cells(row: Mapping[str, float | None]) -> list[Cell]:
    if row["suppressed"]:
        return [Cell(None, "suppressed")] * 9
    return [
        *(Cell(Number(row[name])) for name in ("runs", "in_time", "late", "open_in_time", "open_late")),
        _share(row, "share"),
        _share(row, "expected"),
        *(Cell(Number(row[name], "decimal")) for name in ("median_late", "p90_late")),
    ]


def _share(row: Mapping[str, float | None], what: str) -> Cell:
    value = row[f"{what}_late"]
    if value is None:
        return Cell()
    low, high = row[f"{what}_low"], row[f"{what}_high"]
    return Cell(Number(value, "percent"), None, Interval(low, high) if low is not None or high is not None else None)


def _apart(procedure: Procedure, column: str, labels: Mapping[str, Words]) -> Words | None:
    """The limit that is broken in one group far more often than in another, if the intervals tell them apart."""
    found = breaches(procedure.runs, procedure.log, column).filter(~pl.col("suppressed"), pl.col("share_low").is_not_null())
    widest, told = 0.0, None
    for (clock,), part in found.group_by("clock", maintain_order=True):
        ordered = part.sort("share_late").rows(named=True)
        low, high = ordered[0], ordered[-1]
        if low["share_high"] >= high["share_low"]:
            continue
        if high["share_late"] - low["share_late"] > widest:
            widest, told = high["share_late"] - low["share_late"], (clock, low, high, len(ordered))
    if told is None:
        return None
    clock, low, high, groups = told
    return say(
        "clocks_apart" if groups > 2 else "clocks_apart_of_two",
        column=within_sentence(attribute_label(column)),
        clock=labels[str(clock)],
        high=Number(high["share_late"], "percent"),
        high_group=within_sentence(attribute_value_label(column, high[column])),
        low=Number(low["share_late"], "percent"),
        low_group=within_sentence(attribute_value_label(column, low[column])),
    )


def _by_group(procedure: Procedure, column: str, labels: Mapping[str, Words]) -> Table:
    found = breaches(procedure.runs, procedure.log, column)
    columns = (
        Column("group", attribute_label(column), align="left"),
        Column("runs", say("runs")),
        Column("late", say("late_all")),
        Column("open_late", say("open_late_all")),
        Column("share_late", say("share_late")),
        Column("expected_late", say("expected_late")),
        Column("median_late", say("median"), say("late_by")),
    )
    rows: list[Row] = []
    for name in dict.fromkeys(found["clock"].cast(pl.String)):
        rows.append(Row((Cell(labels[name]),), "heading"))
        for row in found.filter(pl.col("clock").cast(pl.String) == name).iter_rows(named=True):
            label = Cell(attribute_value_label(column, row[column]))
            if row["suppressed"]:
                rows.append(Row((label, *[Cell(None, "suppressed")] * 6)))
                continue
            counts = (Cell(Number(row[one])) for one in ("runs", "late", "open_late"))
            late = Cell(Number(row["median_late"], "decimal"))
            rows.append(Row((label, *counts, _share(row, "share"), _share(row, "expected"), late)))
    title = say("clocks_by_table", column=within_sentence(attribute_label(column)))
    return Table(f"{procedure.key}_clocks_{column}", title, columns, tuple(rows), (), source_of(procedure))
