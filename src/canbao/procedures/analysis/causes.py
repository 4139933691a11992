"""Why cases wait: each moment of a waiting time has one of five causes.

After Lashkevich, Milani, Chapela-Campa, Suvorau and Dumas, "Why am I waiting? Data-driven analysis of waiting times in
business processes" (CAiSE 2023), and for batches Martin, Pufahl and Mannhardt, "Detection of batch activities from event
logs" (Information Systems 2021); written from their ideas. While an activity instance waits for its resource, that is

- at work on something that was due earlier or at the same time: *contention*;
- at work only on what became due later: *prioritisation*;
- neither at work nor on duty: *unavailability*, by a calendar estimated from when it works (`calendars.py`);
- on duty and free, but the rest of a batch has not come yet: *batching*;
- on duty and free, for reasons that the log does not show: *extraneous*.

A batch is a run of one activity by one resource over different cases, each begun by the time when those before were
completed, and all of them due before the first was begun. Batching begins when the resource could first have begun the
instance and ends when the last of the batch is due: nights and other work in between are part of it, since without the
batch they would not have been waited for. (The paper gives the whole time until then to batching. Here a queue that is
worked off after a night or after other work is no batch.) Instances without a known resource stay unattributed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from canbao.outputs import cache_folder
from canbao.procedures.analysis.calendars import CalendarRule, LocalTime, calendars
from canbao.procedures.analysis.sequences import DAY, Floats, Integers
from canbao.procedures.analysis.waiting import case_times, waiting_times
from canbao.procedures.event_log import EventLog

CAUSES = ("batching", "contention", "prioritisation", "unavailability", "extraneous")
"""In the order of their columns."""

PARTS = (*CAUSES, "unattributed")

EFFICIENCY_COLUMNS = ("days", "share_of_waiting", "efficiency", "efficiency_without")


@dataclass(frozen=True, slots=True)
class BatchRule:
    """What a batch is.

    Args:
        smallest: fewer instances are none.
        gap_seconds: by how much one may begin after those before it were completed.
    """

    smallest: int = 2
    gap_seconds: float = 0.0


DEFAULT_BATCHES = BatchRule()
DEFAULT_CALENDARS = CalendarRule()

MICROSECONDS = 86_400_000_000
"""Of a day."""


def waiting_causes(
    log: EventLog, *, batches: BatchRule = DEFAULT_BATCHES, working_hours: CalendarRule = DEFAULT_CALENDARS
) -> pl.DataFrame | None:
    """Every waiting activity instance with the causes of its waiting.

    Args:
        log: with starts, completions and resources.
        batches: what a batch is.
        working_hours: from what working hours are inferred.

    Returns:
        `case`, `before`, `activity`, `resource`, `office` where the log has it, `enabled`, `start`, `waiting_days`, and its
        parts: `batching_days`, `contention_days`, `prioritisation_days`, `unavailability_days`, `extraneous_days`,
        `unattributed_days`. None where the log has no starts, no completions or no resources.
    """
    table = waiting_times(log)
    if "resource" not in table.columns or not table["measured"].any():
        return None
    known = table.with_row_index("row").filter(pl.col("measured"), pl.col("resource").is_not_null())
    names = known["resource"].cast(pl.String).unique().sort()
    known = known.with_columns(
        resource_code=pl.col("resource").cast(pl.String).cast(pl.Enum(names)).to_physical().cast(pl.Int64),
        # What did not wait was due when it was begun.
        due=pl.when(pl.col("waiting_days") > 0).then("enabled").otherwise("start"),
    ).sort("resource_code", "start", "complete", "row")
    parts = np.zeros((table.height, len(PARTS)))
    if known.height:
        parts[known["row"].to_numpy(), : len(CAUSES)] = _parts(log, known, batches, working_hours)
    kept = [
        "case",
        "before",
        "activity",
        "resource",
        *(["office"] if "office" in table.columns else []),
        "enabled",
        "start",
    ]
    waited = table["waiting_days"].fill_null(0.0).to_numpy()
    parts[:, 5] = np.where(table["measured"] & table["resource"].is_not_null(), 0.0, waited)
    parts[:, 4] = np.maximum(waited - parts[:, [0, 1, 2, 3, 5]].sum(axis=1), 0.0)
    return table.select(
        *kept, "waiting_days", *(pl.Series(f"{part}_days", parts[:, at]) for at, part in enumerate(PARTS))
    ).filter(pl.col("waiting_days") > 0)


def causes(
    log: EventLog, *, batches: BatchRule = DEFAULT_BATCHES, working_hours: CalendarRule = DEFAULT_CALENDARS
) -> pl.DataFrame | None:
    """The causes of waiting at each transition.

    Args:
        log: with starts, completions and resources.
        batches: what a batch is.
        working_hours: from what working hours are inferred.

    Returns:
        `activity` and `following`, the activity that waits for its completion; `count` of times that there was waiting;
        `waiting_days` in all, its parts as in `waiting_causes`, and its `share_of_waiting`. Longest waiting first. None
        where the log has no starts, no completions or no resources.
    """
    waits = waiting_causes(log, batches=batches, working_hours=working_hours)
    if waits is None:
        return None
    # Added up in whole microseconds: on any number of threads, in any order, the same sums to the last digit.
    summed = [
        ((pl.col(name) * MICROSECONDS).round().cast(pl.Int64).sum() / MICROSECONDS).alias(name)
        for name in ("waiting_days", *(f"{part}_days" for part in PARTS))
    ]
    return (
        waits.group_by(pl.col("before").alias("activity"), pl.col("activity").alias("following"))
        .agg(pl.len().alias("count"), *summed)
        .sort("waiting_days", "activity", "following", descending=[True, False, False])
        .with_columns(share_of_waiting=pl.col("waiting_days") / pl.col("waiting_days").sum())
    )


def efficiency(transitions: pl.DataFrame, log: EventLog) -> pl.DataFrame:
    """What each cause costs in cycle time efficiency, the share of all cases' throughput time in which there was work.

    Args:
        transitions: of `causes(log)`.
        log: the same.

    Returns:
        `cause` (with `all` for none of them left), `days`, `share_of_waiting`, `efficiency` as it is, and
        `efficiency_without` that cause.
    """
    times = case_times(log).drop_nulls("idle_days")
    whole, idle = float(times["throughput_days"].sum()), float(times["idle_days"].sum())
    days = {part: float(transitions[f"{part}_days"].sum()) for part in PARTS}
    days["all"] = sum(days.values())
    return pl.DataFrame(
        [(part, lost, lost / idle if idle else None, *_shares(whole - idle, whole, lost)) for part, lost in days.items()],
        schema={"cause": pl.Enum(list(days)), **dict.fromkeys(EFFICIENCY_COLUMNS, pl.Float64)},
        orient="row",
    )


def _shares(working: float, whole: float, lost: float) -> tuple[float | None, float | None]:
    without = whole - lost
    return working / whole if whole else None, min(working / without, 1.0) if without > 1e-9 else None


def _parts(log: EventLog, known: pl.DataFrame, batches: BatchRule, working_hours: CalendarRule) -> Floats:
    """Days of each cause, a row an instance in the order of `known`; extraneous left at nought."""
    resource = known["resource_code"].to_numpy()
    start, complete, due = (known[name].to_physical().to_numpy() for name in ("start", "complete", "due"))
    ready = _ready(known, batches)
    local_time = LocalTime.of(log.time_zone, log.opened, log.closed)
    marks = np.concatenate([start, complete])
    on_duty = calendars(
        np.concatenate([resource, resource]), local_time.local(marks), int(resource.max()) + 1, working_hours
    )
    first = np.append(np.flatnonzero(np.diff(resource, prepend=-1)), len(resource))
    found = _compiled()["decomposed"](first, start, complete, due, ready, on_duty, local_time.since, local_time.offset)
    return np.asarray(found / DAY)


def _ready(known: pl.DataFrame, rule: BatchRule) -> Integers:
    """When the whole batch of an instance was due; when it itself was, where it is in none."""
    ordered = known.with_row_index("place").sort("resource_code", "activity", "start", "complete", "place")
    columns = [ordered[name].to_physical().to_numpy().astype(np.int64) for name in ("case", "start", "complete", "due")]
    group = ordered.select(pl.struct("resource_code", "activity").rle_id())[:, 0].to_numpy().astype(np.int64)
    ready = _compiled()["readiness"](group, *columns, rule.smallest, int(rule.gap_seconds * 1_000_000))
    result = np.empty_like(ready)
    result[ordered["place"].to_numpy()] = ready
    return np.asarray(result)


@cache
def _compiled() -> Mapping[str, Any]:
    """The compiled loops; Numba is loaded when they are first needed."""
    import numba

    # Machine code belongs into the user's cache, not beside the source.
    settings: Any = numba.config
    folder, settings.CACHE_DIR = settings.CACHE_DIR, str(cache_folder() / "kernels")
    try:
        from canbao.procedures.analysis import timelines
    finally:
        settings.CACHE_DIR = folder
    return {"decomposed": timelines.decomposed, "readiness": timelines.readiness}
