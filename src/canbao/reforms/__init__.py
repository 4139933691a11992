"""Reforms as files, the life courses that they change, and what comes of it for workers, platforms and the state."""

from canbao.reforms.assuming import Assumption, assumed, spanned
from canbao.reforms.enterprises import Effect, effects, enterprises
from canbao.reforms.fund import Debt, cost_rate, fund_balance, implicit_debt, income_rate, support
from canbao.reforms.missing import TOO_LATE, missing_months
from canbao.reforms.reform import BASELINE, LAST_YEAR, Reform, available, find_reform
from canbao.reforms.results import INDICATORS, PAYERS, Comparison, Indicator, cost_of_cover, difference, ratio
from canbao.reforms.returns import PENSIONS, Returns, internal_rate, returns
from canbao.reforms.simulation import Where
from canbao.reforms.simulator import Simulator

__all__ = [
    "BASELINE",
    "INDICATORS",
    "LAST_YEAR",
    "PAYERS",
    "PENSIONS",
    "TOO_LATE",
    "Assumption",
    "Comparison",
    "Debt",
    "Effect",
    "Indicator",
    "Reform",
    "Returns",
    "Simulator",
    "Where",
    "assumed",
    "available",
    "cost_of_cover",
    "cost_rate",
    "difference",
    "effects",
    "enterprises",
    "find_reform",
    "fund_balance",
    "implicit_debt",
    "income_rate",
    "internal_rate",
    "missing_months",
    "ratio",
    "returns",
    "spanned",
    "support",
]
