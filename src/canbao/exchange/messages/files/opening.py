"""Opening a message: the content tells its form, not the name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.files.delimited import read_delimited
from canbao.exchange.messages.files.lines import read_lines
from canbao.exchange.messages.files.parquet import read_parquet
from canbao.exchange.messages.files.unpacking import opened
from canbao.exchange.messages.header import header_texts
from canbao.exchange.messages.unreadable import UnreadableError, unreadable

HEADER_AT_MOST = 64 * 2**10
"""Bytes of a header's file."""


class Receiver(Protocol):
    """Takes in a message as it is read."""

    def header(self, texts: Mapping[str, str]) -> bool:
        """The header, before any record.

        Returns:
            whether the records are wanted.
        """
        ...

    def block(self, block: Block) -> None:
        """The next records."""
        ...

    def unreadable(self, error: UnreadableError) -> None:
        """Reading stopped here, or goes on though this is wrong."""
        ...

    def found(self, code: str, record: tuple[int, str | None] | None) -> None:
        """Something that the reader found, about a record (row and number) or the file."""
        ...


def read_file(path: Path, receiver: Receiver) -> str:
    """Read a message in blocks.

    Args:
        path: the file. Its header stands in it, or beside it as NAME.header.json.
        receiver: takes in what is read; also that the file cannot be read.

    Returns:
        SHA-256 of the content.
    """
    beside = _header_beside(path)
    with opened(path) as stream:
        try:
            head = stream.peek(2**16)
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
                read_delimited(stream, receiver, beside)
        except UnreadableError as error:
            receiver.unreadable(error)
        return stream.digest()


def _header_beside(path: Path) -> dict[str, str]:
    beside = path.with_name(f"{path.name}.header.json")
    try:
        with beside.open("rb") as file:
            return header_texts(json.loads(file.read(HEADER_AT_MOST)))
    except (OSError, ValueError, RecursionError):
        return {}
