"""Parquet: the header as JSON under `canbao` in the file's metadata. Read by DuckDB, which keeps within its memory."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.files.delimited import check_names
from canbao.exchange.messages.files.unpacking import Stream
from canbao.exchange.messages.header import header_texts
from canbao.exchange.messages.receiver import Receiver
from canbao.exchange.messages.unreadable import unreadable

RECORDS = 100_000
"""Records of a block."""

METADATA = "canbao"


def read_parquet(path: Path, stream: Stream, receiver: Receiver, beside: Mapping[str, str]) -> None:
    """Read a Parquet message; see `read_file`.

    Raises:
        UnreadableError: the file is damaged.
    """
    with _plain(path, stream) as plain, duckdb.connect(config=_limits()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            texts = {**beside, **_header(connection, plain)}
            names, total = _columns(connection, plain)
            if not receiver.header(texts):
                return
            check_names([name for name, _ in names])
            for first in range(0, total, RECORDS):
                frame = pl.DataFrame(connection.sql(_block_of(names), params=[str(plain), first, first + RECORDS]))
                expected = min(RECORDS, total - first)
                if frame.height != expected:
                    raise unreadable("broken_parquet")
                receiver.block(Block(frame, first + 1))
        except (duckdb.Error, pl.exceptions.PolarsError, ValueError, OverflowError, MemoryError, RuntimeError):
            raise unreadable("broken_parquet") from None


def _limits() -> dict[str, str | bool | int | float | list[str]]:
    return {"memory_limit": "1GB", "threads": 2, "autoinstall_known_extensions": False}


@contextmanager
def _plain(path: Path, stream: Stream) -> Iterator[Path]:
    """The file itself where it is not packed; else unpacked for as long as it is read."""
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            yield path
            return
    with tempfile.NamedTemporaryFile(suffix=".parquet") as unpacked:
        shutil.copyfileobj(stream, unpacked)
        unpacked.flush()
        yield Path(unpacked.name)


def _header(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?::BLOB", [str(path), METADATA]
    ).fetchall()
    for (value,) in rows:
        try:
            return header_texts(json.loads(bytes(value)))
        except (ValueError, RecursionError):
            return {}
    return {}


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[list[tuple[str, str]], int]:
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    total = connection.execute(
        "SELECT coalesce(sum(num_rows), 0)::BIGINT FROM parquet_file_metadata(?)", [str(path)]
    ).fetchall()
    return [(str(row[0]), str(row[1])) for row in described], int(total[0][0])


def _block_of(names: list[tuple[str, str]]) -> str:
    columns = ", ".join(f"{_as_text(name, kind)} AS {_quoted(name)}" for name, kind in names)
    return (
        f"SELECT {columns} FROM read_parquet($1, file_row_number = true) "
        "WHERE file_row_number >= $2 AND file_row_number < $3"
    )


def _as_text(name: str, kind: str) -> str:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({_quoted(name)}, '%Y-%m-%dT%H:%M:%S.%f+00:00')"
    return f"CAST({_quoted(name)} AS VARCHAR)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
