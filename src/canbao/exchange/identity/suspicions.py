"""What looks like a mistake or a shared account. Reported to people who decide; never merged, never changed.

- a pseudonym that two enrolments give to two persons;
- a person who has several accounts on one platform;
- a telephone that several persons have;
- two numbers that differ by one digit, or by two that changed places, of people of the same name;
- more orders at the same time than one worker can carry out, or orders far apart at the same time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb
import numpy as np
import polars as pl

from canbao.exchange.identity.vault import ClearIdentity

Kind = Literal[
    "pseudonym_of_two", "several_accounts", "shared_phone", "near_numbers", "too_many_at_once", "two_places_at_once"
]

AT_ONCE = 12
"""Orders that a rider may carry at the same time; more are reported."""

PEOPLE_OF_A_PHONE = 2


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One thing to look at.

    Args:
        kind: what it looks like.
        workers: whom it concerns, by their numbers in the store.
        count: how often.
    """

    kind: Kind
    workers: tuple[int, ...]
    count: int = 1


def of_links(connection: duckdb.DuckDBPyConnection) -> Iterator[Suspicion]:
    """Pseudonyms claimed by several persons, and persons with several accounts on a platform."""
    rows = connection.execute("SELECT worker_key, claims FROM links WHERE claims > 1 ORDER BY ALL").fetchall()
    for worker, claims in rows:
        yield Suspicion("pseudonym_of_two", (worker,), claims)
    rows = connection.execute(
        "SELECT worker_key, platform_key, count(DISTINCT record_key) FROM workers WHERE status = 'active' "
        "GROUP BY ALL HAVING count(DISTINCT record_key) > 1 ORDER BY ALL"
    ).fetchall()
    for worker, _platform, count in rows:
        yield Suspicion("several_accounts", (worker,), count)


def of_orders(connection: duckdb.DuckDBPyConnection) -> Iterator[Suspicion]:
    """Workers who carry out too many orders at once, or orders of two provinces at once."""
    rows = connection.execute(
        f"""WITH steps AS (
            SELECT worker_key, accepted_at AS moment, 1 AS step FROM orders WHERE status = 'completed'
            UNION ALL SELECT worker_key, completed_at, -1 FROM orders WHERE status = 'completed'
        ), running AS (
            SELECT worker_key, sum(step) OVER (PARTITION BY worker_key ORDER BY moment, step
                ROWS UNBOUNDED PRECEDING) AS open FROM steps
        ) SELECT worker_key, max(open)::BIGINT FROM running GROUP BY 1 HAVING max(open) > {AT_ONCE} ORDER BY 1"""
    ).fetchall()
    for worker, most in rows:
        yield Suspicion("too_many_at_once", (worker,), most)
    rows = connection.execute(
        """WITH following AS (
            SELECT worker_key, substr(region, 1, 2) AS province, completed_at,
                lead(substr(region, 1, 2)) OVER w AS next_province, lead(accepted_at) OVER w AS next_accepted
            FROM orders WHERE status = 'completed' WINDOW w AS (PARTITION BY worker_key ORDER BY accepted_at, record_key)
        ) SELECT worker_key, count(*) FROM following
        WHERE province <> next_province AND next_accepted < completed_at GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    for worker, count in rows:
        yield Suspicion("two_places_at_once", (worker,), count)


def of_people(people: Sequence[ClearIdentity]) -> Iterator[Suspicion]:
    """Telephones that several persons have, and numbers that are near one another."""
    by_phone: dict[str, set[int]] = {}
    for one in people:
        if one.phone:
            by_phone.setdefault("".join(filter(str.isdigit, one.phone))[-11:], set()).add(one.worker_key)
    for workers in by_phone.values():
        if len(workers) >= PEOPLE_OF_A_PHONE:
            yield Suspicion("shared_phone", tuple(sorted(workers)), len(workers))
    yield from near_numbers(people)


def near_numbers(people: Sequence[ClearIdentity]) -> Iterator[Suspicion]:
    """Resident numbers that one slip of the hand turns into one another, of people of the same name.

    People born in one county on one day have numbers that differ in a digit or two, so numbers alone tell nothing. The
    check character catches a slip in what is typed in full; those found here came with a check character made to fit.
    """
    known = {one.identity_number[:17]: one for one in people if one.name and one.identity_number[:17].isdigit()}
    numbers = sorted(number for number in known if len(number) == 17)
    values = np.array([int(number) for number in numbers], dtype=np.int64)
    pairs = sorted({(min(pair), max(pair)) for pair in [*_one_digit(values), *_exchanged(values)]})
    for first, second in pairs:
        one, other = known[numbers[first]], known[numbers[second]]
        if one.name == other.name and one.worker_key != other.worker_key:
            yield Suspicion("near_numbers", tuple(sorted((one.worker_key, other.worker_key))))


def _one_digit(values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[tuple[int, int]]:
    """Pairs of places whose numbers differ in one digit."""
    for power in (10**at for at in range(17)):
        rest = values - values // power % 10 * power
        order = np.argsort(rest, kind="stable")
        starts = np.flatnonzero(np.diff(rest[order], prepend=-1))
        for run in np.split(order, starts[1:]) if len(order) else []:
            if len(run) > 1:
                yield from itertools.combinations(run.tolist(), 2)


def _exchanged(values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[tuple[int, int]]:
    """Pairs of places whose numbers have two neighbouring digits exchanged."""
    for power in (10**at for at in range(16)):
        low, high = values // power % 10, values // (power * 10) % 10
        other = values + (low - high) * power * 10 + (high - low) * power
        found = np.minimum(np.searchsorted(values, other), max(len(values) - 1, 0))
        for place in np.flatnonzero((low != high) & (values[found] == other) if len(values) else []):
            yield int(place), int(found[place])


def as_frame(found: Sequence[Suspicion]) -> pl.DataFrame:
    """Suspicions as a table: `kind`, `workers`, `count`."""
    rows = [(one.kind, " ".join(map(str, one.workers)), one.count) for one in found]
    return pl.DataFrame(rows, schema={"kind": pl.String, "workers": pl.String, "count": pl.Int64}, orient="row")
