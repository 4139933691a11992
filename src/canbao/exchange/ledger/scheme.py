"""A scheme as a file: whom it covers, what is counted, which figures it takes, who pays.

Two things can be counted. `orders`: so much for each order. `income`: a share of the month's income between limits, from
each platform apart or from all together (`pooled`). Figures are named: those of the law, of a reform that the scheme names,
or its own under `parameters`, written as the law's are. A scheme of either kind needs a file and no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field, RootModel

from canbao.careers import carried_parameters
from canbao.careers.lifebook import documents as known_documents
from canbao.engine import Parameters
from canbao.engine.parameters import Parameter, ParameterEntry
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.law import lawbook
from canbao.law.lawbook import DocumentEntry
from canbao.located_yaml import Bilingual, Entry, YamlFile, read
from canbao.reforms.reform import find_reform, reformed

say = Catalogue("canbao.exchange.ledger", "words")

Service = Literal["instant_delivery", "ride_hailing", "city_freight", "domestic_service", "other"]
Relation = Literal["own", "station", "outsourced"]
Pension = Literal["employee", "flexible", "resident", "none"]
Vehicle = Literal["foot_or_bicycle", "electric_bicycle", "motorcycle", "car", "van", "none"]
Payer = Literal["platform", "worker"]
Kind = Literal["law", "reform", "pattern"]

SERVICES: tuple[Service, ...] = ("instant_delivery", "ride_hailing", "city_freight", "domestic_service", "other")
RELATIONS: tuple[Relation, ...] = ("own", "station", "outsourced")
PENSIONS: tuple[Pension, ...] = ("employee", "flexible", "resident", "none")
PAYERS: tuple[Payer, ...] = ("platform", "worker")

FIRST_REFORM_YEAR = 2026


class Covers(Entry):
    """Who is in it; what is left out does not matter."""

    services: list[Service] | None = None
    relations: list[Relation] | None = None
    pension: list[Pension] | None = None
    not_employees_of: list[Relation] = Field(default_factory=list)


class OnOrders(Entry):
    """So much for each order.

    Args:
        payer: who pays.
        open: a figure that is 0 where the scheme is not in force.
        price: the figure, in yuan; where it is a table, `entries` names each service's entry.
        price_of_class: the figure for platforms of a rate class.
    """

    payer: Payer = "platform"
    open: str | None = None
    price: str
    price_of_class: dict[str, str] = Field(default_factory=dict)
    entries: dict[Service, int] = Field(default_factory=dict)


class Share(Entry):
    """What one payer pays: a rate of the base, the same for all of a place or the worker's own."""

    payer: Payer
    rate: str | None = None
    rate_of_worker: bool = False


class PartOf(Entry):
    """A part of a figure."""

    share: float = Field(gt=0)
    of: str


class OnIncome(Entry):
    """A share of the month's income.

    Args:
        source: pay for orders, or the month's earnings as the platform states them, gross or net of its fees.
        pooled: the income of all platforms together makes one base; else each platform is reckoned with apart.
        expense_share: what of the pay for an order counts as expenses, by vehicle.
        floor: the figure to which a lower income is lifted.
        ceiling: the figure at which a higher one is cut.
        above: nothing is said of incomes up to this figure.
        at_least: who earned less than this figure is not in the scheme.
        provisional: the figure on which all who are registered pay before the income is known.
        base_of_place: the base in places that do not look at income.
        fixed: a figure that takes the place of rate and base where it is known.
        shares: who pays what.
    """

    source: Literal["orders", "earnings", "net_earnings"] = Field(alias="from")
    pooled: bool
    expense_share: dict[Vehicle, float] = Field(default_factory=dict)
    floor: str | None = None
    ceiling: str | None = None
    above: str | None = None
    at_least: str | None = None
    provisional: str | None = None
    base_of_place: dict[str, PartOf] = Field(default_factory=dict)
    fixed: str | None = None
    shares: list[Share] = Field(min_length=1)


class SchemeFile(Entry):
    """A scheme's file.

    `collected_from: platform` says that the platform pays its own part and what it has kept back of the worker's pay;
    `worker`, that workers pay theirs directly. What is due must be paid by the end of the month that comes `due_months`
    after.
    """

    title: Bilingual
    summary: Bilingual
    kind: Kind
    reform: str | None = None
    rule: str
    confidence: Literal["official", "agreed", "reported", "doubtful", "memory", "assumption"]
    sources: list[str] = Field(default_factory=list)
    collected_from: Payer = "platform"
    due_months: int = Field(default=1, ge=0, le=12)
    covers: Covers = Covers()
    orders: OnOrders | None = None
    income: OnIncome | None = None
    parameters: dict[str, ParameterEntry] = Field(default_factory=dict)


@dataclass(frozen=True)
class Scheme:
    """A scheme that has been read and checked.

    Args:
        name: of its file.
        file: its content.
        path: of its file.
    """

    name: str
    file: SchemeFile
    path: Path

    @property
    def title(self) -> Words:
        """What it is called."""
        return self.file.title.words

    @cached_property
    def figures(self) -> Mapping[str, Parameter]:
        """The figures that it can name: its own, and those of the law or of the reform that it belongs to."""
        known = _known_figures(self.file.reform)
        places = lawbook.places()
        file = YamlFile(self.path)
        own = {
            name: Parameter(name, entry, file.place(["parameters", name]), places, {})
            for name, entry in self.file.parameters.items()
        }
        return {**known, **own}


