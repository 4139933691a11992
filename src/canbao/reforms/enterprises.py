"""What a reform costs platforms for each order, and what becomes of it: the customer's price, orders, the worker's pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from canbao.located_yaml import Entry, read
from canbao.reforms.results import price_index
from canbao.reforms.simulation import Outcome


class PlatformEntry(Entry):
    """One kind of platform, in yuan an order."""

    revenue: float
    margin: float
    worker_pay: float
    customer_price: float
    demand: tuple[float, float, float]
    year: int
    source: str


class WorkersPart(Entry):
    """The part of a cost that workers bear in the end."""

    low: float
    central: float
    high: float


class PassedOn(Entry):
    """How a cost on orders is shared."""

    worker: WorkersPart
    customer: float
    source: str


class EnterprisesFile(Entry):
    """enterprises.yaml."""

    passed_on: PassedOn
    platforms: dict[str, PlatformEntry]


@cache
def enterprises() -> EnterprisesFile:
    """Platforms by kind, and how costs are passed on."""
    return read(Path(str(resources.files("canbao.reforms").joinpath("enterprises.yaml"))), EnterprisesFile)


@dataclass(frozen=True)
class Effect:
    """What a cost on orders does to a kind of platform.

    Args:
        cost: of the reform for an order, in yuan of the survey's year.
        of_revenue: as a share of the platform's revenue.
        of_margin: as a share of its margin.
        price: rise of the customer's price.
        orders: change of the number of orders; low, central and high response of demand.
        pay: change of the worker's pay an order; with the least, central and greatest part borne by workers.
    """

    cost: float
    of_revenue: float
    of_margin: float
    price: float
    orders: tuple[float, float, float]
    pay: tuple[float, float, float]


def effects(reform: Outcome, baseline: Outcome, year: int, groups: Mapping[str, list[int]]) -> dict[str, Effect]:
    """What a reform costs for an order, by kind of platform.

    Args:
        reform: under it.
        baseline: under the law as it stands.
        year: of the result.
        groups: the groups of the totals of each kind of platform.
    """
    at = year - reform.years[0]
    found = {}
    for kind, platform in enterprises().platforms.items():
        members = groups.get(kind, [])
        orders = float(reform.totals["orders_made"][at][:, members].sum())
        paid, before = (float(one.totals["platform_pays"][at][:, members].sum()) for one in (reform, baseline))
        if orders > 0:
            found[kind] = _effect(platform, (paid - before) / orders / float(price_index(reform)[at]))
    return found


def _effect(platform: PlatformEntry, cost: float) -> Effect:
    shares = enterprises().passed_on
    price = cost * shares.customer / platform.customer_price
    low, central, high = (price * one for one in platform.demand)
    parts = (shares.worker.low, shares.worker.central, shares.worker.high)
    least, middle, most = (-cost * part / platform.worker_pay for part in parts)
    return Effect(cost, cost / platform.revenue, cost / platform.margin, price, (low, central, high), (least, middle, most))
