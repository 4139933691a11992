"""Made-up platforms: every fault that can be seen is found, no other is, and what is owed is what is true."""

from pathlib import Path

import polars as pl
import pytest

from canbao.exchange.ledger import Inputs, Ledger, assess, named_schemes
from canbao.exchange.messages.message import validate
from canbao.exchange.simulation import Simulated, score, simulate
from canbao.exchange.simulation.faults import FAULTS
from canbao.exchange.store import receive
from canbao.exchange.store.tables import write_tables
from canbao.exchange.store.views import connect

MONTH = "2026-07"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate(tmp_path_factory.mktemp("faulty"), workers=60, months=(MONTH,), share=0.05, seed=3)


def test_every_fault_that_can_be_seen_is_found_and_no_other(made: Simulated) -> None:
    answers = [receive(made.exchange, path).status for path in made.messages]
    scored = score(made.faults, answers)
    seen = scored.filter(pl.col("code").is_not_null())
    assert seen.filter(pl.col("planted") != pl.col("found")).is_empty()
    assert scored["false_alarms"].sum() == 0
    assert {"completed_before_accepted", "negative_pay", "missing_firm"} <= set(seen["fault"])
    assert not scored.filter(pl.col("fault") == "pay_in_yuan")["found"].sum()


def test_every_form_is_sent(made: Simulated) -> None:
    assert {path.suffix for path in made.messages} == {".csv", ".ndjson", ".parquet", ".xml"}


def test_yearly_reports_tell_what_was_earned(tmp_path: Path) -> None:
    made = simulate(tmp_path, workers=30, months=("2025-02", "2025-12"), share=0.0, seed=6)
    for path in made.messages:
        receive(made.exchange, path)
    with connect(made.exchange) as connection:
        rows = connection.execute("SELECT sum(activities_q1), sum(activities_q4), sum(gross_q2) FROM yearly").fetchall()
    counted = made.orders.filter(pl.col("status") == "completed").group_by("month").len().sort("month")
    assert rows == [(*counted["len"].to_list(), 0)]


def test_what_was_planted_is_known_by_its_code(made: Simulated) -> None:
    codes = {name: code for faults in FAULTS.values() for name, (code, _) in faults.items()}
    assert all(codes[name] == code for name, code in made.faults.select("fault", "code").rows())


def test_what_platforms_owe_is_what_is_true_after_corrections_in_any_order(tmp_path: Path) -> None:
    """Without faults: late orders, corrections, refunds and workers on two platforms add up to the truth."""
    made = simulate(tmp_path, workers=40, months=(MONTH,), share=0.0, seed=5)
    for path in reversed(made.messages):
        receive(made.exchange, path)
    write_tables(made.exchange, tmp_path / "tables")
    ledger = Ledger(tmp_path / "ledger")
    assess(Inputs.of_folder(tmp_path / "tables"), ledger, MONTH, named_schemes(["provisional_cover"]))
    registered = pl.read_parquet(tmp_path / "tables" / "register.parquet").filter(pl.col("pension") == "employee")
    counted = made.orders.filter(pl.col("status") != "cancelled")
    paid = counted.filter(pl.col("status") == "completed")["pay_fen"].sum()
    tables = pl.read_parquet(tmp_path / "tables" / "orders.parquet").filter(pl.col("status") != "cancelled")
    assert tables.height == counted.height
    assert tables.filter(pl.col("status") == "completed")["pay_fen"].sum() == paid
    fresh = Ledger(tmp_path / "orders-only")
    assess(Inputs.of_folder(tmp_path / "tables"), fresh, MONTH, named_schemes(["injury_orders"]))
    lines = fresh.scan().collect()
    twice = tables.filter((pl.col("relation") != "own") & pl.col("worker_key").is_in(registered["worker_key"].to_list()))
    assert lines["orders"].sum() == counted.height - twice.height
    prices = {"instant_delivery": 7, "ride_hailing": 1, "city_freight": 18}
    due = tables.join(twice, on="record_key", how="anti")["service"].replace_strict(prices).sum()
    assert lines["platform_fen"].sum() == due


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    drawn = [simulate(tmp_path / str(at), workers=10, months=(MONTH,), seed=9) for at in range(2)]
    columns = ["person", "record_id", "pay_fen", "status"]
    assert drawn[0].orders.select(columns).equals(drawn[1].orders.select(columns))
    assert drawn[0].faults.equals(drawn[1].faults)


def test_every_message_says_that_it_is_a_test(made: Simulated) -> None:
    assert all(validate(path).header["test"] == "yes" for path in made.messages)
