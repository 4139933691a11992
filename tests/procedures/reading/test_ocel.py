"""OCEL 2.0 in its three forms: the same tables, laid along the same cases, with the same faults."""

import copy
import datetime
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canbao.errors import InputError
from canbao.procedures import EventLog, ObjectTables, open_log

Put = Callable[[str, str | bytes], Path]

DOCUMENT: dict[str, Any] = {
    "objectTypes": [
        {"name": "transfer", "attributes": [{"name": "months", "type": "integer"}, {"name": "city", "type": "string"}]},
        {"name": "worker", "attributes": []},
    ],
    "eventTypes": [
        {"name": "apply", "attributes": [{"name": "fee", "type": "float"}]},
        {"name": "pay", "attributes": [{"name": "online", "type": "boolean"}]},
    ],
    "objects": [
        {
            "id": "t1",
            "type": "transfer",
            "attributes": [
                {"name": "months", "time": "1970-01-01T00:00:00Z", "value": 12},
                {"name": "months", "time": "2024-01-05T00:00:00Z", "value": 13},
                {"name": "city", "time": "2024-01-01T00:00:00Z", "value": "成都"},
            ],
            "relationships": [{"objectId": "w1", "qualifier": "of"}],
        },
        {"id": "t2", "type": "transfer"},
        {"id": "w1", "type": "worker"},
    ],
    "events": [
        {
            "id": "e1",
            "type": "apply",
            "time": "2024-01-01T00:00:00Z",
            "attributes": [{"name": "fee", "value": 1.5}],
            "relationships": [{"objectId": "t1", "qualifier": "opens"}, {"objectId": "w1", "qualifier": "by"}],
        },
        {
            "id": "e2",
            "type": "pay",
            "time": "2024-01-03T00:00:00+08:00",
            "attributes": [{"name": "online", "value": True}],
            "relationships": [{"objectId": "t1", "qualifier": ""}, {"objectId": "t2", "qualifier": ""}],
        },
        {
            "id": "e3",
            "type": "apply",
            "time": "2024-01-02T00:00:00Z",
            "relationships": [{"objectId": "t2", "qualifier": ""}],
        },
        {
            "id": "e4",
            "type": "apply",
            "time": "2024-01-02T00:00:00Z",
            "relationships": [{"objectId": "w1", "qualifier": ""}],
        },
    ],
}


def in_xml(document: dict[str, Any]) -> str:
    """Written by hand, apart from our own writer."""
    parts = ["<log>"]
    for name, types in (("object-type", document["objectTypes"]), ("event-type", document["eventTypes"])):
        parts.append(f"<{name}s>")
        for one in types:
            inner = "".join(f'<attribute name="{a["name"]}" type="{a["type"]}"/>' for a in one["attributes"])
            parts.append(f'<{name} name="{one["name"]}"><attributes>{inner}</attributes></{name}>')
        parts.append(f"</{name}s>")
    for name in ("object", "event"):
        parts.append(f"<{name}s>")
        for one in document[f"{name}s"]:
            time = f' time="{one["time"]}"' if name == "event" else ""
            parts.append(f'<{name} id="{one["id"]}" type="{one["type"]}"{time}><attributes>')
            for a in one.get("attributes", ()):
                when = f' time="{a["time"]}"' if "time" in a else ""
                value = str(a["value"]).lower() if isinstance(a["value"], bool) else a["value"]
                parts.append(f'<attribute name="{a["name"]}"{when}>{value}</attribute>')
            parts.append("</attributes><objects>")
            for r in one.get("relationships", ()):
                parts.append(f'<relationship object-id="{r["objectId"]}" qualifier="{r["qualifier"]}"/>')
            parts.append(f"</objects></{name}>")
        parts.append(f"</{name}s>")
    return "".join([*parts, "</log>"])


