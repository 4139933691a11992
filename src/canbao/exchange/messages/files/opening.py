"""Opening a message: the content tells its form, not the name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from canbao.exchange.messages.files.delimited import read_delimited
from canbao.exchange.messages.files.lines import read_lines
from canbao.exchange.messages.files.parquet import read_parquet
from canbao.exchange.messages.files.unpacking import HEAD, Stream, opened
from canbao.exchange.messages.header import header_texts
from canbao.exchange.messages.maps import InputMap
from canbao.exchange.messages.receiver import Receiver
from canbao.exchange.messages.unreadable import UnreadableError, unreadable

HEADER_AT_MOST = 64 * 2**10
"""Bytes of a header's file."""


def read_file(
    path: Path, receiver: Receiver, *, input_map: InputMap | None = None, fields: Mapping[str, str] | None = None
) -> str:
    """Read a message in blocks.

    Args:
        path: the file. Its header stands in it, or beside it as NAME.header.json.
        receiver: takes in what is read; also that the file cannot be read.
        input_map: how a table of another form is read.
        fields: of the header, where the file states none.

    Returns:
        SHA-256 of the content.
    """
    beside = {**(fields or {}), **_header_beside(path)}
    if input_map is not None:
        receiver = input_map.receiver(receiver)
        beside = {**input_map.header, **beside}
    try:
        with opened(path) as stream:
            _read(path, stream, receiver, beside, input_map)
            return stream.digest()
    except UnreadableError as error:
        # Not even unpacked.
        receiver.unreadable(error)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, stream: Stream, receiver: Receiver, beside: Mapping[str, str], input_map: InputMap | None) -> None:
    try:
        head = stream.peek(HEAD)
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not text:
            raise unreadable("empty_file")
        if text.startswith(b"PAR1"):
            read_parquet(path, stream, receiver, beside)
        elif text.startswith(b"{"):
            read_lines(stream, receiver, beside)
        elif text.startswith(b"<") or head.startswith((b"\xff\xfe<\x00", b"\xfe\xff\x00<")):
            from canbao.exchange.messages.dpi.receiving import read_dpi

            read_dpi(stream, path, receiver)
        elif b"\x00" in head:
            raise unreadable("unknown_format")
        else:
            read_delimited(stream, receiver, beside, encoding=input_map.encoding if input_map else "utf-8")
    except UnreadableError as error:
        receiver.unreadable(error)


def _header_beside(path: Path) -> dict[str, str]:
    beside = path.with_name(f"{path.name}.header.json")
    try:
        with beside.open("rb") as file:
            return header_texts(json.loads(file.read(HEADER_AT_MOST)))
    except (OSError, ValueError, RecursionError):
        return {}
