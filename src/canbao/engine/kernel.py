"""Keeps kernels: their files, named by hash, in the user's cache with the machine code beside them; and runs them."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from canbao.engine.node_source import Argument, ArrayKind
from canbao.engine.parameters import FIRST_YEAR, LAST_YEAR, MONTHS, Parameter
from canbao.engine.source import BLOCK, KernelSource
from canbao.outputs import cache_folder

Array = np.ndarray[Any, np.dtype[Any]]


PARTS, SMALLEST_PART = 8, 2048
"""Each thread gets so many parts of the workers, so that none waits long for another; no part is smaller."""


FILLED: frozenset[ArrayKind] = frozenset({"output", "panel", "totals", "cautions"})
"""What a kernel fills, not reads."""


FIGURES: frozenset[ArrayKind] = frozenset(
    {
        "always", "yearly", "monthly", "cautions_always", "cautions_yearly", "cautions_monthly",
        "tables", "table_rows", "table_row_always", "figures",
    }
)  # fmt: skip
"""What it takes of parameters."""


def kernel_folder() -> Path:
    """Where kernels are kept."""
    return cache_folder() / "kernels"


@cache
def loaded(digest: str, text: str) -> Callable[..., None]:
    """The compiled function of a kernel; compiled when it is first called, unless the cache has it."""
    folder = kernel_folder()
    path = folder / f"kernel_{digest}.py"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=folder, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(scratch).replace(path)
    name = path.stem
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # Numba looks the module up by its name when it reads its cache.
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module.run  # type: ignore[no-any-return]


def figures_of(
    source: KernelSource, parameters: Mapping[str, Parameter], years: tuple[int, int] | None
) -> dict[str, Array]:
    """What a kernel takes of parameters, by the names of its arguments."""
    first, last = whole_span(years)
    span = slice(first - FIRST_YEAR, last + 1 - FIRST_YEAR)
    wanted = [one for one in source.arguments if one.kind in FIGURES]
    return {one.text: _parameter_array(one, parameters[one.name], span) for one in wanted}


def whole_span(years: tuple[int, int] | None) -> tuple[int, int]:
    """The years that a kernel is told; all of which there can be figures where none are gone through."""
    return years or (FIRST_YEAR, LAST_YEAR - 1)


def _parameter_array(argument: Argument, parameter: Parameter, years: slice) -> Array:
    """What the kernel takes of a parameter; of yearly figures only the years that it goes through, which stay near it."""
    match argument.kind:
        case "always":
            return np.ascontiguousarray(parameter.monthly[:, MONTHS - 1])
        case "cautions_always":
            return np.ascontiguousarray(parameter.cautions[:, MONTHS - 1])
        case "yearly":
            return np.ascontiguousarray(parameter.yearly[:, years])
        case "figures":
            return parameter.yearly
        case "cautions_yearly":
            return np.ascontiguousarray(parameter.yearly_cautions[:, years])
        case "monthly":
            return parameter.monthly
        case "cautions_monthly":
            return parameter.cautions
        case "tables":
            return parameter.tables
        case "table_rows":
            return parameter.table_rows
        case "table_row_always":
            return np.ascontiguousarray(parameter.table_rows[:, MONTHS - 1])
        case _:
            raise AssertionError(argument)


class Outputs:
    """The arrays that a run fills.

    Args:
        results: how the values of each wanted result are stored.
        workers: how many there are.
        years: how many are gone through.
        groups: how many groups totals are formed for.
        cautious: the parameters that have something to beware of.
    """

    def __init__(
        self, results: Mapping[str, np.dtype[Any]], workers: int, years: int, groups: int, cautious: tuple[str, ...]
    ) -> None:
        self.results = results
        self.workers = workers
        self.years = years
        self.groups = groups
        self.cautious = cautious
        self.values: dict[str, Array] = {}
        self.panel: dict[str, Array] = {}
        self.blocks: dict[str, Array] = {}
        self._cautions: Array | None = None
        self.wrong = np.zeros((workers + BLOCK - 1) // BLOCK, dtype=np.int8)

    def array(self, argument: Argument) -> Array:
        """An empty array for what the kernel puts out."""
        match argument.kind:
            case "output":
                self.values[argument.name] = np.empty(self.workers, dtype=self.results[argument.name])
                return self.values[argument.name]
            case "panel":
                self.panel[argument.name] = np.empty((self.workers, self.years), dtype=self.results[argument.name])
                return self.panel[argument.name]
            case "totals":
                self.blocks[argument.name] = np.zeros((len(self.wrong), self.years, self.groups))
                return self.blocks[argument.name]
            case _:
                self._cautions = np.zeros((self.workers, len(self.cautious)), dtype=np.uint8)
                return self._cautions

    @property
    def cautions(self) -> dict[str, Array]:
        """For each parameter in which some worker looked at something to beware of, what it was, one a worker."""
        if self._cautions is None:
            return {}
        columns = {name: self._cautions[:, at] for at, name in enumerate(self.cautious)}
        return {name: codes for name, codes in columns.items() if codes.any()}


@dataclass(frozen=True)
class Inputs:
    """What a kernel reads of workers.

    Args:
        columns: the needed ones, with `place` and `worker_id`.
        groups: for totals, one a worker.
        weights: for totals, one a worker; empty where there are none.
    """

    columns: Mapping[str, Array]
    groups: Array
    weights: Array


def call_kernel(
    source: KernelSource,
    figures: Mapping[str, Array],
    inputs: Inputs,
    outputs: Outputs,
    *,
    years: tuple[int, int] | None,
    seed: int,
) -> None:
    """Run a kernel over all workers; it fills the outputs."""
    arrays: list[Array] = [inputs.columns["worker_id"], inputs.columns["place"], outputs.wrong]
    for argument in source.arguments:
        match argument.kind:
            case "column" | "state" | "month":
                arrays.append(inputs.columns[argument.name])
            case "group":
                arrays.append(inputs.groups)
            case "weight":
                arrays.append(inputs.weights)
            case _:
                arrays.append(outputs.array(argument) if argument.kind in FILLED else figures[argument.text])
    run = loaded(source.digest, source.text)
    numbers = (*whole_span(years), seed)
    if source.machine == "cuda":
        from canbao.engine.gpu import launch

        filled = [False, False, True, *(argument.kind in FILLED for argument in source.arguments)]
        launch(run, (outputs.workers, *numbers), arrays, filled)
    else:
        _share_out(lambda begin, end: run(begin, end, *numbers, *arrays), outputs.workers, whole=bool(outputs.blocks))


def _share_out(run: Callable[[int, int], None], workers: int, *, whole: bool) -> None:
    """Run a kernel over all workers, on as many threads as there are processors (or `NUMBA_NUM_THREADS` says).

    Args:
        run: takes the first worker and the one after the last.
        workers: how many there are.
        whole: whether a thread takes whole blocks, as it must where totals are added up.
    """
    size = BLOCK if whole else max(SMALLEST_PART, -(-workers // (threads() * PARTS)))
    parts = deque((begin, min(begin + size, workers)) for begin in range(0, workers, size))

    def work() -> None:
        while True:
            try:
                part = parts.popleft()
            except IndexError:
                return
            run(*part)

    helpers = min(threads(), len(parts)) - 1
    if helpers < 1:
        work()
        return
    with ThreadPoolExecutor(helpers) as pool:
        helped = [pool.submit(work) for _ in range(helpers)]
        try:
            work()
        finally:
            # Whoever interrupts waits for the parts at work, not for all.
            parts.clear()
        for done in helped:
            done.result()


def threads() -> int:
    """How many threads kernels are shared out among: one a processor, or as many as `NUMBA_NUM_THREADS` says."""
    import numba

    return int(os.environ.get("NUMBA_NUM_THREADS") or vars(numba.config)["NUMBA_NUM_THREADS"])
