"""What a run of the engine shall bring back, and on which kind of machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Machine = Literal["threads", "cuda"]
"""What a kernel is compiled for: all threads of the processor, or a graphics processor."""


@dataclass(frozen=True)
class Request:
    """What a run shall bring back.

    Args:
        values: results with one value a worker.
        panel: results with one value a worker and year.
        totals: results added up by year and group.
        cautions: whether to note which filled-in or doubtful figures a worker's results looked at.
        weighted: whether totals are multiplied by a weight of each worker.
    """

    values: tuple[str, ...] = ()
    panel: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    cautions: bool = False
    weighted: bool = False

    @property
    def names(self) -> list[str]:
        """Everything that is asked for, once."""
        return list(dict.fromkeys([*self.values, *self.panel, *self.totals]))
