"""Runs both on the same orders, compares their sums, and prints a table."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.exchange.orders import YEAR, write
from benchmarks.peers import OURS, measured
from canbao.exchange.ledger import named_schemes
from canbao.exchange.ledger.figures import figures_of
from canbao.exchange.ledger.places import cities

HERE = Path(__file__).parent
ORDERS = int(os.environ.get("CANBAO_BENCH_ORDERS", "50000000"))
MEMORY = "600MB"


def run() -> bool:
    """Orders of a year to lines, beside SQL by hand; whether their sums are equal."""
    with tempfile.TemporaryDirectory(prefix="canbao-bench-") as scratch:
        folder = Path(scratch)
        made = folder / "tables"
        write(made, ORDERS)
        _write_figures(made)
        found = {}
        for name in ("ours", "by_hand"):
            found[name] = measured(OURS, HERE / f"{name}.py", str(made), str(folder / name), MEMORY)
            shutil.rmtree(folder / name)
    print(f"\nOrders to lines: {ORDERS:,} orders, two threads, DuckDB's limit {MEMORY}")
    for one in found.values():
        print(
            f"{one['version']:<16} {one['sums'][0]:>12,} lines {one['seconds']:>8.1f} s "
            f"{one['processor']:>8.1f} processor s {one['peak_mb']:>7.0f} MB"
        )
    equal = bool(found["ours"]["sums"] == found["by_hand"]["sums"])
    print("sums are equal" if equal else f"SUMS DIFFER: {found['ours']['sums']} {found['by_hand']['sums']}")
    return equal


def _write_figures(folder: Path) -> None:
    """What the program by hand is given: places of cities, and limits and rates by month and place."""
    cities().write_parquet(folder / "places.parquet")
    scheme = named_schemes(["flexible_pension"])[0]
    columns = ["place", "floor_fen", "ceiling_fen", pl.col("worker_rate").alias("rate")]
    monthly = [
        figures_of(scheme, f"{YEAR}-{month:02}").reckoned.select(pl.lit(month).alias("month"), *columns)
        for month in range(1, 13)
    ]
    pl.concat(monthly).write_parquet(folder / "limits.parquet")


if __name__ == "__main__":
    run()
