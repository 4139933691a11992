"""Logs for the tests: short ones written out, and the real ones where they are here."""

import datetime
import gzip
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from canbao.procedures import EventLog

ROOT = Path(__file__).parents[3]
FOLDERS = (os.environ.get("CANBAO_EVENT_LOGS", ""), ROOT.parent / "shared" / "data" / "event_logs")
KEYS = {
    "case": "case_id",
    "concept:name": "activity",
    "time:timestamp": "time",
    "org:resource": "resource",
    "org:group": "office",
}
BEGINNING = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
"""A Monday."""


def real(name: str) -> Path | None:
    """A real log's file, if it is here."""
    paths = [Path(folder) / f"{name}.xes.gz" for folder in FOLDERS if folder]
    return next((path for path in paths if path.is_file()), None)


def read_xes(path: Path) -> EventLog:
    """As little of XES as the two real logs need."""
    rows = []
    with gzip.open(path) as file:
        for _, trace in ElementTree.iterparse(file):
            if not trace.tag.endswith("trace"):
                continue
            name = {child.get("key"): child.get("value") for child in trace}["concept:name"]
            for event in (child for child in trace if child.tag.endswith("event")):
                row = {"case": name, **{str(child.get("key")): child.get("value") for child in event}}
                rows.append([row.get(key) for key in KEYS])
            trace.clear()
    frame = pl.DataFrame(rows, schema=list(KEYS.values()), orient="row")
    return EventLog.of(path.name, frame.with_columns(pl.col("time").str.to_datetime(time_zone="UTC", time_unit="us")))


def log_of(cases: Mapping[str, Sequence[tuple[str, float]]], **columns: Sequence[Any]) -> EventLog:
    """A log from each case's activities with the days at which they happened, and further columns a row an event."""
    steps = [(case, activity, day) for case, steps in cases.items() for activity, day in steps]
    rows = [(case, activity, BEGINNING + datetime.timedelta(days=day)) for case, activity, day in steps]
    frame = pl.DataFrame(rows, schema=["case_id", "activity", "time"], orient="row")
    return EventLog.of("test", frame.with_columns(pl.Series(name, values) for name, values in columns.items()))
