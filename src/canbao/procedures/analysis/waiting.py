"""Waiting against service: throughput, processing and idle time, in bupaR's terms.

Where a log records starts and completions, an activity instance waits from the moment when the case's latest instance so
far was completed until it is itself begun; while anything is at work the case does not wait. So the waiting times of a case
add up to its idle time, and active and idle time to its throughput time. Where a log records one moment an activity, nobody
knows what part of the time between two of them was service: all of it is elapsed time, and service stays unknown.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from canbao.procedures.analysis.instances import instances
from canbao.procedures.analysis.sequences import DAY
from canbao.procedures.event_log import EventLog

By = Literal["activity", "resource", "office"]


def waiting_times(log: EventLog) -> pl.DataFrame:
    """Every activity instance with what came before it.

    Returns:
        The columns of `instances(log)`; `before`, the activity whose completion it waited from, and `enabled`, the moment
        of that (both null for a case's first instance); `waiting_days`, 0 where something was at work when it began, null
        for the first; `service_days`, null where they are not recorded.
    """
    table = instances(log)
    if table.is_empty():
        return _without_any(table)
    case = table["case"].to_numpy()
    start = table["start"].to_physical().to_numpy()
    # What is not finished is at work until the log closes.
    until = table["complete"].fill_null(log.closed)
    latest = table.select("case", until=until).select(pl.col("until").cum_max().over("case"))["until"]
    end, latest_end = until.to_physical().to_numpy(), latest.to_physical().to_numpy()
    follows = np.concatenate([[False], case[1:] == case[:-1]])
    sets = np.ones(len(case), dtype=bool)
    sets[1:] = ~follows[1:] | (end[1:] >= latest_end[:-1])
    setter = np.maximum.accumulate(np.where(sets, np.arange(len(case)), 0))
    previous = np.concatenate([[0], setter[:-1]])
    waited = np.maximum(start - end[previous], 0)
    known = pl.Series(follows)
    service = (end - start) / DAY
    return table.with_columns(
        before=table["activity"].gather(previous).zip_with(known, pl.Series([None], dtype=table["activity"].dtype)),
        enabled=until.gather(previous).zip_with(known, pl.Series([None], dtype=until.dtype)),
        waiting_days=pl.Series(waited / DAY).zip_with(known, pl.Series([None], dtype=pl.Float64)),
        service_days=pl.Series(service).zip_with(table["measured"], pl.Series([None], dtype=pl.Float64)),
    )


def _without_any(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(
        before=pl.col("activity"),
        enabled=pl.col("start"),
        waiting_days=pl.lit(None, pl.Float64),
        service_days=pl.lit(None, pl.Float64),
    )


def waiting(log: EventLog, by: By = "activity") -> pl.DataFrame:
    """Waiting and service by activity, resource or office.

    Returns:
        The group (`activity`, `resource` or `office`; null where the log does not say); `instances`; `waited`, how many of
        them came after another; `median_waiting_days`, `mean_waiting_days`, `p90_waiting_days`, `total_waiting_days`,
        `share_of_waiting`; the same of service, null where it is not recorded; `recorded`, of how many instances it is.
        Longest total waiting first. Without recorded service, waiting is the time elapsed since the case's last event.

    Raises:
        InputError: the log has no such column.
    """
    if by != "activity":
        log.case_column(by)  # says what there is instead
    table = waiting_times(log)
    grouped = table.group_by(by).agg(
        pl.len().alias("instances"),
        pl.col("waiting_days").count().alias("waited"),
        *_figures("waiting"),
        pl.col("service_days").count().alias("recorded"),
        *_figures("service"),
    )
    return (
        grouped.sort(by, nulls_last=True)
        .with_columns(
            share_of_waiting=pl.col("total_waiting_days") / _unless_nought("total_waiting_days"),
            total_service_days=pl.when(pl.col("recorded") > 0).then("total_service_days"),
        )
        .with_columns(share_of_service=pl.col("total_service_days") / _unless_nought("total_service_days"))
        .sort("total_waiting_days", by, descending=[True, False], nulls_last=True)
    )


def _figures(of: str) -> list[pl.Expr]:
    days = pl.col(f"{of}_days")
    # In whole microseconds: the same sums on any number of threads.
    total = (days * DAY).round().cast(pl.Int64).sum() / DAY
    return [
        days.median().alias(f"median_{of}_days"),
        pl.when(days.count() > 0).then(total / days.count()).alias(f"mean_{of}_days"),
        days.quantile(0.9, "linear").alias(f"p90_{of}_days"),
        total.alias(f"total_{of}_days"),
    ]


def _unless_nought(column: str) -> pl.Expr:
    total = pl.col(column).sum()
    return pl.when(total > 0).then(total)


def case_times(log: EventLog) -> pl.DataFrame:
    """Throughput, processing, active and idle time of every case.

    Returns:
        `case`; `throughput_days`, from the first start to the last completion (to the log's close, where something is not
        finished); `processing_days`, the service of all its instances together; `active_days`, in which at least one was
        at work; `idle_days`, in which none was. The last three are null where the log records no service.
    """
    table = waiting_times(log)
    times = table.group_by("case", maintain_order=True).agg(
        ((pl.col("complete").fill_null(log.closed).max() - pl.col("start").min()).dt.total_microseconds() / DAY).alias(
            "throughput_days"
        ),
        pl.col("service_days").sum().alias("processing_days"),
        pl.col("waiting_days").sum().alias("idle_days"),
        pl.col("measured").any().alias("recorded"),
    )
    shown = pl.col("recorded")
    return times.select(
        "case",
        "throughput_days",
        pl.when(shown).then("processing_days").alias("processing_days"),
        pl.when(shown).then(pl.col("throughput_days") - pl.col("idle_days")).alias("active_days"),
        pl.when(shown).then("idle_days").alias("idle_days"),
    )
