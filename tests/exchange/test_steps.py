"""From messages to a paid statement and an objection: all steps stand in a log that `canbao bottlenecks` opens."""

import datetime
from pathlib import Path

import polars as pl
import pytest

from canbao.cli import run
from canbao.exchange.ledger import Ledger
from canbao.exchange.ledger.steps import FILE, Step, note, noted
from canbao.exchange.simulation import simulate
from canbao.exchange.simulation.platforms import FIRM
from canbao.exchange.store import receive
from canbao.exchange.store.events import events
from canbao.procedures import open_log

MONTH = "2026-07"


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An office's month with one of three platforms, and the number of that platform."""
    folder = tmp_path_factory.mktemp("office")
    made = simulate(folder, workers=30, months=(MONTH,), seed=4)
    for path in made.messages:
        receive(made.exchange, path, now=datetime.datetime(2026, 8, 3, tzinfo=datetime.UTC))
    tables, ledger = str(folder / "tables"), str(folder / "ledger")
    assert run(["exchange", "tables", str(made.exchange.folder), "--out", tables]) == 0
    assess = ["exchange", "assess", tables, "--ledger", ledger, "--month", MONTH, "--scheme", "injury_orders", "-q"]
    assert run(assess) == 0
    platform = str(Ledger(Path(ledger)).scan().select("platform_key").collect()["platform_key"].min())
    to = ["--ledger", ledger, "--month", MONTH]
    for whose in (["--platform", platform], ["--employer", FIRM]):
        out = ["--out", str(folder / "statement"), "--format", "html", "-q"]
        assert run(["exchange", "statement", tables, *to, *whose, *out]) == 0
    due = Ledger(Path(ledger)).scan_accounts().filter(pl.col("employer_code") == FIRM)
    fen = due.select(pl.col("platform_fen").sum()).collect().item()
    payments = folder / "payments.csv"
    payments.write_text(
        f"reference,amount,paid_on\n{MONTH}/{FIRM}/injury_orders,{fen / 100:.2f},2026-08-20\n", encoding="utf-8"
    )
    for _ in range(2):
        assert run(["exchange", "reconcile", str(payments), "--ledger", ledger, "--today", "2026-10-01"]) == 1
    assert run(["exchange", "note", "objection_received", *to, "--platform", platform]) == 0
    assert run(["exchange", "note", "outreach", *to, "--employer", FIRM]) == 0
    return folder, platform


def test_every_step_of_an_account_is_in_the_log(worked: tuple[Path, str]) -> None:
    folder, platform = worked
    path = folder / "events.csv"
    assert (
        run(["exchange", "events", str(folder / "exchange"), "--ledger", str(folder / "ledger"), "--out", str(path)]) == 0
    )
    log = pl.read_csv(path)
    steps = {case: group["activity"].to_list() for (case,), group in log.group_by("case_id", maintain_order=True)}
    ours = steps[f"{MONTH}/{platform}"]
    assert {"orders received", "earnings received"} <= set(ours)
    assert ours[-4:] == ["assessed", "statement issued", "payment compared: unpaid", "objection received"]
    assert steps[f"{MONTH}/{FIRM}"] == ["assessed", "statement issued", "payment compared: paid", "outreach"]
    assert any("received" in activities for activities in steps.values())


def test_bottlenecks_runs_on_the_exchange_itself(worked: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = worked
    path = tmp_path / "events.csv"
    assert (
        run(["exchange", "events", str(folder / "exchange"), "--ledger", str(folder / "ledger"), "--out", str(path)]) == 0
    )
    assert {"assessed", "statement issued", "objection received"} <= set(open_log(path).activities)
    assert run(["bottlenecks", str(path), "--out", str(tmp_path / "found"), "--format", "html", "-q"]) == 0
    assert (tmp_path / "found" / "report.en.html").exists() or list((tmp_path / "found").glob("*.html"))


def test_steps_survive_a_torn_line_and_no_ledger_is_made_by_reading(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    note(ledger, [], "A")
    assert list(noted(ledger)) == [] and not ledger.folder.exists()
    note(ledger, [Step("outreach", MONTH, "7")], "A")
    with (ledger.folder / FILE).open("a", encoding="utf-8") as file:
        file.write('{"time": "2026-')
    note(ledger, [Step("outreach", MONTH, "8")], "A")
    assert [one.step.account for one in noted(ledger)] == ["7", "8"]
    assert ledger.runs() == []


def test_messages_alone_make_the_log_that_they_made_before(worked: tuple[Path, str]) -> None:
    from canbao.exchange.store import Exchange

    opened = Exchange.open(worked[0] / "exchange")
    with_steps = events(opened, Ledger(worked[0] / "ledger")).filter(pl.col("case:kind").ne_missing("account"))
    assert with_steps.equals(events(opened))


@pytest.mark.parametrize("arguments", [["--platform", "1"], ["--employer", "X"], ["--worker", "1"], []])
def test_a_step_of_nobody_is_refused(worked: tuple[Path, str], arguments: list[str]) -> None:
    ledger = str(worked[0] / "ledger")
    assert run(["exchange", "note", "outreach", "--ledger", ledger, "--month", MONTH, *arguments]) == 2
