"""Compiled loops over what resources do in the course of time; what they mean stands in `causes.py`.

All moments are microseconds since 1970. Every loop is linear in the instances of a resource, but for sorting and for sums
over segments, which a Fenwick tree keeps (n log n).
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Integers = npt.NDArray[np.int64]

_HOUR = 3_600_000_000
_WEEK = 168


@njit(cache=True)
def readiness(
    group: Integers, case: Integers, start: Integers, complete: Integers, due: Integers, smallest: int, gap: int
) -> Integers:
    """When the last instance of each one's batch was due."""
    ready = due.copy()
    at, n = 0, len(start)
    while at < n:
        end, latest, last_due = at + 1, complete[at], due[at]
        while (
            end < n
            and group[end] == group[at]
            and start[end] <= latest + gap
            and due[end] <= start[at]
            and not _among(case, at, end)
        ):
            latest, last_due = max(latest, complete[end]), max(last_due, due[end])
            end += 1
        if end - at >= smallest:
            for one in range(at, end):
                ready[one] = max(last_due, due[one])
        at = end
    return ready


@njit(cache=True)
def _among(case: Integers, first: int, one: int) -> bool:
    # Batches are of different cases; a case that comes twice in a long run is rare, so only the last hundred are looked at.
    for other in range(max(first, one - 100), one):  # noqa: SIM110 - plain loops compile best
        if case[other] == case[one]:
            return True
    return False


@njit(cache=True)
def _segments(start: Integers, complete: Integers, due: Integers) -> Any:
    """Where the resource is at work: stretches without a change, with the earliest due moment of what is at work."""
    n = len(start)
    begins, ends = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    earliest = np.empty(2 * n, np.int64)
    heap = [(due[0], complete[0])]
    heap.pop()
    made, at, now = 0, 0, start[0]
    while at < n or len(heap) > 0:
        while len(heap) > 0 and heap[0][1] <= now:
            heapq.heappop(heap)
        while at < n and start[at] <= now:
            if complete[at] > now:
                heapq.heappush(heap, (due[at], complete[at]))
            at += 1
        if len(heap) == 0:
            if at >= n:
                break
            now = start[at]
            continue
        until = heap[0][1]
        if at < n and start[at] < until:
            until = start[at]
        begins[made], ends[made], earliest[made] = now, until, heap[0][0]
        made += 1
        now = until
    return begins[:made], ends[:made], earliest[:made]


@njit(cache=True)
def _off_duty(moment: int, on_duty: Any, off_hours: Integers, since: Integers, offset: Integers) -> Any:
    """Off-duty time up to a moment, from some moment long ago."""
    local = moment + offset[np.searchsorted(since, moment, side="right") - 1] + 72 * _HOUR
    hours, part = local // _HOUR, local % _HOUR
    weeks, hour = hours // _WEEK, hours % _WEEK
    return (weeks * off_hours[_WEEK] + off_hours[hour]) * _HOUR + (0 if on_duty[hour] else part)


@njit(cache=True)
def _next_on_duty(moment: int, on_duty: Any, since: Integers, offset: Integers) -> Any:
    """The first moment on duty from this one; at most a week later."""
    local = moment + offset[np.searchsorted(since, moment, side="right") - 1] + 72 * _HOUR
    hours, part = local // _HOUR, local % _HOUR
    if on_duty[hours % _WEEK]:
        return moment
    for more in range(1, _WEEK + 1):
        if on_duty[(hours + more) % _WEEK]:
            return moment + more * _HOUR - part
    return moment + _WEEK * _HOUR


@njit(cache=True)
def _inside(sums: Integers, begins: Integers, ends: Integers, moment: int) -> Any:
    """How much of the stretches lies before a moment; `sums` counts all before each."""
    at = np.searchsorted(begins, moment, side="right") - 1
    if at < 0:
        return 0
    return sums[at] + min(ends[at], moment) - begins[at]


@njit(cache=True)
def _inside_tree(tree: Integers, counted: Any, begins: Integers, ends: Integers, moment: int) -> Any:
    """The same of those stretches alone that have been put into the tree."""
    at = np.searchsorted(begins, moment, side="right") - 1
    if at < 0:
        return 0
    total = min(ends[at], moment) - begins[at] if counted[at] else 0
    while at > 0:
        total += tree[at]
        at -= at & -at
    return total


