"""What schemes make due, worked out by hand and against published figures."""

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from canbao.careers.lifebook import rules as life_rules
from canbao.errors import InputError
from canbao.exchange.coverage import uncovered
from canbao.exchange.ledger import Inputs, Ledger, assess, named_schemes, shipped_schemes
from canbao.exchange.ledger.scheme import read_scheme
from canbao.exchange.statements import platform_statement, reconcile
from canbao.exchange.store import receive
from canbao.exchange.store.tables import write_tables

from .. import letters
from ..letters import exchange, header, write
from .made_up import EARNINGS, inputs, orders, register, workers

PLATFORMS = pl.DataFrame(
    {
        "platform_key": [1, 2, 2],
        "code": ["P1", "P2", "P2"],
        "name": ["送达", "顺行", "顺行"],
        "rate_class": ["high", None, "high"],
        "since": [None, None, "2025-10"],
    }
)


def lines(tables: Inputs, folder: Path, scheme: str, month: str = "2025-09", **options: Any) -> pl.DataFrame:
    ledger = Ledger(folder / "ledger")
    assess(tables, ledger, month, named_schemes([scheme]), threads=1, **options)
    return ledger.scan(scheme, month).sort("worker_key", "platform_key", "run").collect()


def test_the_published_example_of_singapore(tmp_path: Path) -> None:
    """4,000 by motorcycle: 65 % count, 2,600; of these 37 %, 962: 520 from the worker, 442 from the operator."""
    rides = [{"pay_fen": 40_000, "vehicle": "motorcycle"} for _ in range(10)]
    made = lines(inputs(tmp_path / "in", orders=orders(rides)), tmp_path, "vehicle_expenses").to_dicts()
    assert [(one["base_fen"], one["worker_fen"], one["platform_fen"]) for one in made] == [(260_000, 52_000, 44_200)]


def test_expenses_depend_on_the_vehicle_of_each_job(tmp_path: Path) -> None:
    jobs = [{"pay_fen": 100_000, "vehicle": vehicle} for vehicle in ("foot_or_bicycle", "motorcycle", "car", "none")]
    made = lines(inputs(tmp_path / "in", orders=orders(jobs)), tmp_path, "vehicle_expenses")
    assert made["base_fen"].to_list() == [80_000 + 65_000 + 40_000 + 100_000]


def test_jiangsu_paid_six_fen_an_order(tmp_path: Path) -> None:
    """267 million yuan on 4.452 billion orders to March 2024: a thousandth of a millionth of it, order by order."""
    rows = [{"completed_at": datetime.datetime(2024, 3, 5), "worker_key": at % 7} for at in range(4452)]
    made = lines(inputs(tmp_path / "in", orders=orders(rows), register=register({})), tmp_path, "injury_orders", "2024-03")
    assert made["orders"].sum() == 4452
    assert made["platform_fen"].sum() == pytest.approx(267_000_000 / 1e6 * 100, rel=0.001)


@pytest.mark.parametrize(("month", "second"), [("2025-09", 7), ("2025-10", 25)], ids=["before", "since"])
def test_a_platform_with_a_high_payout_ratio_pays_more_from_the_month_of_its_class(
    tmp_path: Path, month: str, second: int
) -> None:
    day = datetime.datetime(int(month[:4]), int(month[5:]), 3)
    rows = [{"completed_at": day}, {"platform_key": 2, "completed_at": day}]
    tables = inputs(tmp_path / "in", platforms=PLATFORMS, orders=orders(rows), register=register({}))
    assert lines(tables, tmp_path, "injury_orders", month)["platform_fen"].to_list() == [25, second]


def test_refunded_orders_count_for_protection_and_not_as_income_and_cancelled_ones_for_neither(tmp_path: Path) -> None:
    rows = [{"status": "completed"}, {"status": "refunded"}, {"status": "cancelled"}]
    made = lines(inputs(tmp_path / "in", orders=orders(rows), register=register({})), tmp_path, "injury_orders")
    assert made.select("orders", "income_fen", "platform_fen").rows() == [(2, 1000, 14)]


