"""Survival methods that keep what is still open: Kaplan–Meier, Aalen–Johansen, the log-rank test.

Whatever is open when the log closes is censored then: it is known to have lasted so long, not how it will end. To leave it
out would understate delay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from canbao.procedures.analysis.sequences import Booleans, Codes, Floats

LEVEL = 0.95
_REACH = float(special.ndtri((1 + LEVEL) / 2))


@dataclass(frozen=True, slots=True)
class _Counts:
    """At each time at which something ended or was censored: how many were at risk, and how many ended in which way."""

    time: Floats
    at_risk: Floats
    ended: npt.NDArray[np.float64]
    censored: Floats

    @classmethod
    def of(cls, days: Floats, way: Codes, ways: int) -> _Counts:
        """`way` is 0 for what was censored and k for the k-th way to end."""
        time, place = np.unique(days, return_inverse=True)
        table = np.bincount(place * (ways + 1) + way, minlength=len(time) * (ways + 1)).reshape(len(time), ways + 1)
        gone = table.sum(axis=1)
        at_risk = len(days) - np.concatenate([[0], np.cumsum(gone)[:-1]])
        return cls(time, at_risk.astype(float), table[:, 1:].astype(float), table[:, 0].astype(float))


def kaplan_meier(days: Floats | pl.Series, ended: Booleans | pl.Series) -> pl.DataFrame:
    """The share still open after so many days (Kaplan and Meier 1958), with 95 % intervals.

    Greenwood's variance on the scale log(−log S), as R's survival does with conf.type = "log-log".

    Args:
        days: how long each lasted, to its end or to when it was last seen.
        ended: whether it ended then.

    Returns:
        `days`, a row each time at which something ended or was last seen; `at_risk` just before; `ended`; `censored`;
        `share_open` after it; `low` and `high` (null where all or none are open).
    """
    counts = _Counts.of(_floats(days), _codes(ended), 1)
    ended_then = counts.ended[:, 0]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share: Floats = np.asarray(np.cumprod(1 - ended_then / counts.at_risk), dtype=np.float64)
        variance: Floats = np.cumsum(ended_then / (counts.at_risk * (counts.at_risk - ended_then)))
    low, high = _log_log(share, np.asarray(np.sqrt(variance), dtype=float))
    return pl.DataFrame(
        {
            "days": counts.time,
            "at_risk": pl.Series(counts.at_risk, dtype=pl.UInt32),
            "ended": pl.Series(ended_then, dtype=pl.UInt32),
            "censored": pl.Series(counts.censored, dtype=pl.UInt32),
            "share_open": share,
            "low": low,
            "high": high,
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))


def median_days(curve: pl.DataFrame) -> tuple[float | None, float | None, float | None]:
    """The time after which half have ended, and its 95 % interval (Brookmeyer and Crowley 1982).

    Args:
        curve: of `kaplan_meier`.

    Returns:
        The median and its interval's ends; None for what is not reached.
    """
    days = curve["days"].to_numpy()

    def first(column: str) -> float | None:
        below = np.flatnonzero(curve[column].fill_null(1.0 if column != "high" else 0.0).to_numpy() <= 0.5 + 1e-12)
        # The upper bound is unknown before anything has ended and after all have.
        if column != "share_open":
            known = curve[column].is_not_null().to_numpy()
            below = below[known[below]]
        return float(days[below[0]]) if len(below) else None

    return first("share_open"), first("low"), first("high")


def cumulative_incidence(days: Floats | pl.Series, way: Codes | pl.Series, ways: Sequence[str]) -> pl.DataFrame:
    """The share that has ended in each way after so many days (Aalen and Johansen 1978), with 95 % intervals.

    The variance is Aalen's, as Marubini and Valsecchi (1995, 10.5) give it; intervals on the scale log(−log).

    Args:
        days: how long each lasted, to its end or to when it was last seen.
        way: 0 for what had not ended then, else the number of the way, from 1.
        ways: their names.

    Returns:
        `days`; `way`; `share`; `se`; `low` and `high` (null where the share is 0). By way, then day; only days at which
        something ended.
    """
    counts = _Counts.of(_floats(days), _codes(way), len(ways))
    all_ended = counts.ended.sum(axis=1)
    keep = all_ended > 0
    at_risk, ended, ended_all, time = counts.at_risk[keep], counts.ended[keep], all_ended[keep], counts.time[keep]
    if not len(time):
        numbers = dict.fromkeys(("share", "se", "low", "high"), pl.Float64())
        schema: dict[str, pl.DataType] = {"days": pl.Float64(), "way": pl.Enum(list(ways)), **numbers}
        return pl.DataFrame(schema=schema)
    open_after = np.cumprod(1 - ended_all / at_risk)
    open_before = np.concatenate([[1.0], open_after[:-1]])
    frames = []
    for at, name in enumerate(ways):
        here = ended[:, at]
        share = np.cumsum(open_before * here / at_risk)
        se = np.sqrt(np.maximum(_incidence_variance(share, open_before, at_risk, here, ended_all), 0.0))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            scaled = np.where((share > 0) & (share < 1), se / (share * np.abs(np.log(share))), np.nan)
            low = share ** np.exp(_REACH * scaled)
            high = share ** np.exp(-_REACH * scaled)
        frames.append(
            pl.DataFrame(
                {"days": time, "way": pl.Series([name] * len(time), dtype=pl.Enum(list(ways))), "share": share, "se": se,
                 "low": low, "high": high}
            )
        )  # fmt: skip
    return pl.concat(frames).with_columns(pl.col("low", "high").fill_nan(None))


def _incidence_variance(share: Floats, open_before: Floats, at_risk: Floats, here: Floats, ended: Floats) -> Floats:
    """Aalen's variance at every time; sums over earlier times are taken apart, so that one pass does."""
    remaining = at_risk - ended
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        first = np.where(remaining > 0, ended / (at_risk * remaining), 0.0)
    second = open_before**2 * here * (at_risk - here) / at_risk**3
    third = open_before * here / at_risk**2
    # Σ (F(t)−F(s))² a(s) + Σ b(s) − 2 Σ (F(t)−F(s)) c(s)
    a, af, aff = np.cumsum(first), np.cumsum(first * share), np.cumsum(first * share**2)
    return np.asarray(
        share**2 * a - 2 * share * af + aff + np.cumsum(second) - 2 * (share * np.cumsum(third) - np.cumsum(third * share))
    )


