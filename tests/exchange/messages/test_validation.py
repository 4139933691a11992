"""What a platform's own check says: known faults, each with its code and row, in every form."""

import datetime
import json
import random
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

import canbao.exchange
from canbao.exchange.messages.conversion import read_message
from canbao.exchange.messages.description import description
from canbao.exchange.messages.header import Header
from canbao.exchange.messages.message import validate
from canbao.exchange.messages.status import Status, codes

from ..letters import FORMS, MADE, correction, deletion, header, mangled, number, orders, pseudonym, write


def found(status: Status) -> dict[str, list[int]]:
    return {one.code: [place.row for place in one.records] for one in status.findings}


@pytest.mark.parametrize("form", FORMS)
def test_what_was_written_is_read_again(tmp_path: Path, form: str) -> None:
    records = orders(7)
    status, about, read = read_message(write(tmp_path, records, form=form))
    assert status.result == "accepted" and about == header()
    assert read.select(records.columns).equals(records.cast(read.select(records.columns).schema))


def test_all_forms_give_the_same_answer(tmp_path: Path) -> None:
    records = orders(6).with_columns(pl.when(pl.col("record_id") == "r-3").then(-1).otherwise("pay_fen").alias("pay_fen"))
    answers = [found(validate(write(tmp_path, records, form=form))) for form in FORMS]
    assert answers == [{"63001": [4]}] * 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"worker": number(1)}, "61008"),
        ({"worker": "X1-" + "0" * 32}, "61008"),
        ({"order_id": number(1)}, "61010"),
        ({"order_id": None}, "60012"),
        ({"region": "990106"}, "60013"),
        ({"service": "delivery"}, "60013"),
        ({"completed_at": datetime.datetime(2026, 7, 3, 1, tzinfo=datetime.UTC)}, "62001"),
        ({"completed_at": datetime.datetime(2026, 7, 20, tzinfo=datetime.UTC)}, "62002"),
        ({"accepted_at": datetime.datetime(2026, 6, 30, 15, 59, tzinfo=datetime.UTC)}, "62003"),
        ({"completed_at": MADE + datetime.timedelta(seconds=1)}, "62005"),
        ({"completed_at": None}, "62004"),
        ({"pay_fen": -1}, "63001"),
        ({"pay_fen": 1_000_001}, "63003"),
        ({"pay_fen": 10**14}, "63004"),
        ({"relation": "station"}, "64001"),
        ({"relation": "station", "employer_code": "91110108551385082A"}, "61009"),
        ({"record_id": "r 1"}, "80001"),
        ({"record_id": number(1)}, "61010"),
        ({"replaces": "r-9"}, "80004"),
        ({"action": "correct"}, "80005"),
        ({"action": "correct", "replaces": "r-9"}, "80010"),
    ],
)
def test_a_fault_has_its_code(tmp_path: Path, change: dict[str, object], code: str) -> None:
    wrong = orders(1, 9).with_columns(pl.lit(value, orders(1).schema[name]).alias(name) for name, value in change.items())
    status = validate(write(tmp_path, pl.concat([orders(2), wrong])))
    assert found(status)[code] == [3]
    assert (status.result == "accepted") == (codes()[code].level == "notice")


def test_midnight_is_beijings(tmp_path: Path) -> None:
    first = datetime.datetime(2026, 6, 30, 16, tzinfo=datetime.UTC)
    assert validate(write(tmp_path, orders(1, accepted_at=first))).result == "accepted"


def test_what_stands_twice(tmp_path: Path) -> None:
    twice = pl.concat([orders(3), orders(1, 1, order_id="o-7"), orders(1, 5, order_id="o-2")])
    assert found(validate(write(tmp_path, twice))) == {"80000": [4], "62007": [5]}
    both = pl.concat([correction("c-1", "r-1"), deletion("c-2", "r-1")])
    assert found(validate(write(tmp_path, both, header(indicator="corrections"))))["80011"] == [2]


def test_a_deletion_needs_no_more_than_what_it_deletes(tmp_path: Path) -> None:
    lines = [f"# {name}: {text}" for name, text in header(indicator="corrections").as_texts().items()]
    path = tmp_path / "deletions.csv"
    path.write_text("\n".join([*lines, "record_id,action,replaces", "d-1,delete,r-1"]) + "\n", encoding="utf-8")
    assert validate(path).result == "accepted"


@pytest.mark.parametrize(
    ("about", "code"),
    [
        (header("m 1"), "50008"),
        (header(operator="91110108551385082A"), "60003"),
        (header(schema_version="0.9"), "60008"),
        (header(period_to=datetime.date(2026, 6, 1)), "60009"),
        (header(indicator="nothing"), "60006"),
    ],
)
def test_a_wrong_header_rejects_the_message(tmp_path: Path, about: object, code: str) -> None:
    path = write(tmp_path, orders(1), header())
    text = path.read_text(encoding="utf-8")
    for name, value in about.as_texts().items():  # type: ignore[attr-defined]
        text = "\n".join(f"# {name}: {value}" if line.startswith(f"# {name}:") else line for line in text.split("\n"))
    path.write_text(text, encoding="utf-8")
    status = validate(path)
    assert code in found(status) and status.result == "rejected"


def test_nothing_to_report(tmp_path: Path) -> None:
    assert validate(write(tmp_path, orders(0), header(indicator="nothing"))).result == "accepted"
    assert found(validate(write(tmp_path, orders(0)))) == {"60007": []}


