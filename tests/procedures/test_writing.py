"""What is written is what is read again, in every format, and the same bytes each time."""

import datetime
import gzip
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures import EventLog, ObjectTables, open_log
from canbao.procedures.reading.times import FROM, UNTIL
from canbao.procedures.writing import write_ocel, write_xes

XES = ["xes", "xes.gz"]
OCEL = ["json", "xml", "sqlite"]
UTC = pl.Datetime("us", "UTC")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANBAO_CACHE", str(tmp_path / "cache"))


def write(log: EventLog, path: Path) -> None:
    (write_xes if ".xes" in path.name else write_ocel)(log, path)


def assert_same(read: EventLog, written: EventLog) -> None:
    """All that was written, whatever the reader adds; places in the file only in their order."""
    assert read.events.select(written.events.columns).drop("position").equals(written.events.drop("position"))
    assert read.cases.select(written.cases.columns).equals(written.cases)
    assert (read.time_zone, read.synthetic) == (written.time_zone, written.synthetic)
    assert read.events.schema["activity"] == written.events.schema["activity"]


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8)
names = texts.filter(lambda text: bool(text.strip()))
# What a log may hold: what every zone's calendar can write (reading refuses the rest).
moments = st.datetimes(
    datetime.datetime.combine(FROM, datetime.time()),
    datetime.datetime.combine(UNTIL, datetime.time()),
    timezones=st.just(datetime.UTC),
)
numbers = st.floats(allow_nan=False)
integers = st.integers(-(2**63), 2**63 - 1)

KINDS: dict[str, tuple[st.SearchStrategy, pl.DataType]] = {
    "text": (texts.map(lambda text: text + "\n\t <&>\"'"), pl.String()),
    "blank": (st.sampled_from(["", " ", "  x "]), pl.String()),
    "whole": (integers, pl.Int64()),
    "part": (numbers, pl.Float64()),
    "yes": (st.booleans(), pl.Boolean()),
    "moment": (moments, UTC),
    'odd & <name> "名"': (texts, pl.String()),
}
IN_EVENTS = {
    **KINDS,
    "resource": (names, pl.String()),
    "event_id": (texts, pl.String()),
    "event:case": (texts, pl.String()),
}
IN_CASES = {**KINDS, "case:case": (texts, pl.String()), "activity": (texts, pl.String()), "object_id": (texts, pl.String())}


@st.composite
def columns(draw: st.DrawFn, kinds: dict, height: int) -> dict[str, pl.Series]:
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), unique=True, max_size=4))
    made = {}
    for name in chosen:
        values, kind = kinds[name]
        cells = draw(st.lists(st.none() | values, min_size=height, max_size=height))
        if any(cell is not None for cell in cells):
            made[name] = pl.Series(name, cells, dtype=kind)
    return made


