"""Options and simulation: what the law as it stands leads to, and what each reform would change (C13, I14, E8, E9).

Simulated results carry two uncertainties, and they are kept apart: the interval says how far another sample would have led,
the span what other responses would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from canbao.chapters.document import Block, Cell, Column, Curves, Figure, Interval, Intervals, Point, Row, Section, Table
from canbao.chapters.findings import Findings, Part, bullets, chapter_of, paragraph
from canbao.engine.parameters import FIRST_YEAR
from canbao.languages import Catalogue, Form, Number, Words
from canbao.reforms import (
    BASELINE,
    INDICATORS,
    LAST_YEAR,
    Comparison,
    Effect,
    Indicator,
    Reform,
    Simulator,
    cost_of_cover,
    difference,
    effects,
    enterprises,
    fund_balance,
    ratio,
)
from canbao.reforms.population import NEEDED
from canbao.reforms.results import BURDEN, COVERAGE, MONEY, Ratio
from canbao.reforms.simulation import LEVELS
from canbao.survey import Design
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.survey.structure import Floats

say = Catalogue("canbao.chapters", "options")

SHOWN = (2030, 2045, 2060, LAST_YEAR)
"""The years of the law as it stands."""

COMPARED = 2045
"""The year in which options are compared: those who begin under them are halfway through their working lives."""

_WRITTEN: WeakKeyDictionary[Simulator, Section] = WeakKeyDictionary()
"""A report is drawn up twice, to learn which cells of the survey must be hidden; nothing here depends on that."""

COMPARED_INDICATORS = ("employees_scheme", "no_scheme", "reaches_minimum", "pension_to_wage", "below_line")


def chapter(findings: Findings) -> Section | None:
    """What is simulated, the law as it stands, options side by side, who pays, groups, the fund, what it takes."""
    if findings.simulator is None or not findings.reforms:
        return None
    needed = tuple("age" if name == "birth_month" and findings.has("age") else name for name in NEEDED)
    if not findings.has(*needed):
        return chapter_of(findings, "options", say("title"), [], [Part("model", say("title_model"), needed, _model)])
    if findings.simulator not in _WRITTEN:
        _WRITTEN[findings.simulator] = _written(findings)
    return _WRITTEN[findings.simulator]


def _written(findings: Findings) -> Section:
    parts = (
        ("model", _model(findings)),
        ("baseline", _baseline(findings)),
        ("compared", _compared(findings)),
        ("payers", _payers(findings)),
        ("platforms", _platforms(findings)),
        ("balance", _balance(findings)),
        ("groups", _groups(findings)),
        ("winners", _winners(findings)),
        ("fund", _fund(findings)),
        ("assumptions", _assumptions(findings)),
        ("needs", _needs(findings)),
    )
    sections = tuple(Section(key, say(f"title_{key}"), tuple(blocks)) for key, blocks in parts if blocks)
    return Section("options", say("title"), (paragraph(say("lead")),), sections)


def _simulator(findings: Findings) -> Simulator:
    assert findings.simulator is not None
    return findings.simulator


def _comparison(simulator: Simulator, reform: Reform) -> Comparison:
    """A reform beside the law; under low and high responses only if it moves anybody from scheme to scheme."""
    central, law = simulator.outcome(reform), simulator.outcome(BASELINE)
    moves = any((central.totals[name] != law.totals[name]).any() for one in COVERAGE for name in one.above)
    return simulator.compare(reform, levels=LEVELS if moves else ("central",))


def indicator(name: str) -> Indicator:
    """An indicator by its name."""
    return next(one for one in INDICATORS if one.name == name)


# --- the model and the law as it stands -----------------------------------------------------------------------------------


def _model(findings: Findings) -> Sequence[Block]:
    simulator = _simulator(findings)
    left_out = simulator.respondents.left_out
    return [
        paragraph(
            say(
                "model",
                n=Number(len(simulator.respondents)),
                left_out=Number(left_out),
                first=str(simulator.base_year),
                last=str(LAST_YEAR),
            )
        ),
        paragraph(say("choice")),
        *bullets(
            say("luck"),
            say("two_uncertainties"),
            say("prices", year=str(simulator.base_year)),
            *simulator.respondents.assumed,
        ),
    ]


def _baseline(findings: Findings) -> Sequence[Block]:
    simulator = _simulator(findings)
    outcome = simulator.outcome(BASELINE)
    years = (simulator.base_year, *SHOWN)
    rows = []
    for one in INDICATORS:
        found = [ratio(outcome, one, year, simulator.survey) for year in years]
        rows.append(Row((Cell(say(f"indicator_{one.name}")), *(_cell(each, _form(one)) for each in found))))
    columns = (
        Column("indicator", say("indicator"), align="left"),
        *(Column(str(year), Words.same(str(year))) for year in years),
    )
    table = Table(
        "simulated_law", say("baseline_table"), columns, tuple(rows), (say("flow_note"), _note()), findings.source
    )
    start = ratio(outcome, COVERAGE[0], simulator.base_year, simulator.survey)
    later = ratio(outcome, indicator("reaches_minimum"), COMPARED, simulator.survey)
    sentence = say(
        "baseline_sentence",
        start=Number(start.value, "percent"),
        year=str(COMPARED),
        minimum=Number(later.value, "percent"),
    )
    return [*bullets(sentence), table]


# --- options side by side -------------------------------------------------------------------------------------------------


def _compared(findings: Findings) -> Sequence[Block]:
    simulator = _simulator(findings)
    wanted = [indicator(name) for name in COMPARED_INDICATORS]
    rows, groups, values = [], [], []
    for reform in findings.reforms:
        made = _comparison(simulator, reform)
        changes = [difference(made.central, made.baseline, one, COMPARED, simulator.survey) for one in wanted]
        low, high = made.span(COVERAGE[0], COMPARED)
        cells = [_cell(one, "points") for one in changes]
        rows.append(Row((Cell(reform.title), cells[0], Cell(Interval(low, high, "points")), *cells[1:])))
        groups.append(reform.title)
        values.append((Point(changes[0].value, changes[0].low, changes[0].high), Point((low + high) / 2, low, high)))
    columns = (
        Column("option", say("option"), align="left"),
        Column("employees_scheme", say("indicator_employees_scheme")),
        Column("span", say("span_column")),
        *(Column(one.name, say(f"indicator_{one.name}")) for one in wanted[1:]),
    )
    best = max(range(len(values)), key=lambda at: values[at][0].value or 0.0)
    headline = say("best", option=groups[best], change=Number(values[best][0].value, "points"), year=str(COMPARED))
    chart = Intervals(
        tuple(groups),
        (say("series_sample"), say("series_span")),
        tuple(values),
        say("axis_change"),
        "points",
        zero_line=True,
    )
    figure = Figure(
        "options_compared", say("compared_figure", year=str(COMPARED)), chart, say("compared_alt"), (_note(),),
        findings.source, headline,
    )  # fmt: skip
    table = Table(
        "options", say("compared_table", year=str(COMPARED)), columns, tuple(rows),
        (say("points_note"), say("flow_note"), _note()), findings.source,
    )  # fmt: skip
    return [*bullets(headline), figure, table]


def _payers(findings: Findings) -> Sequence[Block]:
    simulator = _simulator(findings)
    rows = []
    for reform in findings.reforms:
        made = _comparison(simulator, reform)
        changes = [difference(made.central, made.baseline, one, COMPARED, simulator.survey) for one in MONEY]
        each = cost_of_cover(made.central, made.baseline, COMPARED)
        cost = Cell(Number(each, "count")) if np.isfinite(each) else Cell()
        rows.append(Row((Cell(reform.title), *(_cell(one, "count") for one in changes), cost)))
    columns = (
        Column("option", say("option"), align="left"),
        *(Column(one.name, say(f"payer_{one.name}")) for one in MONEY),
        Column("cost_of_cover", say("cost_of_cover")),
    )
    title = say("payers_table", year=str(COMPARED), prices=str(simulator.base_year))
    return [
        paragraph(say("payers_lead")),
        Table("option_payers", title, columns, tuple(rows), (say("cost_note"), _note()), findings.source),
    ]


def _platforms(findings: Findings) -> Sequence[Block]:
    """What an order costs more, and what becomes of it; only of options under which platforms pay."""
    if not findings.has("platform_type"):
        return []
    simulator = _simulator(findings).regrouped(("platform_type",))
    kinds = {kind: simulator.groups.members("platform_type", kind) for kind in enterprises().platforms}
    rows = []
    for reform in findings.reforms:
        if not _simulator(findings).outcome(reform).total("platform_pays").any():
            continue
        rows.append(Row((Cell(reform.title),), "heading"))
        found = effects(simulator.outcome(reform), simulator.outcome(BASELINE), COMPARED, kinds)
        for kind, effect in found.items():
            rows.append(Row((Cell(findings.category("platform_type", kind)), *_effect_cells(effect))))
    if not rows:
        return []
    columns = (
        Column("platform", say("platform"), align="left"),
        *(Column(name, say(f"enterprise_{name}")) for name in ("cost", "revenue", "margin", "price", "orders", "pay")),
    )
    title = say("platforms_table", year=str(COMPARED), prices=str(simulator.base_year))
    notes = (say("platforms_note"), say("platforms_sources"))
    return [
        paragraph(say("platforms_lead")),
        Table("option_platforms", title, columns, tuple(rows), notes, findings.source),
    ]


def _effect_cells(effect: Effect) -> list[Cell]:
    shares = (effect.of_revenue, effect.of_margin, effect.price)
    return [
        Cell(Number(effect.cost, "decimal2")),
        *(Cell(Number(one, "percent")) for one in shares),
        Cell(Number(effect.orders[1], "percent"), None, Interval(effect.orders[2], effect.orders[0], "percent")),
        Cell(Number(effect.pay[1], "percent"), None, Interval(effect.pay[2], effect.pay[0], "percent")),
    ]


def _balance(findings: Findings) -> Sequence[Block]:
    """Protection beside what it costs those who hire and those who work, in one chart."""
    simulator = _simulator(findings)
    hirers = Indicator("hirers", ("employer_pays", "platform_pays"), "income_year")
    groups, values = [], []
    for reform in findings.reforms:
        made = _comparison(simulator, reform)
        groups.append(reform.title)
        changes = [
            difference(made.central, made.baseline, one, COMPARED, simulator.survey)
            for one in (COVERAGE[0], hirers, BURDEN[0])
        ]
        values.append(tuple(Point(one.value, one.low, one.high) for one in changes))
    chart = Intervals(
        tuple(groups), (say("series_protection"), say("series_hirers"), say("series_workers")), tuple(values),
        say("axis_balance"), "points", zero_line=True,
    )  # fmt: skip
    title = say("balance_figure", year=str(COMPARED))
    return [
        paragraph(say("balance_lead")),
        Figure("protection_and_vitality", title, chart, say("balance_alt"), (_note(),), findings.source),
    ]


# --- groups ---------------------------------------------------------------------------------------------------------------


def _groups(findings: Findings) -> Sequence[Block]:
    simulator = _simulator(findings)
    wanted = ("reaches_minimum", "pension_to_wage", "below_line", "worker_burden")
    columns = (
        Column("group", say("group"), align="left"),
        *(Column(name, say(f"indicator_{name}")) for name in wanted),
    )
    rows = [_group_row(findings, say("everybody"), None, wanted)]
    for column in simulator.by:
        rows.append(Row((Cell(findings.label(column)),), "heading"))
        for category in simulator.groups.columns[column]:
            rows.append(_group_row(findings, findings.category(column, category), (column, category), wanted))
    by_group = Table(
        "simulated_groups", say("groups_table", year=str(COMPARED)), columns, tuple(rows), (say("flow_note"), _note()),
        findings.source,
    )  # fmt: skip
    return [paragraph(say("groups_lead")), by_group, _replacement(findings), _options_by_group(findings)]


def _group_row(findings: Findings, label: Words, group: tuple[str, str] | None, wanted: Sequence[str]) -> Row:
    simulator = _simulator(findings)
    members = simulator.groups.members(*group) if group else None
    if group and group[1] in simulator.hidden(group[0]):
        return Row((Cell(label), *(Cell(None, "suppressed") for _ in wanted)))
    made = simulator.outcome(BASELINE)
    cells = [_cell(ratio(made, indicator(name), COMPARED, simulator.survey, members), "percent") for name in wanted]
    return Row((Cell(label), *cells), "body" if group else "total")


BENCHMARK = 0.40
"""Of ILO Convention 102: what thirty years should replace."""


def _replacement(findings: Findings) -> Table:
    """How much of the last income the pension replaces: its spread, and who reaches the benchmark."""
    simulator = _simulator(findings)
    values = simulator.outcome(BASELINE).values["replacement_rate"][: len(simulator.respondents)]
    lived = simulator.outcome(BASELINE).values["lives_to_retirement"][: len(simulator.respondents)] == 1
    column = np.full(simulator.design.frame.height, np.nan)
    column[simulator.respondents.respondent] = np.where(lived, values, np.nan)
    told = pl.lit(pl.Series(column)).fill_nan(None)
    reached = (told >= BENCHMARK).cast(pl.Float64)
    design = simulator.design.with_column("replaced", told).with_column("reached", reached)
    rows = [Row((Cell(say("everybody")), *_replaced(design)), "total")]
    for name in simulator.by:
        rows.append(Row((Cell(findings.label(name)),), "heading"))
        for category in simulator.groups.columns[name]:
            hidden = category in simulator.hidden(name)
            part = None if hidden else design.domain(pl.col(name).cast(pl.String) == category)
            cells = [Cell(None, "suppressed")] * 5 if part is None else _replaced(part)
            rows.append(Row((Cell(findings.category(name, category)), *cells)))
    heads = ("n", "lowest_tenth", "median", "highest_tenth", "benchmark")
    columns = (Column("group", say("group"), align="left"), *(Column(name, say(f"replacement_{name}")) for name in heads))
    notes = (say("replacement_note"), _note())
    return Table("replacement_rates", say("replacement_table"), columns, tuple(rows), notes, findings.source)


def _replaced(design: Design) -> list[Cell]:
    quantiles = [design.quantile("replaced", share).row(0, named=True) for share in (0.1, 0.5, 0.9)]
    reached = design.mean("reached").row(0, named=True)
    base = Cell(Number(reached["n"], "count"))
    return [base, *(_estimated(one, "percent") for one in (*quantiles, reached))]


def _options_by_group(findings: Findings) -> Table:
    simulator = _simulator(findings)
    heads = [(column, category) for column in simulator.by for category in simulator.groups.columns[column]]
    columns = (
        Column("option", say("option"), align="left"),
        *(
            Column(f"{column}_{category}", findings.category(column, category), findings.label(column))
            for column, category in heads
        ),
    )
    rows = []
    for reform in findings.reforms:
        made = _comparison(simulator, reform)
        cells = []
        for column, category in heads:
            if category in simulator.hidden(column):
                cells.append(Cell(None, "suppressed"))
                continue
            members = simulator.groups.members(column, category)
            cells.append(
                _cell(difference(made.central, made.baseline, COVERAGE[0], COMPARED, simulator.survey, members), "points")
            )
        rows.append(Row((Cell(reform.title), *cells)))
    title = say("options_groups_table", year=str(COMPARED))
    return Table("options_by_group", title, columns, tuple(rows), (say("points_note"), _note()), findings.source)


# --- winners and losers ---------------------------------------------------------------------------------------------------

NOTICED = 1.0
"""A gain or loss of less than one month's reference wage over a life is none."""


