"""An arrangement as a file: whom it covers, what counts, what it pays, what it costs, who pays, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from canbao.careers import carried_parameters
from canbao.careers.categories import Circumstance, RiskGroup
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.law.categories import Relation
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.injury", "words")

Item = Literal[
    "treatment", "off_work", "disability_lump", "disability_pension", "nursing", "leaving", "death_lump", "funeral",
    "survivors",
]  # fmt: skip
Base = Literal["CNY", "own_wage", "injury_wage", "average_wage", "minimum_wage", "national_income", "fixed_base"]
Payer = Literal["worker", "platform", "employer", "state", "fund", "insurer"]
PriceUnit = Literal["CNY/order", "CNY/day", "CNY/month", "CNY/year", "share of own wage", "share of average wage"]
Kind = Literal["public", "market", "local", "foreign"]

GRADES = range(1, 11)
CASH_BY_GRADE = ("disability_lump", "disability_pension", "nursing", "leaving")


def _grades(value: object) -> object:
    """`7-10: 3` stands for each of the grades."""
    if not isinstance(value, dict):
        return value
    made: dict[int, Any] = {}
    for key, one in value.items():
        text = str(key)
        first, _, last = text.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise ValueError(f"{text!r} is no grade")
        for grade in range(int(first), int(last or first) + 1):
            if grade not in GRADES:
                raise ValueError(f"there is no grade {grade}: grades go from 1, the worst, to 10")
            if grade in made:
                raise ValueError(f"grade {grade} stands in two bands")
            made[grade] = one
    return made


class Benefit(Entry):
    """One thing that is paid.

    A sum is `times` (or by grade) the base: months of a wage, years of national income, or yuan.
    """

    of: Item
    payer: Payer
    base: Base = "CNY"
    times: float | None = Field(default=None, ge=0)
    by_grade: Annotated[dict[int, float], BeforeValidator(_grades)] = Field(default_factory=dict)
    parameter: str | None = None
    share: float = Field(default=1.0, ge=0, le=1)
    deductible: float = Field(default=0.0, ge=0)
    most: float | None = Field(default=None, gt=0)
    most_months: float | None = Field(default=None, gt=0)
    at_least: Base | None = None
    each_dependant: float = Field(default=0.0, ge=0, le=1)


class Price(Entry):
    """What it costs, for each worker in it: an amount, amounts by kind of work, or the law's rate of a risk class."""

    unit: PriceUnit
    payer: Payer
    amount: float | None = Field(default=None, ge=0)
    by_group: dict[str, float] = Field(default_factory=dict)
    by_risk_class: dict[str, Annotated[int, Field(ge=1, le=8)]] = Field(default_factory=dict)


class Covers(Entry):
    """Who is in it, and when."""

    groups: list[str] | Literal["all"] = "all"
    relations: list[str] | Literal["all"] = "all"
    ages: tuple[int, int] = (16, 65)
    uptake: float = Field(default=1.0, ge=0, le=1)
    circumstances: list[str]


class Step(Entry):
    """A step of the procedure and the days it may take."""

    name: Bilingual
    days: float = Field(ge=0)
    basis: str = ""


class ArrangementFile(Entry):
    """An arrangement's file."""

    title: Bilingual
    kind: Kind
    active: bool = True
    extends: str | None = None
    confidence: Literal["official", "reported", "memory", "assumption"] = "reported"
    sources: list[str] = Field(default_factory=list)
    excludes: Bilingual | None = None
    covers: Covers | None = None
    benefits: list[Benefit] | None = None
    price: list[Price] | None = None
    steps: list[Step] | None = None
    fixed_base_to_average_wage: float | None = Field(default=None, gt=0)


@dataclass(frozen=True)
class Arrangement:
    """An arrangement that has been read and checked, with all that it takes from the one that it extends.

    Args:
        name: of its file.
        title: as it is called.
        kind: whose it is.
        active: whether enough of it was found to reckon with.
        covers: who is in it, and when.
        benefits: what it pays.
        price: what it costs.
        steps: of the procedure.
        fixed_base_to_average_wage: where sums rest on a fixed base, that base as a part of the average wage.
        sources: where it was found.
        confidence: in what was found.
    """

    name: str
    title: Words
    kind: Kind
    active: bool
    covers: Covers
    benefits: tuple[Benefit, ...]
    price: tuple[Price, ...]
    steps: tuple[Step, ...]
    fixed_base_to_average_wage: float
    sources: tuple[str, ...]
    confidence: str

    @property
    def days_until_paid(self) -> float | None:
        """Days from the accident to payment, if every step takes as long as it may; None where that was not found."""
        return sum(step.days for step in self.steps) if self.steps else None


