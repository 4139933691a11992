"""The same model in NumPy, on as many workers at a time as the processor's cache holds."""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.careers.measure import measure
from benchmarks.careers.population import FIRST_YEAR, YEARS

CHUNK = 8192

folder = Path(sys.argv[1])
population = dict(np.load(folder / "population.npz"))
figures = dict(np.load(folder / "parameters.npz"))


def some(rows: slice) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The pensions of some workers."""
    place, entry_year = population["place"][rows], population["entry_year"][rows]
    relative_wage, slope = population["relative_wage"][rows], population["seniority_slope"][rows]
    balance, index_sum, years = np.zeros(len(place)), np.zeros(len(place)), np.zeros(len(place))
    for at in range(YEARS):
        experience = FIRST_YEAR + at - entry_year
        works = experience >= 0
        average = figures["average_wage"][place, at]
        wage = average * relative_wage * (1 + slope * experience)
        base = np.where(works, np.clip(wage, figures["floor"][place, at], figures["ceiling"][place, at]), 0.0)
        balance *= 1 + figures["interest"][place, at]
        balance += base * figures["contribution_rate"][place, at]
        years += works
        index_sum += base / average
    reference = figures["reference_wage"][place]
    flat_and_own = (reference + reference * index_sum / years) / 2
    return flat_and_own * years * 0.01 + balance / figures["divisor"][population["retirement_age"][rows]]


def pensions() -> np.ndarray[Any, np.dtype[np.float64]]:
    """The pensions of all workers."""
    workers = len(population["place"])
    return np.concatenate([some(slice(start, start + CHUNK)) for start in range(0, workers, CHUNK)])


measure(folder, "columns", f"NumPy {np.__version__}", pensions)