def test_no_header_no_columns_no_file_at_all(tmp_path: Path) -> None:
    for name, content, code in (
        ("a.csv", b"record_id,action\n", "60002"),
        ("b.csv", b"", "60001"),
        ("c.csv", b"\x00\x01\x02", "60001"),
        ("d.ndjson", b'{"record_id": 1}\n', "60002"),
        ("e.parquet", b"PAR1 and no more", "60001"),
        ("f.xml", b"<html/>", "60001"),
        ("g.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "50007"),
        ("h.csv.gz", b"\x1f\x8b\x08 broken", "60001"),
        ("i.zip", b"PK\x03\x04 broken", "60001"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        status = validate(path)
        assert status.result == "rejected" and code in found(status), name


def test_a_missing_column_is_one_fault_and_an_unknown_one_a_notice(tmp_path: Path) -> None:
    path = write(tmp_path, orders(3).drop("service"))
    path.write_text(path.read_text(encoding="utf-8").replace("vehicle", "latitude"), encoding="utf-8")
    codes_of = {(one.code, one.column) for one in validate(path).findings}
    assert {("60004", "service"), ("60004", "vehicle"), ("60005", "latitude")} <= codes_of


def test_a_broken_line_costs_no_other(tmp_path: Path) -> None:
    path = write(tmp_path, orders(5))
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[-4] += ",more,than,columns"
    path.write_text("\n".join(lines), encoding="utf-8")
    status = validate(path)
    assert found(status) == {"60011": [3]} and status.counts.accepted == 4


def test_answers_repeat_no_value_of_the_file(tmp_path: Path) -> None:
    """Whatever column a person's number or name slips into."""
    secret = number(5)
    for column in orders(1).columns:
        wrong = orders(2).cast(dict.fromkeys(orders(1).columns, pl.String)).with_columns(pl.lit(secret).alias(column))
        path = write(tmp_path, wrong)
        status = validate(path)
        assert secret not in status.as_json() + status.as_xml(), column


def test_an_answer_is_json_and_xml_of_the_same_content(tmp_path: Path) -> None:
    status = validate(write(tmp_path, pl.concat([orders(2), orders(2, 4, pay_fen=-5)])))
    content = json.loads(status.as_json())
    assert content["record_errors"][0]["count"] == 2 and content["result"] == "partly_accepted"
    root = ElementTree.fromstring(status.as_xml().encode())
    space = {"s": "urn:canbao:exchange:status:v1"}
    assert [one.text for one in root.iterfind(".//s:RecordError/s:Code", space)] == ["63001"]
    assert [one.text for one in root.iterfind(".//s:DocRefIDInError", space)] == ["r-4", "r-5"]
    assert root.findtext(".//s:Status", namespaces=space) == "Accepted"


def test_the_same_file_gives_the_same_answer_to_the_byte(tmp_path: Path) -> None:
    path = write(tmp_path, orders(50, pay_fen=-1), form="ndjson")
    assert validate(path).as_json() == validate(path).as_json()


def test_packed_files_are_read(tmp_path: Path) -> None:
    import gzip
    import zipfile

    path = write(tmp_path, orders(4))
    (tmp_path / "m.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    with zipfile.ZipFile(tmp_path / "m.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "m.csv")
    answers = [validate(one) for one in (path, tmp_path / "m.csv.gz", tmp_path / "m.zip")]
    assert {one.digest for one in answers} == {answers[0].digest} and {one.result for one in answers} == {"accepted"}


def test_a_small_file_that_swells_is_refused(tmp_path: Path) -> None:
    import gzip

    path = write(tmp_path, orders(1))
    swollen = tmp_path / "bomb.csv.gz"
    with gzip.open(swollen, "wb") as file:
        file.write(path.read_bytes())
        for _ in range(80):
            file.write(b"0" * 2**20)
    assert validate(swollen).result == "rejected"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("seed", "times"), [(3, 60), pytest.param(103, 3_300, marks=pytest.mark.stress)])
def test_a_mangled_file_is_answered(tmp_path: Path, form: str, seed: int, times: int) -> None:
    path = write(tmp_path, pl.concat([orders(40), orders(2, 50, worker=pseudonym(77), vehicle="none")]), form=form)
    whole, hand = path.read_bytes(), random.Random(seed)
    for _ in range(times):
        path.write_bytes(mangled(whole, hand))
        status = validate(path)
        assert status.result in ("accepted", "partly_accepted", "rejected")
        assert status.result != "accepted" or not status.of_level("file", "record")
        json.loads(status.as_json())
        ElementTree.fromstring(status.as_xml().encode())


@pytest.mark.parametrize("form", FORMS)
def test_messages_are_never_corrected_as_a_whole(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {**header().as_texts(), "replaces": "m-0"}
    monkeypatch.setattr(Header, "as_texts", lambda _: texts)
    status = validate(write(tmp_path, orders(2), form=form))
    assert status.result == "rejected" and [one.code for one in status.of_level("file")] == ["80006"]


def test_every_column_and_code_is_said_in_both_languages() -> None:
    described = description()
    for kind in described.kinds:
        assert all(one.label.en and one.label.zh for one in described.columns(kind).values())
    program = "".join(path.read_text(encoding="utf-8") for path in Path(canbao.exchange.__path__[0]).rglob("*.py"))
    assert [code for code in codes() if f'"{code}"' not in program] == []
