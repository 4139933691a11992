"""Workers of platforms against the enrolment register.

A worker's gap is the first of these that holds: in no scheme; in the employees' pension, but interrupted; in it, but in
another province than that of work; in the residents' pension only. Who is engaged by a station or an outsourcing firm
stands in that employer's account, since an employer must enrol; all others in the platform's.
"""

from __future__ import annotations

import datetime
import itertools
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Literal

import ibis
import polars as pl
from ibis.expr.types import Table
from pydantic import RootModel

from canbao.errors import Fault, raise_all
from canbao.exchange.ledger.activity import activity_from_orders, month_bounds, workers_placed
from canbao.exchange.ledger.assessment import MEMORY
from canbao.exchange.ledger.engines import Engine, cores, engine
from canbao.exchange.ledger.inputs import ORDERS, REGISTER, WORKERS, Inputs
from canbao.exchange.ledger.places import NOWHERE, cities
from canbao.exchange.ledger.portable import number_of
from canbao.exchange.ledger.scheme import PENSIONS, RELATIONS
from canbao.languages import Catalogue, Language, Words
from canbao.law import lawbook
from canbao.located_yaml import Bilingual, read

say = Catalogue("canbao.exchange.coverage", "words")

Gap = Literal["none", "interrupted", "other_province", "resident_only", "covered"]
GAPS: tuple[Gap, ...] = ("none", "interrupted", "other_province", "resident_only")
"""The gaps, in the order in which they are looked for."""

BANDS = (0, 100_000, 300_000, 500_000, 800_000)
"""Where bands of a month's income begin, in fen."""

COLUMNS = {
    "worker_key": pl.Int64,
    "platform_key": pl.Int32,
    "platforms": pl.Int64,
    "relation": pl.String,
    "employer_code": pl.String,
    "place": pl.String,
    "orders": pl.Int64,
    "income_fen": pl.Int64,
    "band": pl.String,
    "gap": pl.String,
    "account": pl.String,
}
"""Of the list of workers: one row each, at the platform, relation and place where most was earned."""


def uncovered(inputs: Inputs, month: str, *, memory: str = MEMORY, threads: int | None = None) -> pl.DataFrame:
    """All workers with orders in a month, and what gap they are in.

    Args:
        inputs: orders and the register; workers, by whom employers are known.
        month: as `2026-03`.
        memory: what DuckDB may take.
        threads: of DuckDB.

    Returns:
        `COLUMNS`; `gap` is `covered` for who is in none. This is a list of persons: for outreach, never for publication.

    Raises:
        InputError: a table is missing.
    """
    _check(inputs, "orders", "register")
    with engine("duckdb", memory, threads or cores()) as computing:
        within = ("completed_at", *month_bounds(month))
        orders = computing.source("orders", inputs.files["orders"], ORDERS, within)
        activity = computing.keep("activity", activity_from_orders(orders, computing.frame("cities", cities()), []))
        return _judged(inputs, computing, activity, month)


def uncovered_registered(inputs: Inputs, month: str, *, memory: str = MEMORY, threads: int | None = None) -> pl.DataFrame:
    """The same of all who are registered with a platform: from identities alone, without any order or income.

    Args:
        inputs: workers and the register.
        month: in which they are registered.
        memory: what DuckDB may take.
        threads: of DuckDB.

    Returns:
        `COLUMNS`; orders, income and its band are not known.

    Raises:
        InputError: a table is missing.
    """
    _check(inputs, "workers", "register")
    with engine("duckdb", memory, threads or cores()) as computing:
        _, after = month_bounds(month)
        within = ("registered_on", datetime.date.min, after.date())
        workers = computing.source("workers", inputs.files["workers"], WORKERS, within)
        placed = workers_placed(workers, computing.frame("cities", cities()))
        there = placed.filter(placed.status == "active").select("worker_key", "platform_key", "relation", "place")
        zero = ibis.literal(0, type="int64")
        activity = computing.keep("activity", there.mutate(orders=zero, pay_fen=zero))
        judged = _judged(inputs, computing, activity, month)
    unknown = [pl.lit(None, COLUMNS[name]).alias(name) for name in ("orders", "income_fen", "band")]
    return judged.with_columns(unknown)


def outreach(gap: str, relation: str) -> Words:
    """What an office might do about a gap, for those of a platform or of an employer."""
    engaged = "own" if relation == "own" else "employer"
    return _suggestions()[f"{gap}_{engaged}"].words


def with_outreach(listed: pl.DataFrame, language: Language) -> pl.DataFrame:
    """The list of workers with what an office might do about each, as `suggestion`."""
    pairs = listed.select("gap", "relation").unique().sort("gap", "relation")
    suggestions = [outreach(gap, relation)[language] for gap, relation in pairs.rows()]
    return listed.join(
        pairs.with_columns(pl.Series("suggestion", suggestions, pl.String)), on=["gap", "relation"], how="left"
    )


def bands(income_fen: pl.Expr) -> pl.Expr:
    """The band of a month's income: `3000-5000`, `8000+`, in yuan."""
    named = pl.lit(f"{BANDS[-1] // 100}+")
    for low, high in reversed([*itertools.pairwise(BANDS)]):
        named = pl.when(income_fen < high).then(pl.lit(f"{low // 100}-{high // 100}")).otherwise(named)
    return named


