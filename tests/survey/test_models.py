"""Models where the answer is known in closed form."""

import numpy as np
import polars as pl
import pytest

from canbao.errors import InputError
from canbao.survey import Design


@pytest.fixture
def sample() -> Design:
    random = np.random.default_rng(7)
    n = 900
    x, g = random.normal(size=n), random.choice(["a", "b"], n)
    p = 1 / (1 + np.exp(-(-0.3 + 0.8 * x + 0.9 * (g == "b"))))
    frame = pl.DataFrame(
        {
            "x": x,
            "g": g,
            "k": random.choice(["p", "q", "r"], n),
            "z": 2 + 3 * x + (g == "b") + random.normal(size=n),
            "y": np.where(random.random(n) < p, "yes", "no"),
            "w": random.uniform(1, 3, n),
            "u": np.repeat(np.arange(90), 10),
            "h": np.repeat(np.arange(9), 100),
        }
    )
    return Design(frame, weight="w", stratum="h", cluster="u")


def effects(table: pl.DataFrame) -> dict[str, float]:
    return dict(table.select("term", "estimate").iter_rows())


def test_a_model_on_groups_is_the_difference_of_means(sample: Design) -> None:
    model = sample.linear("z ~ g").filter(pl.col("term") == "gb").row(0, named=True)
    difference = sample.difference("z", "g").row(0, named=True)
    for measure in ("estimate", "se", "df", "p"):
        assert model[measure] == pytest.approx(difference[measure], rel=1e-9)


def test_the_average_effect_of_a_lone_category_is_the_difference_of_shares(sample: Design) -> None:
    effect = sample.average_effects("y ~ g").row(0, named=True)
    difference = sample.difference("y", "g", category="yes").row(0, named=True)
    assert effect["estimate"] == pytest.approx(difference["estimate"], rel=1e-9)
    assert effect["se"] == pytest.approx(difference["se"], rel=1e-9)


def test_predictive_margins_of_a_lone_category_are_its_shares(sample: Design) -> None:
    margins = sample.adjusted_shares("y ~ g", "g")
    shares = sample.share("y", by="g").filter(pl.col("category") == "yes")
    assert margins["estimate"].to_list() == pytest.approx(shares["estimate"].to_list(), rel=1e-9)
    assert margins["se"].to_list() == pytest.approx(shares["se"].to_list(), rel=1e-9)


def test_average_effects_by_moving_everybody(sample: Design) -> None:
    """The effect of a number is the slope of the mean prediction, found here by moving everybody a little."""
    frame, step = sample.frame, 1e-5
    terms = effects(sample.logit("y ~ x + g"))

    def mean(shift: float) -> float:
        along = terms["(Intercept)"] + terms["x"] * (frame["x"] + shift) + terms["gb"] * (frame["g"] == "b").cast(float)
        return float(np.average(1 / (1 + np.exp(-along.to_numpy())), weights=frame["w"]))

    expected = (mean(step) - mean(-step)) / (2 * step)
    assert effects(sample.average_effects("y ~ x + g"))["x"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("link", ["linear", "logit"])
def test_decompositions_add_up(sample: Design, link: str) -> None:
    outcome = "z" if link == "linear" else "y"
    parts = effects(sample.decompose(outcome, "g", reference="a", on=["x", "k"], link=link))
    category = None if link == "linear" else "yes"
    difference = sample.difference(outcome, "g", reference="a", category=category).row(0, named=True)
    assert parts["difference"] == pytest.approx(difference["estimate"], abs=1e-9)
    assert parts["explained"] + parts["unexplained"] == pytest.approx(parts["difference"], abs=1e-9)
    assert parts["x"] + parts["k"] == pytest.approx(parts["explained"], abs=1e-9)


def test_the_error_of_the_difference_in_a_decomposition(sample: Design) -> None:
    parts = sample.decompose("z", "g", reference="a", on=["x"]).row(0, named=True)
    difference = sample.difference("z", "g", reference="a").row(0, named=True)
    assert parts["se"] == pytest.approx(difference["se"], rel=1e-6)


def test_the_explained_part_has_the_error_that_the_jackknife_gives(sample: Design) -> None:
    ours = sample.decompose("z", "g", reference="a", on=["x"]).row(1, named=True)
    copies = []
    for unit in range(90):
        left = sample.frame.with_columns(
            w=pl.when(pl.col("u") == unit)
            .then(0.0)
            .when(pl.col("h") == unit // 10)
            .then(pl.col("w") * 10 / 9)
            .otherwise("w")
        )
        fitted = Design(left, weight="w", stratum="h", cluster="u").decompose("z", "g", reference="a", on=["x"])
        copies.append(fitted["estimate"][1])
    spread = np.sqrt(((np.array(copies) - np.mean(copies)) ** 2).sum() * 9 / 10)
    assert ours["se"] == pytest.approx(spread, rel=0.03)


@pytest.mark.parametrize(
    ("formula", "part"),
    [("y ~ nothing", "nothing"), ("y", "formula"), ("k ~ x", "3"), ("y ~ x + x2", "x2")],
)
def test_models_that_cannot_be(sample: Design, formula: str, part: str) -> None:
    design = sample.with_column("x2", pl.col("x") * 2)
    with pytest.raises(InputError, match=part):
        design.logit(formula)


def test_complete_separation_is_said(sample: Design) -> None:
    design = sample.with_column("sure", pl.when(pl.col("y") == "yes").then(pl.lit("m")).otherwise(pl.lit("n")))
    with pytest.raises(InputError, match="separate"):
        design.logit("y ~ sure")
