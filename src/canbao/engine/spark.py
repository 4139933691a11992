"""The kernel inside Spark's partitions, for tables that one machine cannot hold; to the bit equal to one run over them all.

Spark keeps no order, so each worker has a number from 0 on. Totals are formed of the same blocks of workers as elsewhere,
and in their order, however Spark shares the rows out. Only the kernel goes to Spark's machines: Canbao must be there, but
neither rules nor parameters need be.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from canbao.engine.columns import Findings, Grouping, check_numbers
from canbao.engine.frames import columns_of, read_columns, refuse_missing, refuse_twice, result_columns
from canbao.engine.kernel import Outputs
from canbao.engine.model import Model, Totals, requested
from canbao.engine.ready_kernel import ReadyKernel, Sums
from canbao.engine.request import Request
from canbao.engine.source import BLOCK
from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Words

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

say = Catalogue("canbao.engine", "words")

Array = np.ndarray[Any, np.dtype[Any]]
Batches = Iterator["pyarrow.RecordBatch"]
BLOCK_COLUMN = "block_of_workers"
OTHER_PYTHON = ("No module named 'canbao'", "PYTHON_VERSION_MISMATCH")
SUMS = "name string, groups int, sums binary"


def values_on_spark(
    model: Model,
    workers: DataFrame,
    want: Sequence[str] = (),
    *,
    years: tuple[int, int] | None = None,
    panel: Sequence[str] = (),
    seed: int = 0,
    row: str = "row",
    keep: Sequence[str] = (),
) -> DataFrame:
    """Results for each worker, computed when Spark is asked for them; do that within `clear_spark_faults`.

    Args:
        model: the rules.
        workers: the columns that `Model.run` takes.
        want: results with one value a worker.
        years: the first and last year to go through; None for cases that are given as they stand.
        panel: yearly results to be kept for every year.
        seed: of random draws.
        row: the column that numbers the workers; luck is drawn by it where there is no `worker_id`.
        keep: columns of the workers that go along with the results.

    Returns:
        a row a worker: number, kept columns, values, and for each of the panel a list of its years; null where not known.

    Raises:
        InputError: a column that is needed and missing.
    """
    kept = [row, *(name for name in keep if name != row)]
    request = requested(want, panel, None)
    refuse_missing(kept, workers.columns)
    refuse_twice([*kept, *want, *panel])
    task = _Task(_ready(model, request, workers, years, seed), request, row, tuple(kept))
    schema = _schema(workers, task)
    return workers.select(task.read(workers.columns)).mapInArrow(task.values, schema)


def totals_on_spark(
    model: Model,
    workers: DataFrame,
    totals: Totals,
    *,
    years: tuple[int, int],
    seed: int = 0,
    row: str = "row",
) -> Mapping[str, Array]:
    """Results of all workers, added up by year and group; rows are shared out anew, each block of workers to one task.

    Args:
        model: the rules.
        workers: the columns that `Model.run` takes.
        totals: yearly results to be added up, with the names of the columns of group and weight.
        years: the first and last year to go through.
        seed: of random draws.
        row: the column that numbers the workers, from 0 on; luck is drawn by it where there is no `worker_id`.

    Returns:
        for each of the totals its sums by year and group.

    Raises:
        InputError: a column that is needed and missing; impossible cells, those of one partition together; a number that
            two workers have.
    """
    from pyspark.sql import functions

    names = totals.column_names
    refuse_missing([row, *names], workers.columns)
    request = requested((), (), totals)
    task = _Task(_ready(model, request, workers, years, seed), request, row, (), totals)
    block = functions.floor(functions.col(row) / BLOCK).cast("long")
    blocks = workers.select(task.read(workers.columns)).withColumn(BLOCK_COLUMN, block)
    shared = blocks.repartition(BLOCK_COLUMN).sortWithinPartitions(BLOCK_COLUMN, row)
    sums = shared.mapInArrow(task.block_sums, f"block long, {SUMS}")
    # Added up in order, and there, for all blocks together may be more than the machine that asks can hold.
    added = sums.repartition(1).sortWithinPartitions("block").mapInArrow(task.added_up, SUMS)
    with clear_spark_faults():
        found = {one["name"]: np.frombuffer(one["sums"]).reshape(-1, one["groups"]) for one in added.collect()}
    return {name: found.get(name, np.zeros((len(task.kernel.span), 1))) for name in totals.of}


@contextmanager
def clear_spark_faults() -> Iterator[None]:
    """Turn what Spark tells of a failed task into the faults that were found in it.

    Raises:
        InputError: the faults; Spark's machines run another Python, or one without Canbao.
    """
    try:
        yield
    except Exception as error:
        told = str(error)
        if found := _FAULTS.search(told):
            raise InputError(_faults_from(found["faults"])) from error
        if any(sign in told for sign in OTHER_PYTHON):
            raise InputError(Fault(say("no_canbao_there"), remedy=say("no_canbao_there_remedy"))) from error
        raise


# --- what is done on Spark's machines ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    """A kernel as Spark runs it over its batches of rows.

    Args:
        kernel: with all that it takes but the workers.
        request: what it puts out.
        row: the column that numbers the workers.
        keep: columns that go along with the results.
        totals: what is added up.
    """

    kernel: ReadyKernel
    request: Request
    row: str
    keep: tuple[str, ...]
    totals: Totals | None = None

    def read(self, there: Sequence[str]) -> list[str]:
        """The columns that have to be read."""
        return read_columns(self.kernel, [self.row, *self.keep, *(self.totals.column_names if self.totals else ())], there)

    def values(self, batches: Batches) -> Batches:
        """The results of each batch."""
        import pyarrow as pa

        _in_one_thread()
        for batch in batches:
            findings = Findings()
            outputs = self._outputs(pl.DataFrame(batch), findings)
            _hand_back(findings)
            columns = {name: batch.column(name) for name in self.keep}
            if outputs is not None:
                for one in result_columns(self.request, outputs):
                    columns[one.name] = _as_spark_takes_it(one)
            yield pa.RecordBatch.from_pydict(columns)

    def block_sums(self, batches: Batches) -> Batches:
        """The totals of each block of workers, whose rows come in order."""
        _in_one_thread()
        findings = Findings()
        for block in _blocks(batches):
            self._refuse_repeated(block[self.row], findings)
            outputs = self._outputs(block.drop(BLOCK_COLUMN), findings)
            if outputs is not None:
                yield from _packed({name: sums[0] for name, sums in outputs.blocks.items()}, block[BLOCK_COLUMN][0])
        _hand_back(findings)

    @staticmethod
    def _refuse_repeated(numbers: pl.Series, findings: Findings) -> None:
        repeated = numbers.filter(numbers.is_duplicated() & numbers.is_not_null())
        if len(repeated):
            what = say("row_twice", number=str(repeated[0]))
            findings.add(Fault(what, Place(field=numbers.name), say("row_twice_remedy")))

    def added_up(self, batches: Batches) -> Batches:
        """The totals of all blocks, which come in order."""
        sums = Sums(len(self.kernel.span), self.request.totals)
        last: dict[str, int] = {}
        for batch in batches:
            for one in batch.to_pylist():
                assert last.get(one["name"], -1) < one["block"], "Spark has torn a block of workers apart"
                last[one["name"]] = one["block"]
                sums.add(one["name"], np.frombuffer(one["sums"]).reshape(-1, one["groups"]))
        yield from _packed(sums.totals)

    def _outputs(self, workers: pl.DataFrame, findings: Findings) -> Outputs | None:
        columns = dict(columns_of(workers))
        if check_numbers(self.row, columns[self.row], findings):
            columns.setdefault("worker_id", columns[self.row])
        grouping = self.totals.grouping(columns) if self.totals else Grouping()
        return self.kernel.tried(columns, workers.height, grouping, findings)


def _in_one_thread() -> None:
    """Spark has a task for each core already; threads of the kernel's own would only wait for one another."""
    os.environ["NUMBA_NUM_THREADS"] = "1"


