"""An estimated model beside the log that it came from: days, ways and counts as seen and as simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from canbao.procedures.analysis import case_durations, completed, edges
from canbao.procedures.event_log import EventLog
from canbao.procedures.simulation.compilation import CompiledModel
from canbao.procedures.simulation.hours import DAY
from canbao.procedures.simulation.process_model import ProcessModel
from canbao.procedures.simulation.run import run

Array = np.ndarray[Any, np.dtype[Any]]

REPLICATIONS = 5


@dataclass(frozen=True)
class Validation:
    """How well a model repeats its log.

    Args:
        figures: `figure`, `observed`, `simulated`: cases a day, events a case, mean, median and 90th percentile of days.
        edges: `activity`, `following`; `observed` and `simulated` times in a hundred cases; `observed_days` and
            `simulated_days`, means. Those on which most time passes first.
        distance_days: by how many days a case's time must be moved on average to make one distribution the other
            (Wasserstein).
        distance_share: the same as a share of the observed mean.
        largest_gap: the largest difference of the two distribution functions (Kolmogorov and Smirnov).
    """

    figures: pl.DataFrame
    edges: pl.DataFrame
    distance_days: float
    distance_share: float
    largest_gap: float


def validate(log: EventLog, model: ProcessModel, seed: int = 1) -> Validation:
    """Compare a log with what its model makes of the same span of time, drawn at the same moment.

    Args:
        log: the log.
        model: estimated from it.
        seed: of the runs.
    """
    until = _seconds_open(log, model)
    last_arrival = log.events.group_by("case").agg(pl.col("time").min())["time"].max()
    days = max(1, int((last_arrival.astimezone(log.zone).date() - model.opens).days) + 1)  # type: ignore[union-attr]
    compiled = CompiledModel(model, days)
    made = [run(compiled, days, seed, 1_000_000 + one).log("simulated", until) for one in range(REPLICATIONS)]
    observed = np.sort(case_durations(log)["days"].to_numpy())
    simulated = np.sort(np.concatenate([case_durations(one)["days"].to_numpy() for one in made]))
    return Validation(
        _figures(log, made, observed, simulated, days),
        _edges(log, made),
        distance := wasserstein(observed, simulated),
        distance / float(observed.mean()) if observed.mean() > 0 else 0.0,
        largest_gap(observed, simulated),
    )


def _seconds_open(log: EventLog, model: ProcessModel) -> float:
    closed = log.closed.astimezone(log.zone)
    return (closed.date() - model.opens).days * DAY + closed.hour * 3600 + closed.minute * 60 + closed.second


def wasserstein(first: Array, second: Array) -> float:
    """The area between two distribution functions.

    Args:
        first: values in order.
        second: values in order.
    """
    both = np.sort(np.concatenate([first, second]))
    below = [np.searchsorted(one, both[:-1], side="right") / len(one) for one in (first, second)]
    return float(np.sum(np.abs(below[0] - below[1]) * np.diff(both)))


def largest_gap(first: Array, second: Array) -> float:
    """The largest difference between two distribution functions.

    Args:
        first: values in order.
        second: values in order.
    """
    both = np.concatenate([first, second])
    below = [np.searchsorted(one, both, side="right") / len(one) for one in (first, second)]
    return float(np.abs(below[0] - below[1]).max())


def _figures(log: EventLog, made: list[EventLog], observed: Array, simulated: Array, days: int) -> pl.DataFrame:
    def both(figure: str, seen: float, run_: float) -> tuple[str, float, float]:
        return figure, seen, run_

    cases = [float(np.mean([len(case_durations(one)) for one in made])), float(len(observed))]
    steps = [completed(one).events.height for one in made]
    rows = [
        both("cases_a_day", cases[1] / days, cases[0] / days),
        both("events_a_case", completed(log).events.height / len(observed), float(np.sum(steps)) / len(simulated)),
        both("mean_days", float(observed.mean()), float(simulated.mean())),
        both("median_days", float(np.median(observed)), float(np.median(simulated))),
        both("p90_days", float(np.quantile(observed, 0.9)), float(np.quantile(simulated, 0.9))),
    ]
    return pl.DataFrame(rows, schema={"figure": pl.String, "observed": pl.Float64, "simulated": pl.Float64}, orient="row")


def _edges(log: EventLog, made: list[EventLog]) -> pl.DataFrame:
    seen = _edge_side([log])
    run_ = _edge_side(made)
    return (
        seen.join(run_, on=["activity", "following"], how="full", coalesce=True, suffix="_simulated")
        .with_columns(pl.col("times", "times_simulated").fill_null(0.0))
        .sort(pl.col("total").fill_null(0.0), "activity", "following", descending=[True, False, False])
        .select(
            "activity", "following",
            observed="times", simulated="times_simulated", observed_days="days", simulated_days="days_simulated",
        )
    )  # fmt: skip


def _edge_side(logs: list[EventLog]) -> pl.DataFrame:
    """Of every way: how often in a hundred cases, and its mean days."""
    cases = sum(one.cases.height for one in logs)
    found = [
        edges(completed(one)).select(pl.col("activity", "following").cast(pl.String), "count", "total_days") for one in logs
    ]
    return (
        pl.concat(found)
        .group_by("activity", "following")
        .agg(pl.col("count").sum(), total=pl.col("total_days").sum())
        .select(
            "activity", "following", "total", times=100 * pl.col("count") / cases, days=pl.col("total") / pl.col("count")
        )
    )
