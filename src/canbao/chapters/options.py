"""Options and simulation: what each reform would change, for whom, at whose cost, and what it takes (C13)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from canbao.careers.extraction import ExtractedRow
from canbao.chapters.document import Block, Cell, Column, Curves, Figure, Interval, Intervals, Point, Row, Section, Table
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.chapters.literature import cited_row, rows_of
from canbao.chapters.simulated import (
    COMPARED,
    assumptions_note,
    estimated,
    indicator,
    interval_note,
    needed_columns,
    ratio_cell,
    simulator_of,
    written_once,
)
from canbao.engine.parameters import FIRST_YEAR
from canbao.languages import Catalogue, Form, Number, Words, joined
from canbao.reforms import (
    BASELINE,
    LAST_YEAR,
    Comparison,
    Effect,
    Indicator,
    Reform,
    Simulator,
    cost_of_cover,
    cost_rate,
    difference,
    effects,
    enterprises,
    fund_balance,
    implicit_debt,
    income_rate,
    support,
)
from canbao.reforms.fund import Debt
from canbao.reforms.results import BURDEN, COVERAGE, MONEY, Ratio, price_index
from canbao.reforms.simulation import LEVELS, Outcome
from canbao.survey import Design
from canbao.survey.structure import Floats

say = Catalogue("canbao.chapters", "options")

COMPARED_INDICATORS = ("employees_scheme", "no_scheme", "reaches_minimum", "pension_to_wage", "below_line")

_WRITTEN: WeakKeyDictionary[Simulator, Section] = WeakKeyDictionary()


def chapter(findings: Findings) -> Section | None:
    """Options side by side, who pays, groups, winners and losers, the fund, what it rests on and what it takes."""
    if findings.simulator is None or not findings.reforms or not findings.has(*needed_columns(findings)):
        return None
    parts = {
        "compared": compared,
        "payers": payers,
        "platforms": platforms,
        "balance": _balance,
        "groups": by_group,
        "winners": winners,
        "fund": _fund,
        "sensitivity": _sensitivity,
        "assumptions": _assumptions,
        "needs": _needs,
    }
    return written_once(findings, "options", say, parts, _WRITTEN)


def _comparison(simulator: Simulator, reform: Reform) -> Comparison:
    """A reform beside the law; under low and high responses only if it moves anybody from scheme to scheme."""
    central, law = simulator.outcome(reform), simulator.outcome(BASELINE)
    moves = any((central.totals[name] != law.totals[name]).any() for one in COVERAGE for name in one.above)
    return simulator.compare(reform, levels=LEVELS if moves else ("central",))


# --- options side by side -------------------------------------------------------------------------------------------------


def compared(findings: Findings, year: int = COMPARED) -> Sequence[Block]:
    """Options side by side: coverage, adequacy, and the span over responses."""
    simulator = simulator_of(findings)
    wanted = [indicator(name) for name in COMPARED_INDICATORS]
    rows, groups, values = [], [], []
    for reform in findings.reforms:
        made = _comparison(simulator, reform)
        changes = [difference(made.central, made.baseline, one, year, simulator.survey) for one in wanted]
        low, high = made.span(COVERAGE[0], year)
        cells = [ratio_cell(one, "points") for one in changes]
        span = Cell(Interval(low, high, "points"))
        rows.append(Row((Cell(reform.title), cells[0], span, *cells[1:]), key=reform.name))
        groups.append(reform.title)
        values.append((Point(changes[0].value, changes[0].low, changes[0].high), Point((low + high) / 2, low, high)))
    columns = (
        Column("option", say("option"), align="left"),
        Column("employees_scheme", say("indicator_employees_scheme")),
        Column("span", say("span_column")),
        *(Column(one.name, say(f"indicator_{one.name}")) for one in wanted[1:]),
    )
    best = max(range(len(values)), key=lambda at: values[at][0].value or 0.0)
    headline = say(
        "best",
        option=groups[best],
        change=Number(values[best][0].value, "points"),
        low=Number(values[best][1].low, "points"),
        high=Number(values[best][1].high, "points"),
        year=str(year),
    )
    chart = Intervals(
        tuple(groups),
        (say("series_sample"), say("series_span")),
        tuple(values),
        say("axis_change"),
        "points",
        zero_line=True,
    )
    figure = Figure(
        "options_compared", say("compared_figure", year=str(year)), chart, say("compared_alt"), (),
        findings.source, headline, (assumptions_note(),),
    )  # fmt: skip
    table = Table(
        "options", say("compared_table", year=str(year)), columns, tuple(rows),
        (say("points_note"), say("flow_note"), interval_note()), findings.source,
    )  # fmt: skip
    return [*begins(findings), *bullets(headline), figure, table]


def begins(findings: Findings) -> Sequence[Block]:
    """From when on the options hold, in a sentence; of each apart where they begin at different times."""
    starts = {reform.title: reform.begins for reform in findings.reforms}
    months = {month for month in starts.values() if month is not None}
    if not months:
        return []
    if len(months) == 1:
        return [paragraph(say("begin_together", month=_month(months.pop())))]
    each = (say("begins", option=title, month=_month(month)) for title, month in starts.items() if month is not None)
    return [paragraph(say("begin_apart", each=joined(each, en="; ", zh="；")))]


def _month(text: str) -> Words:
    return Words.month(datetime.date(int(text[:4]), int(text[5:7]), 1))


def payers(findings: Findings, year: int = COMPARED) -> Sequence[Block]:
    """What each option changes in the payments of workers, employers, platforms and the state."""
    simulator = simulator_of(findings)
    rows = []
    for reform in findings.reforms:
        made = _comparison(simulator, reform)
        changes = [difference(made.central, made.baseline, one, year, simulator.survey) for one in MONEY]
        cost = _cost_of_cover(made, changes, year)
        early = Cell(Number(_first_years(made, reform), "count"))
        rows.append(Row((Cell(reform.title), *(ratio_cell(one, "count") for one in changes), early, cost), key=reform.name))
    columns = (
        Column("option", say("option"), align="left"),
        *(Column(one.name, say(f"payer_{one.name}")) for one in MONEY),
        Column("state_first_years", say("state_first_years", years=str(FIRST_YEARS))),
        Column("cost_of_cover", say("cost_of_cover")),
    )
    title = say("payers_table", year=str(year), prices=str(simulator.base_year))
    return [
        paragraph(say("payers_lead")),
        Table("option_payers", title, columns, tuple(rows), _cost_notes(), findings.source),
    ]


FIRST_YEARS = 10
"""A budget asks what the first years come to, not what one year does."""


def _first_years(made: Comparison, reform: Reform) -> float:
    """What the state pays more in the first years together, a head of working age, in prices of the survey's year."""
    if reform.starts is None:
        return 0.0
    first = reform.starts - made.central.years[0]
    span = slice(first, first + FIRST_YEARS)

    def a_head(outcome: Outcome) -> Floats:
        return np.asarray(outcome.total("state_pays") / price_index(outcome) / outcome.total("working_age"))

    return float((a_head(made.central) - a_head(made.baseline))[span].sum())


