"""Outputs appear whole or not at all, and the same input gives the same bytes."""

from __future__ import annotations

import datetime
import errno
import hashlib
import os
import platform
import re
import shutil
import sys
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
        InputError: the place cannot be written to or holds something else than a folder, or the disk is full.
    """
    refuse_occupied(target)
    with clear_disk_faults(target), scratch_folder(target) as scratch:
        yield scratch
        scratch.chmod(0o755)
        _put_in_place(scratch, target)


@contextmanager
def scratch_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target` that is gone afterwards, unless it was moved; those of killed processes go too."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_stale(target, target.name)
    scratch = Path(tempfile.mkdtemp(prefix=_scratch_prefix(target.name), dir=target.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A scratch path beside `target` that takes its place when it is written.

    Raises:
        InputError: the place cannot be written to or holds a folder, or the disk is full.
    """
    with clear_disk_faults(target):
        if target.is_dir():
            raise InputError(Fault(say("is_folder"), Place(target)))
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_stale(target, target.stem)
        # The suffix stays: writers choose their format by it.
        handle, name = tempfile.mkstemp(prefix=_scratch_prefix(target.stem), suffix=target.suffix, dir=target.parent)
        os.close(handle)
        scratch = Path(name)
        try:
            yield scratch
            scratch.chmod(0o644)
            scratch.replace(target)
        finally:
            scratch.unlink(missing_ok=True)


def refuse_occupied(target: Path) -> None:
    """Refuse a place for a folder where something else stands.

    Raises:
        InputError: a file, or a link to whatever.
    """
    if target.is_symlink():
        raise InputError(Fault(say("is_link"), Place(target)))
    if target.exists() and not target.is_dir():
        raise InputError(Fault(say("not_a_folder"), Place(target)))


@contextmanager
def clear_disk_faults(target: Path) -> Iterator[None]:
    """Turn the disk's refusals into faults that say what to do.

    Raises:
        InputError: read-only, full, or not allowed.
    """
    try:
        yield
    except _refusals() as raised:
        refusal = _refusal(raised)
        if refusal is None or refusal.errno not in _REFUSALS:
            raise
        raise InputError(Fault(say(_REFUSALS[refusal.errno]), Place(_blamed(refusal, target)))) from raised


def hear_refusals_once() -> None:
    """Zip archives that a full disk left open would complain again, to the terminal, when they are cleared away."""
    sys.unraisablehook = lambda late: None if isinstance(late.exc_value, OSError) else sys.__unraisablehook__(late)


_REFUSALS = {
    errno.EROFS: "read_only",
    errno.EACCES: "not_allowed",
    errno.EPERM: "not_allowed",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.ENOENT: "no_place",
    errno.ENOTDIR: "not_a_folder",
    errno.EEXIST: "not_a_folder",
    errno.EISDIR: "is_folder",
    errno.ENAMETOOLONG: "long_name",
}


def _refusals() -> tuple[type[BaseException], ...]:
    """What is raised when a disk refuses; xlsxwriter wraps it, and is not loaded just for that."""
    writer = sys.modules.get("xlsxwriter.exceptions")
    return (OSError,) if writer is None else (OSError, writer.FileCreateError)


def _blamed(refusal: OSError, target: Path) -> Path:
    """What the disk refused, by the name that people know: a scratch place by that of what it is for."""
    named = Path(os.fsdecode(refusal.filename or target))
    for at, part in enumerate(named.parts):
        if found := _SCRATCH.fullmatch(part):
            return Path(*named.parts[:at], found["name"] + (found["suffix"] or ""))
    return named


def _refusal(raised: BaseException) -> OSError | None:
    return next((one for one in (raised, *raised.args) if isinstance(one, OSError)), None)


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


# --- scratch places -------------------------------------------------------------------------------------------------------


_SCRATCH = re.compile(
    r"\.(?P<name>.+)-(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-(?P<old>old-)?[a-z0-9_]{8}(?P<suffix>\..*)?"
)


def _scratch_prefix(name: str) -> str:
    """Says what it is for, and which process of which machine makes it."""
    return f".{name}-{_machine()}-{os.getpid()}-"


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _clear_stale(target: Path, name: str) -> None:
    """Remove what killed processes of this machine left beside `target`; what they had moved away goes back."""
    for path in target.parent.iterdir():
        found = _SCRATCH.fullmatch(path.name)
        if found is None or (found["name"], found["machine"]) != (name, _machine()) or _is_running(int(found["process"])):
            continue
        if found["old"] and (path / target.name).exists() and not target.exists():
            (path / target.name).rename(target)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    if sys.platform == "win32":
        # There, asking by signal would end it.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _put_in_place(scratch: Path, target: Path) -> None:
    if not target.exists():
        scratch.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f"{_scratch_prefix(target.name)}old-", dir=target.parent))
    target.rename(old / target.name)
    try:
        scratch.rename(target)
    except OSError:
        (old / target.name).rename(target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
