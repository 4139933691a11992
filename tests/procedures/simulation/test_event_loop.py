"""The event loop against closed forms and against two other programs; times are in days."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canbao.errors import InputError
from canbao.procedures.simulation import ProcessModel, Run, run
from canbao.procedures.simulation.compilation import CompiledModel

from .networks import (
    IMPATIENT,
    OFFICE_HOURS,
    PRIORITIES,
    TANDEM,
    TANDEM_DAYS,
    TANDEM_SEED,
    exponential,
    model_of,
    network,
    queue,
)

DAY = 86_400.0
REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))


def waits(made: Run, warm_up: float = 10.0) -> Any:
    """Waiting before each service of cases that came after a while."""
    kept = made.cases.arrival[made.case] >= warm_up * DAY
    return (made.started - made.entered)[kept] / DAY


def replicated(model: ProcessModel, days: int, measure: Any, replications: int = 12) -> tuple[float, float]:
    """Mean and standard error over replications."""
    compiled = CompiledModel(model, days)
    found = np.array([measure(run(compiled, days, 5, one)) for one in range(replications)])
    return float(found.mean()), float(found.std(ddof=1) / math.sqrt(replications))


def agrees(found: tuple[float, float], exact: float, error: float = 0.0) -> bool:
    """Whether a simulated mean lies within four standard errors, and these are small enough to tell."""
    mean, own = found
    assert own < 0.05 * exact
    return abs(mean - exact) < 4 * math.hypot(own, error)


def erlang_c(load: float, servers: int) -> float:
    """The share of cases that wait in M/M/c (Erlang 1917)."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**one / math.factorial(one) for one in range(servers)) + last)


@pytest.mark.parametrize(("arrivals", "rate", "servers"), [(80, 100, 1), (50, 100, 1), (240, 100, 3), (420, 100, 5)])
def test_one_queue_waits_as_erlang_says(arrivals: float, rate: float, servers: int) -> None:
    share = erlang_c(arrivals / rate, servers)
    model = queue(arrivals, rate, servers)
    assert agrees(replicated(model, 200, lambda made: waits(made).mean()), share / (servers * rate - arrivals))
    assert agrees(replicated(model, 200, lambda made: (waits(made) > 0).mean()), share)


def test_an_open_network_is_jacksons() -> None:
    """Each station is as if alone (Jackson 1957); its arrivals solve the traffic equations."""
    stations = {
        "intake": (1, 170.0, {"check": 1.0}),
        "check": (2, 90.0, {"intake": 0.1, "decide": 0.7}),
        "decide": (3, 45.0, {"check": 0.2}),
    }
    intake, check, decide = np.linalg.solve([[1, -0.1, 0], [-1, 1, -0.2], [0, -0.7, 1]], [100.0, 0, 0])
    model = network(100, stations)
    for at, arrivals in enumerate((intake, check, decide)):
        servers, rate, _ = list(stations.values())[at]
        exact = erlang_c(arrivals / rate, servers) / (servers * rate - arrivals)
        found = replicated(model, 150, lambda made, at=at: waits_at(made, at))
        assert agrees(found, exact), list(stations)[at]
    visits = replicated(model, 150, lambda made: (made.step == 1).sum() / len(made.cases.arrival))
    assert agrees(visits, check / 100)


def waits_at(made: Run, step: int) -> float:
    kept = (made.step == step) & (made.entered > 10 * DAY) & (made.entered < 140 * DAY)
    return float((made.started - made.entered)[kept].mean() / DAY)


def test_general_service_waits_as_pollaczek_and_khinchine_say() -> None:
    for cv, service in (
        (0.0, {"constant": 0.01}),
        (0.5, {"gamma": {"mean": 0.01, "cv": 0.5}}),
        (1.3, {"lognormal": {"mean": 0.01, "cv": 1.3}}),
    ):
        model = queue(70, 100, 1, service=service | {"unit": "days"})
        exact = 70 * 0.01**2 * (1 + cv**2) / 2 / (1 - 0.7)
        assert agrees(replicated(model, 400, lambda made: waits(made).mean()), exact), cv


def test_simpy_begins_every_service_at_the_same_moment() -> None:
    made = run(TANDEM, TANDEM_DAYS, TANDEM_SEED)
    order = np.lexsort((made.started, made.case))[: len(REFERENCE["tandem"])]
    np.testing.assert_allclose(made.started[order], REFERENCE["tandem"], atol=2e-5)
    assert (made.started - made.entered > 60).mean() > 0.2


