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
from canbao.exchange.ledger.portable import Keep, number_of, rounded, split
from canbao.exchange.ledger.scheme import PENSIONS, RELATIONS, SERVICES, OnIncome, OnOrders, Scheme

MEASURES = ("orders", "income_fen", "base_fen", "platform_fen", "worker_fen")
"""What adds up over lines."""

RECORDS = ("first_record", "last_record")
"""Between which keys the records lie from which a line comes: those of its worker, platform and month."""

COLUMNS = (*KEY, *MEASURES, *RECORDS)
"""The columns of lines."""

_AMOUNTS = ("base_fen", "platform_fen", "worker_fen")

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

    # Most have one row; what they owe needs no splitting.
    added = kept("added", _added(scheme, income, covered, owner))
    alone = added.filter(added.rows == 1).mutate(place=added.place_low, members=ibis.literal(1, type="int64"))
    several = covered.semi_join(added.filter(added.rows > 1), owner)
    members = kept("members", _members(scheme, income, several))
    owners = kept("owners", _owners(members, several, owner))
    shared = kept("shared", _reckoned(income, _known(owners, limits, rates), owner))
    own = _reckoned(income, _known(alone, limits, rates), [*owner, *_OWN])
    lines = _alone(own, owner).union(_split_back(income, members, shared, owner, kept))
    unknown = _unknown(alone, limits, rates).union(_unknown(owners, limits, rates))
    return Due(tuple(steps), lines, _open(unknown))


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


def covered_by(scheme: Scheme, rows: Table) -> Table:
    """The rows of workers, platforms and relations that are in a scheme.

    Args:
        scheme: whose `covers` is asked.
        rows: with `worker_key`, `relation`, `service` where services matter, and `pension` where the register does.
    """
    covers = scheme.file.covers
    kept: list[Any] = []
    if covers.services is not None and "service" in rows.columns:
        kept.append(rows.service.isin([*(SERVICES.index(one) for one in covers.services), ALL_SERVICES]))
    if covers.relations is not None:
        kept.append(rows.relation.isin([RELATIONS.index(one) for one in covers.relations]))
    if covers.pension is not None:
        kept.append(rows.pension.isin([PENSIONS.index(one) for one in covers.pension]))
    if covers.not_employees_of:
        indirect = rows.relation.isin([RELATIONS.index(one) for one in covers.not_employees_of])
        kept.append(~(indirect & (rows.pension == PENSIONS.index("employee"))))
    return rows.filter(*kept) if kept else rows


def with_pensions(rows: Table, pensions: Table) -> Table:
    """Rows of workers with the pension that they have by the register; who is not in it has `none`.

    Args:
        rows: with `worker_key`.
        pensions: as `pensions_of` gives them.
    """
    joined = rows.left_join(pensions, "worker_key", rname="{name}_again")
    none = ibis.literal(PENSIONS.index("none"), type="int8")
    return joined.select(*rows.columns, pension=joined.pension.coalesce(none))


def pensions_of(register: Table) -> Table:
    """The pension of each worker in the register, as its number in `PENSIONS`; of several the first there."""
    numbered = register.select("worker_key", pension=number_of(register.pension, PENSIONS, "none"))
    return numbered.group_by("worker_key").agg(pension=numbered.pension.min())


def asks_register(scheme: Scheme) -> bool:
    """Whether who is in a scheme depends on the register."""
    return scheme.file.covers.pension is not None or bool(scheme.file.covers.not_employees_of)


def prices_of(reckoned: pl.DataFrame, classes: pl.DataFrame, orders: OnOrders) -> pl.DataFrame:
    """The price of an order by platform, place and service: a class that the scheme does not know has the usual one."""
    own = pl.col("rate_class").is_in(list(orders.price_of_class))
    known = classes.with_columns(pl.when(own).then("rate_class").otherwise(pl.lit("")).alias("rate_class"))
    return known.join(reckoned, on="rate_class").select("platform_key", "place", "service", "price_millionths")


_OWN = ("member_platform", "relation", "orders", *RECORDS)
"""What the one row of an owner says."""


