"""The kernel in Spark's partitions gives the same bits as threads, however rows are shared out; faults come back whole."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from canbao.engine import Totals, clear_spark_faults, totals_on_spark, values_on_spark
from canbao.engine.source import BLOCK
from canbao.errors import InputError

from .arcadia import arcadia, shepherds

pytest.importorskip("pyspark", reason="needs canbao[spark]; `make spark` brings it")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")

MODEL = arcadia()
YEARS = (1990, 2005)
TOTALS = Totals(["contribution", "years_paid"], "place", "weight")
NUMBER = 2 * BLOCK + 1000


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    # Else Spark starts whatever Python is called python3.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "5",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]").appName("canbao")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def columns() -> dict[str, np.ndarray]:
    return {**shepherds(NUMBER), "weight": np.random.default_rng(3).uniform(0, 4000, NUMBER)}


def on_spark(spark: Any, columns: dict[str, np.ndarray], folder: Path) -> Any:
    """In no order, in several files."""
    frame = pl.DataFrame(columns).with_row_index("row").cast({"row": pl.Int64}).sample(fraction=1, shuffle=True, seed=1)
    folder.mkdir()
    for number in range(3):
        frame[number::3].write_parquet(folder / f"{number}.parquet")
    return spark.read.parquet(str(folder))


def test_spark_gives_the_same_bits_as_threads(spark: Any, columns: dict[str, np.ndarray], tmp_path: Path) -> None:
    want, panel = ["pension", "years_paid"], ["balance"]
    threads = MODEL.run(columns, want, years=YEARS, panel=panel, totals=TOTALS, seed=5)
    workers = on_spark(spark, columns, tmp_path / "flock")
    totals = totals_on_spark(MODEL, workers, TOTALS, years=YEARS, seed=5)
    for name in TOTALS.of:
        assert np.array_equal(totals[name], threads.totals[name])
    with clear_spark_faults():
        values = values_on_spark(MODEL, workers, want, years=YEARS, panel=panel, seed=5, keep=["place"])
        values.write.parquet(str(tmp_path / "values"))
    found = pl.read_parquet(tmp_path / "values/*.parquet").sort("row")
    assert found.columns == ["row", "place", *want, *panel]
    assert np.array_equal(found["place"].to_numpy(), columns["place"])
    assert np.array_equal(found["pension"].fill_null(np.nan).to_numpy(), threads["pension"], equal_nan=True)
    assert np.array_equal(found["years_paid"].to_numpy(), threads["years_paid"])
    assert np.array_equal(np.stack(found["balance"].to_numpy()), threads.panel["balance"])


def test_faults_come_back_from_spark_with_the_worker_s_number(
    spark: Any, columns: dict[str, np.ndarray], tmp_path: Path
) -> None:
    few = {name: column[:200].copy() for name, column in columns.items()}
    few["retirement_age"][7] = np.nan
    few["birth_month"][9] = 5
    workers = on_spark(spark, few, tmp_path / "flock").coalesce(1)
    with pytest.raises(InputError) as error:
        totals_on_spark(MODEL, workers, TOTALS, years=YEARS)
    assert "row 8, retirement_age" in error.value.text("en") and "row 10, birth_month" in error.value.text("en")
    with pytest.raises(InputError, match="row 10, birth_month"), clear_spark_faults():
        values_on_spark(MODEL, workers, ["pension"], years=YEARS).collect()


def test_workers_who_share_a_number_are_refused(spark: Any, columns: dict[str, np.ndarray], tmp_path: Path) -> None:
    few = {name: column[:200] for name, column in columns.items()}
    workers = on_spark(spark, few, tmp_path / "flock")
    with pytest.raises(InputError, match="stands for two workers"):
        totals_on_spark(MODEL, workers.union(workers), TOTALS, years=YEARS)
    with pytest.raises(InputError, match="Give a column number"):
        totals_on_spark(MODEL, workers, TOTALS, years=YEARS, row="number")
