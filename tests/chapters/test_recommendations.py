"""Recommendations: what they say stands in the tables to which they point, and what is not recommended has a reason."""

import re
from pathlib import Path

import pytest

from canbao import Study
from canbao.chapters.document import Bullets
from canbao.errors import InputError
from canbao.languages import Number

from .conftest import SampleReport

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")


def test_the_numbers_of_a_finding_stand_in_the_tables_that_it_names(sample_report: SampleReport) -> None:
    tables = list(sample_report.document.tables())
    bullets = (item.en for block in sample_report.document.walk() if isinstance(block, Bullets) for item in block.items)
    compared = 0
    for finding in (one for one in bullets if one.startswith("It rests on this:")):
        text, named = finding.rsplit("(", 1)
        keys = [int(number) - 1 for number in re.findall(r"Table (\d+)", named)]
        shown = {
            cell.content.text("en")
            for key in keys
            for line in tables[key].rows
            for cell in line.cells
            if isinstance(cell.content, Number)
        }
        for number in NUMBER.findall(text):
            assert number in shown, f"{finding}: {number}"
            compared += 1
    assert compared > 8


def test_every_option_is_recommended_or_has_a_reason_why_not() -> None:
    study = Study(Path(__file__).parents[2] / "studies" / "sample")
    register = study.evidence.register
    recommended = {one.reform for one in register.entries if one.reform}
    assert recommended | set(register.not_recommended) == {reform.name for reform in study.reforms}
    assert not recommended & set(register.not_recommended)


def test_a_reason_for_an_unknown_reform_is_a_fault(tmp_path: Path) -> None:
    from canbao.evidence.recommendations.register import read_register

    (tmp_path / "recommendations.yaml").write_text("not_recommended: {matchin: {en: No, zh: 否}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="matchin"):
        read_register(tmp_path).check_reforms(["matching"])
