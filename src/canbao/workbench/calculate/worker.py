"""What a person says of herself, as the case that the law's rules take. It is computed and forgotten."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from canbao.careers import law_with_older_figures
from canbao.engine import Category, Model, month_text
from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Words
from canbao.law import calculation
from canbao.law.categories import HukouLocality, OrderSector, Relation, Sex, Shortfall
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
GIVES = (
    "retirement_month",
    "minimum_contribution_months",
    "contribution_years",
    "missing_contribution_months",
    "pension_entitlement",
    "first_pension_month",
    "account_refund",
    "pension",
)
THROUGH_A_CAREER = frozenset(GIVES) - {"retirement_month", "minimum_contribution_months"}
ACCESS = tuple(f"{branch}_{what}" for branch in BRANCHES for what in ("access", "ground"))
RESULTS = frozenset((*ACCESS, *COSTS, *GIVES))
OLDEST, YOUNGEST = 90, 16

Variant = Literal["here", "elsewhere", "stopped", "earlier"]
"""The question as asked, or with one thing otherwise: moved, no more paid, retired earlier."""
VARIANTS: tuple[Variant, ...] = ("here", "elsewhere", "stopped", "earlier")
EARLIER = ("12", "24", "36")
"""Months before the statutory age: the law allows three years at most."""


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
        Field("stops", {"": say("not_compared"), "yes": say("stops_now")}, ""),
        Field("earlier", {"": say("not_compared"), **{one: say(f"earlier_{one}") for one in EARLIER}}, ""),
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


def asked_variants(values: Mapping[str, str]) -> tuple[Variant, ...]:
    """The question as asked, and what it is to be compared with."""
    wished = {"here": "yes", "elsewhere": values["elsewhere"], "stopped": values["stops"], "earlier": values["earlier"]}
    return tuple(one for one in VARIANTS if wished[one])


def case_of(values: Mapping[str, str], want: Sequence[str], variant: Variant = "here") -> pl.DataFrame:
    """The case of a question: through a career where a pension is asked for, else in this month."""
    today = datetime.date.today()
    orders, moved = values["sector"] != "none", variant == "elsewhere"
    case = {
        "province": values["elsewhere"] if moved else values["province"],
        "sex": values["sex"],
        "worker_class": "flexible",
        "birth_month": values["birth_month"],
        "relation": values["relation"],
        "hukou_locality": "other_province" if moved else values["hukou_locality"],
        "takes_platform_orders": "yes" if orders else "no",
        "platform_worker": "yes" if orders else "no",
        "own_wage": values["own_wage"],
    }
    if orders:
        case |= {"order_sector": values["sector"], "orders_month": values["orders_month"]}
    if THROUGH_A_CAREER & set(want):
        # This month counts among those that are paid already.
        to_come = today.year * 12 + today.month
        case["first_contribution_month"] = month_text(to_come - int(values["years_paid"]) * 12)
        if variant == "stopped":
            case["last_contribution_month"] = month_text(to_come - 1)
    else:
        case["month"] = f"{today:%Y-%m}"
    if variant == "earlier":
        case["retirement_month"] = _earlier(case, int(values["earlier"]))
    return pl.DataFrame([case])


def _earlier(case: Mapping[str, str], months: int) -> str:
    """The month of retirement so many months early, as far as the law allows."""
    wanted = ("statutory_retirement_month", "earliest_retirement_month")
    statutory, earliest = calculation(pl.DataFrame([case]), wanted).table.select(wanted).row(0)
    if statutory is None or earliest is None:
        raise InputError(Fault(say("no_earlier"), Place(field=str(say("earlier")))))
    year, month = map(int, statutory.split("-"))
    return max(str(earliest), month_text(year * 12 + month - 1 - months))


@dataclass(frozen=True)
class Result:
    """What came of one question: the cell, what it rests on, and whether on older figures than were found."""

    name: str
    label: Words
    value: object
    rests_on: tuple[tuple[str, str], ...]
    carried: bool = False


def results(values: Mapping[str, str], want: Sequence[str], variant: Variant = "here") -> list[Result]:
    """What the law gives; blank where nobody knows."""
    law = law_for(values, want, variant)
    made = calculation(case_of(values, want, variant), want, law=law)
    row = made.table.row(0, named=True)
    notes = tuple(text.partition(":")[::2] for text in (row["rests_on"] or "").split("; ") if text)
    rests_on_wages = {"account_refund", "pension"}
    return [
        Result(name, label_of(name), _said(name, row[name]), notes, law is not None and name in rests_on_wages)
        for name in want
    ]


def law_for(values: Mapping[str, str], want: Sequence[str], variant: Variant = "here") -> Model | None:
    """The law in force (None), or, for who began to pay before the first published wages, the same carried back."""
    if not THROUGH_A_CAREER & set(want):
        return None
    pension = calculation(case_of(values, ["pension"], variant), ["pension"]).table["pension"].item()
    return None if pension is not None else law_with_older_figures()


def _said(name: str, value: object) -> object:
    """A value; in words where it is one of a list."""
    return category_words(Shortfall[str(value).upper()]) if name == "pension_entitlement" and value else value
