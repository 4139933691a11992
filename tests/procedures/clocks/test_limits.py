"""limits.yaml: what may stand in it, and what is refused with its place and a remedy."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canbao.errors import InputError
from canbao.procedures import EventLog
from canbao.procedures.clocks import limits_for

Make = Callable[..., Any]


@pytest.fixture
def log(a_log: Make) -> EventLog:
    events = [
        ("1", "收件", "2024-02-01T09:00"),
        ("1", "受理", "2024-02-05T09:00"),
        ("1", "办结", "2024-02-20T09:00"),
        ("2", "收件", "2024-02-01T09:00"),
        ("2", "退回", "2024-02-02T09:00"),
    ]
    made: EventLog = a_log(events, {"1": {"office": "a"}, "2": {"office": "b"}})
    return made


def written(folder: Path, content: str) -> Path:
    path = folder / "limits.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def faults(folder: Path, log: EventLog, content: str) -> dict[int, str]:
    with pytest.raises(InputError) as raised:
        limits_for(log, written(folder, content))
    return {fault.place.line or 0: fault.text("en") for fault in raised.value.faults}


def test_shipped_and_own_clocks_with_the_log_s_names(tmp_path: Path, log: EventLog) -> None:
    content = """
calendar: weekdays
use: [individual_registration, injury_recognition]
rename: {收件: application_received, 办结: registered, 受理: accepted, 退回: not_accepted}
endings: {completed: 办结, refused: not_accepted}
clocks:
  acceptance:
    label: {en: Acceptance, zh: 受理}
    starts: 收件
    stops: [accepted, not_accepted]
    length: 2
    unit: working_days
"""
    limits = limits_for(log, written(tmp_path, content))
    assert limits.calendar.name == "weekdays"
    assert len(limits.clocks) == 8
    assert limits.endings == {"completed": ("办结",), "refused": ("退回",), "abandoned": ()}
    assert limits.label("办结").en == "Registered with social insurance"
    assert limits.label("其他").zh == "其他"
    made = limits.evaluate(log)
    names = made["clock"].cast(str).to_list()
    found = dict(zip(zip(names, made["case_id"], strict=True), made["state"], strict=True))
    assert found["acceptance", "1"] == "in_time"
    # Ten working days from 1 February, without the Spring Festival, ended on the 15th.
    assert found["individual_registration", "1"] == "late"
    assert found["injury_acceptance", "2"] == "in_time"
    assert limits.applicability(log)["injury_decision"] is not None


def test_without_a_file_the_procedure_that_the_log_names_chooses(a_log: Make, log: EventLog) -> None:
    assert limits_for(log).clocks == ()
    events = [("1", "application_received", "2024-02-01T09:00"), ("1", "paid", "2024-02-01T09:00")]
    named = limits_for(a_log(events, {"1": {"procedure": "pension_application"}}))
    assert [clock.name for clock in named.clocks] == ["pension_application"]
    assert named.endings["completed"] == ("paid",)
    assert named.calendar.name == "cn"


def test_a_clock_of_one_s_own_takes_the_place_of_a_shipped_one(tmp_path: Path, log: EventLog) -> None:
    content = (
        "use: individual_registration\nclocks:\n  individual_registration:\n    label: {en: Faster, zh: 提速}\n"
        "    starts: 收件\n    stops: 办结\n    length: 3\n    unit: working_days\n"
    )
    (clock,) = limits_for(log, written(tmp_path, content)).clocks
    assert clock.entry.length == 3


def test_a_calendar_beside_the_file(tmp_path: Path, log: EventLog) -> None:
    (tmp_path / "own.yaml").write_text("years: [2024]\nholidays: [2024-02-05..2024-02-16]\n", encoding="utf-8")
    content = (
        "calendar: own.yaml\nclocks:\n  all:\n    label: {en: All, zh: 全程}\n"
        "    starts: 收件\n    stops: 办结\n    length: 3\n    unit: working_days\n"
    )
    made = limits_for(log, written(tmp_path, content)).evaluate(log)
    assert made["due"].to_list() == [datetime.date(2024, 2, 20)] * 2


def test_everything_wrong_is_said_at_once_with_its_line(tmp_path: Path, log: EventLog) -> None:
    content = """calendar: china
use: [injury_recogniton]
rename:
  收件件: application_received
  受理: aceptd
endings:
  completed: [办结]
  refused: [办结, 退会]
clocks:
  a:
    label: {en: A, zh: 甲}
    starts: 收件
    stops: 收件
    length: 5
    unit: working_days
  b:
    label: {en: B, zh: 乙}
    starts: 收件
    stops: decidd
    length: 5
  c:
    label: {en: C, zh: 丙}
    starts: 收件
    stops: 办结
    length: 5
    unit: working_days
    pauses:
      - {from: 受理, until: 退回}
      - {from: 退回, until: 受理}
      - {from: 受理, until: 受理}
      - {from: 收件, until: 退回}
    where: {ofice: a}
    exceptions:
      - {length: 2}
    since: 2025-01-01
    until: 2024-01-01
  d:
    label: {en: D, zh: 丁}
    starts: []
    stops: 办结
    deadline: office
    unit: working_days
"""
    found = faults(tmp_path, log, content)
    assert "There is no calendar china" in found[1]
    assert "Did you mean injury_recognition" in found[2]
    assert "Did you mean 收件" in found[4]
    assert "Did you mean accepted" in found[5]
    assert "both under completed and under refused" in found[8] or "退会" in found[8]
    assert "same event" in found[13]
    assert "Did you mean decided" in found[19]
    assert "no unit" in found[20]
    for line in (28, 29):
        assert "circle" in found[line]
    assert "same event" in found[30]
    assert "starts it" in found[31]
    assert "Did you mean office" in found[32]
    assert "needs a condition" in found[34]
    assert "before it is in force" in found[36]
    assert "Nothing is listed under starts" in found[39]
    assert "would change nothing" in found[42]


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("length: -5\n    unit: working_days", "0 or more"),
        ("length: 5.5\n    unit: working_days", "whole number"),
        ("length: 99999999\n    unit: working_days", "36500 or less"),
        ("length: 5\n    unit: hours", "unit cannot be"),
        ("unit: working_days", "either a length or a deadline"),
        ("length: 5\n    deadline: office\n    unit: working_days", "either a length or a deadline"),
        ("length: 5\n    unit: working_days\n    repeat: each", "Did you mean repeats"),
        ("length: 5\n    unit: working_days\n    repeats: every", "repeats cannot be"),
        ("length: 5\n    unit: working_days\n    where: {office: []}", "at least|needs 1 or more"),
        ("length: 5\n    unit: working_days\n    since: soon", "a date is needed"),
    ],
)
def test_what_a_clock_cannot_be(tmp_path: Path, log: EventLog, clock: str, said: str) -> None:
    content = f"clocks:\n  a:\n    label: {{en: A, zh: 甲}}\n    starts: 收件\n    stops: 办结\n    {clock}\n"
    with pytest.raises(InputError, match=said):
        limits_for(log, written(tmp_path, content))


def test_a_file_that_is_empty_or_missing(tmp_path: Path, log: EventLog) -> None:
    assert limits_for(log, written(tmp_path, "")).clocks == ()
    with pytest.raises(InputError, match="no such file"):
        limits_for(log, tmp_path / "limit.yaml")
