"""What comes back of what is paid in: the internal rate of return of each scheme.

Followed are the young among the respondents as if nothing had been paid for them before the survey, from then until the
last has died. The rate is the one at which their pensions are worth what was paid, both in constant prices; its interval
rests on the influence of each sampling unit on that rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.optimize import brentq

from canbao.reforms.fund import to_the_end
from canbao.reforms.population import HISTORY, Population, start
from canbao.reforms.reform import BASELINE, Reform
from canbao.reforms.results import PAYERS, Ratio, Sampling, price_index
from canbao.reforms.simulation import Grouping, Outcome
from canbao.reforms.simulator import Simulator

Array = np.ndarray[Any, np.dtype[np.float64]]
Pension = Literal["employees", "residents"]
PENSIONS: tuple[Pension, ...] = ("employees", "residents")

LOWEST, HIGHEST = -0.2, 1.0
"""Between these a rate is looked for."""


@dataclass(frozen=True)
class Returns:
    """Payments and pensions of the young, by year, sampling unit, group and the scheme whose pension they reach.

    Args:
        outcome: of their lives, until the last has died.
        reached: for each respondent who is followed, whether she has the years for the employees' pension.
        respondent: her row in the worker table.
        survey: how sampling units vary.
    """

    outcome: Outcome
    reached: np.ndarray[Any, np.dtype[np.bool_]]
    respondent: np.ndarray[Any, np.dtype[Any]]
    survey: Sampling

    def rate(self, pension: Pension, payers: Sequence[str] = PAYERS, group: Sequence[int] | None = None) -> Ratio:
        """The internal rate of return on what some payers pay, a year and in constant prices.

        Args:
            pension: the scheme whose pension is reached in the end.
            payers: whose payments count.
            group: of the totals; None for everybody.

        Returns:
            NaN where nothing is paid or nothing comes back.
        """
        flows = self._flows(pension, payers, group) / price_index(self.outcome)[:, None]
        return internal_rate(flows, self.survey)

    def _flows(self, pension: Pension, payers: Sequence[str], group: Sequence[int] | None) -> Array:
        """What comes back less what is paid, by year and sampling unit."""
        totals = self.outcome.totals
        net = totals["employees_pension_year"] + totals["residents_pension_year"]
        net = net - np.sum([totals[payer] for payer in payers], axis=0)
        at = PENSIONS.index(pension)
        wanted = range(net.shape[2] // len(PENSIONS)) if group is None else group
        return np.asarray(net[:, :, [one * len(PENSIONS) + at for one in wanted]].sum(axis=2))


def returns(simulator: Simulator, reform: Reform = BASELINE) -> Returns:
    """The lives of the young, for rates of return.

    Args:
        simulator: of the study's workers.
        reform: the law.
    """
    young = _young(simulator.respondents)
    first = to_the_end(simulator, young, reform)
    reached = (first.values["reaches_minimum"] == 1) & (first.values["lives_to_retirement"] == 1)
    scheme = np.full(simulator.design.frame.height, PENSIONS.index("residents"))
    scheme[young.respondent[reached]] = PENSIONS.index("employees")
    usual = simulator.grouping
    parted = Grouping(usual.unit, usual.group * len(PENSIONS) + scheme, usual.units, usual.groups * len(PENSIONS))
    outcome = to_the_end(simulator, young, reform, parted)
    return Returns(outcome, reached, young.respondent, simulator.survey)


def internal_rate(flows: Array, survey: Sampling) -> Ratio:
    """The rate at which flows by year and sampling unit are worth nothing together, with its interval.

    Args:
        flows: what comes back less what is paid, one row a year and one column a sampling unit.
        survey: how sampling units vary.
    """
    total = flows.sum(axis=1)
    years = np.arange(len(total))

    def worth(rate: float) -> float:
        return float((total * (1 + rate) ** -years).sum())

    if not (total > 0).any() or not (total < 0).any() or worth(LOWEST) * worth(HIGHEST) >= 0:
        return Ratio(float("nan"), float("nan"), float("nan"))
    rate = float(brentq(worth, LOWEST, HIGHEST, xtol=1e-12))
    slope = float((-years * total * (1 + rate) ** -(years + 1.0)).sum())
    by_unit = (flows * ((1 + rate) ** -years)[:, None]).sum(axis=0)
    return survey.limits(rate, -by_unit / slope)


def _young(population: Population) -> Population:
    """The respondents whom those who enter are like, without what was paid for them before."""
    age = population.base_year - population.columns["birth_month"] // 12
    kept = np.flatnonzero(age <= start().oldest_template.value)
    columns = {name: column[kept] for name, column in population.columns.items()}
    begins = np.full(len(kept), population.base_year * 12)
    columns |= {name: np.zeros_like(columns[name]) for name in HISTORY}
    columns |= {"first_contribution_month": begins, "first_resident_payment_month": begins}
    return replace(
        population,
        columns=columns,
        weight=population.weight[kept],
        respondent=population.respondent[kept],
        entrant=population.entrant[kept],
    )
