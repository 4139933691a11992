"""The employees' basic pension: contributions, the account, the award, pensions in payment, and what is paid at death."""

from __future__ import annotations

from canbao.engine import Month, Table, round_half_up, round_up, rule, whole
from canbao.law.categories import Shortfall

FEN = 2
"""Amounts are rounded to a hundredth of a yuan."""

YOUNGEST_IN_TABLE, OLDEST_IN_TABLE = 40, 70
BROKEN_AGES_FROM = 2025 * 12
"""From this month, ages between whole years have a divisor between those of the whole years."""

# --- contributions ------------------------------------------------------------------------------------------------------


@rule(unit="CNY/month", basis="state_council_2019_13:3")
def contribution_base(base_floor: float) -> float:
    """The base that a worker declares; who declares none pays at the floor."""
    return base_floor


@rule(of="contribution_base", unit="CNY/month", basis="social_insurance_law:12", given=["own_wage"])
def contribution_base_from_wage(own_wage: float) -> float:
    """The base of an employee is the wage."""
    return own_wage


@rule(unit="CNY/month", basis="state_council_2019_13:3")
def insured_base(contribution_base: float, base_floor: float, base_ceiling: float) -> float:
    """The base on which contributions are paid: lifted to the floor, cut at the ceiling."""
    return min(max(contribution_base, base_floor), base_ceiling)


@rule(unit="CNY/month", basis="social_insurance_law:12; state_council_2019_13:1")
def employer_contribution_month(insured_base: float, employer_pension_rate: float) -> float:
    """What the employer pays into the pool."""
    return round_half_up(insured_base * employer_pension_rate, FEN)


@rule(unit="CNY/month", basis="social_insurance_law:12; state_council_2005_38:4")
def worker_contribution_month(insured_base: float, worker_pension_rate: float) -> float:
    """What an employee pays, all of it into the own account."""
    return round_half_up(insured_base * worker_pension_rate, FEN)


@rule(unit="CNY/month", basis="social_insurance_law:10; state_council_2005_38:3")
def flexible_contribution_month(insured_base: float, flexible_pension_rate: float) -> float:
    """What a flexible worker pays, pool and account together."""
    return round_half_up(insured_base * flexible_pension_rate, FEN)


@rule(unit="CNY/month", basis="state_council_2005_38:4")
def account_contribution_month(insured_base: float, pension_account_rate: float) -> float:
    """What of a month's payment goes into the own account."""
    return round_half_up(insured_base * pension_account_rate, FEN)


@rule(unit="CNY", basis="social_insurance_law:86")
def late_payment_charge(arrears: float, days_late: float, late_payment_rate: float) -> float:
    """What an employer owes on top of arrears."""
    return round_half_up(arrears * days_late * late_payment_rate, FEN)


# --- a career -----------------------------------------------------------------------------------------------------------


@rule(unit="months")
def paid_months(year: int, first_contribution_month: Month, retirement_month: Month) -> int:
    """Months paid in a year: from the first contribution until retirement, without gaps."""
    first = max(first_contribution_month, year * 12)
    last = min(retirement_month, year * 12 + 12)
    return max(0, last - first)


@rule(of="paid_months", unit="months", given=["first_contribution_month", "last_contribution_month"])
def paid_months_until_stopped(
    year: int, first_contribution_month: Month, last_contribution_month: Month, retirement_month: Month
) -> int:
    """Months paid in a year by somebody who stops paying: up to and with the last month paid, or until retirement."""
    first = max(first_contribution_month, year * 12)
    last = min(retirement_month, last_contribution_month + 1, year * 12 + 12)
    return max(0, last - first)


@rule(unit="months")
def contribution_months(contribution_months_last_year: int, paid_months: int) -> int:
    """Months paid so far."""
    return contribution_months_last_year + paid_months


@rule(unit="years", basis="state_council_2005_38:6", at="retirement")
def contribution_years(contribution_months: int, deemed_years: float) -> float:
    """Years paid, with those that count as paid."""
    return contribution_months / 12 + deemed_years


@rule(
    unit="months",
    basis="state_council_2005_38:6",
    accepts_unknown=["insured_base", "contribution_reference_wage"],
)
def indexed_months(
    indexed_months_last_year: float, insured_base: float, contribution_reference_wage: float, paid_months: int
) -> float:
    """Each year's own base as a multiple of that year's reference wage, for the months paid."""
    if paid_months == 0:
        return indexed_months_last_year
    return indexed_months_last_year + insured_base / contribution_reference_wage * paid_months


