"""How long cases take: throughput time, from a case's first event to its last (bupaR's term)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from canbao.procedures.analysis.sequences import DAY, Sequences
from canbao.procedures.analysis.variants import count_variants
from canbao.procedures.event_log import EventLog


@dataclass(frozen=True, slots=True)
class Summary:
    """A log in a few figures.

    Args:
        cases: that have events.
        events: of all cases.
        activities: that occur.
        variants: different sequences of activities.
        median_days: throughput time of the case in the middle, in days of 86,400 s.
        mean_days: the mean.
        p90_days: what nine cases in ten do not exceed, by linear interpolation.
    """

    cases: int
    events: int
    activities: int
    variants: int
    median_days: float
    mean_days: float
    p90_days: float


def case_durations(log: EventLog) -> pl.DataFrame:
    """Every case with its throughput time.

    Returns:
        `case`, `start`, `end`, `events`, `days`; in the order of cases, without those that have no events.
    """
    sequences = Sequences.of(log)
    time = log.events["time"]
    return pl.DataFrame(
        {
            "case": log.events["case"].gather(sequences.first),
            "start": time.gather(sequences.first),
            "end": time.gather(sequences.last),
            "events": pl.Series(sequences.lengths, dtype=pl.UInt32),
            "days": (sequences.time[sequences.last] - sequences.time[sequences.first]) / DAY,
        }
    )


def summary(log: EventLog) -> Summary:
    """The log in a few figures."""
    days = case_durations(log)["days"].to_numpy()
    median, p90 = np.quantile(days, [0.5, 0.9])
    return Summary(
        cases=len(days),
        events=log.events.height,
        activities=log.events["activity"].n_unique(),
        variants=count_variants(log),
        median_days=float(median),
        mean_days=float(days.mean()),
        p90_days=float(p90),
    )
