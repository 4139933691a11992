"""How many limits were broken and by how much; open cases count for what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from canbao.procedures.event_log import EventLog
from canbao.survey.disclosure import Domain, suppressed
from canbao.survey.intervals import beta_interval, t_quantile

COUNTS = ("runs", "cases", "in_time", "late", "open_in_time", "open_late", "unknown", "ended", "paused_now", "plain_week")
AMOUNTS = (
    "share_late", "share_low", "share_high", "expected_late", "expected_low", "expected_high", "median_late", "p90_late",
    "total_late",
)  # fmt: skip


def breaches(evaluated: pl.DataFrame, log: EventLog, by: str | Sequence[str] = ()) -> pl.DataFrame:
    """How often and by how much each clock was broken, in all and by groups.

    Two shares answer two questions. `share_late` is of the runs of which one can already tell: stopped, or open past the
    last day. It leaves out runs that are open and in time, which as a rule are slower than those already stopped.
    `expected_late` counts these as well, by the estimator of Kaplan and Meier over the days from the last day in time: the
    share that will have been late in the end if open runs go on as those did that were observed for longer.

    Args:
        evaluated: what `evaluate` returned.
        log: the log.
        by: attributes of cases or events by which to group, such as the office.

    Returns:
        A row a clock and group: the counts `runs`, `cases`, `in_time`, `late`, `open_in_time`, `open_late`, `unknown`,
        `ended`, `paused_now` and `plain_week` (see `evaluate`); `share_late` with its Clopper–Pearson interval;
        `expected_late` with Greenwood's on the scale of log(−log), null where too few were observed for as long as that;
        `median_late`, `p90_late` and `total_late` in calendar days over runs that are late, for open ones up to now;
        `suppressed`. Groups of fewer than 30 cases are suppressed, and with them whatever would give them away; what is
        suppressed is null.

    Raises:
        InputError: the log has no such column.
    """
    columns = list(dict.fromkeys([by] if isinstance(by, str) else by))
    groups = {column: log.case_column(column).cast(pl.String) for column in columns}
    case = evaluated["case"]
    grouped = evaluated.with_columns(values.gather(case).alias(f"by_{name}") for name, values in groups.items())
    keys = ["clock", *(f"by_{column}" for column in columns)]
    parts = sorted(grouped.group_by(keys), key=lambda one: _order(one[0], grouped["clock"]))
    named = dict.fromkeys(keys, pl.String)
    bases = pl.DataFrame(
        [dict(zip(keys, key, strict=True)) | {"cases": part["case"].n_unique()} for key, part in parts],
        schema=named | {"cases": pl.Int64},
    )
    hidden = _hidden(bases, keys)
    # Of many small offices most are hidden, and nothing more is worked out of them.
    rows = [
        dict(zip(keys, key, strict=True)) | ({} if secret else _row(part))
        for (key, part), secret in zip(parts, hidden, strict=True)
    ]
    schema = named | dict.fromkeys(COUNTS, pl.Int64) | dict.fromkeys(AMOUNTS, pl.Float64)
    made = pl.DataFrame(rows, schema=schema).with_columns(
        pl.col("clock").cast(evaluated.schema["clock"]), pl.Series("suppressed", hidden, dtype=pl.Boolean)
    )
    return made.rename(
        # A column of the log that is called as one of ours keeps its prefix.
        {f"by_{column}": column for column in columns if column not in {"clock", *COUNTS, *AMOUNTS, "suppressed"}}
    )


def _order(key: Sequence[object], clocks: pl.Series) -> list[tuple[bool, int | str]]:
    """Clocks as they were given, groups by name, those without one last."""
    kind = clocks.dtype
    assert isinstance(kind, pl.Enum)
    at = kind.categories.to_list().index(key[0])
    return [(False, at), *((one is None, str(one)) for one in key[1:])]


def _row(part: pl.DataFrame) -> dict[str, float | None]:
    state = part["state"].cast(pl.String)
    counts = {name: int((state == name).sum()) for name in ("in_time", "late", "open_in_time", "open_late", "unknown")}
    broken = counts["late"] + counts["open_late"]
    told = broken + counts["in_time"]
    low, high = _clopper_pearson(broken, told)
    late_by = part["late_by"].drop_nulls()
    known = part.filter(pl.col("days_left").is_not_null())
    past_due = -known["days_left"].to_numpy().astype(np.int64)
    # Of a case that ended first nobody knows when the clock would have been stopped.
    stopped = known.select(pl.col("stopped").is_not_null() & ~pl.col("ended")).to_series().to_numpy()
    expected, expected_low, expected_high = still_running(past_due, stopped, 0)
    return {
        "runs": part.height,
        "cases": part["case"].n_unique(),
        **counts,
        "ended": int(part["ended"].sum()),
        "paused_now": int(part["paused_now"].sum()),
        "plain_week": int(part["plain_week"].sum()),
        "share_late": broken / told if told else None,
        "share_low": low,
        "share_high": high,
        "expected_late": expected,
        "expected_low": expected_low,
        "expected_high": expected_high,
        "median_late": late_by.median() if len(late_by) else None,  # type: ignore[dict-item]
        "p90_late": late_by.quantile(0.9, "linear"),
        "total_late": float(late_by.sum()),
    }


def _clopper_pearson(part: int, whole: int) -> tuple[float | None, float | None]:
    if whole < 2:
        return None, None
    size = np.array([float(whole)])
    low, high = beta_interval(np.array([part / whole]), size, size - 1, size)
    return float(low[0]), float(high[0])


def still_running(
    times: NDArray[np.int64], ended: NDArray[np.bool_], at: int
) -> tuple[float | None, float | None, float | None]:
    """The share that lasts longer than a time, with its interval, where some are still under way (Kaplan and Meier 1958).

    Args:
        times: when each ended, or was last looked at.
        ended: whether it had ended.
        at: the time.

    Returns:
        The share, and the interval by Greenwood's variance on the scale of log(−log), which has none at 0 and 1. All are
        None where nobody was observed for so long.
    """
    if len(times) == 0 or (times.max() <= at and not ended[times == times.max()].all()):
        return None, None, None
    when, at_which = np.unique(times, return_inverse=True)
    ends = np.bincount(at_which, ended)
    at_risk = len(times) - np.concatenate([[0], np.cumsum(np.bincount(at_which))[:-1]])
    before = when <= at
    ends, at_risk = ends[before], at_risk[before]
    share = float(np.prod(1 - ends / at_risk))
    if not 0 < share < 1:
        return share, None, None
    variance = float(np.sum(ends / (at_risk * (at_risk - ends))))
    reach = float(t_quantile(np.inf)) * np.sqrt(variance) / np.log(share)
    return share, float(share ** np.exp(-reach)), float(share ** np.exp(reach))


# --- what would give somebody away ----------------------------------------------------------------------------------------


def _hidden(made: pl.DataFrame, keys: Sequence[str]) -> list[bool]:
    """Which rows are of few cases, or would tell on those by subtraction from the whole."""
    hidden = [False] * made.height
    columns = keys[1:]
    for clock in made["clock"].unique():
        rows = made.with_row_index("row").filter(pl.col("clock") == clock)
        domains = {row["row"]: _domain(row, columns) for row in rows.iter_rows(named=True)}
        bases = _with_margins({domains[row["row"]]: row["cases"] for row in rows.iter_rows(named=True)})
        secret = suppressed(bases)
        for at, domain in domains.items():
            hidden[at] = domain in secret
    return hidden


def _domain(row: Mapping[str, object], columns: Sequence[str]) -> Domain:
    # A stroke within the name would read as several groups.
    return frozenset((column, str(row[column]).replace("|", "¦").replace("≠", "=")) for column in columns)


def _with_margins(bases: Mapping[Domain, int]) -> dict[Domain, int]:
    """The groups with all that they make up together: whoever asks for one column alone sees these."""
    made = dict(bases)
    for domain, cases in bases.items():
        conditions = sorted(domain)
        for kept in range(2 ** len(conditions) - 1):
            margin = frozenset(one for at, one in enumerate(conditions) if kept >> at & 1)
            made[margin] = made.get(margin, 0) + cases
    return made
