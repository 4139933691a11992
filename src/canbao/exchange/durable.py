"""What is written so survives a kill and a power cut: it is on the disk before anything refers to it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from canbao.outputs import clear_disk_faults


def write_durably(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file, whole or not at all, and wait until the disk has it.

    Raises:
        InputError: the disk is full or does not allow it.
    """
    with clear_disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        scratch = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            scratch.chmod(mode)
            scratch.replace(path)
            sync_folder(path.parent)
        finally:
            scratch.unlink(missing_ok=True)


def sync_files(folder: Path) -> None:
    """Wait until the disk has every file of a folder, and the folder."""
    for path in sorted(folder.iterdir()):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Wait until the disk knows what stands in a folder; where folders cannot be opened it does so by itself."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone among processes; the lock goes with its process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        try:
            import fcntl
        except ImportError:  # Windows: one process at a time is up to whoever starts them
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