def test_ciw_agrees_on_priorities() -> None:
    for name, (mean, error) in REFERENCE["priorities"].items():
        value = PRIORITIES.values_of("kind").index(name)
        found = replicated(PRIORITIES, 130, lambda made, value=value: waits(made)[of_kind(made, value)].mean())
        assert agrees(found, mean, error), name


def of_kind(made: Run, value: int) -> Any:
    case = made.case[made.cases.arrival[made.case] >= 10 * DAY]
    return made.cases.attributes["kind"][case] == value


def test_ciw_agrees_on_impatience() -> None:
    left, waited = REFERENCE["impatient"]["left"], REFERENCE["impatient"]["waited"]
    leaves = replicated(IMPATIENT, 200, lambda made: (made.step == 1).sum() / len(made.cases.arrival))
    assert agrees(leaves, *left)
    assert agrees(replicated(IMPATIENT, 200, lambda made: waits(made)[served(made)].mean()), *waited)


def served(made: Run) -> Any:
    return made.step[made.cases.arrival[made.case] >= 10 * DAY] == 0


def test_ciw_agrees_on_working_hours() -> None:
    mean, error = REFERENCE["office_hours"]["throughput"]

    def throughput(made: Run) -> float:
        kept = (made.entered >= 10 * DAY) & (made.entered < 190 * DAY)
        return float((made.completed - made.entered)[kept].mean() / DAY)

    assert agrees(replicated(OFFICE_HOURS, 200, throughput), mean, error)


def test_nobody_is_idle_while_a_case_waits() -> None:
    """At a desk that is always open, a service that waited begins just as another one ends."""
    made = run(TANDEM, 60, 3)
    for step in (0, 1):
        rows = made.step == step
        waited = rows & (made.started > made.entered + 1e-9)
        assert waited.sum() > 100
        assert np.isin(made.started[waited], made.completed[rows]).all()


def test_no_more_are_served_at_once_than_there_are_staff() -> None:
    made = run(TANDEM, 60, 3)
    for step, staff in ((0, 2), (1, 3)):
        rows = made.step == step
        moments = np.concatenate([made.started[rows], made.completed[rows]])
        change = np.concatenate([np.ones(rows.sum()), -np.ones(rows.sum())])
        busy = np.cumsum(change[np.lexsort((change, moments))])
        assert busy.max() == staff
        # And nobody does two things at a time.
        for server in range(staff):
            own = np.flatnonzero(rows & (made.server == server))
            own = own[np.argsort(made.started[own])]
            assert (made.started[own][1:] >= made.completed[own][:-1]).all()


def test_every_case_that_arrives_comes_to_its_end() -> None:
    made = run(TANDEM, 60, 3)
    assert set(made.case.tolist()) == set(range(len(made.cases.arrival)))
    assert np.isfinite(made.completed).all()


def test_first_come_is_first_served() -> None:
    made = run(queue(300, 100, 3), 40, 2)
    order = np.argsort(made.entered, kind="stable")
    assert (np.diff(made.started[order]) >= 0).all()


def test_a_full_batch_goes_on_and_a_small_one_after_its_days() -> None:
    steps = {"collected": {"batch": {"size": 3, "days": 2}}}
    times = [f"2024-01-0{day}T0{hour}:00:00" for day, hour in ((1, 1), (1, 2), (1, 5), (1, 6), (5, 0))]
    made = run(model_of(arrivals={"all": {"times": times}}, begins_with="collected", steps=steps), 9, 1)
    hours = dict(zip(made.case.tolist(), (made.started / 3600).tolist(), strict=True))
    # The third at five fills the batch; the fourth waits two days for nobody; so does the fifth.
    assert hours == {0: 5.0, 1: 5.0, 2: 5.0, 3: 6 + 48.0, 4: 96 + 48.0}


def test_a_batch_is_released_on_its_weekdays() -> None:
    steps = {"paid": {"batch": {"weekdays": ["friday"], "at": "09:00"}}}
    times = ["2024-01-02T10:00:00", "2024-01-05T09:00:00", "2024-01-05T09:30:00"]
    made = run(model_of(arrivals={"all": {"times": times}}, begins_with="paid", steps=steps), 9, 1)
    friday = 4 * 24 + 9.0
    assert (made.started / 3600).tolist() == [friday, friday, friday + 7 * 24]


