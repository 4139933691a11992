"""Workers in frames: columns out of them for a kernel, and its results back into them, where nothing stands for unknown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from canbao.engine.columns import missing_column
from canbao.engine.kernel import Outputs
from canbao.engine.kinds import UNKNOWN
from canbao.engine.ready_kernel import ReadyKernel
from canbao.engine.request import Request
from canbao.errors import Fault, Place, raise_all
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

Array = np.ndarray[Any, np.dtype[Any]]


def refuse_missing(wanted: Sequence[str | None], there: Collection[str]) -> None:
    """Refuse columns that are named and not there.

    Args:
        wanted: their names; None for none.
        there: the names that there are.

    Raises:
        InputError: the missing ones.
    """
    raise_all([missing_column(name) for name in wanted if name is not None and name not in there])


def read_columns(kernel: ReadyKernel, others: Sequence[str | None], there: Collection[str]) -> list[str]:
    """The columns that have to be read.

    Args:
        kernel: that needs some.
        others: names of others; None for none.
        there: the names that there are.
    """
    needed = [cells.name for cells in kernel.needs.columns]
    asked = [*needed, *(name for name in ("place", "worker_id") if name in there), *others]
    return list(dict.fromkeys(name for name in asked if name is not None))


def columns_of(frame: pl.DataFrame) -> Mapping[str, Array]:
    """A frame's columns as a kernel looks at them; an empty cell becomes NaN, which is refused with its row."""
    return {name: frame[name].to_numpy() for name in frame.columns}


def refuse_twice(names: Sequence[str]) -> None:
    """Refuse results that would stand in a column of the same name as others.

    Args:
        names: of the columns.

    Raises:
        InputError: those that stand twice.
    """
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    raise_all([Fault(say("column_twice", name=name), Place(field=name)) for name in twice])


def result_columns(request: Request, outputs: Outputs) -> list[pl.Series]:
    """The results of workers, one a row: a column for each value, and one for each of the panel with the list of its years.

    Args:
        request: what was asked for, in order.
        outputs: what the kernel put out.
    """
    values = [_known(name, outputs.values[name]) for name in request.values]
    panel = [_known(name, outputs.panel[name].ravel()) for name in request.panel]
    return values + [column.reshape((-1, max(outputs.years, 1))).arr.to_list() for column in panel]


def _known(name: str, values: Array) -> pl.Series:
    """Values with an empty cell where nobody knows."""
    column = pl.Series(name, values)
    if values.dtype.kind == "f":
        return column.fill_nan(None)
    return column.set(column == UNKNOWN, None)
