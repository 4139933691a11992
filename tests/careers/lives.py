"""Random workers of whom life courses can be made, and one run of them that many tests look at."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from canbao.careers import Activity, carried_parameters, life_model
from canbao.careers.categories import RiskGroup
from canbao.engine import NATION, UNKNOWN, Parameters, Result, Totals, ValueEntry
from canbao.law import places
from canbao.law.categories import Hukou, HukouLocality, Relation, Sex, WorkerClass

Array = np.ndarray[Any, np.dtype[Any]]

FIRST, LAST = 2022, 2135
WORKERS = 800

COUNTED = (
    "working_age", "works", "in_scheme_by_employer", "in_scheme_alone", "in_scheme_by_levy", "in_residents_scheme",
    "in_no_scheme", "income_year", "worker_pays", "employer_pays", "platform_pays", "state_pays", "into_employees_scheme",
    "employees_pension_year", "residents_pension_year", "new_pensioner", "new_pensioner_with_minimum",
    "new_pension_to_wage", "pensioner", "pensioner_below_line",
)  # fmt: skip
BESIDE = (
    "scheme", "activity", "paid_months", "care_years_left", "children_born", "lasting_shock", "passing_shock",
    "income_month", "leaving_probability", "flexible_probability", "flexible_burden", "last_income", "levy_months",
    "resident_years", "pension_year", "moves", "hukou_locality", "uncounted_months",
    "injury_risk", "injury_outcome", "injury_circumstance", "injury_days_off", "injury_treatment_cost",
    "months_not_working", "months_lost_by_employer", "months_kept_out", "months_by_choice", "months_paused",
)  # fmt: skip
CAUSES = ("months_not_working", "months_lost_by_employer", "months_kept_out", "months_by_choice", "months_paused")
AT_RETIREMENT = ("old_age_pension", "replacement_rate", "pension_to_wage", "reaches_minimum", "lives_to_retirement")
DATES = ("death_month", "retirement_month", "resident_pension_month")


SWITCHES = {
    "levy_per_order": 0.5, "care_credit": 1, "fractional_months": 1, "match_share": 0.3, "flexible_month_credit": 0.5,
    "platform_pays_share": 0.5, "information_campaign": 1, "default_enrolment": 1, "duty_from_income": 1.5,
}  # fmt: skip
"""What reforms turn on."""


def workers(number: int, seed: int) -> dict[str, Array]:
    """Workers of every kind, the youngest and the oldest, the poorest and the richest among them."""
    luck = np.random.default_rng(seed)

    def one_of(*values: Any) -> Array:
        return luck.choice([int(one) for one in values], number)

    age = luck.integers(16, 50, number)
    start = FIRST + np.where(luck.random(number) < 0.3, luck.integers(1, 40, number), 0)
    months = np.maximum(0, (age - 20) * 12) * luck.choice([0, 1], number)
    index = luck.uniform(0.4, 3.0, number)
    in_residents = luck.choice([0.0, 1.0], number) * luck.integers(0, 10, number)
    # Not the nation as such, which has no reference wage, nor Tibet, where nobody knows when women retire.
    known = [at for name, at in places().numbers.items() if name != NATION and not name.startswith("54")]
    return {
        "place": luck.choice(known, number),
        "birth_month": (start - age) * 12 + luck.integers(0, 12, number),
        "sex": one_of(*Sex),
        "hukou": one_of(*Hukou),
        "hukou_locality_at_start": one_of(*HukouLocality),
        "relation_at_start": one_of(*Relation),
        "activity_at_start": one_of(*Activity),
        "start_year": start,
        "relative_income": luck.choice([0.02, 0.3, 0.6, 1.0, 3.0, 20.0], number) * luck.uniform(0.9, 1.1, number),
        "employer_compliance": luck.uniform(0, 1, number),
        "compliance_taste": luck.uniform(0, 1, number),
        "flexible_score": luck.uniform(-5, 5, number),
        "flexible_taste": luck.uniform(0, 1, number),
        "flexible_at_start": luck.integers(0, 2, number),
        "burden_at_start": luck.uniform(0, 1, number),
        "chosen_base_to_floor": luck.choice([0.5, 1.0, 2.0, 9.0], number),
        "aware": luck.integers(0, 2, number),
        "resident_probability": luck.uniform(0, 1, number),
        "resident_taste": luck.uniform(0, 1, number),
        "resident_payment_at_start": luck.choice([0.0, 200.0, 3000.0], number),
        "orders_year": luck.choice([0.0, 8000.0, 40000.0], number),
        "risk_group_at_start": one_of(*RiskGroup),
        "hours_at_start": luck.choice([0.0, 20.0, 50.0, 100.0], number),
        "worker_class": np.full(number, int(WorkerClass.FLEXIBLE)),
        "student": np.zeros(number, dtype=np.int8),
        "only_child_parent": luck.integers(0, 2, number),
        "deemed_years": np.zeros(number),
        "overlap_months": np.zeros(number),
        "contribution_months_last_year": months,
        "indexed_months_last_year": months * index,
        "account_balance_last_year": months * index * 400.0,
        "resident_years_last_year": in_residents,
        "resident_account_last_year": in_residents * 230.0,
        "first_contribution_month": np.full(number, FIRST * 12),
        "first_resident_payment_month": start * 12,
        "worker_id": np.arange(number),
    }


def some(columns: dict[str, Array], rows: Any) -> dict[str, Array]:
    return {name: column[rows] for name, column in columns.items()}


@cache
def switched_on() -> Parameters:
    """The figures with every switch of a reform turned on from 2030."""
    dated = {name: {NATION: {"2030-01": ValueEntry.model_validate({"value": value})}} for name, value in SWITCHES.items()}
    return carried_parameters().with_values(dated)


def run(columns: dict[str, Array], on: Any = "threads", seed: int = 7, parameters: Parameters | None = None) -> Result:
    """Everything at once, so that there is one kernel to compile."""
    wanted = [*AT_RETIREMENT, *DATES]
    model = life_model(parameters)
    return model.run(columns, wanted, years=(FIRST, LAST), panel=[*COUNTED, *BESIDE], seed=seed, on=on)


def added_up(columns: dict[str, Array], groups: Array, parameters: Parameters | None = None) -> Result:
    """The same, but only sums by year and group."""
    wanted, totals = [*AT_RETIREMENT, *DATES], Totals([*COUNTED, *BESIDE], groups)
    return life_model(parameters).run(columns, wanted, years=(FIRST, LAST), totals=totals, seed=7)


@cache
def everybody() -> tuple[dict[str, Array], Result]:
    columns = workers(WORKERS, seed=3)
    return columns, run(columns)


@cache
def everybody_reformed() -> tuple[dict[str, Array], Result]:
    columns = workers(WORKERS, seed=3)
    return columns, run(columns, parameters=switched_on())


def without_blanks(made: tuple[dict[str, Array], Result]) -> tuple[dict[str, Array], Result]:
    """With nothing in the years that were not lived."""
    columns, result = made
    panel = {name: np.where(is_blank(values), 0, values) for name, values in result.panel.items()}
    return columns, replace(result, panel=panel)


def is_blank(values: Array) -> Array:
    return np.isnan(values) if values.dtype.kind == "f" else values == UNKNOWN
