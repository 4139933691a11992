"""Columns that follow from others: age, groups, scores. What a survey brings itself is left as it is."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from canbao.workers.legal_access import ACCESS_COLUMNS, ACCESS_NEEDS, BRANCHES, legally_covered
from canbao.workers.staircase import (
    IN_EMPLOYEES_SCHEME,
    PENSION_NEEDS,
    PUBLIC_INJURY_COVER,
    branch_gap,
    pension_gap,
    pension_stage,
)
from canbao.workers.vocabulary import Vocabulary

PUBLIC_INJURY = pl.col("injury_cover").cast(pl.String).is_in(PUBLIC_INJURY_COVER)
CONTROL_ITEMS = ("control_price", "control_clients", "control_schedule", "control_penalty")


@dataclass(frozen=True)
class Derivation:
    """How a column follows from others."""

    column: str
    needs: tuple[str, ...]
    values: Callable[[pl.DataFrame, datetime.date], pl.Series | pl.Expr]


def with_derived(frame: pl.DataFrame, vocabulary: Vocabulary, fieldwork: datetime.date) -> pl.DataFrame:
    """The worker table with every derived column whose ingredients it has.

    Args:
        frame: the worker table as the survey brought it.
        vocabulary: for the categories of the new columns.
        fieldwork: when the interviews took place; ages are reckoned for this day.
    """
    for derivation in DERIVATIONS:
        if derivation.column in frame.columns or not set(derivation.needs) <= set(frame.columns):
            continue
        values = derivation.values(frame, fieldwork)
        series = values if isinstance(values, pl.Series) else frame.select(values).to_series()
        frame = frame.with_columns(series.cast(vocabulary[derivation.column].dtype).alias(derivation.column))
    return frame


def asked_for(column: str, present: Collection[str]) -> tuple[str, ...]:
    """The columns that a survey would have to ask so that a column can be had: itself, or what it follows from.

    Args:
        column: that is absent.
        present: columns that are there already.
    """
    if column in ACCESS_COLUMNS:
        return tuple(name for name in ACCESS_NEEDS if name not in present)
    derivation = next((one for one in DERIVATIONS if one.column == column), None)
    if derivation is None:
        return (column,)
    lacking = [name for name in derivation.needs if name not in present]
    return tuple(dict.fromkeys(needed for name in lacking for needed in asked_for(name, present)))


def inputs_of(column: str) -> tuple[str, ...]:
    """The columns from which one is worked out; none where the law's rules or nothing of ours brings it."""
    return next((one.needs for one in DERIVATIONS if one.column == column), ())


def _age(_frame: pl.DataFrame, fieldwork: datetime.date) -> pl.Expr:
    born = pl.col("birth_month")
    return (fieldwork.year - born.dt.year()) - (born.dt.month() > fieldwork.month).cast(pl.Int32)


def _bands(column: str, edges: Sequence[float], names: Sequence[str]) -> Callable[..., pl.Expr]:
    def banded(_frame: pl.DataFrame, _fieldwork: datetime.date) -> pl.Expr:
        band: pl.Expr = pl.lit(names[-1])
        for edge, name in reversed(list(zip(edges, names, strict=False))):
            band = pl.when(pl.col(column) <= edge).then(pl.lit(name)).otherwise(band)
        return pl.when(pl.col(column).is_not_null()).then(band)

    return banded


SIX_MONTHS = 6
"""So much of a year's work lies outside of farming in the definition of the National Bureau of Statistics."""


def _migrant(frame: pl.DataFrame, _fieldwork: datetime.date) -> pl.Expr:
    """Rural registration and six months or more off the farm; where months were not asked, everybody works off the farm."""
    rural = pl.col("hukou") == "agricultural"
    migrant = rural & (pl.col("nonfarm_months") >= SIX_MONTHS) if "nonfarm_months" in frame.columns else rural
    return pl.when(migrant).then(pl.lit("yes")).when(~migrant).then(pl.lit("no"))


def _count_of(*parts: pl.Expr) -> Callable[..., pl.Expr]:
    """How many hold; unknown where one of them is unknown."""

    def count(_frame: pl.DataFrame, _fieldwork: datetime.date) -> pl.Expr:
        return sum((part.cast(pl.Int64) for part in parts), pl.lit(0))

    return count


def _expression(expression: pl.Expr) -> Callable[..., pl.Expr]:
    return lambda _frame, _fieldwork: expression


def _yes_where(holds: pl.Expr) -> Callable[..., pl.Expr]:
    """Yes where it holds, no where it does not, unknown where it is unknown."""
    return _expression(pl.when(holds).then(pl.lit("yes")).when(~holds).then(pl.lit("no")))


def _informal() -> pl.Expr:
    """Employees need an employer who contributes; dependent contractors may be insured on their own.

    For employers and own-account workers it turns on their enterprise, which these surveys do not describe.
    """
    status, scheme = pl.col("work_status").cast(pl.String), pl.col("pension_scheme").cast(pl.String)
    formal = pl.when(status == "dependent_contractor").then(IN_EMPLOYEES_SCHEME).otherwise(scheme == "employee")
    answer = pl.when(formal).then(pl.lit("no")).when(~formal).then(pl.lit("yes"))
    return (
        pl.when(status == "family_worker").then(pl.lit("yes")).when(~status.is_in(["employer", "own_account"])).then(answer)
    )


def _active() -> pl.Expr:
    """One contribution in the last twelve months makes an active contributor."""
    paid = pl.col("months_paid_12")
    return (
        pl.when(pl.col("pension_scheme") == "none")
        .then(pl.lit("no"))
        .when(paid > 0)
        .then(pl.lit("yes"))
        .when(paid == 0)
        .then(pl.lit("no"))
    )


