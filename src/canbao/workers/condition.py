"""Conditions on columns, as YAML files write them: `{pension_scheme: [flexible, several], age: {from: 16, to: 24}}`.

All parts of a condition must hold. A part is a value, a list of values of which one must hold, or a span of numbers
with both ends included. The vocabulary's filter questions, a codebook's cases and a study's domains are all written so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from pydantic import Field

from canbao.located_yaml import Entry

Value = str | int | float | bool


class Span(Entry):
    """Numbers from one end to the other, both included; an end left out is open."""

    low: float | None = Field(default=None, alias="from")
    high: float | None = Field(default=None, alias="to")


Part = Value | list[Value] | Span
Condition = Mapping[str, Part]


def code(value: object) -> str:
    """A value as it is compared: numbers without needless zeros, text trimmed, `true` and `false` in small letters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value).strip()
    # Only plain numbers: "1e5", "inf" and "1_000" are texts that happen to please float().
    digits = text.removeprefix("-").removeprefix("+")
    if digits.replace(".", "", 1).isdigit() and digits.isascii():
        return code(float(text)) if "." in digits else str(int(text))
    return text


def values(part: Part) -> tuple[str, ...]:
    """The values of which one must hold, as they are compared; none for a span."""
    if isinstance(part, Span):
        return ()
    return tuple(code(value) for value in (part if isinstance(part, list) else [part]))


def holds(
    condition: Condition,
    text: Callable[[str], pl.Expr] = lambda name: pl.col(name).cast(pl.String),
    number: Callable[[str], pl.Expr] = lambda name: pl.col(name).cast(pl.Float64),
) -> pl.Expr:
    """Whether a condition holds in each row; unanswered counts as not holding.

    Args:
        condition: column names with what they must be.
        text: the column whose values are compared with the condition's values.
        number: the column whose values are compared with the ends of a span.
    """
    parts = [_part_holds(part, text(name), number(name)) for name, part in condition.items()]
    return pl.all_horizontal(parts).fill_null(False) if parts else pl.lit(True)


def _part_holds(part: Part, text: pl.Expr, number: pl.Expr) -> pl.Expr:
    if not isinstance(part, Span):
        return text.is_in(list(values(part)))
    above = pl.lit(True) if part.low is None else number >= part.low
    below = pl.lit(True) if part.high is None else number <= part.high
    return number.is_not_null() & above & below
