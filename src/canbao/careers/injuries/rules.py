"""Injuries at work, drawn for every year of work: whether, when in the day, how badly, for how long, at what cost."""

from __future__ import annotations

from math import log

from canbao.careers.categories import Activity, Circumstance, Outcome, RiskGroup
from canbao.engine import Draw, Table, rule

USUAL_HOURS = 50.0
"""Weekly hours at which incidences hold."""


@rule(unit="category", during="working")
def risk_group_now(
    activity: Activity, activity_at_start: Activity, risk_group_at_start: RiskGroup, usual_risk_group: Table
) -> int:
    """The kind of work by its danger: the one answered while one does the same, else the usual one of the activity."""
    return risk_group_at_start if activity == activity_at_start else int(usual_risk_group[activity])


@rule(unit="probability", during="working")
def injury_risk(
    works: bool,
    risk_group_now: int,
    hours_at_start: float,
    injury_incidence: Table,
    injury_level: float,
    injury_hours_response: float,
) -> float:
    """How probable it is to be hurt within the year so that treatment or rest is needed; more so with longer hours."""
    if not works:
        return 0.0
    longer = (max(hours_at_start, 1.0) / USUAL_HOURS) ** injury_hours_response
    return float(min(1.0, injury_level * injury_incidence[risk_group_now] * longer))


def drawn_from(shares: Table, first: int, last: int, draw: float) -> int:
    """Of the numbers from the first to the last the one in whose share a draw falls; the last has what is left."""
    reached = 0.0
    for number in range(first, last):
        reached += shares[number]
        if draw < reached:
            return number
    return last


@rule(unit="category", during="working")
def injury_outcome(injury_risk: float, injury_draw: Draw, severity_draw: Draw, outcome_share: Table) -> int:
    """What becomes of an injury: treated, a stay in hospital, a grade of disability, or death; at most one a year."""
    if injury_draw >= injury_risk:
        return Outcome.NONE
    return drawn_from(outcome_share, Outcome.TREATED, Outcome.DEATH, severity_draw)


@rule(unit="category", during="working")
def injury_circumstance(circumstance_draw: Draw, circumstance_share: Table) -> int:
    """When in the working day it happens."""
    return drawn_from(circumstance_share, Circumstance.ON_ORDER, Circumstance.ILLNESS, circumstance_draw)


@rule(unit="days", during="working")
def injury_days_off(injury_outcome: int, days_off_draw: Draw, days_off_mean: Table) -> float:
    """Days without work: two to eight fifths of the mean of such injuries."""
    if injury_outcome == Outcome.NONE:
        return 0.0
    return days_off_mean[injury_outcome] * (0.4 + 1.2 * days_off_draw)


@rule(unit="CNY", during="working")
def injury_treatment_cost(
    injury_outcome: int, treatment_draw: Draw, treatment_mean: Table, treatment_prices: float
) -> float:
    """What treatment costs: exponential about the mean of such injuries, so that a few cost very much."""
    if injury_outcome == Outcome.NONE:
        return 0.0
    return treatment_mean[injury_outcome] * treatment_prices * -log(1 - treatment_draw)
