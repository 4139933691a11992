"""A real log: environmental permits of a Dutch municipality, whose cases carry their deadlines (CoSeLoG, 4TU.ResearchData).

The figures were also found by a program of its own, in pandas, from the text of the file.
"""

import gzip
import os
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from canbao.procedures import EventLog
from canbao.procedures.clocks import breaches, limits_for

ROOT = Path(__file__).parents[3]
PLACES = (os.environ.get("CANBAO_RECEIPT", ""), ROOT.parent / "shared/data/event_logs/receipt.xes.gz")
DATA = next((Path(place) for place in PLACES if place and Path(place).is_file()), None)
LIMITS = """
calendar: weekdays
clocks:
  decision:
    label: {en: Decision on the permit, zh: 许可决定}
    starts: {attribute: startdate}
    stops: {attribute: enddate}
    deadline: deadline
"""

pytestmark = pytest.mark.skipif(DATA is None, reason="receipt.xes.gz is not here; set CANBAO_RECEIPT")


@pytest.fixture(scope="module")
def log() -> EventLog:
    assert DATA is not None
    cases, events = [], []
    with gzip.open(DATA) as file:
        for trace in ElementTree.parse(file).getroot().iter("{http://www.xes-standard.org/}trace"):
            about = {one.get("key"): one.get("value") for one in trace if not one.tag.endswith("event")}
            name = about["concept:name"]
            cases.append((name, *(about.get(key) for key in ("startdate", "enddate", "deadline", "channel"))))
            for event in trace.iter("{http://www.xes-standard.org/}event"):
                said = {one.get("key"): one.get("value") for one in event}
                events.append((name, said["concept:name"], said["time:timestamp"]))
    columns = ["case_id", "startdate", "enddate", "deadline", "channel"]
    case_table = pl.DataFrame(cases, schema=dict.fromkeys(columns, pl.String), orient="row")
    event_table = pl.DataFrame(events, schema=["case_id", "activity", "time"], orient="row")
    return EventLog.of(
        "receipt",
        event_table.with_columns(pl.col("time").str.to_datetime(time_zone="Europe/Amsterdam")),
        cases=case_table.with_columns(
            pl.col("startdate", "enddate", "deadline").str.to_datetime(time_zone="Europe/Amsterdam")
        ),
        time_zone="Europe/Amsterdam",
    )


def test_how_many_permits_were_late_with_open_ones_censored(log: EventLog, tmp_path: Path) -> None:
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    evaluated = limits_for(log, tmp_path / "limits.yaml").evaluate(log)
    row = breaches(evaluated, log).row(0, named=True)
    # Two permits were dated by the day alone, on the day on which they were asked for.
    assert {key: row[key] for key in ("in_time", "late", "open_in_time", "open_late", "unknown")} == {
        "in_time": 1018 + 2,
        "late": 309,
        "open_in_time": 68,
        "open_late": 37,
        "unknown": 0,
    }
    assert (row["median_late"], row["p90_late"], row["total_late"]) == (25, 124.5, 16282)
    assert row["share_late"] == pytest.approx(346 / 1366)
    assert row["share_late"] < row["expected_late"] < (346 + 68) / 1434
