"""The figures of a scheme in one month, as whole numbers to reckon with and as people look them up.

Amounts of money are reckoned in fen, rates in millionths of the base, prices of an order in millionths of a yuan. A place
where one of the needed figures is not known has no entry: what is due there stays open.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from canbao.engine import month_text
from canbao.engine.parameters import Parameter
from canbao.exchange.ledger.scheme import SERVICES, OnIncome, OnOrders, Scheme, Service
from canbao.law import lawbook

MILLION = 1_000_000
FEN_IN_YUAN = 100

SERVICE_NUMBERS = {service: at for at, service in enumerate(SERVICES)}

LOOKED_UP = {
    "place": pl.String,
    "service": pl.String,
    "rate_class": pl.String,
    "role": pl.String,
    "name": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "since": pl.String,
    "basis": pl.String,
    "source": pl.String,
    "confidence": pl.String,
    "filled": pl.Boolean,
}
"""The columns of figures as people look them up."""

Row = dict[str, object]


@dataclass(frozen=True)
class Figures:
    """The figures of a scheme in one month.

    Args:
        reckoned: whole numbers by place, and for orders by service and rate class: `price_millionths`; for income
            `floor_fen`, `ceiling_fen`, … and `platform_rate`, `worker_rate` in millionths.
        looked_up: where each comes from; `LOOKED_UP`.
        missing: figures that nobody knows, by place.
        not_in_force: numbers of places in which the scheme is not in force.
    """

    reckoned: pl.DataFrame
    looked_up: pl.DataFrame
    missing: tuple[tuple[str, str], ...]
    not_in_force: frozenset[int] = frozenset()

    def looked_up_in(self, places: Collection[int]) -> pl.DataFrame:
        """Where the figures of some places come from."""
        names = lawbook.places().names
        return self.looked_up.filter(pl.col("place").is_in([names[place] for place in places if place >= 0]))


def month_number(month: str) -> int:
    """`2026-03` as the engine counts months."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def figures_of(scheme: Scheme, month: str) -> Figures:
    """The figures of a scheme in all places.

    Args:
        scheme: whose.
        month: as `2026-03`.
    """
    book = _Book(scheme, month)
    reckoned: list[Row] = []
    for place in range(len(lawbook.places().names)):
        if scheme.file.orders is not None:
            reckoned += book.on_orders(scheme.file.orders, place)
        elif scheme.file.income is not None:
            reckoned += book.on_income(scheme.file.income, place)
    if scheme.file.orders is not None:
        schema = {"place": pl.Int16, "service": pl.Int8, "rate_class": pl.String, "price_millionths": pl.Int64}
    else:
        names = ("floor_fen", "ceiling_fen", "above_fen", "at_least_fen", "provisional_fen", "base_fen", "fixed_fen")
        schema = {"place": pl.Int16, **dict.fromkeys((*names, "platform_rate", "worker_rate"), pl.Int64)}
    looked_up = pl.DataFrame(book.looked_up, schema=LOOKED_UP).unique(maintain_order=True)
    return Figures(
        pl.DataFrame(reckoned, schema=schema), looked_up, tuple(dict.fromkeys(book.missing)), frozenset(book.not_in_force)
    )


class _Book:
    """Looks figures up, and notes what was looked up and what was not found."""

    def __init__(self, scheme: Scheme, month: str) -> None:
        self.scheme, self.month = scheme, month_number(month)
        self.looked_up: list[Row] = []
        self.missing: list[tuple[str, str]] = []
        self.not_in_force: set[int] = set()

    def on_orders(self, orders: OnOrders, place: int) -> Iterator[Row]:
        """The price by service and rate class."""
        if orders.open is not None:
            is_open = self.value(orders.open, place, "open")
            if is_open == 0:
                self.not_in_force.add(place)
            if not is_open:
                return
        for service in self.scheme.file.covers.services or SERVICES:
            entry = orders.entries.get(service)
            for rate_class, name in (("", orders.price), *orders.price_of_class.items()):
                price = self.value(name, place, "price", service, rate_class, entry=entry)
                if price is not None:
                    yield {
                        "place": place,
                        "service": SERVICE_NUMBERS[service],
                        "rate_class": rate_class,
                        "price_millionths": _whole(price * MILLION),
                    }

    def on_income(self, income: OnIncome, place: int) -> Iterator[Row]:
        """Limits and rates."""
        row: Row = {"place": place}
        fixed = self.value(income.fixed, place, "fixed", optional=True) if income.fixed is not None else None
        if fixed is not None:
            yield {**row, "fixed_fen": _fen(fixed), "platform_rate": 0, "worker_rate": 0}
            return
        part = income.base_of_place.get(lawbook.places().names[place])
        if part is not None:
            base = self.value(part.of, place, "base")
            row["base_fen"] = None if base is None else _fen(base * part.share)
        limits = [] if part is not None else ["floor", "ceiling", "above", "at_least", "provisional"]
        for role in limits:
            name = getattr(income, role)
            if name is not None:
                row[f"{role}_fen"] = _maybe_fen(self.value(name, place, role))
        rates = {share.payer: share for share in income.shares}
        for payer in ("platform", "worker"):
            share = rates.get(payer)
            if share is None or share.rate is None:
                row[f"{payer}_rate"] = 0
                continue
            rate = self.value(share.rate, place, f"{payer}_rate")
            row[f"{payer}_rate"] = None if rate is None else _whole(rate * MILLION)
        if None not in row.values():
            yield row

    def value(
        self,
        name: str,
        place: int,
        role: str,
        service: Service | None = None,
        rate_class: str = "",
        *,
        entry: int | None = None,
        optional: bool = False,
    ) -> float | None:
        """A figure; None where nobody knows it."""
        parameter = self.scheme.figures[name]
        found = _value(parameter, place, self.month, entry)
        at = lawbook.places().names[place]
        if found is None:
            if not optional:
                self.missing.append((at, name))
            return None
        origin = parameter.origin(place, self.month)
        self.looked_up.append(
            {
                "place": at,
                "service": service,
                "rate_class": rate_class or None,
                "role": role,
                "name": name,
                "value": found,
                "unit": parameter.entry.unit,
                "since": None if origin.since is None else month_text(origin.since),
                "basis": origin.basis,
                "source": origin.source,
                "confidence": origin.confidence,
                "filled": origin.filled,
            }
        )
        return found


def _value(parameter: Parameter, place: int, month: int, entry: int | None) -> float | None:
    column = parameter.column(month)
    if parameter.is_table:
        if entry is None:
            return None
        table = parameter.tables[parameter.table_rows[place, column]]
        found = float(table[entry]) if entry < len(table) else math.nan
    else:
        found = float(parameter.monthly[place, column])
    return None if math.isnan(found) else found


def _whole(value: float) -> int:
    """Half a unit goes up; binary dust is no half."""
    return math.floor(round(value, 6) + 0.5)


def _fen(yuan: float) -> int:
    return _whole(yuan * FEN_IN_YUAN)


def _maybe_fen(yuan: float | None) -> int | None:
    return None if yuan is None else _fen(yuan)
