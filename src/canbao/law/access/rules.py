"""Legal access: for a worker and a month, whether each branch must, may or may not be joined, and on what ground."""

from __future__ import annotations

from canbao.engine import UNKNOWN, Category, Month, rule
from canbao.law.categories import Access, HukouLocality, Relation

FIRST_MAY, FIRST_MAY_NOT = 20, 40

INJURY_BASIS = "work_injury_regulation:2; work_injury_regulation:18; zhejiang_guidance_2019; zhejiang_trial_2023"


class Ground(Category):
    """Why a branch must, may or may not be joined; the numbers part the three. `OPEN` where nobody found the law."""

    LABOUR_RELATION = 0
    TAKES_ORDERS = 1
    FLEXIBLE_WORKER = 20
    RESIDENT = 21
    UNIT_MAY_ENROL = 22
    MATERNITY_OPENED = 23
    CONTINUES_PAYING = 24
    BELOW_WORKING_AGE = 40
    STUDENT = 41
    PAST_RETIREMENT_AGE = 42
    PAST_CLAIMING_AGE = 43
    NO_LOCAL_HUKOU = 44
    HAS_LABOUR_RELATION = 45
    NO_LABOUR_RELATION = 46
    NO_PLATFORM_WORKER = 47
    NOT_YET_IN_FORCE = 48
    OPEN = UNKNOWN


def meaning(ground: Ground) -> Access:
    """What a ground comes to."""
    if ground < FIRST_MAY:
        return Access.MUST
    if ground < FIRST_MAY_NOT:
        return Access.MAY
    return Access.MAY_NOT


@rule(unit="age")
def age(month: Month, birth_month: Month) -> int:
    """Completed years."""
    return (month - birth_month) // 12


@rule(
    unit="category",
    basis="social_insurance_law:10; provincial_hukou_rules; mohrss_2021_56; shanghai_2023_5:1; livelihood_opinions_2025",
    accepts_unknown=["flexible_hukou_open"],
)
def employees_pension_ground(
    relation: Relation,
    age: int,
    month: Month,
    statutory_retirement_month: Month,
    hukou_locality: HukouLocality,
    flexible_hukou_open: float,
) -> Ground:
    """Employees must join; others may, from sixteen to retirement age, where no registration test stands in the way."""
    if month >= statutory_retirement_month:
        return Ground.PAST_RETIREMENT_AGE
    return working_age_ground(relation, age, hukou_locality, flexible_hukou_open)


def working_age_ground(relation: Relation, age: int, hukou_locality: HukouLocality, hukou_open: float) -> Ground:
    """From sixteen on: employees must join; others may, where no registration test stands in the way."""
    if age < 16:
        return Ground.BELOW_WORKING_AGE
    if relation == Relation.LABOUR:
        return Ground.LABOUR_RELATION
    if hukou_locality == HukouLocality.LOCAL or hukou_open == 1:
        return Ground.FLEXIBLE_WORKER
    if hukou_open == 0:
        return Ground.NO_LOCAL_HUKOU
    return Ground.OPEN


@rule(
    of="employees_pension_ground",
    unit="category",
    basis="social_insurance_law:10; social_insurance_law:16; provincial_hukou_rules; livelihood_opinions_2025",
    given=["contribution_years"],
    accepts_unknown=["flexible_hukou_open"],
)
def employees_pension_ground_with_years(
    relation: Relation,
    age: int,
    month: Month,
    statutory_retirement_month: Month,
    hukou_locality: HukouLocality,
    flexible_hukou_open: float,
    contribution_years: float,
    minimum_contribution_months: int,
) -> Ground:
    """The same; past retirement age, whoever has paid but not long enough may go on paying."""
    if month >= statutory_retirement_month:
        lacking = contribution_years * 12 < minimum_contribution_months
        return Ground.CONTINUES_PAYING if contribution_years > 0 and lacking else Ground.PAST_RETIREMENT_AGE
    return working_age_ground(relation, age, hukou_locality, flexible_hukou_open)


@rule(unit="category", basis="social_insurance_law:20; state_council_2014_8:3")
def residents_pension_ground(relation: Relation, age: int, student: bool, resident_pension_age: float) -> Ground:
    """Whoever is sixteen, no student and in no other pension scheme may join where the household is registered."""
    if age < 16:
        return Ground.BELOW_WORKING_AGE
    if student:
        return Ground.STUDENT
    if relation == Relation.LABOUR:
        return Ground.HAS_LABOUR_RELATION
    if age >= resident_pension_age:
        return Ground.PAST_CLAIMING_AGE
    return Ground.RESIDENT


@rule(
    unit="category",
    basis="social_insurance_law:23; provincial_hukou_rules; state_council_2024_38",
    accepts_unknown=["flexible_medical_hukou_open"],
)
def employees_medical_ground(
    relation: Relation, age: int, hukou_locality: HukouLocality, flexible_medical_hukou_open: float
) -> Ground:
    """Employees must join; other workers may."""
    return working_age_ground(relation, age, hukou_locality, flexible_medical_hukou_open)


@rule(unit="category", basis="social_insurance_law:25")
def residents_medical_ground(relation: Relation) -> Ground:
    """Whoever is not in the employees' scheme by a labour relation may join as a resident."""
    return Ground.HAS_LABOUR_RELATION if relation == Relation.LABOUR else Ground.RESIDENT


