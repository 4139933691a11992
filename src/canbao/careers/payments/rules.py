"""What is paid in, by whom, and what comes out in old age: the law applied to a life course."""

from __future__ import annotations

from canbao.careers.categories import Activity, Scheme
from canbao.engine import Month, rule, whole

MONTHS = 12

# --- what the law asks of a career --------------------------------------------------------------------------------------


@rule(unit="months", during="working")
def open_months(year: int, retirement_month: Month) -> int:
    """Months of the year before retirement."""
    return min(MONTHS, max(0, retirement_month - year * MONTHS))


@rule(unit="months", during="working")
def payable_months(open_months: int, moves: bool, months_lost_by_move: float) -> int:
    """Of these the months that can be paid: with a move to another province some go by."""
    return max(0, open_months - int(months_lost_by_move)) if moves else open_months


@rule(unit="months", during="working")
def paid_months(
    scheme: Scheme,
    open_months: int,
    payable_months: int,
    flexible_months_share: float,
    fractional_months: float,
    income_month: float,
    base_floor: float,
    care_years_left: int,
    care_credit: float,
    flexible_month_credit: float,
    levy_months: int,
) -> int:
    """Months that count in the employees' scheme: all of an employee's; a flexible worker's as far as they are paid."""
    if care_years_left > 0 and care_credit == 1:
        return open_months
    if scheme == Scheme.EMPLOYEE:
        return payable_months
    if scheme != Scheme.FLEXIBLE:
        return min(open_months, levy_months)
    counted = payable_months * flexible_months_share * flexible_month_credit
    if fractional_months == 1:
        counted *= min(1.0, income_month / base_floor)
    return whole(counted)


@rule(unit="CNY/month", basis="social_insurance_law:12; state_council_2019_13:3", during="working")
def contribution_base(scheme: Scheme, income_month: float, flexible_base: float, base_floor: float) -> float:
    """The income of an employee, the chosen base of a flexible worker, the floor where others pay."""
    if scheme == Scheme.EMPLOYEE:
        return income_month
    return flexible_base if scheme == Scheme.FLEXIBLE else base_floor


@rule(unit="CNY/year", basis="state_council_2014_8:4", during="working")
def resident_payment_year(scheme: Scheme, resident_payment_at_start: float) -> float:
    """What is paid a year into the residents' scheme by those who are in it."""
    return resident_payment_at_start if scheme == Scheme.RESIDENT else 0.0


@rule(unit="CNY", at="retirement")
def resident_account_balance(resident_account: float) -> float:
    """The residents' account at retirement age."""
    return resident_account


@rule(unit="years")
def resident_years(resident_years_last_year: float, scheme: Scheme) -> float:
    """Years paid into the residents' scheme."""
    return resident_years_last_year + (1.0 if scheme == Scheme.RESIDENT else 0.0)


# --- who pays -----------------------------------------------------------------------------------------------------------


@rule(unit="CNY/year", during="working")
def worker_pays(
    scheme: Scheme,
    insured_base: float,
    worker_pension_rate: float,
    flexible_price_month: float,
    paid_months: int,
    flexible_month_credit: float,
    resident_insured_payment_year: float,
) -> float:
    """What the worker pays in a year, into whichever scheme."""
    if scheme == Scheme.EMPLOYEE:
        return insured_base * worker_pension_rate * paid_months
    if scheme == Scheme.FLEXIBLE:
        return flexible_price_month * paid_months / flexible_month_credit
    return resident_insured_payment_year if scheme == Scheme.RESIDENT else 0.0


@rule(unit="CNY/year", during="working")
def employer_pays(scheme: Scheme, insured_base: float, employer_pension_rate: float, paid_months: int) -> float:
    """What the employer pays in a year."""
    return insured_base * employer_pension_rate * paid_months if scheme == Scheme.EMPLOYEE else 0.0


@rule(unit="orders", during="working")
def orders_made(activity: Activity, works: bool, orders_year: float) -> float:
    """Orders that are made in a year of platform work."""
    return orders_year if works and activity == Activity.PLATFORM else 0.0


