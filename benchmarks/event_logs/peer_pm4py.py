"""PM4Py's part: `peer_pm4py.py FILE RESULT` goes through every step; with `xes` behind them it only reads.

PM4Py has no 90th percentile of its own: what is compared comes, untimed, from the raw durations that it can be asked for.
"""

import contextlib
import io
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.event_logs.measure import step, tell

DAY = 86_400

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    import pm4py
    from pm4py.algo.discovery.dfg.adapters.pandas.df_statistics import get_dfg_graph

pm4py.util.constants.SHOW_PROGRESS_BAR = False
warnings.simplefilter("ignore")
source, result = sys.argv[1], Path(sys.argv[2])
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    if sys.argv[3:] == ["xes"]:
        with step("read"):
            log = pm4py.read_xes(source)
    else:
        with step("read"):
            log = pm4py.format_dataframe(
                pd.read_parquet(source), case_id="case_id", activity_key="activity", timestamp_key="time"
            )
    found = {"events": len(log), "cases": log["case:concept:name"].nunique()}
    if sys.argv[3:] != ["xes"]:
        with step("edges"):
            counts, _, _ = pm4py.discover_dfg(log)
            lasting, _, _ = pm4py.discover_performance_dfg(log, perf_aggregation_key="all")
        with step("variants"):
            ways = pm4py.get_variants(log)
        with step("durations"):
            seconds = pm4py.get_all_case_durations(log)
        edges = sorted(counts)
        raw = get_dfg_graph(log, measure="performance", perf_aggregation_key="raw_values")
        found |= {
            "edge_names": np.array([f"{first} → {second}" for first, second in edges]),
            "edge_count": np.array([counts[edge] for edge in edges]),
            "edge_median_days": np.array([lasting[edge]["median"] for edge in edges]) / DAY,
            "edge_mean_days": np.array([lasting[edge]["mean"] for edge in edges]) / DAY,
            "edge_p90_days": np.array([np.quantile(np.asarray(raw[edge]), 0.9) for edge in edges]) / DAY,
            "variant_count": np.sort([value if isinstance(value, int) else len(value) for value in ways.values()]),
            "days": np.sort(np.asarray(seconds)) / DAY,
        }
tell(result, f"pm4py {pm4py.__version__}", found)
