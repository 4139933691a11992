"""Activity instances: a start and the completion that belongs to it, where a log records both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from canbao.procedures.analysis.sequences import Booleans, Integers
from canbao.procedures.event_log import EventLog

START, COMPLETE = "start", "complete"

DESCRIBING = ("resource", "office")
"""Columns of events that describe an instance, too."""


def records_service(log: EventLog) -> bool:
    """Whether the log has both starts and completions, so that service can be told from waiting."""
    if "lifecycle" not in log.events.columns:
        return False
    return {START, COMPLETE} <= set(_lifecycle(log).unique().drop_nulls())


def completed(log: EventLog) -> EventLog:
    """The log of its completions alone; the log itself where it does not record both.

    An event without a word on its lifecycle is a completion.
    """
    if not records_service(log):
        return log
    return replace(log, events=log.events.filter((_lifecycle(log) == COMPLETE).fill_null(True)))


def instances(log: EventLog) -> pl.DataFrame:
    """The log's activity instances.

    A completion belongs to the earliest start of the same case, activity and resource that is still open; what is left
    over, of whatever resource. Events of other lifecycle transitions (schedule, suspend, …) are no part of it. A completion
    without a start is an instance without service time; a start without completion is one that is not finished.

    Returns:
        `case`, `activity`, `start`, `complete` (null where it is not finished), `measured` (whether both were recorded),
        and of `resource`, `office` what the log has, as of the completion, else of the start. By case, start, completion.
    """
    kept = [column for column in DESCRIBING if column in log.events.columns]
    if not records_service(log):
        return log.events.select(
            "case",
            "activity",
            pl.col("time").alias("start"),
            pl.col("time").alias("complete"),
            pl.lit(False).alias("measured"),
            *kept,
        )
    events = log.events.with_columns(_lifecycle(log).fill_null(COMPLETE).alias("lifecycle")).with_row_index("row")
    events = events.filter(pl.col("lifecycle").is_in([START, COMPLETE])).select(
        "row", "case", "activity", "time", (pl.col("lifecycle") == COMPLETE).alias("ends"), *kept
    )
    keys = ["case", "activity"]
    matched = []
    if "resource" in kept:
        known = events.filter(pl.col("resource").is_not_null())
        matched.append(_pairs(known, [*keys, "resource"]))
        taken = pl.concat([matched[0]["start_row"], matched[0]["complete_row"]])
        events = events.filter(~pl.col("row").is_in(taken.implode()))
    matched.append(_pairs(events, keys))
    pairs = pl.concat(matched)
    events = events.filter(
        ~pl.col("row").is_in(pl.concat([matched[-1]["start_row"], matched[-1]["complete_row"]]).implode())
    )
    alone = events.select(
        pl.when(~pl.col("ends")).then("row").alias("start_row"), pl.when("ends").then("row").alias("complete_row")
    )
    pairs = pl.concat([pairs, alone])
    return _described(log, pairs, kept).sort("case", "start", pl.col("complete"), "row", nulls_last=True).drop("row")


def _lifecycle(log: EventLog) -> pl.Series:
    return log.events["lifecycle"].cast(pl.String).str.to_lowercase()


def _pairs(events: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """`start_row` and `complete_row` of every completion that finds an open start of the same keys."""
    # At the same moment starts come first, so that an instance without length is one.
    events = events.sort(*keys, "time", "ends", "row")
    ends = events["ends"].to_numpy()
    new = events.select(pl.struct(keys).rle_id())[:, 0].to_numpy() if events.height else np.zeros(0, np.uint32)
    first = np.flatnonzero(np.diff(new, prepend=-1))
    lengths = np.diff(first, append=len(ends))
    started, ended = _running(~ends, first, lengths), _running(ends, first, lengths)
    # Completions that found nothing open: as many as they ever were ahead of the starts.
    ahead = np.maximum(ended - started, 0) + new.astype(np.int64) * (len(ends) + 1)
    without = np.maximum.accumulate(ahead) - new.astype(np.int64) * (len(ends) + 1) if len(ends) else ahead
    before = np.concatenate([[0], without[:-1]])
    before[first] = 0
    matched = ends & (without == before)
    offset = np.repeat(np.cumsum(~ends)[first] - ~ends[first], lengths) if len(ends) else np.zeros(0, np.int64)
    place = (offset + ended - without - 1)[matched]
    rows = events["row"].to_numpy()
    return pl.DataFrame({"start_row": rows[~ends][place], "complete_row": rows[matched]})


def _running(marked: Booleans, first: Integers, lengths: Integers) -> Integers:
    """How many were marked so far in each run."""
    total = np.cumsum(marked, dtype=np.int64)
    if not len(marked):
        return total
    return np.asarray(total - np.repeat(total[first] - marked[first], lengths), dtype=np.int64)


def _described(log: EventLog, pairs: pl.DataFrame, kept: list[str]) -> pl.DataFrame:
    start, complete = pairs["start_row"], pairs["complete_row"]
    either = pairs.select(pl.coalesce("complete_row", "start_row").alias("row"))["row"]
    events = log.events
    known = complete.is_not_null()
    return pl.DataFrame(
        {
            "case": events["case"].gather(either),
            "activity": events["activity"].gather(either),
            # A completion without a start took no time that anybody knows of.
            "start": events["time"].gather(start.zip_with(start.is_not_null(), either)),
            "complete": events["time"].gather(either).zip_with(known, pl.Series([None], dtype=events["time"].dtype)),
            "measured": start.is_not_null() & known,
            **{column: _first_known(events[column], either, start) for column in kept},
            "row": either,
        }
    )


def _first_known(values: pl.Series, row: pl.Series, other: pl.Series) -> pl.Series:
    own, others = values.gather(row), values.gather(other)
    return own.zip_with(own.is_not_null(), others)
