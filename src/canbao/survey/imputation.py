"""Multiple imputation of unanswered questions, and estimates combined from the completed tables (Rubin 1987)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from canbao.survey.intervals import rate_interval, share_interval, t_interval
from canbao.survey.structure import Codes, Mask

FEWEST_DONORS = 5
"""Classes with fewer donors are merged by leaving out the last column."""


def impute(
    frame: pl.DataFrame,
    columns: Sequence[str],
    classes: Sequence[str],
    copies: int,
    seed: int,
    asked: Sequence[pl.Series] | None = None,
) -> list[pl.DataFrame]:
    """Completed tables: each blank is filled from a donor of the same class.

    The approximate Bayesian bootstrap: donors are first drawn with replacement from those who answered, then values from
    these donors, so that the tables differ as much as the missing answers leave open (Rubin and Schenker 1986).

    Args:
        frame: the respondents.
        columns: to be filled.
        classes: columns whose categories, crossed, make the classes; the last ones are left out where donors are few.
        copies: how many tables.
        seed: of the draws.
        asked: for each column, who was asked; blanks of the others stay.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    tables = []
    for _ in range(copies):
        filled = frame
        for at, column in enumerate(columns):
            whom = np.ones(frame.height, dtype=bool) if asked is None else asked[at].to_numpy()
            filled = filled.with_columns(_filled(frame, column, classes, whom, generator))
        tables.append(filled)
    return tables


def _filled(
    frame: pl.DataFrame, column: str, classes: Sequence[str], asked: Mask, generator: np.random.Generator
) -> pl.Series:
    series = frame[column]
    answered = series.is_not_null().to_numpy()
    source = np.arange(frame.height)
    open_rows = ~answered & asked
    for kept in range(len(classes), -1, -1):
        if not open_rows.any():
            break
        code = _codes(frame, classes[:kept])
        for one in np.unique(code[open_rows]):
            donors = np.flatnonzero(answered & (code == one))
            if len(donors) < FEWEST_DONORS and (kept > 0 or len(donors) == 0):
                continue
            receivers = np.flatnonzero(open_rows & (code == one))
            pool = generator.choice(donors, len(donors))
            source[receivers] = generator.choice(pool, len(receivers))
            open_rows[receivers] = False
    return series.gather(source)


def _codes(frame: pl.DataFrame, names: Sequence[str]) -> Codes:
    """A number for each combination of categories; blank is one of them."""
    code = np.zeros(frame.height, dtype=np.int64)
    for name in names:
        rank = frame[name].cast(pl.String).fill_null("").rank("dense").cast(pl.Int64).to_numpy()
        code = code * (int(rank.max(initial=0)) + 1) + rank
    return code


def combine(results: Sequence[pl.DataFrame], *, rate: bool = False) -> pl.DataFrame:
    """One frame of estimates from those of the completed tables, by Rubin's rules.

    The variance adds what lies between the tables; degrees of freedom are those of Barnard and Rubin (1999).

    Args:
        results: frames as `Design` gives them, alike but for their numbers.
        rate: whether they are means of counts.
    """
    copies = len(results)
    first = results[0]
    estimates = np.array([frame["estimate"].to_numpy() for frame in results], dtype=float)
    errors = np.array([frame["se"].to_numpy() for frame in results], dtype=float)
    within, between = (errors**2).mean(axis=0), estimates.var(axis=0, ddof=1)
    total = within + (1 + 1 / copies) * between
    estimate, se = estimates.mean(axis=0), np.sqrt(total)
    complete = first["df"].cast(pl.Float64).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        open_part = np.where(total > 0, (1 + 1 / copies) * between / total, 0.0)
        old = np.where(open_part > 0, (copies - 1) / open_part**2, np.inf)
        observed = (complete + 1) / (complete + 3) * complete * (1 - open_part)
        df = np.where(open_part > 0, 1 / (1 / old + 1 / observed), complete)
        cv = np.where(estimate != 0, se / np.abs(estimate), np.nan)
    n = first["n"].to_numpy()
    if "category" in first.columns:
        low, high = share_interval(estimate, se, df, n)
    elif rate:
        low, high = rate_interval(estimate, se, df, n)
    else:
        low, high = t_interval(estimate, se, df)
    combined = {"estimate": estimate, "se": se, "low": low, "high": high, "df": df, "cv": cv}
    deff = np.array([frame["deff"].cast(pl.Float64).to_numpy() for frame in results], dtype=float).mean(axis=0)
    return first.with_columns(
        **{name: pl.Series(values, dtype=pl.Float64).fill_nan(None) for name, values in combined.items()},
        deff=pl.Series(deff, dtype=pl.Float64).fill_nan(None),
    )
