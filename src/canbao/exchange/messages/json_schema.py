"""The description of messages as JSON Schema (2020-12), for those who check or generate NDJSON by it."""

from __future__ import annotations

from typing import Any

from canbao.exchange.identity.pseudonym_form import PSEUDONYM
from canbao.exchange.messages.checking import MOST_FEN
from canbao.exchange.messages.description import LINK, Column, description
from canbao.exchange.messages.header import IDENTIFIER

_PATTERNS = {
    "identifier": IDENTIFIER,
    "day": r"^\d{4}-\d{2}-\d{2}$",
    "month": r"^\d{4}-(0[1-9]|1[0-2])$",
    "time": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|z|[+-]\d{2}:?\d{2})?$",
    "region": r"^\d{6}$",
    "credit_code": r"^[0-9A-HJ-NPQRTUWXY]{18}$",
    "pseudonym": PSEUDONYM,
}


def json_schema() -> dict[str, Any]:
    """The schema of a line of NDJSON: the header's, or a record's of any kind."""
    described = description()
    kinds = {name: _record(name) for name in described.kinds}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:canbao:exchange:messages:{described.version}",
        "title": "A line of a message",
        "description": 'The first line is {"header": …}; the others are records of the kind that the header names.',
        "anyOf": [
            {"type": "object", "required": ["header"], "properties": {"header": {"$ref": "#/$defs/header"}}},
            *({"$ref": f"#/$defs/{name}"} for name in kinds),
        ],
        "$defs": {"header": _header(), **kinds},
    }


def _header() -> dict[str, Any]:
    columns = description().header
    return {
        "type": "object",
        "required": [name for name, column in columns.items() if column.needed == "always"],
        "properties": {name: _value(column) for name, column in columns.items()},
    }


def _record(kind: str) -> dict[str, Any]:
    described = description()
    columns = described.columns(kind)
    kept = [name for name, column in columns.items() if column.needed == "unless_deleted" and name not in LINK]
    new = [name for name, column in columns.items() if column.needed == "enrolment"]
    made: dict[str, Any] = {
        "title": described.kinds[kind].label.en,
        "description": f"{described.kinds[kind].about.en} / {described.kinds[kind].about.zh}",
        "type": "object",
        "required": ["record_id", "action"],
        "additionalProperties": False,
        "properties": {name: _value(column, optional=column.needed != "always") for name, column in columns.items()},
        "allOf": [
            _when("action", ["new", "correct"], kept),
            _when("action", ["correct", "delete"], ["replaces"]),
        ],
    }
    made["allOf"] += [_when("action", ["new"], new)] if new else []
    if "employer_code" in columns:
        made["allOf"].append(_when("relation", ["station", "outsourced"], ["employer_code"]))
    return made


def _when(name: str, values: list[str], needed: list[str]) -> dict[str, Any]:
    condition = {"properties": {name: {"enum": values}}, "required": [name]}
    there = {one: {"not": {"type": "null"}} for one in needed}
    return {"if": condition, "then": {"required": needed, "properties": there}}


def _value(column: Column, *, optional: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {"title": f"{column.label.en} / {column.label.zh}"}
    if column.about is not None:
        made["description"] = f"{column.about.en} / {column.about.zh}"
    null = ["null"] if optional else []
    if column.type in ("fen", "amount", "count"):
        return {**made, "type": ["integer", *null], "minimum": 0, "maximum": MOST_FEN}
    if column.type == "choice":
        return {**made, "enum": [*column.choices, *([None] if optional else [])]}
    made["type"] = ["string", *null] if optional else "string"
    if column.type in _PATTERNS:
        made["pattern"] = _PATTERNS[column.type]
    if column.longest is not None:
        made["maxLength"] = column.longest
    return made
