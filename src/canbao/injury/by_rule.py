"""A benefit that a rule of the law makes: where provinces reckon each in its own way, the law's own code says how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.languages import Catalogue
from canbao.law import model

if TYPE_CHECKING:
    from canbao.injury.cases import Cases

say = Catalogue("canbao.injury", "words")

Array = np.ndarray[Any, np.dtype[Any]]

KNOWN = (
    "year", "own_wage", "injury_wage", "local_average_wage", "minimum_wage", "disability_grade", "nursing_level",
    "years_to_retirement",
)  # fmt: skip
"""What is known of a case by the names of the law."""

FEWEST_COMPILED = 20_000
"""For fewer cases plain Python is done before a kernel would be compiled."""


def rule_faults(name: str, place: Place, *, monthly: bool) -> Iterator[Fault]:
    """Why a rule of the law cannot make a benefit: there is none of that name, it needs what is not known, or is no sum.

    Args:
        name: of the rule.
        place: where it is named.
        monthly: the benefit comes month by month.
    """
    rules = model().rules
    if name not in rules:
        yield Fault(say("no_rule", name=name), place, did_you_mean(name, rules))
        return
    unit = "CNY/month" if monthly else "CNY"
    if rules[name][0].unit != unit:
        yield Fault(say("rule_unit", name=name, unit=unit), place)
    try:
        model().plan([name], KNOWN)
    except InputError as error:
        yield from (Fault(fault.what, place) for fault in error.faults)


def sum_by_rule(name: str, cases: Cases, who: Array) -> Array:
    """What a rule of the law makes; NaN where it rests on a figure that nobody knows.

    Args:
        name: of the rule.
        cases: the injuries.
        who: of whom it is asked; the others get nothing.
    """
    made = np.zeros(len(cases))
    if not who.any():
        return made
    known = {
        "place": cases.place,
        "year": np.full(len(cases), cases.year),
        "own_wage": cases.income,
        "injury_wage": cases.injury_wage,
        "local_average_wage": cases.average_wage,
        "minimum_wage": cases.minimum_wage,
        "disability_grade": cases.grade,
        "nursing_level": cases.nursing_level,
        "years_to_retirement": cases.years_left,
    }
    asked = {column: value[who] for column, value in known.items()}
    on: Literal["python", "threads"] = "python" if int(who.sum()) < FEWEST_COMPILED else "threads"
    made[who] = model().run(asked, [name], on=on).values[name]
    return made
