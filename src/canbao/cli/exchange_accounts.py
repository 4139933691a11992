"""Commands of the exchange's accounts: what is due, statements, payments, who is not covered, made-up platforms.

`COMMANDS` is mounted in the group `canbao exchange`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import polars as pl
from rich.text import Text

from canbao.cli.options import form_option, names, quiet_option
from canbao.cli.terminal import out, print_frame, progress_line
from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Number, spoken_language

say = Catalogue("canbao.cli", "exchange_accounts_words")

DONE, DOES_NOT_HOLD = 0, 1
PATH = click.Path(path_type=Path)
FORMATS = ["pdf", "xlsx", "html", "docx"]
USUAL = "injury_orders,flexible_pension,flexible_medical"


def said(key: str) -> str:
    """What help says, in the user's language."""
    return str(say(key))


tables_argument = click.argument("tables", metavar="TABLES", type=PATH)
ledger_option = click.option("--ledger", "ledger_folder", metavar="DIR", required=True, type=PATH, help=said("help_ledger"))
month_option = click.option("--month", metavar="YYYY-MM", required=True, help=said("help_month"))
synthetic_option = click.option("--synthetic", is_flag=True, help=said("help_synthetic"))


@click.command(help=said("help_assess"), epilog=said("example_assess"))
@tables_argument
@ledger_option
@click.option("--month", "months", metavar="YYYY-MM,…", required=True, help=said("help_months"))
@click.option("--scheme", "schemes", metavar="NAMES", default=USUAL, show_default=True, help=said("help_schemes"))
@click.option("--provisional", is_flag=True, help=said("help_provisional"))
@click.option("--on-day", "day", type=click.DateTime(["%Y-%m-%d"]), help=said("help_on_day"))
@click.option("--memory", default="600MB", show_default=True, help=said("help_memory"))
@quiet_option
def assess(
    tables: Path,
    ledger_folder: Path,
    months: str,
    schemes: str,
    provisional: bool,
    day: datetime.datetime | None,
    memory: str,
    quiet: bool,
) -> None:
    """What is due for months becomes lines of the ledger."""
    from canbao.exchange.ledger import Inputs, Ledger, assess, named_schemes
    from canbao.exchange.ledger.steps import note, steps_of_run
    from canbao.exchange.protection.audit import actor

    wanted = [_month(one) for one in names(months)]
    with progress_line(quiet) as progress:
        outcomes = assess(
            Inputs.of_folder(tables),
            Ledger(ledger_folder),
            wanted,
            named_schemes(names(schemes)),
            provisional=provisional,
            day=day.date() if day is not None else None,
            memory=memory,
            progress=progress,
        )
    ledger = Ledger(ledger_folder)
    note(ledger, [step for one in outcomes if one.run for step in steps_of_run(ledger, one.run)], actor())
    rows = []
    for one in outcomes:
        kind = say(f"kind_{one.run.kind}") if one.run is not None else say("unchanged")
        due = {"platform": one.totals["platform_fen"], "worker": one.totals["worker_fen"]}
        rows.append(
            {
                str(say("month")): one.month,
                str(say("scheme")): one.scheme,
                str(say("run")): str(kind),
                str(say("lines")): Number(one.totals["lines"]).text(spoken_language()),
                **{str(say(f"due_{payer}")): _yuan(fen) for payer, fen in due.items()},
            }
        )
    print_frame(pl.DataFrame(rows), "table")
    for one in outcomes:
        for place, figure in one.missing:
            out.print(Text(f"• {say('figure_missing', month=one.month, scheme=one.scheme, place=place, figure=figure)}"))
        workers = int(one.open["workers"].sum() or 0)
        if workers:
            open_workers = say("open", month=one.month, scheme=one.scheme, workers=Number(workers))
            out.print(Text(f"• {open_workers}", style="yellow"))


@click.command(help=said("help_schemes_listed"))
@form_option
def schemes(form: str) -> None:
    """The schemes that come with the programme."""
    from canbao.exchange.ledger import named_schemes, shipped_schemes

    language = spoken_language()
    rows = [
        {
            str(say("scheme")): one.name,
            str(say("title")): one.title[language],
            str(say("scheme_kind")): str(say(f"kind_{one.file.kind}")),
        }
        for one in named_schemes(list(shipped_schemes()))
    ]
    print_frame(pl.DataFrame(rows), form)


