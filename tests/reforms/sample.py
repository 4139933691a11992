"""The sample study's workers, run once for all tests; and reforms that tests write."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from canbao import Study
from canbao.reforms import BASELINE, Comparison, Indicator, Reform, Simulator, difference, find_reform

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"
YEAR = 2021
"""Of the survey."""


@cache
def study() -> Study:
    return Study(SAMPLE)


@cache
def simulator(seed: int = 1) -> Simulator:
    """By kind of work, with as many people as answered."""
    made = study().simulator(("platform_worker",))
    made.seed = seed
    return made


def shipped(name: str) -> Reform:
    return find_reform(name, SAMPLE, YEAR)


def written(folder: Path, body: str, name: str = "mine") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text("title: {en: Mine, zh: 我的方案}\n" + body, encoding="utf-8")
    return path


def read(folder: Path, body: str, name: str = "mine") -> Reform:
    return find_reform(str(written(folder, body, name)), SAMPLE, YEAR)


@cache
def compared(name: str) -> Comparison:
    return simulator().compare(shipped(name), BASELINE, ("central",))


def change(comparison: Comparison, indicator: Indicator, year: int = 2045, group: Any = None) -> float:
    return difference(comparison.central, comparison.baseline, indicator, year, simulator().survey, group).value


def totals(comparison: Comparison, name: str) -> tuple[np.ndarray, np.ndarray]:
    return comparison.baseline.total(name), comparison.central.total(name)
