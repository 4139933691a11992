"""What stands in a message twice: record numbers, corrected records, orders.

Only 64-bit digests of what was seen are kept, eight bytes a record; the second of two records with the same digest is
refused. That two different numbers of one message meet in a digest happens once in a thousand years of messages of
ten million records each.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from canbao.exchange.messages.checking import places
from canbao.exchange.messages.status import Findings

TWICE = {"record_id": "80000", "replaces": "80011", "order_id": "62007"}


class Repetitions:
    """Finds what was seen before in the same message.

    Args:
        kind: of records.
    """

    def __init__(self, kind: str) -> None:
        self._names = [name for name in TWICE if name != "order_id" or kind == "orders"]
        self._seen: dict[str, list[np.ndarray[tuple[int], np.dtype[np.uint64]]]] = {name: [] for name in self._names}

    def first_ones(self, records: pl.DataFrame, findings: Findings) -> pl.DataFrame:
        """The records that repeat nothing; what others repeat is reported."""
        again = pl.repeat(False, records.height, dtype=pl.Boolean, eager=True)
        for name in self._names:
            # A deletion may repeat what it deletes.
            told = pl.col(name) if name != "order_id" else pl.when(pl.col("action") != "delete").then(pl.col(name))
            mask = self._again(name, records.select(told).to_series())
            if mask.any():
                findings.add_records(TWICE[name], None, places(records, mask))
                again = again | mask
        return records.filter(~again)

    def _again(self, name: str, texts: pl.Series) -> pl.Series:
        known = texts.is_not_null()
        digests = texts.drop_nulls().hash().to_numpy()
        first = np.zeros(len(digests), dtype=bool)
        first[np.unique(digests, return_index=True)[1]] = True
        for before in self._seen[name]:
            found = np.minimum(np.searchsorted(before, digests), len(before) - 1)
            first &= before[found] != digests
        if first.any():
            self._seen[name].append(np.sort(digests[first]))
            self._merge(name)
        mask = np.zeros(len(texts), dtype=bool)
        mask[known.to_numpy()] = ~first
        return pl.Series(mask)

    def _merge(self, name: str) -> None:
        """Runs of about the same length become one, so that there are few."""
        runs = self._seen[name]
        while len(runs) > 1 and len(runs[-2]) <= 2 * len(runs[-1]):
            last = runs.pop()
            runs[-1] = np.sort(np.concatenate([runs[-1], last]))
