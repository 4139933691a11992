"""The workbench as `canbao serve` opens it, and a real browser: Debian's Chromium, driven by Playwright."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..conftest import small_study

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
STUDY = str(ROOT / "studies" / "sample")
STAFF = ("chair", "moderator", "answerer")

SEMINAR = """title: {en: Pensions for riders, zh: 骑手养老保险研讨会}
rooms:
  - {en: Pensions, zh: 养老保险}
polls:
  - text: {en: "Which option first?", zh: 优先选择哪项改革？}
    choices:
      - {en: Platforms pay for each order, zh: 平台按单缴费, reform: order_levy}
      - {en: The state matches, zh: 政府补贴, reform: matching}
"""


@dataclass(frozen=True)
class Served:
    """A workbench that is running.

    Args:
        address: of its first page.
        code: of a seminar that is open there.
        passwords: of the staff, by name; each is called as her role.
    """

    address: str
    code: str
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The sample study's workbench with a seminar."""
    folder = tmp_path_factory.mktemp("served")
    plan = folder / "seminar.yaml"
    plan.write_text(SEMINAR, encoding="utf-8")
    own = _environment(folder)
    code = _canbao(own, "seminar", "open", STUDY, str(plan)).split()[-1]
    told = {role: _canbao(own, "seminar", "staff", STUDY, code, role, "--role", role) for role in STAFF}
    with _opened(STUDY, own) as address:
        yield Served(address, code, {role: text.split()[-1] for role, text in told.items()})


@pytest.fixture
def drafted(tmp_path: Path) -> Iterator[Served]:
    """The workbench of a small study that has taken a draft, with an editor."""
    study = str(small_study(tmp_path / "small"))
    own = _environment(tmp_path)
    _canbao(own, "review", "take", study, "--as", "draft", "--format", "docx", "--format", "html")
    password = _canbao(own, "review", "staff", study, "editor", "--role", "editor").split()[-1]
    with _opened(study, own) as address:
        yield Served(address, "", {"editor": password})


@contextlib.contextmanager
def _opened(study: str, own: dict[str, str]) -> Iterator[str]:
    """A study's workbench, and its address."""
    port = _two_free_ports()
    command = [sys.executable, "-m", "canbao", "serve", study, "--port", str(port)]
    server = subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthy", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _environment(folder: Path) -> dict[str, str]:
    """As of somebody who has set nothing, with a data folder of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANBAO_", "DJANGO_"))}
    cache = {name: os.environ[name] for name in ("CANBAO_CACHE",) if name in os.environ}
    return {**kept, **cache, "XDG_DATA_HOME": str(folder)}


def _canbao(own: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "canbao", *arguments], env=own, capture_output=True, text=True, check=True)
    return done.stdout


def _two_free_ports() -> int:
    """The first of two ports, side by side, that nobody has."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _wait_for(address: str, server: subprocess.Popen[bytes], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"the workbench did not open within {seconds} seconds")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium, and the event loop that drives it: while it runs, no Django of other tests in this process would.

    Where a machine has none these tests are skipped, unless it is one that must run them.
    """
    if CHROMIUM is None:
        if os.environ.get("CANBAO_BROWSER") == "required":
            pytest.fail("Chromium is missing. On Debian: apt-get install chromium")
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


SIZES = {"phone": {"width": 375, "height": 800}, "desk": {"width": 1440, "height": 900}}


@pytest.fixture
def person(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Makes a person with a browser of her own; errors of her pages' scripts fail the test."""
    contexts, faults = [], []

    def come(at: Served, size: str = "phone", *, scripts: bool = True) -> Any:
        context = chromium.new_context(viewport=SIZES[size], java_script_enabled=scripts, base_url=at.address)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        return page

    yield come
    for context in contexts:
        context.close()
    # A page that answers 4xx on purpose is told of by the browser, too.
    assert [one for one in faults if "status of 4" not in one] == []
