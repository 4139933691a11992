"""Model files: what may stand in them, and where their faults are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from canbao.errors import InputError
from canbao.procedures.clocks import procedures, vocabulary
from canbao.procedures.simulation import find_model, read_model, run, shipped_models
from canbao.procedures.simulation.cases import arriving
from canbao.procedures.simulation.process_model import flaws_of

from .networks import model_of

PLAIN = """\
title: {en: Office, zh: 机构}
opens: 2024-01-01
parameters:
  wait: {label: {en: Wait, zh: 等待}, value: 3, unit: days, span: [1, 5]}
attributes:
  migrant: {shares: {"yes": 0.4, "no": rest}}
arrivals:
  counter: {per_day: 6, days: working_days, by_hour: {9: 2, 14: 1}, set: {channel: counter}}
  app: {per_day: 3, set: {channel: app}}
staff:
  clerks: {number: 2, hours: {working_days: "08:30-12:00 13:30-17:30"}}
begins_with: received
steps:
  received: {next: {decided: 0.7, asked: rest}}
  asked: {service: {gamma: {mean: wait, cv: 1}, unit: days}, next: decided}
  decided:
    staff: clerks
    service: {lognormal: {mean: 20, cv: 0.5}, unit: minutes}
    gives_up: {per_day: 0.01, to: left}
    where: [{when: {channel: app}, service: {constant: 5, unit: minutes}}]
  left: {}
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = PLAIN
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "model.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_model_is_read(tmp_path: Path) -> None:
    model = read_model(written(tmp_path))
    assert model.steps["decided"].field("service", {"channel": "app"}).constant == 5
    assert model.steps["decided"].field("service", {"channel": "counter"}).lognormal.mean == 20
    assert model.steps["asked"].service is not None
    assert model.steps["asked"].service.mean_seconds(model.value) == 3 * 86_400


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("value: 3, unit", "value: .nan, unit", 4, "finite"),
        ("span: [1, 5]", "span: [4, 5]", 4, "span"),
        ('"no": rest', '"no": 0.5', 6, "0.9"),
        ('"no": rest', '"no": 0.7', 6, "1.1"),
        ("per_day: 6, ", "", 8, "per_day"),
        ("per_day: 6,", "per_day: -6,", 8, "-6"),
        ("9: 2", "25: 2", 8, "25"),
        ("set: {channel: app}", "set: {chanel: app}", 20, "app"),
        ("number: 2", "number: 1.5", 11, "1.5"),
        ("number: 2", "number: 0", 11, "0"),
        ("08:30-12:00", "08:30-25:00", 11, "08:30-25:00"),
        ("08:30-12:00", "14:00-15:00", 11, "13:30-17:30"),
        ("working_days: \"08", "workday: \"08", 11, "working_days"),
        ("begins_with: received", "begins_with: recieved", 12, "received"),
        ("decided: 0.7", "decidet: 0.7", 14, "decided"),
        ("decided: 0.7", "decided: 1.7", 14, "1.7"),
        ("mean: wait", "mean: weight", 15, "weight"),
        ("{gamma: {mean: wait, cv: 1}, unit", "{gamma: {median: 3}, unit", 15, "mean"),
        ("{gamma: {mean: wait, cv: 1}, unit", "{constant: 3, exponential: 2, unit", 15, "one of"),
        ("{gamma: {mean: wait, cv: 1}, unit", "{uniform: [5, 2], unit", 15, "lowest"),
        ("{gamma: {mean: wait, cv: 1}, unit: days", "{constant: 1, unit: fortnights", 15, "fortnights"),
        ("staff: clerks", "staff: clerk", 17, "clerks"),
        ("{mean: 20, cv: 0.5}, unit: minutes", "{mean: 20, cv: 0.5}, unit: days", 18, "hours"),
        ("to: left", "to: gone", 19, "gone"),
        ("to: left", "to: decided", 19, "staff"),
        ("when: {channel: app}", "when: {channel: post}", 20, "post"),
        ("when: {channel: app}", "when: {sex: male}", 20, "sex"),
        ("opens: 2024-01-01", "opens: 1024-01-01", 2, "1990"),
        ("opens: 2024-01-01", "opens: 2024-01-01\nprocedure: injury_recognitoin", 3, "injury_recognition"),
        ("opens: 2024-01-01", "opens: 2024-01-01\ncalendar: cnn", 3, "cnn"),
        ("opens: 2024-01-01", "opens: 2024-01-01\ntime_zone: Mars/Base", 3, "Mars/Base"),
        ("  left: {}", "  left: {batch: {size: 5}}", 21, "for ever"),
        ("  left: {}", "  left: {batch: {weekdays: [fryday]}}", 21, "friday"),
        ("  left: {}", "  left: {servise: 3}", 21, "service"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place(old: str, new: str, line: int, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, (old, new))
    with pytest.raises(InputError) as raised:
        read_model(path)
    told = [fault.text("en") for fault in raised.value.faults]
    assert any(f"model.yaml:{line}:" in one and said in one for one in told), told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, ("staff: clerks", "staff: clerk"), ("to: left", "to: gone"), ("decided: 0.7", "decidet: 0.7"))
    with pytest.raises(InputError) as raised:
        read_model(path)
    assert len(raised.value.faults) == 3


