"""Receiving: once however often, in whatever order, whole whenever it is killed."""

import datetime
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from _pytest.mark import ParameterSet

from canbao.exchange.messages.header import Header
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.store import Exchange, connect, receive
from canbao.exchange.store.partition import Partition
from canbao.exchange.store.tables import write_tables

from ..letters import (
    ADMINISTRATION,
    FORMS,
    MADE,
    OPERATOR,
    OTHER,
    correction,
    deletion,
    exchange,
    header,
    maker,
    mangled,
    number,
    orders,
    pseudonym,
    workers,
    write,
)

COUNTING = "SELECT record_id, worker_key, platform_key, order_id, pay_fen, status, enrolled FROM orders ORDER BY ALL"


def counting(opened: Exchange) -> list[tuple[object, ...]]:
    with connect(opened) as connection:
        return connection.execute(COUNTING).fetchall()


def why(opened: Exchange, kind: str = "orders") -> dict[str, str]:
    with connect(opened) as connection:
        rows = connection.execute(
            f"SELECT record_id, why FROM outdated_{kind} JOIN received_{kind} USING (record_key, message_key, row)"
        ).fetchall()
    return dict(rows)


def codes_of(receipt: object) -> set[str]:
    status = receipt.status  # type: ignore[attr-defined]
    every = {one["code"] for part in ("file_errors", "record_errors", "notices") for one in status[part]}
    return every - {"64002"}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_file_twice_has_one_effect(tmp_path: Path, form: str) -> None:
    opened = exchange(tmp_path / "exchange")
    path = write(tmp_path, orders(5), form=form)
    first = receive(opened, path)
    before = counting(opened)
    again = receive(opened, path)
    assert (first.result, again.result, first.before, again.before) == ("accepted", "accepted", False, True)
    assert first.status == again.status and counting(opened) == before and len(before) == 5


