"""The questionnaire asks for the vocabulary, and its answers come back without a codebook."""

import datetime
from pathlib import Path

import polars as pl
import pytest

from canbao.errors import InputError
from canbao.languages import Words
from canbao.workers import WorkerTable, read_worker_table, vocabulary
from canbao.workers.condition import Span
from canbao.workers.vocabulary import Vocabulary, WorkerColumn
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


def test_numbers_are_written_out(tmp_path: Path) -> None:
    """XPath knows no exponents, and nobody reads them as a sum of money."""
    income = vocabulary()["household_income"]
    rich = WorkerColumn("rich", Words.same("?"), "text", {}, question=Words.same("?"), when={income.name: Span(to=2.5e6)})
    write_xlsform(tmp_path / "q.xlsx", Vocabulary({**vocabulary(), rich.name: rich}))
    rows = {row["name"]: row for row in sheets(tmp_path / "q.xlsx")["survey"].iter_rows(named=True)}
    assert rows["household_income"]["constraint"] == ". >= 0 and . <= 1000000"
    assert rows["household_income"]["constraint_message::English (en)"] == "Between 0 and 1,000,000"
    assert rows["household_income"]["constraint_message::中文 (zh)"] == "应在 0 至 1,000,000 之间"
    assert rows["main_platform_share_percent"]["constraint"] == ". >= 0 and . <= 100"
    assert rows["rich"]["relevant"] == "${household_income} <= 2500000"
    written = pl.Series([text for row in rows.values() for key in row for text in [row[key] or ""] if "label" not in key])
    assert not written.str.contains(r"\d[eE][+-]?\d").any()


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


def returned(folder: Path, answers: dict[str, list[object]]) -> WorkerTable:
    """A file of answers, read without a codebook."""
    pl.DataFrame(answers, strict=False).write_csv(folder / "answers.csv")
    return read_worker_table(folder / "answers.csv", fieldwork=datetime.date(2025, 6, 1))


SERVERS = {
    "KoboToolbox": ("group/", "/"),
    "KoboToolbox with dots": ("group.", "."),
    "ODK Central": ("group-", "/"),
    "no groups": ("", "/"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_every_answer_of_every_set_comes_back_from_split_columns(tmp_path: Path, server: str) -> None:
    """`refused_reason/age` is an answer, not the respondent's age."""
    group, mark = SERVERS[server]
    sets = [column for column in vocabulary().values() if column.type == "set"]
    answers: dict[str, list[object]] = {
        f"{group}{column.name}{mark}{category}": [1, 0] for column in sets for category in column.categories
    }
    frame = returned(tmp_path, answers).frame
    for column in sets:
        assert frame[column.name].to_list() == [list(column.categories), []]
    assert {"age", "hukou", "documents"}.isdisjoint(frame.columns)


def test_answers_that_come_back_both_listed_and_split_are_read_once(tmp_path: Path) -> None:
    answers: dict[str, list[object]] = {"g/injury_paid_by/self": [1, 0], "g/injury_paid_by": ["self", "platform medical"]}
    assert returned(tmp_path, answers).frame["injury_paid_by"].to_list() == [["self"], ["platform", "medical"]]


@pytest.mark.parametrize("other", ["partner.age", "partner/age", "members-age"])
def test_an_exact_name_wins_over_one_in_a_group(tmp_path: Path, other: str) -> None:
    for answers in ({other: [60], "age": [30]}, {"age": [30], other: [60]}):
        assert returned(tmp_path, dict(answers)).frame["age"].to_list() == [30]
    split: dict[str, list[object]] = {"partner/injury_paid_by/self": [1], "injury_paid_by/self": [0]}
    assert returned(tmp_path, split).frame["injury_paid_by"].to_list() == [[]]


def test_a_name_in_one_group_only_is_taken(tmp_path: Path) -> None:
    assert returned(tmp_path, {"data/person/age": [30]}).frame["age"].to_list() == [30]


RIVALS: dict[str, tuple[str, str]] = {
    "two groups": ("partner/age", "person/age"),
    "two ways to write one group": ("person/age", "person.age"),
    "a set in two groups": ("first/injury_paid_by/self", "second/injury_paid_by/medical"),
    "one answer written in two ways": ("injury_paid_by/self", "injury_paid_by.self"),
}


@pytest.mark.parametrize("case", RIVALS)
def test_two_variables_for_one_column_are_a_fault_that_names_both(tmp_path: Path, case: str) -> None:
    first, second = RIVALS[case]
    for names in ((first, second), (second, first)):
        with pytest.raises(InputError) as raised:
            returned(tmp_path, {name: [30] for name in names})
        message = raised.value.text("en")
        assert first in message
        assert second in message
        assert "answers.csv" in message
        assert "codebook.yaml" in message
