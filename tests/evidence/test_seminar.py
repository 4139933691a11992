"""review/seminar.json: read back as it was written, and refused with its lines."""

from pathlib import Path
from typing import Any

import pytest

from canbao.chapters.estimates import Estimator
from canbao.cli import run
from canbao.errors import InputError
from canbao.evidence.seminar import FILE, SeminarRecord, read_seminar, written
from canbao.reforms.simulator import unheard
from canbao.study import Study

RECORD: dict[str, Any] = {
    "canbao_seminar": 1,
    "title": {"en": "Pensions for riders", "zh": "骑手养老保险研讨会"},
    "date": "2026-12-03",
    "rooms": [{"en": "Hall", "zh": "主会场"}],
    "agenda": [{"title": {"en": "What to do", "zh": "建议"}, "begins": "09:00", "ends": "09:40", "room": 1}],
    "questions": [{"number": 1, "text": 'A "tab"\there? 😀 \\ {', "language": "en", "state": "live", "votes": 3}],
    "rejected": {"insulting": 2},
    "remarks": [
        {
            "number": 1,
            "item": 1,
            "language": "zh",
            "text": "同意。",
            "paragraphs": ["5.2-3", "A.1-2"],
            "recommendations": ["R1"],
        },
        {"number": 3, "kind": "minute", "language": "en", "text": "Agreed."},
    ],
}


def kept(tmp_path: Path, text: str) -> Path:
    (tmp_path / FILE).parent.mkdir(exist_ok=True)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_study_without_a_seminar_has_no_record(tmp_path: Path) -> None:
    assert read_seminar(tmp_path) is None


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    record = SeminarRecord.model_validate(RECORD)
    assert read_seminar(kept(tmp_path, written(record)), ["r1", "R2"]) == record


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('"canbao_seminar": 1', '"canbao_seminar": 2', "2"),
        ('"votes": 3', '"votes": -3', "-3"),
        ('"votes": 3', '"vote": 3', "votes"),
        ('"R1"', '"R9"', "R1"),
        ('"5.2-3"', '"five"', "five"),
        ('"number": 3', '"number": 1', "twice"),
        ('"item": 1', '"item": 2', "the file has 1"),
        ('"insulting"', '"insult"', "insult"),
    ],
)
def test_faults_name_their_line(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    text = written(SeminarRecord.model_validate(RECORD))
    assert text.count(wrong) == 1
    with pytest.raises(InputError) as raised:
        read_seminar(kept(tmp_path, text.replace(wrong, right)), ["R1"])
    told = str(raised.value)
    assert said in told
    assert f"seminar.json:{text[: text.index(wrong)].count(chr(10)) + 1}:" in told


def test_a_file_that_breaks_off_is_a_fault(tmp_path: Path) -> None:
    text = written(SeminarRecord.model_validate(RECORD))
    with pytest.raises(InputError, match=r"seminar\.json"):
        read_seminar(kept(tmp_path, text[: len(text) // 2]), ["R1"])


def test_a_study_that_keeps_a_record_is_checked_with_it(broken: Path) -> None:
    kept(broken, written(SeminarRecord.model_validate(RECORD)))
    assert run(["check", str(broken), "-q"]) == 0
    assert FILE.as_posix() in Study(broken).inputs
    kept(broken, written(SeminarRecord.model_validate(RECORD)).replace('"R1"', '"R99"'))
    with pytest.raises(InputError, match="R99"):
        Study(broken).check()


def test_the_report_carries_the_seminar_as_an_annex_before_its_references(broken: Path) -> None:
    estimator = Estimator(Study(broken).designs, Study(broken).table.vocabulary)

    def chapters() -> list[str]:
        study = Study(broken)
        return [one.key for one in study._draft(estimator, unheard, simulated=False).document.chapters]

    before = chapters()
    kept(broken, written(SeminarRecord.model_validate(RECORD)))
    after = chapters()
    assert [one for one in after if one != "seminar"] == before
    assert after[after.index("seminar") + 1] == "references"
