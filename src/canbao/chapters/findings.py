"""What chapters draw from, and the forms that many of them share: a table by groups, a chart by groups, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from canbao.chapters.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Figure,
    Intervals,
    Notice,
    Paragraph,
    Point,
    Row,
    Section,
    StackedBars,
    Table,
)
from canbao.chapters.estimates import Estimate, Estimates, Estimator
from canbao.evidence import Literature
from canbao.evidence.collected import Evidence
from canbao.evidence.countries import Card
from canbao.evidence.self_assessment import Answer
from canbao.evidence.seminar import SeminarRecord
from canbao.languages import Catalogue, Form, Number, Words, joined, within_sentence
from canbao.procedures.procedure import Procedure
from canbao.procedures.simulation import WhatIf
from canbao.reforms import Reform, Simulator
from canbao.settings import StudySettings
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.workers import WorkerColumn, WorkerTable
from canbao.workers.derived import asked_for
from canbao.workers.vocabulary import YES_NO

say = Catalogue("canbao.chapters", "findings")

Among = Mapping[str, str | Sequence[str]]

STANDING_GROUPINGS = (
    "platform_worker",
    "sex",
    "migrant",
    "hukou_locality",
    "age_group",
    "education",
    "contract",
    "income_group",
    "platform_type",
)
"""Groups by which coverage is always shown where the data have them (indicator C1)."""


@dataclass(frozen=True)
class Findings:
    """A study's data, ready to be reported.

    Args:
        settings: what the study declares.
        table: its worker table.
        estimator: answers questions about the table with estimates that may be published.
        literature: the works that the study collected.
        inputs: files that went in, with the SHA-256 of their content.
        versions: programs that made the report.
        simulator: the study's workers, ready to be run under any reform; None where the study names no reforms.
        reforms: that the study compares.
        procedures: the offices' logs that the study has.
        tried: what changes to them would bring, by procedure.
        evidence: what the study gathered beside its survey.
        countries: the cards of other countries' designs.
        answers: of the study's people to the self-assessment.
        seminar: the record of the seminar at which the findings were questioned.
    """

    settings: StudySettings
    table: WorkerTable
    estimator: Estimator
    literature: Literature = field(default_factory=Literature)
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    simulator: Simulator | None = None
    reforms: tuple[Reform, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    tried: Mapping[str, tuple[WhatIf, ...]] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    countries: tuple[Card, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    seminar: SeminarRecord | None = None

    def has(self, *columns: str) -> bool:
        """Whether the data can answer what needs these columns."""
        return self.estimator.has(*columns)

    def column(self, name: str) -> WorkerColumn:
        """A column of the vocabulary, the study's own included."""
        return self.table.vocabulary[name]

    def label(self, name: str) -> Words:
        """What a column is called."""
        return self.table.vocabulary[name].label

    def category(self, name: str, category: str) -> Words:
        """What a category is called."""
        return self.table.vocabulary[name].categories[category]

    def groupings(self, *without: str) -> list[str]:
        """Groups by which to show results: the focus groups, then the standing ones, as far as the data have them."""
        wanted = dict.fromkeys([*self.settings.focus_groups, *STANDING_GROUPINGS])
        return [name for name in wanted if self.has(name) and self.column(name).is_categorical and name not in without]

    @property
    def focus(self) -> list[str]:
        """The focus groups that the data have."""
        return [name for name in self.settings.focus_groups if self.has(name) and self.column(name).is_categorical]

    @property
    def source(self) -> Words:
        """What stands under tables and figures."""
        return say("source", title=self.settings.title.words)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a chapter and the columns without which it cannot be written."""

    key: str
    title: Words
    needs: tuple[str, ...]
    write: Callable[[Findings], Sequence[Block]]


def chapter_of(findings: Findings, key: str, title: Words, lead: Sequence[Block], parts: Sequence[Part]) -> Section:
    """A chapter from its parts; what the data cannot carry is replaced by what it would need."""
    if not any(findings.has(*part.needs) for part in parts):
        needed = list(dict.fromkeys(name for part in parts for name in part.needs))
        return Section(key, title, (_missing(findings, title, needed),))
    sections = tuple(
        Section(
            part.key,
            part.title,
            tuple(part.write(findings)) if findings.has(*part.needs) else (_missing(findings, part.title, part.needs),),
        )
        for part in parts
    )
    return Section(key, title, tuple(lead), sections)


def _missing(findings: Findings, what: Words, needs: Sequence[str]) -> Notice:
    present = [column.name for column in findings.table.columns if findings.has(column.name)]
    absent = [name for name in needs if name not in present]
    lacking = list(dict.fromkeys(asked for name in absent for asked in asked_for(name, present)))
    return Notice(say("missing", what=what, needs=columns_named(findings, lacking)), "missing")


def columns_named(findings: Findings, names: Sequence[str]) -> Words:
    """Columns by label and name, as one who extends a questionnaire looks for them."""
    return joined(
        Words(f"{findings.label(name).en} (`{name}`)", f"{findings.label(name).zh}（`{name}`）") for name in names
    )


def paragraph(words: Words) -> Paragraph:
    """Generated words."""
    return Paragraph(words)


ENDS = {"en": ".?!:;…", "zh": "。？！：；…"}
"""Marks after which no full stop follows."""


def ended(words: Words) -> Words:
    """Words as a sentence: with a full stop, unless they end with a mark of their own."""
    return Words(
        words.en if words.en[-1:] in ENDS["en"] else f"{words.en}.",
        words.zh if words.zh[-1:] in ENDS["zh"] else f"{words.zh}。",
    )


def bullets(*items: Words | None) -> list[Block]:
    """Statements as a list, each with a full stop; those that could not be made are left out."""
    said = tuple(ended(item) for item in items if item is not None)
    return [Bullets(said)] if said else []


# --- tables by groups -----------------------------------------------------------------------------------------------------


GROUP_COLUMN = Column("group", say("group"), align="left")
BASE_COLUMN = Column("n", say("base"))


def shares_table(
    findings: Findings,
    key: str,
    title: Words,
    of: str,
    groupings: Sequence[str],
    *,
    among: Among | None = None,
    everybody: Words | None = None,
    categories: Sequence[str] | None = None,
    notes: Sequence[Words] = (),
) -> Table:
    """Shares of a column's categories, by groups: one row a group, one column a category, intervals beneath.

    Args:
        findings: the study.
        key: the table's name.
        title: its heading.
        of: the column whose categories are shown.
        groupings: columns whose categories are the rows.
        among: whom it is about; all workers if None.
        everybody: the label of the first row.
        categories: those to show; all if None.
        notes: words under the table, before those about intervals.
    """
    total = findings.estimator.of(of, among=among)
    column = findings.column(of)
    shown = list(categories or total.categories)
    # A single head of a bare “Yes” does not say what stands under it.
    alone = column.type == "yes_no" and len(shown) == 1 and column.categories[shown[0]] == YES_NO.get(shown[0])
    heads = [Column(category, say("share") if alone else column.categories[category]) for category in shown]
    estimates = {name: findings.estimator.of(of, [name], among) for name in groupings if name != of}
    rows = _grouped_rows(
        findings,
        estimates,
        everybody or say("all_workers"),
        lambda asked, group: [asked.at(category, *group) for category in shown],
        "percent",
        total,
    )
    notes = (*notes, *unasked_note(findings, of, shown, whole=categories is None), interval_note(findings))
    table = Table(key, title, (GROUP_COLUMN, BASE_COLUMN, *heads), rows, notes, findings.source)
    return without_repeats(without_hidden(table))


def categories_by_groups(
    findings: Findings,
    key: str,
    title: Words,
    of: str,
    groupings: Sequence[str],
    *,
    among: Among | None = None,
    everybody: Words | None = None,
    notes: Sequence[Words] = (),
) -> Table:
    """Shares of many categories, the most frequent first: one row a category, one column a group."""
    total = findings.estimator.of(of, among=among)
    asked = {name: findings.estimator.of(of, [name], among) for name in groupings}
    columns = [Column("category", findings.label(of), align="left"), Column("all", everybody or say("all_workers"))]
    answers: list[tuple[Estimates, tuple[str, ...]]] = [(total, ())]
    for name, estimates in asked.items():
        for group in estimates.groups:
            columns.append(Column(f"{name}_{group[0]}", findings.category(name, group[0]), findings.label(name)))
            answers.append((estimates, group))
    ranked = sorted(total.categories, key=lambda category: -(total.at(category).estimate or 0))
    bases = [largest_base([estimates.at(category, *group) for category in ranked]) for estimates, group in answers]
    rows = [Row((Cell(say("base_row")), *bases), "total")]
    for category in ranked:
        cells = [estimates.at(category, *group).cell("percent") for estimates, group in answers]
        rows.append(Row((Cell(findings.category(of, category)), *cells)))
    table = Table(key, title, tuple(columns), tuple(rows), (*notes, interval_note(findings)), findings.source)
    return without_hidden(table, columns=True)


def means_table(
    findings: Findings,
    key: str,
    title: Words,
    measures: Sequence[Measure],
    groupings: Sequence[str],
    *,
    among: Among | None = None,
    everybody: Words | None = None,
    notes: Sequence[Words] = (),
) -> Table:
    """Several measures side by side, by groups: one row a group, one column a measure with its own base."""
    columns = [GROUP_COLUMN]
    for measure in measures:
        columns += [
            Column(f"{measure.key}_n", say("base"), measure.label),
            Column(measure.key, measure.head or say("estimate"), measure.label),
        ]
    totals = [measure.ask(findings.estimator, (), among) for measure in measures]
    rows = [Row((Cell(everybody or say("all_workers")), *_measured(measures, totals, ())), "total")]
    for name in groupings:
        asked = [measure.ask(findings.estimator, (name,), among) for measure in measures]
        rows.append(Row((Cell(findings.label(name)),), "heading"))
        rows += [
            Row((Cell(findings.category(name, category)), *_measured(measures, asked, (category,))))
            for category in _categories_asked(asked)
        ]
    table = Table(key, title, tuple(columns), tuple(rows), (*notes, interval_note(findings)), findings.source)
    return without_repeats(without_hidden(table))


def without_hidden(table: Table, *, columns: bool = False) -> Table:
    """The table without the rows of which nothing may be shown; a note names them.

    Args:
        table: as it was made; its row of all stays.
        columns: whether a column is a group too, so that those without anything are left out as well.
    """
    blank = {at for at, row in enumerate(table.rows) if row.kind == "body" and _is_hidden(row.cells[1:])}
    kept = [row for at, row in enumerate(table.rows) if at not in blank]
    read = [row for row in kept if row.kind != "heading"]
    places = range(1, len(table.columns)) if columns else ()
    dropped = {at for at in places if _is_hidden([row.cells[at] for row in read])}
    named = [row.cells[0].content for at, row in enumerate(table.rows) if at in blank]
    named += [table.columns[at].label for at in sorted(dropped)]
    labels = list(dict.fromkeys(one for one in named if isinstance(one, Words)))
    if not labels or len(dropped) == len(table.columns) - 1:
        return table
    rows = []
    for row in _under_headings(kept):
        cells = tuple(one for at, one in enumerate(row.cells) if at not in dropped)
        rows.append(row if row.kind == "heading" else replace(row, cells=cells))
    note = say("hidden_note", groups=joined(say("quoted", what=one) for one in labels), fewest=Number(SMALLEST_BASE))
    heads = tuple(one for at, one in enumerate(table.columns) if at not in dropped)
    return replace(table, columns=heads, rows=tuple(rows), notes=(note, *table.notes))


def without_repeats(table: Table) -> Table:
    """The table without rows that say of the same respondents what a row of an earlier grouping says; a note names them.

    Where occupations and kinds of platform work are one, neither has to be read twice.
    """
    rows: list[Row] = []
    first: dict[tuple[Cell, ...], int] = {}
    repeated: list[Words] = []
    section = 0
    for row in table.rows:
        section += row.kind == "heading"
        told = row.cells[1:]
        whole = row.kind == "body" and all(one.content is not None and one.interval is not None for one in told[1::2])
        if whole and first.setdefault(told, section) < section and isinstance(row.cells[0].content, Words):
            repeated.append(row.cells[0].content)
        else:
            rows.append(row)
    if not repeated:
        return table
    note = say("repeated_note", groups=joined(say("quoted", what=one) for one in repeated))
    return replace(table, rows=tuple(_under_headings(rows)), notes=(note, *table.notes))


def _under_headings(rows: Sequence[Row]) -> list[Row]:
    """The rows without headings under which nothing is left."""
    following = [*rows[1:], Row((), "heading")]
    return [row for row, after in zip(rows, following, strict=True) if row.kind != "heading" or after.kind != "heading"]


def _is_hidden(cells: Sequence[Cell]) -> bool:
    return bool(cells) and all(one.flag == "suppressed" for one in cells)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number about a group: how it is asked for and printed.

    Args:
        key: its name in files.
        label: what it is, with unit.
        ask: gives the estimates by groups.
        category: which of the categories that come back.
        form: how it is printed.
        head: the heading over the number itself.
        settled: whether 0 and 1 are matters of law, which no sample makes uncertain; they stand without an interval.
    """

    key: str
    label: Words
    ask: Callable[[Estimator, Sequence[str], Among | None], Estimates]
    category: str
    form: Form
    head: Words | None = None
    settled: bool = False

    def cell(self, estimate: Estimate) -> Cell:
        """As a table shows it."""
        cell = estimate.cell(self.form)
        return replace(cell, interval=None) if self.settled and estimate.estimate in (0.0, 1.0) else cell


