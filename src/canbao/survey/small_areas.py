"""Small areas: direct estimates made steadier by a model that all areas share (Fay and Herriot 1979).

The direct estimate of an area is taken as its true value plus sampling error of known variance; the true value as a
regression on what is known of the area plus an error of the area's own. The estimate of an area is then a mean of the
two, the more of its own sample the larger that is. What comes out is model-based and has to be called so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, raise_all
from canbao.languages import Catalogue
from canbao.survey.intervals import t_quantile
from canbao.survey.structure import Floats

if TYPE_CHECKING:
    from canbao.survey.design import Design

say = Catalogue("canbao.survey", "faults")

MOST_ROUNDS = 200
TOLERANCE = 1e-12
FEWEST_AREAS_MORE = 3
"""Areas with a direct estimate needed beyond the number of coefficients."""


@dataclass(frozen=True)
class AreaModel:
    """A Fay–Herriot model that has been fitted; arrays have one value an area.

    Args:
        coefficients: of the regression, the constant first.
        variance: of what areas have of their own; 0 where sampling error explains all differences.
        estimate: the empirical best linear unbiased predictor; the regression alone where an area has no direct estimate.
        mse: its mean squared error (Prasad and Rao 1990, with the term for REML of Datta and Lahiri 2000).
        own: how much of the estimate is the area's direct one, from 0 to 1.
    """

    coefficients: Floats
    variance: float
    estimate: Floats
    mse: Floats
    own: Floats


def area_model(direct: Floats, variances: Floats, covariates: Floats | None = None) -> AreaModel:
    """Fit a Fay–Herriot model by restricted maximum likelihood.

    Args:
        direct: estimates by area; NaN where there is none.
        variances: their sampling variances, taken as known.
        covariates: one row an area, one column a covariate, the constant not among them; None for the constant alone.

    Raises:
        InputError: there are too few areas with a direct estimate, a covariate that is blank or follows from the others, or
            a sampling variance that is not positive.
    """
    size = len(direct)
    design = np.ones((size, 1)) if covariates is None else np.column_stack([np.ones(size), covariates])
    seen = ~np.isnan(direct)
    _refuse(variances, design, seen)
    y, psi, x = direct[seen], variances[seen], design[seen]
    variance = _restricted_likelihood(y, psi, x)
    weight = 1 / (variance + psi)
    spread = np.linalg.inv(x.T @ (x * weight[:, None]))
    coefficients = spread @ (x.T @ (y * weight))
    synthetic = design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, spread, design)
    own = np.zeros(size)
    own[seen] = variance * weight
    estimate = np.where(seen, own * np.where(seen, direct, 0.0) + (1 - own) * synthetic, synthetic)
    # Of unseen areas nothing but the model is known: its own variance stays whole.
    first = np.full(size, variance)
    first[seen] = own[seen] * psi
    third = np.zeros(size)
    third[seen] = psi**2 * weight**3 * 2 / float((weight**2).sum())
    mse = first + (1 - own) ** 2 * leverage + 2 * third
    return AreaModel(coefficients, variance, estimate, mse, own)


def _refuse(variances: Floats, design: Floats, seen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
    faults = []
    if seen.sum() < design.shape[1] + FEWEST_AREAS_MORE:
        faults.append(Fault(say("few_areas", areas=int(seen.sum()), needed=design.shape[1] + FEWEST_AREAS_MORE)))
    if not np.isfinite(design).all():
        faults.append(Fault(say("blank_covariate")))
    elif np.linalg.matrix_rank(design[seen]) < design.shape[1]:
        faults.append(Fault(say("dependent_covariates")))
    if not (variances[seen] > 0).all() or not np.isfinite(variances[seen]).all():
        faults.append(Fault(say("area_variance")))
    raise_all(faults)


def _restricted_likelihood(y: Floats, psi: Floats, x: Floats) -> float:
    """The variance between areas, by Fisher scoring; 0 where the likelihood falls from there on."""
    variance = float(np.median(psi))
    for _ in range(MOST_ROUNDS):
        weight = 1 / (variance + psi)
        wx = x * weight[:, None]
        projection = np.diag(weight) - wx @ np.linalg.solve(x.T @ wx, wx.T)
        residual = projection @ y
        score = (float(residual @ residual) - float(np.trace(projection))) / 2
        information = float((projection * projection).sum()) / 2
        following = max(0.0, variance + score / information)
        if abs(following - variance) <= TOLERANCE * max(1.0, variance) or (following == 0.0 and variance == 0.0):
            return following
        variance = following
    return variance


def small_areas(
    design: Design,
    column: str,
    by: str,
    category: str | None = None,
    covariates: Mapping[str, Sequence[float]] | None = None,
    fewest: int = 0,
) -> pl.DataFrame:
    """Means or shares by area, direct and model-based side by side.

    The sampling variance of a share is that which its size and the design effect common to all areas give, with the share
    of all areas together in place of the area's own: an area of which few were asked has a poor estimate of its variance
    too, and none at all where nobody or everybody answered alike.

    Args:
        design: the sample, the domain in view.
        column: a number, or categories.
        by: the areas.
        category: of `column`, where it has categories.
        covariates: for each area, what is known of it apart from this sample, as many numbers for each; areas named here
            of which nobody was asked get an estimate from the model alone. None for a model of the areas' common mean.
        fewest: areas with fewer respondents get their estimate from the model alone, so that no answer shows through.

    Returns:
        one row an area: the area, n, direct, direct_se, estimate, se, low, high (95 %, normal; within 0 and 1 for shares),
        own (how much of it is the direct estimate).

    Raises:
        InputError: an unknown column or category, an area without covariates, or too few areas.
    """
    shares = category is not None
    asked = design.share(column, by=by).filter(pl.col("category") == category) if shares else design.mean(column, by=by)
    asked = asked.with_columns(pl.col(by).cast(pl.String))
    found = {str(row[by]): row for row in asked.iter_rows(named=True) if row["n"]}
    if not found:
        raise InputError(Fault(say("few_areas", areas=0, needed=1 + FEWEST_AREAS_MORE)))
    known = None if covariates is None else {name: tuple(one) for name, one in covariates.items()}
    raise_all([Fault(say("area_unknown", name=name)) for name in found if known is not None and name not in known])
    areas = list(found) if known is None else list(known)
    numbers = np.array([found[one]["n"] if one in found else 0 for one in areas], dtype=float)
    direct = np.array([_or_nan(found[one]["estimate"]) if one in found else np.nan for one in areas])
    errors = np.array([_or_nan(found[one]["se"]) if one in found else np.nan for one in areas])
    variances = _smoothed(direct, errors, numbers) if shares else errors**2
    direct_or_none = np.where((variances > 0) & (numbers >= fewest), direct, np.nan)
    matrix = None if known is None else np.array([known[one] for one in areas], dtype=float)
    model = area_model(direct_or_none, np.where(np.isnan(direct_or_none), 1.0, variances), matrix)
    se = np.sqrt(model.mse)
    reach = float(t_quantile(np.inf)) * se
    low, high, estimate = model.estimate - reach, model.estimate + reach, model.estimate
    if shares:
        low, high, estimate = np.clip(low, 0, 1), np.clip(high, 0, 1), np.clip(estimate, 0, 1)
    made = {
        by: areas,
        "n": numbers.astype(int),
        "direct": direct,
        "direct_se": errors,
        "estimate": estimate,
        "se": se,
        "low": low,
        "high": high,
        "own": model.own,
    }
    return pl.DataFrame(made).fill_nan(None)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _smoothed(shares: Floats, errors: Floats, numbers: Floats) -> Floats:
    """Variances of shares from one design effect and one share for all areas."""
    known = ~np.isnan(shares)
    together = float((shares[known] * numbers[known]).sum() / numbers[known].sum())
    simple = together * (1 - together) / np.maximum(numbers, 1)
    usable = known & (errors > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = errors**2 / (shares * (1 - shares) / numbers)
    effect = float(np.average(own[usable], weights=numbers[usable])) if usable.any() else 1.0
    return np.where(known, effect * simple, np.nan)
