"""What an arrangement pays for an injury, and what it costs to be in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from canbao.careers.categories import Circumstance, RiskGroup
from canbao.injury.arrangement import CASH_BY_GRADE, Arrangement, Benefit, Price
from canbao.injury.assumptions import assumptions
from canbao.injury.by_rule import sum_by_rule
from canbao.injury.cases import MONTHS, Cases
from canbao.injury.from_law import GRADES, Figure, FromLaw, entries, figure
from canbao.law.categories import Relation

Array = np.ndarray[Any, np.dtype[Any]]


def eligible(arrangement: Arrangement, cases: Cases) -> Array:
    """Whom the arrangement is for."""
    covers = arrangement.covers
    inside = (cases.age >= covers.ages[0]) & (cases.age <= covers.ages[1])
    if covers.groups != "all":
        inside &= np.isin(cases.group, [one for one in RiskGroup if one.key in covers.groups])
    if covers.relations != "all":
        inside &= np.isin(cases.relation, [one for one in Relation if one.key in covers.relations])
    return np.asarray(inside & bool(covers.circumstances))


def joined(arrangement: Arrangement, cases: Cases) -> Array:
    """Who is in it: of those whom it is for, the part that takes it up."""
    return np.asarray(eligible(arrangement, cases) & (cases.chance < arrangement.covers.uptake))


def counts(arrangement: Arrangement, cases: Cases) -> Array:
    """Whether the circumstance of the injury is one that counts."""
    named = [one for one in Circumstance if one.key in arrangement.covers.circumstances]
    return np.isin(cases.circumstance, named)


def paid(arrangement: Arrangement, cases: Cases, treatment_left: Array | None = None) -> list[tuple[Benefit, Array]]:
    """What each benefit pays each worker, in yuan, monthly payments added up; NaN where its sum was not found.

    Args:
        arrangement: that pays.
        cases: the workers and their injuries.
        treatment_left: the cost of treatment that others have not paid yet; all of it if None.
    """
    inside = joined(arrangement, cases) & counts(arrangement, cases) & cases.injured
    left = cases.treatment.copy() if treatment_left is None else treatment_left
    found = []
    for benefit in arrangement.benefits:
        amount = np.where(inside, _amount(arrangement, benefit, cases, left), 0.0)
        if benefit.of == "treatment":
            left = left - np.nan_to_num(amount)
        found.append((benefit, amount))
    return found


def price_of(price: Price, cases: Cases) -> Array:
    """What a price comes to in a year for each worker, were she in it."""
    amount = _figure(price.amount or 0.0, cases)
    groups = {one.key: at for at, one in enumerate(RiskGroup)}
    if price.by_group:
        amount = np.array([price.by_group.get(name, 0.0) for name in groups])[cases.group]
    if price.table is not None:
        listed = np.isin(cases.group, [groups[name] for name in price.rows])
        index = np.array([price.rows.get(name, 0) for name in groups])[cases.group]
        amount = np.where(listed, entries(price.table, cases.place, cases.year, index), 0.0)
    times = {
        "CNY/order": cases.orders,
        "CNY/day": np.full(len(cases), assumptions().days_a_year.value),
        "CNY/month": np.full(len(cases), float(MONTHS)),
        "CNY/year": np.ones(len(cases)),
        "share of own wage": cases.income * MONTHS,
        "share of average wage": cases.average_wage * MONTHS,
    }
    return np.asarray(amount * times[price.unit])


def base_of(arrangement: Arrangement, name: str, cases: Cases) -> Array:
    """What a benefit is reckoned by: yuan, a wage a month, or the nation's income a year."""
    bases: Mapping[str, Any] = {
        "CNY": 1.0,
        "currency": arrangement.yuan_for_one,
        "own_wage": cases.income,
        "injury_wage": cases.injury_wage,
        "average_wage": cases.average_wage,
        "minimum_wage": cases.minimum_wage,
        "national_income": cases.national_income,
        "fixed_base": arrangement.fixed_base_to_average_wage * cases.average_wage,
    }
    return np.broadcast_to(np.asarray(bases[name], dtype=float), len(cases))


def _amount(arrangement: Arrangement, benefit: Benefit, cases: Cases, treatment_left: Array) -> Array:
    """All of a benefit: of monthly ones, what comes until the end."""
    each = instalment(arrangement, benefit, cases, treatment_left)
    match benefit.of:
        case "disability_pension":
            return np.asarray(each * MONTHS * cases.years_left)
        case "nursing":
            return np.asarray(each * MONTHS * cases.years_nursed)
        case "survivors" if benefit.is_known:
            return _survivors(benefit, cases, base_of(arrangement, benefit.base, cases))
        case _:
            return each


