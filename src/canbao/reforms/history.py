"""Back to the first job: what a working life before the survey has left of contributions, where no answer tells.

Surveys ask members how long they have paid, and nobody else. For the others the life is gone through backwards, year by
year from the survey: with the probability of leaving an activity they came from another one, which is as likely as it would
be to go there (a chain in its steady state runs backwards as it runs forwards). In years of employment those paid whose
employers would enrol them, by the same taste as later; alone those who joined alone at the survey.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from canbao.careers.categories import Activity
from canbao.engine import Parameters
from canbao.engine.draws import uniforms
from canbao.engine.parameters import FIRST_YEAR

Array = np.ndarray[Any, np.dtype[Any]]

MONTHS = 12
LOWEST_INDEX, HIGHEST_INDEX = 0.6, 3.0


def past_contributions(
    columns: Mapping[str, Array], told: Array, parameters: Parameters, base_year: int, seed: int, first_job: float
) -> dict[str, Array]:
    """Contributions before the survey, as answered or as a life backwards makes them.

    Args:
        columns: of the respondents at the survey, tastes among them.
        told: who answered how long contributions were paid.
        parameters: of life courses.
        base_year: of the survey.
        seed: of luck.
        first_job: the age at which work begins.

    Returns:
        the columns of what was paid before, changed where nothing was told.
    """
    rows = np.arange(len(told))
    born = columns["birth_month"] // MONTHS
    activity = columns["activity_at_start"].astype(np.int64)
    alone = columns["flexible_at_start"] == 1
    enrolled = columns["compliance_taste"] < columns["employer_compliance"]
    share = float(parameters["flexible_months_share"].yearly[0, base_year - FIRST_YEAR])
    pay = parameters["activity_pay"].tables[0]
    months, indexed = np.zeros(len(told)), np.zeros(len(told))
    first = np.full(len(told), base_year)
    for year in range(base_year - 1, base_year - 60, -1):
        works = (year - born >= first_job) & (activity != Activity.NOT_WORKING)
        activity = _before(parameters, activity, year - born + 1, uniforms(seed, rows, year, "past_change"), seed, year)
        employed = works & (activity == Activity.EMPLOYEE) & enrolled
        paid = np.where(employed, float(MONTHS), np.where(works & alone, MONTHS * share, 0.0))
        income = columns["relative_income"] * pay[activity] / pay[columns["activity_at_start"]]
        index = np.where(employed, np.clip(income, LOWEST_INDEX, HIGHEST_INDEX), LOWEST_INDEX)
        months += paid
        indexed += paid * index
        first = np.where(paid > 0, year, first)
    months = np.round(months)
    wage, rate = (
        parameters[name].yearly[columns["place"], base_year - FIRST_YEAR]
        for name in ("contribution_reference_wage", "pension_account_rate")
    )
    # As much interest in the past as wages grew: every month counts as if paid on today's wage.
    found = {
        "contribution_months_last_year": months.astype(np.int64),
        "indexed_months_last_year": indexed,
        "account_balance_last_year": np.nan_to_num(indexed * wage * rate),
        "first_contribution_month": np.where(months > 0, first * MONTHS, columns["first_contribution_month"]),
    }
    return {name: np.where(told, columns[name], column) for name, column in found.items()}


def _before(parameters: Parameters, activity: Array, age: Array, change: Array, seed: int, year: int) -> Array:
    """What one did the year before."""
    departure = parameters["yearly_departure"].tables[0]
    fall = float(parameters["departure_fall_with_age"].yearly[0, -1])
    came = change < departure[activity] * np.exp(-fall * (age - 30))
    where = uniforms(seed, np.arange(len(activity)), year, "past_origin")
    reached, origin = np.zeros(len(activity)), np.full(len(activity), int(Activity.NOT_WORKING))
    for name, kind in (
        ("to_employee", Activity.EMPLOYEE),
        ("to_platform", Activity.PLATFORM),
        ("to_non_standard", Activity.NON_STANDARD),
    ):
        below = reached
        reached = reached + parameters[name].tables[0][activity]
        origin = np.where((where >= below) & (where < reached), int(kind), origin)
    return np.where(came, origin, activity)
