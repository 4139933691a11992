"""Opening a log, whatever its format: the content tells, not the name."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.procedures.event_log import EventLog
from canbao.procedures.reading.kept import kept_log
from canbao.procedures.reading.order import future_times, put_in_order
from canbao.procedures.reading.raw import RawLog, refuse, say
from canbao.procedures.reading.tables import read_delimited
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
        time_zone: the zone of times that say none, and in whose days time limits are counted; Asia/Shanghai by default.
        case_object: for object-centric logs the type of object that is the case; by default the one with most events.

    Raises:
        InputError: there is no such file, or no log can be made of it.
    """
    path = Path(path)
    zone = check_zone(time_zone or HOME)
    if path.is_dir():
        return _saved(path)
    if not path.exists():
        near = None
        if path.parent.is_dir():
            near = did_you_mean(path.name, (other.name for other in path.parent.glob("*") if other.is_file()))
        raise InputError(Fault(say("no_file"), Place(path), near))
    try:
        log = kept_log(path, (columns, zone, case_object), lambda: _read(path, columns, zone, case_object))
    except PermissionError:
        raise refuse("not_readable", path) from None
    late = future_times(log, datetime.datetime.now(datetime.UTC))
    return replace(log, name=path.name, findings=(*log.findings, *late))


def _read(path: Path, columns: Mapping[str, str] | None, zone: str, case_object: str | None) -> EventLog:
    with unpacked(path) as file:
        return put_in_order(_raw(file, columns, zone, case_object), path.name, zone)


def _raw(file: Unpacked, columns: Mapping[str, str] | None, zone: str, case_object: str | None) -> RawLog:
    match file.format:
        case "xes":
            return read_xes(file.stream(), file.path, zone)
        case _:
            return read_delimited(file.content(), file.path, zone, columns)


def _saved(folder: Path) -> EventLog:
    if not (folder / "log.json").is_file():
        raise refuse("folder_without_log", folder, "folder_without_log_remedy")
    return EventLog.load(folder)
