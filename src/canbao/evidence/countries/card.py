"""A country's design of one branch as a card: who is in it, who pays what on which base, who collects, what it gives."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from babel.numbers import list_currencies
from pydantic import Field

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.injury import available as arrangements
from canbao.languages import LOCALES, Catalogue, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile
from canbao.workers import vocabulary

say = Catalogue("canbao.evidence.countries", "words")

Branch = Literal["pensions", "injury", "administration"]
BRANCHES: tuple[Branch, ...] = ("pensions", "injury", "administration")

Status = Literal["employees", "platform_workers", "self_employed"]
STATUSES: tuple[Status, ...] = ("employees", "platform_workers", "self_employed")

Access = Literal["mandatory", "voluntary", "partly", "none"]
ACCESSES: tuple[Access, ...] = ("mandatory", "partly", "voluntary", "none")

Payer = Literal["worker", "hirer", "state"]
PAYERS: tuple[Payer, ...] = ("worker", "hirer", "state")

Confidence = Literal["official", "reported", "memory", "assumption"]
Vehicle = Literal["none", "bicycle", "motorcycle", "car"]
VEHICLES: tuple[Vehicle, ...] = ("none", "bicycle", "motorcycle", "car")

Pattern = Literal[
    "rate_lookup", "provisional_cover", "order_levy", "expense_share", "direct_payment", "payment_rail",
    "status_change", "tax_settlement", "deduction", "reporting_only",
]  # fmt: skip

Rate = Annotated[float, Field(ge=0, le=1)]
Sum = Annotated[float, Field(ge=0)]

OUR_COUNTRY = "CN"


class Wages(Entry):
    """An amount as so many average or minimum wages, for thresholds that a law states so."""

    average_wages: Sum | None = None
    minimum_wages: Sum | None = None


Amount = Sum | Wages
"""A number in the card's currency, by the month, or so many wages."""


class WageFigure(Entry):
    """A wage by the month with its source."""

    value: Annotated[float, Field(gt=0)]
    year: int
    source: str
    confidence: Confidence = "reported"
    note: Bilingual | None = None


class Cover(Entry):
    """How one kind of workers stands in the branch; `access` is null where nobody found out.

    Args:
        access: the rule; `partly` where some groups of them are in and others are not.
        who: in words, where a word or two do not say it.
        kinds: of platform work to which the rule applies, all if None; platform workers of other kinds are self-employed.
        born_from: the rule applies to those born in this year or later.
        earnings_from: the rule applies to those who earn at least so much, after expenses.
        otherwise: what holds for those to whom the rule does not apply.
        confidence: in this line, where it differs from the card's.
    """

    access: Access | None
    who: Bilingual | None = None
    kinds: list[str] | None = None
    born_from: int | None = None
    earnings_from: Amount | None = None
    otherwise: Access = "none"
    confidence: Confidence | None = None


class Base(Entry):
    """On what a rate is charged, by the month.

    Args:
        of: `net` earnings after expenses, `receipts` before them, a `chosen` one of some tiers, the base of an income
            `band`, the `minimum_wage`, the `average_wage`, or the platform's `turnover`, which no survey of workers knows.
        expenses: the statutory share of receipts that counts as expenses, by vehicle; the worker's own where None.
        floor: the least that is charged; null where nobody found out, `none` where there is none.
        ceiling: the most; likewise.
        starts_at: below it nothing is charged.
        tiers: among which one is chosen: the highest that does not exceed earnings, or the lowest.
        bands: pairs of earnings up to which, and the base that they have; the last has null for no limit.
    """

    of: Literal["net", "receipts", "chosen", "band", "minimum_wage", "average_wage", "turnover"]
    expenses: dict[Vehicle, Rate] | None = None
    floor: Amount | Literal["none"] | None = None
    ceiling: Amount | Literal["none"] | None = None
    starts_at: Amount | None = None
    tiers: list[Sum] = Field(default_factory=list)
    bands: list[tuple[Sum | None, Sum]] = Field(default_factory=list)


