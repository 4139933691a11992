"""Runs a kernel on a graphics processor; without one, Numba's simulator can stand in (NUMBA_ENABLE_CUDASIM=1)."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

Array = np.ndarray[Any, np.dtype[Any]]

THREADS = 128
"""Threads of a block: kernels of many rules need many registers, and blocks larger than that find less room."""


def refuse_without_gpu() -> None:
    """Say what to do where nothing can run the kernel.

    Raises:
        InputError: no graphics processor that CUDA can use, or nothing installed that could use it.
    """
    if not _cuda().is_available():
        raise InputError(Fault(say("no_gpu"), remedy=say("no_gpu_remedy")))


def launch(run: Any, numbers: Sequence[int], arrays: Sequence[Array], filled: Sequence[bool]) -> None:
    """Run a kernel with a thread for each worker.

    Args:
        run: the kernel.
        numbers: how many workers there are, and whatever numbers it takes after that.
        arrays: what it takes after the numbers.
        filled: which of the arrays it fills.

    Raises:
        InputError: the arrays do not fit into the graphics processor's memory.
    """
    cuda = _cuda()
    workers = numbers[0]
    if not workers:
        return
    needed, (free, _) = sum(array.nbytes for array in arrays), cuda.current_context().get_memory_info()
    if needed > free:
        sizes = {"needed": f"{needed / 1e9:.1f}", "free": f"{free / 1e9:.1f}"}
        raise InputError(Fault(say("gpu_full", **sizes), remedy=say("gpu_full_remedy")))
    there = [cuda.to_device(array) for array in arrays]
    with warnings.catch_warnings():
        # Numba warns of few workers, who do not fill a graphics processor.
        warnings.simplefilter("ignore")
        run[(workers + THREADS - 1) // THREADS, THREADS](*numbers, *there)
    for array, device_array, is_filled in zip(arrays, there, filled, strict=True):
        if is_filled:
            device_array.copy_to_host(array)


def _cuda() -> Any:
    """Numba's part for graphics processors, which says little of its types; numba-cuda takes its place where installed."""
    return importlib.import_module("numba.cuda")
