"""svy's part: prints one line of JSON."""

import json
import resource
import sys
import time
from importlib.metadata import version

import polars as pl
import svy

frame = pl.read_parquet(sys.argv[1])
names = [name for name in frame.columns if name.startswith("y")]
sample = svy.Sample(frame, svy.Design(stratum="stratum", psu="unit", wgt="weight"))
start = time.perf_counter()
result = sample.estimation.mean(names, by="domain")
seconds = time.perf_counter() - start
parts = list(result)
rows = [(estimate.y, int(estimate.by_level[0]), estimate.est, estimate.se) for part in parts for estimate in part.estimates]
rows.sort(key=lambda row: (row[0], row[1]))
print(
    json.dumps(
        {
            "seconds": seconds,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "estimate": [row[2] for row in rows],
            "se": [row[3] for row in rows],
            "version": f"svy {version('svy')}",
        }
    )
)
