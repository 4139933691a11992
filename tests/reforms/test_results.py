"""What is compared: ratios with intervals that are the survey's own, and differences under common luck."""

import dataclasses
from itertools import chain

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.reforms import BASELINE, INDICATORS, cost_of_cover, difference, ratio
from canbao.reforms.results import Groups, Ratio, grouping, price_index, sampling
from canbao.reforms.simulation import Outcome, Scenario
from canbao.survey import Design
from canbao.survey.intervals import t_quantile

from .sample import YEAR, change, compared, shipped, simulator

COVERED, STATE = INDICATORS[0], INDICATORS[-1]


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.name)
@pytest.mark.parametrize("year", [2022, 2045, 2075])
def test_limits_enclose_the_value(indicator: object, year: int) -> None:
    one = compared("matching")
    for found in (
        ratio(one.central, indicator, year, simulator().survey),
        difference(one.central, one.baseline, indicator, year, simulator().survey),
    ):
        assert found.low <= found.value <= found.high


def test_a_scenario_does_not_differ_from_itself() -> None:
    one = compared("matching").central
    for indicator in INDICATORS:
        for year in (2024, 2040, 2075):
            assert difference(one, one, indicator, year, simulator().survey) == Ratio(0.0, 0.0, 0.0)


def test_a_difference_is_sharper_than_what_it_is_between() -> None:
    one = compared("matching")
    apart = difference(one.central, one.baseline, COVERED, 2045, simulator().survey)
    alone = ratio(one.central, COVERED, 2045, simulator().survey)
    assert 0 < apart.high - apart.low < (alone.high - alone.low) / 2
    before = ratio(one.baseline, COVERED, 2045, simulator().survey)
    assert apart.value == pytest.approx(alone.value - before.value, abs=1e-12)


def test_the_interval_of_the_survey_s_year_is_the_survey_s_own() -> None:
    """Without calibration and with everybody kept, the linearised variance is that of `Design.share`."""
    frame = simulator().design.frame
    design = Design(frame, weight="weight", stratum="stratum", cluster="cluster")
    scheme = pl.col("pension_scheme").cast(pl.String)
    marked = design.with_column("covered", scheme.is_in(["employee", "flexible", "several"]).cast(pl.String))
    expected = marked.share("covered").filter(pl.col("category") == "true").row(0, named=True)
    cells = grouping(design, Groups({}))
    covered = marked.frame["covered"].to_numpy() == "true"
    summed = {
        "in_scheme_alone": np.bincount(cells.unit, design.weights * covered, cells.units)[None, :, None],
        "working_age": np.bincount(cells.unit, design.weights, cells.units)[None, :, None],
    }
    totals = {**summed, "in_scheme_by_employer": 0 * summed["working_age"], "in_scheme_by_levy": 0 * summed["working_age"]}
    outcome = Outcome(Scenario(BASELINE), range(YEAR, YEAR + 1), totals, {})
    found = ratio(outcome, COVERED, YEAR, sampling(design))
    assert found.value == pytest.approx(expected["estimate"], abs=1e-12)
    assert (found.high - found.low) / 2 / t_quantile(expected["df"]) == pytest.approx(expected["se"], abs=1e-9)


def test_coverage_in_the_survey_s_year_is_near_the_survey_s_estimate() -> None:
    """Some fifty past retirement age are left out, and the simulation takes no part in the raking."""
    made = simulator()
    scheme = pl.col("pension_scheme").cast(pl.String)
    marked = made.design.with_column("covered", scheme.is_in(["employee", "flexible", "several"]).cast(pl.String))
    expected = marked.share("covered").filter(pl.col("category") == "true").row(0, named=True)
    found = ratio(compared("matching").baseline, COVERED, YEAR, made.survey)
    assert found.value == pytest.approx(expected["estimate"], abs=0.02)
    assert 0.7 < (found.high - found.low) / (expected["high"] - expected["low"]) < 1.4


# --- groups -------------------------------------------------------------------------------------------------------------


def test_groups_make_up_the_whole() -> None:
    made, one = simulator(), compared("matching")
    names = made.vocabulary["platform_worker"].categories
    members = [made.groups.members("platform_worker", name) for name in names]
    assert sorted(chain.from_iterable(members)) == list(range(made.groups.count - 1))
    parts = one.frame([2045], dict(zip(names, members, strict=True)))
    assert parts.columns[:3] == ["indicator", "group", "year"] and set(parts["group"]) == set(names)
    covered = parts.filter(pl.col("indicator") == "employees_scheme")["baseline"]
    assert covered.min() < ratio(one.baseline, COVERED, 2045, made.survey).value < covered.max()