def shipped() -> Mapping[str, Path]:
    """The arrangements that come with the programme, by name."""
    folder = Path(str(resources.files("canbao.injury").joinpath("arrangements")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def available(study: Path | None) -> Mapping[str, Path]:
    """The arrangements that a study can name: its own in `arrangements/`, and those that come with the programme."""
    own = {} if study is None else {path.stem: path for path in sorted((study / "arrangements").glob("*.yaml"))}
    return {**shipped(), **own}


def find_arrangement(name: str, study: Path | None = None) -> Arrangement:
    """The arrangement of a name.

    Args:
        name: of its file.
        study: the folder in which a study's own stand; None for those of the programme alone.

    Raises:
        InputError: there is none, or its file is at fault.
    """
    return _found(name, study, None, ())


def _found(name: str, study: Path | None, place: Place | None, above: tuple[str, ...]) -> Arrangement:
    known = available(study)
    # A study's own may bear the name of the one that it changes.
    path = shipped().get(name) if name in above else known.get(name)
    if name in above and (path is None or above.count(name) > 1):
        raise InputError(Fault(say("extends_itself", name=name), place or Place()))
    if path is None:
        raise InputError(Fault(say("no_arrangement", name=name), place or Place(), did_you_mean(name, known)))
    yaml = YamlFile(path)
    file = yaml.validate(ArrangementFile)
    raise_all(list(_faults(file, yaml)))
    if file.extends is None:
        return _own(name, file)
    base = _found(file.extends, study, yaml.place(["extends"]), (*above, name))
    return Arrangement(
        name,
        file.title.words,
        file.kind,
        file.active and base.active,
        file.covers or base.covers,
        tuple(file.benefits) if file.benefits is not None else base.benefits,
        tuple(file.price) if file.price is not None else base.price,
        tuple(file.steps) if file.steps is not None else base.steps,
        file.fixed_base_to_average_wage or base.fixed_base_to_average_wage,
        (*file.sources, *base.sources),
        file.confidence,
    )


def _own(name: str, file: ArrangementFile) -> Arrangement:
    return Arrangement(
        name,
        file.title.words,
        file.kind,
        file.active,
        file.covers or Covers(circumstances=[]),
        tuple(file.benefits or ()),
        tuple(file.price or ()),
        tuple(file.steps or ()),
        file.fixed_base_to_average_wage or 1.0,
        tuple(file.sources),
        file.confidence,
    )


def _faults(file: ArrangementFile, yaml: YamlFile) -> Iterator[Fault]:
    if file.extends is None and file.covers is None:
        yield Fault(say("covers_missing"), yaml.place([]))
    for key, one in (("groups", RiskGroup), ("relations", Relation), ("circumstances", Circumstance)):
        listed = getattr(file.covers, key) if file.covers is not None else "all"
        names = {member.key for member in one}
        for at, name in enumerate(listed if listed != "all" else ()):
            if name not in names:
                yield Fault(say("no_category", name=name), yaml.place(["covers", key, at]), did_you_mean(name, names))
    if file.covers is not None and file.covers.ages[0] > file.covers.ages[1]:
        yield Fault(say("ages_reversed"), yaml.place(["covers", "ages"]))
    for at, benefit in enumerate(file.benefits or ()):
        yield from _benefit_faults(benefit, partial(yaml.place, ["benefits", at]))
    for at, price in enumerate(file.price or ()):
        if [price.amount is not None, bool(price.by_group), bool(price.by_risk_class)].count(True) != 1:
            yield Fault(say("one_amount"), yaml.place(["price", at]))
        groups = {member.key for member in RiskGroup}
        for key in ("by_group", "by_risk_class"):
            for name in getattr(price, key):
                if name not in groups:
                    place = yaml.place(["price", at, key, name])
                    yield Fault(say("no_category", name=name), place, did_you_mean(name, groups))


def _benefit_faults(benefit: Benefit, place: partial[Place]) -> Iterator[Fault]:
    if benefit.of in ("treatment",):
        return
    given = [one for one in (benefit.times, benefit.parameter) if one is not None] + ([1] if benefit.by_grade else [])
    if len(given) != 1:
        yield Fault(say("one_amount_of_benefit", item=benefit.of), place())
    if benefit.by_grade and benefit.of not in CASH_BY_GRADE:
        yield Fault(say("not_by_grade", item=benefit.of), place())
    if benefit.parameter is not None:
        known = carried_parameters()
        if benefit.parameter not in known:
            yield Fault(say("no_parameter", name=benefit.parameter), place(), did_you_mean(benefit.parameter, known))
        elif known[benefit.parameter].is_table != (benefit.of in CASH_BY_GRADE):
            yield Fault(say("wrong_parameter", name=benefit.parameter, item=benefit.of), place())
