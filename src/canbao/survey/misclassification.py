"""Shares of a yes/no answer that can be wrong: bounds over assumed errors, and correction by records of those linked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from canbao.survey.design import Design
from canbao.survey.intervals import share_interval

SAID, RECORDED = "_said", "_recorded"


@dataclass(frozen=True)
class Corrected:
    """A share that was corrected, with its 95 % interval.

    Args:
        n: answers it rests on.
        estimate: the share, within 0 and 1.
        low: lower limit.
        high: upper limit.
    """

    n: int
    estimate: float
    low: float
    high: float


def under_errors(design: Design, said: pl.Expr, say_no: float, say_yes: float = 0.0) -> Corrected:
    """The share that would be true if certain parts of those asked answered wrongly (Rogan and Gladen 1978).

    The interval is that of the answers, brought to the corrected scale; the errors themselves are taken as known.

    Args:
        design: the sample.
        said: the answer, 1 or 0; blank where there is none.
        say_no: of those for whom it is so, the part that says no.
        say_yes: of those for whom it is not so, the part that says yes.

    Raises:
        ValueError: the two errors together are no less than one, so that answers say nothing.
    """
    if say_no + say_yes >= 1:
        raise ValueError("answers under such errors say nothing")
    found = design.with_column(SAID, said.cast(pl.Float64)).mean(SAID).row(0, named=True)
    scale = 1 - say_no - say_yes
    low, high = _limits(found["estimate"], found["se"], design, found["n"])
    return Corrected(found["n"], *(min(1.0, max(0.0, (end - say_yes) / scale)) for end in (found["estimate"], low, high)))


def by_records(design: Design, said: pl.Expr, recorded: pl.Expr) -> Corrected:
    """The share by records, carried from those who are linked to all.

    Of those who say yes, and of those who say no, the linked ones tell how many are recorded as yes; this holds where who
    was linked does not depend on the record given the answer. The interval rests on the linearised estimator, in which
    both parts and the answers vary together (post-stratified estimation in two phases; Särndal, Swensson and Wretman 1992,
    ch. 9).

    Args:
        design: the sample.
        said: the answer, 1 or 0; blank where there is none.
        recorded: the record, 1 or 0; blank for those who were not linked.

    Returns:
        NaN where of one of the two answers nobody was linked.
    """
    told = design.with_column(SAID, said.cast(pl.Float64)).with_column(RECORDED, recorded.cast(pl.Float64))
    inside = np.asarray(told.inside) & told.frame[SAID].is_not_null().to_numpy()
    answer = told.frame[SAID].fill_null(0.0).to_numpy()
    record = told.frame[RECORDED].fill_null(0.0).to_numpy()
    linked = inside & told.frame[RECORDED].is_not_null().to_numpy()
    weight = np.where(inside, told.weights, 0.0)
    total = weight.sum()
    influence = np.zeros(len(weight))
    estimate = 0.0
    for value in (1.0, 0.0):
        gave = inside & (answer == value)
        both = linked & gave
        seen = weight[both].sum()
        share = weight[gave].sum() / total if total > 0 else 0.0
        if gave.any() and seen == 0:
            return Corrected(int(linked.sum()), float("nan"), float("nan"), float("nan"))
        rate = float((weight[both] * record[both]).sum() / seen) if seen > 0 else 0.0
        estimate += share * rate
        influence += np.where(inside, rate * (gave - share) / total, 0.0)
        influence += np.where(both, share * (record - rate) / seen, 0.0) if seen > 0 else 0.0
    # The estimator varies as the total of everybody's influence does.
    spread = told.with_column("_influence", pl.lit(pl.Series(influence))).total("_influence").row(0, named=True)
    return Corrected(int(linked.sum()), estimate, *_limits(estimate, spread["se"], told, int(linked.sum())))


def _limits(share: float, se: float, design: Design, n: int) -> tuple[float, float]:
    ends = share_interval(np.array([share]), np.array([se]), np.array([design.degrees_of_freedom]), np.array([n]))
    return float(ends[0][0]), float(ends[1][0])
