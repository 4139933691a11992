"""A kernel with all that it takes but the workers: what goes to wherever they are, block by block or on other machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from canbao.engine.columns import Findings, Grouping, Needs, check_columns, check_grouping
from canbao.engine.kernel import Inputs, Outputs, call_kernel
from canbao.engine.source import KernelSource

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class ReadyKernel:
    """What was asked, ready to be run over any workers. It can be pickled, and needs neither rules nor parameters then.

    Args:
        source: the kernel.
        figures: the parameters' figures, by the names of the kernel's arguments.
        results: how the values of each wanted result are stored.
        needs: what it needs of a table of workers.
        years: the first and the last; None without a loop over years.
        seed: of random draws.
    """

    source: KernelSource
    figures: Mapping[str, Array]
    results: Mapping[str, np.dtype[Any]]
    needs: Needs
    years: tuple[int, int] | None
    seed: int

    @property
    def span(self) -> range:
        """The years gone through."""
        return range(self.years[0], self.years[1] + 1) if self.years else range(0)

    def run(self, columns: Mapping[str, Array], workers: int, grouping: Grouping) -> Outputs:
        """Compute the results of all workers; see `tried`.

        Raises:
            InputError: something is wrong with the columns.
        """
        findings = Findings()
        outputs = self.tried(columns, workers, grouping, findings)
        findings.raise_all()
        assert outputs is not None, "the kernel left out a worker in whose cells nothing is wrong"
        return outputs

    def tried(
        self,
        columns: Mapping[str, Array],
        workers: int,
        grouping: Grouping,
        findings: Findings,
        first_row: int = 0,
    ) -> Outputs | None:
        """Compute the results of some workers, if nothing is wrong with them.

        Args:
            columns: by name, one value a worker.
            workers: how many there are.
            grouping: of totals.
            findings: to which is added what is wrong.
            first_row: how many workers of a larger table come before these; luck is drawn by the row where there is no
                `worker_id`.

        Returns:
            the results; None where something is wrong, here or in earlier parts of the table.
        """
        outputs = None if findings else self._tried(columns, workers, grouping, first_row)
        if outputs is None:
            # Gone through as a whole, for the kernel does not say what it left out and a quick look sees only some columns.
            check_columns(self.needs, columns, workers, findings, first_row=first_row)
            check_grouping(grouping, workers, findings, first_row)
        return outputs

    def _tried(self, columns: Mapping[str, Array], workers: int, grouping: Grouping, first_row: int) -> Outputs | None:
        converted = Findings()
        checked = check_columns(self.needs, columns, workers, converted, guarded=True, first_row=first_row)
        groups, weights = check_grouping(grouping, workers, converted)
        if converted:
            return None
        outputs = self._filled(Inputs(checked, groups, weights), workers)
        return None if outputs.wrong.any() else outputs

    def _filled(self, inputs: Inputs, workers: int) -> Outputs:
        groups = int(inputs.groups.max(initial=0)) + 1
        outputs = Outputs(self.results, workers, len(self.span), groups, self.source.cautious)
        call_kernel(self.source, self.figures, inputs, outputs, years=self.years, seed=self.seed)
        return outputs


class Sums:
    """Totals, added up block by block in order, so that it does not matter how many blocks were computed at once.

    Args:
        years: how many are gone through.
        names: of the results that are added up.
    """

    def __init__(self, years: int, names: Sequence[str]) -> None:
        self.totals: dict[str, Array] = {name: np.zeros((years, 1)) for name in names}

    def add_all(self, outputs: Outputs) -> None:
        """Add all blocks of some workers, who come after those before."""
        for name, blocks in outputs.blocks.items():
            for block in blocks:
                self.add(name, block)

    def add(self, name: str, block: Array) -> None:
        """Add the block that comes next; it may have more groups than those before.

        Args:
            name: of the result.
            block: its sums by year and group.
        """
        total = self.totals[name]
        missing = block.shape[1] - total.shape[1]
        if missing > 0:
            total = self.totals[name] = np.pad(total, ((0, 0), (0, missing)))
        total[:, : block.shape[1]] += block
