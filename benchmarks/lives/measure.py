"""What both programs measure: seconds under each law, peak memory, totals; one line of JSON."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

LAWS = ("baseline", "matching")
"""The law as it stands, and a reform of the programme's own."""

Array = np.ndarray[Any, np.dtype[Any]]


def peak_mb() -> float:
    """The most memory that this process has held so far; where the system tells, without what its parent held."""
    status = Path("/proc/self/status")
    if status.is_file():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(folder: Path, program: str, version: str, people: int, run: Callable[[str], Mapping[str, Array]]) -> None:
    """Run every law once, write the totals to `folder/program.npz`, and print what it took.

    Args:
        folder: where the totals go.
        program: the name of the file.
        version: of what is measured.
        people: how many lives are run under each law.
        run: brings the totals of a law, by name.
    """
    before, at_work = peak_mb(), time.process_time()
    seconds: list[float] = []
    found: dict[str, Array] = {}
    for law in LAWS:
        start = time.perf_counter()
        totals = run(law)
        seconds.append(time.perf_counter() - start)
        found |= {f"{law}_{name}": total.reshape(len(total), -1) for name, total in totals.items()}
    figures = {"seconds": seconds, "processor_seconds": time.process_time() - at_work, "before_mb": before}
    np.savez(folder / f"{program}.npz", **found)  # type: ignore[arg-type]
    print(json.dumps({**figures, "peak_mb": peak_mb(), "people": people, "version": version}))
