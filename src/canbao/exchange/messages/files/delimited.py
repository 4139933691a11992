"""CSV in UTF-8: lines “# field: value” with the header, a line of column names, and the records.

A file is cut into blocks at the ends of records, so memory does not grow with it. Where a block cannot be read as a table
its lines are gone through one by one, so that one broken line costs no other.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping

import polars as pl

from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.description import description
from canbao.exchange.messages.files.unpacking import BLOCK, Stream
from canbao.exchange.messages.header import CORRECTED_MESSAGE
from canbao.exchange.messages.receiver import Receiver
from canbao.exchange.messages.unreadable import unreadable

CHUNK = 16 * 2**20
"""Bytes of a block."""

LONGEST_LINE = 64 * 2**20
COLUMNS_AT_MOST = 200
SEPARATORS = (",", ";", "\t", "|")


def read_delimited(stream: Stream, receiver: Receiver, beside: Mapping[str, str], *, encoding: str = "utf-8") -> None:
    """Read a CSV message; see `read_file`.

    Raises:
        UnreadableError: it is not UTF-8, has no columns, or a line without end.
    """
    chunks = _in_utf8(_chunks(stream), encoding)
    first = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
    texts, first, line = _header_lines(first)
    if not receiver.header({**beside, **texts}):
        return
    if not first.strip():
        return  # nothing to report
    names, separator, first = _names(first)
    row = 1
    for content in itertools.chain([first], chunks):
        if content.strip():
            block = _block(content, names, separator, row, line)
            receiver.block(block)
            row += block.texts.height + len(block.broken)
        line += content.count(b"\n")


def _chunks(stream: Stream) -> Iterator[bytes]:
    """The bytes in blocks that end where a record does: at a line's end outside quotation marks."""
    kept = b""
    while part := stream.read(BLOCK):
        kept += part
        if len(kept) < CHUNK:
            continue
        end = _last_end(kept)
        if end:
            yield kept[:end]
            kept = kept[end:]
        elif len(kept) > LONGEST_LINE:
            raise unreadable("long_line", most=LONGEST_LINE // 2**20)
    yield kept


def _in_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Tables of other programs may be in the encodings that were usual in China; these keep ASCII as it is."""
    for at, chunk in enumerate(chunks):
        if encoding == "utf-8" or _is_utf8(chunk):
            yield chunk
            continue
        try:
            yield chunk.decode(encoding).encode("utf-8")
        except UnicodeDecodeError:
            raise unreadable("not_text", line=1 if at == 0 else at) from None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _last_end(content: bytes) -> int:
    """Behind the last line's end before which quotation marks are in pairs; 0 if there is none."""
    end = len(content)
    for _ in range(1000):
        end = content.rfind(b"\n", 0, end)
        if end < 0:
            return 0
        if content.count(b'"', 0, end) % 2 == 0:
            return end + 1
    return 0


def _header_lines(content: bytes) -> tuple[dict[str, str], bytes, int]:
    """The header's fields, what follows, and its first line's number."""
    texts: dict[str, str] = {}
    line = 1
    while content[:1] in (b"#", b"\r", b"\n"):
        this, _, content = content.partition(b"\n")
        line += 1
        name, colon, value = this.lstrip(b"#").decode("utf-8", "replace").partition(":")
        if colon and name.strip() in (*description().header, CORRECTED_MESSAGE) and value.strip():
            texts[name.strip()] = value.strip()
    return texts, content, line


def _names(content: bytes) -> tuple[list[str], str, bytes]:
    first, _, rest = content.partition(b"\n")
    try:
        text = first.decode("utf-8").strip("\r")
    except UnicodeDecodeError:
        raise unreadable("not_text", line=1) from None
    if not text.strip():
        raise unreadable("no_columns")
    separator = max(SEPARATORS, key=text.count)
    try:
        names = [name.strip() for name in next(csv.reader([text], delimiter=separator))]
    except (csv.Error, StopIteration):
        raise unreadable("no_columns") from None
    check_names(names)
    return names, separator, rest


def check_names(names: list[str]) -> None:
    """Refuse columns that are too many or stand twice.

    Raises:
        UnreadableError: so it is.
    """
    if len(names) > COLUMNS_AT_MOST:
        raise unreadable("too_many_columns", count=len(names))
    known = [name for name in names if names.count(name) > 1 and name in _every_column()]
    if known:
        raise unreadable("column_twice", column=known[0])


def _every_column() -> set[str]:
    described = description()
    return {name for kind in described.kinds for name in described.columns(kind)}


def _block(content: bytes, names: list[str], separator: str, row: int, line: int) -> Block:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise unreadable("not_text", line=line + content.count(b"\n", 0, error.start)) from None
    unique = [name if names.index(name) == at and name else f"?{at}" for at, name in enumerate(names)]
    try:
        frame = pl.read_csv(
            io.BytesIO(content),
            has_header=False,
            new_columns=unique,
            separator=separator,
            infer_schema=False,
            schema=dict.fromkeys(unique, pl.String),
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        return _line_by_line(content.decode("utf-8"), unique, separator, row)
    return Block(frame, row)


def _line_by_line(content: str, names: list[str], separator: str, row: int) -> Block:
    good: list[list[str]] = []
    broken: list[int] = []
    limit = csv.field_size_limit(2**20)
    try:
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
        at = row
        while True:
            try:
                values = next(reader)
            except StopIteration:
                break
            except csv.Error:
                broken.append(at)
                at += 1
                continue
            if not values:
                continue
            if len(values) == len(names):
                good.append([str(at), *values])
            else:
                broken.append(at)
            at += 1
    finally:
        csv.field_size_limit(limit)
    frame = pl.DataFrame(good, schema=dict.fromkeys(["row", *names], pl.String), orient="row")
    return Block(frame.drop("row"), row, broken, frame["row"].cast(pl.Int64))
