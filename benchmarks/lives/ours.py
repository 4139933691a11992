"""Canbao's part: what `canbao simulate` runs."""

import os
import shutil
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lives import inputs
from benchmarks.lives.measure import measure
from canbao.outputs import cache_folder
from canbao.reforms.simulation import COUNTED, Scenario, run_scenario

folder, workers = Path(sys.argv[1]), int(sys.argv[2])
os.environ["CANBAO_CACHE"] = str(folder / "cache")
simulator = inputs.simulator(workers)
people, grouping = simulator.people, simulator.grouping
# So few are not kept in the cache; the kernel is loaded, and compiled if it must be.
run_scenario(Scenario(inputs.law("baseline", simulator.base_year)), replace(people, workers=1000), grouping)
# What was run once is not run again.
shutil.rmtree(cache_folder() / "simulations", ignore_errors=True)


def run(law: str) -> dict[str, np.ndarray[Any, np.dtype[Any]]]:
    """All counts by year and sampling unit."""
    outcome = run_scenario(Scenario(inputs.law(law, simulator.base_year)), people, grouping, seed=simulator.seed)
    return {name: outcome.totals[name] for name in COUNTED}


measure(folder, "ours", f"Canbao {version('canbao')}", len(people), run)
