"""Careers of 40 years under the same rules: Canbao's engine and the engines that a user would otherwise pick."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.careers import population
from benchmarks.peers import OURS, environment, measured

HERE = Path(__file__).parent
WORKERS, FEWER, YEARS = 1_000_000, 250_000, population.YEARS
ENGINES = {
    "canbao": ("ours.py", None),
    "by_hand": ("by_hand.py", None),
    "columns": ("columns.py", None),
    "ttsim": ("peer_ttsim.py", "ttsim"),
    "openfisca": ("peer_openfisca.py", "openfisca"),
    "policyengine": ("peer_policyengine.py", "policyengine"),
}
REACH = {"by_hand": 0.9, "ttsim": 6.0, "openfisca": 40.0}
"""By how many times the peer's seconds are to be more than ours."""
MOST_BYTES, MOST_START = 120, 0.5
"""Bytes a worker beyond inputs and outputs, and seconds of a start with the kernel in the cache."""


def run() -> bool:
    """Print all engines, and what is wanted and was reached; whether results agree."""
    print(f"\n{WORKERS:,} careers of {YEARS} years: wages, limits, account, index, pension")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        population.write(folder, FEWER)
        # The first run of all compiles; what counts is a start with the kernel in the cache.
        _run("canbao", folder)
        few = _run("canbao", folder)
        population.write(folder, WORKERS)
        results = {engine: _run(engine, folder) for engine in ENGINES}
        agree = _agreement(folder)
    print("  engine                     first s   median s  added MB  M worker-years/s   ratio  ratio if tuned  differs by")
    for engine, result in results.items():
        seconds, ours = result["seconds"], results["canbao"]["seconds"]
        tuned = f"{result['seconds_tuned'] / ours:14.1f}" if "seconds_tuned" in result else " " * 14
        print(
            f"  {result['version']:26s} {result['first_seconds']:7.2f} {seconds:10.4f} {result['added_mb']:9.0f} "
            f"{WORKERS * YEARS / seconds / 1e6:17.0f} {seconds / ours:7.2f}  {tuned}  {agree[engine]:.0e}"
        )
    extra = (results["canbao"]["added_mb"] - few["added_mb"]) * 1024**2 / (WORKERS - FEWER)
    print(f"  Canbao: {extra:.0f} bytes a worker beyond its inputs; {few['first_seconds']:.2f} s to start, kernel cached")
    reached = {
        "results equal": all(difference <= results[engine].get("tolerance", 1e-12) for engine, difference in agree.items()),
        f"at most {MOST_BYTES} bytes a worker": extra <= MOST_BYTES,
        f"started within {MOST_START} s": few["first_seconds"] <= MOST_START,
    }
    for engine, wanted in REACH.items():
        ratio = results[engine]["seconds"] / results["canbao"]["seconds"]
        reached[f"{wanted:g} × {results[engine]['version']}"] = ratio >= wanted
    for what, held in reached.items():
        print(f"  {'reached' if held else 'MISSED'}: {what}")
    return reached["results equal"]


def _run(engine: str, folder: Path) -> dict[str, Any]:
    script, peer = ENGINES[engine]
    return measured(environment(peer) if peer else OURS, HERE / script, str(folder))


def _agreement(folder: Path) -> dict[str, float]:
    """The greatest relative difference of each engine from plain NumPy."""
    referee = np.load(folder / "columns.npy")
    return {engine: float(np.abs(np.load(folder / f"{engine}.npy") / referee - 1).max()) for engine in ENGINES}
