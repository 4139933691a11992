"""Two logs of a procedure, before and after a reform, as a report: what changed, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Document,
    Figure,
    Interval,
    Intervals,
    KeyFigure,
    KeyFigures,
    Notice,
    Point,
    Row,
    Section,
    Table,
)
from canbao.chapters.findings import bullets, paragraph
from canbao.chapters.procedure.way import in_turn
from canbao.languages import LANGUAGES, Catalogue, Form, Number, Words
from canbao.procedures.before_and_after import BeforeAndAfter
from canbao.procedures.procedure import Procedure
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.chapters", "before_and_after")

MOST_CHANGED = 12
"""So many ways from step to step are shown."""

VARIANTS_SHOWN = 8

FORMS: dict[str, Form] = {
    "cases": "count",
    "events_a_case": "decimal2",
    "activities": "count",
    "variants": "count",
    "median_days": "decimal",
    "mean_days": "decimal",
    "p90_days": "decimal",
}
"""How figures are printed; all others are shares."""


def before_and_after_document(both: BeforeAndAfter, version: str) -> Document:
    """The comparison as a report of its own, dated by the later log's last day.

    Args:
        both: the logs.
        version: of the program.
    """
    last = max(one.log.closed.astimezone(one.log.zone).date() for one in both.sides)
    synthetic = any(one.log.synthetic for one in both.sides)
    chapters = [
        Section("overview", say("overview"), tuple(_overview(both)), numbered=False),
        Section("ways", say("ways"), tuple(_ways(both))),
    ]
    for key, blocks in (("variants", _variants(both)), ("changes", _changes(both))):
        if blocks:
            chapters.append(Section(key, say(key), tuple(blocks)))
    chapters.append(Section("quality", say("quality"), tuple(_quality(both))))
    chapters.append(Section("method", say("method"), (paragraph(say("method_text")),)))
    return Document(
        key="report",
        title=say("document_title"),
        subtitle=say("subtitle", before=both.before.title, after=both.after.title),
        authors=(),
        date=last,
        chapters=tuple(chapters),
        references=dict.fromkeys(LANGUAGES, ()),
        notice=say("synthetic") if synthetic else None,
        made_with=say("made_with", version=version),
    )


def _source(both: BeforeAndAfter) -> Words:
    return say("source", before=both.before.log.name, after=both.after.log.name)


def figure_label(both: BeforeAndAfter, figure: str) -> Words:
    """What a figure of the comparison is called; clocks go by their own labels."""
    if f"figure_{figure}" in say:
        return say(f"figure_{figure}")
    labels = {clock.name: clock.label for one in both.sides for clock in one.limits.clocks}
    return say("figure_late", clock=labels[figure])


def figures_of(both: BeforeAndAfter) -> pl.DataFrame:
    """The figures of both logs and of the limits that run in both.

    Returns:
        `figure`, `before`, `after`, `difference`, `low`, `high`, and the `form` in which a figure is printed.
    """
    limits = both.limits.filter(pl.col("share_before").is_not_null() & pl.col("share_after").is_not_null()).select(
        pl.col("clock").alias("figure"),
        pl.col("share_before").alias("before"),
        pl.col("share_after").alias("after"),
        pl.col("share_difference").alias("difference"),
        pl.col("share_low").alias("low"),
        pl.col("share_high").alias("high"),
    )
    figures = pl.concat([both.found.figures, limits])
    form = pl.col("figure").replace_strict(FORMS, default="percent", return_dtype=pl.String)
    return figures.with_columns(form=form)


def differing(form: Form) -> Form:
    """The form of a difference: that of shares is in percentage points."""
    return "points" if form == "percent" else form


# --- at a glance ------------------------------------------------------------------------------------------------------


def _overview(both: BeforeAndAfter) -> Sequence[Block]:
    table = figures_of(both)
    rows = {row["figure"]: row for row in table.iter_rows(named=True)}
    median = rows["median_days"]
    figures = (
        KeyFigure(Number(median["before"], "decimal"), say("key_before")),
        KeyFigure(Number(median["after"], "decimal"), say("key_after")),
        KeyFigure(Number(median["difference"], "decimal"), say("key_difference")),
    )
    spans = {
        f"{name}_{end}": Words.day(moment.astimezone(one.log.zone).date())
        for name, one in (("before", both.before), ("after", both.after))
        for end, moment in (("first", one.log.opened), ("last", one.log.closed))
    }
    lead = say(
        "lead", before=both.before.log.name, after=both.after.log.name, cases_before=Number(rows["cases"]["before"]),
        cases_after=Number(rows["cases"]["after"]), **spans,
    )  # fmt: skip
    return [
        KeyFigures(figures),
        paragraph(lead),
        *bullets(_certainty(median)),
        Notice(say("no_effect")),
        _figures(both, table),
    ]


def _certainty(median: dict[str, float | None]) -> Words | None:
    """Whether the interval leaves room for no difference at all."""
    low, high = median["low"], median["high"]
    if low is None or high is None:
        return None
    key = "shorter" if high < 0 else "longer" if low > 0 else "no_telling"
    return say(key, low=Number(low, "decimal"), high=Number(high, "decimal"))


def _figures(both: BeforeAndAfter, table: pl.DataFrame) -> Table:
    columns = (
        Column("figure", say("figure"), align="left"),
        Column("before", say("before")),
        Column("after", say("after")),
        Column("difference", say("difference")),
    )
    rows = [
        Row(
            (
                Cell(figure_label(both, row["figure"])),
                *(Cell(Number(row[side], row["form"])) for side in ("before", "after")),
                _difference(row, "difference", "low", "high", differing(row["form"])),
            )
        )
        for row in table.iter_rows(named=True)
    ]
    horizon = both.found.horizon_days
    notes = [say("figures_note"), *([] if horizon is None else [say("horizon", days=Number(horizon))])]
    return Table("comparison_figures", say("figures_table"), columns, tuple(rows), tuple(notes), _source(both))


def _difference(row: dict[str, float | None], value: str, low: str, high: str, form: Form) -> Cell:
    if row[value] is None:
        return Cell()
    interval = None if row[low] is None and row[high] is None else Interval(row[low], row[high], form)
    return Cell(Number(row[value], form), None, interval)


# --- from step to step ------------------------------------------------------------------------------------------------


def _ways(both: BeforeAndAfter) -> Sequence[Block]:
    enough = pl.max_horizontal("count_before", "count_after") >= SMALLEST_BASE
    shown = both.found.edges.filter(enough).head(MOST_CHANGED)
    if shown.is_empty():
        return [paragraph(say("no_ways"))]
    return [paragraph(say("ways_lead")), *_chart(both, shown), _way_table(both, shown)]


def _labels(both: BeforeAndAfter, row: dict[str, str]) -> tuple[Words, Words]:
    return both.after.label(row["activity"]), both.after.label(row["following"])


def _chart(both: BeforeAndAfter, shown: pl.DataFrame) -> Sequence[Block]:
    known = shown.filter(pl.col("days_low").is_not_null() & pl.col("days_high").is_not_null())
    if known.is_empty():
        return []
    rows = known.to_dicts()
    groups = tuple(say("way", start=start, end=end) for start, end in (_labels(both, row) for row in rows))
    points = tuple((Point(row["days_difference"], row["days_low"], row["days_high"]),) for row in rows)
    first = rows[0]
    alt = say(
        "ways_alt", way=groups[0], before=Number(first["median_days_before"], "decimal"),
        after=Number(first["median_days_after"], "decimal"), low=Number(first["days_low"], "decimal"),
        high=Number(first["days_high"], "decimal"),
    )  # fmt: skip
    chart = Intervals(groups, (say("difference"),), points, say("ways_axis"), "decimal", zero_line=True)
    return [
        *bullets(alt),
        Figure("comparison_ways", say("ways_figure"), chart, alt, (say("ways_figure_note"),), _source(both), alt),
    ]


def _way_table(both: BeforeAndAfter, shown: pl.DataFrame) -> Table:
    columns = (
        Column("from", say("from"), align="left"),
        Column("to", say("to"), align="left"),
        *(Column(f"share_{side}", say(side), say("share_of_cases")) for side in ("before", "after", "difference")),
        *(Column(f"days_{side}", say(side), say("median_days")) for side in ("before", "after", "difference")),
    )
    rows = []
    for row in shown.iter_rows(named=True):
        start, end = _labels(both, row)
        rows.append(
            Row(
                (
                    Cell(start),
                    Cell(end),
                    *(Cell(Number(row[f"share_{side}"], "percent")) for side in ("before", "after")),
                    _difference(row, "share_difference", "share_low", "share_high", "points"),
                    *(
                        Cell(None if row[f"median_days_{side}"] is None else Number(row[f"median_days_{side}"], "decimal"))
                        for side in ("before", "after")
                    ),
                    _difference(row, "days_difference", "days_low", "days_high", "decimal"),
                )
            )
        )
    return Table("comparison_ways", say("ways_table"), columns, tuple(rows), (say("ways_note"),), _source(both))


# --- whole ways, and what is new --------------------------------------------------------------------------------------


def _variants(both: BeforeAndAfter) -> Sequence[Block]:
    enough = pl.max_horizontal("count_before", "count_after") >= SMALLEST_BASE
    shown = both.found.variants.filter(enough).head(VARIANTS_SHOWN)
    columns = (
        Column("variant", say("steps"), align="left"),
        Column("status", say("status"), align="left"),
        *(Column(side, say(side), say("share_of_cases")) for side in ("before", "after", "difference")),
    )
    rows = [
        Row(
            (
                Cell(in_turn([both.after.label(name) for name in row["activities"]])),
                Cell(say(f"status_{row['status']}")),
                *(Cell(Number(row[f"share_{side}"], "percent")) for side in ("before", "after")),
                _difference(row, "share_difference", "share_low", "share_high", "points"),
            )
        )
        for row in shown.iter_rows(named=True)
    ]
    if not rows:
        return []
    title = say("variants_table")
    return [Table("comparison_variants", title, columns, tuple(rows), (say("variants_note"),), _source(both))]


def _changes(both: BeforeAndAfter) -> Sequence[Block]:
    """Steps that only one of the logs has; ways that do are as a rule their consequence, and stand in the tables."""
    steps = both.found.changes.filter(pl.col("kind") == "activity", pl.col("count") >= SMALLEST_BASE)
    told = [
        say(f"step_{row['status']}", step=both.after.label(row["activity"]), count=Number(row["count"]))
        for row in steps.iter_rows(named=True)
    ]
    return bullets(*told) if told else []


def _quality(both: BeforeAndAfter) -> Sequence[Block]:
    told = [_odd(one, finding.words) for one in both.sides for finding in one.log.findings]
    return [paragraph(say("quality_lead")), *bullets(*told)] if told else [paragraph(say("quality_none"))]


def _odd(one: Procedure, words: Words) -> Words:
    return say("odd", name=one.log.name, finding=words)
