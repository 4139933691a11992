"""Changes: what each does to a model, and hostile files."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures.simulation import Changes, ProcessModel, Run, find_model, read_changes, run
from canbao.procedures.simulation.process_model import flaws_of

from .networks import model_of

OFFICE = model_of(
    arrivals={
        "counter": {"per_day": 20, "set": {"channel": "counter"}},
        "app": {"per_day": 20, "set": {"channel": "app"}},
    },
    parameters={"answer": {"label": {"en": "Answer", "zh": "补正"}, "value": 4, "unit": "days"}},
    staff={"clerks": {"number": 2, "hours": "always"}, "heads": {"number": 1, "hours": "always"}},
    begins_with="received",
    steps={
        "received": {"documents": 5, "visits": 1, "next": {"asked": 0.4, "refused": 0.1, "checked": "rest"}},
        "asked": {"service": {"exponential": "answer", "unit": "days"}, "documents": 2, "visits": 1, "next": "checked"},
        "checked": {"staff": "clerks", "service": {"gamma": {"mean": 0.5, "cv": 0.5}, "unit": "hours"}, "next": "signed"},
        "signed": {"staff": "heads", "service": {"gamma": {"mean": 0.2, "cv": 0.5}, "unit": "hours"}},
        "refused": {},
    },
)
STEPS = list(OFFICE.steps)


def ran(*changes: dict[str, Any], model: ProcessModel = OFFICE, days: int = 60) -> Run:
    changed = Changes.of(*changes).applied(model)
    assert not flaws_of(changed)
    return run(changed, days, 3)


def share_of(made: Run, step: str) -> float:
    return float((made.step == STEPS.index(step)).sum() / len(made.cases.arrival))


def lasted(made: Run, step: str) -> Any:
    rows = made.step == STEPS.index(step)
    return (made.completed - made.started)[rows]


def channel(made: Run, step: str) -> Any:
    case = made.case[made.step == STEPS.index(step)]
    return np.array(OFFICE.values_of("channel"))[made.cases.attributes["channel"][case]]


def test_a_digitised_step_needs_nobody() -> None:
    made = ran({"digitise": {"step": "checked", "service": {"constant": 2, "unit": "minutes"}}})
    assert np.allclose(lasted(made, "checked"), 120)
    assert (made.server[made.step == STEPS.index("checked")] == -1).all()


def test_a_change_is_confined_to_those_it_is_for() -> None:
    made = ran({"digitise": {"step": "checked", "when": {"channel": "app"}}})
    by_app = channel(made, "checked") == "app"
    assert (lasted(made, "checked")[by_app] == 0).all()
    assert (lasted(made, "checked")[~by_app] > 0).all()


def test_automatic_decisions_are_their_share() -> None:
    made = ran({"auto_decide": {"step": "checked", "share": 0.3, "when": {"channel": "counter"}}})
    machine = made.server[made.step == STEPS.index("checked")] == -2
    at_counter = channel(made, "checked") == "counter"
    assert abs(machine[at_counter].mean() - 0.3) < 0.05
    assert not machine[~at_counter].any()


def test_fewer_are_asked_and_the_others_share_what_is_left() -> None:
    before, after = ran(), ran({"remove_document": {"step": "asked", "fewer": 0.5}})
    assert abs(share_of(before, "asked") - 0.4) < 0.03
    assert abs(share_of(after, "asked") - 0.2) < 0.03
    # The tenth refused keeps its part of the other ways: 0.1 + 0.2 / 6.
    assert abs(share_of(after, "refused") - 0.1333) < 0.02
    none = ran({"remove_document": {"step": "asked", "fewer": 1, "when": {"channel": "app"}}})
    assert set(channel(none, "asked")) == {"counter"}


def test_a_document_less_is_asked_for() -> None:
    changed = Changes.of({"remove_document": {"step": "asked", "fewer": 0.5, "from": "received", "documents": 2}}).applied(
        OFFICE
    )
    assert changed.steps["received"].documents == 3


def test_merged_steps_are_one_work_and_both_are_recorded() -> None:
    made = ran({"merge_steps": {"steps": ["checked", "signed"]}})
    assert (lasted(made, "signed") == 0).all()
    assert abs(lasted(made, "checked").mean() / 3600 - 0.7) < 0.03
    assert abs(lasted(made, "checked").std() / 3600 - np.hypot(0.25, 0.1)) < 0.03
    assert share_of(made, "checked") == share_of(made, "signed")
    given = ran({"merge_steps": {"steps": ["checked", "signed"], "service": {"constant": 30, "unit": "minutes"}}})
    assert np.allclose(lasted(given, "checked"), 1800)


def test_a_removed_step_leaves_no_trace() -> None:
    made = ran({"remove_step": {"step": "asked"}})
    assert (lasted(made, "asked") == 0).all()
    assert "asked" not in made.log("x").activities
    assert "asked" in ran().log("x").activities


def test_shared_data_shortens_waits() -> None:
    made = ran({"share_data": {"steps": ["asked"], "delay": {"constant": 1, "unit": "hours"}}})
    assert np.allclose(lasted(made, "asked"), 3600)
    assert made.log("x").events.filter(pl.col("activity") == "asked")["documents"].sum() == 0


def test_staff_hours_parameters_and_arrivals_change() -> None:
    changed = Changes.of(
        {"add_staff": {"staff": "clerks", "more": 2}},
        {"change_calendar": {"staff": "heads", "hours": {"monday": "09:00-12:00"}, "calendar": "weekdays"}},
        {"set_parameter": {"name": "answer", "value": 1}},
        {"change_arrivals": {"stream": "app", "times": 2}},
    ).applied(OFFICE)
    assert changed.staff["clerks"].number == 4
    assert changed.staff["heads"].hours == {"monday": "09:00-12:00"}
    assert changed.parameters["answer"].value == 1
    assert changed.arrivals["app"].per_day == 40
    # And what was there before is as it was.
    assert OFFICE.staff["clerks"].number == 2


def test_changes_apply_in_order_to_what_is_there_then() -> None:
    changed = Changes.of({"add_staff": {"staff": "clerks", "more": -1}}, {"add_staff": {"staff": "clerks", "more": 5}})
    assert changed.applied(OFFICE).staff["clerks"].number == 6
    with pytest.raises(InputError):
        Changes.of({"add_staff": {"staff": "clerks", "more": -1}}, {"add_staff": {"staff": "clerks", "more": -1}}).applied(
            OFFICE
        )


def test_every_change_can_be_told_in_both_languages() -> None:
    given: list[dict[str, Any]] = [
        {"digitise": {"step": "checked", "when": {"channel": "app"}}},
        {"merge_steps": {"steps": ["checked", "signed"]}},
        {"auto_decide": {"step": "checked", "share": 0.3}},
        {"add_staff": {"staff": "clerks", "more": 1}},
        {"add_staff": {"staff": "clerks", "more": -1}},
        {"remove_document": {"step": "asked", "fewer": 0.5}},
        {"change_calendar": {"staff": "heads", "hours": "always"}},
        {"remove_step": {"step": "asked"}},
        {"share_data": {"steps": ["asked"]}},
        {"set_parameter": {"name": "answer", "value": 1}},
        {"change_arrivals": {"stream": "app", "times": 2}},
    ]
    for one in Changes.of(*given).words(OFFICE):
        assert one.en and one.zh and "{" not in one.en + one.zh


HOSTILE = [
    ("changes: 3", 1, ""),
    ("changes: [{}]", 1, "one change"),
    ("changes:\n  - {add_staff: {staff: clerks, more: 1}, remove_step: {step: accepted}}", 2, "one change"),
    ("changes:\n  - {add_stuff: {staff: clerks}}", 2, "add_staff"),
    ("changes:\n  - {add_staff: {staff: clark, more: 1}}", 2, "clerks"),
    ("changes:\n  - {add_staff: {staff: clerks, more: -9}}", 2, "left"),
    ("changes:\n  - {add_staff: {staff: clerks, more: 1.5}}", 2, "1.5"),
    ("changes:\n  - {auto_decide: {step: acepted, share: 0.5}}", 2, "accepted"),
    ("changes:\n  - {auto_decide: {step: accepted, share: 1.5}}", 2, "1.5"),
    ("changes:\n  - {auto_decide: {step: accepted, share: .nan}}", 2, ""),
    ("changes:\n  - {auto_decide: {step: accepted, share: 1, when: {chanel: app}}}", 2, "channel"),
    ("changes:\n  - {auto_decide: {step: accepted, share: 1, when: {channel: fax}}}", 2, "fax"),
    ("changes:\n  - {digitise: {step: accepted, service: {constant: -1, unit: minutes}}}", 2, "nought"),
    ("changes:\n  - {digitise: {step: accepted, service: {constant: 1, unit: moons}}}", 2, "moons"),
    ("changes:\n  - {digitise: {step: accepted, service: {constant: soon, unit: minutes}}}", 2, "soon"),
    ("changes:\n  - {merge_steps: {steps: [registered, accepted]}}", 2, "does not lead"),
    ("changes:\n  - {merge_steps: {steps: [accepted]}}", 2, ""),
    ("changes:\n  - {merge_steps: {steps: [accepted, accepted]}}", 2, "twice"),
    ("changes:\n  - {remove_document: {step: application_received, fewer: 0.5}}", 2, "No way leads"),
    ("changes:\n  - {remove_document: {step: registered, fewer: 2}}", 2, ""),
    ("changes:\n  - {change_calendar: {staff: clerks}}", 2, "hours"),
    ("changes:\n  - {change_calendar: {staff: clerks, hours: {monday: all day}}}", 2, "all"),
    ("changes:\n  - {change_calendar: {staff: clerks, calendar: moon}}", 2, "moon"),
    ("changes:\n  - {share_data: {steps: [accepted]}}", 2, "digitise"),
    ("changes:\n  - {set_parameter: {name: anser_days, value: 1}}", 2, "answer_days"),
    ("changes:\n  - {set_parameter: {name: answer_days, value: -4}}", 2, "nought"),
    ("changes:\n  - {set_parameter: {name: incomplete_at_counter, value: 1.4}}", 2, "1.4"),
    ("changes:\n  - {change_arrivals: {stream: fax, times: 2}}", 2, "fax"),
    ("changes:\n  - {change_arrivals: {stream: app, times: 1000000000000}}", 2, ""),
    ("changes: [", 1, ""),
    ("changes:\n  - &a {add_staff: *a}", 2, ""),
]


@pytest.mark.parametrize(("text", "line", "said"), HOSTILE, ids=[str(at) for at in range(len(HOSTILE))])
def test_hostile_changes_are_faults_with_their_place(text: str, line: int, said: str, tmp_path: Path) -> None:
    path = tmp_path / "changes.yaml"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_changes(path).applied(find_model("enrolment"))
    told = [fault.text("en") for fault in raised.value.faults]
    assert any(f"changes.yaml:{line}" in one or line == 1 for one in told), told
    assert any(said in one for one in told), told


def test_all_faults_of_changes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "changes.yaml"
    path.write_text(
        "changes:\n  - {add_staff: {staff: clark, more: 1}}\n  - {remove_step: {step: acepted}}\n"
        "  - {set_parameter: {name: answers, value: 1}}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as raised:
        read_changes(path).applied(find_model("enrolment"))
    assert [fault.place.line for fault in raised.value.faults] == [2, 3, 4]