def share_of(of: str, category: str, label: Words, *, settled: bool = False) -> Measure:
    """The share of one category."""
    return Measure(
        f"{of}_{category}", label, lambda ask, by, among: ask.of(of, by, among), category, "percent", say("share"), settled
    )


def mean_of(of: str, label: Words, form: Form) -> Measure:
    """The mean of a number."""
    return Measure(f"{of}_mean", label, lambda ask, by, among: ask.of(of, by, among), "mean", form, say("mean"))


def median_of(of: str, label: Words, form: Form) -> Measure:
    """The median of a number."""
    return Measure(f"{of}_median", label, lambda ask, by, among: ask.median(of, by, among), "median", form, say("median"))


def share_at_least(of: str, least: float, label: Words) -> Measure:
    """The share whose number is at least so much."""
    return Measure(
        f"{of}_at_least_{least:g}",
        label,
        lambda ask, by, among: ask.exceedance(of, least, by, among),
        "at_least",
        "percent",
        say("share"),
    )


def rate_per_100(of: str, label: Words) -> Measure:
    """The mean of a count, for a hundred workers."""
    return Measure(f"{of}_per_100", label, lambda ask, by, among: ask.rate(of, by, among), "rate", "decimal", say("rate"))


def _measured(measures: Sequence[Measure], asked: Sequence[Estimates], group: tuple[str, ...]) -> list[Cell]:
    cells = []
    for measure, estimates in zip(measures, asked, strict=True):
        estimate = estimates.at(measure.category, *group)
        cells += [estimate.base, measure.cell(estimate)]
    return cells


