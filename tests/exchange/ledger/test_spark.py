"""The same expressions in Spark give the same lines; `make spark` brings what it needs."""

import datetime
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from canbao.exchange.ledger import Ledger, assess, named_schemes

from .made_up import inputs, register, summed

pytest.importorskip("pyspark", reason="needs canbao[spark]; `make spark` brings it")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")

ORDERS = 100_000
SCHEMES = ["injury_orders", "flexible_pension", "vehicle_expenses"]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    # Else Spark starts whatever Python is called python3.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]").appName("canbao")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def drawn(count: int) -> pl.DataFrame:
    draw = np.random.default_rng(7)
    services = ["instant_delivery", "ride_hailing", "city_freight", "domestic_service"]
    minutes = draw.integers(0, 44_000, count)
    start = datetime.datetime(2025, 8, 31)
    return pl.DataFrame(
        {
            "record_key": np.arange(count),
            "worker_key": draw.integers(0, count // 30, count),
            "platform_key": draw.integers(1, 6, count).astype(np.int32),
            "service": draw.choice(services, count),
            "region": draw.choice(["110101", "320102", "440305", "420106", "130102", "990101"], count),
            "completed_at": [start + datetime.timedelta(minutes=int(one)) for one in minutes],
            "status": draw.choice(["completed", "completed", "completed", "refunded", "cancelled"], count),
            "pay_fen": draw.integers(0, 300_000, count),
            "vehicle": draw.choice(["electric_bicycle", "motorcycle", "car", "none"], count),
            "relation": draw.choice(["own", "station", "outsourced"], count),
        }
    )


def test_spark_and_duckdb_owe_the_same_to_the_last_fen(spark: Any, tmp_path: Path) -> None:
    pensions = {key: ("flexible", "employee", "resident")[key % 3] for key in range(0, ORDERS // 30, 2)}
    tables = inputs(tmp_path / "in", orders=drawn(ORDERS), register=register(pensions))
    late = inputs(tmp_path / "late", orders=drawn(ORDERS + 500), register=register(pensions))
    schemes = named_schemes(SCHEMES)
    ledgers = {name: Ledger(tmp_path / name) for name in ("duckdb", "spark")}
    totals = {}
    for name, ledger in ledgers.items():
        options: Any = {"on": name, "session": spark if name == "spark" else None}
        # The second time, differences only.
        outcomes = [
            *assess(tables, ledger, "2025-09", schemes, **options),
            *assess(late, ledger, "2025-09", schemes, **options),
        ]
        totals[name] = [(one.scheme, one.totals, one.open.rows()) for one in outcomes]
    assert totals["spark"] == totals["duckdb"]
    for scheme in SCHEMES:
        assert summed(ledgers["spark"].scan(scheme)) == summed(ledgers["duckdb"].scan(scheme))
    assert len(ledgers["spark"].verify()) == 2 * len(SCHEMES)
