"""Back to the first job: what was told stays, and what was not is what a life can have left."""

import numpy as np
import polars as pl
import pytest

from canbao.careers import Activity, carried_parameters
from canbao.reforms.history import past_contributions
from canbao.reforms.population import start

from .sample import YEAR, simulator

FIRST_JOB = 20.0


def workers(number: int = 4000, **changed: object) -> dict[str, np.ndarray]:
    luck = np.random.default_rng(5)
    age = luck.integers(18, 58, number)
    about = {
        "birth_month": (YEAR - age) * 12,
        "place": np.ones(number, dtype=np.int64),
        "activity_at_start": np.full(number, int(Activity.EMPLOYEE)),
        "flexible_at_start": np.zeros(number, dtype=np.int8),
        "compliance_taste": luck.random(number),
        "employer_compliance": np.full(number, 0.6),
        "relative_income": np.full(number, 1.0),
        "contribution_months_last_year": np.full(number, 7),
        "indexed_months_last_year": np.full(number, 7.0),
        "account_balance_last_year": np.full(number, 700.0),
        "first_contribution_month": np.full(number, YEAR * 12 - 7),
    }
    return {**about, **{name: np.broadcast_to(np.asarray(value), number) for name, value in changed.items()}}


def past(columns: dict[str, np.ndarray], told: bool | np.ndarray = False) -> dict[str, np.ndarray]:
    marks = np.broadcast_to(np.asarray(told), len(columns["place"]))
    return past_contributions(columns, marks, carried_parameters(), YEAR, 3, FIRST_JOB)


def test_what_was_told_stays() -> None:
    columns = workers()
    told = np.arange(4000) % 2 == 0
    found = past(columns, told)
    for name, values in found.items():
        np.testing.assert_array_equal(values[told], columns[name][told], name)
        assert (values[~told] != columns[name][~told]).mean() > 0.5, name


def test_nobody_paid_before_the_first_job_or_more_than_every_month() -> None:
    columns = workers()
    months = past(columns)["contribution_months_last_year"]
    working_years = np.maximum(0, YEAR - columns["birth_month"] // 12 - FIRST_JOB)
    assert (months >= 0).all() and (months <= working_years * 12).all() and (months[working_years > 0] > 0).any()
    first = past(columns)["first_contribution_month"]
    assert (first[months > 0] >= columns["birth_month"][months > 0] + FIRST_JOB * 12).all()


def test_only_those_whose_employers_enrol_paid_as_employees() -> None:
    never = past(workers(compliance_taste=1.0))
    assert (never["contribution_months_last_year"] == 0).all() and (never["account_balance_last_year"] == 0).all()
    always = past(workers(compliance_taste=0.0))["contribution_months_last_year"]
    some = past(workers())["contribution_months_last_year"]
    assert some.mean() == pytest.approx(0.6 * always.mean(), rel=0.05)


def test_who_joined_alone_paid_in_years_of_other_work_too() -> None:
    rider = {"activity_at_start": int(Activity.PLATFORM), "compliance_taste": 1.0}
    assert (past(workers(**rider))["contribution_months_last_year"] == 0).all()
    alone = past(workers(**rider, flexible_at_start=1))
    assert alone["contribution_months_last_year"].mean() > 60
    paid = alone["contribution_months_last_year"] > 0
    index = alone["indexed_months_last_year"][paid] / alone["contribution_months_last_year"][paid]
    assert index.max() <= 0.61, "on the lowest base"


def test_an_activity_that_is_seldom_left_was_had_for_long() -> None:
    steady = past(workers(compliance_taste=0.0))["contribution_months_last_year"]
    moving = past(workers(compliance_taste=0.0, activity_at_start=int(Activity.PLATFORM)))["contribution_months_last_year"]
    assert steady.mean() > 1.5 * moving.mean() > 0


def test_the_sample_s_members_keep_their_answers() -> None:
    people, frame = simulator().respondents, simulator().design.frame
    asked = frame.select(
        pl.col("pension_scheme").cast(pl.String).is_in(["employee", "flexible", "several"]).alias("member"),
        pl.col("contribution_years").cast(pl.Float64),
    )[people.respondent.tolist()]
    told = asked["member"].to_numpy() & asked["contribution_years"].is_not_null().to_numpy()
    expected = np.round(asked["contribution_years"].fill_null(0.0).to_numpy() * 12)
    months = people.columns["contribution_months_last_year"]
    np.testing.assert_array_equal(months[told], expected[told])
    others = ~asked["member"].to_numpy()
    assert 0 < (months[others] > 0).mean() < 0.5, "some of the others have paid once"
    assert start().first_job.value == FIRST_JOB
