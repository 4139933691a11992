"""The directly-follows graph laid out for people: steps from left to right, the main way in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from canbao.procedures.analysis.directly_follows import edges
from canbao.procedures.analysis.sequences import Sequences
from canbao.procedures.event_log import EventLog

STEPS_AT_MOST = 11
"""More steps than this nobody reads from one page; the rarest are left to the tables."""

COLUMNS_AT_MOST = 7

MATTERING = 0.2
"""A way by which fewer than so many of a step's cases come does not say where the step stands."""

SMALLEST_STEP = 0.03
"""Steps of fewer of the cases are left to the tables."""

SMALLEST_PART = 0.02
"""Ways that fewer of the cases take are not drawn, unless a step would hang loose without."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A process map.

    Args:
        steps: `activity`, `cases` in which it occurs, `column` from the left and `lane` (0 in the middle, negative above).
        ways: `activity`, `following`, `cases`, `count`, `mean_days` between steps that are shown.
        left_out: how many activities are not shown.
    """

    steps: pl.DataFrame
    ways: pl.DataFrame
    left_out: int


def process_map(log: EventLog, steps_at_most: int = STEPS_AT_MOST) -> Layout:
    """Lay out the steps that most cases go through, and the ways between them.

    Args:
        log: the log.
        steps_at_most: how many steps are shown.
    """
    every_step = _steps(log)
    shown = every_step.filter(pl.col("cases") >= SMALLEST_STEP * log.cases.height).head(steps_at_most)
    names = shown["activity"].cast(pl.String)
    every = edges(log).with_columns(pl.col("activity", "following").cast(pl.String))
    between = every.filter(pl.col("activity").is_in(names.implode()), pl.col("following").is_in(names.implode()))
    ways = _drawn(between, log.cases.height)
    placed = _lanes(_columns(shown.with_columns(names), ways))
    return Layout(
        placed,
        ways.select("activity", "following", "cases", "count", "mean_days"),
        every_step.height - shown.height,
    )


def _steps(log: EventLog) -> pl.DataFrame:
    """Activities by the number of cases that have them, with where in a case they come as a rule."""
    sequences = Sequences.of(log)
    part = sequences.number / np.maximum(np.repeat(sequences.lengths, sequences.lengths) - 1, 1)
    return (
        log.events.select("case", "activity")
        .with_columns(pl.Series("part", part))
        .group_by("activity")
        .agg(pl.col("case").n_unique().alias("cases"), pl.col("part").mean())
        .sort("cases", "part", "activity", descending=[True, False, False])
    )


def _drawn(ways: pl.DataFrame, cases: int) -> pl.DataFrame:
    """The ways that many take, and of each step at least the one by which most come and by which most go."""
    best = pl.col("cases").rank("ordinal", descending=True)
    return ways.filter(
        (pl.col("activity") != pl.col("following"))
        & ((pl.col("cases") >= SMALLEST_PART * cases) | (best.over("activity") == 1) | (best.over("following") == 1))
    ).sort("cases", "activity", "following", descending=[True, False, False])


def _columns(steps: pl.DataFrame, ways: pl.DataFrame) -> pl.DataFrame:
    """Each step stands to the right of those from which many of its cases come.

    Ways are taken up from the one of most cases on; one that would lead back to where it came from is a return and moves
    nothing (as in layered drawings, Sugiyama and others 1981).
    """
    cases = dict(steps.select("activity", "cases").iter_rows())
    before: dict[str, set[str]] = {name: set() for name in cases}
    for start, end, taken in ways.select("activity", "following", "cases").iter_rows():
        if taken >= MATTERING * cases[end] and not _leads_to(before, end, start):
            before[end].add(start)
    column: dict[str, int] = {}

    def place(name: str) -> int:
        if name not in column:
            column[name] = 1 + max((place(one) for one in before[name]), default=-1)
        return column[name]

    for name in cases:
        place(name)
    deepest = max(column.values(), default=0)
    if deepest >= COLUMNS_AT_MOST:
        column = {name: round(at * (COLUMNS_AT_MOST - 1) / deepest) for name, at in column.items()}
    return steps.with_columns(pl.col("activity").replace_strict(column, return_dtype=pl.Int32).alias("column"))


def _leads_to(before: Mapping[str, set[str]], first: str, last: str) -> bool:
    """Whether a way leads from one step to another by what has been taken up."""
    return first == last or any(_leads_to(before, first, one) for one in before[last])


def _lanes(steps: pl.DataFrame) -> pl.DataFrame:
    """In each column the step of most cases in the middle, the others by turns above and below."""
    ordered = steps.sort("column", "cases", "activity", descending=[False, True, False])
    rank = pl.int_range(pl.len()).over("column")
    lane = pl.when(rank % 2 == 1).then(-(rank + 1) // 2).otherwise(rank // 2)
    return ordered.with_columns(lane.cast(pl.Int32).alias("lane")).select("activity", "cases", "column", "lane")
