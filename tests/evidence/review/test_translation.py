"""The state of translations: signed off, stale when the other language changes, terms that are missing."""

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.evidence.review.translation import (
    Pair,
    TermEntry,
    Verdict,
    pairs,
    paragraphs,
    read_glossary,
    read_verdicts,
    signed,
    write_verdicts,
)
from canbao.languages import Language

EN = "Riders need cover.\n\nThe floor is\ntoo high.\n\nThe end."
ZH = "骑手需要保障。\n\n缴费下限过高。\n\n结束。"
DAY = datetime.date(2026, 7, 1)


def told(
    en: str = EN, zh: str = ZH, verdicts: tuple[Verdict, ...] = (), glossary: tuple[TermEntry, ...] = ()
) -> tuple[Pair, ...]:
    texts: Mapping[str, Mapping[Language, str]] = {"conclusions": {"en": en, "zh": zh}}
    return pairs(texts, verdicts, glossary)


def states(*found: Pair) -> list[str]:
    return [one.state for one in found]


@pytest.fixture
def verdicts() -> tuple[Verdict, ...]:
    return signed(told(), (), ["conclusions"], "signed_off", "Li", DAY)


def test_nobody_has_looked_at_a_new_text() -> None:
    assert states(*told()) == ["unchecked"] * 3
    assert [one.name for one in told()] == ["conclusions#1", "conclusions#2", "conclusions#3"]
    assert states(*told(zh="骑手需要保障。")) == ["unchecked", "missing_zh", "missing_zh"]


def test_a_signed_off_paragraph_stays_so_until_one_language_changes(verdicts: tuple[Verdict, ...]) -> None:
    found = told(verdicts=verdicts)
    assert states(*found) == ["signed_off"] * 3 and (found[0].by, found[0].date) == ("Li", "2026-07-01")
    assert states(*told(EN.replace("too high", "far too high"), verdicts=verdicts)) == [
        "signed_off",
        "stale_zh",
        "signed_off",
    ]
    assert states(*told(zh=ZH.replace("过高", "偏高"), verdicts=verdicts)) == ["signed_off", "stale_en", "signed_off"]
    both = told(EN.replace("too high", "low"), ZH.replace("过高", "偏低"), verdicts)
    assert states(*both) == ["signed_off", "unchecked", "signed_off"]
    # Changed back, it is as it was; and a line's end changes nothing.
    assert states(*told(EN.replace("is\ntoo", "is too"), verdicts=verdicts)) == ["signed_off"] * 3


def test_a_paragraph_put_in_before_leaves_the_others_together(verdicts: tuple[Verdict, ...]) -> None:
    found = told("A new one.\n\n" + EN, verdicts=verdicts)
    assert states(*found) == ["missing_zh", "signed_off", "signed_off", "signed_off"]
    found = told("A new one.\n\n" + EN, "新增一段。\n\n" + ZH, verdicts)
    assert states(*found) == ["unchecked", "signed_off", "signed_off", "signed_off"]


def test_the_last_verdict_on_a_pair_holds(verdicts: tuple[Verdict, ...]) -> None:
    again = signed(told(verdicts=verdicts), verdicts, ["conclusions#2"], "to_check", "Wang", DAY)
    assert states(*told(verdicts=again)) == ["signed_off", "to_check", "signed_off"]
    assert len(again) == 3
    with pytest.raises(InputError, match=r"no paragraph conclusions#9"):
        signed(told(), (), ["conclusions#9"], "translated", "Li", DAY)
    with pytest.raises(InputError, match="one language only"):
        signed(told(zh=""), (), ["conclusions#1"], "translated", "Li", DAY)


def test_terms_that_a_translation_lacks_are_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_text(
        "terms:\n  - {en: [rider, courier], zh: 骑手}\n  - {en: contribution floor, zh: [缴费下限, 缴费基数下限]}\n",
        encoding="utf-8",
    )
    glossary = read_glossary(tmp_path)
    found = told("Couriers need cover.\n\nThe floor is high.\n\nStriders stride.", glossary=glossary)
    assert [one.terms for one in found] == [(), ("缴费下限",), ()]
    assert told(zh="劳动者需要保障。", glossary=glossary)[0].terms == ("rider",)
    assert read_glossary(tmp_path / "nowhere") == ()
    (tmp_path / "glossary.yaml").write_text("terms:\n  - {en: rider}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"glossary\.yaml:2"):
        read_glossary(tmp_path)


def test_verdicts_are_kept_in_a_file(tmp_path: Path, verdicts: tuple[Verdict, ...]) -> None:
    write_verdicts(tmp_path, verdicts)
    assert read_verdicts(tmp_path) == verdicts
    path = tmp_path / "translation.csv"
    before = path.read_bytes()
    write_verdicts(tmp_path, read_verdicts(tmp_path))
    assert path.read_bytes() == before
    path.write_text(path.read_text(encoding="utf-8-sig").replace("signed_off", "fine", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"translation\.csv:2: “fine” is no status"):
        read_verdicts(tmp_path)
    for bad in ("a,b\n", "slot,en,zh,status,by,date\nx\n"):
        path.write_text(bad, encoding="utf-8")
        with pytest.raises(InputError, match=r"translation\.csv:\d"):
            read_verdicts(tmp_path)


def test_paragraphs_stand_between_blank_lines() -> None:
    assert paragraphs("# a\n\nb\r\nc\r\n \t\r\n- d\n- e\n\n\n") == ["# a", "b c", "- d - e"]