@click.command(help=said("help_statement"), epilog=said("example_statement"))
@tables_argument
@ledger_option
@month_option
@click.option("--platform", metavar="PLATFORM", help=said("help_platform"))
@click.option("--employer", metavar="CODE", help=said("help_employer"))
@click.option("--worker", type=int, metavar="KEY", help=said("help_worker"))
@click.option("--out", "folder", required=True, metavar="DIR", type=PATH, help=said("help_statement_out"))
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help=said("help_formats"))
@synthetic_option
@quiet_option
def statement(
    tables: Path,
    ledger_folder: Path,
    month: str,
    platform: str | None,
    employer: str | None,
    worker: int | None,
    folder: Path,
    formats: Sequence[Any],
    synthetic: bool,
    quiet: bool,
) -> None:
    """A platform's, employer's or worker's month as files."""
    from canbao.accounts import write_statement
    from canbao.exchange.ledger import Inputs, Ledger
    from canbao.exchange.ledger.steps import Step, note
    from canbao.exchange.protection.audit import actor
    from canbao.exchange.statements import employer_statement, platform_statement, worker_statement

    _check_one((platform, employer, worker))
    inputs, ledger = Inputs.of_folder(tables), Ledger(ledger_folder)
    _month(month)
    if platform is not None:
        told = platform_statement(ledger, inputs, platform, month, synthetic=synthetic)
    elif employer is not None:
        told = employer_statement(ledger, inputs, employer, month, synthetic=synthetic)
    else:
        assert worker is not None
        told = worker_statement(ledger, inputs, worker, month, synthetic=synthetic)
    with progress_line(quiet) as progress:
        write_statement(told, folder, tuple(formats) or ("pdf", "xlsx"), progress)
    account = f"worker/{told.key}" if told.of == "worker" else str(told.key)
    note(ledger, [Step("statement_issued", month, account, told.number)], actor())
    click.echo(str(folder))


@click.command(help=said("help_reconcile"), epilog=said("example_reconcile"))
@click.argument("payments", metavar="PAYMENTS", type=PATH)
@ledger_option
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), required=True, help=said("help_today"))
@form_option
def reconcile(payments: Path, ledger_folder: Path, today: datetime.datetime, form: str) -> int:
    """Payments against what was due."""
    from canbao.exchange.ledger import Ledger
    from canbao.exchange.ledger.steps import note
    from canbao.exchange.protection.audit import actor
    from canbao.exchange.statements import reconcile
    from canbao.exchange.statements.reconciliation import payment_steps, read_payments

    ledger = Ledger(ledger_folder)
    found = reconcile(ledger, read_payments(payments), today.date())
    note(ledger, payment_steps(ledger, found), actor())
    if form != "table":
        print_frame(found.differences, form)
    else:
        _print_differences(found.differences)
        totals = {"due": found.due_fen, "paid": found.paid_fen, "interest": found.interest_fen}
        out.print(Text(str(say("in_all", **{name: _yuan(fen) for name, fen in totals.items()}))))
    return DONE if found.differences.is_empty() else DOES_NOT_HOLD


@click.command(name="note", help=said("help_note"), epilog=said("example_note"))
@click.argument("step", type=click.Choice(["objection_received", "objection_decided", "outreach"]))
@ledger_option
@month_option
@click.option("--platform", metavar="NUMBER", help=said("help_platform_number"))
@click.option("--employer", metavar="CODE", help=said("help_employer"))
@click.option("--worker", type=int, metavar="KEY", help=said("help_worker"))
def note_step(
    step: str, ledger_folder: Path, month: str, platform: str | None, employer: str | None, worker: int | None
) -> None:
    """A step that was taken outside the program."""
    from canbao.exchange.ledger import Ledger
    from canbao.exchange.ledger.steps import Step, known_account, note
    from canbao.exchange.protection.audit import actor

    accounts = (platform, employer, worker)
    _check_one(accounts)
    ledger = Ledger(ledger_folder)
    account = known_account(ledger, _month(month), accounts)
    note(ledger, [Step(step, month, account)], actor())
    out.print(Text(str(say("noted", account=account, month=month))))


