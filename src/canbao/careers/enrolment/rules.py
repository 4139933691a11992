"""Who joins which pension scheme: by duty, by choice, or not at all.

The choice of a flexible worker is a logit. Each worker carries a fixed taste, uniform between 0 and 1, and joins in the
years in which the probability lies above it. The tastes of respondents are drawn so that the model says of the year of
the survey what they answered; from then on what changes the probability changes who joins. This is the use of a discrete
choice model with the unobserved part held to what was observed (Duncan and Weeks 1997; Bourguignon, Fournier and Gurgand
2001).
"""

from __future__ import annotations

from math import exp

from canbao.careers.categories import Activity, Scheme
from canbao.engine import Month, rule
from canbao.law.categories import Access, Relation

LARGEST_SCORE = 30.0

# --- the ways in --------------------------------------------------------------------------------------------------------


@rule(unit="category", basis="mohrss_2021_56")
def relation(activity: Activity, activity_at_start: Activity, relation_at_start: Relation) -> Relation:
    """The legal relation: the one answered while one does the same, else the usual one of the new activity."""
    if activity == activity_at_start:
        return relation_at_start
    if activity == Activity.EMPLOYEE:
        return Relation.LABOUR
    return Relation.INCOMPLETE if activity == Activity.PLATFORM else Relation.CIVIL


@rule(unit="yes/no")
def employer_enrols(
    relation: Relation, activity: Activity, compliance_taste: float, employer_compliance: float, compliance_rise: float
) -> bool:
    """The employer enrols whom it must; many do not."""
    employed = relation == Relation.LABOUR or activity == Activity.EMPLOYEE
    return employed and compliance_taste < employer_compliance + compliance_rise


# --- the price of joining on one's own ----------------------------------------------------------------------------------


@rule(unit="CNY/month", basis="state_council_2019_13:3")
def flexible_base(
    income_month: float,
    base_floor: float,
    base_ceiling: float,
    chosen_base_to_floor: float,
    flexible_base_follows_income: float,
) -> float:
    """The base on which a flexible worker would pay: the chosen one, or the income where a reform says so."""
    if flexible_base_follows_income == 1:
        return min(max(income_month, base_floor), base_ceiling)
    return min(max(chosen_base_to_floor, 1.0) * base_floor, base_ceiling)


@rule(unit="CNY/month")
def matching_month(
    flexible_base: float, flexible_pension_rate: float, match_share: float, match_most: float, income_month: float,
    match_income_line: float, contribution_reference_wage: float,
) -> float:  # fmt: skip
    """What the state pays of a flexible worker's contribution, up to a sum, below an income line."""
    if income_month > match_income_line * contribution_reference_wage:
        return 0.0
    return min(flexible_base * flexible_pension_rate * match_share, match_most * contribution_reference_wage)


@rule(unit="CNY/month")
def platform_share_month(
    activity: Activity, base_floor: float, flexible_base: float, flexible_pension_rate: float, platform_pays_share: float
) -> float:
    """What the platform pays of its worker's contribution at the floor."""
    if activity != Activity.PLATFORM:
        return 0.0
    return min(base_floor, flexible_base) * flexible_pension_rate * platform_pays_share


@rule(unit="CNY/month")
def flexible_price_month(
    flexible_base: float, flexible_pension_rate: float, matching_month: float, platform_share_month: float
) -> float:
    """What a flexible worker pays a month, net of what others pay."""
    return max(0.0, flexible_base * flexible_pension_rate - matching_month - platform_share_month)


@rule(unit="share")
def flexible_burden(flexible_price_month: float, income_month: float, fractional_months: float, base_floor: float) -> float:
    """The price of joining as a share of income; all of it where nothing is earned. Parts of months cost parts of it."""
    if income_month <= 0:
        return 1.0
    part = min(1.0, income_month / base_floor) if fractional_months == 1 else 1.0
    return min(1.0, flexible_price_month * part / income_month)


# --- the choice ---------------------------------------------------------------------------------------------------------


def probability(score: float) -> float:
    """The logit's probability."""
    return 1 / (1 + exp(-min(max(score, -LARGEST_SCORE), LARGEST_SCORE)))


@rule(unit="yes/no", accepts_unknown=["employees_pension_access"])
def may_join_alone(
    employees_pension_access: Access,
    flexible_at_start: bool,
    year: int,
    retirement_month: Month,
    may_join_alone_last_year: bool,
) -> bool:
    """No test stands in the way; where the law was not found, whoever was in it shows that one could.

    Access is that of December: in the year of retirement it is as it was the year before.
    """
    if year == retirement_month // 12 and may_join_alone_last_year:
        return True
    return employees_pension_access == Access.MAY or flexible_at_start


@rule(unit="probability")
def flexible_probability(
    employer_enrols: bool,
    may_join_alone: bool,
    flexible_score: float,
    flexible_burden: float,
    burden_at_start: float,
    price_response: float,
    aware: bool,
    information_campaign: float,
    information_response: float,
    default_enrolment: float,
    default_response: float,
    duty_from_income: float,
    duty_response: float,
    income_month: float,
    contribution_reference_wage: float,
) -> float:
    """How probable it is that one joins alone: moved by price and information, then by default and duty.

    Nobody does whom the employer enrols, or whom the law keeps out.
    """
    if employer_enrols or not may_join_alone:
        return 0.0
    score = flexible_score - price_response * (flexible_burden - burden_at_start)
    if information_campaign == 1 and not aware:
        score += information_response
    joins = probability(score)
    if default_enrolment == 1:
        joins += (1 - joins) * default_response
    if duty_from_income > 0 and income_month >= duty_from_income * contribution_reference_wage:
        joins += (1 - joins) * duty_response
    return joins


@rule(unit="category", during="working")
def scheme(
    year: int,
    works: bool,
    resident_pension_month: Month,
    employer_enrols: bool,
    flexible_taste: float,
    flexible_probability: float,
    resident_taste: float,
    resident_probability: float,
) -> Scheme:
    """The scheme paid into: the employer's, else one's own, else the residents', else none."""
    if works:
        if employer_enrols:
            return Scheme.EMPLOYEE
        if flexible_taste < flexible_probability:
            return Scheme.FLEXIBLE
    if year < resident_pension_month // 12 and resident_taste < resident_probability:
        return Scheme.RESIDENT
    return Scheme.NONE
