"""What the log of one procedure tells: its way, its bottlenecks, its time limits, who drops out, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Document,
    Figure,
    Interval,
    KeyFigure,
    KeyFigures,
    Notice,
    Point,
    ProcessMap,
    Row,
    Section,
    StackedBars,
    Table,
)
from canbao.chapters.findings import bullets, paragraph, within_sentence
from canbao.languages import LANGUAGES, Catalogue, Number, Words
from canbao.procedures import EventLog
from canbao.procedures.analysis import Summary, causes, completed, edges, records_service, summary, variants, waiting
from canbao.procedures.analysis.process_map import process_map
from canbao.procedures.clocks import Limits, breaches
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.workers.vocabulary import WorkerColumn, vocabulary

say = Catalogue("canbao.chapters", "procedure")

WORST = 12
"""So many of the ways on which most time passes are listed."""

COMMONEST = 8
"""So many variants are listed."""

CAUSES = ("batching", "contention", "prioritisation", "unavailability", "extraneous", "unattributed")


@dataclass(frozen=True)
class Procedure:
    """A procedure's log with what is to be asked of it.

    Args:
        key: names its tables and figures.
        title: of the procedure.
        log: what happened.
        limits: the time limits that hold, and what activities are called.
        by: columns by whose values it is shown.
    """

    key: str
    title: Words
    log: EventLog
    limits: Limits
    by: tuple[str, ...] = ()

    @cached_property
    def summary(self) -> Summary:
        """The log in a few figures."""
        return summary(self.log)

    @cached_property
    def steps(self) -> EventLog:
        """The log with an event a step: of starts and completions, the completions."""
        return completed(self.log) if records_service(self.log) else self.log

    @cached_property
    def edges(self) -> pl.DataFrame:
        """What directly follows what."""
        return edges(self.steps)

    @cached_property
    def runs(self) -> pl.DataFrame:
        """Every run of every clock."""
        return self.limits.evaluate(self.log)

    @property
    def source(self) -> Words:
        """What stands under tables and figures."""
        return say("source", name=self.log.name)

    def label(self, activity: str | None) -> Words:
        """What an activity is called."""
        return self.limits.label(activity) if activity is not None else Words.same("–")

    def table(self, key: str, columns: Sequence[Column], rows: Sequence[Row], notes: Sequence[Words] = ()) -> Table:
        """A table of this procedure."""
        return Table(f"{self.key}_{key}", say(f"{key}_table"), tuple(columns), tuple(rows), tuple(notes), self.source)


def procedure_section(procedure: Procedure) -> Section:
    """The procedure as a section of the report, or as a report of its own."""
    parts: Mapping[str, Callable[[Procedure], Sequence[Block]]] = {
        "map": _map,
        "delays": _delays,
        "waits": _waits,
        "clocks": _clocks,
        "variants": _variants,
        "quality": _quality,
    }
    sections = []
    for key, write in parts.items():
        blocks = tuple(write(procedure))
        if blocks:
            sections.append(Section(f"{procedure.key}_{key}", say(key), blocks))
    return Section(procedure.key, procedure.title, tuple(_headline(procedure)), tuple(sections))


def _headline(procedure: Procedure) -> Sequence[Block]:
    found = procedure.summary
    log = procedure.log
    figures = (
        KeyFigure(Number(found.cases), say("cases")),
        KeyFigure(_days(found.median_days), say("median_days")),
        KeyFigure(_days(found.p90_days), say("p90_days")),
    )
    span = (Words.day(moment.astimezone(log.zone).date()) for moment in (log.opened, log.closed))
    lead = say(
        "lead", first=next(span), last=next(span), events=Number(found.events), activities=Number(found.activities),
        variants=Number(found.variants), mean=Number(found.mean_days, "decimal"),
    )  # fmt: skip
    return [KeyFigures(figures), paragraph(lead)]


def procedure_document(procedure: Procedure, version: str) -> Document:
    """The procedure as a report of its own, dated by the log's last day.

    Args:
        procedure: the log.
        version: of the program.
    """
    section = procedure_section(procedure)
    log = procedure.log
    name = procedure.limits.calendar.name
    calendar = say(f"calendar_{name}") if f"calendar_{name}" in say else Words.same(name)
    told = say("method_text", calendar=calendar, zone=log.time_zone)
    method = Section("method", say("method"), (paragraph(told),))
    chapters = (
        Section("overview", say("overview"), section.blocks, numbered=False),
        *(Section(part.key, part.title, part.blocks, part.sections) for part in section.sections),
        method,
    )
    return Document(
        key="report",
        title=say("document_title"),
        subtitle=procedure.title,
        authors=(),
        date=log.closed.astimezone(log.zone).date(),
        chapters=chapters,
        references=dict.fromkeys(LANGUAGES, ()),
        notice=say("synthetic") if log.synthetic else None,
        made_with=say("made_with", version=version),
    )


def _days(days: float) -> Number:
    """Days, with two decimals where they are few."""
    return Number(days, "decimal2" if days < 1 else "decimal")


# --- the way ----------------------------------------------------------------------------------------------------------


def _map(procedure: Procedure) -> Sequence[Block]:
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
    alt = say(
        "map_alt", steps=len(names), start=procedure.label(worst["activity"]), end=procedure.label(worst["following"]),
        share=Number(worst["share_of_delay"], "percent"),
    )  # fmt: skip
    notes = (say("map_note"), *((say("map_left_out", count=layout.left_out),) if layout.left_out else ()))
    figure = Figure(
        f"{procedure.key}_map", say("map_figure", name=procedure.title), chart, alt, notes, procedure.source, alt
    )
    return [paragraph(say("map_lead")), figure]


# --- where time passes ------------------------------------------------------------------------------------------------


def _delays(procedure: Procedure) -> Sequence[Block]:
    """The ways on which most of all cases' time passes."""
    if procedure.edges.is_empty():
        return []
    ranked = procedure.edges.sort("total_days", "activity", "following", descending=[True, False, False]).head(WORST)
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
                *(Cell(Number(way[f"{one}_days"], "decimal")) for one in ("median", "mean", "p90")),
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
    return [*bullets(statement if len(known) else None), procedure.table("delays", columns, rows, [say("delays_note")])]