@rule(unit="ratio", basis="state_council_2005_38:6", at="retirement")
def contribution_index(indexed_months: float, contribution_months: int) -> float:
    """The mean of the yearly ratios of own base to reference wage over the months paid; there is no floor on it."""
    if contribution_months == 0:
        return 0.0
    return indexed_months / contribution_months


@rule(of="contribution_index", unit="ratio", basis="beijing_2007_31", at="retirement", provinces=["11"])
def contribution_index_in_beijing(indexed_months: float, first_contribution_month: Month, retirement_month: Month) -> float:
    """Beijing divides by the months that should have been paid: gaps count as nothing."""
    due = retirement_month - first_contribution_month
    if due <= 0:
        return 0.0
    return indexed_months / due


@rule(
    unit="CNY",
    basis="state_council_2005_38:4; mohrss_2017_31",
    accepts_unknown=["insured_base", "pension_account_rate", "pension_bookkeeping_rate"],
)
def account_balance(
    account_balance_last_year: float,
    insured_base: float,
    pension_account_rate: float,
    paid_months: int,
    pension_bookkeeping_rate: float,
    year: int,
    retirement_month: Month,
) -> float:
    """The account: a year's interest on what was there, up to retirement; on each payment from the start of its month."""
    if paid_months == 0 and account_balance_last_year == 0:
        return 0.0
    part_of_year = min(max(retirement_month - year * 12, 0), 12) / 12
    paid = insured_base * pension_account_rate * paid_months
    interest_on_paid = pension_bookkeeping_rate * (paid_months + 1) / 24
    return account_balance_last_year * (1 + pension_bookkeeping_rate * part_of_year) + paid * (1 + interest_on_paid)


# --- the award ----------------------------------------------------------------------------------------------------------


@rule(unit="CNY/month", basis="state_council_2005_38:6", at="retirement")
def basic_pension(
    benefit_reference_wage: float, contribution_index: float, contribution_years: float, accrual_rate: float
) -> float:
    """Half the reference wage and half the worker's own indexed wage, for each year of contributions."""
    indexed_wage = benefit_reference_wage * contribution_index
    return round_half_up((benefit_reference_wage + indexed_wage) / 2 * contribution_years * accrual_rate, FEN)


@rule(
    of="basic_pension",
    unit="CNY/month",
    basis="award_sheets",
    at="retirement",
    provinces=["44"],
    excluding=["44/shenzhen"],
)
def basic_pension_in_guangdong(
    benefit_reference_wage: float, contribution_index: float, contribution_years: float, accrual_rate: float
) -> float:
    """Guangdong shrinks the flat half too when the index lies below 0.6, in proportion to it."""
    flat = min(1.0, contribution_index / 0.6)
    return round_half_up(benefit_reference_wage * (flat + contribution_index) / 2 * contribution_years * accrual_rate, FEN)


@rule(of="basic_pension", unit="CNY/month", basis="award_sheets", at="retirement", provinces=["41"])
def basic_pension_in_henan(
    benefit_reference_wage: float,
    contribution_reference_wage: float,
    contribution_index: float,
    contribution_years: float,
    accrual_rate: float,
) -> float:
    """Henan indexes the city's own contribution wage, not the province's benefit wage."""
    indexed_wage = contribution_reference_wage * contribution_index
    return round_half_up((benefit_reference_wage + indexed_wage) / 2 * contribution_years * accrual_rate, FEN)


@rule(of="basic_pension", unit="CNY/month", basis="award_sheets", at="retirement", provinces=["22/changchun"])
def basic_pension_in_changchun(
    benefit_reference_wage: float,
    changchun_indexed_base: float,
    contribution_index: float,
    contribution_years: float,
    accrual_rate: float,
) -> float:
    """Changchun takes its own reference wage for the flat half and the province's for the indexed half."""
    indexed_wage = changchun_indexed_base * contribution_index
    return round_half_up((benefit_reference_wage + indexed_wage) / 2 * contribution_years * accrual_rate, FEN)


@rule(of="basic_pension", unit="CNY/month", basis="award_sheets", at="retirement", provinces=["34"])
def basic_pension_in_anhui(
    benefit_reference_wage: float, contribution_index: float, contribution_years: float, accrual_rate: float
) -> float:
    """Anhui rounds the years up to tenths."""
    indexed_wage = benefit_reference_wage * contribution_index
    years = round_up(contribution_years, 1)
    return round_half_up((benefit_reference_wage + indexed_wage) / 2 * years * accrual_rate, FEN)


