"""The event loop: cases arrive, wait, are served and go on, until the last has ended. Compiled by Numba.

Time is in seconds since the model's first midnight. Every draw is a function of the case's luck, the step's key, how often
the case has been there, and what is drawn; so the same case meets the same luck in every model that has the step. Queues
are doubly linked lists, one for each pool and priority, so that whoever loses patience leaves at once.

Everything that a case may meet depends on its *kind*, a number for the combination of its attributes: tables are of
steps by kinds, and the loop knows nothing of attributes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from canbao.procedures.simulation.distributions import (
    CONSTANT,
    EMPIRICAL,
    EXPONENTIAL,
    POINTS,
    TRIANGULAR,
    UNIFORM,
    WIDEST,
)

SERVICE, ROUTE, DELAY, PATIENCE, GIVES_UP, AUTOMATIC, START = range(7)
"""What is drawn."""

_ENTER, _READY, _COMPLETE, _OPENS, _RELEASE, _RENEGE = range(6)
"""Kinds of events."""

NOBODY, BY_MACHINE = -1, -2
"""In the place of a server's number: there is no staff for it, or the case was decided at once."""

DONE, ENDLESS = 0, 1


@njit(cache=True, error_model="numpy")
def _mixed(word: Any) -> Any:
    # The finaliser of SplitMix64, as in canbao.engine.draws.
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit(cache=True, error_model="numpy")
def draw(luck: Any, key: Any, visit: int, purpose: int) -> Any:
    """A number in [0, 1)."""
    step = np.uint64(0x9E3779B97F4A7C15)
    word = _mixed((luck ^ key) + step)
    word = _mixed((word ^ np.uint64(visit * 8 + purpose)) + step)
    return np.float64(word >> np.uint64(11)) * 2.0**-53


@njit(cache=True, error_model="numpy")
def quantile(u: float, kind: int, first: float, second: float, third: float, values: Any, low: int, high: int) -> Any:
    """What a draw comes to, in seconds."""
    if kind == CONSTANT:
        return first
    if kind == EXPONENTIAL:
        return -first * np.log1p(-u)
    if kind == UNIFORM:
        return first + u * (second - first)
    if kind == TRIANGULAR:
        whole = third - first
        if whole <= 0:
            return first
        if u * whole < second - first:
            return first + np.sqrt(u * whole * (second - first))
        return third - np.sqrt((1 - u) * whole * (third - second))
    if kind == EMPIRICAL:
        return values[low + int(u * (high - low))]
    if u <= 0.0:
        u = 2.0**-54
    place = (np.log(u / (1 - u)) + WIDEST) * ((POINTS - 1) / (2 * WIDEST))
    at = min(max(int(place), 0), POINTS - 2)
    lower = values[low + at]
    return np.exp(lower + (values[low + at + 1] - lower) * (place - at))


@njit(cache=True, error_model="numpy")
def _at(moment: float, begins: Any, low: int, high: int) -> Any:
    """The last stretch that has begun; low - 1 if none has."""
    while low < high:
        middle = (low + high) // 2
        if begins[middle] <= moment:
            low = middle + 1
        else:
            high = middle
    return low - 1


@njit(cache=True, error_model="numpy")
def opens_at(moment: float, begins: Any, ends: Any, low: int, high: int) -> Any:
    """The moment itself if there is work then, else when work next begins."""
    if low == high:
        return moment
    at = _at(moment, begins, low, high)
    if at >= low and moment < ends[at]:
        return moment
    return begins[at + 1] if at + 1 < high else moment


@njit(cache=True, error_model="numpy")
def finished_at(moment: float, lasts: float, begins: Any, ends: Any, before: Any, low: int, high: int) -> Any:
    """When work of some length is done that can go on only within the stretches."""
    if low == high or lasts <= 0:
        return moment + max(lasts, 0.0)
    at = _at(moment, begins, low, high)
    done = 0.0
    if at >= low:
        if moment + lasts <= ends[at] or (at == high - 1 and moment >= ends[at]):
            return moment + lasts
        done = before[at] + min(moment, ends[at]) - begins[at]
    target = done + lasts
    at = _at(target, before, low, high)
    # Work that would be done just as a stretch begins was done when the one before it ended.
    if at > low and before[at] == target:
        at -= 1
    return begins[at] + target - before[at]