class Charge(Entry):
    """One contribution: a rate on a base, or an amount by the month; neither where nobody found out.

    Args:
        of: the kinds of workers for whom it is due.
        payer: who bears it.
        rate: one rate, or the rate from each year on.
        rate_of_kinds: other rates of some kinds of platform work.
        amount: by the month, whatever is earned.
        least: the least contribution.
        rounded: to multiples of this, of the card's currency.
        ages: between which the rate is known or holds.
        says: in words, what a rate and base cannot say: a premium of the market, a price for each order.
        confidence: where it differs from the card's.
    """

    of: Annotated[list[Status], Field(min_length=1)]
    payer: Payer
    rate: Rate | dict[int, Rate] | None = None
    rate_of_kinds: dict[str, Rate] = Field(default_factory=dict)
    amount: Amount | None = None
    base: Base | None = None
    least: Sum | None = None
    rounded: Annotated[float, Field(gt=0)] | None = None
    ages: tuple[int, int] | None = None
    says: Bilingual | None = None
    confidence: Confidence | None = None

    def rate_in(self, year: int) -> float | None:
        """The rate of a year; None where none was found, or the first begins later."""
        if not isinstance(self.rate, dict):
            return self.rate
        begun = [one for one in self.rate if one <= year]
        return self.rate[max(begun)] if begun else None

    def known_in(self, year: int) -> bool:
        """Whether it can be reckoned for a worker of whom earnings are known."""
        if self.amount is not None:
            return True
        return self.rate_in(year) is not None and self.base is not None and self.base.of != "turnover"


class Collection(Entry):
    """Who collects, how, how often, and what that teaches."""

    pattern: Pattern
    by: Bilingual
    every: Bilingual
    base: Bilingual | None = None
    several_platforms: Bilingual | None = None
    lesson: Bilingual | None = None


class CardFile(Entry):
    """A card's file."""

    country: str
    branch: str
    scheme: Bilingual
    year: int
    confidence: Confidence
    sources: list[str] = Field(default_factory=list)
    currency: str | None = None
    average_wage: WageFigure | None = None
    minimum_wage: WageFigure | None = None
    covers: dict[Status, Cover] | None = None
    contributions: list[Charge] = Field(default_factory=list)
    also_covers: Bilingual | None = None
    benefits: list[Bilingual] = Field(default_factory=list)
    arrangement: str | None = None
    collection: Collection | None = None
    note: Bilingual | None = None


@dataclass(frozen=True)
class Card:
    """A card that has been read and checked.

    Args:
        country: by ISO 3166.
        branch: of social security, or how it is run.
        file: what it says.
        path: where it stands.
    """

    country: str
    branch: Branch
    file: CardFile
    path: Path

    @property
    def name(self) -> Words:
        """What the country is called."""
        return country_name(self.country)

    def access(self, status: Status) -> Access | None:
        """How a kind of workers stands in the branch; None where nobody found out."""
        cover = (self.file.covers or {}).get(status)
        return cover.access if cover is not None else None

    def charges(self, status: Status) -> list[Charge]:
        """What is due for a kind of workers."""
        return [one for one in self.file.contributions if status in one.of]

    def runs(self, status: Status, year: int | None = None) -> bool:
        """Whether all that is due for a kind of workers can be reckoned."""
        due = self.charges(status)
        return bool(due) and all(one.known_in(year or self.file.year) for one in due)


def country_name(code: str) -> Words:
    """What a country is called in both languages."""
    return Words(LOCALES["en"].territories[code], LOCALES["zh"].territories[code])


def shipped() -> list[Path]:
    """The cards that come with the programme."""
    return sorted(Path(str(resources.files("canbao.evidence.countries").joinpath("cards"))).glob("*.yaml"))


