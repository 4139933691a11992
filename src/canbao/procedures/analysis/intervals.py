"""Intervals that need no model of how long things take, and their differences; nothing in them is drawn by lot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from canbao.procedures.analysis.sequences import Codes, Floats, Integers, Sorted
from canbao.procedures.analysis.survival import LEVEL

REACH = float(special.ndtri((1 + LEVEL) / 2))


class Estimate(NamedTuple):
    """A value with its 95 % interval; None where it is not known."""

    value: float | None
    low: float | None
    high: float | None


UNKNOWN = Estimate(None, None, None)


def share(successes: int, cases: int) -> Estimate:
    """A share with Wilson's interval (1927).

    Args:
        successes: cases that have it.
        cases: of how many.
    """
    if cases == 0:
        return UNKNOWN
    p, low, high = (float(value) for value in wilson(np.float64(successes), cases))
    return Estimate(p, low, high)


def wilson(successes: Floats | np.float64, cases: int) -> tuple[Floats, Floats, Floats]:
    """Many shares of the same cases, with the lower and upper ends of their intervals."""
    p, z2 = np.asarray(successes / cases), REACH**2
    centre = (p + z2 / (2 * cases)) / (1 + z2 / cases)
    reach = REACH * np.sqrt(p * (1 - p) / cases + z2 / (4 * cases**2)) / (1 + z2 / cases)
    # At 0 and 1 the interval ends there, but for rounding.
    low, high = np.where(p == 0, 0.0, centre - reach), np.where(p == 1, 1.0, centre + reach)
    return p, np.asarray(low), np.asarray(high)


def quantile(values: Floats, probability: float = 0.5) -> Estimate:
    """A quantile (linear interpolation) with the interval of order statistics that the binomial distribution gives.

    Args:
        values: in ascending order, one a case.
        probability: of the quantile.
    """
    n = len(values)
    if n == 0:
        return UNKNOWN
    below = special.bdtr(np.arange(n + 1), n, probability)
    # From 0: the last order statistic that lies above the quantile, and the first that lies below it, too rarely to matter.
    first = int(np.searchsorted(below, (1 - LEVEL) / 2, side="right")) - 1
    last = int(np.searchsorted(below, (1 + LEVEL) / 2, side="left"))
    return Estimate(
        float(np.quantile(values, probability)),
        float(values[first]) if first >= 0 else None,
        float(values[last]) if last < n else None,
    )


def mean(values: Floats) -> Estimate:
    """A mean with the interval of the normal distribution, one value a case."""
    if len(values) == 0:
        return UNKNOWN
    middle = float(values.mean())
    if len(values) == 1:
        return Estimate(middle, None, None)
    reach = REACH * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Estimate(middle, middle - reach, middle + reach)


def difference(before: Estimate, after: Estimate) -> Estimate:
    """After less before, with the interval that both intervals imply (MOVER: Newcombe 1998; Zou and Donner 2008)."""
    if before.value is None or after.value is None:
        return UNKNOWN
    change = after.value - before.value
    if None in before or None in after:
        return Estimate(change, None, None)
    assert before.low is not None and before.high is not None and after.low is not None and after.high is not None
    low = change - math.hypot(after.value - after.low, before.high - before.value)
    high = change + math.hypot(after.high - after.value, before.value - before.low)
    return Estimate(change, low, high)


def clustered_medians(lengths: Sorted, group: Codes, values: Integers, case: Codes) -> tuple[Floats, Floats, Floats]:
    """Medians of groups whose values come from cases that may have several, with Woodruff's intervals (1952).

    The share of values that lie below the median varies by case; its standard error is carried over to the values.

    Args:
        lengths: the values sorted by group.
        group: each value's group.
        values: not sorted.
        case: each value's case; values of a case stand together, in order of cases.

    Returns:
        The medians, and their intervals' lower and upper ends; NaN where fewer than six cases tell of them.
    """
    groups = len(lengths.count)
    median = lengths.quantile(0.5)
    deviation = np.sign(values - median[group]) / 2
    # One number for case and group; the sums of deviations within each.
    key = case.astype(np.int64) * groups + group
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1)) if len(key) else np.zeros(0, np.int64)
    sums = np.add.reduceat(deviation[order], first) if len(key) else np.zeros(0)
    owner = group[order][first].astype(np.int64)
    cases = np.bincount(owner, minlength=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = cases / (cases - 1)
        se = np.sqrt(np.bincount(owner, weights=sums**2, minlength=groups) * correction) / lengths.count
    enough = cases >= 6
    reach = np.where(enough, REACH * se, 0.0)
    low = _quantiles(lengths, np.clip(0.5 - reach, 0, 1))
    high = _quantiles(lengths, np.clip(0.5 + reach, 0, 1))
    return median, np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def _quantiles(lengths: Sorted, probability: Floats) -> Floats:
    """A quantile of each group, each with its own probability."""
    place = (lengths.count - 1) * probability
    below = np.floor(place).astype(np.int64)
    low = lengths.values[lengths.start + below].astype(float)
    high = lengths.values[lengths.start + np.minimum(below + 1, lengths.count - 1)].astype(float)
    return np.asarray(low + (place - below) * (high - low))


def holm(p: Sequence[float]) -> list[float]:
    """P values of several tests at once, corrected by Holm (1979); NaN stays and does not count as a test."""
    known = sorted((value, at) for at, value in enumerate(p) if not math.isnan(value))
    corrected = [math.nan] * len(p)
    largest = 0.0
    for rank, (value, at) in enumerate(known):
        largest = max(largest, min(1.0, value * (len(known) - rank)))
        corrected[at] = largest
    return corrected


def kruskal_wallis(values: Floats, group: Codes) -> tuple[float, int, float]:
    """Whether some groups have longer values than others (Kruskal and Wallis 1952), corrected for ties.

    Args:
        values: one a case.
        group: its group, from 0; each has members.

    Returns:
        The statistic, its degrees of freedom and the p value; NaN where nothing can be told.
    """
    n, groups = len(values), int(group.max(initial=0)) + 1
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    spread = 1 - float((ties.astype(float) ** 3 - ties).sum()) / (n**3 - n) if n > 1 else 0.0
    if groups < 2 or spread <= 0:
        return math.nan, max(groups - 1, 0), math.nan
    count = np.bincount(group, minlength=groups)
    sums = np.bincount(group, weights=ranks, minlength=groups)
    statistic = (12 / (n * (n + 1)) * float((sums**2 / count).sum()) - 3 * (n + 1)) / spread
    return statistic, groups - 1, float(special.chdtrc(groups - 1, statistic))


def chi_square(successes: Integers, cases: Integers) -> tuple[float, int, float]:
    """Whether some groups have larger shares than others (Pearson 1900, without a correction for continuity).

    Args:
        successes: of each group.
        cases: of each group, at least one.

    Returns:
        The statistic, its degrees of freedom and the p value; NaN where nothing can be told.
    """
    df = len(cases) - 1
    together = successes.sum() / cases.sum() if len(cases) else 0.0
    if df < 1 or together in (0.0, 1.0):
        return math.nan, max(df, 0), math.nan
    statistic = float(((successes - cases * together) ** 2 / (cases * together * (1 - together))).sum())
    return statistic, df, float(special.chdtrc(df, statistic))
