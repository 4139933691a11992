"""What is done more than once: self-loops, where an activity follows itself, and returns, where others lie in between."""

from __future__ import annotations

import polars as pl

from canbao.procedures.analysis.sequences import DAY
from canbao.procedures.event_log import EventLog


def rework(log: EventLog) -> pl.DataFrame:
    """Repetitions by activity. Of a log with starts and completions, give `completed(log)`.

    Returns:
        `activity`; `cases` that have it; `repeating_cases`, in which it occurs more than once, and their `share`;
        `self_loops` and `returns`, its further occurrences by whether it directly follows itself; `lost_days`, from its
        first to its last occurrence, of all cases together; `median_lost_days` of a repeating case. Most lost days first.
        The lost days of several activities may be the same days.
    """
    occurrences = _occurrences(log)
    return (
        occurrences.group_by("activity")
        .agg(
            pl.len().alias("cases"),
            (pl.col("times") > 1).sum().alias("repeating_cases"),
            (pl.col("times") > 1).mean().alias("share"),
            pl.col("self_loops").sum(),
            (pl.col("times") - 1 - pl.col("self_loops")).sum().alias("returns"),
            pl.col("lost_days").sum(),
            pl.col("lost_days").filter(pl.col("times") > 1).median().alias("median_lost_days"),
        )
        .sort("lost_days", "returns", "self_loops", "activity", descending=[True, True, True, False])
    )


def case_rework(log: EventLog) -> pl.DataFrame:
    """Repetitions by case.

    Returns:
        `case`; `self_loops`; `returns`; `lost_days`, in which the case lay between the first and the last occurrence of
        some activity, each day counted once. Every case that has events, in their order.
    """
    occurrences = _occurrences(log).sort("case", "first")
    reached = pl.col("last").cum_max().shift(1).over("case")
    own = (pl.col("last") - pl.max_horizontal("first", reached)).dt.total_microseconds().clip(0) / DAY
    return (
        occurrences.with_columns(own=own)
        .group_by("case", maintain_order=True)
        .agg(
            pl.col("self_loops").sum(),
            (pl.col("times") - 1 - pl.col("self_loops")).sum().alias("returns"),
            pl.col("own").sum().alias("lost_days"),
        )
    )


def loops(log: EventLog) -> pl.DataFrame:
    """The ways back: edges that lead to an activity which the case has had before.

    Returns:
        `activity`, `back_to`; `count`; `cases`; `median_days` from the last occurrence of `back_to` to this one. Most
        frequent first.
    """
    same = ["case", "activity"]
    back = (
        log.events.lazy()
        .select(
            "case",
            pl.col("activity").alias("back_to"),
            pl.col("activity").shift(1).over("case").alias("activity"),
            (pl.col("time") - pl.col("time").shift(1).over(same)).alias("since"),
        )
        .filter(pl.col("since").is_not_null())
    )
    return (
        back.group_by("activity", "back_to")
        .agg(
            pl.len().alias("count"),
            pl.col("case").n_unique().alias("cases"),
            (pl.col("since").dt.total_microseconds().median() / DAY).alias("median_days"),
        )
        .sort("count", "activity", "back_to", descending=[True, False, False])
        .collect()
    )


def _occurrences(log: EventLog) -> pl.DataFrame:
    """A row for each activity of each case: how often, how often directly after itself, and from when to when."""
    follows_itself = (pl.col("activity") == pl.col("activity").shift(1)) & (pl.col("case") == pl.col("case").shift(1))
    return (
        log.events.lazy()
        .select("case", "activity", "time", follows_itself.fill_null(False).alias("again"))
        .group_by("case", "activity")
        .agg(
            pl.len().cast(pl.Int64).alias("times"),
            pl.col("again").sum().cast(pl.Int64).alias("self_loops"),
            pl.col("time").min().alias("first"),
            pl.col("time").max().alias("last"),
        )
        .with_columns(lost_days=(pl.col("last") - pl.col("first")).dt.total_microseconds() / DAY)
        .collect()
    )
