"""The clocks that come with the programme."""

import datetime
from typing import get_args

import pytest

from canbao.languages import Words
from canbao.procedures.clocks import activity_label, documents, label_of, procedures, shipped, vocabulary
from canbao.procedures.clocks.calendar import Unit
from canbao.procedures.clocks.clock import Bound, Ending
from canbao.procedures.clocks.evaluation import STATES
from canbao.procedures.clocks.runs import REASONS

EVERY = sorted(shipped())


@pytest.mark.parametrize("name", EVERY)
def test_every_clock_says_where_it_is_from_and_speaks_the_vocabulary(name: str) -> None:
    clock = shipped()[name]
    assert set(clock.activities) <= set(vocabulary())
    assert clock.entry.source in documents()
    assert clock.entry.confidence is not None
    assert clock.entry.since is not None
    assert clock.entry.article is not None or clock.entry.confidence != "official"
    assert clock.basis.en and clock.basis.zh


def test_every_activity_of_the_vocabulary_is_told_apart() -> None:
    for language in ("en", "zh"):
        labels = [getattr(entry.label, language) for entry in vocabulary().values()]
        assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("name", "length", "unit", "article"),
    [
        # Social Insurance Law 57, 58; Handling Regulation 6, 10, 18, 20, 22, 24
        ("employer_registration_application", 30, "calendar_days", "57"),
        ("employer_registration_decision", 15, "calendar_days", "57"),
        ("worker_registration_application", 30, "calendar_days", "58"),
        ("individual_registration", 10, "working_days", "6"),
        ("registration_change", 10, "working_days", "10"),
        ("pension_application", 20, "working_days", "18"),
        ("medical_reimbursement", 30, "working_days", "20"),
        ("maternity_allowance", 10, "working_days", "20"),
        ("injury_reimbursement", 20, "working_days", "22"),
        ("unemployment_benefit", 10, "working_days", "24"),
        ("training_subsidy", 10, "working_days", "24"),
        # Interim measures of 2009, art. 8
        ("pension_transfer_acceptance", 15, "working_days", "8"),
        ("pension_transfer_out", 15, "working_days", "8"),
        ("pension_transfer_booking", 15, "working_days", "8"),
        ("pension_transfer_whole", 45, "working_days", "8"),
        ("medical_transfer_out", 10, "working_days", None),
        ("medical_transfer_in", 5, "working_days", None),
        ("medical_transfer_whole", 15, "working_days", None),
        # Work Injury Regulation 17, 20, 25, 26; Recognition Measures 8, 22
        ("injury_application_employer", 30, "calendar_days", "17"),
        ("injury_application_worker", 12, "months", "17"),
        ("injury_acceptance", 15, "calendar_days", "8"),
        ("injury_acceptance_after_supplements", 15, "calendar_days", "8"),
        ("injury_decision", 60, "calendar_days", "20"),
        ("injury_service", 20, "calendar_days", "22"),
        ("capacity_assessment", 60, "calendar_days", "25"),
        ("capacity_second_request", 15, "calendar_days", "26"),
        ("order_document_review", 5, "working_days", None),
        ("order_confirmation", 30, "working_days", None),
    ],
)
def test_lengths_are_those_of_the_articles(name: str, length: int, unit: str, article: str | None) -> None:
    entry = shipped()[name].entry
    assert (entry.length, entry.unit, entry.article) == (length, unit, article)


def test_shorter_and_longer_limits() -> None:
    assert [one.length for one in shipped()["injury_decision"].entry.exceptions] == [15]
    assert [one.length for one in shipped()["capacity_assessment"].entry.exceptions] == [90]
    assert [one.length for one in shipped()["order_confirmation"].entry.exceptions] == [2, 7]


def test_documents_that_nobody_read_are_not_official() -> None:
    assert shipped()["injury_service"].entry.confidence == "memory"
    assert shipped()["order_worker_application"].entry.confidence == "doubtful"


def test_a_clock_s_name_is_its_own() -> None:
    assert sum(len(file.clocks) for file in procedures().values()) == len(EVERY)
    assert not {clock.procedure for clock in shipped().values()} ^ set(procedures())
    assert all(clock.entry.since >= datetime.date(2010, 1, 1) for clock in shipped().values() if clock.entry.since)


def test_everything_that_results_show_has_words() -> None:
    for kind, keys in {
        "state": STATES,
        "reason": REASONS,
        "unit": get_args(Unit),
        "bound": get_args(Bound),
        "ending": get_args(Ending),
    }.items():
        assert all(label_of(kind, key).zh for key in keys)  # type: ignore[arg-type]


def test_a_procedure_calls_activities_by_its_own_names() -> None:
    # Decisions on work injuries have names of their own in the Recognition Measures; nothing else is "recognised".
    def name(activity: str, *within: str) -> str:
        found = activity_label(activity, within)
        assert found is not None
        return found.zh

    assert name("approved", "injury_recognition") == "决定认定（视同）工伤"
    assert name("refused", "injury_recognition") == "决定不予认定工伤"
    assert name("refused", "individual_registration") == "不予登记"
    assert name("accepted", "injury_recognition") == name("accepted")
    # A log of two procedures has the common names.
    assert name("refused", "injury_recognition", "individual_registration") == name("refused") == "不予办理"
    assert activity_label("unheard of", ["injury_recognition"]) is None
    others = {name(one, key) for key in procedures() if key != "injury_recognition" for one in vocabulary()}
    assert not any("认定工伤" in one or "工伤认定" in one for one in others)


@pytest.mark.parametrize("name", sorted(procedures()))
def test_the_names_that_a_procedure_gives_are_of_the_vocabulary_and_differ(name: str) -> None:
    file = procedures()[name]
    assert set(file.activities) <= set(vocabulary())
    for activity, label in file.activities.items():
        assert label.words != vocabulary()[activity].label.words


def test_a_clock_says_how_long_it_runs() -> None:
    assert shipped()["injury_service"].limit == Words("20 days", "20日")
    assert shipped()["pension_transfer_whole"].limit == Words("45 working days", "45个工作日")
    decision = shipped()["injury_decision"].limit
    assert decision == Words("60 days (some cases 15 days)", "60日（特定情形为15日）")
    assert shipped()["injury_application_worker"].limit == Words("one year", "1年")
    assert shipped()["individual_registration"].basis.zh == "《社会保险经办条例》（国务院令第765号）第6条"
    assert all(clock.basis.en.isascii() for clock in shipped().values())
