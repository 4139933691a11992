"""Ten million events: what follows what and after how long, variants, durations; and reading XES. Canbao and PM4Py."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import OURS, environment, measured

HERE = Path(__file__).parent
EVENTS, XES_EVENTS = 10_000_000, 650_000
SECONDS, MEGABYTES = 5.0, 2_500.0
"""Within which the edges of the events are to be had, from the file."""
XES_MEGABYTES, XES_RATIO = 1_000.0, 2.0
"""Within which XES is to be read, and how many times as fast as PM4Py."""

Result = dict[str, Any]


def run() -> bool:
    """Print both; whether results agree and ours are within what is wanted."""
    # Peers import this package where there is no Polars.
    from benchmarks.event_logs.made import events, write_xes

    with tempfile.TemporaryDirectory() as folder:
        parquet, xes = Path(folder) / "events.parquet", Path(folder) / "events.xes"
        events(EVENTS).write_parquet(parquet)
        write_xes(xes, XES_EVENTS)
        whole = _both(parquet, Path(folder))
        print(f"\n{EVENTS:,} events in {int(whole[0]['found']['cases']):,} cases, unsorted Parquet")
        agree = _print(whole, ("read", "edges", "variants", "durations"))
        read = _both(xes, Path(folder), "xes")
        print(f"\n{XES_EVENTS:,} events in XES of {xes.stat().st_size / 1e6:.0f} MB")
        agree = _print(read, ("read",)) and agree
    return _within(whole[0]["steps"], read[0]["steps"], read[1]["steps"]) and agree


def _both(source: Path, folder: Path, *more: str) -> list[Result]:
    results = []
    for python, script in ((OURS, "ours.py"), (environment("pm4py"), "peer_pm4py.py")):
        found = folder / f"{script}.npz"
        result = measured(python, HERE / script, str(source), str(found), *more)
        with np.load(found) as arrays:
            results.append({**result, "found": dict(arrays)})
    return results


def _print(results: Sequence[Result], steps: Sequence[str]) -> bool:
    for result in results:
        print(f"  {result['version']}")
        for name, (seconds, processor, peak) in result["steps"].items():
            print(f"    {name:11s} {seconds:8.2f} s   of processors {processor:8.2f} s   peak so far {peak:6.0f} MB")
    times = [sum(result["steps"][name][0] for name in steps) for result in results]
    ours, theirs = (result["found"] for result in results)
    differ = [name for name in ours if not _equal(ours[name], theirs[name])]
    told = f"DIFFER in {', '.join(differ)}" if differ else "equal to 1e-9"
    print(f"  ratio of all steps {times[1] / times[0]:.1f}; results {told}")
    return not differ


def _equal(ours: Any, theirs: Any) -> bool:
    if ours.dtype.kind in "OU":
        return list(ours) == list(theirs)
    # Median times of few microseconds are not to be told apart by PM4Py, which counts in seconds.
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def _within(whole: Result, ours: Result, theirs: Result) -> bool:
    seconds, megabytes = whole["read"][0] + whole["edges"][0], whole["edges"][2]
    faster = theirs["read"][0] / ours["read"][0]
    kept = {
        f"edges in {seconds:.1f} s where {SECONDS:.0f} s are wanted": seconds <= SECONDS,
        f"edges with {megabytes:,.0f} MB where {MEGABYTES:,.0f} MB are wanted": megabytes <= MEGABYTES,
        f"XES {faster:.1f} times as fast where {XES_RATIO:.0f} times is wanted": faster >= XES_RATIO,
        f"XES with {ours['read'][2]:,.0f} MB where {XES_MEGABYTES:,.0f} MB are wanted": ours["read"][2] <= XES_MEGABYTES,
    }
    for told, held in kept.items():
        print(f"  {'held' if held else 'MISSED'}: {told}")
    return all(kept.values())
