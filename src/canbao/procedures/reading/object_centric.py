"""OCEL 2.0: events that relate to objects of several types, told the same way whichever of the three forms the file has.

A reader of a form fills `Gathered`; here the whole is checked, typed, and laid along the objects of one type as cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Words
from canbao.procedures.event_log import Finding, ObjectTables
from canbao.procedures.reading.raw import RawLog, found, refuse, refuse_too_wide, say, without_blanks
from canbao.procedures.reading.times import read_times
from canbao.procedures.reading.xes import RESERVED_IN_CASES, RESERVED_IN_EVENTS
from canbao.procedures.value_texts import as_texts

KINDS: Mapping[str, str] = {
    "string": "string",
    "text": "string",
    "varchar": "string",
    "time": "time",
    "date": "time",
    "datetime": "time",
    "timestamp": "time",
    "integer": "integer",
    "int": "integer",
    "bigint": "integer",
    "float": "float",
    "real": "float",
    "double": "float",
    "boolean": "boolean",
    "bool": "boolean",
}
"""The standard's types of attributes, and how programs write them."""

EPOCH = "1970-01-01T00:00:00"
"""The standard's time of a value that an object had from the first."""

Declared = dict[str, dict[str, str]]
Values = dict[str, tuple[list[int], list[str]]]

IN_EVENTS = (RESERVED_IN_EVENTS | {"event_id"}) - {"lifecycle", "resource", "office"}
IN_OBJECTS = RESERVED_IN_CASES | {"object_id", "object_type"}


@dataclass(slots=True)
class Gathered:
    """A file's events and objects as text, a list a column.

    `event_values` and `object_values` hold for each attribute the rows that have it and its texts; `changes` the object's
    row, the attribute, the time and the text of values that have a time of their own.
    """

    event_types: Declared = field(default_factory=dict)
    object_types: Declared = field(default_factory=dict)
    event_ids: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    times: list[str | None] = field(default_factory=list)
    event_values: Values = field(default_factory=dict)
    object_ids: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    changes: list[tuple[int, str, str | None, str]] = field(default_factory=list)
    relations: list[tuple[str, str, str]] = field(default_factory=list)
    object_relations: list[tuple[str, str, str]] = field(default_factory=list)
    time_zone: str | None = None
    synthetic: bool = False
    case_type: str | None = None

    def event(self, name: str, activity: str, time: str | None) -> int:
        """Add an event; its row."""
        self.event_ids.append(name)
        self.activities.append(activity)
        self.times.append(time)
        return len(self.event_ids) - 1

    def event_value(self, row: int, attribute: str, value: str) -> None:
        """Add a value of an event."""
        rows, values = self.event_values.setdefault(attribute, ([], []))
        rows.append(row)
        values.append(value)

    def object(self, name: str, kind: str) -> int:
        """Add an object; its row."""
        self.object_ids.append(name)
        self.types.append(kind)
        return len(self.object_ids) - 1


def raw_log(gathered: Gathered, path: Path, zone: str, case_object: str | None) -> RawLog:
    """Check what was gathered and lay it along cases.

    Args:
        gathered: the file's events and objects.
        path: the file, for messages.
        zone: that of times that say none.
        case_object: the type of object that is the case; by default the one with most events.

    Raises:
        InputError: ids that stand twice, types that are not declared, relations to nothing, times that cannot be read, or
            no such type of object; all at once.
    """
    if not gathered.event_ids:
        raise refuse("no_events", path, "no_events_remedy")
    _check(gathered, path)
    refuse_too_wide(path, len(gathered.event_values), len(gathered.event_ids))
    findings: list[Finding] = []
    tables = _tables(gathered, path, zone, findings)
    chosen = _case_type(tables, gathered, path, case_object)
    events, cases = _along(tables, chosen, findings)
    events = events.with_columns(without_blanks(events[name]) for name in ("case_id", "activity"))
    return RawLog(path, events, cases, findings, tables, gathered.time_zone, gathered.synthetic)


