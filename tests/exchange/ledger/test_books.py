"""Lines are never changed: what comes late becomes a difference, whatever the order in which it comes."""

import datetime
import itertools
from pathlib import Path

import polars as pl
import pytest

from canbao.errors import InputError
from canbao.exchange.ledger import Ledger, assess, named_schemes
from canbao.exchange.ledger.assessment import due_day

from .made_up import inputs, orders, register, summed

SCHEMES = ("injury_orders", "flexible_pension")
MONTH = "2025-09"
KNOWN = register({1: "flexible", 2: "flexible", 3: "none"})
PIECES = {
    "first": [{"worker_key": 1, "pay_fen": 300_000}, {"worker_key": 2, "platform_key": 2, "pay_fen": 700_000}],
    "second_platform": [{"worker_key": 1, "platform_key": 3, "pay_fen": 333_333}],
    "other_province": [{"worker_key": 2, "region": "440305", "pay_fen": 900_001}],
    "new_worker": [{"worker_key": 3, "service": "city_freight"}],
}


def after(folder: Path, order: tuple[str, ...]) -> Ledger:
    """The ledger when pieces of data came in this order, and the month was assessed after each."""
    ledger = Ledger(folder / "ledger")
    for count in range(1, len(order) + 1):
        rows = [row for name in order[:count] for row in PIECES[name]]
        tables = inputs(folder / "in", orders=orders(rows), register=KNOWN)
        assess(tables, ledger, MONTH, named_schemes(SCHEMES), threads=1)
    return ledger


def test_the_order_of_arrival_does_not_matter_for_what_is_owed(tmp_path: Path) -> None:
    found = []
    for at, order in enumerate([*itertools.permutations(PIECES)][1::9]):
        ledger = after(tmp_path / str(at), order)
        found.append([summed(ledger.scan(scheme)) for scheme in SCHEMES])
    assert all(one == found[0] for one in found)
    at_once = Ledger(tmp_path / "at-once")
    rows = [row for piece in PIECES.values() for row in piece]
    assess(inputs(tmp_path / "in", orders=orders(rows), register=KNOWN), at_once, MONTH, named_schemes(SCHEMES))
    assert [summed(at_once.scan(scheme)) for scheme in SCHEMES] == found[0]


def test_assessing_again_without_news_writes_nothing(tmp_path: Path) -> None:
    ledger = after(tmp_path, ("first",))
    before = {path: path.read_bytes() for path in ledger.folder.rglob("*") if path.is_file()}
    tables = inputs(tmp_path / "in", orders=orders(PIECES["first"]), register=KNOWN)
    outcomes = assess(tables, ledger, MONTH, named_schemes(SCHEMES))
    assert [one.run for one in outcomes] == [None, None]
    assert {path: path.read_bytes() for path in ledger.folder.rglob("*") if path.is_file()} == before


def test_lines_that_were_written_are_the_same_after_corrections(tmp_path: Path) -> None:
    first = after(tmp_path, ("first",)).runs("injury_orders")[0]
    bytes_before = [path.read_bytes() for path in first.lines]
    ledger = after(tmp_path, ("first", "other_province"))
    assert [path.read_bytes() for path in first.lines] == bytes_before
    assert [run.kind for run in ledger.runs("injury_orders")][:2] == ["assessed", "adjustment"]


def test_a_deleted_order_is_taken_back_with_its_records_named(tmp_path: Path) -> None:
    ledger = after(tmp_path, ("first",))
    tables = inputs(tmp_path / "in", orders=orders(PIECES["first"][:1]), register=KNOWN)
    assess(tables, ledger, MONTH, named_schemes(SCHEMES))
    taken = ledger.scan("flexible_pension").filter(pl.col("run") == 2).collect().to_dicts()
    assert [(one["worker_key"], one["worker_fen"], one["first_record"]) for one in taken] == [(2, -140_000, 2)]


def test_same_tables_same_bytes(tmp_path: Path) -> None:
    made = []
    for at in range(2):
        ledger = after(tmp_path / str(at), ("first", "second_platform"))
        made.append({path.relative_to(ledger.folder): path.read_bytes() for path in ledger.folder.rglob("*.*")})
    assert made[0] == made[1]


def test_a_file_that_was_changed_from_outside_is_found(tmp_path: Path) -> None:
    ledger = after(tmp_path, ("first",))
    assert len(ledger.verify()) == 2
    path = ledger.runs("injury_orders")[0].lines[0]
    pl.read_parquet(path).with_columns(platform_fen=pl.col("platform_fen") + 1).write_parquet(path)
    extra = path.with_name("part-9.parquet")
    pl.read_parquet(path).write_parquet(extra)
    with pytest.raises(InputError) as raised:
        ledger.verify()
    assert [str(fault.place.file) for fault in raised.value.faults] == [str(path), str(extra)]


def test_two_who_assess_the_same_month_do_not_overwrite_each_other(tmp_path: Path) -> None:
    ledger = after(tmp_path, ("first",))
    run = ledger.runs("injury_orders")[0]
    run.folder.rename(run.folder.with_name("0002"))  # as if somebody else had been quicker by one
    lines = tmp_path / "lines"
    lines.mkdir()
    with pytest.raises(InputError, match="at the same time"):
        ledger.add("injury_orders", MONTH, "adjustment", [lines], pl.DataFrame(), {})


def test_every_line_names_the_figures_that_it_rests_on(tmp_path: Path) -> None:
    ledger = after(tmp_path, ("first",))
    figures = ledger.runs("flexible_pension")[0].figures
    assert set(figures["role"]) == {"floor", "ceiling", "worker_rate"}
    rate = figures.filter(pl.col("role") == "worker_rate").to_dicts()[0]
    assert (rate["value"], rate["since"], rate["basis"]) == (0.2, "2006-01", "state_council_2005_38:3")
    price = ledger.runs("injury_orders")[0].figures.filter((pl.col("role") == "price") & pl.col("rate_class").is_null())
    assert price.filter(pl.col("service") == "instant_delivery")["value"].to_list() == [0.07]
    assert set(price["since"]) == {"2025-07"}


@pytest.mark.parametrize(
    ("month", "day", "due"),
    [
        ("2025-09", None, "2025-10-31"),
        ("2025-12", None, "2026-01-31"),
        ("2025-09", datetime.date(2025, 10, 20), "2025-10-31"),
        ("2025-09", datetime.date(2026, 1, 5), "2026-01-31"),
        ("2026-01", datetime.date(2026, 2, 1), "2026-02-28"),
    ],
)
def test_what_is_found_late_is_due_late(month: str, day: datetime.date | None, due: str) -> None:
    assert due_day(month, 1, day).isoformat() == due
