"""A log as OCEL 2.0, in JSON, XML or SQLite.

An object-centric log is written as its tables are. A plain one becomes objects of type `case`; its resources and offices
become objects as well, and stay attributes of events, so that nothing is lost whichever way it is read.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.outputs import whole_file
from canbao.procedures.event_log import EVENT_COLUMNS, EventLog, ObjectTables
from canbao.procedures.value_texts import as_texts, kind_of
from canbao.procedures.writing.values import escaped, refuse_forbidden, say

EPOCH = "1970-01-01T00:00:00Z"

_KINDS = {"string": "string", "int": "integer", "float": "float", "boolean": "boolean", "date": "time"}
_SQL = {"string": "TEXT", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN", "time": "TIMESTAMP"}


@dataclass(slots=True)
class _Thing:
    """An event or an object on its way into a file."""

    name: str
    kind: str
    time: str | None = None
    values: list[tuple[str, str | None, str]] = field(default_factory=list)
    relations: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Content:
    """All that goes into a file; types with their attributes and those attributes' types."""

    events: list[_Thing]
    objects: list[_Thing]
    event_types: dict[str, dict[str, str]]
    object_types: dict[str, dict[str, str]]
    time_zone: str
    synthetic: bool
    case_type: str | None = None


def write_ocel(log: EventLog, path: str | Path, *, case_type: str = "case") -> None:
    """Write a log as OCEL 2.0; the name tells the form.

    Times are in UTC; what is unknown is left out. The same log gives the same bytes.

    Args:
        log: the log.
        path: the file: .json or .jsonocel, .xml or .xmlocel, .sqlite or .db.
        case_type: what the cases of a plain log are called as a type of objects.

    Raises:
        InputError: the file cannot be written there, its name says another format, or a text or name holds what the
            form cannot.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError(Fault(say("no_ocel_name"), Place(path), say("no_ocel_name_remedy", names=", ".join(_WRITERS))))
    content = _content(_tables(log, case_type), log)
    content.case_type = _case_type(log, case_type)
    with whole_file(path) as scratch:
        writer(content, scratch, path)


# --- tables -------------------------------------------------------------------------------------------------------------


def _case_type(log: EventLog, case_type: str) -> str | None:
    if log.objects is None:
        return case_type
    first = log.objects.objects.filter(pl.col("object_id") == log.cases["case_id"][0])
    return str(first["object_type"][0]) if first.height else None


def _tables(log: EventLog, case_type: str) -> ObjectTables:
    if log.objects is None:
        return _made_of(log, case_type)
    return _those_left(log, log.objects)


def _those_left(log: EventLog, tables: ObjectTables) -> ObjectTables:
    """The tables of the events that the log still has, and of objects that these or no events relate to."""
    if "event_id" not in log.events.columns:
        return tables
    left = log.events["event_id"].unique()
    outside = tables.relations.filter(~pl.col("event_id").is_in(left.implode()))
    events = tables.events.filter(pl.col("event_id").is_in(left.implode()))
    if events.height == tables.events.height:
        return tables
    case_ids = log.cases["case_id"]
    relations = tables.relations.filter(pl.col("event_id").is_in(left.implode()))
    gone = set(outside["object_id"].to_list()) - set(relations["object_id"].to_list()) - set(case_ids.to_list())
    kept = tables.objects.filter(~pl.col("object_id").is_in(list(gone)))
    # Other cases of events that several cases share are not the log's any more.
    names = kept["object_id"].implode()
    return ObjectTables(
        events,
        kept,
        relations.filter(pl.col("object_id").is_in(names)),
        tables.object_relations.filter(pl.col("object_id").is_in(names) & pl.col("related_id").is_in(names)),
        tables.changes.filter(pl.col("object_id").is_in(names)),
    )


def _made_of(log: EventLog, case_type: str) -> ObjectTables:
    """A plain log's tables."""
    events = log.events.sort("position", "case").with_row_index("number")
    attributes = {name: events[name] for name in log.events.columns if name not in EVENT_COLUMNS}
    given = attributes.pop("event_id", None)
    if given is not None and given.dtype == pl.String and _is_key(given):
        ids = given
    else:
        ids = events.select(pl.format("e{}", pl.col("number") + 1).alias("event_id")).to_series()
        attributes |= {} if given is None else {"event:event_id": given}
    names = log.cases["case_id"].gather(events["case"])
    typed = [column.alias(name) for name, column in attributes.items()]
    table = pl.DataFrame([ids, events["activity"].cast(pl.String), events["time"], *typed])
    relations = [_relation(ids, names, case_type)]
    objects = [_case_objects(log, case_type)]
    known = set(log.cases["case_id"].to_list())
    for role in ("resource", "office"):
        if role in attributes and role != case_type:
            # Ids are unique over all types: a clerk and a case may be called alike.
            written = pl.lit(attributes[role].cast(pl.String))
            of_role = pl.select(pl.format("{}:{}", pl.lit(role), written)).to_series()
            distinct = of_role.drop_nulls().unique(maintain_order=True)
            if known.isdisjoint(distinct.to_list()):
                objects.append(pl.DataFrame({"object_id": distinct}).with_columns(pl.lit(role).alias("object_type")))
                relations.append(_relation(ids, of_role, role))
    nothing = dict.fromkeys(("object_id", "related_id", "qualifier"), pl.String)
    nothing_changed = pl.Schema(
        {"object_id": pl.String(), "attribute": pl.String(), "time": pl.Datetime("us", "UTC"), "value": pl.String()}
    )
    return ObjectTables(
        table,
        pl.concat(objects, how="diagonal"),
        pl.concat(relations),
        pl.DataFrame(schema=nothing),
        pl.DataFrame(schema=nothing_changed),
    )