def shipped_schemes() -> Mapping[str, Path]:
    """The schemes that come with the programme, by name."""
    folder = Path(str(resources.files("canbao.exchange.ledger").joinpath("schemes")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def named_schemes(names: Sequence[str | Path]) -> list[Scheme]:
    """Schemes by the names of those that come with the programme, or by the paths of their files.

    Raises:
        InputError: there is none of a name, one is named twice, or a file is at fault.
    """
    known = shipped_schemes()
    faults: list[Fault] = []
    made: dict[str, Scheme] = {}
    for name in names:
        path = Path(name) if Path(name).suffix in (".yaml", ".yml") else known.get(str(name))
        if path is None:
            faults.append(Fault(say("no_scheme", name=str(name)), Place(), did_you_mean(str(name), known)))
            continue
        try:
            scheme = read_scheme(path)
        except InputError as error:
            faults += error.faults
            continue
        if scheme.name in made:
            faults.append(Fault(say("scheme_twice", name=scheme.name), Place(path)))
        made[scheme.name] = scheme
    raise_all(faults)
    return list(made.values())


@cache
def documents() -> Mapping[str, DocumentEntry]:
    """Every document that schemes and figures cite."""
    own = Path(str(resources.files("canbao.exchange.ledger").joinpath("documents.yaml")))
    return {**known_documents(), **read(own, RootModel[dict[str, DocumentEntry]]).root}


def read_scheme(path: Path) -> Scheme:
    """A scheme's file, checked.

    Raises:
        InputError: all that is wrong with it.
    """
    file = YamlFile(path)
    scheme = Scheme(path.stem, file.validate(SchemeFile), path)
    raise_all(list(_faults(scheme, file)))
    return scheme


@cache
def _known_figures(reform: str | None) -> Parameters:
    """The law's figures, carried on into years for which none is published, as a reform sets them."""
    if reform is None:
        return lawbook.model().parameters
    carried = carried_parameters()
    return reformed(carried, find_reform(reform, Path(), FIRST_REFORM_YEAR))


def _named_figures(file: SchemeFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a figure is named, and its name."""
    if file.orders is not None:
        for key in ("open", "price"):
            name = getattr(file.orders, key)
            if name is not None:
                yield ("orders", key), name
        for rate_class, name in file.orders.price_of_class.items():
            yield ("orders", "price_of_class", rate_class), name
    if file.income is not None:
        for key in ("floor", "ceiling", "above", "at_least", "provisional", "fixed"):
            name = getattr(file.income, key)
            if name is not None:
                yield ("income", key), name
        for place, part in file.income.base_of_place.items():
            yield ("income", "base_of_place", place, "of"), part.of
        for at, share in enumerate(file.income.shares):
            if share.rate is not None:
                yield ("income", "shares", at, "rate"), share.rate


def _faults(scheme: Scheme, file: YamlFile) -> Iterator[Fault]:
    content = scheme.file
    if (content.orders is None) == (content.income is None):
        yield Fault(say("one_base"), file.place([]))
    if content.reform is not None:
        try:
            find_reform(content.reform, Path(), FIRST_REFORM_YEAR)
        except InputError as error:
            yield from (Fault(one.what, file.place(["reform"]), one.remedy) for one in error.faults)
            return
    for keys, name in _named_figures(content):
        if name not in scheme.figures:
            yield Fault(say("no_figure", name=name), file.place(keys), did_you_mean(name, scheme.figures))
    known = documents()
    for at, source in enumerate(content.sources):
        if source not in known:
            yield Fault(say("no_document", name=source), file.place(["sources", at]), did_you_mean(source, known))
    if content.orders is not None:
        yield from _faults_on_orders(scheme, content.orders, file)
    if content.income is not None:
        yield from _faults_on_income(content.income, file)


def _faults_on_orders(scheme: Scheme, orders: OnOrders, file: YamlFile) -> Iterator[Fault]:
    price = scheme.figures.get(orders.price)
    services = scheme.file.covers.services or SERVICES
    if price is not None and price.is_table:
        for service in services:
            if service not in orders.entries:
                yield Fault(say("no_entry", service=service, name=orders.price), file.place(["orders", "entries"]))
    for rate_class, name in orders.price_of_class.items():
        other = scheme.figures.get(name)
        if price is not None and other is not None and other.is_table != price.is_table:
            yield Fault(say("other_shape", name=name), file.place(["orders", "price_of_class", rate_class]))


def _faults_on_income(income: OnIncome, file: YamlFile) -> Iterator[Fault]:
    payers: set[Payer] = set()
    for at, share in enumerate(income.shares):
        if (share.rate is None) != share.rate_of_worker:
            yield Fault(say("one_rate"), file.place(["income", "shares", at]))
        if share.payer in payers:
            yield Fault(say("payer_twice", name=share.payer), file.place(["income", "shares", at, "payer"]))
        payers.add(share.payer)
    if income.fixed is not None and len(income.shares) > 1:
        yield Fault(say("fixed_for_one"), file.place(["income", "fixed"]))
    for vehicle, share_of_pay in income.expense_share.items():
        if not 0 <= share_of_pay <= 1:
            yield Fault(say("no_share", name=vehicle), file.place(["income", "expense_share", vehicle]))
    if income.expense_share and income.source != "orders":
        yield Fault(say("expenses_of_orders"), file.place(["income", "expense_share"]))
    for place in income.base_of_place:
        if place not in lawbook.places().numbers:
            known = lawbook.places().names
            yield Fault(
                say("no_place", name=place), file.place(["income", "base_of_place", place]), did_you_mean(place, known)
            )
