"""An arrangement as a file: whom it covers, what counts, what it pays, what it costs, who pays, and how long it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from canbao.careers.categories import Circumstance, RiskGroup
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.injury.by_rule import rule_faults
from canbao.injury.from_law import ByGrade, Figure, FromLaw, grades_of, law_faults
from canbao.languages import Catalogue, Words
from canbao.law.categories import OrderSector, Relation
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.injury", "words")

Item = Literal[
    "treatment", "off_work", "disability_lump", "disability_pension", "nursing", "leaving", "death_lump", "funeral",
    "survivors",
]  # fmt: skip
Base = Literal[
    "CNY", "currency", "own_wage", "injury_wage", "average_wage", "minimum_wage", "national_income", "fixed_base"
]
Payer = Literal["worker", "platform", "employer", "state", "fund", "insurer"]
PriceUnit = Literal["CNY/order", "CNY/day", "CNY/month", "CNY/year", "share of own wage", "share of average wage"]
Kind = Literal["public", "market", "local", "foreign"]

CASH_BY_GRADE = ("disability_lump", "disability_pension", "nursing", "leaving")
LASTING = ("disability_pension", "survivors", "nursing")
"""Benefits that come month by month."""

UNFIRM = ("doubtful", "memory")
"""How far such sources are to be trusted: not far enough to call an arrangement better than another."""


def item_words(item: str) -> Words:
    """What a benefit is called."""
    return say(f"item_{item}")


def _some_grades(value: object) -> object:
    return grades_of(str(value)) if isinstance(value, str | int) else value


class Benefit(Entry):
    """One thing that is paid.

    A sum is `times` (or by grade) the base: months of a wage, years of national income, or money. A figure of the law is
    named, not typed: `times: {law: injury_funeral_months}`; a `rule` of the law makes the whole sum. Where nobody found how
    much is paid, `times: null` says so.
    """

    of: Item
    payer: Payer
    base: Base = "CNY"
    times: Figure | None = None
    by_grade: ByGrade | None = Field(default_factory=dict)
    rule: str | None = None
    grades: Annotated[tuple[int, ...], BeforeValidator(_some_grades)] = ()
    of_earnings_lost: bool = False
    share: Annotated[float, Field(ge=0, le=1)] | None = 1.0
    deductible: float = Field(default=0.0, ge=0)
    least: float | None = Field(default=None, gt=0)
    most: float | None = Field(default=None, gt=0)
    after_months: float = Field(default=0.0, ge=0)
    most_months: Figure | None = None
    at_least: Base | None = None
    each_dependant: Figure = 0.0

    @property
    def is_known(self) -> bool:
        """How much it pays was found."""
        left_open = {"times", "by_grade"} & self.model_fields_set
        return self.share is not None and all(getattr(self, name) is not None for name in left_open)


class Price(Entry):
    """What it costs, for each worker in it: an amount, amounts by kind of work, or the law's by risk class or sector."""

    unit: PriceUnit
    payer: Payer
    amount: Figure | None = None
    by_group: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    by_risk_class: dict[str, Annotated[int, Field(ge=1, le=8)]] = Field(default_factory=dict)
    by_order_sector: dict[str, str] = Field(default_factory=dict)
    as_of: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = None

    @property
    def is_known(self) -> bool:
        """How much it is was found."""
        return self.amount is not None or bool(self.by_group or self.by_risk_class or self.by_order_sector)

    @property
    def table(self) -> FromLaw | None:
        """The law's table that has the amounts by kind of work."""
        if self.by_risk_class:
            return FromLaw(law="injury_rate", as_of=self.as_of)
        return FromLaw(law="order_price", as_of=self.as_of) if self.by_order_sector else None

    @property
    def rows(self) -> Mapping[str, int]:
        """Which entry of that table each kind of work has."""
        sectors = {one.key: int(one) for one in OrderSector}
        return self.by_risk_class or {group: sectors[one] for group, one in self.by_order_sector.items()}


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
    confidence: Literal["official", "reported", "doubtful", "memory", "assumption"] = "reported"
    sources: list[str] = Field(default_factory=list)
    excludes: Bilingual | None = None
    remark: Bilingual | None = None
    covers: Covers | None = None
    benefits: list[Benefit] | None = None
    price: list[Price] | None = None
    steps: list[Step] | None = None
    fixed_base_to_average_wage: float | None = Field(default=None, gt=0)
    currency: str | None = None
    yuan_for_one: float | None = Field(default=None, gt=0)
    lacks: Bilingual | None = None
    payers: dict[Payer, Payer] = Field(default_factory=dict)
    leaves_out: list[Item] = Field(default_factory=list)


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
        yuan_for_one: of the currency in which its sums are; NaN where that is not known.
        lacks: what of it was not found; None if nothing is missing.
        sources: where it was found.
        confidence: in what was found.
        remark: what one has to know who sets it beside others.
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
    yuan_for_one: float
    lacks: Words | None
    sources: tuple[str, ...]
    confidence: str
    remark: Words | None = None

    @property
    def is_firm(self) -> bool:
        """It was found in sources on which a conclusion can rest."""
        return self.confidence not in UNFIRM

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
    return _extended(name, file, _found(file.extends, study, yaml.place(["extends"]), (*above, name)))


