"""What is left of a household's income in the years after an injury, under each arrangement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from canbao.careers.categories import Circumstance, Outcome, RiskGroup
from canbao.injury.arrangement import LASTING, Arrangement
from canbao.injury.benefits import paid
from canbao.injury.cases import MONTHS, Cases

Array = np.ndarray[Any, np.dtype[Any]]

SHOWN = (Outcome.GRADE_10, Outcome.GRADE_5, Outcome.GRADE_1, Outcome.DEATH)
"""The injuries that are looked at."""


def typical(cases: Cases, group: RiskGroup, days_off: Array, treatment: Array, lost: Array) -> Cases:
    """A worker in the middle of those of a kind of work, with a spouse and a child, hurt on an order in each way shown.

    Args:
        cases: workers, of whom the middle is taken.
        group: the kind of work.
        days_off: means by outcome.
        treatment: means by outcome.
        lost: earnings lost for good by outcome.

    Raises:
        ValueError: nobody does such work.
    """
    members = cases.some(np.flatnonzero(cases.group == group))
    if not len(members):
        raise ValueError("nobody does such work")
    middle = int(np.argsort(members.income)[len(members) // 2])
    one = members.some(np.full(len(SHOWN), middle))
    outcome = np.array([int(each) for each in SHOWN])
    return replace(
        one,
        outcome=outcome,
        circumstance=np.full(len(SHOWN), int(Circumstance.ON_ORDER)),
        days_off=days_off[outcome],
        treatment=treatment[outcome],
        earning_capacity_lost=lost[outcome],
        spouse=np.ones(len(SHOWN), dtype=bool),
        dependants=np.ones(len(SHOWN)),
        chance=np.zeros(len(SHOWN)),
        injury_weight=np.ones(len(SHOWN)),
    )


def income_left(arrangements: Sequence[Arrangement], cases: Cases, years: int) -> Array:
    """Earnings that are left and benefits, less treatment that nobody else pays, as a share of earnings before.

    Of a death it is the family's: what it had of the earnings before stands below the line. A benefit whose sum was not
    found counts as nothing.

    Args:
        arrangements: in force together.
        cases: the injuries.
        years: after the injury, the first with it.
    """
    span = np.minimum(years, np.maximum(1, cases.years_left))
    months = MONTHS * span
    left, income = cases.treatment.copy(), cases.income * months * (1 - cases.earning_capacity_lost)
    income -= np.where(cases.dies, 0.0, cases.losses["off_work"] * (1 - cases.earning_capacity_lost))
    for one in arrangements:
        for benefit, found in paid(one, cases, left):
            amount = np.nan_to_num(found)
            if benefit.of == "treatment":
                left = left - amount
                continue
            whole = np.maximum(1, cases.years_left)
            income += amount * np.minimum(1.0, span / whole) if benefit.of in LASTING else amount
    before = cases.income * months * np.where(cases.dies, 1 - cases.own_consumption, 1.0)
    return np.asarray((income - left) / before)
