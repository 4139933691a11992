"""Orders and earnings of one month, added up by worker, platform, relation, place and service.

An order that was carried out counts, also where its pay was refunded afterwards: the worker was on the road. Pay that was
refunded is no income. A cancelled order is neither.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import ibis
from ibis.expr.types import Table

from canbao.exchange.ledger.figures import MILLION
from canbao.exchange.ledger.places import NOWHERE
from canbao.exchange.ledger.portable import number_of
from canbao.exchange.ledger.scheme import RELATIONS, SERVICES, Scheme

CARRIED_OUT = ("completed", "refunded")
PAID = "completed"

KEY = ("worker_key", "platform_key", "relation", "place", "service")
"""What tells apart the rows of a month's activity."""

ALL_SERVICES = -1
"""The service of rows that are not told apart by service."""


def month_bounds(month: str) -> tuple[datetime.datetime, datetime.datetime]:
    """The first moment of a month and that of the next."""
    first = datetime.datetime(int(month[:4]), int(month[5:7]), 1)
    return first, (first + datetime.timedelta(days=32)).replace(day=1)


def net_column(scheme: Scheme) -> str:
    """The column of pay less expenses, in millionths of a fen, for a scheme that takes expenses by vehicle."""
    return f"net_{scheme.name}"


def activity_from_orders(orders: Table, cities: Table, schemes: Sequence[Scheme]) -> Table:
    """A month's orders added up.

    Args:
        orders: of the month.
        cities: the place of each city, as `places.cities` gives them.
        schemes: for which.

    Returns:
        `KEY`, `orders`, `pay_fen`, `first_record`, `last_record`, and a net column for each scheme that needs one.
    """
    placed = _placed(orders.filter(orders.status.isin(list(CARRIED_OUT))), cities)
    coded = placed.select(
        "record_key",
        "worker_key",
        "platform_key",
        place=placed.place.coalesce(ibis.literal(NOWHERE, type="int16")),
        relation=number_of(placed.relation, RELATIONS, "own"),
        service=number_of(placed.service, SERVICES, "other"),
        paid_fen=(placed.status == PAID).ifelse(placed.pay_fen, ibis.literal(0, type="int64")),
        vehicle=placed.vehicle,
    )
    nets = {
        net_column(scheme): (coded.paid_fen * _kept(coded.vehicle, scheme)).sum()
        for scheme in schemes
        if scheme.file.income is not None and scheme.file.income.expense_share
    }
    return coded.group_by(list(KEY)).agg(
        orders=coded.count(),
        pay_fen=coded.paid_fen.sum(),
        first_record=coded.record_key.min(),
        last_record=coded.record_key.max(),
        **nets,
    )


def activity_from_earnings(earnings: Table, workers: Table, measure: str) -> Table:
    """A month's earnings as platforms state them, at the place of work that a worker has with the platform.

    Args:
        earnings: of the month.
        workers: as `workers_placed` gives them.
        measure: `gross_fen` or `net_fen`.

    Returns:
        as `activity_from_orders`; orders are not known and count as none.
    """
    # Who stands twice with a platform earned no more for it.
    once = workers.group_by(["worker_key", "platform_key"]).agg(place=workers.place.max(), relation=workers.relation.max())
    joined = earnings.left_join(once, ["worker_key", "platform_key"], rname="{name}_again")
    zero = ibis.literal(0, type="int64")
    coded = joined.select(
        "record_key",
        "worker_key",
        "platform_key",
        place=joined.place.coalesce(ibis.literal(NOWHERE, type="int16")),
        relation=joined.relation.coalesce(ibis.literal(0, type="int8")),
        service=ibis.literal(ALL_SERVICES, type="int8"),
        paid_fen=joined[measure],
    )
    return coded.group_by(list(KEY)).agg(
        orders=coded.count() * zero,
        pay_fen=ibis.greatest(coded.paid_fen.sum(), zero),
        first_record=coded.record_key.min(),
        last_record=coded.record_key.max(),
    )


def workers_placed(workers: Table, cities: Table) -> Table:
    """Workers by platform: `worker_key`, `platform_key`, `registered_on`, `status`, `relation`, `place`."""
    placed = _placed(workers, cities)
    return placed.select(
        "worker_key",
        "platform_key",
        "registered_on",
        "status",
        place=placed.place.coalesce(ibis.literal(NOWHERE, type="int16")),
        relation=number_of(placed.relation, RELATIONS, "own"),
    )


def _placed(rows: Table, cities: Table) -> Table:
    coded = rows.mutate(city_code=rows.region.substr(0, 4).try_cast("int16"))
    return coded.left_join(cities, coded.city_code == cities.city)


def _kept(vehicle: Any, scheme: Scheme) -> Any:
    """What of the pay is no expense, in millionths."""
    assert scheme.file.income is not None
    shares = scheme.file.income.expense_share
    kept = [(vehicle == name, ibis.literal(round((1 - share) * MILLION), type="int64")) for name, share in shares.items()]
    return ibis.cases(*kept, else_=ibis.literal(MILLION, type="int64"))
