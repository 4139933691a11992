"""The personal pension: what its tax relief is worth."""

from __future__ import annotations

from canbao.engine import round_half_up, rule

FEN = 2


@rule(unit="CNY/year", basis="mof_2024_21")
def personal_pension_deduction_year(
    personal_pension_payment_year: float, income_year: float, personal_pension_limit: float, income_tax_threshold: float
) -> float:
    """What of a payment lowers taxable income: up to the limit, and no more than is taxed at all."""
    return max(0.0, min(personal_pension_payment_year, personal_pension_limit, income_year - income_tax_threshold))


@rule(unit="CNY/year", basis="mof_2024_21")
def personal_pension_tax_saved_year(personal_pension_deduction_year: float, marginal_tax_rate: float) -> float:
    """Tax saved when paying in, at the worker's own marginal rate."""
    return round_half_up(personal_pension_deduction_year * marginal_tax_rate, FEN)


@rule(unit="CNY/year", basis="mof_2024_21")
def personal_pension_tax_later(
    personal_pension_payment_year: float, personal_pension_limit: float, personal_pension_withdrawal_tax: float
) -> float:
    """Tax on that payment when it is drawn, without its yield; it also falls on those who saved none before."""
    return round_half_up(min(personal_pension_payment_year, personal_pension_limit) * personal_pension_withdrawal_tax, FEN)
