"""Survival methods against Freireich's trial and what lifelines 0.30.3 says of sixty made-up cases."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.procedures.analysis.survival import cumulative_incidence, kaplan_meier, log_rank, median_days

LIFELINES: dict[str, Any] = json.loads((Path(__file__).parent / "lifelines.json").read_text(encoding="utf-8"))
# Freireich and others (1963), as in Kalbfleisch and Prentice (2002, p. 2): weeks in remission under 6-MP and placebo.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_freireich_under_treatment() -> None:
    curve = kaplan_meier(np.array(TREATED, float), np.array(RELAPSED, bool)).filter(pl.col("ended") > 0)
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {int(day): round(share, 3) for day, share in curve.select("days", "share_open").iter_rows()} == published
    assert curve["at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    # R: summary(survfit(Surv(time, status) ~ 1, conf.type = "log-log")), at 10 weeks: Greenwood's error is 0.0963.
    row = curve.filter(pl.col("days") == 10).row(0, named=True)
    assert (row["low"], row["high"]) == (pytest.approx(0.503, abs=5e-4), pytest.approx(0.889, abs=5e-4))
    assert median_days(kaplan_meier(np.array(TREATED, float), np.array(RELAPSED, bool)))[0] == 23
    assert median_days(kaplan_meier(np.array(PLACEBO, float), np.ones(21, bool)))[0] == 8


def test_freireich_treatment_against_placebo() -> None:
    """The log-rank statistic is 16.79 on one degree of freedom."""
    statistic, df, p = log_rank(
        np.array(TREATED + PLACEBO, float), np.array(RELAPSED + [1] * 21, bool), np.array([0] * 21 + [1] * 21)
    )
    assert (round(statistic, 2), df) == (16.79, 1)
    assert p == pytest.approx(4.17e-5, rel=1e-2)


def test_curves_medians_and_test_are_those_of_lifelines() -> None:
    days, way, group = (np.array(LIFELINES[name]) for name in ("days", "way", "group"))
    curve = kaplan_meier(days, way > 0)
    ours = curve.select("days", "share_open", "low", "high").to_numpy().astype(float)
    np.testing.assert_allclose(ours, np.array(LIFELINES["km"], float), rtol=1e-12)
    assert median_days(curve) == (LIFELINES["median"], *LIFELINES["median_ci"])
    statistic, _, p = log_rank(days, way > 0, group)
    assert [statistic, p] == pytest.approx(LIFELINES["logrank"])


@pytest.mark.parametrize("way", [1, 2, 3])
def test_incidence_variance_and_interval_are_those_of_lifelines(way: int) -> None:
    curves = cumulative_incidence(np.array(LIFELINES["days_apart"]), np.array(LIFELINES["way"]), ["1", "2", "3"])
    answer = {row[0]: row[1:] for row in LIFELINES["aj"][str(way)]}
    rows = curves.filter(pl.col("way") == str(way), pl.col("share") > 0).to_dicts()
    assert len(rows) > 10
    for row in rows:
        assert [row["share"], row["se"] ** 2, row["low"], row["high"]] == pytest.approx(answer[row["days"]], rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=30))
def test_shares_of_all_ways_and_of_what_is_open_make_one(cases: list[tuple[int, int]]) -> None:
    days, way = (np.array(column) for column in zip(*cases, strict=True))
    curves = cumulative_incidence(days.astype(float), way, ["done", "refused"])
    if not (way > 0).any():
        assert curves.is_empty()
        return
    still = kaplan_meier(days.astype(float), way > 0)
    last = curves.group_by("way").agg(pl.col("share").last())["share"].sum()
    assert last + still["share_open"][-1] == pytest.approx(1)
    if (way > 0).all():
        for name, code in (("done", 1), ("refused", 2)):
            share = curves.filter(pl.col("way") == name)["share"][-1]
            assert share == pytest.approx((way == code).mean())


def test_a_log_rank_test_of_one_group_or_without_ends_tells_nothing() -> None:
    assert np.isnan(log_rank(np.ones(3), np.ones(3, bool), np.zeros(3, int))[2])
    assert np.isnan(log_rank(np.ones(4), np.zeros(4, bool), np.array([0, 0, 1, 1]))[2])
