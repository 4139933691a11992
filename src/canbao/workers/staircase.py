"""Coverage as a staircase: who is covered, and for everybody else the first step on which they were lost.

Who must be enrolled and is not: a compliance gap. Who may not join: a legal gap. Who may join must know of it, want it,
be able to pay for it and get through the procedure; the first of these that fails, in this order, names the gap. So the
gaps add up to the uncovered. Who must and who may is worked out by the rules of the law (`legal_access`); where the law
itself is not known, what the worker was told decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

GAPS = ("compliance", "legal", "information", "affordability", "preference", "administrative", "undetermined")
"""The steps in the order of attribution."""

EMPLOYEES_SCHEME = ("employee", "flexible", "several")
"""The states of `pension_scheme` in which one is in the employees' scheme."""

PUBLIC_INJURY_COVER = ("employer", "single_line", "pilot")
"""The states of `injury_cover` that are social protection; commercial insurance alone is not (ILO, SDG 1.3.1)."""

BARRED_REASONS = ("hukou", "residence_permit", "age")
"""Reasons for a refusal that lie in the rules, not in the counter."""

UNAFFORDABLE_REASONS = ("too_dear", "unsteady_income")

PENSION_NEEDS = (
    "pension_scheme",
    "relation",
    "employees_pension_access",
    "aware",
    "willing_share",
    "tried_to_join",
    "reason_not_joined",
)


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String)


def _gives(name: str, reasons: tuple[str, ...]) -> pl.Expr:
    """Whether one of the reasons was marked; not marked where nothing was."""
    marks = pl.col(name).cast(pl.List(pl.String))
    return pl.any_horizontal(marks.list.contains(reason) for reason in reasons).fill_null(False)


IN_EMPLOYEES_SCHEME = _text("pension_scheme").is_in(EMPLOYEES_SCHEME)


def barred(columns: list[str]) -> pl.Expr:
    """Whether the rules kept a worker out, as far as the answers tell."""
    told = _gives("reason_not_joined", ("hukou",))
    return told | _gives("refused_reason", BARRED_REASONS) if "refused_reason" in columns else told


def pension_gap(columns: list[str]) -> pl.Expr:
    """The employees' pension scheme: covered, or the first step that failed."""
    access = _text("employees_pension_access")
    unaffordable = _gives("reason_not_joined", UNAFFORDABLE_REASONS)
    willing = pl.col("willing_share") > 0
    return (
        pl.when(_text("pension_scheme").is_null())
        .then(None)
        .when(IN_EMPLOYEES_SCHEME)
        .then(pl.lit("covered"))
        .when(_text("relation").is_null())
        .then(pl.lit("undetermined"))
        .when(access == "must")
        .then(pl.lit("compliance"))
        .when((access == "may_not") | ((access == "unknown") & barred(columns)))
        .then(pl.lit("legal"))
        .when(_text("aware").is_null())
        .then(pl.lit("undetermined"))
        .when(_text("aware") == "no")
        .then(pl.lit("information"))
        .when(unaffordable & (_text("tried_to_join") != "yes").fill_null(True))
        .then(pl.lit("affordability"))
        .when(willing.is_null())
        .then(pl.lit("undetermined"))
        .when(~willing)
        .then(pl.lit("preference"))
        .otherwise(pl.lit("administrative"))
    )


STAGES = ("not_eligible", "not_enrolled", "eligible", "aware", "willing", "applied", "enrolled", "paying", "continuous")
"""How far a worker came into the employees' scheme (indicator A8), by the steps of the staircase.

Whom an employer should have enrolled and did not is no case of the worker's knowledge or will, so stands apart.
"""

ON_THEIR_OWN = STAGES[2:]
"""The stages of those who may join on their own, and of all who are enrolled."""

STAGE_AT_GAP = {
    "compliance": "not_enrolled",
    "legal": "not_eligible",
    "information": "eligible",
    "affordability": "aware",
    "preference": "aware",
}
"""Where those stand whom a gap holds up; the administrative one holds up those who tried and those who did not yet."""


def pension_stage() -> pl.Expr:
    """The furthest stage that a worker reached; unknown where the staircase is.

    Members count by what they paid in the last twelve months. Whoever an employer enrols was neither asked nor had to ask.
    """
    gap = _text("pension_gap")
    months = pl.col("months_paid_12")
    applied = pl.when(_text("tried_to_join") == "yes").then(pl.lit("applied")).otherwise(pl.lit("willing"))
    member = (
        pl.when(months.is_null())
        .then(None)
        .when(months >= 12)
        .then(pl.lit("continuous"))
        .when(months > 0)
        .then(pl.lit("paying"))
        .otherwise(pl.lit("enrolled"))
    )
    return (
        pl.when(gap == "covered")
        .then(member)
        .when(gap == "administrative")
        .then(applied)
        .otherwise(gap.replace_strict(STAGE_AT_GAP, default=None, return_dtype=pl.String))
    )


def shapley_shares(columns: list[str]) -> dict[str, pl.Expr]:
    """Each gap's part of an uncovered worker when no step comes first: equal parts for all the steps that fail.

    A worker is covered only when every step is mended, so the Shapley value (Shapley 1953) of each failing step is one
    over their number.

    Returns:
        for each gap, a number from 0 to 1 a worker: 0 for the covered, null where `pension_gap` is null.
    """
    sequential = pension_gap(columns)
    fails = {
        "information": _text("aware") == "no",
        "affordability": _gives("reason_not_joined", UNAFFORDABLE_REASONS),
        "preference": (pl.col("willing_share") == 0) & ~_gives("reason_not_joined", UNAFFORDABLE_REASONS),
        "administrative": (_text("tried_to_join") == "yes") | _gives("reason_not_joined", ("procedure", "moving")),
    }
    open_to_join = sequential.is_in(list(fails))
    flags = {gap: (fail.fill_null(False) & open_to_join).cast(pl.Float64) for gap, fail in fails.items()}
    number = pl.sum_horizontal(flags.values())
    shares = {}
    for gap in GAPS:
        alone = (sequential == gap).cast(pl.Float64)
        shares[gap] = pl.when(number > 0).then(flags[gap] / number if gap in flags else 0.0).otherwise(alone)
    return {gap: pl.when(sequential.is_not_null()).then(share) for gap, share in shares.items()}


TOLD_BY_LAW = ("covered", "compliance", "legal", "undetermined")
"""The steps of a branch of which nobody was asked why not."""


def branch_gap(covered: pl.Expr, ways: Sequence[str]) -> pl.Expr:
    """A branch of which nobody was asked why not: covered, or what the law says of those who are not.

    Args:
        covered: whether the branch is held.
        ways: the columns that say what the law says of each way into it.
    """
    said = [_text(name) for name in ways]
    return (
        pl.when(covered.is_null())
        .then(None)
        .when(covered)
        .then(pl.lit("covered"))
        .when(pl.any_horizontal(one == "must" for one in said))
        .then(pl.lit("compliance"))
        .when(pl.all_horizontal(one == "may_not" for one in said))
        .then(pl.lit("legal"))
        .otherwise(pl.lit("undetermined"))
    )
