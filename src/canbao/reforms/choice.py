"""What the survey says of who joins: probabilities of a choice, and tastes that make the model repeat every answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from canbao.engine.draws import uniforms
from canbao.errors import InputError
from canbao.survey import Design
from canbao.survey.models import fit

Floats = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

EXPLAINING = ("sex", "age_group", "education", "migrant", "platform_worker", "income_group")
"""By what a choice is explained, as far as the survey asked it."""

FEWEST = 60
"""With fewer who chose, or who did not, a share stands for the model."""

SMALLEST, LARGEST = 0.005, 0.995
"""Nobody's choice is certain."""


def probabilities(design: Design, chose: Mask, could: Mask) -> Floats:
    """How probable a choice is for each respondent, by a logit of those who could choose.

    Args:
        design: the sample.
        chose: who did.
        could: who had the choice.

    Returns:
        one a respondent, for those without the choice too: what it would be if they had it.
    """
    weights = design.weights * could
    share = float(np.average(chose[could], weights=weights[could])) if weights.sum() > 0 else 0.0
    level = np.full(len(chose), min(max(share, SMALLEST), LARGEST))
    if min((chose & could).sum(), (~chose & could).sum()) < FEWEST:
        return level
    names = [name for name in EXPLAINING if _tells_apart(design.frame, name, could)]
    marked = design.with_column("could", pl.lit(pl.Series(could))).with_column("chose", pl.lit(pl.Series(chose)))
    try:
        model = fit(marked.domain(pl.col("could")), f"chose ~ {' + '.join(names)}", "logit")
    except InputError:
        return level
    predicted = model.predicted(_matrix(marked.frame, model.terms))
    return np.clip(np.where(np.isnan(predicted), level, predicted), SMALLEST, LARGEST)


def _tells_apart(frame: pl.DataFrame, name: str, could: Mask) -> bool:
    if name not in frame.columns:
        return False
    counts = frame[name].filter(pl.Series(could)).drop_nulls().value_counts()
    return counts.height > 1 and int(counts["count"].to_numpy().min()) >= FEWEST // 2


def _matrix(frame: pl.DataFrame, terms: Sequence[Any]) -> Floats:
    """The terms of a model for everybody; NaN where an answer is missing."""
    columns = []
    for term in terms:
        if term.variable not in frame.columns:
            columns.append(np.ones(frame.height))
            continue
        values = frame[term.variable]
        if term.category is None:
            columns.append(values.cast(pl.Float64).fill_null(np.nan).to_numpy())
        else:
            is_it = (values.cast(pl.String) == term.category).cast(pl.Float64)
            columns.append(is_it.fill_null(np.nan).to_numpy())
    return np.column_stack(columns)


def log_odds(share: Floats) -> Floats:
    """The logit's score of a probability."""
    return np.log(share / (1 - share))


def tastes(seed: int, workers: Floats, purpose: str, probability: Floats, chose: Mask, could: Mask) -> Floats:
    """For each worker a number between 0 and 1 that lies below the probability exactly for those who chose.

    Args:
        seed: of the draws.
        workers: their numbers.
        purpose: what is drawn.
        probability: of choosing.
        chose: who did.
        could: who had the choice; the others' tastes may lie anywhere.
    """
    luck = uniforms(seed, workers, 0, purpose)
    refused = probability + (1 - probability) * luck
    return np.where(chose, probability * luck, np.where(could, refused, luck))
