"""What the law lets each worker join: worked out from the worker table, with what is missing taken care of."""

import datetime

import polars as pl

from canbao.workers import vocabulary
from canbao.workers.derived import with_derived
from canbao.workers.legal_access import ACCESS_COLUMNS, with_legal_access

KNOWN = vocabulary()
BORN = datetime.date(1990, 1, 1)
RIDER = {
    "relation": "incomplete",
    "province": "42",
    "sex": "male",
    "hukou_locality": "other_province",
    "birth_month": BORN,
    "platform_type": "food_delivery",
}


def access(on: datetime.date, *workers: dict[str, object]) -> pl.DataFrame:
    columns = [pl.Series(name, [one[name] for one in workers], dtype=KNOWN[name].dtype) for name in workers[0]]
    return with_derived(with_legal_access(pl.DataFrame(columns), KNOWN, on, on), KNOWN, on)


def test_the_date_of_the_law_decides() -> None:
    before, after = (
        access(day, RIDER).row(0, named=True) for day in (datetime.date(2021, 6, 1), datetime.date(2025, 12, 1))
    )
    assert (before["employees_pension_access"], after["employees_pension_access"]) == ("unknown", "may")
    assert (before["order_protection_access"], after["order_protection_access"]) == ("may_not", "must")


def test_a_missing_answer_counts_where_the_law_treats_both_alike() -> None:
    blank = {**RIDER, "hukou_locality": None}
    employee = {**blank, "relation": "labour"}
    nobody = {**blank, "relation": None}
    frame = access(datetime.date(2021, 6, 1), blank, employee, nobody)
    assert frame["employees_pension_access"].to_list() == ["unknown", "must", None]
    frame = access(datetime.date(2025, 12, 1), blank, employee, nobody)
    assert frame["employees_pension_access"].to_list() == ["may", "must", None]


def test_a_table_without_relation_has_no_legal_access() -> None:
    frame = access(datetime.date(2025, 12, 1), {name: value for name, value in RIDER.items() if name != "relation"})
    assert not set(ACCESS_COLUMNS) & set(frame.columns)


def test_columns_that_a_study_brings_itself_stay() -> None:
    frame = access(datetime.date(2025, 12, 1), {**RIDER, "unemployment_access": "may"})
    assert frame["unemployment_access"].to_list() == ["may"]


def test_comprehensive_legal_coverage_needs_all_five_branches() -> None:
    frame = access(datetime.date(2025, 12, 1), RIDER, {**RIDER, "relation": "labour"})
    assert frame["legally_covered"].to_list() == ["no", "yes"]
