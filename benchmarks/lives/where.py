"""Where our time goes: `python -m benchmarks.lives.where`. The first time it compiles a kernel for each line of a table."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.lives import WORKERS, inputs
from canbao.engine.model import Totals
from canbao.outputs import cache_folder
from canbao.reforms.simulation import AT_RETIREMENT, BLOCK, COUNTED, Scenario, run_scenario

LAW, FEWER, RUNS = "matching", 156_000, 8

STEPS = {
    "who lives": ("working_age", "pensioner"),
    "what they do and earn": ("works", "income_year", "orders_made"),
    "which scheme they join": (
        "in_scheme_by_employer",
        "in_scheme_alone",
        "in_scheme_by_levy",
        "in_residents_scheme",
        "in_no_scheme",
    ),
    "what is paid in": ("worker_pays", "employer_pays", "platform_pays", "state_pays", "into_employees_scheme"),
}
"""Counts in the order of a life; the rest are pensions."""

ENDS = ("in_no_scheme", "orders_made", "into_employees_scheme", "new_pension_to_wage", "pensioner_below_line")
"""A few counts for which nearly every step of a life is taken."""


def main() -> None:
    simulator = inputs.simulator(WORKERS)
    people, grouping, years = simulator.people, simulator.grouping, (simulator.base_year, simulator.people.last_year)
    scenario = Scenario(inputs.law(LAW, simulator.base_year))
    population = replace(people, workers=FEWER).block(range(2**40))
    lives = len(population) * (years[1] - years[0] + 1)

    def seconds(counts: Sequence[str], values: Sequence[str] = ()) -> float:
        totals = Totals(counts, grouping.cell(population), population.weight)
        start = time.perf_counter()
        scenario.model.run(population.columns, values, years=years, totals=totals, seed=simulator.seed)
        return time.perf_counter() - start

    seconds(COUNTED, AT_RETIREMENT)
    run_scenario(scenario, replace(people, workers=1000), grouping)
    # The kernel is loaded by now; results that were kept are not wanted.
    usual = str(cache_folder())
    with tempfile.TemporaryDirectory() as empty:
        os.environ["CANBAO_CACHE"] = empty
        start = time.perf_counter()
        run_scenario(scenario, people, grouping, seed=simulator.seed)
        total = time.perf_counter() - start
    os.environ["CANBAO_CACHE"] = usual
    start = time.perf_counter()
    for first in range(0, len(people), BLOCK):
        people.block(range(first, first + BLOCK))
    print(f"{WORKERS:,} workers under `{LAW}`: {total:.2f} s")
    print(f"Making them, on one thread and by itself: {time.perf_counter() - start:.2f} s")
    print(f"The kernel, {len(population):,} lives, nanoseconds a worker-year")
    asked: dict[str, tuple[Sequence[str], Sequence[str]]] = {}
    counts: tuple[str, ...] = ()
    for what, more in STEPS.items():
        counts += more
        asked[what] = (counts, ())
    asked["what comes out: all counts"] = (COUNTED, ())
    asked["and the results at retirement"] = (COUNTED, AT_RETIREMENT)
    asked[f"only {len(ENDS)} counts added up"] = (ENDS, ())
    # In turns, so that what else the machine does falls on all alike; the first turn compiles.
    turns = [{what: seconds(*one) for what, one in asked.items()} for _ in range(RUNS + 1)]
    for what in asked:
        print(f"  {what:40s} {min(turn[what] for turn in turns[1:]) / lives * 1e9:6.0f}")


if __name__ == "__main__":
    main()
