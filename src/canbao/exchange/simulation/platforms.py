"""Three made-up platforms and their messages: new records, corrections, refunds, late orders, and faults that are known."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from canbao.exchange.identity.numbers import credit_code, resident_number
from canbao.exchange.identity.pseudonyms import Pseudonymiser
from canbao.exchange.messages.header import HOME, Header, Indicator
from canbao.exchange.messages.writing import empty_records, write_message
from canbao.exchange.simulation.faults import FAULTS, Planted, Record, planted
from canbao.exchange.store import Exchange

VERSION = "1.0"
ADMINISTRATION = credit_code("11420000011000000")
FIRM = credit_code("91420100MA4K00001")

LATE_SHARE, CORRECTED_SHARE, REFUNDED_SHARE, CANCELLED_SHARE = 0.02, 0.03, 0.01, 0.03
SECOND_PLATFORM, STATION = 0.25, 0.3
REGIONS = ("420106", "420102", "320102", "440305", "510104")
REGISTERED = {"employees_pension": 0.35, "residents_pension": 0.40}
"""Shares of workers who are enrolled in each; the rest in none."""


@dataclass(frozen=True)
class MadeUp:
    """A platform: what it is called, what it does, and in which form it sends."""

    code: str
    name: str
    service: str
    vehicle: str
    form: str
    pay: tuple[int, int]


PLATFORMS = (
    MadeUp(credit_code("91420100MA4K11111"), "送达（模拟）", "instant_delivery", "electric_bicycle", "csv", (400, 1500)),
    MadeUp(credit_code("91420100MA4K22222"), "顺行（模拟）", "ride_hailing", "car", "ndjson", (1200, 6000)),
    MadeUp(credit_code("91420100MA4K33333"), "运捷（模拟）", "city_freight", "van", "parquet", (6000, 25000)),
)


@dataclass(frozen=True)
class Simulated:
    """What was made.

    Args:
        exchange: a new exchange for test data, whose keys the pseudonyms were made with.
        messages: the files, in the order in which they were made; receiving them in another must change nothing.
        faults: what was planted: `fault`, `code`, `message_id`, `record_id`.
        orders: the orders as they were, without any fault: `person`, `platform`, and the columns of orders.
    """

    exchange: Exchange
    messages: tuple[Path, ...]
    faults: pl.DataFrame
    orders: pl.DataFrame


def simulate(
    folder: Path, *, workers: int = 300, months: Sequence[str] = ("2026-07", "2026-08"), share: float = 0.02, seed: int = 1
) -> Simulated:
    """Make an exchange, messages of three platforms and of the administration, and the truth beside them.

    Args:
        folder: gets `exchange/`, `messages/` and `truth/`.
        workers: how many people; a quarter of them work on two platforms.
        months: of orders.
        share: of records with a fault.
        seed: the same draws for the same seed; pseudonyms follow from the new exchange's keys.

    Raises:
        InputError: there is an exchange in the folder already, or the disk refuses.
    """
    opened = Exchange.make(
        folder / "exchange", ADMINISTRATION, "模拟社会保险经办机构", production=False, day=_first(months[0])
    )
    (folder / "messages").mkdir(parents=True, exist_ok=True)
    making = _Making(opened, folder / "messages", share, random.Random(seed))
    people = making.people(workers)
    for platform, staff in making.staff(people).items():
        making.enrol(platform, staff, months[0])
        for month in months:
            making.month(platform, staff, month)
        for year in sorted({month[:4] for month in months}):
            making.year(platform, year)
    making.register(people, months[0])
    truth = folder / "truth"
    truth.mkdir(exist_ok=True)
    faults = pl.DataFrame(
        [asdict(one) for one in making.faults],
        schema=dict.fromkeys(("fault", "code", "message_id", "record_id"), pl.String),
    )
    orders = pl.DataFrame(making.orders, infer_schema_length=None)
    faults.write_parquet(truth / "faults.parquet")
    orders.write_parquet(truth / "orders.parquet")
    return Simulated(opened, tuple(making.messages), faults, orders)


class _Making:
    """Writes message by message, and notes what is true."""

    def __init__(self, exchange: Exchange, folder: Path, share: float, hand: random.Random) -> None:
        self.exchange, self.folder, self.share, self.hand = exchange, folder, share, hand
        self.messages: list[Path] = []
        self.faults: list[Planted] = []
        self.orders: list[Record] = []

    def people(self, count: int) -> list[str]:
        """Identity numbers; any likeness to a real one is chance."""
        made: dict[str, None] = {}
        while len(made) < count:
            born = datetime.date(1970, 1, 1) + datetime.timedelta(days=self.hand.randrange(12_000))
            made[resident_number(f"{self.hand.choice(REGIONS)}{born:%Y%m%d}{self.hand.randrange(1, 1000):03}")] = None
        return list(made)

    def staff(self, people: Iterable[str]) -> Mapping[MadeUp, list[tuple[str, bool]]]:
        """Who works for each platform, and whether through a station."""
        found: dict[MadeUp, list[tuple[str, bool]]] = {platform: [] for platform in PLATFORMS}
        for person in people:
            count = 2 if self.hand.random() < SECOND_PLATFORM else 1
            for platform in self.hand.sample(PLATFORMS, count):
                found[platform].append((person, self.hand.random() < STATION))
        return found

    def enrol(self, platform: MadeUp, staff: Sequence[tuple[str, bool]], month: str) -> None:
        """The workers' message, with the clear number once."""
        maker = self._maker(platform.code)
        records = [
            {
                "record_id": f"w-{at}",
                "action": "new",
                "worker": maker("resident", person),
                "identity_type": "resident",
                "identity_number": person,
                "registered_on": _first(month),
                "status": "active",
                **_engaged(station),
                "region": self._region(person),
            }
            for at, (person, station) in enumerate(staff)
        ]
        self._write(platform, "workers", month, "new", records)

    def month(self, platform: MadeUp, staff: Sequence[tuple[str, bool]], month: str) -> None:
        """A month's orders, those that come late, corrections, and what was earned."""
        maker = self._maker(platform.code)
        records: list[Record] = []
        for at, (person, station) in enumerate(staff):
            for number in range(self.hand.randrange(1, 25)):
                records.append(self._order(platform, month, f"{month}-{at}-{number}", person, station, maker))
        late = [record for record in records if self.hand.random() < LATE_SHARE]
        in_time = [record for record in records if record not in late]
        corrected = {record["record_id"] for record in in_time if self.hand.random() < CORRECTED_SHARE}
        sent = [self._as_first_sent(one) if one["record_id"] in corrected else one for one in in_time]
        spoilt = self._write(platform, "orders", month, "new", sent)
        corrections = [
            {**one, "record_id": f"c-{one['record_id']}", "action": "correct", "replaces": one["record_id"]}
            for one in in_time
            if one["record_id"] in corrected - spoilt
        ]
        self._write(platform, "orders", month, "corrections", corrections, faultless=True)
        self._write(platform, "orders", month, "new", late, part="late", faultless=True)
        self._write(platform, "earnings", month, "new", self._earnings(records, month))

    def year(self, platform: MadeUp, year: str) -> None:
        """The year's report as DPI XML, with what was earned by quarter, and a correction of some sellers."""
        sums: dict[str, dict[str, int]] = {}
        for one in self.orders:
            if one["platform"] == platform.name and one["month"][:4] == year and one["status"] == "completed":
                quarter = (int(one["month"][5:]) + 2) // 3
                own = sums.setdefault(one["worker"], {})
                for name, value in (("gross", one["pay_fen"]), ("activities", 1)):
                    own[f"{name}_q{quarter}"] = own.get(f"{name}_q{quarter}", 0) + value
        records = [
            {
                "record_id": f"y-{year}-{at}",
                "action": "new",
                "worker": worker,
                "year": int(year),
                "country": "CN",
                "currency": "CNY",
                # Whole yuan.
                **{name: value // 100 if name.startswith("gross") else value for name, value in amounts.items()},
            }
            for at, (worker, amounts) in enumerate(sums.items())
        ]
        yearly, last = replace(platform, form="xml"), f"{year}-12"
        spoilt = self._write(yearly, "yearly", last, "new", records)
        corrections = [
            {**one, "record_id": f"c-{one['record_id']}", "action": "correct", "replaces": one["record_id"]}
            for one in records
            if one["record_id"] not in spoilt and self.hand.random() < CORRECTED_SHARE
        ]
        self._write(yearly, "yearly", last, "corrections", corrections, faultless=True)

    def register(self, people: Sequence[str], month: str) -> None:
        """The administration's own register."""
        maker = self._maker(ADMINISTRATION)
        records: list[Record] = []
        for at, person in enumerate(people):
            draw = self.hand.random()
            for scheme, share in REGISTERED.items():
                if draw < share:
                    records.append(
                        {
                            "record_id": f"r-{at}",
                            "action": "new",
                            "worker": maker("resident", person),
                            "identity_type": "resident",
                            "identity_number": person,
                            "scheme": scheme,
                            "enrolled_as": "own" if scheme == "employees_pension" and at % 3 else None,
                            "status": "active",
                            "region": self._region(person),
                            "since": "2020-01",
                        }
                    )
                    break
                draw -= share
        ours = MadeUp(ADMINISTRATION, "经办机构（模拟）", "other", "none", "parquet", (0, 0))
        self._write(ours, "register", month, "new", records, faultless=True)

    def _order(self, platform: MadeUp, month: str, number: str, person: str, station: bool, maker: Pseudonymiser) -> Record:
        accepted = datetime.datetime.combine(_first(month), datetime.time(8), HOME) + datetime.timedelta(
            minutes=self.hand.randrange(27 * 1440)
        )
        draw = self.hand.random()
        cancelled, refunded = draw < CANCELLED_SHARE, draw < CANCELLED_SHARE + REFUNDED_SHARE
        record = {
            "record_id": f"o-{number}",
            "action": "new",
            "worker": maker("resident", person),
            "order_id": f"{platform.service}-{number}",
            "service": platform.service,
            "region": self._region(person),
            "accepted_at": accepted,
            "completed_at": accepted + datetime.timedelta(minutes=self.hand.randrange(10, 60)),
            "status": "cancelled" if cancelled else "refunded" if refunded else "completed",
            "pay_fen": self.hand.randrange(*platform.pay),
            "vehicle": platform.vehicle,
            **_engaged(station),
        }
        self.orders.append({"person": person, "platform": platform.name, "month": month, **record})
        return record

    def _as_first_sent(self, record: Record) -> Record:
        """What a platform sent before it knew better."""
        return {**record, "pay_fen": record["pay_fen"] + self.hand.randrange(1, 300)}

    def _earnings(self, records: Sequence[Record], month: str) -> list[Record]:
        sums: dict[str, list[int]] = {}
        for record in records:
            if record["status"] != "cancelled":
                own = sums.setdefault(record["worker"], [0, 0, 0])
                own[0] += record["pay_fen"]
                own[1] += record["pay_fen"] if record["status"] == "refunded" else 0
                own[2] += 1
        return [
            {
                "record_id": f"e-{month}-{at}",
                "action": "new",
                "worker": worker,
                "month": month,
                "gross_fen": gross,
                "refunds_fen": refunds,
                "fees_fen": (gross - refunds) // 20,
                "net_fen": gross - refunds - (gross - refunds) // 20,
                "tax_withheld_fen": 0,
                "orders": count,
            }
            for at, (worker, (gross, refunds, count)) in enumerate(sums.items())
        ]

    def _write(
        self,
        platform: MadeUp,
        kind: str,
        month: str,
        indicator: Indicator,
        records: Sequence[Record],
        *,
        part: str = "",
        faultless: bool = False,
    ) -> set[str]:
        """A message, and the records in it that were spoilt."""
        if not records:
            return set()
        message_id = "-".join(one for one in (kind, month, indicator, part, str(len(self.messages))) if one)
        rows, found = list(records), list[Planted]()
        if not faultless and kind in FAULTS:
            rows, found = planted(kind, message_id, rows, self.share, self.hand)
        self.faults += found
        first = _first(month)
        after = (first + datetime.timedelta(days=32)).replace(day=1)
        first = first.replace(month=1) if kind == "yearly" else first
        header = Header(
            message_id,
            kind,
            indicator,
            platform.code,
            platform.name,
            first,
            after - datetime.timedelta(days=1),
            # Each message is made after the one before.
            datetime.datetime.combine(after, datetime.time(9), HOME) + datetime.timedelta(minutes=len(self.messages)),
            VERSION,
            test=True,
        )
        path = self.folder / f"{len(self.messages):03}-{message_id}.{platform.form}"
        frame = pl.DataFrame(rows, schema=_typed(kind, rows))
        write_message(path, header, frame)
        self.messages.append(path)
        return {one.record_id for one in found}

    def _maker(self, operator: str) -> Pseudonymiser:
        return self.exchange.keys.for_operator(operator)

    def _region(self, person: str) -> str:
        """Two thirds work where they are from."""
        home = person[:6]
        return home if int(person[14:17]) % 3 else REGIONS[(REGIONS.index(home) + 1) % len(REGIONS)]


def _typed(kind: str, rows: Sequence[Record]) -> dict[str, Any]:
    """The columns that the records have, with the types of the kind."""
    known = empty_records(kind).schema
    names = {name for row in rows for name in row}
    return {name: dtype for name, dtype in known.items() if name in names}


def _engaged(station: bool) -> Record:
    return {"relation": "station" if station else "own", "employer_code": FIRM if station else None}


def _first(month: str) -> datetime.date:
    return datetime.date(int(month[:4]), int(month[5:7]), 1)
