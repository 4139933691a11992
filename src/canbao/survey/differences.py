"""Differences between groups, with t tests that respect the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, did_you_mean
from canbao.languages import Catalogue
from canbao.survey.intervals import t_quantile, t_tail
from canbao.survey.structure import Floats, Mask

if TYPE_CHECKING:
    from canbao.survey.design import Design

say = Catalogue("canbao.survey", "faults")


def differences(
    design: Design, column: str, by: str, reference: str | None = None, category: str | None = None
) -> pl.DataFrame:
    """Differences of means or shares between groups; see `Design.difference`.

    The degrees of freedom are those of the two groups together, less one, as for the coefficient of a model on the
    groups' indicator.

    Raises:
        InputError: an unknown column, reference or category.
    """
    values = values_of(design, column, category)
    groups = design.groups(by)
    names = [str(name) for name in groups.labels[by]]
    first = names[0] if reference is None else reference
    if first not in names:
        raise InputError(Fault(say("no_such_group", column=by, category=first), remedy=did_you_mean(first, names)))
    members = {name: (groups.code == at) & ~np.isnan(values) for at, name in enumerate(names)}
    rows = [_compared(design, values, name, members[name], members[first]) for name in names if name != first]
    schema = {by: pl.String, "n": pl.Int64, **dict.fromkeys(("estimate", "se", "low", "high", "df", "p"), pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row").fill_nan(None)


def values_of(design: Design, column: str, category: str | None) -> Floats:
    """A number's values, or 1 for a category and 0 for the others; NaN where blank.

    Raises:
        InputError: an unknown column or category, or several categories and none named.
    """
    from canbao.survey.design import category_names, numbers

    series = design.column(column)
    if category is None:
        return numbers(series)
    names = category_names(series)
    if category not in names:
        raise InputError(
            Fault(say("no_such_group", column=column, category=category), remedy=did_you_mean(category, names))
        )
    marked: Floats = (series.cast(pl.String) == category).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return marked


def _compared(design: Design, values: Floats, name: str, group: Mask, reference: Mask) -> tuple[object, ...]:
    n = int(group.sum() + reference.sum())
    df = design.structure.degrees_of_freedom(group | reference) - 1 if n else 0
    if not group.any() or not reference.any():
        return name, n, np.nan, np.nan, np.nan, np.nan, float(df), np.nan
    held = np.nan_to_num(values)

    def difference(weights: Floats) -> Floats:
        return np.array([_mean(held, weights, group) - _mean(held, weights, reference)])

    estimate = float(difference(design.weights)[0])
    influence = _influence(design, held, group) - _influence(design, held, reference)
    covariance = design.replicated(difference)
    if covariance is None:
        covariance = design.variance_of(influence[:, None])
    se = float(np.sqrt(covariance[0, 0]))
    reach = float(t_quantile(df)) * se
    p = float(t_tail(estimate / se, df)) if se > 0 and df > 0 else np.nan
    return name, n, estimate, se, estimate - reach, estimate + reach, float(df), p


def _mean(values: Floats, weights: Floats, member: Mask) -> float:
    return float(weights[member] @ values[member] / weights[member].sum())


def _influence(design: Design, values: Floats, member: Mask) -> Floats:
    mean = _mean(values, design.weights, member)
    influence: Floats = np.where(member, values - mean, 0.0) / design.weights[member].sum()
    return influence
