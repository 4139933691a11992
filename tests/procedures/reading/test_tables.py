"""CSV and Parquet: encodings, separators, names of columns, types, and what is refused."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures import open_log

Put = Callable[[str, str | bytes], Path]

CHINESE = (
    "办件编号,环节,办理时间,经办人,经办机构,办理渠道,材料数\n"
    "B001,受理,2024/1/2 8:05,王芳,甲区社保中心,窗口,3\n"
    "B001,办结,2024/1/4 16:30,,甲区社保中心,窗口,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_chinese_offices_export(put: Put, encoding: str, separator: str, ending: str) -> None:
    content = CHINESE.replace(",", separator).replace("\n", ending)
    log = open_log(put("log.csv", content.encode(encoding)))
    assert log.events.rows() == [
        (0, "受理", datetime.datetime(2024, 1, 2, 0, 5, tzinfo=datetime.UTC), 0, "王芳", "甲区社保中心", "窗口", 3),
        (0, "办结", datetime.datetime(2024, 1, 4, 8, 30, tzinfo=datetime.UTC), 1, None, "甲区社保中心", "窗口", None),
    ]
    assert log.events.columns[4:] == ["resource", "office", "channel", "documents"]
    assert [(one.kind, one.count) for one in log.findings] == [("missing_time_zone", 2)]


@pytest.mark.parametrize(
    "header",
    [
        "case_id,activity,time",
        "case:concept:name,concept:name,time:timestamp",
        "Case ID,Activity,Complete Timestamp",
        "CASE-ID,Concept:Name,timestamp",
        "受理编号,环节名称,时间",
    ],
)
def test_names_are_guessed(put: Put, header: str) -> None:
    log = open_log(put("log.csv", f"{header}\n1,A,2024-01-01T00:00:00Z\n"))
    assert (log.cases["case_id"].to_list(), log.activities) == (["1"], ["A"])


def test_a_stray_return_in_the_header_ends_nothing(put: Put) -> None:
    log = open_log(put("log.csv", b"case_id,act\rivity,time\n1,A,2024-01-01T00:00:00Z\n"))
    assert log.activities == ["A"]


def test_named_columns_come_before_guesses(put: Put) -> None:
    path = put("log.csv", "activity,code,who,moment\nx,A,7,2024-01-01T00:00:00Z\n")
    log = open_log(path, columns={"case_id": "who", "activity": "code", "time": "moment"})
    assert (log.activities, log.cases["case_id"].to_list()) == (["A"], ["7"])
    assert log.events["event:activity"].to_list() == ["x"]


def test_attributes_of_cases(put: Put) -> None:
    days = ("1,A,2024-01-01{},x,", "2,A,2024-01-01{},y,5", "1,B,2024-01-02{},x,4", "1,C,2024-01-03{},x,6")
    rows = "".join(row.format("T00:00:00Z") + "\n" for row in days)
    log = open_log(put("log.csv", f"case,activity,time,case:channel,case:n\n{rows}"))
    assert log.cases.rows() == [("1", "x", 4), ("2", "y", 5)]
    assert [(one.kind, one.examples) for one in log.findings] == [("differing_case_attributes", ("n",))]


def test_types_are_those_that_all_values_fit(put: Put) -> None:
    content = (
        "case,activity,time,code,whole,part,yes,day,text,blank\n"
        "1,A,2024-01-01T00:00:00Z,007,7,1.5,true,2024-01-01,7a,\n"
        "1,A,2024-01-02T00:00:00Z,008,-8,2,FALSE,2024-01-02,8,\n"
        "1,A,2024-01-03T00:00:00Z,,,,,,,\n"
    )
    log = open_log(put("log.csv", content))
    row = log.events.row(0, named=True)
    assert (row["code"], row["whole"], row["part"], row["yes"], row["text"]) == ("007", 7, 1.5, True, "7a")
    assert row["day"] == datetime.datetime(2023, 12, 31, 16, tzinfo=datetime.UTC)
    assert log.events.row(2)[4:] == (None,) * 6
    assert ("blank_columns", 1) in [(one.kind, one.count) for one in log.findings]


def test_events_that_cannot_be_placed_are_counted(put: Put) -> None:
    rows = "1,A,2024-01-01T00:00:00Z\n,A,2024-01-01T00:00:00Z\n1,  ,2024-01-01T00:00:00Z\n1,A,NULL\n1,A,\n"
    log = open_log(put("log.csv", f"case,activity,time\n{rows}"))
    assert log.events.height == 1
    assert {one.kind: one.count for one in log.findings} == {"without_case_id": 1, "without_activity": 1, "without_time": 2}


def test_quoted_texts(put: Put) -> None:
    log = open_log(put("log.csv", 'case,activity,time\n1,"A, ""b""\nc",2024-01-01T00:00:00Z\n'))
    assert log.activities == ['A, "b"\nc']


HEAD = "case,activity,time\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        (" \n \n", "empty"),
        (HEAD, "holds no events"),
        ("hello\nworld\n", "not split into columns"),
        ("foo,activity,time\n1,A,2024-01-01\n", "No column is known to be the case. Say which it is, as case_id"),
        (HEAD + "1,A,2024-01-01\n1,A,2024-13-01\n", "row 2, time: The time “2024-13-01” cannot be read"),
        (HEAD + "1,A,2024-01-01\n1,A,2024-01-01,x\n", "log.csv:3: This row has 4 values, the header 3"),
        (HEAD + '1,"A,2024-01-01\n1,A,2024-01-01\n', "quotation mark"),
        (HEAD + "1,A,45292.33\n", "Write times year first"),
        (HEAD.encode() + b"1,\xff\xff,2024-01-01\n", "log.csv:2: The text is not encoded as UTF-8"),
        (HEAD + "1,A\x00,2024-01-01\n", "no event log"),
        (HEAD + "".join(f"1,a{i},2024-01-01\n" for i in range(20_001)), "20001 different activities"),
        (HEAD + ",,\n,,\n", "No event"),
        (b"PAR1" + bytes(50) + b"PAR1", "Parquet file is damaged"),
    ],
)
def test_bad_tables_end_in_one_clear_message(put: Put, content: str | bytes, said: str) -> None:
    with pytest.raises(InputError) as raised:
        open_log(put("log.csv", content))
    assert len(raised.value.faults) == 1
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"csae_id": "foo"}, "Did you mean case_id?"),
        ({"case_id": "fo"}, "Did you mean foo?"),
        ({"case_id": "foo", "office": "foo"}, "two things"),
    ],
)
def test_bad_maps(put: Put, columns: dict[str, str], said: str) -> None:
    path = put("log.csv", "foo,activity,time\n1,A,2024-01-01\n")
    with pytest.raises(InputError) as raised:
        open_log(path, columns=columns)
    assert said in str(raised.value)


def test_all_missing_columns_at_once(put: Put) -> None:
    with pytest.raises(InputError) as raised:
        open_log(put("log.csv", "a,b\n1,2\n"))
    assert len(raised.value.faults) == 3


def test_parquet(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 1, 2, 8, 5)
    frame = pl.DataFrame(
        {
            "case:concept:name": [1.0, 1.0],
            "concept:name": pl.Series(["A", "B"], dtype=pl.Categorical),
            "time:timestamp": pl.Series([moment, moment + datetime.timedelta(hours=1)], dtype=pl.Datetime("ns")),
            "org:resource": ["x", None],
            "days": [datetime.date(2024, 1, 1), None],
            "small": pl.Series([1, 2], dtype=pl.UInt8),
            "parts": [[1, 2], []],
            "__index_level_0__": [0, 1],
        }
    )
    frame.write_parquet(tmp_path / "log.parquet")
    log = open_log(tmp_path / "log.parquet")
    assert log.cases["case_id"].to_list() == ["1"]
    assert log.events.row(0, named=True) == {
        "case": 0,
        "activity": "A",
        "time": datetime.datetime(2024, 1, 2, 0, 5, tzinfo=datetime.UTC),
        "position": 0,
        "resource": "x",
        "days": datetime.datetime(2023, 12, 31, 16, tzinfo=datetime.UTC),
        "small": 1,
        "parts": "[1, 2]",
    }
    frame.with_columns(pl.lit(20240102).alias("time:timestamp")).write_parquet(tmp_path / "numbers.parquet")
    with pytest.raises(InputError, match="holds numbers"):
        open_log(tmp_path / "numbers.parquet")


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_beyond_any_calendar(tmp_path: Path, unit: Literal["ms", "us"], zone: str | None) -> None:
    """Numbers in a Parquet file that would be a year of six digits."""
    times = pl.Series([0, 10**15 * (1 if unit == "ms" else 10**3)], dtype=pl.Int64).cast(pl.Datetime(unit, zone))
    table = pl.DataFrame({"case_id": ["a", "a"], "activity": ["x", "y"], "time": pl.Series([times[0]] * 2), "paid": times})
    beyond = table.with_columns(times.alias("time"))
    table.write_parquet(tmp_path / "log.parquet")
    assert open_log(tmp_path / "log.parquet").events["paid"].null_count() == 1
    beyond.write_parquet(tmp_path / "beyond.parquet")
    with pytest.raises(InputError, match="no calendar can write"):
        open_log(tmp_path / "beyond.parquet")
