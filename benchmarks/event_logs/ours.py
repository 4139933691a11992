"""Canbao's part: `ours.py FILE RESULT` goes through every step; with `xes` behind them it only reads."""

import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.event_logs.measure import step, tell

source, result = Path(sys.argv[1]), Path(sys.argv[2])
with tempfile.TemporaryDirectory() as cache:
    # A first opening; a second one finds the log in the cache.
    os.environ["CANBAO_CACHE"] = cache

    from canbao.procedures import open_log
    from canbao.procedures.analysis import case_durations, edges, variants

    with step("read"):
        log = open_log(source)
    found = {"events": log.events.height, "cases": log.cases.height}
    if sys.argv[3:] != ["xes"]:
        with step("edges"):
            followed = edges(log)
        with step("variants"):
            ways = variants(log)
        with step("durations"):
            days = case_durations(log)
        with step("read_again"):
            open_log(source)
        followed = followed.sort(pl.col("activity", "following").cast(pl.String))
        names = ("count", "median_days", "mean_days", "p90_days")
        found |= {f"edge_{name}": followed[name].to_numpy() for name in names}
        names_of = followed.select(
            pl.format("{} → {}", pl.col("activity").cast(pl.String), pl.col("following").cast(pl.String))
        )
        found |= {"edge_names": np.array(names_of.to_series().to_list())}
        found |= {"variant_count": ways["count"].sort().to_numpy(), "days": days["days"].sort().to_numpy()}
    tell(result, f"canbao {version('canbao')}", found)
