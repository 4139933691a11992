"""Which activity directly follows which, how often, and after how long.

Every event of the log counts, as in PM4Py; of a log that records starts and completions, give `instances.completed(log)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from canbao.procedures.analysis.sequences import DAY, Codes, Integers, Sequences, Sorted, distinct_cases, named, numbered
from canbao.procedures.event_log import EventLog


@dataclass(frozen=True, slots=True)
class DirectlyFollows:
    """The directly-follows graph.

    Args:
        edges: see `edges`.
        starts: see `starts`.
        ends: see `ends`.
    """

    edges: pl.DataFrame
    starts: pl.DataFrame
    ends: pl.DataFrame


def directly_follows(log: EventLog) -> DirectlyFollows:
    """The directly-follows graph of a log."""
    return DirectlyFollows(edges(log), starts(log), ends(log))


def edges(log: EventLog) -> pl.DataFrame:
    """Every pair of activities of which one directly follows the other in some case.

    Returns:
        `activity`, `following`; `count` of times; `cases` in which it occurs; `median_days`, `mean_days`, `p90_days`
        (linear interpolation) and `total_days` from one to the other, in days of 86,400 s; `share_of_delay`, of the time
        that all cases take together (null where that is nought). Most frequent first.
    """
    found = edge_lengths(log)
    many, occurring, lengths = len(log.activities), found.occurring, found.lengths
    cases = distinct_cases(found.edge, found.case, len(occurring))
    total = lengths.total() / DAY
    whole = total.sum()
    return pl.DataFrame(
        {
            "activity": named(log, occurring // many),
            "following": named(log, occurring % many),
            "count": pl.Series(lengths.count, dtype=pl.UInt32),
            "cases": pl.Series(cases, dtype=pl.UInt32),
            "median_days": lengths.quantile(0.5) / DAY,
            "mean_days": total / lengths.count,
            "p90_days": lengths.quantile(0.9) / DAY,
            "total_days": total,
            "share_of_delay": pl.Series(total / whole if whole else [None] * len(total), dtype=pl.Float64),
        }
    ).sort("count", "activity", "following", descending=[True, False, False])


@dataclass(frozen=True, slots=True)
class EdgeLengths:
    """Every time that one event follows another.

    Args:
        edge: its place among those that occur.
        occurring: of each edge, the first activity's code times the number of activities, plus the second's.
        case: in which it occurs; in the log's order.
        waits: microseconds from one event to the other.
        lengths: the same, sorted by edge.
    """

    edge: Codes
    occurring: Integers
    case: Codes
    waits: Integers
    lengths: Sorted


def edge_lengths(log: EventLog) -> EdgeLengths:
    """Every time that one event of a log follows another."""
    sequences = Sequences.of(log)
    followed = sequences.followed
    here, next_one = sequences.activity[:-1][followed], sequences.activity[1:][followed]
    many = len(log.activities)
    edge, occurring = numbered(here.astype(np.int64) * many + next_one, many * many)
    waits = (sequences.time[1:] - sequences.time[:-1])[followed]
    return EdgeLengths(edge, occurring, sequences.case[:-1][followed], waits, Sorted.of(edge, waits, len(occurring)))


def starts(log: EventLog) -> pl.DataFrame:
    """The activities with which cases begin: `activity`, `count`, `share`; most frequent first."""
    return _counted(log, Sequences.of(log).first)


def ends(log: EventLog) -> pl.DataFrame:
    """The activities that are cases' last: `activity`, `count`, `share`; most frequent first."""
    return _counted(log, Sequences.of(log).last)


def _counted(log: EventLog, rows: Integers) -> pl.DataFrame:
    counted = log.events["activity"].gather(rows).to_frame().group_by("activity").len("count")
    return counted.with_columns(share=pl.col("count") / pl.col("count").sum()).sort(
        "count", "activity", descending=[True, False]
    )
