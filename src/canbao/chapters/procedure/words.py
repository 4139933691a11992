"""What the parts of a procedure's report have in common."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import (
    Column,
    Row,
    Table,
)
from canbao.languages import Catalogue, Form, Number, Words
from canbao.procedures.procedure import Procedure

say = Catalogue("canbao.chapters.procedure", "words")


GROUPS_SHOWN = 30
"""Of a column with more groups, those with most cases are listed."""


def source_of(procedure: Procedure) -> Words:
    """What stands under tables and figures."""
    return say("source", name=procedure.title)


def table_of(
    procedure: Procedure, key: str, columns: Sequence[Column], rows: Sequence[Row], notes: Sequence[Words] = ()
) -> Table:
    """A table of a procedure's report, named and titled by its key."""
    return Table(
        f"{procedure.key}_{key}", say(f"{key}_table"), tuple(columns), tuple(rows), tuple(notes), source_of(procedure)
    )


def day_form(days: pl.Series) -> Form:
    """How a column of days is printed: with two decimals where some would look like nothing with one."""
    return "decimal2" if ((days > 0) & (days < 0.05)).any() else "decimal"


def days_of(days: float) -> Number:
    """Days, with two decimals where they are few."""
    return Number(days, "decimal2" if days < 1 else "decimal")
