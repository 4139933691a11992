"""What of the list of workers may be published: counts, protected as a report's tables are.

Cells under thirty workers are hidden, and others with them where a hidden one could be worked out by subtraction, over all
tables together (`canbao.survey.disclosure`). A worker on several platforms is counted at the one where most was earned, so
that the parts add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from canbao.exchange.coverage.uncovered import GAPS
from canbao.survey.disclosure import SMALLEST_BASE, Domain, suppressed

EVERY_GAP = (*GAPS, "covered")
DIMENSIONS = ("platform_key", "province", "band", "account")
"""By what workers are counted."""


@dataclass(frozen=True)
class ProtectedTable:
    """Counts that may be published.

    Args:
        dimension: by what workers are counted.
        frame: one row a group, `all` at the end: the group, a column for each gap, `covered`, and `workers`; null where
            a count is hidden or zero people are there.
        hidden: how many cells are hidden.
    """

    dimension: str
    frame: pl.DataFrame
    hidden: int


def protected_tables(listed: pl.DataFrame, smallest: int = SMALLEST_BASE) -> list[ProtectedTable]:
    """Counts by gap and platform, province, band of income, and account.

    Args:
        listed: as `uncovered` gives it.
        smallest: groups of fewer are hidden.
    """
    counted = listed.with_columns(pl.col("platform_key").cast(pl.String), pl.col("place").str.slice(0, 2).alias("province"))
    known = [name for name in DIMENSIONS if counted[name].null_count() < counted.height]
    bases = _bases(counted, known)
    hidden = suppressed(bases, smallest)
    return [_table(name, counted[name].drop_nulls().unique().sort().to_list(), bases, hidden) for name in known]


def _bases(counted: pl.DataFrame, dimensions: Sequence[str]) -> Mapping[Domain, int]:
    bases: dict[Domain, int] = {frozenset(): counted.height}
    for gap, count in counted.group_by("gap").len().rows():
        bases[_domain(gap=gap)] = count
    for name in dimensions:
        known = counted.filter(pl.col(name).is_not_null())
        for group, count in known.group_by(name).len().rows():
            bases[_domain(**{name: group})] = count
        for group, gap, count in known.group_by(name, "gap").len().rows():
            bases[_domain(**{name: group, "gap": gap})] = count
    return bases


def _table(dimension: str, groups: Sequence[str], bases: Mapping[Domain, int], hidden: frozenset[Domain]) -> ProtectedTable:
    rows, count = [], 0
    for group in (*groups, None):
        own = {} if group is None else {dimension: group}
        row: dict[str, object] = {dimension: "all" if group is None else group}
        for gap in (*EVERY_GAP, None):
            domain = _domain(**own, **({} if gap is None else {"gap": gap}))
            count += domain in hidden
            row["workers" if gap is None else gap] = None if domain in hidden else bases.get(domain, 0)
        rows.append(row)
    schema = {dimension: pl.String, **dict.fromkeys((*EVERY_GAP, "workers"), pl.Int64)}
    return ProtectedTable(dimension, pl.DataFrame(rows, schema=schema), count)


def _domain(**conditions: str) -> Domain:
    return frozenset(conditions.items())
