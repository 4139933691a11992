"""Hand-overs: a case passes from one resource or office to another, and sometimes straight back."""

from __future__ import annotations

from typing import Literal

import polars as pl

from canbao.procedures.analysis.sequences import DAY
from canbao.procedures.event_log import EventLog

Holder = Literal["resource", "office"]

EARTH_RADIUS_KM = 6371.0088
"""The mean radius (International Union of Geodesy and Geophysics)."""

COORDINATES = ("latitude", "longitude")
"""Columns of events, degrees; where a log has them, distances are known."""


def handovers(log: EventLog, between: Holder = "office") -> pl.DataFrame:
    """Hand-overs by pair. Events without a known holder are passed over. Of starts and completions, give `completed(log)`.

    Returns:
        `giver`, `receiver`; `count`; `cases`; `median_days` and `total_days` from the giver's last event to the receiver's
        first; `returned`, how many of them were handed straight back (ping-pong); `mean_km` as the crow flies, where events
        have coordinates. Most frequent first.

    Raises:
        InputError: the log has no such column.
    """
    table = _handed(log, between)
    return (
        table.group_by("giver", "receiver")
        .agg(
            pl.len().alias("count"),
            pl.col("case").n_unique().alias("cases"),
            pl.col("days").median().alias("median_days"),
            pl.col("days").sum().alias("total_days"),
            pl.col("returned").sum().alias("returned"),
            pl.col("km").mean().alias("mean_km"),
        )
        .sort("count", "giver", "receiver", descending=[True, False, False])
    )


def case_handovers(log: EventLog, between: Holder = "office") -> pl.DataFrame:
    """Hand-overs by case.

    Returns:
        `case`; `holders` that had it; `handovers`; `ping_pongs`, hand-overs that were handed straight back; `km` in all,
        where events have coordinates. Every case that has events; null where no holder of it is known.

    Raises:
        InputError: the log has no such column.
    """
    log.case_column(between)  # says what there is instead
    handed = (
        _handed(log, between)
        .group_by("case")
        .agg(
            pl.len().alias("handovers"),
            pl.col("returned").sum().alias("ping_pongs"),
            pl.col("km").sum(),
            km_known=pl.col("km").count(),
        )
    )
    located = set(COORDINATES) <= set(log.events.columns)
    return (
        log.events.group_by("case", maintain_order=True)
        .agg(pl.col(between).drop_nulls().n_unique().alias("holders"))
        .join(handed, on="case", how="left", maintain_order="left")
        .select(
            "case",
            pl.when(pl.col("holders") > 0).then("holders").alias("holders"),
            *(
                pl.when(pl.col("holders") > 0).then(pl.col(name).fill_null(0)).alias(name)
                for name in ("handovers", "ping_pongs")
            ),
            # Of hand-overs whose places are not all known, the distance is not known either.
            pl.when(
                (pl.col("holders") > 0) & (pl.col("km_known").fill_null(0) == pl.col("handovers").fill_null(0)) & located
            )
            .then(pl.col("km").fill_null(0.0))
            .alias("km"),
        )
    )


def _handed(log: EventLog, between: Holder) -> pl.DataFrame:
    log.case_column(between)  # says what there is instead
    located = [column for column in COORDINATES if column in log.events.columns]
    held = log.events.select("case", "time", pl.col(between).alias("giver"), *located).filter(pl.col("giver").is_not_null())
    own = pl.col("case") == pl.col("case").shift(-1)
    following = held.with_columns(
        pl.when(own).then(pl.col("giver").shift(-1)).alias("receiver"),
        (pl.when(own).then(pl.col("time").shift(-1) - pl.col("time")).dt.total_microseconds() / DAY).alias("days"),
        (_distance() if len(located) == len(COORDINATES) else pl.lit(None, pl.Float64)).alias("km"),
    ).filter(pl.col("receiver").is_not_null() & (pl.col("receiver") != pl.col("giver")))
    # Only hand-overs are left, so the next row of a case is its next hand-over, and its giver the receiver of this.
    back = (pl.col("case") == pl.col("case").shift(-1)) & (pl.col("receiver").shift(-1) == pl.col("giver"))
    return following.with_columns(returned=back.fill_null(False))


def _distance() -> pl.Expr:
    """From an event to the next, by the haversine formula."""
    latitude, longitude = (pl.col(column).radians() for column in COORDINATES)
    up, along = latitude.shift(-1) - latitude, longitude.shift(-1) - longitude
    half = (up / 2).sin() ** 2 + latitude.cos() * latitude.shift(-1).cos() * (along / 2).sin() ** 2
    return 2 * EARTH_RADIUS_KM * half.clip(0, 1).sqrt().arcsin()
