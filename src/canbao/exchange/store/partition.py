"""A message's records on their way into the store: blocks as they are checked, then one Parquet file a kind.

Personal data in clear are taken out and sealed; the worker's pseudonym becomes a number, once for the batch.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from canbao.exchange.identity.keys import Keys
from canbao.exchange.identity.pseudonyms import worker_key
from canbao.exchange.identity.vault import ClearIdentity, sealed
from canbao.exchange.messages.checking import storage_type
from canbao.exchange.messages.description import description
from canbao.exchange.messages.header import Header
from canbao.exchange.store.exchange import message_key

LINKED = ("workers", "register", "yearly")
"""Kinds whose records may say who a pseudonym is."""

HASH = "(md5_number_lower({}) >> 1)::BIGINT"


def stored_columns(kind: str) -> dict[str, pl.DataType]:
    """The columns of a kind's records in the store, before workers are linked."""
    columns = description().columns(kind)
    kept = {
        name: storage_type(column.type)
        for name, column in columns.items()
        if not column.private and name not in ("worker", "record_id", "action", "replaces")
    }
    first: dict[str, pl.DataType] = {
        "record_key": pl.Int64(),
        "message_key": pl.Int64(),
        "row": pl.Int64(),
        "record_id": pl.String(),
        "action": pl.String(),
        "replaces": pl.String(),
        "replaces_key": pl.Int64(),
        "alias_key": pl.Int64(),
    }
    linked: dict[str, pl.DataType] = {"identity_key": pl.Int64()} if kind in LINKED else {}
    return {**first, **linked, **kept}


class Partition:
    """Writes a message's records into a scratch folder.

    Args:
        folder: the scratch folder.
        keys: the exchange's.
    """

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.folder, self.keys = folder, keys
        self.parts: list[Path] = []
        self.people: list[pl.DataFrame] = []
        self.header: Header | None = None

    def add(self, header: Header, records: pl.DataFrame) -> None:
        """Some records that are in order."""
        self.header = header
        kind = description().kinds[header.kind]
        if header.kind in LINKED:
            records = self._take_out(records, "name" in kind.columns)
        private = description().private_columns(header.kind)
        part = self.folder / f"part-{len(self.parts):06}.parquet"
        records.drop(private, strict=False).write_parquet(part, compression="zstd", compression_level=1)
        self.parts.append(part)

    def _take_out(self, records: pl.DataFrame, named: bool) -> pl.DataFrame:
        """Seal who people are; what stays is the number under which the store knows them."""
        secret = self.keys.newest("link").raw
        numbers: list[int | None] = []
        people = []
        columns = ["identity_type", "identity_number", *(["name", "phone"] if named else [])]
        for identity_type, number, *others in records.select(columns).iter_rows():
            if identity_type is None or number is None:
                numbers.append(None)
                continue
            key = worker_key(secret, identity_type, number)
            numbers.append(key)
            people.append(ClearIdentity(key, identity_type, number, *others))
        if people:
            self.people.append(sealed(people, self.keys.newest("vault")))
        return records.with_columns(pl.Series("identity_key", numbers, dtype=pl.Int64))

    def finish(self, header: Header) -> None:
        """Put the blocks together: `KIND.parquet`, `aliases.parquet`, and `vault.parquet` where there is any."""
        kind = header.kind
        if self.parts:
            with duckdb.connect(config={"memory_limit": "2GB", "threads": 2}) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                self._join_parts(connection, header, kind)
        if self.people:
            rows = pl.concat(self.people).unique("worker_key", keep="last", maintain_order=True)
            rows.write_parquet(self.folder / "vault.parquet")
        for part in self.parts:
            part.unlink()

    def _join_parts(self, connection: duckdb.DuckDBPyConnection, header: Header, kind: str) -> None:
        names = [str(part) for part in self.parts]
        made = {
            "record_key": HASH.format("$operator || '|' || record_id"),
            "message_key": "$message",
            "replaces_key": HASH.format("$operator || '|' || replaces"),
            "alias_key": HASH.format("worker"),
        }
        columns = ", ".join(f"{made.get(name, name)} AS {name}" for name in stored_columns(kind))
        target = self.folder / f"{kind}.parquet"
        values = {"parts": names, "operator": header.operator, "message": message_key(header.operator, header.message_id)}
        connection.execute(
            f"COPY (SELECT {columns} FROM read_parquet($parts)) TO '{_escaped(target)}' (FORMAT parquet, COMPRESSION zstd)",
            values,
        )
        aliases = self.folder / "aliases.parquet"
        connection.execute(
            f"COPY (SELECT DISTINCT {made['alias_key']} AS alias_key, worker AS pseudonym FROM read_parquet($parts) "
            f"WHERE worker IS NOT NULL ORDER BY ALL) TO '{_escaped(aliases)}' (FORMAT parquet, COMPRESSION zstd)",
            {"parts": names},
        )


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
