"""The commands, as a platform and an administration use them."""

import json
from pathlib import Path

import polars as pl
import pytest

from canbao.cli import run
from canbao.exchange.identity.pseudonyms import read_operator_key
from canbao.exchange.messages.description import description
from canbao.exchange.messages.json_schema import json_schema
from canbao.procedures import open_log

from .letters import ADMINISTRATION, OPERATOR, header, number, orders, workers, write


def test_from_key_to_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, key = str(tmp_path / "exchange"), tmp_path / "key.json"
    assert run(["exchange", "init", folder, "--code", ADMINISTRATION, "--name", "测试局"]) == 0
    assert run(["exchange", "key", folder, "--operator", OPERATOR, "--out", str(key)]) == 0
    mine = read_operator_key(key)
    enrolment = write(tmp_path, workers([1, 2], mine), header("w", "workers"))
    sent = write(tmp_path, orders(4, worker=mine("resident", number(1))))
    wrong = write(tmp_path, orders(2, 10, pay_fen=-1), header("m-2"))
    assert run(["exchange", "validate", str(enrolment), str(sent)]) == 0
    assert run(["exchange", "validate", str(wrong), "--status", str(tmp_path / "outbox")]) == 1
    assert json.loads((tmp_path / "outbox" / "m-2.csv.status.json").read_text(encoding="utf-8"))["result"] == "rejected"
    capsys.readouterr()
    assert run(["exchange", "receive", folder, str(enrolment), str(sent), str(wrong), "--json"]) == 1
    answers = json.loads(capsys.readouterr().out)
    assert [one["result"] for one in answers] == ["accepted", "accepted", "rejected"]
    assert run(["exchange", "receive", folder, str(sent)]) == 0
    for command in (
        ["audit", folder],
        ["suspicions", folder],
        ["tables", folder, "--out", str(tmp_path / "tables")],
        ["share", folder, "--to", "injury", "--month", "2026-07", "--out", str(tmp_path / "injury")],
        ["events", folder, "--out", str(tmp_path / "events.csv")],
        ["assessment", folder, "--out", str(tmp_path / "assessment.md"), "--language", "zh"],
        ["rotate", folder, "exchange"],
        ["expire", folder, "--dry-run", "--on", "2040-01-01"],
        ["schema", "--out", str(tmp_path / "schema.json")],
        ["convert", str(sent), "--out", str(tmp_path / "sent.ndjson")],
    ):
        assert run(["exchange", *command]) == 0, command
    assert pl.read_parquet(tmp_path / "tables" / "orders.parquet").height == 4
    log = open_log(tmp_path / "events.csv")
    assert {"received", "accepted", "rejected", "share"} <= set(log.activities)


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "nowhere.csv"],
        ["receive", "nowhere", "nowhere.csv"],
        ["init", "{}", "--code", "1", "--name", "a"],
        ["share", "{}", "--to", "injury", "--month", "July", "--out", "x"],
        ["validate", "{}", "--map", "tax_withholdin"],
        ["validate", "{}", "--set", "colour=red"],
    ],
)
def test_faults_are_clear(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(["exchange", *(one.format(tmp_path / "e") for one in arguments)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_there_is_no_second_exchange_in_a_folder(tmp_path: Path) -> None:
    arguments = ["exchange", "init", str(tmp_path / "e"), "--code", ADMINISTRATION, "--name", "a"]
    assert run(arguments) == 0
    keys = (tmp_path / "e" / "keys.json").read_bytes()
    assert run(arguments) == 2 and (tmp_path / "e" / "keys.json").read_bytes() == keys


def test_the_schema_has_every_column() -> None:
    schema = json_schema()
    for kind in description().kinds:
        assert list(schema["$defs"][kind]["properties"]) == list(description().columns(kind))