def _categories_asked(asked: Sequence[Estimates]) -> list[str]:
    return list(dict.fromkeys(group[0] for estimates in asked for group in estimates.groups))


def _grouped_rows(
    findings: Findings,
    estimates: Mapping[str, Estimates],
    everybody: Words,
    pick: Callable[[Estimates, tuple[str, ...]], list[Estimate]],
    form: Form,
    total: Estimates,
) -> tuple[Row, ...]:
    first = pick(total, ())
    rows = [Row((Cell(everybody), largest_base(first), *(one.cell(form) for one in first)), "total")]
    for name, asked in estimates.items():
        rows.append(Row((Cell(findings.label(name)),), "heading"))
        for group in asked.groups:
            picked = pick(asked, group)
            label = findings.category(name, group[0])
            rows.append(Row((Cell(label), largest_base(picked), *(one.cell(form) for one in picked))))
    return tuple(rows)


def largest_base(estimates: Sequence[Estimate]) -> Cell:
    """The base of a row."""
    hidden = [one for one in estimates if one.flag == "suppressed"]
    return (hidden or sorted(estimates, key=lambda one: one.n or 0, reverse=True))[0].base


def unasked_note(findings: Findings, of: str, shown: Sequence[str], *, whole: bool = False) -> list[Words]:
    """That the survey offered no such answer, where a column has a dash or is not there; nothing where all were offered.

    Args:
        findings: the study.
        of: the column.
        shown: the categories that have a column.
        whole: whether the table is about all categories, so that those that are not shown are named too.
    """
    column = findings.column(of)
    dashes = [column.categories[one] for one in shown if one in column.unasked]
    gone = [label for one, label in column.categories.items() if whole and one in column.unasked and one not in shown]
    told = {"unasked_note": dashes, "not_offered_note": gone}
    return [
        say(key, categories=joined(say("quoted", what=one) for one in labels)) for key, labels in told.items() if labels
    ]


