"""What the log of one procedure tells: its way, its bottlenecks, its time limits, who drops out, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

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
    ProcessMap,
    Row,
    Section,
    StackedBars,
    Table,
)
from canbao.chapters.findings import bullets, paragraph
from canbao.errors import InputError
from canbao.languages import LANGUAGES, Catalogue, Form, Number, Words, joined, within_sentence
from canbao.procedures.analysis import (
    burden_prices,
    burden_summary,
    causes,
    cumulative_incidence,
    group_differences,
    handovers,
    last_steps,
    loops,
    records_service,
    rework,
    step_hazards,
    variants,
    waiting,
)
from canbao.procedures.analysis.burden import KINDS
from canbao.procedures.analysis.groups import GroupDifferences
from canbao.procedures.analysis.process_map import process_map
from canbao.procedures.attributes import attribute_label, attribute_value_label
from canbao.procedures.clocks import Clock, breaches
from canbao.procedures.procedure import Procedure
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.chapters", "procedure")

WORST = 12
"""So many of the ways on which most time passes are listed."""

COMMONEST = 8
"""So many variants are listed."""

CAUSES = ("batching", "contention", "prioritisation", "unavailability", "extraneous", "unattributed")


def _source(procedure: Procedure) -> Words:
    """What stands under tables and figures."""
    return say("source", name=procedure.title)


def _table(
    procedure: Procedure, key: str, columns: Sequence[Column], rows: Sequence[Row], notes: Sequence[Words] = ()
) -> Table:
    return Table(
        f"{procedure.key}_{key}", say(f"{key}_table"), tuple(columns), tuple(rows), tuple(notes), _source(procedure)
    )


IN_A_STUDY = ("map", "delays", "waits", "clocks", "losses")
"""What a study's report shows of each procedure; `canbao bottlenecks` shows all."""


def procedure_section(procedure: Procedure, wanted: Collection[str] | None = None) -> Section:
    """The procedure as a section of the report, or as a report of its own.

    Args:
        procedure: the log.
        wanted: the parts shown; all if None.
    """
    parts: Mapping[str, Callable[[Procedure], Sequence[Block]]] = {
        "map": _map,
        "delays": _delays,
        "waits": _waits,
        "clocks": _clocks,
        "losses": _losses,
        "groups": _groups,
        "burden": _burden,
        "repeats": _repeats,
        "variants": _variants,
        "quality": _quality,
    }
    sections = []
    for key, write in parts.items():
        blocks = tuple(write(procedure)) if wanted is None or key in wanted else ()
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
    return [KeyFigures(figures, procedure.title), paragraph(lead)]


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


def _day_form(days: pl.Series) -> Form:
    """How a column of days is printed: with two decimals where some would look like nothing with one."""
    return "decimal2" if ((days > 0) & (days < 0.05)).any() else "decimal"


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
        _source(procedure),
        headline,
        left_out,
    )
    return [paragraph(say("map_lead")), figure]


# --- where time passes ------------------------------------------------------------------------------------------------


def _delays(procedure: Procedure) -> Sequence[Block]:
    """The ways on which most of all cases' time passes."""
    if procedure.edges.is_empty():
        return []
    ranked = procedure.edges.sort("total_days", "activity", "following", descending=[True, False, False]).head(WORST)
    form = _day_form(ranked["median_days"])
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
    return [*bullets(statement if len(known) else None), _table(procedure, "delays", columns, rows, [say("delays_note")])]


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
    return [paragraph(say("waits_lead")), _table(procedure, "waits", columns, rows), *_causes(procedure)]


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
        Figure(f"{procedure.key}_causes", say("causes_figure"), chart, alt, (say("causes_note"),), _source(procedure)),
    ]


# --- time limits ------------------------------------------------------------------------------------------------------


def _clocks(procedure: Procedure) -> Sequence[Block]:
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
        _table(procedure, "clocks", columns, rows, notes),
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
    return Table(f"{procedure.key}_clocks_{column}", title, columns, tuple(rows), (), _source(procedure))


# --- who drops out ----------------------------------------------------------------------------------------------------

