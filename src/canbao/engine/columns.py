"""Columns as the caller supplies them: everything about them that compiled code would not notice is checked.

A compiled run looks at each cell when it comes to its worker, which costs next to nothing and leaves out whoever has an
impossible one; only where that happened are the columns gone through here to say which. Columns that have to be converted
first are gone through at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from canbao.engine.kinds import UNKNOWN, Kind
from canbao.engine.parameters import FIRST_YEAR, LAST_YEAR
from canbao.engine.plan import Lawbook, Plan
from canbao.errors import Fault, Place, raise_all
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

Array = np.ndarray[Any, np.dtype[Any]]


def check_columns(
    lawbook: Lawbook,
    plan: Plan,
    columns: Mapping[str, Array],
    workers: int,
    years: tuple[int, int] | None,
    places: int,
    *,
    guarded: bool = False,
) -> dict[str, Array]:
    """Everything that compiled code would not notice: types, missing values, ranges, lengths.

    Args:
        lawbook: for the kinds of columns.
        plan: which columns are needed.
        columns: what the caller supplies.
        workers: how many there are.
        years: that are gone through.
        places: how many there are.
        guarded: whether the kernel looks at the cells of columns that it takes as they are.

    Returns:
        the needed columns as the kernel takes them, with `place` and `worker_id`.

    Raises:
        InputError: all that is wrong, with the first row of each.
    """
    faults: list[Fault] = []
    checked: dict[str, Array] = {}
    for name in dict.fromkeys([*plan.columns, *([] if plan.has_years or plan.by_month else _year_column(plan))]):
        kind = lawbook.kind(name) or Kind("month" if name == "month" else "int")
        if name not in columns:
            faults.append(
                Fault(say("needs_column", result="", name=name), Place(field=name), say("give_column", name=name))
            )
            continue
        array = np.asarray(columns[name])
        as_it_is = array.dtype == kind.dtype and array.flags.c_contiguous and array.shape == (workers,)
        if not (guarded and as_it_is):
            array, found = _checked(name, array, kind, workers)
            faults += found
        checked[name] = array
    place = np.asarray(columns.get("place", np.zeros(workers)), dtype=np.int32)
    if not guarded:
        faults += _outside("place", place, (place < 0) | (place >= places), f"0–{places - 1}")
    checked["place"] = place
    draws = not guarded or any(node.kind == "draw" for node in plan.nodes.values())
    numbers = columns["worker_id"] if "worker_id" in columns else np.arange(workers if draws else 0)
    checked["worker_id"] = np.asarray(numbers, dtype=np.int64)
    if years is not None and not FIRST_YEAR <= years[0] <= years[1] < LAST_YEAR:
        faults.append(Fault(say("bad_years", first=str(FIRST_YEAR), last=str(LAST_YEAR - 1))))
    raise_all(faults)
    return checked


def check_totals(group: Array | None, weight: Array | None, workers: int) -> tuple[Array, Array]:
    """By what totals are formed, as the kernel takes it: it would write beside its arrays for a group below zero.

    Args:
        group: a whole number from 0 on for each worker; None for one group.
        weight: one number a worker; None for no weights.
        workers: how many there are.

    Returns:
        group and weight; the weight is empty where there is none.

    Raises:
        InputError: all that is wrong, with the first row of each.
    """
    groups, faults = np.zeros(workers, dtype=np.int32), list[Fault]()
    if group is not None:
        groups, found = _checked("group", np.asarray(group), Kind("int"), workers)
        faults += found or _outside("group", groups, groups < 0, "≥ 0")
    weights = np.zeros(0)
    if weight is not None:
        weights, found = _checked("weight", np.asarray(weight), Kind("float"), workers)
        faults += found
    raise_all(faults)
    return groups, weights


def _year_column(plan: Plan) -> list[str]:
    return ["year"] if ("year", "year") in plan.nodes else []


def _checked(name: str, array: Array, kind: Kind, workers: int) -> tuple[Array, list[Fault]]:
    if array.shape != (workers,):
        return array, [
            Fault(say("wrong_length", name=name, length=str(len(array)), workers=str(workers)), Place(field=name))
        ]
    if array.dtype.kind not in "fiub":
        return array, [Fault(say("not_numbers", name=name, kind=str(kind)), Place(field=name))]
    faults = _outside(name, array, np.isnan(array) if array.dtype.kind == "f" else array == UNKNOWN, str(kind))
    if faults:
        return array, faults
    if kind.is_float:
        return np.ascontiguousarray(array, dtype=np.float64), _outside(name, array, ~np.isfinite(array), str(kind))
    fraction = array != np.floor(array) if array.dtype.kind == "f" else np.zeros(workers, dtype=bool)
    low, high = possible_range(name, kind)
    faults = _outside(name, array, fraction | (array < low) | (array > high), _expected(kind, low, high))
    return (array if faults else np.ascontiguousarray(array, dtype=kind.dtype)), faults


def possible_range(name: str, kind: Kind) -> tuple[int, int]:
    """The lowest and highest number that can stand in a column of whole numbers, months or categories."""
    if kind.category is not None:
        return min(kind.category), max(kind.category)
    if kind.name == "bool":
        return 0, 1
    if kind.name == "month":
        return 1900 * 12, 2300 * 12
    return (FIRST_YEAR, LAST_YEAR - 1) if name == "year" else (-(2**31) + 1, 2**31 - 1)


def _expected(kind: Kind, low: int, high: int) -> str:
    return str(kind) if kind.name in ("category", "bool", "month") else f"{low}–{high}"


def _outside(name: str, array: Array, wrong: Array, expected: str) -> list[Fault]:
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return []
    value = str(array[rows[0]])
    what = say("wrong_cell", value=value, expected=expected, times=str(len(rows)))
    return [Fault(what, Place(row=int(rows[0]) + 1, field=name))]
