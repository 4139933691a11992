"""What people write into reforms: every fault with its place and the nearest right name, never a traceback."""

from pathlib import Path

import numpy as np
import pytest

from canbao.cli import run
from canbao.errors import InputError
from canbao.reforms import available, find_reform
from canbao.reforms.simulation import Scenario

from .sample import SAMPLE, YEAR, read, simulator, written

FAULTS = {
    "an unknown parameter": ("parameters: {levy_per_ordr: {2027-01: 0.5}}", "levy_per_order"),
    "an unknown key": ("parameter: {levy_per_order: {2027-01: 0.5}}", "parameters"),
    "an unknown key within": ("parameters: {base_floor: {2027-01: {shar: 0.4, of: base_floor}}}", "share"),
    "no value": ("parameters: {levy_per_order: {}}", "is given no value"),
    "null": ("parameters: {levy_per_order: {2027-01: null}}", "“null” will not do"),
    "a word": ("parameters: {levy_per_order: {2027-01: much}}", "much"),
    "a list": ("parameters: [levy_per_order]", "parameters"),
    "a month that is none": ("parameters: {levy_per_order: {2027-13: 0.5}}", "“2027-13” is no month"),
    "a day": ("parameters: {levy_per_order: {2027-01-01: 0.5}}", "is no month"),
    "a year as a number": ("parameters: {levy_per_order: {2027: 0.5}}", "2027"),
    "before the survey": ("parameters: {levy_per_order: {2020-12: 0.5}}", "from 2021 to 2075"),
    "after the end": ("parameters: {levy_per_order: {2076-01: 0.5}}", "from 2021 to 2075"),
    "below its range": ("parameters: {levy_per_order: {2027-01: -1}}", "between 0 and 100"),
    "above its range": ("parameters: {levy_per_order: {2027-01: 101}}", "between 0 and 100"),
    "not a number, in a range": ("parameters: {levy_per_order: {2027-01: .nan}}", "between 0 and 100"),
    "endless, in a range": ("parameters: {levy_per_order: {2027-01: .inf}}", "between 0 and 100"),
    "huge, in a range": ("parameters: {contribution_reference_wage: {2027-01: 1.0e+300}}", "between 1 and 1e+06"),
    "a table for a number": ("parameters: {levy_per_order: {2027-01: {1: 2, 2: 3}}}", "is a number, not a table"),
    "a number for a table": ("parameters: {fertility: {2027-01: 2}}", "is a table"),
    "a share of a table's name": ("parameters: {fertility: {2027-01: {share: 1, of: base_floor}}}", "is a table"),
    "a share of nothing": ("parameters: {base_floor: {2027-01: {share: 0.4}}}", "takes one of"),
    "a share of what there is not": ("parameters: {base_floor: {2027-01: {share: 0.4, of: base_flor}}}", "base_floor"),
    "a value and a share": ("parameters: {base_floor: {2027-01: {value: 1, share: 0.4, of: base_floor}}}", "takes one of"),
    "an unknown response": ("responses: {price_respons: 4}", "price_response"),
    "a parameter that is no response": ("responses: {levy_per_order: 4}", "No response is called levy_per_order"),
    "a response out of its range": ("responses: {default_response: 1.5}", "between 0 and 1"),
    "a negative response": ("responses: {price_response: -1}", "between 0 and"),
    "a response that is no number": ("responses: {price_response: .nan}", "between 0 and"),
    "a word for a response": ("responses: {price_response: strong}", "strong"),
    "an unknown reform within": ("includes: [machting]", "matching"),
    "itself": ("includes: [mine]", "There is no reform called mine"),
    "two that clash": ("includes: [shorter_minimum, longer_minimum]", "minimum_contribution_months_by_year"),
    "one twice": ("includes: [matching, matching]", "match_share"),
    "no file of rules": ("rules: [rules.py]", "There is no file rules.py"),
    "a folder of rules": ("rules: [.]", "There is no file ."),
    "needs in one language": ("needs: {law: {en: A law}, administration: {en: None, zh: 无}}", "zh"),
    "a tag": ("parameters: !!python/name:os.system x", "python/name"),
    "the same key twice": ("responses: {}\nresponses: {}", "a second time"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_place(tmp_path: Path, fault: str) -> None:
    body, expected = FAULTS[fault]
    with pytest.raises(InputError) as error:
        read(tmp_path, body)
    assert expected in error.value.text("en")
    assert all(str(one.place.file).endswith("mine.yaml") and one.place.line for one in error.value.faults)
    assert all(one.what["zh"] and one.what["zh"] != one.what["en"] for one in error.value.faults)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    body = "parameters:\n  nonsense: {2027-01: 1}\n  levy_per_order: {2027-01: -1, 1999-01: 1}\nresponses: {nothing: 1}\n"
    with pytest.raises(InputError) as error:
        read(tmp_path, body)
    assert sorted(one.place.line for one in error.value.faults) == [3, 4, 4, 5]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "title"),
        ("- title\n", "key: value"),
        ("title: Mine\n", "title"),
        ("title: {en: Mine}\n", "zh"),
        ("title: {en: a, zh: b\n", "YAML"),
        ("&x [*x]\n", "key: value"),
        ("title: {en: a, zh: b}\nresponses: &x {price_response: *x}\n", "price_response"),
    ],
)
def test_a_file_that_is_no_reform(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        find_reform(str(path), SAMPLE, YEAR)
    assert expected in error.value.text("en") and "mine.yaml" in error.value.text("en")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes("title: {en: Mine, zh: 我的}".encode("gb18030"))
    with pytest.raises(InputError) as error:
        find_reform(str(path), SAMPLE, YEAR)
    assert "UTF-8" in error.value.text("en")


# --- rules --------------------------------------------------------------------------------------------------------------

HEAD = "from canbao.engine import rule\n\n"


def employer_pays(arguments: str, result: str) -> str:
    """A file of rules with one of that name."""
    return f'{HEAD}@rule(unit="CNY/year")\ndef employer_pays({arguments}) -> float:\n    """X."""\n    return {result}\n'


WRONG_RULES = {
    "it raises": ("raise ValueError('no')", "cannot be loaded: no"),
    "it is not Python": ("def x(:", "cannot be loaded"),
    "it needs what is not there": ("import nothing_of_that_name", "nothing_of_that_name"),
    "its arguments have no kinds": (
        HEAD + '@rule(unit="yes/no")\ndef works(age):\n    """X."""\n    return age',
        "age",
    ),
    "it replaces nothing": (
        HEAD + '@rule(unit="CNY/year")\ndef worker_pay(works: bool) -> float:\n    """X."""\n    return 0.0',
        "worker_pays",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_RULES)
def test_rules_that_cannot_be(tmp_path: Path, wrong: str) -> None:
    content, expected = WRONG_RULES[wrong]
    (tmp_path / "rules.py").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(tmp_path, "rules: [rules.py]")
    assert expected in error.value.text("en") and "rules.py" in error.value.text("en")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return sum(x for x in (1.0, 2.0))", "rules.py:6"),
        ("return open('x').read()", "open"),
        ("try:\n        return 0.0\n    except ValueError:\n        return 1.0", "rules.py:4"),
    ],
)
def test_rules_that_are_no_scalar_code(tmp_path: Path, body: str, expected: str) -> None:
    content = f'{HEAD}@rule(unit="CNY/year")\ndef employer_pays(works: bool) -> float:\n    """X."""\n    {body}\n'
    (tmp_path / "rules.py").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        _ = Scenario(read(tmp_path, "rules: [rules.py]")).model
    assert "rules.py" in error.value.text("en") and expected in error.value.text("en")