def test_who_is_insured_by_a_station_is_not_insured_twice(tmp_path: Path) -> None:
    rows = [{"worker_key": key, "relation": relation} for key in (1, 2) for relation in ("own", "station")]
    tables = inputs(tmp_path / "in", orders=orders(rows), register=register({1: "employee", 2: "resident"}))
    made = lines(tables, tmp_path, "injury_orders")
    assert made.select("worker_key", "relation").rows() == [(1, 0), (2, 0), (2, 1)]


def test_nothing_is_due_where_protection_was_not_in_force(tmp_path: Path) -> None:
    rows = [{"region": "410101", "completed_at": datetime.datetime(2025, 9, 2)}]
    tables = inputs(tmp_path / "in", orders=orders(rows), register=register({}))
    outcome = assess(tables, Ledger(tmp_path / "l"), "2025-09", named_schemes(["injury_orders"]))[0]
    assert outcome.totals["lines"] == 0
    assert outcome.open.is_empty()


def test_an_order_nowhere_is_told_and_not_lost(tmp_path: Path) -> None:
    rows = [{"region": "990101"}, {"region": None, "worker_key": 2}]
    tables = inputs(tmp_path / "in", orders=orders(rows), register=register({}))
    outcome = assess(tables, Ledger(tmp_path / "l"), "2025-09", named_schemes(["injury_orders"]))[0]
    assert outcome.open.rows() == [(None, "instant_delivery", 2, 2000)]


def test_what_nobody_knows_stays_open_with_the_name_of_the_figure(tmp_path: Path) -> None:
    """No rate of medical insurance was found for Hebei."""
    tables = inputs(tmp_path / "in", orders=orders([{"region": "130102"}]), register=register({1: "flexible"}))
    outcome = assess(tables, Ledger(tmp_path / "l"), "2025-09", named_schemes(["flexible_medical"]))[0]
    assert outcome.totals["lines"] == 0
    assert outcome.open.rows() == [("13", None, 1, 1000)]
    assert ("13", "flexible_medical_rate") in outcome.missing


def test_beijing_charges_a_fixed_premium_and_chengdu_a_share_of_the_reference_wage(tmp_path: Path) -> None:
    """584.92 yuan; 9.5 % of 80 % of 7,646."""
    rows = [{"region": "110101", "pay_fen": 900_000}, {"region": "510104", "worker_key": 2}]
    tables = inputs(tmp_path / "in", orders=orders(rows), register=register({1: "flexible", 2: "flexible"}))
    assert lines(tables, tmp_path, "flexible_medical")["worker_fen"].to_list() == [58_492, 58_110]


def test_a_reform_takes_its_own_figures(tmp_path: Path) -> None:
    """Twenty fen an order from 2027, for those without an employees' pension; nothing before."""
    rows = [{"worker_key": key, "completed_at": datetime.datetime(2027, 2, 3)} for key in (1, 2, 2)]
    tables = inputs(tmp_path / "in", orders=orders(rows), register=register({1: "employee", 2: "resident"}))
    assert lines(tables, tmp_path, "order_levy", "2027-02")["platform_fen"].to_list() == [40]


def test_income_of_all_platforms_makes_one_base_that_is_split_as_the_income_is(tmp_path: Path) -> None:
    """Floor 5 % of the wage: 1,000.01 yuan is the base; 12 % and 8 % of it, in proportion 3 : 2, to the last fen."""
    day = datetime.datetime(2027, 2, 3)
    rows = [
        {"completed_at": day, "pay_fen": 60_001},
        {"completed_at": day, "pay_fen": 40_000, "platform_key": 2},
    ]
    made = lines(inputs(tmp_path / "in", orders=orders(rows), register=register({})), tmp_path, "income_base", "2027-02")
    assert made.select("base_fen", "platform_fen", "worker_fen").rows() == [(60_001, 7_200, 4_800), (40_000, 4_800, 3_200)]


