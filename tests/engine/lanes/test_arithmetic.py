"""Series, sums and luck of lanes: against the C library, exact sums, and the numbers that Python draws."""

from math import fsum, inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from canbao.engine.draws import purpose_number, uniforms
from canbao.engine.lanes import operations as lanes
from canbao.engine.lanes.vectors import sum_of

Array = np.ndarray[Any, np.dtype[Any]]


@njit
def series(values: Any, found: Any) -> None:
    for first in range(0, len(values), lanes.LANES):
        value = lanes.read(values, first, len(values))
        lanes.write(found[0], first, len(values), lanes.exponential(value))
        lanes.write(found[1], first, len(values), lanes.logarithm(value))


def both(values: Array) -> tuple[Array, Array, Array, Array]:
    """The exponentials and logarithms of lanes, and those of the C library."""
    found = np.empty((2, len(values)))
    series(values, found)
    with np.errstate(all="ignore"):
        return found[0], np.exp(values), found[1], np.log(values)


def within_a_last_digit(found: Array, expected: Array) -> None:
    usual = np.isfinite(expected)
    np.testing.assert_array_equal(found[~usual], expected[~usual])
    assert (np.abs(found[usual] - expected[usual]) <= np.spacing(np.abs(expected[usual]))).all()


def test_series_over_all_magnitudes() -> None:
    luck = np.random.default_rng(1)
    usual, all_sizes = luck.uniform(-745, 709, 50_000), np.exp(luck.uniform(-700, 700, 50_000))
    values = np.concatenate([usual, all_sizes, 1 + luck.normal(0, 1e-3, 999)])
    exponentials, of_library, logarithms, of_library_too = both(values)
    within_a_last_digit(exponentials, of_library)
    within_a_last_digit(logarithms, of_library_too)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(), min_size=1, max_size=40))
def test_series_of_any_numbers(values: list[float]) -> None:
    exponentials, of_library, logarithms, of_library_too = both(np.array(values))
    within_a_last_digit(exponentials, of_library)
    within_a_last_digit(logarithms, of_library_too)


EDGES = [
    0.0,
    -0.0,
    1.0,
    inf,
    -inf,
    nan,
    -1.0,
    5e-324,
    1e-310,
    2.2250738585072014e-308,
    709.7,
    710.0,
    -708.5,
    -745.2,
    -746.0,
]


@pytest.mark.parametrize("value", EDGES)
def test_series_at_the_edges(value: float) -> None:
    """An odd number among usual ones does not spoil those."""
    for values in (np.array([value]), np.array([2.0, value, 3.0])):
        exponentials, of_library, logarithms, of_library_too = both(values)
        within_a_last_digit(exponentials, of_library)
        within_a_last_digit(logarithms, of_library_too)


@njit
def draw(seed: int, workers: Any, year: int, purpose: int, found: Any) -> None:
    for first in range(0, len(workers), lanes.LANES):
        luck = lanes.luck(seed, lanes.read_words(workers, first, len(workers)), year, purpose)
        lanes.write(found, first, len(workers), lanes.drawn(luck))


def test_luck_is_that_of_python() -> None:
    workers = np.concatenate([np.arange(40), np.array([2**40, 2**62, 2**63 - 1])])
    for seed, year, purpose in ((0, 0, "one"), (7, 2050, "other_draw"), (2**31, 2135, "third")):
        found = np.empty(len(workers))
        draw(seed, workers, year, purpose_number(purpose), found)
        np.testing.assert_array_equal(found, uniforms(seed, workers, year, purpose))


@njit
def added(values: Any) -> float:
    return sum_of(lanes.read(values, 0, len(values)))


def test_sums_of_lanes() -> None:
    luck = np.random.default_rng(2)
    for _ in range(50):
        values = luck.normal(0, 10.0 ** luck.integers(0, 9), lanes.LANES)
        assert added(values) == pytest.approx(fsum(values), rel=1e-12, abs=1e-6)
    halves = np.array([1e16, 1.0, -1e16, 1.0] * (lanes.LANES // 4))
    while len(halves) > 1:
        halves = halves[: len(halves) // 2] + halves[len(halves) // 2 :]
    assert added(np.array([1e16, 1.0, -1e16, 1.0] * (lanes.LANES // 4))) == halves[0]
