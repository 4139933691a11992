"""Interviews, focus groups and local-practice cards: read with their places, nobody's identity in them."""

import re
from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.evidence.field.notes import FieldWork, _identity_faults, read_field, read_practice, shipped_practices
from canbao.languages import Words

THEMES = "themes:\n  - {id: price, label: {en: Price, zh: 价格}}\n  - {id: hukou, label: {en: Hukou, zh: 户籍}}\n"
TALK = """---
kind: interview
label: R01
date: 2021-06
who: {en: "Rider, man", zh: 骑手，男}
where: {en: A city, zh: 某市}
---

Notes.

> It is dear. || 太贵。
> — price, hukou
"""
CARD = """---
kind: practice
title: {en: A scheme, zh: 某办法}
who: {en: The city, zh: 市}
where: {en: A city, zh: 某市}
since: 2018
what: {en: It does this, zh: 如此}
themes: [price]
confidence: reported
---
"""


def field(folder: Path, *notes: str, themes: str = THEMES, languages: tuple[str, ...] = ("en", "zh")) -> FieldWork:
    (folder / "field").mkdir(exist_ok=True)
    (folder / "field.yaml").write_text(themes, encoding="utf-8")
    for at, note in enumerate(notes):
        (folder / "field" / f"n{at}.md").write_text(note, encoding="utf-8")
    return read_field(folder, languages)  # type: ignore[arg-type]


def test_a_talk_and_a_card(tmp_path: Path) -> None:
    found = field(tmp_path, TALK, CARD)
    (quotation,) = found.quotations
    assert quotation.text == Words("It is dear.", "太贵。") and quotation.themes == ("price", "hukou")
    assert found.practices[0].entry.since == "2018" and found.practices[0].own
    assert not found.synthetic


def test_a_card_names_its_province_by_code(tmp_path: Path) -> None:
    placed = CARD.replace("since: 2018", 'province: "32"\nsince: 2018')
    assert field(tmp_path, placed).practices[0].entry.province == "32"
    with pytest.raises(InputError, match=r'n0\.md:6:\d+: .*GB/T 2260.*"32"'):
        field(tmp_path, placed.replace('"32"', '"99"'))


def test_a_quotation_over_several_lines(tmp_path: Path) -> None:
    note = TALK.replace("> It is dear. || 太贵。", "> It is\n> dear. ||\n> 太贵。\n>")
    assert field(tmp_path, note).quotations[0].text == Words("It is dear.", "太贵。")


def test_comments_and_templates_are_not_read(tmp_path: Path) -> None:
    found = field(tmp_path, TALK + "\n<!--\n> Not said. || 没说。\n> — nothing\n-->\n")
    assert len(found.quotations) == 1
    (tmp_path / "field" / "_template.md").write_text("rubbish", encoding="utf-8")
    assert len(read_field(tmp_path).talks) == 1


def test_a_report_in_one_language_needs_no_translation(tmp_path: Path) -> None:
    note = TALK.replace("> It is dear. || 太贵。", "> 太贵。")
    assert field(tmp_path, note, languages=("zh",)).quotations[0].text.zh == "太贵。"
    with pytest.raises(InputError, match=r"n0\.md:11: .*every language"):
        field(tmp_path, note)


def test_nothing_there(tmp_path: Path) -> None:
    assert read_field(tmp_path) == FieldWork()


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("Just text.\n", r"n0\.md:1: .*metadata"),
        ("---\nkind: interview\n", r"n0\.md:1: .*no end"),
        ("", r"n0\.md:1: "),
        (TALK.replace("kind: interview", "kind: intervew"), r"n0\.md:2:1: .*interview"),
        (TALK.replace("label: R01", "label: Wang Wei"), r"n0\.md:3:1: "),
        (TALK.replace("date: 2021-06", "date: June"), r"n0\.md:4:1: "),
        (TALK.replace("who:", "whom:"), r"n0\.md:5:1: "),
        (TALK.replace("hukou\n", "huko\n"), r"n0\.md:12: .*huko.*Did you mean hukou"),
        (TALK.replace("> — price, hukou\n", ""), r"n0\.md:11: .*without its themes"),
        (CARD.replace("[price]", "[prise]"), r"n0\.md:8:10: .*Did you mean price"),
        (CARD.replace("2018", "18"), r"n0\.md:6:1: "),
        (TALK.replace("Notes.", "打13800138000"), r"n0\.md:9:2: .*telephone"),
        (TALK.replace("It is dear.", "Mr Zhang says it is dear."), r"n0\.md:11:6: “Zhang” .*name.*pseudonym"),
        (TALK.replace("骑手，男", "骑手王建国，男"), r"n0\.md:5:\d+: “王建国”"),
        (CARD.replace("如此", "联系人：苏E12345"), r"n0\.md:7:\d+: .*plate"),
    ],
)
def test_notes_that_cannot_be(tmp_path: Path, note: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        field(tmp_path, note)


def test_all_faults_of_all_notes_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        field(tmp_path, TALK.replace("hukou\n", "x\n"), "rubbish", TALK.replace("Notes.", "a@b.cn, 13800138000"))
    assert len(raised.value.faults) >= 4


def test_what_was_looked_at_passes(tmp_path: Path) -> None:
    note = TALK.replace("Notes.", "我叫王府井。").replace("---\n\n", "not_identity: [王府井]\n---\n\n", 1)
    assert field(tmp_path, note).talks


def test_labels_and_themes_are_given_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"n1\.md: The label R01 .*n0\.md"):
        field(tmp_path, TALK, TALK)
    with pytest.raises(InputError, match=r"field\.yaml:4:\d+: The theme price stands in line 2"):
        field(tmp_path, themes=THEMES + "  - {id: price, label: {en: P, zh: 价}}\n")


def test_cards_that_come_with_the_programme(tmp_path: Path) -> None:
    found = field(tmp_path, themes=THEMES + "practices: [wujiang_2018]\n")
    assert [one.name for one in found.practices] == ["wujiang_2018"] and not found.practices[0].own
    with pytest.raises(InputError, match=r"field\.yaml:4:13: .*wujiang_2018"):
        field(tmp_path, themes=THEMES + "practices: [wujiang]\n")


@pytest.mark.parametrize("name", sorted(shipped_practices()))
def test_each_of_them_is_whole(name: str) -> None:
    card, path = read_practice(shipped_practices()[name]), shipped_practices()[name]
    assert _identity_faults(path, card.not_identity) == []
    assert card.sources or card.confidence == "memory", "whoever names no source has it from memory"
    for text in (card.title, card.who, card.where, card.what, card.cost, card.result, card.repeatable):
        if text is not None:
            assert text.en.strip() and re.search("[\u4e00-\u9fff]", text.zh)
    assert card.province is not None
    assert card.since is not None and name.endswith(card.since[:4])