def read_cards(study: Path | None = None) -> tuple[Card, ...]:
    """All cards: those that come with the programme, and a study's own in `evidence/countries/`, which take their place.

    Args:
        study: the folder of a study; None for the programme's alone.

    Returns:
        by branch, then our own country first, then by name.

    Raises:
        InputError: every fault of every card at once, and two cards of one country and branch.
    """
    found = dict(_shipped_cards())
    if study is not None:
        found |= _read_all(sorted((study / "evidence" / "countries").glob("*.yaml")))
    return tuple(sorted(found.values(), key=_order))


def _order(card: Card) -> tuple[int, bool, str]:
    return BRANCHES.index(card.branch), card.country != OUR_COUNTRY, card.name.en


@cache
def _shipped_cards() -> Mapping[tuple[str, Branch], Card]:
    return _read_all(shipped())


def _read_all(paths: Sequence[Path]) -> dict[tuple[str, Branch], Card]:
    found: dict[tuple[str, Branch], Card] = {}
    faults: list[Fault] = []
    for path in paths:
        try:
            card = read_card(path)
        except InputError as error:
            faults += error.faults
            continue
        first = found.setdefault((card.country, card.branch), card)
        if first is not card:
            what = say("card_twice", country=card.name, branch=say(card.branch), file=first.path.name)
            faults.append(Fault(what, YamlFile(path).place(["country"]), say("one_card")))
    raise_all(faults)
    return found


def read_card(path: Path) -> Card:
    """One card.

    Raises:
        InputError: every fault, each with line and column.
    """
    yaml = YamlFile(path)
    file = yaml.validate(CardFile)
    raise_all(list(_faults(file, yaml)))
    branch = next(one for one in BRANCHES if one == file.branch)
    return Card(file.country, branch, file, path)


# --- what cannot be -------------------------------------------------------------------------------------------------------


def _faults(file: CardFile, yaml: YamlFile) -> Iterator[Fault]:
    if file.country not in _territories():
        yield Fault(
            say("no_country", code=file.country), yaml.place(["country"]), did_you_mean(file.country, _territories())
        )
    if file.branch not in BRANCHES:
        yield Fault(say("no_branch", name=file.branch), yaml.place(["branch"]), did_you_mean(file.branch, BRANCHES))
    if file.currency is not None and file.currency not in _currencies():
        yield Fault(say("no_currency", code=file.currency), yaml.place(["currency"]))
    if file.year > datetime.date.today().year:
        yield Fault(say("future_year", year=str(file.year)), yaml.place(["year"]), say("future_steps"))
    if not file.sources and file.confidence != "memory":
        yield Fault(say("no_source", confidence=say(file.confidence)), yaml.place(["confidence"]), say("name_source"))
    if file.arrangement is not None and file.arrangement not in arrangements(None):
        place = yaml.place(["arrangement"])
        yield Fault(say("no_arrangement", name=file.arrangement), place, did_you_mean(file.arrangement, arrangements(None)))
    yield from _part_faults(file, yaml)
    for status, cover in (file.covers or {}).items():
        yield from _kind_faults(cover.kinds or (), yaml, ["covers", status, "kinds"])
        yield from _wages_faults(cover.earnings_from, yaml.place(["covers", status, "earnings_from"]))
    for at, charge in enumerate(file.contributions):
        yield from _charge_faults(charge, file, at, yaml)
    if file.currency is None and _has_money(file):
        yield Fault(say("currency_missing"), yaml.place(["contributions"] if file.contributions else ["covers"]))


def _part_faults(file: CardFile, yaml: YamlFile) -> Iterator[Fault]:
    """A branch has members; a way of running it has a collection."""
    if file.branch == "administration":
        if file.collection is None:
            yield Fault(say("collection_missing"), yaml.place(["branch"]))
        if file.covers is not None:
            yield Fault(say("covers_unused"), yaml.place(["covers"]))
    elif file.branch in BRANCHES:
        if file.covers is None:
            yield Fault(say("covers_missing"), yaml.place(["branch"]))
        else:
            for status in STATUSES:
                if status not in file.covers:
                    yield Fault(say("status_missing", status=say(status)), yaml.place(["covers"]))


