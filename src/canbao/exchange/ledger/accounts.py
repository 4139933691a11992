"""Whose account lines are in: the employer's of workers whom a station or an outsourcing firm engages, else the platform's.

Orders name the firm; where they do not, the platform's list of workers does. Where neither does, the platform answers.
"""

from __future__ import annotations

import datetime
from typing import Any

import ibis
from ibis.expr.types import Table

from canbao.exchange.ledger.portable import number_of
from canbao.exchange.ledger.scheme import RELATIONS

ENGAGED = ("worker_key", "platform_key", "relation")
"""Whom a firm engages: a worker, for a platform, as a station or an outsourcing firm."""

EMPLOYED = {"worker_key": "int64", "platform_key": "int32", "relation": "int8", "employer_code": "string"}

ORDERS = {"worker_key": "int64", "platform_key": "int32", "relation": "string", "employer_code": "string"}
"""The columns of orders by which firms are known."""

OWN = RELATIONS.index("own")


def employers_from_orders(orders: Table) -> Table:
    """The firm for which each engaged worker had most of the month's orders; of equals the first by its code.

    Args:
        orders: of the month, with `ORDERS`.
    """
    counted = _engaged(orders).group_by(list(EMPLOYED)).agg(orders=ibis._.count())
    most = counted.group_by(list(ENGAGED)).agg(most=counted.orders.max())
    joined = counted.join(most, list(ENGAGED), rname="{name}_again")
    first = joined.filter(joined.orders == joined.most)
    return first.group_by(list(ENGAGED)).agg(employer_code=first.employer_code.min()).select(*EMPLOYED)


def employers_from_workers(workers: Table) -> Table:
    """The firm that a platform's list of workers names: of several the one that holds now, then the latest.

    Args:
        workers: as the store has them.
    """
    listed = _engaged(workers, status=workers.status, registered_on=workers.registered_on)
    holds = (listed.status == "active").ifelse("1", "0")
    since = listed.registered_on.cast("string").coalesce(f"{datetime.date.min:%Y-%m-%d}")
    ranked = listed.mutate(rank=holds + since + listed.employer_code)
    latest = ranked.group_by(list(ENGAGED)).agg(rank=ranked.rank.max())
    return latest.select(*ENGAGED, employer_code=latest.rank.substr(len("1") + len("2026-01-31")))


def changed_accounts(employers: Table, lines: Table, earlier: Table | None) -> Table:
    """Firms of workers who have lines, where no earlier run says so already.

    Args:
        employers: `EMPLOYED`.
        lines: of this run and all before.
        earlier: the accounts of earlier runs with their `run`.
    """
    engaged = lines.filter(lines.relation != OWN).select(*ENGAGED).distinct()
    here = employers.semi_join(engaged, list(ENGAGED))
    if earlier is None:
        return here
    last = earlier.group_by(list(ENGAGED)).agg(run=earlier.run.max())
    known = earlier.join(last, [*ENGAGED, "run"], rname="{name}_again").select(*EMPLOYED)
    return here.anti_join(known, list(EMPLOYED))


def _engaged(rows: Table, **others: Any) -> Table:
    coded = rows.select(
        "worker_key",
        "platform_key",
        relation=number_of(rows.relation, RELATIONS, "own"),
        employer_code=rows.employer_code,
        **others,
    )
    return coded.filter((coded.relation != OWN) & coded.employer_code.notnull())
