"""From the worker table to life courses: each respondent as often as her weight says, and those who will come after.

Nothing is drawn here but tastes; luck is the engine's. What a survey did not ask is assumed, and said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from canbao.careers import Activity
from canbao.careers.categories import RiskGroup
from canbao.engine import Model
from canbao.engine.kinds import Category
from canbao.engine.parameters import FIRST_YEAR
from canbao.errors import Fault, InputError
from canbao.languages import Catalogue, Words, joined
from canbao.law import places
from canbao.law.categories import Access, Hukou, HukouLocality, Relation, Sex, WorkerClass
from canbao.located_yaml import Entry, read
from canbao.reforms.choice import log_odds, probabilities, tastes
from canbao.reforms.history import past_contributions
from canbao.survey import Design
from canbao.workers.vocabulary import Vocabulary

say = Catalogue("canbao.reforms", "words")

Array = np.ndarray[Any, np.dtype[Any]]
Columns = dict[str, Array]

NEEDED = ("province", "sex", "birth_month", "pension_scheme", "income_month")
"""Without these there are no life courses."""

USEFUL = ("relation", "platform_worker", "hukou", "hukou_locality", "aware", "contribution_years", "contribution_base")
"""What is assumed where a survey did not ask it."""

HISTORY = (
    "contribution_months_last_year",
    "indexed_months_last_year",
    "account_balance_last_year",
    "resident_years_last_year",
    "resident_account_last_year",
)
"""What was paid before the start: nothing by those who enter."""

GOLDEN = 0.618033988749895


class Assumed(Entry):
    """One number and what it rests on."""

    value: float
    source: str


class StartFile(Entry):
    """start.yaml."""

    entrants: Assumed
    entrants_growth: Assumed
    oldest_template: Assumed
    resident_payment: Assumed
    resident_match: Assumed
    weeks: Assumed
    first_job: Assumed
    hours_week: Assumed
    orders_an_hour: dict[str, Assumed]


@cache
def start() -> StartFile:
    """What is assumed where no survey says it."""
    return read(Path(str(resources.files("canbao.reforms").joinpath("start.yaml"))), StartFile)


@dataclass(frozen=True)
class Population:
    """Workers whose lives are to be simulated.

    Args:
        columns: as the engine takes them, one value a worker.
        weight: how many people each worker stands for.
        respondent: the row of the worker table that each is like.
        entrant: who enters after the survey.
        base_year: of the survey.
        left_out: respondents without life courses: past retirement age, or without an answer that is needed.
        assumed: what had to be assumed because the survey did not ask it.
    """

    columns: Columns
    weight: Array
    respondent: Array
    entrant: Array
    base_year: int
    left_out: int
    assumed: tuple[Words, ...]

    def __len__(self) -> int:
        return len(self.weight)


def respondents(design: Design, vocabulary: Vocabulary, model: Model, base_month: int, seed: int) -> Population:
    """The respondents themselves, each with her weight.

    Args:
        design: the worker table under the study's design, the domain in view.
        vocabulary: for the labels of what is missing.
        model: law and life courses.
        base_month: when the interviews took place, as whole months since the year 0.
        seed: of tastes.

    Raises:
        InputError: a column is absent without which there are no life courses.
    """
    frame = design.frame
    missing = [
        name for name in NEEDED if name not in frame.columns and not (name == "birth_month" and "age" in frame.columns)
    ]
    if missing:
        labels = joined([vocabulary[name].label for name in missing])
        raise InputError([Fault(say("needs_columns", columns=labels), remedy=say("map_columns"))])
    kept = _complete(frame) & np.asarray(design.inside)
    maker = _Maker(frame, kept, base_month, model)
    columns = maker.columns()
    works_on = _before_retirement(columns, model, base_month // 12)
    kept[np.flatnonzero(kept)[~works_on]] = False
    columns = {name: column[works_on] for name, column in columns.items()}
    rows = np.flatnonzero(kept)
    columns |= _choices(design, columns, rows, model, base_month, seed)
    columns["burden_at_start"] = _burden(columns, model, base_month // 12)
    told = maker.told()[works_on]
    job = start().first_job.value
    columns |= past_contributions(columns, told, model.parameters, base_month // 12, seed, job)
    assumed = tuple(say("assumed_column", column=vocabulary[name].label) for name in USEFUL if name not in frame.columns)
    inside = int(np.asarray(design.inside).sum())
    nobody = np.zeros(len(rows), dtype=bool)
    columns = {name: _stored(name, column, model) for name, column in columns.items()}
    return Population(columns, design.weights[rows], rows, nobody, base_month // 12, inside - len(rows), assumed)


def _stored(name: str, column: Array, model: Model) -> Array:
    """A column as the kernel takes it: what is stored otherwise would be converted in every run."""
    kind = model.lawbook.kind(name)
    return column if kind is None else np.asarray(column, dtype=kind.dtype)


@dataclass(frozen=True)
class People:
    """Everybody whose life is run: the respondents or copies of them, and those who enter in later years.

    Nobody is kept: workers are made block by block, the same in whichever blocks they are asked for.

    Args:
        respondents: of the survey.
        workers: how many copies, each respondent as often as her weight says; None for each respondent once.
        last_year: the last year in which somebody enters.
    """

    respondents: Population
    workers: int | None
    last_year: int

    def __len__(self) -> int:
        return self._today + self._each * (self.last_year - self.respondents.base_year)

    def block(self, rows: range, needed: Collection[str] | None = None, into: dict[str, Array] | None = None) -> Population:
        """The workers of these numbers, by which luck is drawn.

        Args:
            rows: the numbers; of those beyond the last there is nobody.
            needed: the columns that are made of the respondents'; all if None.
            into: arrays that were made for an earlier block, whose workers are done with: to ask the system for new memory
                takes several times as long as to fill it.
        """
        cohorts = [*self._cohorts(rows)]
        sizes = {years: len(numbers) for years, numbers in cohorts}
        here = np.arange(rows.start, min(rows.stop, len(self)), dtype=np.int64)
        picks = np.concatenate([np.zeros(0, dtype=np.int64), *(self._picked(*one) for one in cohorts)])
        columns = self.respondents.columns
        taken = {name: _taken(name, columns[name], picks, into) for name in columns if needed is None or name in needed}
        today = sizes.pop(0, 0)
        later = np.repeat(np.array([*sizes], dtype=np.int64), np.array([*sizes.values()], dtype=np.int64))
        self._let_enter(taken, slice(today, None), later)
        taken["worker_id"] = here
        return replace(
            self.respondents,
            columns=taken,
            weight=np.concatenate([np.zeros(0), *(self._weights(*one) for one in cohorts)]),
            respondent=self.respondents.respondent[picks],
            entrant=here >= self._today,
        )

    def _cohorts(self, rows: range) -> Iterator[tuple[int, range]]:
        """Those who enter together: after how many years, and which of their year they are; today's after none."""
        today = range(rows.start, min(rows.stop, self._today))
        if len(today):
            yield 0, today
        for years in range(1, self.last_year - self.respondents.base_year + 1):
            before = self._today + self._each * (years - 1)
            numbers = range(max(rows.start - before, 0), min(rows.stop - before, self._each))
            if len(numbers):
                yield years, numbers

    def _picked(self, years: int, numbers: range) -> Array:
        """The respondents whom workers are like."""
        rows = np.arange(numbers.start, numbers.stop, dtype=np.int64)
        return self._templates(rows, years) if years else self._copied(rows)

    def _let_enter(self, columns: Columns, entrants: slice, years: Array) -> None:
        """Make those who enter later as old as the respondents when they do, and without a past."""
        moved = {"birth_month": years * 12, "first_resident_payment_month": years * 12, "start_year": years}
        without_past = dict.fromkeys(HISTORY, 0)
        new = {"first_contribution_month": (self.respondents.base_year + years) * 12, **without_past}
        for name in columns.keys() & moved.keys():
            columns[name][entrants] += moved[name]
        for name in columns.keys() & new.keys():
            columns[name][entrants] = new[name]

    def _weights(self, years: int, numbers: range) -> Array:
        """How many workers each stands for; of those who enter there are more or fewer from year to year."""
        if years == 0:
            return self._weight_today(np.arange(numbers.start, numbers.stop))
        grown = (1 + start().entrants_growth.value) ** years
        return np.full(len(numbers), grown * self._total * start().entrants.value / self._each)

    @cached_property
    def basis(self) -> bytes:
        """The hash of all that workers are made of: the same for the same workers, though none has to be made for it."""
        digest = hashlib.sha256()
        # How they are made stands in this file.
        digest.update(Path(__file__).read_bytes() + start().model_dump_json().encode())
        digest.update(repr((self.workers, self.respondents.base_year)).encode())
        for name, column in sorted(self.respondents.columns.items()):
            digest.update(f"{name} {column.dtype}".encode() + column.tobytes())
        digest.update(self.respondents.weight.tobytes() + self.respondents.respondent.tobytes())
        return digest.digest()

    @property
    def _today(self) -> int:
        return len(self.respondents) if self.workers is None else self.workers

    @cached_property
    def _each(self) -> int:
        """How many enter in each year."""
        return max(1, round(self._today * start().entrants.value)) if len(self._young) else 0

    @cached_property
    def _total(self) -> float:
        return float(self.respondents.weight.sum())

    @cached_property
    def _reach(self) -> Array:
        return np.cumsum(self.respondents.weight)

    @cached_property
    def _young(self) -> Array:
        """The respondents whom entrants are like."""
        age = self.respondents.base_year - self.respondents.columns["birth_month"] // 12
        return np.asarray(np.flatnonzero(age <= start().oldest_template.value))

    @cached_property
    def _reach_of_young(self) -> Array:
        return np.cumsum(self.respondents.weight[self._young])

    def _copied(self, rows: Array) -> Array:
        if self.workers is None:
            return rows
        return np.minimum(np.searchsorted(self._reach, (rows + 0.5) / self.workers * self._total), len(self._reach) - 1)

    def _weight_today(self, rows: Array) -> Array:
        if self.workers is None:
            return self.respondents.weight[rows]
        return np.full(len(rows), self._total / self.workers)

    def _templates(self, position: Array, years: int) -> Array:
        # Every year starts elsewhere in the list, so that all templates have their turn.
        turn = years * GOLDEN % 1.0
        where = (position + turn) / self._each % 1.0 * self._reach_of_young[-1]
        found = np.searchsorted(self._reach_of_young, where, side="right")
        return np.asarray(self._young[np.minimum(found, len(self._young) - 1)])


