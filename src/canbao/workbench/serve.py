"""Starts the workbench: one command, one process for pages and votes, one that tells of changes."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue, Words
from canbao.report.fonts import fonts_for
from canbao.study import Study
from canbao.workbench.project.place import DATA, DATABASE, EVENTS, HOSTS, SECOND_FACTOR, STUDY, keep_days

say = Catalogue("canbao.workbench", "words")

THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
THREADS = 64
"""Most of them wait for the disk together; see `seminar/commits.py`."""

BACKLOG = 4096
LINES = 16_384


def default_data(study: Path) -> Path:
    """Where a study's workbench keeps its database unless somebody says otherwise."""
    name = hashlib.sha256(str(study.resolve()).encode()).hexdigest()[:12]
    return Path(platformdirs.user_data_dir("canbao", appauthor=False)) / "workbench" / f"{study.resolve().name}-{name}"


def prepare(study: Path, data: Path | None) -> None:
    """Check the study, make the database what this version needs, collect what pages load.

    Raises:
        InputError: the study is at fault, the extra `web` is not installed, or the database cannot be used.
    """
    Study(study).table  # noqa: B018 (reads it: a study at fault must not be served)
    os.environ[STUDY] = str(study.resolve())
    os.environ[DATA] = str((data or default_data(study)).resolve())
    # Made once a machine, before somebody waits for a page.
    fonts_for(frozenset())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canbao.workbench.project.settings")
    try:
        import django
        from django.core.management import call_command
    except ImportError as error:
        raise InputError(Fault(say("no_web"), remedy=say("install_web"))) from error
    _refuse_missing_driver()
    django.setup()
    _migrate()
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("clearsessions", verbosity=0)
    from canbao.workbench.seminar import retention
    from canbao.workbench.simulate import scenarios

    retention.expire(keep_days())
    scenarios.expire(keep_days())


def _refuse_missing_driver() -> None:
    """Raises InputError where the database is PostgreSQL and nothing is installed that speaks to it."""
    if os.environ.get(DATABASE) and importlib.util.find_spec("psycopg") is None:
        raise InputError(Fault(say("no_driver"), remedy=say("install_driver")))


def _migrate() -> None:
    """Make the database what this version needs.

    Raises:
        InputError: it cannot be reached, or its user may not make tables there.
    """
    from django.core.management import call_command
    from django.db import DatabaseError, connection

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        named, why = connection.settings_dict, str(error).strip().splitlines()
        host = Words.same(str(named["HOST"])) if named.get("HOST") else say("this_machine")
        what = say("no_database", name=str(named["NAME"]), host=host, why=why[0].rstrip(".") if why else "?")
        raise InputError(Fault(what, remedy=say("database_remedy"))) from error


def serve(study: Path, host: str, port: int, data: Path | None, told: Callable[[str], None]) -> None:
    """Serve a study until somebody interrupts.

    Args:
        study: its folder.
        host: the address to listen on.
        port: likewise.
        data: where the database and uploads lie; a folder of the user's own if None.
        told: of the address, once it can be opened.

    Raises:
        InputError: the study is at fault, or the port is taken.
    """
    events = port + 1
    os.environ.setdefault(EVENTS, str(events))
    _name_hosts(host)
    _allow_many_lines()
    _ask_second_factor(host)
    prepare(study, data)
    for one in (port, events):
        _refuse_taken(host, one)
    _end_when_told()
    # Started anew, not forked: what reads surveys keeps threads that a fork would lose.
    servers = [subprocess.Popen(command) for command in (_pages(host, port), _events(host, events))]
    try:
        _wait_until_open(host, port, servers[0])
        told(f"http://{host}:{port}/")
        servers[0].wait()
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait()


def _end_when_told() -> None:
    """A request to end ends the servers, too; else they would hold their ports."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _pages(host: str, port: int) -> list[str]:
    """The command of the server for pages and votes."""
    options = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1"]
    options += ["--blocking-threads", str(THREADS), "--backlog", str(BACKLOG), "--no-log"]
    return [sys.executable, "-m", "granian", *options, "canbao.workbench.project.wsgi:application"]


def _events(host: str, port: int) -> list[str]:
    """The command of the server that tells of changes."""
    options = [
        "--host",
        host,
        "--port",
        str(port),
        "--backlog",
        str(BACKLOG),
        "--log-level",
        "warning",
        "--lifespan",
        "off",
    ]
    return [sys.executable, "-m", "uvicorn", *options, "canbao.workbench.project.asgi:application"]


def _wait_until_open(host: str, port: int, server: subprocess.Popen[bytes]) -> None:
    """Until the server takes connections, or has given up."""
    while server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.1)


def _allow_many_lines() -> None:
    """Each phone that listens holds a line open; many systems allow a programme 1,024 unless it asks for more."""
    if sys.platform != "win32":
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = LINES if most == resource.RLIM_INFINITY else min(LINES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), most))


def _name_hosts(host: str) -> None:
    """By which names the server may be reached: browsers say it, and any other is refused.

    Raises:
        InputError: it listens on all addresses, and nobody said what people call it.
    """
    if host in ("0.0.0.0", "::"):
        if not os.environ.get(HOSTS):
            raise InputError(Fault(say("no_hosts", host=host), remedy=say("name_hosts")))
    else:
        os.environ[HOSTS] = ",".join(filter(None, [host, os.environ.get(HOSTS)]))


def _ask_second_factor(host: str) -> None:
    """Of the staff, where others than this machine reach the workbench, unless somebody said otherwise."""
    if host not in THIS_MACHINE:
        os.environ.setdefault(SECOND_FACTOR, "required")


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(Fault(say("port_taken", port=str(port)), remedy=say("port_remedy"))) from error