# --- checks -------------------------------------------------------------------------------------------------------------


def _check(gathered: Gathered, path: Path) -> None:
    objects, events = set(gathered.object_ids), set(gathered.event_ids)
    faults = [
        *_fault("repeated_event_ids", _twice(gathered.event_ids), path),
        *_fault("repeated_object_ids", _twice(gathered.object_ids), path),
        *_fault("undeclared_event_types", _missing(gathered.activities, gathered.event_types), path),
        *_fault("undeclared_object_types", _missing(gathered.types, gathered.object_types), path),
        *_fault("relations_without_object", [one[1] for one in gathered.relations if one[1] not in objects], path),
        *_fault("relations_without_event", [one[0] for one in gathered.relations if one[0] not in events], path),
        *_fault(
            "object_relations_to_nothing",
            [name for one in gathered.object_relations for name in one[:2] if name not in objects],
            path,
        ),
    ]
    raise_all(faults)


def _fault(key: str, names: list[str], path: Path) -> list[Fault]:
    if not names:
        return []
    shown = ", ".join(list(dict.fromkeys(name[:60] or "“”" for name in names))[:5])
    return [Fault(say(key, count=len(names), names=shown), Place(path), say("ocel_remedy"))]


def _twice(names: list[str]) -> list[str]:
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def _missing(names: Iterable[str], declared: Declared) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in declared]


# --- tables -------------------------------------------------------------------------------------------------------------


def _tables(gathered: Gathered, path: Path, zone: str, findings: list[Finding]) -> ObjectTables:
    ids = pl.Series("event_id", gathered.event_ids, dtype=pl.String)
    kinds = _kinds(gathered.event_types)
    typed = _Typed(path, zone)
    attributes = [
        typed.column(_sparse(rows, values, len(ids)), kinds.get(name), _named(name, IN_EVENTS, "event:"))
        for name, (rows, values) in gathered.event_values.items()
    ]
    time = _event_times(gathered, path, zone, findings)
    events = pl.DataFrame([ids, pl.Series("activity", gathered.activities, dtype=pl.String), time, *attributes])
    object_kinds = _kinds(gathered.object_types)
    first, changes = _changes(gathered, object_kinds, zone, path)
    height = len(gathered.object_ids)
    refuse_too_wide(path, len(first), height)
    objects = pl.DataFrame(
        [
            pl.Series("object_id", gathered.object_ids, dtype=pl.String),
            pl.Series("object_type", gathered.types, dtype=pl.String),
            *(
                typed.column(_sparse(rows, values, height), object_kinds.get(name), _named(name, IN_OBJECTS, "case:"))
                for name, (rows, values) in first.items()
            ),
        ]
    )
    typed.report(findings)
    undeclared = [name for name in gathered.event_values if name not in kinds] + [
        name for name in first if name not in object_kinds
    ]
    findings += found("undeclared_attributes", len(undeclared), undeclared)
    return ObjectTables(
        events,
        objects,
        _pairs(gathered.relations, ("event_id", "object_id", "qualifier")),
        _pairs(gathered.object_relations, ("object_id", "related_id", "qualifier")),
        changes,
    )


def _named(name: str, taken: Iterable[str], prefix: str) -> str:
    return f"{prefix}{name}" if name in taken else name


