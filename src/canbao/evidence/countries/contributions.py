"""A country's rules on other workers: who would have to join, who might, and who would pay how much.

Amounts of another currency are carried over by wages: a threshold of half the average wage there is one of half the average
wage here. So nothing depends on an exchange rate, and a law bites as hard here as it does there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.evidence.countries.card import PAYERS, STATUSES, Amount, Base, Card, Charge, Cover, Status, Vehicle, Wages, say
from canbao.located_yaml import Entry, read

Floats = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

ACCESS_HERE = {"mandatory": "must", "voluntary": "may", "none": "may_not", "partly": "unknown", None: "unknown"}
"""A card's access in the words of the legal map."""


class CrosswalkFile(Entry):
    """crosswalk.yaml."""

    vehicle: dict[str, Vehicle]
    own_costs: dict[Vehicle, float]


@cache
def crosswalk() -> CrosswalkFile:
    """From a survey's workers to those of whom laws speak."""
    return read(Path(str(resources.files("canbao.evidence.countries").joinpath("crosswalk.yaml"))), CrosswalkFile)


@dataclass(frozen=True)
class Wage:
    """Wages of the place where each worker works, by the month.

    Args:
        average: NaN where unknown.
        minimum: likewise.
    """

    average: Floats
    minimum: Floats


def status_of(frame: pl.DataFrame) -> list[Status | None]:
    """What each worker would be elsewhere; None where that cannot be told.

    A labour relation makes an employee, and so does working for wages without one that the law here recognises. Platform
    workers without a labour relation are platform workers; all others are self-employed.

    Args:
        frame: with `status`, or with `relation`, `platform_worker` and `work_status` as far as there are any.
    """
    if "status" in frame.columns:
        given = frame["status"].cast(pl.String).to_list()
        wrong = sorted({one for one in given if one is not None and one not in STATUSES})
        if wrong:
            remedy = did_you_mean(wrong[0], STATUSES)
            raise InputError(Fault(say("no_status", name=wrong[0]), Place(field="status"), remedy))
        return given
    size = frame.height
    relation, platform, work = (_texts(frame, name, size) for name in ("relation", "platform_worker", "work_status"))
    return [_status(*one) for one in zip(relation, platform, work, strict=True)]


def _texts(frame: pl.DataFrame, name: str, size: int) -> list[str | None]:
    return frame[name].cast(pl.String).to_list() if name in frame.columns else [None] * size


def _status(relation: str | None, platform: str | None, work: str | None) -> Status | None:
    if relation == "labour":
        return "employees"
    if platform in ("yes", "true"):
        return "platform_workers"
    if work in ("permanent_employee", "fixed_term_employee", "casual_employee", "apprentice"):
        return "employees"
    if work is not None or relation is not None:
        return "self_employed"
    return None


def contributions(card: Card, table: pl.DataFrame, wage: Wage | None = None, year: int | None = None) -> pl.DataFrame:
    """What a country's rules would mean for each worker of a table.

    Args:
        card: of pensions or injury.
        table: one row a worker: `income_month`, net of own costs; `receipts_month`, before them, where known; what
            `status_of` needs; and as far as rules ask for it `platform_type`, `age`.
        wage: wages where the workers work; None if the table's money is the card's own currency.
        year: of the rates; the card's if None.

    Returns:
        one row a worker: `status`; `access` (must, may, may_not, unknown); and by the month in the table's money `worker`,
        `hirer`, `state`, `total`, of those who must or may join as if they did; blank where a rate, an income or a wage is
        not known; 0 for those who may not.

    Raises:
        InputError: the table has no income.
    """
    if "income_month" not in table.columns and "receipts_month" not in table.columns:
        raise InputError(Fault(say("no_income"), Place(field="income_month")))
    workers = _Workers(card, table, wage, year or card.file.year)
    status, access = workers.status, workers.access()
    paid = {payer: np.zeros(table.height) for payer in PAYERS}
    for name in STATUSES:
        members = np.array([one == name for one in status])
        if members.any():
            for payer in PAYERS:
                due = workers.due(name, payer)
                paid[payer] = np.where(members, due, paid[payer])
    inside = np.isin(access, ("must", "may"))
    outside = np.array(access) == "may_not"
    made = {payer: np.where(inside, amount, np.where(outside, 0.0, np.nan)) for payer, amount in paid.items()}
    total = np.sum([*made.values()], axis=0)
    words = [pl.Series("status", status, dtype=pl.String), pl.Series("access", access, dtype=pl.String)]
    return pl.DataFrame(
        [*words, *(pl.Series(name, amount) for name, amount in made.items()), pl.Series("total", total)]
    ).fill_nan(None)


