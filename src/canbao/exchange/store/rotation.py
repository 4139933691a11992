"""A new key without a day's outage: every enrolled worker's pseudonym under it is known before anybody uses it."""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb
import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.exchange.durable import sync_folder
from canbao.exchange.identity.keys import Keys, Purpose, issue
from canbao.exchange.identity.numbers import is_valid_credit_code
from canbao.exchange.identity.pseudonyms import Pseudonymiser
from canbao.exchange.identity.vault import opened, sealed
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.protection.sharing import people
from canbao.exchange.store.exchange import Exchange, hashed, say
from canbao.exchange.store.views import connect
from canbao.outputs import whole_file

ALIASES = {"alias_key": pl.Int64, "worker_key": pl.Int64}


def rotate(exchange: Exchange, purpose: Purpose, day: datetime.date) -> Keys:
    """Make a new key for a purpose.

    For `exchange` the pseudonyms under the new key are noted for all who are enrolled, with every operator that enrolled
    them; those under the old one hold for 90 days more, and records that were received by it for ever. For `vault` all
    identities are sealed anew.

    Args:
        exchange: the exchange.
        purpose: of the key.
        day: from which the new key is used.

    Returns:
        the keys with the new one.

    Raises:
        InputError: it is not one's duty, or keys of this purpose are not changed.
    """
    exchange.require("keys")
    with exchange.writing():
        keys = Keys.open(exchange.folder).rotated(purpose, day)
        if purpose == "exchange":
            _note_aliases(exchange, keys)
        if purpose == "vault":
            _seal_anew(exchange, keys)
        AuditLog(exchange.folder, keys).add("new key", {"purpose": purpose, "key": keys.newest(purpose).id})
    return keys


def issue_key(exchange: Exchange, operator: str, path: Path) -> None:
    """Write an operator's key for pseudonyms to a file, and note that.

    Raises:
        InputError: it is not one's duty, the code is wrong, or the file cannot be written.
    """
    exchange.require("keys")
    if not is_valid_credit_code(operator):
        raise InputError(Fault(say("bad_code"), Place(field="--operator"), say("bad_code_remedy")))
    with exchange.writing():
        issue(exchange.keys, operator, path)
        key = exchange.keys.newest("exchange").id
        AuditLog(exchange.folder, exchange.keys).add("issue key", {"operator": operator, "key": key})


def _note_aliases(exchange: Exchange, keys: Keys) -> None:
    known = people(exchange)
    makers: dict[str, Pseudonymiser] = {}
    rows = []
    with connect(exchange) as connection:
        for operator, worker in _enrolled(connection):
            one = known.get(worker)
            if one is not None:
                maker = makers.setdefault(operator, keys.for_operator(operator))
                rows.append((hashed(maker(one.identity_type, one.identity_number)), worker))
    path = exchange.folder / "aliases" / f"{keys.newest('exchange').id}.parquet"
    with whole_file(path) as scratch:
        pl.DataFrame(rows, schema=ALIASES, orient="row").unique().sort("alias_key").write_parquet(scratch)
    sync_folder(path.parent)


def _enrolled(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    rows: list[tuple[str, int]] = connection.execute(
        "SELECT DISTINCT m.operator, r.identity_key FROM received_workers r JOIN messages m USING (message_key) "
        "WHERE r.identity_key IS NOT NULL UNION "
        "SELECT DISTINCT m.operator, r.identity_key FROM received_register r JOIN messages m USING (message_key) "
        "WHERE r.identity_key IS NOT NULL ORDER BY ALL"
    ).fetchall()
    return rows


def _seal_anew(exchange: Exchange, keys: Keys) -> None:
    for message in exchange.messages():
        path = message.file("vault")
        if path is not None:
            rows = sealed(list(opened(pl.read_parquet(path), keys)), keys.newest("vault"))
            with whole_file(path) as scratch:
                rows.write_parquet(scratch)
            sync_folder(path.parent)
