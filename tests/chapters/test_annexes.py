"""The annexes: the questionnaire as an interviewer reads it, terms in both languages, abbreviations."""

import re

from canbao.languages import Words

from .conftest import SampleReport


def words(content: object) -> Words:
    assert isinstance(content, Words)
    return content


def test_each_question_says_by_which_answers_it_is_put(sample_report: SampleReport) -> None:
    rows = sample_report.table("questionnaire").rows
    asked = {words(row.cells[1].content).en: at for at, row in enumerate(rows, start=1)}
    platform = asked["Do you find the work of your main job through an internet platform or app?"]
    kind = rows[asked["What kind of platform work is it?"] - 1]
    assert kind.cells[3].content == Words(f"those with question {platform}: Yes", f"第{platform}题为“是”者填答")
    for at, row in enumerate(rows, start=1):
        whom = words(row.cells[3].content)
        named = [int(one) for one in re.findall(r"question (\d+)", whom.en)]
        assert named == [int(one) for one in re.findall(r"第(\d+)题", whom.zh)]
        assert all(one < at for one in named), "an interviewer has put those questions before"
        assert named or whom.en == "everybody"


def test_shares_are_asked_in_percent_and_the_study_s_own_question_stands_there(sample_report: SampleReport) -> None:
    rows = sample_report.table("questionnaire").rows
    answers = {words(row.cells[1].content).en: words(row.cells[2].content) for row in rows}
    assert answers["What part of your income comes from your main platform, in percent?"] == Words("%", "%")
    assert answers["Do you wear a helmet when you ride on orders?"].zh == "总是；有时；从不"


def test_terms_are_told_once_and_in_the_order_of_the_english_ones(sample_report: SampleReport) -> None:
    for key in ("glossary", "abbreviations"):
        first = [words(row.cells[0].content).en for row in sample_report.table(key).rows]
        assert first == sorted(set(first), key=str.casefold)
    terms = sample_report.table("glossary").rows
    glossary = {words(row.cells[0].content).en: words(row.cells[1].content).zh for row in terms}
    assert glossary["Basic pension insurance"] == "基本养老保险"
    assert glossary["Preference gap"] == "参保意愿不足"