def _blocks(batches: Batches) -> Iterator[pl.DataFrame]:
    """Rows that come in the order of their blocks, as whole blocks; one with more rows than it can have, in parts."""
    waiting: list[pl.DataFrame] = []
    for batch in batches:
        for part in pl.DataFrame(batch).partition_by(BLOCK_COLUMN, maintain_order=True):
            is_next = bool(waiting) and waiting[0][BLOCK_COLUMN][0] != part[BLOCK_COLUMN][0]
            if is_next or sum(one.height for one in waiting) > BLOCK:
                yield pl.concat(waiting)
                waiting = []
            waiting.append(part)
    if waiting:
        yield pl.concat(waiting)


def _packed(sums: Mapping[str, Array], block: int | None = None) -> Batches:
    """Sums by year and group, a row for each result."""
    import pyarrow as pa

    columns: dict[str, Any] = {} if block is None else {"block": pa.array([block] * len(sums), pa.int64())}
    columns["name"] = pa.array(list(sums), pa.string())
    columns["groups"] = pa.array([one.shape[1] for one in sums.values()], pa.int32())
    columns["sums"] = pa.array([one.tobytes() for one in sums.values()], pa.binary())
    yield pa.RecordBatch.from_pydict(columns)


def _as_spark_takes_it(column: pl.Series) -> pyarrow.Array:
    import pyarrow as pa

    inner = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
    number = pa.float64() if inner == pl.Float64 else pa.int32()
    return column.to_arrow().cast(pa.list_(number) if isinstance(column.dtype, pl.List) else number)