@njit(cache=True, error_model="numpy")
def _push(times: Any, marks: Any, size: int, time: float, order: int, kind: int, one: int, two: int) -> Any:
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if times[up] < time or (times[up] == time and marks[up, 0] < order):
            break
        times[at] = times[up]
        marks[at, 0], marks[at, 1], marks[at, 2], marks[at, 3] = marks[up, 0], marks[up, 1], marks[up, 2], marks[up, 3]
        at = up
    times[at] = time
    marks[at, 0], marks[at, 1], marks[at, 2], marks[at, 3] = order, kind, one, two
    return size + 1


@njit(cache=True, error_model="numpy")
def _pop(times: Any, marks: Any, size: int) -> Any:
    """Take the first away; the caller has read it."""
    size -= 1
    time, order, kind, one, two = times[size], marks[size, 0], marks[size, 1], marks[size, 2], marks[size, 3]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        if down + 1 < size and (
            times[down + 1] < times[down] or (times[down + 1] == times[down] and marks[down + 1, 0] < marks[down, 0])
        ):
            down += 1
        if time < times[down] or (time == times[down] and order < marks[down, 0]):
            break
        times[at] = times[down]
        marks[at, 0], marks[at, 1], marks[at, 2], marks[at, 3] = (
            marks[down, 0], marks[down, 1], marks[down, 2], marks[down, 3],
        )  # fmt: skip
        at = down
    times[at] = time
    marks[at, 0], marks[at, 1], marks[at, 2], marks[at, 3] = order, kind, one, two
    return size


@njit(cache=True, error_model="numpy")
def _unlink(case: int, queue: int, head: Any, tail: Any, ahead: Any, behind: Any) -> None:
    if ahead[case] >= 0:
        behind[ahead[case]] = behind[case]
    else:
        head[queue] = behind[case]
    if behind[case] >= 0:
        ahead[behind[case]] = ahead[case]
    else:
        tail[queue] = ahead[case]


