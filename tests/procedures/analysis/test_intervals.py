"""Intervals and tests against SciPy, published figures and coverage in repeated samples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from canbao.procedures.analysis.intervals import (
    Estimate,
    chi_square,
    clustered_medians,
    difference,
    holm,
    kruskal_wallis,
    mean,
    quantile,
    share,
)
from canbao.procedures.analysis.sequences import Sorted


def test_newcombes_difference_of_shares() -> None:
    """Newcombe (1998), his method 10: 56 of 70 less 48 of 80 is 0.2, from 0.0524 to 0.3339; 9 of 10 less 3 of 10."""
    found = difference(share(48, 80), share(56, 70))
    assert [round(float(value), 4) for value in found] == [0.2, 0.0524, 0.3339]  # type: ignore[arg-type]
    found = difference(share(3, 10), share(9, 10))
    assert [round(float(value), 4) for value in found] == [0.6, 0.1705, 0.8090]  # type: ignore[arg-type]


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_shares_have_wilsons_interval(counts: tuple[int, int]) -> None:
    found = share(*counts)
    expected = stats.binomtest(*counts).proportion_ci(method="wilson")
    assert found == pytest.approx((counts[0] / counts[1], expected.low, expected.high))


@given(st.integers(1, 120), st.sampled_from([0.5, 0.9]))
def test_a_quantiles_interval_has_at_least_the_binomial_coverage(n: int, probability: float) -> None:
    found = quantile(np.arange(n, dtype=float), probability)
    assert found.value == pytest.approx(np.quantile(np.arange(n), probability))
    low = -1 if found.low is None else int(found.low)
    high = n if found.high is None else int(found.high)
    # Below the quantile lie at least low + 1 of n values, and at most high.
    below = stats.binom(n, probability)
    assert below.cdf(low) <= 0.025 and 1 - below.cdf(high) <= 0.025
    assert below.cdf(low + 1) > 0.025 and 1 - below.cdf(high - 1) > 0.025


def test_tests_are_those_of_scipy() -> None:
    random = np.random.default_rng(5)
    group = random.integers(0, 4, 200)
    values = np.round(random.exponential(1 + group, 200), 1)
    expected = stats.kruskal(*(values[group == one] for one in range(4)))
    assert kruskal_wallis(values, group) == pytest.approx((expected.statistic, 3, expected.pvalue))
    having, cases = np.array([12, 30, 7]), np.array([50, 60, 40])
    table = stats.chi2_contingency([having, cases - having], correction=False)
    assert chi_square(having, cases) == pytest.approx((table.statistic, 2, table.pvalue))


def test_nothing_is_told_where_nothing_differs() -> None:
    assert math.isnan(kruskal_wallis(np.ones(5), np.array([0, 0, 1, 1, 1]))[2])
    assert math.isnan(chi_square(np.array([0, 0]), np.array([5, 6]))[2])
    assert math.isnan(chi_square(np.array([3]), np.array([5]))[2])
    assert difference(share(0, 0), share(1, 2)) == Estimate(None, None, None)
    assert mean(np.array([3.0])) == Estimate(3.0, None, None)


def test_holms_correction() -> None:
    assert holm([0.01, 0.04, 0.03, math.nan, 0.005]) == pytest.approx([0.03, 0.06, 0.06, math.nan, 0.02], nan_ok=True)


def test_clustered_medians_cover_the_median_in_nineteen_of_twenty_samples() -> None:
    """Each case has four values that share its pace; taken for independent, they would cover it in three of four."""
    random = np.random.default_rng(11)
    samples, cases, each = 400, 60, 4
    covered = 0
    for _ in range(samples):
        pace = np.repeat(random.normal(0, 1, cases), each)
        values = (np.exp(pace + random.normal(0, 0.3, cases * each)) * 1e6).astype(np.int64)
        group = np.zeros(cases * each, np.int64)
        _, low, high = clustered_medians(Sorted.of(group, values, 1), group, values, np.repeat(np.arange(cases), each))
        covered += int(low[0] <= 1e6 <= high[0])
    assert 0.92 <= covered / samples <= 0.98


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**62)), min_size=1, max_size=40),
    st.sampled_from([0.5, 0.9, 0.25]),
)
def test_quantiles_of_groups_are_numpys(rows: list[tuple[int, int]], probability: float) -> None:
    group = np.unique([row[0] for row in rows], return_inverse=True)[1]
    values = np.array([row[1] for row in rows])
    found = Sorted.of(group, values, int(group.max()) + 1)
    expected = [np.quantile(values[group == one], probability) for one in range(int(group.max()) + 1)]
    np.testing.assert_allclose(found.quantile(probability), expected, rtol=1e-12)
    np.testing.assert_allclose(found.total(), [values[group == one].astype(float).sum() for one in range(len(expected))])
