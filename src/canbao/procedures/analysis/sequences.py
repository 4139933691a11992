"""The log as arrays: which rows are a case, what follows what, and quantiles of many groups in one sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from canbao.procedures.event_log import EventLog

Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

DAY = 86_400_000_000
"""Microseconds of a day."""

TABLE_AT_MOST = 1 << 22
"""Up to so many possible pairs, those that occur are found by a table rather than by sorting."""


@dataclass(frozen=True, slots=True)
class Sequences:
    """A log's events as arrays in the log's order: by case, then time.

    Args:
        case: each event's case.
        activity: each event's activity, its code among the log's activities.
        time: microseconds since 1970.
        first: the row of each case's first event; only cases that have events.
        lengths: the events of each of these cases.
    """

    case: Codes
    activity: Codes
    time: Integers
    first: Integers
    lengths: Integers

    @classmethod
    def of(cls, log: EventLog) -> Sequences:
        """A log's events."""
        case = log.events["case"].to_numpy()
        time = log.events["time"].to_physical().to_numpy()
        activity = log.events["activity"].to_physical().to_numpy()
        first = np.concatenate([[0], np.flatnonzero(case[1:] != case[:-1]) + 1]) if len(case) else np.zeros(0, np.int64)
        return cls(case, activity, time, first, np.diff(first, append=len(case)))

    @property
    def last(self) -> Integers:
        """The row of each case's last event."""
        return self.first + self.lengths - 1

    @property
    def number(self) -> Integers:
        """Each event's number in its case, from 0."""
        return np.arange(len(self.case)) - np.repeat(self.first, self.lengths)

    @property
    def followed(self) -> Booleans:
        """Whether an event is followed by another of its case; without the log's last event."""
        return np.asarray(self.case[1:] == self.case[:-1])


@dataclass(frozen=True, slots=True)
class Sorted:
    """Values sorted within groups, from which quantiles are read off.

    Args:
        values: all values, group by group.
        start: where each group begins.
        count: how many values it has; at least one.
    """

    values: Integers
    start: Integers
    count: Integers

    @classmethod
    def of(cls, group: Codes, values: Integers, groups: int) -> Sorted:
        """Sort.

        Args:
            group: each value's group, from 0.
            values: whole numbers, none of them negative.
            groups: how many groups there are; each has at least one value.
        """
        count = np.bincount(group, minlength=groups).astype(np.int64)
        start = np.cumsum(count) - count
        bits = int(values.max(initial=0)).bit_length()
        if bits + max(groups - 1, 0).bit_length() <= 64:
            # One number for both: sorting plain numbers is several times faster than sorting by two keys.
            packed = group.astype(np.uint64)
            packed <<= np.uint64(bits)
            packed |= values.astype(np.uint64)
            packed.sort()
            packed &= np.uint64((1 << bits) - 1)
            return cls(packed.astype(np.int64), start, count)
        return cls(values[np.lexsort((values, group))], start, count)

    def quantile(self, probability: float) -> Floats:
        """The quantile of each group, by linear interpolation as numpy does."""
        place = (self.count - 1) * probability
        below = np.floor(place).astype(np.int64)
        low = self.values[self.start + below].astype(float)
        high = self.values[self.start + np.minimum(below + 1, self.count - 1)].astype(float)
        part = place - below
        # From the nearer end, as numpy.
        step = high - low
        return np.asarray(np.where(part >= 0.5, high - step * (1 - part), low + step * part))

    def total(self) -> Floats:
        """The sum of each group."""
        if not len(self.values):
            return np.zeros(0)
        return np.asarray(np.add.reduceat(self.values.astype(float), self.start))


def numbered(keys: Integers, possible: int) -> tuple[Codes, Integers]:
    """Each key's place among the keys that occur, and these in ascending order.

    Args:
        keys: from 0.
        possible: how many there could be.
    """
    if possible > TABLE_AT_MOST:
        occurring, place = np.unique(keys, return_inverse=True)
        return place, occurring
    occurs = np.zeros(possible, dtype=bool)
    occurs[keys] = True
    occurring = np.flatnonzero(occurs)
    table = np.zeros(possible, dtype=np.uint32)
    table[occurring] = np.arange(len(occurring), dtype=np.uint32)
    return table[keys], occurring


def distinct_cases(group: Codes, case: Codes, groups: int) -> Integers:
    """In how many cases each group occurs."""
    width = int(case.max(initial=0)).bit_length()
    packed = group.astype(np.uint64)
    packed <<= np.uint64(width)
    packed |= case.astype(np.uint64)
    packed.sort()
    new = np.ones(len(packed), dtype=bool)
    np.not_equal(packed[1:], packed[:-1], out=new[1:])
    packed >>= np.uint64(width)
    return np.bincount(packed[new].astype(np.int64), minlength=groups).astype(np.int64)


def named(log: EventLog, codes: Codes) -> pl.Series:
    """Activities by their codes."""
    kind = log.events.schema["activity"]
    names: pl.Series = kind.categories  # type: ignore[attr-defined]
    return names.gather(codes).cast(kind)
