"""A room of phones: listeners held, votes a second, and servers killed in the middle; all against the real `canbao serve`.

The short form runs with every test and counts only; `make stress` holds two thousand listeners and takes the time, too.
"""

import asyncio
import contextlib
import os
import random
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"
QUESTIONS = 40
CONNECTIONS = 100
SPREAD = (1.0, 9.0)
"""Seconds after which phones fetch what has changed; see `static/workbench/seminar.js`."""

TOKEN = "a" * 32
SEMINAR = """
title: {en: Pensions for riders, zh: 骑手养老保险研讨会}
polls:
  - text: {en: "Which first?", zh: 优先选择哪项改革？}
    choices: [{en: Platforms pay, zh: 平台按单缴费}, {en: The state matches, zh: 政府补贴}]
"""


# --- the server -------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """Of two neighbours that are both free."""
    while True:
        with socket.socket() as one, socket.socket() as next_one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            with contextlib.suppress(OSError):
                next_one.bind(("127.0.0.1", port + 1))
                return port


class Serving:
    """`canbao serve`, in a group of processes of its own, so that all of them can be killed at once."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "canbao", "serve", str(SAMPLE), "--port", str(self.port), "--data", str(self.data)]
        given = {name: value for name, value in os.environ.items() if not name.startswith("CANBAO_")}
        self.process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, env=given)
        until = time.monotonic() + 120
        for port in (self.port, self.port + 1):
            while True:
                assert self.process.poll() is None and time.monotonic() < until
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.1)

    def end(self, how: signal.Signals) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, how)
            self.process.wait()


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    serving = Serving(Path(os.environ["CANBAO_WORKBENCH"]))
    # As most systems start it; it must ask for more lines itself.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, most[1]), most[1]))
    serving.start()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, most[1]), most[1]))
    yield serving
    serving.end(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_NOFILE, most)


@pytest.fixture
def event(tmp_path: Path) -> Iterator[Any]:
    from canbao.workbench.seminar.models import Change, Deed, Event, Question
    from canbao.workbench.seminar.plan import open_seminar

    path = tmp_path / "seminar.yaml"
    path.write_text(SEMINAR, encoding="utf-8")
    event = open_seminar(path, tmp_path)
    for number in range(QUESTIONS):
        text = f"Question number {number} of a long afternoon?"
        Question.objects.create(event=event, author="nobody", text=text, language="en", state="live")
    yield event
    for kept in (Deed, Change, Event):
        kept.objects.all().delete()


# --- the phones -------------------------------------------------------------------------------------------------------


class Listener(asyncio.Protocol):
    """A phone that hears of changes: when each message came, and its number."""

    def __init__(self, path: str, heard: "Heard") -> None:
        self.path, self.heard, self.last = path, heard, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if b"id: " in data:
            self.last = int(data.rpartition(b"id: ")[2].partition(b"\n")[0])
            self.heard.told.append((self.last, time.time()))
            if b"event: changed" in data:
                self.heard.changed()
        elif b"retry:" in data:
            self.heard.begun += 1

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.heard.lost += 1


@dataclass
class Heard:
    """What all listeners heard together: the number of the newest change that each message tells of, and when it came."""

    changed: Callable[[], None]
    listeners: list[Listener] = field(default_factory=list)
    transports: list[asyncio.Transport] = field(default_factory=list)
    begun: int = 0
    lost: int = 0
    told: list[tuple[int, float]] = field(default_factory=list)

    async def begin(self, port: int, path: str, number: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(number):
            transport, listener = await loop.create_connection(lambda: Listener(path, self), "127.0.0.1", port)
            self.transports.append(transport)
            self.listeners.append(listener)
        async with asyncio.timeout(120):
            while self.begun < number:
                await asyncio.sleep(0.1)

    def end(self) -> None:
        for transport in self.transports:
            transport.abort()

    def seconds(self) -> tuple[list[float], list[float]]:
        """From the newest change of each message, and from the oldest, until each listener had it."""
        from canbao.workbench.seminar.models import Change

        at = {number: moment.timestamp() for number, moment in Change.objects.values_list("pk", "at")}
        numbers = sorted({number for number, _ in self.told})
        oldest = dict(zip(numbers, [min(at), *(number + 1 for number in numbers[:-1])], strict=True))
        newest = [came - at[number] for number, came in self.told]
        return newest, [came - at[oldest[number]] for number, came in self.told]


class Line:
    """One connection on which posts follow one another."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookie}\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        writer.write(f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", answer)
        if length and method != "HEAD":
            await reader.readexactly(int(length[1]))
        return int(answer[9:12]), answer

    def drop(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


class Crowd:
    """Phones at one event, all behind one address."""

    def __init__(self, event: Any, port: int, questions: list[str]) -> None:
        self.event, self.port, self.questions = event, port, questions
        self.lines = [Line(port) for _ in range(CONNECTIONS)]
        self.free: asyncio.Queue[Line] = asyncio.Queue()
        for line in self.lines:
            self.free.put_nowait(line)
        self.cookies: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.fetched: Counter[int] = Counter()
        self.fetching: set[asyncio.Task[None]] = set()

    async def ask(self, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str]:
        """Status 0 where the server did not answer."""
        line = await self.free.get()
        try:
            return await line.ask(method, path, body, cookie)
        except (OSError, asyncio.IncompleteReadError):
            line.drop()
            return 0, ""
        finally:
            self.free.put_nowait(line)

    async def join(self, number: int) -> None:
        path = f"/en/seminar/{self.event.code}/join/"

        async def one() -> None:
            status, answer = await self.ask("POST", path, f"csrfmiddlewaretoken={TOKEN}", f"csrftoken={TOKEN}")
            found = re.search(r"(?i)set-cookie:\s*(ticket-[^;]+)", answer)
            assert status == 302 and found is not None, status
            self.cookies.append(f"csrftoken={TOKEN}; {found[1]}")

        await asyncio.gather(*(one() for _ in range(number)))

    async def vote(self, voter: int, question: int, *, again: bool = False) -> None:
        """Until the server has answered, where `again`."""
        path = f"/en/seminar/{self.event.code}/vote/{self.questions[question]}/"
        begun, status = time.perf_counter(), 0
        while status == 0:
            status, _ = await self.ask("POST", path, f"csrfmiddlewaretoken={TOKEN}", self.cookies[voter])
            self.statuses[status] += 1
            if not again:
                break
            await asyncio.sleep(0 if status else random.uniform(1, 3))
        self.seconds.append(time.perf_counter() - begun)

    async def votes(self, a_second: int, seconds: float, *, again: bool = False) -> None:
        """Every vote another: each voter wants each question once. They come by the clock, however slow the answers."""
        begun, going = time.perf_counter(), []
        for at in range(int(a_second * seconds)):
            await asyncio.sleep(max(0.0, begun + at / a_second - time.perf_counter()))
            going.append(asyncio.create_task(self.vote(at % len(self.cookies), at // len(self.cookies), again=again)))
        await asyncio.gather(*going)

    def changed(self) -> None:
        """As the page's script does: fetch what all see, not at once with all others."""
        task = asyncio.create_task(self._fetch(random.uniform(*SPREAD)))
        self.fetching.add(task)
        task.add_done_callback(self.fetching.discard)

    async def _fetch(self, after: float) -> None:
        await asyncio.sleep(after)
        status, _ = await self.ask("GET", f"/en/seminar/{self.event.code}/list/")
        self.fetched[status] += 1

    def end(self) -> None:
        for line in self.lines:
            line.drop()


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def rows(event: Any) -> tuple[int, int, int]:
    """Votes that the database holds, those that it counts, and pairs of a voter and a question."""
    from canbao.workbench.seminar.models import Question, Vote

    held = list(Vote.objects.filter(question__event=event).values_list("voter", "question"))
    return len(held), sum(one.votes for one in Question.objects.filter(event=event)), len(set(held))


def named(event: Any) -> list[str]:
    return [str(one.public_id) for one in event.questions.order_by("pk")]


# --- what must hold ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listeners", "a_second", "seconds", "timed"),
    [(100, 50, 3, False), pytest.param(2000, 200, 60, True, marks=pytest.mark.stress)],
)
def test_a_room_votes_and_hears_of_it(
    event: Any, serving: Serving, listeners: int, a_second: int, seconds: int, timed: bool
) -> None:
    """None lost, none doubled, every phone told of the last vote; and a question let through is fetched by all."""
    from asgiref.sync import sync_to_async

    from canbao.workbench.seminar.deeds import ask
    from canbao.workbench.seminar.models import Change

    crowd = Crowd(event, serving.port, named(event))
    heard = Heard(crowd.changed)
    event.premoderated = False

    async def room() -> None:
        await crowd.join(listeners)
        await heard.begin(serving.port + 1, f"/events/{event.public_id}", listeners)
        storm = asyncio.create_task(crowd.votes(a_second, seconds))
        await asyncio.sleep(seconds / 2)
        await sync_to_async(ask)(event, "somebody", "One question more, in the middle of it?", "en")
        await storm
        await asyncio.sleep(2)
        await asyncio.gather(*crowd.fetching)
        assert heard.lost == 0
        heard.end()
        crowd.end()

    asyncio.run(room())
    votes = a_second * seconds
    assert crowd.statuses == {302: votes}
    assert rows(event) == (votes, votes, votes)
    last = Change.objects.filter(event=event).order_by("pk").last()
    assert last is not None and {one.last for one in heard.listeners} == {last.pk}
    assert crowd.fetched == {200: listeners}
    newest, oldest = heard.seconds()
    measured = {"a broadcast": p95(newest), "a vote until all have it": p95(oldest), "a vote": p95(crowd.seconds)}
    told = ", ".join(f"{what} {seconds * 1000:.0f} ms" for what, seconds in measured.items())
    print(f"p95 of {told}; {len(heard.told)} messages; load of the machine {os.getloadavg()[0]:.1f}")
    if timed:
        assert measured["a broadcast"] < 0.5, told


@pytest.mark.parametrize(("a_second", "seconds", "kills"), [(40, 4, 1), pytest.param(150, 60, 4, marks=pytest.mark.stress)])
def test_servers_killed_in_a_storm_lose_nothing_that_was_acknowledged(
    event: Any, serving: Serving, a_second: int, seconds: int, kills: int
) -> None:
    """A phone without an answer votes again; in the end each vote stands once, those answered before among them."""
    from django.db import connections

    crowd = Crowd(event, serving.port, named(event))
    moments = random.Random(3)
    before: list[tuple[int, int]] = []

    def kill() -> None:
        # Acknowledged first, counted afterwards: what is acknowledged in between can only be more.
        acknowledged = crowd.statuses[302]
        serving.end(signal.SIGKILL)
        try:
            before.append((acknowledged, rows(event)[0]))
        finally:
            connections.close_all()  # of this thread
        serving.start()

    async def storm() -> None:
        await crowd.join(300)
        going = asyncio.create_task(crowd.votes(a_second, seconds, again=True))
        for _ in range(kills):
            await asyncio.sleep(seconds / kills * moments.uniform(0.3, 0.7))
            await asyncio.to_thread(kill)
        await going
        crowd.end()

    asyncio.run(storm())
    votes = a_second * seconds
    assert rows(event) == (votes, votes, votes)
    assert crowd.statuses[302] + crowd.statuses[409] == votes
    assert set(crowd.statuses) <= {0, 302, 409}
    assert all(0 < acknowledged <= held for acknowledged, held in before), before
    lost = f"{crowd.statuses[409]} were committed although their answer was lost"
    print(f"{votes} votes; {crowd.statuses[0]} times no answer; {lost}")
