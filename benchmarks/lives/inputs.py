"""What the program by hand is given: the sample study's respondents, and the figures of each law, as arrays."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lives.measure import LAWS
from canbao.engine.parameters import FIRST_YEAR
from canbao.law import places
from canbao.reforms import BASELINE, LAST_YEAR, Reform, find_reform
from canbao.reforms.simulation import COUNTED, Scenario
from canbao.reforms.simulator import Simulator
from canbao.study import Study

STUDY = Path(__file__).parents[2] / "studies" / "sample"

YEARLY = """
    resident_pension_age compliance_rise flexible_hukou_open contribution_reference_wage base_floor base_ceiling
    flexible_base_follows_income flexible_pension_rate match_share match_most match_income_line platform_pays_share
    information_campaign default_enrolment duty_from_income levy_per_order worker_pension_rate flexible_months_share
    fractional_months care_credit flexible_month_credit resident_lowest_tier resident_highest_tier employer_pension_rate
    pension_account_rate pension_bookkeeping_rate pension_increase resident_bookkeeping_rate resident_divisor
    resident_basic_part resident_basic_minimum old_age_line
""".split()
"""Figures by year; by place too, where they differ."""

MONTHLY = """
    benefit_reference_wage contribution_reference_wage accrual_rate transitional_coefficient one_child_share
    resident_divisor
""".split()
"""Figures that are looked up in the month of retirement."""

ALWAYS = """
    mortality_decline old_age_men old_age_women_cadre old_age_women_worker old_age_women_flexible rise_first_birth_men
    rise_first_birth_women_55 rise_first_birth_women_50 rise_step rise_step_women_50 rise_most rise_most_women_50
    leaves_after_birth care_years departure_fall_with_age peak_earnings_age earnings_curvature shock_persistence
    lasting_shock_deviation passing_shock_deviation price_response information_response default_response duty_response
    yearly_move months_lost_by_move
""".split()
"""Figures that hold for ever."""

TABLES = """
    mortality_men mortality_women fertility yearly_departure return_share to_employee to_platform to_non_standard
    activity_pay resident_match minimum_contribution_months_by_year annuity_months
""".split()
"""Tables by age, year, activity or hundred yuan."""

PROVINCES = {"beijing": "11", "shanghai": "31", "henan": "41", "guangdong": "44", "sichuan": "51"}
"""Provinces that calculate in their own way."""


def simulator(workers: int) -> Simulator:
    """The sample study's workers."""
    return Study(STUDY).simulator(workers=workers)


def law(name: str, first_year: int) -> Reform:
    """The law as it stands, or a reform of the programme's own."""
    return BASELINE if name == "baseline" else find_reform(name, STUDY, first_year)


def write(folder: Path, laws: Sequence[str] = LAWS) -> None:
    """Write `respondents.npz`, and for each law `<law>.npz`.

    Args:
        folder: where they go.
        laws: their names.
    """
    study = simulator(1)
    people, years = study.respondents, range(study.base_year, LAST_YEAR + 1)
    within = {name: sorted(places().numbers[one] for one in places().within(code)) for name, code in PROVINCES.items()}
    about: dict[str, Any] = {
        "weight": people.weight,
        "cell": study.grouping.cell(people),
        "cells": study.grouping.units * study.grouping.groups,
        "seed": study.seed,
        "first_year": years[0],
        "last_year": years[-1],
        **{f"in_{name}": np.isin(np.arange(len(places().names)), numbers) for name, numbers in within.items()},
    }
    np.savez(folder / "respondents.npz", **{**people.columns, **about})
    for name in laws:
        np.savez(folder / f"{name}.npz", **_figures(Scenario(law(name, years[0])), years))


def _figures(scenario: Scenario, years: range) -> dict[str, Any]:
    known = scenario.model.parameters
    since = years[0] - FIRST_YEAR
    december = slice(since * 12 + 11, (since + len(years)) * 12, 12)
    figures = {f"{name}_yearly": known[name].yearly[:, since : since + len(years)].T.copy() for name in YEARLY}
    figures |= {f"{name}_monthly": known[name].monthly[:, since * 12 : (since + len(years)) * 12] for name in MONTHLY}
    figures |= {f"{name}_always": known[name].monthly[:, -1] for name in ALWAYS}
    for name in TABLES:
        figures[f"{name}_tables"] = known[name].tables
        figures[f"{name}_rows"] = known[name].table_rows[:, december].T.copy()
    annuity = known["annuity_months"].table_rows[0, since * 12 : (since + len(years)) * 12]
    return {**figures, "annuity_months_monthly_rows": annuity}


if __name__ == "__main__":
    write(Path(sys.argv[1]))
    print(json.dumps({"counts": COUNTED}))
