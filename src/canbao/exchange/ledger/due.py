"""What is due for a month under a scheme: its lines as they ought to be, whatever was written before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import polars as pl
from ibis.expr.types import Table

from canbao.exchange.ledger.activity import ALL_SERVICES, KEY, net_column
from canbao.exchange.ledger.figures import MILLION
from canbao.exchange.ledger.portable import rounded, split
from canbao.exchange.ledger.scheme import RELATIONS, SERVICES, OnIncome, OnOrders, Pension, Scheme

MEASURES = ("orders", "income_fen", "base_fen", "platform_fen", "worker_fen")
"""What adds up over lines."""

RECORDS = ("first_record", "last_record")
"""Between which keys the records lie from which a line comes: those of its worker, platform and month."""

COLUMNS = (*KEY, *MEASURES, *RECORDS)
"""The columns of lines."""

MILLIONTHS_TO_FEN = 10_000
"""Millionths of a yuan in a fen."""


Steps = tuple[tuple[str, Table], ...]


@dataclass(frozen=True)
class Due:
    """What is due, as expressions over tables that are named: the same for every month.

    Args:
        steps: what is computed once and kept under a name, in this order, before the others.
        lines: `COLUMNS`.
        open: rows of activity for whose place or service no figure is known: `place`, `service`, `workers`, `income_fen`.
    """

    steps: Steps
    lines: Table
    open: Table


def due_on_orders(scheme: Scheme, covered: Table, prices: Table) -> Due:
    """So much for each order.

    Args:
        scheme: which counts orders.
        covered: the activity that is in the scheme.
        prices: as `prices_of` gives them.
    """
    orders = scheme.file.orders
    assert isinstance(orders, OnOrders)
    key = ["platform_key", "place", "service"]
    priced = covered.join(prices, key, rname="{name}_again")
    amount = rounded(priced.orders * priced.price_millionths, MILLIONTHS_TO_FEN)
    zero = ibis.literal(0, type="int64")
    lines = priced.select(
        *KEY,
        orders=priced.orders,
        income_fen=priced.pay_fen,
        base_fen=zero,
        platform_fen=amount if orders.payer == "platform" else zero,
        worker_fen=amount if orders.payer == "worker" else zero,
        first_record=priced.first_record,
        last_record=priced.last_record,
    )
    return Due((), lines, _open(covered.anti_join(prices, key)))


def due_on_income(scheme: Scheme, covered: Table, limits: Table, rates: Table | None) -> Due:
    """A share of the month's income, split over platforms as the income is.

    Args:
        scheme: which counts income.
        covered: the activity that is in the scheme.
        limits: its figures by place.
        rates: each worker's own rate: `worker_key`, `rate_millionths`; None where the scheme needs none.
    """
    income = scheme.file.income
    assert isinstance(income, OnIncome)
    owner = ["worker_key"] if income.pooled else ["worker_key", "platform_key"]
    steps: list[tuple[str, Table]] = []

    def kept(name: str, expression: Table) -> Table:
        steps.append((f"{name}_{scheme.name}", expression))
        return ibis.table(expression.schema(), name=f"{name}_{scheme.name}")

    members = kept("members", _members(scheme, income, covered))
    owners = kept("owners", _owners(members, covered, owner))
    known = owners.join(limits, "place", rname="{name}_again")
    open_rows = owners.anti_join(limits, "place").mutate(service=ibis.literal(ALL_SERVICES, type="int8"))
    if rates is not None:
        rated = known.left_join(rates, "worker_key", rname="{name}_rate")
        without = rated.filter(rated.rate_millionths.isnull())
        known = rated.filter(rated.rate_millionths.notnull())
        open_rows = open_rows.select("worker_key", "place", "service", "income_fen").union(
            without.select(
                "worker_key", "place", service=ibis.literal(ALL_SERVICES, type="int8"), income_fen=without.income_fen
            )
        )
    reckoned = kept("reckoned", _reckoned(income, known, owner))
    lines = _split_back(members, reckoned, owner)
    return Due(tuple(steps), lines, _open(open_rows.mutate(pay_fen=open_rows.income_fen)))


def due_provisionally(workers: Table, limits: Table) -> Due:
    """Before the month's income is known: all who are registered pay on the same sum, on each platform.

    Args:
        workers: `worker_key`, `platform_key`, `relation`, `place` of who is registered and in the scheme.
        limits: the scheme's figures by place.
    """
    zero = ibis.literal(0, type="int64")
    known = workers.join(limits, "place", rname="{name}_again")
    lines = known.select(
        "worker_key",
        "platform_key",
        "relation",
        "place",
        service=ibis.literal(ALL_SERVICES, type="int8"),
        orders=zero,
        income_fen=zero,
        base_fen=known.provisional_fen,
        platform_fen=rounded(known.provisional_fen * known.platform_rate, MILLION),
        worker_fen=rounded(known.provisional_fen * known.worker_rate, MILLION),
        first_record=ibis.null("int64"),
        last_record=ibis.null("int64"),
    )
    missing = workers.anti_join(limits, "place")
    return Due((), lines, _open(missing.mutate(service=ibis.literal(ALL_SERVICES, type="int8"), pay_fen=zero)))


def covered_by(scheme: Scheme, rows: Table, pensions: Table | None) -> Table:
    """The rows of workers, platforms and relations that are in a scheme.

    Args:
        scheme: whose `covers` is asked.
        rows: with `worker_key`, `relation`, and `service` where services matter.
        pensions: `worker_key` and `pension` of those who are in the register; who is not counts as `none`. None where the
            scheme asks nothing of it.
    """
    covers = scheme.file.covers
    found = rows
    if covers.services is not None and "service" in rows.columns:
        found = found.filter(found.service.isin([SERVICES.index(one) for one in covers.services] + [ALL_SERVICES]))
    if covers.relations is not None:
        found = found.filter(found.relation.isin([RELATIONS.index(one) for one in covers.relations]))
    if pensions is None:
        return found
    joined = found.left_join(pensions, "worker_key", rname="{name}_again")
    pension = joined.pension.coalesce(ibis.literal("none"))
    kept: Any = ibis.literal(True)
    if covers.pension is not None:
        wanted: Sequence[Pension] = covers.pension
        kept = kept & pension.isin(list(wanted))
    if covers.not_employees_of:
        indirect = joined.relation.isin([RELATIONS.index(one) for one in covers.not_employees_of])
        kept = kept & ~(indirect & (pension == "employee"))
    return joined.filter(kept).select(*rows.columns)


def asks_register(scheme: Scheme) -> bool:
    """Whether who is in a scheme depends on the register."""
    return scheme.file.covers.pension is not None or bool(scheme.file.covers.not_employees_of)


def prices_of(reckoned: pl.DataFrame, classes: pl.DataFrame, orders: OnOrders) -> pl.DataFrame:
    """The price of an order by platform, place and service: a class that the scheme does not know has the usual one."""
    own = pl.col("rate_class").is_in(list(orders.price_of_class))
    known = classes.with_columns(pl.when(own).then("rate_class").otherwise(pl.lit("")).alias("rate_class"))
    return known.join(reckoned, on="rate_class").select("platform_key", "place", "service", "price_millionths")


def _members(scheme: Scheme, income: OnIncome, covered: Table) -> Table:
    """What each platform and relation brings to a worker's income."""
    measure = covered.pay_fen
    if income.expense_share:
        measure = covered[net_column(scheme)]
    grouped = covered.mutate(measure=measure).group_by(["worker_key", "platform_key", "relation"])
    added = grouped.agg(
        orders=covered.orders.sum(),
        measure=ibis._.measure.sum(),
        place_low=covered.place.min(),
        place_high=covered.place.max(),
        first_record=covered.first_record.min(),
        last_record=covered.last_record.max(),
    )
    earned = rounded(added.measure, MILLION) if income.expense_share else added.measure
    return added.mutate(income_fen=earned).drop("measure").filter(ibis._.income_fen > 0)