@rule(of="basic_pension", unit="CNY/month", basis="shanghai_2021_27", at="retirement", provinces=["31"])
def basic_pension_in_shanghai(
    benefit_reference_wage: float, contribution_index: float, contribution_years: float, accrual_rate: float
) -> float:
    """Shanghai counts 0.083 % for each month beyond whole years, and rounds up to a tenth of a yuan."""
    months = whole(contribution_years * 12)
    share = months // 12 * accrual_rate + months % 12 * 0.00083
    return round_up(benefit_reference_wage * (1 + contribution_index) / 2 * share, 1)


@rule(unit="months", basis="state_council_2005_38:annex; jinan_divisor", at="retirement", limits=(1, 1000))
def account_divisor(retirement_age_months: int, annuity_months: Table, year: int) -> float:
    """Over how many months the account is spread: from 2025 between whole ages to one decimal, before by completed age."""
    months = min(retirement_age_months, OLDEST_IN_TABLE * 12)
    age = months // 12
    beyond = months % 12
    if beyond == 0 or year * 12 < BROKEN_AGES_FROM:
        return annuity_months[age]
    return round_half_up(annuity_months[age] - (annuity_months[age] - annuity_months[age + 1]) * beyond / 12, 1)


@rule(unit="CNY/month", basis="state_council_2005_38:6", at="retirement")
def account_pension(account_balance: float, account_divisor: float) -> float:
    """The account spread over the months of the table; paid for life."""
    return round_half_up(account_balance / account_divisor, FEN)


@rule(unit="CNY/month", basis="state_council_2005_38:6", at="retirement")
def transitional_pension(
    benefit_reference_wage: float, contribution_index: float, deemed_years: float, transitional_coefficient: float
) -> float:
    """For service before the accounts began; nothing for those who started later."""
    if deemed_years == 0:
        return 0.0
    return round_half_up(benefit_reference_wage * contribution_index * deemed_years * transitional_coefficient, FEN)


@rule(of="transitional_pension", unit="CNY/month", basis="compilation_liu", at="retirement", provinces=["22"])
def transitional_pension_in_jilin(
    benefit_reference_wage: float, contribution_index: float, deemed_years: float, transitional_coefficient: float
) -> float:
    """Jilin gives two thousandths more from twenty years of service on."""
    coefficient = transitional_coefficient + (0.002 if deemed_years >= 20 else 0.0)
    return round_half_up(benefit_reference_wage * contribution_index * deemed_years * coefficient, FEN)


@rule(unit="CNY/month", at="retirement", basis="award_sheets")
def local_supplement() -> float:
    """Additions of the province; none where none were found."""
    return 0.0


@rule(of="local_supplement", unit="CNY/month", at="retirement", basis="award_sheets", provinces=["51"])
def local_supplement_in_sichuan(
    only_child_parent: bool, benefit_reference_wage: float, contribution_index: float, contribution_years: float,
    one_child_share: float,
) -> float:  # fmt: skip
    """Sichuan adds a thousandth of the indexed wage a year for parents of an only child."""
    if not only_child_parent:
        return 0.0
    return round_half_up(benefit_reference_wage * contribution_index * contribution_years * one_child_share, FEN)


@rule(of="local_supplement", unit="CNY/month", at="retirement", basis="compilation_liu", provinces=["52"])
def local_supplement_in_guizhou(
    only_child_parent: bool, basic_pension: float, account_pension: float, transitional_pension: float,
    one_child_share: float,
) -> float:  # fmt: skip
    """Guizhou adds a twentieth of the pension for parents of an only child."""
    if not only_child_parent:
        return 0.0
    return round_half_up((basic_pension + account_pension + transitional_pension) * one_child_share, FEN)


@rule(of="local_supplement", unit="CNY/month", at="retirement", basis="award_sheets", provinces=["22"])
def local_supplement_in_jilin(benefit_reference_wage: float, contribution_index: float, contribution_years: float) -> float:
    """Jilin adds on the mean of reference and indexed wage for the years from the twenty-first on."""
    mean = benefit_reference_wage * (1 + contribution_index) / 2
    to_25 = min(max(contribution_years - 20, 0.0), 5.0) * 0.0015
    to_30 = min(max(contribution_years - 25, 0.0), 5.0) * 0.0020
    beyond = max(contribution_years - 30, 0.0) * 0.0025
    return round_half_up(mean * (to_25 + to_30 + beyond), FEN)


@rule(unit="CNY/month", basis="social_insurance_law:15", at="retirement")
def pension(basic_pension: float, account_pension: float, transitional_pension: float, local_supplement: float) -> float:
    """The monthly pension at award: all its parts. Whether it may be drawn is another question."""
    return basic_pension + account_pension + transitional_pension + local_supplement