def _charge_faults(charge: Charge, file: CardFile, at: int, yaml: YamlFile) -> Iterator[Fault]:
    place = yaml.place(["contributions", at])
    rated = charge.rate is not None or bool(charge.rate_of_kinds)
    if rated and charge.base is None:
        yield Fault(say("rate_without_base"), place, say("name_base"))
    if charge.amount is not None and (rated or charge.base is not None):
        yield Fault(say("rate_and_amount"), place)
    if charge.rate == {}:
        yield Fault(say("no_rate"), place)
    if charge.ages is not None and charge.ages[0] > charge.ages[1]:
        yield Fault(say("ages_reversed"), yaml.place(["contributions", at, "ages"]))
    yield from _kind_faults(charge.rate_of_kinds, yaml, ["contributions", at, "rate_of_kinds"])
    yield from _wages_faults(charge.amount, place)
    for status in charge.of:
        cover = (file.covers or {}).get(status)
        if cover is not None and cover.access == "none":
            yield Fault(say("charged_outside", status=say(status)), place)
    if charge.base is not None:
        yield from _base_faults(charge.base, yaml, ["contributions", at, "base"])


def _base_faults(base: Base, yaml: YamlFile, keys: list[str | int]) -> Iterator[Fault]:
    place = yaml.place(keys)
    low, high = base.floor, base.ceiling
    if isinstance(low, float) and isinstance(high, float) and low > high:
        yield Fault(say("floor_above_ceiling"), yaml.place([*keys, "floor"]))
    for one in (low, high, base.starts_at):
        yield from _wages_faults(one, place)
    if (base.of == "chosen") != bool(base.tiers):
        yield Fault(say("tiers_missing" if base.of == "chosen" else "tiers_unused"), place)
    if (base.of == "band") != bool(base.bands):
        yield Fault(say("bands_missing" if base.of == "band" else "bands_unused"), place)
    if base.tiers != sorted(set(base.tiers)):
        yield Fault(say("not_ascending", name="tiers"), yaml.place([*keys, "tiers"]))
    limits = [limit for limit, _ in base.bands[:-1]]
    if base.bands and (None in limits or base.bands[-1][0] is not None):
        yield Fault(say("last_band"), yaml.place([*keys, "bands"]))
    elif [one for one in limits if one is not None] != sorted({one for one in limits if one is not None}):
        yield Fault(say("not_ascending", name="bands"), yaml.place([*keys, "bands"]))


def _wages_faults(amount: Amount | str | None, place: Place) -> Iterator[Fault]:
    if isinstance(amount, Wages) and [amount.average_wages, amount.minimum_wages].count(None) != 1:
        yield Fault(say("one_wage"), place)


def _kind_faults(kinds: Sequence[str] | Mapping[str, float], yaml: YamlFile, keys: Sequence[str | int]) -> Iterator[Fault]:
    known = vocabulary()["platform_type"].categories
    for at, name in enumerate(kinds):
        if name not in known:
            place = yaml.place([*keys, name if isinstance(kinds, Mapping) else at])
            yield Fault(say("no_kind", name=name), place, did_you_mean(name, known))


def _has_money(file: CardFile) -> bool:
    """Whether some amount is a number of the card's currency."""
    amounts: list[object] = [cover.earnings_from for cover in (file.covers or {}).values()]
    for charge in file.contributions:
        amounts += [charge.amount, charge.least]
        if charge.base is not None:
            amounts += [charge.base.floor, charge.base.ceiling, charge.base.starts_at, *charge.base.tiers]
            amounts += [base for _, base in charge.base.bands]
    return any(isinstance(one, float) for one in amounts)


@cache
def _territories() -> frozenset[str]:
    codes = (str(code) for code in LOCALES["en"].territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha())


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())
