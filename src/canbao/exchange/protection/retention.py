"""Deleting what is past its time: records by their message's period, identities after the worker's last record.

A message's answer and manifest stay, so that sending it again has no effect, and so does its line in the audit log.
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from canbao.exchange.durable import sync_folder
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.store.exchange import Exchange
from canbao.exchange.store.views import connect
from canbao.outputs import whole_file


@dataclass(slots=True)
class PastTime:
    """What is past its time.

    Args:
        files: messages' tables.
        people: identities in the vault, by number in the store.
    """

    files: list[Path] = field(default_factory=list)
    people: set[int] = field(default_factory=set)


def past_time(exchange: Exchange, day: datetime.date) -> PastTime:
    """What is past its time on a day.

    Args:
        exchange: the exchange.
        day: the day.
    """
    found = PastTime()
    months = exchange.settings.retention_months
    for message in exchange.messages():
        kind = message.header["kind"]
        ended = datetime.date.fromisoformat(message.header["period_to"])
        if kind in months and months_later(ended, months[kind]) < day:
            files = [message.file(name) for name in (kind, "aliases")]
            found.files += [path for path in files if path is not None]
    if "identities" in months:
        found.people = _people_past(exchange, day, months["identities"])
    return found


def _people_past(exchange: Exchange, day: datetime.date, months: int) -> set[int]:
    """Those of whom no record counts whose message ended within the time."""
    kept: set[int] = set()
    with connect(exchange) as connection:
        for kind in ("workers", "orders", "earnings"):
            ended = connection.execute(
                f"SELECT worker_key, max(period_to) FROM {kind} JOIN messages USING (message_key) GROUP BY 1"
            ).fetchall()
            kept |= {worker for worker, last in ended if months_later(last, months) >= day}
    held = [path for one in exchange.messages() if (path := one.file("vault"))]
    everybody: set[int] = set()
    for path in held:
        everybody |= set(pl.read_parquet(path, columns=["worker_key"])["worker_key"].to_list())
    return everybody - kept


def expire(exchange: Exchange, day: datetime.date) -> PastTime:
    """Delete what is past its time.

    Raises:
        InputError: it is not one's duty, or the disk refuses.
    """
    exchange.require("expire")
    with exchange.writing():
        found = past_time(exchange, day)
        log = AuditLog(exchange.folder, exchange.keys)
        if found.files or found.people:
            log.add("expire", {"day": day.isoformat(), "tables": len(found.files), "people": len(found.people)})
        for path in found.files:
            path.unlink()
            sync_folder(path.parent)
        forget(exchange, found.people)
        for path in (exchange.folder / "state").glob("*.parquet"):
            path.unlink()
    return found


def forget(exchange: Exchange, people: set[int]) -> None:
    """Take people's identities out of the vault; their records stay under a number that nobody can resolve."""
    for message in exchange.messages():
        path = message.file("vault")
        if path is None or not people:
            continue
        rows = pl.read_parquet(path)
        left = rows.filter(~pl.col("worker_key").is_in(list(people)))
        if left.height == rows.height:
            continue
        if left.height == 0:
            path.unlink()
        else:
            with whole_file(path) as scratch:
                left.write_parquet(scratch)
        sync_folder(path.parent)


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day some months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
