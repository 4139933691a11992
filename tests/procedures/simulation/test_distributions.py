"""Durations: quantiles of the event loop against SciPy's distributions."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from canbao.procedures.simulation.distributions import Distribution, draws_of, moments
from canbao.procedures.simulation.event_loop import draw, quantile

U = np.array([1e-9, 1e-4, 0.01, 0.2, 0.5, 0.731, 0.97, 0.9999, 1 - 1e-9])


def quantiles(given: dict[str, Any]) -> Any:
    drawn = draws_of(Distribution.model_validate(given | {"unit": "seconds"}), float)
    values = np.array(drawn.values)
    return np.array([quantile(u, drawn.kind, drawn.first, drawn.second, drawn.third, values, 0, len(values)) for u in U])


def lognormal(mean: float, cv: float) -> Any:
    sigma = math.sqrt(math.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean / math.exp(sigma**2 / 2))


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ({"constant": 5}, stats.uniform(5, 0)),
        ({"exponential": 3}, stats.expon(scale=3)),
        ({"uniform": [2, 9]}, stats.uniform(2, 7)),
        ({"triangular": [1, 3, 10]}, stats.triang(2 / 9, 1, 9)),
        ({"lognormal": {"mean": 30, "cv": 0.7}}, lognormal(30, 0.7)),
        ({"lognormal": {"mean": 30, "cv": 3}}, lognormal(30, 3)),
        ({"gamma": {"mean": 30, "cv": 0.4}}, stats.gamma(6.25, scale=4.8)),
        ({"gamma": {"mean": 30, "cv": 1.8}}, stats.gamma(1.8**-2, scale=30 * 1.8**2)),
    ],
    ids=["constant", "exponential", "uniform", "triangular", "lognormal", "wide lognormal", "gamma", "wide gamma"],
)
def test_quantiles_are_scipys(given: dict[str, Any], exact: Any) -> None:
    if "constant" in given:
        assert (quantiles(given) == 5).all()
        return
    np.testing.assert_allclose(quantiles(given), exact.ppf(U), rtol=2e-4)
    mean, variance = moments(draws_of(Distribution.model_validate(given | {"unit": "seconds"}), float))
    np.testing.assert_allclose([mean, variance], [exact.mean(), exact.var()], rtol=2e-3)


def test_a_median_is_one() -> None:
    assert quantiles({"lognormal": {"median": 12, "cv": 2}})[4] == pytest.approx(12, rel=1e-4)


def test_measured_values_are_equally_likely() -> None:
    assert quantiles({"empirical": [3, 1, 2]}).tolist() == [1, 1, 1, 1, 2, 3, 3, 3, 3]


def test_more_luck_never_means_less_time() -> None:
    for given in ({"gamma": {"mean": 5, "cv": 2}}, {"lognormal": {"mean": 5, "cv": 2}}, {"triangular": [0, 0, 1]}):
        assert (np.diff(quantiles(given)) >= 0).all()


def test_units_are_seconds_in_the_end() -> None:
    for unit, seconds in (("minutes", 60), ("hours", 3600), ("days", 86_400), ("working_days", 86_400)):
        one = Distribution.model_validate({"constant": 2, "unit": unit})
        assert one.mean_seconds(float) == 2 * seconds == draws_of(one, float).first


def test_draws_are_even_and_unrelated() -> None:
    luck = np.arange(4_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    first = np.array([draw(one, np.uint64(77), 1, 0) for one in luck])
    second = np.array([draw(one, np.uint64(77), 1, 1) for one in luck])
    third = np.array([draw(one, np.uint64(77), 2, 0) for one in luck])
    assert stats.kstest(first, "uniform").pvalue > 0.001
    for other in (second, third):
        assert abs(np.corrcoef(first, other)[0, 1]) < 4 / math.sqrt(len(luck))
