"""How long something takes: distributions as a file has them, and as tables that the event loop reads.

What has no inverse in closed form becomes a table of log quantiles over log odds, in which both lognormal and gamma are
nearly straight: linear interpolation over 2,048 points errs by some 1e-5. All draws are by inversion, so that the same luck
gives a longer time under a longer distribution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from scipy import special

from canbao.engine.parameters import Confidence
from canbao.languages import Catalogue, Words
from canbao.located_yaml import Entry

say = Catalogue("canbao.procedures.simulation", "words")

Floats = np.ndarray[Any, np.dtype[np.float64]]
Figure = float | str
"""A number, or the name of a parameter of the model."""

Value = Callable[[Figure], float]
"""What a figure comes to."""

DurationUnit = Literal["seconds", "minutes", "hours", "days", "working_days"]
SECONDS: Mapping[str, float] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "working_days": 86_400}

CONSTANT, EXPONENTIAL, UNIFORM, TRIANGULAR, EMPIRICAL, TABLE = range(6)
"""Numbers of the kinds in the event loop."""

POINTS = 2_048
WIDEST = 37.0
"""Log odds of the smallest number that is drawn, 2**-53."""

MOST = 100 * 365 * 86_400.0
"""Seconds; nothing is said to take longer than a century."""


class Sourced(Entry):
    """Something with figures in it, and where they come from; an assumption where nothing is said."""

    source: str | None = None
    confidence: Confidence | Literal["estimated"] = "assumption"


class Spread(Entry):
    """A mean or a median, and the standard deviation as a share of the mean."""

    mean: Figure | None = None
    median: Figure | None = None
    cv: Figure = 1.0


class Distribution(Sourced):
    """How long something takes: one of the kinds, and a unit.

    `uniform: [2, 5]`, `triangular: [1, 3, 10]` (lowest, likeliest, highest), `empirical` (each value equally likely).
    Working days are counted in the model's calendar and run around the clock.
    """

    constant: Figure | None = None
    exponential: Figure | None = None
    lognormal: Spread | None = None
    gamma: Spread | None = None
    uniform: Annotated[list[Figure], Field(min_length=2, max_length=2)] | None = None
    triangular: Annotated[list[Figure], Field(min_length=3, max_length=3)] | None = None
    empirical: Annotated[list[float], Field(min_length=1, max_length=100_000)] | None = None
    unit: DurationUnit

    KINDS: ClassVar[tuple[str, ...]] = (
        "constant",
        "exponential",
        "lognormal",
        "gamma",
        "uniform",
        "triangular",
        "empirical",
    )

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that are given; there should be one."""
        return tuple(kind for kind in self.KINDS if getattr(self, kind) is not None)

    def figures(self) -> Iterator[tuple[tuple[int | str, ...], Figure]]:
        """Every figure with its place, but for measured values."""
        for kind in self.kinds:
            given = getattr(self, kind)
            if isinstance(given, Spread):
                for name in ("mean", "median", "cv"):
                    if getattr(given, name) is not None:
                        yield (kind, name), getattr(given, name)
            elif kind == "empirical":
                continue
            elif isinstance(given, list):
                yield from (((kind, at), figure) for at, figure in enumerate(given))
            else:
                yield (kind,), given

    def faults(self, value: Value) -> Iterator[tuple[tuple[int | str, ...], Words]]:
        """What is wrong with it, each with its place; figures must have been found sound.

        Args:
            value: what a figure comes to.
        """
        if len(self.kinds) != 1:
            yield (), say("one_kind", kinds=", ".join(self.KINDS))
            return
        kind = self.kinds[0]
        given = getattr(self, kind)
        if isinstance(given, Spread):
            if (given.mean is None) == (given.median is None) or (kind == "gamma" and given.mean is None):
                yield (kind,), say("mean_or_median", kind=kind)
                return
            if value(given.cv) <= 0:
                yield (kind, "cv"), say("above_zero")
            if value(given.cv) > 20:
                yield (kind, "cv"), say("spread_too_wide")
        numbers = [value(figure) for _, figure in self.figures()] + list(self.empirical or ())
        if any(not math.isfinite(number) or number < 0 for number in numbers):
            yield (kind,), say("no_duration")
        elif isinstance(given, Spread) and not value(given.mean if given.mean is not None else given.median or 0) > 0:
            yield (kind,), say("above_zero")
        elif kind in ("uniform", "triangular") and numbers != sorted(numbers):
            yield (kind,), say("not_ascending")
        elif any(number * SECONDS[self.unit] > MOST for number in numbers):
            yield (kind,), say("too_long")

    def mean_seconds(self, value: Value) -> float:
        """Its mean in seconds."""
        kind = self.kinds[0]
        given = getattr(self, kind)
        scale = SECONDS[self.unit]
        if isinstance(given, Spread):
            if given.mean is not None:
                return value(given.mean) * scale
            assert given.median is not None
            return value(given.median) * math.sqrt(1 + value(given.cv) ** 2) * scale
        if isinstance(given, list):
            return float(np.mean([value(figure) for figure in given])) * scale
        return value(given) * scale


