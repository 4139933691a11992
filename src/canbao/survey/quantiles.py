"""Quantiles of a weighted distribution, with intervals that invert those of the distribution function (Woodruff 1952)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.survey.intervals import t_quantile
from canbao.survey.structure import Floats, Mask

if TYPE_CHECKING:
    from canbao.survey.design import By, Design

say = Catalogue("canbao.survey", "faults")


def quantiles(design: Design, column: str, points: Sequence[float], by: By) -> pl.DataFrame:
    """Quantiles by groups; see `Design.quantile`."""
    from canbao.survey.design import numbers

    for point in points:
        if not 0 < point < 1:
            raise InputError(Fault(say("unknown_quantile", value=f"{point:g}")))
    values = numbers(design.column(column))
    groups = design.groups(by)
    rows = []
    for at in range(groups.count):
        member = (groups.code == at) & ~np.isnan(values) & (design.weights > 0)
        rows += [_quantile(design, values, member, point) for point in points]
    schema = {
        "quantile": pl.Float64,
        "n": pl.Int64,
        **dict.fromkeys(("estimate", "se", "low", "high", "df"), pl.Float64),
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row").fill_nan(None)
    frame = frame.with_columns(cv=pl.col("se") / pl.col("estimate").abs(), deff=pl.lit(None, dtype=pl.Float64))
    if len(points) == 1:
        frame = frame.drop("quantile")
    if not groups.labels.width:
        return frame
    labels = groups.labels[np.repeat(np.arange(groups.count), len(points))]
    return pl.concat([labels, frame], how="horizontal")


def _quantile(design: Design, values: Floats, member: Mask, point: float) -> tuple[float | int, ...]:
    """Point, n, estimate, standard error, interval and degrees of freedom of one quantile in one domain."""
    n = int(member.sum())
    if n == 0:
        return point, 0, np.nan, np.nan, np.nan, np.nan, 0.0
    order = np.argsort(values[member], kind="stable")
    ranked, weights = values[member][order], design.weights[member][order]
    estimate = weighted_quantile(ranked, weights, point)
    below = member & (values <= estimate)
    share = float(design.weights[below].sum() / design.weights[member].sum())
    df = design.structure.degrees_of_freedom(member)
    reach = float(t_quantile(df)) * _error_of_share(design, member, below, share)
    if not np.isfinite(reach):
        return point, n, estimate, np.nan, np.nan, np.nan, float(df)
    # Around the share that the estimate reaches, which in small samples lies above the point that was asked for.
    low = weighted_quantile(ranked, weights, share - reach) if share >= reach else np.nan
    high = weighted_quantile(ranked, weights, share + reach) if share + reach <= 1 else np.nan
    se = (high - low) / (2 * float(t_quantile(df)))
    return point, n, estimate, se, low, high, float(df)


def _error_of_share(design: Design, member: Mask, below: Mask, share: float) -> float:
    """The standard error of the distribution function at the quantile."""
    replicated = design.replicated(lambda weights: np.array([_share_of(weights, below, member)]))
    if replicated is not None:
        return float(np.sqrt(replicated[0, 0]))
    influence = np.where(member, below - share, 0.0) / design.weights[member].sum()
    return float(np.sqrt(design.variance_of(influence[:, None])[0, 0]))


def _share_of(weights: Floats, part: Mask, whole: Mask) -> float:
    """A weighted share; unknown where a replicate leaves nobody of the whole."""
    total = float(weights[whole].sum())
    return float(weights[part].sum()) / total if total else np.nan


def weighted_quantile(values: Floats, weights: Floats, point: float) -> float:
    """The smallest value at which the weighted distribution reaches the point.

    Args:
        values: sorted.
        weights: of the values.
        point: from 0 to 1.
    """
    reached = np.cumsum(weights, dtype=np.longdouble).astype(np.float64)
    whole = float(np.sum(weights, dtype=np.longdouble))
    place = int(np.searchsorted(reached, point * whole, side="right"))
    exact = place > 0 and point == reached[place - 1] / whole
    return float(values[min(place - exact, len(values) - 1)])
