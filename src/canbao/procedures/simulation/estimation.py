"""A model estimated from a log.

Ways are those of the log: from each activity as often to each other as there (a Markov chain, by groups where at least
thirty cases of a group came by). How long things take is as measured. Where the log has starts, completions and people,
activities done by the same people share a pool, whose hours and number come from when they were at work; of the time before
an activity only what neither queue nor closed desks explain stays a delay. Without starts nobody knows what was work: all
time between two activities is a delay that no change of staff can shorten.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual
from canbao.procedures.analysis.calendars import CalendarRule, calendars
from canbao.procedures.analysis.causes import waiting_causes
from canbao.procedures.analysis.waiting import waiting_times
from canbao.procedures.clocks.calendar import Calendar, day_number, find_calendar
from canbao.procedures.clocks.clock import PROCEDURE, procedure_named
from canbao.procedures.event_log import EventLog
from canbao.procedures.simulation.distributions import Distribution
from canbao.procedures.simulation.hours import DAY, WEEKDAYS, open_hours
from canbao.procedures.simulation.process_model import Arrivals, Branch, OtherStep, ProcessModel, Staff, Step
from canbao.procedures.simulation.run import worked

say = Catalogue("canbao.procedures.simulation", "words")

Array = np.ndarray[Any, np.dtype[Any]]

ENOUGH = 30
"""Cases of a group at an activity from which its ways and times are the group's own."""

QUANTILES = 200
"""So many values stand for measured durations; each is the mean of its part, so that the whole mean is kept."""

MOST_GROUPS = 200
ALIKE = 0.5
"""Activities whose people overlap by so much (cosine of how often each did them) are done by one pool."""

QUARTER = 900
UNSAID = "not_said"
MICROSECOND = 1_000_000


def estimate(log: EventLog, by: Sequence[str] = ()) -> ProcessModel:
    """A model of what a log shows.

    Args:
        log: any log; one with starts, completions and people gives a model with staff.
        by: columns on whose values ways and times may depend.

    Raises:
        InputError: a column is not there, or has too many values.
    """
    columns = list(dict.fromkeys(by))
    groups = {name: log.case_column(name).cast(pl.String).fill_null(UNSAID) for name in columns}
    combined = pl.DataFrame(groups) if groups else None
    if combined is not None and combined.unique().height > MOST_GROUPS:
        names = ", ".join(columns)
        fault = say("too_many_groups", names=names, groups=combined.unique().height, most=MOST_GROUPS)
        raise InputError(Fault(fault, Place(log.name), say("too_many_groups_remedy")))
    seen = _Seen(log, groups)
    calendar = "cn" if log.time_zone == "Asia/Shanghai" else "weekdays"
    opens = log.opened.astimezone(log.zone).date()
    pools = seen.pools()
    staff = {name: _staff(seen, pool, calendar, log) for name, pool in pools.items()}
    frame = _Frame(calendar, opens, log.time_zone, staff)
    steps = {name: _step(seen, name, pools, frame) for name in seen.activities}
    first = seen.table.filter(pl.col("before").is_null() & pl.col("is_first"))
    started = first["activity"].value_counts(sort=True)
    return ProcessModel(
        title=Bilingual(en=log.name, zh=log.name),
        procedure=_procedure(log),
        calendar=calendar,
        opens=opens,
        time_zone=log.time_zone,
        arrivals=_arrivals(seen, log, calendar),
        staff=staff,
        begins_with={row["activity"]: row["count"] / first.height for row in started.iter_rows(named=True)},
        steps=steps,
    )


def _procedure(log: EventLog) -> str | None:
    """The shipped procedure to which all cases belong."""
    if PROCEDURE not in {*log.cases.columns, *log.events.columns}:
        return None
    named = {procedure_named(name) for name in log.case_column(PROCEDURE).cast(pl.String).drop_nulls().unique()}
    return next(iter(named)) if len(named) == 1 else None


@dataclass(frozen=True)
class _Frame:
    """What all steps of the model share."""

    calendar: str
    opens: datetime.date
    time_zone: str
    staff: Mapping[str, Staff]


def _calendar(name: str) -> Calendar:
    return find_calendar(name, Path.cwd())


@dataclass(frozen=True)
class _Pool:
    """Activities done by the same people."""

    activities: tuple[str, ...]
    resources: tuple[str, ...]