def in_sqlite(document: dict[str, Any], path: Path) -> None:
    kinds = {"string": "TEXT", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN", "time": "TIMESTAMP"}
    base = sqlite3.connect(path)
    for name in ("event", "object"):
        base.execute(f"create table {name} (ocel_id TEXT, ocel_type TEXT)")
        base.execute(f"create table {name}_map_type (ocel_type TEXT, ocel_type_map TEXT)")
        base.executemany(f"insert into {name} values (?, ?)", [(one["id"], one["type"]) for one in document[f"{name}s"]])
        for kind in document[f"{name}Types"]:
            base.execute(f"insert into {name}_map_type values (?, ?)", (kind["name"], kind["name"].title()))
            columns = "".join(f", {a['name']} {kinds[a['type']]}" for a in kind["attributes"])
            changed = ", ocel_changed_field TEXT" if name == "object" else ""
            table = f"{name}_{kind['name'].title()}"
            base.execute(f"create table {table} (ocel_id TEXT, ocel_time TIMESTAMP{changed}{columns})")
            for one in (one for one in document[f"{name}s"] if one["type"] == kind["name"]):
                if name == "event":
                    base.execute(f"insert into {table} (ocel_id, ocel_time) values (?, ?)", (one["id"], one["time"]))
                for a in one.get("attributes", ()):
                    if name == "event":
                        base.execute(f"update {table} set {a['name']} = ? where ocel_id = ?", (a["value"], one["id"]))
                    else:
                        row = (one["id"], a["time"], a["name"], a["value"])
                        sql = f"insert into {table} (ocel_id, ocel_time, ocel_changed_field, {a['name']}) values (?,?,?,?)"
                        base.execute(sql, row)
    base.execute("create table event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)")
    base.execute("create table object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT)")
    for name, table in (("events", "event_object"), ("objects", "object_object")):
        rows = [(one["id"], r["objectId"], r["qualifier"]) for one in document[name] for r in one.get("relationships", ())]
        base.executemany(f"insert into {table} values (?, ?, ?)", rows)
    base.commit()
    base.close()


@pytest.fixture(params=["json", "xml", "sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., EventLog]:
    """Open a document in one of the forms."""

    def opens(document: dict[str, Any] = DOCUMENT, **options: str) -> EventLog:
        path = tmp_path / "log.dat"
        path.unlink(missing_ok=True)
        if request.param == "sqlite":
            in_sqlite(document, path)
        else:
            path.write_text(json.dumps(document) if request.param == "json" else in_xml(document), encoding="utf-8")
        return open_log(path, **options)

    opens.form = request.param  # type: ignore[attr-defined]
    return opens


def utc(day: int, hour: int = 0) -> datetime.datetime:
    return datetime.datetime(2024, 1, day, hour, tzinfo=datetime.UTC)


def test_the_forms_say_the_same(opened: Callable[..., EventLog]) -> None:
    log = opened()
    tables = log.objects
    assert isinstance(tables, ObjectTables)
    assert tables.events.select("event_id", "activity", "time", "fee", "online").rows() == [
        ("e1", "apply", utc(1), 1.5, None),
        ("e2", "pay", utc(2, 16), None, True),
        ("e3", "apply", utc(2), None, None),
        ("e4", "apply", utc(2), None, None),
    ]
    assert tables.objects.rows() == [
        ("t1", "transfer", 12, "成都"),
        ("t2", "transfer", None, None),
        ("w1", "worker", None, None),
    ]
    assert tables.object_relations.rows() == [("t1", "w1", "of")]
    assert tables.changes.rows() == [("t1", "city", utc(1), "成都"), ("t1", "months", utc(5), "13")]
    assert tables.relations.rows()[0] == ("e1", "t1", "opens")
    assert tables.relations.height == 6


def test_cases_are_the_objects_with_most_events(opened: Callable[..., EventLog]) -> None:
    log = opened()
    assert log.cases.rows() == [("t1", 12, "成都"), ("t2", None, None)]
    assert log.events.select("case", "activity", "time", "event_id", "worker").rows() == [
        (0, "apply", utc(1), "e1", "w1"),
        (0, "pay", utc(2, 16), "e2", None),
        (1, "apply", utc(2), "e3", None),
        (1, "pay", utc(2, 16), "e2", None),
    ]
    assert {one.kind: (one.count, one.examples) for one in log.findings} == {
        "events_outside_cases": (1, ("e4",)),
        "events_in_several_cases": (1, ("e2",)),
        "out_of_order": (1, ("t2",)),
    }


def test_another_type_of_case(opened: Callable[..., EventLog]) -> None:
    log = opened(case_object="worker")
    assert log.events["event_id"].to_list() == ["e1", "e4"]
    with pytest.raises(InputError, match=r"it has: transfer, worker. Did you mean worker\?"):
        opened(case_object="workers")


def _relate(document: dict[str, Any], where: str) -> None:
    document[where][0]["relationships"].append({"objectId": "nobody", "qualifier": ""})


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda one: _relate(one, "events"), "Relations to an object that is not there: 1 (nobody)"),
        (lambda one: _relate(one, "objects"), "Relations between objects one of which is not there: 1 (nobody)"),
        (
            lambda one: one["events"].append(dict(one["events"][0], relationships=[])),
            "Events with the id of another: 1 (e1)",
        ),
        (lambda one: one["objects"].append({"id": "w1", "type": "worker"}), "Objects with the id of another: 1 (w1)"),
        (lambda one: one["events"][0].update(time="soon"), "“soon” of event 1 (case e1) cannot be read"),
        (lambda one: one["objects"][0]["attributes"][0].update(time="once"), "The time “once” of an object's value"),
        (lambda one: [event.pop("relationships") for event in one["events"]], "no cases"),
        (lambda one: one.update(events=[]), "holds no events"),
    ],
)
def test_bad_logs(opened: Callable[..., EventLog], harm: Callable[[dict[str, Any]], object], said: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    harm(document)
    with pytest.raises(InputError) as raised:
        opened(document)
    assert len(raised.value.faults) == 1
    assert said in str(raised.value)


def test_all_faults_at_once(put: Put) -> None:
    document = copy.deepcopy(DOCUMENT)
    _relate(document, "events")
    document["eventTypes"].pop(0)
    document["objectTypes"].pop(1)
    with pytest.raises(InputError) as raised:
        open_log(put("log.json", json.dumps(document)))
    assert [fault.what["en"] for fault in raised.value.faults] == [
        "Types of events that are not declared: 1 (apply).",
        "Types of objects that are not declared: 1 (worker).",
        "Relations to an object that is not there: 1 (nobody).",
    ]


def test_what_is_not_as_declared_is_reported(put: Put) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["events"][0]["attributes"] = [{"name": "fee", "value": "much"}, {"name": "new", "value": 1}]
    findings = {one.kind: one.examples for one in open_log(put("log.json", json.dumps(document))).findings}
    assert findings["unreadable_values"] == ("fee",)
    assert findings["undeclared_attributes"] == ("new",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1, 2]", "no OCEL 2.0 log"),
        ('{"ocel:events": {}}', "no OCEL 2.0 log"),
        (json.dumps(DOCUMENT | {"events": "abc"}), "no OCEL 2.0 log"),
        (json.dumps(DOCUMENT | {"events": [{"id": "e1"}]}), "no OCEL 2.0 log"),
        (json.dumps(DOCUMENT | {"events": [{"id": 1, "type": "a", "time": "2024-01-01"}]}), "no OCEL 2.0 log"),
        (json.dumps(DOCUMENT)[:200], "breaks off"),
        ('{"events": }', "log.json:1:12: This is not JSON"),
        ("[" * 100_000, "not JSON"),
        (
            json.dumps(DOCUMENT, indent=1).replace("apply", "a\\ud800", 1),
            "log.json:23: A text here holds half of a character",
        ),
        ('{"events": ' + "9" * 5000 + "}", "not JSON"),
        ('{"events": "\xff"}'.encode("latin-1"), "not encoded as UTF-8"),
        (in_xml(DOCUMENT).replace(' type="apply"', "", 1), "<event> lacks type"),
        (in_xml(DOCUMENT)[:-40], "breaks off"),
        ("<!DOCTYPE log [<!ENTITY a 'b'>]><log><object-types/></log>", "declares a document type"),
        ("<log><object-types>" + "<a>" * 100, "nested more than 64"),
        ("<log><events/></log>", "holds no events"),
        (b"SQLite format 3\x00" + bytes(100), "database is damaged"),
    ],
)
def test_broken_files_end_in_one_clear_message(put: Put, content: str | bytes, said: str) -> None:
    with pytest.raises(InputError) as raised:
        open_log(put("log.json", content))
    assert len(raised.value.faults) == 1
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("drop table event", "lacks the tables event"),
        ("drop table event; create view event as select 'e1' as ocel_id, 'apply' as ocel_type", "lacks the tables event"),
        ("drop table event_Apply", "lacks the tables event_Apply"),
        ("alter table event_Pay drop column ocel_time", "event_Pay lacks the columns ocel_time"),
        ("insert into event_Pay (ocel_id) values ('e9')", "row for e9, which is no event"),
        ("insert into object_Worker (ocel_id) values ('w9')", "row for w9, which is no object"),
        ("insert into event_object values ('e9', 't1', '')", "Relations of an event that is not there: 1 (e9)"),
    ],
)
def test_bad_databases(tmp_path: Path, harm: str, said: str) -> None:
    path = tmp_path / "log.sqlite"
    in_sqlite(DOCUMENT, path)
    base = sqlite3.connect(path)
    base.executescript(harm)
    base.close()
    with pytest.raises(InputError) as raised:
        open_log(path)
    assert said in str(raised.value)
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(InputError, match="damaged"):
        open_log(cut)