def _taken(name: str, column: Array, picks: Array, into: dict[str, Array] | None) -> Array:
    if into is None:
        return column.take(picks)
    if len(into.get(name, ())) < len(picks):
        into[name] = np.empty(len(picks), dtype=column.dtype)
    # No pick lies outside; to be told so NumPy would need memory of its own.
    return column.take(picks, out=into[name][: len(picks)], mode="clip")


# --- the worker table as columns ------------------------------------------------------------------------------------------


def _complete(frame: pl.DataFrame) -> Array:
    """Who gave every answer that is needed; a missing income is filled in."""
    born = "birth_month" if "birth_month" in frame.columns else "age"
    needed = ["province", "sex", "pension_scheme", born]
    return frame.select(pl.all_horizontal(pl.col(needed).is_not_null())).to_series().to_numpy().copy()


class _Maker:
    """Turns the answers of those who are kept into columns."""

    def __init__(self, frame: pl.DataFrame, kept: Array, base_month: int, model: Model) -> None:
        self.frame = frame.filter(pl.Series(kept))
        self.base_month = base_month
        self.model = model
        self.size = self.frame.height

    def columns(self) -> Columns:
        base_year = self.base_month // 12
        place = self._place()
        wage, floor, ceiling, account_rate = (
            self.model.parameters[name].yearly[place, base_year - FIRST_YEAR]
            for name in ("contribution_reference_wage", "base_floor", "base_ceiling", "pension_account_rate")
        )
        scheme = self._texts("pension_scheme")
        income = self._income()
        employee = scheme == "employee"
        relation = np.where(employee, Relation.LABOUR, self._codes("relation", Relation, Relation.INCOMPLETE))
        activity = self._activity(relation)
        in_employees = np.isin(scheme, ("employee", "flexible", "several"))
        months = np.where(in_employees, self._numbers("contribution_years", 1.0), 0.0) * 12
        base = np.where(employee, income, self._numbers("contribution_base", np.nan))
        base = np.clip(np.where(np.isnan(base), floor, base), floor, ceiling)
        index = np.clip(self._numbers("contribution_index", np.nan), 0.4, 3.0)
        index = np.where(np.isnan(index), base / wage, index)
        balance = self._numbers("account_balance", np.nan)
        # As much interest in the past as wages grew: every month counts as if paid on today's base.
        balance = np.where(np.isnan(balance), months * base * account_rate, balance) * in_employees
        resident_years = np.where(scheme == "resident", self._numbers("contribution_years", 1.0), 0.0)
        born = self._born()
        return {
            "place": place,
            "birth_month": born,
            "sex": self._codes("sex", Sex, Sex.MALE),
            "hukou": self._codes("hukou", Hukou, Hukou.AGRICULTURAL),
            "hukou_locality_at_start": self._codes("hukou_locality", HukouLocality, HukouLocality.LOCAL),
            "relation_at_start": relation,
            "activity_at_start": activity,
            "start_year": np.full(self.size, base_year),
            "relative_income": income / wage,
            "flexible_at_start": np.isin(scheme, ("flexible", "several")).astype(np.int8),
            "chosen_base_to_floor": np.where(np.isin(scheme, ("flexible", "several")), base / floor, 1.0),
            "aware": (self._texts("aware") != "no").astype(np.int8),
            "resident_payment_at_start": np.full(self.size, start().resident_payment.value),
            "orders_year": self._orders(),
            "risk_group_at_start": self._risk_groups(),
            "hours_at_start": self._numbers("hours_week", start().hours_week.value),
            "worker_class": np.full(self.size, int(WorkerClass.FLEXIBLE)),
            "student": np.zeros(self.size, dtype=np.int8),
            "only_child_parent": np.zeros(self.size, dtype=np.int8),
            "deemed_years": np.zeros(self.size),
            "overlap_months": np.zeros(self.size),
            "contribution_months_last_year": np.round(months).astype(np.int64),
            "indexed_months_last_year": months * index,
            "account_balance_last_year": balance,
            "resident_years_last_year": resident_years,
            "resident_account_last_year": resident_years * (start().resident_payment.value + start().resident_match.value),
            "first_contribution_month": np.maximum(self.base_month - np.round(months), born + 16 * 12).astype(np.int64),
            "first_resident_payment_month": np.full(self.size, base_year * 12),
            "_employee": employee.astype(np.int8),
            "_resident": (scheme == "resident").astype(np.int8),
        }

    def told(self) -> Array:
        """Who is in the employees' scheme and says how long; nobody else is asked."""
        member = np.isin(self._texts("pension_scheme"), ("employee", "flexible", "several"))
        return np.asarray(member & np.isfinite(self._numbers("contribution_years", np.nan)))

    def _texts(self, name: str) -> Array:
        if name not in self.frame.columns:
            return np.full(self.size, "", dtype=object)
        return self.frame[name].cast(pl.String).fill_null("").to_numpy()

    def _codes(self, name: str, listed: type[Category], otherwise: int) -> Array:
        number = {member.key: int(member) for member in listed}
        return np.array([number.get(one, otherwise) for one in self._texts(name)], dtype=np.int8)

    def _numbers(self, name: str, otherwise: float) -> Array:
        if name not in self.frame.columns:
            return np.full(self.size, otherwise)
        return self.frame[name].cast(pl.Float64).fill_null(otherwise).to_numpy().copy()

    def _place(self) -> Array:
        numbers = places().numbers
        return np.array([numbers[one] for one in self._texts("province")], dtype=np.int32)

    def _born(self) -> Array:
        if "birth_month" in self.frame.columns:
            month = pl.col("birth_month")
            born = self.frame.select(month.dt.year().cast(pl.Int64) * 12 + month.dt.month() - 1).to_series()
            return born.to_numpy().copy()
        # Half a year into the year of age, on average.
        return (self.base_month - self.frame["age"].cast(pl.Int64) * 12 - 6).to_numpy().copy()

    def _income(self) -> Array:
        """Own income; the median of one's group where it was not told."""
        groups = [name for name in ("platform_worker", "sex") if name in self.frame.columns]
        income = pl.col("income_month").cast(pl.Float64)
        told = pl.when(income > 0).then(income)
        filled = told.fill_null(told.median().over(groups) if groups else told.median()).fill_null(told.median())
        return self.frame.select(filled.alias("income")).to_series().to_numpy().copy()

    def _activity(self, relation: Array) -> Array:
        platform = self._texts("platform_worker") == "yes"
        other = np.where(relation == Relation.LABOUR, Activity.EMPLOYEE, Activity.NON_STANDARD)
        return np.where(platform, Activity.PLATFORM, other).astype(np.int8)

    def _risk_groups(self) -> Array:
        """The kind of platform work; of others the builders, who are hurt as often as riders."""
        number = {member.key: int(member) for member in RiskGroup} | {"other": int(RiskGroup.OTHER_PLATFORM)}
        builds = self._texts("main_occupation") == "construction"
        others = np.where(builds, int(RiskGroup.CONSTRUCTION), int(RiskGroup.OTHER))
        kinds = self._texts("platform_type")
        known = np.array([number.get(kind, -1) if kind else -1 for kind in kinds])
        return np.where(known >= 0, known, others).astype(np.int8)

    def _orders(self) -> Array:
        rates = start().orders_an_hour
        hours = self._numbers("hours_week", start().hours_week.value)
        rate = np.array([rates[one].value if one in rates else 0.0 for one in self._texts("platform_type")])
        return np.asarray(hours * rate * start().weeks.value)


