"""The coverage staircase: a partition of all workers, whatever they answered."""

import datetime
from itertools import product

import polars as pl
import pytest

from canbao.workers import vocabulary
from canbao.workers.derived import with_derived
from canbao.workers.legal_access import with_legal_access
from canbao.workers.staircase import GAPS

DAY = datetime.date(2021, 6, 1)
ANSWERS = {
    "pension_scheme": ["employee", "flexible", "resident", "several", "none"],
    "relation": ["labour", "incomplete", "civil", None],
    "aware": ["yes", "no", None],
    "tried_to_join": ["yes", "no", None],
    "willing_share": [0.0, 0.1, None],
    "reason_not_joined": [["too_dear"], ["distrust"], [], None],
    "refused_reason": [["hukou"], ["documents"], [], None],
}


@pytest.fixture(scope="module")
def everybody() -> pl.DataFrame:
    """One worker for every combination of answers."""
    rows = list(product(*ANSWERS.values()))
    known = vocabulary()
    columns = [pl.Series(name, [row[at] for row in rows], dtype=known[name].dtype) for at, name in enumerate(ANSWERS)]
    frame = with_legal_access(pl.DataFrame(columns), known, DAY, DAY)
    return with_derived(frame, known, DAY)


def test_everybody_stands_on_one_step(everybody: pl.DataFrame) -> None:
    assert everybody["pension_gap"].null_count() == 0
    assert set(everybody["pension_gap"]) == {"covered", *GAPS}


def test_the_covered_are_the_members_of_the_scheme(everybody: pl.DataFrame) -> None:
    covered = everybody.filter(pl.col("pension_gap") == "covered")
    assert set(covered["pension_scheme"]) == {"employee", "flexible", "several"}
    assert everybody.filter(pl.col("pension_scheme").is_in(["employee", "flexible", "several"])).height == covered.height


def test_who_must_be_enrolled_and_is_not_is_a_compliance_gap(everybody: pl.DataFrame) -> None:
    outside = everybody.filter(pl.col("pension_scheme").is_in(["resident", "none"]), pl.col("relation") == "labour")
    assert set(outside["pension_gap"]) == {"compliance"}
    free = everybody.filter(pl.col("relation").is_in(["incomplete", "civil"]))
    assert "compliance" not in set(free["pension_gap"])


def test_who_does_not_know_is_lost_to_information_unless_the_law_keeps_them_out(everybody: pl.DataFrame) -> None:
    unaware = everybody.filter(pl.col("pension_scheme") == "none", pl.col("relation") == "civil", pl.col("aware") == "no")
    assert set(unaware["pension_gap"]) <= {"information", "legal"}
    assert "information" in set(unaware["pension_gap"])
