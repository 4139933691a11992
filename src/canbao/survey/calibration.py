"""Weights that meet what is known of the population: raking and calibration, with residuals for the variances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.survey.structure import Codes, Floats, summed

say = Catalogue("canbao.survey", "faults")

Method = Literal["linear", "raking", "logit"]
RAKING_ROUNDS = 2000
NEWTON_STEPS = 100
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Calibration:
    """A calibration that was made: its variables, and the weights before it.

    Variances of calibrated estimates are those of the residuals of a regression on the calibration's variables
    (Deville and Särndal 1992).
    """

    variables: Floats
    before: Floats

    @cached_property
    def _basis(self) -> Floats:
        root = np.sqrt(self.before)[:, None]
        left, singular, _ = np.linalg.svd(self.variables * root, full_matrices=False)
        kept: Floats = left[:, singular > singular[0] * 1e-10]
        return kept

    def residuals(self, values: Floats) -> Floats:
        """What of the values the calibration's variables do not explain."""
        root = np.sqrt(self.before)[:, None]
        scaled = values * root
        rest = scaled - self._basis @ (self._basis.T @ scaled)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(root > 0, rest / root, 0.0)


# --- raking ---------------------------------------------------------------------------------------------------------------


def raked(
    frame: pl.DataFrame, weights: Floats, margins: Mapping[str, Mapping[str, float]]
) -> tuple[Floats, Calibration, pl.DataFrame]:
    """Weights that meet several margins, found by meeting one after the other.

    Args:
        frame: the respondents.
        weights: to start from.
        margins: column → category → total or share of the population.

    Returns:
        the new weights, the calibration for variances, and for each category its share before, as wanted, and after.

    Raises:
        InputError: categories that do not fit the data, margins that contradict one another, no convergence.
    """
    raise_all([fault for column, wanted in margins.items() for fault in _margin_faults(frame, column, wanted)])
    codes = {column: _codes(frame[column], list(wanted)) for column, wanted in margins.items()}
    targets = _totals(margins, float(weights.sum()))
    new = weights.copy()
    for _ in range(RAKING_ROUNDS):
        for column, code in codes.items():
            sums = summed(code, new, len(targets[column]))
            with np.errstate(divide="ignore", invalid="ignore"):
                factors = np.where(sums > 0, targets[column] / sums, 1.0)
            new = new * factors[code]
        if all(_met(summed(code, new, len(targets[column])), targets[column]) for column, code in codes.items()):
            break
    else:
        raise InputError(Fault(say("no_calibration")))
    dummies = np.column_stack([np.eye(len(targets[column]))[code] for column, code in codes.items()])
    return new, Calibration(dummies, weights), _before_and_after(codes, margins, targets, weights, new)


def _met(sums: Floats, wanted: Floats) -> bool:
    return bool(np.abs(sums - wanted).max() <= TOLERANCE * wanted.sum())


def _margin_faults(frame: pl.DataFrame, column: str, wanted: Mapping[str, float]) -> list[Fault]:
    if column not in frame.columns:
        return [Fault(say("unknown_column", name=column), remedy=did_you_mean(column, frame.columns))]
    texts = frame[column].cast(pl.String)
    if texts.null_count():
        return [Fault(say("margin_blank", column=column, times=str(texts.null_count())))]
    present = set(texts.unique())
    faults = [
        Fault(say("margin_missing", column=column, category=one)) for one in sorted(present - {str(w) for w in wanted})
    ]
    kind = frame.schema[column]
    declared = set(kind.categories) if isinstance(kind, pl.Enum) else present
    for category in wanted:
        if str(category) not in declared:
            remedy = did_you_mean(str(category), declared)
            faults.append(Fault(say("margin_unknown", column=column, category=str(category)), remedy=remedy))
        elif str(category) not in present:
            faults.append(Fault(say("margin_empty", column=column, category=str(category))))
    return faults


def _codes(series: pl.Series, categories: list[str]) -> Codes:
    known = [str(category) for category in categories]
    codes = series.cast(pl.String).replace_strict(known, list(range(len(known))), return_dtype=pl.Int64)
    return codes.to_numpy()


def _totals(margins: Mapping[str, Mapping[str, float]], population: float) -> dict[str, Floats]:
    """Margins as totals; those that add up to one are shares of the sum of the weights."""
    totals = {column: np.array(list(wanted.values()), dtype=float) for column, wanted in margins.items()}
    sums = {column: float(values.sum()) for column, values in totals.items()}
    if all(abs(total - 1) < 1e-3 for total in sums.values()):
        return {column: values / sums[column] * population for column, values in totals.items()}
    first = next(iter(sums.values()))
    if any(abs(total - first) > 1e-6 * abs(first) for total in sums.values()):
        listed = ", ".join(f"{column} {total:g}" for column, total in sums.items())
        raise InputError(Fault(say("margin_totals", totals=listed)))
    return totals


