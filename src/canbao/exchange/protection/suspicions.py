"""All suspicions of an exchange."""

from __future__ import annotations

import polars as pl

from canbao.exchange.identity.suspicions import as_frame, of_links, of_orders, of_people
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.protection.sharing import people, say
from canbao.exchange.store.exchange import Exchange
from canbao.exchange.store.views import connect


def suspicions_of(exchange: Exchange) -> pl.DataFrame:
    """What looks like a mistake or a shared account; noted in the audit log, since the vault is opened for it.

    Returns:
        `kind`, `workers` (numbers in the store), `count`, `what`.

    Raises:
        InputError: it is not one's duty, or the vault cannot be opened.
    """
    exchange.require("read")
    with connect(exchange) as connection:
        found = [*of_links(connection), *of_orders(connection)]
    found += of_people(list(people(exchange).values()))
    with exchange.writing():
        AuditLog(exchange.folder, exchange.keys).add("suspicions", {"found": len(found)})
    frame = as_frame(found)
    what = [str(say(f"suspicion_{kind}")) for kind in frame["kind"].to_list()]
    return frame.with_columns(pl.Series("what", what, dtype=pl.String))
