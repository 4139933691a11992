"""Small areas: another program's results first, then what must hold of any model, then what cannot be fitted."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.survey import Design
from canbao.survey.small_areas import area_model, small_areas

HERE = Path(__file__).parent
MILK = pl.read_csv(HERE / "data" / "milk.csv")
"""Fresh milk expenditure in 43 areas of the United States, 1989 (Arora and Lahiri 1997; You and Chapman 2006)."""

DIRECT, SE = MILK["direct"].to_numpy(), MILK["se"].to_numpy()
MAJOR = np.column_stack([(MILK["major_area"].to_numpy() == area).astype(float) for area in (2, 3, 4)])


def test_milk_as_another_program_has_it() -> None:
    expected = json.loads((HERE / "small_areas.json").read_text(encoding="utf-8"))
    found = area_model(DIRECT, SE**2, MAJOR)
    assert found.variance == pytest.approx(expected["variance"], rel=1e-7)
    assert found.coefficients == pytest.approx(expected["coefficients"], rel=1e-7)
    assert found.estimate == pytest.approx(expected["estimate"], rel=1e-7)
    assert found.mse == pytest.approx(expected["mse"], rel=1e-7)


def test_equal_variances_have_a_closed_form() -> None:
    """REML then is the variance between areas less that of sampling; estimates are shrunk to the mean (James and Stein)."""
    y, psi = np.array([1.0, 2.0, 4.0, 7.0, 11.0]), np.full(5, 2.0)
    found = area_model(y, psi)
    between = y.var(ddof=1) - 2.0
    assert found.variance == pytest.approx(between)
    own = between / (between + 2.0)
    assert found.estimate == pytest.approx(own * y + (1 - own) * y.mean())
    assert found.own == pytest.approx(np.full(5, own))


def test_areas_that_differ_by_chance_only_get_the_common_mean() -> None:
    y, psi = np.array([0.50, 0.51, 0.49, 0.50, 0.505]), np.array([0.01, 0.02, 0.01, 0.03, 0.02])
    found = area_model(y, psi)
    assert found.variance == 0
    assert found.estimate == pytest.approx(np.full(5, np.average(y, weights=1 / psi)))


def test_an_area_of_which_nobody_was_asked_has_the_regression_and_all_the_uncertainty() -> None:
    x = np.arange(8.0)[:, None]
    y = np.array([1.1, 1.9, 3.3, 3.8, 5.2, 5.9, 7.4, np.nan])
    found = area_model(y, np.full(8, 0.005), x)
    assert found.own[-1] == 0
    assert found.estimate[-1] == pytest.approx(found.coefficients @ [1, 7])
    assert found.mse[-1] > found.mse[:-1].max()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=5, max_size=12), st.integers(0, 10**6))
def test_estimates_lie_between_the_direct_one_and_the_regression(values: list[float], seed: int) -> None:
    psi = np.random.default_rng(seed).uniform(0.1, 2.0, len(values))
    y = np.array(values)
    found = area_model(y, psi)
    synthetic = found.coefficients[0]
    low, high = np.minimum(y, synthetic) - 1e-9, np.maximum(y, synthetic) + 1e-9
    assert ((found.estimate >= low) & (found.estimate <= high)).all()
    assert (found.mse > 0).all()
    moved = area_model(y * 3 + 2, psi * 9)
    assert moved.estimate == pytest.approx(found.estimate * 3 + 2, abs=1e-5)


def test_model_based_intervals_are_narrower_where_few_were_asked() -> None:
    rng = np.random.default_rng(7)
    sizes = [400] * 8 + [12] * 4
    area = np.repeat([f"a{at:02}" for at in range(12)], sizes)
    yes = rng.random(len(area)) < np.repeat(rng.uniform(0.4, 0.5, 12), sizes)
    design = Design(pl.DataFrame({"area": area, "answer": np.where(yes, "yes", "no")}))
    found = small_areas(design, "answer", "area", "yes")
    few = found.filter(pl.col("n") == 12)
    assert (few["se"] < 0.5 * few["direct_se"]).all()
    assert (few["own"] < found.filter(pl.col("n") == 400)["own"].min()).all()
    assert found["low"].min() >= 0 and found["high"].max() <= 1


def test_a_share_of_nobody_is_no_certainty() -> None:
    area = np.repeat(list("abcdef"), 40)
    yes = np.arange(240) % 3 == 0
    yes[:40] = False
    design = Design(pl.DataFrame({"area": area, "answer": np.where(yes, "yes", "no")}))
    found = small_areas(design, "answer", "area", "yes").row(0, named=True)
    assert (found["direct"], found["direct_se"]) == (0, 0)
    assert found["estimate"] > 0 and found["se"] > 0.01


def test_where_few_were_asked_no_answer_shows_through() -> None:
    sizes = [60] * 6 + [12]
    area = np.repeat(list("abcdefg"), sizes)
    rng = np.random.default_rng(3)
    answer, made = np.where(rng.random(len(area)) < 0.4, "yes", "no"), []
    for last in ("yes", "no"):
        answer[-12:] = last
        design = Design(pl.DataFrame({"area": area, "answer": answer}))
        made.append(small_areas(design, "answer", "area", "yes", fewest=30).row(6, named=True))
    assert made[0]["own"] == made[1]["own"] == 0
    assert made[0]["estimate"] == pytest.approx(made[1]["estimate"], abs=2e-3)


def test_areas_known_only_from_outside() -> None:
    area = np.repeat(list("abcdef"), 50)
    value = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 50) + np.random.default_rng(1).normal(0, 1, 300)
    design = Design(pl.DataFrame({"area": area, "value": value}))
    known = {name: [float(at)] for at, name in enumerate("abcdefg")}
    found = small_areas(design, "value", "area", covariates=known)
    last = found.row(6, named=True)
    assert (last["area"], last["n"], last["direct"], last["own"]) == ("g", 0, None, 0)
    assert last["estimate"] == pytest.approx(7.0, abs=0.6)


@pytest.mark.parametrize(
    ("y", "psi", "x", "said"),
    [
        ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], None, "at least 4"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 0.0, 1.0, 1.0, 1.0], None, "has to be positive"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5, [[1.0]] * 5, "follows from the others"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5, [[float("nan")], [1.0], [2.0], [3.0], [5.0]], "blank or not finite"),
    ],
)
def test_what_cannot_be_fitted(y: list[float], psi: list[float], x: list[list[float]] | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        area_model(np.array(y), np.array(psi), None if x is None else np.array(x))


def test_an_area_without_covariates_is_named() -> None:
    design = Design(pl.DataFrame({"area": list("abcdef") * 4, "value": [1.0, 2.0, 3.0, 4.0] * 6}))
    with pytest.raises(InputError, match="area f"):
        small_areas(design, "value", "area", covariates={name: [float(at)] for at, name in enumerate("abcde")})