# --- enough years? ------------------------------------------------------------------------------------------------------


def months_needed_in(year: int, minimum_contribution_months_by_year: Table) -> int:
    """The schedule holds its first value before 2029 and its last after 2039."""
    return int(minimum_contribution_months_by_year[min(max(year, 2029), 2039)])


@rule(unit="months", basis="npcsc_2024_retirement:2")
def minimum_contribution_months(year: int, minimum_contribution_months_by_year: Table) -> int:
    """Months of contributions needed by someone who retires in the year asked about."""
    return months_needed_in(year, minimum_contribution_months_by_year)


@rule(of="minimum_contribution_months", unit="months", basis="npcsc_2024_retirement:2", given=["retirement_month"])
def minimum_contribution_months_at_retirement(retirement_month: Month, minimum_contribution_months_by_year: Table) -> int:
    """Months of contributions needed by someone who retires in that month."""
    return months_needed_in(retirement_month // 12, minimum_contribution_months_by_year)


@rule(
    of="minimum_contribution_months",
    unit="months",
    basis="npcsc_2024_retirement:2; flexible_retirement_measures",
    given=["birth_month", "sex"],
)
def minimum_contribution_months_by_age(
    retirement_month: Month, statutory_retirement_month: Month, minimum_contribution_months_by_year: Table
) -> int:
    """Who goes early needs the months of the chosen year, who stays on those of the statutory one."""
    return months_needed_in(min(retirement_month, statutory_retirement_month) // 12, minimum_contribution_months_by_year)


@rule(unit="months", basis="social_insurance_law:16", at="retirement")
def missing_contribution_months(contribution_years: float, minimum_contribution_months: int) -> int:
    """How many months of contributions are lacking at retirement."""
    return max(0, minimum_contribution_months - whole(contribution_years * 12))


@rule(unit="category", basis="social_insurance_law:16; mohrss_order_13:2", at="retirement")
def pension_entitlement(missing_contribution_months: int, insured_before_july_2011: bool) -> Shortfall:
    """Draw, go on paying until the years suffice, or pay the rest in one sum after five more years."""
    if missing_contribution_months == 0:
        return Shortfall.DRAW
    if insured_before_july_2011 and missing_contribution_months > 60:
        return Shortfall.PAY_IN_ONE_SUM
    return Shortfall.CONTINUE_PAYING


@rule(unit="month", basis="social_insurance_law:16; mohrss_order_13:2", at="retirement")
def first_pension_month(retirement_month: Month, missing_contribution_months: int, pension_entitlement: Shortfall) -> Month:
    """The first month in which the pension can be drawn, when what is lacking is paid on month by month."""
    if pension_entitlement == Shortfall.PAY_IN_ONE_SUM:
        return retirement_month + 60
    return retirement_month + missing_contribution_months


@rule(unit="CNY", basis="mohrss_order_13:3", at="retirement")
def account_refund(account_balance: float) -> float:
    """What is paid out when the relation is ended in writing: the own account; the pool's share is lost."""
    return account_balance


# --- in payment ---------------------------------------------------------------------------------------------------------


@rule(unit="CNY/month", basis="pension_adjustment_2025", during="retired")
def pension_in_payment(pension_in_payment_last_year: float, pension: float, pension_increase: float) -> float:
    """The pension in payment from the year after the award, raised each January by the national average."""
    before = pension if pension_in_payment_last_year == 0 else pension_in_payment_last_year
    return round_half_up(before * (1 + pension_increase), FEN)


# --- death --------------------------------------------------------------------------------------------------------------


@rule(unit="CNY", basis="mohrss_2021_18", at="death")
def pension_funeral_grant(urban_income_month: float, funeral_months: float) -> float:
    """The funeral grant after a death that is no work accident."""
    return round_half_up(urban_income_month * funeral_months, FEN)


@rule(unit="CNY", basis="mohrss_2021_18", at="death")
def pension_death_lump_sum(
    urban_income_month: float,
    paid_years_at_death: float,
    pension_years_drawn: float,
    death_lump_sum_months: Table,
    retiree_lump_sum_least_months: float,
) -> float:
    """The lump sum for survivors: by years paid; for retirees less a month a year drawn, with a least."""
    months = death_lump_sum_months[min(int(paid_years_at_death), 30)]
    if pension_years_drawn > 0:
        months = max(months - int(pension_years_drawn), retiree_lump_sum_least_months)
    return round_half_up(urban_income_month * months, FEN)