def test_rules_that_ask_for_what_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(employer_pays("incom_month: float", "incom_month"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        _ = Scenario(read(tmp_path, "rules: [rules.py]")).model
    assert "income_month" in error.value.text("en")


def test_a_rule_of_one_s_own_holds(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(employer_pays("works: bool", "7.0 if works else 0.0"), encoding="utf-8")
    model = Scenario(read(tmp_path, "rules: [rules.py]")).model
    few = {name: column[:50] for name, column in simulator().respondents.columns.items()}
    found = model.run(few, panel=["employer_pays", "works"], years=(YEAR, YEAR + 3), on="python").panel
    np.testing.assert_array_equal(found["employer_pays"], 7.0 * found["works"])
    assert found["works"].any()


# --- names and paths ----------------------------------------------------------------------------------------------------


def test_reforms_are_found_by_name_path_and_place_in_the_study(broken: Path) -> None:
    (broken / "reforms").mkdir(exist_ok=True)
    written(broken / "reforms", "includes: [matching]", "ours")
    by = [find_reform(text, broken, YEAR) for text in ("ours", "reforms/ours.yaml", str(broken / "reforms" / "ours.yaml"))]
    assert {one.name for one in by} == {"ours"} and all(set(one.settings) == set(by[0].settings) for one in by)
    assert "ours" in available(broken) and "matching" in available(broken)


def test_a_study_s_own_reform_stands_before_a_shipped_one(broken: Path) -> None:
    (broken / "reforms").mkdir(exist_ok=True)
    written(broken / "reforms", "", "matching")
    assert find_reform("matching", broken, YEAR).title["en"] == "Mine"


def test_reforms_in_a_circle(broken: Path) -> None:
    (broken / "reforms").mkdir(exist_ok=True)
    for name, other in (("one", "two"), ("two", "three"), ("three", "one")):
        written(broken / "reforms", f"includes: [{other}]", name)
    with pytest.raises(InputError) as error:
        find_reform("one", broken, YEAR)
    assert "includes itself" in error.value.text("en")


@pytest.mark.parametrize("text", ["machting", "reforms/machting.yaml", "/nowhere/machting.yaml"])
def test_a_name_that_is_wrong_is_corrected(text: str) -> None:
    with pytest.raises(InputError) as error:
        find_reform(text, SAMPLE, YEAR)
    assert "matching" in error.value.text("en")


# --- the command line ---------------------------------------------------------------------------------------------------

WRONG_CALLS = {
    "a year before the survey": (["--reform", "matching", "--years", "2020"], "2021"),
    "a year after the end": (["--reform", "matching", "--years", "2030,2076"], "2075"),
    "no year": (["--reform", "matching", "--years", ","], "2021"),
    "a word for a year": (["--reform", "matching", "--years", "soon"], "2030,2050"),
    "a huge year": (["--reform", "matching", "--years", "9" * 30], "2075"),
    "a negative year": (["--reform", "matching", "--years", "-1"], "2021"),
    "an unknown column": (["--reform", "matching", "--by", "sexe"], "sex"),
    "a column of numbers": (["--reform", "matching", "--by", "income_month"], "income_month"),
    "an unknown reform": (["--reform", "machting"], "matching"),
    "an unknown reform against": (["--reform", "matching", "--against", "machting"], "matching"),
    "no reform": ([], "--reform"),
    "an empty reform": (["--reform", ""], "no reform"),
    "a folder as a reform": (["--reform", str(SAMPLE)], "no reform"),
    "too few workers": (["--reform", "matching", "--workers", "10"], "1000"),
    "an unknown machine": (["--reform", "matching", "--on", "abacus"], "threads"),
}


@pytest.mark.parametrize("wrong", WRONG_CALLS)
def test_wrong_calls_end_with_code_two(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    arguments, expected = WRONG_CALLS[wrong]
    assert run(["simulate", str(SAMPLE), "--quiet", *arguments]) == 2
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert expected in said and "Traceback" not in said


def test_a_broken_reform_ends_with_code_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "parameters: {levy_per_ordr: {2027-01: 0.5}}")
    assert run(["simulate", str(SAMPLE), "--quiet", "--reform", str(path)]) == 2
    captured = capsys.readouterr()
    assert "levy_per_order" in captured.out + captured.err


def test_no_study_ends_with_code_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", str(tmp_path), "--quiet", "--reform", "matching"]) == 2
    captured = capsys.readouterr()
    assert "study.yaml" in captured.out + captured.err


def test_a_comparison_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    call = ["simulate", str(SAMPLE), "--quiet", "--years", "2045"]
    assert run([*call, "--reform", "matching", "--reform", "rate_cut", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0].startswith("reform,indicator,year,baseline") and {one.split(",")[0] for one in lines[1:]} == {
        "matching",
        "rate_cut",
    }
    assert run([*call, "--reform", "matching"]) == 0
    out = capsys.readouterr().out
    assert "Synthetic data" in out and "The state pays a third" in out and "%" in out


def test_all_reforms_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reforms"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in available(Path("nowhere")))