def test_the_same_number_for_other_content_is_refused(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    receive(opened, write(tmp_path, orders(5)))
    refused = receive(opened, write(tmp_path, orders(6)))
    assert refused.result == "rejected" and codes_of(refused) == {"50009"} and len(counting(opened)) == 5


def test_a_correction_takes_the_place_and_a_deletion_takes_away(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    receive(opened, write(tmp_path, orders(3)))
    changed = pl.concat([correction("c-0", "r-0", 900), deletion("d-1", "r-1")])
    answer = receive(opened, write(tmp_path, changed, header("m-2", indicator="corrections")))
    assert answer.result == "accepted" and not codes_of(answer)
    assert [(row[0], row[4]) for row in counting(opened)] == [("c-0", 900), ("r-2", 502)]
    assert why(opened) == {"r-0": "replaced", "r-1": "replaced", "d-1": "deletion"}


def test_corrections_of_corrections(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    receive(opened, write(tmp_path, orders(1)))
    for at, before in enumerate(["r-0", "c-0", "c-1"]):
        receive(
            opened, write(tmp_path, correction(f"c-{at}", before, 600 + at), header(f"n-{at}", indicator="corrections"))
        )
    assert [(row[0], row[4]) for row in counting(opened)] == [("c-2", 602)]


def test_a_correction_of_what_was_corrected_is_told_and_does_not_count(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    later = MADE + datetime.timedelta(hours=1)
    receive(opened, write(tmp_path, orders(1)))
    receive(opened, write(tmp_path, correction("c-0", "r-0", 600), header("n-0", indicator="corrections")))
    late = header("n-1", indicator="corrections", created_at=later)
    answer = receive(opened, write(tmp_path, correction("c-1", "r-0", 700), late))
    assert codes_of(answer) == {"80003"} and answer.result != "accepted"
    assert [row[0] for row in counting(opened)] == ["c-0"] and why(opened)["c-1"] == "outdated"


def test_a_correction_before_what_it_corrects_waits(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    answer = receive(opened, write(tmp_path, correction("c-0", "r-0", 600), header("n-0", indicator="corrections")))
    assert answer.result == "accepted" and codes_of(answer) == {"80002"} and counting(opened) == []
    receive(opened, write(tmp_path, orders(1)))
    assert [row[0] for row in counting(opened)] == ["c-0"]


def test_a_number_that_was_used_before_belongs_to_the_message_made_first(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    receive(opened, write(tmp_path, orders(2)))
    later = header("m-2", created_at=MADE + datetime.timedelta(days=1))
    answer = receive(opened, write(tmp_path, orders(2, 1, pay_fen=7), later))
    assert codes_of(answer) == {"80000"} and answer.status["records"] == {"read": 2, "accepted": 1, "in_error": 1}
    assert [(row[0], row[4]) for row in counting(opened)] == [("r-0", 500), ("r-1", 501), ("r-2", 7)]


def test_operators_have_their_own_numbers(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    receive(opened, write(tmp_path, orders(2)))
    (tmp_path / "other").mkdir()
    assert receive(opened, write(tmp_path / "other", orders(2), header(operator=OTHER))).result == "accepted"
    assert len(counting(opened)) == 4


def test_test_data_are_refused_in_operation_and_taken_by_a_test_system(tmp_path: Path) -> None:
    path = write(tmp_path, orders(1), header(test=True))
    assert codes_of(receive(exchange(tmp_path / "one"), path)) == {"50010"}
    assert receive(exchange(tmp_path / "two", production=False), path).result == "accepted"


def test_only_the_administration_sends_the_register(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    row = {
        "record_id": "g-1", "action": "new", "worker": maker(opened, ADMINISTRATION)("resident", number(1)),
        "identity_type": "resident", "identity_number": number(1),
        "scheme": "employees_pension", "status": "active", "region": "420106", "since": "2025-01", "enrolled_as": "own",
    }  # fmt: skip
    records = pl.DataFrame([row])
    assert codes_of(receive(opened, write(tmp_path, records, header("g-1", "register")))) == {"60014"}
    theirs = header("g-2", "register", operator=ADMINISTRATION, platform="register")
    assert receive(opened, write(tmp_path, records, theirs)).result == "accepted"


def test_one_worker_is_seen_across_platforms_and_in_the_register(tmp_path: Path) -> None:
    """Each operator has its own pseudonym of a person; the enrolments tell that they are one."""
    opened = exchange(tmp_path / "exchange")
    for operator in (OPERATOR, OTHER):
        folder = tmp_path / operator
        folder.mkdir()
        mine = maker(opened, operator)
        receive(opened, write(folder, workers([1, 2], mine), header("w", "workers", operator=operator)))
        receive(opened, write(folder, orders(2, worker=mine("resident", number(1))), header(operator=operator)))
    pseudonyms = [maker(opened, one)("resident", number(1)) for one in (OPERATOR, OTHER)]
    assert pseudonyms[0] != pseudonyms[1]
    rows = counting(opened)
    assert len({row[1] for row in rows}) == 1 and len({row[2] for row in rows}) == 2 and all(row[6] for row in rows)


def test_orders_of_who_is_not_enrolled_count_and_are_told(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    mine = maker(opened)
    receive(opened, write(tmp_path, workers([1], mine), header("w", "workers")))
    both = pl.concat([orders(2, worker=mine("resident", number(1))), orders(3, 2, worker=mine("resident", number(2)))])
    answer = receive(opened, write(tmp_path, both))
    (notice,) = answer.status["notices"]
    assert notice["code"] == "64002" and "3" in notice["details"]["en"] and answer.result == "accepted"
    assert [row[6] for row in counting(opened)] == [True, True, False, False, False]


def test_two_who_receive_the_same_file_at_once_have_one_effect(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    path = write(tmp_path, orders(200))
    command = [sys.executable, "-m", "canbao", "exchange", "receive", str(opened.folder), str(path)]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert len(counting(opened)) == 200 and AuditLog(opened.folder, opened.keys).verify().lines == 1


def test_a_pseudonym_of_somebody_else_or_of_no_key_is_refused(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    mine = maker(opened)
    wrong = workers([1, 2, 3], mine).with_columns(
        pl.when(pl.col("record_id") == "w-2").then(pl.lit(mine("resident", number(9)))).otherwise("worker").alias("worker")
    )
    assert codes_of(receive(opened, write(tmp_path, wrong, header("w", "workers")))) == {"61006"}
    unknown = orders(2, worker="x9-" + "0" * 32)
    assert codes_of(receive(opened, write(tmp_path, unknown))) == {"61007"}


def test_clear_data_are_nowhere_in_the_store(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    receive(opened, write(tmp_path, workers([1, 2], maker(opened)), header("w", "workers")))
    bad = workers([3], maker(opened)).with_columns(pl.lit(number(4)).alias("record_id"), pl.lit("nowhere").alias("region"))
    receive(opened, write(tmp_path, bad, header("v", "workers")))
    secrets = [text for one in (1, 2, 3, 4) for text in (number(one), f"138{one:08}", f"张{one}")]
    for path in (tmp_path / "exchange").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [one for one in secrets if one.encode() in content], path
    # Parquet may be packed: its columns themselves have none either.
    for path in (tmp_path / "exchange").rglob("*.parquet"):
        text = str(pl.read_parquet(path).rows())
        assert not [one for one in secrets if one in text or str(one.encode())[2:-1] in text], path


def test_clear_data_are_not_even_on_the_way_there(tmp_path: Path) -> None:
    """A process may be killed with its scratch files on the disk."""
    opened = exchange(tmp_path / "exchange")
    partition = Partition(tmp_path, opened.keys)
    records = workers([1, 2], maker(opened)).with_row_index("row", 1)
    partition.add(header("w", "workers"), records)
    text = str(pl.read_parquet(tmp_path / "part-000000.parquet").rows())
    assert number(1) not in text and "张1" not in text and "13800000001" not in text


# --- order ----------------------------------------------------------------------------------------------------------------


def letters() -> list[tuple[Header, pl.DataFrame]]:
    """Ten messages that refer to each other in every way, rightly and wrongly."""

    def corrects(message_id: str, hours: int, *records: pl.DataFrame) -> tuple[Header, pl.DataFrame]:
        made = MADE + datetime.timedelta(hours=hours)
        return header(message_id, indicator="corrections", created_at=made), pl.concat(records)

    return [
        (header("a"), orders(4)),
        (header("b", created_at=MADE + datetime.timedelta(hours=1)), orders(3, 3, pay_fen=70)),
        corrects("c", 2, correction("c-0", "r-0", 901), deletion("d-1", "r-1")),
        corrects("d", 3, correction("c-1", "c-0", 902)),
        corrects("e", 3, correction("c-2", "r-0", 903)),
        corrects("f", 4, deletion("d-2", "c-1")),
        corrects("g", 5, correction("c-3", "d-2", 904), correction("c-4", "r-5", 905, order_id="o-5")),
        corrects("h", 1, correction("c-4", "r-4", 906)),
        corrects("i", 1, correction("x-1", "x-2", 907), correction("x-2", "x-1", 908, order_id="o-x")),
        (header("j", operator=OTHER), orders(2)),
    ]


@pytest.mark.parametrize("seed", [1, 2, *[pytest.param(seed, marks=pytest.mark.stress) for seed in range(100, 130)]])
def test_in_any_order_the_same_counts(tmp_path: Path, seed: int) -> None:
    """See test_chains.py for many more orders of many more chains."""
    opened = exchange(tmp_path / "exchange")
    paths = [write(tmp_path, records, about) for about, records in letters()]
    order = [*range(len(paths)), 3, 7]
    random.Random(seed).shuffle(order)
    for at in order:
        receive(opened, paths[at])
        if at == 4:
            counting(opened)  # what was calculated in between must not stay
    # Worked out by hand: r-0 is deleted in the end, r-1 too; r-2 and r-3 of a; r-4 corrected by h; r-5 of b; two of j.
    mine = [(row[0], row[4]) for row in counting(opened)]
    assert sorted(mine) == [("c-4", 906), ("r-0", 500), ("r-1", 501), ("r-2", 502), ("r-3", 503), ("r-5", 70)]
    assert why(opened)["x-1"] == why(opened)["x-2"] == "waiting"


# --- kills ----------------------------------------------------------------------------------------------------------------


def kills(times: int) -> list[ParameterSet]:
    return [pytest.param(seed, times, marks=pytest.mark.stress) for seed in (101, 102)]


@pytest.mark.parametrize(("seed", "times"), [(5, 6), *kills(100)])
def test_killed_at_any_moment_nothing_is_lost_doubled_or_half_written(tmp_path: Path, seed: int, times: int) -> None:
    opened = exchange(tmp_path / "exchange")
    hand = random.Random(seed)
    command = [sys.executable, "-m", "canbao", "exchange", "receive", str(opened.folder)]
    expected: dict[str, int] = {}
    in_july = MADE - datetime.timedelta(days=5)
    began = time.monotonic()
    subprocess.run([*command[:4], "audit", str(opened.folder)], check=True, stdout=subprocess.DEVNULL)
    start = time.monotonic() - began
    for at in range(times):
        # All at one time: so many orders one after the other would run out of the month.
        made = orders(500, at * 500, accepted_at=in_july, completed_at=in_july)
        path = write(tmp_path, made, header(f"m-{at}"), form=hand.choice(FORMS))
        expected[f"m-{at}"] = 500
        process = subprocess.Popen([*command, str(path)], start_new_session=True, stdout=subprocess.DEVNULL)
        time.sleep(start * hand.uniform(0.7, 1.8))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # Whatever is there is whole.
        with connect(opened) as connection:
            rows = connection.execute(
                "SELECT message_id, count(*), count(DISTINCT record_id) FROM received_orders JOIN messages "
                "USING (message_key) GROUP BY 1"
            ).fetchall()
        assert all(expected[name] == count == distinct for name, count, distinct in rows)
        assert AuditLog(opened.folder, opened.keys).verify().wrong is None
        if hand.random() < 0.7:
            assert receive(opened, path).result == "accepted"
    for path in sorted(tmp_path.glob("m-*.*")):
        assert receive(opened, path).result == "accepted"
    assert len(counting(opened)) == 500 * times
    noted = [entry["message"] for entry in AuditLog(opened.folder, opened.keys).entries()]
    assert len(noted) == len(set(noted)) == times
    left = [path.name for path in (opened.folder / "messages").iterdir() if path.name.startswith(".")]
    assert left == []


def test_a_message_that_was_kept_and_not_noted_is_noted_by_the_next(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    receive(opened, write(tmp_path, orders(1)))
    (opened.folder / "audit.jsonl").unlink()
    receive(opened, write(tmp_path, orders(1, 5), header("m-2")))
    assert [entry["message_id"] for entry in AuditLog(opened.folder, opened.keys).entries()] == ["m-1", "m-2"]


def test_a_mangled_file_leaves_nothing_but_its_answer(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    path = write(tmp_path, orders(30))
    whole, hand = path.read_bytes(), random.Random(8)
    for _ in range(15):
        path.write_bytes(mangled(whole, hand))
        receipt = receive(opened, path)
        assert receipt.result in ("accepted", "partly_accepted", "rejected")
        assert (receipt.folder / "status.xml").is_file()
    assert AuditLog(opened.folder, opened.keys).verify().wrong is None


# --- for calculation ------------------------------------------------------------------------------------------------------


def test_tables_for_calculation_have_beijings_times_and_who_is_enrolled(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    mine = maker(opened)
    receive(opened, write(tmp_path, workers([1], mine), header("w", "workers")))
    receive(opened, write(tmp_path, orders(1, worker=mine("resident", number(1)))))
    rows = [
        {"record_id": f"g-{at}", "action": "new", "worker": maker(opened, ADMINISTRATION)("resident", number(1)),
         "identity_type": "resident", "identity_number": number(1), "scheme": scheme, "status": "active",
         "region": "420106", "since": "2025-01", "enrolled_as": enrolled}
        for at, (scheme, enrolled) in enumerate([("employees_pension", "own"), ("residents_medical", None)])
    ]  # fmt: skip
    theirs = header("g", "register", operator=ADMINISTRATION, platform="register")
    assert receive(opened, write(tmp_path, pl.DataFrame(rows), theirs)).result == "accepted"
    write_tables(opened, tmp_path / "tables")
    (order,) = pl.read_parquet(tmp_path / "tables" / "orders.parquet").rows(named=True)
    assert order["accepted_at"] == datetime.datetime(2026, 7, 3, 10)
    (entry,) = pl.read_parquet(tmp_path / "tables" / "register.parquet").rows(named=True)
    assert entry["worker_key"] == order["worker_key"]
    assert (entry["pension"], entry["medical"], entry["province"]) == ("flexible", "resident", "42")
    listed = pl.read_csv(tmp_path / "tables" / "platforms.csv")
    assert listed.rows() == [(order["platform_key"], OPERATOR, "Songda")]


# --- the operator's own record --------------------------------------------------------------------------------------------


def report(folder: Path, name: str, kind: str, record_id: str, replaces: str | None = None, *, hours: int = 0) -> Path:
    """A yearly report of one seller whose operator's record does this."""
    made = MADE + datetime.timedelta(hours=hours)
    year = {"period_from": datetime.date(2025, 1, 1), "period_to": datetime.date(2025, 12, 31), "created_at": made}
    record = {"record_id": f"y-{name}", "action": "new", "worker": pseudonym(1), "year": 2025, "gross_q1": 5}
    path = write(folder, pl.DataFrame([record]), header(name, "yearly", **year), "xml")
    ours = f"<stf:DocTypeIndic>OECD1</stf:DocTypeIndic><stf:DocRefId>{OPERATOR}:2025</stf:DocRefId>"
    theirs = f"<stf:DocTypeIndic>{kind}</stf:DocTypeIndic><stf:DocRefId>{record_id}</stf:DocRefId>"
    theirs += f"<stf:CorrDocRefId>{replaces}</stf:CorrDocRefId>" if replaces else ""
    text = path.read_text(encoding="utf-8")
    assert ours in text
    path.write_text(text.replace(ours, theirs), encoding="utf-8")
    return path


def test_an_operators_record_that_is_sent_again_must_be_known_and_the_latest(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")

    def notices(path: Path) -> list[str]:
        receipt = receive(opened, path)
        assert receipt.result == "accepted"
        return [one["code"] for one in receipt.status["notices"]]

    assert notices(report(tmp_path, "a", "OECD0", "p-1")) == ["80013"]
    assert notices(report(tmp_path, "b", "OECD1", "p-2", hours=1)) == []
    assert notices(report(tmp_path, "c", "OECD0", "p-2", hours=2)) == []
    assert notices(report(tmp_path, "d", "OECD2", "p-3", "p-2", hours=3)) == []
    assert notices(report(tmp_path, "e", "OECD0", "p-2", hours=4)) == ["80014"]
    assert notices(report(tmp_path, "f", "OECD0", "p-3", hours=5)) == []
    assert notices(report(tmp_path, "g", "OECD2", "p-5", "p-4", hours=6)) == ["80002"]
    # Made before the correction, received after it: then it was the latest.
    assert notices(report(tmp_path, "h", "OECD0", "p-2", hours=1)) == []


def test_our_own_corrections_send_an_operators_record_again_that_is_known(tmp_path: Path) -> None:
    opened = exchange(tmp_path / "exchange")
    year = {"period_from": datetime.date(2025, 1, 1), "period_to": datetime.date(2025, 12, 31)}
    record = {"record_id": "y-1", "action": "new", "worker": pseudonym(1), "year": 2025, "gross_q1": 5}
    again = {**record, "record_id": "y-2", "action": "correct", "replaces": "y-1"}
    receive(opened, write(tmp_path, pl.DataFrame([record]), header("y", "yearly", **year), "xml"))
    later = header("z", "yearly", "corrections", created_at=MADE + datetime.timedelta(hours=1), **year)
    receipt = receive(opened, write(tmp_path, pl.DataFrame([again]), later, "xml"))
    assert (receipt.result, receipt.status["notices"]) == ("accepted", [])