def _owners(members: Table, covered: Table, owner: Sequence[str]) -> Table:
    """Whose income makes one base: a worker, or a worker on a platform; at the place where most was earned."""
    together = members.group_by(list(owner)).agg(
        income_fen=members.income_fen.sum(),
        members=members.count(),
        place_low=members.place_low.min(),
        place_high=members.place_high.max(),
    )
    roaming = together.filter(together.place_low != together.place_high)
    by_place = covered.semi_join(roaming, list(owner)).group_by([*owner, "place"]).agg(pay_fen=ibis._.pay_fen.sum())
    best = by_place.group_by(list(owner)).agg(most=by_place.pay_fen.max())
    first = by_place.join(best, list(owner), rname="{name}_again")
    chosen = first.filter(first.pay_fen == first.most).group_by(list(owner)).agg(place=ibis._.place.min())
    placed = together.left_join(chosen, list(owner), rname="{name}_again")
    return placed.select(*owner, "income_fen", "members", place=placed.place.coalesce(placed.place_low).cast("int16"))


def _reckoned(income: OnIncome, known: Table, owner: Sequence[str]) -> Table:
    """Base and amounts of each owner."""
    found = known
    if income.above is not None:
        found = found.filter(found.income_fen > found.above_fen)
    if income.at_least is not None:
        found = found.filter(found.income_fen >= found.at_least_fen)
    base: Any = found.income_fen
    # Engines leave NULL out of the greatest of several values; that is what is wanted where there is no such limit.
    if income.floor is not None:
        base = ibis.greatest(base, found.floor_fen)
    if income.ceiling is not None:
        base = ibis.least(base, found.ceiling_fen)
    if income.base_of_place:
        base = found.base_fen.coalesce(base)
    if income.fixed is not None:
        base = found.fixed_fen.isnull().ifelse(base, ibis.literal(0, type="int64"))
    amounts: dict[str, Any] = {}
    for share in income.shares:
        rate = found.rate_millionths if share.rate_of_worker else found[f"{share.payer}_rate"]
        amount = rounded(base * rate, MILLION)
        amounts[f"{share.payer}_fen"] = found.fixed_fen.coalesce(amount) if income.fixed is not None else amount
    zero = ibis.literal(0, type="int64")
    return found.select(
        *owner,
        "place",
        "members",
        total=found.income_fen,
        base_fen=base,
        platform_fen=amounts.get("platform_fen", zero),
        worker_fen=amounts.get("worker_fen", zero),
    )


def _split_back(members: Table, reckoned: Table, owner: Sequence[str]) -> Table:
    """The owners' amounts on their platforms; what one platform has alone needs no splitting."""
    amounts = ["base_fen", "platform_fen", "worker_fen"]
    joined = members.join(reckoned, list(owner), rname="{name}_again").mutate(
        member=ibis._.platform_key.cast("int64") * len(RELATIONS) + ibis._.relation, weight=ibis._.income_fen
    )
    columns = ["worker_key", "platform_key", "relation", "place", "orders", "income_fen", *amounts, *RECORDS]
    alone = joined.filter(joined.members == 1).select(*columns)
    shared = joined.filter(joined.members > 1).select(*columns, "member", "weight", "total")
    both = alone.union(split(shared, amounts, owner).select(*columns))
    return both.mutate(service=ibis.literal(ALL_SERVICES, type="int8")).select(*COLUMNS)


def _open(rows: Table) -> Table:
    return rows.group_by(["place", "service"]).agg(workers=rows.worker_key.nunique(), income_fen=rows.pay_fen.sum())
