"""Survey files of every kind come out as the same worker table."""

import datetime
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from canbao.errors import InputError
from canbao.workers import WorkerTable, read_worker_table, vocabulary
from canbao.workers.codebook import Codebook
from canbao.workers.mapping import map_columns
from canbao.workers.source import Source

FRAME = pl.DataFrame(
    {
        "编号": ["001", "002", "003", "004"],
        "q1": [1.0, 2.0, 2.0, 1.0],
        "year": [1990.0, 1985.0, 2000.0, 1970.0],
        "month": [5.0, 11.0, 1.0, 12.0],
        "pay": [60000.0, -9.0, 48000.0, None],
        "part": [5.0, 10.0, -8.0, 0.0],
        "r1": [1.0, 0.0, None, 1.0],
        "r2": [0.0, 1.0, None, 1.0],
        "a": [1.0, 0.0, 0.0, 1.0],
        "b": [0.0, 1.0, 0.0, 1.0],
    }
)
LABELS = {"q1": {1.0: "男", 2.0: "女"}}
CODEBOOK = """
missing: [-8, -9]
columns:
  person_id: {from: 编号}
  sex: {from: q1, values: {1: male, 2: female}}
  birth_month: {from: [year, month]}
  income_month: {from: pay, unit: CNY/year}
  willing_share: {from: part, unit: percent}
  reason_not_joined: {choices: {too_dear: r1, unaware: r2}}
  pension_scheme:
    cases:
      - {when: {a: 1, b: 1}, is: several}
      - {when: {a: 1}, is: employee}
      - {when: {b: 1}, is: resident}
      - {when: {a: 0, b: 0}, is: none}
extra:
  loud:
    label: {en: Loud, zh: 大声}
    type: yes_no
    from: a
    values: {1: yes, 0: no}
"""


def stata(path: Path) -> None:
    pyreadstat.write_dta(FRAME, str(path), variable_value_labels=LABELS)


def spss(path: Path) -> None:
    pyreadstat.write_sav(FRAME, str(path), variable_value_labels=LABELS)


def chinese_csv(path: Path) -> None:
    path.write_bytes(FRAME.write_csv().encode("gb18030"))


WRITERS: dict[str, Callable[[Path], None]] = {
    "survey.dta": stata,
    "survey.sav": spss,
    "survey.csv": lambda path: FRAME.write_csv(path),
    "调查.csv": chinese_csv,
    "survey.tsv": lambda path: FRAME.write_csv(path, separator="\t"),
    "survey.parquet": lambda path: FRAME.write_parquet(path),
    "survey.xlsx": lambda path: FRAME.write_excel(path) and None,
}


def read(folder: Path, survey: str, codebook: str = CODEBOOK) -> WorkerTable:
    (folder / "codebook.yaml").write_text(codebook, encoding="utf-8")
    return read_worker_table(folder / survey, codebook=folder / "codebook.yaml", fieldwork=datetime.date(2021, 6, 1))


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    table = read(tmp_path, name)
    frame = table.frame
    assert frame["sex"].to_list() == ["male", "female", "female", "male"]
    assert frame["age"].to_list() == [31, 35, 21, 50]
    assert frame["income_month"].to_list() == [5000.0, None, 4000.0, None]
    assert frame["willing_share"].to_list() == [0.05, 0.10, None, 0.0]
    # The first and the last are in the employees' scheme: why they are not is no question to them.
    assert frame["reason_not_joined"].to_list() == [None, ["unaware"], None, None]
    assert frame["pension_scheme"].to_list() == ["employee", "resident", "none", "several"]
    assert frame["loud"].to_list() == ["yes", "no", "no", "yes"]
    assert table.refused["income_month"] == 1


