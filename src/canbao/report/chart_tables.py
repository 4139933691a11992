"""What a figure draws, as a table: for those who cannot see it, and for machines."""

from __future__ import annotations

from collections.abc import Sequence

from canbao.chapters.document import (
    Bars,
    Cell,
    Column,
    Combinations,
    Curves,
    Figure,
    FlowDiagram,
    Interval,
    Intervals,
    Matrix,
    Point,
    ProcessMap,
    Row,
    StackedBars,
    Staircase,
    Table,
    TileMap,
)
from canbao.languages import Catalogue, Form, Number, Words

say = Catalogue("canbao.report", "words")


def chart_table(figure: Figure) -> Table:
    """What a figure draws, as a table."""
    chart = figure.chart
    match chart:
        case StackedBars(groups, series, values, panels) | Intervals(groups, series, values, panels=panels):
            form: Form = chart.form if isinstance(chart, Intervals) else "percent"
            return _grouped_table(figure, groups, series, values, panels, form)
        case Bars(categories, values):
            return _listed_table(figure, say("group"), categories, values, chart.axis, chart.form)
        case Staircase(steps, values):
            return _listed_table(figure, say("step"), steps, values, say("share"), "percent")
        case Combinations(sets, members, values):
            names = [_combination(sets, member) for member in members]
            return _listed_table(figure, say("combination"), names, values, say("share"), "percent")
        case Curves():
            positions = [_both(Number(x, chart.x_form)) for x in chart.x]
            turned = tuple(tuple(line[at] for line in chart.values) for at in range(len(chart.x)))
            return _grouped_table(figure, positions, chart.series, turned, None, chart.y_form, chart.x_axis)
        case ProcessMap():
            return _ways_table(figure, chart)
        case FlowDiagram():
            return _stages_table(figure, chart)
        case Matrix():
            return _fields_table(figure, chart)
        case TileMap(places, values=values):
            return _listed_table(figure, say("group"), places, values, chart.axis, chart.form)


def _fields_table(figure: Figure, chart: Matrix) -> Table:
    heads = zip(chart.columns, chart.groups, strict=True)
    columns = [Column(f"column_{at}", label, group, align="left") for at, (label, group) in enumerate(heads, start=1)]
    rows = tuple(
        Row((Cell(label), *(Cell() if at is None else Cell(chart.categories[at]) for at in fields)))
        for label, fields in zip(chart.rows, chart.fields, strict=True)
    )
    first = Column("group", say("group"), align="left")
    return Table(f"figure_{figure.key}", figure.title, (first, *columns), rows)


def _ways_table(figure: Figure, chart: ProcessMap) -> Table:
    columns = (
        Column("from", say("way_from"), align="left"),
        Column("to", say("way_to"), align="left"),
        Column("cases", say("way_cases")),
        Column("mean_days", say("way_days")),
    )
    rows = tuple(
        Row((Cell(chart.steps[start]), Cell(chart.steps[end]), Cell(Number(taken)), Cell(Number(days, "decimal"))))
        for (start, end), taken, days in zip(chart.ways, chart.taken, chart.days, strict=True)
    )
    return Table(f"figure_{figure.key}", figure.title, columns, rows)


def _stages_table(figure: Figure, chart: FlowDiagram) -> Table:
    columns = (Column("stage", say("step"), align="left"), Column("count", say("number")), Column("left", say("left_out")))
    rows: list[Row] = []
    for told, left in zip(chart.stages, chart.left, strict=True):
        rows += [Row((Cell(words), Cell(Number(count)), Cell())) for words, count in told]
        rows += [Row((Cell(words), Cell(), Cell(Number(count)))) for words, count in left]
    return Table(f"figure_{figure.key}", figure.title, columns, tuple(rows))


def _grouped_table(
    figure: Figure,
    groups: Sequence[Words],
    series: Sequence[Words],
    values: Sequence[Sequence[Point]],
    panels: Sequence[Words] | None,
    form: Form,
    head: Words | None = None,
) -> Table:
    columns = [Column("group", head or say("group"), align="left")]
    columns += [Column(f"series_{at}", label) for at, label in enumerate(series, start=1)]
    rows, heading = [], None
    for at, group in enumerate(groups):
        if panels is not None and panels[at] != heading:
            heading = panels[at]
            rows.append(Row((Cell(heading),), "heading"))
        rows.append(Row((Cell(group), *(_cell(point, form) for point in values[at]))))
    return Table(f"figure_{figure.key}", figure.title, tuple(columns), tuple(rows))


def _listed_table(
    figure: Figure, head: Words, labels: Sequence[Words], values: Sequence[Point], axis: Words, form: Form
) -> Table:
    columns = (Column("group", head, align="left"), Column("value", axis))
    rows = tuple(Row((Cell(label), _cell(point, form))) for label, point in zip(labels, values, strict=True))
    return Table(f"figure_{figure.key}", figure.title, columns, rows)


def _cell(point: Point, form: Form) -> Cell:
    if point.flag == "suppressed":
        return Cell(None, "suppressed")
    interval = None if point.low is None else Interval(point.low, point.high, form)
    return Cell(None if point.value is None else Number(point.value, form), point.flag, interval)


def _combination(sets: Sequence[Words], members: Sequence[int]) -> Words:
    if not members:
        return say("no_branch")
    return Words(" + ".join(sets[at].en for at in members), "、".join(sets[at].zh for at in members))


def _both(number: Number) -> Words:
    return Words(number.text("en"), number.text("zh"))