class _Workers:
    """A table's workers with all that rules ask of them, in the table's money."""

    def __init__(self, card: Card, table: pl.DataFrame, wage: Wage | None, year: int) -> None:
        self.card, self.year, self.size = card, year, table.height
        self.kind = np.array([one or "" for one in _texts(table, "platform_type", table.height)])
        self.status = self._statuses(status_of(table))
        self.vehicle = np.array([crosswalk().vehicle.get(one, "none") for one in self.kind])
        self.age = _numbers(table, "age")
        costs = np.array([crosswalk().own_costs[one] for one in self.vehicle])
        income, receipts = _numbers(table, "income_month"), _numbers(table, "receipts_month")
        self.receipts = np.where(np.isnan(receipts), income / (1 - costs), receipts)
        self.income = np.where(np.isnan(income), receipts * (1 - costs), income)
        self.given_receipts = ~np.isnan(receipts)
        own, least = card.file.average_wage, card.file.minimum_wage
        if wage is None:
            self.scale = np.ones(self.size)
            self.average = np.full(self.size, own.value if own is not None else np.nan)
            self.minimum = np.full(self.size, least.value if least is not None else np.nan)
        else:
            self.average, self.minimum = wage.average, wage.minimum
            self.scale = wage.average / own.value if own is not None else np.full(self.size, np.nan)

    def _statuses(self, told: list[Status | None]) -> list[Status | None]:
        """Platform workers of a kind for which the law has no rule are self-employed."""
        cover = (self.card.file.covers or {}).get("platform_workers")
        if cover is None or cover.kinds is None:
            return told
        others = (self.kind != "") & ~np.isin(self.kind, cover.kinds)
        return [
            "self_employed" if one == "platform_workers" and other else one for one, other in zip(told, others, strict=True)
        ]

    def amount(self, amount: Amount) -> Floats:
        """An amount of the card in the table's money."""
        if not isinstance(amount, Wages):
            return amount * self.scale
        if amount.average_wages is not None:
            return amount.average_wages * self.average
        return (amount.minimum_wages or 0.0) * self.minimum

    def net(self, base: Base | None) -> Floats:
        """Earnings after expenses: the statutory ones of receipts, where the law sets them and receipts are known."""
        if base is None or base.expenses is None:
            return self.income
        share = np.array([base.expenses.get(one, 0.0) for one in self.vehicle])
        return np.where(self.given_receipts, self.receipts * (1 - share), self.income)

    def access(self) -> list[str]:
        """Must, may, may not or unknown."""
        found = []
        applies = {name: self._applies(cover) for name, cover in (self.card.file.covers or {}).items()}
        for at, name in enumerate(self.status):
            cover = (self.card.file.covers or {}).get(name) if name is not None else None
            if cover is None or name is None:
                found.append("unknown")
                continue
            meets = applies[name][at]
            rule = cover.access if meets == 1 else cover.otherwise if meets == 0 else None
            found.append(ACCESS_HERE[rule])
        return found

    def _applies(self, cover: Cover) -> Floats:
        """1 where the rule applies, 0 where not, NaN where an answer is missing on which it turns."""
        applies = np.ones(self.size)
        if cover.kinds is not None:
            applies = np.where(self.kind == "", np.nan, 1.0)
        if cover.born_from is not None:
            old_enough = np.where(np.isnan(self.age), np.nan, (self.year - self.age >= cover.born_from).astype(float))
            applies = _both(applies, old_enough)
        if cover.earnings_from is not None:
            line = self.amount(cover.earnings_from)
            reached = np.where(np.isnan(self.income) | np.isnan(line), np.nan, (self.income >= line).astype(float))
            applies = _both(applies, reached)
        return applies

    def due(self, status: Status, payer: str) -> Floats:
        """What a payer would pay for workers of a status; NaN where a rate was not found."""
        charges = [one for one in self.card.charges(status) if one.payer == payer]
        nobody_knows = not self.card.charges(status)
        total = np.full(self.size, np.nan) if nobody_knows else np.zeros(self.size)
        for charge in charges:
            total = total + self._charged(charge)
        return total

    def _charged(self, charge: Charge) -> Floats:
        if charge.amount is not None:
            return self.amount(charge.amount)
        rate = charge.rate_in(self.year)
        if charge.base is None or charge.base.of == "turnover":
            return np.full(self.size, np.nan)
        rates = np.full(self.size, np.nan if rate is None else rate)
        for kind, other in charge.rate_of_kinds.items():
            rates = np.where(self.kind == kind, other, rates)
        if charge.ages is not None:
            low, high = charge.ages
            rates = np.where((self.age >= low) & (self.age <= high), rates, np.nan)
        due = rates * self._base(charge.base)
        if charge.least is not None:
            due = np.maximum(due, self.amount(charge.least))
        if charge.rounded is not None:
            unit = charge.rounded * self.scale
            due = np.floor(due / unit + 0.5 + 1e-9) * unit
        return due

    def _base(self, base: Base) -> Floats:
        net = self.net(base)
        match base.of:
            case "net":
                found = net
            case "receipts":
                found = self.receipts
            case "chosen":
                tiers = np.array(base.tiers)
                at = np.clip(np.searchsorted(tiers, net / self.scale + 1e-9, side="right") - 1, 0, None)
                found = np.where(np.isnan(net), np.nan, tiers[at] * self.scale)
            case "band":
                limits = np.array([one for one, _ in base.bands[:-1]], dtype=float)
                bases = np.array([one for _, one in base.bands])
                at = np.searchsorted(limits, net / self.scale - 1e-9, side="left")
                found = np.where(np.isnan(net), np.nan, bases[at] * self.scale)
            case "minimum_wage":
                found = self.minimum
            case _:
                found = self.average
        if base.floor is not None and base.floor != "none":
            found = np.maximum(found, self.amount(base.floor))
        if base.ceiling is not None and base.ceiling != "none":
            found = np.minimum(found, self.amount(base.ceiling))
        if base.starts_at is not None:
            found = np.where(net < self.amount(base.starts_at), 0.0, found)
        return found


def _both(one: Floats, other: Floats) -> Floats:
    """Both conditions; one that fails decides, whatever the other."""
    return np.where((one == 0) | (other == 0), 0.0, one * other)


def _numbers(table: pl.DataFrame, name: str) -> Floats:
    if name not in table.columns:
        return np.full(table.height, np.nan)
    return np.asarray(table[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=float)
