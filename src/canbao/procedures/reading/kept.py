"""Logs that were read once are kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from canbao.errors import InputError
from canbao.outputs import cache_folder
from canbao.procedures.event_log import EventLog

KEPT_AT_MOST = 2 * 2**30
"""Bytes of all kept logs; those that were not opened longest go first."""


def kept_log(path: Path, options: object, read: Callable[[], EventLog]) -> EventLog:
    """The log as it was read before from the same content with the same options; else read now and kept.

    Args:
        path: the file.
        options: what else the result depends on.
        read: reads it.
    """
    folder = cache_folder() / "logs" / _key(path, options)
    if (folder / "log.json").is_file():
        # A damaged copy is no reason to fail: the file itself is there.
        with suppress(InputError, OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError):
            log = EventLog.load(folder)
            if log.is_sound():
                os.utime(folder)
                return log
    log = read()
    with suppress(InputError, OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Cases are people's: nobody else on the machine need see them.
        folder.parent.chmod(0o700)
        log.save(folder)
        _make_room(folder)
    return log


def _key(path: Path, options: object) -> str:
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256")
    content.update(repr(options).encode("utf-8"))
    content.update(_reader_itself())
    return content.hexdigest()[:32]


@cache
def _reader_itself() -> bytes:
    """Another reader may read otherwise: what an older one kept is not taken for its work."""
    digest = hashlib.sha256(pl.__version__.encode())
    for package in ("canbao.procedures.reading", "canbao.procedures"):
        for part in sorted(resources.files(package).iterdir(), key=lambda one: one.name):
            if part.name.endswith((".py", "columns.yaml")) and (package.endswith("reading") or part.name == "event_log.py"):
                digest.update(part.read_bytes())
    return digest.digest()


def _make_room(newest: Path) -> None:
    folders = [one for one in newest.parent.iterdir() if one.is_dir() and not one.name.startswith(".") and one != newest]
    left = KEPT_AT_MOST - _size(newest)
    for folder in sorted(folders, key=lambda one: one.stat().st_mtime, reverse=True):
        left -= _size(folder)
        if left < 0:
            shutil.rmtree(folder, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.iterdir() if one.is_file())
