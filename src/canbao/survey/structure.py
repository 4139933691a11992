"""How a sample hangs together: strata, sampling units of one or two stages, population sizes; and variances from it.

The variance of a weighted total is estimated from the spread of the sampling units' totals within their strata, with
finite population corrections where population sizes are known, and from the second stage within the units of the
first (Särndal, Swensson and Wretman 1992, ch. 4; Lumley 2010, ch. 2–3). Units without members of a domain count as zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Lonely = Literal["fail", "certainty", "remove", "adjust", "average"]

DENSE_CELLS = 20_000_000
"""Up to so many cells, sums by unit and group are kept in a full table."""


def summed(code: Codes, values: Floats, count: int) -> Floats:
    """The sum of the values by code, from 0 to count − 1."""
    sums: Floats = np.bincount(code, values, count)  # type: ignore[assignment]
    return sums


@dataclass(frozen=True)
class Stage:
    """One stage of sampling.

    Args:
        unit: for each respondent, the number of the sampling unit.
        group_of_unit: for each unit, the number of what it was drawn from: a stratum, or a unit of the stage before.
        size: how many units were drawn from each group.
        rest: the part of each group that was not drawn, 1 − n/N; 1 where no population size is known.
    """

    unit: Codes
    group_of_unit: Codes
    size: Codes
    rest: Floats

    @property
    def units(self) -> int:
        """How many sampling units there are."""
        return len(self.group_of_unit)


@dataclass(frozen=True)
class Structure:
    """The stages of a design, with the rule for strata that have one unit only."""

    stages: tuple[Stage, ...]
    lonely: Lonely

    @property
    def strata(self) -> Codes:
        """For each respondent, the stratum."""
        first = self.stages[0]
        return first.group_of_unit[first.unit]

    def degrees_of_freedom(self, counted: Mask | None = None) -> int:
        """Sampling units less strata, among those that hold the respondents counted."""
        first = self.stages[0]
        units = np.unique(first.unit if counted is None else first.unit[counted])
        return len(units) - len(np.unique(first.group_of_unit[units]))

    def degrees_of_freedom_by(self, group: Codes, groups: int) -> Codes:
        """The same for each of several domains; `group` is −1 for respondents in none of them."""
        first = self.stages[0]
        inside = group >= 0
        units = _distinct_pairs(first.unit[inside], group[inside], groups)
        strata = _distinct_pairs(first.group_of_unit[units // groups], units % groups, groups)
        return np.bincount(units % groups, minlength=groups) - np.bincount(strata % groups, minlength=groups)

    def covariance(self, influence: Floats) -> Floats:
        """The covariance matrix of weighted totals.

        Args:
            influence: one row a respondent, one column a total: what each adds to it, weight included.
        """
        total = np.zeros((influence.shape[1], influence.shape[1]))
        factor_of_unit: Floats | None = None
        for stage in self.stages:
            sums = np.column_stack([summed(stage.unit, column, stage.units) for column in influence.T])
            total += _between(stage, sums, self.lonely, factor_of_unit, first=stage is self.stages[0])
            factor_of_unit = _drawn(stage) if factor_of_unit is None else factor_of_unit
        counted = np.where((influence != 0).any(axis=1), 0, -1)
        return total * float(self._average_factors(counted, 1)[0])

    def sums_by(self, group: Codes, groups: int) -> UnitsByDomain:
        """The places of sums by the last stage's units and by domain.

        Args:
            group: each respondent's domain, −1 for none.
            groups: how many domains there are.
        """
        last = self.stages[-1]
        inside = None if (group >= 0).all() else group >= 0
        unit = last.unit if inside is None else last.unit[inside]
        code = group if inside is None else group[inside]
        if last.units == len(last.unit):  # every respondent is a unit
            return UnitsByDomain(inside, None, unit, code)
        pair = unit * groups + code
        if last.units * groups <= DENSE_CELLS:
            return UnitsByDomain(inside, pair, *_every_pair(last.units, groups))
        pairs, position = np.unique(pair, return_inverse=True)
        return UnitsByDomain(inside, position, pairs // groups, pairs % groups)

    def variances_from_sums(self, sums: UnitSums, group: Codes, groups: int) -> Floats:
        """The variances of totals in domains that do not overlap.

        Args:
            sums: by the last stage's units and domain.
            group: each respondent's domain, −1 for none.
            groups: how many domains there are.
        """
        variance = np.zeros(groups)
        for position in range(len(self.stages) - 1, -1, -1):
            stage = self.stages[position]
            drawn = _drawn(self.stages[0]) if position == 1 else None
            variance += _between_by(stage, sums, groups, self.lonely, drawn, first=position == 0)
            if position > 0:
                sums = sums.gathered(stage.group_of_unit, groups)
        return variance * self._average_factors(group, groups)

    def _average_factors(self, group: Codes, groups: int) -> Floats:
        """Under `average`, strata with one unit are taken to vary as the domain's others do."""
        first = self.stages[0]
        alone = lonely_strata(first)
        if self.lonely != "average" or not alone.any():
            return np.ones(groups)
        inside = group >= 0
        met = np.zeros((len(first.size), groups), dtype=bool)
        met[self.strata[inside], group[inside]] = True
        with np.errstate(divide="ignore", invalid="ignore"):
            factors: Floats = met.sum(axis=0) / met[~alone].sum(axis=0)
        return factors


