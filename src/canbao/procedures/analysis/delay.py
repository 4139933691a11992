"""Where the time goes: steps ranked by their share of all the time that cases take."""

from __future__ import annotations

from typing import Literal

import polars as pl

from canbao.procedures.analysis.directly_follows import edges
from canbao.procedures.event_log import EventLog

Step = Literal["edge", "activity"]


def bottlenecks(log: EventLog, step: Step = "edge") -> pl.DataFrame:
    """Steps by their share of the total delay, the time between consecutive events of all cases.

    Args:
        log: of a log with starts and completions, `completed(log)`.
        step: edges, or activities with the time that passes before each.

    Returns:
        `rank` from 1; `activity` and `following` (of an activity: `activity` alone, the one that is waited for); `count`;
        `total_days`; `mean_days`; `share_of_delay` and `cumulative_share` (null where there is no delay at all). Of an edge
        also `median_days` and `p90_days`.
    """
    table = edges(log)
    kept = ["activity", "following", "count", "median_days", "mean_days", "p90_days", "total_days", "share_of_delay"]
    if step == "activity":
        table = (
            table.group_by(pl.col("following").alias("activity"))
            .agg(pl.col("count", "total_days", "share_of_delay").sum())
            .with_columns(
                mean_days=pl.col("total_days") / pl.col("count"),
                share_of_delay=pl.when(pl.col("total_days").sum() > 0).then("share_of_delay"),
            )
        )
        kept = ["activity", "count", "mean_days", "total_days", "share_of_delay"]
    names = [name for name in ("activity", "following") if name in kept]
    return (
        table.select(kept)
        .sort("total_days", *names, descending=[True, *(False for _ in names)])
        .with_columns(cumulative_share=pl.col("share_of_delay").cum_sum())
        .with_row_index("rank", offset=1)
    )
