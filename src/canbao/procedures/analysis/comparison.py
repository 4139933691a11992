"""Two logs of a procedure, before and after a reform, side by side.

Intervals of differences come from those of both sides (MOVER), which need no model of durations; medians of steps allow for
several of them in one case. A difference is no effect: other things changed, too, and a log that closes soon after a reform
has seen only the quick cases end, so shares of endings are compared at a time to which both logs were followed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from canbao.procedures.analysis.directly_follows import edge_lengths, edges
from canbao.procedures.analysis.drop_out import WAYS, Endings, incidence, outcomes
from canbao.procedures.analysis.durations import case_durations
from canbao.procedures.analysis.intervals import Estimate, clustered_medians, difference, mean, quantile, share, wilson
from canbao.procedures.analysis.sequences import DAY, Floats
from canbao.procedures.analysis.variants import count_variants, variants
from canbao.procedures.event_log import EventLog

STATUS = pl.Enum(["both", "appeared", "vanished"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two logs. Columns `_before`, `_after`; differences are after less before, with 95 % intervals.

    Args:
        figures: a row a figure: `figure`, `before`, `after`, `difference`, `low`, `high`. Counts and figures of the logs as
            a whole (cases, activities, variants, events_a_case) have no interval. With endings, `completed_share`,
            `refused_share` and `abandoned_share` by `horizon_days`.
        edges: a row an edge: `activity`, `following`, `status`; `count_before`, `count_after`; `share_before`,
            `share_after`, of cases that have it, `share_difference`, `share_low`, `share_high`; `median_days_before`,
            `median_days_after`, `days_difference`, `days_low`, `days_high`. Largest change of delay a case first.
        variants: a row a variant: `activities`, `status`; `count_before`, `count_after`, `share_before`, `share_after`,
            `share_difference`, `share_low`, `share_high`. Largest change of share first.
        changes: what appeared or vanished: `kind` (activity, edge), `activity`, `following`, `status`, `count`.
        horizon_days: days from a case's first event at which endings are compared; None without endings.
    """

    figures: pl.DataFrame
    edges: pl.DataFrame
    variants: pl.DataFrame
    changes: pl.DataFrame
    horizon_days: float | None


def compare(
    before: EventLog, after: EventLog, *, endings: Endings | None = None, horizon_days: float | None = None
) -> Comparison:
    """Compare two logs.

    Args:
        before: one log.
        after: the other.
        endings: how cases end; each name must occur in one of them.
        horizon_days: when endings are compared; by default the longest time to which both logs were followed.

    Raises:
        InputError: neither log has the activity of an ending's name.
    """
    if endings is not None:
        endings.check(before, after)
        horizon_days = _horizon(before, after, endings) if horizon_days is None else horizon_days
    else:
        horizon_days = None
    edge_table = _edges(before, after)
    return Comparison(
        _figures(before, after, endings, horizon_days),
        edge_table,
        _variants(before, after),
        _changes(before, after, edge_table),
        horizon_days,
    )


def _horizon(before: EventLog, after: EventLog, endings: Endings) -> float:
    return min(float(np.max(outcomes(log, endings.within(log))["days"].to_numpy())) for log in (before, after))


def _figures(before: EventLog, after: EventLog, endings: Endings | None, horizon: float | None) -> pl.DataFrame:
    rows: dict[str, tuple[Estimate, Estimate]] = {}
    days = [case_durations(log)["days"].sort().to_numpy() for log in (before, after)]

    def add(name: str, first: Estimate, second: Estimate) -> None:
        rows[name] = (first, second)

    def whole(values: tuple[float, float], name: str) -> None:
        add(name, *(Estimate(value, None, None) for value in values))

    whole((len(days[0]), len(days[1])), "cases")
    whole((before.events.height / len(days[0]), after.events.height / len(days[1])), "events_a_case")
    whole((before.events["activity"].n_unique(), after.events["activity"].n_unique()), "activities")
    whole((count_variants(before), count_variants(after)), "variants")
    add("median_days", quantile(days[0]), quantile(days[1]))
    add("mean_days", mean(days[0]), mean(days[1]))
    add("p90_days", quantile(days[0], 0.9), quantile(days[1], 0.9))
    if endings is not None and horizon is not None:
        curves = [incidence(log, endings.within(log)) for log in (before, after)]
        for way in WAYS:
            if endings.knows(way):
                add(f"{way}_share", *(_share_by(curve, way, horizon) for curve in curves))
    return pl.DataFrame(
        [(name, first.value, second.value, *difference(first, second)) for name, (first, second) in rows.items()],
        schema={"figure": pl.String(), **dict.fromkeys(("before", "after", "difference", "low", "high"), pl.Float64())},
        orient="row",
    )


def _share_by(curve: pl.DataFrame, way: str, horizon: float) -> Estimate:
    reached = curve.filter(pl.col("way") == way, pl.col("days") <= horizon).tail(1)
    if reached.is_empty():
        return Estimate(0.0, None, None)
    return Estimate(*reached.select("share", "low", "high").row(0))


