"""The three forms of an OCEL 2.0 file: JSON, XML, SQLite."""

from __future__ import annotations

import codecs
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from xml.parsers import expat

from canbao.errors import Place
from canbao.procedures.reading.object_centric import Gathered
from canbao.procedures.reading.raw import ByteSource, refuse
from canbao.procedures.reading.xes import BLOCK, DEEPEST, parse_blocks, refuse_declarations

# --- JSON ---------------------------------------------------------------------------------------------------------------


def gather_json(content: bytes, path: Path) -> Gathered:
    """The events and objects of a JSON file.

    Raises:
        InputError: it is not JSON, or not laid out as OCEL 2.0.
    """
    document = _json(content, path)
    if not isinstance(document, dict) or any(key.startswith("ocel:") for key in document):
        raise refuse("not_ocel", path, "not_ocel_remedy")
    if not {"events", "objects", "eventTypes", "objectTypes"} <= document.keys():
        raise refuse("not_ocel", path, "not_ocel_remedy")
    gathered = Gathered()
    try:
        _gather_document(document, gathered)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise refuse("not_ocel", path, "not_ocel_remedy") from None
    return gathered


_HALF = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""Where half of a character may stand, which Python's JSON takes for a whole one and nothing else does."""


def _refuse_halves(document: object, content: bytes, path: Path) -> None:
    suspected = _HALF.search(content)
    if suspected is None and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        line = content.count(b"\n", 0, suspected.start()) + 1 if suspected else None
        raise refuse("half_character", Place(path, line), "unknown_encoding_remedy", name="UTF-8") from None


def _json(content: bytes, path: Path) -> Any:
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
        raise refuse(
            "json_cut_off" if cut else "not_json", Place(path, error.lineno, error.colno), "broken_remedy"
        ) from None
    except UnicodeDecodeError:
        raise refuse("wrong_encoding", path, "unknown_encoding_remedy", name="UTF-8") from None
    except (ValueError, RecursionError):
        raise refuse("not_json", path, "broken_remedy") from None
    _refuse_halves(document, content, path)
    return document


def _gather_document(document: dict[str, Any], gathered: Gathered) -> None:
    for entries, declared in (
        (document["eventTypes"], gathered.event_types),
        (document["objectTypes"], gathered.object_types),
    ):
        for entry in entries:
            attributes = entry.get("attributes") or []
            declared[_name(entry["name"])] = {_name(one["name"]): _name(one["type"]) for one in attributes}
    for entry in document["events"]:
        name = _name(entry["id"])
        row = gathered.event(name, _name(entry["type"]), _text(entry.get("time")))
        for one in entry.get("attributes") or ():
            if (value := _text(one["value"])) is not None:
                gathered.event_value(row, _name(one["name"]), value)
        for one in entry.get("relationships") or ():
            gathered.relations.append((name, _name(one["objectId"]), _text(one.get("qualifier")) or ""))
    for entry in document["objects"]:
        name = _name(entry["id"])
        row = gathered.object(name, _name(entry["type"]))
        for one in entry.get("attributes") or ():
            if (value := _text(one["value"])) is not None:
                gathered.changes.append((row, _name(one["name"]), _text(one.get("time")), value))
        for one in entry.get("relationships") or ():
            gathered.object_relations.append((name, _name(one["objectId"]), _text(one.get("qualifier")) or ""))
    about = document.get("canbao")
    if isinstance(about, dict):
        gathered.time_zone, gathered.synthetic = _text(about.get("timeZone")), about.get("synthetic") is True
        gathered.case_type = _text(about.get("caseType"))


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text(value: object) -> str | None:
    """A value as text; one that is itself a list or an object is none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    raise TypeError


# --- XML ----------------------------------------------------------------------------------------------------------------


def gather_xml(source: ByteSource, path: Path) -> Gathered:
    """The events and objects of an XML file.

    Raises:
        InputError: it is not well-formed, declares a document type, or is not laid out as OCEL 2.0.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    refuse_declarations(parser, path)
    reader = _XmlReader(path, parser)
    parse_blocks(parser, _blocks(source), path)
    return reader.gathered


def _blocks(source: ByteSource) -> Iterator[bytes]:
    while block := source.read(BLOCK):
        yield block


