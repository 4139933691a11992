"""Answers that can be wrong: closed forms, identities, and how often intervals hold."""

import numpy as np
import polars as pl
import pytest

from canbao.survey import Design
from canbao.survey.misclassification import by_records, under_errors


def sample(seed: int, size: int = 1200, say_no: float = 0.3, linked: float = 0.4) -> Design:
    luck = np.random.default_rng(seed)
    true = luck.random(size) < 0.6
    said = true & (luck.random(size) >= say_no)
    record = np.where(luck.random(size) < linked, true.astype(float), np.nan)
    frame = pl.DataFrame(
        {
            "said": said.astype(float),
            "true": true.astype(float),
            "record": record,
            "site": luck.integers(0, 60, size),
            "weight": luck.uniform(0.5, 2.0, size),
        }
    ).with_columns(pl.col("record").fill_nan(None))
    return Design(frame, weight="weight", cluster="site")


def share_of(design: Design, name: str) -> dict[str, float]:
    answered = design.with_column("answer", pl.when(pl.col(name) == 1).then(pl.lit("yes")).otherwise(pl.lit("no")))
    return answered.share("answer").filter(pl.col("category") == "yes").row(0, named=True)


def test_without_errors_the_answers_stand() -> None:
    design = sample(1)
    plain = share_of(design, "said")
    found = under_errors(design, pl.col("said"), 0.0)
    assert found.estimate == pytest.approx(plain["estimate"]) and found.n == plain["n"]
    assert (found.low, found.high) == pytest.approx((plain["low"], plain["high"]))


@pytest.mark.parametrize(("say_no", "say_yes"), [(0.25, 0.0), (0.55, 0.0), (0.2, 0.05)])
def test_the_correction_undoes_the_errors(say_no: float, say_yes: float) -> None:
    design = sample(2)
    plain = design.mean("said").row(0, named=True)
    found = under_errors(design, pl.col("said"), say_no, say_yes)
    # Rogan and Gladen's closed form, and its inverse.
    expected = (plain["estimate"] - say_yes) / (1 - say_no - say_yes)
    assert found.estimate == pytest.approx(min(1, expected))
    if expected < 1:
        assert found.estimate * (1 - say_no) + (1 - found.estimate) * say_yes == pytest.approx(plain["estimate"])


def test_a_share_stays_a_share() -> None:
    found = under_errors(sample(3), pl.col("said"), 0.9)
    assert found.estimate == found.high == 1.0


def test_errors_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="say nothing"):
        under_errors(sample(3), pl.col("said"), 0.6, 0.4)


def test_if_everybody_is_linked_it_is_the_share_of_the_records() -> None:
    design = sample(4, linked=1.1)
    plain = share_of(design, "true")
    found = by_records(design, pl.col("said"), pl.col("record"))
    assert found.estimate == pytest.approx(plain["estimate"], rel=1e-12)
    assert found.low == pytest.approx(plain["low"], rel=1e-9) and found.high == pytest.approx(plain["high"], rel=1e-9)


def test_without_anybody_linked_nothing_is_known() -> None:
    assert np.isnan(by_records(sample(5, linked=-1.0), pl.col("said"), pl.col("record")).estimate)


def test_the_interval_holds_as_often_as_it_says() -> None:
    """Of 300 samples; three standard errors of a share of 95 % are four points."""
    found = [by_records(sample(seed, size=500), pl.col("said"), pl.col("record")) for seed in range(100, 400)]
    held = np.mean([one.low <= 0.6 <= one.high for one in found])
    assert 0.91 < held < 0.99
    assert np.mean([one.estimate for one in found]) == pytest.approx(0.6, abs=0.006)


def test_a_domain_is_corrected_by_its_own_records() -> None:
    design = sample(6, size=3000).domain(pl.col("site") < 30)
    found = by_records(design, pl.col("said"), pl.col("record"))
    inside = design.frame.filter(pl.col("site") < 30)
    assert found.n == inside["record"].is_not_null().sum()
    weight, said, record = (inside[name].to_numpy() for name in ("weight", "said", "record"))
    linked = ~np.isnan(record)
    parts = [
        weight[said == value].sum()
        / weight.sum()
        * np.average(record[linked & (said == value)], weights=weight[linked & (said == value)])
        for value in (0.0, 1.0)
    ]
    assert found.estimate == pytest.approx(sum(parts), rel=1e-12)
