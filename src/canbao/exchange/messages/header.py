"""The header of a message: who sends what for which period."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from canbao.exchange.identity.numbers import is_valid_credit_code
from canbao.exchange.messages.description import Column, description
from canbao.exchange.messages.expected import expected
from canbao.exchange.messages.status import Findings

Indicator = Literal["new", "corrections", "nothing"]

HOME = ZoneInfo("Asia/Shanghai")
"""The zone of times that say none, and in whose days periods begin and end."""

CORRECTED_MESSAGE = "replaces"
"""What a header would say that corrects a message; records are corrected, messages never."""

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$"


@dataclass(frozen=True, slots=True)
class Header:
    """A header that was found in order; see `records.yaml`."""

    message_id: str
    kind: str
    indicator: Indicator
    operator: str
    platform: str
    period_from: datetime.date
    period_to: datetime.date
    created_at: datetime.datetime
    schema_version: str
    test: bool = False

    def as_texts(self) -> dict[str, str]:
        """The fields as they are written."""
        made = {name: str(getattr(self, name)) for name in description().header if name not in ("created_at", "test")}
        made["created_at"] = self.created_at.astimezone(HOME).isoformat()
        if self.test:
            made["test"] = "yes"
        return {name: made[name] for name in description().header if name in made}


def header_texts(content: object) -> dict[str, str]:
    """The fields of a header as text, of whatever a file had in its place; what is unknown stays out."""
    if not isinstance(content, Mapping):
        return {}
    return {
        name: str(content[name]).strip()
        for name in (*description().header, CORRECTED_MESSAGE)
        if isinstance(content.get(name), str | int | float) and str(content[name]).strip()
    }


def checked_header(texts: Mapping[str, str], findings: Findings) -> Header | None:
    """A header, if it is in order.

    Args:
        texts: its fields.
        findings: what is wrong is added here.
    """
    if CORRECTED_MESSAGE in texts:
        findings.add("80006")
    values: dict[str, object] = {}
    for name, column in description().header.items():
        text = texts.get(name)
        if text is None:
            if column.needed == "always":
                findings.add("60003", name, expected=expected(column))
            continue
        value = _value(text, column)
        if value is None:
            code = "50008" if name == "message_id" else "60003"
            findings.add(code, name, expected=expected(column))
        values[name] = value
    if findings.rejects:
        return None
    values["test"] = values.get("test") == "yes"
    header = Header(**values)  # type: ignore[arg-type]
    if header.period_to < header.period_from:
        findings.add("60009")
    if header.schema_version != description().version:
        findings.add("60008", expected=description().version)
    return None if findings.rejects else header


def _value(text: str, column: Column) -> object:
    """A field's value, None if it is wrong."""
    match column.type:
        case "choice":
            return text if text in column.choices else None
        case "credit_code":
            return text if is_valid_credit_code(text) else None
        case "day":
            return _day(text)
        case "time":
            return _time(text)
    longest = column.longest or 200
    if len(text) > longest or not text.isprintable():
        return None
    return text if column.type != "identifier" or re.match(IDENTIFIER, text) else None


def _day(text: str) -> datetime.date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1980 <= day.year <= 2200 else None


def _time(text: str) -> datetime.datetime | None:
    if not re.match(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text):
        return None
    try:
        time = datetime.datetime.fromisoformat(text)
        aware = (time if time.tzinfo else time.replace(tzinfo=HOME)).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None
    return aware if 1980 <= aware.year <= 2200 else None