@dataclass(frozen=True)
class UnitsByDomain:
    """Where each respondent's value belongs among the sums by sampling unit and domain.

    Args:
        inside: who is in any domain; None for everybody.
        place: for each of them the pair of unit and domain; None where each is a pair of their own.
        unit: of each pair.
        group: of each pair.
    """

    inside: Mask | None
    place: Codes | None
    unit: Codes
    group: Codes

    def of(self, values: Floats) -> UnitSums:
        """The sums of one value a respondent."""
        counted = values if self.inside is None else values[self.inside]
        if self.place is not None:
            counted = summed(self.place, counted, len(self.unit))
        return UnitSums(self.unit, self.group, counted)


@dataclass(frozen=True)
class UnitSums:
    """Sums by sampling unit and domain, one entry a pair that occurs."""

    unit: Codes
    group: Codes
    values: Floats

    def gathered(self, parent: Codes, groups: int) -> UnitSums:
        """The same by the units of the stage before."""
        pairs, position = np.unique(parent[self.unit] * groups + self.group, return_inverse=True)
        return UnitSums(pairs // groups, pairs % groups, summed(position, self.values, len(pairs)))


@lru_cache(maxsize=4)
def _every_pair(units: int, groups: int) -> tuple[Codes, Codes]:
    return np.repeat(np.arange(units), groups), np.tile(np.arange(groups), units)


def _drawn(stage: Stage) -> Floats:
    """For each unit of the first stage, the part of its stratum's units that was drawn, n/N."""
    return (1 - stage.rest)[stage.group_of_unit]


def _distinct_pairs(left: Codes, right: Codes, groups: int) -> Codes:
    highest = int(left.max(initial=-1)) + 1
    if highest * groups <= DENSE_CELLS:
        return np.flatnonzero(np.bincount(left * groups + right, minlength=highest * groups))
    return np.unique(left * groups + right)


def _scale(stage: Stage, lonely: Lonely) -> Floats:
    """What the squared deviations within each group are multiplied with; lonely groups by their rule."""
    many = stage.size > 1
    usual = stage.rest * stage.size / np.maximum(stage.size - 1, 1)
    alone = stage.rest if lonely == "adjust" else np.zeros_like(stage.rest)
    return np.where(many, usual, alone)


def lonely_strata(stage: Stage) -> Mask:
    """Strata with one unit that is not the whole stratum."""
    alone: Mask = (stage.size == 1) & (stage.rest > 0)
    return alone


def _between(stage: Stage, sums: Floats, lonely: Lonely, drawn: Floats | None, *, first: bool) -> Floats:
    """The part of the covariance that lies between the units of one stage."""
    groups = len(stage.size)
    means = np.column_stack([summed(stage.group_of_unit, column, groups) for column in sums.T])
    means /= stage.size[:, None]
    alone = lonely_strata(stage)
    if first and lonely == "adjust" and alone.any():
        means[alone] = 0.0
    scale = _scale(stage, lonely if first else "remove")
    if drawn is not None:
        scale = scale * drawn
    deviations = sums - means[stage.group_of_unit]
    covariance: Floats = (deviations * scale[stage.group_of_unit, None]).T @ deviations
    return covariance


def _between_by(stage: Stage, sums: UnitSums, groups: int, lonely: Lonely, drawn: Floats | None, *, first: bool) -> Floats:
    parents = len(stage.size)
    cell = stage.group_of_unit[sums.unit] * groups + sums.group
    size = stage.size[:, None]
    mean = summed(cell, sums.values, parents * groups).reshape(parents, groups) / size
    alone = lonely_strata(stage)
    if first and lonely == "adjust" and alone.any():
        mean[alone] = 0.0
    spread = summed(cell, (sums.values - mean.ravel()[cell]) ** 2, parents * groups).reshape(parents, groups)
    # Units without members of the domain are zeros that lie as far from the mean as the mean is large.
    spread += (size - np.bincount(cell, minlength=parents * groups).reshape(parents, groups)) * mean**2
    scale = _scale(stage, lonely if first else "remove")
    if drawn is not None:
        scale = scale * drawn
    between: Floats = scale @ spread
    return between
