"""Models estimated from logs: a known model's figures come back, and its log is repeated."""

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures import EventLog
from canbao.procedures.analysis import case_durations
from canbao.procedures.simulation import (
    Changes,
    ProcessModel,
    estimate,
    read_model,
    run,
    sample_log,
    validate,
    whatif,
    write_model,
)
from canbao.procedures.simulation.process_model import flaws_of
from canbao.procedures.simulation.validation import largest_gap, wasserstein

from .networks import model_of

KNOWN = model_of(
    calendar="cn",
    arrivals={
        "counter": {"per_day": 12, "days": "working_days", "by_hour": {9: 2, 10: 1, 14: 1}, "set": {"channel": "counter"}},
        "app": {"per_day": 6, "by_weekday": {"saturday": 0.5, "sunday": 0.5}, "set": {"channel": "app"}},
    },
    staff={
        "clerks": {"number": 2, "hours": {"working_days": "08:30-12:00 13:30-17:30"}},
        "heads": {"number": 1, "hours": {"working_days": "09:00-12:00 14:00-17:00"}},
    },
    begins_with="received",
    steps={
        "received": {
            "next": {"asked": 0.35, "checked": "rest"},
            "where": [{"when": {"channel": "app"}, "next": {"asked": 0.1, "checked": "rest"}}],
        },
        "asked": {"staff": "clerks", "service": {"gamma": {"mean": 15, "cv": 0.5}, "unit": "minutes"}, "next": "supplied"},
        "supplied": {"service": {"gamma": {"mean": 5, "cv": 0.7}, "unit": "days"}, "next": "checked"},
        "checked": {
            "staff": "clerks",
            "service": {"lognormal": {"mean": 30, "cv": 0.6}, "unit": "minutes"},
            "next": {"refused": 0.12, "paid": "rest"},
        },
        "refused": {},
        "paid": {"staff": "heads", "service": {"gamma": {"mean": 16, "cv": 0.5}, "unit": "minutes"}},
    },
)
DAYS = 250


@pytest.fixture(scope="module")
def log() -> EventLog:
    return run(KNOWN, DAYS, 5).log("known", DAYS * 86_400.0)


@pytest.fixture(scope="module")
def found(log: EventLog) -> ProcessModel:
    return estimate(log, ["channel"])


def test_ways_come_back_by_group(found: ProcessModel) -> None:
    for channel, share in (("counter", 0.35), ("app", 0.1)):
        ways = {one.to: one.share for one in found.steps["received"].field("next", {"channel": channel})}
        assert ways["asked"] == pytest.approx(share, abs=0.035)
    ways = {one.to: one.share for one in found.steps["checked"].next}
    assert ways["refused"] == pytest.approx(0.12, abs=0.02)
    assert sum(ways.values()) == pytest.approx(1, abs=0.01)
    assert found.steps["paid"].next == []


def test_service_times_come_back_without_nights(found: ProcessModel) -> None:
    for step, minutes in (("asked", 15), ("checked", 30), ("paid", 16)):
        service = found.steps[step].service
        assert service is not None
        assert service.mean_seconds(found.value) / 60 == pytest.approx(minutes, rel=0.05), step
    checked = np.array(found.steps["checked"].service.empirical)  # type: ignore[union-attr]
    assert checked.std() / checked.mean() == pytest.approx(0.6, abs=0.07)


def test_staff_and_their_hours_come_back(found: ProcessModel) -> None:
    pools = {found.steps[step].staff for step in ("asked", "checked")}
    assert len(pools) == 1
    clerks, heads = found.staff[pools.pop() or ""], found.staff[found.steps["paid"].staff or ""]
    assert (clerks.number, heads.number) == (2, 1)
    assert clerks.hours == {"working_days": "08:30-12:00 13:30-17:30"}
    assert heads.hours == {"working_days": "09:00-12:00 14:00-17:00"}
    assert found.steps["supplied"].staff is None


