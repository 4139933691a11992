"""Whether two columns are independent: Pearson's statistic corrected for the design (Rao and Scott 1984)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy import special

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.survey.structure import Codes, Floats, Mask, summed

if TYPE_CHECKING:
    from canbao.survey.design import Design

say = Catalogue("canbao.survey", "faults")


def independence(design: Design, rows: str, columns: str) -> pl.DataFrame:
    """Test independence; see `Design.independence`.

    Returns:
        one row a statistic: `F`, corrected to the second order, with its two degrees of freedom, and `Chisq`,
        Pearson's statistic with the p value of the first-order correction: statistic, value, df, df_error, p.

    Raises:
        InputError: a column with fewer than two categories that occur.
    """
    down, across = design.groups(rows), design.groups(columns)
    member = (down.code >= 0) & (across.code >= 0) & (design.weights > 0)
    first, height = _occurring(down.code, member, rows)
    second, width = _occurring(across.code, member, columns)
    cell = np.where(member, first * width + second, -1)
    weights = design.weights * member
    shares = summed(cell[member], weights[member], height * width) / weights.sum()
    influence = (np.equal.outer(cell, np.arange(height * width)) - shares) * member[:, None] / weights.sum()
    covariance = design.variance_of(influence)
    n = int(member.sum())
    expected = np.outer(shares.reshape(height, width).sum(axis=1), shares.reshape(height, width).sum(axis=0)).ravel()
    pearson = n * float((((shares - expected) ** 2) / expected).sum())
    effects = _design_effects(shares, covariance, n, height, width)
    trace, squares = float(np.trace(effects)), float((effects * effects.T).sum())
    df = trace**2 / squares
    error = df * design.structure.degrees_of_freedom(member)
    single = (height - 1) * (width - 1)
    return pl.DataFrame(
        {
            "statistic": ["F", "Chisq"],
            "value": [pearson / trace, pearson],
            "df": [df, float(single)],
            "df_error": [error, None],
            "p": [
                float(special.fdtrc(df, error, pearson / trace)),
                float(special.chdtrc(single, pearson * single / trace)),
            ],
        }
    )


def _occurring(code: Codes, member: Mask, name: str) -> tuple[Codes, int]:
    """The codes of the categories that occur, numbered from 0."""
    present = np.unique(code[member])
    if len(present) < 2:
        raise InputError(Fault(say("not_two_categories", name=name, count=str(len(present)))))
    return np.searchsorted(present, np.clip(code, present[0], present[-1])), len(present)


def _design_effects(shares: Floats, covariance: Floats, n: int, height: int, width: int) -> Floats:
    """The matrix of generalised design effects of the contrasts that independence sets to zero."""
    contrasts = np.kron(_differences(height), _differences(width))
    # Within each cell the log-linear contrast's slope is one over the share; empty cells say nothing.
    slope = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    weighted = contrasts * slope[:, None]
    simple = contrasts.T @ weighted / n
    return np.asarray(np.linalg.solve(simple, weighted.T @ covariance @ weighted), dtype=np.float64)


def _differences(size: int) -> Floats:
    """Contrasts of each category but the first against the mean of all."""
    return np.eye(size)[:, 1:] - 1 / size