def _pairs(rows: list[tuple[str, str, str]], names: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _sparse(rows: list[int], values: list[str], height: int) -> pl.Series:
    blank = pl.repeat(None, height, dtype=pl.String, eager=True)
    return blank.scatter(rows, pl.Series(values, dtype=pl.String)) if rows else blank


def _kinds(declared: Declared) -> dict[str, str]:
    """Each attribute's type; text where types of events or objects declare it differently."""
    kinds: dict[str, str] = {}
    for attributes in declared.values():
        for name, kind in attributes.items():
            known = KINDS.get(kind.lower(), "string")
            kinds[name] = known if kinds.get(name, known) == known else "string"
    return kinds


def _event_times(gathered: Gathered, path: Path, zone: str, findings: list[Finding]) -> pl.Series:
    texts = pl.Series("time", gathered.times, dtype=pl.String)
    read = read_times(texts, zone)
    if read.unreadable.any():
        row = int(read.unreadable.arg_true()[0])
        fills: dict[str, str | int] = {
            "text": str(texts[row])[:60],
            "event": row + 1,
            "case": gathered.event_ids[row],
            "count": int(read.unreadable.sum()),
        }
        raise refuse("unreadable_time", path, "unreadable_time_remedy", **fills)
    names = pl.Series(gathered.event_ids, dtype=pl.String)
    findings += found("missing_time_zone", int(read.without_zone.sum()), names.filter(read.without_zone).head(50))
    findings += found("skipped_hour", int(read.moved.sum()), names.filter(read.moved).head(50))
    return read.times.alias("time")


def _changes(gathered: Gathered, kinds: Mapping[str, str], zone: str, path: Path) -> tuple[Values, pl.DataFrame]:
    """Objects' first values; and all that have a time of their own, in the order of object, attribute and time."""
    schema = {"row": pl.Int64, "attribute": pl.String, "text": pl.String, "value": pl.String}
    table = pl.DataFrame(gathered.changes, schema=schema, orient="row")
    # Values that hold from the first come with the epoch or with no time.
    from_first = (
        table["text"].is_null()
        | table["text"].str.starts_with(EPOCH)
        | table["text"].str.starts_with("1970-01-01 00:00:00")
    )
    read = read_times(pl.select(pl.when(~pl.lit(from_first)).then(pl.lit(table["text"]))).to_series(), zone)
    if read.unreadable.any():
        row = int(read.unreadable.arg_true()[0])
        raise refuse("unreadable_change", path, "unreadable_time_remedy", text=str(table["text"][row])[:60])
    ordered = table.with_columns(read.times.alias("time")).sort(
        "row", "attribute", "time", maintain_order=True, nulls_last=False
    )
    initial = ordered.unique(["row", "attribute"], keep="first", maintain_order=True)
    first: Values = {}
    order = dict.fromkeys(table["attribute"].to_list())
    for name in order:
        part = initial.filter(pl.col("attribute") == name)
        first[name] = (part["row"].to_list(), part["value"].to_list())
    ids = pl.Series("object_id", gathered.object_ids, dtype=pl.String)
    later = ordered.filter(pl.col("time").is_not_null())
    values = later["value"]
    for name in order:
        of_name = later["attribute"] == name
        if kinds.get(name, "string") != "string" and of_name.any():
            # Written in one way, whichever form the file had; what is not of its type stays as it is.
            typed = as_texts(_Typed(path, zone).column(values.filter(of_name), kinds[name], name), zone)
            known = pl.select(pl.coalesce(typed, values.filter(of_name))).to_series()
            values = values.scatter(of_name.arg_true(), known)
    changed = later.select(ids.gather(later["row"]).alias("object_id"), "attribute", "time", values.alias("value"))
    return first, changed


class _Typed:
    """Columns in the types that the file declares."""

    def __init__(self, path: Path, zone: str) -> None:
        self.path, self.zone = path, zone
        self.unreadable: list[tuple[str, int]] = []

    def column(self, texts: pl.Series, kind: str | None, name: str) -> pl.Series:
        """A column; what is not of its type is blank and noted."""
        typed = self._typed(texts, kind)
        bad = int((texts.is_not_null() & typed.is_null() & (texts.str.strip_chars() != "")).sum())
        if bad:
            self.unreadable.append((name, bad))
        return typed.alias(name)

    def _typed(self, texts: pl.Series, kind: str | None) -> pl.Series:
        trimmed = texts.str.strip_chars()
        match kind:
            case "integer":
                whole = trimmed.cast(pl.Int64, strict=False)
                decimals = trimmed.cast(pl.Float64, strict=False)
                return pl.select(pl.coalesce(whole, decimals.round().cast(pl.Int64, strict=False))).to_series()
            case "float":
                return trimmed.cast(pl.Float64, strict=False)
            case "boolean":
                words = {"true": True, "1": True, "false": False, "0": False}
                return trimmed.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
            case "time":
                return read_times(texts, self.zone).times
            case _:
                return texts

    def report(self, findings: list[Finding]) -> None:
        """Note what could not be read."""
        findings += found(
            "unreadable_values", sum(count for _, count in self.unreadable), [name for name, _ in self.unreadable]
        )


# --- cases --------------------------------------------------------------------------------------------------------------


def _case_type(tables: ObjectTables, gathered: Gathered, path: Path, wanted: str | None) -> str:
    known = list(gathered.object_types)
    if wanted is not None:
        if wanted not in known:
            names = ", ".join(known) or "–"
            remedy: Words = did_you_mean(wanted, known) or say("object_types_are", names=names)
            raise InputError(Fault(say("unknown_object_type", name=wanted, names=names), Place(path), remedy))
        return wanted
    if gathered.case_type in known:
        return gathered.case_type
    related = tables.relations.join(tables.objects.select("object_id", "object_type"), on="object_id")
    counts = related.group_by("object_type").agg(pl.col("event_id").n_unique().alias("events"))
    # Of two with as many events, the one whose objects share them least: a case has its events to itself.
    sharing = related.group_by("object_type").agg(pl.len().alias("pairs"), pl.col("object_id").n_unique().alias("objects"))
    ranked = counts.join(sharing, on="object_type").sort(
        ["events", "pairs", "objects", "object_type"], descending=[True, False, True, False]
    )
    if ranked.is_empty():
        raise refuse("events_without_objects", path, "ocel_remedy")
    return str(ranked["object_type"][0])


def _along(tables: ObjectTables, case_type: str, findings: list[Finding]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events once for each case that they belong to, and the cases with their attributes."""
    objects = tables.objects.filter(pl.col("object_type") == case_type)
    of_cases = tables.relations.join(objects.select("object_id"), on="object_id").unique(
        ["event_id", "object_id"], maintain_order=True
    )
    pairs = of_cases.select("event_id", pl.col("object_id").alias("case_id"))
    events = tables.events.join(pairs, on="event_id", how="inner", maintain_order="left_right")
    outside = tables.events["event_id"].is_in(pairs["event_id"].implode()).not_()
    findings += found("events_outside_cases", int(outside.sum()), tables.events["event_id"].filter(outside).head(5))
    several = pairs.group_by("event_id", maintain_order=True).len().filter(pl.col("len") > 1)
    findings += found("events_in_several_cases", several.height, several["event_id"].head(5))
    for kind, column in _single_objects(tables, case_type).items():
        if kind not in events.columns and kind not in ("case", "case_id", "position"):
            events = events.join(column, on="event_id", how="left", maintain_order="left")
    attributes = [
        name for name in objects.columns if name not in ("object_id", "object_type") and objects[name].count() > 0
    ]
    return events, objects.select(pl.col("object_id").alias("case_id"), *attributes)


def _single_objects(tables: ObjectTables, case_type: str) -> dict[str, pl.DataFrame]:
    """For each other type of which no event has two objects: the event's object, as a column of events."""
    typed = tables.relations.join(
        tables.objects.select("object_id", "object_type"), on="object_id", maintain_order="left"
    ).unique(["event_id", "object_id"], maintain_order=True)
    columns = {}
    for (kind,), part in typed.group_by("object_type", maintain_order=True):
        if kind != case_type and part["event_id"].is_unique().all():
            columns[str(kind)] = part.select("event_id", pl.col("object_id").alias(str(kind)))
    return columns