def _waits(procedure: Procedure) -> Sequence[Block]:
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
    return [paragraph(say("waits_lead")), procedure.table("waits", columns, rows), *_causes(procedure)]


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
    alt = say("causes_alt", cause=say(f"cause_{CAUSES[first]}"), share=Number(totals[first] / whole, "percent"))
    chart = StackedBars(tuple(groups), tuple(say(f"cause_{cause}") for cause in CAUSES), tuple(values))
    return [
        *bullets(alt),
        Figure(f"{procedure.key}_causes", say("causes_figure"), chart, alt, (say("causes_note"),), procedure.source),
    ]


# --- time limits ------------------------------------------------------------------------------------------------------


def _clocks(procedure: Procedure) -> Sequence[Block]:
    """How often each limit was broken and by how much, in all and by groups."""
    if procedure.runs.is_empty():
        return [Notice(say("no_clocks"), "missing")]
    overall = breaches(procedure.runs, procedure.log)
    labels = {clock.name: clock.label for clock in procedure.limits.clocks}
    columns = (
        Column("clock", say("clock"), align="left"),
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
    rows = [Row((Cell(labels[row["clock"]]), *_clock_cells(row))) for row in overall.iter_rows(named=True)]
    counted = [row for row in overall.iter_rows(named=True) if row["share_late"] is not None]
    worst = max(counted, key=lambda row: row["share_late"], default=None)
    statement = None
    if worst is not None:
        statement = say(
            "clocks_sentence",
            clock=labels[worst["clock"]],
            share=Number(worst["share_late"], "percent"),
            still=Number(worst["open_late"]),
        )
    silent = [
        say("clock_silent", clock=labels[name], why=why)
        for name, why in procedure.limits.applicability(procedure.log).items()
        if why is not None
    ]
    notes = [say("clocks_note"), *silent]
    return [
        *bullets(statement),
        procedure.table("clocks", columns, rows, notes),
        *(_by_group(procedure, column, labels) for column in procedure.by),
    ]


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
    return Cell(Number(value, "percent"), None, Interval(row[f"{what}_low"], row[f"{what}_high"]))


def _by_group(procedure: Procedure, column: str, labels: Mapping[str, Words]) -> Table:
    found = breaches(procedure.runs, procedure.log, column)
    columns = (
        Column("group", column_label(column), align="left"),
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
            label = Cell(value_label(column, row[column]))
            if row["suppressed"]:
                rows.append(Row((label, *[Cell(None, "suppressed")] * 6)))
                continue
            counts = (Cell(Number(row[one])) for one in ("runs", "late", "open_late"))
            late = Cell(Number(row["median_late"], "decimal"))
            rows.append(Row((label, *counts, _share(row, "share"), _share(row, "expected"), late)))
    title = say("clocks_by_table", column=within_sentence(column_label(column)))
    return Table(f"{procedure.key}_clocks_{column}", title, columns, tuple(rows), (), procedure.source)


# --- variants and what is odd -----------------------------------------------------------------------------------------


def _variants(procedure: Procedure) -> Sequence[Block]:
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
        steps = _joined([procedure.label(name) for name in row["activities"]])
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
        procedure.table("variants", columns, rows, [say("variants_note")]),
    ]


def _joined(steps: Sequence[Words]) -> Words:
    """Steps one after the other; what comes several times running is written once with how often."""
    runs: list[tuple[Words, int]] = []
    for step in steps:
        if runs and runs[-1][0] == step:
            runs[-1] = (step, runs[-1][1] + 1)
        else:
            runs.append((step, 1))
    parts = [Words(*(f"{step[one]} ×{times}" if times > 1 else step[one] for one in ("en", "zh"))) for step, times in runs]
    return Words(" → ".join(part.en for part in parts), " → ".join(part.zh for part in parts))


def _quality(procedure: Procedure) -> Sequence[Block]:
    if not procedure.log.findings:
        return [paragraph(say("quality_none"))]
    return [paragraph(say("quality_lead")), *bullets(*(finding.words for finding in procedure.log.findings))]


# --- labels -----------------------------------------------------------------------------------------------------------


def _known(column: str) -> WorkerColumn | None:
    """The vocabulary's column of that name: of workers' attributes logs speak in the same words."""
    return vocabulary().get(column)


def column_label(column: str) -> Words:
    """What a column of a log is called: in the vocabulary's words, or by its own name."""
    if f"column_{column}" in say:
        return say(f"column_{column}")
    known = _known(column)
    return known.label if known is not None else Words.same(column)


def value_label(column: str, value: str | None) -> Words:
    """What a value of a log's column is called."""
    if value is None:
        return say("not_said")
    known = _known(column)
    return known.categories.get(value, Words.same(value)) if known is not None else Words.same(value)
