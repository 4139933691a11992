"""The employees' scheme as these workers' fund: its yearly balance, what supports it, and what it owes them.

Money of other years is brought to the survey's year by prices for balances, and by the growth of wages for debts: at that
rate a scheme that pays as it goes can pay for ever (Samuelson 1958; Holzmann, Palacios and Zviniene 2004 on what counts
as debt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from canbao.engine.parameters import FIRST_YEAR
from canbao.languages import Catalogue
from canbao.reforms.population import People, Population
from canbao.reforms.reform import BASELINE, Reform, Setting
from canbao.reforms.results import COVERAGE, price_index
from canbao.reforms.simulation import Grouping, Outcome, Scenario, run_scenario
from canbao.reforms.simulator import Simulator

say = Catalogue("canbao.reforms", "words")

Array = np.ndarray[Any, np.dtype[np.float64]]

LONGEST = 90
"""After so many years everybody who is of working age today is dead."""

NO_MINIMUM = Reform(
    "no_minimum",
    say("no_minimum"),
    None,
    {"minimum_contribution_months_by_year": {"1951-01": Setting(table=dict.fromkeys(range(2029, 2040), 0.0))}},
    (),
    {},
)
"""Rights count from the first month on, as they must where they are reckoned before retirement."""

NOBODY_JOINS = {"compliance_taste": 1e9, "flexible_taste": 1e9, "resident_taste": 1e9}


def fund_balance(outcome: Outcome) -> Array:
    """What the employees' scheme takes in less what it pays out to these workers, in yuan of the first year."""
    balance = outcome.total("into_employees_scheme") - outcome.total("employees_pension_year")
    return np.asarray(balance / price_index(outcome))


def support(outcome: Outcome) -> Array:
    """Contributors for each pensioner of the employees' scheme in every year; NaN while there is none."""
    contributors = np.sum([outcome.total(name) for name in COVERAGE[0].above], axis=0)
    pensioners = outcome.total("employees_pensioner")
    return np.where(pensioners > 0, contributors / np.where(pensioners > 0, pensioners, 1.0), np.nan)


def cost_rate(outcome: Outcome) -> Array:
    """What the scheme pays out in every year as a share of these workers' income from work."""
    return np.asarray(outcome.total("employees_pension_year") / outcome.total("income_year"))


def income_rate(outcome: Outcome) -> Array:
    """What it takes in as a share of the same."""
    return np.asarray(outcome.total("into_employees_scheme") / outcome.total("income_year"))


@dataclass(frozen=True)
class Debt:
    """What the scheme owes, in yuan of the survey's year for each of today's workers, discounted by the growth of wages.

    Args:
        earned: pensions that rest on what has been paid until the survey (accrued to date).
        today: pensions of today's workers until the last has died, less what will be paid for them (current workers).
        together: the same with all who enter until the last year of the projection, and until that year (open system).
    """

    earned: float
    today: float
    together: float


def implicit_debt(simulator: Simulator, reforms: Sequence[Reform] = (BASELINE,)) -> list[Debt]:
    """What the scheme owes these workers under each of some laws.

    Args:
        simulator: of the study's workers.
        reforms: the laws.
    """
    own = simulator.respondents
    stopped = {name: np.full(len(own), value) for name, value in NOBODY_JOINS.items()}
    earned = to_the_end(simulator, replace(own, columns={**own.columns, **stopped}), NO_MINIMUM)
    workers = float(own.weight.sum())
    return [
        Debt(*(_owed(one) / workers for one in (earned, to_the_end(simulator, own, reform), simulator.outcome(reform))))
        for reform in reforms
    ]


def to_the_end(
    simulator: Simulator, population: Population, reform: Reform = BASELINE, grouping: Grouping | None = None
) -> Outcome:
    """The lives of some workers till the last of them has died; nobody enters.

    Args:
        simulator: of the study's workers.
        population: whose lives they are.
        reform: the law.
        grouping: where each is added up; as the simulator does it if None.
    """
    people = People(population, None, simulator.base_year)
    until = simulator.base_year + LONGEST
    cells = simulator.grouping if grouping is None else grouping
    scenario = Scenario(reform) if reform is NO_MINIMUM else simulator.outcome(reform).scenario
    return run_scenario(scenario, people, cells, seed=simulator.seed, keep_values=True, until=until)


def wage_index(outcome: Outcome) -> Array:
    """Wages in each year against those of the first."""
    growth = outcome.scenario.model.parameters["wage_growth"].yearly[0]
    start = outcome.years[0] - FIRST_YEAR
    return np.concatenate([[1.0], np.cumprod(1 + growth[start + 1 : start + len(outcome.years)])])


def _owed(outcome: Outcome) -> float:
    flows = outcome.total("employees_pension_year") - outcome.total("into_employees_scheme")
    return float((flows / wage_index(outcome)).sum())
