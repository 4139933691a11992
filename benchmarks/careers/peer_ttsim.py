"""TTSIM's part, on JAX: prints one line of JSON.

TTSIM knows one date and no state, so the year and last year's state are inputs; it makes the rules of a year one function
for JAX. Tables have one axis, province and year in one number: looking up by two is several times slower.

`seconds` is a call of that function for each year with all workers, `seconds_tuned` what we could make of it, and
`seconds_main` the way through the front door: a call of `main` for each year. That is on NumPy, which is faster there,
because with JAX every call compiles anew.
"""

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from ttsim import InputData, MainTarget, TTTargets, main
from ttsim.tt import ConsecutiveIntLookupTableParam, Currency, TTSIMUnit, UnitSystem, policy_function
from ttsim.tt import ConsecutiveIntLookupTableParamValue as Table

FIRST_YEAR, LAST_YEAR = 1985, 2024
CHUNK = 5_000
RUNS = 5
NUMBER = TTSIMUnit.DIMENSIONLESS

jax.config.update("jax_enable_x64", True)
folder = Path(sys.argv[1])
population = dict(np.load(folder / "population.npz"))
figures = dict(np.load(folder / "parameters.npz"))


@policy_function(unit=NUMBER)
def cell(place: int, year: int) -> int:
    return place * 40 + year - 1985


@policy_function(unit=NUMBER)
def works(year: int, entry_year: int) -> bool:
    return year >= entry_year


@policy_function(unit=NUMBER)
def wage(
    works: bool,
    average_wage: Table,
    cell: int,
    relative_wage: float,
    seniority_slope: float,
    year: int,
    entry_year: int,
) -> float:
    rise = 1 + seniority_slope * (year - entry_year)
    return average_wage.look_up(cell) * relative_wage * rise if works else 0.0


@policy_function(unit=NUMBER)
def base(works: bool, wage: float, floor: Table, ceiling: Table, cell: int) -> float:
    return min(max(wage, floor.look_up(cell)), ceiling.look_up(cell)) if works else 0.0


@policy_function(unit=NUMBER)
def contribution(base: float, contribution_rate: Table, cell: int) -> float:
    return base * contribution_rate.look_up(cell)


@policy_function(unit=NUMBER)
def balance(balance_last_year: float, interest: Table, cell: int, contribution: float) -> float:
    return balance_last_year * (1 + interest.look_up(cell)) + contribution


@policy_function(unit=NUMBER)
def years(years_last_year: int, works: bool) -> int:
    return years_last_year + 1 if works else years_last_year


@policy_function(unit=NUMBER)
def index_sum(index_sum_last_year: float, base: float, average_wage: Table, cell: int) -> float:
    return index_sum_last_year + base / average_wage.look_up(cell)


@policy_function(unit=NUMBER)
def pension(
    reference_wage: Table,
    place: int,
    index_sum: float,
    years: int,
    balance: float,
    divisor: Table,
    retirement_age: int,
) -> float:
    reference = reference_wage.look_up(place)
    flat_and_own = (reference + reference * index_sum / years) / 2
    return flat_and_own * years * 0.01 + balance / divisor.look_up(retirement_age)


RULES = (cell, works, wage, base, contribution, balance, years, index_sum, pension)
STATES = ("balance", "years", "index_sum")
UNITS = UnitSystem(currencies={"CNY": Currency(statutory_from="1949-01-01")})


def environment(xnp) -> dict:
    """The rules and the figures of the law, with tables of NumPy or of JAX."""
    law = {rule.leaf_name: rule for rule in RULES}
    for name, values in figures.items():
        table = Table(xnp=xnp, values_to_look_up=xnp.asarray(values.ravel()), bases_to_subtract=xnp.zeros(1, int))
        law[name] = ConsecutiveIntLookupTableParam(value=table, input_unit="DIMENSIONLESS", output_unit="DIMENSIONLESS")
    return law


def inputs(xnp, columns: dict, year: int, states: dict) -> dict:
    """What TTSIM is given for a year."""
    everyone = len(columns["place"])
    last = {f"{name}_last_year": values for name, values in states.items()}
    return {"p_id": xnp.arange(everyone), "year": xnp.full(everyone, year), **columns, **last}


