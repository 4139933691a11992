"""Tables of cases: what people write, what they get back, what is said of bad cells; on the command line and in Python."""

import json
import math
from pathlib import Path

import pandas
import polars as pl
import pytest

from canbao import law
from canbao.cli import run
from canbao.errors import InputError

SHEET = {
    "case": "P42", "province": "42", "sex": "female", "birth_month": "1970-11", "retirement_month": "2025-11",
    "benefit_reference_wage": "9112", "contribution_index": "0.5683", "contribution_years": "20.58",
    "account_balance": "74478.73",
}  # fmt: skip


def written(path: Path, *rows: dict[str, str]) -> Path:
    pl.DataFrame(list(rows)).write_csv(path)
    return path


def test_a_table_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = written(tmp_path / "cases.csv", SHEET)
    assert run(["calculate", str(cases), "--want", "basic_pension,account_pension", "--out", str(tmp_path / "r.csv")]) == 0
    results = pl.read_csv(tmp_path / "r.csv")
    assert results.columns == ["case", "basic_pension", "account_pension", "rests_on"]
    assert results.row(0)[:3] == ("P42", 1470.48, 438.11)
    assert run(["calculate", str(cases), "--want", "pension", "--format", "json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("[") :])[0]["pension"] == 1908.59


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx", "json"])
def test_results_in_every_format_are_the_same(tmp_path: Path, suffix: str) -> None:
    cases = written(tmp_path / "cases.csv", SHEET)
    path = tmp_path / f"r.{suffix}"
    assert run(["calculate", str(cases), "--want", "basic_pension", "--out", str(path)]) == 0
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "json": pl.read_json, "xlsx": pl.read_excel}[suffix]
    assert read(path)["basic_pension"][0] == 1470.48


def test_the_three_figures_of_an_award_sheet_need_no_dates() -> None:
    names = ("province", "benefit_reference_wage", "contribution_index", "contribution_years")
    table = pl.DataFrame([{name: SHEET[name] for name in names}])
    assert law.calculate(table, ["basic_pension"])["basic_pension"][0] == 1470.48


def test_amounts_are_printed_to_the_fen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = written(tmp_path / "cases.csv", SHEET)
    assert run(["calculate", str(cases), "--want", "basic_pension,contribution_index"]) == 0
    out = capsys.readouterr().out
    assert "1,470.48" in out and "0.5683" in out


def test_all_that_can_be_had_when_nothing_is_wanted() -> None:
    results = law.calculate(pl.DataFrame([SHEET]))
    assert {"basic_pension", "account_divisor", "statutory_retirement_month", "base_floor"} - set(results.columns) == {
        "base_floor"
    }
    assert "account_balance" not in results.columns


def test_a_pandas_frame_comes_back_as_one() -> None:
    table = pandas.DataFrame({"province": ["42", "11"], "year": [2025, 2025], "contribution_base": [math.nan, 9000.0]})
    results = law.calculate(table, ["flexible_contribution_month"])
    assert isinstance(results, pandas.DataFrame)
    assert results["flexible_contribution_month"].tolist() == [899.6, 1800.0]


def test_a_blank_cell_falls_back_to_the_rule() -> None:
    table = pl.DataFrame({"province": ["42", "42"], "year": [2025, 2025], "contribution_base": [None, 6000.0]})
    assert law.calculate(table, ["insured_base"])["insured_base"].to_list() == [4498.0, 6000.0]


def test_ways_of_writing_the_same() -> None:
    table = pl.DataFrame(
        {
            "province": ["42", "420000", "Hubei", "湖北", "湖北省"],
            "city_class": ["1", "4201", "wuhan", "武汉", "420100"],
            "sex": ["female", "F", "女", "Female", "f"],
            "birth_month": ["1970-11", "1970/11", "1970-11-03", "197011", "1970年11月"],
            "worker_class": ["cadre", "干部", "cadre", "cadre", "cadre"],
        }
    )
    results = law.calculate(table, ["statutory_retirement_month", "flexible_medical_contribution_month"])
    assert results["statutory_retirement_month"].unique().to_list() == ["2026-02"]
    assert results["flexible_medical_contribution_month"].unique().to_list() == [269.88]


def test_a_career_does_not_depend_on_who_else_is_in_the_table() -> None:
    rows = [
        {"case": "a", "birth_month": "1970-01", "first_contribution_month": "2021-03"},
        {"case": "b", "birth_month": "1961-01", "first_contribution_month": "2005-01"},
        {"case": "c", "birth_month": "1990-01", "first_contribution_month": "1984-01"},
    ]
    same = {"province": "42", "sex": "male", "own_wage": "6000"}
    table = pl.DataFrame([{**row, **same} for row in rows])
    together = law.calculate(table, ["contribution_index", "pension"])
    alone = [law.calculate(table[at : at + 1], ["contribution_index", "pension"]) for at in range(3)]
    assert together.rows() == pl.concat(alone).rows()
    assert together["pension"][0] is not None
    assert together["pension"][1] is None and "open:contribution_reference_wage" in together["rests_on"][1]


def test_a_division_by_nothing_is_unknown_or_refused() -> None:
    given = {"province": "42", "retirement_month": "2025-01", "account_balance": "1000"}
    with pytest.raises(InputError) as error:
        law.calculate(pl.DataFrame([{**given, "account_divisor": "0"}]), ["account_pension"])
    assert "from 1" in error.value.text("en")
    index = {**SHEET, "province": "41", "contribution_reference_wage": "0"}
    with pytest.raises(InputError):
        law.calculate(pl.DataFrame([index]), ["basic_pension"])


def test_a_figure_is_not_used_before_it_is_in_force() -> None:
    table = pl.DataFrame({"province": ["11", "11"], "month": ["2020-01", "2025-07"]})
    results = law.calculate(table, ["flexible_medical_fixed"])
    assert results["flexible_medical_fixed"].to_list() == [None, 584.92]
    assert results["rests_on"].to_list() == ["open:flexible_medical_fixed", ""]


def test_the_mean_of_a_year_says_so() -> None:
    results = law.calculate(pl.DataFrame({"province": ["14"], "year": [2019]}), ["employer_pension_rate"])
    assert results["employer_pension_rate"][0] == pytest.approx((4 * 0.19 + 8 * 0.16) / 12)
    assert "averaged:employer_pension_rate" in results["rests_on"][0]


def test_blank_rows_are_no_cases_and_keep_their_numbers() -> None:
    with pytest.raises(InputError) as error:
        law.calculate(pl.DataFrame({"province": ["42", None, "x"], "year": ["2025", None, "2025"]}), ["base_floor"])
    assert "row 3" in error.value.text("en")
    blank = pl.DataFrame({"province": ["42", None], "year": ["2025", None]})
    assert law.calculate(blank, "base_floor").height == 1


def test_columns_may_be_headed_by_their_labels() -> None:
    table = pl.DataFrame({"省份": ["湖北"], " Year ": ["2025"], "用工关系": ["劳动关系"]})
    assert law.calculate(table, ["base_floor"])["base_floor"][0] == 4498


BAD = [
    ("own_wage", "5000,50", "a number"),
    ("birth_month", "1970.1", "a month"),
    ("birth_month", "1970-11-45", "a month"),
    ("retirement_month", "1960-01", "does not lie after"),
    ("sex", "femal", "male | female"),
    ("birth_month", "1970-13", "a month as 2025-06"),
    ("province", "99", "GB/T 2260"),
    ("contribution_years", "-3", "from 0"),
    ("contribution_years", "twenty", "a number"),
    ("contribution_index", "inf", "a number"),
    ("account_balance", "1e400", "a number"),
    ("worker_class", "boss", "cadre | worker | flexible"),
    ("disability_grade", "11", "from 1 to 10"),
    ("disability_grade", "2.5", "a whole number"),
    ("student", "perhaps", "yes or no"),
    ("city_class", "7", "classes of cities"),
]


@pytest.mark.parametrize(("column", "value", "expected"), BAD)
def test_a_bad_cell_is_named_by_row_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, value: str, expected: str
) -> None:
    good = {**SHEET, column: SHEET.get(column, "")}
    cases = written(tmp_path / "cases.csv", good, {**good, "case": "B", column: value})
    assert run(["calculate", str(cases), "--want", "basic_pension", "--out", str(tmp_path / "r.csv")]) == 2
    said = capsys.readouterr().err
    assert "B, row 2" in said and column in said and expected in said, said
    assert not (tmp_path / "r.csv").exists()


def test_other_rows_still_get_their_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [SHEET, {**SHEET, "case": "bad", "contribution_years": "?"}, {**SHEET, "case": "short", "account_balance": ""}]
    cases = written(tmp_path / "cases.csv", *rows)
    arguments = ["calculate", str(cases), "--want", "basic_pension,account_pension", "--keep-going"]
    assert run([*arguments, "--out", str(tmp_path / "r.csv")]) == 2
    results = pl.read_csv(tmp_path / "r.csv")
    assert results["basic_pension"].to_list() == [1470.48, None, 1470.48]
    assert results["account_pension"].to_list() == [438.11, None, None]
    said = capsys.readouterr().err
    assert "row 2, contribution_years" in said and "row 3, account_balance" in said


def test_unknown_names_are_met_with_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = written(tmp_path / "cases.csv", {**SHEET, "contribution_indx": "1"})
    assert run(["calculate", str(cases), "--want", "basic_pension"]) == 2
    assert "Did you mean contribution_index?" in capsys.readouterr().err
    cases = written(tmp_path / "cases.csv", SHEET)
    assert run(["calculate", str(cases), "--want", "basic_pensions"]) == 2
    assert "Did you mean basic_pension?" in capsys.readouterr().err
    assert run(["calculate", str(cases), "--want", "basic_pension", "--out", str(tmp_path / "r.doc")]) == 2
    assert ".csv" in capsys.readouterr().err


def test_what_a_result_lacks_is_named() -> None:
    with pytest.raises(InputError) as error:
        law.calculate(pl.DataFrame({"province": ["42"]}), ["account_pension"])
    assert "account_balance" in error.value.text("en") and "Give a column" in error.value.text("en")


def test_results_say_what_they_rest_on() -> None:
    table = pl.DataFrame({"province": ["42", "53"], "year": [2025, 2030]})
    rests = law.calculate(table, ["flexible_contribution_month"])["rests_on"].to_list()
    assert rests == ["", "filled:base_floor; filled:base_ceiling"]
    assumed = law.calculate(pl.DataFrame({"sex": ["female"], "birth_month": ["1980-01"]}), ["retirement_age_months"])
    assert "assumed:worker_class" in assumed["rests_on"][0]


def test_shenzhen_is_known_by_its_wage() -> None:
    table = pl.DataFrame([{**SHEET, "province": "44", "benefit_reference_wage": "11181", "contribution_index": "0.38"}])
    results = law.calculate(table, ["basic_pension"])
    assert results["basic_pension"][0] == pytest.approx(11181 * 1.38 / 2 * 20.58 / 100, abs=0.006)
    assert results["rests_on"][0] == "assumed:city_class"


def test_many_cases_are_compiled_and_give_the_same() -> None:
    many = pl.DataFrame([SHEET] * 3100).with_columns(case=pl.int_range(3100).cast(pl.String))
    assert law.calculate(many, ["basic_pension"])["basic_pension"].unique().to_list() == [1470.48]


# --- explain and show ---------------------------------------------------------------------------------------------------


def test_every_step_has_value_unit_article_and_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = written(tmp_path / "cases.csv", SHEET)
    assert run(["explain", str(cases), "--row", "1", "--want", "pension"]) == 0
    said = capsys.readouterr().out
    document = "State Council Document No. 38 (2005)"
    shown = ("Basic pension = 1,470.48 CNY/month", "art. 6", document, "Divisor of months = 170", "Hubei")
    for part in (*shown, "by age = 55: 170 months"):
        assert part in said, part
    assert run(["explain", str(cases), "--case", "P42", "--want", "pension", "--language", "zh"]) == 0
    assert "基础养老金 = 1,470.48元/月" in capsys.readouterr().out


def test_an_explanation_as_a_web_page_and_as_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = {**SHEET, "case": "<script>alert(1)</script>"}
    cases = written(tmp_path / "cases.csv", hostile)
    page = tmp_path / "p42.html"
    assert run(["explain", str(cases), "--want", "basic_pension", "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "1,470.48" in text and "<script>alert" not in text
    assert run(["explain", str(cases), "--want", "basic_pension", "--format", "json"]) == 0
    steps = {step["name"]: step for step in json.loads(capsys.readouterr().out)}
    assert steps["basic_pension"]["value"] == 1470.48
    assert steps["accrual_rate"]["basis"].startswith("State Council Decision")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--row", "9", "--want", "pension"], "no row 9"),
        (["--row", "1", "--case", "P42", "--want", "pension"], "not both"),
        (["--want", ""], "Name the results"),
        (["--case", "P4", "--want", "pension"], "Did you mean P42?"),
        (["--want", "pensoin"], "Did you mean pension?"),
        (["--want", "pension", "--html", "page.txt"], ".html"),
    ],
)
def test_what_cannot_be_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    cases = written(tmp_path / "cases.csv", SHEET)
    assert run(["explain", str(cases), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_figure_of_the_law_can_be_explained_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = written(tmp_path / "cases.csv", {"province": "42", "year": "2025"})
    assert run(["explain", str(cases), "--want", "base_floor", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["value"] == 4498


def test_values_are_written_as_in_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = written(tmp_path / "cases.csv", SHEET)
    assert run(["explain", str(cases), "--want", "statutory_retirement_month", "--format", "json"]) == 0
    values = {step["name"]: step["value"] for step in json.loads(capsys.readouterr().out)}
    assert values["statutory_retirement_month"] == "2026-02" and values["birth_month"] == "1970-11"


def test_results_are_not_written_over_the_cases(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = written(tmp_path / "cases.csv", SHEET)
    before = cases.read_bytes()
    assert run(["calculate", str(cases), "--want", "basic_pension", "--out", str(cases)]) == 2
    assert cases.read_bytes() == before and "another file" in capsys.readouterr().err


def test_many_faults_are_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cases = written(tmp_path / "cases.csv", *[{**SHEET, "sex": "?"}] * 80)
    assert run(["calculate", str(cases), "--want", "basic_pension"]) == 2
    said = capsys.readouterr().err
    assert "and 30 more" in said and said.count("Error") == 50


def test_the_parameters_in_force_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["law", "show", "employees_pension", "--province", "42", "--year", "2025", "--format", "json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["base_floor"]["value"] == 4498 and rows["base_floor"]["state"] == "published"
    assert rows["urban_income_month"]["state"] == "open"
    assert run(["law", "show", "employees_pension", "--province", "53", "--year", "2030", "--format", "json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["base_floor"]["state"] == "filled"
    assert run(["law", "show", "employees_pension", "--province", "31"]) == 0
    assert "7,460" in capsys.readouterr().out
    assert run(["law", "show", "injury", "--province", "46", "--month", "2022-01"]) == 0
    assert "Base rate by risk class" in capsys.readouterr().out
    assert run(["law", "list"]) == 0
    assert "injury_lump_sum" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["employes_pension"], ["injury", "--province", "88"], ["injury", "--month", "soon"]])
def test_what_the_law_cannot_be_asked(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(["law", "show", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err