def _cost_notes() -> tuple[Words, ...]:
    return say("cost_note"), say("deficit_note"), interval_note()


def effect_columns() -> tuple[Column, ...]:
    """The columns of `effect_cells`."""
    return (
        Column("option", say("option"), align="left"),
        Column("employees_scheme", say("indicator_employees_scheme")),
        *(Column(one.name, say(f"payer_{one.name}")) for one in MONEY),
        Column("cost_of_cover", say("cost_of_cover")),
        Column("debt", say("debt_change")),
    )


def effect_cells(findings: Findings, reform: Reform) -> tuple[Cell, ...]:
    """An option's title, what it adds to the employees' scheme, who pays more, the price of one more, the debt."""
    simulator = simulator_of(findings)
    made = _comparison(simulator, reform)
    added, *paid = (
        difference(made.central, made.baseline, one, COMPARED, simulator.survey) for one in (COVERAGE[0], *MONEY)
    )
    cost = _cost_of_cover(made, paid, COMPARED)
    owed = debts_of(findings)
    debt = Cell(Number(owed[reform.name].today - owed[BASELINE.name].today, "count"))
    return (Cell(reform.title), ratio_cell(added, "points"), *(ratio_cell(one, "count") for one in paid), cost, debt)


def _cost_of_cover(made: Comparison, paid: Sequence[Ratio], year: int) -> Cell:
    """What each worker more costs others; in words where they pay no more: a saving for each worker more says nothing."""
    each = cost_of_cover(made.central, made.baseline, year)
    if not np.isfinite(each):
        return Cell()
    return Cell(say("no_cost")) if sum(one.value for one in paid[1:]) < LEAST_COST else Cell(Number(each, "count"))


