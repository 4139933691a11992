"""Answering other registries by the Digital Convergence Initiative's messages: search, and enrolment updates.

Its vocabulary knows neither platform work nor schemes of ours; programmes are named by the schemes of `records.yaml`, and
people by identity numbers (UIN) or by pseudonyms.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from canbao.exchange.identity.pseudonyms import worker_key
from canbao.exchange.messages.dci import (
    DciError,
    Json,
    Signer,
    acknowledged,
    answer_header,
    checked,
    enveloped,
    timestamp,
    verify,
)
from canbao.exchange.messages.description import description
from canbao.exchange.messages.header import Header
from canbao.exchange.messages.writing import write_message
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.store.exchange import Exchange, hashed
from canbao.exchange.store.receiving import receive
from canbao.exchange.store.views import connect

STATUS = {"active": "active", "inactive": "ended"}


def answer_search(
    exchange: Exchange,
    content: object,
    *,
    keys: Mapping[str, Ed25519PublicKey] | None = None,
    signer: Signer | None = None,
    now: datetime.datetime | None = None,
) -> Json:
    """Answer `/registry/sync/search`: in which schemes somebody is enrolled.

    Args:
        exchange: the exchange.
        content: the request.
        keys: of senders, by `sender|key`; without them signatures are not asked for.
        signer: signs the answer.
        now: the time of the answer.

    Returns:
        an `on-search` envelope; a short answer with an error where the request is not in order.
    """
    moment = now or datetime.datetime.now(datetime.UTC)
    try:
        header, message = checked(content, "search")
        if keys is not None:
            verify({"signature": _signature(content), "header": header, "message": message}, keys)
        asked = message.get("search_request")
        if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
            raise DciError("err.request.bad")
        if len(asked) > 100:
            raise DciError("rjct.total_count.limit_exceeded")
    except DciError as error:
        return acknowledged(_id(content), moment, error.code)
    answers = [_found(exchange, one, moment) for one in asked]
    with exchange.writing():
        about = {"sender": header["sender_id"], "message_id": header["message_id"], "searched": len(answers)}
        AuditLog(exchange.folder, exchange.keys).add("search", about, now=moment)
    body = {
        "transaction_id": str(message.get("transaction_id", header["message_id"])),
        "correlation_id": header["message_id"],
        "search_response": answers,
    }
    done = sum(one["status"] == "succ" for one in answers)
    return enveloped(answer_header(header, "on-search", "succ", moment, done), body, signer, moment)


def _signature(content: object) -> str:
    return str(content.get("signature", "")) if isinstance(content, dict) else ""


def _id(content: object) -> str:
    header = content.get("header") if isinstance(content, dict) else None
    found = header.get("message_id") if isinstance(header, dict) else None
    return found if isinstance(found, str) and len(found) <= 200 else "unknown"


def _found(exchange: Exchange, asked: Json, now: datetime.datetime) -> Json:
    made: Json = {"reference_id": str(asked.get("reference_id", "")), "timestamp": timestamp(now), "locale": "zho"}
    who = _asked_for(exchange, asked)
    if who is None:
        return {**made, "status": "rjct", "status_reason_code": "rjct.search_criteria.invalid"}
    with connect(exchange) as connection:
        rows = connection.execute(
            "SELECT scheme, status, since FROM register WHERE worker_key = ? "
            "OR worker_key = (SELECT worker_key FROM links WHERE alias_key = ?) ORDER BY scheme, since",
            [who, who],
        ).fetchall()
    records = [
        {
            "programme_identifier": [{"programme_name": _label(scheme), "programme_code": scheme}],
            "enrollment_date": f"{since}-01T00:00:00+08:00",
            "enrollment_status": "active" if status == "active" else "inactive",
        }
        for scheme, status, since in rows
    ]
    data = {"version": "1.0.0", "reg_record_type": "spdci-extensions-dci:EnrolledRecord", "reg_records": records}
    return {**made, "status": "succ", "data": data}


def _asked_for(exchange: Exchange, asked: Json) -> int | None:
    """The number in the store of whom a search is for; None if it is not of the kind that is answered."""
    criteria = asked.get("search_criteria")
    query = criteria.get("query") if isinstance(criteria, dict) else None
    if not isinstance(query, dict) or not isinstance(criteria, dict) or criteria.get("query_type") != "idtype-value":
        return None
    kind, value = query.get("type"), query.get("value")
    if isinstance(value, dict):
        kind, value = value.get("type", kind), value.get("value")
    if not isinstance(value, str) or len(value) > 100:
        return None
    if kind in ("UIN", "resident"):
        return worker_key(exchange.keys.newest("link").raw, "resident", value)
    return hashed(value) if kind == "pseudonym" else None


def _label(scheme: str) -> str:
    return description().kinds["register"].columns["scheme"].choices[scheme].zh


def take_enrolment_updates(
    exchange: Exchange,
    content: object,
    *,
    keys: Mapping[str, Ed25519PublicKey] | None = None,
    now: datetime.datetime | None = None,
) -> Json:
    """Answer `/registry/sync/enrollment/updates`: entries of another register, received as a message of the kind register.

    Args:
        exchange: the exchange.
        content: the request.
        keys: of senders, by `sender|key`; without them signatures are not asked for.
        now: the time of receipt.

    Returns:
        a short answer.
    """
    moment = now or datetime.datetime.now(datetime.UTC)
    try:
        header, message = checked(content, "enrollment/updates", at_most=10_000)
        if keys is not None:
            verify({"signature": _signature(content), "header": header, "message": message}, keys)
        records = message.get("enrollment_updates", message.get("reg_records"))
        if not isinstance(records, list) or not records:
            raise DciError("err.request.bad")
        rows = [_entry(exchange, header["message_id"], at, one) for at, one in enumerate(records)]
        made_at = _time(header["message_ts"])
    except DciError as error:
        return acknowledged(_id(content), moment, error.code)
    about = Header(
        f"dci:{header['message_id']}",
        "register",
        "new",
        exchange.settings.administration.code,
        "dci",
        made_at.date(),
        made_at.date(),
        made_at,
        description().version,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "updates.ndjson"
        write_message(path, about, pl.DataFrame(rows, infer_schema_length=None))
        receipt = receive(exchange, path, now=moment)
    if receipt.result != "accepted":
        return acknowledged(header["message_id"], moment, "rjct.errors.too_many")
    return acknowledged(header["message_id"], moment)


def _time(text: str) -> datetime.datetime:
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise DciError("err.request.bad") from None
    return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)


def _entry(exchange: Exchange, message_id: str, at: int, record: Any) -> dict[str, str | None]:
    """An entry as a record of the register."""
    try:
        member = record["member"]["member_identifier"][0]
        number = str(member["identifier_value"])
        programme = str(record["programme_identifier"][0]["programme_code"])
        since = str(record["enrollment_date"])[:7]
        status = STATUS[record["enrollment_status"]]
    except (KeyError, IndexError, TypeError):
        raise DciError("err.request.bad") from None
    maker = exchange.keys.for_operator(exchange.settings.administration.code)
    return {
        "record_id": f"dci:{message_id}:{at}",
        "action": "new",
        "worker": maker("resident", number),
        "identity_type": "resident",
        "identity_number": number,
        "scheme": programme,
        "status": status,
        "since": since,
    }
