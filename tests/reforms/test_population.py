"""From the survey to life courses: the survey's year is as it was answered, copies and entrants are like respondents."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from canbao.careers import Scheme
from canbao.errors import InputError
from canbao.reforms.choice import FEWEST, log_odds, probabilities, tastes
from canbao.reforms.population import People, respondents, start
from canbao.reforms.reform import BASELINE
from canbao.reforms.simulation import Scenario
from canbao.survey import Design

from .sample import YEAR, simulator

ANSWERS = {"none": 0, "resident": 1, "flexible": 2, "several": 2, "employee": 3}


@pytest.fixture(scope="module")
def observed() -> pl.DataFrame:
    return simulator().observed()


def test_the_year_of_the_survey_is_as_every_respondent_answered(observed: pl.DataFrame) -> None:
    expected = observed["answer"].replace_strict(ANSWERS, return_dtype=pl.Int32)
    assert observed["scheme"].to_list() == expected.to_list()
    assert set(observed["scheme"]) == {int(one) for one in Scheme}


@pytest.mark.parametrize("group", ["sex", "migrant", "platform_worker"])
def test_shares_of_groups_are_those_of_the_survey(observed: pl.DataFrame, group: str) -> None:
    made = simulator()
    rows, weight = made.respondents.respondent, made.respondents.weight
    of = made.design.frame[group].cast(pl.String).gather(rows.tolist())
    answered = made.design.frame["pension_scheme"].cast(pl.String).gather(rows.tolist())
    for category in of.drop_nulls().unique():
        inside = (of == category).fill_null(False).to_numpy()
        run = np.average((observed["scheme"].to_numpy() >= Scheme.FLEXIBLE)[inside], weights=weight[inside])
        survey = answered.is_in(["employee", "flexible", "several"]).to_numpy()[inside]
        assert run == np.average(survey, weights=weight[inside]), category


def test_nobody_is_left_out_but_those_past_retirement_age() -> None:
    made = simulator().respondents
    assert len(made) + made.left_out == int(np.asarray(simulator().design.inside).sum())
    ages = simulator().design.frame["age"].to_numpy()
    out = np.setdiff1d(np.arange(len(ages)), made.respondent)
    assert ages[out].min() >= 49 and made.assumed == ()


def test_answers_that_a_survey_lacks_are_assumed_and_said() -> None:
    design = simulator().design
    fewer = Design(design.frame.drop("aware", "hukou"), weight="weight", stratum="stratum", cluster="cluster")
    model = Scenario(BASELINE).model
    made = respondents(fewer, simulator().vocabulary, model, YEAR * 12 + 5, 1)
    labels = [simulator().vocabulary[name].label["en"] for name in ("hukou", "aware")]
    assert [one["en"] for one in made.assumed] == [f"not asked, assumed: {label}" for label in labels]
    assert (made.columns["aware"] == 1).all()


def test_a_study_without_incomes_has_no_life_courses() -> None:
    frame = simulator().design.frame.drop("income_month", "pension_scheme")
    fewer = Design(frame, weight="weight", stratum="stratum", cluster="cluster")
    with pytest.raises(InputError) as error:
        respondents(fewer, simulator().vocabulary, Scenario(BASELINE).model, YEAR * 12 + 5, 1)
    assert "Life courses need columns" in error.value.text("en") and "codebook.yaml" in error.value.text("en")
    assert "生命历程" in error.value.text("zh")


# --- copies and entrants ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [None, 1000, 5000])
def test_people_weigh_what_the_sample_weighs(workers: int | None) -> None:
    sample = simulator().respondents
    people = People(sample, workers, 2075)
    everybody = people.block(range(len(people)))
    today = everybody.weight[~everybody.entrant]
    assert today.sum() == pytest.approx(sample.weight.sum())
    assert len(today) == (workers or len(sample))
    first = everybody.columns["start_year"] == YEAR + 1
    assert everybody.weight[first].sum() == pytest.approx(sample.weight.sum() * start().entrants.value * 0.994)
    later = [everybody.weight[everybody.columns["start_year"] == year].sum() for year in (2022, 2050, 2075)]
    assert later[0] > later[1] > later[2] > 0


def test_many_copies_are_as_the_weighted_sample() -> None:
    sample = simulator().respondents
    copies = People(sample, 50_000, YEAR).block(range(50_000))
    for name in ("relative_income", "birth_month", "sex", "flexible_at_start"):
        mean = np.average(sample.columns[name], weights=sample.weight)
        assert np.average(copies.columns[name], weights=copies.weight) == pytest.approx(mean, rel=2e-3), name


def test_entrants_are_like_the_young_of_today() -> None:
    people = People(simulator().respondents, None, 2075)
    everybody = people.block(range(len(people)))
    ages = everybody.columns["start_year"] - everybody.columns["birth_month"] // 12
    assert ages[everybody.entrant].max() <= start().oldest_template.value < ages[~everybody.entrant].max()
    # Every young respondent has her turn.
    templates = set(everybody.respondent[everybody.entrant])
    assert len(templates) > 0.9 * (ages[~everybody.entrant] <= start().oldest_template.value).sum()
    assert (everybody.columns["worker_id"] == np.arange(len(people))).all()


def test_workers_are_the_same_in_whichever_block_they_are_asked_for() -> None:
    people = People(simulator().respondents, 2000, 2075)
    whole = people.block(range(len(people)))
    for first, step in ((0, 1), (1999, 3), (2500, 700)):
        part = people.block(range(first, first + step))
        for name, column in part.columns.items():
            np.testing.assert_array_equal(column, whole.columns[name][first : first + step], name)
        np.testing.assert_array_equal(part.weight, whole.weight[first : first + step])
    assert len(people.block(range(len(people), len(people) + 5))) == 0


def test_a_column_of_workers_is_stored_as_the_kernel_takes_it() -> None:
    people, model = People(simulator().respondents, 2000, 2075), Scenario(BASELINE).model
    for name, column in people.block(range(1990, 3000)).columns.items():
        kind = model.lawbook.kind(name)
        assert name == "worker_id" or kind is None or column.dtype == kind.dtype, name


def test_workers_are_known_by_all_that_they_are_made_of() -> None:
    sample = simulator().respondents

    def basis(workers: int | None = 2000, **changed: np.ndarray) -> bytes:
        return People(replace(sample, columns={**sample.columns, **changed}), workers, 2075).basis

    assert basis() == People(sample, 2000, 2040).basis, "the same workers, fewer of whom may be asked for"
    moved = {name: np.where(np.arange(len(sample)) == 7, column[8], column) for name, column in sample.columns.items()}
    others = [name for name, column in sample.columns.items() if (moved[name] != column).any()]
    assert {"sex", "flexible_taste"} & set(others)
    found = [basis(), basis(1000), basis(None), *(basis(**{name: moved[name]}) for name in others)]
    found += [
        People(replace(sample, weight=sample.weight * 2), 2000, 2075).basis,
        People(replace(sample, respondent=sample.respondent[::-1]), 2000, 2075).basis,
        People(replace(sample, base_year=YEAR - 1), 2000, 2075).basis,
    ]
    assert len(set(found)) == len(found)


# --- choices ------------------------------------------------------------------------------------------------------------


def test_tastes_lie_below_the_probability_of_those_who_chose_and_of_no_others() -> None:
    luck = np.random.default_rng(2)
    probability = luck.uniform(0.005, 0.995, 5000)
    chose, could = luck.random(5000) < 0.4, luck.random(5000) < 0.8
    drawn = tastes(3, np.arange(5000), "x", probability, chose, could)
    assert ((drawn < probability) == chose)[could | chose].all()
    assert (drawn >= 0).all() and (drawn < 1).all()
    np.testing.assert_allclose(1 / (1 + np.exp(-log_odds(probability))), probability)


def test_tastes_are_uniform_where_people_choose_as_they_are_probable_to() -> None:
    luck = np.random.default_rng(4)
    probability = luck.uniform(0.1, 0.9, 20_000)
    chose = luck.random(20_000) < probability
    drawn = tastes(3, np.arange(20_000), "x", probability, chose, np.ones(20_000, dtype=bool))
    assert np.abs(np.quantile(drawn, [0.1, 0.5, 0.9]) - [0.1, 0.5, 0.9]).max() < 0.015


def test_probabilities_add_up_to_those_who_chose() -> None:
    made = simulator()
    scheme = made.design.frame["pension_scheme"].cast(pl.String).fill_null("")
    chose, could = scheme.is_in(["flexible", "several"]).to_numpy(), (scheme != "employee").to_numpy()
    found = probabilities(made.design, chose, could)
    weights = made.design.weights
    expected = np.average(chose[could], weights=weights[could])
    assert np.average(found[could], weights=weights[could]) == pytest.approx(expected, rel=0.02)
    assert found[chose].mean() > found[could & ~chose].mean() + 0.03
    assert (found >= 0.005).all() and (found <= 0.995).all()


def test_few_who_chose_make_a_share_not_a_model() -> None:
    design = simulator().design
    chose = np.zeros(design.frame.height, dtype=bool)
    chose[: FEWEST - 1] = True
    assert len(np.unique(probabilities(design, chose, np.ones(len(chose), dtype=bool)))) == 1
    assert (probabilities(design, ~chose, np.zeros(len(chose), dtype=bool)) == 0.005).all()