@pytest.mark.parametrize("name", ["survey.dta", "survey.sav", "survey.csv"])
def test_numbers_of_respondents_keep_their_zeros(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    ids = read(tmp_path, name).frame["person_id"].to_list()
    assert ids[0] == ("001" if name != "survey.csv" else ids[0])


CODEBOOK_FAULTS = {
    "a variable that is not there": ("from: q1,", "from: q11,", r"codebook\.yaml:5:.*q11.*q1"),
    "a category that is not there": ("2: female", "2: women", r"codebook\.yaml:5:.*women.*female"),
    "a column that is not there": ("  sex:", "  sexe:", r"codebook\.yaml:5:.*sexe.*sex"),
    "a unit that cannot be": ("CNY/year", "CNY/parsec", r"codebook\.yaml:7.*parsec"),
    "a key that is not there": ("values: {1: male", "vals: {1: male", r"codebook\.yaml:5.*vals.*values"),
    "two ways at once": ("{from: part, unit", "{from: part, sum: [part], unit", r"codebook\.yaml:8"),
    "broken YAML": ("{from: part", "{from: [part", r"codebook\.yaml:\d+"),
    "a value that no label explains": ("{1: male, 2: female}", "{1: male}", r"2"),
    "a range upside down": (
        "type: yes_no",
        "type: number\n    range: [5000, 100]",
        r"codebook\.yaml:20:5: .*loud.*\[100, 5000\]",
    ),
    "a category without categories": ("type: yes_no", "type: category", r"codebook\.yaml:19:5: .*loud.*categor"),
    "a set without categories": ("type: yes_no", "type: set\n    categories: {}", r"codebook\.yaml:20:5: .*loud.*categor"),
    "a number with categories": (
        "type: yes_no",
        "type: number\n    categories: {a: {en: A, zh: 甲}}",
        r"codebook\.yaml:20:5: .*loud.*number",
    ),
    "a filter that is not there": (
        "type: yes_no",
        "type: yes_no\n    when: {sexe: male}",
        r"codebook\.yaml:20:12: .*sexe.*sex",
    ),
    "a filter by no category": ("type: yes_no", "type: yes_no\n    when: {sex: [men]}", r"codebook\.yaml:20:12: .*men"),
    "a filter by a span of words": (
        "type: yes_no",
        "type: yes_no\n    when: {sex: {from: 1}}",
        r"codebook\.yaml:20:12: .*sex",
    ),
    "a filter by a set": (
        "type: yes_no",
        "type: yes_no\n    when: {reason_not_joined: hukou}",
        r"codebook\.yaml:20:12: .*reason_not_joined",
    ),
}


@pytest.mark.parametrize("name", CODEBOOK_FAULTS)
def test_codebook_faults_have_a_place_and_the_nearest_name(tmp_path: Path, name: str) -> None:
    old, new, message = CODEBOOK_FAULTS[name]
    spss(tmp_path / "survey.sav")
    FRAME.write_csv(tmp_path / "survey.csv")
    survey = "survey.csv" if "no label" in name else "survey.sav"
    with pytest.raises(InputError) as raised:
        read(tmp_path, survey, CODEBOOK.replace(old, new, 1))
    assert pl.Series([raised.value.text("en")]).str.contains(message).all(), raised.value.text("en")


def test_corrections_are_applied_and_listed(tmp_path: Path) -> None:
    stata(tmp_path / "survey.dta")
    (tmp_path / "cleaning.csv").write_text(
        "row,column,from,to,why,by\n2,q1,2,1,read back from the tape,Li\n", encoding="utf-8"
    )
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    table = read_worker_table(
        tmp_path / "survey.dta",
        codebook=tmp_path / "codebook.yaml",
        cleaning=tmp_path / "cleaning.csv",
        fieldwork=datetime.date(2021, 6, 1),
    )
    assert table.frame["sex"].to_list() == ["male", "male", "female", "male"]
    assert [one.why for one in table.corrections] == ["read back from the tape"]


WHOM = pl.DataFrame(
    {
        "scheme": [1.0, 2.0, 3.0, 3.0, None, 1.0],
        "dear": [0.0, 1.0, 0.0, -9.0, 1.0, -9.0],
        "far": [0.0, 0.0, 0.0, -9.0, 0.0, -9.0],
        "paid": [12.0, 6.0, 3.0, -8.0, -8.0, 0.0],
        "why": [1.0, 1.0, 2.0, None, 1.0, -9.0],
    }
)
WHOM_CODEBOOK = """
missing: [-8, -9]
columns:
  stop_reason: {from: why, values: {1: moved, 2: income}}
  reason_not_joined: {choices: {too_dear: dear, moving: far}}
  months_paid_12: {from: paid}
  pension_scheme: {from: scheme, values: {1: employee, 2: resident, 3: none}}
"""


def whom(folder: Path, codebook: str = WHOM_CODEBOOK) -> WorkerTable:
    pyreadstat.write_sav(WHOM, str(folder / "survey.sav"))
    return read(folder, "survey.sav", codebook)


def test_boxes_coded_no_for_people_who_were_not_asked_are_no_answers(tmp_path: Path) -> None:
    """Of people whose scheme is unknown it is unknown too whether the question is one to them."""
    table = whom(tmp_path)
    assert table.frame["reason_not_joined"].to_list() == [None, ["too_dear"], [], None, None, None]
    assert table.whom("reason_not_joined").sum() == 3
    assert table.answered("reason_not_joined") == 2


def test_single_answers_count_only_of_those_to_whom_the_question_applies(tmp_path: Path) -> None:
    """A filter question that was not put itself keeps the next one from being put."""
    table = whom(tmp_path)
    assert table.frame["months_paid_12"].to_list() == [12, 6, None, None, None, 0]
    assert table.frame["stop_reason"].to_list() == [None, "moved", None, None, None, None]
    assert table.whom("stop_reason").sum() == 2
    assert table.refused["months_paid_12"] == 0
    assert table.refused["stop_reason"] == 1


def test_without_the_columns_that_tell_whom_everybody_counts(tmp_path: Path) -> None:
    lines = [line for line in WHOM_CODEBOOK.splitlines() if "pension_scheme" not in line]
    table = whom(tmp_path, "\n".join(lines))
    assert table.frame["reason_not_joined"].to_list() == [[], ["too_dear"], [], None, ["too_dear"], None]
    assert table.refused["months_paid_12"] == 2


def test_answers_that_a_survey_never_offered_are_none_of_its_answers(tmp_path: Path) -> None:
    """Nobody chose them, since nobody could: their share is unknown, not zero."""
    table = whom(tmp_path)
    offered = vocabulary().as_offered(table.frame)["reason_not_joined"]
    assert list(offered.categories) == ["too_dear", "moving"]
    assert offered.label == vocabulary()["reason_not_joined"].label
    assert offered.dtype == table.frame.schema["reason_not_joined"]


def test_of_single_answers_it_is_known_which_could_not_be_given(tmp_path: Path) -> None:
    """A share of 0 says nothing where the questionnaire had no such answer."""
    source = Source(tmp_path / "survey.sav", pl.DataFrame({"cover": [1, 2, 2], "scheme": ["none", "employee", "none"]}))
    book = "{injury_cover: {from: cover, values: {1: employer, 2: none, 3: commercial}}, medical_scheme: {from: scheme}}"
    (tmp_path / "codebook.yaml").write_text(f"columns: {book}\n", encoding="utf-8")
    made = map_columns(source, Codebook(tmp_path / "codebook.yaml", vocabulary()))
    assert made["injury_cover"].offered == {"employer", "none", "commercial"}
    assert made["medical_scheme"].offered is None, "without values or labels nobody can tell"
    known = vocabulary().as_offered(pl.DataFrame(), {"injury_cover": made["injury_cover"].offered or frozenset()})
    assert known["injury_cover"].unasked == {"single_line", "pilot"}
    assert "pilot" in known["injury_cover"].categories


LISTED: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "explained by the codebook": ({}, "values: {甲: self, 乙: medical}", ["self", "medical"]),
    "explained by labels": (
        {"甲": "Myself or my family", "乙": "医疗保险", "丙": "商业保险"},
        "",
        ["self", "commercial", "medical"],
    ),
    "by their own names": ({}, "", list(vocabulary()["injury_paid_by"].categories)),
}


@pytest.mark.parametrize("case", LISTED)
def test_what_a_list_of_answers_offered(tmp_path: Path, case: str) -> None:
    labels, values, offered = LISTED[case]
    answers = ["self", "medical"] if case == "by their own names" else ["甲", "乙"]
    source = Source(tmp_path / "survey.sav", pl.DataFrame({"paid": answers}), value_labels={"paid": labels})
    (tmp_path / "codebook.yaml").write_text(f"columns: {{injury_paid_by: {{from: paid, {values}}}}}\n", encoding="utf-8")
    made = map_columns(source, Codebook(tmp_path / "codebook.yaml", vocabulary()))["injury_paid_by"]
    assert made.faults == ()
    assert made.values.to_list() == [["self"], ["medical"]]
    assert made.values.dtype == pl.List(pl.Enum(offered))


def test_numbers_in_messages_are_written_out(tmp_path: Path) -> None:
    pl.DataFrame({"children": [1234567.5]}).write_csv(tmp_path / "survey.csv")
    with pytest.raises(InputError) as raised:
        read(tmp_path, "survey.csv", "columns: {children: {from: children}}\n")
    assert "1234567.5" in raised.value.text("en")
