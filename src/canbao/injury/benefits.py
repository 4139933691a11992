"""What an arrangement pays for an injury, and what it costs to be in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from canbao.careers import carried_parameters
from canbao.careers.categories import Circumstance, RiskGroup
from canbao.engine.parameters import FIRST_YEAR
from canbao.injury.arrangement import CASH_BY_GRADE, GRADES, Arrangement, Benefit, Price
from canbao.injury.assumptions import assumptions
from canbao.injury.cases import MONTHS, Cases
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
    """What each benefit pays each worker, in yuan, monthly payments added up.

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
            left = left - amount
        found.append((benefit, amount))
    return found


def price_of(price: Price, cases: Cases) -> Array:
    """What a price comes to in a year for each worker, were she in it."""
    amount = np.full(len(cases), price.amount or 0.0)
    by_group = price.by_group
    if price.by_risk_class:
        rates = _table("injury_rate", cases)
        by_group = {name: float(rates[risk_class]) for name, risk_class in price.by_risk_class.items()}
    if by_group:
        amount = np.array([by_group.get(one.key, 0.0) for one in RiskGroup])[cases.group]
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
        "own_wage": cases.income,
        "injury_wage": cases.injury_wage,
        "average_wage": cases.average_wage,
        "minimum_wage": cases.minimum_wage,
        "national_income": cases.national_income,
        "fixed_base": arrangement.fixed_base_to_average_wage * cases.average_wage,
    }
    return np.broadcast_to(np.asarray(bases[name], dtype=float), len(cases))


LASTING = ("disability_pension", "survivors", "nursing")
"""Benefits that come month by month."""


def _amount(arrangement: Arrangement, benefit: Benefit, cases: Cases, treatment_left: Array) -> Array:
    """All of a benefit: of monthly ones, what comes until the end."""
    each = instalment(arrangement, benefit, cases, treatment_left)
    match benefit.of:
        case "disability_pension":
            return np.asarray(each * MONTHS * cases.years_left)
        case "nursing":
            return np.asarray(each * MONTHS * cases.years_nursed)
        case "survivors":
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
    if benefit.of == "treatment":
        covered = np.maximum(0.0, treatment_left - benefit.deductible) * benefit.share
        return covered if benefit.most is None else np.minimum(covered, benefit.most)
    base = base_of(arrangement, benefit.base, cases)
    times = _times(benefit, cases)
    once = np.where(times > 0, _at_least(arrangement, benefit, cases, base * times), 0.0)
    match benefit.of:
        case "off_work":
            months = cases.days_off / (365 / MONTHS)
            return np.asarray(once * (months if benefit.most_months is None else np.minimum(months, benefit.most_months)))
        case "survivors":
            return np.where(cases.dies, base * (_spouse(benefit, cases) + _children(benefit, cases)), 0.0)
        case "death_lump" | "funeral":
            return np.where(cases.dies, once, 0.0)
        case _:
            return once


def _times(benefit: Benefit, cases: Cases) -> Array:
    """By how much the base is multiplied, for each worker."""
    if benefit.of not in CASH_BY_GRADE:
        times = benefit.times
        if benefit.parameter is not None:
            at = cases.year - FIRST_YEAR
            times = float(carried_parameters()[benefit.parameter].yearly[0, at])
        return np.full(len(cases), times or 0.0)
    by_grade = benefit.by_grade
    if benefit.parameter is not None:
        table = _table(benefit.parameter, cases)
        by_grade = {grade: float(table[grade]) for grade in GRADES}
    months = np.zeros(max(GRADES) + 1)
    for grade, value in by_grade.items():
        months[grade] = value
    return months[cases.grade]


def _table(name: str, cases: Cases) -> Array:
    """The nation's table of the law, as it stands in the year."""
    parameter = carried_parameters()[name]
    return np.asarray(parameter.tables[parameter.table_rows[0, (cases.year - FIRST_YEAR) * 12 + 11]])


def _at_least(arrangement: Arrangement, benefit: Benefit, cases: Cases, amount: Array) -> Array:
    if benefit.at_least is None:
        return amount
    return np.maximum(amount, base_of(arrangement, benefit.at_least, cases))


def _survivors(benefit: Benefit, cases: Cases, base: Array) -> Array:
    """A spouse until the earner would have retired, children for some years."""
    young = np.minimum(cases.years_left, assumptions().child_years.value)
    months = MONTHS * (_spouse(benefit, cases) * cases.years_left + _children(benefit, cases) * young)
    return np.where(cases.dies, base * months, 0.0)


def _spouse(benefit: Benefit, cases: Cases) -> Array:
    return np.where(cases.spouse, benefit.times or 0.0, 0.0)


def _children(benefit: Benefit, cases: Cases) -> Array:
    """With the spouse never more than the wage."""
    return np.asarray(np.minimum(cases.dependants * benefit.each_dependant, 1 - _spouse(benefit, cases)))
