"""Small logs for the tests of clocks."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from canbao.procedures import EventLog
from canbao.procedures.clocks.clock import Clock, ClockEntry

PLAIN = {
    "label": {"en": "Test", "zh": "测试"},
    "starts": "asked",
    "stops": "answered",
    "length": 10,
    "unit": "working_days",
}


@pytest.fixture
def a_clock() -> Callable[..., Clock]:
    """Makes a clock from `asked` to `answered`; None takes one of its keys away."""

    def make(name: str = "test", **changed: Any) -> Clock:
        content = {key: value for key, value in (PLAIN | changed).items() if value is not None}
        return Clock(name, ClockEntry.model_validate(content))

    return make


@pytest.fixture
def a_log() -> Callable[..., EventLog]:
    """Makes a log of events, each a case, an activity and a local time."""

    def make(
        events: Iterable[tuple[str, str, str]],
        attributes: Mapping[str, Mapping[str, Any]] | None = None,
        time_zone: str = "Asia/Shanghai",
        **columns: list[Any],
    ) -> EventLog:
        listed = list(events)
        times = [datetime.datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(time_zone)) for _, _, time in listed]
        table = pl.DataFrame(
            {
                "case_id": [case for case, _, _ in listed],
                "activity": [activity for _, activity, _ in listed],
                "time": pl.Series(times, dtype=pl.Datetime("us", time_zone)),
                **columns,
            }
        )
        cases = None
        if attributes is not None:
            every = dict.fromkeys(case for case, _, _ in listed)
            rows = [{"case_id": case, **attributes.get(case, {})} for case in every]
            cases = pl.DataFrame(rows, infer_schema_length=None)
        return EventLog.of("test", table, cases=cases, time_zone=time_zone)

    return make