@dataclass(frozen=True)
class Draws:
    """A distribution as the event loop reads it.

    Args:
        kind: its number.
        first: constant, mean, or lowest value, in seconds.
        second: highest value, or the likeliest.
        third: highest value of a triangle.
        values: measured values in order, or log quantiles; seconds.
    """

    kind: int
    first: float = 0.0
    second: float = 0.0
    third: float = 0.0
    values: tuple[float, ...] = ()


def draws_of(distribution: Distribution, value: Value) -> Draws:
    """A distribution as the event loop reads it.

    Args:
        distribution: one without faults.
        value: what a figure comes to.
    """
    scale = SECONDS[distribution.unit]
    match distribution.kinds[0]:
        case "constant":
            return Draws(CONSTANT, value(distribution.constant or 0) * scale)
        case "exponential":
            return Draws(EXPONENTIAL, value(distribution.exponential or 0) * scale)
        case "uniform":
            low, high = (value(one) * scale for one in distribution.uniform or ())
            return Draws(UNIFORM, low, high)
        case "triangular":
            low, likeliest, high = (value(one) * scale for one in distribution.triangular or ())
            return Draws(TRIANGULAR, low, likeliest, high)
        case "empirical":
            return Draws(EMPIRICAL, values=tuple(sorted(one * scale for one in distribution.empirical or ())))
        case "gamma":
            assert distribution.gamma is not None and distribution.gamma.mean is not None
            return Draws(TABLE, values=_gamma(value(distribution.gamma.mean) * scale, value(distribution.gamma.cv)))
    spread = distribution.lognormal
    assert spread is not None
    sigma = math.sqrt(math.log1p(value(spread.cv) ** 2))
    middle = math.log(value(spread.median) * scale) if spread.median is not None else 0.0
    if spread.mean is not None:
        middle = math.log(value(spread.mean) * scale) - sigma**2 / 2
    return Draws(TABLE, values=tuple(middle + sigma * _probits()))


def _log_odds() -> Floats:
    return np.linspace(-WIDEST, WIDEST, POINTS)


def _probits() -> Floats:
    odds = _log_odds()
    # The upper half by symmetry: 1 - u has no digits left there.
    lower = special.ndtri(special.expit(-np.abs(odds)))
    return np.asarray(np.where(odds < 0, lower, -lower))


def _gamma(mean: float, cv: float) -> tuple[float, ...]:
    shape = cv**-2
    odds = _log_odds()
    lower = special.gammaincinv(shape, special.expit(np.minimum(odds, 0)))
    upper = special.gammainccinv(shape, special.expit(-np.maximum(odds, 0)))
    quantiles = np.where(odds < 0, lower, upper) * mean / shape
    return tuple(np.log(np.maximum(quantiles, 1e-300)))


def moments(draws: Draws) -> tuple[float, float]:
    """Mean and variance, over a fine grid of quantiles."""
    match draws.kind:
        case 0:  # constant
            return draws.first, 0.0
        case 1:  # exponential
            return draws.first, draws.first**2
        case 2:  # uniform
            return (draws.first + draws.second) / 2, (draws.second - draws.first) ** 2 / 12
        case 3:  # triangular
            a, c, b = draws.first, draws.second, draws.third
            return (a + b + c) / 3, (a * a + b * b + c * c - a * b - a * c - b * c) / 18
        case 4:  # measured
            return float(np.mean(draws.values)), float(np.var(draws.values))
    odds = _log_odds()
    weight = special.expit(odds) * special.expit(-odds) * (odds[1] - odds[0])
    values = np.exp(np.array(draws.values))
    mean = float((values * weight).sum())
    return mean, max(0.0, float((values**2 * weight).sum()) - mean**2)