def _edges(before: EventLog, after: EventLog) -> pl.DataFrame:
    sides = [_edge_side(log) for log in (before, after)]
    names = ["activity", "following"]
    table = (
        sides[0]
        .join(sides[1], on=names, how="full", coalesce=True, suffix="_after")
        .rename({name: f"{name}_before" for name in sides[0].columns if name not in names})
    )
    cases = [log.events["case"].n_unique() for log in (before, after)]
    counted = [name for name in table.columns if name.startswith(("count", "cases", "total"))]
    table = table.with_columns(_status(), pl.col(counted).fill_null(0))
    shares = [
        difference(share(first, cases[0]), share(second, cases[1]))
        for first, second in table.select("cases_before", "cases_after").iter_rows()
    ]
    columns = [f"{name}_{side}" for side in ("before", "after") for name in ("median_days", "low", "high")]
    medians = [difference(Estimate(*row[:3]), Estimate(*row[3:])) for row in table.select(columns).iter_rows()]
    change = pl.col("total_days_after") / cases[1] - pl.col("total_days_before") / cases[0]
    return (
        table.with_columns(
            change.abs().alias("change"),
            (pl.col("cases_before") / cases[0]).alias("share_before"),
            (pl.col("cases_after") / cases[1]).alias("share_after"),
            *_columns("share", shares),
            *_columns("days", medians),
        )
        .sort("change", *names, descending=[True, False, False])
        .select(
            *names,
            "status",
            "count_before", "count_after",
            "share_before", "share_after", "share_difference", "share_low", "share_high",
            "median_days_before", "median_days_after", "days_difference", "days_low", "days_high",
        )
    )  # fmt: skip


def _edge_side(log: EventLog) -> pl.DataFrame:
    found = edge_lengths(log)
    _, low, high = clustered_medians(found.lengths, found.edge, found.waits, found.case)
    many, names = len(log.activities), pl.Series(log.activities, dtype=pl.String)
    intervals = pl.DataFrame(
        {
            "activity": names.gather(found.occurring // many),
            "following": names.gather(found.occurring % many),
            "low": low / DAY,
            "high": high / DAY,
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))
    table = edges(log).select("activity", "following", "count", "cases", "total_days", "median_days")
    return table.cast({"activity": pl.String, "following": pl.String}).join(intervals, on=["activity", "following"])


def _status() -> pl.Expr:
    gone, new = pl.col("count_after").is_null(), pl.col("count_before").is_null()
    word = pl.when(gone).then(pl.lit("vanished")).when(new).then(pl.lit("appeared")).otherwise(pl.lit("both"))
    return word.cast(STATUS).alias("status")


def _columns(name: str, estimates: list[Estimate]) -> list[pl.Series]:
    ends = ("difference", "low", "high")
    return [pl.Series(f"{name}_{end}", [one[at] for one in estimates], dtype=pl.Float64) for at, end in enumerate(ends)]


def _variants(before: EventLog, after: EventLog) -> pl.DataFrame:
    sides = [
        variants(log).select(pl.col("activities").cast(pl.List(pl.String)), "count", "share") for log in (before, after)
    ]
    table = sides[0].join(sides[1], on="activities", how="full", coalesce=True, suffix="_after")
    table = table.rename({"count": "count_before", "share": "share_before"}).with_columns(_status())
    table = table.with_columns(pl.col("count_before", "count_after", "share_before", "share_after").fill_null(0))
    cases = [int(side["count"].sum()) for side in sides]
    both = [table[f"count_{side}"].to_numpy().astype(float) for side in ("before", "after")]
    low, high = _difference_of_shares(both[0], cases[0], both[1], cases[1])
    return (
        table.with_columns(
            share_difference=pl.col("share_after") - pl.col("share_before"),
            share_low=pl.Series(low),
            share_high=pl.Series(high),
        )
        .sort(
            pl.col("share_difference").abs(),
            "count_before",
            "count_after",
            "activities",
            descending=[True, True, True, False],
        )
        .select(
            "activities", "status", "count_before", "count_after", "share_before", "share_after", "share_difference",
            "share_low", "share_high",
        )
    )  # fmt: skip


def _difference_of_shares(first: Floats, of_first: int, second: Floats, of_second: int) -> tuple[Floats, Floats]:
    """Newcombe's intervals for many shares at once; variants may be as many as cases."""
    (p, p_low, p_high), (q, q_low, q_high) = wilson(first, of_first), wilson(second, of_second)
    return q - p - np.hypot(q - q_low, p_high - p), q - p + np.hypot(q_high - q, p - p_low)


def _changes(before: EventLog, after: EventLog, edge_table: pl.DataFrame) -> pl.DataFrame:
    counted = [
        log.events.group_by(pl.col("activity").cast(pl.String)).len("count").with_columns(pl.col("count").cast(pl.UInt32))
        for log in (before, after)
    ]
    count = pl.max_horizontal("count_before", "count_after").alias("count")
    activities = (
        counted[0]
        .join(counted[1], on="activity", how="full", coalesce=True, suffix="_after")
        .rename({"count": "count_before"})
        .with_columns(_status())
        .select(pl.lit("activity").alias("kind"), "activity", pl.lit(None, pl.String).alias("following"), "status", count)
    )
    lines = edge_table.select(pl.lit("edge").alias("kind"), "activity", "following", "status", count)
    return (
        pl.concat([activities, lines])
        .filter(pl.col("status") != "both")
        .with_columns(pl.col("kind").cast(pl.Enum(["activity", "edge"])))
        .sort("kind", "status", "count", "activity", "following", descending=[False, False, True, False, False])
    )