def test_an_office_that_works_on_holidays_has_the_plain_week() -> None:
    steps = {"checked": {"staff": "clerks", "service": {"gamma": {"mean": 20, "cv": 0.5}, "unit": "minutes"}}}
    for calendar in ("weekdays", "cn"):
        hours = {"working_days": "09:00-12:00"}
        model = model_of(
            calendar=calendar,
            arrivals={"all": {"per_day": 5}},
            staff={"clerks": {"number": 1, "hours": hours}},
            begins_with="checked",
            steps=steps,
        )
        assert estimate(run(model, 80, 1).log("x")).calendar == calendar


def test_waits_for_outsiders_come_back_as_delays(found: ProcessModel) -> None:
    (branch,) = found.steps["asked"].next
    assert branch.to == "supplied" and branch.delay is not None
    assert branch.delay.mean_seconds(found.value) / 86_400 == pytest.approx(5, rel=0.12)
    # Nobody but the queue keeps cases before they are checked.
    (before,) = [one for one in found.steps["received"].next if one.to == "checked"]
    assert before.delay is None or before.delay.mean_seconds(found.value) < 0.3 * 86_400


def test_arrivals_come_back(found: ProcessModel) -> None:
    streams = {one.set["channel"]: one for one in found.arrivals.values()}
    assert streams["counter"].days == "working_days" and streams["app"].days == "every_day"
    assert streams["counter"].per_day == pytest.approx(12, rel=0.08)
    # Six on five days and three on two.
    assert streams["app"].per_day == pytest.approx((6 * 5 + 3 * 2) / 7, rel=0.08)
    assert set(streams["counter"].by_hour) == {9, 10, 14}
    hours = streams["counter"].by_hour
    assert hours[9] / sum(hours.values()) == pytest.approx(0.5, abs=0.04)
    assert streams["app"].by_weekday["sunday"] < 0.75 < streams["app"].by_weekday["tuesday"]


def test_every_figure_says_that_it_was_estimated(found: ProcessModel) -> None:
    parts = [*found.arrivals.values(), *found.staff.values(), *found.steps.values()]
    assert {part.confidence for part in parts} == {"estimated"}
    assert {part.source for part in parts} == {"known"}
    assert not flaws_of(found)


def test_the_model_repeats_its_log(log: EventLog, found: ProcessModel) -> None:
    validation = validate(log, found)
    assert validation.distance_share < 0.12
    assert validation.largest_gap < 0.12
    figures = {row["figure"]: (row["observed"], row["simulated"]) for row in validation.figures.iter_rows(named=True)}
    for name, (observed, simulated) in figures.items():
        assert simulated == pytest.approx(observed, rel=0.15), name
    ways = validation.edges.filter(pl.col("observed") > 5)
    assert np.abs(ways["observed"] - ways["simulated"]).max() < 4  # type: ignore[operator]


def test_a_wrong_model_is_told_by_its_validation(log: EventLog, found: ProcessModel) -> None:
    slow = Changes.of({"digitise": {"step": "supplied", "service": {"constant": 20, "unit": "days"}}}).applied(found)
    assert validate(log, slow).distance_share > 0.5


def test_a_log_without_starts_gives_delays_and_no_staff(log: EventLog) -> None:
    bare = EventLog.of(
        "bare",
        log.events.filter(pl.col("lifecycle") == "complete").select(
            pl.col("case").cast(pl.String).alias("case_id"), pl.col("activity").cast(pl.String), "time"
        ),
    )
    model = estimate(bare)
    assert not model.staff
    assert all(step.staff is None for step in model.steps.values())
    assert validate(bare, model).distance_share < 0.12