def _winners(findings: Findings) -> Sequence[Block]:
    """What a life's pension brings beyond what was paid for it, by income; and who gains or loses by each option."""
    if not findings.has("income_group"):
        return []
    simulator = _simulator(findings)
    before = simulator.balances(simulator.outcome(BASELINE))
    changes = {reform.title: simulator.balances(simulator.outcome(reform)) - before for reform in findings.reforms}
    groups = simulator.vocabulary["income_group"].categories
    heads = [Column(group, label, findings.label("income_group")) for group, label in groups.items()]
    columns = (Column("option", say("option"), align="left"), Column("all", say("everybody")), *heads)
    balances = Row((Cell(say("balance_row")), *_by_income(findings, before, "mean", "decimal")), "total")
    rows = [balances, Row((Cell(say("gain_row")),), "heading")]
    rows += [Row((Cell(title), *_by_income(findings, change, "gain", "percent"))) for title, change in changes.items()]
    rows.append(Row((Cell(say("loss_row")),), "heading"))
    rows += [Row((Cell(title), *_by_income(findings, change, "loss", "percent"))) for title, change in changes.items()]
    notes = (say("winners_note"), _note())
    return [
        paragraph(say("winners_lead")),
        Table("option_winners", say("winners_table"), columns, tuple(rows), notes, findings.source),
    ]