def log_rank(days: Floats | pl.Series, ended: Booleans | pl.Series, group: Codes | pl.Series) -> tuple[float, int, float]:
    """Whether groups end at the same pace (Mantel 1966).

    Args:
        days: how long each lasted, to its end or to when it was last seen.
        ended: whether it ended then.
        group: its group, from 0; each has members.

    Returns:
        The chi-square statistic, its degrees of freedom and the p value; NaN where nothing can be told.
    """
    duration, codes = _floats(days), _codes(group)
    done = np.asarray(ended).astype(bool)
    groups = int(codes.max(initial=0)) + 1
    time, place = np.unique(duration, return_inverse=True)
    size = len(time) * groups
    gone = np.bincount(place * groups + codes, minlength=size).reshape(len(time), groups)
    deaths = np.bincount((place * groups + codes)[done], minlength=size).reshape(len(time), groups)
    at_risk = np.cumsum(gone[::-1], axis=0)[::-1].astype(float)
    every, died = at_risk.sum(axis=1), deaths.sum(axis=1).astype(float)
    part = at_risk / every[:, None]
    difference = (deaths - died[:, None] * part).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = np.where(every > 1, died * (every - died) / (every - 1), 0.0)
    covariance = np.diag((spread[:, None] * part).sum(axis=0)) - (part * spread[:, None]).T @ part
    rank = groups - 1
    if rank < 1 or not died.any():
        return float("nan"), max(rank, 0), float("nan")
    statistic = float(difference[:-1] @ np.linalg.pinv(covariance[:-1, :-1]) @ difference[:-1])
    return statistic, rank, float(special.chdtrc(rank, statistic))


def _log_log(share: Floats, greenwood: Floats) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        inside = (share > 0) & (share < 1)
        scaled = np.where(inside, greenwood / np.abs(np.log(share)), np.nan)
        return np.asarray(share ** np.exp(_REACH * scaled)), np.asarray(share ** np.exp(-_REACH * scaled))


def _floats(values: Floats | pl.Series) -> Floats:
    return np.asarray(values, dtype=float)


def _codes(values: Codes | Booleans | pl.Series) -> npt.NDArray[np.int64]:
    return np.asarray(values).astype(np.int64)
