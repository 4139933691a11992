"""PolicyEngine's part: prints one line of JSON.

The figures of the law are arrays, looked up by place. Each year is asked for in its turn, from a year before the first that
is given as zero: asked for a late year directly, or without that zero, the guard against spirals answers with wrong numbers
and no word. Numbers are of single precision throughout. `seconds` is one simulation of all workers, `seconds_tuned` what we
could make of it.
"""

import gc
import json
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from policyengine_core.entities import build_entity
from policyengine_core.periods import ETERNITY, YEAR
from policyengine_core.simulations import SimulationBuilder
from policyengine_core.taxbenefitsystems import TaxBenefitSystem
from policyengine_core.variables import Variable

FIRST_YEAR, LAST_YEAR = 1985, 2024
CHUNK = 200_000
RUNS = 3

folder = Path(sys.argv[1])
population = dict(np.load(folder / "population.npz"))
figures = {name: values.astype(np.float32) for name, values in np.load(folder / "parameters.npz").items()}


def of_place(name, worker, period):
    return figures[name][:, period.start.year - FIRST_YEAR].take(worker("place", period))


def average_wage(worker, period) -> float:
    return of_place("average_wage", worker, period)


def works(worker, period) -> bool:
    return worker("entry_year", period) <= period.start.year


def wage(worker, period) -> float:
    experience = (period.start.year - worker("entry_year", period)).astype(np.float32)
    level = worker("average_wage", period) * worker("relative_wage", period)
    return worker("works", period) * level * (1 + worker("seniority_slope", period) * experience)


def base(worker, period) -> float:
    floor, ceiling = of_place("floor", worker, period), of_place("ceiling", worker, period)
    return worker("works", period) * np.clip(worker("wage", period), floor, ceiling)


def contribution(worker, period) -> float:
    return worker("base", period) * of_place("contribution_rate", worker, period)


def balance(worker, period) -> float:
    growth = 1 + of_place("interest", worker, period)
    return worker("balance", period.last_year) * growth + worker("contribution", period)


def years(worker, period) -> int:
    return worker("years", period.last_year) + worker("works", period)


def index_sum(worker, period) -> float:
    return worker("index_sum", period.last_year) + worker("base", period) / worker("average_wage", period)


def pension(worker, period) -> float:
    reference = figures["reference_wage"].take(worker("place", period))
    worked = worker("years", period).astype(np.float32)
    flat_and_own = (reference + reference * worker("index_sum", period) / worked) / 2
    months = figures["divisor"].take(worker("retirement_age", period))
    return flat_and_own * worked * np.float32(0.01) + worker("balance", period) / months


STATES = (balance, years, index_sum)
STEPS = (average_wage, works, wage, base, contribution)


def law() -> TaxBenefitSystem:
    worker = build_entity("worker", "workers", "A worker", is_person=True)
    system = TaxBenefitSystem([worker])

    def add(name, value_type, period, **formula):
        about = {"value_type": value_type, "entity": worker, "definition_period": period, "label": name, **formula}
        system.add_variable(type(name, (Variable,), about))

    for name, values in population.items():
        add(name, int if values.dtype.kind == "i" else float, ETERNITY)
    for formula in (*STEPS, *STATES, pension):
        add(formula.__name__, formula.__annotations__["return"], YEAR, formula=formula)
    return system


def some(system: TaxBenefitSystem, rows: slice, *, frugal: bool) -> np.ndarray:
    """The pensions of some workers; frugally: what later years do not need is deleted."""
    inputs = {name: values[rows] for name, values in population.items()}
    simulation = SimulationBuilder().build_default_simulation(system, count=len(inputs["place"]))
    for name, values in inputs.items():
        simulation.set_input(name, ETERNITY, values)
    for state in STATES:
        simulation.set_input(state.__name__, FIRST_YEAR - 1, np.zeros(len(inputs["place"])))
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for state in STATES:
            simulation.calculate(state.__name__, year)
            if frugal:
                simulation.delete_arrays(state.__name__, year - 1)
        for step in STEPS if frugal else ():
            simulation.delete_arrays(step.__name__)
    return simulation.calculate("pension", LAST_YEAR)


def plainly(system: TaxBenefitSystem) -> np.ndarray:
    """The pensions of all workers in one simulation, as the documentation shows it."""
    return some(system, slice(None), frugal=False)


def tuned(system: TaxBenefitSystem) -> np.ndarray:
    """The same as fast as we could make it go: frugally, in chunks that the processor's cache holds."""
    starts = range(0, len(population["place"]), CHUNK)
    return np.concatenate([some(system, slice(start, start + CHUNK), frugal=True) for start in starts])


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def median_seconds(pensions) -> tuple[float, np.ndarray]:
    """Of some runs after the first, and their result."""
    seconds = []
    for _ in range(RUNS):
        gc.collect()
        start = time.perf_counter()
        result = pensions(system)
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[RUNS // 2], result


before = peak_mb()
start = time.perf_counter()
system = law()
plainly(system)
first = time.perf_counter() - start
seconds, result = median_seconds(plainly)
added = peak_mb() - before
seconds_tuned, again = median_seconds(tuned)
assert np.array_equal(result, again)
np.save(folder / "policyengine.npy", result.astype(np.float64))
print(
    json.dumps(
        {
            "first_seconds": first,
            "seconds": seconds,
            "seconds_tuned": seconds_tuned,
            "added_mb": added,
            "version": f"policyengine-core {version('policyengine-core')}",
            "tolerance": 1e-6,
        }
    )
)
