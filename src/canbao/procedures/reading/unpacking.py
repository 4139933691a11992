"""Getting at a log's bytes: plain, gzip, or the one log in a zip archive; and telling by them what they are.

A file from outside may be made to swell when it is unpacked. What is unpacked is therefore bounded, in all and in
proportion to what was packed.
"""

from __future__ import annotations

import errno
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal
from xml.parsers import expat

from canbao.errors import Place
from canbao.procedures.reading.raw import ByteSource, refuse

Format = Literal["xes", "ocel_json", "ocel_xml", "ocel_sqlite", "parquet", "delimited"]

UNPACKED_AT_MOST = 6 * 2**30
"""Bytes of a log once unpacked."""

SWELLS_AT_MOST = 300
"""Times its packed size; logs, repetitive as they are, reach a hundred."""

SWELLING_ALLOWED = 64 * 2**20
"""Bytes that may be unpacked from however little."""

HEAD = 2**16

SUFFIXES = (
    ".xes",
    ".xes.gz",
    ".jsonocel",
    ".xmlocel",
    ".json",
    ".xml",
    ".sqlite",
    ".db",
    ".csv",
    ".csv.gz",
    ".parquet",
    ".tsv",
    ".txt",
)


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than is reasonable."""

    def __init__(self, source: ByteSource, path: Path, packed: int) -> None:
        self.source, self.path = source, path
        self.most = min(UNPACKED_AT_MOST, max(SWELLING_ALLOWED, packed * SWELLS_AT_MOST))
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts = []
        while size != 0:
            part = self._read(2**20 if size < 0 else size)
            if not part:
                break
            parts.append(part)
            if size > 0:
                size -= len(part)
        return b"".join(parts)

    def _read(self, size: int) -> bytes:
        try:
            part = self.source.read(size)
        except EOFError:
            raise refuse("packed_cut_off", self.path, "broken_remedy") from None
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError):
            raise refuse("packed_broken", self.path, "broken_remedy") from None
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # An offset that lies before the archive's start.
            raise refuse("packed_broken", self.path, "broken_remedy") from None
        self.given += len(part)
        if self.given > self.most:
            raise refuse("swells", self.path, "swells_remedy", most=self.most // 2**20)
        return part


@dataclass(slots=True)
class Unpacked:
    """A log's bytes and what they are."""

    path: Path
    format: Format
    head: bytes
    rest: ByteSource

    def stream(self) -> ByteSource:
        """The bytes from the beginning, once."""
        return _Rejoined(self.head, self.rest)

    def content(self) -> bytes:
        """All bytes."""
        return self.head + self.rest.read()


class _Rejoined(io.RawIOBase):
    """What was looked at, and then the rest."""

    def __init__(self, head: bytes, rest: ByteSource) -> None:
        self.head, self.rest = head, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.head:
            head = self.head if size < 0 else self.head[:size]
            self.head = self.head[len(head) :]
            return head + (self.rest.read() if size < 0 else b"")
        return self.rest.read(size)


@contextmanager
def unpacked(path: Path) -> Iterator[Unpacked]:
    """Open a file, unpacked.

    Raises:
        InputError: it is empty, broken, swells, holds no log or several, or is none.
    """
    with ExitStack() as opened:
        file = opened.enter_context(path.open("rb"))
        size = path.stat().st_size
        if size == 0:
            raise refuse("empty_file", path, "no_events_remedy")
        start = file.read(4)
        file.seek(0)
        source: ByteSource = file
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            source, size = _member(path, opened)
        elif not start.startswith(b"\x1f\x8b"):
            yield _told(path, source)
            return
        bounded: ByteSource = _Bounded(source, path, size)
        head = bounded.read(2)
        if head == b"\x1f\x8b":
            whole = _Rejoined(head, bounded)
            zipped = gzip.GzipFile(fileobj=whole)
            bounded = _Bounded(zipped, path, size)
            head = b""
        yield _told(path, _Rejoined(head, bounded))


_BROKEN_ARCHIVE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, struct.error)
"""What the standard library raises of a damaged archive: its names may be no text, its offsets lie before its start."""


def _member(path: Path, opened: ExitStack) -> tuple[ByteSource, int]:
    """The one log in an archive."""
    try:
        archive = opened.enter_context(zipfile.ZipFile(path))
    except _BROKEN_ARCHIVE:
        raise refuse("packed_broken", path, "broken_remedy") from None
    members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    if any(one.filename == "[Content_Types].xml" for one in members):
        raise refuse("is_workbook", path, "is_workbook_remedy")
    logs = [one for one in members if PurePosixPath(one.filename).name.lower().endswith(SUFFIXES)]
    # Among a log and its description the log is meant.
    for suffixes in ((".xes", ".xes.gz"), (".jsonocel", ".xmlocel", ".sqlite"), SUFFIXES):
        chosen = [one for one in logs if one.filename.lower().endswith(suffixes)]
        if len(chosen) == 1:
            break
        if chosen:
            names = ", ".join(one.filename for one in chosen[:10])
            raise refuse("several_logs", path, "several_logs_remedy", names=names)
    else:
        names = ", ".join(one.filename for one in members[:10]) or "–"
        raise refuse("zip_without_log", path, "zip_without_log_remedy", names=names)
    member = chosen[0]
    if member.flag_bits & 1:
        raise refuse("encrypted", path, "encrypted_remedy")
    try:
        return opened.enter_context(archive.open(member)), max(member.compress_size, 1)
    except _BROKEN_ARCHIVE:
        raise refuse("packed_broken", path, "broken_remedy") from None


def _told(path: Path, source: ByteSource) -> Unpacked:
    """What a stream is, by its first bytes."""
    head = b""
    while len(head) < HEAD and (part := source.read(HEAD - len(head))):
        head += part
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise refuse("empty_file", path, "no_events_remedy")
    return Unpacked(path, _format(path, head), head, source)


def _format(path: Path, head: bytes) -> Format:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"SQLite format 3\x00"):
        return "ocel_sqlite"
    if head.startswith(b"PAR1"):
        return "parquet"
    if text.startswith((b"{", b"[")):
        return "ocel_json"
    if text.startswith((b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")):
        return _kind_of_xml(path, head)
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in head and not utf16:
        raise refuse("not_a_log", path, "not_a_log_remedy")
    return "delimited"


_OCEL_PARTS = ("object-types", "event-types", "objects", "events")


def _kind_of_xml(path: Path, head: bytes) -> Format:
    """XES or OCEL: both call their root `log`, and differ in what comes first in it."""
    names: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: names.append(name) if len(names) < 2 else None
    # The reader says what is wrong, and where.
    with suppress(expat.ExpatError, ValueError, LookupError):
        parser.Parse(head)
    if (names and names[0].lower() in ("html", "svg")) or head.lstrip()[:14].lower() == b"<!doctype html":
        raise refuse("not_xes", Place(path, 1), "not_xes_remedy", tag=names[0] if names else "html")
    return "ocel_xml" if len(names) > 1 and names[1] in _OCEL_PARTS else "xes"
