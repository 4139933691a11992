"""Made-up platforms' tables for tests, and what is due from them reckoned in plain Python."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from canbao.exchange.ledger import Inputs
from canbao.exchange.ledger.places import place_of
from canbao.exchange.ledger.scheme import RELATIONS, SERVICES
from canbao.law import lawbook

ORDER = {
    "record_key": pl.Int64,
    "worker_key": pl.Int64,
    "platform_key": pl.Int32,
    "service": pl.String,
    "region": pl.String,
    "completed_at": pl.Datetime("us"),
    "status": pl.String,
    "pay_fen": pl.Int64,
    "vehicle": pl.String,
    "relation": pl.String,
}
USUAL: Mapping[str, Any] = {
    "worker_key": 1,
    "platform_key": 1,
    "service": "instant_delivery",
    "region": "320102",
    "completed_at": datetime.datetime(2025, 9, 10, 12),
    "status": "completed",
    "pay_fen": 1000,
    "vehicle": "electric_bicycle",
    "relation": "own",
}
WORKER = {
    "worker_key": pl.Int64,
    "platform_key": pl.Int32,
    "registered_on": pl.Date,
    "status": pl.String,
    "relation": pl.String,
    "employer_code": pl.String,
    "region": pl.String,
}
REGISTER = {
    "worker_key": pl.Int64,
    "pension": pl.String,
    "medical": pl.String,
    "province": pl.String,
    "interrupted_since": pl.String,
}
EARNINGS = {
    "record_key": pl.Int64,
    "worker_key": pl.Int64,
    "platform_key": pl.Int32,
    "month": pl.String,
    "gross_fen": pl.Int64,
    "net_fen": pl.Int64,
}

Row = Mapping[str, Any]


def orders(rows: Iterable[Row]) -> pl.DataFrame:
    """Orders; what a row does not say is as usual, and record keys count on."""
    return pl.DataFrame([{"record_key": at + 1, **USUAL, **row} for at, row in enumerate(rows)], schema=ORDER)


def register(pensions: Mapping[int, str], province: str = "32") -> pl.DataFrame:
    """The register of these workers."""
    rows = [
        {"worker_key": key, "pension": pension, "medical": pension, "province": province}
        for key, pension in pensions.items()
    ]
    return pl.DataFrame([{"interrupted_since": None, **row} for row in rows], schema=REGISTER)


def workers(rows: Iterable[Row]) -> pl.DataFrame:
    """Workers; all of them registered in January 2025 unless a row says otherwise."""
    usual = {
        "platform_key": 1,
        "registered_on": datetime.date(2025, 1, 5),
        "status": "active",
        "relation": "own",
        "employer_code": None,
        "region": "320102",
    }
    return pl.DataFrame([{**usual, **row} for row in rows], schema=WORKER)


def inputs(folder: Path, *, platforms: pl.DataFrame | None = None, **tables: pl.DataFrame) -> Inputs:
    """Tables as files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    if platforms is not None:
        platforms.write_csv(folder / "platforms.csv")
    return Inputs.of_folder(folder)


def summed(lines: pl.DataFrame | pl.LazyFrame) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Lines added up by key: `(orders, income, base, platform, worker)`; what adds up to nothing is left out."""
    key = ["worker_key", "platform_key", "relation", "place", "service"]
    measures = ["orders", "income_fen", "base_fen", "platform_fen", "worker_fen"]
    added = lines.lazy().group_by(key).agg(pl.col(measures).sum()).collect()
    return {row[:5]: row[5:] for row in added.rows() if any(row[5:])}


# --- plain Python -------------------------------------------------------------------------------------------------------


def half_up(value: Fraction) -> int:
    return int((value + Fraction(1, 2)) // 1)


def largest_remainders(amount: int, weights: Mapping[Any, int]) -> dict[Any, int]:
    """Hamilton's method, as the textbooks have it."""
    total = sum(weights.values())
    exact = {member: Fraction(amount * weight, total) for member, weight in weights.items()}
    parts = {member: int(quota // 1) for member, quota in exact.items()}
    first = sorted(weights, key=lambda member: (parts[member] - exact[member], member))
    for member in first[: amount - sum(parts.values())]:
        parts[member] += 1
    return parts


def figure(name: str, place: int, month: str) -> Fraction:
    """A figure of the law, read in another way than the ledger does."""
    parameter = lawbook.model().parameters[name]
    at = (int(month[:4]) - 1951) * 12 + int(month[5:7]) - 1
    return Fraction(str(float(parameter.monthly[place, at])))


def activity(frame: pl.DataFrame, month: str) -> dict[tuple[int, int, int, int, int], list[int]]:
    """`(orders, pay)` by key."""
    found: dict[tuple[int, int, int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    for row in frame.iter_rows(named=True):
        if row["completed_at"] is None or f"{row['completed_at']:%Y-%m}" != month or row["status"] == "cancelled":
            continue
        relation, service = RELATIONS.index(row["relation"]), SERVICES.index(row["service"])
        cell = found[row["worker_key"], row["platform_key"], relation, place_of(row["region"]), service]
        cell[0] += 1
        cell[1] += row["pay_fen"] if row["status"] == "completed" else 0
    return found


def injury_by_hand(
    frame: pl.DataFrame, month: str, prices: Mapping[str, Fraction], pensions: Mapping[int, str], open_in: Sequence[int]
) -> dict[tuple[int, ...], tuple[int, ...]]:
    """What platforms owe for orders, at these prices in yuan by service."""
    made = {}
    for key, (count, pay) in activity(frame, month).items():
        worker, _, relation, place, service = key
        employed = relation != 0 and pensions.get(worker, "none") == "employee"
        if SERVICES[service] in prices and not employed and place in open_in:
            made[key] = (count, pay, 0, half_up(count * prices[SERVICES[service]] * 100), 0)
    return made


def pension_by_hand(
    frame: pl.DataFrame, month: str, pensions: Mapping[int, str], wanted: Sequence[str]
) -> dict[tuple[int, ...], tuple[int, ...]]:
    """What flexible workers would pay on the income of all platforms."""
    members: dict[int, dict[tuple[int, int], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    by_place: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (worker, platform, relation, place, _), (count, pay) in activity(frame, month).items():
        if pensions.get(worker, "none") in wanted:
            members[worker][platform, relation][0] += count
            members[worker][platform, relation][1] += pay
            by_place[worker][place] += pay
    made = {}
    for worker, own in members.items():
        earning = {member: pay for member, (_, pay) in own.items() if pay > 0}
        if not earning:
            continue
        place = max(by_place[worker], key=lambda one: (by_place[worker][one], -one))
        floor, ceiling = (half_up(figure(name, place, month) * 100) for name in ("base_floor", "base_ceiling"))
        base = min(max(sum(earning.values()), floor), ceiling)
        due = half_up(base * figure("flexible_pension_rate", place, month))
        bases, dues = largest_remainders(base, earning), largest_remainders(due, earning)
        for (platform, relation), pay in earning.items():
            key = (worker, platform, relation, place, -1)
            member = (platform, relation)
            made[key] = (own[member][0], pay, bases[member], 0, dues[member])
    return made
