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
