"""What each arrangement pays in given cases, benefit by benefit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from canbao.careers.categories import Circumstance, Outcome, RiskGroup
from canbao.engine.kinds import Category
from canbao.engine.parameters import FIRST_YEAR
from canbao.engine.places import NATION
from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.injury.arrangement import LASTING, Arrangement
from canbao.injury.benefits import counts, instalment, joined, paid
from canbao.injury.cases import Cases, national_income
from canbao.languages import Catalogue
from canbao.law import places
from canbao.law.cases import province_code
from canbao.law.categories import Relation
from canbao.reforms import BASELINE
from canbao.reforms.simulation import Scenario

say = Catalogue("canbao.injury", "words")

Array = np.ndarray[Any, np.dtype[Any]]

NUMBERS: dict[str, tuple[float | None, float, float]] = {
    "own_wage": (None, 0, 1e7),
    "local_average_wage": (None, 1, 1e6),
    "minimum_wage": (float("nan"), 0, 1e6),
    "disability_grade": (0, 0, 10),
    "days_off_work": (0, 0, 3650),
    "treatment_cost": (0, 0, 1e8),
    "age": (35, 16, 100),
    "other_dependants": (0, 0, 20),
    "year": (2025, 2011, 2026),
}
"""Columns of numbers: what stands for a blank (nothing may where None), and between what they lie."""

YES_NO = {"dies": False, "surviving_spouse": False}
CATEGORIES: dict[str, tuple[type[Category], int]] = {
    "work": (RiskGroup, int(RiskGroup.FOOD_DELIVERY)),
    "relation": (Relation, int(Relation.CIVIL)),
    "circumstance": (Circumstance, int(Circumstance.ON_ORDER)),
}
NAME, PROVINCE = "case", "province"


def benefits_of(frame: pl.DataFrame, arrangements: Sequence[Arrangement]) -> pl.DataFrame:
    """What arrangements pay in given cases.

    Args:
        frame: one row a case: `own_wage` and `local_average_wage` a month, and as far as they matter `minimum_wage`,
            `disability_grade`, `days_off_work`, `treatment_cost`, `age`, `dies`, `surviving_spouse`, `other_dependants`,
            `year`, `work`, `relation`, `circumstance`, `province`, by code or name, and a name under `case`.
        arrangements: each on its own.

    Returns:
        one row a case, arrangement and benefit that is not nothing: case, arrangement, benefit, payer, amount in yuan, paid
        (`once` or `month`), and total, in which monthly ones are added up till they end. Where the sum was not found, as of
        what a province has of its own if none is given, amount and total are blank.

    Raises:
        InputError: a column that is unknown or needed, or a cell that cannot be, with its row.
    """
    found = _columns(frame)
    names = frame[NAME].cast(pl.String).to_list() if NAME in frame.columns else [str(at + 1) for at in range(frame.height)]
    rows: list[tuple[int, dict[str, Any]]] = []
    for year in np.unique(found["year"]):
        members = np.flatnonzero(found["year"] == year)
        cases = _made({name: column[members] for name, column in found.items()}, int(year))
        for one in arrangements:
            for at, row in _paid_rows(one, cases):
                rows.append((int(members[at]), {"case": names[members[at]], "arrangement": one.name, **row}))
    kinds = dict.fromkeys(("case", "arrangement", "benefit", "payer"), pl.String())
    schema = {**kinds, "amount": pl.Float64(), "paid": pl.String(), "total": pl.Float64()}
    return pl.DataFrame([row for _, row in sorted(rows, key=lambda one: one[0])], schema=schema)


def _paid_rows(arrangement: Arrangement, cases: Cases) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every benefit that is not nothing, with the number of its case."""
    inside = joined(arrangement, cases) & counts(arrangement, cases)
    left = cases.treatment.copy()
    for benefit, total in paid(arrangement, cases):
        each = np.where(inside, instalment(arrangement, benefit, cases, left), 0.0)
        if benefit.of == "treatment":
            left = left - np.nan_to_num(each)
        for at in np.flatnonzero((total > 0) | np.isnan(total)):
            amounts = {"amount": _fen(each[at]), "total": _fen(total[at])}
            when = "month" if benefit.of in LASTING else "once"
            yield int(at), {"benefit": benefit.of, "payer": benefit.payer, "paid": when, **amounts}


