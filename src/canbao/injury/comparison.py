"""Arrangements side by side: who is covered, which losses, at whose cost, how fast, and who falls through and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from canbao.careers.categories import Circumstance
from canbao.injury.arrangement import Arrangement
from canbao.injury.benefits import counts, eligible, joined, paid, price_of
from canbao.injury.cases import Cases

Array = np.ndarray[Any, np.dtype[Any]]

PAYERS = ("worker", "platform", "employer", "state", "fund", "insurer")

TIME_SHARE: Mapping[Circumstance, float] = {
    Circumstance.ON_ORDER: 0.70,
    Circumstance.BETWEEN_ORDERS: 0.22,
    Circumstance.COMMUTING: 0.08,
}
"""Of the time between leaving home and coming back, how much passes in each circumstance: an assumption of our own."""

WAYS_THROUGH = ("not_for_them", "not_joined", "circumstance", "beyond_benefits")
"""Why a loss is not covered, in this order."""


@dataclass(frozen=True)
class Protection:
    """What one arrangement, or several together, do for some workers.

    Args:
        name: of the arrangements, joined by a plus.
        covered: the share of workers who are in one of them.
        covered_time: the share of working time in which one of them would pay.
        loss_covered: the share of expected losses that is paid, no loss more than once.
        catastrophe_covered: the same of deaths and disabilities of grades 1 to 6.
        benefits: yuan a worker and year, by who pays the benefit.
        price: yuan a worker and year, by who pays the price.
        price_an_order: all of it, for each order of those who make orders; NaN where nobody does.
        spent_an_order: what is paid in benefits by funds and insurers, for each order.
        benefit_ratio: benefits of funds and insurers to the price; NaN where there is none.
        days_until_paid: of the slowest; None where that was not found.
        through: the share of expected losses that is lost for each reason.
        loss: expected, yuan a worker and year.
    """

    name: str
    covered: float
    covered_time: float
    loss_covered: float
    catastrophe_covered: float
    benefits: Mapping[str, float]
    price: Mapping[str, float]
    price_an_order: float
    spent_an_order: float
    benefit_ratio: float
    days_until_paid: float | None
    through: Mapping[str, float]
    loss: float


def compare(arrangements: Sequence[Arrangement], cases: Cases) -> Protection:
    """What some arrangements together do for workers; the first pays for treatment first, and all else adds up.

    Args:
        arrangements: that are in force together.
        cases: the workers and their injuries.
    """
    weight, total = cases.weight, float(cases.weight.sum())
    happens = np.where(cases.injured, cases.injury_weight, 0.0)
    left = cases.treatment.copy()
    together = np.zeros(len(cases))
    benefits, price = dict.fromkeys(PAYERS, 0.0), dict.fromkeys(PAYERS, 0.0)
    inside, may, right = (np.zeros(len(cases), dtype=bool) for _ in range(3))
    time = np.zeros((len(TIME_SHARE), len(cases)), dtype=bool)
    for one in arrangements:
        member = joined(one, cases)
        may |= eligible(one, cases)
        inside |= member
        right |= member & counts(one, cases)
        for at, circumstance in enumerate(TIME_SHARE):
            time[at] |= member & (circumstance.key in one.covers.circumstances)
        for benefit, amount in paid(one, cases, left):
            together += amount
            benefits[benefit.payer] += float((amount * happens).sum()) / total
            if benefit.of == "treatment":
                left = left - amount
        for each in one.price:
            price[each.payer] += float((price_of(each, cases) * member * weight).sum()) / total
    loss = cases.loss
    covered = np.minimum(together, loss)
    days = [one.days_until_paid for one in arrangements if one.benefits]
    orders = float((cases.orders * weight).sum()) / total
    insured = benefits["fund"] + benefits["insurer"]
    paid_in = sum(price.values())
    return Protection(
        "+".join(one.name for one in arrangements),
        float((inside * weight).sum()) / total,
        float(sum(share * (time[at] * weight).sum() for at, share in enumerate(TIME_SHARE.values()))) / total,
        _share(covered, loss, happens),
        _share(covered[cases.catastrophe], loss[cases.catastrophe], happens[cases.catastrophe]),
        benefits,
        price,
        paid_in / orders if orders > 0 else float("nan"),
        insured / orders if orders > 0 else float("nan"),
        insured / paid_in if paid_in > 0 else float("nan"),
        None if None in days else max((one for one in days if one is not None), default=None),
        _through(loss, covered, happens, may, inside, right),
        float((loss * happens).sum()) / total,
    )


def _share(part: Array, whole: Array, weight: Array) -> float:
    below = float((whole * weight).sum())
    return float((part * weight).sum()) / below if below > 0 else float("nan")


def _through(loss: Array, covered: Array, weight: Array, may: Array, inside: Array, right: Array) -> dict[str, float]:
    """The uncovered part of losses by the first reason that applies."""
    masks = (~may, may & ~inside, inside & ~right, right)
    return {name: _share((loss - covered) * mask, loss, weight) for name, mask in zip(WAYS_THROUGH, masks, strict=True)}
