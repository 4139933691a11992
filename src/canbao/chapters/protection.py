"""Market and public protection against injury at work: what covers the losses, at what price, paid by whom, how fast."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from canbao.careers.categories import RiskGroup
from canbao.chapters.document import Block, Cell, Column, Curves, Figure, Point, Row, Section, StackedBars, Table
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.chapters.simulated import needed_columns, simulator_of, written_once
from canbao.injury import (
    EXPOSURES,
    Arrangement,
    Cases,
    Exposure,
    Protection,
    compare,
    draw_cases,
    efficient,
    exposed_by,
    find_arrangement,
    item_words,
    without_relation,
)
from canbao.injury.arrangement import Step, shipped
from canbao.injury.assumptions import assumptions
from canbao.injury.benefits import joined
from canbao.injury.comparison import WAYS_THROUGH
from canbao.injury.household import SHOWN, income_left, typical
from canbao.languages import Catalogue, Form, Number, Words, within_sentence
from canbao.languages import joined as joined_words
from canbao.reforms import BASELINE, Simulator
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.chapters", "protection")

COMPARED = (
    ("none",),
    ("wujiang-2018",),
    ("ningbo-2021",),
    ("rider-policy",),
    ("employer-liability",),
    ("pilot-2025",),
    ("pilot-2025", "rider-policy"),
    ("pilot-wider",),
    ("single-branch",),
    ("wii-for-all",),
)
"""From the least to the most, with a public floor topped up by the market among them."""

AS_IT_STANDS = ("pilot-2025",)

YEAR, WORKERS = 2025, 40_000
"""The order-based protection is that of this year; so many workers are drawn for the report."""

_WRITTEN: WeakKeyDictionary[Simulator, Section] = WeakKeyDictionary()
_DRAWN: WeakKeyDictionary[Simulator, Cases] = WeakKeyDictionary()
_COMPARED: WeakKeyDictionary[Simulator, list[Protection]] = WeakKeyDictionary()


def chapter(findings: Findings) -> Section | None:
    """The balance of market and public protection, who falls through, households after an injury, clocks, finances."""
    if findings.simulator is None or not findings.reforms or not findings.has(*needed_columns(findings)):
        return None
    if not findings.has("platform_type") or not len(cases_of(findings)):
        return None
    parts = {
        "balance": _balance,
        "frontier": _frontier,
        "groups": _groups,
        "through": _through,
        "households": _households,
        "clocks": _clocks,
        "abroad": _abroad,
        "finances": _finances,
    }
    return written_once(findings, "protection", say, parts, _WRITTEN)


def cases_of(findings: Findings) -> Cases:
    """Platform workers without a labour relation and who of them is hurt, drawn once; needs the study's simulator."""
    simulator = simulator_of(findings)
    if simulator not in _DRAWN:
        year = max(YEAR, simulator.base_year)
        _DRAWN[simulator] = without_relation(draw_cases(simulator, year, WORKERS))
    return _DRAWN[simulator]


def arrangements() -> list[tuple[Arrangement, ...]]:
    """Those that are compared, each alone or some in force together."""
    return [tuple(find_arrangement(name) for name in names) for names in COMPARED]


def protections(findings: Findings) -> list[Protection]:
    """What each does, worked out once."""
    simulator = simulator_of(findings)
    if simulator not in _COMPARED:
        _COMPARED[simulator] = [compare(each, cases_of(findings)) for each in arrangements()]
    return _COMPARED[simulator]


def title_of(arrangements: Sequence[Arrangement]) -> Words:
    """What arrangements in force together are called."""
    first, *others = arrangements
    title = first.title
    for one in others:
        title = say("with", first=title, second=one.title)
    return title


def _balance(findings: Findings) -> Sequence[Block]:
    """Who would bear the losses, one bar an arrangement, and what each costs."""
    cases, wanted = cases_of(findings), arrangements()
    found = protections(findings)
    pairs = list(zip(wanted, found, strict=True))
    labels = [_bar(title_of(each), one) for each, one in pairs]
    chart = StackedBars(
        tuple(labels),
        (say("by_public"), say("by_market"), say("by_hirer"), say("by_worker")),
        tuple(tuple(Point(part) for part in _bearers(one)) for one in found),
    )
    best = max(range(len(found)), key=lambda at: found[at].loss_covered)
    headline = say(
        "headline",
        today=title_of(wanted[COMPARED.index(AS_IT_STANDS)]),
        none=Number(1 - found[COMPARED.index(AS_IT_STANDS)].loss_covered, "percent"),
        best=title_of(wanted[best]),
        left=Number(1 - found[best].loss_covered, "percent"),
        price=Number(found[best].price_a_member),
    )
    year = str(cases.year)
    title, notes = say("balance_figure", year=year), (say("bar_note"), say("discount_note"))
    return [
        paragraph(say("balance_lead")),
        *bullets(headline),
        Figure("injury_balance", title, chart, headline, notes, findings.source, headline),
        arrangements_table(findings, pairs),
    ]


