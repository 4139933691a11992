"""What a rule can take and give: numbers, months, categories, tables, draws. Only these reach the kernel."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np

KindName = Literal["float", "int", "bool", "month", "category", "table", "place_years", "draw", "life_draw"]

Month = Annotated[int, "month"]
"""A calendar month as whole months since the year 0: `2025 * 12 + 0` is January 2025."""

Draw = Annotated[float, "draw"]
"""A uniform random number in [0, 1) that depends only on seed, worker, year and the argument's name."""

LifeDraw = Annotated[float, "life_draw"]
"""The same, drawn once in a life: it does not depend on the year."""

UNKNOWN = -(2**31)
"""What stands for an unknown whole number, month, category or yes/no, where a float would be NaN."""


class Category(enum.IntEnum):
    """Base of a closed list of categories; a member's key in files is its name in lower case."""

    @property
    def key(self) -> str:
        """As files, the command line and the API write it."""
        return self.name.lower()

    @classmethod
    def keys(cls) -> list[str]:
        """All keys, in order; a member whose number is `UNKNOWN` stands for no category."""
        return [member.key for member in cls if member != UNKNOWN]


class Table:
    """Numbers by a whole-number index; outside its range it gives NaN, never a neighbour's value.

    Args:
        values: the numbers from index 0 on; NaN where there is none.
    """

    def __init__(self, values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        self.values = values

    def __getitem__(self, index: int) -> float:
        if not 0 <= index < len(self.values):
            return math.nan
        return self.values[int(index)]  # type: ignore[no-any-return]


class PlaceYears:
    """A parameter at any place and year, for rules that look at another place or year than the worker's own.

    Args:
        values: by place and year.
        first_year: the year of the first column.
    """

    def __init__(self, values: np.ndarray[Any, np.dtype[np.float64]], first_year: int) -> None:
        self.values = values
        self.first_year = first_year

    def __getitem__(self, place_and_year: tuple[int, int]) -> float:
        place, year = place_and_year
        column = year - self.first_year
        if not (0 <= place < self.values.shape[0] and 0 <= column < self.values.shape[1]):
            return math.nan
        return self.values[int(place), int(column)]  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of an argument or a result.

    Args:
        name: which kind.
        category: the list of categories, for kind `category`.
    """

    name: KindName
    category: type[Category] | None = None

    @property
    def is_float(self) -> bool:
        """Unknown is NaN; otherwise it is `UNKNOWN`."""
        return self.name in ("float", "draw", "life_draw")

    @property
    def dtype(self) -> np.dtype[Any]:
        """How a column of it is stored."""
        types: Mapping[str, type] = {
            "float": np.float64,
            "draw": np.float64,
            "life_draw": np.float64,
            "bool": np.int8,
            "category": np.int8,
        }
        return np.dtype(types.get(self.name, np.int32))

    def __str__(self) -> str:
        if self.category is not None:
            return " | ".join(self.category.keys())
        return {"bool": "yes | no", "month": "YYYY-MM", "int": "whole number", "float": "number"}.get(self.name, self.name)


def kind_of(annotation: Any) -> Kind | None:
    """The kind that an annotation names; None if rules cannot have it."""
    if get_origin(annotation) is Annotated:
        mark = get_args(annotation)[1]
        return Kind(mark) if mark in ("month", "draw", "life_draw") else None
    if isinstance(annotation, type) and issubclass(annotation, Category):
        return Kind("category", annotation)
    plain: Mapping[Any, KindName] = {float: "float", int: "int", bool: "bool", Table: "table", PlaceYears: "place_years"}
    return Kind(plain[annotation]) if annotation in plain else None


def month(year: int, month_of_year: int = 1) -> Month:
    """A calendar month as a number."""
    return year * 12 + month_of_year - 1


def month_text(value: int) -> str:
    """`2025-01`."""
    return f"{value // 12:04d}-{value % 12 + 1:02d}"
