"""Personal data: what is given to whom, who may, what the log shows, what is deleted, how keys change."""

import datetime
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.exchange.identity.keys import Keys
from canbao.exchange.identity.numbers import resident_number
from canbao.exchange.identity.suspicions import near_numbers
from canbao.exchange.identity.vault import ClearIdentity, opened, sealed
from canbao.exchange.protection.assessment import assessment
from canbao.exchange.protection.audit import AuditLog
from canbao.exchange.protection.retention import expire, months_later, past_time
from canbao.exchange.protection.sharing import people, purposes, share
from canbao.exchange.protection.suspicions import suspicions_of
from canbao.exchange.store import Exchange, connect, receive
from canbao.exchange.store.rotation import rotate

from ..letters import MADE, OPERATOR, OTHER, exchange, header, maker, number, orders, workers, write


def with_people(folder: Path, *others: int) -> Exchange:
    opened_exchange = exchange(folder / "exchange")
    mine = maker(opened_exchange)
    receive(opened_exchange, write(folder, workers([1, 2, *others], mine), header("w", "workers")))
    receive(opened_exchange, write(folder, orders(4, worker=mine("resident", number(1)))))
    earnings = pl.DataFrame(
        [
            {"record_id": f"e-{one}", "action": "new", "worker": mine("resident", number(one)), "month": "2026-07",
             "gross_fen": 500_000, "refunds_fen": 0, "fees_fen": 20_000, "net_fen": 480_000, "tax_withheld_fen": 0,
             "orders": 4}
            for one in (1, 2)
        ]
    )  # fmt: skip
    receive(opened_exchange, write(folder, earnings, header("e", "earnings")))
    return opened_exchange


@pytest.mark.parametrize("purpose", purposes())
def test_a_purpose_gets_its_fields_and_no_more(tmp_path: Path, purpose: str) -> None:
    made = with_people(tmp_path)
    rows = share(made, purpose, tmp_path / purpose, month="2026-07")
    found = pl.read_parquet(tmp_path / purpose / f"{purpose}.parquet")
    asked = purposes()[purpose]
    allowed = {*asked.columns, *asked.sums, *(["identity_number"] if asked.numbers else [])}
    assert found.height == rows > 0 and set(found.columns) == allowed
    about = json.loads((tmp_path / purpose / "provision.json").read_text(encoding="utf-8"))
    assert about["basis"] and about["rows"] == rows
    (noted,) = [one for one in AuditLog(made.folder, made.keys).entries() if one["action"] == "share"]
    assert noted["purpose"] == purpose and noted["rows"] == rows and noted["basis"]


def test_two_recipients_cannot_join_what_they_got(tmp_path: Path) -> None:
    made = with_people(tmp_path)
    found = {}
    for purpose in purposes():
        share(made, purpose, tmp_path / purpose)
        found[purpose] = set(pl.read_parquet(tmp_path / purpose / f"{purpose}.parquet")["worker"])
    sent = {maker(made)("resident", number(one)) for one in (1, 2)}
    every = [*found.values(), sent]
    assert all(one.isdisjoint(other) for at, one in enumerate(every) for other in every[at + 1 :])


def test_numbers_go_only_where_a_law_gives_them(tmp_path: Path) -> None:
    made = with_people(tmp_path)
    for purpose, asked in purposes().items():
        share(made, purpose, tmp_path / purpose)
        frame = pl.read_parquet(tmp_path / purpose / f"{purpose}.parquet")
        assert (number(1) in str(frame.rows())) == asked.numbers


def test_who_has_not_the_duty_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = with_people(tmp_path)
    settings = made.folder / "exchange.yaml"
    text = settings.read_text(encoding="utf-8").replace("duties: {}", "duties: {share: [li], receive: [li, wang]}")
    settings.write_text(text, encoding="utf-8")
    monkeypatch.setenv("CANBAO_USER", "wang")
    strict = Exchange.open(made.folder)
    with pytest.raises(InputError, match="wang"):
        share(strict, "tax", tmp_path / "tax")
    assert not (tmp_path / "tax").exists()
    monkeypatch.setenv("CANBAO_USER", "li")
    assert share(strict, "tax", tmp_path / "tax")


# --- the log --------------------------------------------------------------------------------------------------------------


def log_of(folder: Path, lines: int = 6) -> AuditLog:
    made = exchange(folder / "exchange")
    log = AuditLog(made.folder, made.keys)
    for at in range(lines):
        log.add("receive", {"message": f"m{at}", "accepted": at})
    return log


