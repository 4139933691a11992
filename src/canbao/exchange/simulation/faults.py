"""Faults that are planted in the records of made-up platforms."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Planted:
    """A fault in a record.

    Args:
        fault: its name.
        code: by which a check should answer; None for what no check of one message can see.
        message_id: of the message.
        record_id: of the record.
    """

    fault: str
    code: str | None
    message_id: str
    record_id: str


def _earlier(record: Record, _hand: random.Random) -> Record:
    return {**record, "completed_at": record["accepted_at"] - datetime.timedelta(minutes=7)}


def _negative(record: Record, _hand: random.Random) -> Record:
    return {**record, "pay_fen": -record["pay_fen"]}


def _next_year(record: Record, _hand: random.Random) -> Record:
    later = datetime.timedelta(days=-400)
    return {**record, "accepted_at": record["accepted_at"] + later, "completed_at": record["completed_at"] + later}


def _no_region(record: Record, _hand: random.Random) -> Record:
    return {**record, "region": "4201"}


def _no_firm(record: Record, _hand: random.Random) -> Record:
    return {**record, "relation": "station", "employer_code": None}


def _in_yuan(record: Record, _hand: random.Random) -> Record:
    """Cannot be seen: a small amount may be right."""
    return {**record, "pay_fen": record["pay_fen"] // 100}


def _wrong_check(record: Record, _hand: random.Random) -> Record:
    number = record["identity_number"]
    return {**record, "identity_number": number[:17] + ("1" if number[17] != "1" else "2")}


def _somebody_else(record: Record, hand: random.Random) -> Record:
    key = record["worker"].partition("-")[0]
    return {**record, "worker": f"{key}-{hand.getrandbits(128):032x}"}


def _wrong_net(record: Record, _hand: random.Random) -> Record:
    return {**record, "net_fen": record["net_fen"] + 5000}


def _negative_quarter(record: Record, _hand: random.Random) -> Record:
    name = next(name for name in record if name.startswith("gross_q"))
    return {**record, name: -1 - record[name]}


Change = Callable[[Record, random.Random], Record]

FAULTS: Mapping[str, Mapping[str, tuple[str | None, Change]]] = {
    "orders": {
        "completed_before_accepted": ("62001", _earlier),
        "negative_pay": ("63001", _negative),
        "outside_period": ("62003", _next_year),
        "wrong_region": ("60013", _no_region),
        "missing_firm": ("64001", _no_firm),
        "pay_in_yuan": (None, _in_yuan),
    },
    "workers": {"wrong_check_character": ("61002", _wrong_check), "foreign_pseudonym": ("61006", _somebody_else)},
    "yearly": {"negative_consideration": ("63001", _negative_quarter)},
    "earnings": {"net_is_not_the_rest": ("63002", _wrong_net)},
}
"""By kind of record: the fault, the code that answers it, and what is done to a record."""


def planted(
    kind: str, message_id: str, records: list[Record], share: float, hand: random.Random
) -> tuple[list[Record], list[Planted]]:
    """Records with faults in about a share of them, and which."""
    faults = list(FAULTS[kind].items())
    made, found = [], []
    for record in records:
        if hand.random() >= share:
            made.append(record)
            continue
        name, (code, change) = hand.choice(faults)
        made.append(change(record, hand))
        found.append(Planted(name, code, message_id, record["record_id"]))
    return made, found
