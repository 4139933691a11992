"""A figure that an arrangement takes from the law instead of typing it, by its name there, for a place and a month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from canbao.careers import carried_parameters
from canbao.engine.parameters import FIRST_YEAR, LAST_YEAR, Parameter
from canbao.errors import Fault, Place, did_you_mean
from canbao.languages import Catalogue
from canbao.law import places
from canbao.located_yaml import Entry

say = Catalogue("canbao.injury", "words")

Array = np.ndarray[Any, np.dtype[Any]]

MONTHS = 12
DECEMBER = MONTHS - 1
GRADES = range(1, 11)


class FromLaw(Entry):
    """`{law: injury_funeral_months}`: what the law says of it where and when the injury happens.

    Args:
        law: the parameter's name.
        place: whose figure is taken, whoever is hurt; that of the worker's province if None.
        as_of: the month whose figure is taken, whenever somebody is hurt; that of the injury if None.
    """

    law: str
    place: str | None = None
    as_of: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = None


def _grades(value: object) -> object:
    """`7-10: 3` stands for each of the grades."""
    if not isinstance(value, dict) or "law" in value:
        return value
    made: dict[int, Any] = {}
    for key, one in value.items():
        for grade in grades_of(str(key)):
            if grade in made:
                raise ValueError(f"grade {grade} stands in two bands")
            made[grade] = one
    return made


def grades_of(text: str) -> tuple[int, ...]:
    """The grades of `7-10` or `3`.

    Raises:
        ValueError: it is no grade, or there is no such grade.
    """
    first, _, last = text.partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        raise ValueError(f"{text!r} is no grade")
    found = tuple(range(int(first), int(last or first) + 1))
    for grade in found:
        if grade not in GRADES:
            raise ValueError(f"there is no grade {grade}: grades go from 1, the worst, to 10")
    return found


Figure = Annotated[float, Field(ge=0)] | FromLaw
ByGrade = Annotated[dict[int, Annotated[float, Field(ge=0)]] | FromLaw, BeforeValidator(_grades)]


def law_faults(value: object, place: Place, *, table: bool) -> Iterator[Fault]:
    """Why the law cannot be asked for a figure.

    Args:
        value: what an arrangement says; nothing is wrong with what it typed itself.
        place: where it stands.
        table: a table is needed, not a single figure.
    """
    if not isinstance(value, FromLaw):
        return
    known = carried_parameters()
    if value.law not in known:
        yield Fault(say("no_parameter", name=value.law), place, did_you_mean(value.law, known))
    elif known[value.law].is_table != table:
        yield Fault(say("needs_table" if table else "needs_single", name=value.law), place)
    if value.place is not None and value.place not in places().numbers:
        yield Fault(say("no_place", name=value.place), place, did_you_mean(value.place, places().names))
    if value.as_of is not None and not FIRST_YEAR <= int(value.as_of[:4]) <= LAST_YEAR:
        yield Fault(say("no_month", text=value.as_of), place)


def figure(value: float | FromLaw, place: Array, year: int) -> Array:
    """A single figure for each worker; NaN where nobody knows it.

    Args:
        value: typed, or taken from the law.
        place: the number of each worker's place.
        year: of the injury; the law's mean of its months.
    """
    if not isinstance(value, FromLaw):
        return np.full(len(place), value)
    parameter, where = carried_parameters()[value.law], _where(value, place)
    if value.as_of is not None:
        return np.asarray(parameter.monthly[where, _month(value.as_of)])
    return np.asarray(parameter.yearly[where, year - FIRST_YEAR])


def entries(value: FromLaw, place: Array, year: int, index: Array) -> Array:
    """The entry of a table for each worker; NaN where nobody knows it, and for numbers that are not in it.

    Args:
        value: a table of the law.
        place: the number of each worker's place.
        year: of the injury; the law as it stands in December.
        index: which entry.
    """
    parameter = carried_parameters()[value.law]
    month = (year - FIRST_YEAR) * MONTHS + DECEMBER if value.as_of is None else _month(value.as_of)
    return _table_entries(parameter, _where(value, place), month, index)


def _table_entries(parameter: Parameter, where: Array, month: int, index: Array) -> Array:
    tables = parameter.tables
    inside = np.minimum(index, tables.shape[1] - 1)
    return np.where(index < tables.shape[1], tables[parameter.table_rows[where, month], inside], np.nan)


def _where(value: FromLaw, place: Array) -> Array:
    return place if value.place is None else np.full(len(place), places().numbers[value.place])


def _month(text: str) -> int:
    year, _, month = text.partition("-")
    return (int(year) - FIRST_YEAR) * MONTHS + int(month) - 1
