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
from canbao.procedures.analysis import Endings, completed, outcomes
from canbao.procedures.analysis.calendars import CalendarRule
from canbao.procedures.analysis.waiting import waiting_times
from canbao.procedures.attributes import UNSAID
from canbao.procedures.clocks import Limits, limits_for
from canbao.procedures.clocks.calendar import Calendar, day_number, find_calendar
from canbao.procedures.clocks.clock import PROCEDURE, procedure_named
from canbao.procedures.event_log import EventLog
from canbao.procedures.simulation.distributions import Distribution
from canbao.procedures.simulation.hours import DAY, WEEKDAYS, OpenHours, open_hours
from canbao.procedures.simulation.process_model import Arrivals, Branch, OtherStep, ProcessModel, Staff, Step
from canbao.procedures.simulation.run import worked
from canbao.procedures.simulation.validation import validate

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
ROUNDS = 2
"""So often the model is run and its delays are adjusted."""

PAUSE = 900.0
"""Seconds; who rests for less between two cases was not free."""


MICROSECOND = 1_000_000


def estimate(log: EventLog, by: Sequence[str] = (), limits: Limits | None = None) -> ProcessModel:
    """A model of what a log shows.

    Args:
        log: any log; one with starts, completions and people gives a model with staff.
        by: columns on whose values ways and times may depend.
        limits: says with which activities cases end, and by which further columns clocks tell cases apart, which the model
            then has as far as groups stay few; the shipped ones of the log's procedures if None.

    Raises:
        InputError: a column is not there, or has too many values.
    """
    limits = limits_for(log) if limits is None else limits
    seen = _Seen(log, _groups(log, list(dict.fromkeys(by)), limits), _ended(log, limits))
    calendar = _which_calendar(log)
    opens = log.opened.astimezone(log.zone).date()
    pools = seen.pools()
    staff = {name: _staff(seen, pool, calendar, limits) for name, pool in pools.items()}
    days = (log.closed.astimezone(log.zone).date() - opens).days + 1
    frame = _Frame(calendar, opens, log.time_zone, staff, days)
    seen.table = seen.table.with_columns(delay=seen.delays(pools, frame).shift(-1))
    steps = {name: _step(seen, name, pools, frame) for name in seen.activities}
    first = seen.table.filter(pl.col("before").is_null() & pl.col("is_first"))
    started = first["activity"].value_counts(sort=True)
    model = ProcessModel(
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
    for _ in range(ROUNDS if staff else 0):
        model = _adjusted(model, log)
    return model


def _adjusted(model: ProcessModel, log: EventLog) -> ProcessModel:
    """The model with delays before staffed steps moved by what its own run missed on each way.

    Where people are hardly ever free nobody can tell when a case was ready, and delays come out too short.
    """
    missed = {
        (row["activity"], row["following"]): row["observed_days"] - row["simulated_days"]
        for row in validate(log, model).edges.drop_nulls().iter_rows(named=True)
        if model.steps[row["following"]].staff is not None and row["observed"] * log.cases.height >= 100 * ENOUGH
    }
    steps = {}
    for name, step in model.steps.items():
        where = [other.model_copy(update={"next": _moved(name, other.next, missed)}) for other in step.where]
        steps[name] = step.model_copy(update={"next": _moved(name, step.next, missed), "where": where})
    return model.model_copy(update={"steps": steps})


def _moved(name: str, branches: Sequence[Branch], missed: Mapping[tuple[str, str], float]) -> list[Branch]:
    return [
        branch.model_copy(update={"delay": _longer(branch.delay, missed.get((name, branch.to), 0.0))})
        for branch in branches
    ]


def _longer(delay: Distribution | None, days: float) -> Distribution | None:
    """A delay so many days longer, or shorter in proportion as far as there is any."""
    if days > 0:
        values = np.array(delay.empirical if delay is not None else [0.0]) + days
    elif delay is None or not delay.empirical:
        return delay
    else:
        values = np.array(delay.empirical)
        values = values * max(0.0, 1 + days / float(values.mean()))
    return _measured(values, "days")


def _procedure(log: EventLog) -> str | None:
    """The shipped procedure to which all cases belong."""
    if PROCEDURE not in {*log.cases.columns, *log.events.columns}:
        return None
    named = {procedure_named(name) for name in log.case_column(PROCEDURE).cast(pl.String).drop_nulls().unique()}
    return next(iter(named)) if len(named) == 1 else None


def _groups(log: EventLog, columns: list[str], limits: Limits) -> dict[str, pl.Series]:
    """The columns that tell groups apart: those asked for, then those that clocks ask for while there are not too many."""

    def values(name: str) -> pl.Series:
        return log.case_column(name).cast(pl.String).fill_null(UNSAID)

    found = {name: values(name) for name in columns}
    many = pl.DataFrame(found).unique().height if found else 1
    if many > MOST_GROUPS:
        fault = say("too_many_groups", names=", ".join(columns), groups=many, most=MOST_GROUPS)
        raise InputError(Fault(fault, Place(log.name), say("too_many_groups_remedy")))
    entries = [clock.entry for clock in limits.clocks]
    conditions = [where for entry in entries for where in (entry.where, *(one.where for one in entry.exceptions))]
    asked = [name for where in conditions for name in where]
    known = {*log.cases.columns, *log.events.columns}
    for name in dict.fromkeys(asked):
        if name in known and name not in found:
            more = found | {name: values(name)}
            if pl.DataFrame(more).unique().height <= MOST_GROUPS:
                found = more
    return found


def _ended(log: EventLog, limits: Limits) -> pl.Series | None:
    """Which cases have come to an end; None where nobody has said how cases end."""
    steps = completed(log)
    named = limits.endings
    endings = Endings(named["completed"], named["refused"], named["abandoned"]).within(steps)
    if not endings.completed:
        return None
    over = outcomes(steps, endings).filter(pl.col("outcome").cast(pl.String) != "open")["case"]
    return pl.Series(np.isin(np.arange(log.cases.height), over.to_numpy()))


def _which_calendar(log: EventLog) -> str:
    """China's, unless people there work on its holidays or live elsewhere."""
    if log.time_zone != "Asia/Shanghai":
        return "weekdays"
    day = log.events["time"].dt.convert_time_zone(log.time_zone).dt.date().cast(pl.Int32).to_numpy().astype(np.int64)
    days = np.arange(day.min(), day.max() + 1)
    in_week = (days + 3) % 7 < 5
    works = _calendar("cn").count(days - 1, days, "working_days") > 0
    count = np.bincount(day - day.min(), minlength=len(days))
    holidays, plain = in_week & ~works, in_week & works
    if not holidays.any() or not plain.any():
        return "cn"
    return "weekdays" if count[holidays].mean() > 0.5 * count[plain].mean() else "cn"


@dataclass(frozen=True)
class _Frame:
    """What all steps of the model share."""

    calendar: str
    opens: datetime.date
    time_zone: str
    staff: Mapping[str, Staff]
    days: int

    def hours_of(self, pool: str) -> OpenHours:
        """When a pool's people are at their desks."""
        staff = self.staff[pool]
        return open_hours(staff.hours, _calendar(staff.calendar or self.calendar), self.opens, self.days + 30)


def _calendar(name: str) -> Calendar:
    return find_calendar(name, Path.cwd())


@dataclass(frozen=True)
class _Pool:
    """Activities done by the same people."""

    activities: tuple[str, ...]
    resources: tuple[str, ...]


class _Seen:
    """What happened in a log, an instance of an activity a row."""

    def __init__(self, log: EventLog, groups: Mapping[str, pl.Series], ended: pl.Series | None) -> None:
        self.log, self.groups, self.ended = log, groups, ended
        table = waiting_times(log).cast({"activity": pl.String, "before": pl.String})
        table = table.filter(pl.col("complete").is_not_null())
        table = table.with_columns(
            is_first=pl.col("case") != pl.col("case").shift(1).fill_null(2**32 - 1),
            following=pl.when(pl.col("case") == pl.col("case").shift(-1)).then(pl.col("activity").shift(-1)),
            **{f"by_{name}": values.gather(table["case"]) for name, values in groups.items()},
        )
        self.table = table.with_columns(before=pl.when(~pl.col("is_first")).then(pl.col("activity").shift(1)))
        self.activities: list[str] = self.table["activity"].unique(maintain_order=True).to_list()

    def of(self, activity: str) -> pl.DataFrame:
        """The instances of one activity."""
        return self.table.filter(pl.col("activity") == activity)

    def kinds(self) -> Iterator[dict[str, str]]:
        """Every combination of groups that occurs."""
        if self.groups:
            yield from pl.DataFrame(self.groups).unique(maintain_order=True).iter_rows(named=True)

    def delays(self, pools: Mapping[str, _Pool], frame: _Frame) -> pl.Series:
        """Days before each instance that are a delay: all of them, or up to when its staff was last free before it began.

        A case that waits while somebody is free and at a desk is not yet ready; what follows is queue and closed desks,
        which the model makes itself (after Chapela-Campa and Dumas, "Enhancing business process simulation models with
        extraneous activity delays"; written from the idea).
        """
        delays = self.table["waiting_days"].fill_null(0.0).to_numpy().copy()
        for name, pool in pools.items():
            rows = np.flatnonzero(self.worked_by(pool).to_numpy())
            start, complete = (_seconds(self.table[column], frame)[rows] for column in ("start", "complete"))
            ready = start - delays[rows] * DAY
            until = _last_free(start, complete, frame.hours_of(name), round(float(frame.staff[name].number)))
            delays[rows] = np.clip(until - ready, 0.0, start - ready) / DAY
        return pl.Series(delays)

    def worked_by(self, pool: _Pool) -> pl.Series:
        """Which instances were the measured work of a pool's people."""
        people = pl.col("resource").cast(pl.String).is_in(pool.resources)
        return self.table.select(
            (pl.col("activity").is_in(pool.activities) & pl.col("measured") & people).fill_null(False)
        )[:, 0]

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
        for group in joined:
            resources = sorted({person for name in group for person in counts[name]})
            group = sorted(group, key=lambda name: (-counts[name].total(), name))
            made[f"staff_{group[0]}"] = _Pool(tuple(group), tuple(resources))
        return made


def _cosine(first: Counter[str], second: Counter[str]) -> float:
    common = sum(times * second[name] for name, times in first.items())
    return common / math.sqrt(sum(n * n for n in first.values()) * sum(n * n for n in second.values()))


# --- steps ------------------------------------------------------------------------------------------------------------


def _step(seen: _Seen, name: str, pools: Mapping[str, _Pool], frame: _Frame) -> Step:
    pool = next((key for key, one in pools.items() if name in one.activities), None)
    rows = seen.of(name)
    fields: dict[str, Any] = {"source": seen.log.name, "confidence": "estimated"}
    fields |= _own(seen, rows, pool, pools, frame)
    where = []
    for kind in seen.kinds():
        own = rows.filter(pl.all_horizontal(pl.col(f"by_{column}") == value for column, value in kind.items()))
        if own.height >= ENOUGH:
            when = {column: [value] for column, value in kind.items()}
            burden = _burden(seen, name, own["case"])
            where.append(OtherStep(when=when, **_own(seen, own, pool, pools, frame), **burden))
    return Step(where=where, **fields, **_burden(seen, name, rows["case"]))


def _burden(seen: _Seen, name: str, cases: pl.Series) -> dict[str, int]:
    """The documents and visits that a step takes of some cases, in whole numbers: what a counter asks, an app need not."""
    events = seen.log.events.filter(pl.col("activity").cast(pl.String) == name, pl.col("case").is_in(cases.implode()))
    found: dict[str, int] = {}
    for column in ("documents", "visits"):
        if column in events.columns:
            mean = events[column].cast(pl.Float64, strict=False).drop_nulls().mean()
            if isinstance(mean, float):
                found[column] = max(0, min(1_000, round(mean)))
    return found


def _own(
    seen: _Seen, rows: pl.DataFrame, pool: str | None, pools: Mapping[str, _Pool], frame: _Frame
) -> dict[str, Any]:  # fmt: skip
    """What a step is for the cases of some rows: its ways, and where people work, how long and how often without them."""
    fields: dict[str, Any] = {"next": _ways(seen, rows)}
    if pool is None:
        return fields
    fields["staff"] = pool
    by_people = rows.filter(pl.col("measured") & pl.col("resource").cast(pl.String).is_in(pools[pool].resources))
    fields["service"] = _service(by_people, frame.hours_of(pool), frame)
    fields["automatic"] = (rows.height - by_people.height) / rows.height
    return fields


def _ways(seen: _Seen, rows: pl.DataFrame) -> list[Branch]:
    """Where cases go from an activity, how often, and what they wait for on the way."""
    went = rows.filter(pl.col("following").is_not_null())
    # A case that was last seen a short while ago may yet go on; it says nothing of ends.
    patience = went["delay"].quantile(0.95) or 0.0
    silent = (seen.log.closed - pl.col("complete")).dt.total_seconds() / DAY
    over = silent > patience if seen.ended is None else pl.lit(seen.ended.gather(rows["case"]))
    ended = rows.filter(pl.col("following").is_null() & over).height
    whole = went.height + ended
    branches = []
    for (following,), part in sorted(went.group_by("following"), key=lambda one: (-one[1].height, str(one[0][0]))):
        delay = _measured(part["delay"].to_numpy(), "days")
        branches.append(Branch(to=str(following), share=part.height / whole, delay=delay))
    return branches


def _last_free(start: Array, complete: Array, hours: OpenHours, number: int) -> Array:
    """Until when somebody of a pool was last free and at a desk before each of its instances began.

    Args:
        start: of each instance, seconds.
        complete: of each instance.
        hours: of the pool.
        number: of its people.
    """
    moments = np.concatenate([start, complete])
    steps = np.concatenate([np.ones(len(start)), -np.ones(len(start))])
    order = np.lexsort((steps, moments))
    busy = np.concatenate([[0.0], np.cumsum(steps[order])])
    edges = np.concatenate([[min(0.0, float(moments.min(initial=0.0)))], moments[order], [np.inf]])
    free = busy < number
    # Free stretches that follow each other are one.
    opens = np.flatnonzero(free & ~np.concatenate([[False], free[:-1]]))
    closes = np.flatnonzero(free & ~np.concatenate([free[1:], [False]]))
    begins, ends = _within(edges[opens], edges[closes + 1], hours)
    long_enough = ends - begins >= PAUSE
    begins, ends = begins[long_enough], ends[long_enough]
    if not len(begins):
        return np.full(len(start), -np.inf)
    at = np.searchsorted(begins, start - PAUSE, side="right") - 1
    return np.where(at >= 0, np.minimum(ends[np.maximum(at, 0)], start), -np.inf)


def _within(begins: Array, ends: Array, hours: OpenHours) -> tuple[Array, Array]:
    """The parts of stretches in which a pool is at its desks."""
    if not len(hours.begins):
        return begins, ends
    first = np.searchsorted(hours.ends, begins, side="right")
    last = np.searchsorted(hours.begins, ends, side="left")
    count = np.maximum(last - first, 0)
    which = np.repeat(np.arange(len(begins)), count)
    opened = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    return np.maximum(begins[which], hours.begins[opened]), np.minimum(ends[which], hours.ends[opened])


def _service(rows: pl.DataFrame, hours: OpenHours, frame: _Frame) -> Distribution | None:
    """Working time, without nights and weekends."""
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


def _staff(seen: _Seen, pool: _Pool, calendar: str, limits: Limits) -> Staff:
    """How many are at work on a busy day, and when."""
    log = seen.log
    label = say("staff_of", step=limits.label(pool.activities[0]))
    rows = seen.table.filter(seen.worked_by(pool))
    local = pl.concat([rows["start"], rows["complete"]]).dt.convert_time_zone(log.time_zone).dt.replace_time_zone(None)
    people = pl.concat([rows["resource"], rows["resource"]]).cast(pl.String)
    daily = pl.DataFrame({"day": local.dt.date(), "who": people}).group_by("day").agg(pl.col("who").n_unique())["who"]
    number = max(1, round(float(daily.quantile(0.9) or 1)))
    hours = _hours(local.dt.cast_time_unit("us").to_physical().to_numpy(), _calendar(calendar))
    return Staff(
        label=Bilingual(en=label.en, zh=label.zh), number=number, hours=hours or "always", calendar=calendar,
        source=log.name, confidence="estimated",
    )  # fmt: skip


def _hours(moments: Array, calendar: Calendar) -> dict[str, str]:
    """Working hours from the moments at which work was begun and done.

    Args:
        moments: by the wall clock, microseconds since 1970.
        calendar: whose working days on weekends, and holidays in the week, tell nothing of the plain week.
    """
    day = moments // (86_400 * MICROSECOND)
    weekday = (day + 3) % 7
    works = calendar.count(day - 1, day, "working_days") > 0
    plain = works == (weekday < 5)
    moments, weekday = moments[plain], weekday[plain]
    seconds = moments // MICROSECOND % 86_400
    hours: dict[str, str] = {}
    usual = _busy_hours(moments[weekday < 5])
    if usual.any():
        hours["working_days"] = _spans(usual, seconds[weekday < 5])
    for at, name in enumerate(WEEKDAYS):
        rows = weekday == at
        own = _busy_hours(moments[rows])
        if at >= 5 and own.any():
            hours[name] = _spans(own, seconds[rows])
        elif at < 5 and rows.sum() >= CalendarRule().events and (own != usual).sum() > 1:
            # A half day; an hour more or less is chance.
            hours[name] = _spans(own, seconds[rows])
    return hours


def _busy_hours(moments: Array) -> Array:
    """The hours in which something was done on enough of the days on which anything was."""
    day, hour = moments // (86_400 * MICROSECOND), moments // (3_600 * MICROSECOND) % 24
    days = len(np.unique(day))
    in_hour = np.bincount(np.unique(day * 24 + hour) % 24, minlength=24)
    return np.asarray((in_hour > 0) & (in_hour >= CalendarRule().confidence * days))


def _spans(working: Array, seconds: Array) -> str:
    """Hours in a row as spans, their ends as early and late as anything was done in them, to the quarter."""
    spans = []
    hours = np.flatnonzero(working)
    if not len(hours):
        return ""
    for block in np.split(hours, np.flatnonzero(np.diff(hours) > 1) + 1):
        first, last = int(block[0]), int(block[-1])
        in_first, in_last = seconds[seconds // 3600 == first], seconds[seconds // 3600 == last]
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
