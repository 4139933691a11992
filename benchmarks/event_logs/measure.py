"""What both programs measure, step by step: seconds, and the most memory held so far; one line of JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lives.measure import peak_mb

TAKEN: dict[str, tuple[float, float, float]] = {}
"""Of each step the seconds, the processors' seconds, and the peak of memory, in MB, up to its end."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Time a step."""
    start, at_work = time.perf_counter(), time.process_time()
    yield
    TAKEN[name] = (time.perf_counter() - start, time.process_time() - at_work, peak_mb())


def tell(path: Path, version: str, found: Mapping[str, Any]) -> None:
    """Write what was found to a file and print what it took."""
    np.savez(path, **found)
    print(json.dumps({"steps": TAKEN, "version": version}))
