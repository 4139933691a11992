"""The workers and the figures of the law that every engine is given: 31 provinces, the 40 years from 1985 to 2024."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FIRST_YEAR, LAST_YEAR = 1985, 2024
PROVINCES, YEARS = 31, LAST_YEAR - FIRST_YEAR + 1
OLDEST = 70


def write(folder: Path, workers: int) -> None:
    """Write `population.npz`, one value a worker, and `parameters.npz`, by province and year.

    Args:
        folder: where they go.
        workers: how many.
    """
    luck = np.random.default_rng(20241231)
    np.savez(
        folder / "population.npz",
        place=luck.integers(0, PROVINCES, workers).astype(np.int32),
        entry_year=luck.integers(FIRST_YEAR, LAST_YEAR - 9, workers).astype(np.int32),
        retirement_age=luck.integers(50, 61, workers).astype(np.int32),
        relative_wage=np.exp(luck.normal(-0.2, 0.5, workers)),
        seniority_slope=luck.uniform(0, 0.02, workers),
    )
    growth = 1.09 ** np.arange(YEARS)
    average_wage = np.round(np.outer(luck.uniform(900, 1600, PROVINCES), growth), 2)
    divisor = np.full(OLDEST + 1, np.nan)
    divisor[40:] = np.linspace(233, 56, OLDEST - 39).round()
    np.savez(
        folder / "parameters.npz",
        average_wage=average_wage,
        floor=0.6 * average_wage,
        ceiling=3.0 * average_wage,
        contribution_rate=np.tile(np.where(np.arange(YEARS) < 21, 0.11, 0.08), (PROVINCES, 1)),
        interest=luck.uniform(0.015, 0.08, (PROVINCES, YEARS)).round(4),
        reference_wage=1.1 * average_wage[:, -1],
        divisor=divisor,
    )