def test_of_equal_remainders_the_first_platform_gets_the_fen_that_is_left(tmp_path: Path) -> None:
    """12 % of 1,000.05 yuan are 120.01, a third of it 40.00 and a third of a fen; 8 % are 80.00, 26.66 and two thirds."""
    day = datetime.datetime(2027, 2, 3)
    rows = [{"completed_at": day, "pay_fen": 33_335, "platform_key": key} for key in (-7, 5, 900)]
    made = lines(inputs(tmp_path / "in", orders=orders(rows), register=register({})), tmp_path, "income_base", "2027-02")
    assert made.select("platform_key", "platform_fen", "worker_fen").rows() == [
        (-7, 4_001, 2_667),
        (5, 4_000, 2_667),
        (900, 4_000, 2_666),
    ]


def test_provisional_cover_becomes_final_when_the_income_is_known(tmp_path: Path) -> None:
    """Three are registered: one earns too little and is taken out, one pays on what was earned, one did nothing."""
    staff = workers([{"worker_key": 1}, {"worker_key": 2}, {"worker_key": 3}, {"worker_key": 4, "status": "left"}])
    rows = [{"worker_key": 1, "pay_fen": 100_000}, {"worker_key": 2, "pay_fen": 800_000}]
    tables = inputs(tmp_path / "in", orders=orders(rows), workers=staff)
    before = lines(tables, tmp_path, "provisional_cover", provisional=True)
    floor = 495_200
    assert before["base_fen"].to_list() == [floor] * 3
    assert before["kind"].unique().to_list() == ["provisional"]
    after = lines(tables, tmp_path, "provisional_cover")
    sums = after.group_by("worker_key").agg(pl.col("base_fen", "platform_fen").sum()).sort("worker_key")
    assert sums.rows() == [(1, 0, 0), (2, 800_000, 128_000), (3, 0, 0)]
    assert set(after["kind"]) == {"provisional", "adjustment"}
    # What is known for good is not made provisional again.
    assert lines(tables, tmp_path, "provisional_cover", provisional=True).height == after.height


def test_each_worker_has_a_rate_of_its_own(tmp_path: Path) -> None:
    stated = pl.DataFrame(
        [(1, 1, 1, "2025-09", 200_000, 180_000), (2, 2, 1, "2025-09", 100_000, 90_000), (3, 1, 1, "2025-10", 1, 1)],
        schema=EARNINGS,
        orient="row",
    )
    rates = pl.DataFrame({"worker_key": [1], "rate_millionths": [212_000]})
    tables = inputs(tmp_path / "in", earnings=stated, workers=workers([{"worker_key": 1}, {"worker_key": 2}]), rates=rates)
    ledger = Ledger(tmp_path / "ledger")
    outcome = assess(tables, ledger, "2025-09", named_schemes(["rate_lookup"]))[0]
    assert ledger.scan().collect().select("worker_key", "worker_fen", "first_record").rows() == [(1, 42_400, 1)]
    assert outcome.open["workers"].to_list() == [1]


def test_who_stands_twice_in_a_table_owes_once(tmp_path: Path) -> None:
    stated = pl.DataFrame([(1, 1, 1, "2025-09", 200_000, 180_000)], schema=EARNINGS, orient="row")
    rates = pl.DataFrame({"worker_key": [1, 1], "rate_millionths": [212_000, 212_000]})
    staff = workers([{"worker_key": 1}, {"worker_key": 1, "region": "440305"}])
    known = pl.concat([register({1: "none"}), register({1: "flexible"})])
    tables = inputs(tmp_path / "in", earnings=stated, workers=staff, rates=rates, register=known, orders=orders([{}]))
    assert lines(tables, tmp_path, "rate_lookup")["worker_fen"].to_list() == [42_400]
    assert lines(tables, tmp_path, "provisional_cover", provisional=True).height == 1
    assert lines(tables, tmp_path, "flexible_pension").height == 1
    assert uncovered(tables, "2025-09").select("orders", "gap").rows() == [(1, "covered")]


