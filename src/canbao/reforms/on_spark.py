"""Life courses inside Spark: everybody is written to Parquet block by block, and added up where Spark has room for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from canbao.engine import Model, totals_on_spark
from canbao.engine.model import Totals
from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.outputs import cache_folder, scratch_folder
from canbao.reforms.population import People, Population

say = Catalogue("canbao.reforms", "words")

Array = np.ndarray[Any, np.dtype[Any]]

CELL, WEIGHT = "cell_of_totals", "weight_of_worker"


def totals_by_spark(
    model: Model, people: People, cells: Mapping[int, Array], names: Sequence[str], years: tuple[int, int], seed: int,
    size: int,
) -> dict[str, Array]:  # fmt: skip
    """What `names` add up to by year and cell.

    Args:
        model: law and life courses.
        people: the workers.
        cells: for the first worker of each block the cells of all of its workers.
        names: of the counts.
        years: the first and the last year.
        seed: of luck.
        size: how many cells there are.

    Raises:
        InputError: PySpark or Java is not there.
    """
    spark = _session()
    with scratch_folder(cache_folder() / "spark") as folder:
        for start, cell in cells.items():
            _write(people.block(range(start, start + len(cell))), cell, folder / f"{start:012d}.parquet")
        workers = spark.read.parquet(str(folder))
        totals = Totals(names, CELL, WEIGHT)
        found = totals_on_spark(model, workers, totals, years=years, seed=seed, row="worker_id")
    return {name: _wide(sums, size) for name, sums in found.items()}


def _write(population: Population, cell: Array, path: Path) -> None:
    columns = {**population.columns, CELL: cell, WEIGHT: population.weight}
    pl.DataFrame(columns).write_parquet(path)


def _wide(sums: Array, size: int) -> Array:
    """With as many cells as there are, those of which nobody is empty."""
    return np.pad(sums, ((0, 0), (0, size - sums.shape[1])))


def _session() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(Fault(say("no_spark"), remedy=say("install_spark"))) from error
    # On this machine Spark's workers are of the same Python, unless somebody named another.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        return SparkSession.builder.appName("canbao").getOrCreate()
    except Exception as error:  # PySpark has no one class for a Java that is missing
        raise InputError(Fault(say("no_java"), remedy=say("install_java"))) from error
