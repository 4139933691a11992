"""What a change to a procedure would bring: days, time limits, drop-out, the work of staff, and on what that rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from canbao.chapters.confidence import confidence_words
from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Curves,
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
from canbao.languages import LANGUAGES, Catalogue, Form, Number, Words, within_sentence
from canbao.procedures.attributes import attribute_label, attribute_value_label
from canbao.procedures.simulation.measures import DAYS
from canbao.procedures.simulation.process_model import ProcessModel
from canbao.procedures.simulation.whatif import WhatIf
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.chapters", "whatif")

FORMS: Mapping[str, Form] = {
    "mean_days": "decimal", "median_days": "decimal", "p90_days": "decimal",
    "completed_share": "percent", "refused_share": "percent", "abandoned_share": "percent",
    "staff_hours": "decimal2", "visits": "decimal2", "documents": "decimal2",
    "late_share": "percent", "late_cases": "decimal",
}  # fmt: skip

EDGES = 12
"""So many ways of the log are shown beside the model's."""

FULL = 0.995
"""Staff that works for more of its desk time cannot keep up."""


def whatif_document(result: WhatIf, version: str) -> Document:
    """The result as a report of its own, dated by the model's first day or the log's last.

    Args:
        result: of `whatif`.
        version: of the program.
    """
    date = result.model.opens if result.log is None else result.log.closed.astimezone(result.log.zone).date()
    results = {
        "days": _days(result), "clocks": _clocks(result), "groups": _groups(result), "staff": _staff(result),
    }  # fmt: skip
    grounds = {"basis": _basis(result), "validation": _validation(result), "method": (paragraph(_method(result)),)}
    chapters = (
        Section("overview", say("overview"), tuple(_overview(result)), numbered=False),
        Section("results", say("results"), (), _sections(results)),
        Section("grounds", say("grounds"), (), _sections(grounds)),
    )
    return Document(
        key="report",
        title=say("document_title"),
        subtitle=Words(*(f"{result.model.title.words[one]}: {result.changes.title[one]}" for one in LANGUAGES)),
        authors=(),
        date=date,
        chapters=chapters,
        references=dict.fromkeys(LANGUAGES, ()),
        notice=_notice(result),
        made_with=say("made_with", version=version),
    )


def tried_section(result: WhatIf, key: str, of: Words) -> Section:
    """The result as a section of a study's chapter: what was changed, days and time limits before and after.

    Args:
        result: of `whatif`.
        key: before the names of its tables and figures.
        of: the procedure, as the study calls it.
    """
    changes = result.changes
    summary = [paragraph(changes.summary)] if changes.summary is not None else []
    full = [Notice(say(f"overloaded_{side}", staff=result.model.staff_label(pool))) for pool, side in overloaded(result)]
    source = say("source_log", name=of)
    found = [
        replace(one, key=f"{key}_{one.key}", source=source) if isinstance(one, Table | Figure) else one
        for one in (*_days(result), *_clocks(result))
    ]
    told = bullets(*changes.words(result.model))
    return Section(key, changes.title, (*summary, *told, *full, *_beside_the_log(result), *found))


def _beside_the_log(result: WhatIf) -> Sequence[Block]:
    """Why what is simulated as it is differs from what the log's own tables say."""
    figures = {row["figure"]: row for row in result.validation.figures.iter_rows(named=True)} if result.validation else {}
    if "median_days" not in figures or not result.figure("median_days"):
        return []
    seen = figures["median_days"]
    return [
        paragraph(
            say(
                "beside_the_log",
                observed=Number(seen["observed"], "decimal"),
                simulated=Number(seen["simulated"], "decimal"),
                before=_number(result.figure("median_days")["before"], "median_days"),
                days=Number(result.days),
            )
        )
    ]


def _sections(parts: Mapping[str, Sequence[Block]]) -> tuple[Section, ...]:
    return tuple(Section(key, say(key), tuple(blocks)) for key, blocks in parts.items() if blocks)


def _notice(result: WhatIf) -> Words | None:
    """What stands on every page where no office's log is behind the figures."""
    if result.log is None:
        return say("synthetic")
    return say("synthetic_log") if result.log.synthetic else None


def overloaded(result: WhatIf) -> list[tuple[str, str]]:
    """Staff that cannot keep up, with `before` or `after`."""
    return [
        (row["pool"], side)
        for row in result.pools.iter_rows(named=True)
        for side in ("before", "after")
        if (row[f"used_{side}"] or 0) >= FULL
    ]


