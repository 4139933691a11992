"""Random numbers that are a function of seed, worker, year and purpose.

No state is carried, so the same worker meets the same luck in baseline and reform, on any number of threads or machines.
The mixer is the finaliser of SplitMix64 (Steele, Lea and Flood 2014), applied once for each ingredient.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[Any]]

WORD = 0xFFFFFFFFFFFFFFFF
STEP = 0x9E3779B97F4A7C15


def mixed(word: int) -> int:
    """Sixty-four bits stirred so that each of them depends on all."""
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & WORD
    return word ^ (word >> 31)


def purpose_number(purpose: str) -> int:
    """A number for the name of what is drawn."""
    return zlib.crc32(purpose.encode())


def uniform(seed: int, worker: int, year: int, purpose: int) -> float:
    """A number in [0, 1).

    Args:
        seed: of the run.
        worker: the worker's number.
        year: of the draw; 0 for draws made once in a life.
        purpose: what is drawn, from `purpose_number`.
    """
    word = mixed((seed + STEP) & WORD)
    word = mixed((word ^ purpose) + STEP & WORD)
    word = mixed((word ^ worker) + STEP & WORD)
    word = mixed((word ^ year) + STEP & WORD)
    return (word >> 11) * 2.0**-53


def uniforms(seed: int, workers: Floats, year: int, purpose: str) -> Floats:
    """The numbers of many workers at once, equal to those of `uniform`.

    Args:
        seed: of the run.
        workers: their numbers.
        year: of the draw; 0 for draws made once in a life.
        purpose: what is drawn.
    """
    step = np.uint64(STEP)
    with np.errstate(over="ignore"):
        word = np.uint64(mixed((mixed((seed + STEP) & WORD) ^ purpose_number(purpose)) + STEP & WORD))
        words = stirred((workers.astype(np.uint64) ^ word) + step)
        words = stirred((words ^ np.uint64(year)) + step)
    return np.asarray((words >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def stirred(words: Any) -> Any:
    """The same as `mixed` of many words: of an array, or of vectors in compiled code."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


KERNEL_SOURCE = '''\
@njit
def mixed(word):
    """Sixty-four bits stirred so that each of them depends on all."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit
def uniform(seed, worker, year, purpose):
    """A number in [0, 1), a function of seed, worker, year and purpose."""
    step = np.uint64(0x9E3779B97F4A7C15)
    word = mixed(np.uint64(seed) + step)
    word = mixed((word ^ np.uint64(purpose)) + step)
    word = mixed((word ^ np.uint64(worker)) + step)
    word = mixed((word ^ np.uint64(year)) + step)
    return np.float64(word >> np.uint64(11)) * 2.0**-53
'''
"""The same for the kernel; a test holds the two together."""