def test_every_scheme_that_is_shipped_is_in_order() -> None:
    known = {one.name for one in life_rules()}
    for scheme in named_schemes(list(shipped_schemes())):
        assert scheme.title.zh
        assert scheme.file.rule in known


FAULTY = """
title: {en: x, zh: 测}
summary: {en: x, zh: 测}
kind: law
rule: order_premium_month
confidence: official
sources: [no_such_act]
orders:
  price: order_prise
  entries: {ride_hailing: 0}
income:
  from: orders
  pooled: true
  floor: base_flor
  expense_share: {car: 1.5}
  shares:
    - {payer: worker}
    - {payer: worker, rate: flexible_pension_rate}
"""


def test_all_that_is_wrong_with_a_scheme_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(FAULTY, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_scheme(path)
    told = str(raised.value)
    for part in ("order_prise", "order_price", "base_flor", "no_such_act", "either orders or income", "twice", "car"):
        assert part in told
    assert "faulty.yaml:9:3" in told


def test_what_is_missing_is_said_before_anything_is_written(tmp_path: Path) -> None:
    tables = inputs(tmp_path / "in", orders=orders([{}]))
    with pytest.raises(InputError, match="register"):
        assess(tables, Ledger(tmp_path / "ledger"), "2025-09", named_schemes(["flexible_pension"]))
    assert not (tmp_path / "ledger").exists()


def test_an_income_that_cannot_be_is_refused(tmp_path: Path) -> None:
    tables = inputs(tmp_path / "in", orders=orders([{"pay_fen": 2_000_000_001, "worker_key": 9}]), register=register({}))
    with pytest.raises(InputError, match="the first of them 9"):
        assess(tables, Ledger(tmp_path / "ledger"), "2025-09", named_schemes(["injury_orders"]))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"worker_key,pay_fen\n1,2\n"], ids=["empty", "torn", "csv"])
def test_a_file_that_is_none_is_a_fault_of_the_user(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "orders.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"orders\.parquet"):
        Inputs.of_folder(tmp_path)


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    orders([{}]).drop("pay_fen", "region").write_parquet(tmp_path / "orders.parquet")
    with pytest.raises(InputError, match="region, pay_fen"):
        Inputs.of_folder(tmp_path)


def test_singapores_published_example_goes_through_the_whole_exchange(tmp_path: Path) -> None:
    """Ten jobs by motorcycle sent as a message, received, assessed and stated: 4,000, of which 2,600 count; 520 and 442."""
    opened = exchange(tmp_path / "exchange")
    enrolment = write(tmp_path, letters.workers([1], letters.maker(opened)), header("w", "workers"))
    worker = letters.maker(opened)("resident", letters.number(1))
    jobs = letters.orders(10, worker=worker, pay_fen=40_000, vehicle="motorcycle")
    for path in (enrolment, write(tmp_path, jobs)):
        assert receive(opened, path).result == "accepted"
    write_tables(opened, tmp_path / "tables")
    tables, ledger = Inputs.of_folder(tmp_path / "tables"), Ledger(tmp_path / "ledger")
    assess(tables, ledger, "2026-07", named_schemes(["vehicle_expenses"]))
    told = platform_statement(ledger, tables, "Songda", "2026-07").as_json()
    (due,) = told["due"]
    assert (due["income_fen"], due["base_fen"], due["worker_fen"], due["platform_fen"]) == (
        260_000,
        260_000,
        52_000,
        44_200,
    )
    # The operator hands over both parts; its late payment is told as such.
    by_reference = reconcile(ledger, [], datetime.date(2026, 9, 1)).differences
    assert by_reference.select("reference", "due_fen").rows() == [(due["reference"], 96_200)]