def effect_title(findings: Findings) -> Words:
    """What a table of effects is called."""
    return say("effects_table", year=str(COMPARED), prices=str(simulator_of(findings).base_year))


def effect_notes() -> tuple[Words, ...]:
    """What stands beneath a table of effects."""
    return say("points_note"), say("cost_note"), say("debt_change_note"), say("effects_note")


LEAST_COST = 1.0
"""Less than this, in yuan a head and year, is no cost."""


def platforms(findings: Findings, year: int = COMPARED) -> Sequence[Block]:
    """What an order costs more, and what becomes of it; only of options under which platforms pay."""
    if not findings.has("platform_type"):
        return []
    simulator = by_platform(simulator_of(findings))
    kinds = {kind: simulator.groups.members("platform_type", kind) for kind in enterprises().platforms}
    rows = []
    for reform in findings.reforms:
        if not simulator_of(findings).outcome(reform).total("platform_pays").any():
            continue
        rows.append(Row((Cell(reform.title),), "heading"))
        found = effects(simulator.outcome(reform), simulator.outcome(BASELINE), year, kinds)
        for kind, effect in found.items():
            rows.append(Row((Cell(findings.category("platform_type", kind)), *_effect_cells(effect))))
    if not rows:
        return []
    columns = (
        Column("platform", say("platform"), align="left"),
        *(Column(name, say(f"enterprise_{name}")) for name in ("cost", "revenue", "margin", "price", "orders", "pay")),
    )
    title = say("platforms_table", year=str(year), prices=str(simulator.base_year))
    notes = (say("levy_note", year=str(year)), say("platforms_note"), say("platforms_sources"))
    return [
        paragraph(say("platforms_lead")),
        Table("option_platforms", title, columns, tuple(rows), notes, findings.source),
    ]


def by_platform(simulator: Simulator) -> Simulator:
    """The same workers by kind of platform, kept with the simulator."""
    if simulator not in _BY_PLATFORM:
        _BY_PLATFORM[simulator] = simulator.regrouped(("platform_type",))
    return _BY_PLATFORM[simulator]


_BY_PLATFORM: WeakKeyDictionary[Simulator, Simulator] = WeakKeyDictionary()


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
    simulator = simulator_of(findings)
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
        Figure(
            "protection_and_vitality", title, chart, say("balance_alt"), (), findings.source, None, (assumptions_note(),)
        ),
    ]


# --- groups ---------------------------------------------------------------------------------------------------------------


def by_group(findings: Findings, year: int = COMPARED) -> Sequence[Block]:
    """What options add to the employees' scheme, by group."""
    simulator = simulator_of(findings)
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
                ratio_cell(difference(made.central, made.baseline, COVERAGE[0], year, simulator.survey, members), "points")
            )
        rows.append(Row((Cell(reform.title), *cells)))
    title = say("options_groups_table", year=str(year))
    notes = (say("points_note"), interval_note())
    return [
        paragraph(say("groups_lead")),
        Table("options_by_group", title, columns, tuple(rows), notes, findings.source),
    ]


# --- winners and losers ---------------------------------------------------------------------------------------------------

NOTICED = 1.0
"""A gain or loss of less than one month's reference wage over a life is none."""


