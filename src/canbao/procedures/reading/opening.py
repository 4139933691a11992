"""Opening a log, whatever its format: the content tells, not the name."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.procedures.event_log import EventLog
from canbao.procedures.reading.kept import kept_log
from canbao.procedures.reading.object_centric import raw_log as objects_to_log
from canbao.procedures.reading.ocel import gather_json, gather_sqlite, gather_xml
from canbao.procedures.reading.order import future_times, put_in_order
from canbao.procedures.reading.raw import RawLog, refuse, say
from canbao.procedures.reading.tables import read_delimited, read_parquet
from canbao.procedures.reading.times import check_zone
from canbao.procedures.reading.unpacking import Unpacked, unpacked
from canbao.procedures.reading.xes import read_xes

HOME = "Asia/Shanghai"
"""The zone of times that say none."""


def open_log(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    case_object: str | None = None,
) -> EventLog:
    """Open an event log: XES, OCEL 2.0 (JSON, XML, SQLite), CSV or Parquet, packed or not, or a folder with a saved log.

    All events count, as in PM4Py: a start and a completion are two. Events of a case are in the order of their times, then
    of the file. What is odd about the file is reported in the log's findings and never repaired. The result is kept in the
    user's cache, so that the next opening is quick.

    Args:
        path: the file, or the folder.
        columns: for tables which column is which: `{"case_id": …, "activity": …, "time": …}`, and `lifecycle`, `resource`,
            `office`, `channel`, `documents`, `minutes`, `fee` where there are such.
        time_zone: the zone of times that say none, and in whose days time limits are counted; by default the
            one that the file states, else Asia/Shanghai.
        case_object: for object-centric logs the type of object that is the case; by default the one with most events.

    Raises:
        InputError: there is no such file, or no log can be made of it.
    """
    path = Path(path)
    if time_zone is not None:
        check_zone(time_zone)
    if path.is_dir():
        return _saved(path)
    if not path.exists():
        near = None
        if path.parent.is_dir():
            near = did_you_mean(path.name, (other.name for other in path.parent.glob("*") if other.is_file()))
        raise InputError(Fault(say("no_file"), Place(path), near))
    if not path.is_file():
        raise refuse("not_a_file", path, "not_a_log_remedy")
    try:
        log = kept_log(
            path, (_given(columns), time_zone, case_object), lambda: _read(path, columns, time_zone, case_object)
        )
    except PermissionError:
        raise refuse("not_readable", path) from None
    late = future_times(log, datetime.datetime.now(datetime.UTC))
    return replace(log, name=path.name, findings=(*log.findings, *late))


def _given(columns: Mapping[str, str] | None) -> list[tuple[str, str]] | None:
    return sorted(columns.items()) if columns else None


def _read(path: Path, columns: Mapping[str, str] | None, time_zone: str | None, case_object: str | None) -> EventLog:
    with unpacked(path) as file:
        if columns and file.format not in ("delimited", "parquet"):
            raise refuse("columns_of_table_only", Place(path, field="columns"), "columns_of_table_only_remedy")
        raw = _raw(file, columns, time_zone or HOME, case_object)
    stated = raw.time_zone if raw.time_zone in zoneinfo.available_timezones() else None
    return put_in_order(raw, path.name, time_zone or stated or HOME)


def _raw(file: Unpacked, columns: Mapping[str, str] | None, zone: str, case_object: str | None) -> RawLog:
    path = file.path
    match file.format:
        case "xes":
            return read_xes(file.stream(), path, zone)
        case "ocel_json":
            return objects_to_log(gather_json(file.content(), path), path, zone, case_object)
        case "ocel_xml":
            return objects_to_log(gather_xml(file.stream(), path), path, zone, case_object)
        case "ocel_sqlite":
            return objects_to_log(gather_sqlite(file.stream(), path), path, zone, case_object)
        case "parquet":
            return read_parquet(file.content(), path, zone, columns)
        case "delimited":
            return read_delimited(file.content(), path, zone, columns)


def _saved(folder: Path) -> EventLog:
    """A log that was saved; its tables are looked at, for a folder may have been tampered with or half copied."""
    if not (folder / "log.json").is_file():
        raise refuse("folder_without_log", folder, "folder_without_log_remedy")
    try:
        log = EventLog.load(folder)
        sound = log.is_sound()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError):
        sound = False
    if not sound:
        raise refuse("saved_broken", folder, "saved_broken_remedy")
    return log
