"""Outputs appear whole or not at all, and the same input gives the same bytes."""

from __future__ import annotations

import datetime
import errno
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue

say = Catalogue("canbao", "outputs")


def cache_folder() -> Path:
    """Where what was made once is kept: CANBAO_CACHE, else the user's cache folder."""
    chosen = os.environ.get("CANBAO_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("canbao", appauthor=False))


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A scratch folder beside `target` that takes its place when everything in it is written.

    What stood at `target` before is replaced only then; after a fault or an interruption it is as it was.

    Raises:
        InputError: the place cannot be written to, or the disk is full.
    """
    with clear_disk_faults(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            yield scratch
            scratch.chmod(0o755)
            _put_in_place(scratch, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A scratch path beside `target` that takes its place when it is written.

    Raises:
        InputError: the place cannot be written to, or the disk is full.
    """
    with clear_disk_faults(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        # The suffix stays: writers choose their format by it.
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
        os.close(handle)
        scratch = Path(name)
        try:
            yield scratch
            scratch.chmod(0o644)
            scratch.replace(target)
        finally:
            scratch.unlink(missing_ok=True)


@contextmanager
def clear_disk_faults(target: Path) -> Iterator[None]:
    """Turn the disk's refusals into faults that say what to do.

    Raises:
        InputError: read-only, full, or not allowed.
    """
    try:
        yield
    except OSError as refusal:
        keys = {
            errno.EROFS: "read_only",
            errno.EACCES: "not_allowed",
            errno.EPERM: "not_allowed",
            errno.ENOSPC: "disk_full",
            errno.EDQUOT: "disk_full",
            errno.ENOENT: "no_place",
            errno.ENOTDIR: "not_a_folder",
            errno.EEXIST: "not_a_folder",
        }
        if refusal.errno not in keys:
            raise
        raise InputError(Fault(say(keys[refusal.errno]), Place(refusal.filename or target))) from refusal


def fix_zip_times(path: Path, day: datetime.date) -> None:
    """Rewrite a zip archive (.docx, .pptx, .xlsx) with all its members dated `day`, so that bytes repeat."""
    stamp = (day.year, day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)


def _put_in_place(scratch: Path, target: Path) -> None:
    if not target.exists():
        scratch.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    target.rename(old / target.name)
    try:
        scratch.rename(target)
    except OSError:
        (old / target.name).rename(target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