def test_an_untouched_log_fits(tmp_path: Path) -> None:
    verdict = log_of(tmp_path).verify()
    assert (verdict.lines, verdict.wrong) == (6, None) and len(verdict.head) == 64


@pytest.mark.parametrize("at", range(6))
def test_whatever_is_changed_shows(tmp_path: Path, at: int) -> None:
    log = log_of(tmp_path)
    lines = log.path.read_text(encoding="utf-8").splitlines()

    def verdict(changed: list[str]) -> int | None:
        log.path.write_text("\n".join(changed) + "\n", encoding="utf-8")
        return log.verify().wrong

    assert verdict([line.replace(f'"accepted": {at}', '"accepted": 9') for line in lines]) == at + 1
    if at < 5:
        assert verdict(lines[:at] + lines[at + 1 :]) == at + 1
        assert verdict([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]) == at + 1
    assert verdict([*lines[: at + 1], lines[at], *lines[at + 1 :]]) == at + 2
    assert verdict(lines) is None


def test_a_line_that_was_torn_is_cut_off_and_the_chain_goes_on(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    content = log.path.read_bytes()
    log.path.write_bytes(content[:-20])
    log.add("receive", {"message": "next"})
    verdict = log.verify()
    assert (verdict.lines, verdict.wrong) == (6, None)


# --- keys and the vault ---------------------------------------------------------------------------------------------------


def test_keys_are_readable_by_their_owner_only_and_not_printed(tmp_path: Path) -> None:
    made = exchange(tmp_path / "exchange")
    assert made.keys.path.stat().st_mode & 0o777 == 0o600
    assert all(one.secret not in repr(one) + str(one) + repr(made.keys) for one in made.keys.keys)


def test_what_was_sealed_opens_with_its_key_only_and_for_its_person_only(tmp_path: Path) -> None:
    keys = exchange(tmp_path / "exchange").keys
    somebody = ClearIdentity(7, "resident", number(1), "张三", "13800000001")
    rows = sealed([somebody], keys.newest("vault"))
    assert list(opened(rows, keys)) == [somebody]
    for wrong in (
        rows.with_columns(pl.lit(8, pl.Int64).alias("worker_key")),
        rows.with_columns(pl.Series("sealed", [rows["sealed"][0][:-1] + b"\x00"])),
    ):
        with pytest.raises(InputError):
            list(opened(wrong, keys))
    with pytest.raises(InputError):
        list(opened(rows, exchange(tmp_path / "other").keys.__class__(keys.path, keys.keys[:2])))
    assert number(1) not in repr(somebody) + str(rows)


def test_a_new_key_works_at_once_the_old_one_for_a_while_and_workers_stay_who_they_are(tmp_path: Path) -> None:
    made = with_people(tmp_path)
    old = maker(made)("resident", number(1))
    rotate(made, "exchange", datetime.date(2026, 8, 1))
    again = Exchange.open(made.folder)
    new = maker(again)("resident", number(1))
    assert old != new
    receive(again, write(tmp_path, orders(1, 50, worker=new), header("m-new")))
    receive(again, write(tmp_path, orders(1, 60, worker=old), header("m-old")))
    with connect(again) as connection:
        rows = connection.execute("SELECT DISTINCT worker_key, enrolled FROM orders").fetchall()
    assert len(rows) == 1 and rows[0][1]
    late = header("m-late", created_at=MADE + datetime.timedelta(days=91))
    assert receive(again, write(tmp_path, orders(1, 70, worker=old), late)).result == "rejected"


def test_a_new_vault_key_seals_everybody_anew(tmp_path: Path) -> None:
    made = with_people(tmp_path)
    before = people(made)
    rotate(made, "vault", datetime.date(2026, 8, 1))
    again = Exchange.open(made.folder)
    assert people(again) == before
    used = {key for path in made.folder.rglob("vault.parquet") for key in pl.read_parquet(path)["key_id"]}
    assert used == {"v2"}
    with pytest.raises(InputError):
        rotate(again, "link", datetime.date(2026, 8, 1))


# --- time -----------------------------------------------------------------------------------------------------------------


def test_records_go_when_their_time_is_over_and_identities_after_the_last(tmp_path: Path) -> None:
    made = with_people(tmp_path)
    day = months_later(datetime.date(2026, 7, 31), 36)
    assert past_time(made, day).files == []
    found = expire(made, day + datetime.timedelta(days=1))
    assert {path.name for path in found.files} == {"orders.parquet", "aliases.parquet"} and len(found.people) == 2
    assert people(made) == {} and not list(made.folder.rglob("orders.parquet"))
    # What is gone does not come back by being sent again.
    assert receive(made, tmp_path / "m-1.csv").before
    assert not list(made.folder.rglob("orders.parquet"))
    assert AuditLog(made.folder, made.keys).verify().wrong is None


def test_months_later_by_hand() -> None:
    assert months_later(datetime.date(2026, 1, 31), 1) == datetime.date(2026, 2, 28)
    assert months_later(datetime.date(2026, 12, 15), 1) == datetime.date(2027, 1, 15)


# --- suspicions -----------------------------------------------------------------------------------------------------------


def test_slips_are_found_and_nothing_is_merged(tmp_path: Path) -> None:
    near = resident_number(number(1)[:16] + "7")
    made = exchange(tmp_path / "exchange")
    mine = maker(made)
    same_name = workers([1], mine).with_columns(
        pl.lit("w-near").alias("record_id"),
        pl.lit(near).alias("identity_number"),
        pl.lit(mine("resident", near)).alias("worker"),
    )
    receive(made, write(tmp_path, pl.concat([workers([1, 2], mine), same_name]), header("w", "workers")))
    (tmp_path / "other").mkdir()
    theirs = maker(made, OTHER)
    receive(made, write(tmp_path / "other", workers([2], theirs), header("w", "workers", operator=OTHER)))
    found = suspicions_of(made)
    assert set(found["kind"]) == {"near_numbers", "shared_phone"}
    with connect(made) as connection:
        (count,) = connection.execute("SELECT count(DISTINCT worker_key) FROM workers").fetchall()[0]
    assert count == 3


def somebody(first: str, name: str, key: int) -> ClearIdentity:
    return ClearIdentity(key, "resident", resident_number(first), name)


def test_one_wrong_digit_and_two_exchanged_are_near_for_people_of_one_name() -> None:
    first = "42010619850203014"
    people = [
        somebody(first, "张三", 1),
        somebody("42010619850203017", "张三", 2),
        somebody("42010619850203104", "张三", 3),
        somebody("42010619850203024", "李四", 4),
        somebody("42010619850203999", "张三", 5),
    ]
    found = {one.workers for one in near_numbers(people)}
    assert found == {(1, 2), (1, 3)}


@given(st.lists(st.integers(0, 199), max_size=12, unique=True))
def test_near_numbers_are_all_found(endings: list[int]) -> None:
    numbers = [f"42010619850203{at:03}" for at in endings]

    def near(one: str, other: str) -> bool:
        places = [at for at in range(17) if one[at] != other[at]]
        exchanged = len(places) == 2 and places[1] - places[0] == 1
        return len(places) == 1 or (exchanged and one[places[0]] == other[places[1]] and one[places[1]] == other[places[0]])

    found = {one.workers for one in near_numbers([somebody(one, "张三", int(one[14:])) for one in numbers])}
    assert found == {
        (min(a, b), max(a, b)) for a in endings for b in endings if a < b and near(f"{'0' * 14}{a:03}", f"{'0' * 14}{b:03}")
    }


def test_too_many_orders_at_once_and_two_places_at_once(tmp_path: Path) -> None:
    made = exchange(tmp_path / "exchange")
    start = datetime.datetime(2026, 7, 3, 2, tzinfo=datetime.UTC)
    busy = orders(13, accepted_at=start, completed_at=start + datetime.timedelta(hours=1))
    busy = busy.with_columns(pl.lit("x1-" + "a" * 32).alias("worker"))
    far = orders(2, 20, worker="x1-" + "b" * 32).with_columns(pl.Series("region", ["420106", "310115"]))
    receive(made, write(tmp_path, pl.concat([busy, far])))
    assert sorted(suspicions_of(made)["kind"]) == ["too_many_at_once", "two_places_at_once"]


# --- the impact assessment ------------------------------------------------------------------------------------------------


def test_the_assessment_is_filled_in(tmp_path: Path) -> None:
    made = with_people(tmp_path)
    for language in ("en", "zh"):
        page = assessment(made, language)  # type: ignore[arg-type]
        assert made.settings.administration.code in page and "AES-256-GCM" in page
        assert page.count("`answers: ") == 6 and number(1) not in page
    assert OPERATOR not in Keys.open(made.folder).path.read_text(encoding="utf-8")
