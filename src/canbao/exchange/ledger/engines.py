"""Where expressions are computed: DuckDB on one machine, within a limit of memory, or a Spark session.

Both take the same ibis expressions, compiled into their own SQL. Frames go in and out as Parquet files, so that neither
pyarrow nor pandas is needed.
"""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

import ibis
import polars as pl
from ibis.expr.types import Table

EngineName = Literal["duckdb", "spark"]

Within = tuple[str, str | datetime.date, str | datetime.date]
"""A column, the first value, and the value after the last."""

SQL_TYPES = {"int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "boolean": "BOOLEAN"}


class Engine(Protocol):
    """Computes expressions over named tables."""

    def source(self, name: str, files: Sequence[Path], schema: Mapping[str, str], within: Within | None = None) -> Table:
        """Parquet files as a table, with some of their columns, and of their rows those from one value to below another."""
        ...

    def frame(self, name: str, frame: pl.DataFrame) -> Table:
        """A small frame as a table."""
        ...

    def keep(self, name: str, expression: Table) -> Table:
        """Compute an expression once; the result is a table."""
        ...

    def drop(self, name: str) -> None:
        """Forget a table that was kept."""
        ...

    def fetch(self, expression: Table) -> list[tuple[Any, ...]]:
        """The rows of an expression."""
        ...

    def write(self, expression: Table, folder: Path, order: Sequence[str]) -> None:
        """Write an expression as Parquet files into a folder that does not exist yet."""
        ...


@contextmanager
def engine(
    name: EngineName, memory: str, threads: int, scratch: Path | None = None, session: Any = None
) -> Iterator[Engine]:
    """An engine for the time of one assessment.

    Args:
        name: which.
        memory: what DuckDB may take, as `600MB`; more is spilled to the disk.
        threads: of DuckDB.
        scratch: where to spill; the system's folder for temporary files if None.
        session: Spark's session.
    """
    with tempfile.TemporaryDirectory(prefix="canbao-", dir=scratch) as folder:
        if name == "spark":
            yield _Spark(session, Path(folder))
        else:
            import duckdb

            with duckdb.connect() as connection:
                connection.execute("SET memory_limit = ?", [memory])
                connection.execute("SET threads = ?", [threads])
                connection.execute("SET temp_directory = ?", [folder])
                # Order is asked for where it matters; else rows need not be held back for it.
                connection.execute("SET preserve_insertion_order = false")
                connection.execute("SET TimeZone = 'UTC'")
                # It would be drawn into whatever the command prints.
                connection.execute("SET enable_progress_bar = false")
                yield _DuckDB(connection, Path(folder))


class _Shared:
    """What both engines do alike."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.frames = 0
        self.compiled: dict[Any, str] = {}

    compiler: Any

    def _compiled(self, expression: Table, dialect: str, mark: str) -> str:
        """The SQL of an expression: months differ in what tables hold, not in what is asked of them."""
        key = expression.op()
        if key not in self.compiled:
            query = self.compiler.to_sqlglot(expression.unbind()).sql(dialect)
            self.compiled[key] = _typed(query, expression, mark)
        return self.compiled[key]

    def _file(self, frame: pl.DataFrame) -> Path:
        self.frames += 1
        path = self.folder / f"frame-{self.frames}.parquet"
        frame.write_parquet(path)
        return path


class _DuckDB(_Shared):
    def __init__(self, connection: Any, folder: Path) -> None:
        super().__init__(folder)
        self.connection = connection
        from ibis.backends.sql.compilers import DuckDBCompiler

        self.compiler = DuckDBCompiler()

    def source(self, name: str, files: Sequence[Path], schema: Mapping[str, str], within: Within | None = None) -> Table:
        listed = ", ".join(_quoted(str(path)) for path in files)
        columns = ", ".join(f'"{column}"' for column in schema)
        rows = f"read_parquet([{listed}]){_where(within, 'TIMESTAMP')}"
        self.connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT {columns} FROM {rows}')
        return ibis.table(dict(schema), name=name)

    def frame(self, name: str, frame: pl.DataFrame) -> Table:
        return self.source(name, [self._file(frame)], ibis_schema(frame))

    def keep(self, name: str, expression: Table) -> Table:
        self.connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {self._sql(expression)}')
        return ibis.table(expression.schema(), name=name)

    def drop(self, name: str) -> None:
        self.connection.execute(f'DROP TABLE IF EXISTS "{name}"')

    def fetch(self, expression: Table) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.connection.execute(self._sql(expression)).fetchall()
        return rows

    def write(self, expression: Table, folder: Path, order: Sequence[str]) -> None:
        folder.mkdir()
        target = _quoted(str(folder / "part-0.parquet"))
        by = ", ".join(f'"{column}"' for column in order)
        form = "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd"
        query = f"COPY (SELECT * FROM ({self._sql(expression)}) ORDER BY {by}) TO {target} ({form})"
        self.connection.execute("SET preserve_insertion_order = true")
        self.connection.execute(query)
        self.connection.execute("SET preserve_insertion_order = false")

    def _sql(self, expression: Table) -> str:
        return self._compiled(expression, "duckdb", '"')


class _Spark(_Shared):
    def __init__(self, session: Any, folder: Path) -> None:
        super().__init__(folder)
        from ibis.backends.sql.compilers import PySparkCompiler

        self.session, self.compiler = session, PySparkCompiler()

    def source(self, name: str, files: Sequence[Path], schema: Mapping[str, str], within: Within | None = None) -> Table:
        frame = self.session.read.parquet(*(str(path) for path in files)).select(*schema)
        if within is not None:
            frame = frame.where(_where(within, "TIMESTAMP_NTZ").removeprefix(" WHERE "))
        frame.createOrReplaceTempView(name)
        return ibis.table(dict(schema), name=name)

    def frame(self, name: str, frame: pl.DataFrame) -> Table:
        return self.source(name, [self._file(frame)], ibis_schema(frame))

    def keep(self, name: str, expression: Table) -> Table:
        made = self.session.sql(self._sql(expression)).cache()
        made.createOrReplaceTempView(name)
        return ibis.table(expression.schema(), name=name)

    def drop(self, name: str) -> None:
        self.session.catalog.dropTempView(name)

    def fetch(self, expression: Table) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(self._sql(expression)).collect()]

    def write(self, expression: Table, folder: Path, order: Sequence[str]) -> None:
        self.session.sql(self._sql(expression)).orderBy(*order).write.parquet(str(folder))

    def _sql(self, expression: Table) -> str:
        return self._compiled(expression, "spark", "`")


def ibis_schema(frame: pl.DataFrame) -> dict[str, str]:
    """The types of a frame's columns."""
    names = {pl.String: "string", pl.Boolean: "boolean", pl.Date: "date"}
    return {name: names.get(kind.base_type(), str(kind).lower()) for name, kind in frame.schema.items()}


def _typed(query: str, expression: Table, mark: str) -> str:
    """The query with columns of the types that ibis takes them for: engines widen sums, each in its own way."""
    columns = []
    for name, kind in expression.schema().items():
        wanted = SQL_TYPES.get(str(kind).lstrip("!"))
        column = f"{mark}{name}{mark}"
        columns.append(f"CAST({column} AS {wanted}) AS {column}" if wanted else column)
    return f"SELECT {', '.join(columns)} FROM ({query})"


def _where(within: Within | None, kind: str) -> str:
    """A condition that files are searched by, before anything is computed."""
    if within is None:
        return ""
    column, *bounds = within
    low, high = (_quoted(one) if isinstance(one, str) else f"{kind} '{one}'" for one in bounds)
    return f" WHERE {column} >= {low} AND {column} < {high}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
