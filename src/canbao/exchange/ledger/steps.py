"""What has happened to accounts: a line for each step, in `steps.jsonl` beside the ledger's runs.

An account's month is a case: assessed, its statement issued, its payment compared, an objection, a correction, outreach.
The steps are for finding out where cases wait; what is owed stands in the runs alone.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.exchange.durable import locked
from canbao.exchange.ledger.books import Ledger, Run
from canbao.languages import Catalogue
from canbao.outputs import clear_disk_faults

say = Catalogue("canbao.exchange.ledger", "words")

FILE = "steps.jsonl"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to an account.

    Args:
        step: `assessed`, `provisionally_assessed`, `adjusted`, `statement_issued`, `payment_compared`; what people do
            outside the program and note: `objection_received`, `objection_decided`, `outreach`.
        month: as `2026-03`.
        account: a platform's number, an employer's code, or `worker/` and a worker's number.
        about: the scheme, or what came of it.
    """

    step: str
    month: str
    account: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A step with when it was noted, and by whom."""

    step: Step
    time: datetime.datetime
    actor: str


def note(ledger: Ledger, steps: Iterable[Step], actor: str, now: datetime.datetime | None = None) -> None:
    """Note steps. What an account's payments came to is noted where it has changed.

    Args:
        ledger: beside which.
        steps: in their order.
        actor: who took them.
        now: when.

    Raises:
        InputError: the disk refuses.
    """
    wanted = list(steps)
    if not wanted:
        return
    time = (now or datetime.datetime.now(datetime.UTC)).isoformat(timespec="seconds")
    with clear_disk_faults(ledger.folder / FILE), locked(ledger.folder / ".steps-lock"):
        known = {(one.step.step, one.step.month, one.step.account): one.step for one in noted(ledger)}
        fresh = [
            step
            for step in wanted
            if step.step != "payment_compared" or known.get((step.step, step.month, step.account)) != step
        ]
        path = ledger.folder / FILE
        # A line that was torn stays alone.
        torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
        lines = ["\n"] if torn else []
        lines += [json.dumps({"time": time, "actor": actor, **asdict(step)}, ensure_ascii=False) + "\n" for step in fresh]
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, "".join(lines).encode("utf-8"))
            os.fsync(handle)
        finally:
            os.close(handle)


def noted(ledger: Ledger) -> Iterator[Noted]:
    """All steps in their order; a line that a power cut tore is left out."""
    path = ledger.folder / FILE
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                content = json.loads(line)
                time, actor = datetime.datetime.fromisoformat(content.pop("time")), content.pop("actor")
                yield Noted(Step(**content), time, actor)
            except (ValueError, TypeError, KeyError, AttributeError):
                continue


def steps_of_run(ledger: Ledger, run: Run) -> list[Step]:
    """That a run was written, for each account which has lines of it."""
    lines = ledger.scan_accounts(run.scheme, run.month).filter(pl.col("run") == run.number)
    account = pl.coalesce("employer_code", pl.col("platform_key").cast(pl.String)).alias("account")
    accounts = lines.select(account).unique().collect()["account"].sort().to_list()
    step = {"provisional": "provisionally_assessed", "assessed": "assessed", "adjustment": "adjusted"}[run.kind]
    return [Step(step, run.month, one, run.scheme) for one in accounts]


def known_account(ledger: Ledger, month: str, accounts: Sequence[str | int | None]) -> str:
    """An account as steps name it, of a platform, an employer and a worker, of which one is given.

    Raises:
        InputError: it has no lines in the month.
    """
    platform, employer, worker = accounts
    lines = ledger.scan_accounts(month=month)
    own = (
        pl.col("worker_key") == worker
        if worker is not None
        else (pl.col("employer_code") == employer)
        if employer is not None
        else pl.col("platform_key").cast(pl.String) == str(platform)
    )
    name = f"worker/{worker}" if worker is not None else str(employer if employer is not None else platform)
    if lines.filter(own).head(1).collect().is_empty():
        raise InputError(Fault(say("no_account", name=name, month=month), Place()))
    return name
