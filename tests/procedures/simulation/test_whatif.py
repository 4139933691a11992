"""What if: paired runs, and what they are measured by."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from canbao.errors import InputError
from canbao.languages import Words
from canbao.procedures.clocks import limits_for
from canbao.procedures.simulation import Changes, ProcessModel, run, whatif
from canbao.procedures.simulation.measures import measured, window_of
from canbao.procedures.simulation.whatif import interval

from .networks import model_of

SMALL: dict[str, Any] = {"replications": 3, "days": 60, "warm_up": 20}


def office(**changed: Any) -> ProcessModel:
    """A registration office where a share is asked for supplements, a share drops out, and one in ten is late."""
    content: dict[str, Any] = {
        "procedure": "individual_registration",
        "calendar": "weekdays",
        "arrivals": {
            "counter": {"per_day": 15, "set": {"channel": "counter"}},
            "app": {"per_day": 10, "set": {"channel": "app"}},
        },
        "staff": {"clerks": {"number": 2, "hours": "always"}},
        "begins_with": "application_received",
        "steps": {
            "application_received": {
                "documents": 3,
                "visits": 1,
                "next": {"withdrawn": 0.1, "registered": "rest"},
                "where": [{"when": {"channel": "app"}, "visits": 0}],
            },
            "registered": {"staff": "clerks", "service": {"gamma": {"mean": 1.5, "cv": 1}, "unit": "hours"}},
            "withdrawn": {"service": {"constant": 3, "unit": "days"}},
        },
    }
    return model_of(**(content | changed))


def late_office() -> ProcessModel:
    """One in five waits for 20 working days: the limit is ten."""
    model = office()
    step = model.steps["application_received"].model_dump(exclude_unset=True)
    slow = {"to": "registered", "share": 0.2, "delay": {"constant": 20, "unit": "working_days"}}
    ways = [{"to": "withdrawn", "share": 0.1}, slow, {"to": "registered", "share": "rest"}]
    steps = {key: one.model_dump(exclude_unset=True) for key, one in model.steps.items()}
    return office(steps=steps | {"application_received": step | {"next": ways}})


def test_a_change_that_changes_nothing_changes_no_digit() -> None:
    result = whatif(office(), Changes.of({"add_staff": {"staff": "clerks", "more": 0}}), by=["channel"], **SMALL)
    assert (result.figures["before"] == result.figures["after"]).all()
    assert (result.figures["difference"] == 0).all()
    assert (result.figures["low"] == 0).all() and (result.figures["high"] == 0).all()
    assert (result.curve["before"] == result.curve["after"]).all()
    assert result.pools["hours_before"].to_list() == result.pools["hours_after"].to_list()


def test_the_same_seed_gives_the_same_digits_and_another_one_others() -> None:
    change = Changes.of({"add_staff": {"staff": "clerks", "more": 1}})
    first, again = (whatif(office(), change, **SMALL) for _ in range(2))
    assert first.figures.equals(again.figures)
    assert not whatif(office(), change, seed=2, **SMALL).figures.equals(first.figures)


def test_more_staff_saves_days_and_no_work() -> None:
    result = whatif(office(), Changes.of({"add_staff": {"staff": "clerks", "more": 1}}), **SMALL)
    days, hours = result.figure("mean_days"), result.figure("staff_hours")
    assert days["high"] < 0
    assert hours["difference"] == pytest.approx(0, abs=1e-12)
    # Nine in ten are served for an hour and a half.
    assert hours["before"] == pytest.approx(0.9 * 1.5, rel=0.05)
    used = result.pools.row(0, named=True)
    assert used["used_before"] == pytest.approx(25 * 0.9 * 1.5 / 48, rel=0.08)
    assert used["used_after"] == pytest.approx(used["used_before"] * 2 / 3, rel=0.02)


def test_days_are_of_those_who_are_completed() -> None:
    result = whatif(office(staff={"clerks": {"number": 50, "hours": "always"}}), Changes.of(), **SMALL)
    assert result.figure("mean_days")["before"] == pytest.approx(1.5 / 24, rel=0.08)
    assert result.figure("abandoned_share")["before"] == pytest.approx(0.1, abs=0.02)
    assert result.figure("completed_share")["before"] + result.figure("abandoned_share")["before"] == pytest.approx(1)
    assert result.figure("visits", by="channel", group="app") == {}


def test_late_cases_are_counted_by_the_clocks_of_the_law() -> None:
    result = whatif(late_office(), Changes.of({"share_data": {"steps": ["withdrawn"]}}), **SMALL)
    share = result.figure("late_share", "individual_registration")
    cases = result.figure("late_cases", "individual_registration")
    assert share["before"] == pytest.approx(0.2, abs=0.03)
    assert cases["before"] == pytest.approx(200, abs=30)
    assert share["difference"] == 0


def test_groups_are_measured_for_themselves() -> None:
    change = Changes.of({"auto_decide": {"step": "registered", "share": 1.0, "when": {"channel": "app"}}})
    result = whatif(office(), change, by=["channel"], **SMALL)
    app, counter = (result.figure("mean_days", by="channel", group=one) for one in ("app", "counter"))
    assert app["after"] == 0
    # Who still comes to the counter finds shorter queues.
    assert counter["high"] < 0
    visits = [result.figure("visits", by="channel", group=one)["before"] for one in ("app", "counter")]
    assert visits == [0, 1]


def test_only_cases_within_the_window_are_measured() -> None:
    steps = {key: one.model_dump(exclude_unset=True) for key, one in office().steps.items()}
    del steps["application_received"]["where"]
    model = office(arrivals={"all": {"times": [f"2024-01-{day:02}T09:00:00" for day in range(1, 31)]}}, steps=steps)
    made = run(model, 30, 1)
    found = measured(made, limits_for(made.log("x")), window_of(10, 5))
    assert found.cases == 5


def test_intervals_are_students() -> None:
    mean, low, high = interval(np.array([1.0, 2.0, 4.0]))
    assert mean == pytest.approx(7 / 3)
    # t with two degrees of freedom is 4.302653.
    assert high == pytest.approx(7 / 3 + 4.302653 * np.std([1, 2, 4], ddof=1) / 3**0.5)
    assert low == pytest.approx(2 * mean - high)  # type: ignore[operator]
    assert interval(np.array([1.0]))[1:] == (None, None)


def test_paired_intervals_are_narrower_than_those_of_their_sides() -> None:
    result = whatif(
        office(), Changes.of({"add_staff": {"staff": "clerks", "more": 1}}), replications=8, days=60, warm_up=10
    )
    share = result.figure("completed_share")
    assert share["difference"] == 0 and share["low"] == share["high"] == 0
    assert share["before_high"] > share["before_low"]


@pytest.mark.parametrize(
    ("given", "said"),
    [({"replications": 0}, "replications"), ({"days": 0}, "days"), ({"warm_up": -1}, "warm_up"), ({"by": ["sex"]}, "sex")],
)
def test_impossible_requests_are_faults(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        whatif(office(), Changes.of(), **(SMALL | given))


def test_a_model_with_flaws_is_refused_before_it_is_run() -> None:
    broken = office().model_copy(update={"begins_with": {"nowhere": 1.0}})
    with pytest.raises(InputError, match="nowhere"):
        whatif(broken, Changes.of(), **SMALL)


def test_an_interruption_in_progress_ends_the_work() -> None:
    told: list[Words] = []

    def interrupt(step: Words) -> None:
        told.append(step)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        whatif(office(), Changes.of(), progress=interrupt, **(SMALL | {"replications": 1000}))
    assert len(told) == 2


def test_limits_of_ones_own_hold(tmp_path: Path) -> None:
    limits = tmp_path / "limits.yaml"
    limits.write_text(
        "calendar: calendar_days\nendings: {completed: [registered], abandoned: [withdrawn]}\nclocks:\n"
        "  quick: {label: {en: Quick, zh: 快}, starts: application_received, stops: registered, length: 0,"
        " unit: calendar_days}\n",
        encoding="utf-8",
    )
    result = whatif(late_office(), Changes.of(), limits=limits, **SMALL)
    assert set(result.figures["clock"]) == {"", "quick"}
    assert result.figure("late_share", "quick")["before"] > 0.2


def test_results_are_plain_tables() -> None:
    result = whatif(office(), Changes.of({"remove_step": {"step": "withdrawn"}}), **SMALL)
    assert {field.name for field in dataclasses.fields(result)} >= {"figures", "pools", "curve", "limits"}
    assert result.figures.null_count().sum_horizontal()[0] == 0
    assert result.curve.select(pl.col("before").is_sorted(), pl.col("after").is_sorted()).row(0) == (True, True)
    assert result.curve["before"][-1] > 0.9
