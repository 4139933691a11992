"""What must hold of every design, and faults in what it is given."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from canbao.errors import InputError
from canbao.survey import Design
from canbao.survey.imputation import combine, impute


def frame_of(seed: int, n: int = 240) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "h": np.repeat(np.arange(4), n // 4),
            "u": np.repeat(np.arange(n // 10), 10),
            "w": random.uniform(0.5, 4, n),
            "y": random.normal(5, 2, n),
            "c": random.choice(["a", "b", "c"], n),
            "g": random.choice(["m", "f"], n),
        }
    )


def design_of(frame: pl.DataFrame, **more: str) -> Design:
    return Design(frame, weight="w", stratum="h", cluster="u", **more)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000))
def test_the_scale_of_weights_changes_totals_only(seed: int, factor: float) -> None:
    frame = frame_of(seed)
    one, other = design_of(frame), design_of(frame.with_columns(pl.col("w") * factor))
    for measure in ("estimate", "se", "low", "high", "df", "deff"):
        assert one.mean("y", by="g")[measure].to_list() == pytest.approx(
            other.mean("y", by="g")[measure].to_list(), rel=1e-9
        )
    assert other.total("y")["se"][0] == pytest.approx(one.total("y")["se"][0] * factor, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_shares_add_up_and_stay_within_bounds(seed: int) -> None:
    shares = design_of(frame_of(seed)).share("c", by="g")
    for part in shares.partition_by("g"):
        assert part["estimate"].sum() == pytest.approx(1)
    assert ((shares["low"] >= 0) & (shares["high"] <= 1) & (shares["low"] <= shares["estimate"])).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_respondents_does_not_matter(seed: int) -> None:
    frame = frame_of(seed)
    mixed = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    for name in ("estimate", "se"):
        assert design_of(frame).mean("y", by="c")[name].to_list() == pytest.approx(
            design_of(mixed).mean("y", by="c")[name].to_list(), rel=1e-9
        )


def test_a_domain_is_a_row_of_by() -> None:
    design = design_of(frame_of(1))
    by = design.mean("y", by="g").filter(pl.col("g") == "f").drop("g")
    assert_frame_equal(design.domain(pl.col("g") == "f").mean("y"), by)


def test_a_census_has_no_error() -> None:
    frame = frame_of(2).with_columns(size=pl.lit(60.0))
    census = Design(frame, stratum="h", population="size").mean("y")
    assert census["se"][0] == pytest.approx(0, abs=1e-12)


def test_blanks_stay_in_the_sample() -> None:
    frame = frame_of(3).with_columns(y=pl.when(pl.col("u") == 5).then(None).otherwise("y"))
    whole = design_of(frame).mean("y")
    dropped = design_of(frame.drop_nulls()).mean("y")
    assert whole["estimate"][0] == pytest.approx(dropped["estimate"][0])
    assert whole["se"][0] != pytest.approx(dropped["se"][0], rel=1e-6)
    assert whole["n"][0] == 230


def test_shares_of_none_and_all_have_intervals() -> None:
    frame = frame_of(4).with_columns(pl.lit("yes").cast(pl.Enum(["yes", "no"])).alias("sure"))
    shares = design_of(frame).share("sure")
    assert shares["estimate"].to_list() == [1.0, 0.0]
    assert 0.9 < shares["low"][0] < 1 and shares["high"][0] == 1
    assert shares["low"][1] == 0 and 0 < shares["high"][1] < 0.1


def test_an_empty_domain_is_blank() -> None:
    row = design_of(frame_of(5)).domain(pl.col("y") > 1000).mean("y").row(0, named=True)
    assert row["n"] == 0
    assert row["estimate"] is None and row["se"] is None


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_a_quantile_of_a_single_respondent_has_no_interval(method: str) -> None:
    frame = pl.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "g": ["few", "many", "many", "many"]})
    few = Design(frame).replicates(method, 50, seed=1).quantile("y", 0.5, by="g").row(0, named=True)
    assert (few["g"], few["estimate"]) == ("few", 1.0)
    # Some replicates leave nobody of the group.
    assert few["low"] is None or np.isnan(few["low"])


def test_the_bootstrap_comes_near_linearisation() -> None:
    design = design_of(frame_of(6))
    ratio = design.replicates("bootstrap", 2000, seed=4).mean("y")["se"][0] / design.mean("y")["se"][0]
    assert ratio == pytest.approx(1, abs=0.1)


def test_raking_meets_its_margins() -> None:
    margins = {"c": {"a": 0.5, "b": 0.3, "c": 0.2}, "g": {"m": 0.6, "f": 0.4}}
    raked = design_of(frame_of(7)).rake(margins)
    shares = dict(raked.share("c").select("category", "estimate").iter_rows())
    assert shares == pytest.approx(margins["c"])
    assert raked.weighting is not None
    assert raked.weighting["after"].to_list() == pytest.approx(raked.weighting["target"].to_list())


def test_only_probability_samples_have_confidence_intervals() -> None:
    names = {kind: design_of(frame_of(8), kind=kind).interval_name.en for kind in ("probability", "quota", "convenience")}
    assert "confidence" in names["probability"]
    assert "confidence" not in names["quota"] and "bootstrap" in names["convenience"]


FAULTS = {
    "unknown column": (lambda f: Design(f, weight="v"), "v"),
    "negative weights": (lambda f: Design(f.with_columns(w=-pl.col("w")), weight="w"), "negative"),
    "zero weights": (lambda f: Design(f.with_columns(w=0.0 * pl.col("w")), weight="w"), "zero"),
    "blank weights": (lambda f: Design(f.with_columns(w=pl.lit(None, pl.Float64)), weight="w"), "blank"),
    "no rows": (lambda f: Design(f.head(0), weight="w"), "no respondents"),
    "one unit in a stratum": (lambda f: design_of(f.filter(pl.col("u") < 7)), "one sampling unit"),
    "a share as population": (lambda f: Design(f.with_columns(N=pl.lit(0.1)), stratum="h", population="N"), "share"),
    "texts as numbers": (lambda f: Design(f, weight="w").mean("c"), "numbers"),
    "a margin left out": (lambda f: Design(f, weight="w").rake({"g": {"m": 1.0}}), "f"),
    "an unknown margin": (lambda f: Design(f, weight="w").rake({"g": {"m": 0.5, "f": 0.3, "x": 0.2}}), "x"),
    "a quantile beyond one": (lambda f: Design(f, weight="w").quantile("y", 1.5), "1.5"),
    "impossible totals": (lambda f: Design(f, weight="w").calibrate({"(Intercept)": 100, "y": 9e9}, "raking"), "converge"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_said(name: str) -> None:
    make, part = FAULTS[name]
    with pytest.raises(InputError, match=part):
        make(frame_of(9))


def test_multiple_imputation_fills_only_who_was_asked() -> None:
    frame = frame_of(10).with_columns(
        y=pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("y"), asked=pl.int_range(pl.len()) % 2 == 0
    )
    tables = impute(frame, ["y"], ["g"], 5, 1, [frame["asked"]])
    assert len(tables) == 5
    assert all(table.filter("asked")["y"].null_count() == 0 for table in tables)
    assert tables[0].filter(~pl.col("asked"))["y"].null_count() == frame.filter(~pl.col("asked"))["y"].null_count()
    assert not tables[0]["y"].equals(tables[1]["y"])


def test_rubins_rules_in_closed_form() -> None:
    rows = [
        pl.DataFrame(
            {"n": [50], "estimate": [e], "se": [1.0], "low": [0.0], "high": [0.0], "df": [40.0], "cv": [0.0], "deff": [1.0]}
        )
        for e in (9.0, 10.0, 11.0)
    ]
    combined = combine(rows).row(0, named=True)
    assert combined["estimate"] == pytest.approx(10)
    assert combined["se"] == pytest.approx(np.sqrt(1 + (1 + 1 / 3) * 1.0))
    assert combined["df"] < 40


def test_rates_have_intervals_above_zero_and_the_means_of_their_counts() -> None:
    random = np.random.default_rng(5)
    frame = frame_of(5).with_columns(k=pl.Series(random.poisson(0.05, 240)))
    rate, mean = design_of(frame).rate("k", by="c"), design_of(frame).mean("k", by="c")
    assert rate["estimate"].to_list() == pytest.approx(mean["estimate"].to_list())
    assert rate["se"].to_list() == pytest.approx(mean["se"].to_list())
    assert (mean["low"] < 0).any(), "the test would have nothing to find"
    assert ((rate["low"] > 0) & (rate["low"] < rate["estimate"]) & (rate["estimate"] < rate["high"])).all()


def test_the_interval_of_a_rate_is_that_of_a_log_linear_model() -> None:
    """In R: exp(confint(svyglm(k ~ 1, design, family = quasipoisson()))), by the delta method."""
    frame = frame_of(6).with_columns(k=pl.col("y").round().cast(pl.Int64).clip(0))
    row = design_of(frame).rate("k").row(0, named=True)
    assert row["low"] * row["high"] == pytest.approx(row["estimate"] ** 2)
    half = (np.log(row["high"]) - np.log(row["low"])) / 2
    mean = design_of(frame).mean("k").row(0, named=True)
    assert half == pytest.approx((mean["high"] - mean["low"]) / 2 / mean["estimate"])


def test_where_nothing_happened_the_rate_may_still_be_above_zero() -> None:
    row = design_of(frame_of(7).with_columns(k=pl.lit(0))).rate("k").row(0, named=True)
    assert (row["estimate"], row["low"]) == (0, 0)
    assert row["high"] == pytest.approx(3.6889 / 240, rel=1e-4), "Garwood (1936)"
