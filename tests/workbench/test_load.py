"""A room of phones: listeners held, votes a second, and servers killed in the middle; all against the real `canbao serve`.

The short form runs with every test and counts only; `make stress` holds two thousand listeners and takes the time, too.
"""

import asyncio
import contextlib
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"
QUESTIONS = 40
CONNECTIONS = 48
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


@pytest.fixture
def serving() -> Iterator[Serving]:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, most[1]), most[1]))
    serving = Serving(Path(os.environ["CANBAO_WORKBENCH"]))
    serving.start()
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
        self.path, self.heard = path, heard
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if b"event: " in data:
            self.heard.messages += 1
            self.heard.told.append((int(data.rpartition(b"id: ")[2].partition(b"\n")[0]), time.time()))
        elif b"retry:" in data:
            self.heard.begun += 1

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.heard.lost += 1


@dataclass
class Heard:
    """What all listeners heard together: the number of the newest change that each message tells of, and when it came."""

    begun: int = 0
    lost: int = 0
    messages: int = 0
    told: list[tuple[int, float]] = field(default_factory=list)

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


@dataclass
class Storm:
    """What became of the votes."""

    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)


class Crowd:
    """Phones at one event behind one address."""

    def __init__(self, event: Any, port: int, questions: list[str]) -> None:
        self.event, self.port, self.questions = event, port, questions
        self.lines = [Line(port) for _ in range(CONNECTIONS)]
        self.free: asyncio.Queue[Line] = asyncio.Queue()
        for line in self.lines:
            self.free.put_nowait(line)
        self.cookies: list[str] = []
        self.storm = Storm()

    async def post(self, path: str, body: str, cookie: str) -> tuple[int, str]:
        line = await self.free.get()
        try:
            return await line.ask("POST", path, body, cookie)
        except (OSError, asyncio.IncompleteReadError):
            line.drop()
            return 0, ""
        finally:
            self.free.put_nowait(line)

    async def join(self, number: int) -> None:
        token = "a" * 32
        path = f"/en/seminar/{self.event.code}/join/"

        async def one() -> None:
            status, answer = await self.post(path, f"csrfmiddlewaretoken={token}", f"csrftoken={token}")
            assert status == 302, (status, answer)
            found = re.search(r"(?i)set-cookie:\s*(ticket-[^;]+)", answer)
            assert found is not None
            self.cookies.append(f"csrftoken={token}; {found[1]}")

        await asyncio.gather(*(one() for _ in range(number)))

    async def vote(self, voter: int, question: int) -> None:
        path = f"/en/seminar/{self.event.code}/vote/{self.questions[question]}/"
        begun = time.perf_counter()
        status, _ = await self.post(path, f"csrfmiddlewaretoken={'a' * 32}", self.cookies[voter])
        self.storm.seconds.append(time.perf_counter() - begun)
        self.storm.statuses[status] += 1
        if status == 302:
            self.storm.acknowledged.add((self.cookies[voter], question))

    async def votes(self, a_second: int, seconds: float) -> None:
        """Every vote another: each voter wants each question once. Votes come as clocks have it, however slow the answers."""
        number, begun, going = int(a_second * seconds), time.perf_counter(), []
        for at in range(number):
            await asyncio.sleep(max(0.0, begun + at / a_second - time.perf_counter()))
            going.append(asyncio.create_task(self.vote(at % len(self.cookies), at // len(self.cookies))))
        await asyncio.gather(*going)


async def listening(port: int, event: Any, number: int) -> tuple[Heard, list[asyncio.Transport]]:
    heard, loop, transports = Heard(), asyncio.get_running_loop(), []
    path = f"/events/{event.public_id}"
    for _ in range(number):
        transport, _protocol = await loop.create_connection(lambda: Listener(path, heard), "127.0.0.1", port)
        transports.append(transport)
    until = time.monotonic() + 60
    while heard.begun < number and time.monotonic() < until:
        await asyncio.sleep(0.1)
    return heard, transports


def load() -> str:
    return f"load of this machine {os.getloadavg()[0]:.1f}"


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


@pytest.mark.parametrize(
    ("listeners", "a_second", "seconds", "timed"),
    [(100, 50, 3, False), pytest.param(2000, 200, 60, True, marks=pytest.mark.stress)],
)
def test_a_room_votes_and_hears_of_it(
    event: Any, serving: Serving, listeners: int, a_second: int, seconds: int, timed: bool
) -> None:
    from canbao.workbench.seminar.models import Question

    questions = [str(one.public_id) for one in Question.objects.filter(event=event).order_by("pk")]

    async def room() -> tuple[Heard, Crowd]:
        crowd = Crowd(event, serving.port, questions)
        begun = time.perf_counter()
        await crowd.join(listeners)
        print("joined", time.perf_counter() - begun)
        begun = time.perf_counter()
        heard, transports = await listening(serving.port + 1, event, listeners)
        print("listening", time.perf_counter() - begun, heard.begun)
        begun = time.perf_counter()
        await crowd.votes(a_second, seconds)
        print("voted", time.perf_counter() - begun)
        await asyncio.sleep(1.5)
        assert heard.lost == 0
        for transport in transports:
            transport.close()
        for line in crowd.lines:
            line.drop()
        return heard, crowd

    heard, crowd = asyncio.run(room())
    newest, oldest = heard.seconds()
    print(crowd.storm.statuses, "p50", statistics.median(crowd.storm.seconds), "p95", p95(crowd.storm.seconds), load())
    print(heard.messages, p95(newest), p95(oldest))
    assert crowd.storm.statuses == {302: a_second * seconds}
