"""The store as tables of DuckDB.

    messages        message_key, message_id, operator, platform, platform_key, kind, period_from, period_to, created_at
    received_KIND   everything that was received
    outdated_KIND   which of it does not count, and why
    links           alias_key → worker_key: who a pseudonym is, where an enrolment has said so
    KIND            the records that count, with worker_key, platform_key, record_key and the kind's columns

A worker whom nobody has enrolled yet is known by the pseudonym alone, so worker_key is never null; `enrolled` says which.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import duckdb
import polars as pl

from canbao.exchange.messages.description import description
from canbao.exchange.store.chains import make_outdated
from canbao.exchange.store.exchange import Exchange, StoredMessage, hashed
from canbao.exchange.store.partition import LINKED, stored_columns

HIDDEN = ("action", "replaces", "replaces_key", "alias_key", "identity_key")
"""Columns of received records that the views of what counts do without."""


def connect(
    exchange: Exchange, *, memory_limit: str = "4GB", threads: int = 2, messages: list[StoredMessage] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection with the store's tables as they are now.

    Args:
        exchange: the exchange.
        memory_limit: of DuckDB, which then uses the disk.
        threads: of DuckDB.
        messages: only these; all by default.
    """
    connection = duckdb.connect(config={"memory_limit": memory_limit, "threads": threads})
    connection.execute("SET TimeZone = 'UTC'")
    stored = exchange.messages() if messages is None else messages
    _messages(connection, stored)
    kept = _Kept(exchange, stored)
    for kind in description().kinds:
        _received(connection, kind, stored)
        kept.make(connection, kind)
    _links(connection, exchange)
    for kind in description().kinds:
        connection.execute(_current(kind))
    return connection


def platform_key(operator: str, platform: str) -> int:
    """The number of a platform, of 31 bits."""
    return hashed(f"{operator}|{platform}") >> 32


def _messages(connection: duckdb.DuckDBPyConnection, stored: list[StoredMessage]) -> None:
    connection.execute(
        "CREATE TABLE messages (message_key BIGINT, message_id VARCHAR, operator VARCHAR, platform VARCHAR, "
        "platform_key INTEGER, kind VARCHAR, indicator VARCHAR, period_from DATE, period_to DATE, created_at TIMESTAMPTZ)"
    )
    rows = []
    for one in stored:
        header = one.header
        key = platform_key(header["operator"], header["platform"])
        rows.append(
            [one.key, header["message_id"], header["operator"], header["platform"], key]
            + [header[name] for name in ("kind", "indicator", "period_from", "period_to", "created_at")]
        )
    if rows:
        connection.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _received(connection: duckdb.DuckDBPyConnection, kind: str, stored: list[StoredMessage]) -> None:
    files = [path for one in stored if one.manifest["header"]["kind"] == kind and (path := one.file(kind))]
    columns = stored_columns(kind)
    if files:
        listed = ", ".join(f"'{_escaped(path)}'" for path in files)
        source = f"SELECT {', '.join(columns)} FROM read_parquet([{listed}])"
    else:
        typed = ", ".join(f"NULL::{_sql_type(kind)} AS {name}" for name, kind in columns.items())
        source = f"SELECT {typed} LIMIT 0"
    connection.execute(f"CREATE VIEW received_{kind} AS {source}")


def _sql_type(kind: pl.DataType) -> str:
    if isinstance(kind, pl.Int64):
        return "BIGINT"
    if isinstance(kind, pl.Date):
        return "DATE"
    return "TIMESTAMPTZ" if isinstance(kind, pl.Datetime) else "VARCHAR"


def _links(connection: duckdb.DuckDBPyConnection, exchange: Exchange) -> None:
    """Of several who claim a pseudonym, the enrolment made last in a chain that holds, then the one that was made first."""
    claims = [
        f"SELECT r.alias_key, r.identity_key AS worker_key, m.created_at, m.message_id, "
        f"coalesce(o.why, '') NOT IN ('number_taken', 'waiting', 'outdated') AS holds "
        f"FROM received_{kind} r JOIN messages m USING (message_key) "
        f"LEFT JOIN outdated_{kind} o ON o.message_key = r.message_key AND o.row = r.row WHERE r.identity_key IS NOT NULL"
        for kind in LINKED
    ]
    connection.execute(
        "CREATE TABLE links AS SELECT alias_key, "
        "arg_max(worker_key, (created_at, message_id, worker_key)) AS worker_key, count(DISTINCT worker_key) AS claims "
        f"FROM ({' UNION ALL '.join(claims)}) WHERE holds AND alias_key IS NOT NULL GROUP BY alias_key"
    )
    more = sorted((exchange.folder / "aliases").glob("*.parquet"))
    if more:
        listed = ", ".join(f"'{_escaped(path)}'" for path in more)
        connection.execute(
            "INSERT INTO links SELECT alias_key, min(worker_key), count(DISTINCT worker_key) "
            f"FROM read_parquet([{listed}]) "
            "WHERE alias_key NOT IN (SELECT alias_key FROM links) GROUP BY alias_key"
        )


def _current(kind: str) -> str:
    told = "r.identity_key, " if kind in LINKED else ""
    hidden = [name for name in HIDDEN if name in stored_columns(kind)]
    return (
        f"CREATE VIEW {kind} AS "
        f"SELECT coalesce(l.worker_key, {told}r.alias_key) AS worker_key, m.platform_key, "
        f"l.worker_key IS NOT NULL AS enrolled, r.* EXCLUDE ({', '.join(hidden)}) "
        f"FROM received_{kind} r JOIN messages m USING (message_key) LEFT JOIN links l USING (alias_key) "
        f"WHERE NOT EXISTS (SELECT 1 FROM outdated_{kind} o WHERE o.record_key = r.record_key "
        "AND o.message_key = r.message_key AND o.row = r.row)"
    )


class _Kept:
    """Keeps what does not count, for the set of messages of which it was found out."""

    def __init__(self, exchange: Exchange, stored: list[StoredMessage]) -> None:
        self.exchange, self.stored = exchange, stored

    def make(self, connection: duckdb.DuckDBPyConnection, kind: str) -> None:
        """Make the table `outdated_KIND`, from what was kept if there is such."""
        names = [f"{one.folder.name}:{one.manifest['digest']}" for one in self.stored if one.header["kind"] == kind]
        digest = hashlib.sha256("\n".join(["1", *names]).encode()).hexdigest()[:24]
        path = self.exchange.folder / "state" / f"{kind}-{digest}.parquet"
        if path.is_file():
            try:
                connection.execute(f"CREATE TEMP TABLE outdated_{kind} AS FROM read_parquet('{_escaped(path)}')")
                return
            except duckdb.Error:
                connection.execute(f"DROP TABLE IF EXISTS outdated_{kind}")
        make_outdated(connection, kind)
        self._keep(connection, kind, path)

    def _keep(self, connection: duckdb.DuckDBPyConnection, kind: str, path: Path) -> None:
        """What is kept can be made again: that it cannot be written is no reason to fail."""
        scratch = path.with_name(f".{path.name}.{id(self):x}")
        try:
            path.parent.mkdir(exist_ok=True)
            connection.execute(f"COPY outdated_{kind} TO '{_escaped(scratch)}' (FORMAT parquet)")
            for old in path.parent.glob(f"{kind}-*.parquet"):
                old.unlink(missing_ok=True)
            shutil.move(scratch, path)
        except (OSError, duckdb.Error):
            scratch.unlink(missing_ok=True)


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