def interval_note(findings: Findings) -> Words:
    """What the small figures under the estimates are."""
    return say("interval_note", name=findings.estimator.design.interval_name)


def weighted_note(findings: Findings) -> Words:
    """The same under a table that has no column of bases."""
    return say("weighted_note", name=findings.estimator.design.interval_name)


# --- charts by groups -----------------------------------------------------------------------------------------------------


def stacked_shares(
    findings: Findings,
    key: str,
    title: Words,
    of: str,
    groupings: Sequence[str],
    *,
    among: Among | None = None,
    alt: Words,
    headline: Words | None = None,
) -> Figure:
    """Bars that add up to 100 %: a column's categories, by groups."""
    total = findings.estimator.of(of, among=among)
    series = tuple(findings.category(of, category) for category in total.categories)
    groups, panels, values = [say("all_workers")], [say("everybody")], [_points(total, ())]
    for name in groupings:
        asked = findings.estimator.of(of, [name], among)
        for group in asked.groups:
            groups.append(findings.category(name, group[0]))
            panels.append(findings.label(name))
            values.append(_points(asked, group))
    chart = StackedBars(tuple(groups), series, tuple(values), tuple(panels))
    return Figure(key, title, chart, alt, source=findings.source, headline=headline)


def interval_shares(
    findings: Findings,
    key: str,
    title: Words,
    measures: Sequence[Measure],
    groupings: Sequence[str],
    *,
    axis: Words,
    alt: Words,
    among: Among | None = None,
    headline: Words | None = None,
) -> Figure:
    """Dots with intervals: one or more measures, by groups."""
    groups, panels, values = [say("all_workers")], [say("everybody")], []
    values.append(tuple(one.ask(findings.estimator, (), among).at(one.category).point for one in measures))
    for name in groupings:
        asked = [one.ask(findings.estimator, (name,), among) for one in measures]
        for category in _categories_asked(asked):
            groups.append(findings.category(name, category))
            panels.append(findings.label(name))
            points = zip(measures, asked, strict=True)
            values.append(tuple(answer.at(one.category, category).point for one, answer in points))
    chart = Intervals(
        tuple(groups),
        tuple(one.label for one in measures),
        tuple(values),
        axis,
        form=measures[0].form,
        panels=tuple(panels),
        numbers=True,
    )
    notes = (interval_note_for_charts(findings),)
    return Figure(key, title, chart, alt, notes, findings.source, headline)


