"""The basic pension of urban and rural residents: payments with the government's match, the account, the pension."""

from __future__ import annotations

from canbao.engine import Month, Table, round_half_up, rule

FEN = 2


@rule(unit="CNY/year", basis="state_council_2014_8:4")
def resident_payment_year(resident_lowest_tier: float) -> float:
    """What a resident pays a year; who chooses nothing pays the lowest tier."""
    return resident_lowest_tier


@rule(unit="CNY/year", basis="state_council_2014_8:4")
def resident_insured_payment_year(
    resident_payment_year: float, resident_lowest_tier: float, resident_highest_tier: float
) -> float:
    """The payment within the tiers; nothing stays nothing."""
    if resident_payment_year <= 0:
        return 0.0
    return min(max(resident_payment_year, resident_lowest_tier), resident_highest_tier)


@rule(unit="CNY/year", basis="state_council_2014_8:4")
def resident_match_year(resident_insured_payment_year: float, resident_match: Table) -> float:
    """The government's match for a year's payment."""
    if resident_insured_payment_year <= 0:
        return 0.0
    return resident_match[int(resident_insured_payment_year // 100)]


@rule(unit="CNY", basis="state_council_2014_8:5")
def resident_account(
    resident_account_last_year: float,
    resident_insured_payment_year: float,
    resident_match_year: float,
    resident_bookkeeping_rate: float,
) -> float:
    """The account at the year's end: payments and matches with interest."""
    added = resident_insured_payment_year + resident_match_year
    return resident_account_last_year * (1 + resident_bookkeeping_rate) + added


@rule(unit="month", basis="state_council_2014_8:7")
def resident_pension_month(birth_month: Month, resident_pension_age: float) -> Month:
    """The month from which the pension can be drawn; women and men alike."""
    return birth_month + int(resident_pension_age) * 12


@rule(unit="CNY/month", basis="state_council_2014_8:6")
def resident_account_pension(account_balance: float, resident_divisor: float) -> float:
    """The account spread over 139 months whatever the age; paid for life."""
    return round_half_up(account_balance / resident_divisor, FEN)


@rule(unit="CNY/month", basis="state_council_2014_8:6")
def resident_pension(resident_basic_part: float, resident_account_pension: float) -> float:
    """The basic part from the budget and the account's part."""
    return resident_basic_part + resident_account_pension


@rule(unit="years", basis="state_council_2014_8:7")
def resident_missing_years(resident_years: float, resident_years_needed: float) -> float:
    """Years that are lacking at the age of claiming; they may be bought then."""
    return max(0.0, resident_years_needed - resident_years)


@rule(unit="CNY/month", basis="compilation_liu", provinces=["42"])
def resident_seniority_addition(resident_years: float) -> float:
    """Hubei adds one yuan a year up to fifteen, two up to twenty-five, three beyond; not in the pension above."""
    to_15 = min(resident_years, 15.0)
    to_25 = min(max(resident_years - 15, 0.0), 10.0)
    beyond = max(resident_years - 25, 0.0)
    return to_15 + 2 * to_25 + 3 * beyond
