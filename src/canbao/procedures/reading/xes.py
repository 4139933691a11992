"""XES (IEEE 1849), read as a stream: attributes go into columns as they come, and no tree is ever built.

A log is traces of events; both carry typed attributes. What the standard's extensions call concept:name, time:timestamp,
lifecycle:transition, org:resource and org:group are the columns activity, time, lifecycle, resource and office; other
attributes keep their keys. Attributes within attributes, lists and containers are counted and left out. The defaults that
`global` declares are not filled in: what a log leaves blank stays blank.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import polars as pl

from canbao.errors import Place
from canbao.procedures.event_log import Finding
from canbao.procedures.reading.raw import ByteSource, RawLog, found, refuse, refuse_too_wide, without_blanks
from canbao.procedures.reading.times import UTC, read_times

EVENT_KEYS = {
    "concept:name": "activity",
    "time:timestamp": "time",
    "lifecycle:transition": "lifecycle",
    "org:resource": "resource",
    "org:group": "office",
}
"""Columns of events that the standard's extensions name."""

TYPES = frozenset(("string", "date", "int", "float", "boolean", "id"))
NESTING = frozenset(("list", "container"))

RESERVED_IN_EVENTS = frozenset(("case", "case_id", "position", *EVENT_KEYS.values()))
RESERVED_IN_CASES = frozenset(("case", "case_id"))

ZONE_KEY, SYNTHETIC_KEY = "canbao:time_zone", "canbao:synthetic"
"""Attributes of a log by which what we write says what XES has no word for."""

DEEPEST = 64
"""Levels of nesting; real logs have six or seven."""

LONGEST_TOKEN = 8 * 2**20
"""Bytes of one tag or attribute."""

PACKED_AFTER = 100_000
"""Events or traces after which the columns are packed, so that texts do not pile up."""

BLOCK = 2**18


@dataclass(slots=True)
class Attribute:
    """The values of one attribute as they come, and in packed blocks."""

    kind: str
    rows: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    blocks: list[pl.Series] = field(default_factory=list)
    packed: int = 0
    mixed: bool = False
    repeated: int = 0

    def pack(self, upto: int) -> None:
        """Pack the values of the rows before `upto`."""
        height = upto - self.packed
        texts = pl.Series(self.values, dtype=pl.String)
        if len(self.rows) == height and self.rows == list(range(self.packed, upto)):
            self.blocks.append(texts)
        elif self.rows or height:
            self.repeated += len(self.rows) - len(set(self.rows))
            blank = pl.repeat(None, height, dtype=pl.String, eager=True)
            places = [row - self.packed for row in self.rows]
            self.blocks.append(blank.scatter(places, texts) if places else blank)
        self.rows.clear()
        self.values.clear()
        self.packed = upto

    def series(self, name: str, height: int) -> pl.Series:
        """All values, in one column of text."""
        self.pack(height)
        whole = pl.concat(self.blocks) if self.blocks else pl.Series(dtype=pl.String)
        self.blocks.clear()
        return whole.alias(name)


