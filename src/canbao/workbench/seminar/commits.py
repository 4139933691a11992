"""Many deeds, one commit: a disk that takes ten milliseconds to confirm what is written is asked once for all who wait.

Whoever comes while another's commit is under way waits for its turn; the first of those who wait then commits for all of
them. Nobody is answered before her deed is on the disk, and a room that votes at once needs a few commits, not hundreds.
It is the same with either database: PostgreSQL gathers commits by itself only where they do not change the same row, and
votes for one question all change its count.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from canbao.workbench.project.writing import one_writer

Given = ParamSpec("Given")
Made = TypeVar("Made")
Job = tuple[Callable[[], Any], "Future[Any]"]

_turn = threading.Lock()
_gather = threading.Lock()
_waiting: list[Job] = []


def committed(deed: Callable[Given, Made]) -> Callable[Given, Made]:
    """Run a deed in a transaction that it may share with others; it alone is undone where it raises.

    Inside a transaction of the caller's it is a part of that one.
    """

    @wraps(deed)
    def whole(*given: Given.args, **named: Given.kwargs) -> Made:
        def work() -> Made:
            with transaction.atomic():
                return deed(*given, **named)

        if connection.in_atomic_block:
            return work()
        done: Future[Made] = Future()
        with _gather:
            _waiting.append((work, done))
        with _turn:
            if not done.done():
                _commit_all()
        return done.result()

    return whole


def _commit_all() -> None:
    with _gather:
        jobs = _waiting[:]
        _waiting.clear()
    outcomes: list[tuple[Any, BaseException | None]] = []
    try:
        with one_writer():
            outcomes += [_outcome(work) for work, _ in jobs]
            _refuse_lost(outcomes)
    except BaseException as error:
        # Nothing of it was committed, so nobody may be told that it was.
        for _, done in jobs:
            done.set_exception(error)
        return
    for (_, done), (made, failure) in zip(jobs, outcomes, strict=True):
        if failure is None:
            done.set_result(made)
        else:
            done.set_exception(failure)


def _refuse_lost(outcomes: Iterable[tuple[Any, BaseException | None]]) -> None:
    """Raises where a deed's failure took the transaction with it: Django would undo the others' without a word."""
    if connection.needs_rollback or connection.closed_in_transaction:
        raise next((failure for _, failure in outcomes if failure is not None), OperationalError("transaction lost"))


def _outcome(work: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return work(), None
    except Exception as error:
        return None, error
