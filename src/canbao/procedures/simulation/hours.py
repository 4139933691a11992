"""Working hours: when a pool of staff is at its desks, by weekday and in the State Council's calendar.

`hours: always`, or for `working_days` and single weekdays spans such as `"08:30-12:00 13:30-17:30"`. A day that the
calendar calls a working day has the hours of its weekday, else those of `working_days`; Saturdays and Sundays have hours
only where they are named and no holiday.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from canbao.procedures.clocks.calendar import LAST, Calendar, day_number

Floats = np.ndarray[Any, np.dtype[np.float64]]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 86_400.0

Hours = str | dict[str, str]
Spans = tuple[tuple[float, float], ...]
"""Seconds after midnight at which work begins and ends."""

_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class OpenHours:
    """Stretches of time in which work goes on, in seconds since the model's first midnight; none of them means always.

    Args:
        begins: when each begins.
        ends: when each ends.
        before: working time before each.
    """

    begins: Floats
    ends: Floats
    before: Floats

    @classmethod
    def of(cls, begins: Floats, ends: Floats) -> OpenHours:
        """Stretches in order."""
        lengths = ends - begins
        return cls(begins, ends, np.cumsum(lengths) - lengths)


ALWAYS = OpenHours.of(np.empty(0), np.empty(0))


def spans_of(text: str) -> Spans:
    """`"08:30-12:00 13:30-17:30"` as seconds.

    Raises:
        ValueError: it is no such text, or the spans overlap.
    """
    spans: list[tuple[float, float]] = []
    for part in text.replace(",", " ").split():
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(part)
        from_hour, from_minute, to_hour, to_minute = (int(one) for one in found.groups())
        start, stop = from_hour * 3600 + from_minute * 60, to_hour * 3600 + to_minute * 60
        if max(from_minute, to_minute) > 59 or not 0 <= start < stop <= DAY or (spans and start < spans[-1][1]):
            raise ValueError(part)
        spans.append((float(start), float(stop)))
    return tuple(spans)


def open_hours(hours: Hours, calendar: Calendar, opens: datetime.date, days: int) -> OpenHours:
    """When work goes on from the first day of a model.

    Args:
        hours: as the model has them, without faults.
        calendar: which days are working days.
        opens: the first day.
        days: how many days are laid out; afterwards work goes on around the clock.
    """
    if isinstance(hours, str):
        return ALWAYS
    by_day: Mapping[str, Spans] = {key: spans_of(text) for key, text in hours.items()}
    first = day_number(opens)
    days = min(days, day_number(LAST) - first)
    numbers = np.arange(first, first + days)
    working = calendar.count(numbers - 1, numbers, "working_days") > 0
    weekday = (numbers + 3) % 7  # 1 January 1970 was a Thursday
    holidays = {day_number(day) for day, works in calendar.differs if not works}
    begins: list[float] = []
    ends: list[float] = []
    for at, (number, works, day) in enumerate(zip(numbers.tolist(), working.tolist(), weekday.tolist(), strict=True)):
        name = WEEKDAYS[day]
        if works:
            spans = by_day.get(name, by_day.get("working_days", ()))
        else:
            spans = by_day.get(name, ()) if day >= 5 and number not in holidays else ()
        for start, stop in spans:
            if begins and ends[-1] == at * DAY + start:
                ends[-1] = at * DAY + stop
                continue
            begins.append(at * DAY + start)
            ends.append(at * DAY + stop)
    return OpenHours.of(np.array(begins, float), np.array(ends, float))


def whole_working_days(calendar: Calendar, opens: datetime.date, days: int) -> OpenHours:
    """Working days from midnight to midnight, in which delays of so many working days run."""
    return open_hours({"working_days": "00:00-24:00"}, calendar, opens, days)
