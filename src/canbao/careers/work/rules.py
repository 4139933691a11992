"""What one works as from year to year, childbirth and care, and what one earns."""

from __future__ import annotations

from math import exp, log, pi, sqrt

from canbao.careers.categories import Activity
from canbao.engine import Draw, Month, Table, rule
from canbao.law.categories import Hukou, HukouLocality, Sex

TO_VARIANCE_OF_ONE = sqrt(3.0) / pi
"""By what a draw of the standard logistic distribution, whose variance is pi squared by three, is multiplied."""
YOUNGEST, OLDEST_MOTHER = 16, 49

# --- childbirth and care ------------------------------------------------------------------------------------------------


@rule(unit="yes/no", during="working")
def gives_birth(sex: Sex, age_in_year: int, year: int, start_year: int, childbirth_draw: Draw, fertility: Table) -> bool:
    """A child is born to a woman of that age, after the start."""
    if sex != Sex.FEMALE or year <= start_year or age_in_year < YOUNGEST or age_in_year > OLDEST_MOTHER:
        return False
    return childbirth_draw < fertility[age_in_year]


@rule(unit="years", during="working")
def care_years_left(
    care_years_left_last_year: int, gives_birth: bool, leaving_draw: Draw, leaves_after_birth: float, care_years: float
) -> int:
    """How many more years, this one included, a mother stays away from work; most leave none."""
    if gives_birth and leaving_draw < leaves_after_birth:
        return int(care_years)
    return max(0, care_years_left_last_year - 1)


@rule(unit="children")
def children_born(children_born_last_year: int, gives_birth: bool) -> int:
    """Children born since the start."""
    return children_born_last_year + (1 if gives_birth else 0)


# --- activity -----------------------------------------------------------------------------------------------------------


@rule(unit="probability", during="working")
def leaving_probability(
    activity_last_year: Activity, age_in_year: int, yearly_departure: Table, departure_fall_with_age: float
) -> float:
    """How probable it is that one leaves what one did last year; it falls with age."""
    return yearly_departure[activity_last_year] * exp(-departure_fall_with_age * (age_in_year - 30))


def next_activity(
    came_from: Activity,
    where: float,
    goes_back: float,
    to_employee: Table,
    to_platform: Table,
    to_non_standard: Table,
) -> Activity:
    """Of those who leave an activity, where one goes; `where` is uniform between 0 and 1."""
    if where < goes_back:
        return Activity.COUNTRYSIDE
    reached = goes_back + (1 - goes_back) * to_employee[came_from]
    if where < reached:
        return Activity.EMPLOYEE
    reached += (1 - goes_back) * to_platform[came_from]
    if where < reached:
        return Activity.PLATFORM
    reached += (1 - goes_back) * to_non_standard[came_from]
    return Activity.NON_STANDARD if where < reached else Activity.NOT_WORKING


@rule(unit="category", during="working")
def activity(
    year: int,
    start_year: int,
    activity_at_start: Activity,
    activity_last_year: Activity,
    care_years_left: int,
    leaving_probability: float,
    change_draw: Draw,
    destination_draw: Draw,
    hukou: Hukou,
    age_in_year: int,
    return_share: Table,
    to_employee: Table,
    to_platform: Table,
    to_non_standard: Table,
) -> Activity:
    """What one does: the same as last year, unless a child keeps one at home or one leaves."""
    if year <= start_year:
        return activity_at_start
    if care_years_left > 0:
        return Activity.NOT_WORKING
    if change_draw >= leaving_probability:
        return activity_last_year
    goes_back = return_share[age_in_year] if hukou == Hukou.AGRICULTURAL else 0.0
    return next_activity(activity_last_year, destination_draw, goes_back, to_employee, to_platform, to_non_standard)


@rule(unit="yes/no", during="working")
def works(activity: Activity) -> bool:
    """Earns by work; from the year after retirement on, this study does not ask."""
    return activity != Activity.NOT_WORKING


# --- places -------------------------------------------------------------------------------------------------------------


@rule(unit="category")
def hukou_locality(
    activity: Activity, activity_at_start: Activity, hukou_locality_at_start: HukouLocality
) -> HukouLocality:
    """Where one is registered, seen from where one works: who goes back to the countryside is at home."""
    went_back = activity == Activity.COUNTRYSIDE and activity_at_start != Activity.COUNTRYSIDE
    return HukouLocality.LOCAL if went_back else hukou_locality_at_start


@rule(unit="yes/no", during="working")
def moves(
    works: bool, hukou_locality: HukouLocality, year: int, start_year: int, move_draw: Draw, yearly_move: float
) -> bool:
    """A migrant from another province takes up work in yet another one."""
    return works and hukou_locality == HukouLocality.OTHER_PROVINCE and year > start_year and move_draw < yearly_move


# --- earnings -----------------------------------------------------------------------------------------------------------


def earnings_by_age(age: int, peak_earnings_age: float, earnings_curvature: float) -> float:
    """Earnings at an age as a share of those at the peak."""
    return max(0.4, 1 - earnings_curvature * (age - peak_earnings_age) ** 2)


def normal_like(uniform: float) -> float:
    """A draw of mean 0 and variance 1 from the logistic distribution."""
    inside = min(max(uniform, 1e-9), 1 - 1e-9)
    return log(inside / (1 - inside)) * TO_VARIANCE_OF_ONE


@rule(unit="log points", during="working")
def lasting_shock(
    lasting_shock_last_year: float,
    year: int,
    start_year: int,
    lasting_shock_draw: Draw,
    shock_persistence: float,
    lasting_shock_deviation: float,
) -> float:
    """What fortune has changed in one's earnings since the start and fades but slowly."""
    if year <= start_year:
        return 0.0
    return shock_persistence * lasting_shock_last_year + lasting_shock_deviation * normal_like(lasting_shock_draw)


@rule(unit="log points", during="working")
def passing_shock(year: int, start_year: int, passing_shock_draw: Draw, passing_shock_deviation: float) -> float:
    """What a good or bad year changes in one's earnings."""
    if year <= start_year:
        return 0.0
    return passing_shock_deviation * normal_like(passing_shock_draw)


@rule(unit="CNY/month", during="working")
def income_month(
    works: bool,
    activity: Activity,
    activity_at_start: Activity,
    relative_income: float,
    contribution_reference_wage: float,
    age_in_year: int,
    birth_month: Month,
    start_year: int,
    peak_earnings_age: float,
    earnings_curvature: float,
    activity_pay: Table,
    lasting_shock: float,
    passing_shock: float,
) -> float:
    """Income from work: what one had at the start as a multiple of the province's wage, moved by age, activity and luck."""
    if not works:
        return 0.0
    by_age = earnings_by_age(age_in_year, peak_earnings_age, earnings_curvature)
    by_age /= earnings_by_age(start_year - birth_month // 12, peak_earnings_age, earnings_curvature)
    by_activity = activity_pay[activity] / activity_pay[activity_at_start]
    return contribution_reference_wage * relative_income * by_age * by_activity * exp(lasting_shock + passing_shock)


@rule(unit="CNY/month")
def last_income(last_income_last_year: float, income_month: float) -> float:
    """The latest income from work."""
    return income_month if income_month > 0 else last_income_last_year
