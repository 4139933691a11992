"""Replicate weights: the jackknife for strata of several units, and the rescaled bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from canbao.survey.structure import Codes, Floats, Stage, Structure


@dataclass(frozen=True)
class Replicates:
    """Replicate weights.

    Args:
        kind: how they were made.
        weights: one row a respondent, one column a replicate.
        scale: what each replicate's squared deviation is multiplied with.
    """

    kind: Literal["jackknife", "bootstrap"]
    weights: Floats
    scale: Floats

    def covariance(self, copies: Floats) -> Floats:
        """The covariance matrix of estimates.

        Args:
            copies: one row a replicate, one column an estimate.
        """
        deviations = copies - copies[self.scale > 0].mean(axis=0)
        matrix: Floats = (deviations * self.scale[:, None]).T @ deviations
        return matrix

    def variances(self, above: Floats, below: Floats | None, group: Codes, groups: int) -> Floats:
        """The variances of Σwa/Σwb, or of Σwa, in each of several groups."""
        from scipy import sparse

        inside = np.flatnonzero(group >= 0)
        shape = (groups, len(group))
        top = sparse.csr_array((above[inside], (group[inside], inside)), shape) @ self.weights
        if below is not None:
            bottom = sparse.csr_array((below[inside], (group[inside], inside)), shape) @ self.weights
            with np.errstate(invalid="ignore", divide="ignore"):
                top = top / bottom
        used = self.scale > 0
        # A replicate may leave a small group without anybody: the others still tell its variance.
        with np.errstate(invalid="ignore"):
            known = np.isfinite(top) & used
            share = np.where(known.any(axis=1), used.sum() / np.maximum(known.sum(axis=1), 1), np.nan)
            values = np.where(known, top, 0.0)
            mean = values.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
            deviations = np.where(known, top - mean[:, None], 0.0)
        result: Floats = (deviations**2) @ self.scale * share
        return result

    def recalibrated(self, again: Callable[[Floats], Floats]) -> Replicates:
        """Every replicate brought to the same margins or totals."""
        return replace(self, weights=np.column_stack([again(column) for column in self.weights.T]))


def jackknife(structure: Structure, weights: Floats) -> Replicates:
    """One replicate a sampling unit: without it, the others of its stratum weighted up (JKn; Rust and Rao 1996)."""
    first = structure.stages[0]
    stratum = first.group_of_unit
    size = first.size[stratum].astype(float)
    columns = np.repeat(weights[:, None], first.units, axis=1)
    for unit in range(first.units):
        if size[unit] < 2:
            continue
        same = stratum[first.unit] == stratum[unit]
        columns[same, unit] *= size[unit] / (size[unit] - 1)
        columns[first.unit == unit, unit] = 0.0
    scale = np.where(size > 1, (size - 1) / size * first.rest[stratum], 0.0)
    return Replicates("jackknife", columns, scale)


def bootstrap(structure: Structure, weights: Floats, copies: int, seed: int) -> Replicates:
    """In each stratum one unit fewer than there are is drawn with replacement, and weights are rescaled (Rao, Wu 1988)."""
    first = structure.stages[0]
    generator = np.random.Generator(np.random.PCG64(seed))
    factors = _factors(first, copies, generator)
    return Replicates("bootstrap", weights[:, None] * factors[first.unit], np.full(copies, 1 / (copies - 1)))


def _factors(first: Stage, copies: int, generator: np.random.Generator) -> Floats:
    factors = np.ones((first.units, copies))
    for stratum in range(len(first.size)):
        units = np.flatnonzero(first.group_of_unit == stratum)
        size = len(units)
        if size < 2:
            continue
        drawn = generator.multinomial(size - 1, np.full(size, 1 / size), size=copies).T
        # With a finite population the factors move less far from one.
        reach = np.sqrt(first.rest[stratum])
        factors[units] = 1 + reach * (drawn * size / (size - 1) - 1)
    return factors
