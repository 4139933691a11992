"""Life courses against what is published: replacement rates, years left at sixty, children a woman."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from canbao.careers import life_model
from canbao.careers.survival.rules import death_rate
from canbao.engine import NATION, Kind, Model, ValueEntry, rule, rules_in
from canbao.law import lawbook
from canbao.law.categories import Sex

REAL_WAGES, PRICES, RETURN = 0.0125, 0.02, 0.0256
BORN, PLACE = 1995, "42"


@rule(unit="CNY/month")
def contribution_base(contribution_reference_wage: float, times_the_wage: float) -> float:
    """The wage, or a multiple of it."""
    return contribution_reference_wage * times_the_wage


@cache
def steady() -> Model:
    """The law where wages have grown alike for ever and accounts bear what pension models assume."""
    law = lawbook.model()
    growth = (1 + REAL_WAGES) * (1 + PRICES)
    wages = {
        f"{year}-01": ValueEntry.model_validate({"value": 1000 * growth ** (year - 2000)}) for year in range(2000, 2101)
    }
    interest = (1 + RETURN) * (1 + PRICES) - 1
    rate = {f"{year}-01": ValueEntry.model_validate({"value": interest}) for year in range(2000, 2101)}
    names = ("contribution_reference_wage", "benefit_reference_wage")
    values: dict[str, Any] = {name: {NATION: wages, PLACE: wages} for name in names}
    values["pension_bookkeeping_rate"] = {NATION: rate, PLACE: rate}
    kept = [one for one in lawbook.rules() if one.name != "contribution_base"]
    columns = {**law.columns, "times_the_wage": Kind("float")}
    rules = [*kept, *rules_in({"contribution_base": contribution_base})]
    return Model(rules, law.parameters.with_values(values), law.places, law.timeline, columns)


def replacement(sex: Sex, age: int, times: float) -> float:
    """The pension of somebody who has paid since 22, as a share of the last earnings."""
    given = {
        "place": lawbook.places().numbers[PLACE],
        "sex": int(sex),
        "birth_month": BORN * 12,
        "first_contribution_month": (BORN + 22) * 12,
        "retirement_month": (BORN + age) * 12,
        "times_the_wage": times,
        "deemed_years": 0.0,
        "only_child_parent": 0,
        "base_floor": 1.0,
        "base_ceiling": 1e9,
    }
    columns = {name: np.array([value]) for name, value in given.items()}
    found = steady().run(columns, ["pension", "contribution_years"], years=(2000, 2080), on="python")
    assert found["contribution_years"][0] == age - 22
    wage = steady().parameters["contribution_reference_wage"].yearly[columns["place"][0], BORN + age - 1951]
    return float(found["pension"][0] / (wage * times))


@pytest.mark.parametrize(("times", "published"), [(0.5, 0.906), (1.0, 0.716), (2.0, 0.621)])
def test_a_full_career_replaces_what_the_oecd_finds(times: float, published: float) -> None:
    """OECD, Pensions at a Glance: gross replacement rates of men in China; they earn 38 years, to 60."""
    assert replacement(Sex.MALE, 60, times) == pytest.approx(published, abs=0.012)


def test_a_woman_who_stops_at_55_has_clearly_less() -> None:
    """Five years less for the pool's part, and an account that is smaller and has to last 170 months, not 139."""
    woman = replacement(Sex.FEMALE, 55, 1.0)
    assert 0.54 < woman < 0.60
    assert replacement(Sex.MALE, 60, 1.0) - woman > 0.12


def test_a_flat_and_an_earned_half() -> None:
    """Of twice the wage the pool's part is one and a half, the account's twice."""
    half, once, twice = (replacement(Sex.MALE, 60, times) * times for times in (0.5, 1.0, 2.0))
    assert once - half == pytest.approx((twice - once) / 2, rel=1e-4)
    assert 2 * half - once == pytest.approx(0.38 / 2, abs=1e-3)


# --- how long one lives -------------------------------------------------------------------------------------------------


def years_left(sex: Sex, start: int, decline: float) -> float:
    """The mean of years that 4,000 people of sixty have left."""
    number = 4000
    columns = {
        "place": np.ones(number, dtype=np.int32),
        "sex": np.full(number, int(sex)),
        "birth_month": np.full(number, (start - 60) * 12),
        "start_year": np.full(number, start),
        "worker_id": np.arange(number),
        "mortality_decline": np.full(number, decline),
    }
    month = life_model().run(columns, ["death_month"], seed=5, on="python")["death_month"]
    return float((month - start * 12 + 0.5).mean() / 12)


def expected_years_left(sex: Sex, start: int, decline: float) -> float:
    """The closed form: the years that are lived in full, and half of the one in which one dies."""
    figures = life_model().parameters
    men, women = figures["mortality_men"].tables[0], figures["mortality_women"].tables[0]
    rates = [death_rate(sex, age, men, women) * (1 - decline) ** (start + age - 60 - 2022) for age in range(60, 105)]
    surviving = np.cumprod(np.exp(-np.array(rates)))
    return float(0.5 + surviving[:-1].sum() + surviving[-1] / 2)


@pytest.mark.parametrize(("sex", "published"), [(Sex.MALE, 19.6), (Sex.FEMALE, 23.7)])
def test_the_tables_have_the_years_left_at_sixty_that_are_published(sex: Sex, published: float) -> None:
    """World Population Prospects 2024, by the deaths of the early twenties."""
    assert expected_years_left(sex, 2022, 0.0) == pytest.approx(published, abs=0.1)


@pytest.mark.parametrize("sex", list(Sex))
@pytest.mark.parametrize(("start", "decline"), [(2022, 0.0), (2022, 0.018), (2060, 0.018)])
def test_draws_have_the_mean_of_the_tables(sex: Sex, start: int, decline: float) -> None:
    # Three standard errors: lives after sixty spread by some ten years.
    assert years_left(sex, start, decline) == pytest.approx(expected_years_left(sex, start, decline), abs=0.47)


def test_cohorts_live_some_years_longer_than_the_year_s_deaths_say() -> None:
    for sex in Sex:
        gained = expected_years_left(sex, 2022, 0.018) - expected_years_left(sex, 2022, 0.0)
        assert 1.5 < gained < 3
