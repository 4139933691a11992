"""NDJSON: a line {"header": {…}}, and an object a line for each record."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

import polars as pl

from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.description import description
from canbao.exchange.messages.files.unpacking import BLOCK, Stream
from canbao.exchange.messages.header import header_texts
from canbao.exchange.messages.receiver import Receiver
from canbao.exchange.messages.unreadable import unreadable

RECORDS = 50_000
"""Records of a block."""

LONGEST_LINE = 2**20


def read_lines(stream: Stream, receiver: Receiver, beside: Mapping[str, str]) -> None:
    """Read an NDJSON message; see `read_file`.

    Raises:
        UnreadableError: it is not UTF-8, or a line is far too long.
    """
    lines = _lines(stream)
    first = next(lines, b"")
    texts = dict(beside)
    content = _object(first)
    if content is not None and "header" in content:
        texts |= header_texts(content["header"])
        first = b""
    if not receiver.header(texts) or texts.get("kind") not in description().kinds:
        return
    gathered = _Gathered(list(description().columns(texts["kind"])), 1)
    for line in itertools.chain([first], lines):
        if not line.strip():
            continue
        gathered.add(line)
        if gathered.count >= RECORDS:
            receiver.block(gathered.block())
            gathered = _Gathered(gathered.names, gathered.first + gathered.count)
    if gathered.count:
        receiver.block(gathered.block())


class _Gathered:
    """Records of one block, column by column."""

    def __init__(self, names: list[str], first: int) -> None:
        self.names, self.first = names, first
        self.count = 0
        self.columns: dict[str, list[str | None]] = {name: [] for name in names}
        self.rows: list[int] = []
        self.broken: list[int] = []
        self.present: set[str] = set()
        self.unknown: set[str] = set()

    def add(self, line: bytes) -> None:
        row = self.first + self.count
        self.count += 1
        record = _object(line)
        if record is None or not all(isinstance(one, str | int | float | bool | None) for one in record.values()):
            self.broken.append(row)
            return
        self.rows.append(row)
        self.present |= record.keys() & self.columns.keys()
        if len(self.unknown) < 50:
            self.unknown |= record.keys() - self.columns.keys()
        for name, values in self.columns.items():
            value = record.get(name)
            values.append(value if value is None or isinstance(value, str) else json.dumps(value))

    def block(self) -> Block:
        """A column that no record of the block has is there all the same: an object may leave out what is empty."""
        frame = pl.DataFrame(self.columns, schema=dict.fromkeys(self.names, pl.String))
        frame = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(self.unknown))
        return Block(frame, self.first, self.broken, pl.Series("row", self.rows, dtype=pl.Int64))


def _lines(stream: Stream) -> Iterator[bytes]:
    kept = b""
    while part := stream.read(BLOCK):
        *lines, kept = (kept + part).split(b"\n")
        yield from lines
        if len(kept) > LONGEST_LINE:
            raise unreadable("long_line", most=LONGEST_LINE // 2**20)
    yield kept


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(line: bytes) -> dict[str, object] | None:
    try:
        content = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    # A lone surrogate cannot be written again.
    if isinstance(content, dict) and b"\\ud" in line.lower():
        try:
            json.dumps(content, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            return None
    return content if isinstance(content, dict) else None
