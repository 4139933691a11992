"""Unemployment insurance: contributions, how long benefit is paid, how much."""

from __future__ import annotations

from canbao.engine import round_half_up, rule

FEN = 2


@rule(unit="CNY/month", basis="social_insurance_law:44")
def employer_unemployment_contribution_month(insured_base: float, employer_unemployment_rate: float) -> float:
    """What the employer pays."""
    return round_half_up(insured_base * employer_unemployment_rate, FEN)


@rule(unit="CNY/month", basis="social_insurance_law:44")
def worker_unemployment_contribution_month(insured_base: float, worker_unemployment_rate: float) -> float:
    """What the worker pays."""
    return round_half_up(insured_base * worker_unemployment_rate, FEN)


@rule(unit="months", basis="social_insurance_law:45; social_insurance_law:46")
def unemployment_benefit_months(unemployment_years_paid: float, involuntary: bool) -> int:
    """Nothing below a year or after leaving of one's own will; then up to 12, 18 or 24 months."""
    if unemployment_years_paid < 1 or not involuntary:
        return 0
    if unemployment_years_paid < 5:
        return 12
    if unemployment_years_paid < 10:
        return 18
    return 24


@rule(
    of="unemployment_benefit_months",
    unit="months",
    basis="guangdong_unemployment:17",
    provinces=["44"],
)
def unemployment_benefit_months_in_guangdong(unemployment_years_paid: float, involuntary: bool) -> int:
    """Guangdong: a month for each of the first four years, then one for each half-year, at most 24."""
    if unemployment_years_paid < 1 or not involuntary:
        return 0
    return min(24, min(int(unemployment_years_paid), 4) + int(max(unemployment_years_paid - 4, 0.0) * 2))


@rule(unit="CNY/month", basis="social_insurance_law:47")
def unemployment_benefit_month(minimum_wage: float, unemployment_benefit_share: float) -> float:
    """The monthly benefit."""
    return round_half_up(minimum_wage * unemployment_benefit_share, FEN)
