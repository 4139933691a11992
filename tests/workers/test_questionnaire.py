"""The questionnaire asks for the vocabulary, and its answers come back without a codebook."""

import datetime
from pathlib import Path

import polars as pl

from canbao.workers import read_worker_table, vocabulary
from canbao.workers.xlsform import write_xlsform


def sheets(path: Path) -> dict[str, pl.DataFrame]:
    return pl.read_excel(path, sheet_id=0, infer_schema_length=0)


def test_every_question_is_asked_in_both_languages(tmp_path: Path) -> None:
    write_xlsform(tmp_path / "q.xlsx", vocabulary())
    survey = sheets(tmp_path / "q.xlsx")["survey"]
    asked = survey.filter(pl.col("type") != "calculate")
    assert asked["label::English (en)"].null_count() == 0
    assert asked["label::中文 (zh)"].null_count() == 0
    names = set(survey["name"])
    assert {column.name for column in vocabulary().values() if column.question is not None} <= names


def test_filters_name_earlier_questions_and_lists_exist(tmp_path: Path) -> None:
    write_xlsform(tmp_path / "q.xlsx", vocabulary())
    form = sheets(tmp_path / "q.xlsx")
    lists = set(form["choices"]["list_name"])
    before: set[str] = set()
    for row in form["survey"].iter_rows(named=True):
        if row["type"].startswith("select"):
            assert row["type"].split()[1] in lists
        for name in pl.Series([row["relevant"] or ""]).str.extract_all(r"\$\{(\w+)\}")[0]:
            assert name.strip("${}") in before, row["name"]
        before.add(row["name"])


def test_the_same_questionnaire_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsform(tmp_path / name, vocabulary())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_answers_come_back_without_a_codebook(tmp_path: Path) -> None:
    """As servers export them: group names before the question, several answers in one text or one column each."""
    answers = pl.DataFrame(
        {
            "person_id": ["1", "2", "3"],
            "persons/sex": ["male", "female", "female"],
            "persons/birth_month": ["1990-05-01", "1985-11-01", "2000-01-01"],
            "work/platform_worker": ["yes", "no", "yes"],
            "cover/pension_scheme": ["none", "resident", "employee"],
            "cover/reason_not_joined": ["too_dear unaware", "hukou", None],
            "willing_share_percent": [5, 0, 8],
            "willing_share": [0.05, 0.0, 0.08],
            "injury_paid_by/self": [1, None, 0],
            "injury_paid_by/platform": [0, None, 1],
            "injuries_12": [1, 0, 2],
        }
    )
    answers.write_csv(tmp_path / "answers.csv")
    table = read_worker_table(tmp_path / "answers.csv", fieldwork=datetime.date(2025, 6, 1))
    assert table.frame["age"].to_list() == [35, 39, 25]
    assert table.frame["reason_not_joined"].to_list() == [["too_dear", "unaware"], ["hukou"], None]
    assert table.frame["injury_paid_by"].to_list() == [["self"], None, ["platform"]]
    assert table.frame["willing_share"].to_list() == [0.05, 0.0, 0.08]