@rule(unit="CNY/year", during="working")
def platform_levy_year(orders_made: float, levy_per_order: float) -> float:
    """What a levy on orders brings in from one worker's orders."""
    return orders_made * levy_per_order


@rule(unit="months", during="working")
def levy_months(scheme: Scheme, platform_levy_year: float, base_floor: float, flexible_pension_rate: float) -> int:
    """The months that a levy pays at the floor for those whom no other contribution covers."""
    if scheme == Scheme.EMPLOYEE or scheme == Scheme.FLEXIBLE or flexible_pension_rate == 0:
        return 0
    return min(MONTHS, int(platform_levy_year / (base_floor * flexible_pension_rate)))


@rule(unit="CNY/year", during="working")
def platform_pays(
    scheme: Scheme, platform_share_month: float, paid_months: int, flexible_month_credit: float, platform_levy_year: float
) -> float:
    """What the platform pays in a year: its share of contributions, and the levy on orders."""
    share = platform_share_month * paid_months / flexible_month_credit if scheme == Scheme.FLEXIBLE else 0.0
    return share + platform_levy_year


@rule(unit="CNY/year", during="working")
def state_pays(
    scheme: Scheme,
    matching_month: float,
    paid_months: int,
    flexible_month_credit: float,
    resident_match_year: float,
    care_years_left: int,
    care_credit: float,
    base_floor: float,
    flexible_pension_rate: float,
) -> float:
    """What the state pays of contributions in a year: matches in both schemes, and credits for care."""
    if care_years_left > 0 and care_credit == 1:
        return base_floor * flexible_pension_rate * paid_months
    if scheme == Scheme.FLEXIBLE:
        return matching_month * paid_months / flexible_month_credit
    return resident_match_year if scheme == Scheme.RESIDENT else 0.0


@rule(unit="CNY/year", during="working")
def paid_in(worker_pays: float, employer_pays: float, platform_pays: float, state_pays: float) -> float:
    """What all pay in a year."""
    return worker_pays + employer_pays + platform_pays + state_pays


@rule(unit="CNY/year", during="working")
def into_employees_scheme(
    scheme: Scheme, paid_in: float, platform_pays: float, state_pays: float, care_years_left: int, care_credit: float
) -> float:
    """What of it goes to the employees' scheme: of those who are not in it themselves, levies and credits."""
    if scheme == Scheme.EMPLOYEE or scheme == Scheme.FLEXIBLE:
        return paid_in
    credited = care_years_left > 0 and care_credit == 1
    return platform_pays + (state_pays if credited else 0.0)


# --- old age ------------------------------------------------------------------------------------------------------------


@rule(unit="yes/no")
def lives_to_retirement(death_month: Month, retirement_month: Month) -> bool:
    """Is alive at retirement."""
    return death_month >= retirement_month


@rule(unit="yes/no", at="retirement")
def reaches_minimum(missing_contribution_months: int) -> bool:
    """Has the years that the employees' pension takes."""
    return missing_contribution_months == 0


@rule(unit="CNY/month", at="retirement")
def old_age_pension(
    reaches_minimum: bool,
    pension: float,
    resident_basic_pension: float,
    linked_account_balance: float,
    resident_divisor: float,
) -> float:
    """The pension at retirement age: the employees', or for those with too few years the residents' with both accounts."""
    return pension if reaches_minimum else resident_basic_pension + linked_account_balance / resident_divisor


@rule(unit="share", at="retirement")
def replacement_rate(old_age_pension: float, last_income: float) -> float:
    """The pension as a share of the last income; nothing where nobody ever saw an income."""
    return old_age_pension / last_income if last_income > 0 else 0.0


@rule(unit="share", at="retirement")
def pension_to_wage(old_age_pension: float, contribution_reference_wage: float) -> float:
    """The pension as a share of the province's reference wage."""
    return old_age_pension / contribution_reference_wage


@rule(unit="months of the reference wage")
def own_payments(own_payments_last_year: float, worker_pays: float, contribution_reference_wage: float) -> float:
    """What the worker has paid since the start, each year's payment as a multiple of that year's reference wage."""
    return own_payments_last_year + worker_pays / contribution_reference_wage