def test_working_hours_follow_the_calendar_with_its_make_up_days() -> None:
    """New Year 2024 was a holiday, and Sunday 4 February a working day before the Spring Festival."""
    hours = {"working_days": "09:00-12:00 13:00-17:00"}
    times = ["2024-01-01T10:00:00", "2024-01-02T11:30:00", "2024-02-04T10:00:00", "2024-02-09T16:30:00"]
    made = run(
        model_of(
            calendar="cn",
            arrivals={"all": {"times": times}},
            staff={"desk": {"number": 1, "hours": hours}},
            begins_with="served",
            steps={"served": {"staff": "desk", "service": {"constant": 1, "unit": "hours"}}},
        ),
        60,
        1,
    )
    spoken = made.moments(made.started).dt.convert_time_zone("Asia/Shanghai").dt.strftime("%m-%d %H:%M").to_list()
    done = made.moments(made.completed).dt.convert_time_zone("Asia/Shanghai").dt.strftime("%m-%d %H:%M").to_list()
    assert spoken == ["01-02 09:00", "01-02 11:30", "02-04 10:00", "02-09 16:30"]
    # Lunch interrupts the second; the fourth is finished after the festival, on Sunday the 18th, a make-up day.
    assert done == ["01-02 10:00", "01-02 13:30", "02-04 11:00", "02-18 09:30"]


def test_a_step_is_had_no_more_often_than_allowed() -> None:
    steps = {"asked": {"next": {"supplied": 0.9}}, "supplied": {"at_most": 2, "next": {"asked": 1.0}}}
    made = run(model_of(arrivals={"all": {"per_day": 50}}, begins_with="asked", steps=steps), 20, 1)
    assert np.bincount(made.case[made.step == 1]).max() == 2


def test_a_case_that_never_ends_is_a_fault() -> None:
    steps = {"round": {"next": {"round": 0.9999999}}}
    with pytest.raises(InputError):
        run(model_of(arrivals={"all": {"per_day": 1}}, begins_with="round", steps=steps), 3, 1)


def test_many_instant_steps_in_a_row_find_room() -> None:
    """The record grows within one event as well."""
    steps = {f"s{one}": {"next": f"s{one + 1}"} for one in range(60)} | {"s60": {"next": {"s0": 0.98}}}
    made = run(model_of(arrivals={"all": {"times": ["2024-01-01T00:00:00"]}}, begins_with="s0", steps=steps), 1, 3)
    assert len(made.case) % 61 == 0 and len(made.case) > 1_024
    assert (made.step == np.arange(len(made.step)) % 61).all()


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    first, again, other = (run(TANDEM, 20, seed) for seed in (1, 1, 2))
    assert (first.completed == again.completed).all()
    assert len(first.case) != len(other.case)


def test_more_staff_lets_nobody_wait_longer_under_common_luck() -> None:
    for servers in (1, 2, 3):
        fewer, more = (run(queue(95, 100, one), 60, 9) for one in (servers, servers + 1))
        first, second = (made.started[np.argsort(made.case)] for made in (fewer, more))
        assert (second <= first + 1e-6).all()
        assert (second < first).any()


def test_the_same_case_has_the_same_work_in_another_model() -> None:
    """Draws are of the case and the step: another step in between, or another order, changes none of them."""
    plain = run(network(50, {"a": (1, 80.0, {"b": 1.0}), "b": (1, 80.0, {})}), 30, 4)
    other = run(network(50, {"a": (1, 80.0, {"c": 1.0}), "c": (5, 70.0, {"b": 1.0}), "b": (2, 80.0, {})}), 30, 4)
    lasted = [(made.completed - made.started)[made.step == list(made.model.steps).index("b")] for made in (plain, other)]
    by_case = [
        dict(zip(made.case[made.step == list(made.model.steps).index("b")].tolist(), one.round(3).tolist(), strict=True))
        for made, one in zip((plain, other), lasted, strict=True)
    ]
    assert by_case[0].keys() == by_case[1].keys()
    np.testing.assert_allclose(
        [by_case[0][case] for case in by_case[0]], [by_case[1][case] for case in by_case[0]], atol=0.01
    )


def test_exponential_delays_need_no_staff() -> None:
    steps = {"waits": {"service": exponential(3.0), "next": "done"}, "done": {}}
    made = run(model_of(arrivals={"all": {"per_day": 400}}, begins_with="waits", steps=steps), 30, 1)
    lasted = (made.completed - made.started)[made.step == 0] / DAY
    assert abs(lasted.mean() - 3) < 4 * 3 / math.sqrt(len(lasted))
    assert (made.server == -1).all()