def interval_note_for_charts(findings: Findings) -> Words:
    """What the lines through the dots are."""
    return say("interval_note_charts", name=findings.estimator.design.interval_name)


def _points(estimates: Estimates, group: tuple[str, ...]) -> tuple[Point, ...]:
    return tuple(estimates.at(category, *group).point for category in estimates.categories)


# --- sentences ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contrast:
    """The two groups that lie furthest apart.

    Args:
        column: of the groups.
        low_group: where it is lowest.
        low: what it is there.
        high_group: where it is highest.
        high: what it is there.
        whole: whether all groups were compared; some may be too small.
        groups: how many there are, those that are too small included.
        in_order: whether the lower of the two comes first in the vocabulary.
    """

    column: str
    low_group: Words
    low: Estimate
    high_group: Words
    high: Estimate
    whole: bool
    groups: int
    in_order: bool

    @property
    def of_two(self) -> bool:
        """Whether there are no others between them: two numbers are told as such, not as a range."""
        return self.whole and self.groups == 2


def widest_contrast(
    findings: Findings, measure: Measure, grouping: str, among: Among | None = None, fewest: int = 0
) -> Contrast | None:
    """Where a number is lowest and highest within a grouping; None unless two groups are known.

    Args:
        findings: the study.
        measure: the number.
        grouping: the column of the groups.
        among: whom it is about.
        fewest: groups with fewer respondents are left out.
    """
    asked = measure.ask(findings.estimator, [grouping], among)
    every = [(group[0], asked.at(measure.category, *group)) for group in asked.groups]
    known = [(group, one) for group, one in every if one.known and one.flag is None and (one.n or 0) >= fewest]
    if len(known) < 2:
        return None
    low = min(known, key=lambda one: one[1].estimate or 0)
    high = max(known, key=lambda one: one[1].estimate or 0)
    return Contrast(
        grouping,
        findings.category(grouping, low[0]),
        low[1],
        findings.category(grouping, high[0]),
        high[1],
        len(known) == len(every),
        len(every),
        [group for group, _ in known].index(low[0]) < [group for group, _ in known].index(high[0]),
    )


