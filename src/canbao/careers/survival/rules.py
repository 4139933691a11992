"""How long one lives."""

from __future__ import annotations

from math import log

from canbao.engine import LifeDraw, Month, Table, rule
from canbao.law.categories import Sex

OLDEST = 105
"""Nobody is followed beyond this age."""

SMALLEST_CHANCE = 1e-300

TABLE_YEAR = 2022
"""The middle of the years whose deaths the tables show."""


def death_rate(sex: Sex, age: int, mortality_men: Table, mortality_women: Table) -> float:
    """Deaths a person-year at an age, as the tables have them."""
    return mortality_men[age] if sex == Sex.MALE else mortality_women[age]


@rule(unit="month")
def death_month(
    birth_month: Month,
    sex: Sex,
    start_year: int,
    survival_draw: LifeDraw,
    mortality_men: Table,
    mortality_women: Table,
    mortality_decline: float,
) -> Month:
    """The month of death: the one in which the chance of still being alive falls below what was drawn.

    Death rates fall by the same part every year after that of the tables. The chance of being alive is the exponential of
    less the sum of death rates, within a year of the rate's part that has passed.
    """
    born = birth_month // 12
    still = 1 - mortality_decline
    fallen = still ** float(max(0, start_year - TABLE_YEAR - 1))
    drawn = -log(max(survival_draw, SMALLEST_CHANCE))
    passed = 0.0
    for year in range(start_year, born + OLDEST):
        if year > TABLE_YEAR:
            fallen *= still
        rate = death_rate(sex, year - born, mortality_men, mortality_women) * fallen
        if passed + rate >= drawn:
            return year * 12 + min(11, int((drawn - passed) / rate * 12))
        passed += rate
    return (born + OLDEST) * 12


@rule(unit="month")
def start_month(start_year: int) -> Month:
    """The month in which somebody joins the workers of the study; what came before is told by their history."""
    return start_year * 12


@rule(unit="years")
def age_in_year(year: int, birth_month: Month) -> int:
    """The age that is reached in the year."""
    return year - birth_month // 12
