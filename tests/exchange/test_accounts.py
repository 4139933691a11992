"""Statements, payments, coverage and made-up platforms: what people are told."""

import datetime
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pypdf
import pytest
from click.testing import CliRunner

from canbao.accounts import write_statement
from canbao.cli.exchange_accounts import assess as assess_command
from canbao.cli.exchange_accounts import reconcile as reconcile_command
from canbao.cli.exchange_accounts import uncovered as uncovered_command
from canbao.errors import InputError
from canbao.exchange.coverage import protected_tables, uncovered, uncovered_registered
from canbao.exchange.identity.numbers import credit_code
from canbao.exchange.ledger import Inputs, Ledger, assess, named_schemes
from canbao.exchange.ledger.inputs import Administration
from canbao.exchange.statements import employer_statement, platform_statement, reconcile, worker_statement
from canbao.exchange.statements.reconciliation import Payment, read_payments
from canbao.languages import Words

from .ledger.made_up import inputs, orders, register, workers

PLATFORMS = pl.DataFrame({"platform_key": [1, 2], "code": ["P1", "P2"], "name": ["送达", "顺行"]})
SEPTEMBER, OCTOBER = datetime.datetime(2025, 9, 3), datetime.datetime(2025, 10, 3)
TODAY = datetime.date(2025, 12, 10)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Inputs, Ledger]:
    """Two platforms, two months: 100 and 40 orders in September, 50 in October; seven fen each."""
    folder = tmp_path_factory.mktemp("accounts")
    rows = [{"worker_key": at % 4, "completed_at": SEPTEMBER} for at in range(100)]
    rows += [{"worker_key": at % 4, "completed_at": SEPTEMBER, "platform_key": 2} for at in range(40)]
    rows += [{"worker_key": at % 4, "completed_at": OCTOBER} for at in range(50)]
    tables = inputs(folder / "in", platforms=PLATFORMS, orders=orders(rows), register=register({1: "flexible"}))
    ledger = Ledger(folder / "ledger")
    assess(tables, ledger, ["2025-09", "2025-10"], named_schemes(["injury_orders", "flexible_pension"]))
    return tables, ledger


def paid(*payments: tuple[str, int, str]) -> list[Payment]:
    return [
        Payment(reference, fen, datetime.date.fromisoformat(day), row)
        for row, (reference, fen, day) in enumerate(payments, start=1)
    ]


def differences(ledger: Ledger, payments: list[Payment], today: datetime.date = TODAY) -> dict[str, tuple[object, ...]]:
    frame = reconcile(ledger, payments, today).differences
    return {row[0]: row[1:] for row in frame.select("reference", "reason", "difference_fen", "interest_fen").rows()}


FIRST, SECOND, THIRD = "2025-09/1/injury_orders", "2025-09/2/injury_orders", "2025-10/1/injury_orders"
IN_TIME = [(FIRST, 700, "2025-10-30"), (SECOND, 280, "2025-10-31"), (THIRD, 350, "2025-11-30")]


def test_what_is_paid_in_time_and_in_full_is_not_listed(assessed: tuple[Inputs, Ledger]) -> None:
    found = reconcile(assessed[1], paid(*IN_TIME), TODAY)
    assert found.differences.is_empty()
    assert (found.due_fen, found.paid_fen, found.interest_fen) == (1330, 1330, 0)


def test_contributions_that_workers_pay_directly_are_not_asked_of_platforms(assessed: tuple[Inputs, Ledger]) -> None:
    assert not any("flexible_pension" in reference for reference in differences(assessed[1], []))


def test_each_difference_has_its_reason(assessed: tuple[Inputs, Ledger]) -> None:
    """700 fen are missed from 31 October to 10 December, 40 days at five in ten thousand: 14 fen."""
    payments = paid((SECOND, 100, "2025-10-31"), (THIRD, 400, "2025-11-30"), ("2025-09/9/injury_orders", 5, "2025-10-01"))
    assert differences(assessed[1], payments) == {
        FIRST: ("unpaid", -700, 14),
        SECOND: ("underpaid", -180, 4),
        THIRD: ("overpaid", 50, 0),
        "2025-09/9/injury_orders": ("unknown_reference", 5, 0),
    }


def test_a_payment_under_the_wrong_month_is_told_from_arrears(assessed: tuple[Inputs, Ledger]) -> None:
    frame = reconcile(assessed[1], paid((FIRST, 700 + 350, "2025-10-30"), IN_TIME[1]), TODAY).differences
    assert frame.select("reference", "reason", "other_reference").rows() == [
        (FIRST, "wrong_month", THIRD),
        (THIRD, "wrong_month", FIRST),
    ]