def _by_income(findings: Findings, values: Floats, what: str, form: Form) -> list[Cell]:
    """The mean, or the share that gains or loses, of all and by income group, under the study's design."""
    simulator = _simulator(findings)
    column = np.full(simulator.design.frame.height, np.nan)
    column[simulator.respondents.respondent] = values
    told = pl.lit(pl.Series(column)).fill_nan(None)
    marks = {"mean": told, "gain": (told > NOTICED).cast(pl.Float64), "loss": (told < -NOTICED).cast(pl.Float64)}
    design = simulator.design.with_column("simulated", marks[what])
    by = design.mean("simulated", by="income_group")
    rows = {row["income_group"]: row for row in by.iter_rows(named=True)}
    groups = simulator.vocabulary["income_group"].categories
    found = [design.mean("simulated").row(0, named=True), *(rows.get(group) for group in groups)]
    return [_estimated(row, form) for row in found]


def _estimated(row: Mapping[str, Any] | None, form: Form) -> Cell:
    if row is None or row["estimate"] is None:
        return Cell()
    if row["n"] < SMALLEST_BASE:
        return Cell(None, "suppressed")
    limits = Interval(row["low"], row["high"], form) if row["se"] else None
    return Cell(Number(row["estimate"], form), None, limits)


# --- the fund -------------------------------------------------------------------------------------------------------------


