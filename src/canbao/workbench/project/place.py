"""Where a workbench keeps what it must remember: the environment says so, since Django's settings are a module."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue

say = Catalogue("canbao.workbench", "words")

STUDY = "CANBAO_STUDY"
DATA = "CANBAO_WORKBENCH"
EVENTS = "CANBAO_EVENTS_PORT"
HOSTS = "CANBAO_HOSTS"
DATABASE = "DATABASE_URL"
MOST_DAYS = 3650
KEEP_CONNECTION = 600
"""Seconds for which a thread keeps its connection to PostgreSQL."""

SECOND_FACTOR = "CANBAO_SECOND_FACTOR"
SECURE = "CANBAO_HTTPS"
KEEP_DAYS = "CANBAO_KEEP_DAYS"


def study_folder() -> Path:
    """The study that is shown."""
    return Path(os.environ[STUDY])


def data_folder() -> Path:
    """The database, the secret key, uploaded studies; readable by the server's own user only."""
    # Type checkers import the settings, too, and serve nobody.
    folder = (
        Path(os.environ[DATA]) if DATA in os.environ else Path(tempfile.gettempdir()) / f"canbao-unserved-{os.getuid()}"
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def secret_key() -> str:
    """Made once, kept beside the database."""
    path = data_folder() / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


def second_factor_required() -> bool:
    """Whether the staff must have a second factor, or may: it must where others than this machine reach the workbench.

    Raises:
        InputError: CANBAO_SECOND_FACTOR says neither.
    """
    said = os.environ.get(SECOND_FACTOR, "required" if os.environ.get(SECURE) == "1" else "offered")
    if said not in ("required", "offered"):
        raise InputError(Fault(say("unknown_second_factor", said=said)))
    return said == "required"


def keep_days() -> int:
    """How many days things are kept: what people gave of themselves, after an event; saved scenarios, unopened.

    Raises:
        InputError: CANBAO_KEEP_DAYS is no number of days.
    """
    said = os.environ.get(KEEP_DAYS, "180")
    if not (said.isascii() and said.isdigit() and 0 < int(said) <= MOST_DAYS):
        raise InputError(Fault(say("unknown_days", said=said, most=str(MOST_DAYS))))
    return int(said)


def database() -> dict[str, object]:
    """SQLite beside the key, or the PostgreSQL that DATABASE_URL names.

    Raises:
        InputError: DATABASE_URL names another kind, or cannot be read.
    """
    address = os.environ.get(DATABASE, "")
    return _postgresql(address) if address else _sqlite()


def _sqlite() -> dict[str, object]:
    # One writer at a time, readers never wait; a commit is on disk before it is acknowledged to a voter.
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data_folder() / "workbench.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10, "init_command": pragmas},
        "CONN_MAX_AGE": None,  # a file: nothing is saved by opening it anew for each request
    }


def _postgresql(address: str) -> dict[str, object]:
    """`postgresql://user:password@host:port/name?sslmode=require`; what follows the question mark is the driver's."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise InputError(Fault(say("unread_database"), remedy=say("database_form"))) from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise InputError(Fault(say("unknown_database", scheme=parts.scheme or "?")))
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise InputError(Fault(say("unnamed_database"), remedy=say("database_form")))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": {"connect_timeout": 10, "application_name": "canbao", **dict(parse_qsl(parts.query))},
        # A thread keeps its connection, so that a vote need not wait for a new one, and asks first whether it still holds.
        "CONN_MAX_AGE": KEEP_CONNECTION,
        "CONN_HEALTH_CHECKS": True,
    }
