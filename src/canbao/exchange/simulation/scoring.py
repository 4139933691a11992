"""How many of the planted faults were found, and what was found that nobody planted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

SCHEMA = {
    "fault": pl.String,
    "code": pl.String,
    "planted": pl.Int64,
    "found": pl.Int64,
    "false_alarms": pl.Int64,
}


def score(faults: pl.DataFrame, answers: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Compare what was planted with the answers to the messages.

    Args:
        faults: what was planted: `fault`, `code`, `message_id`, `record_id`.
        answers: the status of each message, as JSON has it.

    Returns:
        `SCHEMA`, a row a fault; and a row for each code that no planted fault accounts for, with its false alarms.
        Notices are no alarms.
    """
    found: set[tuple[str, str, str]] = set()
    for answer in answers:
        for finding in answer["record_errors"]:
            message = str(answer["message_id"])
            found |= {(finding["code"], message, str(one.get("record_id"))) for one in finding.get("records", [])}
    rows: list[tuple[str | None, str | None, int, int, int]] = []
    explained: set[tuple[str, str, str]] = set()
    for name, code in faults.select("fault", "code").unique().sort("fault").rows():
        own = {(code, *row) for row in faults.filter(pl.col("fault") == name).select("message_id", "record_id").rows()}
        explained |= own
        rows.append((name, code, len(own), len(own & found), 0))
    spoilt = {key[1:] for key in explained}
    # One fault may break several rules; a record that was spoilt raises no false alarm.
    false = sorted(key for key in found - explained if key[1:] not in spoilt)
    by_code: dict[str, int] = {}
    for code, *_ in false:
        by_code[code] = by_code.get(code, 0) + 1
    rows += [(None, code, 0, 0, count) for code, count in by_code.items()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
