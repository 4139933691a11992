"""What looks like a mistake or a shared account. Reported to people who decide; never merged, never changed.

- a pseudonym that two enrolments give to two persons;
- a person who has several accounts on one platform;
- a telephone that several persons have;
- two numbers that differ by one digit, or by two that changed places, with both check characters right or one wrong name;
- more orders at the same time than one worker can carry out, or orders far apart at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb
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
            SELECT worker_key, accepted_at AS at, 1 AS step FROM orders WHERE status = 'completed'
            UNION ALL SELECT worker_key, completed_at, -1 FROM orders WHERE status = 'completed'
        ), running AS (
            SELECT worker_key, sum(step) OVER (PARTITION BY worker_key ORDER BY at, step
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
    yield from near_numbers({one.identity_number: (one.worker_key, one.name) for one in people})


def near_numbers(known: dict[str, tuple[int, str | None]]) -> Iterator[Suspicion]:
    """Numbers that one slip of the hand turns into one another, of people with the same name or of whom none is known.

    The check character catches every single slip within the first seventeen characters, so both numbers of such a pair
    pass only if the check character was typed to fit, or the slip changed two places.
    """
    seen: set[tuple[int, int]] = set()
    for number, (worker, name) in known.items():
        for near in slips(number):
            other = known.get(near)
            if other is None or other[0] == worker or (name and other[1] and name != other[1]):
                continue
            pair = (min(worker, other[0]), max(worker, other[0]))
            if pair not in seen:
                seen.add(pair)
                yield Suspicion("near_numbers", pair)


def slips(number: str) -> Iterator[str]:
    """All valid resident numbers that one wrong digit (and its check character) or two exchanged digits make of one."""
    from canbao.exchange.identity.numbers import resident_number

    if len(number) != 18 or not number[:17].isdigit():
        return
    for at in range(17):
        for digit in "0123456789":
            if digit != number[at]:
                yield resident_number(number[:at] + digit + number[at + 1 : 17])
    for at in range(16):
        if number[at] != number[at + 1]:
            yield resident_number(number[:at] + number[at + 1] + number[at] + number[at + 2 : 17])


def as_frame(found: Sequence[Suspicion]) -> pl.DataFrame:
    """Suspicions as a table: `kind`, `workers`, `count`."""
    rows = [(one.kind, " ".join(map(str, one.workers)), one.count) for one in found]
    return pl.DataFrame(rows, schema={"kind": pl.String, "workers": pl.String, "count": pl.Int64}, orient="row")