CURVE_POINTS = 60


def _losses(procedure: Procedure) -> Sequence[Block]:
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
    figure = Figure(f"{procedure.key}_losses", say("losses_figure"), chart, alt, (say("losses_note"),), _source(procedure))
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
    return [_table(procedure, "given_up", columns, rows, [say("given_up_note")])] if rows else []


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
    return [_table(procedure, "last_seen", columns, rows)] if rows else []


# --- the same procedure, different groups -----------------------------------------------------------------------------

GROUPS_SHOWN = 30
"""Of a column with more groups, those with most cases are listed."""

SURE = 0.05


def _groups(procedure: Procedure) -> Sequence[Block]:
    """How long groups wait, how many get through and how many time limits break, with intervals and tests."""
    if not procedure.by:
        return []
    endings = procedure.endings.within(procedure.steps)
    known = any(endings.knows(way) for way in ("completed", "refused", "abandoned"))
    found = group_differences(procedure.steps, procedure.by, endings=endings if known else None, breach=procedure.broken)
    if not (found.tests["p"].is_not_null()).any():
        return [paragraph(say("groups_lead")), Notice(say("groups_alone"), "missing")]
    statements = [_group_sentence(found, column) for column in procedure.by]
    return [
        paragraph(say("groups_lead")),
        *bullets(*statements),
        *_group_chart(procedure, found),
        _group_table(procedure, found, survival=known),
        _test_table(procedure, found),
    ]


def _shown(found: GroupDifferences, column: str) -> pl.DataFrame:
    """The groups of a column that are listed, by name."""
    own = found.table.filter(pl.col("column") == column, ~pl.col("suppressed")).with_row_index("row")
    return own.sort("cases", "row", descending=[True, False]).head(GROUPS_SHOWN).sort("row").drop("row")


def _group_sentence(found: GroupDifferences, column: str) -> Words | None:
    own = found.table.filter(pl.col("column") == column, pl.col("median_days").is_not_null()).sort("median_days", "group")
    tested = found.tests.filter(pl.col("column") == column, pl.col("measure") == "days", pl.col("p_holm").is_not_null())
    if own.height < 2 or tested.is_empty():
        return None
    low, high = own.row(0, named=True), own.row(-1, named=True)
    p = float(tested["p_holm"][0])
    tests = int(found.tests["p"].is_not_null().sum())
    corrected = say("groups_corrected", tests=Number(tests)) if tests > 1 else Words.same("")
    sure = say("groups_sure" if p < SURE else "groups_unsure", p=_p_words(p), tests=corrected)
    return say(
        "groups_sentence",
        column=within_sentence(attribute_label(column)),
        low=_days(low["median_days"]),
        first=attribute_value_label(column, low["group"]),
        high=_days(high["median_days"]),
        last=attribute_value_label(column, high["group"]),
        sure=sure,
    )


def _p_words(p: float) -> Words:
    return say("p_less") if p < 0.001 else say("p_equals", p=Number(p, "decimal3"))


def _group_chart(procedure: Procedure, found: GroupDifferences) -> Sequence[Block]:
    groups, panels, points = [], [], []
    for column in procedure.by:
        drawn = _shown(found, column).filter(pl.col("median_days").is_not_null())
        if drawn.height < 2:
            continue
        for row in drawn.iter_rows(named=True):
            groups.append(attribute_value_label(column, row["group"]))
            panels.append(attribute_label(column))
            points.append((Point(row["median_days"], row["median_days_low"], row["median_days_high"]),))
    if not groups:
        return []
    alt = joined([one for one in (_group_sentence(found, column) for column in procedure.by) if one], en=" ", zh="")
    headed = tuple(panels) if len(set(panels)) > 1 else None
    chart = Intervals(tuple(groups), (say("median"),), tuple(points), say("groups_axis"), "decimal", headed)
    return [Figure(f"{procedure.key}_groups", say("groups_figure"), chart, alt, (), _source(procedure))]