@njit(cache=True, error_model="numpy")
def simulate(
    arrival: Any, kind: Any, luck: Any, begins_with: Any, step_key: Any, at_most: Any,
    pool: Any, service: Any, clock: Any, priority: Any, automatic: Any,
    gives_up_share: Any, gives_up_rate: Any, gives_up_to: Any,
    batch_size: Any, batch_seconds: Any, release_first: Any, releases: Any,
    route_first: Any, route_to: Any, route_share: Any, route_delay: Any, route_clock: Any,
    staff: Any, pool_clock: Any, levels: int,
    draw_kind: Any, draw_figures: Any, draw_first: Any, draw_values: Any,
    clock_first: Any, clock_begins: Any, clock_ends: Any, clock_before: Any,
    most_visits: int,
) -> Any:  # fmt: skip
    """Run all cases to their end.

    Args:
        arrival: when each case arrives, ascending.
        kind: its kind.
        luck: 64 bits of luck.
        begins_with: its first step.
        step_key: a number for each step's name, for draws.
        at_most: how often a case may have a step; 0 for no limit.
        pool: which staff serves it, by step and kind; -1 for nobody.
        service: distribution of service or delay; -1 for none.
        clock: in which hours a delay runs.
        priority: of the queue, 0 first.
        automatic: share decided at once.
        gives_up_share: share that leaves on coming to the step.
        gives_up_rate: of leaving while waiting, a second.
        gives_up_to: the step that they go to.
        batch_size: so many wait for each other; 0 for none.
        batch_seconds: how long the first of them waits at most.
        release_first: for each step, where its fixed moments of release begin and end.
        releases: these moments.
        route_first: where the branches of a step and kind begin and end.
        route_to: where a branch leads; -1 ends the case.
        route_share: how likely it is.
        route_delay: distribution of the time in between; -1 for none.
        route_clock: in which hours it runs.
        staff: of each pool.
        pool_clock: its hours.
        levels: of priority.
        draw_kind: of each distribution.
        draw_figures: its figures.
        draw_first: where its values begin and end.
        draw_values: these.
        clock_first: where the stretches of each clock begin and end.
        clock_begins: when they begin.
        clock_ends: when they end.
        clock_before: working time before each.
        most_visits: a case that has more steps never ends.

    Returns:
        Whether all went well; then of every step that was begun the case, the step, when it was entered, begun and
        completed, and by whom.
    """
    n, steps, pools = len(arrival), len(step_key), len(staff)
    capacity = max(1024, n + 4 * pools + steps)
    times, marks = np.empty(capacity), np.empty((capacity, 4), np.int64)
    room = max(1024, 8 * n)
    out_case, out_step, out_server = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
    out_times = np.empty((room, 3))
    made, size, order, arrived = 0, 0, 0, 0

    visits = np.zeros((n, steps), np.int32)
    total_visits = np.zeros(n, np.int64)
    server = np.full(n, -1, np.int32)
    queue_of, ahead, behind = np.full(n, -1, np.int64), np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    entered, waiting_step = np.zeros(n), np.full(n, -1, np.int64)
    token = np.zeros(n, np.int64)
    head, tail = np.full(max(pools * levels, 1), -1, np.int64), np.full(max(pools * levels, 1), -1, np.int64)
    waiting = np.zeros(max(pools, 1), np.int64)
    opening = np.zeros(max(pools, 1), np.bool_)
    most_staff = 1
    for one in range(pools):
        most_staff = max(most_staff, staff[one])
    # Free servers of each pool: a heap would be no faster for the few that there are.
    is_free = np.ones((max(pools, 1), most_staff), np.bool_)
    free = staff.copy()
    batch_head, batch_count = np.full(steps, -1, np.int64), np.zeros(steps, np.int64)
    batch_tail, batch_generation = np.full(steps, -1, np.int64), np.zeros(steps, np.int64)

    while arrived < n or size > 0:
        # Room for whatever this event may bring: a whole batch, or all servers of a pool.
        if size + n_extra(batch_count, most_staff) > len(times):
            wider, wider_marks = (
                np.empty(2 * len(times) + 2 * most_staff),
                np.empty((2 * len(times) + 2 * most_staff, 4), np.int64),
            )
            wider[:size], wider_marks[:size] = times[:size], marks[:size]
            times, marks = wider, wider_marks
            continue
        if made + 2 * most_staff + 4 > room:
            more = 2 * (room + most_staff)
            a, b, c, d = np.empty(more, np.int64), np.empty(more, np.int32), np.empty(more, np.int32), np.empty((more, 3))
            a[:made], b[:made], c[:made], d[:made] = out_case[:made], out_step[:made], out_server[:made], out_times[:made]
            out_case, out_step, out_server, out_times, room = a, b, c, d, more

        freed, joined = -1, -1  # pools that may have work for a free server
        case, step, action = -1, -1, -1
        if arrived < n and (size == 0 or arrival[arrived] <= times[0]):
            now, case, action = arrival[arrived], arrived, _ENTER
            step = begins_with[arrived]
            arrived += 1
        else:
            now, what, one, two = times[0], marks[0, 1], marks[0, 2], marks[0, 3]
            size = _pop(times, marks, size)
            if what == _COMPLETE:
                case, step = one, two
                if server[case] >= 0:
                    served = pool[step, kind[case]]
                    is_free[served, server[case]] = True
                    free[served] += 1
                    freed = served
                    server[case] = -1
                action = _COMPLETE
            elif what in (_ENTER, _READY):
                case, step, action = one, two, what
            elif what == _OPENS:
                opening[one] = False
                freed = one
            elif what == _RELEASE:
                if batch_generation[one] == two:
                    waiter = batch_head[one]
                    while waiter >= 0:
                        size = _push(times, marks, size, now, order, _READY, waiter, one)
                        order += 1
                        waiter = behind[waiter]
                    batch_head[one], batch_tail[one], batch_count[one] = -1, -1, 0
                    batch_generation[one] += 1
            else:  # a case loses patience
                if token[one] == two:
                    token[one] += 1
                    if queue_of[one] >= 0:
                        _unlink(one, queue_of[one], head, tail, ahead, behind)
                        waiting[queue_of[one] // levels] -= 1
                        queue_of[one] = -1
                    case, action = one, _ENTER
                    step = gives_up_to[waiting_step[one], kind[one]]

        # What happens to the case, until it has to wait for something.
        while action >= 0:
            which = kind[case]
            if action == _COMPLETE:
                low, high = route_first[step, which], route_first[step, which + 1]
                action = -1
                if low == high:
                    break
                whole = 0.0
                for at in range(low, high):
                    to = route_to[at]
                    if to < 0 or at_most[to] == 0 or visits[case, to] < at_most[to]:
                        whole += route_share[at]
                if whole <= 0:
                    break
                u = draw(luck[case], step_key[step], visits[case, step], ROUTE) * whole
                chosen = -1
                for at in range(low, high):
                    to = route_to[at]
                    if to < 0 or at_most[to] == 0 or visits[case, to] < at_most[to]:
                        if route_share[at] > 0:
                            chosen = at
                        u -= route_share[at]
                        if u < 0:
                            break
                if route_to[chosen] < 0:
                    break
                came_from, step, action = step, route_to[chosen], _ENTER
                if route_delay[chosen] >= 0:
                    d = route_delay[chosen]
                    u = draw(luck[case], step_key[came_from], visits[case, came_from], DELAY)
                    lasts = quantile(
                        u, draw_kind[d], draw_figures[d, 0], draw_figures[d, 1], draw_figures[d, 2], draw_values,
                        draw_first[d], draw_first[d + 1],
                    )  # fmt: skip
                    c = route_clock[chosen]
                    later = finished_at(
                        now, lasts, clock_begins, clock_ends, clock_before, clock_first[c], clock_first[c + 1]
                    )
                    size = _push(times, marks, size, later, order, _ENTER, case, step)
                    order += 1
                    action = -1
                continue
            if action == _ENTER:
                visits[case, step] += 1
                total_visits[case] += 1
                if total_visits[case] > most_visits:
                    return ENDLESS, out_case[:made], out_step[:made], out_times[:made], out_server[:made]
                entered[case] = now
                if gives_up_share[step, which] > 0:
                    u = draw(luck[case], step_key[step], visits[case, step], GIVES_UP)
                    if u < gives_up_share[step, which]:
                        step = gives_up_to[step, which]
                        continue
                if batch_size[step] > 0:
                    ahead[case], behind[case] = batch_tail[step], -1
                    if batch_tail[step] >= 0:
                        behind[batch_tail[step]] = case
                    else:
                        batch_head[step] = case
                    batch_tail[step] = case
                    batch_count[step] += 1
                    if batch_count[step] >= batch_size[step]:
                        size = _push(times, marks, size, now, order, _RELEASE, step, batch_generation[step])
                        order += 1
                    elif batch_count[step] == 1 and batch_seconds[step] > 0:
                        until = now + batch_seconds[step]
                        size = _push(times, marks, size, until, order, _RELEASE, step, batch_generation[step])
                        order += 1
                    break
                if release_first[step] < release_first[step + 1]:
                    at = _at(now, releases, release_first[step], release_first[step + 1])
                    if at < release_first[step] or releases[at] < now:
                        at += 1
                    if at < release_first[step + 1] and releases[at] > now:
                        size = _push(times, marks, size, releases[at], order, _READY, case, step)
                        order += 1
                        break
            # Ready to be served.
            if made + 2 * most_staff + 4 > room:
                # Many steps without any length in a row: there must be room first.
                size = _push(times, marks, size, now, order, _READY, case, step)
                order += 1
                break
            server[case] = -1
            p = pool[step, which]
            d = service[step, which]
            if automatic[step, which] > 0:
                u = draw(luck[case], step_key[step], visits[case, step], AUTOMATIC)
                if u < automatic[step, which]:
                    out_case[made], out_step[made], out_server[made] = case, step, BY_MACHINE
                    out_times[made, 0], out_times[made, 1], out_times[made, 2] = entered[case], now, now
                    made += 1
                    action = _COMPLETE
                    continue
            patience = np.inf
            if gives_up_rate[step, which] > 0:
                u = draw(luck[case], step_key[step], visits[case, step], PATIENCE)
                patience = now - np.log1p(-u) / gives_up_rate[step, which]
            if p >= 0:
                queue = p * levels + priority[step, which]
                queue_of[case], ahead[case], behind[case] = queue, tail[queue], -1
                if tail[queue] >= 0:
                    behind[tail[queue]] = case
                else:
                    head[queue] = case
                tail[queue] = case
                waiting[p] += 1
                waiting_step[case] = step
                if patience < np.inf:
                    size = _push(times, marks, size, patience, order, _RENEGE, case, token[case])
                    order += 1
                joined = p
                break
            lasts = 0.0
            if d >= 0:
                u = draw(luck[case], step_key[step], visits[case, step], SERVICE)
                lasts = quantile(
                    u, draw_kind[d], draw_figures[d, 0], draw_figures[d, 1], draw_figures[d, 2], draw_values,
                    draw_first[d], draw_first[d + 1],
                )  # fmt: skip
            c = clock[step, which]
            until = finished_at(now, lasts, clock_begins, clock_ends, clock_before, clock_first[c], clock_first[c + 1])
            if patience < until:
                waiting_step[case] = step
                size = _push(times, marks, size, patience, order, _RENEGE, case, token[case])
                order += 1
                break
            out_case[made], out_step[made], out_server[made] = case, step, NOBODY
            out_times[made, 0], out_times[made, 1], out_times[made, 2] = entered[case], now, until
            made += 1
            if until > now:
                size = _push(times, marks, size, until, order, _COMPLETE, case, step)
                order += 1
                break
            action = _COMPLETE

        # Whoever is free takes the next in the queue.
        for turn in range(2):
            serve = freed if turn == 0 else joined
            if serve < 0 or waiting[serve] == 0 or free[serve] == 0:
                continue
            c = pool_clock[serve]
            low, high = clock_first[c], clock_first[c + 1]
            opens = opens_at(now, clock_begins, clock_ends, low, high)
            if opens > now:
                if not opening[serve]:
                    opening[serve] = True
                    size = _push(times, marks, size, opens, order, _OPENS, serve, 0)
                    order += 1
                continue
            level, sits = 0, 0
            while waiting[serve] > 0 and free[serve] > 0:
                while head[serve * levels + level] < 0:
                    level += 1
                queue = serve * levels + level
                case = head[queue]
                _unlink(case, queue, head, tail, ahead, behind)
                queue_of[case] = -1
                waiting[serve] -= 1
                token[case] += 1  # patience no longer matters
                step = waiting_step[case]
                while not is_free[serve, sits]:
                    sits += 1
                is_free[serve, sits] = False
                free[serve] -= 1
                server[case] = sits
                d = service[step, kind[case]]
                lasts = 0.0
                if d >= 0:
                    u = draw(luck[case], step_key[step], visits[case, step], SERVICE)
                    lasts = quantile(
                        u, draw_kind[d], draw_figures[d, 0], draw_figures[d, 1], draw_figures[d, 2], draw_values,
                        draw_first[d], draw_first[d + 1],
                    )  # fmt: skip
                until = finished_at(now, lasts, clock_begins, clock_ends, clock_before, low, high)
                out_case[made], out_step[made], out_server[made] = case, step, sits
                out_times[made, 0], out_times[made, 1], out_times[made, 2] = entered[case], now, until
                made += 1
                size = _push(times, marks, size, until, order, _COMPLETE, case, step)
                order += 1
    return DONE, out_case[:made], out_step[:made], out_times[:made], out_server[:made]


@njit(cache=True, error_model="numpy")
def n_extra(batch_count: Any, most_staff: int) -> Any:
    """How many events one event may bring at most."""
    most = 0
    for count in batch_count:
        most = max(most, count)
    return most + 2 * most_staff + 16
