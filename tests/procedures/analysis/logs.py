"""Logs for the tests: short ones written out, and the real ones where they are here."""

import datetime
import gzip
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import polars as pl

from canbao.procedures import EventLog

ROOT = Path(__file__).parents[3]
FOLDERS = (os.environ.get("CANBAO_EVENT_LOGS", ""), ROOT.parent / "shared" / "data" / "event_logs")
    os.environ.get("CANBAO_EVENT_LOGS", ""),
    ROOT.parent / "shared" / "data" / "event_logs",
    "/work/shared/data/event_logs",
)
BEGINNING = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


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
            values = {child.get("key"): child.get("value") for child in trace}
            for event in (child for child in trace if child.tag.endswith("event")):
                row = {child.get("key"): child.get("value") for child in event}
                rows.append(
                    (
                        values["concept:name"],
                        row["concept:name"],
                        row["time:timestamp"],
                        row.get("org:resource"),
                        row.get("org:group"),
                    )
                )
            trace.clear()
    frame = pl.DataFrame(rows, schema=["case_id", "activity", "time", "resource", "office"], orient="row")
    return EventLog.of(path.name, frame.with_columns(pl.col("time").str.to_datetime(time_zone="UTC", time_unit="us")))


def log_of(cases: dict[str, list[tuple[str, float]]], **columns: list[object]) -> EventLog:
    """A log from each case's activities and the days at which they happened, and further columns a row an event."""
    rows = [
        (case, activity, BEGINNING + datetime.timedelta(days=day))
        for case, steps in cases.items()
        for activity, day in steps
    ]
    frame = pl.DataFrame(rows, schema=["case_id", "activity", "time"], orient="row")
    return EventLog.of("test", frame.with_columns(pl.Series(name, values) for name, values in columns.items()))
