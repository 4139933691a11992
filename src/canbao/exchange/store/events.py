"""What happened to every message and to every account, as an event log that `canbao bottlenecks` opens.

A message is a case, and so is an account's month: what a platform sent for it, then the steps beside the ledger.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import polars as pl

from canbao.exchange.identity.keys import Keys
from canbao.exchange.ledger import Ledger
from canbao.exchange.ledger.steps import Step, noted
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.store.exchange import Exchange
from canbao.exchange.store.views import platform_key
from canbao.outputs import whole_file

SCHEMA: dict[str, pl.DataType] = {
    "case_id": pl.String(),
    "activity": pl.String(),
    "time": pl.Datetime("us", "UTC"),
    "resource": pl.String(),
    "office": pl.String(),
    "case:kind": pl.String(),
    "case:platform": pl.String(),
    "case:result": pl.String(),
    "records": pl.Int64(),
    "in_error": pl.Int64(),
}


def events(exchange: Exchange, ledger: Ledger | None = None) -> pl.DataFrame:
    """All events, a row each: a message's making, receipt and answer; what was shared; changes of keys; accounts' steps.

    Args:
        exchange: the exchange.
        ledger: whose steps are told too.

    Returns:
        `case_id`, `activity`, `time`, `resource`, `office`, attributes of the case, `records`, `in_error`.
    """
    rows: list[tuple[object, ...]] = []
    for part in ("messages", "rejected"):
        for path in sorted((exchange.folder / part).glob("[0-9a-f]*/manifest.json")):
            rows += _of_message(exchange, json.loads(path.read_text(encoding="utf-8")))
    log = AuditLog(exchange.folder, Keys.open(exchange.folder))
    for entry in log.entries():
        if entry.get("action") not in ("receive", None):
            time = datetime.datetime.fromisoformat(str(entry["time"]))
            case = f"{entry['action']}-{entry['number']}"
            rows.append(
                (case, str(entry["action"]), time, str(entry["actor"]), _office(exchange), None, None, None, None, None)
            )
    if ledger is not None:
        rows += _of_accounts(exchange, ledger)
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return frame.sort("time", "case_id", maintain_order=True)


def _office(exchange: Exchange) -> str:
    return exchange.settings.administration.code


def _of_message(exchange: Exchange, manifest: dict[str, object]) -> list[tuple[object, ...]]:
    header = manifest["header"]
    records = manifest["records"]
    assert isinstance(header, dict) and isinstance(records, dict)
    result = str(manifest["result"])
    case = header.get("message_id") or str(manifest["digest"])[:16]
    received = datetime.datetime.fromisoformat(str(manifest["received_at"]))
    read, in_error = int(records["read"]), int(records["read"]) - int(records["accepted"])
    about = (header.get("kind"), header.get("platform"), result, read, in_error)
    operator = header.get("operator")
    made: list[tuple[object, ...]] = []
    if "created_at" in header:
        try:
            created = datetime.datetime.fromisoformat(header["created_at"])
            if created.tzinfo is not None and created <= received:
                made.append((case, "made", created, operator, operator, *about))
        except ValueError:
            pass
    corrects = header.get("indicator") == "corrections"
    made.append((case, "corrections received" if corrects else "received", received, operator, _office(exchange), *about))
    made.append((case, result.replace("_", " "), received, None, _office(exchange), *about))
    return made


def _of_accounts(exchange: Exchange, ledger: Ledger) -> list[tuple[object, ...]]:
    """The months of accounts: for platforms what they sent, then what was done."""
    office, names, seen = _office(exchange), dict[str, str](), set[str]()
    rows: list[tuple[object, ...]] = []
    sent: dict[str, list[tuple[object, ...]]] = {}
    for message in exchange.messages():
        header = message.header
        account = str(platform_key(header["operator"], header["platform"]))
        names[account] = header["platform"]
        if header["kind"] in ("orders", "earnings"):
            case = f"{header['period_from'][:7]}/{account}"
            received = datetime.datetime.fromisoformat(message.manifest["received_at"])
            told = "corrections received" if header["indicator"] == "corrections" else f"{header['kind']} received"
            records = message.manifest["records"]
            counts = (int(records["read"]), int(records["read"]) - int(records["accepted"]))
            row = (case, told, received, header["operator"], office, "account", header["platform"], None, *counts)
            sent.setdefault(case, []).append(row)
    for one in noted(ledger):
        case = f"{one.step.month}/{one.step.account}"
        seen.add(case)
        about = ("account", names.get(one.step.account), None, None, None)
        rows.append((case, _activity(one.step), one.time, one.actor, office, *about))
    return [*(row for case in seen for row in sent.get(case, ())), *rows]


def _activity(step: Step) -> str:
    told = step.step.replace("_", " ")
    return f"{told}: {step.about}" if step.step == "payment_compared" else told


def write_events(exchange: Exchange, path: Path, ledger: Ledger | None = None) -> None:
    """Write the events as CSV.

    Raises:
        InputError: the file cannot be written.
    """
    with whole_file(path) as scratch:
        events(exchange, ledger).with_columns(pl.col("time").dt.to_string("%Y-%m-%dT%H:%M:%S%.6f+00:00")).write_csv(scratch)