def instalment(arrangement: Arrangement, benefit: Benefit, cases: Cases, treatment_left: Array) -> Array:
    """What a benefit pays at once; of those that come month by month, in the first month.

    Args:
        arrangement: that pays.
        benefit: of it.
        cases: the injuries.
        treatment_left: the cost of treatment that others have not paid yet.
    """
    if not benefit.is_known:
        return np.where(_touches(benefit, cases), np.nan, 0.0)
    if benefit.of == "treatment":
        money = arrangement.yuan_for_one
        covered = np.maximum(0.0, treatment_left - benefit.deductible * money) * (benefit.share or 0.0)
        return covered if benefit.most is None else np.minimum(covered, benefit.most * money)
    if benefit.rule is not None:
        inside = joined(arrangement, cases) & counts(arrangement, cases) & _touches(benefit, cases)
        return sum_by_rule(benefit.rule, cases, inside)
    base = base_of(arrangement, benefit.base, cases)
    times = _times(benefit, cases)
    once = np.where(times == 0, 0.0, _within(arrangement, benefit, cases, base * times))
    match benefit.of:
        case "off_work":
            return np.asarray(once * _months_paid(benefit, cases))
        case "survivors":
            return np.where(cases.dies, base * (_spouse(benefit, cases) + _children(benefit, cases)), 0.0)
        case "death_lump" | "funeral":
            return np.where(cases.dies, once, 0.0)
        case _:
            return once


def _touches(benefit: Benefit, cases: Cases) -> Array:
    """Whose injury is of the kind for which a benefit is."""
    match benefit.of:
        case "treatment":
            return np.asarray(cases.treatment > 0)
        case "off_work":
            return np.asarray(cases.days_off > 0)
        case "death_lump" | "funeral" | "survivors":
            return cases.dies
        case _:
            return np.asarray((cases.grade > 0) & (np.isin(cases.grade, benefit.grades) | (not benefit.grades)))


def _months_paid(benefit: Benefit, cases: Cases) -> Array:
    """Months without work, within those for which it is paid."""
    months = np.maximum(0.0, cases.days_off / (365 / MONTHS) - benefit.after_months)
    return months if benefit.most_months is None else np.minimum(months, _figure(benefit.most_months, cases))


def _figure(value: Figure, cases: Cases) -> Array:
    return figure(value, cases.place, cases.year)


def _times(benefit: Benefit, cases: Cases) -> Array:
    """By how much the base is multiplied, for each worker."""
    times = _by_grade(benefit, cases) if benefit.by_grade else _figure(benefit.times or 0.0, cases)
    if benefit.of not in CASH_BY_GRADE:
        return times
    if benefit.of_earnings_lost:
        times = times * cases.earning_capacity_lost
    return np.where(_touches(benefit, cases), times, 0.0)


def _by_grade(benefit: Benefit, cases: Cases) -> Array:
    if isinstance(benefit.by_grade, FromLaw):
        index = cases.nursing_level if benefit.of == "nursing" else cases.grade
        return entries(benefit.by_grade, cases.place, cases.year, index)
    known = benefit.by_grade or {}
    return np.array([0.0, *(known.get(grade, 0.0) for grade in GRADES)])[cases.grade]


def _within(arrangement: Arrangement, benefit: Benefit, cases: Cases, amount: Array) -> Array:
    """A sum not below and not above what it must be."""
    if benefit.at_least is not None:
        amount = np.maximum(amount, base_of(arrangement, benefit.at_least, cases))
    money = arrangement.yuan_for_one
    least, most = (None if one is None else one * money for one in (benefit.least, benefit.most))
    return amount if least is None and most is None else np.clip(amount, least, most)


def _survivors(benefit: Benefit, cases: Cases, base: Array) -> Array:
    """A spouse until the earner would have retired, children for some years."""
    young = np.minimum(cases.years_left, assumptions().child_years.value)
    months = MONTHS * (_spouse(benefit, cases) * cases.years_left + _children(benefit, cases) * young)
    return np.where(cases.dies, base * months, 0.0)


def _spouse(benefit: Benefit, cases: Cases) -> Array:
    return np.where(cases.spouse, _figure(benefit.times or 0.0, cases), 0.0)


def _children(benefit: Benefit, cases: Cases) -> Array:
    """With the spouse never more than the wage."""
    each = _figure(benefit.each_dependant, cases)
    return np.asarray(np.minimum(cases.dependants * each, 1 - _spouse(benefit, cases)))
