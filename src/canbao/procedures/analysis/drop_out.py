"""Who drops out, and after which step: how cases end, with those that are still open kept in.

Which activities end a case, nobody but the office knows; they are named by `Endings`. Without them it can be said after
which activity cases were last seen, not whether they had come to an end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.procedures.analysis.sequences import DAY, Codes, Floats, Integers, Sequences, named
from canbao.procedures.analysis.survival import cumulative_incidence, kaplan_meier, median_days
from canbao.procedures.event_log import EventLog

say = Catalogue("canbao.procedures.analysis", "words")

WAYS = ("completed", "refused", "abandoned")
"""The ways in which a case can end."""

OUTCOME = pl.Enum(["open", *WAYS])


@dataclass(frozen=True, slots=True)
class Endings:
    """The activities with which cases end.

    Args:
        completed: the case got what it was for: paid, transferred, enrolled, …
        refused: it was turned down.
        abandoned: the applicant withdrew, or the case lapsed.
        silent_days: where offices do not record who gives up: a case of which nothing was heard for more than so many days
            counts as abandoned so many days after its last event. None: it stays open.
    """

    completed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    abandoned: tuple[str, ...] = ()
    silent_days: float | None = None

    def check(self, *logs: EventLog) -> None:
        """See that all of them occur in one of the logs.

        Raises:
            InputError: some do not, or one is named for two ways to end.
        """
        known = sorted({name for log in logs for name in log.activities})
        listed = [name for way in WAYS for name in getattr(self, way)]
        place = Place(logs[0].name)
        faults = [
            Fault(say("no_such_ending", name=name), place, did_you_mean(name, known))
            for name in dict.fromkeys(listed)
            if name not in known
        ]
        twice = dict.fromkeys(name for name in listed if listed.count(name) > 1)
        raise_all([*faults, *(Fault(say("ending_twice", name=name), place) for name in twice)])

    def within(self, log: EventLog) -> Endings:
        """Those that the log has."""
        known = set(log.activities)

        def only(names: Iterable[str]) -> tuple[str, ...]:
            return tuple(name for name in names if name in known)

        return replace(self, completed=only(self.completed), refused=only(self.refused), abandoned=only(self.abandoned))

    @property
    def tells_abandoned(self) -> bool:
        """Whether anything says that a case was given up."""
        return bool(self.abandoned) or self.silent_days is not None

    def knows(self, way: str) -> bool:
        """Whether anything says that a case ended in this way."""
        return self.tells_abandoned if way == "abandoned" else bool(getattr(self, way))


def outcomes(log: EventLog, endings: Endings) -> pl.DataFrame:
    """How every case ended.

    A case ends with the last of its events that is an ending: one that was refused, applied again and was granted is
    completed.

    Returns:
        `case`; `outcome` (open, completed, refused, abandoned); `days` from its first event to its end, or to the log's
        close while it is open; `last_activity`; `silent_days` from its last event to the log's close. Every case that has
        events.

    Raises:
        InputError: the log has no activity of an ending's name.
    """
    endings.check(log)
    sequences = Sequences.of(log)
    way = _ways(log, endings)[sequences.activity]
    ended = _last_ending(way, sequences)
    closed = int(sequences.time.max(initial=0))
    outcome = np.where(ended >= 0, way[ended], 0)
    last = sequences.time[sequences.last]
    until = np.where(ended >= 0, sequences.time[ended], closed)
    if endings.silent_days is not None:
        lapsed = last + int(endings.silent_days * DAY)
        given_up = (ended < 0) & (lapsed < closed)
        outcome, until = np.where(given_up, WAYS.index("abandoned") + 1, outcome), np.where(given_up, lapsed, until)
    return pl.DataFrame(
        {
            "case": log.events["case"].gather(sequences.first),
            "outcome": _named_outcomes(outcome),
            "days": (until - sequences.time[sequences.first]) / DAY,
            "last_activity": log.events["activity"].gather(sequences.last),
            "silent_days": (closed - last) / DAY,
        }
    )


def incidence(log: EventLog, endings: Endings) -> pl.DataFrame:
    """The share of cases completed, refused and abandoned after so many days; those still open are censored.

    Returns:
        See `survival.cumulative_incidence`; only ways that the endings name.

    Raises:
        InputError: the log has no activity of an ending's name.
    """
    table = outcomes(log, endings)
    curves = cumulative_incidence(table["days"], table["outcome"].to_physical(), WAYS)
    return curves.filter(pl.col("way").is_in([way for way in WAYS if endings.knows(way)]))


def still_open(log: EventLog, endings: Endings) -> pl.DataFrame:
    """The share of cases that have not ended in any way after so many days.

    Returns:
        See `survival.kaplan_meier`.

    Raises:
        InputError: the log has no activity of an ending's name.
    """
    table = outcomes(log, endings)
    return kaplan_meier(table["days"], table["outcome"] != "open")


def last_steps(log: EventLog, endings: Endings | None = None) -> pl.DataFrame:
    """Where cases were last seen that have no ending; without endings, where all were.

    Returns:
        `activity`; `cases`; `share` of them; `median_silent_days` and `p90_silent_days` since, to the log's close. Most
        cases first.

    Raises:
        InputError: the log has no activity of an ending's name.
    """
    table = outcomes(log, replace(endings or Endings(), silent_days=None))
    return (
        table.filter(pl.col("outcome") == "open")
        .group_by(pl.col("last_activity").alias("activity"))
        .agg(
            pl.len().alias("cases"),
            pl.col("silent_days").median().alias("median_silent_days"),
            pl.col("silent_days").quantile(0.9, "linear").alias("p90_silent_days"),
        )
        .with_columns(share=pl.col("cases") / pl.col("cases").sum())
        .select("activity", "cases", "share", "median_silent_days", "p90_silent_days")
        .sort("cases", "activity", descending=[True, False])
    )


def step_hazards(log: EventLog, endings: Endings) -> pl.DataFrame:
    """After each step: how many go on, end or stay, and the share that gives up there.

    Of what is still at a step when the log closes, nobody knows how it will leave; it is censored. So a share is the
    Aalen–Johansen estimate of ending in that way as the next thing that happens, with 95 % intervals.

    Returns:
        `activity`; `visits` before the case had ended; what came next: `went_on`, `completed`, `refused`, `abandoned`,
        `still_there`; `refused_share` and `abandoned_share`, with `refused_low`, `refused_high` and so on, null where the
        endings do not tell it or nobody has left yet (intervals also where the share is 0); `median_days` until something
        happens, with `median_days_low` and `median_days_high` (Kaplan–Meier; null where it is not reached). Steps after
        which the most give up first.

    Raises:
        InputError: the log has no activity of an ending's name.
    """
    endings.check(log)
    sequences = Sequences.of(log)
    ways = _ways(log, endings)
    way = ways[sequences.activity]
    ended = np.repeat(_last_ending(way, sequences), sequences.lengths)
    closed = int(sequences.time.max(initial=0))
    going_on = len(WAYS) + 1
    next_way = np.zeros(len(way), dtype=np.int64)
    next_way[:-1][sequences.followed] = np.where(way[1:] > 0, way[1:], going_on)[sequences.followed]
    stays = closed - sequences.time
    stays[:-1][sequences.followed] = np.diff(sequences.time)[sequences.followed]
    if endings.silent_days is not None:
        limit = int(endings.silent_days * DAY)
        # As with whole cases: only of those that have not ended otherwise is silence a giving up.
        lapsed = (next_way == 0) & (stays > limit) & (ended < 0)
        next_way[lapsed], stays[lapsed] = WAYS.index("abandoned") + 1, limit
    # What is done after a case has ended (it is filed away) is no step in which it could be given up.
    rows = np.flatnonzero((way == 0) & ((ended < 0) | (np.arange(len(way)) < ended)))
    rows = rows[np.argsort(sequences.activity[rows], kind="stable")]
    step, first = np.unique(sequences.activity[rows], return_index=True)
    parts = np.split(rows, first[1:]) if len(rows) else []
    made = [_step(stays[own] / DAY, next_way[own], endings) for own in parts]
    columns = _step(np.zeros(1), np.zeros(1, dtype=np.int64), endings)
    counts = {"visits", "went_on", *WAYS, "still_there"}
    schema: dict[str, pl.DataType] = {name: pl.UInt32() if name in counts else pl.Float64() for name in columns}
    return (
        pl.DataFrame(made, schema=schema)
        .select(named(log, step).alias("activity"), *columns)
        .sort("abandoned_share", "visits", "activity", descending=[True, True, False], nulls_last=True)
    )


def _last_ending(way: Codes, sequences: Sequences) -> Integers:
    """The row of each case's last ending; −1 where it has none."""
    rows = np.where(way > 0, np.arange(len(way)), -1)
    return np.asarray(np.maximum.reduceat(rows, sequences.first) if len(rows) else rows)