def figure_label(figure: str) -> Words:
    """What a figure is called."""
    return say(f"figure_{figure}")


def clock_label(result: WhatIf, clock: str) -> Words:
    """What a time limit is called."""
    return next((one.label for one in result.limits.clocks if one.name == clock), Words.same(clock))


def form_of(figure: str) -> Form:
    """How a figure is printed."""
    return FORMS[figure]


# --- parts ------------------------------------------------------------------------------------------------------------


def _source(result: WhatIf) -> Words:
    name = result.model.title.words if result.log is None else Words.same(result.log.name)
    return say("source_log" if result.log is not None else "source_model", name=name)


def _overview(result: WhatIf) -> Sequence[Block]:
    figures = []
    median = result.figure("median_days")
    if median:
        detail = say(
            "from_to", before=_number(median["before"], "median_days"), after=_number(median["after"], "median_days")
        )
        figures.append(KeyFigure(_number(-median["difference"], "median_days"), say("days_saved"), detail))
    breaches = _breaches(result)
    if breaches is not None:
        before, after = breaches
        detail = say("from_to", before=Number(before, "decimal"), after=Number(after, "decimal"))
        figures.append(KeyFigure(Number(before - after, "decimal"), say("breaches_avoided"), detail))
    hours = result.figure("staff_hours")
    if hours:
        detail = say(
            "from_to", before=_number(hours["before"], "staff_hours"), after=_number(hours["after"], "staff_hours")
        )
        figures.append(KeyFigure(_number(-hours["difference"], "staff_hours"), say("hours_saved"), detail))
    told = result.changes.words(result.model)
    blocks: list[Block] = [KeyFigures(tuple(figures))] if figures else []
    if result.changes.summary is not None:
        blocks.append(paragraph(result.changes.summary))
    blocks += [paragraph(say("changes_lead") if told else say("no_changes")), *bullets(*told)]
    for pool, side in overloaded(result):
        blocks.append(Notice(say(f"overloaded_{side}", staff=result.model.staff_label(pool))))
    return blocks


def _breaches(result: WhatIf) -> tuple[float, float] | None:
    """Late runs of all clocks in a thousand cases, before and after."""
    rows = result.figures.filter(pl.col("figure") == "late_cases", pl.col("by") == "")
    return (float(rows["before"].sum()), float(rows["after"].sum())) if rows.height else None


def _number(value: float | None, figure: str) -> Number:
    return Number(value, FORMS[figure])


COMPARED = (("before", "before"), ("after", "after"))


def _columns(first: Column) -> tuple[Column, ...]:
    return (
        first,
        Column("before", say("before")),
        Column("after", say("after")),
        Column("difference", say("difference")),
    )