def test_a_way_without_an_end_is_a_fault() -> None:
    steps: dict[str, Any] = {"a": {"next": "b"}, "b": {"next": "a"}}
    model = model_of(arrivals={"all": {"per_day": 1}}, begins_with="a", steps=steps)
    assert {flaw.path[1] for flaw in flaws_of(model)} == {"a", "b"}
    steps["b"] = {"next": {"a": 0.9}}
    assert not flaws_of(model_of(arrivals={"all": {"per_day": 1}}, begins_with="a", steps=steps))


def test_arrivals_come_as_often_and_when_the_file_says(tmp_path: Path) -> None:
    model = read_model(written(tmp_path))
    cases = arriving(model, 366, 3)
    channel = np.array(model.values_of("channel"))[cases.attributes["channel"]]
    # 2024 had 251 working days.
    expected = {"counter": 6 * 251, "app": 3 * 366}
    for name, mean in expected.items():
        assert abs((channel == name).sum() - mean) < 4 * mean**0.5
    at_counter = cases.arrival[channel == "counter"]
    hour = (at_counter % 86_400 // 3_600).astype(int)
    assert set(hour.tolist()) == {9, 14}
    assert abs((hour == 9).mean() - 2 / 3) < 0.06
    migrant = np.array(model.values_of("migrant"))[cases.attributes["migrant"]]
    assert abs((migrant == "yes").mean() - 0.4) < 0.05
    assert (np.diff(cases.arrival) >= 0).all()


def test_arrivals_that_grow_keep_the_cases_that_there_were(tmp_path: Path) -> None:
    model = read_model(written(tmp_path))
    more = read_model(written(tmp_path, ("per_day: 3", "per_day: 4")))
    first, second = (set(arriving(one, 60, 3).luck.tolist()) for one in (model, more))
    assert first < second


def test_counts_of_a_day_are_poissons() -> None:
    model = model_of(arrivals={"all": {"per_day": 2.5}}, begins_with="a", steps={"a": {}})
    day = (arriving(model, 4_000, 1).arrival // 86_400).astype(int)
    count = np.bincount(day, minlength=4_000)
    assert abs(count.mean() - 2.5) < 0.1
    assert abs(count.var() - 2.5) < 0.25
    assert abs((count == 0).mean() - np.exp(-2.5)) < 0.015


@pytest.mark.parametrize("name", ["enrolment", "injury_recognition", "pension_transfer"])
def test_shipped_models_speak_the_words_of_the_clocks(name: str) -> None:
    assert name in shipped_models()
    model = find_model(name)
    assert model.procedure in procedures()
    recorded = {step.recorded(key) for key, step in model.steps.items()} - {None}
    assert recorded <= set(vocabulary())
    # The procedure's own clocks find what starts and stops them.
    named = {one for clock in procedures()[model.procedure].clocks.values() for one in clock.starts}  # type: ignore[union-attr]
    assert named & recorded
    assert run(model, 30, 1).case.size


@pytest.mark.parametrize("name", ["enrolment", "injury_recognition", "pension_transfer"])
def test_every_named_figure_of_a_shipped_model_is_used_and_says_on_what_it_rests(name: str) -> None:
    model = find_model(name)
    text = yaml.safe_dump(model.model_dump(mode="json", exclude={"parameters"}))
    for key, parameter in model.parameters.items():
        assert key in text, key
        assert parameter.source or parameter.confidence == "assumption", key
