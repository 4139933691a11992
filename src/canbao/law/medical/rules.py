"""Medical insurance: what flexible workers and residents pay, waiting after a gap, years for cover in retirement."""

from __future__ import annotations

from math import isnan, nan

from canbao.engine import round_half_up, rule
from canbao.law.categories import Sex

FEN = 2


@rule(unit="CNY/month", basis="social_insurance_law:23")
def flexible_medical_contribution_month(insured_base: float, flexible_medical_rate: float) -> float:
    """What a flexible worker pays into employees' medical insurance."""
    return round_half_up(insured_base * flexible_medical_rate, FEN)


@rule(of="flexible_medical_contribution_month", unit="CNY/month", basis="social_insurance_law:23", provinces=["11", "50"])
def flexible_medical_contribution_month_fixed(flexible_medical_fixed: float) -> float:
    """Beijing and Chongqing charge a fixed premium."""
    return flexible_medical_fixed


@rule(of="flexible_medical_contribution_month", unit="CNY/month", basis="social_insurance_law:23", provinces=["51/chengdu"])
def flexible_medical_contribution_month_in_chengdu(
    contribution_reference_wage: float, flexible_medical_rate: float
) -> float:
    """Chengdu charges its rate on 80 % of the reference wage."""
    return round_half_up(contribution_reference_wage * 0.8 * flexible_medical_rate, FEN)


@rule(unit="CNY/year", basis="social_insurance_law:25")
def resident_medical_premium_year(resident_medical_premium: float) -> float:
    """What a resident pays for a year of cover."""
    return resident_medical_premium


@rule(unit="CNY/year", basis="social_insurance_law:25")
def resident_medical_subsidy_year(resident_medical_subsidy: float) -> float:
    """What the state adds for a resident."""
    return resident_medical_subsidy


@rule(unit="months", basis="state_council_2024_38")
def resident_medical_waiting_months(uninsured_years: float, resident_medical_wait_months: float) -> float:
    """A gap brings a fixed wait and one month for each year missed; the latter can be bought off."""
    if uninsured_years <= 0:
        return 0.0
    return resident_medical_wait_months + uninsured_years


@rule(
    unit="years",
    basis="social_insurance_law:27",
    accepts_unknown=["medical_retirement_years_men", "medical_retirement_years_women"],
)
def missing_medical_years(
    medical_years: float, sex: Sex, medical_retirement_years_men: float, medical_retirement_years_women: float
) -> float:
    """Years that are lacking for medical insurance without premiums in retirement; they can be paid up."""
    needed = medical_retirement_years_women if sex == Sex.FEMALE else medical_retirement_years_men
    if isnan(needed):
        return nan
    return max(0.0, needed - medical_years)