def _fen(amount: float) -> float | None:
    return None if np.isnan(amount) else round(float(amount), 2)


def _columns(frame: pl.DataFrame) -> dict[str, Array]:
    known = [NAME, PROVINCE, *NUMBERS, *YES_NO, *CATEGORIES]
    faults = [
        Fault(say("no_case_column", name=name), Place(field=name), did_you_mean(name, known))
        for name in frame.columns
        if name not in known
    ]
    faults += [
        Fault(say("case_column_needed", name=name), Place(field=name))
        for name, (blank, *_) in NUMBERS.items()
        if blank is None and name not in frame.columns
    ]
    raise_all(faults)
    found: dict[str, Array] = {}
    for name, (blank, low, high) in NUMBERS.items():
        found[name] = _column(frame, name, faults, partial(_number, low=low, high=high), blank)
    for name, blank_answer in YES_NO.items():
        found[name] = _column(frame, name, faults, {"yes": 1.0, "no": 0.0}.get, float(blank_answer))
    for name, (kinds, usual) in CATEGORIES.items():
        numbers = {one.key: float(one) for one in kinds}
        found[name] = _column(frame, name, faults, numbers.get, float(usual))
    found[PROVINCE] = _column(frame, PROVINCE, faults, _place, float(places().numbers[NATION]))
    raise_all(faults)
    return found


def _place(text: str) -> float | None:
    code = province_code(text)
    return None if code is None else float(places().numbers[code])


def _column(
    frame: pl.DataFrame, name: str, faults: list[Fault], read: Callable[[str], float | None], blank: float | None
) -> Array:
    if name not in frame.columns:
        return np.full(frame.height, blank)
    values = np.zeros(frame.height)
    for row, cell in enumerate(frame[name].cast(pl.String).to_list()):
        text = (cell or "").strip()
        value = blank if not text else read(text)
        if value is None:
            faults.append(Fault(say("bad_case_cell", text=text), Place(row=row + 1, field=name)))
            continue
        values[row] = value
    return values


def _number(text: str, low: float, high: float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if low <= value <= high else None


def _made(found: dict[str, Array], year: int) -> Cases:
    parameters = Scenario(BASELINE).parameters
    grade, dies = found["disability_grade"].astype(int), found["dies"] == 1
    outcome = np.where(grade > 0, int(Outcome.GRADE_1) + 1 - grade, int(Outcome.TREATED))
    outcome = np.where(dies, int(Outcome.DEATH), outcome)
    average, size = found["local_average_wage"], len(grade)
    share = float(parameters["minimum_to_average_wage"].yearly[0, -1])
    return Cases(
        weight=np.ones(size),
        injury_weight=np.ones(size),
        respondent=np.arange(size),
        group=found["work"].astype(int),
        relation=found["relation"].astype(int),
        age=found["age"],
        income=found["own_wage"],
        orders=np.zeros(size),
        risk=np.ones(size),
        outcome=outcome,
        circumstance=found["circumstance"].astype(int),
        days_off=found["days_off_work"],
        treatment=found["treatment_cost"],
        place=found[PROVINCE].astype(np.int32),
        average_wage=average,
        minimum_wage=np.where(np.isnan(found["minimum_wage"]), share * average, found["minimum_wage"]),
        national_income=national_income(parameters, year - FIRST_YEAR),
        earning_capacity_lost=parameters["earning_capacity_lost"].tables[0][outcome],
        own_consumption=float(parameters["own_consumption"].yearly[0, -1]),
        spouse=found["surviving_spouse"] == 1,
        dependants=found["other_dependants"],
        chance=np.zeros(size),
        year=year,
    )
