"""Maternity: the allowance during leave."""

from __future__ import annotations

from canbao.engine import round_half_up, rule

FEN = 2


@rule(unit="days", basis="social_insurance_law:56")
def leave_days(maternity_leave_days: float) -> float:
    """Days of leave: the statutory ones, unless the province's are given."""
    return maternity_leave_days


@rule(unit="CNY", basis="social_insurance_law:56; state_council_2019_10")
def maternity_allowance(employer_average_wage: float, leave_days: float) -> float:
    """The employer's mean monthly wage of the year before, for the days of leave."""
    return round_half_up(employer_average_wage / 30 * leave_days, FEN)


@rule(unit="CNY", basis="state_council_2024_48")
def flexible_maternity_allowance(insured_base: float, leave_days: float, flexible_maternity_open: float) -> float:
    """A flexible worker's own base for the days of leave, where the place has opened maternity cover."""
    if flexible_maternity_open == 0:
        return 0.0
    return round_half_up(insured_base / 30 * leave_days, FEN)
