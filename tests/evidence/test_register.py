"""The register of recommendations, and the framework that watches indicators."""

from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.evidence.monitoring.framework import Framework, read_framework
from canbao.evidence.recommendations.register import Register, read_register

ENTRY = """  - number: {number}
    finding: {{tables: [pension_scheme]}}
    recommendation: {{en: Do it, zh: 要办}}
    addressee: {{en: Them, zh: 其}}
"""


def register(folder: Path, text: str) -> Register:
    (folder / "recommendations.yaml").write_text(text, encoding="utf-8")
    return read_register(folder)


def entries(*numbers: str) -> str:
    return "recommendations:\n" + "".join(ENTRY.format(number=number) for number in numbers)


def test_numbers_may_be_bare(tmp_path: Path) -> None:
    assert [one.number for one in register(tmp_path, entries("1", "R2", "'2.1'")).entries] == ["1", "R2", "2.1"]


@pytest.mark.parametrize("second", ["R1", "r1"])
def test_a_number_that_is_given_twice_names_both_lines(tmp_path: Path, second: str) -> None:
    with pytest.raises(InputError, match=rf"recommendations\.yaml:10:5: The number {second} stands in line 2 already"):
        register(tmp_path, entries("R1", "R2", second))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (entries("R 1"), ":2:5: "),
        (entries("R1").replace("[pension_scheme]", "[]"), ":3:"),
        (entries("R1").replace("addressee", "adressee"), ":5:5: .*addressee"),
        (entries("R1") + "    decision: {state: yes}\n", ":6:16: .*yes"),
        (entries("R1") + "    follow_up: [{date: soon, state: done}]\n", ":6:"),
        (
            entries("R1")
            + "    follow_up:\n      - {date: 2026-02-01, state: done}\n      - {date: 2026-01-01, state: under_way}\n",
            ":8:.*2026-02-01",
        ),
        (entries("R1").replace(", zh: 要办", ""), ":4:5: .*zh"),
        ("- a list\n", ":1:1: "),
    ],
)
def test_registers_that_cannot_be(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"recommendations\.yaml{message}"):
        register(tmp_path, text)


def test_a_reform_that_does_not_exist(tmp_path: Path) -> None:
    found = register(tmp_path, entries("R1") + "    reform: informatio\n")
    found.check_reforms(["informatio"])
    with pytest.raises(InputError, match=r"recommendations\.yaml:6:5: .*Did you mean information"):
        found.check_reforms(["information", "matching"])


def test_an_arrangement_that_does_not_exist(tmp_path: Path) -> None:
    found = register(tmp_path, "arrangements_not_recommended:\n  wii-for-al: {en: No, zh: 否}\n")
    with pytest.raises(InputError, match=r"recommendations\.yaml:2:3: .*Did you mean wii-for-all"):
        found.check_reforms([], ["wii-for-all"])


def test_no_file_no_entries(tmp_path: Path) -> None:
    assert read_register(tmp_path).entries == ()


# --- monitoring -----------------------------------------------------------------------------------------------------------


def framework(folder: Path, text: str) -> Framework:
    (folder / "monitoring.yaml").write_text(text, encoding="utf-8")
    return read_framework(folder)


def test_what_holds_for_all_gives_way_to_ones_own(tmp_path: Path) -> None:
    found = framework(
        tmp_path,
        "frequency: yearly\nowner: {en: A, zh: 甲}\n"
        "indicators:\n  aware: {frequency: monthly}\n  injuries: {owner: {en: B, zh: 乙}}\n",
    )
    owners = {name: found.watched(name).owner for name in ("aware", "injuries")}
    assert found.watched("aware").frequency == "monthly"
    assert {name: one.zh for name, one in owners.items() if one} == {"aware": "甲", "injuries": "乙"}
    assert found.watched("other").frequency == "yearly" and found.watched("other").target is None


def test_nothing_set_stays_blank(tmp_path: Path) -> None:
    assert read_framework(tmp_path).watched("aware").frequency is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("indicators: {awar: {}}\n", "awar.*Did you mean aware"),
        ("indicators: {aware: {target: {value: 80, year: 2030}}}\n", "80.*0 and 1"),
        ("indicators: {aware: {target: {value: -0.1, year: 2030}}}\n", "0 and 1"),
    ],
)
def test_frameworks_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"monitoring\.yaml:1:\d+: .*{message}"):
        framework(tmp_path, text).check(["aware", "injuries"], ["aware"])


@pytest.mark.parametrize(
    "text", ["frequency: daily\n", "indicators: {a: {target: {value: .inf, year: 2030}}}\n", "indicators: [a]\n"]
)
def test_frameworks_that_cannot_be(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"monitoring\.yaml:1:"):
        framework(tmp_path, text)


def test_a_procedure_without_a_log(tmp_path: Path) -> None:
    found = framework(tmp_path, "recorded: {enrolmen: {frequency: monthly}}\n")
    found.check([], [], ["enrolmen"])
    with pytest.raises(InputError, match=r"monitoring\.yaml:1:12: .*enrolmen.*Did you mean enrolment"):
        found.check([], [], ["enrolment"])
