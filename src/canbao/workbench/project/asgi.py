"""Tells those who listen what of an event has changed, by Server-Sent Events; nothing is told here that not all may see.

One process holds thousands of phones. It reads the table of changes ten times a second and tells each event at most three
times a second: the new counts of votes as they are, so that nobody has to ask for them, and of everything else that it has
changed, which is then fetched from the pages' server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any, ParamSpec, TypeVar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canbao.workbench.project.settings")

import django

django.setup()

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from canbao.workbench.seminar.models import Change, Event, Question
from canbao.workbench.seminar.states import PUBLIC

Given = ParamSpec("Given")
Made = TypeVar("Made")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Noted = tuple[int, int, str, int | None]
"""A change's number, event, kind, and question."""

LOOK_EVERY = 0.1
TELL_EVERY = 0.3
BEAT_EVERY = 20.0
MOST_LISTENERS = 6000
MOST_LINES = 3
"""Of one ticket: a page that is loaded again may come before its old line is gone."""

WAIT = 60
RETRY = (2000, 8000)
"""Milliseconds after which a phone that lost the line comes back: spread, so that not all come at once."""

NAME = 12
"""Digits of a question's public id that stand for it in messages and on pages."""

KEPT = timedelta(hours=1)
"""How long what has been told stays in the table."""


_reader = ThreadPoolExecutor(1, "read")
"""One thread, and so one connection to the database, however many listen."""


async def _read(work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made:
    """What the database says; where its server was started anew, on a new connection."""

    def fresh() -> Made:
        close_old_connections()
        return work(*given, **named)

    return await asyncio.get_running_loop().run_in_executor(_reader, fresh)


class Listener:
    """A phone that listens to an event."""

    def __init__(self, send: Send, ticket: str = "") -> None:
        self.send = send
        self.ticket = ticket
        self.writing: asyncio.Task[None] | None = None
        self.missed = False

    def tell(self, text: str) -> None:
        """Send a message, unless the one before has not got through yet: then that everything may have changed, later."""
        if self.writing is not None and not self.writing.done():
            self.missed = True
        else:
            self.writing = asyncio.create_task(self._write(text))

    async def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a phone that has gone is noticed where its line is watched
            await _write(self.send, text)
            while self.missed:
                self.missed = False
                await _write(self.send, _message("changed", "all"))


@dataclass
class News:
    """What an event's listeners have yet to be told.

    Args:
        number: of the newest change in it.
        kinds: of what has changed.
        questions: whose votes have.
    """

    number: int = 0
    kinds: set[str] = field(default_factory=set)
    questions: set[int] = field(default_factory=set)


class Listeners:
    """Who listens to which event."""

    def __init__(self) -> None:
        self.waiting: dict[int, set[Listener]] = {}
        self.last = 0
        self.told: dict[int, float] = {}
        self.due: dict[int, News] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.beginning = asyncio.Lock()

    @property
    def count(self) -> int:
        """How many listen."""
        return sum(map(len, self.waiting.values()))

    def lines(self, event: int, ticket: str) -> int:
        """How many of them with one ticket."""
        return sum(one.ticket == ticket for one in self.waiting.get(event, ()))

    async def begin(self) -> None:
        """Begin to look for changes, with those that come from now on."""
        async with self.beginning:
            if self.tasks:
                return
            self.last = await _read(_newest)
            self.tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._beat())]

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with contextlib.suppress(Exception):  # a database that is away for a moment must not end the telling
                for change in await _read(_since, self.last):
                    self._note(change)
                await self._tell()

    def _note(self, change: Noted) -> None:
        number, event, kind, question = change
        self.last = max(self.last, number)
        news = self.due.setdefault(event, News())
        news.number = number
        if question is not None:
            news.questions.add(question)
        else:
            news.kinds.add(kind)

    async def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        for event in [one for one in self.due if now - self.told.get(one, 0.0) >= TELL_EVERY]:
            news = self.due[event]
            # Where the database is away, they are told once it is back.
            text = _told(news, await _read(_votes, news.questions) if news.questions else {})
            del self.due[event]
            self.told[event] = now
            for listener in self.waiting.get(event, ()):
                listener.tell(text)

    async def _beat(self) -> None:
        """Lines on which nothing is said are cut by routers."""
        while True:
            await asyncio.sleep(BEAT_EVERY)
            with contextlib.suppress(Exception):
                await _read(_forget_told)
            for group in self.waiting.values():
                for listener in group:
                    listener.tell(": here\n\n")