@rule(unit="category", basis="social_insurance_law:44")
def unemployment_ground(relation: Relation) -> Ground:
    """Through a labour relation only."""
    return Ground.LABOUR_RELATION if relation == Relation.LABOUR else Ground.NO_LABOUR_RELATION


@rule(
    unit="category",
    basis="social_insurance_law:53; state_council_2019_10; state_council_2024_48",
    accepts_unknown=["flexible_maternity_open"],
)
def maternity_ground(relation: Relation, flexible_maternity_open: float) -> Ground:
    """Through a labour relation; for flexible workers where the place has opened it."""
    if relation == Relation.LABOUR:
        return Ground.LABOUR_RELATION
    if flexible_maternity_open == 1:
        return Ground.MATERNITY_OPENED
    if flexible_maternity_open == 0:
        return Ground.NO_LABOUR_RELATION
    return Ground.OPEN


@rule(unit="category", basis=INJURY_BASIS)
def work_injury_ground(relation: Relation, single_branch_open: float) -> Ground:
    """Employers must enrol their workers; others only where a province lets hiring units enrol them in this branch."""
    if relation == Relation.LABOUR:
        return Ground.LABOUR_RELATION
    return Ground.UNIT_MAY_ENROL if single_branch_open == 1 else Ground.NO_LABOUR_RELATION


@rule(
    of="work_injury_ground",
    unit="category",
    basis=INJURY_BASIS,
    given=["birth_month"],
)
def work_injury_ground_by_age(
    relation: Relation, single_branch_open: float, age: int, single_branch_first_age: float, single_branch_last_age: float
) -> Ground:
    """The same, within the ages that are open to this enrolment."""
    if relation == Relation.LABOUR:
        return Ground.LABOUR_RELATION
    if single_branch_open == 1 and single_branch_first_age <= age <= single_branch_last_age:
        return Ground.UNIT_MAY_ENROL
    return Ground.NO_LABOUR_RELATION


@rule(
    of="work_injury_ground",
    unit="category",
    basis=INJURY_BASIS,
    given=["birth_month", "platform_worker"],
)
def work_injury_ground_of_platform_worker(
    relation: Relation,
    platform_worker: bool,
    single_branch_open: float,
    single_branch_platform_open: float,
    age: int,
    single_branch_first_age: float,
    single_branch_last_age: float,
) -> Ground:
    """The same; some places let platforms enrol their workers before they let every hiring unit."""
    if relation == Relation.LABOUR:
        return Ground.LABOUR_RELATION
    opened = single_branch_open == 1 or (platform_worker and single_branch_platform_open == 1)
    if opened and single_branch_first_age <= age <= single_branch_last_age:
        return Ground.UNIT_MAY_ENROL
    return Ground.NO_LABOUR_RELATION


@rule(unit="category", basis="mohrss_2021_110; mohrss_2025_24")
def order_protection_ground(relation: Relation, takes_platform_orders: bool, order_protection_open: float) -> Ground:
    """Platforms must insure every order of whoever takes orders in the listed sectors without a labour relation."""
    if not takes_platform_orders:
        return Ground.NO_PLATFORM_WORKER
    if relation == Relation.LABOUR:
        return Ground.HAS_LABOUR_RELATION
    return Ground.TAKES_ORDERS if order_protection_open == 1 else Ground.NOT_YET_IN_FORCE


@rule(unit="category", basis="social_insurance_law:10")
def employees_pension_access(employees_pension_ground: Ground) -> Access:
    """Whether the employees' pension scheme must, may or may not be joined."""
    return meaning(employees_pension_ground)


@rule(unit="category", basis="social_insurance_law:20")
def residents_pension_access(residents_pension_ground: Ground) -> Access:
    """Whether the residents' pension scheme must, may or may not be joined."""
    return meaning(residents_pension_ground)


@rule(unit="category", basis="social_insurance_law:23")
def employees_medical_access(employees_medical_ground: Ground) -> Access:
    """Whether employees' medical insurance must, may or may not be joined."""
    return meaning(employees_medical_ground)


@rule(unit="category", basis="social_insurance_law:25")
def residents_medical_access(residents_medical_ground: Ground) -> Access:
    """Whether residents' medical insurance must, may or may not be joined."""
    return meaning(residents_medical_ground)


@rule(unit="category", basis="social_insurance_law:44")
def unemployment_access(unemployment_ground: Ground) -> Access:
    """Whether unemployment insurance must, may or may not be joined."""
    return meaning(unemployment_ground)


@rule(unit="category", basis="social_insurance_law:53")
def maternity_access(maternity_ground: Ground) -> Access:
    """Whether maternity insurance must, may or may not be joined."""
    return meaning(maternity_ground)


@rule(unit="category", basis="work_injury_regulation:2")
def work_injury_access(work_injury_ground: Ground) -> Access:
    """Whether work injury insurance must, may or may not be joined."""
    return meaning(work_injury_ground)


@rule(unit="category", basis="mohrss_2025_24")
def order_protection_access(order_protection_ground: Ground) -> Access:
    """Whether order-based injury protection must, may or may not be had."""
    return meaning(order_protection_ground)
