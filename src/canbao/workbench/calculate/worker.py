"""What a person says of herself, as the case that the law's rules take. It is computed and forgotten."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from canbao.engine import Category
from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Words
from canbao.law import calculation
from canbao.law.categories import HukouLocality, OrderSector, Relation, Sex
from canbao.law.explanation import category_words, label_of
from canbao.law.lawbook import place_label, provinces

say = Catalogue("canbao.workbench.calculate", "words")

BRANCHES = (
    "employees_pension",
    "residents_pension",
    "employees_medical",
    "residents_medical",
    "work_injury",
    "order_protection",
    "unemployment",
    "maternity",
)
COSTS = (
    "flexible_contribution_month",
    "flexible_medical_contribution_month",
    "resident_medical_premium_year",
    "order_premium_month",
)
GIVES = ("retirement_month", "minimum_contribution_months", "contribution_years", "first_pension_month", "pension")
ACCESS = tuple(f"{branch}_{what}" for branch in BRANCHES for what in ("access", "ground"))
RESULTS = frozenset((*ACCESS, *COSTS, *GIVES))
OLDEST, YOUNGEST = 90, 16


@dataclass(frozen=True)
class Field:
    """One thing that is asked.

    Args:
        name: in the form.
        choices: what can be chosen, with labels; none for a number or month.
        given: what stands there at first.
        kind: `choice`, `month` or `number`.
        most: of numbers.
    """

    name: str
    choices: Mapping[str, Words]
    given: str
    kind: str = "choice"
    most: int = 0


def fields() -> tuple[Field, ...]:
    """What is asked, in order."""
    places = {code: place_label(code) for code in provinces()}
    sectors = {"none": say("no_orders"), **_choices(OrderSector)}
    return (
        Field("province", places, "44"),
        Field("birth_month", {}, "1990-01", "month"),
        Field("sex", _choices(Sex), "male"),
        Field("hukou_locality", _choices(HukouLocality), "other_province"),
        Field("relation", _choices(Relation), "incomplete"),
        Field("sector", sectors, "instant_delivery"),
        Field("orders_month", {}, "900", "number", 20_000),
        Field("own_wage", {}, "6000", "number", 1_000_000),
        Field("years_paid", {}, "0", "number", 50),
        Field("elsewhere", {"": say("nowhere_else"), **places}, ""),
    )


def _choices(listed: type[Category]) -> dict[str, Words]:
    return {one.key: category_words(one) for one in listed}


def answered(given: Mapping[str, str]) -> dict[str, str]:
    """The form's values, those that nobody gave as they stand at first.

    Raises:
        InputError: a choice that is not offered, no month of birth, or a number that cannot be.
    """
    values = {field.name: (given.get(field.name) or "").strip() or field.given for field in fields()}
    faults = []
    for field in fields():
        value = values[field.name]
        wrong = (
            (field.kind == "choice" and value not in field.choices)
            or (field.kind == "number" and not (value.isascii() and value.isdigit() and int(value) <= field.most))
            or (field.kind == "month" and not _possible_birth(value))
        )
        if wrong:
            faults.append(Fault(say(f"wrong_{field.kind}", most=str(field.most)), Place(field=str(say(field.name)))))
    if faults:
        raise InputError(faults)
    return values


def _possible_birth(text: str) -> bool:
    try:
        born = datetime.date.fromisoformat(f"{text}-01")
    except ValueError:
        return False
    return YOUNGEST <= datetime.date.today().year - born.year <= OLDEST


def case_of(values: Mapping[str, str], want: Sequence[str], *, elsewhere: bool = False) -> pl.DataFrame:
    """The case of a question: through a career where a pension is asked for, else in this month."""
    today = datetime.date.today()
    orders = values["sector"] != "none"
    case = {
        "province": values["elsewhere"] if elsewhere else values["province"],
        "sex": values["sex"],
        "worker_class": "flexible",
        "birth_month": values["birth_month"],
        "relation": values["relation"],
        "hukou_locality": "other_province" if elsewhere else values["hukou_locality"],
        "takes_platform_orders": "yes" if orders else "no",
        "own_wage": values["own_wage"],
    }
    if orders:
        case |= {"order_sector": values["sector"], "orders_month": values["orders_month"]}
    if set(want) & {"pension", "contribution_years", "first_pension_month"}:
        first = today.year * 12 + today.month - int(values["years_paid"]) * 12
        case["first_contribution_month"] = f"{first // 12}-{first % 12 + 1:02d}"
    else:
        case["month"] = f"{today:%Y-%m}"
    return pl.DataFrame([case])


@dataclass(frozen=True)
class Result:
    """What came of one question: the cell, and what it rests on."""

    name: str
    label: Words
    value: object
    rests_on: tuple[tuple[str, str], ...]


def results(values: Mapping[str, str], want: Sequence[str], *, elsewhere: bool = False) -> list[Result]:
    """What the law gives; blank where nobody knows."""
    made = calculation(case_of(values, want, elsewhere=elsewhere), want)
    row = made.table.row(0, named=True)
    notes = [text.partition(":")[::2] for text in (row["rests_on"] or "").split("; ") if text]
    return [Result(name, label_of(name), row[name], tuple(notes)) for name in want]