def test_a_case_seen_a_short_while_ago_is_not_taken_to_have_ended() -> None:
    """Half of the cases arrive on the last day; none of them has gone on yet, and all the others have."""
    start = datetime.datetime(2024, 1, 1, 9, tzinfo=datetime.UTC)
    rows = []
    for case in range(100):
        day = case % 50
        rows.append((str(case), "asked", start + datetime.timedelta(days=day if case < 50 else 49.9)))
        if case < 45:
            rows.append((str(case), "answered", start + datetime.timedelta(days=day + 4)))
    log = EventLog.of("open", pl.DataFrame(rows, schema=["case_id", "activity", "time"], orient="row"))
    (way,) = estimate(log).steps["asked"].next
    assert way.to == "answered"
    assert way.share > 0.97


def test_what_is_open_has_not_ended_where_endings_are_known() -> None:
    """Cases wait for a court for a third of a year; those still waiting when the log is drawn are no ends."""
    steps = {
        "accepted": {"next": {"suspended": 0.5, "approved": "rest"}},
        "suspended": {"next": "resumed"},
        "resumed": {"service": {"gamma": {"mean": 120, "cv": 0.8}, "unit": "days"}, "next": "approved"},
        "approved": {"next": "paid"},
        "paid": {"service": {"constant": 3, "unit": "days"}},
    }
    model = model_of(
        procedure="injury_recognition", arrivals={"all": {"per_day": 5}}, begins_with="accepted", steps=steps
    )  # fmt: skip
    log = run(model, 150, 2).log("court", 150 * 86_400.0)
    found = estimate(log)
    for step in ("suspended", "resumed", "approved"):
        assert sum(one.share for one in found.steps[step].next) == pytest.approx(1), step  # type: ignore[misc]
    assert not found.steps["paid"].next


def test_columns_that_clocks_ask_for_are_in_the_model() -> None:
    log = sample_log("injury_recognition", 400)
    assert set(estimate(log, ["sex"]).attribute_names) == {"sex", "applicant", "facts_clear"}


def test_visits_are_those_of_the_channel() -> None:
    """Not rounded to none over all channels because most cases come by the app."""
    log = sample_log("enrolment", 600)
    received = estimate(log, ["channel"]).steps["application_received"]
    visits = {one.when["channel"][0]: one.visits for one in received.where}
    assert visits == {"counter": 1, "app": 0}


def test_an_estimated_model_is_a_file(found: ProcessModel, tmp_path: Path) -> None:
    write_model(found, tmp_path / "model.yaml")
    again = read_model(tmp_path / "model.yaml")
    first, second = (run(one, 30, 1).completed for one in (found, again))
    assert (first == second).all()
    assert set(found.staff) == {"staff_checked", "staff_paid"}


def test_whatif_takes_a_log(log: EventLog) -> None:
    change = Changes.of({"auto_decide": {"step": "checked", "share": 0.5, "when": {"channel": "app"}}})
    result = whatif(log, change, replications=2, days=60, warm_up=20)
    assert result.validation is not None and result.log is log
    assert result.figure("staff_hours")["difference"] < 0
    # What the change is confined to need not be asked for by `by`.
    assert "channel" in result.model.attribute_names


def test_too_many_groups_and_unknown_columns_are_faults(log: EventLog) -> None:
    with pytest.raises(InputError, match="case_id"):
        estimate(log, ["case_id"])
    with pytest.raises(InputError, match="colour"):
        estimate(log, ["colour"])


def test_distances_are_those_of_textbooks() -> None:
    first, second = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    assert wasserstein(first, second) == pytest.approx(1)
    assert wasserstein(np.array([0.0]), np.array([0.0, 4.0])) == pytest.approx(2)
    assert largest_gap(first, second) == pytest.approx(1 / 3)
    assert wasserstein(first, first) == largest_gap(first, first) == 0


def test_time_spent_is_kept_where_values_are_condensed(log: EventLog, found: ProcessModel) -> None:
    assert (
        max(len(step.service.empirical) for step in found.steps.values() if step.service and step.service.empirical) <= 200
    )
    assert case_durations(log)["days"].mean() == pytest.approx(  # type: ignore[arg-type]
        validate(log, found).figures.filter(pl.col("figure") == "mean_days")["observed"][0]
    )