def _fund(findings: Findings) -> Sequence[Block]:
    simulator = _simulator(findings)
    outcomes = [simulator.outcome(BASELINE), *(simulator.outcome(reform) for reform in findings.reforms[:4])]
    years = outcomes[0].years
    values = []
    for outcome in outcomes:
        each = fund_balance(outcome) / outcome.total("working_age")
        values.append(tuple(Point(float(one)) for one in each))
    chart = Curves(
        tuple(float(year) for year in years), tuple(one.scenario.reform.title for one in outcomes), tuple(values),
        say("axis_year"), say("axis_fund"), "plain", "count",
    )  # fmt: skip
    debt = float((fund_balance(outcomes[0]) / outcomes[0].total("working_age")[0]).sum())
    first = next((year for year, one in zip(years, fund_balance(outcomes[0]), strict=True) if one < 0), None)
    sentence = say("fund_sentence", year=str(first)) if first is not None else say("fund_never", year=str(LAST_YEAR))
    figure = Figure("fund_balance", say("fund_figure"), chart, say("fund_alt"), (say("fund_note"),), findings.source, None)
    return [*bullets(sentence, say("fund_sum", last=str(LAST_YEAR), sum=Number(debt, "count"))), figure]


# --- what it rests on and takes -------------------------------------------------------------------------------------------