class _Seen:
    """What happened in a log, an instance of an activity a row."""

    def __init__(self, log: EventLog, groups: Mapping[str, pl.Series]) -> None:
        self.log, self.groups = log, groups
        table = waiting_times(log).cast({"activity": pl.String, "before": pl.String})
        table = table.filter(pl.col("complete").is_not_null())
        table = table.with_columns(
            is_first=pl.col("case") != pl.col("case").shift(1).fill_null(2**32 - 1),
            following=pl.when(pl.col("case") == pl.col("case").shift(-1)).then(pl.col("activity").shift(-1)),
            **{f"by_{name}": values.gather(table["case"]) for name, values in groups.items()},
        )
        self.table = table.with_columns(before=pl.when(~pl.col("is_first")).then(pl.col("activity").shift(1)))
        self.activities: list[str] = self.table["activity"].unique(maintain_order=True).to_list()
        self._unexplained = self._left_over()

    def of(self, activity: str) -> pl.DataFrame:
        """The instances of one activity."""
        return self.table.filter(pl.col("activity") == activity)

    def kinds(self) -> Iterator[dict[str, str]]:
        """Every combination of groups that occurs."""
        if self.groups:
            yield from pl.DataFrame(self.groups).unique(maintain_order=True).iter_rows(named=True)

    def waits(self, pools: Mapping[str, _Pool]) -> pl.Series:
        """Days before each instance that are a delay: all of them, or what staff does not explain."""
        staffed = [name for pool in pools.values() for name in pool.activities]
        elapsed = self.table["waiting_days"].fill_null(0.0)
        if self._unexplained is None:
            return elapsed
        return self._unexplained.zip_with(self.table["activity"].is_in(staffed), elapsed)

    def _left_over(self) -> pl.Series | None:
        found = waiting_causes(self.log) if "resource" in self.table.columns else None
        if found is None:
            return None
        parts = found.select(
            "case", pl.col("activity").cast(pl.String), "start", "resource",
            left=pl.col("extraneous_days") + pl.col("batching_days") + pl.col("unattributed_days"),
        ).unique(["case", "activity", "start", "resource"], keep="first", maintain_order=True)  # fmt: skip
        keys = ["case", "activity", "start", "resource"]
        return self.table.join(parts, on=keys, how="left", maintain_order="left", nulls_equal=True)["left"].fill_null(0.0)

    def pools(self) -> dict[str, _Pool]:
        """Activities with people and measured work, those of the same people together."""
        if "resource" not in self.table.columns:
            return {}
        counts: dict[str, Counter[str]] = {}
        for name in self.activities:
            rows = self.of(name)
            known = rows.filter(
                pl.col("measured") & pl.col("resource").is_not_null() & (pl.col("complete") > pl.col("start"))
            )
            # What a machine decides at once needs nobody.
            if known.height >= 0.3 * rows.height and known.height:
                counts[name] = Counter(known["resource"].cast(pl.String).to_list())
        joined: list[list[str]] = []
        for name, own in counts.items():
            near = [group for group in joined if any(_cosine(own, counts[other]) >= ALIKE for other in group)]
            merged = [name, *(other for group in near for other in group)]
            joined = [group for group in joined if group not in near] + [merged]
        made = {}
        for number, group in enumerate(joined, start=1):
            resources = sorted({person for name in group for person in counts[name]})
            made[f"staff_{number}"] = _Pool(tuple(sorted(group)), tuple(resources))
        return made


def _cosine(first: Counter[str], second: Counter[str]) -> float:
    common = sum(times * second[name] for name, times in first.items())
    return common / math.sqrt(sum(n * n for n in first.values()) * sum(n * n for n in second.values()))


# --- steps ------------------------------------------------------------------------------------------------------------


def _step(seen: _Seen, name: str, pools: Mapping[str, _Pool], frame: _Frame) -> Step:
    rows = seen.of(name)
    pool = next((key for key, one in pools.items() if name in one.activities), None)
    fields: dict[str, Any] = {"source": seen.log.name, "confidence": "estimated", "next": _ways(seen, name, pools, None)}
    if pool is not None:
        fields["staff"] = pool
        by_people = rows.filter(pl.col("measured") & pl.col("resource").cast(pl.String).is_in(pools[pool].resources))
        fields["service"] = _service(by_people, pool, frame)
        at_once = rows.height - by_people.height
        if at_once:
            fields["automatic"] = at_once / rows.height
    where = []
    for kind in seen.kinds():
        own = rows.filter(pl.all_horizontal(pl.col(f"by_{column}") == value for column, value in kind.items()))
        if own.height < ENOUGH:
            continue
        other: dict[str, Any] = {"when": {column: [value] for column, value in kind.items()}}
        other["next"] = _ways(seen, name, pools, kind)
        where.append(OtherStep.model_validate(other))
    for column in ("documents", "visits"):
        if column in seen.log.events.columns:
            at = seen.log.events.filter(pl.col("activity").cast(pl.String) == name)[column].cast(pl.Float64, strict=False)
            mean = at.drop_nulls().mean()
            if isinstance(mean, float):
                fields[column] = max(0, min(1_000, round(mean)))
    return Step(where=where, **fields)