def start_of(xnp, everyone: int) -> dict:
    return {"balance": xnp.zeros(everyone), "years": xnp.zeros(everyone, int), "index_sum": xnp.zeros(everyone)}


def asked(what: list, targets, law: dict, backend: str, **data) -> dict:
    dates = {"policy_date_str": f"{LAST_YEAR}-12-31", "evaluation_date_str": f"{LAST_YEAR}-12-31"}
    targets = TTTargets.qname(dict.fromkeys(targets))
    law = {"policy_environment": law, "unit_system": UNITS}
    return main(main_targets=what, tt_targets=targets, backend=backend, **law, **dates, **data)


def function_for(targets, law: dict):
    """What TTSIM compiles, from all inputs of a year to the targets."""
    few = inputs(np, {name: values[:2] for name, values in population.items()}, LAST_YEAR, start_of(np, 2))
    built = asked([MainTarget.tt_function, MainTarget.labels.root_nodes], targets, law, "jax", processed_data=few)
    needed = built["labels"]["root_nodes"]
    return lambda given: built["tt_function"]({name: given[name] for name in needed})


def plain(one_year, at_the_end):
    """Year by year: TTSIM's compiled functions, one call a year with all workers, as its own examples call them."""
    a_year = jax.jit(lambda columns, states, year: one_year(inputs(jnp, columns, year, states)))
    last = jax.jit(lambda columns, states: at_the_end(inputs(jnp, columns, LAST_YEAR, states))["pension"])
    columns = {name: jnp.asarray(values) for name, values in population.items()}

    def pensions() -> np.ndarray:
        states = start_of(jnp, len(columns["place"]))
        for year in range(FIRST_YEAR, LAST_YEAR):
            states = a_year(columns, states, year)
        return np.asarray(last(columns, states))

    return pensions


def tuned(one_year, at_the_end):
    """As fast as we could make it go: all years in one `jax.lax.scan`, chunks that the cache holds, one thread a core."""

    @jax.jit
    def some(columns):
        def step(states, year):
            return one_year(inputs(jnp, columns, year, states)), None

        states, _ = jax.lax.scan(step, start_of(jnp, len(columns["place"])), jnp.arange(FIRST_YEAR, LAST_YEAR))
        return at_the_end(inputs(jnp, columns, LAST_YEAR, states))["pension"]

    def chunk(start: int) -> np.ndarray:
        return np.asarray(some({name: values[start : start + CHUNK] for name, values in population.items()}))

    def pensions() -> np.ndarray:
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as cores:
            return np.concatenate(list(cores.map(chunk, range(0, len(population["place"]), CHUNK))))

    return pensions


def by_main(law: dict) -> np.ndarray:
    """The pensions by a call of `main` for each year."""
    states = start_of(np, len(population["place"]))
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        targets = STATES if year < LAST_YEAR else ["pension"]
        data = InputData.qname(inputs(np, population, year, states))
        states = asked([MainTarget.results.qname], targets, law, "numpy", input_data=data)["results"]["qname"]
    return states["pension"]


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def median_seconds(pensions) -> tuple[float, np.ndarray]:
    """Of some runs after the first, and their result."""
    pensions()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        result = pensions()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[RUNS // 2], result


before = peak_mb()
start = time.perf_counter()
law = environment(jnp)
functions = function_for(STATES, law), function_for(["pension"], law)
plainly = plain(*functions)
plainly()
first = time.perf_counter() - start
seconds, result = median_seconds(plainly)
added = peak_mb() - before
seconds_tuned, again = median_seconds(tuned(*functions))
assert np.allclose(again, result, rtol=1e-12, atol=0)
np.save(folder / "ttsim.npy", result)
start = time.perf_counter()
by_calls = by_main(environment(np))
seconds_main = time.perf_counter() - start
assert np.allclose(by_calls, result, rtol=1e-12, atol=0)
print(
    json.dumps(
        {
            "first_seconds": first,
            "seconds": seconds,
            "seconds_tuned": seconds_tuned,
            "seconds_main": seconds_main,
            "added_mb": added,
            "version": f"TTSIM {version('ttsim-backend')}, JAX {version('jax')}",
        }
    )
)
