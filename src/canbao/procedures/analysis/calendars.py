"""When a resource works, by weekday and hour, estimated from when it did."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from canbao.procedures.analysis.sequences import Booleans, Integers

HOUR = 3_600_000_000
"""Microseconds."""

HOURS_A_WEEK = 168


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """From what a working hour is inferred.

    Args:
        confidence: an hour of a weekday is a working hour if something was begun or completed in it in at least this share
            of the weeks in which the resource did anything on that weekday.
        support: the working hours must explain at least this share of what the resource did, else those of all resources
            together stand in.
        events: a resource with fewer starts and completions has no calendar of its own.
    """

    confidence: float = 0.1
    support: float = 0.7
    events: int = 100


@dataclass(frozen=True, slots=True)
class LocalTime:
    """How the clocks of a zone differ from UTC.

    Args:
        since: moments (microseconds, UTC) from which an offset holds; the first before all others.
        offset: microseconds to be added.
    """

    since: Integers
    offset: Integers

    @classmethod
    def of(cls, zone: str, first: datetime.datetime, last: datetime.datetime) -> LocalTime:
        """The offsets of a zone between two moments."""
        hours = pl.datetime_range(first, last + datetime.timedelta(hours=1), "1h", eager=True, time_unit="us")
        local = hours.dt.convert_time_zone(zone).dt.replace_time_zone(None).to_physical().to_numpy()
        moments = hours.to_physical().to_numpy()
        offset = local - moments
        changes = np.flatnonzero(np.diff(offset, prepend=offset[0] - 1))
        # A change lies in the hour before; clocks change on full hours of UTC.
        since = moments[changes] - moments[changes] % HOUR
        since[0] = np.iinfo(np.int64).min
        return cls(since, offset[changes])

    def local(self, moments: Integers) -> Integers:
        """The wall clock's time, microseconds since 1970."""
        return np.asarray(moments + self.offset[np.searchsorted(self.since, moments, side="right") - 1])


def hour_of_week(local: Integers) -> Integers:
    """0 for the first hour of Monday, to 167."""
    # 1 January 1970 was a Thursday.
    return np.asarray((local // HOUR + 3 * 24) % HOURS_A_WEEK)


def calendars(resource: npt.NDArray[np.int64], local: Integers, resources: int, rule: CalendarRule) -> Booleans:
    """Which hours of the week each resource works.

    Args:
        resource: of each start or completion, from 0.
        local: its moment by the wall clock, microseconds.
        resources: how many there are.
        rule: from what a working hour is inferred.

    Returns:
        A row a resource, a column an hour of the week.
    """
    week = (local // HOUR + 3 * 24) // HOURS_A_WEEK
    hour = hour_of_week(local)
    everybody = _working(np.zeros_like(resource), week, hour, 1, rule.confidence)[0]
    own = _working(resource, week, hour, resources, rule.confidence)
    count = np.bincount(resource, minlength=resources)
    explained = np.bincount(resource, weights=own[resource, hour], minlength=resources)
    enough = (count >= rule.events) & (explained >= rule.support * count)
    return np.asarray(np.where(enough[:, None], own, everybody[None, :]))


def _working(resource: Integers, week: Integers, hour: Integers, resources: int, confidence: float) -> Booleans:
    weeks = int(week.max(initial=0) - week.min(initial=0)) + 1 if len(week) else 1
    week = week - week.min(initial=week[0] if len(week) else 0)
    in_hour = np.unique((resource * HOURS_A_WEEK + hour) * weeks + week) // weeks
    on_day = np.unique((resource * 7 + hour // 24) * weeks + week) // weeks
    hours = np.bincount(in_hour, minlength=resources * HOURS_A_WEEK).reshape(resources, 7, 24)
    days = np.bincount(on_day, minlength=resources * 7).reshape(resources, 7, 1)
    return np.asarray(((hours > 0) & (hours >= confidence * days)).reshape(resources, HOURS_A_WEEK))
