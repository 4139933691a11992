"""Keeps kernels: their files, named by hash, in the user's cache with the machine code beside them; and runs them."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from canbao.engine.parameters import FIRST_YEAR, LAST_YEAR, MONTHS, Parameter
from canbao.engine.plan import Plan
from canbao.engine.source import BLOCK, Argument, KernelSource
from canbao.outputs import cache_folder

Array = np.ndarray[Any, np.dtype[Any]]


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


def parameter_array(argument: Argument, parameter: Parameter, years: slice) -> Array:
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
        plan: what is computed.
        workers: how many there are.
        years: the first and the last year; None without a loop over years.
        groups: how many groups totals are formed for.
        cautious: how many parameters have something to beware of.
    """

    def __init__(self, plan: Plan, workers: int, years: tuple[int, int] | None, groups: int, cautious: int) -> None:
        self.cautious = cautious
        self.plan = plan
        self.workers = workers
        self.years = years[1] - years[0] + 1 if years else 0
        self.groups = groups
        self.values: dict[str, Array] = {}
        self.panel: dict[str, Array] = {}
        self.blocks: dict[str, Array] = {}
        self.cautions: Array | None = None
        self.wrong = np.zeros((workers + BLOCK - 1) // BLOCK, dtype=np.int8)

    def array(self, argument: Argument) -> Array:
        """An empty array for what the kernel puts out."""
        match argument.kind:
            case "output":
                self.values[argument.name] = self._of(argument.name, (self.workers,))
                return self.values[argument.name]
            case "panel":
                self.panel[argument.name] = self._of(argument.name, (self.workers, self.years))
                return self.panel[argument.name]
            case "totals":
                blocks = (self.workers + BLOCK - 1) // BLOCK
                self.blocks[argument.name] = np.zeros((blocks, self.years, self.groups))
                return self.blocks[argument.name]
            case _:
                self.cautions = np.zeros((self.workers, self.cautious), dtype=np.uint8)
                return self.cautions

    def _of(self, name: str, shape: tuple[int, ...]) -> Array:
        kind = self.plan.nodes[self.plan.wanted[name]].value
        # Categories and yes/no need room for UNKNOWN too.
        return np.empty(shape, dtype=np.float64 if kind.is_float else np.int32)


def call_kernel(
    source: KernelSource,
    columns: Mapping[str, Array],
    parameters: Mapping[str, Parameter],
    outputs: Outputs,
    *,
    years: tuple[int, int] | None,
    seed: int,
    worker_ids: Array,
    places: Array,
    groups: Array,
    weights: Array,
) -> None:
    """Run a kernel over all workers; it fills the outputs."""
    first, last = years or (FIRST_YEAR, LAST_YEAR - 1)
    span = slice(first - FIRST_YEAR, last + 1 - FIRST_YEAR)
    arrays: list[Array] = []
    for argument in source.arguments:
        match argument.kind:
            case "column" | "state" | "month":
                arrays.append(columns[argument.name])
            case "group":
                arrays.append(groups)
            case "weight":
                arrays.append(weights)
            case "output" | "panel" | "totals" | "cautions":
                arrays.append(outputs.array(argument))
            case _:
                arrays.append(parameter_array(argument, parameters[argument.name], span))
    run = loaded(source.digest, source.text)
    run(outputs.workers, first, last, seed, worker_ids, places, outputs.wrong, *arrays)
