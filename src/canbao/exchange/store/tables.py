"""The records that count, as Parquet files for calculation: what `canbao.exchange.ledger` reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from canbao.exchange.ledger.inputs import ADMINISTRATION, Administration
from canbao.exchange.store.exchange import Exchange
from canbao.exchange.store.views import connect
from canbao.outputs import whole_folder

BEIJING = "timezone('Asia/Shanghai', {})"


def _enrolment(branch: str) -> str:
    """How a row of the register says that somebody is enrolled in a branch: 1 resident, 2 flexible, 3 employee."""
    return (
        f"CASE WHEN status = 'active' AND scheme = 'residents_{branch}' THEN 1 "
        f"WHEN status = 'active' AND scheme = 'employees_{branch}' "
        f"THEN CASE WHEN enrolled_as = 'own' THEN 2 ELSE 3 END END AS {branch}"
    )


def _highest(branch: str) -> str:
    return f"['none', 'resident', 'flexible', 'employee'][coalesce(max({branch}), 0) + 1] AS {branch}"


TABLES = {
    "orders": f"""SELECT record_key, worker_key, platform_key, order_id, service, region,
        {BEIJING.format("accepted_at")} AS accepted_at, {BEIJING.format("completed_at")} AS completed_at,
        status, pay_fen, expenses_fen, vehicle, relation, employer_code, enrolled FROM orders""",
    "earnings": """SELECT record_key, worker_key, platform_key, month, gross_fen, refunds_fen, fees_fen, net_fen,
        tax_withheld_fen, orders FROM earnings""",
    "workers": """SELECT record_key, worker_key, platform_key, registered_on, status, relation, employer_code, region
        FROM workers""",
    "register": f"""SELECT worker_key, {_highest("pension")}, {_highest("medical")}, max(injury) AS injury,
        arg_max(substr(region, 1, 2), since) AS province, max(paused_since) AS interrupted_since
        FROM (SELECT *,
            {_enrolment("pension")}, {_enrolment("medical")},
            CASE WHEN status = 'active' AND scheme IN ('work_injury', 'injury_pilot') THEN scheme END AS injury,
            CASE WHEN status = 'paused' AND scheme = 'employees_pension' THEN since END AS paused_since
            FROM register)
        GROUP BY worker_key""",
}
"""For each table a query of the store's views. Of a worker in several schemes of a branch an employer's enrolment counts
before one's own, and that before the residents' scheme."""


def write_tables(exchange: Exchange, folder: Path, *, memory_limit: str = "4GB", threads: int = 2) -> None:
    """Write each of `TABLES` as a Parquet file, and beside them `platforms.csv` and `administration.json`.

    Args:
        exchange: the exchange.
        folder: replaced as a whole.
        memory_limit: of DuckDB.
        threads: of DuckDB.

    Raises:
        InputError: the folder cannot be written.
    """
    with whole_folder(folder) as made, connect(exchange, memory_limit=memory_limit, threads=threads) as connection:
        for name, query in TABLES.items():
            target = str(made / f"{name}.parquet").replace("'", "''")
            connection.execute(f"COPY ({query} ORDER BY 1, 2) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        platforms(connection).write_csv(made / "platforms.csv")
        kept_by = exchange.settings.administration
        Administration(kept_by.name.words, kept_by.code, exchange.settings.contact).write(made / ADMINISTRATION)


def platforms(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """All platforms: `platform_key`, `code`, `name`."""
    rows = connection.execute(
        "SELECT DISTINCT platform_key, operator, platform FROM messages WHERE kind <> 'register' ORDER BY 1"
    ).fetchall()
    return pl.DataFrame(rows, schema={"platform_key": pl.Int32, "code": pl.String, "name": pl.String}, orient="row")
