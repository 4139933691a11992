"""Coverage if answers are wrong: from the answers to the end of what is thought possible, and by records where linked."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from canbao import Study
from canbao.chapters.document import Table
from canbao.chapters.estimates import Estimator
from canbao.chapters.findings import Findings
from canbao.chapters.misreporting import answer_errors, if_misreported
from canbao.workers import vocabulary

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


def table(column: str, recorded: pl.Expr | None = None) -> Table:
    study = Study(SAMPLE)
    designs = study.designs
    if recorded is not None:
        designs = tuple(one.with_column(f"recorded_{column}", recorded) for one in designs)
    estimator = Estimator(designs, study.table.vocabulary)
    findings = Findings(study.settings, study.table, estimator, study.literature)
    return next(block for block in if_misreported(findings, column) if isinstance(block, Table))


def shares(made: Table) -> list[float]:
    return [float(row.cells[2].content.value) for row in made.rows]


@pytest.mark.parametrize("column", ["pension_scheme", "medical_scheme"])
def test_the_bounds_begin_with_the_answers_and_rise(column: str) -> None:
    made, (low, high) = table(column), answer_errors()[column].say_none
    found = shares(made)
    answered = Study(SAMPLE).designs[0].share(column).filter(pl.col("category") == "none").row(0, named=True)
    assert found[0] == pytest.approx(1 - answered["estimate"])
    assert found == sorted(found) and len(found) == 3 and low == 0
    assert found[-1] == pytest.approx(min(answer_errors()[column].at_most, found[0] / (1 - high)))
    assert found[-1] < 1, "that all are covered is no correction but the end of one"


def test_records_of_those_linked_correct_the_answers() -> None:
    """Of every other respondent the records are known; a third of those who say none are in the residents' scheme."""
    frame = Study(SAMPLE).designs[0].frame
    luck = np.random.default_rng(3)
    linked, member = luck.random(frame.height) < 0.5, luck.random(frame.height) < 1 / 3
    said = frame["pension_scheme"].cast(pl.String).to_list()
    values = [
        None if not known else "resident" if one == "none" and other else one
        for one, known, other in zip(said, linked, member, strict=True)
    ]
    recorded = pl.lit(pl.Series(values, dtype=vocabulary()["recorded_pension_scheme"].dtype))
    found = shares(table("pension_scheme", recorded))
    assert len(found) == 4
    assert found[3] == pytest.approx(found[0] + (1 - found[0]) / 3, abs=0.02)