def _ways(seen: _Seen, name: str, pools: Mapping[str, _Pool], kind: Mapping[str, str] | None) -> list[Branch]:
    """Where cases go from an activity, how often, and what they wait for on the way."""
    waits = seen.waits(pools)
    table = seen.table.with_columns(
        wait=waits.shift(-1), gone=pl.col("complete").is_not_null()
    ).filter(pl.col("activity") == name)  # fmt: skip
    if kind is not None:
        table = table.filter(pl.all_horizontal(pl.col(f"by_{column}") == value for column, value in kind.items()))
    went = table.filter(pl.col("following").is_not_null())
    # A case that was last seen a short while ago may yet go on; it says nothing of ends.
    patience = went["wait"].quantile(0.95) or 0.0
    silent = (seen.log.closed - pl.col("complete")).dt.total_seconds() / DAY
    ended = table.filter(pl.col("following").is_null() & (silent > patience)).height
    whole = went.height + ended
    branches = []
    for (following,), rows in sorted(went.group_by("following"), key=lambda one: (-one[1].height, str(one[0][0]))):
        delay = _measured(rows["wait"].to_numpy(), "days")
        branches.append(Branch(to=str(following), share=rows.height / whole, delay=delay))
    return branches


def _service(rows: pl.DataFrame, pool: str, frame: _Frame) -> Distribution | None:
    """Working time, without nights and weekends."""
    staff = frame.staff[pool]
    span = (rows["complete"].max() - rows["start"].min()).days + 3 if rows.height else 1  # type: ignore[operator, union-attr]
    hours = open_hours(staff.hours, _calendar(staff.calendar or frame.calendar), frame.opens, max(span, 1) + 400)
    stretches = (hours.begins, hours.ends, hours.before)
    start, complete = (_seconds(rows[name], frame) for name in ("start", "complete"))
    lasted = worked(complete, *stretches) - worked(start, *stretches)
    # Work wholly outside of the hours was work all the same.
    lasted = np.where(lasted > 0, lasted, np.minimum(complete - start, 3600.0 * 4))
    return _measured(lasted / 60, "minutes")


def _seconds(moments: pl.Series, frame: _Frame) -> Array:
    local = moments.dt.convert_time_zone(frame.time_zone).dt.replace_time_zone(None)
    midnight = datetime.datetime.combine(frame.opens, datetime.time())
    return np.asarray((local - midnight).dt.total_microseconds().to_numpy() / MICROSECOND)


def _measured(values: Array, unit: str) -> Distribution | None:
    """Measured durations, condensed where they are many; nothing where all are nought."""
    values = np.sort(np.maximum(values, 0.0))
    if not len(values) or values[-1] <= 0:
        return None
    if len(values) > QUANTILES:
        values = np.array([part.mean() for part in np.array_split(values, QUANTILES)])
    kept = [float(f"{value:.6g}") for value in values]
    return Distribution(empirical=kept, unit=unit, confidence="estimated")


# --- staff ------------------------------------------------------------------------------------------------------------


