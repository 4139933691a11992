"""Employment injury: work injury insurance, order-based protection of platform workers, single-branch enrolment."""

from __future__ import annotations

from canbao.engine import Month, Table, round_half_up, rule
from canbao.law.categories import NursingLevel, OrderSector, RiskStep

FEN = 2

# --- contributions ------------------------------------------------------------------------------------------------------


@rule(unit="share", basis="mohrss_2015_71")
def injury_contribution_rate(risk_class: int, risk_step: RiskStep, injury_rate: Table, injury_rate_step: Table) -> float:
    """The base rate of the industry's risk class at the employer's floating step; class 1 never goes below its base."""
    step = injury_rate_step[risk_step]
    if risk_class == 1:
        step = max(1.0, step)
    return injury_rate[risk_class] * step


@rule(unit="CNY/month", basis="work_injury_regulation:10")
def injury_contribution_month(insured_base: float, injury_contribution_rate: float) -> float:
    """What the employer pays; the worker pays nothing."""
    return round_half_up(insured_base * injury_contribution_rate, FEN)


# --- what counts as own wage --------------------------------------------------------------------------------------------


@rule(unit="month")
def injury_month(month: Month) -> Month:
    """The month of the accident; the month asked about, unless it is given."""
    return month


@rule(unit="CNY/month", basis="work_injury_regulation:64")
def injury_wage(own_wage: float) -> float:
    """The mean contribution wage of the twelve months before the accident."""
    return own_wage


@rule(of="injury_wage", unit="CNY/month", basis="work_injury_regulation:64", given=["local_average_wage"])
def injury_wage_within_limits(
    own_wage: float, local_average_wage: float, injury_wage_least_share: float, injury_wage_most_share: float
) -> float:
    """The same, within 60 and 300 per cent of the local average wage."""
    at_least = max(own_wage, injury_wage_least_share * local_average_wage)
    return min(at_least, injury_wage_most_share * local_average_wage)


# --- benefits -----------------------------------------------------------------------------------------------------------


@rule(unit="CNY", basis="work_injury_regulation:35; work_injury_regulation:36; work_injury_regulation:37", at="injury")
def injury_lump_sum(injury_wage: float, disability_grade: int, injury_lump_sum_months: Table) -> float:
    """The lump sum for a disability: months of own wage by grade."""
    return round_half_up(injury_wage * injury_lump_sum_months[disability_grade], FEN)


@rule(unit="CNY/month", basis="work_injury_regulation:35; work_injury_regulation:36", at="injury")
def injury_monthly_allowance(injury_wage: float, disability_grade: int, injury_allowance_share: Table) -> float:
    """The monthly allowance: grades 1 to 4 from the fund, 5 and 6 from the employer if there is no suitable post."""
    return round_half_up(injury_wage * injury_allowance_share[disability_grade], FEN)


@rule(
    of="injury_monthly_allowance",
    unit="CNY/month",
    basis="work_injury_regulation:35; work_injury_regulation:36",
    at="injury",
    given=["minimum_wage"],
)
def injury_monthly_allowance_with_minimum(
    injury_wage: float, disability_grade: int, injury_allowance_share: Table, minimum_wage: float
) -> float:
    """The same, topped up to the local minimum wage."""
    share = injury_allowance_share[disability_grade]
    if share == 0:
        return 0.0
    return round_half_up(max(injury_wage * share, minimum_wage), FEN)


@rule(unit="CNY/month", basis="work_injury_regulation:34", at="injury")
def injury_nursing(local_average_wage: float, nursing_level: NursingLevel, injury_nursing_share: Table) -> float:
    """The nursing allowance by degree of dependence."""
    return round_half_up(local_average_wage * injury_nursing_share[nursing_level], FEN)


@rule(unit="CNY", basis="work_injury_regulation:33", at="injury")
def injury_pay_off_work(own_wage: float, months_off_work: float, injury_pay_most_months: float) -> float:
    """Full wage from the employer while treatment lasts: twelve months, and twelve more with consent."""
    return round_half_up(own_wage * min(months_off_work, injury_pay_most_months), FEN)


def taper(years_to_retirement: float, share: float, years: float) -> float:
    """What is left of the employment subsidy inside the last years before retirement age."""
    if years_to_retirement >= years:
        return 1.0
    return max(0.0, 1 - share * (years - max(years_to_retirement, 0.0)))


@rule(unit="CNY", basis="work_injury_regulation:36; work_injury_regulation:37")
def injury_leaving_medical_subsidy(
    local_average_wage: float, disability_grade: int, leaving_medical_months: Table
) -> float:
    """From the fund on leaving the employer, grades 5 to 10."""
    return round_half_up(local_average_wage * leaving_medical_months[disability_grade], FEN)


@rule(of="injury_leaving_medical_subsidy", unit="CNY", basis="guangdong_injury", provinces=["44"])
def injury_leaving_medical_subsidy_in_guangdong(
    injury_wage: float, disability_grade: int, leaving_medical_months: Table
) -> float:
    """Guangdong reckons by own wage."""
    return round_half_up(injury_wage * leaving_medical_months[disability_grade], FEN)


