"""Payments against what was due: what is missing, too little, too much, in the wrong month, late, or for nothing known."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import polars as pl

from canbao.errors import Fault, InputError, Place, raise_all
from canbao.exchange.identity.numbers import is_valid_credit_code
from canbao.exchange.ledger import Ledger
from canbao.exchange.ledger.figures import month_number
from canbao.exchange.ledger.steps import Step
from canbao.exchange.statements.statement import reference_of
from canbao.languages import Catalogue
from canbao.law import lawbook

say = Catalogue("canbao.exchange.statements", "words")

Reason = Literal["unpaid", "underpaid", "overpaid", "wrong_month", "late", "unknown_reference"]

LATE_RATE = "late_payment_rate"
"""The figure of the law by which arrears grow with each day."""

COLUMNS = {
    "reference": pl.String,
    "month": pl.String,
    "platform_key": pl.Int64,
    "employer_code": pl.String,
    "scheme": pl.String,
    "reason": pl.String,
    "due_fen": pl.Int64,
    "paid_fen": pl.Int64,
    "difference_fen": pl.Int64,
    "days_late": pl.Int64,
    "interest_fen": pl.Int64,
    "other_reference": pl.String,
}

_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,2})?")


@dataclass(frozen=True)
class Payment:
    """A payment: what it names, how much, when, and its row in the file."""

    reference: str
    amount_fen: int
    paid_on: datetime.date
    row: int


@dataclass(frozen=True)
class Owed:
    """What became due on a day."""

    amount_fen: int
    due_on: datetime.date


@dataclass(frozen=True)
class Reconciliation:
    """What differs.

    Args:
        differences: `COLUMNS`, by reference; what is paid as it should be is not listed.
        due_fen: in all.
        paid_fen: in all.
        interest_fen: in all.
    """

    differences: pl.DataFrame
    due_fen: int
    paid_fen: int
    interest_fen: int


def read_payments(path: Path) -> list[Payment]:
    """payments.csv: `reference,amount,paid_on`; amounts in yuan.

    Raises:
        InputError: columns are missing, and every cell that is no amount or day.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise InputError(Fault(say("no_file"), Place(path))) from None
    except pl.exceptions.PolarsError:
        raise InputError(Fault(say("no_csv"), Place(path))) from None
    missing = [name for name in ("reference", "amount", "paid_on") if name not in frame.columns]
    if missing:
        raise InputError(Fault(say("no_columns", names=", ".join(missing)), Place(path, 1)))
    payments, faults = [], []
    for row, (reference, amount, paid_on) in enumerate(frame.select("reference", "amount", "paid_on").rows(), start=1):
        day = _day(paid_on)
        if not reference:
            faults.append(Fault(say("no_reference"), Place(path, row=row, field="reference")))
        if not _AMOUNT.fullmatch(amount or ""):
            faults.append(Fault(say("no_amount", value=str(amount)), Place(path, row=row, field="amount")))
        elif day is None:
            faults.append(Fault(say("no_day", value=str(paid_on)), Place(path, row=row, field="paid_on")))
        else:
            payments.append(Payment(str(reference).strip(), int(Fraction(amount) * 100), day, row))
    raise_all(faults)
    return payments


def reconcile(ledger: Ledger, payments: Sequence[Payment], today: datetime.date) -> Reconciliation:
    """Compare what platforms and employers paid with what they owe.

    What was due first is taken as paid first. Arrears grow by the law's daily rate, without interest on interest.

    Args:
        ledger: with what is due; only runs that count are asked, schemes that workers pay directly are left out.
        payments: as those who paid name them.
        today: until when what is unpaid grows; what is not due by then is not missed.
    """
    due = owed(ledger)
    paid: dict[str, list[Payment]] = {}
    for payment in payments:
        paid.setdefault(payment.reference, []).append(payment)
    rows = [
        row for reference in sorted(due) for row in _compared(reference, due[reference], paid.get(reference, []), today)
    ]
    rows += [_unknown(reference, paid[reference]) for reference in sorted(set(paid) - set(due))]
    rows = list(_moved(rows))
    frame = pl.DataFrame(rows, schema=COLUMNS).sort("reference", "reason")
    return Reconciliation(
        frame,
        sum(one.amount_fen for parts in due.values() for one in parts),
        sum(payment.amount_fen for payment in payments),
        int(frame["interest_fen"].sum() or 0),
    )


def payment_steps(ledger: Ledger, found: Reconciliation) -> list[Step]:
    """What the payments of each account's month came to: `paid`, or the reasons why they differ."""
    reasons: dict[tuple[str, str], set[str]] = {tuple(one.split("/")[:2]): set() for one in owed(ledger)}  # type: ignore[misc]
    for reference, reason in found.differences.select("reference", "reason").rows():
        month, _, rest = reference.partition("/")
        if (month, rest.partition("/")[0]) in reasons:
            reasons[month, rest.partition("/")[0]].add(reason)
    return [
        Step("payment_compared", month, account, ", ".join(sorted(why)) or "paid")
        for (month, account), why in sorted(reasons.items())
    ]