def winners(findings: Findings) -> Sequence[Block]:
    """What a life's pension brings beyond what was paid for it, by income; and who gains or loses by each option."""
    if not findings.has("income_decile"):
        return []
    simulator = simulator_of(findings)
    before = simulator.balances(simulator.outcome(BASELINE))
    changes = {reform.title: simulator.balances(simulator.outcome(reform)) - before for reform in findings.reforms}
    groups = simulator.vocabulary["income_decile"].categories
    heads = [Column(group, label, findings.label("income_decile")) for group, label in groups.items()]
    columns = (Column("option", say("option"), align="left"), Column("all", say("everybody")), *heads)
    balances = Row((Cell(say("balance_row")), *_by_income(findings, before, "mean", "decimal")), "total")
    rows = [balances, Row((Cell(say("gain_row")),), "heading")]
    rows += [Row((Cell(title), *_by_income(findings, change, "gain", "percent"))) for title, change in changes.items()]
    rows.append(Row((Cell(say("loss_row")),), "heading"))
    rows += [Row((Cell(title), *_by_income(findings, change, "loss", "percent"))) for title, change in changes.items()]
    notes = (say("winners_note"), interval_note())
    return [
        paragraph(say("winners_lead")),
        *bullets(*_redistribution(balances.cells[2].content, balances.cells[-1].content)),
        Table("option_winners", say("winners_table"), columns, tuple(rows), notes, findings.source),
    ]


def _redistribution(lowest: object, highest: object) -> list[Words]:
    """Whether low or high incomes have the higher balance; nothing where one of them is not known."""
    if not isinstance(lowest, Number) or not isinstance(highest, Number) or lowest.value is None or highest.value is None:
        return []
    upwards = lowest.value < highest.value
    return [say("balance_rises" if upwards else "balance_falls", lowest=lowest, highest=highest)]


def _by_income(findings: Findings, values: Floats, what: str, form: Form) -> list[Cell]:
    """The mean, or the share that gains or loses, of all and by tenth of income, under the study's design."""
    simulator = simulator_of(findings)
    column = np.full(simulator.design.frame.height, np.nan)
    column[simulator.respondents.respondent] = values
    told = pl.lit(pl.Series(column)).fill_nan(None)
    marks = {"mean": told, "gain": told > NOTICED, "loss": told < -NOTICED}
    design = simulator.design.with_column("simulated", marks[what])
    overall, by = (_estimates(design, what, by) for by in (None, "income_decile"))
    rows = {row["income_decile"]: row for row in by.iter_rows(named=True)}
    groups = simulator.vocabulary["income_decile"].categories
    found = [next(overall.iter_rows(named=True), None), *(rows.get(group) for group in groups)]
    return [estimated(row, form) for row in found]


def _estimates(design: Design, what: str, by: str | None) -> pl.DataFrame:
    """Means, or the shares of those for whom it is true."""
    if what == "mean":
        return design.mean("simulated", by=by)
    return design.share("simulated", by=by).filter(pl.col("category") == "true")


# --- the fund -------------------------------------------------------------------------------------------------------------


def _fund(findings: Findings) -> Sequence[Block]:
    """The yearly balance under some options, what supports the scheme, and what it owes."""
    return [*fund_by_year(findings), paragraph(say("debt_lead")), _debts(findings)]


def fund_by_year(findings: Findings) -> Sequence[Block]:
    """By how much options move the yearly balance from that under the law, and what supports the scheme.

    The balances themselves lie so close together, beside what they change over fifty years, that curves of them are one.
    """
    simulator = simulator_of(findings)
    law = simulator.outcome(BASELINE)
    years = law.years

    def a_head(outcome: Outcome) -> Floats:
        return np.asarray(fund_balance(outcome) / outcome.total("working_age"))

    changes = {reform.title: a_head(simulator.outcome(reform)) - a_head(law) for reform in findings.reforms}
    moved = sorted(changes, key=lambda title: -float(np.abs(changes[title]).max()))[:MOST_CURVES]
    drawn = [title for title in changes if title in moved]
    chart = Curves(
        tuple(float(year) for year in years), tuple(drawn),
        tuple(tuple(Point(float(one)) for one in changes[title]) for title in drawn),
        say("axis_year"), say("axis_fund"), "plain", "count",
    )  # fmt: skip
    left_out = [say("fund_drawn", count=Number(len(drawn)))] if len(drawn) < len(changes) else []
    notes = (*left_out, say("fund_note"))
    first = next((year for year, one in zip(years, fund_balance(law), strict=True) if one < 0), None)
    sentence = say("fund_sentence", year=str(first)) if first is not None else say("fund_never", year=str(LAST_YEAR))
    figure = Figure("fund_balance", say("fund_figure"), chart, say("fund_alt"), notes, findings.source, None)
    return [*bullets(sentence), figure, _support(findings)]


