"""The focus groups: where they cross, and what of a gap remains when like is compared with like (C12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Figure,
    Interval,
    Intervals,
    Notice,
    Point,
    Row,
    Section,
    Table,
)
from canbao.chapters.estimates import Estimate
from canbao.chapters.findings import (
    Findings,
    Measure,
    bullets,
    interval_note,
    interval_note_for_charts,
    largest_base,
    mean_of,
    paragraph,
    share_of,
    weighted_note,
)
from canbao.errors import InputError
from canbao.languages import Catalogue, Number, Words, joined, within_sentence

say = Catalogue("canbao.chapters", "focus")

CONTROLS = ("age_group", "education", "hukou_locality", "marital_status", "income_group", "region")
"""What is held equal when groups are compared, as far as a survey asks it."""

MOST_COMPARED = 5
"""Of a column with many categories, so many are compared, the reference among them."""

CONTRACT = ("contract", "job")
"""The terms of work: held equal in a second comparison, because they are one way in which groups come to differ."""


def chapter(findings: Findings) -> Section:
    """The triple tables, and adjusted gaps with their decomposition."""
    title = say("title")
    if not findings.focus or not outcomes(findings):
        return Section("focus", title, (Notice(say("missing"), "missing"),))
    lead = paragraph(say("lead", groups=joined([within_sentence(findings.label(name)) for name in findings.focus])))
    sections = [Section("crossed", say("crossed"), tuple(_crossed(findings)))]
    gaps = list(_gaps(findings))
    if gaps:
        sections.append(Section("adjusted", say("adjusted"), tuple(_adjusted(findings, gaps))))
    return Section("focus", title, (lead,), tuple(sections))


def outcomes(findings: Findings) -> list[str]:
    """The yes/no columns in which groups are compared: standing ones, then those that the study tabulates."""
    wanted = ["employees_pension", *(one.of for one in findings.settings.tabulations)]
    return [name for name in dict.fromkeys(wanted) if findings.has(name) and findings.column(name).type == "yes_no"]


# --- crossed ----------------------------------------------------------------------------------------------------------


def _crossed(findings: Findings) -> list[Block]:
    groups = findings.focus[:3]
    measures = _measures(findings)
    columns = [Column(name, findings.label(name), align="left") for name in groups]
    columns += [Column("n", say("base"))] + [Column(one.key, one.label) for one in measures]
    asked = [one.ask(findings.estimator, groups, None) for one in measures]
    rows = []
    for group in asked[0].groups:
        labels = [Cell(findings.category(name, category)) for name, category in zip(groups, group, strict=True)]
        estimates = [answer.at(one.category, *group) for one, answer in zip(measures, asked, strict=True)]
        cells = [estimate.cell(one.form) for one, estimate in zip(measures, estimates, strict=True)]
        rows.append(Row((*labels, largest_base(estimates), *cells)))
    title = say(
        "crossed_table", groups=joined([within_sentence(findings.label(name)) for name in groups], en=" × ", zh="×")
    )
    notes = (say("crossed_note"), interval_note(findings))
    table = Table("focus_crossed", title, tuple(columns), tuple(rows), notes, findings.source)
    return [*bullets(_extremes(findings, measures[0], groups)), table]


def _measures(findings: Findings) -> list[Measure]:
    """What is shown of the crossed groups: standing results, or the study's own."""
    measures = []
    if findings.has("pension_scheme"):
        measures += [
            share_of("pension_scheme", "employee", say("pension_employee")),
            share_of("pension_scheme", "none", say("pension_none")),
        ]
    if findings.has("medical_scheme"):
        measures.append(share_of("medical_scheme", "none", say("medical_none")))
    if findings.has("injury_cover"):
        measures.append(share_of("injury_cover", "none", say("injury_none")))
    if findings.has("branches_held"):
        measures.append(mean_of("branches_held", findings.label("branches_held"), "decimal2"))
    return measures or [share_of(name, "yes", findings.label(name)) for name in outcomes(findings)[:4]]


