"""What members pay of their income for the employees' pension, by the rates in force where they work (C7, E9)."""

from __future__ import annotations

import datetime

import polars as pl

from canbao.engine.parameters import FIRST_YEAR
from canbao.law import model, places
from canbao.workers.vocabulary import Vocabulary

BURDEN = "contribution_burden"
NEEDS = ("pension_scheme", "province", "contribution_base", "income_month")
RATES = {"employee": "worker_pension_rate", "flexible": "flexible_pension_rate"}
"""Whoever is enrolled by an employer pays the worker's share; whoever joined on their own pays both."""


def with_burden(frame: pl.DataFrame, known: Vocabulary, law_date: datetime.date) -> pl.DataFrame:
    """The worker table with each member's own contribution as a share of income.

    Args:
        frame: the worker table as the survey brought it.
        known: for the type of the new column.
        law_date: the date of the law whose rates count.

    Returns:
        the table as it was where it lacks a column that is needed; blank for who is in no scheme, in several, has no income
        or does not know the base.
    """
    if BURDEN in frame.columns or not set(NEEDS) <= set(frame.columns):
        return frame
    month = (law_date.year - FIRST_YEAR) * 12 + law_date.month - 1
    parameters, numbers = model().parameters, places().numbers
    scheme, province = pl.col("pension_scheme").cast(pl.String), pl.col("province").cast(pl.String)
    rate = pl.lit(None, dtype=pl.Float64)
    for key, name in RATES.items():
        by_place = {place: float(parameters[name].monthly[number, month]) for place, number in numbers.items()}
        rate = pl.when(scheme == key).then(province.replace_strict(by_place, default=None)).otherwise(rate)
    paid = rate.fill_nan(None) * pl.col("contribution_base") / pl.col("income_month")
    return frame.with_columns(pl.when(pl.col("income_month") > 0).then(paid).cast(known[BURDEN].dtype).alias(BURDEN))
