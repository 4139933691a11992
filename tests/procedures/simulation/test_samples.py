"""Synthetic logs: what they hold, and that the sample study's are those of the command."""

from pathlib import Path

import polars as pl
import pytest

from canbao.cli import run
from canbao.errors import InputError
from canbao.procedures import open_log
from canbao.procedures.analysis import Endings, completed, outcomes, records_service
from canbao.procedures.clocks import limits_for
from canbao.procedures.simulation import sample_log

LOGS = Path(__file__).parents[3] / "studies" / "sample" / "data" / "logs"
NAMES = ["enrolment", "injury_recognition", "pension_transfer"]


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_studys_logs_are_those_of_the_command(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.xes.gz"
    assert run(["sample-log", name, "--out", str(path)]) == 0
    assert path.read_bytes() == (LOGS / f"{name}.xes.gz").read_bytes()
    assert path.stat().st_size < 200_000


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_log_can_be_asked_everything(name: str) -> None:
    log = open_log(LOGS / f"{name}.xes.gz")
    assert log.synthetic
    # What the system decides at once happens within one minute.
    assert {finding.kind for finding in log.findings} <= {"ties"}
    assert log.cases.height == 1_500
    assert records_service(log)
    assert {"procedure", "channel", "office", "sex", "migrant"} <= set(log.cases.columns)
    assert {"resource", "documents", "visits"} <= set(log.events.columns)
    limits = limits_for(log)
    held = {name for name, why in limits.applicability(log).items() if why is None}
    assert held == {clock.name for clock in limits.clocks}
    assert limits.evaluate(log)["state"].is_in(["late", "open_late"]).sum() > 5
    endings = Endings(*(limits.endings[way] for way in ("completed", "refused", "abandoned")))
    found = dict(outcomes(completed(log), endings)["outcome"].value_counts().iter_rows())
    assert set(found) == {"open", "completed", "refused", "abandoned"}
    # Whole minutes, and nobody begins before the case has come or ends before having begun.
    assert log.events["time"].dt.second().sum() == 0


def test_whoever_was_refused_is_not_paid() -> None:
    events = open_log(LOGS / "injury_recognition.xes.gz").events.with_columns(pl.col("activity").cast(pl.String))
    cases = {name: set(events.filter(pl.col("activity") == name)["case"]) for name in ("refused", "approved", "paid")}
    assert len(cases["refused"]) > 50
    assert not cases["refused"] & cases["paid"]
    assert cases["paid"] <= cases["approved"]


def test_staffed_steps_have_both_ends_and_delays_one() -> None:
    log = sample_log("pension_transfer", 200, 1)
    counts = log.events.group_by("activity", "lifecycle").len()
    starts = set(counts.filter(pl.col("lifecycle") == "start")["activity"].cast(pl.String))
    assert "transfer_booked" in starts
    assert "transferred_out" not in starts
    people = log.events.filter(pl.col("lifecycle") == "start")["resource"]
    assert people.null_count() == 0 and set(people) == {"reviewers-01", "reviewers-02", "bookers-01"}


def test_another_seed_is_another_log_and_more_cases_hold_the_fewer() -> None:
    first, other, more = sample_log("enrolment", 100, 1), sample_log("enrolment", 100, 2), sample_log("enrolment", 150, 1)
    assert not first.events.equals(other.events)
    assert more.cases.head(100).equals(first.cases)


def test_requests_that_cannot_be_met_are_faults() -> None:
    with pytest.raises(InputError, match="enrolment"):
        sample_log("enrollment")
    with pytest.raises(InputError, match="cases"):
        sample_log("enrolment", 0)
    assert run(["sample-log", "enrolment", "--out", "log.csv"]) == 2