def _extremes(findings: Findings, measure: Measure, groups: Sequence[str]) -> Words | None:
    asked = measure.ask(findings.estimator, groups, None)
    every = [(group, asked.at(measure.category, *group)) for group in asked.groups]
    known = [(group, one) for group, one in every if one.known and one.flag is None]
    if len(known) < 2:
        return None
    low = min(known, key=lambda one: one[1].estimate or 0)
    high = max(known, key=lambda one: one[1].estimate or 0)
    return say(
        "extremes" if len(known) == len(every) else "extremes_of_some",
        what=measure.label,
        low=low[1].number(measure.form),
        low_group=_named(findings, groups, low[0]),
        high=high[1].number(measure.form),
        high_group=_named(findings, groups, high[0]),
    )


def _named(findings: Findings, groups: Sequence[str], group: Sequence[str]) -> Words:
    labels = [within_sentence(findings.category(name, one)) for name, one in zip(groups, group, strict=True)]
    first, *rest = labels
    # Each narrows the one before: in Chinese “其他非标准就业人员中的女性农民工”, not three groups beside one another.
    return say("narrowed", first=first, rest=joined(rest, zh="")) if rest else first


# --- adjusted gaps ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """The difference between two groups in a share: as it is, and when like is compared with like.

    Args:
        outcome: the yes/no column.
        grouping: the focus group's column.
        group: the category compared.
        reference: the category that it is compared with.
        raw: the difference of the shares.
        adjusted: the average marginal effect with persons held equal.
        adjusted_contract: the same with the terms of work held equal too; None where the data have none.
        explained: the part of the raw gap that goes with the composition of the groups (Oaxaca–Blinder).
    """

    outcome: str
    grouping: str
    group: str
    reference: str
    raw: Estimate
    adjusted: Estimate
    adjusted_contract: Estimate | None
    explained: Estimate


def _gaps(findings: Findings) -> Iterator[Gap]:
    for outcome in outcomes(findings):
        for grouping in findings.focus:
            for reference, group in _pairs(findings, _large_enough(findings, outcome, grouping), grouping):
                try:
                    yield _gap(findings, outcome, grouping, group, reference)
                except InputError:
                    # Too few cases for the model: the crossed table still stands.
                    continue


def _pairs(findings: Findings, categories: Sequence[str], grouping: str) -> list[tuple[str, str]]:
    """Each category with the one that it is compared with: the first; for yes/no columns, yes with no."""
    if findings.column(grouping).type == "yes_no":
        return [("no", "yes")] if {"yes", "no"} <= set(categories) else []
    return [(categories[0], other) for other in categories[1:MOST_COMPARED]]


def _large_enough(findings: Findings, outcome: str, grouping: str) -> list[str]:
    shares = findings.estimator.of(outcome, [grouping])
    return [group[0] for group in shares.groups if shares.at("yes", *group).known]


def _gap(findings: Findings, outcome: str, grouping: str, group: str, reference: str) -> Gap:
    """One category of a column against another."""
    design = findings.estimator.design
    controls = [name for name in CONTROLS if name != grouping and findings.has(name)]
    others = [name for name in findings.focus if name != grouping]
    persons = list(dict.fromkeys([*others, *controls]))
    terms = [name for name in CONTRACT if name not in (grouping, *persons) and findings.has(name)]
    raw = design.difference(outcome, grouping, reference=reference, category="yes")
    both = design.domain(pl.col(grouping).cast(pl.String).is_in([group, reference]))
    parts = both.decompose(outcome, group=grouping, reference=reference, on=[*persons, *terms])
    return Gap(
        outcome,
        grouping,
        group,
        reference,
        _row(raw.filter(pl.col(grouping) == group)),
        _effect(findings, outcome, grouping, group, reference, persons),
        _effect(findings, outcome, grouping, group, reference, [*persons, *terms]) if terms else None,
        _row(parts.filter(pl.col("term") == "explained")),
    )


def _effect(findings: Findings, outcome: str, grouping: str, group: str, reference: str, others: Sequence[str]) -> Estimate:
    effects = findings.estimator.design.average_effects(f"{outcome} ~ {' + '.join([grouping, *others])}")
    found = effects.filter(pl.col("term") == f"{grouping}{group}")
    if found.height:
        return _row(found)
    return _row(effects.filter(pl.col("term") == f"{grouping}{reference}")).times(-1)


def _row(frame: pl.DataFrame) -> Estimate:
    row = frame.row(0, named=True)
    return Estimate(estimate=row["estimate"], se=row["se"], low=row["low"], high=row["high"])


def _adjusted(findings: Findings, gaps: Sequence[Gap]) -> list[Block]:
    controls = joined([within_sentence(findings.label(name)) for name in CONTROLS if findings.has(name)])
    return [
        paragraph(say("adjusted_lead", controls=controls)),
        *bullets(*(_sentence(findings, gap) for gap in gaps[:4])),
        _gap_figure(findings, gaps),
        _gap_table(findings, gaps),
    ]


def _compared(findings: Findings, gap: Gap) -> Words:
    group = findings.category(gap.grouping, gap.group)
    reference = findings.category(gap.grouping, gap.reference)
    return say("compared", group=group, reference=within_sentence(reference))


def _sentence(findings: Findings, gap: Gap) -> Words:
    steps = {"as_it_is": gap.raw, "persons": gap.adjusted}
    if gap.adjusted_contract is not None:
        steps["terms"] = gap.adjusted_contract
    told = [say(f"step_{step}", points=say(_tested(one), points=one.number("points"))) for step, one in steps.items()]
    return say(
        "gap_told",
        outcome=within_sentence(findings.label(gap.outcome)),
        compared=_compared(findings, gap),
        steps=joined(told, en="; ", zh="；"),
    )


def _tested(estimate: Estimate) -> str:
    """Whether a difference is told from none by its interval."""
    clear = estimate.low is not None and estimate.high is not None and (estimate.low > 0 or estimate.high < 0)
    return "points_clear" if clear else "points_unclear"


def _widest(gaps: Sequence[Gap]) -> Gap:
    """Of the first outcome the widest difference that is told from none; the first of all where none is."""
    clear = [gap for gap in gaps if gap.outcome == gaps[0].outcome and _tested(gap.raw) == "points_clear"]
    return max(clear, key=lambda gap: abs(gap.raw.estimate or 0), default=gaps[0])


def _gap_figure(findings: Findings, gaps: Sequence[Gap]) -> Figure:
    series = [say("raw"), say("persons_equal"), say("terms_equal")]
    empty = Point(None)
    values = tuple(
        (gap.raw.point, gap.adjusted.point, gap.adjusted_contract.point if gap.adjusted_contract else empty) for gap in gaps
    )
    chart = Intervals(
        tuple(_compared(findings, gap) for gap in gaps),
        tuple(series),
        values,
        say("gap_axis"),
        form="points",
        panels=tuple(findings.label(gap.outcome) for gap in gaps),
        zero_line=True,
        numbers=True,
    )
    notes = (interval_note_for_charts(findings),)
    headline = _sentence(findings, _widest(gaps))
    return Figure("adjusted_gaps", say("gap_figure"), chart, headline, notes, findings.source, headline)


def _gap_table(findings: Findings, gaps: Sequence[Gap]) -> Table:
    columns = (
        Column("comparison", say("comparison"), align="left"),
        Column("raw", say("raw")),
        Column("persons_equal", say("persons_equal")),
        Column("terms_equal", say("terms_equal")),
        Column("explained", say("explained")),
    )
    rows = []
    for outcome in dict.fromkeys(gap.outcome for gap in gaps):
        rows.append(Row((Cell(findings.label(outcome)),), "heading"))
        for gap in gaps:
            if gap.outcome == outcome:
                shown = (gap.raw, gap.adjusted, gap.adjusted_contract, gap.explained)
                rows.append(Row((Cell(_compared(findings, gap)), *(_points(one) for one in shown))))
    notes = (say("gap_note"), say("not_significant"), weighted_note(findings))
    return Table("adjusted_gaps", say("gap_table"), columns, tuple(rows), notes, findings.source)


def _points(estimate: Estimate | None) -> Cell:
    if estimate is None:
        return Cell()
    interval = None if estimate.low is None else Interval(estimate.low, estimate.high, "points")
    return Cell(Number(estimate.estimate, "points"), None, interval)
