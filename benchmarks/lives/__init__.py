"""Life courses of the sample study under the law and under a reform: Canbao, and the same model in NumPy by hand."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lives.measure import LAWS
from benchmarks.peers import OURS, measured

HERE = Path(__file__).parent
WORKERS, RUNS = 1_000_000, 3
WANTED = 10.0
"""By how many times the NumPy program's seconds are to be more than ours."""
TOLERANCE = 1e-9


def run() -> bool:
    """Print both; whether they agree."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        counts = measured(OURS, HERE / "inputs.py", name)["counts"]
        measured(OURS, HERE / "ours.py", name, "1000")  # compiles
        programs: dict[str, list[str]] = {"ours": [], "columns": counts}
        runs = {program: [_timed(program, folder, more) for _ in range(RUNS)] for program, more in programs.items()}
        difference, years = _agreement(folder)
    best = {program: min(tried, key=lambda one: sum(one["seconds"])) for program, tried in runs.items()}
    people = best["ours"]["people"]
    print(
        f"\n{WORKERS:,} workers and {people - WORKERS:,} who enter later, {years} years: {', '.join(LAWS)}; best of {RUNS}"
    )
    print("  program             s, each law      M worker-years/s  processor s   peak MB  added MB   whole process s")
    for result in best.values():
        seconds = result["seconds"]
        print(
            f"  {result['version']:18s} {' '.join(f'{one:6.2f}' for one in seconds):15s} "
            f"{people * years * len(LAWS) / sum(seconds) / 1e6:17.1f} {result['processor_seconds']:12.1f} "
            f"{result['peak_mb']:9.0f} {result['peak_mb'] - result['before_mb']:9.0f} {result['process_seconds']:17.1f}"
        )
    ratio = sum(best["columns"]["seconds"]) / sum(best["ours"]["seconds"])
    agree = difference <= TOLERANCE
    print(f"  ratio {ratio:.2f}; every total of every year and sampling unit differs by {difference:.0e} at most")
    print(f"  {'reached' if agree else 'MISSED'}: results equal")
    print(f"  {'reached' if ratio >= WANTED else 'MISSED'}: {WANTED:g} × NumPy in chunks")
    return agree


def _timed(program: str, folder: Path, more: list[str]) -> dict[str, Any]:
    start = time.perf_counter()
    result = measured(OURS, HERE / f"{program}.py", str(folder), str(WORKERS), *more)
    return {**result, "process_seconds": time.perf_counter() - start}


def _agreement(folder: Path) -> tuple[float, int]:
    """The greatest relative difference of any total, and how many years there are."""
    ours, theirs = np.load(folder / "ours.npz"), np.load(folder / "columns.npz")
    worst, years = 0.0, 0
    for name in ours:
        one, other = ours[name], theirs[name]
        apart = np.abs(one - other) / np.where(one == 0, 1.0, np.abs(one))
        # A total that is not known equals nothing.
        worst, years = max(worst, float(np.where(np.isnan(apart), np.inf, apart).max())), len(one)
    return worst, years