def _combination(_frame: pl.DataFrame, _fieldwork: datetime.date) -> pl.Expr:
    held = {
        "pension": pl.col("pension_scheme") != "none",
        "medical": pl.col("medical_scheme") != "none",
        "injury": PUBLIC_INJURY,
        "unemployment": pl.col("unemployment_cover") == "yes",
        "maternity": pl.col("maternity_cover") == "yes",
    }
    names = [pl.when(holds).then(pl.lit(branch)) for branch, holds in held.items()]
    joined = pl.concat_str(names, separator="+", ignore_nulls=True)
    known = pl.all_horizontal(holds.is_not_null() for holds in held.values())
    return pl.when(known & (joined == "")).then(pl.lit("none")).when(known).then(joined)


def _pension_gap(frame: pl.DataFrame, _fieldwork: datetime.date) -> pl.Expr:
    return pension_gap(frame.columns)


FIFTHS = ("lowest", "second", "middle", "fourth", "highest")
TENTHS = tuple(f"tenth_{number}" for number in range(1, 11))


def _income_parts(column: str, names: Sequence[str]) -> Callable[[pl.DataFrame, datetime.date], pl.Series]:
    """Equal parts of the weighted distribution, from the lowest; workers with the same income stay together."""

    def parts(frame: pl.DataFrame, _fieldwork: datetime.date) -> pl.Series:
        income = frame["income_month"].to_numpy().astype(float)
        weight = frame["weight"].to_numpy().astype(float) if "weight" in frame.columns else np.ones(len(income))
        known = ~np.isnan(income)
        values, position = np.unique(income[known], return_inverse=True)
        mass = np.bincount(position, weight[known])
        middle = (np.cumsum(mass) - mass / 2) / mass.sum() if mass.sum() > 0 else np.zeros(len(values))
        part = np.minimum((middle * len(names)).astype(int), len(names) - 1)
        groups: list[str | None] = [None] * len(income)
        for row, rank in zip(np.flatnonzero(known), part[position], strict=True):
            groups[row] = names[rank]
        return pl.Series(column, groups, dtype=pl.String)

    return parts


def _branch(branch: str, column: str, covered: pl.Expr) -> Derivation:
    """The staircase of a branch of which nobody was asked why not."""
    ways = BRANCHES[branch]
    return Derivation(f"{branch}_gap", (column, *ways), _expression(branch_gap(covered, ways)))


DERIVATIONS = (
    Derivation("age", ("birth_month",), _age),
    Derivation("age_group", ("age",), _bands("age", (24, 34, 44, 54), ("under_25", "25_34", "35_44", "45_54", "55_over"))),
    Derivation("migrant", ("hukou",), _migrant),
    Derivation("dependence_score", CONTROL_ITEMS, _count_of(*(pl.col(item) == "yes" for item in CONTROL_ITEMS))),
    Derivation(
        "branches_held",
        ("pension_scheme", "medical_scheme", "injury_cover", "unemployment_cover", "maternity_cover"),
        _count_of(
            pl.col("pension_scheme") != "none",
            pl.col("medical_scheme") != "none",
            PUBLIC_INJURY,
            pl.col("unemployment_cover") == "yes",
            pl.col("maternity_cover") == "yes",
        ),
    ),
    Derivation("employees_pension", ("pension_scheme",), _yes_where(IN_EMPLOYEES_SCHEME)),
    Derivation("active_contributor", ("pension_scheme", "months_paid_12"), _expression(_active())),
    Derivation(
        "any_cash_benefit",
        ("active_contributor", "injury_cover", "unemployment_cover", "maternity_cover"),
        _yes_where(
            (pl.col("active_contributor") == "yes")
            | PUBLIC_INJURY
            | (pl.col("unemployment_cover") == "yes")
            | (pl.col("maternity_cover") == "yes")
        ),
    ),
    Derivation("informal", ("work_status", "pension_scheme"), _expression(_informal())),
    Derivation(
        "misclassified",
        ("dependence_score", "relation"),
        _yes_where((pl.col("dependence_score") >= 3) & (pl.col("relation") != "labour")),
    ),
    Derivation(
        "base_to_income",
        ("contribution_base", "income_month"),
        _expression(pl.when(pl.col("income_month") > 0).then(pl.col("contribution_base") / pl.col("income_month"))),
    ),
    Derivation("continuity", ("months_paid_12",), _bands("months_paid_12", (0, 11), ("none", "part", "all"))),
    Derivation("pension_gap", PENSION_NEEDS, _pension_gap),
    Derivation("pension_stage", ("pension_gap", "tried_to_join", "months_paid_12"), _expression(pension_stage())),
    _branch("medical", "medical_scheme", pl.col("medical_scheme") != "none"),
    _branch("injury", "injury_cover", PUBLIC_INJURY),
    _branch("unemployment", "unemployment_cover", pl.col("unemployment_cover") == "yes"),
    _branch("maternity", "maternity_cover", pl.col("maternity_cover") == "yes"),
    Derivation("legally_covered", ACCESS_COLUMNS, _yes_where(legally_covered())),
    Derivation(
        "branch_combination",
        ("pension_scheme", "medical_scheme", "injury_cover", "unemployment_cover", "maternity_cover"),
        _combination,
    ),
    Derivation("injured", ("injuries_12",), _yes_where(pl.col("injuries_12") > 0)),
    Derivation("income_group", ("income_month",), _income_parts("income_group", FIFTHS)),
    Derivation("income_decile", ("income_month",), _income_parts("income_decile", TENTHS)),
    Derivation(
        "hours_group", ("hours_week",), _bands("hours_week", (40, 48, 60), ("up_to_40", "41_48", "49_60", "over_60"))
    ),
)
