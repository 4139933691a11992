"""The basic pension of urban and rural residents: payments with the government's match, the account, the pension."""

from __future__ import annotations

from math import isnan

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


@rule(
    unit="CNY",
    basis="state_council_2014_8:5",
    accepts_unknown=["resident_insured_payment_year", "resident_match_year", "resident_bookkeeping_rate"],
)
def resident_account(
    resident_account_last_year: float,
    resident_insured_payment_year: float,
    resident_match_year: float,
    resident_bookkeeping_rate: float,
    year: int,
    first_resident_payment_month: Month,
    resident_pension_month: Month,
) -> float:
    """The account at the year's end: from the first payment to the age of claiming, payments and matches with interest."""
    if year < first_resident_payment_month // 12:
        return 0.0
    paid = year < resident_pension_month // 12
    added = resident_insured_payment_year + resident_match_year if paid else 0.0
    if resident_account_last_year == 0:
        return added
    return resident_account_last_year * (1 + resident_bookkeeping_rate) + added


@rule(unit="month", basis="state_council_2014_8:7")
def resident_pension_month(birth_month: Month, resident_pension_age: float) -> Month:
    """The month from which the pension can be drawn; women and men alike."""
    return birth_month + int(resident_pension_age) * 12


@rule(unit="CNY", basis="state_council_2014_8:6", at="claiming")
def resident_balance_at_claiming(resident_account: float) -> float:
    """What the account holds when the pension is claimed."""
    return resident_account


@rule(
    of="resident_balance_at_claiming",
    unit="CNY",
    basis="state_council_2014_8:6",
    at="claiming",
    given=["resident_account_balance"],
)
def resident_balance_given(resident_account_balance: float) -> float:
    """The balance of the residents' account, where it is given."""
    return resident_account_balance


@rule(
    of="resident_balance_at_claiming",
    unit="CNY",
    basis="state_council_2014_8:6",
    at="claiming",
    given=["account_balance"],
)
def resident_balance_of_an_only_account(account_balance: float) -> float:
    """Who gives one balance without saying of which scheme has that one."""
    return account_balance


@rule(
    of="resident_balance_at_claiming",
    unit="CNY",
    basis="state_council_2014_8:6",
    at="claiming",
    given=["account_balance", "resident_account_balance"],
)
def resident_balance_of_two_accounts(resident_account_balance: float) -> float:
    """Of two accounts the residents' one counts here; what linking adds stands apart."""
    return resident_account_balance


@rule(unit="CNY/month", basis="state_council_2014_8:6", at="claiming")
def resident_account_pension(resident_balance_at_claiming: float, resident_divisor: float) -> float:
    """The account spread over 139 months whatever the age; paid for life."""
    return round_half_up(resident_balance_at_claiming / resident_divisor, FEN)


@rule(unit="CNY/month", basis="state_council_2014_8:6", accepts_unknown=["resident_basic_part"])
def resident_basic_pension(resident_basic_part: float, resident_basic_minimum: float) -> float:
    """The basic part from the budget: the province's, never below the national minimum."""
    if isnan(resident_basic_part):
        return resident_basic_minimum
    return max(resident_basic_part, resident_basic_minimum)


@rule(of="resident_basic_pension", unit="CNY/month", basis="state_council_2014_8:6", given=["resident_basic_part"])
def resident_basic_pension_given(resident_basic_part: float) -> float:
    """The basic part that the place pays, where it is given."""
    return resident_basic_part


@rule(unit="CNY/month", basis="state_council_2014_8:6", at="claiming")
def resident_pension(resident_basic_pension: float, resident_account_pension: float) -> float:
    """The basic part from the budget and the account's part."""
    return resident_basic_pension + resident_account_pension


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
