"""The vocabulary says nothing impossible, and its filters are those of the questionnaire that is fielded."""

import datetime
from pathlib import Path

import pytest

from canbao.errors import Place
from canbao.workers import WorkerTable, read_worker_table, vocabulary
from canbao.workers.staircase import EMPLOYEES_SCHEME
from canbao.workers.vocabulary import ColumnEntry, description_faults

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


@pytest.fixture(scope="module")
def table() -> WorkerTable:
    """The sample study's worker table."""
    return read_worker_table(
        SAMPLE / "data" / "survey.dta", codebook=SAMPLE / "codebook.yaml", fieldwork=datetime.date(2025, 6, 1)
    )


def test_ranges_run_upwards_and_categories_are_there() -> None:
    for column in vocabulary().values():
        assert column.range is None or column.range[0] < column.range[1], column.name
        assert bool(column.categories) == (column.is_categorical or column.type == "set"), column.name


def test_filters_name_columns_and_categories_that_exist() -> None:
    known = vocabulary()
    for column in known.values():
        entry = ColumnEntry.model_validate(
            {"label": {"en": "?", "zh": "?"}, "type": "text", "when": dict(column.when) if column.when else None}
        )
        assert list(description_faults(column.name, entry, known, lambda *_: Place())) == []


def test_who_failed_and_who_was_enrolled_are_told_by_the_scheme() -> None:
    """Both tried; those in the employees' scheme took days until they were, the others have a reason why they are not."""
    failed, enrolled = vocabulary()["refused_reason"].when, vocabulary()["days_to_enrol"].when
    assert failed is not None
    assert enrolled is not None
    assert failed["tried_to_join"] == enrolled["tried_to_join"] == "yes"
    assert set(enrolled["pension_scheme"]) == set(EMPLOYEES_SCHEME)  # type: ignore[arg-type]
    assert {*failed["pension_scheme"], *enrolled["pension_scheme"]} == set(vocabulary()["pension_scheme"].categories)  # type: ignore[misc]


FILTERED = [name for name, column in vocabulary().items() if column.when]


@pytest.mark.parametrize("name", FILTERED)
def test_the_sample_puts_each_question_to_those_whom_its_filter_names(table: WorkerTable, name: str) -> None:
    """Only the contribution base has answers that were refused, a sixth of them."""
    asked, answered = table.whom(name), table.frame[name].is_not_null()
    assert not (answered & ~asked).any()
    assert answered.sum() >= (0.8 if name == "contribution_base" else 1) * asked.sum() > 0