def _bar(name: Words, found: Protection) -> Words:
    """An arrangement with what a covered worker costs; the name alone where nobody is covered."""
    price = found.price_a_member
    return say("bar", name=name, price=Number(price)) if np.isfinite(price) else name


def arrangements_table(findings: Findings, pairs: Sequence[tuple[Sequence[Arrangement], Protection]]) -> Table:
    """What some arrangements cover, who pays for them, and how fast they pay, a row for each."""
    rows = [_row(each, one) for each, one in pairs]
    columns = (
        Column("arrangement", say("arrangement"), align="left"),
        *_grouped("covers", ("covered", "covered_time", "loss", "catastrophe")),
        *_grouped("price", ("worker", "platform", "other")),
        Column("member", say("column_member")),
        *(Column(name, say(f"column_{name}")) for name in ("order", "ratio", "days")),
    )
    title = say("balance_table", year=str(cases_of(findings).year))
    notes = (say("discount_note"), say("grave_note"), say("price_note"), say("assumption_note"), *_remarks(pairs))
    return Table("injury_arrangements", title, columns, tuple(rows), notes, findings.source)


def _remarks(pairs: Sequence[tuple[Sequence[Arrangement], Protection]]) -> list[Words]:
    """What one has to know of some of the arrangements, and which rest on weak sources."""
    single = list({one.name: one for each, _ in pairs for one in each}.values())
    told = [say("remark", name=one.title, remark=one.remark) for one in single if one.remark is not None]
    weak = [one.title for one in single if not one.is_firm]
    return [*told, *([say("weak_note", names=joined_words(weak, en=", ", zh="、"))] if weak else [])]


def _grouped(group: str, names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name, say(f"column_{name}"), say(f"group_{group}")) for name in names)


def _bearers(found: Protection) -> tuple[float, float, float, float]:
    public, market = found.of_loss["fund"] + found.of_loss["state"], found.of_loss["insurer"]
    hirer = found.of_loss["platform"] + found.of_loss["employer"]
    return public, market, hirer, max(0.0, 1 - public - market - hirer)


def _row(arrangements: Sequence[Arrangement], found: Protection) -> Row:
    other = found.price["employer"] + found.price["state"]
    shares = (found.covered, found.covered_time, found.loss_covered, found.catastrophe_covered)
    return Row(
        (
            Cell(title_of(arrangements)),
            *(Cell(Number(one, "percent")) for one in shares),
            *(Cell(Number(one, "count")) for one in (found.price["worker"], found.price["platform"], other)),
            _if_any(found.price_a_member, "count"),
            _if_any(found.price_an_order, "decimal3"),
            _if_any(found.benefit_ratio, "decimal2"),
            Cell() if found.days_until_paid is None else Cell(Number(found.days_until_paid, "count")),
        ),
        key=_key(arrangements),
    )


def _key(arrangements: Sequence[Arrangement]) -> str:
    """By what text cites the row of arrangements in force together."""
    return "+".join(one.name for one in arrangements)


def _if_any(value: float, form: Form) -> Cell:
    """A number as a cell; a dash where there is none, as the price an order of those who make no orders."""
    return Cell(Number(value, form)) if np.isfinite(value) else Cell()


def _frontier(findings: Findings) -> Sequence[Block]:
    """Protection against cost: those that no other beats, of those whose terms are well known."""
    cases, wanted = cases_of(findings), arrangements()
    pairs = zip(wanted, protections(findings), strict=True)
    firm = [(each, one) for each, one in pairs if all(part.is_firm for part in each)]
    on_it = efficient([one for _, one in firm])
    best = sorted(
        (
            (sum(one.price.values()), one.loss_covered, title_of(each))
            for (each, one), is_best in zip(firm, on_it, strict=True)
            if is_best
        ),
        key=lambda one: one[0],
    )
    left_out = [title_of(each) for each in wanted if not all(part.is_firm for part in each)]
    chart = Curves(
        tuple(price for price, _, _ in best),
        (say("frontier_series"),),
        (tuple(Point(covered) for _, covered, _ in best),),
        say("axis_price"),
        say("axis_loss"),
        "count",
        "percent",
    )
    points = (
        say("frontier_point", name=name, price=Number(price), covered=Number(covered, "percent"))
        for price, covered, name in best
        if covered > 0
    )
    title, alt = say("frontier_figure", year=str(cases.year)), say("frontier_alt")
    notes = [say("price_note"), say("discount_note")]
    if left_out:
        notes.append(say("left_out_note", names=joined_words(left_out, en=", ", zh="、")))
    figure = Figure("injury_frontier", title, chart, alt, tuple(notes), findings.source)
    return [paragraph(say("frontier_lead")), *bullets(*points), figure]