@rule(unit="months of the reference wage", at="retirement")
def lifetime_balance(pension_to_wage: float, own_payments: float, death_month: Month, retirement_month: Month) -> float:
    """What pensions till death bring less what the worker paid, both as multiples of the reference wage at their time."""
    return pension_to_wage * max(0, death_month - retirement_month) - own_payments


@rule(unit="CNY/year", during="retired")
def employees_pension_year(reaches_minimum: bool, pension_in_payment: float) -> float:
    """What the employees' scheme pays in a year, from the year after retirement."""
    return pension_in_payment * MONTHS if reaches_minimum else 0.0


@rule(unit="CNY/year", during="retired")
def residents_pension_year(
    year: int, resident_pension_month: Month, reaches_minimum: bool, linked_account_balance: float,
    resident_divisor: float, resident_basic_pension: float,
) -> float:  # fmt: skip
    """What the residents' scheme pays those without an employees' pension, its basic part as it stands in the year."""
    if reaches_minimum or year < resident_pension_month // 12:
        return 0.0
    return (resident_basic_pension + linked_account_balance / resident_divisor) * MONTHS


@rule(unit="CNY/year")
def pension_year(employees_pension_year: float, residents_pension_year: float) -> float:
    """What comes out in a year, from either scheme."""
    return employees_pension_year + residents_pension_year


# --- what is counted a year ---------------------------------------------------------------------------------------------


@rule(unit="persons", during="working")
def working_age() -> bool:
    """Is not retired yet."""
    return True


@rule(unit="persons", during="working")
def in_scheme_by_employer(scheme: Scheme) -> bool:
    """Pays into the employees' scheme through an employer."""
    return scheme == Scheme.EMPLOYEE


@rule(unit="persons", during="working")
def in_scheme_alone(scheme: Scheme) -> bool:
    """Pays into the employees' scheme alone."""
    return scheme == Scheme.FLEXIBLE


@rule(unit="persons", during="working")
def in_scheme_by_levy(scheme: Scheme, levy_months: int) -> bool:
    """Is in the employees' scheme by a levy only."""
    return scheme != Scheme.EMPLOYEE and scheme != Scheme.FLEXIBLE and levy_months > 0


@rule(unit="persons", during="working")
def in_residents_scheme(scheme: Scheme, levy_months: int) -> bool:
    """Pays into the residents' scheme and no other."""
    return scheme == Scheme.RESIDENT and levy_months == 0


@rule(unit="persons", during="working")
def in_no_scheme(scheme: Scheme, levy_months: int) -> bool:
    """Of working age and in no scheme."""
    return scheme == Scheme.NONE and levy_months == 0


@rule(unit="CNY/year", during="working")
def income_year(income_month: float) -> float:
    """Income from work in a year."""
    return income_month * MONTHS


@rule(unit="persons", during="retired")
def new_pensioner(year: int, retirement_month: Month) -> bool:
    """In the first full year of retirement."""
    return year == retirement_month // MONTHS + 1


@rule(unit="persons", during="retired")
def new_pensioner_with_minimum(new_pensioner: bool, reaches_minimum: bool) -> bool:
    """Among the new pensioners, with enough years for the employees' pension."""
    return new_pensioner and reaches_minimum


@rule(unit="share", during="retired")
def new_pension_to_wage(new_pensioner: bool, pension_to_wage: float) -> float:
    """The new pensioner's pension as a share of the reference wage."""
    return pension_to_wage if new_pensioner else 0.0


@rule(unit="persons", during="retired")
def pensioner() -> bool:
    """Past the year of retirement."""
    return True


@rule(unit="persons", during="retired")
def employees_pensioner(reaches_minimum: bool) -> bool:
    """A pensioner of the employees' scheme."""
    return reaches_minimum


@rule(unit="persons", during="retired")
def pensioner_below_line(pension_year: float, old_age_line: float) -> bool:
    """A pensioner whose pension lies below the line of subsistence."""
    return pension_year < old_age_line * MONTHS