def _case_objects(log: EventLog, case_type: str) -> pl.DataFrame:
    attributes = [
        column.alias(f"case:{column.name}" if column.name in ("object_id", "object_type") else column.name)
        for column in log.cases.drop("case_id")
    ]
    named = log.cases.select(pl.col("case_id").alias("object_id"), pl.lit(case_type).alias("object_type"))
    return named.with_columns(attributes)


def _is_key(ids: pl.Series) -> bool:
    return ids.null_count() == 0 and ids.is_unique().all()


def _relation(ids: pl.Series, objects: pl.Series, qualifier: str) -> pl.DataFrame:
    table = pl.DataFrame({"event_id": ids, "object_id": objects, "qualifier": [qualifier] * len(ids)})
    return table.filter(pl.col("object_id").is_not_null())


# --- things -------------------------------------------------------------------------------------------------------------


def _content(tables: ObjectTables, log: EventLog) -> _Content:
    zone = log.time_zone
    times = as_texts(tables.events["time"], zone).to_list()
    names, kinds = tables.events["event_id"].to_list(), tables.events["activity"].cast(pl.String).to_list()
    events = [_Thing(*one) for one in zip(names, kinds, times, strict=True)]
    event_types = _types(kinds)
    _add_values(events, event_types, tables.events, ("event_id", "activity", "time"), zone, set())
    objects = [_Thing(name, kind) for name, kind in tables.objects.select("object_id", "object_type").iter_rows()]
    object_types = _types(tables.objects["object_type"].to_list())
    timed = _repeated_by_change(tables, zone)
    _add_values(objects, object_types, tables.objects, ("object_id", "object_type"), zone, timed)
    of_event = {one.name: one for one in events}
    of_object = {one.name: one for one in objects}
    changes = tables.changes.with_columns(as_texts(tables.changes["time"], zone).alias("time"))
    for name, attribute, time, value in changes.iter_rows():
        thing = of_object[name]
        object_types[thing.kind].setdefault(attribute, _kind_in(tables.objects, attribute))
        thing.values.append((attribute, time, value))
    for name, other, qualifier in tables.relations.select("event_id", "object_id", "qualifier").iter_rows():
        of_event[name].relations.append((other, qualifier or ""))
    for name, other, qualifier in tables.object_relations.select("object_id", "related_id", "qualifier").iter_rows():
        of_object[name].relations.append((other, qualifier or ""))
    return _Content(events, objects, event_types, object_types, zone, log.synthetic)


def _types(kinds: list[str]) -> dict[str, dict[str, str]]:
    return {kind: {} for kind in dict.fromkeys(kinds)}


def _kind_in(table: pl.DataFrame, attribute: str) -> str:
    return _KINDS[kind_of(table[attribute])] if attribute in table.columns else "string"


def _repeated_by_change(tables: ObjectTables, zone: str) -> set[tuple[str, str]]:
    """Objects' first values that come with a time of their own, and are written with it only."""
    repeated = set()
    first = tables.changes.group_by("object_id", "attribute", maintain_order=True).first()
    for (attribute,), part in first.group_by("attribute", maintain_order=True):
        if attribute in tables.objects.columns:
            named = tables.objects.select("object_id", as_texts(tables.objects[str(attribute)], zone).alias("text"))
            kind = kind_of(tables.objects[str(attribute)])
            joined = part.join(named, on="object_id")
            same = joined["value"] == joined["text"]
            if kind != "string":
                # Two ways to write the same number or time.
                same = same | _equal_as(joined["value"], joined["text"], kind)
            repeated |= {(name, str(attribute)) for name in joined.filter(same.fill_null(False))["object_id"].to_list()}
    return repeated