def _groups(findings: Findings) -> Sequence[Block]:
    """What part of the losses each arrangement covers, by kind of platform work."""
    cases = cases_of(findings)
    kinds = [kind for kind in RiskGroup if kind <= RiskGroup.OTHER_PLATFORM]
    parts = {kind: cases.some(np.flatnonzero(cases.group == kind)) for kind in kinds}
    shown = {kind: part for kind, part in parts.items() if len(np.unique(part.respondent)) >= SMALLEST_BASE}
    rows = []
    for each in arrangements():
        cells = (Cell(Number(compare(each, part).loss_covered, "percent")) for part in shown.values())
        rows.append(Row((Cell(title_of(each)), *cells), key=_key(each)))
    columns = (
        Column("arrangement", say("arrangement"), align="left"),
        *(Column(kind.key, _kind(findings, kind)) for kind in shown),
    )
    table = Table("injury_groups", say("groups_table", year=str(cases.year)), columns, tuple(rows), (), findings.source)
    return [paragraph(say("groups_lead")), table]


def _kind(findings: Findings, kind: RiskGroup) -> Words:
    return findings.category("platform_type", "other" if kind == RiskGroup.OTHER_PLATFORM else kind.key)


def _through(findings: Findings) -> Sequence[Block]:
    """Which losses fall through, and for which reason."""
    rows = []
    for each, found in zip(arrangements(), protections(findings), strict=True):
        cells = (Cell(Number(found.through[name], "percent")) for name in WAYS_THROUGH)
        rows.append(Row((Cell(title_of(each)), *cells)))
    columns = (
        Column("arrangement", say("arrangement"), align="left"),
        *(Column(name, say(f"through_{name}")) for name in WAYS_THROUGH),
    )
    notes = (say("through_note"),)
    return [
        paragraph(say("through_lead")),
        Table("injury_through", say("through_table"), columns, tuple(rows), notes, findings.source),
    ]


YEARS_AFTER, WORKING_LIFE = 10, 100
"""So many years after the injury are looked at; no working life is longer than the second."""


def _households(findings: Findings) -> Sequence[Block]:
    """What a rider's household has left after a grade 10, a grade 5, a grade 1 and a death."""
    cases = cases_of(findings)
    if not (cases.group == RiskGroup.FOOD_DELIVERY).any():
        return []
    parameters = simulator_of(findings).outcome(BASELINE).scenario.model.parameters
    means = [parameters[name].tables[0] for name in ("days_off_mean", "treatment_mean", "earning_capacity_lost")]
    rider = typical(cases, RiskGroup.FOOD_DELIVERY, *means)
    rows = []
    for each in arrangements():
        left = [income_left(each, rider, years) for years in (YEARS_AFTER, WORKING_LIFE)]
        cells = [Cell(Number(float(one[at]), "percent")) for at in range(len(SHOWN)) for one in left]
        rows.append(Row((Cell(title_of(each)), *cells)))
    columns = (
        Column("arrangement", say("arrangement"), align="left"),
        *(
            Column(f"{outcome.key}_{span}", say(f"span_{span}"), say(f"outcome_{outcome.key}"))
            for outcome in SHOWN
            for span in ("ten_years", "till_retirement")
        ),
    )
    age, income = str(int(rider.age[0])), Number(float(rider.income[0]))
    notes = (say("households_note", age=age, income=income), say("lump_sum_note"), say("on_order_note"))
    return [
        paragraph(say("households_lead")),
        Table("injury_households", say("households_table"), columns, tuple(rows), notes, findings.source),
    ]


def _clocks(findings: Findings) -> Sequence[Block]:
    """The steps to payment and how long each may take."""
    named: dict[tuple[Step, ...], list[Words]] = {}
    for (one,) in (each for each in arrangements() if len(each) == 1):
        if one.steps:
            named.setdefault(one.steps, []).append(one.title)
    rows: list[Row] = []
    for steps, titles in named.items():
        rows.append(Row((Cell(joined_words(titles, en="; ", zh="；")),), "heading"))
        rows += [Row((Cell(step.name.words), Cell(Number(step.days, "count")))) for step in steps]
        rows.append(Row((Cell(say("in_all")), Cell(Number(sum(step.days for step in steps), "count"))), "total"))
    columns = (Column("step", say("step"), align="left"), Column("days", say("days")))
    return [
        paragraph(say("clocks_lead")),
        Table("injury_clocks", say("clocks_table"), columns, tuple(rows), (say("clocks_note"),), findings.source),
    ]


