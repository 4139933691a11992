"""Pensions to come under the law as it stands: who reaches one, what it replaces, what it costs and what comes back.

(I14, E8, E9; ILO Convention 102.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from canbao.chapters.document import Block, Bullets, Cell, Column, Row, Section, Table
from canbao.chapters.findings import Findings, Part, bullets, chapter_of, paragraph
from canbao.chapters.simulated import (
    COMPARED,
    estimated,
    form_of,
    indicator,
    interval_note,
    needed_columns,
    ratio_cell,
    simulator_of,
    written_once,
)
from canbao.languages import Catalogue, Number, Words
from canbao.reforms import (
    BASELINE,
    INDICATORS,
    LAST_YEAR,
    PAYERS,
    PENSIONS,
    TOO_LATE,
    Returns,
    Simulator,
    missing_months,
    ratio,
    returns,
)
from canbao.reforms.results import BURDEN, COVERAGE
from canbao.reforms.simulation import CAUSES
from canbao.survey import Design
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.survey.structure import Floats

say = Catalogue("canbao.chapters", "prospects")

SHOWN = (2030, 2045, 2060, LAST_YEAR)

_WRITTEN: WeakKeyDictionary[Simulator, Section] = WeakKeyDictionary()


def chapter(findings: Findings) -> Section | None:
    """What is simulated, the law as it stands, who reaches a pension and who never does and why, its price, its return."""
    if findings.simulator is None or not findings.reforms:
        return None
    needed = needed_columns(findings)
    if not findings.has(*needed):
        return chapter_of(findings, "prospects", say("title"), [], [Part("model", say("title_model"), needed, _model)])
    parts = {
        "model": _model,
        "baseline": _baseline,
        "groups": _groups,
        "missing": _missing,
        "burden": _burden,
        "returns": _returns,
    }
    return written_once(findings, "prospects", say, parts, _WRITTEN)


# --- the model and the law as it stands -----------------------------------------------------------------------------------


def _model(findings: Findings) -> Sequence[Block]:
    simulator = simulator_of(findings)
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
            say("law_to_come"),
            *simulator.respondents.assumed,
        ),
    ]


def _baseline(findings: Findings) -> Sequence[Block]:
    simulator = simulator_of(findings)
    outcome = simulator.outcome(BASELINE)
    years = (simulator.base_year, *SHOWN)
    rows = []
    for one in INDICATORS:
        found = [ratio(outcome, one, year, simulator.survey) for year in years]
        cells = (ratio_cell(each, form_of(one)) for each in found)
        rows.append(Row((Cell(say(f"indicator_{one.name}")), *cells), key=one.name))
    columns = (
        Column("indicator", say("indicator"), align="left"),
        *(Column(str(year), Words.same(str(year))) for year in years),
    )
    table = Table(
        "simulated_law", say("baseline_table"), columns, tuple(rows),
        (say("flow_note"), say("deficit_note"), interval_note()), findings.source,
    )  # fmt: skip
    start = ratio(outcome, COVERAGE[0], simulator.base_year, simulator.survey)
    later = ratio(outcome, indicator("reaches_minimum"), COMPARED, simulator.survey)
    sentence = say(
        "baseline_sentence",
        start=Number(start.value, "percent"),
        first=str(simulator.base_year),
        year=str(COMPARED),
        minimum=Number(later.value, "percent"),
    )
    return [Bullets((_no_scheme(findings),), messages=True), *bullets(sentence), table]


def _no_scheme(findings: Findings) -> Words:
    """Whether more or fewer are in no scheme under the law as it stands."""
    simulator = simulator_of(findings)
    outcome = simulator.outcome(BASELINE)
    years = (simulator.base_year, COMPARED)
    before, after = (ratio(outcome, indicator("no_scheme"), year, simulator.survey).value for year in years)
    return say(
        "no_scheme_rises" if after > before else "no_scheme_falls",
        change=Number(abs(after - before), "points"),
        after=Number(after, "percent"),
        first=str(years[0]),
        year=str(years[1]),
    )


# --- who reaches a pension -----------------------------------------------------------------------------------------------


def _groups(findings: Findings) -> Sequence[Block]:
    simulator = simulator_of(findings)
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
    title, notes = say("groups_table", year=str(COMPARED)), (say("flow_note"), interval_note())
    by_group = Table("simulated_groups", title, columns, tuple(rows), notes, findings.source)
    return [paragraph(say("groups_lead")), by_group, _replacement(findings)]


def _group_row(findings: Findings, label: Words, group: tuple[str, str] | None, wanted: Sequence[str]) -> Row:
    simulator = simulator_of(findings)
    members = simulator.groups.members(*group) if group else None
    if group and group[1] in simulator.hidden(group[0]):
        return Row((Cell(label), *(Cell(None, "suppressed") for _ in wanted)))
    made = simulator.outcome(BASELINE)
    cells = [ratio_cell(ratio(made, indicator(name), COMPARED, simulator.survey, members), "percent") for name in wanted]
    return Row((Cell(label), *cells), "body" if group else "total")


BENCHMARK = 0.40
"""Of ILO Convention 102: what thirty years should replace."""


def _replacement(findings: Findings) -> Table:
    """How much of the last income the pension replaces: its spread, and who reaches the benchmark."""
    simulator = simulator_of(findings)
    outcome = simulator.outcome(BASELINE)
    own = slice(0, len(simulator.respondents))
    lived = outcome.values["lives_to_retirement"][own] == 1
    told = _told(simulator, np.where(lived, outcome.values["replacement_rate"][own], np.nan))
    reached = (told >= BENCHMARK).cast(pl.Float64)
    design = simulator.design.with_column("replaced", told).with_column("reached", reached)
    heads = ("n", "lowest_tenth", "median", "highest_tenth", "benchmark")
    columns = (Column("group", say("group"), align="left"), *(Column(name, say(f"replacement_{name}")) for name in heads))
    rows = _by_group(findings, simulator, lambda part, _: _replaced(part), design, len(heads))
    notes = (say("replacement_note"), say("last_income_note"), interval_note())
    return Table("replacement_rates", say("replacement_table"), columns, tuple(rows), notes, findings.source)


def _told(simulator: Simulator, values: Floats) -> pl.Expr:
    """What is known of each respondent, as a column of the worker table; a blank for the others."""
    column = np.full(simulator.design.frame.height, np.nan)
    column[simulator.respondents.respondent] = values
    return pl.lit(pl.Series(column)).fill_nan(None)


def _by_group(
    findings: Findings,
    simulator: Simulator,
    cells: Callable[[Design, tuple[str, str] | None], Sequence[Cell]],
    design: Design,
    width: int,
) -> list[Row]:
    """A row for everybody, and one for each category that results are wanted by; of few respondents nothing is shown."""
    rows = [Row((Cell(say("everybody")), *cells(design, None)), "total")]
    for name in simulator.by:
        rows.append(Row((Cell(findings.label(name)),), "heading"))
        hidden = simulator.hidden(name)
        for category in simulator.vocabulary[name].categories:
            part = design.domain(pl.col(name).cast(pl.String) == category)
            shown = [Cell(None, "suppressed")] * width if category in hidden else cells(part, (name, category))
            rows.append(Row((Cell(findings.category(name, category)), *shown)))
    return rows


def _replaced(design: Design) -> list[Cell]:
    quantiles = [design.quantile("replaced", share).row(0, named=True) for share in (0.1, 0.5, 0.9)]
    reached = design.mean("reached").row(0, named=True)
    base = Cell(Number(reached["n"], "count"))
    return [base, *(estimated(one, "percent") for one in (*quantiles, reached))]


# --- who never does, and why ----------------------------------------------------------------------------------------------


def _missing(findings: Findings) -> Sequence[Block]:
    """The share that never reaches the minimum years, and the missing months by their causes, which add up."""
    simulator = simulator_of(findings)
    missing, parts = missing_months(simulator.outcome(BASELINE), len(simulator.respondents))
    design = simulator.design.with_column("missing", _told(simulator, missing))
    design = design.with_column("short", (pl.col("missing") > 0).cast(pl.Float64))
    design = design.with_column("missing_years", pl.when(pl.col("missing") > 0).then(pl.col("missing") / 12))
    causes = (*CAUSES, TOO_LATE)
    for cause in causes:
        design = design.with_column(cause, _told(simulator, parts[cause]))

    def cells(part: Design, _group: tuple[str, str] | None) -> list[Cell]:
        short = part.mean("short").row(0, named=True)
        years = part.mean("missing_years").row(0, named=True)
        if years["n"] < SMALLEST_BASE:
            shares = [Cell(None, "suppressed")] * len(causes)
        else:
            shares = [estimated(part.ratio(cause, "missing").row(0, named=True), "percent") for cause in causes]
        return [Cell(Number(short["n"], "count")), estimated(short, "percent"), estimated(years, "decimal"), *shares]

    columns = (
        Column("group", say("group"), align="left"),
        Column("n", say("replacement_n")),
        Column("short", say("missing_short")),
        Column("years", say("missing_years")),
        *(Column(cause, say(f"cause_{cause}"), say("missing_because")) for cause in causes),
    )
    rows = _by_group(findings, simulator, cells, design, 3 + len(causes))
    share = design.mean("short").row(0, named=True)["estimate"]
    found = {cause: design.ratio(cause, "missing").row(0, named=True)["estimate"] for cause in causes}
    largest = max(causes, key=lambda cause: found[cause] or 0.0)
    sentence = say(
        "missing_sentence",
        share=Number(share, "percent"),
        cause=say(f"cause_{largest}"),
        part=Number(found[largest], "percent"),
    )
    table = Table(
        "missing_years", say("missing_table"), columns, tuple(rows), (say("missing_note"), interval_note()), findings.source
    )
    return [paragraph(say("missing_lead")), *(bullets(sentence) if share else []), table]


# --- what it costs --------------------------------------------------------------------------------------------------------


def _burden(findings: Findings) -> Sequence[Block]:
    """Contributions as a share of income, by income (E9)."""
    if not findings.has("income_group"):
        return []
    simulator = simulator_of(findings).regrouped(("income_group",))
    outcome = simulator.outcome(BASELINE)
    design = simulator.design.with_column("price", _told(simulator, simulator.respondents.columns["burden_at_start"]))
    years = (simulator.base_year, COMPARED)

    def cells(part: Design, group: tuple[str, str] | None) -> list[Cell]:
        members = simulator.groups.members(*group) if group else None
        price = part.mean("price").row(0, named=True)
        paid = [ratio_cell(ratio(outcome, BURDEN[0], year, simulator.survey, members), "percent") for year in years]
        return [Cell(Number(price["n"], "count")), estimated(price, "percent"), *paid]

    columns = (
        Column("group", findings.label("income_group"), align="left"),
        Column("n", say("replacement_n")),
        Column("price", say("burden_price")),
        *(Column(f"paid_{year}", Words.same(str(year)), say("burden_paid")) for year in years),
    )
    everybody, _, *groups = _by_group(findings, simulator, cells, design, 2 + len(years))
    notes = (say("burden_note"), interval_note())
    table = Table("burden_by_income", say("burden_table"), columns, (everybody, *groups), notes, findings.source)
    return [paragraph(say("burden_lead")), table]


# --- what comes back ------------------------------------------------------------------------------------------------------


def _returns(findings: Findings) -> Sequence[Block]:
    """The internal rate of return of each scheme, on what the workers pay and on what all pay."""
    simulator = simulator_of(findings)
    columns = (
        Column("group", say("group"), align="left"),
        *(
            Column(f"{pension}_{payers}", say(f"return_{payers}"), say(f"return_{pension}"))
            for pension in PENSIONS
            for payers in ("own", "all")
        ),
    )
    rows = _return_rows(findings, simulator, "everybody")
    if findings.has("income_group") and "income_group" not in simulator.by:
        rows += _return_rows(findings, simulator.regrouped(("income_group",)), None)
    growth = simulator.outcome(BASELINE).scenario.model.parameters
    notes = (say("returns_note", year=str(simulator.base_year)), interval_note())
    real = float(growth["wage_growth"].yearly[0, -1] - growth["price_growth"].yearly[0, -1])
    return [
        paragraph(say("returns_lead", growth=Number(real, "percent"))),
        Table("internal_rates_of_return", say("returns_table"), columns, tuple(rows), notes, findings.source),
    ]


def _return_rows(findings: Findings, simulator: Simulator, everybody: str | None) -> list[Row]:
    found = returns(simulator)
    rows = [Row((Cell(say(everybody)), *_return_cells(found, simulator, None)), "total")] if everybody else []
    for name in simulator.by:
        rows.append(Row((Cell(findings.label(name)),), "heading"))
        for category in simulator.groups.columns[name]:
            cells = _return_cells(found, simulator, (name, category))
            rows.append(Row((Cell(findings.category(name, category)), *cells)))
    return rows


def _return_cells(found: Returns, simulator: Simulator, group: tuple[str, str] | None) -> list[Cell]:
    members = simulator.groups.members(*group) if group else None
    inside = np.ones(len(found.respondent), dtype=bool)
    if group is not None:
        answers = simulator.design.frame[group[0]].cast(pl.String).fill_null("").to_numpy()
        inside = answers[found.respondent] == group[1]
    cells = []
    for pension in PENSIONS:
        base = int((inside & (found.reached == (pension == "employees"))).sum())
        for payers in (("worker_pays",), PAYERS):
            if base < SMALLEST_BASE:
                cells.append(Cell(None, "suppressed"))
            else:
                cells.append(ratio_cell(found.rate(pension, payers, members), "percent"))
    return cells