@njit(cache=True)
def _idle_off(
    moment: int, begins: Integers, ends: Integers, sums: Integers, on: Any, off: Any, since: Any, offset: Any
) -> Any:
    """Time before a moment in which the resource was neither at work nor on duty, from its first work."""
    at = np.searchsorted(begins, moment, side="right") - 1
    if at < 0:
        # Before its first work; counted backwards.
        return _off_duty(moment, on, off, since, offset) - _off_duty(begins[0], on, off, since, offset)
    if moment <= ends[at]:
        return sums[at]
    return sums[at] + _off_duty(moment, on, off, since, offset) - _off_duty(ends[at], on, off, since, offset)


@njit(cache=True)
def _first_free(moment: int, until: int, begins: Integers, ends: Integers, on: Any, since: Any, offset: Any) -> Any:
    """The first moment at which the resource is on duty and free; `until` if that is not before it."""
    at = np.searchsorted(begins, moment, side="right") - 1
    while moment < until:
        if at >= 0 and moment < ends[at]:
            moment = ends[at]
        gap_ends = begins[at + 1] if at + 1 < len(begins) else until
        if moment < gap_ends:
            candidate = _next_on_duty(moment, on, since, offset)
            if candidate < gap_ends:
                return min(candidate, until)
            moment = gap_ends
        at += 1
        if at >= len(begins):
            break
    return until


@njit(cache=True)
def decomposed(
    first: Integers, start: Integers, complete: Integers, due: Integers, ready: Integers, duty: Any, since: Any, offset: Any
) -> Any:
    """Microseconds of batching, contention, prioritisation and unavailability; a fifth column stays 0.

    Args:
        first: where each resource's instances begin, and the end of the last one's.
        start: when instances begin, in order within a resource.
        complete: when they were completed.
        due: since when they could have been begun.
        ready: when the last of their batch was due.
        duty: working hours, a row a resource, a column an hour of the week.
        since: moments from which offsets of local time hold.
        offset: these offsets.
    """
    found = np.zeros((len(start), 5), np.float64)
    off = np.zeros(_WEEK + 1, np.int64)
    for one in range(len(first) - 1):
        low, high = first[one], first[one + 1]
        on = duty[one]
        for hour in range(_WEEK):
            off[hour + 1] = off[hour] + (0 if on[hour] else 1)
        begins, ends, earliest = _segments(start[low:high], complete[low:high], due[low:high])
        n = len(begins)
        busy, idle_off = np.zeros(n, np.int64), np.zeros(n, np.int64)
        for at in range(1, n):
            busy[at] = busy[at - 1] + ends[at - 1] - begins[at - 1]
            idle_off[at] = idle_off[at - 1]
            if begins[at] > ends[at - 1]:
                gap = _off_duty(begins[at], on, off, since, offset) - _off_duty(ends[at - 1], on, off, since, offset)
                idle_off[at] += min(max(gap, 0), begins[at] - ends[at - 1])
        tree, counted = np.zeros(n + 1, np.int64), np.zeros(n, np.bool_)
        by_due = np.argsort(earliest, kind="mergesort")
        put = 0
        for place in np.argsort(due[low:high], kind="mergesort"):
            at = low + place
            if start[at] <= due[at]:
                continue
            while put < n and earliest[by_due[put]] <= due[at]:
                segment = by_due[put]
                counted[segment] = True
                length, node = ends[segment] - begins[segment], segment + 1
                while node <= n:
                    tree[node] += length
                    node += node & -node
                put += 1
            free, resumed = start[at], start[at]
            if ready[at] > due[at] and n > 0:
                free = _first_free(due[at], ready[at], begins, ends, on, since, offset)
                resumed = ready[at]
                found[at, 0] = resumed - free
            for lower, upper in ((due[at], free), (resumed, start[at])):
                if upper <= lower:
                    continue
                early, work, duty_free = 0, 0, 0
                if n > 0:
                    early = _inside_tree(tree, counted, begins, ends, upper) - _inside_tree(
                        tree, counted, begins, ends, lower
                    )
                    work = _inside(busy, begins, ends, upper) - _inside(busy, begins, ends, lower)
                    duty_free = _idle_off(upper, begins, ends, idle_off, on, off, since, offset) - _idle_off(
                        lower, begins, ends, idle_off, on, off, since, offset
                    )
                else:
                    duty_free = _off_duty(upper, on, off, since, offset) - _off_duty(lower, on, off, since, offset)
                found[at, 1] += early
                found[at, 2] += work - early
                # Where clocks change, an hour may be missing or too many.
                found[at, 3] += min(max(duty_free, 0), upper - lower - work)
    return found