def _staff(seen: _Seen, pool: _Pool, calendar: str, log: EventLog) -> Staff:
    """How many are at work on a busy day, and when."""
    rows = seen.table.filter(
        pl.col("activity").is_in(pool.activities)
        & pl.col("measured")
        & pl.col("resource").cast(pl.String).is_in(pool.resources)
    )
    local = pl.concat([rows["start"], rows["complete"]]).dt.convert_time_zone(log.time_zone).dt.replace_time_zone(None)
    people = pl.concat([rows["resource"], rows["resource"]]).cast(pl.String)
    daily = pl.DataFrame({"day": local.dt.date(), "who": people}).group_by("day").agg(pl.col("who").n_unique())["who"]
    number = max(1, round(float(daily.quantile(0.9) or 1)))
    moments = local.dt.cast_time_unit("us").to_physical().to_numpy()
    week = calendars(np.zeros(len(moments), np.int64), moments, 1, CalendarRule())[0].reshape(7, 24)
    seconds = moments // MICROSECOND % 86_400
    weekday = (moments // MICROSECOND // 86_400 + 3) % 7
    by_day = {
        WEEKDAYS[day]: text
        for day in range(7)
        if (
            text := _spans(week[day], seconds[weekday == day], seconds[weekday < 5] if day < 5 else seconds[weekday == day])
        )
    }
    workdays = Counter(by_day[name] for name in WEEKDAYS[:5] if name in by_day)
    hours = dict(by_day)
    if workdays:
        usual = workdays.most_common(1)[0][0]
        hours = {"working_days": usual} | {
            name: by_day.get(name, "")
            for name in WEEKDAYS
            if by_day.get(name, "") != (usual if name in WEEKDAYS[:5] else "")
        }
        hours = {name: text for name, text in hours.items() if name == "working_days" or text or name in WEEKDAYS[:5]}
    return Staff(
        number=number, hours=hours or "always", calendar=calendar, source=log.name, confidence="estimated"
    )  # fmt: skip


def _spans(working: Array, seconds: Array, pooled: Array) -> str:
    """Hours in a row as spans, their ends as early and late as anything was done in them, to the quarter."""
    spans = []
    hours = np.flatnonzero(working)
    if not len(hours) or not len(seconds):
        return ""
    for block in np.split(hours, np.flatnonzero(np.diff(hours) > 1) + 1):
        first, last = int(block[0]), int(block[-1])
        in_first, in_last = pooled[pooled // 3600 == first], pooled[pooled // 3600 == last]
        start = int(np.quantile(in_first, 0.01)) // QUARTER * QUARTER if len(in_first) else first * 3600
        stop = -(-int(np.quantile(in_last, 0.99)) // QUARTER) * QUARTER if len(in_last) else (last + 1) * 3600
        if stop <= start:
            stop = start + QUARTER
        spans.append(f"{start // 3600:02}:{start % 3600 // 60:02}-{stop // 3600:02}:{stop % 3600 // 60:02}")
    return " ".join(spans)


# --- arrivals ---------------------------------------------------------------------------------------------------------


def _arrivals(seen: _Seen, log: EventLog, calendar: str) -> dict[str, Arrivals]:
    """A stream for each group, so that groups stand to each other as in the log."""
    first = log.events.group_by("case", maintain_order=True).agg(pl.col("time").first())
    local = first["time"].dt.convert_time_zone(log.time_zone).dt.replace_time_zone(None)
    table = pl.DataFrame(
        {"moment": local, **{f"by_{name}": values.gather(first["case"]) for name, values in seen.groups.items()}}
    )
    days = _days_between(local)
    streams = {}
    for number, kind in enumerate(list(seen.kinds()) or [{}], start=1):
        conditions = [pl.col(f"by_{column}") == value for column, value in kind.items()]
        rows = table.filter(pl.all_horizontal(conditions)) if conditions else table
        if rows.height:
            streams[f"stream_{number}"] = _stream(rows["moment"], days, calendar, log, kind)
    return streams


def _days_between(local: pl.Series) -> Array:
    first, last = local.min(), local.max()
    assert isinstance(first, datetime.datetime) and isinstance(last, datetime.datetime)
    return np.arange(day_number(first.date()), day_number(last.date()) + 1)


def _stream(moments: pl.Series, days: Array, calendar: str, log: EventLog, kind: Mapping[str, str]) -> Arrivals:
    arrived = moments.dt.date().cast(pl.Int32).to_numpy().astype(np.int64)
    held = _calendar(calendar)
    works = held.count(days - 1, days, "working_days") > 0
    on_working = (held.count(arrived - 1, arrived, "working_days") > 0).mean()
    working = bool(on_working > 0.97)
    eligible = days[works] if working else days
    weekday, weekday_of = (arrived + 3) % 7, (eligible + 3) % 7
    rate = len(arrived) / max(len(eligible), 1)
    by_weekday = {}
    for day, name in enumerate(WEEKDAYS):
        possible = int((weekday_of == day).sum())
        if possible and len(arrived) >= 10 * 7:
            by_weekday[name] = round(float((weekday == day).sum() / possible / rate), 4)
    hour = moments.dt.hour().to_numpy()
    by_hour = {at: float((hour == at).sum()) for at in range(24) if (hour == at).any()}
    return Arrivals(
        per_day=float(f"{rate:.6g}"), days="working_days" if working else "every_day", by_weekday=by_weekday,
        by_month=_by_month(arrived, eligible, rate), by_hour=by_hour, set=dict(kind), source=log.name,
        confidence="estimated",
    )  # fmt: skip


def _by_month(arrived: Array, eligible: Array, rate: float) -> dict[int, float]:
    """Factors of months, where every month was seen whole at least once and often enough."""
    month, month_of = (
        days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 for days in (arrived, eligible)
    )
    possible = np.bincount(month_of, minlength=12)
    if len(eligible) < 200 or possible.min() < 15 or len(arrived) < 12 * ENOUGH:
        return {}
    count = np.bincount(month, minlength=12)
    return {at + 1: round(float(count[at] / possible[at] / rate), 4) for at in range(12)}