class _Reader:
    """Takes the parser's calls; see `read_xes`."""

    def __init__(self, path: Path, parser: expat.XMLParserType) -> None:
        self.path = path
        self.parser = parser
        self.events: dict[str, Attribute] = {}
        self.traces: dict[str, Attribute] = {}
        self.trace_of_event: list[int] = []
        self.trace_blocks: list[pl.Series] = []
        self.classifiers: list[list[str]] = []
        self.event_count = 0
        self.trace_count = 0
        self.of_log: dict[str, str] = {}
        self.nested = 0
        self.without_value = 0
        self._connect()

    def _connect(self) -> None:
        """The two handlers are closures over plain variables: they run some ten million times for a large log."""
        parser, events, traces = self.parser, self.events, self.traces
        depth, in_trace, in_event = 0, False, 0
        event, trace = -1, -1

        def start(name: str, attributes: list[str]) -> None:
            nonlocal depth, in_trace, in_event, event, trace
            depth += 1
            if in_event == depth - 1 and in_event:
                self._keep(events, name, attributes, event)
            elif name == "event" and ((depth == 3 and in_trace) or depth == 2):
                event += 1
                in_event = depth
                self.trace_of_event.append(trace if in_trace else -1)
                if event % PACKED_AFTER == 0 and event:
                    self._pack(event)
            elif depth == 3 and in_trace:
                self._keep(traces, name, attributes, trace)
            elif depth == 2 and name == "trace":
                in_trace = True
                trace += 1
                if trace % PACKED_AFTER == 0 and trace:
                    self._pack_traces(trace)
            else:
                self._elsewhere(name, attributes, depth, in_trace or in_event > 0)

        def end(_name: str) -> None:
            nonlocal depth, in_trace, in_event
            if depth == in_event:
                in_event = 0
            elif depth == 2:
                in_trace = False
            depth -= 1
            if depth == 0:
                self.event_count, self.trace_count = event + 1, trace + 1

        parser.StartElementHandler = start
        parser.EndElementHandler = end

    def _keep(self, columns: dict[str, Attribute], name: str, attributes: list[str], row: int) -> None:
        if len(attributes) == 4 and attributes[0] == "key" and attributes[2] == "value":
            key, value = attributes[1], attributes[3]
        else:
            named = dict(zip(attributes[::2], attributes[1::2], strict=True))
            if _local(name) in NESTING:
                self.nested += 1
                return
            if "key" not in named:
                raise self.refuse("attribute_without_key", "attribute_without_key_remedy", tag=name)
            if "value" not in named:
                self.without_value += 1
                return
            key, value = named["key"], named["value"]
        column = columns.get(key)
        if column is None:
            column = self._column(columns, key, name)
            if column is None:
                return
        elif column.kind != name:
            if _local(name) not in TYPES:
                self._elsewhere(name, attributes, 0, True)
                return
            column.mixed = column.mixed or _local(name) != _local(column.kind)
        column.rows.append(row)
        column.values.append(value)

    def _column(self, columns: dict[str, Attribute], key: str, name: str) -> Attribute | None:
        kind = _local(name)
        if kind in NESTING:
            self.nested += 1
            return None
        if kind not in TYPES:
            raise self.refuse("unknown_attribute_type", "unknown_attribute_type_remedy", tag=name)
        refuse_too_wide(self.path, len(columns) + 1, self.event_count)
        columns[key] = Attribute(name)
        return columns[key]

    def _elsewhere(self, name: str, attributes: list[str], depth: int, inside: bool) -> None:
        """What is neither a trace, an event nor one of their attributes."""
        local = _local(name)
        if depth > DEEPEST:
            raise self.refuse("too_deep", "too_deep_remedy", most=DEEPEST)
        if depth == 1 and local != "log":
            raise self.refuse("not_xes", "not_xes_remedy", tag=name)
        if local != name and local in ("trace", "event", "log"):
            raise self.refuse("prefixed", "prefixed_remedy", tag=name)
        if local in ("trace", "event") and depth != 0:
            raise self.refuse("misplaced", "not_xes_remedy", tag=name)
        if depth == 2 and local == "classifier":
            named = dict(zip(attributes[::2], attributes[1::2], strict=True))
            self.classifiers.append(_classifier_keys(named.get("keys", "")))
        elif depth == 2 and attributes[:1] == ["key"] and len(attributes) == 4:
            self.of_log[attributes[1]] = attributes[3]
        elif inside:
            self.nested += 1

    def _pack(self, upto: int) -> None:
        self.event_count = upto
        refuse_too_wide(self.path, len(self.events), upto)
        for column in self.events.values():
            column.pack(upto)
        done, self.trace_of_event[:] = self.trace_of_event[:-1], self.trace_of_event[-1:]
        self.trace_blocks.append(pl.Series(done, dtype=pl.Int64))

    def _pack_traces(self, upto: int) -> None:
        refuse_too_wide(self.path, len(self.traces), upto)
        for column in self.traces.values():
            column.pack(upto)

    def refuse(self, key: str, remedy: str, **fills: str | int) -> Exception:
        """A fault at the place where the parser is."""
        parser = self.parser
        place = Place(self.path, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        return refuse(key, place, remedy, **fills)


def read_xes(source: ByteSource, path: Path, zone: str) -> RawLog:
    """Read a log.

    Args:
        source: the XML, decompressed.
        path: the file, for messages.
        zone: that of times that say none.

    Raises:
        InputError: not XML or not XES, cut off, a document type or entities, nested too deep, tags too long, too many
            attributes, times that cannot be read.
    """
    head = source.read(BLOCK)
    blocks, encoding = _transcoded(head, source, path)
    parser = expat.ParserCreate(encoding)
    parser.ordered_attributes = True
    parser.buffer_text = True
    refuse_declarations(parser, path)
    reader = _Reader(path, parser)
    parse_blocks(parser, blocks, path)
    return _raw_log(reader, zone)


def refuse_declarations(parser: expat.XMLParserType, path: Path) -> None:
    """Let a parser refuse document types: they can name other files, and make a small file swell."""

    def refused(*_: object) -> None:
        raise refuse("document_type", Place(path, parser.CurrentLineNumber), "document_type_remedy")

    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused


def parse_blocks(parser: expat.XMLParserType, blocks: Iterator[bytes], path: Path) -> None:
    """Feed a parser to the end.

    Raises:
        InputError: what is fed is not well-formed, breaks off, or has an endless tag.
    """
    for _ in parsing(parser, blocks, path):
        pass


def parsing(parser: expat.XMLParserType, blocks: Iterator[bytes], path: Path) -> Iterator[None]:
    """The same, block by block: goes on when asked for the next.

    Raises:
        InputError: what is fed is not well-formed, breaks off, or has an endless tag.
    """
    fed, last = 0, b""
    try:
        for block in blocks:
            last = block
            parser.Parse(block)
            fed += len(block)
            if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
                place = Place(path, parser.CurrentLineNumber)
                raise refuse("long_token", place, "long_token_remedy", most=LONGEST_TOKEN // 2**20)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        place = Place(path, error.lineno, error.offset + 1)
        if (
            error.code == _INVALID_TOKEN
            and not _is_utf8(last)
            and last[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        ):
            raise refuse("wrong_encoding", place, "unknown_encoding_remedy", name="UTF-8") from None
        cut = error.code in _CUT_OFF
        raise refuse("cut_off" if cut else "not_well_formed", place, "broken_remedy") from None


_CUT_OFF = (
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
)

_INVALID_TOKEN = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]


def _is_utf8(block: bytes) -> bool:
    """Whether a block, which may begin and end within a character, is UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block.lstrip(bytes(range(0x80, 0xC0))))
    except UnicodeDecodeError:
        return False
    return True


_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

_KNOWN_TO_EXPAT = ("utf-8", "utf8", "utf-16", "utf16", "us-ascii", "ascii", "iso-8859-1", "latin-1")


def _transcoded(head: bytes, rest: ByteSource, path: Path) -> tuple[Iterator[bytes], str | None]:
    """The blocks of a file, in an encoding that expat knows: it knows few, and none of China's."""

    def blocks() -> Iterator[bytes]:
        block = head
        while block:
            yield block
            block = rest.read(BLOCK)

    declared = _DECLARED.match(head)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name in _KNOWN_TO_EXPAT:
        return blocks(), None
    try:
        # GB 18030 holds its predecessors, under whose names files are written that use all of it.
        decoder = codecs.getincrementaldecoder("gb18030" if name.startswith("gb") else name)()
        decoded = decoder.decode(b"")
    except (LookupError, TypeError, UnicodeError):
        decoded = None
    if not isinstance(decoded, str):
        raise refuse("unknown_encoding", Place(path, 1), "unknown_encoding_remedy", name=name)

    def in_utf8() -> Iterator[bytes]:
        try:
            for block in blocks():
                yield decoder.decode(block).encode("utf-8")
            yield decoder.decode(b"", True).encode("utf-8")
        except UnicodeError:
            raise refuse("wrong_encoding", Place(path), "unknown_encoding_remedy", name=name) from None

    return in_utf8(), "utf-8"


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _classifier_keys(text: str) -> list[str]:
    """Keys are separated by blanks; those that hold blanks stand in quotes."""
    return [quoted or plain for quoted, plain in re.findall(r"'([^']*)'|(\S+)", text)]


# --- from columns of text to a log --------------------------------------------------------------------------------------


def _raw_log(reader: _Reader, zone: str) -> RawLog:
    path = reader.path
    height, traces = reader.event_count, reader.trace_count
    findings = found("nested_attributes", reader.nested) + found("attributes_without_value", reader.without_value)
    refuse_too_wide(path, max(len(reader.events), len(reader.traces)), max(height, traces))
    owners = pl.concat([*reader.trace_blocks, pl.Series(reader.trace_of_event, dtype=pl.Int64)])

    cases = {key: column.series(key, traces) for key, column in reader.traces.items()}
    ids = cases.pop("concept:name", pl.repeat(None, traces, dtype=pl.String, eager=True).alias("concept:name"))
    events = {key: column.series(key, height) for key, column in reader.events.items()}
    repeated = [key for key, column in (*reader.events.items(), *reader.traces.items()) if column.repeated]
    count = sum(column.repeated for column in (*reader.events.values(), *reader.traces.values()))
    findings += found("repeated_attributes", count, repeated)

    named, generated = _case_ids(ids)
    findings += found("case_without_id", len(generated), generated)
    of_event = named.gather(owners.replace(-1, None)) if traces else pl.repeat(None, height, dtype=pl.String, eager=True)
    typed = _Typing(path, zone, findings)
    frame = pl.DataFrame(
        [
            of_event.alias("case_id"),
            *(
                typed.column(series, reader.events[key], event_column(key, events), of_event)
                for key, series in events.items()
            ),
        ]
    )
    table = pl.DataFrame(
        [
            named.alias("case_id"),
            *(typed.column(series, reader.traces[key], case_column(key), named) for key, series in cases.items()),
        ]
    )
    typed.report()
    frame = _with_activity(frame, reader.classifiers, findings)
    if "time" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, UTC).alias("time"))
    about = reader.of_log
    frame = frame.with_columns(without_blanks(frame[name]) for name in ("case_id", "activity"))
    return RawLog(path, frame, table, findings, None, about.get(ZONE_KEY), about.get(SYNTHETIC_KEY) == "true")


