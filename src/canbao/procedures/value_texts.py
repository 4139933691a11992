"""Values as text, each in one way: numbers in full, times in UTC, the unknown as null."""

from __future__ import annotations

import polars as pl


def kind_of(column: pl.Series) -> str:
    """A column's type: string, int, float, boolean or date."""
    kind = column.dtype
    if kind.is_integer() and kind not in (pl.UInt64, pl.Int128, pl.UInt128):
        return "int"
    if kind.is_float() or kind.is_decimal():
        return "float"
    if kind == pl.Boolean:
        return "boolean"
    return "date" if kind == pl.Date or isinstance(kind, pl.Datetime) else "string"


def as_texts(column: pl.Series, zone: str) -> pl.Series:
    """A column as text; what is unknown is null.

    Args:
        column: any column.
        zone: in which days begin.
    """
    match kind_of(column):
        case "int":
            return column.cast(pl.String)
        case "float":
            numbers = column.cast(pl.Float64)
            # Python writes the shortest text that reads back as the same number.
            texts = [None if one is None or one != one else _decimal(one) for one in numbers.to_list()]
            return pl.Series(column.name, texts, dtype=pl.String)
        case "boolean":
            return pl.select(pl.when(column).then(pl.lit("true")).when(~column).then(pl.lit("false"))).to_series()
        case "date":
            return _in_utc(column, zone).dt.to_string("%Y-%m-%dT%H:%M:%S%.6f+00:00")
        case _:
            if column.dtype.is_nested() or column.dtype == pl.Object:
                return pl.Series(
                    column.name, [None if one is None else str(one) for one in column.to_list()], dtype=pl.String
                )
            return column.cast(pl.String)


def _decimal(number: float) -> str:
    if number in (float("inf"), float("-inf")):
        return "INF" if number > 0 else "-INF"
    return repr(number)


def _in_utc(column: pl.Series, zone: str) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        return column.dt.convert_time_zone("UTC")
    local = column.cast(pl.Datetime("us"))
    return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
