"""Reforms as files, the life courses that they change, and what comes of it for workers, platforms and the state."""

from canbao.reforms.enterprises import Effect, effects, enterprises
from canbao.reforms.reform import BASELINE, LAST_YEAR, Reform, available, find_reform
from canbao.reforms.results import INDICATORS, PAYERS, Comparison, Indicator, cost_of_cover, difference, fund_balance, ratio
from canbao.reforms.simulation import Where
from canbao.reforms.simulator import Simulator

__all__ = [
    "BASELINE",
    "INDICATORS",
    "LAST_YEAR",
    "PAYERS",
    "Comparison",
    "Effect",
    "Indicator",
    "Reform",
    "Simulator",
    "Where",
    "available",
    "cost_of_cover",
    "difference",
    "effects",
    "enterprises",
    "find_reform",
    "fund_balance",
    "ratio",
]
