"""Canbao's part: prints one line of JSON."""

import json
import resource
import sys
import time
from importlib.metadata import version

import polars as pl

from canbao.survey import Design

frame = pl.read_parquet(sys.argv[1])
names = [name for name in frame.columns if name.startswith("y")]
design = Design(frame, weight="weight", stratum="stratum", cluster="unit")
design.domain(pl.col("domain") == 0).mean(names[0])  # load what loads once
seconds = []
for _ in range(5):
    start = time.perf_counter()
    means = design.mean(names, by="domain").sort("column", "domain")
    seconds.append(time.perf_counter() - start)
print(
    json.dumps(
        {
            "seconds": sorted(seconds)[2],
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "estimate": means["estimate"].to_list(),
            "se": means["se"].to_list(),
            "version": f"canbao {version('canbao')}",
        }
    )
)
