"""Which days count: every day, Monday to Friday, or the working days that the State Council arranges year by year.

The day after the event is day 1, and a limit ends with its last day (Civil Code, art. 201). China moves working days to
weekends around holidays, so working days can only be counted with the yearly notices; for a year without one the plain
week is taken, and `knows` says so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.located_yaml import Entry, YamlFile

say = Catalogue("canbao.procedures.clocks", "words")

Unit = Literal["calendar_days", "working_days", "months"]
Days = NDArray[np.int64]
"""Days since 1 January 1970."""

CORRECTIONS = {datetime.date(2005, 12, 31): True}
"""Where the package errs: a Saturday on which people worked (notice 国办发明电〔2005〕35号)."""

NAMES = ("cn", "weekdays", "calendar_days")
SUFFIXES = (".yaml", ".yml")
FIRST, LAST = datetime.date(1950, 1, 1), datetime.date(2150, 12, 31)


def day_number(day: datetime.date) -> int:
    """Days since 1 January 1970."""
    return day.toordinal() - 719_163


@dataclass(frozen=True)
class Calendar:
    """Which days are working days.

    Args:
        name: as it is called in `calendar:`.
        known: years whose holidays are known; None where the week alone decides.
        differs: days on which it is otherwise than the plain week: a holiday (False) or a weekend worked (True).
        every_day: whether every day counts, working or not.
    """

    name: str
    known: frozenset[int] | None = None
    differs: tuple[tuple[datetime.date, bool], ...] = ()
    every_day: bool = False
    _before: Days = field(init=False, repr=False, compare=False)
    _working: Days = field(init=False, repr=False, compare=False)
    _start: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        start, stop = day_number(FIRST), day_number(LAST)
        days = np.arange(start, stop + 1)
        # 1 January 1970 was a Thursday.
        works = np.ones(len(days), bool) if self.every_day else (days + 3) % 7 < 5
        for day, is_working in self.differs:
            works[day_number(day) - start] = is_working
        object.__setattr__(self, "_start", start)
        object.__setattr__(self, "_working", days[works])
        object.__setattr__(self, "_before", np.cumsum(works))

    def is_working(self, day: datetime.date) -> bool:
        """Whether a day is a working day."""
        one = np.array([day_number(day)])
        return bool(self.count(one - 1, one, "working_days")[0])

    def count(self, start: Days, stop: Days, unit: Unit) -> Days:
        """Days from the day after `start` to `stop`, both included; negative where `stop` comes first.

        Args:
            start: day of the event.
            stop: the last day counted.
            unit: which days count; months are counted in calendar days.
        """
        if unit != "working_days":
            return stop - start
        return self._before[self._at(stop)] - self._before[self._at(start)]

    def add(self, start: Days, length: Days, unit: Unit) -> Days:
        """The last day of a limit.

        Args:
            start: day of the event, which does not count.
            length: the limit; 0 ends with the day of the event.
            unit: which days count. Months end with the day of the same number, else with the month's last (Civil Code,
                art. 202).
        """
        if unit == "calendar_days":
            return start + length
        if unit == "months":
            return _months_later(start, length)
        at = self._before[self._at(start)] + length - 1
        found = self._working[np.clip(at, 0, len(self._working) - 1)]
        return np.asarray(np.where(length == 0, start, found))

    def next_working_day(self, day: Days) -> Days:
        """The day itself if it is a working day, else the first one after it."""
        return self.add(day - 1, np.ones_like(day), "working_days")

    def knows(self, start: Days, stop: Days) -> NDArray[np.bool_]:
        """Whether the holidays of all years from the one of `start` to that of `stop` are known."""
        if self.known is None:
            return np.ones(len(start), bool)
        years = np.arange(FIRST.year, LAST.year + 1)
        unknown = np.concatenate([[0], np.cumsum(~np.isin(years, sorted(self.known)))])
        first, last = (_year(self._clipped(one)) - FIRST.year for one in (start, stop))
        return np.asarray(unknown[np.maximum(first, last) + 1] == unknown[first])

    def _clipped(self, days: Days) -> Days:
        return np.clip(days, self._start, self._start + len(self._before) - 1)

    def _at(self, days: Days) -> Days:
        return self._clipped(days) - self._start


def _months_later(start: Days, months: Days) -> Days:
    days = start.astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    ahead = month + months
    first = ahead.astype("datetime64[D]")
    last = (ahead + 1).astype("datetime64[D]") - first
    day = np.minimum(days - month.astype("datetime64[D]"), last - 1)
    found: Days = (first + day).astype(np.int64)
    return found


def _year(days: Days) -> Days:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


# --- those that come with the programme -----------------------------------------------------------------------------------


@cache
def chinese_calendar() -> Calendar:
    """China's working days after the yearly notices of the State Council's General Office, with make-up days.

    The days are those of the package chinesecalendar. The last days of a year may still be moved by the notice of the next.
    """
    from chinese_calendar import constants  # takes as long as all the rest of this room

    differs = dict.fromkeys(constants.holidays, False) | dict.fromkeys(constants.workdays, True) | CORRECTIONS
    years = {day.year for day in constants.holidays}
    return Calendar("cn", frozenset(years), tuple(sorted(differs.items())))


@cache
def weekdays() -> Calendar:
    """Monday to Friday, whatever the holidays."""
    return Calendar("weekdays")


@cache
def every_day() -> Calendar:
    """Every day counts."""
    return Calendar("calendar_days", every_day=True)


# --- a calendar of one's own ----------------------------------------------------------------------------------------------


class CalendarFile(Entry):
    """A calendar's file.

    With `extends: cn` its days come on top of China's, as for a year whose notice came after this version.
    """

    extends: Literal["cn", "weekdays"] = "weekdays"
    years: list[int] = Field(default_factory=list)
    holidays: list[datetime.date | str] = Field(default_factory=list)
    workdays: list[datetime.date | str] = Field(default_factory=list)
    source: str = ""


def find_calendar(name: str, folder: Path, place: Place | None = None) -> Calendar:
    """A calendar by its name.

    Args:
        name: `cn`, `weekdays`, `calendar_days`, or a YAML file with `holidays:` and `workdays:`.
        folder: from which the file is named.
        place: where the name was written, for the fault.

    Raises:
        InputError: no such calendar, or its file is at fault.
    """
    if name.endswith(SUFFIXES):
        return read_calendar(folder / name)
    known = {"cn": chinese_calendar, "weekdays": weekdays, "calendar_days": every_day}
    if name not in known:
        raise InputError(Fault(say("no_calendar", name=name), place or Place(), did_you_mean(name, NAMES)))
    return known[name]()


def read_calendar(path: Path) -> Calendar:
    """A calendar from a file: days singly, or spans such as `2027-02-05..2027-02-13`.

    Raises:
        InputError: the file is at fault; all places at once.
    """
    yaml = YamlFile(path)
    file = yaml.validate(CalendarFile)
    base = chinese_calendar() if file.extends == "cn" else weekdays()
    faults: list[Fault] = []
    differs: dict[datetime.date, bool] = {}
    for key, is_working in (("holidays", False), ("workdays", True)):
        for at, written in enumerate(getattr(file, key)):
            place = yaml.place([key, at])
            try:
                days = list(_days(written))
            except ValueError:
                faults.append(Fault(say("no_day", value=str(written)), place, say("no_day_remedy")))
                continue
            for day in days:
                if differs.get(day, is_working) != is_working:
                    faults.append(Fault(say("both_kinds", day=day.isoformat()), place))
                differs[day] = is_working
    years = {day.year for day in differs} | set(file.years)
    for at, year in enumerate(file.years):
        if not FIRST.year <= year <= LAST.year:
            faults.append(Fault(say("year_outside", first=str(FIRST.year), last=str(LAST.year)), yaml.place(["years", at])))
    if not years:
        faults.append(Fault(say("empty_calendar"), yaml.place([]), say("empty_calendar_remedy")))
    raise_all(faults)
    return Calendar(path.stem, (base.known or frozenset()) | years, tuple(sorted((dict(base.differs) | differs).items())))


def _days(written: datetime.date | str) -> Iterator[datetime.date]:
    """A day, or every day of a span.

    Raises:
        ValueError: it is neither, or lies outside the years that can be reckoned with.
    """
    first, _, last = str(written).partition("..")
    start = datetime.date.fromisoformat(first.strip())
    stop = datetime.date.fromisoformat(last.strip()) if last else start
    if not FIRST <= start <= stop <= LAST or (stop - start).days > 366:
        raise ValueError(written)
    for ahead in range((stop - start).days + 1):
        yield start + datetime.timedelta(ahead)
