"""XES: what is read, under which names and types, what is reported and what is refused."""

import datetime
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures import open_log
from canbao.procedures.reading import xes

Put = Callable[[str, str | bytes], Path]

EVENT = (
    '<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2024-01-01T08:00:00+08:00"/>{}</event>'
)


def log(body: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f'{head}<log xmlns="http://www.xes-standard.org/">{body}</log>'


def trace(inner: str, name: str = "c1") -> str:
    return f'<trace><string key="concept:name" value="{name}"/>{inner}</trace>'


def event(more: str = "") -> str:
    return EVENT.format(more)


def fault(path: Path) -> str:
    with pytest.raises(InputError) as raised:
        open_log(path)
    assert len(raised.value.faults) == 1
    assert raised.value.text("zh") != raised.value.text("en")
    return str(raised.value)


def test_names_and_types(put: Put) -> None:
    more = (
        '<string key="org:resource" value="Li &amp; &#19978;"/><string key="org:group" value="g"/>'
        '<string key="lifecycle:transition" value="complete"/><int key="n" value="-3"/><float key="x" value="1.5E2"/>'
        '<boolean key="yes" value="true"/><date key="due" value="2024-02-29T00:00:00.123456Z"/><id key="i" value="a-b"/>'
    )
    opened = open_log(put("log.xes", log(trace('<int key="age" value="40"/>' + event(more)))))
    row = opened.events.row(0, named=True)
    assert row["activity"] == "A"
    assert row["time"] == datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    assert (row["resource"], row["office"], row["lifecycle"]) == ("Li & 上", "g", "complete")
    assert (row["n"], row["x"], row["yes"], row["i"]) == (-3, 150.0, True, "a-b")
    assert row["due"] == datetime.datetime(2024, 2, 29, 0, 0, 0, 123456, datetime.UTC)
    assert opened.cases.row(0, named=True) == {"case_id": "c1", "age": 40}
    assert opened.name == "log.xes"
    assert opened.findings == ()


def test_order_is_time_then_file(put: Put) -> None:
    late = event('<int key="n" value="1"/>').replace("08:00:00+08:00", "09:00:00+08:00")
    early = event('<int key="n" value="2"/>') + event('<int key="n" value="3"/>')
    opened = open_log(put("log.xes", log(trace(late + early))))
    assert opened.events["n"].to_list() == [2, 3, 1]
    assert {one.kind: one.count for one in opened.findings} == {"ties": 1, "out_of_order": 1}


def test_columns_stand_for_sparse_attributes(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the columns are packed in between."""
    monkeypatch.setattr(xes, "PACKED_AFTER", 3)
    body = "".join(
        trace("".join(event(f'<int key="n" value="{i}"/>' if i % 4 == 1 else "") for i in range(k, k + 5)), f"c{k}")
        for k in range(0, 50, 5)
    )
    opened = open_log(put("log.xes", log(body)))
    assert opened.events["n"].to_list() == [i if i % 4 == 1 else None for i in range(50)]
    assert opened.cases["case_id"].to_list() == [f"c{k}" for k in range(0, 50, 5)]


def test_what_is_odd_is_reported(put: Put) -> None:
    body = (
        "<trace>" + event('<string key="s" value="a"/>') + "</trace>"
        "<trace>"
        + event('<int key="s" value="4"/>')
        + "</trace>"
        + trace(event('<int key="n" value="many"/><int key="n2" value="1"/><int key="n2" value="2"/>'), "c1")
        + trace("", "empty")
        + trace(event('<string key="deep" value="a"><string key="er" value="b"/></string><list key="l"/>'), "c1")
        + trace('<event><string key="concept:name" value="B"/></event>' + event('<string key="without"/>'), "c3")
        + trace('<event><date key="time:timestamp" value="2024-01-01T00:00:00Z"/></event>' + event(), "c4")
        + trace(event().replace("2024", "1900"), "old")
        + trace(event().replace("2024", "2999"), "far")
        + trace(event().replace("+08:00", ""), "c6")
    )
    opened = open_log(put("log.xes", log(body)))
    assert {one.kind: (one.count, one.examples) for one in opened.findings} == {
        "nested_attributes": (2, ()),
        "attributes_without_value": (1, ()),
        "repeated_attributes": (1, ("n2",)),
        "case_without_id": (2, ("#1", "#2")),
        "unreadable_values": (1, ("n",)),
        "missing_time_zone": (1, ("c6",)),
        "mixed_types": (1, ("s",)),
        "without_activity": (1, ("c4",)),
        "without_time": (1, ("c3",)),
        "repeated_cases": (1, ("c1",)),
        "empty_cases": (1, ("empty",)),
        "blank_columns": (1, ("n",)),
        "ties": (1, ("c1",)),
        "far_times": (1, ("old",)),
        "future_times": (1, ("far",)),
    }
    assert opened.events.filter(pl.col("n2").is_not_null())["n2"].to_list() == [2]
    for one in opened.findings:
        assert one.words["en"] and one.words["zh"]


def test_starts_after_their_completions_are_reported(put: Put) -> None:
    def at(hour: int, step: str) -> str:
        return event(f'<string key="lifecycle:transition" value="{step}"/>').replace("08:00:00", f"{hour:02}:00:00")

    body = trace(at(9, "START") + at(10, "COMPLETE"), "right") + trace(at(9, "complete") + at(10, "start"), "wrong")
    opened = open_log(put("log.xes", log(body)))
    assert {one.kind: (one.count, one.examples) for one in opened.findings} == {
        "lifecycle_case": (2, ()),
        "negative_gaps": (1, ("wrong",)),
    }


def test_reserved_names_stay_apart(put: Put) -> None:
    body = trace(
        '<string key="case" value="x"/><string key="case_id" value="y"/>'
        + event('<string key="activity" value="z"/><string key="resource" value="r"/><string key="position" value="p"/>')
    )
    opened = open_log(put("log.xes", log(body)))
    assert opened.cases.row(0, named=True) == {"case_id": "c1", "case:case": "x", "case:case_id": "y"}
    row = opened.events.row(0, named=True)
    assert (row["activity"], row["event:activity"], row["resource"], row["event:position"]) == ("A", "z", "r", "p")


def test_without_names_the_classifier_counts(put: Put) -> None:
    body = '<classifier name="Activity" keys="task lifecycle:transition"/>' + trace(
        event('<string key="task" value="t"/><string key="lifecycle:transition" value="start"/>').replace(
            '<string key="concept:name" value="A"/>', ""
        )
    )
    opened = open_log(put("log.xes", log(body)))
    assert opened.activities == ["t+start"]
    assert [one.kind for one in opened.findings] == ["activity_from_classifier"]


def test_globals_do_not_fill_in(put: Put) -> None:
    head = '<global scope="event"><string key="org:resource" value="UNKNOWN"/></global>'
    assert "resource" not in open_log(put("log.xes", log(head + trace(event())))).events.columns


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "GBK", "big5", "windows-1252"])
def test_encodings(put: Put, encoding: str) -> None:
    name = "c1" if encoding == "windows-1252" else "中文"
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = log(trace(event(), name), f'<?xml version="1.0" encoding="{declared}"?>')
    assert open_log(put("log.xes", text.encode(encoding))).cases["case_id"].to_list() == [name]


BOMB = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><log>&b;</log>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "declares a document type"),
        ('<!DOCTYPE log SYSTEM "http://127.0.0.1/a.dtd"><log/>', "declares a document type"),
        ("<log>" + "<a>" * 100_000, "nested more than 64 levels"),
        (log(trace('<event><string key="a" value="' + "x" * (9 * 2**20) + '"/></event>')), "longer than 8 MiB"),
        (
            log(trace("<event>" + "".join(f'<int key="k{i}" value="1"/>' for i in range(2000)) + "</event>")),
            "1001 different",
        ),
        (log(trace(event()))[:-30], "breaks off"),
        (log(trace(event())).replace("<event>", "<event<"), "not well-formed"),
        (log(trace(event(), "中文")).encode("gb18030"), "not encoded as UTF-8"),
        (log("", '<?xml version="1.0" encoding="klingon"?>'), "klingon"),
        (log("", '<?xml version="1.0" encoding="base64"?>'), "base64"),
        ("<html><body>please log in</body></html>", "<html> stands where it cannot"),
        ("<definitions/>", "<definitions> stands where it cannot"),
        ('<x:log xmlns:x="http://www.xes-standard.org/"/>', "has a prefix"),
        (log(""), "holds no events"),
        (log(event()), "to which case"),
        (log(trace('<event><string key="concept:name" value="A"/></event>')), "has a time"),
        (log(trace('<event><date key="time:timestamp" value="2024-01-01T00:00:00Z"/></event>')), "what was done"),
        (log(trace(event().replace("2024-01-01T", "2024-02-30T"))), "“2024-02-30T08:00:00+08:00” of event 1 (case c1)"),
        (log(trace('<event><strin key="a" value="b"/></event>')), "no attribute type strin"),
        (log(trace('<event><string value="b"/></event>')), "has no key"),
        (log(trace(trace(event()))), "trace"),
    ],
)
def test_bad_logs_end_in_one_clear_message(put: Put, content: str | bytes, said: str) -> None:
    assert said in fault(put("log.xes", content))


def test_faults_have_their_place(put: Put) -> None:
    path = put("log.xes", "<log>\n<trace>\n<event>\n  <int key='a' value='1'>\n</log>")
    assert f"{path}:5:3" in fault(path)