def event_column(key: str, keys: Mapping[str, object]) -> str:
    """The column of an event's attribute."""
    if key in EVENT_KEYS:
        return EVENT_KEYS[key]
    # Of two that would be called alike the standard's own has the name.
    taken = key in RESERVED_IN_EVENTS and (key not in EVENT_KEYS.values() or _standard_key(key) in keys)
    return f"event:{key}" if taken else key


def _standard_key(column: str) -> str:
    return next(key for key, name in EVENT_KEYS.items() if name == column)


def case_column(key: str) -> str:
    """The column of a trace's attribute."""
    return f"case:{key}" if key in RESERVED_IN_CASES else key


def _case_ids(ids: pl.Series) -> tuple[pl.Series, list[str]]:
    """The cases' names; those that have none get one that no other bears."""
    missing = ids.is_null().arg_true().to_list()
    if not missing:
        return ids, []
    known = set(ids.drop_nulls().to_list())
    generated = []
    for at in missing:
        name = f"#{at + 1}"
        while name in known:
            name = f"#{name}"
        known.add(name)
        generated.append(name)
    return ids.scatter(missing, generated), generated


class _Typing:
    """Gives columns of text the types that the file declares, and notes what cannot be read so."""

    def __init__(self, path: Path, zone: str, findings: list[Finding]) -> None:
        self.path, self.zone, self.findings = path, zone, findings
        self.mixed: list[str] = []

    def column(self, texts: pl.Series, attribute: Attribute, name: str, case_ids: pl.Series) -> pl.Series:
        """A column in its type."""
        kind = _local(attribute.kind)
        if attribute.mixed:
            self.mixed.append(name)
            kind = "string"
        if name == "time":
            return self.times(texts, case_ids).alias(name)
        if kind == "date":
            read = read_times(texts, self.zone)
            typed, bad = read.times, read.unreadable
        else:
            typed, bad = _READ_AS.get(kind, _as_text)(texts)
        if bad.any():
            self.findings += found("unreadable_values", int(bad.sum()), [name])
        return typed.alias(name)

    def times(self, texts: pl.Series, case_ids: pl.Series) -> pl.Series:
        """The events' times: one that cannot be read is a fault, for nothing can be said of when it was."""
        read = read_times(texts, self.zone)
        if read.unreadable.any():
            row = read.unreadable.arg_true()[0]
            case = str(case_ids[row])
            count = int(read.unreadable.sum())
            fills = {"text": texts[row][:60], "event": row + 1, "case": case, "count": count}
            raise refuse("unreadable_time", self.path, "unreadable_time_remedy", **fills)
        self.findings += found(
            "missing_time_zone", int(read.without_zone.sum()), case_ids.filter(read.without_zone).head(50)
        )
        self.findings += found("skipped_hour", int(read.moved.sum()), case_ids.filter(read.moved).head(50))
        return read.times

    def report(self) -> None:
        """Note the columns whose types differ from event to event."""
        self.findings += found("mixed_types", len(self.mixed), self.mixed)