def _cells(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    figure = row["figure"]
    form: Form = FORMS[figure]
    change: Form = "points" if form == "percent" else form
    return (
        Cell(Number(row["before"], form)),
        Cell(Number(row["after"], form)),
        Cell(Number(row["difference"], change), None, Interval(row["low"], row["high"], change)),
    )


def _days(result: WhatIf) -> Sequence[Block]:
    rows = [
        Row((Cell(figure_label(row["figure"])), *_cells(row)))
        for row in result.figures.filter(pl.col("by") == "", pl.col("clock") == "").iter_rows(named=True)
    ]
    columns = _columns(Column("figure", say("figure"), align="left"))
    notes = (say("points_note"), say("days_note"), say("interval_note", replications=Number(result.replications)))
    table = Table("whatif_figures", say("figures_table"), columns, tuple(rows), notes, _source(result))
    return [*_curve(result), table]


def _curve(result: WhatIf) -> Sequence[Block]:
    curve, median = result.curve, result.figure("median_days")
    if not median:
        return []
    chart = Curves(
        tuple(curve["days"]),
        (say("before"), say("after")),
        tuple(tuple(Point(value) for value in curve[side]) for side in ("before", "after")),
        say("curve_x"),
        say("curve_y"),
        "decimal" if curve["days"].max() < 10 else "count",  # type: ignore[operator]
    )
    halves = {side: _number(median[side], "median_days") for side in ("before", "after")}
    alt = say("curve_alt", **halves)
    headline = say("curve_headline", name=result.changes.title, **halves)
    return [*bullets(alt), Figure("whatif_curve", say("curve_figure"), chart, alt, (), _source(result), headline)]


def _clocks(result: WhatIf) -> Sequence[Block]:
    found = result.figures.filter(pl.col("by") == "", pl.col("figure").is_in(["late_share", "late_cases"]))
    if found.is_empty():
        return [Notice(say("no_clocks"), "missing")]
    rows = []
    for clock in found["clock"].unique(maintain_order=True):
        of_clock = {row["figure"]: row for row in found.filter(pl.col("clock") == clock).iter_rows(named=True)}
        share, cases = of_clock["late_share"], of_clock["late_cases"]
        rows.append(Row((Cell(clock_label(result, clock)), *_cells(share), *_cells(cases))))
    share_group, cases_group = say("share_late"), say("late_in_thousand")
    columns = (
        Column("clock", say("clock"), align="left"),
        *(Column(f"{side}_share", say(side), share_group) for side in ("before", "after", "difference")),
        *(Column(f"{side}_cases", say(side), cases_group) for side in ("before", "after", "difference")),
    )
    return [Table("whatif_clocks", say("clocks_table"), columns, tuple(rows), (say("points_note"),), _source(result))]


def _groups(result: WhatIf) -> Sequence[Block]:
    blocks: list[Block] = []
    shown = [*DAYS[:2], "completed_share", "abandoned_share", "late_cases"]
    for column in result.figures["by"].unique(maintain_order=True):
        if not column:
            continue
        found = result.figures.filter(pl.col("by") == column, pl.col("figure").is_in(shown))
        groups = [group for group in found["group"].unique(maintain_order=True) if _is_large(result, column, group)]
        # A limit that nobody breaks on either side needs no row a group.
        broken = (pl.col("before").max() + pl.col("after").max()).over("figure", "clock") > 0
        found = found.filter(pl.col("group").is_in(groups)).filter((pl.col("clock") == "") | broken)
        if found.is_empty():
            continue
        rows: list[Row] = []
        for figure, clock in found.select("figure", "clock").unique(maintain_order=True).iter_rows():
            heading = figure_label(figure) if not clock else say("late_of", clock=clock_label(result, clock))
            rows.append(Row((Cell(heading),), "heading"))
            part = found.filter(pl.col("figure") == figure, pl.col("clock") == clock)
            rows += [
                Row((Cell(attribute_value_label(column, row["group"])), *_cells(row))) for row in part.iter_rows(named=True)
            ]
        title = say("groups_table", column=within_sentence(attribute_label(column)))
        columns = _columns(Column("group", attribute_label(column), align="left"))
        notes = (say("points_note"), say("days_note"))
        blocks.append(Table(f"whatif_by_{column}", title, columns, tuple(rows), notes, _source(result)))
        blocks += _group_chart(result, column, groups)
    return blocks


def _group_chart(result: WhatIf, column: str, groups: Sequence[str]) -> Sequence[Block]:
    found = [result.figure("mean_days", "", column, group) for group in groups]
    if len(groups) < 2 or not all(found):
        return []
    chart = Intervals(
        tuple(attribute_value_label(column, group) for group in groups),
        (say("difference"),),
        tuple((Point(row["difference"], row["low"], row["high"]),) for row in found),
        say("days_axis"),
        "decimal",
        zero_line=True,
    )
    most = min(zip(groups, found, strict=True), key=lambda one: one[1]["difference"])
    alt = say(
        "groups_alt", group=attribute_value_label(column, most[0]), days=Number(-most[1]["difference"], "decimal")
    )  # fmt: skip
    title = say("groups_figure", column=within_sentence(attribute_label(column)))
    return [Figure(f"whatif_gain_{column}", title, chart, alt, (), _source(result))]


def _is_large(result: WhatIf, column: str, group: str) -> bool:
    """Whether a log has enough cases of a group for it to be shown."""
    if result.log is None:
        return True
    values = result.log.case_column(column).cast(pl.String).fill_null("not_said")
    return int((values == group).sum()) >= SMALLEST_BASE


def _staff(result: WhatIf) -> Sequence[Block]:
    if result.pools.is_empty():
        return [Notice(say("no_staff"), "missing")]
    rows = [
        Row(
            (
                Cell(result.model.staff_label(row["pool"])),
                *(Cell(Number(row[f"staff_{side}"])) for side in ("before", "after")),
                *(Cell(Number(row[f"hours_{side}"])) for side in ("before", "after")),
                *(Cell(Number(row[f"used_{side}"], "percent")) for side in ("before", "after")),
            )
        )
        for row in result.pools.iter_rows(named=True)
    ]
    columns = (
        Column("staff", say("staff_column"), align="left"),
        *(
            Column(f"{one}_{side}", say(side), say(f"staff_{one}"))
            for one in ("number", "hours", "used")
            for side in ("before", "after")
        ),
    )
    note = say("staff_note", days=Number(result.days))
    return [Table("whatif_staff", say("staff_table"), columns, tuple(rows), (note,), _source(result))]


def _basis(result: WhatIf) -> Sequence[Block]:
    """On which figures the model rests."""
    model = result.model
    if result.log is not None:
        return [paragraph(say("basis_log", name=result.log.name))]
    blocks: list[Block] = [paragraph(say("basis_lead", assumed=Number(_assumed(model))))]
    rows = []
    for key, parameter in model.parameters.items():
        after = result.changed.parameters[key].value
        rows.append(
            Row(
                (
                    Cell(parameter.label.words),
                    Cell(_in_unit(parameter.value, parameter.unit)),
                    Cell(_in_unit(after, parameter.unit) if after != parameter.value else None),
                    Cell(Words.same(parameter.source) if parameter.source else None),
                    Cell(confidence_words(parameter.confidence)),
                )
            )
        )
    columns = (
        Column("figure", say("parameter"), align="left"),
        Column("before", say("before")),
        Column("after", say("after")),
        Column("source", say("source"), align="left"),
        Column("confidence", say("confidence"), align="left"),
    )
    if rows:
        blocks.append(Table("whatif_parameters", say("parameters_table"), columns, tuple(rows), (), _source(result)))
    return blocks


def _in_unit(value: float, unit: str) -> Words:
    key = f"unit_{unit}"
    if unit == "share":
        number = Number(value, "percent")
        return Words(*(number.text(one) for one in LANGUAGES))
    number = Number(value, "plain")
    return say(key, value=number) if key in say else say("unit_other", value=number, unit=unit)


def _assumed(model: ProcessModel) -> int:
    """Parts of the model whose figures nobody has measured."""
    parts: list[Any] = [*model.attributes.values(), *model.arrivals.values(), *model.staff.values()]
    for step in model.steps.values():
        parts += [step, *(fields.service for fields in (step, *step.where) if fields.service is not None)]
    return sum(part.confidence == "assumption" for part in parts)


def _validation(result: WhatIf) -> Sequence[Block]:
    found = result.validation
    if found is None:
        return []
    rows = [
        Row(
            (
                Cell(say(f"validated_{row['figure']}")),
                *(Cell(Number(row[one], "decimal2")) for one in ("observed", "simulated")),
            )
        )
        for row in found.figures.iter_rows(named=True)
    ]
    sides = (Column("observed", say("observed")), Column("simulated", say("simulated")))
    source = _source(result)
    figures = Table(
        "whatif_validation", say("validation_table"), (Column("figure", say("figure"), align="left"), *sides), tuple(rows),
        (), source,
    )  # fmt: skip
    ways = [
        Row(
            (
                Cell(result.limits.label(row["activity"])),
                Cell(result.limits.label(row["following"])),
                *(
                    Cell(Number(row[one], "decimal"))
                    for one in ("observed", "simulated", "observed_days", "simulated_days")
                ),
            )
        )
        for row in found.edges.head(EDGES).iter_rows(named=True)
    ]
    columns = (
        Column("activity", say("from"), align="left"),
        Column("following", say("to"), align="left"),
        Column("observed", say("observed"), say("in_hundred")),
        Column("simulated", say("simulated"), say("in_hundred")),
        Column("observed_days", say("observed"), say("mean_days")),
        Column("simulated_days", say("simulated"), say("mean_days")),
    )
    lead = say(
        "validation_lead", days=Number(found.distance_days, "decimal2"), share=Number(found.distance_share, "percent"),
        gap=Number(found.largest_gap, "points"),
    )  # fmt: skip
    return [paragraph(lead), figures, Table("whatif_ways", say("ways_table"), columns, tuple(ways), (), source)]


def _method(result: WhatIf) -> Words:
    return say(
        "method_text", replications=Number(result.replications), days=Number(result.days), warm_up=Number(result.warm_up),
        cases=Number(result.cases), seed=str(result.seed),
    )  # fmt: skip