def _equal_as(values: pl.Series, texts: pl.Series, kind: str) -> pl.Series:
    if kind == "date":
        read = [one.str.to_datetime("%+", strict=False, time_unit="us", time_zone="UTC") for one in (values, texts)]
        return read[0] == read[1]
    if kind == "boolean":
        return values.str.to_lowercase().replace({"1": "true", "0": "false"}) == texts
    return values.cast(pl.Float64, strict=False) == texts.cast(pl.Float64, strict=False)


def _add_values(
    things: list[_Thing],
    types: dict[str, dict[str, str]],
    table: pl.DataFrame,
    left_out: tuple[str, ...],
    zone: str,
    timed: set[tuple[str, str]],
) -> None:
    for column in table.drop(left_out):
        kind = _KINDS[kind_of(column)]
        for thing, value in zip(things, as_texts(column, zone).to_list(), strict=True):
            if value is not None:
                types[thing.kind].setdefault(column.name, kind)
                if (thing.name, column.name) not in timed:
                    thing.values.append((column.name, None, value))


# --- forms --------------------------------------------------------------------------------------------------------------


def _write_json(content: _Content, scratch: Path, _path: Path) -> None:
    about = {"timeZone": content.time_zone, "synthetic": content.synthetic, "caseType": content.case_type}
    with scratch.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"objectTypes": ' + _json(_declared_json(content.object_types)))
        file.write(',\n"eventTypes": ' + _json(_declared_json(content.event_types)))
        file.write(',\n"canbao": ' + _json(about))
        _write_things(file, "objects", content.objects, content.object_types)
        _write_things(file, "events", content.events, content.event_types)
        file.write("}\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _declared_json(types: dict[str, dict[str, str]]) -> list[dict[str, object]]:
    return [
        {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in attributes.items()]}
        for name, attributes in types.items()
    ]


def _write_things(file: TextIO, name: str, things: list[_Thing], types: dict[str, dict[str, str]]) -> None:
    file.write(f',\n"{name}": [')
    for at, thing in enumerate(things):
        entry: dict[str, object] = {"id": thing.name, "type": thing.kind}
        if name == "events":
            entry["time"] = thing.time
            attributes = [{"name": one, "value": _typed(value, types[thing.kind][one])} for one, _, value in thing.values]
        else:
            attributes = [
                {"name": one, "time": time or EPOCH, "value": _typed(value, types[thing.kind][one])}
                for one, time, value in thing.values
            ]
        if attributes:
            entry["attributes"] = attributes
        if thing.relations:
            entry["relationships"] = [{"objectId": other, "qualifier": word} for other, word in thing.relations]
        file.write(("," if at else "") + "\n" + _json(entry))
    file.write("]")


def _typed(value: str, kind: str) -> object:
    """A number or truth value as JSON has it; infinity, which it has not, stays text."""
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "float" and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value):
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _write_xml(content: _Content, scratch: Path, path: Path) -> None:
    with scratch.open("w", encoding="utf-8", newline="\n") as file:
        zone, synthetic = content.time_zone, str(content.synthetic).lower()
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        case_type = f' canbao-case-type="{_xml(content.case_type, path)}"' if content.case_type is not None else ""
        file.write(f'<log canbao-time-zone="{_xml(zone, path)}" canbao-synthetic="{synthetic}"{case_type}>\n')
        _write_types(file, "object", content.object_types, path)
        _write_types(file, "event", content.event_types, path)
        for name, things in (("object", content.objects), ("event", content.events)):
            file.write(f"<{name}s>\n")
            for thing in things:
                file.writelines(_thing_in_xml(name, thing, path))
            file.write(f"</{name}s>\n")
        file.write("</log>\n")


def _write_types(file: TextIO, name: str, types: dict[str, dict[str, str]], path: Path) -> None:
    file.write(f"<{name}-types>\n")
    for kind, attributes in types.items():
        file.write(f'<{name}-type name="{_xml(kind, path)}"><attributes>\n')
        for attribute, of_kind in attributes.items():
            file.write(f'<attribute name="{_xml(attribute, path)}" type="{of_kind}"/>\n')
        file.write(f"</attributes></{name}-type>\n")
    file.write(f"</{name}-types>\n")


def _thing_in_xml(name: str, thing: _Thing, path: Path) -> Iterator[str]:
    time = f' time="{thing.time}"' if name == "event" else ""
    yield f'<{name} id="{_xml(thing.name, path)}" type="{_xml(thing.kind, path)}"{time}>\n<attributes>\n'
    for attribute, moment, value in thing.values:
        when = f' time="{moment or EPOCH}"' if name == "object" else ""
        yield f'<attribute name="{_xml(attribute, path)}"{when}>{_xml(value, path)}</attribute>\n'
    yield "</attributes>\n<objects>\n"
    for other, word in thing.relations:
        yield f'<relationship object-id="{_xml(other, path)}" qualifier="{_xml(word, path)}"/>\n'
    yield f"</objects>\n</{name}>\n"


