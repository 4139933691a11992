"""What the scripts of all programs in our own environment measure: seconds of a first and of later runs, peak memory."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RUNS = 15


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(folder: Path, engine: str, version: str, run: Callable[[], np.ndarray[Any, Any]]) -> None:
    """Run once and then often; write the pensions to `folder/engine.npy` and print one line of JSON."""
    before = peak_mb()
    start = time.perf_counter()
    pension = run()
    first = time.perf_counter() - start
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        pension = run()
        seconds.append(time.perf_counter() - start)
    added = peak_mb() - before
    np.save(folder / f"{engine}.npy", pension)
    figures = {"first_seconds": first, "seconds": sorted(seconds)[RUNS // 2], "added_mb": added, "version": version}
    print(json.dumps(figures))
