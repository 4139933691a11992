"""The cases that arrive: when, of what kind, and with what luck.

A case's luck is a function of seed, replication, stream, day and its number within the day. So a changed model meets the
same cases, and where more arrive, the same ones and some more.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from scipy import special

from canbao.engine.draws import purpose_number, uniforms
from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Number
from canbao.procedures.clocks.calendar import day_number
from canbao.procedures.simulation.hours import DAY, WEEKDAYS
from canbao.procedures.simulation.process_model import Arrivals, ProcessModel, calendar_of

say = Catalogue("canbao.procedures.simulation", "words")

Array = np.ndarray[Any, np.dtype[Any]]

MOST_CASES = 20_000_000
SPARE = 1 << 32
"""Numbers of one day's cases lie within so many."""


@dataclass(frozen=True)
class Cases:
    """Cases in the order in which they arrive.

    Args:
        arrival: seconds since the model's first midnight.
        luck: 64 bits for each.
        attributes: for each attribute, the index of its value among `model.values_of`.
        begins_with: index of the first step.
    """

    arrival: Array
    luck: Array
    attributes: dict[str, Array]
    begins_with: Array

    def only(self, kept: Array) -> Cases:
        """Some of them."""
        attributes = {name: values[kept] for name, values in self.attributes.items()}
        return Cases(self.arrival[kept], self.luck[kept], attributes, self.begins_with[kept])


def arriving(model: ProcessModel, days: int, seed: int, replication: int = 0) -> Cases:
    """The cases of so many days.

    Args:
        model: one without flaws.
        days: from the model's first.
        seed: of the run.
        replication: its number.

    Raises:
        InputError: there are none, or far too many.
    """
    expected = sum(float(_expected(model, one, days).sum()) for one in model.arrivals.values() if one.times is None)
    if expected > MOST_CASES:
        fault = say("too_many_cases", cases=Number(expected), most=Number(MOST_CASES))
        raise InputError(Fault(fault, Place(field="arrivals"), say("too_many_cases_remedy")))
    luck = seed + (replication << 40)
    streams = [_stream(model, key, one, days, luck) for key, one in model.arrivals.items()]
    names = model.attribute_names
    joined = Cases(
        np.concatenate([one.arrival for one in streams]),
        np.concatenate([one.luck for one in streams]),
        {name: np.concatenate([one.attributes[name] for one in streams]) for name in names},
        np.concatenate([one.begins_with for one in streams]),
    )
    if not len(joined.arrival):
        raise InputError(Fault(say("no_cases", days=str(days)), Place(field="arrivals"), say("no_cases_remedy")))
    return joined.only(np.lexsort((joined.luck, joined.arrival)))


def _expected(model: ProcessModel, arrivals: Arrivals, days: int) -> Array:
    """How many cases are expected on each day."""
    first = day_number(model.opens)
    numbers = np.arange(first, first + days)
    dates = numbers.astype("datetime64[D]")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    expected = np.full(days, model.value(arrivals.per_day or 0.0))
    expected *= np.array([arrivals.by_month.get(one + 1, 1.0) for one in range(12)])[month]
    expected *= np.array([arrivals.by_weekday.get(name, 1.0) for name in WEEKDAYS])[(numbers + 3) % 7]
    if arrivals.days == "working_days":
        expected *= calendar_of(model).count(numbers - 1, numbers, "working_days") > 0
    return expected


def _stream(model: ProcessModel, key: str, arrivals: Arrivals, days: int, seed: int) -> Cases:
    if arrivals.times is not None:
        arrival = _given(model, arrivals, days)
        number = np.arange(len(arrival), dtype=np.uint64)
    else:
        expected = _expected(model, arrivals, days)
        today = np.arange(days, dtype=np.uint64)
        count = _poisson(uniforms(seed, today, 0, f"arrivals {key}"), expected)
        day = np.repeat(np.arange(days), count)
        within = np.arange(len(day)) - np.repeat(np.cumsum(count) - count, count)
        number = (day * SPARE + within).astype(np.uint64)
        hour = _within_day(arrivals, uniforms(seed, number, 0, f"moment {key}"))
        arrival = day * DAY + hour
    luck = _luck(seed, number, key)
    attributes = _attributes(model, arrivals, seed, luck)
    first = _chosen(uniforms(seed, luck, 0, "begins with"), model.shares(model.begins_with.values()))
    steps = list(model.steps)
    begins = np.array([steps.index(name) for name in model.begins_with], np.int64)[first]
    return Cases(arrival, luck, attributes, begins)


def _given(model: ProcessModel, arrivals: Arrivals, days: int) -> Array:
    zone = ZoneInfo(model.time_zone)
    local = [
        (one.astimezone(zone).replace(tzinfo=None) if one.tzinfo is not None else one) for one in arrivals.times or ()
    ]  # fmt: skip
    midnight = datetime.datetime.combine(model.opens, datetime.time())
    seconds = np.array(sorted((one - midnight).total_seconds() for one in local))
    return np.asarray(seconds[(seconds >= 0) & (seconds < days * DAY)])


def _poisson(u: Array, mean: Array) -> Array:
    """How many cases a day brings; more where more are expected, under the same luck."""
    count = np.zeros(len(u), np.int64)
    some = mean > 0
    # pdtrik gives the fractional count whose probability is u; the count is the next whole one.
    found = np.ceil(special.pdtrik(np.clip(u[some], 1e-15, 1 - 1e-15), mean[some]) - 1e-9)
    count[some] = np.nan_to_num(found).astype(np.int64).clip(0)
    # Below the probability of none at all there is no such count.
    count[some] *= u[some] > np.exp(-mean[some])
    return count


def _within_day(arrivals: Arrivals, u: Array) -> Array:
    if not arrivals.by_hour:
        return np.asarray(u * DAY)
    weights = np.array([arrivals.by_hour.get(hour, 0.0) for hour in range(24)])
    before = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
    return np.asarray(np.interp(u, before, np.arange(25) * 3600.0))


def _luck(seed: int, number: Array, key: str) -> Array:
    """Sixty-four bits a case: two draws of 53, mixed."""
    high, low = (uniforms(seed, number, year, f"luck {key}") for year in (1, 2))
    scale = 2.0**53
    return (high * scale).astype(np.uint64) << np.uint64(11) ^ (low * scale).astype(np.uint64)


def _chosen(u: Array, shares: list[float]) -> Array:
    """Which of several each draw chooses."""
    edges = np.cumsum(shares)
    last = max(at for at, share in enumerate(shares) if share > 0)
    return np.minimum(np.searchsorted(edges, u, side="right"), last)


def _attributes(model: ProcessModel, arrivals: Arrivals, seed: int, luck: Array) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for name in model.attribute_names:
        values = model.values_of(name)
        if name in arrivals.set:
            found[name] = np.full(len(luck), values.index(arrivals.set[name]), np.int64)
            continue
        entry = model.attributes[name]
        u = uniforms(seed, luck, purpose_number(name), "attribute")
        place = np.array([values.index(value) for value in entry.shares], np.int64)
        drawn = place[_chosen(u, model.shares(entry.shares.values()))]
        decided = np.zeros(len(luck), bool)
        for other in entry.where:
            held = np.ones(len(luck), bool)
            for column, wanted in other.when.items():
                known = model.values_of(column)
                held &= np.isin(found[column], [known.index(value) for value in wanted])
            place = np.array([values.index(value) for value in other.shares], np.int64)
            rows = held & ~decided
            if rows.any():
                drawn[rows] = place[_chosen(u[rows], model.shares(other.shares.values()))]
            decided |= held
        found[name] = drawn
    return found