def _group_table(procedure: Procedure, found: GroupDifferences, *, survival: bool) -> Table:
    shares = [
        (base, measure)
        for base, measure in (("ended", "completed_share"), ("judged", "breach_share"))
        if found.table[measure].is_not_null().any()
    ]
    columns = [
        Column("group", say("group"), align="left"),
        Column("cases", say("cases")),
        Column("median_days", say("median_days_short")),
    ]
    for base, measure in shares:
        columns += [Column(base, say(base)), Column(measure, say(measure))]
    form = _day_form(found.table["median_days"])
    rows: list[Row] = []
    notes = [say("groups_note"), *([say("groups_survival")] if survival else [])]
    for column in procedure.by:
        rows.append(Row((Cell(attribute_label(column)),), "heading"))
        own = _shown(found, column)
        rows += [_group_row(column, row, shares, form) for row in own.iter_rows(named=True)]
        every = found.table.filter(pl.col("column") == column).height
        if every > own.height:
            notes.append(
                say("groups_left_out", column=attribute_label(column), shown=Number(own.height), all=Number(every))
            )
    return _table(procedure, "groups", columns, rows, notes)


def _group_row(column: str, row: Mapping[str, float | str | None], shares: Sequence[tuple[str, str]], form: Form) -> Row:
    label = Cell(attribute_value_label(column, None if row["group"] is None else str(row["group"])))
    cells = [Cell(Number(_number(row["cases"]))), _with_interval(row, "median_days", form)]
    for base, measure in shares:
        cells += [Cell(Number(_number(row[base]))), _with_interval(row, measure, "percent")]
    return Row((label, *cells))


def _with_interval(row: Mapping[str, float | str | None], measure: str, form: Form) -> Cell:
    value, low, high = (_number(row[f"{measure}{end}"]) for end in ("", "_low", "_high"))
    if value is None:
        return Cell()
    return Cell(Number(value, form), None, Interval(low, high, form) if low is not None or high is not None else None)


def _number(value: float | str | None) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)


def _test_table(procedure: Procedure, found: GroupDifferences) -> Table:
    columns = (
        Column("column", say("tested_column"), align="left"),
        Column("measure", say("measure"), align="left"),
        Column("test", say("test"), align="left"),
        Column("statistic", say("statistic")),
        Column("df", say("df")),
        Column("p", say("p")),
        Column("p_holm", say("p_holm")),
    )
    rows = [
        Row(
            (
                Cell(attribute_label(row["column"])),
                Cell(say(f"measure_{row['measure']}")),
                Cell(say(f"test_{row['test']}") if f"test_{row['test']}" in say else Words.same(row["test"])),
                Cell(Number(row["statistic"], "decimal2")),
                Cell(Number(row["df"])),
                *(Cell(say("p_less") if row[p] < 0.001 else Number(row[p], "decimal3")) for p in ("p", "p_holm")),
            )
        )
        for row in found.tests.filter(pl.col("p").is_not_null()).iter_rows(named=True)
    ]
    return _table(procedure, "tests", columns, rows, [say("tests_note")])


# --- what it costs applicants -----------------------------------------------------------------------------------------


def _burden(procedure: Procedure) -> Sequence[Block]:
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
        _table(procedure, "burden", columns, rows, [say("burden_note")]),
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
    return Table(f"{procedure.key}_burden_{column}", title, columns, tuple(rows), (), _source(procedure))


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


# --- what is done twice -----------------------------------------------------------------------------------------------


def _repeats(procedure: Procedure) -> Sequence[Block]:
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
        blocks.append(_table(procedure, "repeats", columns, rows, [say("repeats_note")]))
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
    return [_table(procedure, "loops", columns, rows)] if rows else []


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
    return [_table(procedure, "handovers", columns, rows)] if rows else []


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
        _table(procedure, "variants", columns, rows, [say("variants_note")]),
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


def _quality(procedure: Procedure) -> Sequence[Block]:
    if not procedure.log.findings:
        return [paragraph(say("quality_none"))]
    return [paragraph(say("quality_lead")), *bullets(*(finding.words for finding in procedure.log.findings))]


# --- beside what workers say --------------------------------------------------------------------------------------------


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