def _step(days: Floats, way: Codes, endings: Endings) -> dict[str, float | int | None]:
    names = (*WAYS, "went_on")
    count = np.bincount(way, minlength=len(names) + 1).tolist()
    row: dict[str, float | int | None] = {"visits": len(way), "went_on": count[-1]}
    row |= {name: count[at + 1] for at, name in enumerate(WAYS)}
    row["still_there"] = count[0]
    curves = cumulative_incidence(days, way, names)
    for name in ("refused", "abandoned"):
        last = curves.filter(pl.col("way") == name).tail(1)
        none = 0.0 if len(way) > count[0] else None
        share, low, high = last.select("share", "low", "high").row(0) if last.height else (none, None, None)
        known = endings.knows(name)
        row |= {f"{name}_share": share if known else None, f"{name}_low": low if known else None}
        row[f"{name}_high"] = high if known else None
    row["median_days"], row["median_days_low"], row["median_days_high"] = median_days(kaplan_meier(days, way > 0))
    return row


def _ways(log: EventLog, endings: Endings) -> Integers:
    """Of each activity, by its code: 0 if it ends nothing, else the number of the way in which it does."""
    of_activity = {name: at + 1 for at, way in enumerate(WAYS) for name in getattr(endings, way)}
    return np.array([of_activity.get(name, 0) for name in log.activities], dtype=np.int64)


def _named_outcomes(codes: Codes) -> pl.Series:
    return pl.Series(OUTCOME.categories).gather(codes).cast(OUTCOME)
