"""Columns as the caller supplies them: everything about them that compiled code would not notice is checked.

A compiled run looks at each cell when it comes to its worker, which costs next to nothing and leaves out whoever has an
impossible one; only where that happened are the columns gone through here to say which. Columns that have to be converted
first are gone through at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from canbao.engine.kinds import UNKNOWN, Kind
from canbao.engine.parameters import FIRST_YEAR, LAST_YEAR
from canbao.engine.plan import Lawbook, Plan
from canbao.errors import Fault, Place, raise_all
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Cells:
    """What can stand in a column, without the kind itself, whose categories another machine may not have.

    Args:
        name: of the column.
        dtype: as the kernel takes it.
        bounds: the lowest and highest whole number; None for floats.
        kind: of what, in words.
        expected: what a cell may be, in words.
    """

    name: str
    dtype: np.dtype[Any]
    bounds: tuple[int, int] | None
    kind: str
    expected: str

    @classmethod
    def of(cls, name: str, kind: Kind) -> Cells:
        """The cells of a column of some kind."""
        if kind.is_float:
            return cls(name, kind.dtype, None, str(kind), str(kind))
        low, high = possible_range(name, kind)
        expected = str(kind) if kind.name in ("category", "bool", "month") else f"{low}–{high}"
        return cls(name, kind.dtype, (low, high), str(kind), expected)


@dataclass(frozen=True)
class Needs:
    """What a plan needs of a table of workers.

    Args:
        columns: the needed ones.
        places: how many there are.
        draws: whether luck is drawn, for which each worker needs a number.
    """

    columns: tuple[Cells, ...]
    places: int
    draws: bool

    @classmethod
    def of(cls, lawbook: Lawbook, plan: Plan) -> Needs:
        """What a plan needs."""
        names = dict.fromkeys([*plan.columns, *([] if plan.has_years or plan.by_month else _year_column(plan))])
        kinds = {name: lawbook.kind(name) or Kind("month" if name == "month" else "int") for name in names}
        draws = any(node.kind == "draw" for node in plan.nodes.values())
        return cls(tuple(Cells.of(*one) for one in kinds.items()), len(lawbook.places.names), draws)


@dataclass(frozen=True)
class Grouping:
    """By what totals are formed.

    Args:
        group: a whole number from 0 on for each worker; None for one group.
        weight: one number a worker; None for no weights.
        group_name: what the group is called where something is wrong with it.
        weight_name: what the weight is called.
    """

    group: Array | None = None
    weight: Array | None = None
    group_name: str = "group"
    weight_name: str = "weight"


class Findings:
    """What is found to be wrong, over all parts of a table: of each column the first row, and how many there are.

    Args:
        file: that holds the table.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.numbers: Array | None = None
        """The workers' own numbers from 0 on, in whatever order they come; None where they come as the table has them."""
        self._faults: dict[Fault, None] = {}
        self._cells: dict[tuple[str, str], tuple[int, str, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._faults or self._cells)

    def add(self, fault: Fault) -> None:
        """Note a fault that is not one of cells."""
        self._faults[fault] = None

    def look(self, name: str, array: Array, wrong: Array, expected: str, first_row: int) -> bool:
        """Note wrong cells, if there are any.

        Args:
            name: of the column.
            array: its cells.
            wrong: which of them are wrong.
            expected: what they may be.
            first_row: how many rows of the table come before this part.
        """
        rows = np.flatnonzero(wrong)
        if len(rows):
            number = first_row + int(rows[0]) if self.numbers is None else int(self.numbers[rows[0]])
            found = (number + 1, str(array[rows[0]]), 0)
            row, value, times = self._cells.get((name, expected), found)
            self._cells[name, expected] = (row, value, times + len(rows))
        return bool(len(rows))

    def raise_all(self) -> None:
        """Raise all that was found, if anything was.

        Raises:
            InputError: all faults, with the first row of each.
        """
        cells = [
            Fault(
                say("wrong_cell", value=value, expected=expected, times=str(times)),
                Place(self.file, row=row, field=name),
            )
            for (name, expected), (row, value, times) in self._cells.items()
        ]
        raise_all([*self._faults, *cells])


def check_columns(
    needs: Needs,
    columns: Mapping[str, Array],
    workers: int,
    findings: Findings | None = None,
    *,
    guarded: bool = False,
    first_row: int = 0,
) -> dict[str, Array]:
    """Everything that compiled code would not notice: types, missing values, ranges, lengths.

    Args:
        needs: which columns, and what they may hold.
        columns: what the caller supplies.
        workers: how many there are.
        findings: to which what is wrong is added; None to raise it at once.
        guarded: whether the kernel looks at the cells of columns that it takes as they are.
        first_row: how many workers of a larger table come before these.

    Returns:
        the needed columns as the kernel takes them, with `place` and `worker_id`.

    Raises:
        InputError: all that is wrong, with the first row of each.
    """
    found = Findings() if findings is None else findings
    checked: dict[str, Array] = {}
    numbered = first_row + np.arange(workers if needs.draws or not guarded else 0)
    given = {"place": np.zeros(workers, dtype=np.int32), **columns}
    place = Cells("place", np.dtype(np.int32), (0, needs.places - 1), WHOLE, f"0–{needs.places - 1}")
    for cells in (*needs.columns, place, *([WORKER_ID] if "worker_id" in columns else [])):
        name = cells.name
        if name not in given:
            found.add(missing_column(name))
            continue
        array = np.asarray(given[name])
        as_it_is = array.dtype == cells.dtype and array.flags.c_contiguous and array.shape == (workers,)
        checked[name] = array if guarded and as_it_is else _checked(cells, array, workers, found, first_row)
    checked.setdefault("worker_id", np.asarray(numbered, dtype=np.int64))
    if findings is None:
        found.raise_all()
    return checked


def check_grouping(grouping: Grouping, workers: int, findings: Findings, first_row: int = 0) -> tuple[Array, Array]:
    """By what totals are formed, as the kernel takes it: it would write beside its arrays for a group below zero.

    Args:
        grouping: as the caller gives it.
        workers: how many there are.
        findings: to which what is wrong is added.
        first_row: how many workers of a larger table come before these.

    Returns:
        group and weight; the weight is empty where there is none.
    """
    groups, weights = np.zeros(workers, dtype=np.int32), np.zeros(0)
    if grouping.group is not None:
        cells = Cells(grouping.group_name, np.dtype(np.int32), (0, 2**31 - 1), WHOLE, f"0–{2**31 - 1}")
        groups = _checked(cells, np.asarray(grouping.group), workers, findings, first_row)
    if grouping.weight is not None:
        cells = Cells.of(grouping.weight_name, Kind("float"))
        weights = _checked(cells, np.asarray(grouping.weight), workers, findings, first_row)
    return groups, weights


def check_numbers(name: str, numbers: Array, findings: Findings) -> bool:
    """Look at the workers' own numbers, by which findings then tell of them.

    Args:
        name: of the column.
        numbers: as the caller gives them.
        findings: to which what is wrong is added.

    Returns:
        whether they are numbers.
    """
    findings.numbers = None
    cells = Cells(name, np.dtype(np.int64), (0, 2**63 - 1), WHOLE, "≥ 0")
    own = Findings()
    whole = _checked(cells, numbers, len(numbers), own, 0)
    if own:
        _checked(cells, numbers, len(numbers), findings, 0)
        return False
    findings.numbers = whole
    return True


def missing_column(name: str) -> Fault:
    """A column that is needed and not there."""
    return Fault(say("needs_column", result="", name=name), Place(field=name), say("give_column", name=name))


WHOLE = str(Kind("int"))
WORKER_ID = Cells("worker_id", np.dtype(np.int64), (-(2**63), 2**63 - 1), WHOLE, WHOLE)


def _year_column(plan: Plan) -> list[str]:
    return ["year"] if ("year", "year") in plan.nodes else []


def year_faults(years: tuple[int, int] | None) -> list[Fault]:
    """What is wrong with the first and last year of a run."""
    if years is None or FIRST_YEAR <= years[0] <= years[1] < LAST_YEAR:
        return []
    return [Fault(say("bad_years", first=str(FIRST_YEAR), last=str(LAST_YEAR - 1)))]


def _checked(cells: Cells, array: Array, workers: int, findings: Findings, first_row: int) -> Array:
    """The column as the kernel takes it; as it was where something is wrong with it."""
    name = cells.name
    if array.shape != (workers,):
        what = say("wrong_length", name=name, length=str(len(array)), workers=str(workers))
        findings.add(Fault(what, Place(findings.file, field=name)))
        return array
    if array.dtype.kind not in "fiub":
        findings.add(Fault(say("not_numbers", name=name, kind=cells.kind), Place(findings.file, field=name)))
        return array
    unknown = np.isnan(array) if array.dtype.kind == "f" else array == UNKNOWN
    if findings.look(name, array, unknown, cells.kind, first_row):
        return array
    if cells.bounds is None:
        floats = np.ascontiguousarray(array, dtype=np.float64)
        findings.look(name, floats, ~np.isfinite(floats), cells.expected, first_row)
        return floats
    low, high = cells.bounds
    fraction = array != np.floor(array) if array.dtype.kind == "f" else np.zeros(workers, dtype=bool)
    if findings.look(name, array, fraction | (array < low) | (array > high), cells.expected, first_row):
        return array
    return np.ascontiguousarray(array, dtype=cells.dtype)


def possible_range(name: str, kind: Kind) -> tuple[int, int]:
    """The lowest and highest number that can stand in a column of whole numbers, months or categories."""
    if kind.category is not None:
        return int(min(kind.category)), int(max(kind.category))
    if kind.name == "bool":
        return 0, 1
    if kind.name == "month":
        return 1900 * 12, 2300 * 12
    return (FIRST_YEAR, LAST_YEAR - 1) if name == "year" else (-(2**31) + 1, 2**31 - 1)