@settings(max_examples=50, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    luck=st.randoms(use_true_random=False),
)
def test_every_respondent_is_in_one_group_of_each_category(sizes: list[int], luck: object) -> None:
    columns = {f"c{at}": tuple("abcd"[:size]) for at, size in enumerate(sizes)}
    groups = Groups(columns)
    frame = pl.DataFrame(
        {name: [luck.choice([*named, None]) for _ in range(30)] for name, named in columns.items()},
        schema=dict.fromkeys(columns, pl.String),
    )
    codes = groups.codes(frame)
    assert codes.min() >= 0 and codes.max() < groups.count
    for name, named in columns.items():
        for category in named:
            inside = np.isin(codes, groups.members(name, category))
            assert inside.tolist() == (frame[name] == category).fill_null(False).to_list()


def test_a_group_of_nobody_has_no_value() -> None:
    made, one = simulator(), compared("matching")
    empty = [made.groups.count - 1]
    assert np.isnan(ratio(one.baseline, COVERED, 2045, made.survey, empty).value)
    row = one.frame([2045], {"nobody": empty}).row(0, named=True)
    assert row["baseline"] is None and row["difference"] is None and row["low"] is None


# --- money --------------------------------------------------------------------------------------------------------------


def test_money_is_in_prices_of_the_survey_s_year() -> None:
    outcome = compared("matching").baseline
    prices = price_index(outcome)
    growth = outcome.scenario.parameters["price_growth"].yearly[0]
    assert prices[0] == 1 and prices[1] == pytest.approx(1 + growth[2022 - 1951])
    assert len(prices) == len(outcome.years) and prices[-1] == pytest.approx(np.prod(1 + growth[2022 - 1951 : 2076 - 1951]))
    wages = ratio(outcome, INDICATORS[7], 2075, simulator().survey).value
    raw = outcome.total("worker_pays")[-1] / outcome.total("working_age")[-1]
    assert wages == pytest.approx(raw / prices[-1])


def test_the_cost_of_cover_is_what_others_pay_more_for_each_person_more() -> None:
    one = compared("matching")
    at = 2045 - YEAR
    paid = one.central.total("state_pays")[at] - one.baseline.total("state_pays")[at]
    more = sum(one.central.total(name)[at] - one.baseline.total(name)[at] for name in COVERED.above)
    assert cost_of_cover(one.central, one.baseline, 2045) == pytest.approx(paid / more / price_index(one.central)[at])
    assert np.isnan(cost_of_cover(one.baseline, one.baseline, 2045))


def test_flows_are_those_of_ten_years() -> None:
    outcome = compared("matching").baseline
    reached = next(one for one in INDICATORS if one.name == "reaches_minimum")
    window = slice(2036 - YEAR, 2046 - YEAR)
    expected = outcome.total("new_pensioner_with_minimum")[window].sum() / outcome.total("new_pensioner")[window].sum()
    assert ratio(outcome, reached, 2045, simulator().survey).value == pytest.approx(expected)
    assert not reached.real and dataclasses.replace(reached, flow=False) != reached


# --- tables -------------------------------------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_indicator_and_year() -> None:
    made = simulator()
    one = made.compare(shipped("matching"))
    frame = one.frame([2030, 2045])
    assert frame.height == 2 * len(INDICATORS)
    assert (frame["low"] <= frame["difference"]).all() and (frame["difference"] <= frame["high"]).all()
    assert (frame["least"] <= frame["difference"]).all() and (frame["difference"] <= frame["most"]).all()
    row = frame.filter(indicator="employees_scheme", year=2045).row(0, named=True)
    assert row["difference"] == pytest.approx(row["reform_value"] - row["baseline"])
    assert row["difference"] == change(one, COVERED)


def test_a_scenario_is_run_once() -> None:
    made = simulator()
    assert made.outcome(shipped("matching")) is made.outcome(shipped("matching"))
    assert made.compare(shipped("matching"), shipped("matching")).span(COVERED, 2045) == (0, 0)


def test_a_small_group_is_hidden_with_another_from_which_it_would_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    made = simulator()
    bases = {category: made.base("platform_worker", category) for category in ("yes", "no")}
    assert made.hidden("platform_worker") == set()
    monkeypatch.setattr("canbao.reforms.simulator.SMALLEST_BASE", min(bases.values()) + 1)
    assert made.hidden("platform_worker") == {"yes", "no"}