def _support(findings: Findings) -> Table:
    """Contributors for each pensioner, and what the scheme takes in and pays out of the income from work."""
    simulator = simulator_of(findings)
    rows: list[Row] = []
    for reform in (BASELINE, *findings.reforms):
        outcome = simulator.outcome(reform)
        at = [year - outcome.years[0] for year in SUPPORTED]
        cells = [
            *(_number(float(support(outcome)[year]), "decimal") for year in at),
            *(_number(float(income_rate(outcome)[year]), "percent") for year in at),
            *(_number(float(cost_rate(outcome)[year]), "percent") for year in at),
        ]
        rows.append(Row((Cell(reform.title), *cells), "total" if reform is BASELINE else "body", reform.name))
    columns = (
        Column("option", say("option"), align="left"),
        *(
            Column(f"{what}_{year}", Words.same(str(year)), say(f"fund_{what}"))
            for what in ("support", "income_rate", "cost_rate")
            for year in SUPPORTED
        ),
    )
    notes = (say("support_note"), say("fund_note"))
    return Table("fund_support", say("support_table"), columns, tuple(rows), notes, findings.source)


def _debts(findings: Findings) -> Table:
    """What the scheme owes for each of today's workers."""
    simulator = simulator_of(findings)
    rows, found = [], debts_of(findings)
    for reform in (BASELINE, *findings.reforms):
        owed = found[reform.name]
        cells = [Cell(Number(one, "count")) for one in (owed.earned, owed.today, owed.together)]
        rows.append(Row((Cell(reform.title), *cells), "total" if reform is BASELINE else "body", reform.name))
    columns = (
        Column("option", say("option"), align="left"),
        *(Column(name, say(f"debt_{name}", last=str(LAST_YEAR))) for name in ("earned", "today", "together")),
    )
    title = say("debt_table", year=str(simulator.base_year))
    return Table("implicit_debt", title, columns, tuple(rows), (say("debt_note"), say("fund_note")), findings.source)


_OWED: WeakKeyDictionary[Simulator, tuple[tuple[Reform, ...], dict[str, Debt]]] = WeakKeyDictionary()


def debts_of(findings: Findings) -> Mapping[str, Debt]:
    """What the scheme owes under the law as it stands and under each option, by name; found out once."""
    simulator, laws = simulator_of(findings), (BASELINE, *findings.reforms)
    known = _OWED.get(simulator)
    if known is None or known[0] != laws:
        known = laws, {law.name: owed for law, owed in zip(laws, implicit_debt(simulator, laws), strict=True)}
        _OWED[simulator] = known
    return known[1]


MOST_CURVES = 4
"""More lines than these nobody tells apart."""

SUPPORTED = (2045, 2060, LAST_YEAR)
"""In 2030 hardly any of these workers has retired."""


def _number(value: float, form: Form) -> Cell:
    return Cell(Number(value, form)) if np.isfinite(value) else Cell()


# --- what matters most ----------------------------------------------------------------------------------------------------