def test_what_comes_late_bears_the_charge_of_the_law(assessed: tuple[Inputs, Ledger]) -> None:
    """Paid thirty days late: 700 × 30 × 0.0005 = 10.5, so 11 fen."""
    payments = paid((FIRST, 700, "2025-11-30"), *IN_TIME[1:])
    frame = reconcile(assessed[1], payments, TODAY).differences
    assert frame.select("reason", "days_late", "interest_fen").rows() == [("late", 30, 11)]


def test_what_is_not_due_yet_is_not_missed(assessed: tuple[Inputs, Ledger]) -> None:
    assert set(differences(assessed[1], paid(*IN_TIME[:2]), datetime.date(2025, 11, 30))) == set()
    assert set(differences(assessed[1], paid(*IN_TIME[:2]), datetime.date(2025, 12, 1))) == {THIRD}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("reference,amount\na,1\n", "paid_on"),
        ("reference,amount,paid_on\na,1.234,2025-10-01\n", "1.234"),
        ("reference,amount,paid_on\na,-1,2025-10-01\n", "-1"),
        ("reference,amount,paid_on\na,1,1.10.2025\n", "1.10.2025"),
        ("reference,amount,paid_on\n,1,2025-10-01\n", "row 1"),
        ("\x00\x01", "payments.csv"),
    ],
    ids=["column", "third_decimal", "negative", "day", "no_reference", "binary"],
)
def test_payments_that_cannot_be_read_are_named(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_payments(path)
    assert told in str(raised.value)


# --- statements ---------------------------------------------------------------------------------------------------------


def test_a_platform_is_told_what_it_owes_by_which_figures(assessed: tuple[Inputs, Ledger], tmp_path: Path) -> None:
    tables, ledger = assessed
    told = platform_statement(ledger, tables, "送达", "2025-09", synthetic=True)
    write_statement(told, tmp_path / "out", ["pdf", "xlsx"])
    machine = json.loads((tmp_path / "out" / "statement.json").read_text(encoding="utf-8"))
    assert [(one["scheme"], one["orders"], one["platform_fen"]) for one in machine["due"]] == [("injury_orders", 100, 700)]
    assert machine["due"][0]["reference"] == FIRST
    texts = {
        language: "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "out" / name).pages)
        for language, name in (("en", "statement.pdf"), ("zh", "statement.zh.pdf"))
    }
    assert "7.00" in texts["en"] and "7.00" in texts["zh"]
    assert "synthetic" in texts["en"] and "模拟数据" in texts["zh"]
    assert (tmp_path / "out" / "statement.xlsx").stat().st_size > 5000


STATION, FIRM = credit_code("91420100MA4K00001"), credit_code("91420100MA4K00002")


def with_stations(folder: Path, employers: dict[int, str | None]) -> tuple[Inputs, Ledger]:
    """Ten orders of each worker on platform 1, and of the first on platform 2; who has an employer works for a station."""
    rows = [
        {
            "worker_key": key,
            "completed_at": SEPTEMBER,
            "relation": "station" if employer else "own",
            "platform_key": platform,
        }
        for key, employer in employers.items()
        for platform in ((1, 2) if key == 1 else (1,))
        for _ in range(10)
    ]
    named = [employers[row["worker_key"]] for row in rows]
    frame = orders(rows).with_columns(pl.Series("employer_code", named, pl.String))
    tables = inputs(folder / "in", platforms=PLATFORMS, orders=frame, register=register({3: "flexible"}))
    ledger = Ledger(folder / "ledger")
    assess(tables, ledger, "2025-09", named_schemes(["injury_orders", "flexible_pension"]))
    return tables, ledger


def test_workers_of_stations_are_in_their_employers_statement_and_not_in_the_platforms(tmp_path: Path) -> None:
    tables, ledger = with_stations(tmp_path, {1: STATION, 2: STATION, 3: None, 4: FIRM})
    platform = platform_statement(ledger, tables, "1", "2025-09")
    assert (platform.lines["worker_key"].to_list(), platform.elsewhere) == ([3], 3)
    employer = employer_statement(ledger, tables, STATION, "2025-09")
    assert employer.lines.select("worker_key", "platform_key", "platform_fen").rows() == [
        (1, 1, 70),
        (1, 2, 70),
        (2, 1, 70),
    ]
    (due,) = employer.as_json()["due"]
    assert (due["workers"], due["orders"], due["reference"]) == (2, 30, f"2025-09/{STATION}/injury_orders")
    # Between them, statements have every line that platforms and employers pay, once.
    all_of_them = [platform, employer, employer_statement(ledger, tables, FIRM, "2025-09")]
    fen = sum(int(one.lines["platform_fen"].sum()) for one in all_of_them)
    assert fen == ledger.scan(month="2025-09").select(pl.col("platform_fen").sum()).collect().item() == 350
    with pytest.raises(InputError, match="--employer"):
        platform_statement(ledger, tables, "2", "2025-09")
    with pytest.raises(InputError, match=STATION):
        employer_statement(ledger, tables, STATION[:-1] + "0", "2025-09")


def test_payments_of_an_employer_are_compared_with_its_own_account(tmp_path: Path) -> None:
    _, ledger = with_stations(tmp_path, {1: STATION, 2: STATION, 3: None, 4: FIRM})
    reference = f"2025-09/{STATION}/injury_orders"
    payments = paid((FIRST, 70, "2025-10-30"), (reference, 200, "2025-10-30"))
    frame = reconcile(ledger, payments, datetime.date(2025, 11, 1)).differences
    assert frame.select("employer_code", "reason", "difference_fen").rows() == [
        (STATION, "underpaid", -10),
        (FIRM, "unpaid", -70),
    ]


def test_a_firm_that_is_corrected_takes_the_month_over_and_is_written_once(tmp_path: Path) -> None:
    with_stations(tmp_path, {1: STATION, 4: FIRM})
    tables, ledger = with_stations(tmp_path, {1: FIRM, 4: FIRM})
    runs = len(ledger.verify())
    assert set(employer_statement(ledger, tables, FIRM, "2025-09").lines["worker_key"]) == {1, 4}
    with pytest.raises(InputError):
        employer_statement(ledger, tables, STATION, "2025-09")
    _, again = with_stations(tmp_path, {1: FIRM, 4: FIRM})
    assert len(again.verify()) == runs


def test_of_several_firms_most_orders_decide_and_without_orders_the_list_of_workers(tmp_path: Path) -> None:
    rows = [{"relation": "station"}] * 5 + [{"relation": "outsourced", "worker_key": 2}]
    frame = orders(rows).with_columns(pl.Series("employer_code", [FIRM, STATION, STATION, FIRM, STATION, None]))
    listed = [
        {"worker_key": 2, "relation": "outsourced", "employer_code": STATION, "status": "left"},
        {"worker_key": 2, "relation": "outsourced", "employer_code": FIRM, "registered_on": datetime.date(2025, 8, 1)},
        {"worker_key": 2, "relation": "outsourced", "employer_code": STATION, "registered_on": datetime.date(2025, 7, 1)},
    ]
    tables = inputs(tmp_path / "in", orders=frame, register=register({}), workers=workers(listed))
    ledger = Ledger(tmp_path / "ledger")
    assess(tables, ledger, "2025-09", named_schemes(["injury_orders"]))
    found = ledger.scan_accounts().select("worker_key", "employer_code").sort("worker_key").collect()
    assert found.rows() == [(1, STATION), (2, FIRM)]


def test_a_statement_is_a_letter_and_says_who_writes_to_whom_about_what(tmp_path: Path) -> None:
    tables, ledger = with_stations(tmp_path, {1: STATION, 2: STATION})
    office = Administration(Words("Office of Songcheng", "松城社保中心"), STATION, "027-1")
    told = employer_statement(ledger, replace(tables, administration=office), STATION, "2025-09")
    write_statement(told, tmp_path / "out", ["pdf", "docx", "html"])
    for name, expected in (
        ("statement.pdf", ("Office of Songcheng", "027-1", told.number, "2.10", "art. 83")),
        ("statement.zh.pdf", ("松城社保中心", "027-1", told.number, "2.10", "第八十三条")),
    ):
        pages = pypdf.PdfReader(tmp_path / "out" / name).pages
        text = "".join(page.extract_text() for page in pages)
        assert all(one in text for one in expected) and STATION in text
        assert len(pages) <= 2 and "2.10" in pages[0].extract_text()
        assert "Contents" not in text and "目录" not in text
    assert "Contents" not in (tmp_path / "out" / "statement.html").read_text(encoding="utf-8")


def test_a_worker_is_told_each_line_with_its_records(assessed: tuple[Inputs, Ledger]) -> None:
    tables, ledger = assessed
    told = worker_statement(ledger, tables, 1, "2025-09")
    rows = told.lines.select("scheme", "platform_key", "orders", "platform_fen", "worker_fen").rows()
    assert rows == [
        ("flexible_pension", 1, 25, 0, 70_743),
        ("flexible_pension", 2, 10, 0, 28_297),
        ("injury_orders", 1, 25, 175, 0),
        ("injury_orders", 2, 10, 70, 0),
    ]
    assert told.lines["first_record"].to_list() == [2, 102, 2, 102]
    assert {"floor", "ceiling", "worker_rate", "price"} <= set(told.figures["role"])


@pytest.mark.parametrize(
    ("platform", "month", "told"), [("送打", "2025-09", "送达"), ("7", "2025-09", "Nothing"), ("P1", "2024-01", "2024-01")]
)
def test_what_cannot_be_stated_is_said(assessed: tuple[Inputs, Ledger], platform: str, month: str, told: str) -> None:
    tables, ledger = assessed
    with pytest.raises(InputError, match=told):
        platform_statement(ledger, tables, platform, month)


# --- coverage -----------------------------------------------------------------------------------------------------------


def test_each_worker_is_in_the_first_gap_that_holds(tmp_path: Path) -> None:
    rows = [{"worker_key": key} for key in range(1, 7)] + [
        {"worker_key": 6, "platform_key": 2, "pay_fen": 900_000, "relation": "station"}
    ]
    known = register({1: "none", 2: "resident", 3: "employee", 4: "flexible", 5: "flexible"})
    known = known.with_columns(
        pl.Series("province", ["32", "32", "32", "44", "32"]),
        pl.Series("interrupted_since", [None, None, "2025-08", None, "2025-10"]),
    )
    staff = workers([{"worker_key": 6, "platform_key": 2, "relation": "station", "employer_code": "FIRM"}])
    tables = inputs(tmp_path, orders=orders(rows), register=known, workers=staff)
    found = uncovered(tables, "2025-09")
    assert found["gap"].to_list() == ["none", "resident_only", "interrupted", "other_province", "covered", "none"]
    last = found.row(5, named=True)
    assert (last["account"], last["employer_code"], last["band"], last["platforms"]) == ("employer", "FIRM", "8000+", 2)


def test_identities_alone_are_enough(tmp_path: Path) -> None:
    staff = workers([{"worker_key": 1}, {"worker_key": 2, "status": "left"}, {"worker_key": 3, "region": "440305"}])
    tables = inputs(tmp_path, workers=staff, register=register({3: "flexible"}))
    found = uncovered_registered(tables, "2025-09")
    assert found.select("worker_key", "gap", "income_fen").rows() == [(1, "none", None), (3, "other_province", None)]


def test_small_groups_cannot_be_worked_out(tmp_path: Path) -> None:
    """Three of a hundred are in the residents' scheme; neither they nor what gives them away by subtraction is shown."""
    rows = [{"worker_key": key, "platform_key": 1 + key % 2} for key in range(100)]
    pensions = {key: "resident" if key < 3 else "none" if key < 50 else "flexible" for key in range(100)}
    tables = inputs(tmp_path, orders=orders(rows), register=register(pensions))
    made = {table.dimension: table.frame for table in protected_tables(uncovered(tables, "2025-09"))}
    total = made["province"].filter(pl.col("province") == "all").row(0, named=True)
    assert total["resident_only"] is None
    hidden = [name for name in ("none", "resident_only", "covered") if total[name] is None]
    assert len(hidden) >= 2
    assert total["workers"] == 100


# --- commands -----------------------------------------------------------------------------------------------------------


def test_the_commands_work_together(assessed: tuple[Inputs, Ledger], tmp_path: Path) -> None:
    folder = assessed[0].files["orders"][0].parent
    ledger = str(tmp_path / "ledger")
    run = CliRunner().invoke
    done = run(assess_command, [str(folder), "--ledger", ledger, "--month", "2025-09", "--scheme", "injury_orders"])
    assert done.exit_code == 0, done.output
    assert "9.80" in done.output
    again = run(assess_command, [str(folder), "--ledger", ledger, "--month", "2025-09", "--scheme", "injury_orders"])
    assert "nothing new" in again.output
    payments = tmp_path / "payments.csv"
    payments.write_text(f"reference,amount,paid_on\n{FIRST},7.00,2025-10-31\n", encoding="utf-8")
    # A difference is told by the exit code, which the program hands on.
    found = run(reconcile_command, [str(payments), "--ledger", ledger, "--today", "2025-12-10"], standalone_mode=False)
    assert found.return_value == 1
    assert "unpaid" in found.output and SECOND in found.output
    counted = run(uncovered_command, [str(folder), "--month", "2025-09", "--list", str(tmp_path / "list.csv")])
    assert counted.exit_code == 0, counted.output
    assert (tmp_path / "list.csv").stat().st_mode & 0o77 == 0
    assert pl.read_csv(tmp_path / "list.csv").height == 3
