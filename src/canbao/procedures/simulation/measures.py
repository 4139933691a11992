"""What is measured of a run: days, endings, time limits, hours of staff, visits and papers, in all and by groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from canbao.procedures.analysis import Endings, completed, outcomes
from canbao.procedures.analysis.sequences import DAY as DAY_US
from canbao.procedures.clocks import Limits
from canbao.procedures.event_log import EventLog
from canbao.procedures.simulation.hours import DAY
from canbao.procedures.simulation.run import Run, worked

Array = np.ndarray[Any, np.dtype[Any]]

DAYS = ("mean_days", "median_days", "p90_days")
WAYS = ("completed", "refused", "abandoned")
FIGURES = (*DAYS, *(f"{way}_share" for way in WAYS), "staff_hours", "visits", "documents", "late_share", "late_cases")
"""Days are of cases that were completed, of all where nobody says how cases end; `staff_hours`, `visits` and `documents`
are a case; `late_share` is of the runs of a clock, `late_cases` its late runs in a thousand cases."""

Key = tuple[str, str, str, str]
"""Column and value of a group (empty for all cases), figure, clock (empty where it is of none)."""


@dataclass(frozen=True)
class Window:
    """The cases that are measured: those that arrive when the procedure has run in, and before arrivals cease.

    Args:
        start: seconds.
        stop: seconds.
    """

    start: float
    stop: float


@dataclass(frozen=True)
class Measured:
    """What one run came to.

    Args:
        figures: by group, figure and clock.
        days: of each case that counts, in order.
        busy: working hours of each pool within the window.
        open_hours: hours of each pool's desks within the window, all staff together.
        cases: measured.
    """

    figures: dict[Key, float]
    days: Array
    busy: Array
    open_hours: Array
    cases: int


def measured(run: Run, limits: Limits, window: Window, by: Sequence[str] = (), log: EventLog | None = None) -> Measured:
    """Measure a run.

    Args:
        run: of a model, to its end.
        limits: the clocks and what ends a case.
        window: which cases count.
        by: attributes by which figures are shown.
        log: the run's, if it has been made.
    """
    log = run.log("run") if log is None else log
    number = log.cases["case_id"].cast(pl.Int64).to_numpy() - 1
    arrival = run.cases.arrival[number]
    counts = (arrival >= window.start) & (arrival < window.stop)
    table = _case_table(run, log, limits, number)
    late = limits.evaluate(log)
    runs = late.select("case", clock=pl.col("clock").cast(pl.String), late=pl.col("state").is_in(["late", "open_late"]))
    groups: list[tuple[str, str, Array]] = [("", "", counts)]
    for column in by:
        values = log.cases[column].cast(pl.String).fill_null("").to_numpy()
        groups += [(column, value, counts & (values == value)) for value in sorted(set(values))]
    clocks = [clock.name for clock in limits.clocks]
    figures: dict[Key, float] = {}
    for column, value, kept in groups:
        for figure, number_found in _figures(table, kept).items():
            figures[column, value, figure, ""] = number_found
        rows = kept[runs["case"].to_numpy()] if runs.height else np.zeros(0, bool)
        names, is_late = runs["clock"].to_numpy()[rows], runs["late"].to_numpy()[rows]
        for clock in clocks:
            of_clock = names == clock
            if of_clock.any():
                figures[column, value, "late_share", clock] = float(is_late[of_clock].mean())
                figures[column, value, "late_cases", clock] = 1_000 * float(is_late[of_clock].sum()) / kept.sum()
    days = table["days"][counts & table["counted"]]
    busy, open_hours = _pool_hours(run, window)
    return Measured(figures, np.sort(days), busy, open_hours, int(counts.sum()))


def _case_table(run: Run, log: EventLog, limits: Limits, number: Array) -> dict[str, Array]:
    """Of each case in the log: its days, how it ended, and what it cost."""
    named = limits.endings
    endings = Endings(named["completed"], named["refused"], named["abandoned"])
    ended = outcomes(completed(log), endings.within(log))
    outcome = ended["outcome"].cast(pl.String).to_numpy()
    moments = log.events.group_by("case").agg(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"))
    moments = moments.sort("case")
    days = (moments["last"] - moments["first"]).dt.total_microseconds().to_numpy() / DAY_US
    known = endings.within(log).knows("completed")
    found: dict[str, Array] = {
        "days": days,
        "counted": outcome == "completed" if known else np.ones(len(days), bool),
    }
    for way in WAYS:
        if endings.within(log).knows(way):
            found[f"{way}_share"] = (outcome == way).astype(float)
    if run.compiled.pools:
        hours = np.bincount(run.case, run.service_seconds(), minlength=len(run.cases.arrival)) / 3600
        found["staff_hours"] = hours[number]
    for name in ("visits", "documents"):
        if name in log.events.columns:
            values = log.events[name].fill_null(0).to_numpy()
            found[name] = np.bincount(log.events["case"].to_numpy(), values, minlength=log.cases.height)
    return found


def _figures(table: dict[str, Array], kept: Array) -> dict[str, float]:
    found: dict[str, float] = {}
    days = table["days"][kept & table["counted"]]
    if len(days):
        found["mean_days"] = float(days.mean())
        found["median_days"], found["p90_days"] = (float(one) for one in np.quantile(days, [0.5, 0.9]))
    for name, values in table.items():
        if name not in ("days", "counted") and kept.any():
            found[name] = float(values[kept].mean())
    return found


def _pool_hours(run: Run, window: Window) -> tuple[Array, Array]:
    """Hours that each pool worked within the window, and could have."""
    tables, pools = run.compiled.tables, run.pools()
    busy, desks = np.zeros(len(run.compiled.pools)), np.zeros(len(run.compiled.pools))
    for pool in range(len(busy)):
        clock = tables.pool_clock[pool]
        low, high = tables.clock_first[clock], tables.clock_first[clock + 1]
        stretches = tuple(one[low:high] for one in (tables.clock_begins, tables.clock_ends, tables.clock_before))
        rows = (pools == pool) & (run.server >= 0)
        starts = np.clip(run.started[rows], window.start, window.stop)
        ends = np.clip(run.completed[rows], window.start, window.stop)
        busy[pool] = float((worked(ends, *stretches) - worked(starts, *stretches)).sum()) / 3600
        whole = worked(np.array([window.stop]), *stretches) - worked(np.array([window.start]), *stretches)
        desks[pool] = float(whole[0]) / 3600 * tables.staff[pool]
    return busy, desks


def window_of(warm_up: int, days: int) -> Window:
    """The window that begins after so many days and lasts for so many."""
    return Window(warm_up * DAY, (warm_up + days) * DAY)