def _measure(scheme: Scheme, income: OnIncome, rows: Table) -> Any:
    return rows[net_column(scheme)] if income.expense_share else rows.pay_fen


def _in_fen(income: OnIncome, measure: Any) -> Any:
    return rounded(measure, MILLION) if income.expense_share else measure


def _added(scheme: Scheme, income: OnIncome, covered: Table, owner: Sequence[str]) -> Table:
    """Whose income makes one base: a worker, or a worker on a platform. Of one row alone, also what it says."""
    added = covered.group_by(list(owner)).agg(
        measure=_measure(scheme, income, covered).sum(),
        rows=covered.count(),
        place_low=covered.place.min(),
        member_platform=covered.platform_key.min(),
        relation=covered.relation.min(),
        orders=covered.orders.sum(),
        first_record=covered.first_record.min(),
        last_record=covered.last_record.max(),
    )
    earned = added.mutate(income_fen=_in_fen(income, added.measure)).drop("measure")
    return earned.filter((earned.income_fen > 0) | (earned.rows > 1))


def _members(scheme: Scheme, income: OnIncome, covered: Table) -> Table:
    """What each platform and relation brings to a worker's income."""
    added = covered.group_by(["worker_key", "platform_key", "relation"]).agg(
        orders=covered.orders.sum(),
        measure=_measure(scheme, income, covered).sum(),
        place_low=covered.place.min(),
        place_high=covered.place.max(),
        first_record=covered.first_record.min(),
        last_record=covered.last_record.max(),
    )
    earned = added.mutate(income_fen=_in_fen(income, added.measure)).drop("measure")
    return earned.filter(earned.income_fen > 0)


def _owners(members: Table, covered: Table, owner: Sequence[str]) -> Table:
    """The income of all members of an owner, at the place where most was earned; of several such, the first."""
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


def _known(owners: Table, limits: Table, rates: Table | None) -> Table:
    """Owners with the figures of their place, and their own rate where it is needed."""
    known = owners.join(limits, "place", rname="{name}_again")
    if rates is None:
        return known
    # Of several rates of a worker the lowest: what was taken too much must be paid back.
    once = rates.group_by("worker_key").agg(rate_millionths=rates.rate_millionths.min())
    return known.join(once, "worker_key", rname="{name}_rate")


def _unknown(owners: Table, limits: Table, rates: Table | None) -> Table:
    """Owners at whose place a figure is not known, or who have no rate."""
    named = owners.select("worker_key", "place", service=ibis.literal(ALL_SERVICES, type="int8"), pay_fen=owners.income_fen)
    without = named.anti_join(limits, "place")
    if rates is None:
        return without
    return without.union(named.semi_join(limits, "place").anti_join(rates, "worker_key"))


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


def _alone(own: Table, owner: Sequence[str]) -> Table:
    """The lines of owners who have one row."""
    platform = own.platform_key if "platform_key" in owner else own.member_platform
    service = ibis.literal(ALL_SERVICES, type="int8")
    named = own.mutate(platform_key=platform, service=service, income_fen=own.total)
    return named.select(*COLUMNS)


def _split_back(income: OnIncome, members: Table, shared: Table, owner: Sequence[str], kept: Keep) -> Table:
    """The owners' amounts on their platforms."""
    joined = members.join(shared, list(owner), rname="{name}_again").mutate(
        member=ibis._.platform_key.cast("int64") * len(RELATIONS) + ibis._.relation, weight=ibis._.income_fen
    )
    columns = ["worker_key", "platform_key", "relation", "place", "orders", "income_fen", *_AMOUNTS, *RECORDS]
    amounts = ["base_fen", *(f"{share.payer}_fen" for share in income.shares)]
    whole = joined.filter(joined.members == 1).select(*columns)
    parts = split(joined.filter(joined.members > 1).select(*columns, "member", "weight", "total"), amounts, owner, kept)
    both = whole.union(parts.select(*columns))
    return both.mutate(service=ibis.literal(ALL_SERVICES, type="int8")).select(*COLUMNS)


def _open(rows: Table) -> Table:
    return rows.group_by(["place", "service"]).agg(workers=rows.worker_key.nunique(), income_fen=rows.pay_fen.sum())