def _sensitivity(findings: Findings) -> Sequence[Block]:
    """Which assumption moves the result of the strongest option most."""
    simulator = simulator_of(findings)

    def added(reform: Reform) -> float:
        return difference(
            simulator.outcome(reform), simulator.outcome(BASELINE), COVERAGE[0], COMPARED, simulator.survey
        ).value

    strongest = max(findings.reforms, key=added)
    found = simulator.sensitivity(strongest, COMPARED)
    ends = ("low", "high", "central")
    spread = pl.max_horizontal(ends) - pl.min_horizontal(ends)
    everything, found = found.height, found.filter(spread >= LEAST_SPREAD).head(MOST_SHOWN)
    if found.is_empty():
        return []
    parameters = simulator.outcome(BASELINE).scenario.model.parameters
    groups, values, rows = [], [], []
    for row in found.iter_rows(named=True):
        results = tuple(row[name] for name in ends)
        groups.append(parameters[row["assumption"]].entry.label.words)
        values.append((Point(row["central"], min(results), max(results)),))
        shown = (("low_end", "plain"), ("high_end", "plain"), ("low", "points"), ("central", "points"), ("high", "points"))
        cells = (Cell(Number(row[name], cast(Form, form))) for name, form in shown)
        rows.append(Row((Cell(groups[-1]), *cells), key=row["assumption"]))
    chart = Intervals(
        tuple(groups), (say("series_assumption"),), tuple(values), say("axis_change"), "points", zero_line=False
    )
    first = found.row(0, named=True)
    headline = say(
        "sensitivity_headline",
        assumption=groups[0],
        option=strongest.title,
        low=Number(min(first["low"], first["high"]), "points"),
        high=Number(max(first["low"], first["high"]), "points"),
    )
    title = say("sensitivity_figure", option=strongest.title, year=str(COMPARED))
    notes = (say("sensitivity_note", least=Number(LEAST_SPREAD, "points"), others=Number(everything - found.height)),)
    columns = (
        Column("assumption", say("assumption"), align="left"),
        Column("low_end", say("low"), say("sensitivity_ends")),
        Column("high_end", say("high"), say("sensitivity_ends")),
        Column("low_result", say("low"), say("axis_change")),
        Column("central_result", say("central"), say("axis_change")),
        Column("high_result", say("high"), say("axis_change")),
    )
    return [
        paragraph(say("sensitivity_lead")),
        Figure("assumptions_that_matter", title, chart, say("sensitivity_alt"), notes, findings.source, headline),
        Table("sensitivity", say("sensitivity_table"), columns, tuple(rows), (), findings.source),
    ]


MOST_SHOWN = 10

LEAST_SPREAD = 0.003
"""What an assumption that moves the result by less than this changes cannot be seen in a chart."""


# --- what it rests on and takes -------------------------------------------------------------------------------------------


def _assumptions(findings: Findings) -> Sequence[Block]:
    """Every assumption with its span, and the results of studies on which it rests."""
    parameters = simulator_of(findings).outcome(BASELINE).scenario.model.parameters
    extracted, own = rows_of(findings), findings.evidence.extraction
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
                    Cell(_unit(one.entry.unit)),
                    *(Cell(Number(each, "plain")) for each in (low, value, high)),
                    Cell(_evidence(findings, [*one.entry.evidence, *own.bearing_on(name)], extracted)),
                )
            )
        )
    columns = (
        Column("assumption", say("assumption"), align="left"),
        Column("unit", say("unit"), align="left"),
        Column("low", say("low")),
        Column("central", say("central")),
        Column("high", say("high")),
        Column("evidence", say("evidence"), align="left"),
    )
    notes = (say("evidence_note"),)
    return [paragraph(say("assumptions_lead")), Table("assumptions", say("assumptions_table"), columns, tuple(rows), notes)]


def _unit(unit: str) -> Words:
    """A unit in words; as its file has it where there are none."""
    key = f"unit_{re.sub('[^a-z]+', '_', unit.lower())}"
    return say(key) if key in say else Words.same(unit)


def _evidence(findings: Findings, names: Sequence[str], extracted: Mapping[str, ExtractedRow]) -> Words | None:
    """The extracted results on which an assumption rests; nothing where the literature says nothing."""
    works = dict.fromkeys(cited_row(findings, extracted[name]) for name in names)
    return joined(works, en="; ", zh="；") if works else None


def _needs(findings: Findings) -> Sequence[Block]:
    rows = []
    for reform in findings.reforms:
        file = reform.file
        if file is None:
            continue
        summary = file.summary.words if file.summary else Words.same("")
        law, offices = (file.needs.law.words, file.needs.administration.words) if file.needs else (summary, summary)
        month = Cell(Words.same(reform.begins) if reform.begins else None)
        rows.append(Row((Cell(reform.title), Cell(summary), month, Cell(law), Cell(offices)), key=reform.name))
    columns = (
        Column("option", say("option"), align="left"),
        Column("summary", say("summary"), align="left"),
        Column("from", say("from"), align="left"),
        Column("law", say("needs_law"), align="left"),
        Column("administration", say("needs_administration"), align="left"),
    )
    return [Table("option_needs", say("needs_table"), columns, tuple(rows), (), findings.source)]
