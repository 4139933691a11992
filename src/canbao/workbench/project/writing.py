"""One writer at a time, whichever database: what is read before writing still holds when it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

ALL_WRITERS = 0xCA_BA_0
"""The lock's number at PostgreSQL; whoever else uses this database must use another."""

# A writer that waits longer gives up, as with SQLite; one whose machine went away in the middle frees the lock.
_LOCK = f"""SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '30s';
SELECT pg_advisory_xact_lock({ALL_WRITERS})"""


@contextmanager
def one_writer() -> Iterator[None]:
    """A transaction beside which nobody else writes, from any process or machine.

    SQLite has one writer anyway. With PostgreSQL a lock of the whole database gives the same, and costs no pace: of votes
    for one question the second would wait for the first one's commit all the same. It keeps changes in the order of their
    numbers, by which those who listen are told, and two who write many rows from waiting for each other.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
        yield
