"""Workers of one year and who of them is hurt, drawn by the engine; and what each injury costs a worker and the family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from canbao.careers.categories import Outcome
from canbao.engine import NATION, Model, ValueEntry
from canbao.engine.draws import uniforms
from canbao.engine.kinds import UNKNOWN
from canbao.engine.parameters import FIRST_YEAR, Parameters
from canbao.injury.assumptions import assumptions
from canbao.injury.from_law import FromLaw, entries, figure
from canbao.law.categories import NursingLevel
from canbao.reforms import BASELINE, Simulator
from canbao.reforms.population import People
from canbao.reforms.simulation import Scenario

Array = np.ndarray[Any, np.dtype[Any]]

DRAWN = (
    "works", "relation", "risk_group_now", "income_month", "orders_made", "age_in_year", "injury_risk", "injury_outcome",
    "injury_circumstance", "injury_days_off", "injury_treatment_cost",
)  # fmt: skip

MONTHS = 12
MOST_SERIOUS_LIGHT_GRADE = Outcome.GRADE_7
"""Worse outcomes than this are catastrophes."""


@dataclass(frozen=True)
class Cases:
    """Workers of one year, each with at most one injury; all arrays have one value a worker.

    Args:
        weight: how many people each stands for.
        injury_weight: how many injuries of a year each one's injury stands for; grave ones are drawn more often than they
            happen, and stand for fewer.
        respondent: the row of the worker table that each is like.
        group: the kind of work by its danger.
        relation: to whom one works for.
        age: in the year.
        income: a month.
        orders: in the year.
        risk: the probability of an injury.
        outcome: what became of it; `Outcome.NONE` for most.
        circumstance: when in the working day.
        days_off: without work.
        treatment: its cost.
        place: the number of the province, as the law's places have it.
        average_wage: a month, of the province.
        minimum_wage: a month.
        national_income: a head and year, in towns.
        earning_capacity_lost: for good, as a share.
        own_consumption: the share of earnings that the earner uses up alone.
        spouse: whether there is one.
        dependants: how many others.
        chance: a number between 0 and 1 for each worker: who joins what is voluntary.
        year: of the injuries.
    """

    weight: Array
    injury_weight: Array
    respondent: Array
    group: Array
    relation: Array
    age: Array
    income: Array
    orders: Array
    risk: Array
    outcome: Array
    circumstance: Array
    days_off: Array
    treatment: Array
    place: Array
    average_wage: Array
    minimum_wage: Array
    national_income: float
    earning_capacity_lost: Array
    own_consumption: float
    spouse: Array
    dependants: Array
    chance: Array
    year: int

    def __len__(self) -> int:
        return len(self.weight)

    def some(self, members: Array) -> Cases:
        """Some of the workers."""
        taken: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        taken |= {name: one[members] for name, one in taken.items() if isinstance(one, np.ndarray)}
        return Cases(**taken)

    @cached_property
    def injured(self) -> Array:
        """Who is hurt."""
        return np.asarray(self.outcome > Outcome.NONE)

    @cached_property
    def grade(self) -> Array:
        """The grade of disability, 1 to 10; 0 for none."""
        graded = (self.outcome >= Outcome.GRADE_10) & (self.outcome <= Outcome.GRADE_1)
        return np.where(graded, int(Outcome.GRADE_1) + 1 - self.outcome, 0)

    @cached_property
    def nursing_level(self) -> Array:
        """How far one depends on others. Nobody asks: grades 1 to 3 stand for full, most and part."""
        return np.where(self.grade <= len(NursingLevel) - 1, self.grade, int(NursingLevel.NONE))

    @cached_property
    def dies(self) -> Array:
        """Who dies of it."""
        return np.asarray(self.outcome == Outcome.DEATH)

    @cached_property
    def catastrophe(self) -> Array:
        """Death, or a disability of grade 6 or worse."""
        return np.asarray(self.outcome > MOST_SERIOUS_LIGHT_GRADE)

    @cached_property
    def years_left(self) -> Array:
        """Years until earnings would have ended anyway."""
        return np.asarray(np.maximum(0.0, assumptions().earning_until.value - self.age))

    @cached_property
    def years_nursed(self) -> Array:
        """Years in which nursing is needed by those who need it."""
        return np.asarray(np.maximum(0.0, assumptions().nursing_until.value - self.age))

    @cached_property
    def injury_wage(self) -> Array:
        """Own wage within limits of the average (work injury regulation, art. 64)."""
        limits = ("injury_wage_least_share", "injury_wage_most_share")
        least, most = (figure(FromLaw(law=one), self.place, self.year) for one in limits)
        return np.clip(self.income, least * self.average_wage, most * self.average_wage)

    @cached_property
    def losses(self) -> dict[str, Array]:
        """What an injury costs, by kind: treatment, earnings while off work, earnings for good, nursing.

        Later years count as the first: wages grow as fast as they are discounted. Of a dead earner's wage the family loses
        what the earner did not use up alone.
        """
        lasting = self.income * MONTHS * self.years_left * self.earning_capacity_lost
        share = entries(FromLaw(law="injury_nursing_share"), self.place, self.year, self.nursing_level)
        return {
            "treatment": self.treatment,
            "off_work": self.income * self.days_off / (365 / MONTHS),
            "earnings": np.where(self.dies, lasting * (1 - self.own_consumption), lasting),
            "nursing": share * self.average_wage * MONTHS * self.years_nursed,
        }

    @cached_property
    def loss(self) -> Array:
        """All of it together."""
        return np.asarray(sum(self.losses.values()))


OFTENER = 8.0
"""So many times as many injuries are drawn as happen."""


def draw_cases(simulator: Simulator, year: int, workers: int = 300_000) -> Cases:
    """Follow workers like the respondents to a year, and draw who is hurt in it.

    Injuries, and among them all outcomes alike, are drawn more often than they happen and weigh less accordingly, so that
    deaths and grave disabilities are many enough to be reckoned with (importance sampling; Owen 2013, ch. 9).

    Args:
        simulator: of the study's workers.
        year: of the injuries, not before the survey's.
        workers: how many are drawn.
    """
    first = simulator.base_year
    people = People(simulator.respondents, workers, first).block(range(workers))
    scenario = Scenario(BASELINE)
    oftener = scenario.model.with_parameters(scenario.parameters.with_values(_oftener(scenario.parameters)))
    last, happening = (
        _last_year(model, people.columns, first, year, simulator.seed) for model in (oftener, scenario.model)
    )
    alive = (last["works"] == 1) & (last["injury_outcome"] != UNKNOWN) & np.isfinite(last["income_month"])
    parameters, at = scenario.model.parameters, year - FIRST_YEAR
    average = parameters["contribution_reference_wage"].yearly[people.columns["place"], at]
    alive &= np.isfinite(average)
    lost = parameters["earning_capacity_lost"].tables[0]
    outcome = last["injury_outcome"]
    cases = Cases(
        weight=people.weight,
        injury_weight=people.weight * _rarer(scenario.parameters, happening["injury_risk"], last["injury_risk"], outcome),
        respondent=people.respondent,
        group=last["risk_group_now"],
        relation=last["relation"],
        age=last["age_in_year"],
        income=last["income_month"],
        orders=last["orders_made"],
        risk=happening["injury_risk"],
        outcome=outcome,
        circumstance=last["injury_circumstance"],
        days_off=last["injury_days_off"],
        treatment=last["injury_treatment_cost"],
        place=people.columns["place"],
        average_wage=average,
        minimum_wage=average * float(parameters["minimum_to_average_wage"].yearly[0, at]),
        national_income=national_income(parameters, at),
        earning_capacity_lost=np.where(outcome > Outcome.NONE, lost[np.maximum(outcome, 0)], 0.0),
        own_consumption=float(parameters["own_consumption"].yearly[0, at]),
        spouse=_answers(simulator, people.respondent, "marital_status", "married"),
        dependants=_numbers(simulator, people.respondent, "children", 1.0),
        chance=uniforms(simulator.seed, people.columns["worker_id"], year, "uptake"),
        year=year,
    )
    return cases.some(np.flatnonzero(alive))


def _last_year(model: Model, columns: Mapping[str, Array], first: int, year: int, seed: int) -> dict[str, Array]:
    """What is drawn of the year, lives having been followed from the first one."""
    panel = model.run(columns, panel=DRAWN, years=(first, year), seed=seed).panel
    return {name: column[:, -1] for name, column in panel.items()}


def _oftener(parameters: Parameters) -> dict[str, dict[str, dict[str, ValueEntry]]]:
    """The figures under which injuries are drawn: more of them, and every outcome as often as any other."""
    level = float(parameters["injury_level"].yearly[0, -1]) * OFTENER
    graves = range(Outcome.TREATED, Outcome.DEATH + 1)
    alike = dict.fromkeys((int(one) for one in graves), 1 / len(graves))
    return {
        "injury_level": {NATION: {f"{FIRST_YEAR}-01": ValueEntry.model_validate({"value": level})}},
        "outcome_share": {NATION: {f"{FIRST_YEAR}-01": ValueEntry.model_validate({"table": alike})}},
    }


def _rarer(parameters: Parameters, happening: Array, drawn: Array, outcome: Array) -> Array:
    """How many injuries one that was drawn stands for."""
    share = parameters["outcome_share"].tables[0]
    alike = 1 / (Outcome.DEATH - Outcome.TREATED + 1)
    of_outcome = np.where(outcome > Outcome.NONE, share[np.maximum(outcome, 0)] / alike, 0.0)
    return np.where(drawn > 0, happening / np.where(drawn > 0, drawn, 1.0), 0.0) * of_outcome


def national_income(parameters: Parameters, at: int) -> float:
    """Income a head and year in towns: the latest known one, of the year or before."""
    known = parameters["national_urban_income_year"].monthly[0, : (at + 1) * 12]
    return float(known[np.flatnonzero(np.isfinite(known))[-1]])


def _answers(simulator: Simulator, rows: Array, column: str, category: str) -> Array:
    """Who answered so; everybody where it was not asked."""
    if column not in simulator.design.frame.columns:
        return np.ones(len(rows), dtype=bool)
    return (simulator.design.frame[column].cast(pl.String).fill_null("") == category).to_numpy()[rows]


def _numbers(simulator: Simulator, rows: Array, column: str, otherwise: float) -> Array:
    if column not in simulator.design.frame.columns:
        return np.full(len(rows), otherwise)
    return simulator.design.frame[column].cast(pl.Float64).fill_null(otherwise).to_numpy()[rows]
