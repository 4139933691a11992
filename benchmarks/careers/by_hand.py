"""The same arithmetic in the same order, as a careful programmer writes it once, by hand, for Numba."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numba import __version__, njit, prange

from benchmarks.careers.measure import measure

folder = Path(sys.argv[1])
population = dict(np.load(folder / "population.npz"))
figures = dict(np.load(folder / "parameters.npz"))


@njit(parallel=True, cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def pensions(
    place: Any,
    entry_year: Any,
    retirement_age: Any,
    relative_wage: Any,
    seniority_slope: Any,
    average_wage: Any,
    floor: Any,
    ceiling: Any,
    contribution_rate: Any,
    interest: Any,
    reference_wage: Any,
    divisor: Any,
) -> Any:
    pension = np.empty(len(place))
    for worker in prange(len(place)):
        province = place[worker]
        balance, years, index_sum = 0.0, 0, 0.0
        for at in range(average_wage.shape[1]):
            year = 1985 + at
            base = 0.0
            if year >= entry_year[worker]:
                experience = year - entry_year[worker]
                wage = average_wage[province, at] * relative_wage[worker] * (1 + seniority_slope[worker] * experience)
                base = min(max(wage, floor[province, at]), ceiling[province, at])
                years += 1
                index_sum += base / average_wage[province, at]
            balance = balance * (1 + interest[province, at]) + base * contribution_rate[province, at]
        reference = reference_wage[province]
        flat_and_own = (reference + reference * index_sum / years) / 2
        pension[worker] = flat_and_own * years * 0.01 + balance / divisor[retirement_age[worker]]
    return pension


measure(folder, "by_hand", f"Numba {__version__}", lambda: pensions(**population, **figures))