def contrast_sentence(
    findings: Findings,
    of: str,
    category: str,
    grouping: str,
    what: Words,
    form: Form = "percent",
    among: Among | None = None,
) -> Words | None:
    """`By contract, the share of … runs from 5.1 % (none) to 61.0 % (labour contract).`; says so where they overlap.

    Of two groups both numbers are told: `By sex, the share of …: men 35.3 %, women 46.3 %.`
    """
    measure = Measure(f"{of}_{category}", what, lambda ask, by, whom: ask.of(of, by, whom), category, form)
    return measured_contrast(findings, measure, grouping, what, among)


def measured_contrast(
    findings: Findings, measure: Measure, grouping: str, what: Words, among: Among | None = None
) -> Words | None:
    """The sentence for any number, so that it says what the table beside it shows.

    Where a group is too small to be shown, or its estimate unreliable, the range is said to be that of the others.
    """
    if not findings.has(grouping):
        return None
    contrast = widest_contrast(findings, measure, grouping, among)
    if contrast is None:
        return None
    grouping_said = within_sentence(findings.label(grouping))
    clear = contrast.high.differs_from(contrast.low)
    low, high = contrast.low.number(measure.form), contrast.high.number(measure.form)
    low_group, high_group = within_sentence(contrast.low_group), within_sentence(contrast.high_group)
    if contrast.of_two:
        ordered = [(low_group, low), (high_group, high)]
        (first_group, first), (second_group, second) = ordered if contrast.in_order else ordered[::-1]
        return say(
            "contrast_of_two" if clear else "contrast_of_two_unclear",
            grouping=grouping_said,
            what=what,
            first=first,
            first_group=first_group,
            second=second,
            second_group=second_group,
        )
    key = "contrast" if clear else "contrast_unclear"
    return say(
        key if contrast.whole else f"{key}_of_some",
        grouping=grouping_said,
        what=what,
        low=low,
        low_group=low_group,
        high=high,
        high_group=high_group,
    )