def _before_and_after(
    codes: Mapping[str, Codes],
    margins: Mapping[str, Mapping[str, float]],
    targets: Mapping[str, Floats],
    before: Floats,
    after: Floats,
) -> pl.DataFrame:
    rows = []
    for column, code in codes.items():
        old = summed(code, before, len(targets[column])) / before.sum()
        new = summed(code, after, len(targets[column])) / after.sum()
        wanted = targets[column] / targets[column].sum()
        for at, category in enumerate(margins[column]):
            rows.append((column, str(category), float(wanted[at]), float(old[at]), float(new[at])))
    return pl.DataFrame(rows, schema=["column", "category", "target", "before", "after"], orient="row")


# --- calibration ----------------------------------------------------------------------------------------------------------


def calibrated(
    frame: pl.DataFrame,
    weights: Floats,
    totals: Mapping[str, float],
    method: Method,
    bounds: tuple[float, float] | None,
) -> tuple[Floats, Calibration]:
    """Weights nearest to the old ones that meet totals (Deville and Särndal 1992), by Newton's method.

    Args:
        frame: the respondents.
        weights: to start from.
        totals: by term: `(Intercept)`, a column, or a column's name with a category.
        method: the distance.
        bounds: the smallest and largest factor.

    Raises:
        InputError: unknown terms, or totals that cannot be met.
    """
    variables = np.column_stack([_term(frame, term) for term in totals])
    wanted = np.array(list(totals.values()), dtype=float)
    factor, slope = _distance(method, bounds)
    multipliers = np.zeros(len(wanted))
    size = np.maximum(np.abs(wanted), np.abs(weights).sum() * 1e-9)
    for _ in range(NEWTON_STEPS):
        along = variables @ multipliers
        missed = wanted - variables.T @ (weights * factor(along))
        if np.abs(missed / size).max() < TOLERANCE * 10:
            return weights * factor(along), Calibration(variables, weights)
        matrix = (variables * (weights * slope(along))[:, None]).T @ variables
        step = np.linalg.lstsq(matrix, missed, rcond=None)[0]
        multipliers = multipliers + step
        if not np.isfinite(multipliers).all():
            break
    along = variables @ multipliers
    missed = wanted - variables.T @ (weights * factor(along))
    if np.isfinite(missed).all() and np.abs(missed / size).max() < 1e-8:
        return weights * factor(along), Calibration(variables, weights)
    raise InputError(Fault(say("no_calibration")))


def _distance(
    method: Method, bounds: tuple[float, float] | None
) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """The factor by which a weight changes, and its slope, along the calibration's multipliers."""
    if method == "logit":
        low, high = bounds if bounds is not None else (0.0, 10.0)
        scale = (high - low) / ((1 - low) * (high - 1))

        def logit(along: Floats) -> Floats:
            grown = np.exp(np.clip(scale * along, -500, 500))
            result: Floats = (low * (high - 1) + high * (1 - low) * grown) / (high - 1 + (1 - low) * grown)
            return result

        return logit, lambda along: scale * (logit(along) - low) * (high - logit(along)) / (high - low)
    factor: Callable[[Floats], Floats] = (
        (lambda along: 1 + along) if method == "linear" else (lambda along: np.exp(np.clip(along, -500, 500)))
    )
    slope: Callable[[Floats], Floats] = (lambda along: np.ones_like(along)) if method == "linear" else factor
    if bounds is None:
        return factor, slope
    least, most = bounds
    return (
        lambda along: np.clip(factor(along), least, most),
        lambda along: np.where((factor(along) > least) & (factor(along) < most), slope(along), 0.0),
    )


def _term(frame: pl.DataFrame, term: str) -> Floats:
    """The values of a term as models name it."""
    from canbao.survey.design import numbers

    if term == "(Intercept)":
        return np.ones(frame.height)
    if term in frame.columns and frame.schema[term].is_numeric():
        return numbers(frame[term])
    for column in sorted(frame.columns, key=len, reverse=True):
        if term.startswith(column) and term != column:
            texts = frame[column].cast(pl.String)
            if term.removeprefix(column) in set(texts.drop_nulls()):
                return (texts == term.removeprefix(column)).fill_null(False).cast(pl.Float64).to_numpy()
    raise InputError(Fault(say("unknown_column", name=term), remedy=did_you_mean(term, frame.columns)))
