"""A synthetic survey: workers drawn so that published margins hold and enrolment moves as studies found it to move.

Every margin and effect is a named parameter of sample.yaml, with its range, source and confidence. The result is an
example to learn and test with. It is no estimate of anything, and says so wherever it appears.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from canbao.errors import Fault, InputError, did_you_mean
from canbao.languages import Catalogue
from canbao.located_yaml import Entry, YamlFile

say = Catalogue("canbao.workers", "faults")

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]

SIZE = 3145
SEED = 20210616
FIELDWORK_YEAR, FIELDWORK_MONTH = 2021, 6
NEVER = -50.0
"""On the logit scale: what cannot be, such as local registration asked of those who have it."""
EDUCATION = ("none", "primary", "junior", "senior", "college", "degree")
REASONS = [
    "too_dear",
    "unsteady_income",
    "no_employer",
    "hukou",
    "unaware",
    "procedure",
    "moving",
    "too_long",
    "other_scheme",
    "distrust",
    "young",
]


class Margin(Entry):
    """A share that the sample meets, with where it comes from.

    Args:
        value: what is used.
        range: what is possible.
        scenario: whether it is an assumption to be varied, not a figure to be met.
    """

    value: float
    range: tuple[float, float]
    source: str
    confidence: Literal["A", "B", "C", "D"]
    scenario: bool = False


class Work(Entry):
    """A kind of work and who does it."""

    share: float
    women: float
    age: float
    age_spread: float
    income: float
    income_spread: float
    hours: float
    injuries: float
    education: list[float]
    occupation: str | None = None


class Stratum(Entry):
    """A province."""

    population: float
    interviews: float
    income: float
    outsiders: float
    base_floor: float
    base_ceiling: float


class Missing(Entry):
    """Shares of answers that are missing."""

    unknown: float
    refused: float


class SampleParameters(Entry):
    """Everything that shapes the sample."""

    margins: dict[str, Margin]
    platform_types: dict[str, Work]
    other_types: dict[str, Work]
    provinces: dict[str, Stratum]
    sites_each: int = Field(ge=2)
    site_spread: float
    weight_spread: float
    population: float
    effects: dict[str, dict[str, float]]
    missing: dict[str, Missing]

    def with_margins(self, changed: Mapping[str, float]) -> SampleParameters:
        """The same with other margins.

        Raises:
            InputError: an unknown margin, or a value outside of its range.
        """
        margins = dict(self.margins)
        for name, value in changed.items():
            if name not in margins:
                raise InputError(Fault(say("unknown_margin", name=name), remedy=did_you_mean(name, margins)))
            low, high = margins[name].range
            if not low <= value <= high:
                raise InputError(
                    Fault(say("margin_range", name=name, value=f"{value:g}", low=f"{low:g}", high=f"{high:g}"))
                )
            margins[name] = margins[name].model_copy(update={"value": value})
        return self.model_copy(update={"margins": margins})


def sample_parameters() -> SampleParameters:
    """The parameters as they are shipped."""
    with resources.as_file(resources.files("canbao.workers").joinpath("sample.yaml")) as path:
        return YamlFile(Path(path)).validate(SampleParameters)


def make_sample(seed: int = SEED, size: int = SIZE, parameters: SampleParameters | None = None) -> pl.DataFrame:
    """Draw a synthetic worker table.

    Args:
        seed: of all draws, from 0; the same seed gives the same table.
        size: workers; at least two a site.
        parameters: what shapes it; as shipped if None.

    Returns:
        one row a worker, columns and categories as in the vocabulary, and `helmet`, a question of the study's own;
        unanswered questions blank, and in `<column>_unknown` whether the worker did not know (else refused).
    """
    if seed < 0:
        raise InputError(Fault(say("sample_seed", seed=str(seed))))
    shape = parameters or sample_parameters()
    fewest = 2 * shape.sites_each * len(shape.provinces)
    if size < fewest:
        raise InputError(Fault(say("sample_small", size=str(size), fewest=str(fewest))))
    return _Sample(seed, size, shape).draw()


@dataclass
class _Sample:
    """The draws, in the order in which one thing depends on another."""

    seed: int
    size: int
    shape: SampleParameters

    def __post_init__(self) -> None:
        self.random = np.random.Generator(np.random.PCG64(self.seed))
        self.columns: dict[str, npt.NDArray[np.generic]] = {}
        self.weight: Floats = np.ones(self.size)

    def draw(self) -> pl.DataFrame:
        for step in (
            self._sites,
            self._persons,
            self._work,
            self._contracts,
            self._pensions,
            self._other_branches,
            self._contributions,
            self._joining,
            self._transfers,
            self._injuries,
            self._own_questions,
        ):
            step()
        return self._with_missing(pl.DataFrame(dict(self.columns)))

    # --- who, and where -----------------------------------------------------------------------------------------------

    def _sites(self) -> None:
        """Interviews by province and site, with weights that make up for the uneven draw."""
        names = list(self.shape.provinces)
        strata = [self.shape.provinces[name] for name in names]
        counts = _rounded(np.array([one.interviews for one in strata]), self.size)
        sites = self.shape.sites_each
        province = np.repeat(np.arange(len(names)), counts)
        site = np.concatenate([_spread(count, sites) + at * sites for at, count in enumerate(counts)])
        within = np.exp(self.random.normal(0, self.shape.weight_spread, self.size))
        population = np.array([one.population for one in strata])
        population = population / population.sum()
        weight = within * (population / np.bincount(province, within, len(names)))[province]
        self.weight = np.round(weight * self.shape.population, 2)
        self.site_level = self.random.normal(0, self.shape.site_spread, (len(names) * sites, 3))[site]
        self.province = province
        self.strata = strata
        self._set("person_id", np.array([f"{site[at] + 1:03d}{at + 1:05d}" for at in range(self.size)]))
        self._set("weight", self.weight)
        self._set("stratum", np.array(names)[province])
        self._set("cluster", np.array([f"{names[p]}-{s % sites + 1:02d}" for p, s in zip(province, site, strict=True)]))
        self._set("province", np.array(names)[province])

    def _persons(self) -> None:
        """Kind of work first: who does it follows."""
        platform = np.zeros(self.size, dtype=bool)
        # Exactly the share, spread over all sites.
        order = np.argsort(self.random.random(self.size) + 0.35 * self.site_level[:, 2])
        platform[order[: _half_up(self.size * self._margin("platform"))]] = True
        self.kinds = {**self.shape.platform_types, **self.shape.other_types}
        kind = np.empty(self.size, dtype="U16")
        for member, kinds in ((platform, self.shape.platform_types), (~platform, self.shape.other_types)):
            shares = np.array([one.share for one in kinds.values()])
            kind[member] = self.random.choice(list(kinds), member.sum(), p=shares / shares.sum())
        self.platform, self.kind = platform, kind
        self.women = self.random.random(self.size) < self._of_kind("women")
        age = np.clip(self.random.normal(self._of_kind("age"), self._of_kind("age_spread")), 16.2, 62.8)
        self.age = np.floor(age)
        month = self.random.integers(1, 13, self.size)
        self.born = FIELDWORK_YEAR - self.age.astype(int) - (month > FIELDWORK_MONTH)
        self.education = np.array(
            [
                self.random.choice(6, p=np.array(self.kinds[name].education) / sum(self.kinds[name].education))
                for name in kind
            ]
        )
        rural = self._met("hukou_agricultural", -0.45 * (self.education - 2.5) + 0.3 * self.site_level[:, 0])
        self.rural = rural
        outsider = np.array([self.strata[at].outsiders for at in self.province])
        draw = self.random.random(self.size)
        self.other_province = draw < np.clip(outsider * np.where(rural, 1.1, 0.75), 0, 0.95)
        self.same_province = ~self.other_province & (self.random.random(self.size) < np.where(rural, 0.55, 0.30))
        locality = np.where(self.other_province, "other_province", np.where(self.same_province, "same_province", "local"))
        self._set("birth_year", self.born)
        self._set("birth_month_number", month)
        self._set("sex", np.where(self.women, "female", "male"))
        self._set("education", np.array(EDUCATION)[self.education])
        self._set("hukou", np.where(rural, "agricultural", "non_agricultural"))
        self._set("hukou_locality", locality)
        self._family()

    def _family(self) -> None:
        married = self.random.random(self.size) < 1 / (1 + np.exp(-(self.age - 27) / 3.5)) * 0.92
        parted = self.random.random(self.size) < np.where(married & (self.age > 30), 0.06, 0)
        widowed = self.random.random(self.size) < np.where(married & (self.age > 48), 0.03, 0)
        status = np.where(widowed, "widowed", np.where(parted, "divorced", np.where(married, "married", "single")))
        children = np.where(status == "single", 0, np.minimum(self.random.poisson(np.where(self.age < 50, 1.2, 0.35)), 4))
        care = self.random.gamma(2.0, np.where(self.women, 6.5, 2.6) * (0.5 + 0.5 * np.minimum(children, 2)))
        self._set("marital_status", status)
        self._set("children", children)
        self._set("care_hours", np.round(np.minimum(care, 80)))
        self.household = np.where(status == "single", 1, 2) + children + self.random.poisson(0.7, self.size)
        self._set("household_size", self.household)

    # --- the work -----------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        platform, kind = self.platform, self.kind
        level = np.array([self.strata[at].income for at in self.province])
        schooling = 1 + 0.045 * (self.education - 2.5)
        sex = np.where(self.women, 0.86, 1.0)
        log_income = np.log(self._of_kind("income") * level * schooling * sex) + self.random.normal(
            0, 1, self.size
        ) * self._of_kind("income_spread")
        self.income = np.round(np.exp(log_income) / 100) * 100
        self.log_income = log_income - log_income.mean()
        hours = np.clip(self.random.normal(self._of_kind("hours"), 12), 10, 98)
        occupation = np.array([self.kinds[name].occupation or name for name in kind])
        self.household_income = self.income * np.where(self.household > 1, 1 + self.random.gamma(2.0, 0.35, self.size), 1.0)
        platforms = np.where(platform, 1 + self.random.binomial(3, 0.18, self.size), 0)
        main = np.where(
            platforms == 1,
            100 - 5 * self.random.binomial(4, 0.25, self.size),
            5 * self.random.integers(9, 19, self.size),
        )
        self._set("platform_worker", _yes(platform))
        self._set("platform_type", np.where(platform, kind, ""))
        self._set("main_occupation", occupation)
        self._set("hours_week", np.round(hours))
        self._set("rest_days_month", self.random.binomial(12, np.clip(0.62 - hours / 160, 0.05, 0.6)))
        self._set("income_year", np.round(self.income * 12 / 1000) * 1000)
        self._set("household_income", np.round(self.household_income / 100) * 100)
        self._set("platforms_count", platforms)
        self._set("main_platform_percent", np.where(platform, main, 0))
        tight = np.where(np.isin(kind, ["food_delivery", "ride_hailing", "courier"]), 0.9, np.where(platform, 0.0, -0.4))
        for item, base in (
            ("control_price", 1.1),
            ("control_clients", 0.5),
            ("control_schedule", -0.5),
            ("control_penalty", -0.1),
        ):
            self._set(item, _yes(self._chance(base + tight + self.random.normal(0, 0.3, self.size))))

    def _contracts(self) -> None:
        index = self._index("contract") + 0.5 * self.site_level[:, 1]
        labour = np.zeros(self.size, dtype=bool)
        for member, margin in ((self.platform, "contract_platform"), (~self.platform, "contract_other")):
            labour[member] = self._met(margin, index, member)[member]
        self.labour = labour
        agreement = ~labour & (self.random.random(self.size) < np.where(self.platform, 0.62, 0.22))
        self.service = agreement
        in_fact = ~labour & ~self.platform & (self.random.random(self.size) < 0.45)
        civil = (
            ~labour
            & ~in_fact
            & (
                self.random.random(self.size)
                < np.where(
                    self.platform, np.where(np.isin(self.kind, ["streaming", "freelance", "freight"]), 0.7, 0.3), 0.8
                )
            )
        )
        relation = np.where(labour | in_fact, "labour", np.where(civil, "civil", "incomplete"))
        self.relation = relation
        draw = self.random.random(self.size)
        status = np.where(
            relation == "labour",
            np.where(labour, np.where(draw < 0.4, "permanent_employee", "fixed_term_employee"), "casual_employee"),
            np.where(relation == "incomplete", "dependent_contractor", np.where(draw < 0.06, "employer", "own_account")),
        )
        self._set("contract", np.where(labour, "labour", np.where(agreement, "service", "none")))
        self._set("relation", relation)
        self._set("work_status", status)

    # --- what covers them ---------------------------------------------------------------------------------------------

    def _pensions(self) -> None:
        site = self.site_level[:, 0]
        self.aware = self._met("aware", self._index("aware") + 0.6 * site)
        employer = self._met("pension_employer", self._index("pension_employer") + site)
        left = ~employer
        flexible = self._met("pension_flexible", self._index("pension_flexible") + site, left, of_all=True) & left
        left = left & ~flexible
        resident_share = 1 - sum(self._margin(f"pension_{name}") for name in ("employer", "flexible", "none"))
        resident = self._reach(resident_share, self._index("pension_resident") - 0.5 * site, left, of_all=True) & left
        several = (employer | flexible) & self._reach(
            self._margin("pension_several"), np.where(self.rural, 0.8, 0.0), employer | flexible, of_all=True
        )
        self.employer, self.flexible, self.resident = employer, flexible, resident
        scheme = np.where(employer, "employee", np.where(flexible, "flexible", np.where(resident, "resident", "none")))
        self._set("pension_scheme", np.where(several, "several", scheme))
        self._set("pension_scheme_first", scheme)

    def _other_branches(self) -> None:
        index = self._index("medical_employer") + 0.5 * self.site_level[:, 1]
        employer = np.zeros(self.size, dtype=bool)
        for member, name in ((self.platform, "platform"), (~self.platform, "other")):
            employer |= self._met(f"medical_employer_{name}", index, member) & member
        flexible = (
            self._met("medical_flexible", 3.2 * self.flexible + 0.3 * self.log_income, ~employer, of_all=True) & ~employer
        )
        resident = np.zeros(self.size, dtype=bool)
        left = ~employer & ~flexible
        for member, name in ((self.platform, "platform"), (~self.platform, "other")):
            wanted = self._margin(f"medical_resident_{name}") * self.weight[member].sum()
            available = self.weight[member & left].sum()
            resident |= (
                self._reach(min(wanted / available, 0.99), self._index("medical_resident"), member & left) & member & left
            )
        self._set(
            "medical_scheme",
            np.where(employer, "employee", np.where(flexible, "flexible", np.where(resident, "resident", "none"))),
        )
        injury = self._met("injury_employer", 5.0 * self.employer + 1.2 * self.labour + 0.4 * self.site_level[:, 1])
        single = self._met("injury_single_line", 0.4 * self.education, ~injury, of_all=True) & ~injury
        left = ~injury & ~single
        commercial = (
            self._met(
                "injury_commercial", 1.4 * np.isin(self.kind, ["food_delivery", "courier"]) + 0.8 * self.platform, left
            )
            & left
        )
        self.public_injury, self.commercial = injury | single, commercial
        self._set(
            "injury_cover",
            np.where(injury, "employer", np.where(single, "single_line", np.where(commercial, "commercial", "none"))),
        )
        for column, pull in (("unemployment", 4.5), ("maternity", 4.0), ("housing_fund", 3.2)):
            extra = 0.4 * self.education if column == "housing_fund" else 0.3 * self.labour
            name = column if column == "housing_fund" else f"{column}_cover"
            self._set(name, _yes(self._met(column, pull * self.employer + extra)))

    def _contributions(self) -> None:
        paying = self.employer | self.flexible
        insured = paying | self.resident
        interrupted = insured & self._met(
            "interrupted", 0.9 * self.flexible - 0.3 * self.employer - 0.3 * self.log_income, insured
        )
        months = np.where(interrupted, self.random.integers(0, 12, self.size), 12)
        earlier = np.where(interrupted, self.random.binomial(24, 0.6, self.size), self.random.binomial(24, 0.9, self.size))
        floor = np.array([self.strata[at].base_floor for at in self.province])
        ceiling = np.array([self.strata[at].base_ceiling for at in self.province])
        at_floor = self._met("base_at_floor", -0.8 * self.log_income, self.flexible)
        employed = np.where(self.random.random(self.size) < 0.55, floor, np.clip(self.income * 0.9, floor, ceiling))
        chosen = np.where(at_floor, floor, np.clip(self.income * 0.8, floor, ceiling))
        worked = np.maximum(self.age - 20, 0.5)
        years = np.minimum(self.random.gamma(1.6, 3.2, self.size), worked) * insured
        reasons = self.random.choice(
            ["changed_job", "moved", "income", "procedure", "no_use", "other"],
            self.size,
            p=[0.38, 0.17, 0.25, 0.06, 0.08, 0.06],
        )
        self._set(
            "contribution_base", np.where(paying, np.round(np.where(self.employer, employed, chosen) / 10) * 10, np.nan)
        )
        self._set("months_paid_12", np.where(insured, months, -1))
        self._set("months_paid_36", np.where(insured, months + earlier, -1))
        self._set("stop_reason", np.where(insured & (months < 12), reasons, ""))
        self._set("contribution_years", np.round(years, 1))

    def _joining(self) -> None:
        outside = ~self.employer & ~self.flexible
        local = ~self.same_province & ~self.other_province
        self._set("aware", _yes(self.aware))
        pull = {
            "too_dear": 0.5 - 0.9 * self.log_income,
            "unsteady_income": 0.0 + 0.2 * self.platform,
            "no_employer": -0.2 - 0.6 * self.labour,
            "hukou": np.where(local, NEVER, -2.2 + 1.3 * self.other_province),
            "unaware": np.where(self.aware, -4.0, 0.3),
            "procedure": np.full(self.size, -1.6),
            "moving": -1.6 + 0.8 * self.other_province,
            "too_long": -1.9 + 0.02 * self.age,
            "other_scheme": np.where(self.resident, 0.0, -3.5),
            "distrust": np.full(self.size, -1.5),
            "young": np.where(self.age < 30, -0.4, -3.2),
        }
        for reason in REASONS:
            self._set(f"reason_{reason}", np.where(outside, self._chance(pull[reason]), False))
        self._set("asked_reasons", outside)
        nothing, below = self._margin("willing_nothing"), self._margin("willing_below_five")
        ranked = _ranks(
            0.35 * self.log_income
            + 0.20 * (self.education - 2.5)
            + 0.15 * self.aware
            + self.random.normal(0, 1, self.size),
            self.weight,
        )
        above = (ranked - nothing - below) / (1 - nothing - below)
        willing = np.where(
            ranked < nothing,
            0,
            np.where(ranked < nothing + below, self.random.integers(1, 5, self.size), np.round(5 + 14 * above**2)),
        )
        self._set("willing_percent", willing)
        self._set(
            "preferred_cycle",
            self.random.choice(
                ["per_order", "monthly", "quarterly", "yearly", "flexible"], self.size, p=[0.17, 0.33, 0.10, 0.16, 0.24]
            ),
        )
        tried = self._met("tried", 2.2 * self.flexible + 0.4 * self.log_income, self.aware) & self.aware
        tried |= self.flexible
        failed = tried & ~self.flexible & ~self.employer
        self._set("tried_to_join", _yes(tried))
        pulls: dict[str, Floats | float] = {
            "hukou": np.where(local, NEVER, -0.6 + 1.4 * self.other_province),
            "residence_permit": np.where(local, NEVER, -1.6 + 0.8 * self.other_province),
            "documents": -0.9,
            "other_enrolment": -2.0,
            "age": -4.0 + 0.06 * self.age,
            "system": -2.0,
            "gave_up": -0.8,
        }
        for reason, chance in pulls.items():
            self._set(f"refused_{reason}", failed & self._chance(np.broadcast_to(chance, self.size)))
        self._set("asked_refused", failed)
        self._set("visits", np.where(tried, 1 + self.random.poisson(np.where(failed, 1.9, 1.1)), -1))
        self._set("documents", np.where(tried, 2 + self.random.poisson(2.4, self.size), -1))
        self._set("days_to_enrol", np.where(tried & ~failed, 1 + np.round(self.random.gamma(1.5, 9, self.size)), -1))

    def _transfers(self) -> None:
        moved = self.other_province & (self.random.random(self.size) < 0.35) | (
            self.same_province & (self.random.random(self.size) < 0.15)
        )
        draw = self.random.random(self.size)
        asked = np.where(
            draw < 0.55,
            "not_requested",
            np.where(draw < 0.68, "pending", np.where(draw < 0.95, "completed", "refused")),
        )
        status = np.where(moved, asked, "not_needed")
        self._set("transfer_status", status)
        self._set(
            "transfer_days", np.where(status == "completed", 10 + np.round(self.random.gamma(2.0, 22, self.size)), -1)
        )

    def _injuries(self) -> None:
        rate = self._of_kind("injuries") * np.exp(
            0.012 * (self.columns["hours_week"].astype(float) - 55) + 0.25 * self.site_level[:, 2]
        )
        injuries = self.random.poisson(rate)
        hurt = injuries > 0
        days = np.where(hurt, np.round(self.random.gamma(0.9, 20, self.size)), -1)
        cost = np.where(hurt, np.round(np.exp(self.random.normal(7.6, 1.2, self.size)) / 10) * 10, np.nan)
        self._set("injuries_12", injuries)
        self._set("injury_days", days)
        self._set("injury_cost", cost)
        own = self._chance(np.where(self.public_injury, 0.0, 1.6))
        payers = {
            "self": own,
            "platform": self._chance(np.where(self.labour, 0.2, -1.1)),
            "injury_insurance": self.public_injury & self._chance(np.full(self.size, 0.9)),
            "commercial": self.commercial & self._chance(np.full(self.size, 0.3)),
            "medical": self._chance(np.full(self.size, -1.7)),
            "third_party": self._chance(np.where(self.platform, -1.6, -2.6)),
        }
        nobody = ~np.logical_or.reduce(list(payers.values()))
        payers["self"] = own | nobody
        for payer, pays in payers.items():
            self._set(f"paid_{payer}", hurt & pays)

    def _own_questions(self) -> None:
        """A question of the study's own, as every study has some: helmets, asked of those on two wheels."""
        riding = np.isin(self.kind, ["food_delivery", "courier"])
        draw = self.random.random(self.size) - 0.03 * (self.education - 2.5)
        self._set(
            "helmet", np.where(riding, np.where(draw < 0.58, "always", np.where(draw < 0.88, "sometimes", "never")), "")
        )

    # --- drawing ------------------------------------------------------------------------------------------------------

    def _with_missing(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Some do not know and some refuse: a code of the questionnaire tells which."""
        columns = {"income": "income_year", "willing_share": "willing_percent"}
        marks = []
        for name, shares in self.shape.missing.items():
            column = columns.get(name, name)
            draw = self.random.random(self.size)
            code = np.where(draw < shares.unknown, -8, np.where(draw < shares.unknown + shares.refused, -9, 0))
            marks.append(pl.Series(f"{column}_missing", code))
        return frame.with_columns(marks)

    def _set(self, name: str, values: npt.NDArray[np.generic]) -> None:
        self.columns[name] = values

    def _margin(self, name: str) -> float:
        return self.shape.margins[name].value

    def _of_kind(self, what: str) -> Floats:
        return np.array([float(getattr(self.kinds[name], what)) for name in self.kind])

    def _index(self, name: str) -> Floats:
        """The sum of the effects that a worker's traits have on an outcome."""
        traits: Mapping[str, Callable[[], npt.NDArray[np.generic]]] = {
            "contract_labour": lambda: self.labour,
            "contract_service": lambda: self.service,
            "non_agricultural": lambda: ~self.rural,
            "age_ten_years": lambda: (self.age - 35) / 10,
            "education": lambda: self.education - 2.5,
            "log_income": lambda: self.log_income,
            "other_province": lambda: self.other_province,
            "same_province": lambda: self.same_province,
            "platform": lambda: self.platform,
            "women": lambda: self.women,
            "aware": lambda: self.aware,
            "pension_employer": lambda: self.employer,
            "pension_resident": lambda: self.resident,
        }
        index = np.zeros(self.size)
        for trait, effect in self.shape.effects[name].items():
            values = traits[trait]() if trait in traits else self.kind == trait
            index += effect * values.astype(float)
        return index

    def _met(self, margin: str, index: Floats, member: Mask | None = None, *, of_all: bool = False) -> Mask:
        """Draw yes and no so that the margin holds in expectation among the members, or as a share of everybody."""
        return self._reach(self._margin(margin), index, member, of_all=of_all)

    def _reach(self, share: float, index: Floats, member: Mask | None = None, *, of_all: bool = False) -> Mask:
        inside = np.ones(self.size, dtype=bool) if member is None else member
        weight = self.weight * inside
        wanted = share * self.weight.sum() if of_all else share * weight.sum()
        if wanted <= 0:
            return np.zeros(self.size, dtype=bool)
        low, high = -40.0, 40.0
        for _ in range(80):
            level = (low + high) / 2
            reached = float(weight @ (1 / (1 + np.exp(-(level + index)))))
            low, high = (level, high) if reached < wanted else (low, level)
        return self._draw_balanced(1 / (1 + np.exp(-(low + index))), inside)

    def _draw_balanced(self, chance: Floats, inside: Mask) -> Mask:
        """Systematic draw in random order: the number drawn is the sum of the chances, not only on average."""
        order = self.random.permutation(np.flatnonzero(inside))
        steps = np.floor(np.cumsum(chance[order]) + self.random.random())
        drawn = np.zeros(self.size, dtype=bool)
        drawn[order[np.diff(steps, prepend=0.0) > 0]] = True
        return drawn

    def _chance(self, index: Floats | float) -> Mask:
        yes: Mask = self.random.random(self.size) < 1 / (1 + np.exp(-np.asarray(index, dtype=float)))
        return yes


def _yes(holds: Mask) -> Texts:
    return np.where(holds, "yes", "no")


def _half_up(value: float) -> int:
    return int(np.floor(value + 0.5))


def _rounded(shares: Floats, total: int) -> npt.NDArray[np.int64]:
    """Whole numbers in proportion that add up, by largest remainders."""
    exact = shares / shares.sum() * total
    counts: npt.NDArray[np.int64] = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: total - counts.sum()]] += 1
    return counts


def _spread(count: int, sites: int) -> npt.NDArray[np.int64]:
    places: npt.NDArray[np.int64] = np.arange(count, dtype=np.int64) % sites
    places.sort()
    return places


def _ranks(score: Floats, weight: Floats) -> Floats:
    """Where everybody stands in the weighted distribution, from 0 to 1."""
    order = np.argsort(score)
    ranks = np.empty(len(score))
    ranks[order] = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    return ranks
