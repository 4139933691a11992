"""Recommendations: what they say stands in the tables to which they point, and what is not recommended has a reason."""

import dataclasses
import re
from pathlib import Path

import pytest

from canbao import Study
from canbao.chapters.authored import filled
from canbao.chapters.document import Bullets, Cell, Column, Interval, Notice, Row, Table
from canbao.chapters.reported import Reported
from canbao.errors import InputError
from canbao.languages import Number, Words

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


# --- figures of tables ----------------------------------------------------------------------------------------------------


def words(text: str) -> Words:
    return Words(text, f"{text}的")


def reported(*, complete: bool = True) -> Reported:
    columns = (Column("what", words("What")), Column("points", words("Points")), Column("span", words("Span")))
    rows = (
        Row((Cell(words("First step")),), "heading"),
        Row((Cell(words("On paper")), Cell(Number(0.5, "percent")), Cell(Interval(0.1, 0.2, "points")))),
        Row((Cell(words("Second step")),), "heading"),
        Row((Cell(words("On paper")), Cell(Number(0.25, "percent")), Cell())),
        Row((Cell(words("Ten years suffice")), Cell(Number(0.246, "points")), Cell(None, "suppressed")), key="shorter"),
    )
    return Reported({"options": Table("options", words("Options"), columns, rows)}, complete)


@pytest.mark.parametrize(
    ("figure", "printed"),
    [
        ("table.options, row=shorter, column=points", "24.6"),
        ("table.options, row=shorter, column=points | percent", "24.6%"),
        ("table.options, row=first_step.on_paper, column=points", "50.0%"),
        ("table.options, row=second_step.on_paper, column=points", "25.0%"),
        ("table.options, row=first_step.on_paper, column=span", "10.0 to 20.0"),
        ("table.options, row=shorter, column=span", "(not shown)"),
    ],
)
def test_text_cites_cells_of_tables(sample_report: SampleReport, figure: str, printed: str) -> None:
    assert filled(f"It is {{{figure}}}.", sample_report.estimator, "en", (), reported()) == f"It is {printed}."


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("table.option, row=shorter, column=points", "no table called option. Did you mean options"),
        ("table.options, row=shorte, column=points", "no row shorte. Did you mean shorter"),
        ("table.options, row=on_paper, column=points", "several rows called on_paper"),
        ("table.options, row=shorter, column=point", "no column point. Did you mean points"),
        ("table.options, row=shorter", "names its row and its column"),
        ("table.options, row=shorter, column=what", "no number stands in row shorter"),
        ("table.options, row=shorter, column=points | percents", "Did you mean percent"),
    ],
)
def test_what_no_table_has_is_a_fault(sample_report: SampleReport, figure: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        filled(f"{{{figure}}}", sample_report.estimator, "en", (), reported())
    assert said in str(raised.value.faults[0].text("en"))


def test_tables_of_simulations_that_were_not_run_are_no_fault(sample_report: SampleReport) -> None:
    told = filled("{table.debt, row=a, column=b}", sample_report.estimator, "en", (), reported(complete=False))
    assert told == "–"


def test_made_up_decisions_say_so_where_the_data_are_synthetic(sample_report: SampleReport) -> None:
    from canbao.chapters import recommendations
    from canbao.chapters.findings import Findings

    study = sample_report.study

    def notices(*, synthetic: bool) -> list[Notice]:
        settings = study.settings.model_copy(update={"synthetic": synthetic})
        findings = dataclasses.replace(
            Findings(settings, study.table, sample_report.estimator), evidence=study.evidence, literature=study.literature
        )
        tables = {table.key: table for table in sample_report.document.tables()}
        chapter = recommendations.chapter(findings, Reported(tables, complete=False))
        assert chapter is not None
        return [block for block in chapter.walk() if isinstance(block, Notice)]

    assert len(notices(synthetic=True)) == 1
    assert notices(synthetic=False) == []


def test_every_recommendation_says_what_holds_already_and_what_is_simulated() -> None:
    register = Study(Path(__file__).parents[2] / "studies" / "sample").evidence.register
    assert all(one.standing and one.outcome and one.change for one in register.entries)