def _assumptions(findings: Findings) -> Sequence[Block]:
    parameters = _simulator(findings).outcome(BASELINE).scenario.model.parameters
    rows = []
    for name, one in parameters.items():
        if one.entry.span is None:
            continue
        low, high = one.entry.span
        value = float(one.yearly[0, COMPARED - FIRST_YEAR])
        rows.append(
            Row(
                (
                    Cell(one.entry.label.words),
                    *(Cell(Number(each, "decimal3")) for each in (low, value, high)),
                    Cell(Words.same(name)),
                )
            )
        )
    columns = (
        Column("assumption", say("assumption"), align="left"),
        Column("low", say("low")),
        Column("central", say("central")),
        Column("high", say("high")),
        Column("name", say("parameter"), align="left"),
    )
    return [paragraph(say("assumptions_lead")), Table("assumptions", say("assumptions_table"), columns, tuple(rows))]


def _needs(findings: Findings) -> Sequence[Block]:
    rows = []
    for reform in findings.reforms:
        file = reform.file
        if file is None:
            continue
        summary = file.summary.words if file.summary else Words.same("")
        law, offices = (file.needs.law.words, file.needs.administration.words) if file.needs else (summary, summary)
        rows.append(Row((Cell(reform.title), Cell(summary), Cell(law), Cell(offices))))
    columns = (
        Column("option", say("option"), align="left"),
        Column("summary", say("summary"), align="left"),
        Column("law", say("needs_law"), align="left"),
        Column("administration", say("needs_administration"), align="left"),
    )
    return [Table("option_needs", say("needs_table"), columns, tuple(rows), (), findings.source)]


# --- cells ----------------------------------------------------------------------------------------------------------------


def _form(one: Indicator) -> Form:
    return "count" if one.real else "percent"


def _cell(found: Ratio, form: Form) -> Cell:
    if not np.isfinite(found.value):
        return Cell()
    limits = Interval(found.low, found.high, form) if np.isfinite(found.low) and found.low < found.high else None
    return Cell(Number(found.value, form), None, limits)


def _note() -> Words:
    return say("interval_note")
