"""Messages of two made-up platforms to a made-up administration."""

import datetime
import random
from pathlib import Path

import polars as pl

from canbao.exchange.identity.keys import Keys
from canbao.exchange.identity.numbers import credit_code, resident_number
from canbao.exchange.identity.pseudonyms import Pseudonymiser
from canbao.exchange.messages.header import Header
from canbao.exchange.messages.writing import write_message
from canbao.exchange.store import Exchange

OPERATOR = credit_code("91110108551385082")
OTHER = credit_code("91310115MA1FL7AA0")
ADMINISTRATION = credit_code("11420000011000000")
MADE = datetime.datetime(2026, 8, 2, 2, tzinfo=datetime.UTC)
FORMS = ("csv", "ndjson", "parquet")


def header(message_id: str = "m-1", kind: str = "orders", indicator: str = "new", **others: object) -> Header:
    about: dict[str, object] = {
        "operator": OPERATOR,
        "platform": "Songda",
        "period_from": datetime.date(2026, 7, 1),
        "period_to": datetime.date(2026, 7, 31),
        "created_at": MADE,
        "schema_version": "1.0",
    }
    return Header(message_id, kind, indicator, **{**about, **others})  # type: ignore[arg-type]


def orders(count: int = 5, first: int = 0, *, worker: str | None = None, **others: object) -> pl.DataFrame:
    """New orders `r-0`, `r-1`, …"""
    start = datetime.datetime(2026, 7, 3, 2, tzinfo=datetime.UTC)
    rows = [
        {
            "record_id": f"r-{at}",
            "action": "new",
            "replaces": None,
            "worker": worker or pseudonym(at % 3),
            "order_id": f"o-{at}",
            "service": "instant_delivery",
            "region": "420106",
            "accepted_at": start + datetime.timedelta(minutes=at),
            "completed_at": start + datetime.timedelta(minutes=at + 25),
            "status": "completed",
            "pay_fen": 500 + at,
            "expenses_fen": None,
            "vehicle": "electric_bicycle",
            "relation": "own",
            "employer_code": None,
            **others,
        }
        for at in range(first, first + count)
    ]
    return pl.DataFrame(
        rows, schema_overrides={"replaces": pl.String, "employer_code": pl.String, "expenses_fen": pl.Int64}
    )


def pseudonym(person: int) -> str:
    """Of somebody who has never been enrolled."""
    return f"x1-{person:032x}"


def number(person: int) -> str:
    return resident_number(f"4201061985{1 + person % 12:02}{1 + person % 28:02}{1 + person % 999:03}")


def workers(people: list[int], maker: Pseudonymiser, **others: object) -> pl.DataFrame:
    rows = [
        {
            "record_id": f"w-{one}",
            "action": "new",
            "replaces": None,
            "worker": maker("resident", number(one)),
            "identity_type": "resident",
            "identity_number": number(one),
            "name": f"张{one}",
            "phone": f"138{one:08}",
            "registered_on": datetime.date(2026, 7, 1),
            "status": "active",
            "relation": "own",
            "employer_code": None,
            "region": "420106",
            **others,
        }
        for one in people
    ]
    return pl.DataFrame(rows, schema_overrides={"replaces": pl.String, "employer_code": pl.String})


def correction(record_id: str, replaces: str, pay_fen: int = 900, **others: object) -> pl.DataFrame:
    return orders(1, record_id=record_id, action="correct", replaces=replaces, pay_fen=pay_fen, **others)


def deletion(record_id: str, replaces: str) -> pl.DataFrame:
    return orders(1).with_columns(
        pl.lit(record_id).alias("record_id"), pl.lit("delete").alias("action"), pl.lit(replaces).alias("replaces")
    )


def write(folder: Path, records: pl.DataFrame, about: Header | None = None, form: str = "csv") -> Path:
    about = about or header()
    path = folder / f"{about.message_id}.{form}"
    write_message(path, about, records)
    return path


def exchange(folder: Path, *, production: bool = True) -> Exchange:
    return Exchange.make(folder, ADMINISTRATION, "测试社保局", production=production, day=datetime.date(2026, 1, 1))


def maker(opened: Exchange, operator: str = OPERATOR) -> Pseudonymiser:
    return Keys.open(opened.folder).for_operator(operator)


def mangled(content: bytes, hand: random.Random) -> bytes:
    """Bytes taken out, doubled or changed."""
    for _ in range(hand.randint(1, 4)):
        place, length = hand.randrange(len(content)), hand.randint(1, 30)
        piece = hand.choice(
            [b"", content[place : place + length] * 2, bytes(hand.randrange(256) for _ in range(3)), b'"', b"\n"]
        )
        content = content[:place] + piece + content[place + length :] or b" "
    return content