@st.composite
def logs(draw: st.DrawFn) -> EventLog:
    ids = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    owners = [*ids, *draw(st.lists(st.sampled_from(ids), max_size=6))]
    height = len(owners)
    events = pl.DataFrame(
        {
            "case_id": owners,
            "activity": draw(st.lists(names, min_size=height, max_size=height)),
            "time": pl.Series(draw(st.lists(moments, min_size=height, max_size=height)), dtype=UTC),
            **draw(columns(IN_EVENTS, height)),
        }
    )
    cases = pl.DataFrame({"case_id": ids, **draw(columns(IN_CASES, len(ids)))})
    zone = draw(st.sampled_from(["Asia/Shanghai", "UTC", "Europe/Berlin"]))
    return EventLog.of("a <log>", events, cases=cases, time_zone=zone, synthetic=draw(st.booleans()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=logs())
@pytest.mark.parametrize("form", ["xes", *OCEL])
def test_nothing_is_lost(tmp_path: Path, form: str, log: EventLog) -> None:
    path = tmp_path / f"log.{form}"
    write(log, path)
    read = open_log(path)
    if form != "xes":
        # OCEL gives every event an id of its own, and keeps these names for itself.
        read = rename_back(read, log)
    assert_same(read, log)


def rename_back(read: EventLog, written: EventLog) -> EventLog:
    events, cases = read.events, read.cases
    if "event:event_id" in events.columns:
        events = events.drop("event_id").rename({"event:event_id": "event_id"})
    if "case:object_id" in cases.columns and "object_id" in written.cases.columns:
        cases = cases.rename({"case:object_id": "object_id"})
    return EventLog(read.name, events, cases, read.time_zone, read.synthetic)


@st.composite
def object_tables(draw: st.DrawFn) -> ObjectTables:
    objects = draw(st.lists(names, min_size=2, max_size=5, unique=True))
    events = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    height = len(events)
    event_columns = draw(columns(KINDS, height))
    object_columns = draw(columns({name: KINDS[name] for name in ("text", "whole", "part", "yes", "moment")}, len(objects)))
    links = st.tuples(st.sampled_from(events), st.sampled_from(objects), texts)
    between = st.tuples(st.sampled_from(objects), st.sampled_from(objects), texts)
    related = [(event, objects[0], "") for event in events] + draw(st.lists(links, max_size=4))
    table = pl.DataFrame(
        {"object_id": objects, "object_type": ["case", *(["other"] * (len(objects) - 1))], **object_columns}
    )
    changes = []
    if "text" in object_columns:
        for name, first in table.select("object_id", "text").iter_rows():
            for moment in draw(st.lists(moments, max_size=2, unique=True)):
                if first is not None and moment.year != 1970:
                    changes.append((name, "text", moment, draw(texts)))
    return ObjectTables(
        pl.DataFrame(
            {
                "event_id": events,
                "activity": draw(st.lists(names, min_size=height, max_size=height)),
                "time": pl.Series(draw(st.lists(moments, min_size=height, max_size=height)), dtype=UTC),
                **event_columns,
            }
        ),
        table,
        in_order(related, ("event_id", "object_id", "qualifier"), events),
        in_order(draw(st.lists(between, max_size=3)), ("object_id", "related_id", "qualifier"), objects),
        pl.DataFrame(
            changes,
            schema={"object_id": pl.String, "attribute": pl.String, "time": UTC, "value": pl.String},
            orient="row",
        ),
    )


def in_order(rows: list[tuple[str, str, str]], columns: tuple[str, str, str], first: list[str]) -> pl.DataFrame:
    """Relations stand with the event or object that they begin at."""
    ordered = sorted(rows, key=lambda row: first.index(row[0]))
    return pl.DataFrame(ordered, schema=dict.fromkeys(columns, pl.String), orient="row")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=object_tables())
@pytest.mark.parametrize("form", OCEL)
def test_object_centric_tables_come_back(tmp_path: Path, form: str, tables: ObjectTables) -> None:
    whole = pl.DataFrame(
        {
            "case_id": tables.objects["object_id"][:1].extend_constant(
                tables.objects["object_id"][0], tables.events.height - 1
            ),
            "activity": tables.events["activity"],
            "time": tables.events["time"],
            "event_id": tables.events["event_id"],
        }
    )
    log = EventLog.of("log", whole, objects=tables)
    path = tmp_path / f"log.{form}"
    write_ocel(log, path)
    read = open_log(path).objects
    assert read is not None
    for name in ObjectTables.TABLES:
        one, other = getattr(read, name), getattr(tables, name)
        if name == "changes":
            one, other = (table.sort("object_id", "attribute", "time") for table in (one, other))
        assert one.select(other.columns).equals(other), name


def small(**more: pl.Series) -> EventLog:
    frame = pl.DataFrame(
        {
            "case_id": ["1", "1", "2"],
            "activity": ["B", "A", "A"],
            "time": [datetime.datetime(2024, 1, day, tzinfo=datetime.UTC) for day in (2, 1, 1)],
            "resource": ["x", None, "y"],
            **more,
        }
    )
    cases = pl.DataFrame({"case_id": ["1", "2"], "channel": ["窗口", "网上"]})
    return EventLog.of("small", frame, cases=cases, synthetic=True)