# --- choices ------------------------------------------------------------------------------------------------------------


def _before_retirement(columns: Columns, model: Model, base_year: int) -> Array:
    asked = {name: columns[name] for name in ("place", "birth_month", "sex", "worker_class")}
    month = model.run(asked, ["statutory_retirement_month"], on="python")["statutory_retirement_month"]
    return np.asarray(month // 12 >= base_year)


def _kept_out(columns: Columns, model: Model, base_month: int) -> Array:
    """Whom the law did not let join alone at the time of the interviews."""
    asked = {name: columns[name] for name in ("place", "birth_month", "sex", "worker_class")}
    asked |= {name: columns[f"{name}_at_start"] for name in ("relation", "hukou_locality")}
    asked |= {"month": np.full(len(asked["sex"]), base_month)}
    access = model.run(asked, ["employees_pension_access"], on="python")["employees_pension_access"]
    return np.asarray(access == Access.MAY_NOT)


def _choices(design: Design, columns: Columns, rows: Array, model: Model, base_month: int, seed: int) -> Columns:
    """Probabilities and tastes of all choices; takes the marks of who is in which scheme out of the columns."""
    height = design.frame.height
    employee, resident = columns.pop("_employee") == 1, columns.pop("_resident") == 1
    flexible = columns["flexible_at_start"] == 1
    must = (columns["relation_at_start"] == Relation.LABOUR) | (columns["activity_at_start"] == Activity.EMPLOYEE)
    # Whom the law kept out refused nothing; where the law was not found, who is not in it counts as having refused.
    could = ~employee & (flexible | ~_kept_out(columns, model, base_month))
    others = ~employee & ~flexible
    flexible_probability = _probabilities(design, rows, flexible, could, height)
    resident_probability = _probabilities(design, rows, resident, others, height)
    weight = design.weights[rows]
    compliance = float(np.average(employee[must], weights=weight[must])) if must.any() else 0.0
    return {
        "employer_compliance": np.full(len(rows), compliance),
        "compliance_taste": tastes(seed, rows, "compliance_taste", np.full(len(rows), compliance), employee, must),
        "flexible_score": log_odds(flexible_probability),
        "flexible_taste": tastes(seed, rows, "flexible_taste", flexible_probability, flexible, could),
        "resident_probability": resident_probability,
        "resident_taste": tastes(seed, rows, "resident_taste", resident_probability, resident, others),
    }


def _probabilities(design: Design, rows: Array, chose: Array, could: Array, height: int) -> Array:
    everybody = {"chose": np.zeros(height, dtype=bool), "could": np.zeros(height, dtype=bool)}
    everybody["chose"][rows], everybody["could"][rows] = chose, could
    return probabilities(design, everybody["chose"], everybody["could"])[rows]


def _burden(columns: Mapping[str, Array], model: Model, base_year: int) -> Array:
    """What joining would have cost in the year of the survey, as a share of income."""
    wage = model.parameters["contribution_reference_wage"].yearly[columns["place"], base_year - FIRST_YEAR]
    asked = {
        "place": columns["place"],
        "year": np.full(len(wage), base_year),
        "income_month": columns["relative_income"] * wage,
        "activity": columns["activity_at_start"],
        "chosen_base_to_floor": columns["chosen_base_to_floor"],
    }
    burden = model.run(asked, ["flexible_burden"], on="python")["flexible_burden"]
    return np.nan_to_num(burden, nan=1.0)
