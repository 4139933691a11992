"""Workers from Parquet, some blocks at a time, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from canbao.engine.columns import Findings, Grouping
from canbao.engine.frames import columns_of, read_columns, refuse_missing, refuse_twice, result_columns
from canbao.engine.model import Model, Totals, requested
from canbao.engine.ready_kernel import Sums
from canbao.engine.request import Machine
from canbao.engine.source import BLOCK
from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.outputs import whole_folder

say = Catalogue("canbao.engine", "words")

Array = np.ndarray[Any, np.dtype[Any]]


def run_blocks(
    model: Model,
    workers: Path,
    want: Sequence[str] = (),
    *,
    years: tuple[int, int] | None = None,
    panel: Sequence[str] = (),
    totals: Totals | None = None,
    seed: int = 0,
    to: Path | None = None,
    keep: Sequence[str] = (),
    on: Machine = "threads",
    at_once: int = 16,
) -> Mapping[str, Array]:
    """Compute results for workers whose columns lie in Parquet; equal to the bit to `Model.run` over all of them at once.

    Args:
        model: the rules.
        workers: a Parquet file, or a folder of them, with the columns that `Model.run` takes.
        want: results with one value a worker.
        years: the first and last year to go through; None for cases that are given as they stand.
        panel: yearly results to be kept for every year, a list a worker.
        totals: yearly results to be added up, with the names of the columns of group and weight.
        seed: of random draws; without a column `worker_id`, luck is drawn by the row.
        to: the folder that takes the wanted results and the panel: Parquet files in the order of the workers, an empty cell
            where something is not known. What stood there is replaced when all is done.
        keep: columns of the workers that go along with the results.
        on: what compiles the kernel; totals of a graphics processor agree to 1e-9 only.
        at_once: so many blocks of 65,536 workers are in memory together.

    Returns:
        for each of the totals its sums by year and group.

    Raises:
        InputError: what cannot be read or written; a column that is needed and missing; all impossible cells, with the
            first row of each column.
    """
    if (want or panel) and to is None:
        raise InputError(Fault(say("nowhere_to_put"), remedy=say("nowhere_to_put_remedy")))
    table = _Table(workers)
    group, weight = totals.column_names if totals else (None, None)
    refuse_missing([group, weight, *keep], table.names)
    refuse_twice([*keep, *want, *panel])
    request = requested(want, panel, totals)
    places = model.places_among(table.places())
    kernel = model.ready_kernel(request, table.names, years=years, seed=seed, places=places, machine=on)
    columns = read_columns(kernel, [group, weight, *keep], table.names)
    findings = Findings(workers)
    sums = Sums(len(kernel.span), request.totals)
    with whole_folder(to) if to is not None else nullcontext() as folder:
        for number, (first_row, part) in enumerate(table.parts(columns, at_once * BLOCK)):
            arrays = columns_of(part)
            grouping = totals.grouping(arrays) if totals else Grouping()
            outputs = kernel.tried(arrays, part.height, grouping, findings, first_row)
            if outputs is None:
                continue
            sums.add_all(outputs)
            if folder is not None:
                results = pl.DataFrame([*(part[name] for name in keep), *result_columns(request, outputs)])
                results.write_parquet(folder / f"part-{number:05d}.parquet")
        # Within, so that nothing stays of results that lack some workers.
        findings.raise_all()
    return sums.totals


class _Table:
    """Columns of workers in Parquet.

    Args:
        path: the file, or a folder of files.

    Raises:
        InputError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._clear_faults():
            self._scan = pl.scan_parquet(path)
            self.names = self._scan.collect_schema().names()
            self.rows = int(self._scan.select(pl.len()).collect().item())

    def places(self) -> Array | None:
        """The places that occur; None if there is no such column."""
        if "place" not in self.names:
            return None
        with self._clear_faults():
            return self._scan.select(pl.col("place").unique()).collect()["place"].to_numpy()

    def parts(self, names: Sequence[str], size: int) -> Iterator[tuple[int, pl.DataFrame]]:
        """Some columns, so many rows at a time, with how many rows come before; one part without rows if there are none."""
        # Without any column, nobody could count the rows of a part.
        columns = self._scan.select(list(names) or self.names[:1])
        for first_row in range(0, max(self.rows, 1), size):
            with self._clear_faults():
                part = columns.slice(first_row, size).collect()
            yield first_row, part

    @contextmanager
    def _clear_faults(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(Fault(say("no_parquet"), Place(self.path), say("no_parquet_remedy"))) from error