def _abroad(findings: Findings) -> Sequence[Block]:
    """Foreign designs on the same workers: what those cover whose price was found, and what the others lack."""
    cases = cases_of(findings)
    designs = [one for one in map(find_arrangement, shipped()) if one.kind == "foreign"]
    found = [(one, compare([one], cases)) for one in designs if one.active]
    ranked = sorted(found, key=lambda pair: -pair[1].loss_covered)
    columns = (
        Column("design", say("design"), align="left"),
        *_grouped("covers", ("covered", "loss", "catastrophe")),
        *_grouped("price", ("worker", "platform")),
        Column("member", say("column_member")),
        Column("ratio", say("column_ratio")),
    )
    year = str(cases.year)
    rows = tuple(_abroad_row(one, made) for one, made in ranked)
    unknown = (say("not_found", name=one.title, items=_items(made)) for one, made in ranked if made.not_found)
    lacking = tuple(Row((Cell(one.title), Cell(one.lacks))) for one in designs if not one.active and one.lacks is not None)
    heads = (Column("design", say("design"), align="left"), Column("lacks", say("lacks"), align="left"))
    notes = (*unknown, say("price_note"), say("grave_note"), say("abroad_note"))
    return [
        paragraph(say("abroad_lead")),
        Table("injury_abroad", say("abroad_table", year=year), columns, rows, notes, findings.source),
        Table("injury_abroad_lacking", say("lacking_table"), heads, lacking, (), findings.source),
    ]


def _items(found: Protection) -> Words:
    return joined_words([within_sentence(item_words(one)) for one in found.not_found], en=", ", zh="、")


def _abroad_row(design: Arrangement, found: Protection) -> Row:
    shares = (found.covered, found.loss_covered, found.catastrophe_covered)
    return Row(
        (
            Cell(design.title),
            *(Cell(Number(one, "percent")) for one in shares),
            *(Cell(Number(found.price[payer], "count")) for payer in ("worker", "platform")),
            _if_any(found.price_a_member, "count"),
            _if_any(found.benefit_ratio, "decimal2"),
        )
    )


def _finances(findings: Findings) -> Sequence[Block]:
    """What order-based protection would spend for an order, beside what one province has published, and by exposure."""
    pilot, cases = find_arrangement("pilot-2025"), cases_of(findings)
    insured = cases.some(np.flatnonzero(joined(pilot, cases)))
    if not (insured.orders > 0).any():
        return []
    found = {exposure: compare([pilot], exposed_by(exposure, insured)) for exposure in EXPOSURES}
    today = found["hours"]
    rows = [_exposure_row(exposure, exposed_by(exposure, insured), found[exposure]) for exposure in EXPOSURES]
    names = ("rate", "million", "spent", "paid", "ratio")
    columns = (
        Column("exposure", say("exposure"), align="left"),
        *(Column(name, say(f"exposure_{name}")) for name in names),
    )
    low, high = (Number(found[one].spent_an_order, "decimal3") for one in ("orders_low", "orders_high"))
    return [
        paragraph(
            say(
                "finances",
                spent=Number(today.spent_an_order, "decimal3"),
                price=Number(today.price_an_order, "decimal3"),
                published=Number(assumptions().published_spending_an_order.value, "decimal3"),
            )
        ),
        paragraph(say("exposure_lead", low=low, high=high)),
        Table("injury_exposure", say("exposure_table"), columns, tuple(rows), (say("exposure_note"),), findings.source),
    ]


def _exposure_row(exposure: Exposure, cases: Cases, found: Protection) -> Row:
    """Injuries by workers and by orders, and what these cost for an order, under one assumption of what exposes to them."""
    workers, orders = float(cases.weight.sum()), float((cases.orders * cases.weight).sum())
    injuries = float(cases.injury_weight[cases.injured].sum())
    return Row(
        (
            Cell(say(f"exposed_{exposure}")),
            Cell(Number(injuries / workers * 100, "decimal")),
            Cell(Number(injuries / orders * 1e6, "decimal")),
            *(Cell(Number(one, "decimal3")) for one in (found.spent_an_order, found.price_an_order)),
            _if_any(found.benefit_ratio, "decimal2"),
        )
    )