def _suggestions() -> Mapping[str, Bilingual]:
    path = Path(str(resources.files("canbao.exchange.coverage").joinpath("outreach.yaml")))
    return read(path, RootModel[dict[str, Bilingual]]).root


def _check(inputs: Inputs, *tables: str) -> None:
    raise_all([Fault(say("needs_table", table=table)) for table in tables if not inputs.has(table)])


def _judged(inputs: Inputs, computing: Engine, activity: Table, month: str) -> pl.DataFrame:
    """One row a worker, with the gap."""
    by_job = activity.group_by(["worker_key", "platform_key", "relation", "place"]).agg(
        orders=activity.orders.sum(), income_fen=activity.pay_fen.sum()
    )
    jobs = computing.keep("jobs", by_job)
    register = computing.source("register", inputs.files["register"], REGISTER)
    entries = register.mutate(pension=number_of(register.pension, PENSIONS, "none"))
    once = entries.group_by("worker_key").agg(
        pension=entries.pension.min(), province=entries.province.max(), interrupted_since=entries.interrupted_since.max()
    )
    joined = jobs.left_join(computing.keep("entries", once), "worker_key", rname="{name}_again")
    columns = ["worker_key", "platform_key", "relation", "place", "orders", "income_fen"]
    with tempfile.TemporaryDirectory(prefix="canbao-") as scratch:
        wanted = joined.select(*columns, "pension", "province", "interrupted_since")
        computing.write(wanted, Path(scratch) / "jobs", columns[:4])
        frame = pl.read_parquet(Path(scratch) / "jobs" / "*.parquet")
    return _with_gap(_main_job(frame), month, _employers(inputs))


def _main_job(frame: pl.DataFrame) -> pl.DataFrame:
    """Each worker at the platform where most was earned; of equals the first."""
    order = ["worker_key", "income_fen", "orders", "platform_key", "relation", "place"]
    sorted_jobs = frame.sort(order, descending=[False, True, True, False, False, False])
    totals = frame.group_by("worker_key").agg(
        pl.col("orders").sum(),
        pl.col("income_fen").sum(),
        pl.col("platform_key").n_unique().cast(pl.Int64).alias("platforms"),
    )
    first = sorted_jobs.unique("worker_key", keep="first", maintain_order=True).drop("orders", "income_fen")
    return first.join(totals, on="worker_key", maintain_order="left")


def _employers(inputs: Inputs) -> pl.DataFrame:
    """The firm that engages each worker of a platform, of those that workers name."""
    schema = {"worker_key": pl.Int64, "platform_key": pl.Int32, "employer_code": pl.String}
    if not inputs.has("workers"):
        return pl.DataFrame(schema=schema)
    frame = pl.scan_parquet(list(inputs.files["workers"])).select(*schema).filter(pl.col("employer_code").is_not_null())
    return frame.collect().unique(["worker_key", "platform_key"], keep="first", maintain_order=True)


def _with_gap(frame: pl.DataFrame, month: str, employers: pl.DataFrame) -> pl.DataFrame:
    names = dict(enumerate(lawbook.places().names))
    pensions = dict(enumerate(PENSIONS))
    frame = frame.with_columns(pl.col("pension").replace_strict(pensions, return_dtype=pl.String))
    of_employees = pl.col("pension").is_in(["employee", "flexible"])
    stopped = pl.col("interrupted_since").is_not_null() & (pl.col("interrupted_since").str.slice(0, 7) <= month)
    # Where work or enrolment has no known place, nothing is said of another province.
    elsewhere = (pl.col("province").str.slice(0, 2) != pl.col("place").str.slice(0, 2)).fill_null(False)
    gap = (
        pl.when(stopped & ~of_employees.fill_null(False))
        .then(pl.lit("interrupted"))
        .when(pl.col("pension").is_null() | (pl.col("pension") == "none"))
        .then(pl.lit("none"))
        .when(pl.col("pension") == "resident")
        .then(pl.lit("resident_only"))
        .when(stopped)
        .then(pl.lit("interrupted"))
        .when(elsewhere)
        .then(pl.lit("other_province"))
        .otherwise(pl.lit("covered"))
    )
    named = frame.with_columns(
        pl.col("platform_key").cast(pl.Int32),
        pl.col("relation").replace_strict(dict(enumerate(RELATIONS)), return_dtype=pl.String),
        pl.when(pl.col("place") == NOWHERE)
        .then(None)
        .otherwise(pl.col("place").replace_strict(names, return_dtype=pl.String, default=None))
        .alias("place"),
        bands(pl.col("income_fen")).alias("band"),
    )
    employed = named.join(employers, on=["worker_key", "platform_key"], how="left", maintain_order="left")
    account = pl.when(pl.col("relation") == "own").then(pl.lit("platform")).otherwise(pl.lit("employer"))
    return employed.with_columns(gap.alias("gap"), account.alias("account")).select(*COLUMNS).sort("worker_key")
