"""Giving another authority what a purpose needs and no more; every time is noted with its legal basis."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import duckdb
import polars as pl
from pydantic import Field, RootModel

from canbao.errors import Fault, InputError, Place
from canbao.exchange.identity.keys import Purpose
from canbao.exchange.identity.vault import ClearIdentity, opened
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.store.exchange import Exchange
from canbao.exchange.store.views import connect
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, read
from canbao.outputs import whole_folder

say = Catalogue("canbao.exchange.protection", "words")


class SharingPurpose(Entry):
    """A purpose for which data are given; see `purposes.yaml`."""

    label: Bilingual
    purpose: Bilingual
    basis: Annotated[list[Bilingual], Field(min_length=1)]
    table: Literal["orders", "earnings"]
    columns: list[str]
    sums: list[str] = Field(default_factory=list)
    numbers: bool = False
    kept_months: Annotated[int, Field(ge=1)]


@cache
def purposes() -> Mapping[str, SharingPurpose]:
    """All purposes by name."""
    path = Path(str(resources.files("canbao.exchange.protection") / "purposes.yaml"))
    return read(path, RootModel[dict[str, SharingPurpose]]).root


def people(exchange: Exchange) -> dict[int, ClearIdentity]:
    """Everybody in the vault by number in the store; of several entries the one received last.

    Raises:
        InputError: the vault cannot be opened.
    """
    found = {}
    stored = sorted(exchange.messages(), key=lambda one: (one.header["created_at"], one.header["message_id"]))
    for message in stored:
        path = message.file("vault")
        if path is not None:
            for one in opened(pl.read_parquet(path), exchange.keys):
                found[one.worker_key] = one
    return found


def share(exchange: Exchange, to: str, folder: Path, *, month: str | None = None) -> int:
    """Write what a purpose needs: a Parquet file, and provision.json with purpose, basis and fields.

    Args:
        exchange: the exchange.
        to: the purpose.
        folder: replaced as a whole.
        month: only of this month, as 2026-07.

    Returns:
        how many rows were given.

    Raises:
        InputError: there is no such purpose, it is not one's duty, or the folder cannot be written.
    """
    exchange.require("share")
    purpose = purposes().get(to)
    if purpose is None:
        raise InputError(
            Fault(say("no_purpose", name=to), Place(field="--to"), say("purposes_are", names=", ".join(purposes())))
        )
    with whole_folder(folder) as made:
        frame = _given(exchange, to, purpose, month)
        frame.write_parquet(made / f"{to}.parquet", compression="zstd")
        about = {
            "purpose": to,
            "what_for": purpose.purpose.model_dump(),
            "basis": [one.model_dump() for one in purpose.basis],
            "recipient": purpose.label.model_dump(),
            "columns": frame.columns,
            "month": month,
            "rows": frame.height,
            "delete_after_months": purpose.kept_months,
        }
        (made / "provision.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with exchange.writing():
        noted = {
            "purpose": to,
            "basis": "; ".join(one.en for one in purpose.basis),
            "columns": ", ".join(frame.columns),
            "month": month,
            "rows": frame.height,
        }
        AuditLog(exchange.folder, exchange.keys).add("share", noted)
    return frame.height


def _given(exchange: Exchange, to: str, purpose: SharingPurpose, month: str | None) -> pl.DataFrame:
    with connect(exchange) as connection:
        frame = _rows(connection, purpose, month)
    return _pseudonymised(exchange, to, purpose, frame)


def _rows(connection: duckdb.DuckDBPyConnection, purpose: SharingPurpose, month: str | None) -> pl.DataFrame:
    """The rows with `worker_key`; amounts by worker, platform and month where these are summed."""
    columns = ["worker_key" if one == "worker" else _column(one) for one in purpose.columns]
    of_month = {"orders": "strftime(timezone('Asia/Shanghai', accepted_at), '%Y-%m')", "earnings": "month"}[purpose.table]
    where = f"WHERE {of_month} = $month" if month else ""
    values = {"month": month} if month else {}
    sums = [f"sum({one})::BIGINT AS {one}" for one in purpose.sums]
    grouped = "GROUP BY ALL" if sums else ""
    query = (
        f"SELECT {', '.join([*columns, *sums])} FROM {purpose.table} t "
        f"JOIN (SELECT DISTINCT platform_key, platform AS platform_name FROM messages) p USING (platform_key) "
        f"{where} {grouped} ORDER BY ALL"
    )
    return pl.DataFrame(connection.sql(query, params=values))


def _column(name: str) -> str:
    return "platform_name AS platform" if name == "platform" else name


def _pseudonymised(exchange: Exchange, to: str, purpose: SharingPurpose, frame: pl.DataFrame) -> pl.DataFrame:
    """With the purpose's own pseudonyms, so that two recipients cannot join what they got; with numbers only by law."""
    known = people(exchange)
    key: Purpose = to  # type: ignore[assignment]
    maker = exchange.keys.for_purpose(key)
    workers = frame["worker_key"].unique(maintain_order=True).to_list()
    names, numbers = {}, {}
    for worker in workers:
        one = known.get(worker)
        names[worker] = maker(one.identity_type, one.identity_number) if one else maker.of_key(worker)
        numbers[worker] = one.identity_number if one else None
    replaced = pl.col("worker_key").replace_strict(names, return_dtype=pl.String, default=None).alias("worker")
    added = [replaced]
    if purpose.numbers:
        number = pl.col("worker_key").replace_strict(numbers, return_dtype=pl.String, default=None)
        added.append(number.alias("identity_number"))
    others = [one for one in frame.columns if one != "worker_key"]
    return frame.with_columns(added).select([one.meta.output_name() for one in added] + others).sort(pl.all())
