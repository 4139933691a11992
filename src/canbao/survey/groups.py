"""Domains: groups of respondents that the categories of some columns make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

from canbao.survey.structure import Codes


@dataclass(frozen=True)
class Groups:
    """Domains that do not overlap.

    Args:
        code: each respondent's domain, from 0; −1 for none.
        labels: one row a domain, one column a grouping column.
    """

    code: Codes
    labels: pl.DataFrame
    count: int


def grouped(frame: pl.DataFrame, names: Sequence[str], inside: npt.NDArray[np.bool_] | None) -> Groups:
    """The crossed categories of some columns; every combination counts, met or not."""
    code = np.zeros(frame.height, dtype=np.int64)
    if inside is not None:
        code[~inside] = -1
    if not names:
        return Groups(code, pl.DataFrame(), 1)
    values = []
    for name in names:
        series = frame[name]
        if isinstance(series.dtype, pl.Enum):
            known = pl.Series(name, series.dtype.categories, dtype=series.dtype)
            place = series.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        else:
            known = series.unique().drop_nulls().sort()
            place = _positions(series, known)
        values.append(known)
        if len(values) == 1 and inside is None:
            code = place
        else:
            code = np.where((code >= 0) & (place >= 0), code * len(known) + place, -1)
    crossed = list(product(*(range(len(known)) for known in values)))
    labels = pl.DataFrame(
        [
            known.gather([row[at] for row in crossed]).alias(name)
            for at, (name, known) in enumerate(zip(names, values, strict=True))
        ]
    )
    return Groups(code, labels, len(crossed))


def _positions(series: pl.Series, known: pl.Series) -> Codes:
    if series.dtype.is_integer() and len(known) and int(known[0]) >= 0 and int(known[-1]) < 4 * len(series):
        if int(known[0]) == 0 and int(known[-1]) == len(known) - 1 and series.null_count() == 0:
            return np.asarray(series.to_numpy(), dtype=np.int64)
        table = np.full(int(known[-1]) + 1, -1, dtype=np.int64)
        table[known.to_numpy()] = np.arange(len(known))
        if series.null_count() == 0:
            codes: Codes = table[series.to_numpy()]
            return codes
    order = pl.Series(range(len(known)), dtype=pl.Int64)
    return np.asarray(series.replace_strict(known, order, default=None).fill_null(-1).to_numpy(), dtype=np.int64)