class _XmlReader:
    """Takes the parser's calls. What an element is, is told by where it stands."""

    def __init__(self, path: Path, parser: expat.XMLParserType) -> None:
        self.path, self.parser = path, parser
        self.gathered = Gathered()
        self.open: list[str] = []
        self.row = -1
        self.owner = ""
        self.attributes: dict[str, str] = {}
        self.declaring: dict[str, str] = {}
        self.attribute: tuple[str, str | None] | None = None
        self.text: list[str] = []
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text_comes

    def start(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self.open.append(name)
        if len(self.open) > DEEPEST:
            raise refuse("too_deep", Place(self.path, self.parser.CurrentLineNumber), "too_deep_remedy", most=DEEPEST)
        try:
            self._start(self.open, given)
        except KeyError as missing:
            place = Place(self.path, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
            raise refuse("lacks", place, "not_ocel_remedy", tag=name, name=str(missing.args[0])) from None

    def _start(self, where: list[str], given: dict[str, str]) -> None:
        gathered = self.gathered
        match where:
            case ["log"]:
                gathered.time_zone = given.get("canbao-time-zone")
                gathered.synthetic = given.get("canbao-synthetic") == "true"
                gathered.case_type = given.get("canbao-case-type")
            case ["log", "object-types", "object-type"]:
                self.declaring = gathered.object_types.setdefault(given["name"], {})
            case ["log", "event-types", "event-type"]:
                self.declaring = gathered.event_types.setdefault(given["name"], {})
            case ["log", "object-types" | "event-types", _, "attributes", "attribute"]:
                self.declaring[given["name"]] = given["type"]
            case ["log", "events", "event"]:
                self.owner = given["id"]
                self.row = gathered.event(self.owner, given["type"], given.get("time"))
            case ["log", "objects", "object"]:
                self.owner = given["id"]
                self.row = gathered.object(self.owner, given["type"])
            case ["log", "events" | "objects", _, "attributes", "attribute"]:
                self.attribute = (given["name"], given.get("time"))
                self.text = []
            case ["log", "events", _, "objects", "relationship" | "object"]:
                gathered.relations.append((self.owner, given["object-id"], given.get("qualifier", "")))
            case ["log", "objects", _, "objects", "relationship" | "object"]:
                gathered.object_relations.append((self.owner, given["object-id"], given.get("qualifier", "")))

    def text_comes(self, text: str) -> None:
        if self.attribute is not None:
            self.text.append(text)

    def end(self, _name: str) -> None:
        if self.attribute is not None and self.open[-1] == "attribute":
            name, time = self.attribute
            value = "".join(self.text)
            if self.open[1] == "events":
                self.gathered.event_value(self.row, name, value)
            else:
                self.gathered.changes.append((self.row, name, time, value))
            self.attribute = None
        self.open.pop()


# --- SQLite -------------------------------------------------------------------------------------------------------------


def gather_sqlite(source: ByteSource, path: Path) -> Gathered:
    """The events and objects of an SQLite database.

    Raises:
        InputError: it is damaged or has not the tables of OCEL 2.0.
    """
    with _on_disk(source) as file, closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        # The database is a stranger's: nothing that it defines is run.
        connection.execute("pragma trusted_schema = off")
        try:
            return _Database(connection, path).gathered()
        # What SQLite says of damage may hold names that are no text, and then it cannot be read either.
        except (sqlite3.Error, OverflowError, UnicodeDecodeError):
            raise refuse("database_broken", path, "broken_remedy") from None


@contextmanager
def _on_disk(source: ByteSource) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="canbao-") as folder:
        file = Path(folder) / "log.sqlite"
        with file.open("wb") as target:
            while block := source.read(2**20):
                target.write(block)
        yield file


class _Database:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection, self.path = connection, path
        rows = connection.execute("select name, sql from sqlite_master where type = 'table'").fetchall()
        self.tables = {str(name) for name, sql in rows if not str(sql).upper().startswith("CREATE VIRTUAL")}

    def gathered(self) -> Gathered:
        gathered = Gathered()
        missing = {"event", "object", "event_map_type", "object_map_type", "event_object"} - self.tables
        if missing:
            raise refuse("tables_missing", self.path, "not_ocel_remedy", names=", ".join(sorted(missing)))
        self._events(gathered)
        self._objects(gathered)
        gathered.relations = self._relations("event_object", ("ocel_event_id", "ocel_object_id", "ocel_qualifier"))
        if "object_object" in self.tables:
            names = ("ocel_source_id", "ocel_target_id", "ocel_qualifier")
            gathered.object_relations = self._relations("object_object", names)
        if "canbao" in self.tables:
            for zone, synthetic, case_type in self._rows("canbao", ("time_zone", "synthetic", "case_type")):
                gathered.time_zone, gathered.synthetic, gathered.case_type = zone, bool(synthetic), case_type
        return gathered

    def _columns(self, table: str) -> dict[str, str]:
        """A table's columns with their declared types."""
        rows = self.connection.execute("select name, type from pragma_table_info(?)", (table,)).fetchall()
        return {str(name): str(kind).partition("(")[0].strip().lower() for name, kind in rows}

    def _rows(self, table: str, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        missing = [name for name in names if name not in self._columns(table)]
        if missing:
            raise refuse("columns_missing", self.path, "not_ocel_remedy", table=table, names=", ".join(missing))
        columns = ", ".join(_quoted(name) for name in names)
        return self.connection.execute(f"select {columns} from {_quoted(table)} not indexed").fetchall()

    def _relations(self, table: str, names: tuple[str, str, str]) -> list[tuple[str, str, str]]:
        return [(str(one), str(other), str(word or "")) for one, other, word in self._rows(table, names)]

    def _events(self, gathered: Gathered) -> None:
        rows: dict[str, int] = {}
        for name, kind in self._rows("event", ("ocel_id", "ocel_type")):
            rows[str(name)] = gathered.event(str(name), str(kind), None)
        for kind, table in self._map("event"):
            attributes = self._attributes(table)
            gathered.event_types[kind] = attributes
            for name, time, *values in self._rows(table, ("ocel_id", "ocel_time", *attributes)):
                row = rows.get(str(name))
                if row is None:
                    raise refuse("rows_without_event", self.path, "ocel_remedy", table=table, name=str(name)[:60])
                gathered.times[row] = _cell(time)
                for attribute, value in zip(attributes, values, strict=True):
                    if value is not None:
                        gathered.event_value(row, attribute, _cell_text(value, attributes[attribute]))

    def _objects(self, gathered: Gathered) -> None:
        rows: dict[str, int] = {}
        for name, kind in self._rows("object", ("ocel_id", "ocel_type")):
            rows[str(name)] = gathered.object(str(name), str(kind))
        for kind, table in self._map("object"):
            attributes = self._attributes(table)
            gathered.object_types[kind] = attributes
            known = self._columns(table)
            timed = tuple(name for name in ("ocel_time", "ocel_changed_field") if name in known)
            for name, *cells in self._rows(table, ("ocel_id", *timed, *attributes)):
                row = rows.get(str(name))
                if row is None:
                    raise refuse("rows_without_object", self.path, "ocel_remedy", table=table, name=str(name)[:60])
                about = dict(zip(timed, cells, strict=False))
                changed = about.get("ocel_changed_field")
                time = _cell(about.get("ocel_time"))
                for attribute, value in zip(attributes, cells[len(timed) :], strict=True):
                    if value is not None and changed in (None, attribute):
                        gathered.changes.append((row, attribute, time, _cell_text(value, attributes[attribute])))

    def _map(self, what: str) -> list[tuple[str, str]]:
        found = [
            (str(kind), f"{what}_{table}") for kind, table in self._rows(f"{what}_map_type", ("ocel_type", "ocel_type_map"))
        ]
        missing = [table for _, table in found if table not in self.tables]
        if missing:
            raise refuse("tables_missing", self.path, "not_ocel_remedy", names=", ".join(missing[:5]))
        return found

    def _attributes(self, table: str) -> dict[str, str]:
        return {name: kind for name, kind in self._columns(table).items() if not name.startswith(("ocel_", "ocel:"))}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: object) -> str | None:
    return None if value is None else str(value)


def _cell_text(value: object, kind: str) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return repr(value)
    if kind.startswith("bool") and isinstance(value, int):
        return "true" if value else "false"
    return str(value)