# --- faults on their way back -----------------------------------------------------------------------------------------

_FAULTS = re.compile(r"canbao faults \[(?P<faults>[A-Za-z0-9+/=]*)\]")


def _hand_back(findings: Findings) -> None:
    """End the task with what was found, as text: it is all that Spark brings back of an exception."""
    try:
        findings.raise_all()
    except InputError as error:
        told = [
            {
                "what": [one.what.en, one.what.zh],
                "row": one.place.row,
                "field": one.place.field,
                "remedy": [one.remedy.en, one.remedy.zh] if one.remedy else None,
            }
            for one in error.faults
        ]
        text = base64.b64encode(json.dumps(told).encode()).decode()
        raise RuntimeError(f"{error}\ncanbao faults [{text}]") from None


def _faults_from(text: str) -> list[Fault]:
    return [
        Fault(
            Words(*one["what"]),
            Place(row=one["row"], field=one["field"]),
            Words(*one["remedy"]) if one["remedy"] else None,
        )
        for one in json.loads(base64.b64decode(text))
    ]


# --- before it --------------------------------------------------------------------------------------------------------


def _ready(model: Model, request: Request, workers: DataFrame, years: tuple[int, int] | None, seed: int) -> ReadyKernel:
    places = None
    if "place" in workers.columns:
        rows = workers.select("place").distinct().collect()
        places = model.places_among(np.array([one["place"] for one in rows if one["place"] is not None]))
    return model.ready_kernel(request, workers.columns, years=years, seed=seed, places=places)


def _schema(workers: DataFrame, task: _Task) -> StructType:
    """What comes of the values."""
    from pyspark.sql import types

    kinds = {
        name: types.DoubleType() if one.kind == "f" else types.IntegerType() for name, one in task.kernel.results.items()
    }
    fields = [workers.schema[name] for name in task.keep]
    fields += [types.StructField(name, kinds[name]) for name in task.request.values]
    fields += [types.StructField(name, types.ArrayType(kinds[name])) for name in task.request.panel]
    return types.StructType(fields)
