"""A file's bytes, unpacked within limits, and their digest."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from canbao.exchange.messages.unreadable import unreadable

UNPACKED_AT_MOST = 64 * 2**30
"""Bytes of a message once unpacked."""

SWELLS_AT_MOST = 300
"""Times its packed size; orders, repetitive as they are, reach fifty."""

SWELLING_ALLOWED = 64 * 2**20
"""Bytes that may be unpacked from however little."""

BLOCK = 2**20

HEAD = 2**16
"""Bytes by which the form of a file is told."""


class ByteSource(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes or fewer; none at the end."""
        ...


class Stream:
    """A message's bytes, counted and digested on their way.

    Args:
        source: the bytes.
        most: so many are given at most; None if the file is not packed.
    """

    def __init__(self, source: ByteSource, most: int | None) -> None:
        self._source, self._most = source, most
        self._given = 0
        self._digest = hashlib.sha256()
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        while len(self._ahead) < size and (part := self._next(size - len(self._ahead))):
            self._ahead += part
        return self._ahead[:size]

    def read(self, size: int = BLOCK) -> bytes:
        """So many bytes or fewer; none at the end.

        Raises:
            UnreadableError: the packing is damaged, or swells.
        """
        if self._ahead:
            part, self._ahead = self._ahead[:size], self._ahead[size:]
            return part
        return self._next(size)

    def _next(self, size: int) -> bytes:
        try:
            part = self._source.read(size)
        except (EOFError, OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError):
            raise unreadable("broken_packing") from None
        self._given += len(part)
        if self._most is not None and self._given > self._most:
            raise unreadable("swells")
        self._digest.update(part)
        return part

    def digest(self) -> str:
        """SHA-256 of all bytes, read or not."""
        try:
            while self.read():
                pass
        except Exception:
            # What cannot be unpacked has the digest of what could.
            return self._digest.hexdigest()
        return self._digest.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[Stream]:
    """A file as a stream, unpacked if it is gzip, or a zip archive with one file.

    Raises:
        UnreadableError: it is empty, or the packing is damaged.
    """
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        size = path.stat().st_size
        start = file.read(4)
        file.seek(0)
        most = min(UNPACKED_AT_MOST, max(SWELLING_ALLOWED, size * SWELLS_AT_MOST))
        if start.startswith(b"PK\x03\x04"):
            yield Stream(_member(path, stack), most)
        elif start.startswith(b"\x1f\x8b"):
            yield Stream(gzip.GzipFile(fileobj=file), most)
        else:
            yield Stream(file, None)


def _member(path: Path, stack: ExitStack) -> ByteSource:
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
        members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
        if len(members) != 1 or members[0].flag_bits & 1:
            raise unreadable("broken_packing")
        return stack.enter_context(archive.open(members[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error):
        raise unreadable("broken_packing") from None