@click.command(help=said("help_uncovered"), epilog=said("example_uncovered"))
@tables_argument
@month_option
@click.option("--registered", is_flag=True, help=said("help_registered"))
@click.option("--list", "list_to", metavar="FILE", type=PATH, help=said("help_list"))
@form_option
def uncovered(tables: Path, month: str, registered: bool, list_to: Path | None, form: str) -> None:
    """Who works on platforms and is not covered."""
    from canbao.exchange.coverage import protected_tables, uncovered, uncovered_registered
    from canbao.exchange.coverage.uncovered import with_outreach
    from canbao.exchange.durable import write_durably
    from canbao.exchange.ledger import Inputs

    inputs = Inputs.of_folder(tables)
    listed = (uncovered_registered if registered else uncovered)(inputs, _month(month))
    for table in protected_tables(listed):
        frame = table.frame
        if table.dimension == "platform_key":
            labels = {str(key): inputs.name_of(key) for key in listed["platform_key"].unique().to_list()}
            frame = frame.with_columns(pl.col("platform_key").replace(labels))
        print_frame(_in_words(frame, table.dimension) if form == "table" else frame, form)
        if table.hidden:
            out.print(Text(str(say("hidden", count=str(table.hidden)))))
    if list_to is not None:
        persons = with_outreach(listed.filter(pl.col("gap") != "covered"), spoken_language())
        write_durably(list_to, persons.write_csv().encode("utf-8"), mode=0o600)
        out.print(Text(str(say("list_written", count=str(persons.height))), style="yellow"))


@click.command(help=said("help_simulate"), epilog=said("example_simulate"))
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--workers", default=300, show_default=True, type=click.IntRange(1, 100_000), help=said("help_workers"))
@click.option("--month", "months", default="2026-07,2026-08", show_default=True, help=said("help_months"))
@click.option("--faults", "share", default=0.02, show_default=True, type=click.FloatRange(0, 1), help=said("help_faults"))
@click.option("--seed", default=1, show_default=True, help=said("help_seed"))
def simulate(folder: Path, workers: int, months: str, share: float, seed: int) -> None:
    """Three made-up platforms and their messages."""
    from canbao.exchange.simulation import simulate

    made = simulate(folder, workers=workers, months=[_month(one) for one in names(months)], share=share, seed=seed)
    out.print(Text(str(say("synthetic")), style="bold magenta"))
    counts = made.faults.group_by("fault", "code").len().sort("fault")
    print_frame(counts, "table")
    out.print(Text(str(say("simulated", messages=str(len(made.messages)), orders=Number(made.orders.height)))))


def _check_one(accounts: Sequence[object]) -> None:
    if sum(one is not None for one in accounts) != 1:
        raise InputError(Fault(say("one_of_three"), Place(field="--platform, --employer, --worker")))


def _month(text: str) -> str:
    """A month as users write it.

    Raises:
        InputError: it is none.
    """
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        raise InputError(Fault(say("no_month", value=text), Place(field="--month")))
    return text


def _yuan(fen: int) -> str:
    return Number(fen / 100, "decimal2").text(spoken_language())


def _in_words(frame: pl.DataFrame, dimension: str) -> pl.DataFrame:
    known = {name: str(say(f"column_{name}")) for name in frame.columns}
    rows = frame.with_columns(pl.col(dimension).replace({"all": str(say("all"))})).rename(known)
    return rows.with_columns(pl.col(pl.Int64).cast(pl.String).fill_null("*"))


def _print_differences(frame: pl.DataFrame) -> None:
    rows = []
    for one in frame.iter_rows(named=True):
        rows.append(
            {
                str(say("reference")): one["reference"],
                str(say("reason")): str(say(f"reason_{one['reason']}")),
                **{str(say(name)): _yuan(one[f"{name}_fen"]) for name in ("due", "paid", "difference", "interest")},
                str(say("days_late")): one["days_late"],
                str(say("other_reference")): one["other_reference"],
            }
        )
    if rows:
        print_frame(pl.DataFrame(rows, infer_schema_length=None), "table")
    else:
        out.print(Text(str(say("all_paid"))))


COMMANDS: tuple[click.Command, ...] = (assess, schemes, statement, reconcile, note_step, uncovered, simulate)
"""To be mounted in the group `canbao exchange`."""
