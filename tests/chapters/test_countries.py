"""The international comparison, regions and the self-assessment in a report."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from canbao import Study
from canbao.chapters import countries, regions, self_assessment
from canbao.chapters.document import Bullets, Cell, Figure, Matrix, Paragraph, Section, Table, TileMap
from canbao.chapters.estimates import CellRegister, Estimate, Estimator
from canbao.chapters.findings import Findings
from canbao.evidence.countries import read_cards
from canbao.languages import Number, Words
from canbao.law import model, places
from canbao.survey import Design

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(SAMPLE)


def findings_of(study: Study, *without: str) -> Findings:
    designs = study.designs
    if without:
        frame = designs[0].frame.drop(without)
        designs = (Design(frame, weight="weight", stratum="stratum", cluster="cluster"),)
    estimator = Estimator(designs, study.table.vocabulary, CellRegister())
    return Findings(study.settings, study.table, estimator, study.literature, countries=study.countries)


@pytest.fixture(scope="module")
def findings(study: Study) -> Findings:
    return findings_of(study)


def table(section: Section, key: str) -> Table:
    return next(one for one in section.walk() if isinstance(one, Table) and one.key == key)


def figure(section: Section, key: str) -> Figure:
    return next(one for one in section.walk() if isinstance(one, Figure) and one.key == key)


def number(cell: Cell) -> float | None:
    assert isinstance(cell.content, Number)
    return cell.content.value


def words_of(section: Section) -> Iterator[Words]:
    yield section.title
    for one in section.sections:
        yield from words_of(one)
    for block in section.blocks:
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Bullets):
            yield from block.items
        elif isinstance(block, Table):
            yield from (block.title, *block.notes, *(column.label for column in block.columns))
            yield from (cell.content for row in block.rows for cell in row.cells if isinstance(cell.content, Words))
        elif isinstance(block, Figure):
            yield from (block.title, block.alt, *block.notes)


@pytest.mark.parametrize("chapter", [countries, regions, self_assessment], ids=["countries", "regions", "self_assessment"])
def test_every_word_is_in_both_languages_and_none_is_a_key(chapter: object, findings: Findings) -> None:
    section = chapter.chapter(findings)  # type: ignore[attr-defined]
    for words in words_of(section):
        assert words.en.strip() and words.zh.strip()
        assert "{" not in words.en + words.zh
        assert not re.fullmatch(r"[a-z]+(_[a-z]+)+", words.en), words.en
        if len(words.en.split()) > 3 and "http" not in words.en:
            assert re.search("[\u4e00-\u9fff]", words.zh), words.zh


def test_no_section_is_empty(findings: Findings) -> None:
    for chapter in (countries.chapter(findings), regions.chapter(findings), self_assessment.chapter(findings)):
        assert chapter is not None
        for section in chapter.sections:
            assert section.blocks, section.key


def test_the_matrix_says_what_the_cards_say(findings: Findings) -> None:
    section = countries.chapter(findings)
    assert section is not None
    chart = figure(section, "country_access").chart
    assert isinstance(chart, Matrix)
    assert chart.rows[0].zh == "中国"
    cards = {(one.name.en, one.branch): one for one in read_cards()}
    for row, fields in zip(chart.rows, chart.fields, strict=True):
        card = cards.get((row.en, "pensions"))
        shown = None if fields[1] is None else ("mandatory", "partly", "voluntary", "none")[fields[1]]
        assert shown == (card.access("platform_workers") if card else None)


def test_shares_of_those_who_must_may_and_may_not_add_up(findings: Findings) -> None:
    section = countries.chapter(findings)
    assert section is not None
    trial = table(section, "countries_trial")
    assert len(trial.rows) >= 6
    for row in trial.rows:
        assert sum(number(cell) or 0 for cell in row.cells[1:5]) == pytest.approx(1)


def test_our_own_row_is_what_the_law_takes_of_these_workers(findings: Findings) -> None:
    """By hand: a fifth of income between the limits, of platform workers and the self-employed."""
    section = countries.chapter(findings)
    assert section is not None
    row = table(section, "countries_trial").rows[0]
    frame = findings.estimator.design.frame
    wages = model().parameters["contribution_reference_wage"].yearly[:, 2021 - 1951]
    wage = np.array([wages[places().numbers[one]] for one in frame["province"].cast(pl.String)])
    income = frame["income_month"].cast(pl.Float64).to_numpy()
    waged = frame["work_status"].cast(pl.String).is_in(["casual_employee", "fixed_term_employee", "permanent_employee"])
    platform = frame["platform_worker"].cast(pl.String) == "yes"
    labour = (frame["relation"].cast(pl.String) == "labour").fill_null(False)
    members = (~labour & (platform | ~waged)).fill_null(False).to_numpy() & ~np.isnan(income)
    paid = 0.2 * np.clip(income, 0.6 * wage, 3 * wage)
    weight = findings.estimator.design.weights
    assert number(row.cells[5]) == members.sum()
    assert number(row.cells[6]) == pytest.approx(np.average((paid / income)[members], weights=weight[members]))
    assert number(row.cells[8]) == pytest.approx(np.average(paid[members], weights=weight[members]))


def test_a_rule_that_was_not_checked_is_marked_wherever_it_is_quoted(findings: Findings) -> None:
    section = countries.chapter(findings)
    assert section is not None
    trial = table(section, "countries_trial")
    shown = {row.cells[0].content.en.split(" (")[0]: row.cells[0].content.en for row in trial.rows}  # type: ignore[union-attr]
    for card in read_cards():
        if card.branch == "pensions" and card.name.en in shown and card.country != "CN":
            cover = (card.file.covers or {})["platform_workers"]
            unread = (cover.confidence or card.file.confidence) == "memory"
            assert ("(unverified)" in shown[card.name.en]) == unread, card.name.en


def test_what_a_rule_takes_in_for_certain_has_no_interval(findings: Findings) -> None:
    section = countries.chapter(findings)
    assert section is not None
    shares = [cell for row in table(section, "countries_trial").rows for cell in row.cells[1:5]]
    certain = [cell for cell in shares if number(cell) in (0, 1)]
    assert certain and all(cell.interval is None for cell in certain)
    assert any(cell.interval is not None for cell in shares)


def test_the_figure_says_why_its_countries_are_not_those_of_the_table(findings: Findings) -> None:
    section = countries.chapter(findings)
    assert section is not None
    notes = " ".join(note.en for note in figure(section, "countries_closing").notes)
    rows = {row.cells[0].content.en.split(" (")[0] for row in table(section, "countries_trial").rows}  # type: ignore[union-attr]
    bars = {label.en.split(" (")[0] for label in figure(section, "countries_closing").chart.categories}  # type: ignore[union-attr]
    assert rows ^ bars
    assert all(country in notes for country in rows ^ bars)


def test_without_incomes_others_rules_are_not_tried(study: Study) -> None:
    section = countries.chapter(findings_of(study, "income_month"))
    assert section is not None
    assert not any(one.key == "countries_trial" for one in section.sections)
    assert any(one.key == "countries_pensions" for one in section.sections)


def test_without_provinces_there_are_no_regions(study: Study) -> None:
    assert regions.chapter(findings_of(study, "province")) is None


def test_estimates_of_few_are_left_out_but_modelled_ones_stand(findings: Findings) -> None:
    few = regions._direct(Estimate(n=49, estimate=0.3))
    assert few.content is None and few.flag is None, "too uncertain, which is not the same as hidden"
    assert number(regions._direct(Estimate(n=50, estimate=0.3))) == 0.3
    section = regions.chapter(findings)
    assert section is not None
    groups = table(section, "province_groups")
    for row in groups.rows:
        for at in range(1, len(row.cells), 3):
            n, direct, modelled = row.cells[at : at + 3]
            assert (direct.content is None) == ((number(n) or 0) < 50)
            assert modelled.content is not None


def test_the_map_shows_the_provinces_of_the_survey(findings: Findings) -> None:
    section = regions.chapter(findings)
    assert section is not None
    chart = figure(section, "province_map").chart
    assert isinstance(chart, TileMap)
    assert len(chart.places) == 31 and len(set(chart.positions)) == 31
    assert sum(point.value is not None for point in chart.values) == 12


def test_local_practice_stands_with_its_province(study: Study) -> None:
    work = study.evidence.field
    assert work.practices, "the sample study chose cards"
    findings = replace(findings_of(study), evidence=study.evidence)
    section = regions.chapter(findings)
    assert section is not None
    told = table(section, "province_practices")
    asked = {one.content for one in (row.cells[0] for row in table(section, "province_law").rows)}
    chosen = [one for one in work.practices if findings.category("province", one.entry.province or "") in asked]
    assert len(told.rows) == len(chosen) > 3
    assert all(row.cells[0].content in asked for row in told.rows)


def test_people_s_answers_stand_before_figures(broken: Path) -> None:
    answered = "answers:\n  A.3.1: {verdict: met, why: {en: Campaign of 2026, zh: 2026年宣传}, by: Bureau, on: 2026-05}\n"
    (broken / "evidence" / "self-assessment.yaml").write_text(answered, encoding="utf-8")
    study = Study(broken)
    estimator = Estimator(study.designs, study.table.vocabulary, CellRegister())
    findings = Findings(study.settings, study.table, estimator, study.literature, answers=study.answers)
    shown = table(self_assessment.chapter(findings), "self_assessment")
    row = next(one for one in shown.rows if one.kind == "body" and one.cells[0].content == Words.same("A.3.1"))
    assert row.cells[4].content == Words("met", "达到")
    assert row.cells[3].content == Words("75%; 50% or more", "不低于75%；不低于50%")
    assert isinstance(row.cells[2].content, Words)
    assert row.cells[2].content.en == "Campaign of 2026 (stated by Bureau, 2026-05)"
    assert "evidence/self-assessment.yaml" in study.inputs


def test_faulty_cards_of_a_study_stop_a_check(broken: Path) -> None:
    from canbao.errors import InputError

    folder = broken / "evidence" / "countries"
    folder.mkdir()
    (folder / "x.yaml").write_text("country: XX1\n", encoding="utf-8")
    (broken / "evidence" / "self-assessment.yaml").write_text("answers: {Z: {verdict: met}}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Study(broken).check()
    assert "x.yaml" in str(caught.value) and "no question Z" in str(caught.value)