def _as_text(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    return texts, pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)


def _as(kind: type[pl.DataType]) -> Callable[[pl.Series], tuple[pl.Series, pl.Series]]:
    def read(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
        numbers = texts.str.strip_chars().cast(kind, strict=False)
        return numbers, texts.is_not_null() & numbers.is_null() & (texts.str.strip_chars() != "")

    return read


def _as_boolean(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    words = texts.str.strip_chars().str.to_lowercase()
    values = words.replace_strict(
        {"true": True, "1": True, "false": False, "0": False}, default=None, return_dtype=pl.Boolean
    )
    return values, texts.is_not_null() & values.is_null() & (words != "")


_READ_AS: Mapping[str, Callable[[pl.Series], tuple[pl.Series, pl.Series]]] = {
    "int": _as(pl.Int64),
    "float": _as(pl.Float64),
    "boolean": _as_boolean,
}


def _with_activity(frame: pl.DataFrame, classifiers: list[list[str]], findings: list[Finding]) -> pl.DataFrame:
    """An activity where the file has none under its own name: what its first usable classifier is made of."""
    if "activity" in frame.columns and frame["activity"].null_count() < frame.height:
        return frame.with_columns(pl.col("activity").cast(pl.String))
    for keys in classifiers:
        columns = [event_column(key, {}) for key in keys]
        if columns and all(column in frame.columns and column != "activity" for column in columns):
            findings += found("activity_from_classifier", frame.height, keys)
            made = pl.concat_str([pl.col(column).cast(pl.String) for column in columns], separator="+")
            return frame.with_columns(made.alias("activity"))
    return frame.with_columns(pl.lit(None, pl.String).alias("activity"))
