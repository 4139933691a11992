"""Every table of a report as Parquet, for machines: numbers as numbers, one column each."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import polars as pl

from canbao.chapters.document import Cell, Document, Interval, Table
from canbao.languages import LANGUAGES, Number, Words
from canbao.report.chart_tables import chart_table


def write_tables(document: Document, folder: Path) -> None:
    """One file a table, and one a figure with the data that it draws."""
    folder.mkdir(exist_ok=True)
    for table in (*document.tables(), *(chart_table(figure) for figure in document.figures())):
        content = BytesIO()
        table_frame(table).write_parquet(content, compression="zstd")
        # Written here and not by polars, which has its own words for a full disk.
        (folder / f"{table.key}.parquet").write_bytes(content.getvalue())


def table_frame(table: Table) -> pl.DataFrame:
    """A table's rows: words in both languages, numbers unrounded, limits of intervals and flags in columns of their own.

    Headings over groups of rows become the columns `section_en` and `section_zh`.
    """
    rows: list[dict[str, str | float | None]] = []
    section: Words | None = None
    for row in table.rows:
        if row.kind == "heading":
            content = row.cells[0].content
            section = content if isinstance(content, Words) else None
            continue
        entry: dict[str, str | float | None] = {f"section_{one}": section[one] if section else None for one in LANGUAGES}
        for column, cell in zip(table.columns, row.cells, strict=True):
            entry.update(_entries(column.key, cell))
        rows.append(entry)
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pl.DataFrame({name: _series(name, [row.get(name) for row in rows]) for name in names})
    return frame.select(name for name in names if frame[name].null_count() < frame.height or not name.startswith("section"))


def _series(name: str, values: list[str | float | None]) -> pl.Series:
    texts = any(isinstance(value, str) for value in values)
    return pl.Series(name, values, dtype=pl.String if texts else pl.Float64)


def _entries(key: str, cell: Cell) -> Iterator[tuple[str, str | float | None]]:
    match cell.content:
        case Words():
            yield from ((f"{key}_{language}", cell.content[language]) for language in LANGUAGES)
        case Interval(low, high):
            yield from ((f"{key}_low", low), (f"{key}_high", high))
        case Number(value):
            yield key, value
        case None:
            yield key, None
    if cell.interval is not None:
        yield from ((f"{key}_low", cell.interval.low), (f"{key}_high", cell.interval.high))
    if cell.flag is not None:
        yield f"{key}_flag", cell.flag
