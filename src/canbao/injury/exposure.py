"""What exposes to injury: hours of work, as is assumed by default, or orders made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from canbao.careers.categories import RiskGroup
from canbao.injury.assumptions import assumptions
from canbao.injury.cases import Cases
from canbao.injury.from_law import FromLaw, entries
from canbao.law.categories import OrderSector

Array = np.ndarray[Any, np.dtype[Any]]

Exposure = Literal["hours", "orders_low", "orders", "orders_high"]
EXPOSURES: tuple[Exposure, ...] = get_args(Exposure)

MILLION = 1e6


def exposed_by(exposure: Exposure, cases: Cases) -> Cases:
    """The same workers and the same injuries under another assumption of what exposes to them.

    Who is hurt, and how badly, stays as it was drawn; each injury stands for more or fewer of those that happen, by the
    ratio of its probabilities (importance sampling; Owen 2013, ch. 9). Whoever makes no orders, or such as have no price in
    the law, is exposed by hours all the same.

    Args:
        exposure: `hours` leaves all as it is; the others are injuries a million orders: low, central, high.
        cases: as drawn by hours.
    """
    if exposure == "hours":
        return cases
    an_order = injuries_an_order(exposure, cases)
    by_order = (cases.orders > 0) & (an_order > 0)
    risk = np.where(by_order, np.minimum(1.0, cases.orders * an_order), cases.risk)
    ratio = np.divide(risk, cases.risk, out=np.ones(len(cases)), where=cases.risk > 0)
    return replace(cases, risk=risk, injury_weight=cases.injury_weight * ratio)


def injuries_an_order(exposure: Exposure, cases: Cases) -> Array:
    """How many injuries an order of each worker's kind brings; 0 where the law has no price for one."""
    assumed = assumptions().injuries_a_million_orders
    level = {"orders_low": assumed.low, "orders": assumed.value, "orders_high": assumed.high}[exposure]
    sectors = {one.key: int(one) for one in OrderSector}
    sector = np.array([sectors.get(assumed.by_order_sector.get(one.key, ""), -1) for one in RiskGroup])[cases.group]
    prices = FromLaw(law="order_price", as_of=assumed.as_of)
    of_meals = np.full(len(cases), int(OrderSector.FOOD_DELIVERY))
    to_meals = entries(prices, cases.place, cases.year, np.maximum(sector, 0)) / entries(
        prices, cases.place, cases.year, of_meals
    )
    return np.where(sector >= 0, level / MILLION * to_meals, 0.0)