listeners = Listeners()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """`/events/<public id of an event>`."""
    if scope["type"] == "lifespan":
        return
    try:
        event = await _event(scope["path"])
    except DatabaseError:
        await _answer(send, 503)
        return
    if scope["type"] != "http" or scope["method"] != "GET" or event is None:
        await _answer(send, 404)
    elif listeners.count >= MOST_LISTENERS:
        await _answer(send, 503)
    elif (ticket := _ticket(scope)) and listeners.lines(event, ticket) >= MOST_LINES:
        await _answer(send, 429)
    else:
        await listeners.begin()
        await _stream(event, receive, send, _origin(scope), ticket)


async def _stream(event: int, receive: Receive, send: Send, origin: bytes, ticket: str) -> None:
    listener = Listener(send, ticket)
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    headers += [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _write(send, f"retry: {random.randint(*RETRY)}\n\n")
    group = listeners.waiting.setdefault(event, set())
    group.add(listener)
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        group.discard(listener)


def _told(news: News, votes: Mapping[str, int]) -> str:
    parts = [_message("changed", " ".join(sorted(news.kinds)), news.number)] if news.kinds else []
    parts += [_message("votes", json.dumps(votes, separators=(",", ":")), news.number)] if votes else []
    return "".join(parts)


def _message(event: str, data: str, number: int | None = None) -> str:
    return f"event: {event}\n" + (f"id: {number}\n" if number is not None else "") + f"data: {data}\n\n"


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"retry-after", str(WAIT).encode())][: 1 + (status in (429, 503))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _origin(scope: Scope) -> bytes:
    """The pages' own server, at whichever of its names; nobody else's pages may listen."""
    said = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
    host = said.partition("://")[2].rpartition(":")[0] or said.partition("://")[2]
    return said.encode("latin-1") if host in settings.ALLOWED_HOSTS else b"null"


def _ticket(scope: Scope) -> str:
    """The ticket of who listens; empty for who has not joined, such as a wall."""
    cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    name = f"ticket-{uuid.UUID(scope['path'].rpartition('/')[2]).hex[:12]}"
    return cookies[name].value if name in cookies else ""


_known: dict[uuid.UUID, int] = {}
"""Events by their public names; a name never comes to mean another."""


async def _event(path: str) -> int | None:
    head, _, name = path.rpartition("/")
    try:
        public = uuid.UUID(name)
    except ValueError:
        return None
    if head != "/events":
        return None
    if public not in _known:
        found = await _read(_event_called, public)
        if found is None:
            return None
        _known[public] = found
    return _known[public]


def _event_called(public: uuid.UUID) -> int | None:
    return Event.objects.filter(public_id=public).values_list("pk", flat=True).first()


def _newest() -> int:
    return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _since(last: int) -> Sequence[Noted]:
    found = Change.objects.filter(pk__gt=last).order_by("pk")
    return list(found.values_list("pk", "event_id", "kind", "question_id")[:10_000])


def _votes(questions: set[int]) -> dict[str, int]:
    """Of those that everybody sees, by the beginnings of their names in the page."""
    found = Question.objects.filter(pk__in=questions, state__in=PUBLIC).values_list("public_id", "votes")
    return {public.hex[:NAME]: votes for public, votes in found}


def _forget_told() -> None:
    Change.objects.filter(at__lt=timezone.now() - KEPT).delete()
