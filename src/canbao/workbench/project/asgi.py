"""Tells those who listen that something of an event has changed, by Server-Sent Events; nothing else is told here.

One process holds thousands of phones. It reads the table of changes ten times a second and tells each event at most twice
a second; what has changed is then fetched from the pages' server, where it is known what each may see.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canbao.workbench.project.settings")

import django

django.setup()

from django.conf import settings
from django.db import close_old_connections

from canbao.workbench.seminar.models import Change, Event

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LOOK_EVERY = 0.1
TELL_EVERY = 0.5
BEAT_EVERY = 20.0
MOST_LISTENERS = 6000
RETRY = (2000, 8000)
"""Milliseconds after which a phone that lost the line comes back: spread, so that not all come at once."""


class Listeners:
    """Who listens to which event."""

    def __init__(self) -> None:
        self.waiting: dict[int, set[asyncio.Event]] = {}
        self.last = 0
        self.told: dict[int, float] = {}
        self.due: set[int] = set()
        self.task: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many listen."""
        return sum(map(len, self.waiting.values()))

    async def begin(self) -> None:
        """Begin to look for changes, with those that come from now on."""
        if self.task is None:
            self.last = await asyncio.to_thread(_newest)
            self.task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with contextlib.suppress(Exception):  # a database that is away for a moment must not end the telling
                found = await asyncio.to_thread(_since, self.last)
                self.last = max([self.last, *(number for number, _ in found)])
                self.due |= {event for _, event in found}
                self._tell()

    def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        for event in [one for one in self.due if now - self.told.get(one, 0.0) >= TELL_EVERY]:
            self.due.discard(event)
            self.told[event] = now
            for listener in self.waiting.get(event, ()):
                listener.set()


listeners = Listeners()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """`/events/<public id of an event>`."""
    if scope["type"] == "lifespan":
        return
    event = await asyncio.to_thread(_event, scope["path"])
    if scope["type"] != "http" or scope["method"] != "GET" or event is None:
        await _answer(send, 404)
    elif listeners.count >= MOST_LISTENERS:
        await _answer(send, 503)
    else:
        await listeners.begin()
        await _stream(event, receive, send, _origin(scope))


async def _stream(event: int, receive: Receive, send: Send, origin: bytes) -> None:
    listener = asyncio.Event()
    listeners.waiting.setdefault(event, set()).add(listener)
    gone = asyncio.create_task(_gone(receive))
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    headers += [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
    try:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _write(send, f"retry: {random.randint(*RETRY)}\n\n")
        while not gone.done():
            told = asyncio.create_task(listener.wait())
            await asyncio.wait({told, gone}, timeout=BEAT_EVERY, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if listener.is_set():
                listener.clear()
                await _write(send, "event: changed\ndata: 1\n\n")
            elif not gone.done():
                await _write(send, ": here\n\n")
    finally:
        gone.cancel()
        listeners.waiting[event].discard(listener)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b""})


def _origin(scope: Scope) -> bytes:
    """The pages' own server, at whichever of its names; nobody else's pages may listen."""
    said = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
    host = said.partition("://")[2].rpartition(":")[0] or said.partition("://")[2]
    return said.encode("latin-1") if host in settings.ALLOWED_HOSTS else b"null"


def _event(path: str) -> int | None:
    head, _, name = path.rpartition("/")
    try:
        number = uuid.UUID(name)
    except ValueError:
        return None
    if head != "/events":
        return None
    close_old_connections()
    return Event.objects.filter(public_id=number).values_list("pk", flat=True).first()


def _newest() -> int:
    close_old_connections()
    return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _since(last: int) -> list[tuple[int, int]]:
    close_old_connections()
    return list(Change.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "event_id")[:10_000])
