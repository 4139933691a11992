"""The annex on the seminar: what guests wrote stands as written, and nothing is counted that was not."""

from pathlib import Path
from typing import Any

import pytest

from canbao.chapters.document import Bullets, KeyFigures, Section, Table
from canbao.chapters.seminar import in_both, plain, present, sections, supported
from canbao.evidence.recommendations.register import Register, read_register
from canbao.evidence.seminar import SeminarRecord
from canbao.languages import Words

ENTRY = """
  - number: %s
    finding: {tables: [t]}
    recommendation: {en: Do, zh: 办}
    addressee: {en: M, zh: 部}
    reform: %s
"""
REGISTER = "recommendations:\n" + "".join(
    ENTRY % one for one in [("R1", "order_levy"), ("R2", "matching"), ("R3", "null"), ("R4", "null")]
)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    (tmp_path / "recommendations.yaml").write_text(REGISTER, encoding="utf-8")
    return read_register(tmp_path)


def record(**more: Any) -> SeminarRecord:
    poll = {"en": "Which first?", "zh": "优先哪项？"}
    choices = [
        {"en": "Levy", "zh": "缴费", "ballots": 3, "reform": "order_levy"},
        {"en": "Match", "zh": "补贴", "ballots": 5, "reform": "matching"},
        {"en": "None", "zh": "均不", "ballots": 2},
    ]
    content = {"canbao_seminar": 1, "title": {"en": "A", "zh": "甲"}, "polls": [{"text": poll, "choices": choices}]}
    return SeminarRecord.model_validate(content | more)


def table(parts: tuple[Section, ...], key: str) -> Table:
    return next(block for part in parts for block in part.walk() if isinstance(block, Table) and block.key == key)


def test_marks_of_guests_are_no_marks_of_the_report() -> None:
    assert plain("*a* [@b] `c`\n <d>") == r"\*a\* \[@b\] \`c\` \<d\>"


def test_each_edition_has_its_language_where_there_is_one() -> None:
    assert in_both("When?", "en", "何时？") == Words("When?", "何时？")
    assert in_both("何时？", "zh", "When?") == Words("When?", "何时？")
    assert in_both("何时？", "zh", "") == Words("何时？", "何时？")


def test_recommendations_are_ranked_by_ballots_and_then_by_remarks(register: Register) -> None:
    remarks = [
        {"number": 1, "language": "en", "text": "Tell them.", "recommendations": ["r3"]},
        {"number": 2, "language": "en", "text": "Pay.", "recommendations": ["R1", "R3"]},
    ]
    found = supported(record(remarks=remarks), register)
    assert [(one.entry.number, one.ballots, one.cast, one.remarks) for one in found] == [
        ("R2", 5, 10, 0),
        ("R1", 3, 10, 1),
        ("R3", None, 0, 2),
    ]


def test_a_count_of_all_stands_before_those_of_rooms() -> None:
    rooms = [{"en": "One", "zh": "一"}, {"en": "Two", "zh": "二"}]
    counted = [{"people": 30, "room": 1}, {"people": 12, "room": 2}]
    assert present(record()) is None
    assert present(record(rooms=rooms, attendance={"headcounts": counted})) == 42
    assert present(record(rooms=rooms, attendance={"headcounts": [*counted, {"people": 50}]})) == 50


def test_what_was_not_let_through_is_told_by_reason_only(register: Register) -> None:
    parts = sections(record(rejected={"insulting": 2, "off_topic": 1}, merged=3), register)
    told = [one.en for part in parts for block in part.walk() if isinstance(block, Bullets) for one in block.items]
    assert told == [
        "not let through, insulting: 2",
        "not let through, off topic: 1",
        "merged with others, their votes united: 3",
    ]


def test_shares_of_a_poll_are_of_its_ballots(register: Register) -> None:
    poll = table(sections(record(), register), "seminar_poll_1")
    shares = [row.cells[2].content for row in poll.rows[:-1]]
    assert [getattr(one, "value", None) for one in shares] == [0.3, 0.5, 0.2]


def test_only_what_there_is_has_a_section() -> None:
    parts = sections(record(polls=[]), Register())
    assert [part.key for part in parts] == ["seminar_attendance"]
    figures = next(block for block in parts[0].blocks if isinstance(block, KeyFigures))
    assert [one.number.value for one in figures.figures] == [0, 0, 0]
