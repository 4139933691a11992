"""Arithmetic of whole numbers that every engine does alike.

Expressions are ibis, without window functions, which not every engine has. Engines divide whole numbers in ways of their
own; here quotients are made of what they agree on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ibis
from ibis.expr.types import Table

Keep = Callable[[str, Table], Table]

MOST_FEN = 2_000_000_000
"""Twenty million yuan a month: the product of two such sums still fits into 64 bits."""


def quotient(dividend: Any, divisor: Any) -> Any:
    """The whole part of a quotient of numbers that are not negative.

    What is divided is a multiple of the divisor, so that floating point is off by far less than a half even where it no
    longer holds every whole number (quotients below 2^51).
    """
    return ((dividend - dividend % divisor) / divisor).round().cast("int64")


def rounded(dividend: Any, divisor: int) -> Any:
    """A quotient to the nearest whole number; half a unit goes up."""
    return quotient(dividend + divisor // 2, ibis.literal(divisor, type="int64"))


def number_of(column: Any, choices: Sequence[str], others: str) -> Any:
    """Words as their place in a list; what is not in it, as one of them."""
    numbered = [(column == word, ibis.literal(at, type="int8")) for at, word in enumerate(choices)]
    return ibis.cases(*numbered, else_=ibis.literal(choices.index(others), type="int8")).cast("int8")


def split(members: Table, amounts: Sequence[str], owner: Sequence[str], keep: Keep) -> Table:
    """Split amounts over the members of their owner in proportion to weights, by largest remainders.

    Nothing is lost: the parts add up to the amount to the last fen. Fen that remain go to the largest remainders, among
    equal ones to the lowest `member`.

    Args:
        members: columns of `owner`, `member` (a whole number, once an owner), `weight` and `total` (of the weights of an
            owner, above 0), and the owner's `amounts`.
        amounts: names of columns that are split.
        owner: names of the columns that tell owners apart.
        keep: makes a table of an expression that is needed more than once.

    Returns:
        the members with their own part in place of each amount.
    """
    known = [name for name in members.columns if name not in amounts]
    computed = members.mutate(
        **{f"{name}_part": quotient(members[name] * members.weight, members.total) for name in amounts},
        **{f"{name}_rest": (members[name] * members.weight) % members.total for name in amounts},
    )
    parts = keep("parts", computed)
    left = parts.group_by(list(owner)).agg(
        **{f"{name}_left": parts[name].max() - parts[f"{name}_part"].sum() for name in amounts}
    )
    pairs = parts.join(parts, list(owner), lname="", rname="{name}_other")
    ahead = pairs.group_by([*owner, "member"]).agg(
        **{
            f"{name}_ahead": (
                (pairs[f"{name}_rest_other"] > pairs[f"{name}_rest"])
                | ((pairs[f"{name}_rest_other"] == pairs[f"{name}_rest"]) & (pairs.member_other < pairs.member))
            )
            .cast("int64")
            .sum()
            for name in amounts
        }
    )
    together = parts.join(left, list(owner), rname="{name}_again").join(ahead, [*owner, "member"], rname="{name}_twice")
    return together.select(
        *known,
        **{
            name: together[f"{name}_part"] + (together[f"{name}_ahead"] < together[f"{name}_left"]).cast("int64")
            for name in amounts
        },
    )
