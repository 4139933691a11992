"""What a procedure costs those who go through it: visits, documents, minutes, fees; by the standard cost model.

Only what the log records is counted. A kind of burden of which it says nothing stays blank, and the cost says what it
counts.
"""

from __future__ import annotations

import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, read
from canbao.procedures.analysis.groups import hidden_groups
from canbao.procedures.event_log import EventLog
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.procedures.analysis", "words")

KINDS = ("visits", "documents", "minutes", "fee")
"""Kinds of burden: columns of events, numbers. Visits may also be told from the channel."""

Confidence = Literal["official", "reported", "memory", "assumption"]


class Price(Entry):
    """What one unit costs, in yuan."""

    label: Bilingual
    unit: Literal["CNY/hour", "CNY/visit", "CNY/document"]
    value: float = Field(ge=0)
    date: datetime.date
    source: Bilingual
    confidence: Confidence


class Channels(Entry):
    """Channels of which each use is a visit."""

    label: Bilingual
    names: list[str]
    source: Bilingual
    confidence: Confidence


class BurdenPrices(Entry):
    """burden.yaml."""

    hourly_wage: Price
    visit_fare: Price
    document_cost: Price
    counter_channels: Channels


def burden_prices(path: Path | None = None) -> BurdenPrices:
    """Unit prices, from a study's own file or as they come with the programme.

    Raises:
        InputError: the file is at fault.
    """
    return _shipped() if path is None else read(path, BurdenPrices)


@cache
def _shipped() -> BurdenPrices:
    return read(Path(str(resources.files("canbao.procedures.analysis").joinpath("burden.yaml"))), BurdenPrices)


def burden(log: EventLog, prices: BurdenPrices | None = None) -> pl.DataFrame:
    """What every case cost its applicant.

    Where the log has no column `visits` but channels, a visit is a day on which a case had an event through a counter.

    Args:
        log: whose events may have `visits`, `documents`, `minutes` (the applicant's) and `fee` (yuan); empty cells count
            nought in a case that has others, and a case that has none stays blank.
        prices: unit prices; those that come with the programme by default.

    Returns:
        `case`; `visits`, `documents`, `minutes`, `fee`, null where nothing is recorded; `cost`, yuan, of what is;
        `cost_of`, the kinds that it counts (null, like the cost, where there are none). Every case that has events.

    Raises:
        InputError: a column that should hold numbers does not.
    """
    prices = prices or burden_prices()
    table = log.events.group_by("case", maintain_order=True).agg(_kinds(log))
    table = table.join(_visits(log, prices), on="case", how="left", maintain_order="left") if _from_channel(log) else table
    table = table.with_columns(pl.lit(None, pl.Float64).alias(kind) for kind in KINDS if kind not in table.columns)
    parts = {
        "visits": pl.col("visits") * prices.visit_fare.value,
        "documents": pl.col("documents") * prices.document_cost.value,
        "minutes": pl.col("minutes") / 60 * prices.hourly_wage.value,
        "fee": pl.col("fee"),
    }
    known = pl.any_horizontal(pl.col(*KINDS).is_not_null())
    names = pl.concat_str(
        (pl.when(pl.col(kind).is_not_null()).then(pl.lit(kind)) for kind in KINDS), separator=", ", ignore_nulls=True
    )
    return table.select(
        "case",
        *KINDS,
        pl.when(known).then(pl.sum_horizontal(parts.values())).alias("cost"),
        pl.when(known).then(names).alias("cost_of"),
    )


def burden_summary(
    log: EventLog, prices: BurdenPrices | None = None, *, by: str | None = None, smallest: int = SMALLEST_BASE
) -> pl.DataFrame:
    """Burden of all cases, or of each group.

    Args:
        log: the log.
        prices: unit prices; those that come with the programme by default.
        by: a column of cases or events.
        smallest: groups with fewer cases are not shown, nor what would give them away.

    Returns:
        `group` (null without `by`, and of cases of which the log does not say); `suppressed`; `kind` (visits, documents,
        minutes, fee, cost); `cases` of which it is known; `mean`, `median`, `p90` and `total`; null where none is.

    Raises:
        InputError: the log has no such column, or one that should hold numbers does not.
    """
    table = burden(log, prices)
    kinds = [*KINDS, "cost"]
    group = pl.Series([None] * table.height, dtype=pl.String)
    if by is not None:
        group = log.case_column(by).cast(pl.String).gather(table["case"])
    long = table.with_columns(group=group).unpivot(kinds, index=["case", "group"], variable_name="kind", value_name="value")
    found = (
        long.group_by("group", "kind", maintain_order=True)
        .agg(
            pl.col("value").count().alias("cases"),
            pl.col("value").mean().alias("mean"),
            pl.col("value").median().alias("median"),
            pl.col("value").quantile(0.9, "linear").alias("p90"),
            pl.when(pl.col("value").count() > 0).then(pl.col("value").sum()).alias("total"),
        )
        .sort(pl.col("group"), pl.col("kind").cast(pl.Enum(kinds)), nulls_last=True)
    )
    parts = []
    for kind in kinds:
        own = found.filter(pl.col("kind") == kind)
        hidden = hidden_groups(own["cases"].to_list(), smallest) if by is not None else set()
        parts.append(own.with_columns(suppressed=pl.Series([at in hidden for at in range(own.height)], dtype=pl.Boolean)))
    shown = [pl.when(~pl.col("suppressed")).then(name).alias(name) for name in ("cases", "mean", "median", "p90", "total")]
    return (
        pl.concat(parts)
        .sort(pl.col("group"), pl.col("kind").cast(pl.Enum(kinds)), nulls_last=True)
        .select("group", "suppressed", "kind", *shown)
    )


def _kinds(log: EventLog) -> list[pl.Expr]:
    found = []
    for kind in KINDS:
        if kind not in log.events.columns:
            continue
        dtype = log.events.schema[kind]
        if not (dtype.is_numeric() or dtype == pl.Null):
            fault = say("not_numbers", column=say(f"kind_{kind}"), name=kind, kind=str(dtype))
            raise InputError(Fault(fault, Place(log.name)))
        values = pl.col(kind).cast(pl.Float64).fill_nan(None)
        found.append(pl.when(values.count() > 0).then(values.sum()).alias(kind))
    return found


def _from_channel(log: EventLog) -> bool:
    return "visits" not in log.events.columns and "channel" in log.events.columns


def _visits(log: EventLog, prices: BurdenPrices) -> pl.DataFrame:
    counters = [name.casefold() for name in prices.counter_channels.names]
    channel = pl.col("channel").cast(pl.String).str.to_lowercase()
    day = pl.col("time").dt.convert_time_zone(log.time_zone).dt.date()
    return log.events.group_by("case").agg(
        pl.when(channel.is_not_null().any())
        .then(day.filter(channel.is_in(counters)).n_unique().cast(pl.Float64))
        .alias("visits")
    )