@rule(of="injury_leaving_medical_subsidy", unit="CNY", basis="jiangsu_injury", provinces=["32"])
def injury_leaving_medical_subsidy_in_jiangsu(disability_grade: int, leaving_medical_sum: Table) -> float:
    """Jiangsu pays fixed sums."""
    return leaving_medical_sum[disability_grade]


@rule(unit="CNY", basis="work_injury_regulation:36; work_injury_regulation:37")
def injury_leaving_employment_subsidy(
    local_average_wage: float,
    disability_grade: int,
    leaving_employment_months: Table,
    years_to_retirement: float,
    leaving_taper_share: float,
    leaving_taper_years: float,
) -> float:
    """From the employer on leaving, grades 5 to 10; less in the last years before retirement where the province says so."""
    full = local_average_wage * leaving_employment_months[disability_grade]
    return round_half_up(full * taper(years_to_retirement, leaving_taper_share, leaving_taper_years), FEN)


@rule(of="injury_leaving_employment_subsidy", unit="CNY", basis="guangdong_injury", provinces=["44"])
def injury_leaving_employment_subsidy_in_guangdong(
    injury_wage: float, disability_grade: int, leaving_employment_months: Table
) -> float:
    """Guangdong reckons by own wage."""
    return round_half_up(injury_wage * leaving_employment_months[disability_grade], FEN)


@rule(of="injury_leaving_employment_subsidy", unit="CNY", basis="jiangsu_injury", provinces=["32"])
def injury_leaving_employment_subsidy_in_jiangsu(disability_grade: int, leaving_employment_sum: Table) -> float:
    """Jiangsu pays fixed sums."""
    return leaving_employment_sum[disability_grade]


# --- death --------------------------------------------------------------------------------------------------------------


@rule(unit="month")
def death_month(month: Month) -> Month:
    """The month of death; the month asked about, unless it is given."""
    return month


@rule(of="death_month", unit="month", given=["death_year"])
def death_month_of_year(death_year: int) -> Month:
    """A year of death stands for its first month; what the law pays depends on the year."""
    return death_year * 12


@rule(unit="CNY", basis="work_injury_regulation:39", at="death")
def injury_death_benefit(national_urban_income_year: float, injury_death_multiple: float) -> float:
    """The one-time death benefit: twenty times national urban income per head of the year before the death."""
    return round_half_up(national_urban_income_year * injury_death_multiple, FEN)


@rule(unit="CNY", basis="work_injury_regulation:39", at="death")
def injury_funeral(local_average_wage: float, injury_funeral_months: float) -> float:
    """The funeral grant; only one is paid among pension, work injury and unemployment insurance."""
    return round_half_up(local_average_wage * injury_funeral_months, FEN)


@rule(unit="CNY/month", basis="work_injury_regulation:39", at="death")
def injury_survivors_month(
    injury_wage: float,
    surviving_spouse: bool,
    other_dependants: int,
    lone_dependants: int,
    survivor_spouse_share: float,
    survivor_other_share: float,
    survivor_lone_share: float,
) -> float:
    """Survivors' monthly pensions, together no more than own wage at the award."""
    spouse = survivor_spouse_share if surviving_spouse else 0.0
    share = spouse + other_dependants * survivor_other_share + lone_dependants * survivor_lone_share
    return round_half_up(injury_wage * min(share, 1.0), FEN)


# --- order-based protection ---------------------------------------------------------------------------------------------


@rule(unit="CNY/month", basis="mohrss_2021_110; mohrss_2025_24", accepts_unknown=["order_protection_open"])
def order_premium_month(
    orders_month: float,
    order_sector: OrderSector,
    high_payout: bool,
    order_protection_open: float,
    order_price: Table,
    order_price_high: Table,
) -> float:
    """What the platform pays for a worker's orders of a month, where that is in force; the worker pays nothing."""
    if order_protection_open == 0:
        return 0.0
    price = order_price_high[order_sector] if high_payout else order_price[order_sector]
    return round_half_up(orders_month * price, FEN)


@rule(unit="CNY", basis="mohrss_2025_24", at="injury")
def order_lump_sum(order_benefit_base: float, disability_grade: int, injury_lump_sum_months: Table) -> float:
    """The lump sum for a disability: the grade's months of a fixed base, which was not found and must be given."""
    return round_half_up(order_benefit_base * injury_lump_sum_months[disability_grade], FEN)


@rule(unit="CNY", basis="shenzhen_order_case", at="injury")
def order_living_guarantee(minimum_wage: float, days_off_work: float) -> float:
    """From the platform while off work: the local minimum wage by days."""
    return round_half_up(minimum_wage / 30 * days_off_work, FEN)


# --- single-branch enrolment --------------------------------------------------------------------------------------------


@rule(unit="CNY/month", basis="zhejiang_trial_2023")
def single_branch_contribution_month(
    contribution_reference_wage: float, injury_contribution_rate: float, single_branch_open: float
) -> float:
    """A hiring unit's payment for someone without a labour relation, where it may: its rate on the average wage."""
    if single_branch_open == 0:
        return 0.0
    return round_half_up(contribution_reference_wage * injury_contribution_rate, FEN)


@rule(of="single_branch_contribution_month", unit="CNY/month", basis="injury_press", provinces=["34"])
def single_branch_contribution_month_in_anhui(single_branch_price: float) -> float:
    """Anhui charges a flat price."""
    return single_branch_price
