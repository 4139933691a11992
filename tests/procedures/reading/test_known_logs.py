"""Two public logs, where they are present, against what PM4Py says of them."""

import datetime
import itertools
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from canbao.procedures import EventLog, open_log

ROOT = Path(__file__).parents[3]
PLACE = ROOT.parent / "shared" / "data" / "event_logs"
KNOWN = json.loads((Path(__file__).parent / "known_logs.json").read_text(encoding="utf-8"))["logs"]


@pytest.fixture(params=sorted(KNOWN))
def known(request: pytest.FixtureRequest) -> tuple[EventLog, dict]:
    places = (PLACE, Path("/work/shared/data/event_logs"))
    file = next(
        (place / f"{request.param}.xes.gz" for place in places if (place / f"{request.param}.xes.gz").is_file()), None
    )
    if file is None:
        pytest.skip("the public logs are not here")
    return open_log(file), KNOWN[request.param]


def test_what_pm4py_says(known: tuple[EventLog, dict]) -> None:
    log, said = known
    assert log.cases.height == said["cases"]
    assert log.events.height == said["events"]
    assert dict(log.events["activity"].cast(pl.String).value_counts().iter_rows()) == said["activities"]
    assert log.opened == datetime.datetime.fromisoformat(said["first"])
    assert log.closed == datetime.datetime.fromisoformat(said["last"])
    traces = [tuple(one) for one in log.events.group_by("case", maintain_order=True).agg("activity")["activity"].to_list()]
    assert Counter(trace[0] for trace in traces) == said["start"]
    assert Counter(trace[-1] for trace in traces) == said["end"]
    assert len(set(traces)) == said["variants"]
    pairs = Counter(pair for trace in traces for pair in itertools.pairwise(trace))
    assert sorted([*pair, count] for pair, count in pairs.items()) == said["directly_follows"]


def test_types_and_findings(known: tuple[EventLog, dict]) -> None:
    log, said = known
    findings = {one.kind: one.count for one in log.findings}
    if said["cases"] == 1434:
        assert log.cases.schema["deadline"] == pl.Datetime("us", "UTC")
        assert set(log.events.columns[4:]) == {"office", "concept:instance", "resource", "lifecycle"}
        assert findings == {"before_start": 12}
    else:
        assert findings == {"ties": 130, "duplicates": 127}
