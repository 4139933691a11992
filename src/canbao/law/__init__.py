"""China's social insurance as rules and dated, sourced parameters: one folder a scheme.

`calculate` works out what the law gives each case of a table, `explain` shows one case step by step, `parameters_in_force`
lists the figures with their sources.
"""

from canbao.law.calculation import Calculation, calculate, calculation
from canbao.law.explanation import Explanation, explain
from canbao.law.lawbook import model, places, schemes
from canbao.law.listing import parameters_in_force

__all__ = [
    "Calculation",
    "Explanation",
    "calculate",
    "calculation",
    "explain",
    "model",
    "parameters_in_force",
    "places",
    "schemes",
]