def _extended(name: str, file: ArrangementFile, base: Arrangement) -> Arrangement:
    """What a file says itself, and all else as the one that it extends, at the cost of others where it says so."""
    paid = (one.model_copy(update={"payer": file.payers.get(one.payer, one.payer)}) for one in base.benefits)
    costs = (one.model_copy(update={"payer": file.payers.get(one.payer, one.payer)}) for one in base.price)
    return Arrangement(
        name,
        file.title.words,
        file.kind,
        file.active and base.active,
        file.covers or base.covers,
        tuple(one for one in (paid if file.benefits is None else file.benefits) if one.of not in file.leaves_out),
        tuple(costs if file.price is None else file.price),
        tuple(file.steps) if file.steps is not None else base.steps,
        file.fixed_base_to_average_wage or base.fixed_base_to_average_wage,
        base.yuan_for_one if file.currency is None else _yuan(file),
        file.lacks.words if file.lacks is not None else base.lacks,
        (*file.sources, *base.sources),
        file.confidence,
        file.remark.words if file.remark is not None else base.remark,
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
        _yuan(file),
        file.lacks.words if file.lacks is not None else None,
        tuple(file.sources),
        file.confidence,
        file.remark.words if file.remark is not None else None,
    )


def _yuan(file: ArrangementFile) -> float:
    if file.currency in (None, "CNY"):
        return 1.0
    return math.nan if file.yuan_for_one is None else file.yuan_for_one


def _faults(file: ArrangementFile, yaml: YamlFile) -> Iterator[Fault]:
    if file.extends is None and file.covers is None:
        yield Fault(say("covers_missing"), yaml.place([]))
    if file.extends is None and (file.payers or file.leaves_out):
        yield Fault(say("nothing_extended"), yaml.place(["payers" if file.payers else "leaves_out"]))
    if file.covers is not None:
        yield from _covers_faults(file.covers, yaml)
    for at, benefit in enumerate(file.benefits or ()):
        yield from _benefit_faults(file, benefit, partial(_within, yaml, ("benefits", at)))
    for at, price in enumerate(file.price or ()):
        yield from _price_faults(file, price, partial(_within, yaml, ("price", at)))
    if file.active and file.benefits and not any(one.is_known for one in file.benefits):
        yield Fault(say("no_benefit_known"), yaml.place(["benefits"]), say("switch_off"))
    if file.active and math.isnan(_yuan(file)):
        yield Fault(say("no_exchange", currency=file.currency or ""), yaml.place(["currency"]), say("switch_off"))


def _within(yaml: YamlFile, above: tuple[str | int, ...], *keys: str | int) -> Place:
    return yaml.place([*above, *keys])


def _covers_faults(covers: Covers, yaml: YamlFile) -> Iterator[Fault]:
    for key, one in (("groups", RiskGroup), ("relations", Relation), ("circumstances", Circumstance)):
        listed = getattr(covers, key)
        names = {member.key for member in one}
        for at, name in enumerate(listed if listed != "all" else ()):
            if name not in names:
                yield Fault(say("no_category", name=name), yaml.place(["covers", key, at]), did_you_mean(name, names))
    if covers.ages[0] > covers.ages[1]:
        yield Fault(say("ages_reversed"), yaml.place(["covers", "ages"]))


def _price_faults(file: ArrangementFile, price: Price, place: Callable[..., Place]) -> Iterator[Fault]:
    ways = ("by_group", "by_risk_class", "by_order_sector")
    given = ["amount" in price.model_fields_set, *(bool(getattr(price, way)) for way in ways)]
    if given.count(True) != 1:
        yield Fault(say("one_amount"), place())
    elif file.active and not price.is_known:
        yield Fault(say("no_price_known"), place("amount"), say("switch_off"))
    yield from law_faults(price.amount, place("amount"), table=False)
    if price.table is not None:
        yield from law_faults(price.table, place("as_of"), table=True)
    groups, sectors = {one.key for one in RiskGroup}, {one.key for one in OrderSector}
    for way in ways:
        for name in getattr(price, way):
            if name not in groups:
                yield Fault(say("no_category", name=name), place(way, name), did_you_mean(name, groups))
    for name, sector in price.by_order_sector.items():
        if sector not in sectors:
            where = place("by_order_sector", name)
            yield Fault(say("no_category", name=sector), where, did_you_mean(sector, sectors))


def _benefit_faults(file: ArrangementFile, benefit: Benefit, place: Callable[..., Place]) -> Iterator[Fault]:
    money = "CNY" if file.currency in (None, "CNY") else "currency"
    for key in ("base", "at_least"):
        if getattr(benefit, key) in {"CNY", "currency"} - {money} and key in benefit.model_fields_set:
            yield Fault(say("other_money", money=money), place(key))
    for key in ("times", "most_months", "each_dependant"):
        yield from law_faults(getattr(benefit, key), place(key), table=False)
    yield from law_faults(benefit.by_grade, place("by_grade"), table=True)
    if benefit.rule is not None:
        yield from rule_faults(benefit.rule, place("rule"), monthly=benefit.of in LASTING)
    if benefit.of == "treatment":
        return
    given = [name for name in ("times", "by_grade", "rule") if name in benefit.model_fields_set]
    if len(given) != 1:
        yield Fault(say("one_amount_of_benefit", item=benefit.of), place())
    for key in ("by_grade", "grades", "of_earnings_lost"):
        if getattr(benefit, key) and benefit.of not in CASH_BY_GRADE:
            yield Fault(say("not_by_grade", item=benefit.of), place(key))