@pytest.mark.parametrize("form", [*XES, *OCEL, "jsonocel", "xmlocel", "db"])
def test_the_same_log_is_the_same_bytes(tmp_path: Path, form: str) -> None:
    one, other = tmp_path / f"one.{form}", tmp_path / f"other.{form}"
    write(small(), one)
    write(small(), other)
    assert one.read_bytes() == other.read_bytes()
    assert_same(open_log(one), small())


def test_xes_as_the_standard_has_it(tmp_path: Path) -> None:
    write_xes(small(), tmp_path / "log.xes.gz")
    root = ElementTree.fromstring(gzip.decompress((tmp_path / "log.xes.gz").read_bytes()))
    space = "{http://www.xes-standard.org/}"
    assert root.tag == f"{space}log"
    traces = root.findall(f"{space}trace")
    assert [[one.get("key") for one in trace if "key" in one.attrib] for trace in traces] == [
        ["concept:name", "channel"]
    ] * 2
    # In the order of the file that the log came from, which is not that of time.
    first = [[(one.get("key"), one.get("value")) for one in event] for event in traces[0].findall(f"{space}event")]
    assert first == [
        [("concept:name", "B"), ("time:timestamp", "2024-01-02T00:00:00.000000+00:00"), ("org:resource", "x")],
        [("concept:name", "A"), ("time:timestamp", "2024-01-01T00:00:00.000000+00:00")],
    ]


def test_ocel_as_the_standard_has_it(tmp_path: Path) -> None:
    write_ocel(small(), tmp_path / "log.json", case_type="办件")
    document = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in document["objectTypes"]] == ["办件", "resource"]
    assert {one["id"]: one["type"] for one in document["objects"]} == {
        "1": "办件",
        "2": "办件",
        "resource:x": "resource",
        "resource:y": "resource",
    }
    assert document["events"][0] == {
        "id": "e1",
        "type": "B",
        "time": "2024-01-02T00:00:00.000000+00:00",
        "attributes": [{"name": "resource", "value": "x"}],
        "relationships": [{"objectId": "1", "qualifier": "办件"}, {"objectId": "resource:x", "qualifier": "resource"}],
    }


@pytest.mark.parametrize("form", OCEL)
def test_a_part_of_an_object_centric_log(tmp_path: Path, form: str) -> None:
    write_ocel(small(), tmp_path / "whole.json")
    part = open_log(tmp_path / "whole.json").only(pl.Series([False, True]))
    write_ocel(part, tmp_path / f"part.{form}")
    read = open_log(tmp_path / f"part.{form}")
    assert read.cases["case_id"].to_list() == ["2"]
    assert read.objects is not None
    assert read.objects.objects["object_id"].to_list() == ["2", "resource:y"]


@pytest.mark.parametrize("form", ["xes", "xml"])
def test_control_characters_are_refused(tmp_path: Path, form: str) -> None:
    log = small(note=pl.Series(["a\x00b", None, None]))
    with pytest.raises(InputError, match="control character"):
        write(log, tmp_path / f"log.{form}")
    assert not list(tmp_path.iterdir())
    write(log, tmp_path / "log.json")
    assert_same(open_log(tmp_path / "log.json"), log)


def test_names_that_a_database_cannot_hold(tmp_path: Path) -> None:
    one = pl.Series(["a", None, None])
    for more in ({"Note": one, "note": one}, {"ocel_time": one}):
        with pytest.raises(InputError, match="cannot be columns"):
            write_ocel(small(**more), tmp_path / "log.sqlite")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["log.csv", "log", "log.gz"])
def test_names_that_say_another_format(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="does not say"):
        write_xes(small(), tmp_path / name)
    with pytest.raises(InputError, match="does not say"):
        write_ocel(small(), tmp_path / name)