_SPECIAL = re.compile(r"[&<>\"\x00-\x1f\ufffe\uffff]")


def _xml(text: str, path: Path) -> str:
    if not _SPECIAL.search(text):
        return text
    one = pl.Series([text])
    refuse_forbidden(one, path, text[:30])
    return str(escaped(one)[0])


def _write_sqlite(content: _Content, scratch: Path, path: Path) -> None:
    for attributes in (*content.event_types.values(), *content.object_types.values()):
        _refuse_alike(list(attributes), path)
    scratch.unlink()
    with closing(sqlite3.connect(scratch)) as connection, connection:
        run = connection.execute
        run("create table event (ocel_id TEXT primary key, ocel_type TEXT)")
        run("create table object (ocel_id TEXT primary key, ocel_type TEXT)")
        run("create table event_map_type (ocel_type TEXT primary key, ocel_type_map TEXT)")
        run("create table object_map_type (ocel_type TEXT primary key, ocel_type_map TEXT)")
        run("create table event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)")
        run("create table object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT)")
        run("create table canbao (time_zone TEXT, synthetic INTEGER, case_type TEXT)")
        run("insert into canbao values (?, ?, ?)", (content.time_zone, int(content.synthetic), content.case_type))
        _fill(connection, "event", content.events, content.event_types)
        _fill(connection, "object", content.objects, content.object_types)
        pairs = ((thing.name, other, word) for thing in content.events for other, word in thing.relations)
        connection.executemany("insert into event_object values (?, ?, ?)", pairs)
        pairs = ((thing.name, other, word) for thing in content.objects for other, word in thing.relations)
        connection.executemany("insert into object_object values (?, ?, ?)", pairs)


def _fill(connection: sqlite3.Connection, what: str, things: list[_Thing], types: dict[str, dict[str, str]]) -> None:
    connection.executemany(f"insert into {what} values (?, ?)", ((one.name, one.kind) for one in things))
    tables = _table_names(types)
    connection.executemany(f"insert into {what}_map_type values (?, ?)", ((kind, tables[kind]) for kind in types))
    of_kind: dict[str, list[_Thing]] = {kind: [] for kind in types}
    for thing in things:
        of_kind[thing.kind].append(thing)
    for kind, attributes in types.items():
        table = _quoted(f"{what}_{tables[kind]}")
        fixed = ["ocel_id TEXT", "ocel_time TIMESTAMP", *(["ocel_changed_field TEXT"] if what == "object" else [])]
        columns = [f"{_quoted(one)} {_SQL[attributes[one]]}" for one in attributes]
        connection.execute(f"create table {table} ({', '.join(fixed + columns)})")
        marks = ", ".join("?" * (len(fixed) + len(columns)))
        rows = (row for thing in of_kind[kind] for row in _rows(what, thing, attributes))
        connection.executemany(f"insert into {table} values ({marks})", rows)


def _refuse_alike(names: list[str], path: Path) -> None:
    """A database takes names that differ only in case for one, and OCEL keeps some for itself."""
    folded = [name.lower() for name in names]
    bad = [name for name in names if folded.count(name.lower()) > 1 or name.lower().startswith(("ocel_", "ocel:"))]
    if bad:
        raise InputError(Fault(say("no_columns", names=", ".join(bad)), Place(path), say("no_columns_remedy")))


def _rows(what: str, thing: _Thing, attributes: dict[str, str]) -> Iterator[list[object]]:
    first = {name: _cell(value, attributes[name]) for name, time, value in thing.values if time is None}
    values = [first.get(name) for name in attributes]
    if what == "event":
        yield [thing.name, thing.time, *values]
        return
    yield [thing.name, EPOCH, None, *values]
    for changed, time, value in thing.values:
        if time is not None:
            cells = [_cell(value, kind) if name == changed else None for name, kind in attributes.items()]
            yield [thing.name, time, changed, *cells]


def _cell(value: str, kind: str) -> object:
    typed = _typed(value, kind)
    return int(typed) if isinstance(typed, bool) else typed


def _table_names(types: dict[str, dict[str, str]]) -> dict[str, str]:
    """Names of tables that differ in more than case, and are none of the standard's own."""
    taken = {"object", "map_type"}
    names = {}
    for kind in types:
        stem = re.sub(r"\W", "", kind.title()) or "Type"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.casefold())
        names[kind] = name
    return names


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_WRITERS = {
    ".json": _write_json,
    ".jsonocel": _write_json,
    ".xml": _write_xml,
    ".xmlocel": _write_xml,
    ".sqlite": _write_sqlite,
    ".db": _write_sqlite,
}
