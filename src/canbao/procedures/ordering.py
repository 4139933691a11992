"""The order of events: by case, then time, then place in the file; and cases by number.

Sorting a table by three columns is the slowest step on the way to a log. Sorting plain numbers is several times faster, so
time and place, then case and place, are each packed into one number where they fit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Rows = npt.NDArray[np.uint32]

UNITS = (1_000_000, 1_000, 1)
"""Microseconds of the units in which clocks usually count."""


def cases_of(case_id: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The cases of events, in the order in which they first appear, and each event's among them."""
    cases = case_id.gather(_hashes(case_id).arg_unique().sort())
    found = _by_hash(case_id, cases)
    if found is not None:
        return cases, found
    cases = case_id.unique(maintain_order=True)
    return cases, case_numbers(case_id, cases)


def case_numbers(case_id: pl.Series, cases: pl.Series) -> pl.Series:
    """Each event's case, its row among the cases; null where it is none of them.

    Args:
        case_id: of each event.
        cases: their identifiers, each once.
    """
    found = _by_hash(case_id, cases)
    if found is not None:
        return found
    table = cases.alias("case_id").to_frame().with_row_index("case")
    return case_id.alias("case_id").to_frame().join(table, on="case_id", how="left", maintain_order="left")["case"]


def _by_hash(case_id: pl.Series, cases: pl.Series) -> pl.Series | None:
    """Numbers are joined several times faster than texts; None if that went wrong, as two texts may have one number."""
    table = _hashes(cases).alias("hash").to_frame().with_row_index("case")
    keys = _hashes(case_id).alias("hash").to_frame()
    found = keys.join(table, on="hash", how="left", maintain_order="left")["case"]
    if len(found) != len(case_id) or not (cases.gather(found) == case_id).all(ignore_nulls=False):
        return None
    return found


def _hashes(values: pl.Series) -> pl.Series:
    return values.hash()


def in_order(events: pl.DataFrame) -> pl.DataFrame:
    """Events by `case`, `time` (microseconds), `position`."""
    order = _packed_order(events["case"], events["time"], events["position"])
    if order is None:
        return events.sort("case", "time", "position")
    return events.select(pl.all().gather(pl.Series(order)))  # columns side by side


def _packed_order(case: pl.Series, time: pl.Series, position: pl.Series) -> Rows | None:
    """The rows in order; None where the numbers do not fit or something is unknown."""
    if case.null_count() or time.null_count() or position.null_count() or not position.is_sorted():
        return None
    moments = time.to_physical().to_numpy()
    moments = moments - moments.min(initial=moments[0] if len(moments) else 0)
    unit = next(unit for unit in UNITS if not (moments % unit).any())
    by_time = _stably_sorted(moments // unit)
    if by_time is None:
        return None
    by_case = _stably_sorted(case.to_numpy()[by_time])
    return None if by_case is None else by_time[by_case]


def _stably_sorted(keys: npt.NDArray[np.integer]) -> Rows | None:
    """The rows that put whole numbers, none of them negative, in order; equal ones stay in theirs."""
    for_row = max(len(keys) - 1, 0).bit_length()
    if int(keys.max(initial=0)).bit_length() + for_row > 64:
        return None
    packed = keys.astype(np.uint64)
    packed <<= np.uint64(for_row)
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    packed &= np.uint64((1 << for_row) - 1)
    return packed.astype(np.uint32)
