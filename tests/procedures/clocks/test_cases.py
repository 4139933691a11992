"""The cases of cases.yaml, which were counted by hand."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from canbao.procedures import EventLog
from canbao.procedures.clocks import Clock, evaluate, shipped

FILE = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))


SHANGHAI = ZoneInfo("Asia/Shanghai")


def noon(day: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=SHANGHAI)


def as_day(value: object) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))


@pytest.mark.parametrize("case", FILE["cases"], ids=[case["name"] for case in FILE["cases"]])
def test_as_counted_by_hand(case: dict[str, Any], a_clock: Callable[..., Clock], a_log: Callable[..., EventLog]) -> None:
    clock = shipped()[case["clock"]] if isinstance(case["clock"], str) else a_clock(**case["clock"])
    lines = [line.split() for line in case["events"]]
    now = next((noon(day) for day, activity in lines if activity == "now"), None)
    events = [("1", activity, f"{day}T12:00") for day, activity in lines if activity != "now"]
    # A second case has every event of the clock, so that it applies.
    events += [("2", activity, f"{lines[-1][0]}T12:00") for activity in clock.activities]
    log = a_log(events, {"1": case.get("case", {}), "2": {}})
    row = evaluate(log, [clock], at=now).row(0, named=True)
    assert row["case_id"] == "1"
    assert row["state"] == case["state"]
    if "due" in case:
        assert row["due"] == as_day(case["due"])
    for key in ("paused", "elapsed", "late_by", "plain_week"):
        if key in case:
            assert row[key] == case[key], key
    assert (row["late_by"] is not None) == (case["state"] in ("late", "open_late"))
