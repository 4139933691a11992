"""The monitoring framework: every baseline stands in the tables that its sheet names."""

import re

import pytest

from canbao.languages import Number

from .conftest import SampleReport, numbers_of


def test_baselines_stand_in_the_tables_that_are_named_for_them(sample_report: SampleReport) -> None:
    tables = list(sample_report.document.tables())
    baselines, sheets = sample_report.table("monitoring_framework").rows, sample_report.table("indicator_sheets").rows
    assert len(baselines) == len(sheets) > 25
    for baseline, sheet in zip(baselines, sheets, strict=True):
        value = baseline.cells[3].content
        assert isinstance(value, Number) and value.value is not None
        named = re.findall(r"Table (\d+)", sheet.cells[3].content.en)  # type: ignore[union-attr]
        assert named
        for number in named:
            shown = numbers_of([tables[int(number) - 1]])
            assert any(one == pytest.approx(value.value, rel=1e-9) for one in shown), (sheet.cells[0].content, number)


def test_targets_and_owners_of_made_up_studies_are_marked(sample_report: SampleReport) -> None:
    from canbao.chapters.document import Notice

    monitoring = next(one for one in sample_report.document.chapters if one.key == "monitoring")
    assert [block.text.en for block in monitoring.walk() if isinstance(block, Notice) and "made up" in block.text.en]


def test_every_target_has_its_reason_and_every_indicator_its_owner(sample_report: SampleReport) -> None:
    targets = sample_report.table("monitoring_targets").rows
    assert {row.key for row in targets} == {"pension_none", "injury_none", "aware"}
    assert all(row.cells[-1].content for row in targets)
    assert all(row.cells[-1].content for row in sample_report.table("monitoring_framework").rows)


def test_the_offices_logs_have_baselines_of_their_own(sample_report: SampleReport) -> None:
    rows = {row.key: row for row in sample_report.table("recorded_indicators").rows}
    assert set(rows) == set(sample_report.study.settings.procedures)
    told = sample_report.rows("experienced_and_recorded")["Days until enrolled"].cells[4].content
    assert rows["enrolment"].cells[2].content == told


def test_completed_transfers_are_of_those_that_were_asked_for(sample_report: SampleReport) -> None:
    (row,) = (one for one in sample_report.table("transfer_requested").rows)
    shares = [cell.content.value for cell in row.cells[2:] if isinstance(cell.content, Number)]
    assert sum(one or 0.0 for one in shares) == pytest.approx(1)
    assert shares[0] == pytest.approx(0.575, abs=0.001)
