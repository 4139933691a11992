"""The legal step of the staircase: what the law in force let each worker join, worked out by its rules, not by answers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import numpy as np
import polars as pl

from canbao.engine import UNKNOWN
from canbao.law import model, places
from canbao.law.categories import Access, HukouLocality, Relation, Sex, WorkerClass
from canbao.workers.vocabulary import Vocabulary

BRANCHES: Mapping[str, tuple[str, ...]] = {
    "pension": ("employees_pension_access", "residents_pension_access"),
    "medical": ("employees_medical_access", "residents_medical_access"),
    "injury": ("work_injury_access", "order_protection_access"),
    "unemployment": ("unemployment_access",),
    "maternity": ("maternity_access",),
}
"""The ways into each branch."""

ACCESS_COLUMNS = tuple(column for columns in BRANCHES.values() for column in columns)

ACCESS_NEEDS = ("relation", "province", "sex", "birth_month", "hukou_locality")
"""What a survey has to ask for them; the first is indispensable."""

ACCESS_GIVEN = (
    "month", "relation", "hukou_locality", "sex", "birth_month", "takes_platform_orders", "platform_worker",
    "worker_class", "student",
)  # fmt: skip
"""What the rules of access are given of each worker, beside the place."""

ORDER_SECTORS = ("food_delivery", "ride_hailing", "freight")
"""The kinds of platform work that order-based injury protection covers."""


def with_legal_access(
    frame: pl.DataFrame, known: Vocabulary, fieldwork: datetime.date, law_date: datetime.date
) -> pl.DataFrame:
    """The worker table with what each worker must, may or may not join.

    Where an answer is missing on which it turns, or where nobody found the law, it is `unknown`; where the relation itself
    is, it is blank.

    Args:
        frame: the worker table as the survey brought it.
        known: for the categories of the new columns.
        fieldwork: when the interviews took place; ages are reckoned from it.
        law_date: the date of the law.
    """
    if "relation" not in frame.columns or set(ACCESS_COLUMNS) <= set(frame.columns):
        return frame
    needed = _needed(frame, fieldwork)
    distinct = needed.unique(maintain_order=True)
    month = law_date.year * 12 + law_date.month - 1
    # A missing answer counts where the law treats both answers alike.
    either = [True, False] if distinct["hukou_locality"].null_count() else [True]
    sexes = [Sex.MALE, Sex.FEMALE] if distinct["sex"].null_count() else [Sex.MALE]
    versions = [_access(distinct, month, local, sex) for local in either for sex in sexes]
    columns = {name: _agreed([version[name] for version in versions]) for name in ACCESS_COLUMNS}
    answered = distinct["relation"].is_not_null()
    made = distinct.with_columns(
        pl.when(answered).then(pl.Series(values, dtype=pl.String)).alias(name) for name, values in columns.items()
    )
    joined = needed.join(made, on=needed.columns, how="left", nulls_equal=True, maintain_order="left")
    return frame.with_columns(joined[name].cast(known[name].dtype) for name in ACCESS_COLUMNS if name not in frame.columns)


def _needed(frame: pl.DataFrame, fieldwork: datetime.date) -> pl.DataFrame:
    """What legal access turns on, a row a worker; absent columns are blank."""

    def text(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, dtype=pl.String)

    born = pl.lit(None, dtype=pl.Int64)
    if "birth_month" in frame.columns:
        born = pl.col("birth_month").dt.year().cast(pl.Int64) * 12 + pl.col("birth_month").dt.month() - 1
    elif "age" in frame.columns:
        # Half a year into the year of age, on average.
        born = pl.lit(fieldwork.year * 12 + fieldwork.month - 1) - pl.col("age").cast(pl.Int64) * 12 - 6
    orders = text("platform_type").is_in(ORDER_SECTORS).fill_null(False)
    return frame.select(
        relation=text("relation"),
        province=text("province"),
        sex=text("sex"),
        hukou_locality=text("hukou_locality"),
        birth_month=born,
        orders=orders,
        platform=(text("platform_worker") == "yes").fill_null(False),
    )


def _access(workers: pl.DataFrame, month: int, local: bool, sex: Sex) -> dict[str, list[str | None]]:
    """Access by column; what is missing is taken as the arguments say."""
    numbers = places().numbers
    elsewhere = HukouLocality.LOCAL if local else HukouLocality.OTHER_PROVINCE
    columns = {
        "place": np.array([numbers[one or "all"] for one in workers["province"]]),
        "month": np.full(workers.height, month),
        "relation": _codes(workers["relation"], Relation, Relation.CIVIL),
        "hukou_locality": _codes(workers["hukou_locality"], HukouLocality, elsewhere),
        "sex": _codes(workers["sex"], Sex, sex),
        "birth_month": workers["birth_month"].fill_null(month - 40 * 12).to_numpy(),
        "takes_platform_orders": workers["orders"].to_numpy().astype(np.int8),
        "platform_worker": workers["platform"].to_numpy().astype(np.int8),
        # Those of whom it matters pay as flexible workers; employees must join up to any retirement age.
        "worker_class": np.full(workers.height, int(WorkerClass.FLEXIBLE)),
        "student": np.zeros(workers.height, dtype=np.int8),
    }
    result = model().run(columns, ACCESS_COLUMNS, on="python")
    return {name: [None if one == UNKNOWN else Access(one).key for one in result[name].tolist()] for name in ACCESS_COLUMNS}


def _codes(
    values: pl.Series, listed: type[Relation | HukouLocality | Sex], missing: int
) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    number = {member.key: int(member) for member in listed}
    return np.array([missing if one is None else number[one] for one in values], dtype=np.int8)


def _agreed(versions: list[list[str | None]]) -> list[str]:
    """What all versions say; unknown where they differ or nobody knows."""
    return [(one[0] or "unknown") if len(set(one)) == 1 else "unknown" for one in zip(*versions, strict=True)]


def legally_covered() -> pl.Expr:
    """Whether the law lets a worker into every branch, as a duty or a choice (I13)."""
    into = []
    for columns in BRANCHES.values():
        texts = [pl.col(name).cast(pl.String) for name in columns]
        open_way = pl.any_horizontal(text.is_in(["must", "may"]) for text in texts)
        closed = pl.all_horizontal(text == "may_not" for text in texts)
        into.append(pl.when(open_way).then(True).when(closed).then(False))
    return pl.all_horizontal(into)
