"""Linking and moving: between the residents' and the employees' scheme, and between provinces."""

from __future__ import annotations

from canbao.engine import round_half_up, rule
from canbao.law.categories import BenefitPlace

FEN = 2


@rule(unit="yes/no", basis="mohrss_2014_17:3", at="retirement")
def joins_employees_scheme(contribution_years: float, linking_years: float) -> bool:
    """With fifteen years in the employees' scheme the residents' account joins it, else the other way round."""
    return contribution_years >= linking_years


@rule(unit="CNY", basis="mohrss_2014_17:5; mohrss_2014_17:6", at="retirement")
def linked_account_balance(account_balance: float, resident_account_balance: float) -> float:
    """Both accounts together, whichever scheme they end in."""
    return round_half_up(account_balance + resident_account_balance, FEN)


@rule(unit="years", basis="mohrss_2014_17:5; mohrss_2014_17:6", at="retirement")
def linked_years(
    joins_employees_scheme: bool, contribution_years: float, resident_years: float, overlap_months: float
) -> float:
    """Residents' years do not count in the employees' scheme; employees' years do count in the residents'."""
    if joins_employees_scheme:
        return contribution_years
    return contribution_years + resident_years - overlap_months / 12


@rule(unit="CNY/month", basis="mohrss_2014_17:6", at="retirement")
def linked_resident_pension(
    joins_employees_scheme: bool, linked_account_balance: float, resident_basic_pension: float, resident_divisor: float
) -> float:
    """The residents' pension of someone who falls short in the employees' scheme; the pool's part is lost."""
    if joins_employees_scheme:
        return 0.0
    return round_half_up(resident_basic_pension + linked_account_balance / resident_divisor, FEN)


@rule(unit="CNY", basis="state_council_2009_66:4")
def pool_money_moved(contribution_wages_paid: float, pool_transfer_rate: float) -> float:
    """Of the pool, twelve per cent of all contribution wages since 1998 moves along."""
    return round_half_up(contribution_wages_paid * pool_transfer_rate, FEN)


@rule(unit="CNY", basis="state_council_2009_66:4")
def pool_money_left_behind(
    contribution_wages_paid: float, employer_pension_rate: float, pool_transfer_rate: float
) -> float:
    """What an employee's employer paid into the pool beyond that stays where it was paid."""
    return round_half_up(contribution_wages_paid * (employer_pension_rate - pool_transfer_rate), FEN)


@rule(unit="CNY", basis="state_council_2009_66:4")
def flexible_pool_money_left_behind(
    contribution_wages_paid: float, flexible_pool_rate: float, pool_transfer_rate: float
) -> float:
    """Of a flexible worker's payment nothing stays behind: the pool part is the twelve per cent that moves."""
    return round_half_up(contribution_wages_paid * (flexible_pool_rate - pool_transfer_rate), FEN)


@rule(unit="category", basis="state_council_2009_66:6")
def benefit_place(
    relation_at_hukou_place: bool, years_in_present_place: float, longest_years_elsewhere: float, benefit_place_years: float
) -> BenefitPlace:
    """Hukou place if the relation is there; else the present, else an earlier place with ten years; else hukou place."""
    if relation_at_hukou_place:
        return BenefitPlace.HUKOU_PLACE
    if years_in_present_place >= benefit_place_years:
        return BenefitPlace.PRESENT_PLACE
    if longest_years_elsewhere >= benefit_place_years:
        return BenefitPlace.EARLIER_PLACE
    return BenefitPlace.HUKOU_PLACE