def owed(ledger: Ledger) -> Mapping[str, list[Owed]]:
    """What accounts owe, by reference, in the order in which it became due; what was taken back lowers the first."""
    found: dict[str, list[Owed]] = {}
    due_on = {}
    for run in ledger.runs():
        due_on[run.scheme, run.month, run.number] = datetime.date.fromisoformat(run.facts["due_on"])
    for scheme, month in dict.fromkeys(key[:2] for key in due_on):
        facts = ledger.runs(scheme, month)[0].facts
        amount = pl.col("platform_fen")
        if facts["collected_from"] == "platform":
            amount = amount + pl.col("worker_fen")
        account = pl.coalesce("employer_code", pl.col("platform_key").cast(pl.String)).alias("account")
        sums = ledger.scan_accounts(scheme, month).group_by(account, "run").agg(amount.sum().alias("fen"))
        for name, number, fen in sums.sort("account", "run").collect().rows():
            if fen:
                owing = Owed(fen, due_on[scheme, month, number])
                found.setdefault(reference_of(month, name, scheme), []).append(owing)
    return {reference: _without_credits(parts) for reference, parts in found.items()}


def _without_credits(parts: Sequence[Owed]) -> list[Owed]:
    """Amounts that are owed, by day, each lowered by what was taken back."""
    credit = -sum(part.amount_fen for part in parts if part.amount_fen < 0)
    left = []
    for part in sorted((one for one in parts if one.amount_fen > 0), key=lambda one: one.due_on):
        taken = min(credit, part.amount_fen)
        credit -= taken
        if part.amount_fen > taken:
            left.append(Owed(part.amount_fen - taken, part.due_on))
    return left


Row = dict[str, object]


def _compared(reference: str, due: Sequence[Owed], paid: Sequence[Payment], today: datetime.date) -> Iterator[Row]:
    total_due = sum(part.amount_fen for part in due)
    total_paid = sum(payment.amount_fen for payment in paid)
    days, interest = _late(due, paid, today)
    row = _row(reference, total_due, total_paid)
    missed = sum(part.amount_fen for part in due if part.due_on < today)
    if total_paid > total_due:
        yield {**row, "reason": "overpaid", "days_late": None, "interest_fen": 0}
    elif total_paid < missed:
        yield {**row, "reason": "underpaid" if paid else "unpaid", "days_late": days, "interest_fen": interest}
        return
    if interest or days:
        yield {**row, "reason": "late", "days_late": days, "interest_fen": interest}


def _late(due: Sequence[Owed], paid: Sequence[Payment], today: datetime.date) -> tuple[int, int]:
    """The longest delay in days, and the interest on all that was late."""
    waiting = sorted(paid, key=lambda one: (one.paid_on, one.row))
    left = [payment.amount_fen for payment in waiting]
    longest, interest, at = 0, Fraction(0), 0
    for part in due:
        owing = part.amount_fen
        while owing > 0:
            is_paid = at < len(waiting)
            settled = min(owing, left[at]) if is_paid else owing
            late = max(((waiting[at].paid_on if is_paid else today) - part.due_on).days, 0)
            longest = max(longest, late)
            interest += settled * late * _daily_rate(part.due_on)
            owing -= settled
            if is_paid:
                left[at] -= settled
                at += not left[at]
    return longest, int(interest + Fraction(1, 2))


def _daily_rate(day: datetime.date) -> Fraction:
    parameter = lawbook.model().parameters[LATE_RATE]
    column = parameter.column(month_number(f"{day:%Y-%m}"))
    return Fraction(str(float(parameter.monthly[0, column])))


def _unknown(reference: str, paid: Sequence[Payment]) -> Row:
    total = sum(payment.amount_fen for payment in paid)
    return {**_row(reference, 0, total), "reason": "unknown_reference", "days_late": None, "interest_fen": 0}


def _row(reference: str, due: int, paid: int) -> Row:
    month, _, rest = reference.partition("/")
    account, _, scheme = rest.partition("/")
    # A credit code may be of digits alone, too.
    is_employer = is_valid_credit_code(account)
    is_platform = account.isdigit() and not is_employer
    is_ours = bool(scheme) and (is_platform or is_employer)
    return {
        "reference": reference,
        "month": month if is_ours else None,
        "platform_key": int(account) if is_ours and is_platform else None,
        "employer_code": account if is_ours and is_employer else None,
        "scheme": scheme if is_ours else None,
        "due_fen": due,
        "paid_fen": paid,
        "difference_fen": paid - due,
        "other_reference": None,
    }


def _moved(rows: Sequence[Row]) -> Iterator[Row]:
    """Where somebody paid for one month exactly what is missing in another, it named the wrong one."""
    missing: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        if row["reason"] in ("unpaid", "underpaid"):
            missing.setdefault((*_account(row), -_difference(row)), []).append(row)
    others: dict[int, object] = {}
    for row in rows:
        if row["reason"] in ("overpaid", "unknown_reference") and row["scheme"] is not None:
            found = missing.get((*_account(row), _difference(row)))
            if found:
                other = found.pop(0)
                others |= {id(row): other["reference"], id(other): row["reference"]}
    for row in rows:
        yield {**row, "reason": "wrong_month", "other_reference": others[id(row)]} if id(row) in others else row


def _account(row: Row) -> tuple[object, ...]:
    return row["platform_key"], row["employer_code"], row["scheme"]


def _difference(row: Row) -> int:
    difference = row["difference_fen"]
    assert isinstance(difference, int)
    return difference


def _day(text: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text or "")
    except ValueError:
        return None
