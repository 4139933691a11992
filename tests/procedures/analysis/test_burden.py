"""What a procedure costs: only what is recorded, at the prices of the file."""

from pathlib import Path

import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures.analysis import burden, burden_prices, burden_summary

from .logs import log_of

STEPS = {"x": [("apply", 0.1), ("ask", 0.2), ("bring", 3)], "y": [("apply", 1)], "z": [("apply", 2)]}


def test_a_case_reckoned_by_hand() -> None:
    log = log_of(STEPS, visits=[1, 0, 1, 1, None], minutes=[60.0, None, 120, 30, None], fee=[None, None, 15.0, 0, None])
    prices = burden_prices()
    table = burden(log)
    assert table.select("visits", "documents", "minutes", "fee").rows() == [
        (2, None, 180, 15), (1, None, 30, 0), (None, None, None, None),
    ]  # fmt: skip
    cost = 2 * prices.visit_fare.value + 3 * prices.hourly_wage.value + 15
    assert table["cost"].to_list() == [pytest.approx(cost), pytest.approx(10 + prices.hourly_wage.value / 2), None]
    assert table["cost_of"].to_list() == ["visits, minutes, fee", "visits, minutes, fee", None]


def test_a_visit_is_a_day_at_a_counter() -> None:
    """In Shanghai, day 0.1 and day 0.2 are the same day."""
    log = log_of(STEPS, channel=["Counter", "窗口", "app", "app", None])
    assert burden(log)["visits"].to_list() == [1, 0, None]


def test_a_log_that_records_nothing_costs_nobody_knows_what() -> None:
    table = burden(log_of(STEPS))
    assert table.drop("case").null_count().row(0) == (3,) * 6
    summary = burden_summary(log_of(STEPS))
    assert summary["cases"].to_list() == [0] * 5 and summary["total"].is_null().all()


def test_groups_that_are_too_small_are_not_shown() -> None:
    cases = {f"c{at}": [("apply", at)] for at in range(75)}
    office = ["east"] * 35 + ["west"] * 35 + ["north"] * 5
    table = burden_summary(log_of(cases, office=office, documents=[2] * 75), by="office")
    documents = {row["group"]: row for row in table.filter(pl.col("kind") == "documents").to_dicts()}
    shown = [name for name in documents if not documents[name]["suppressed"]]
    assert len(shown) == 1 and documents[shown[0]]["mean"] == 2 and documents[shown[0]]["total"] == 70
    assert documents["north"]["suppressed"] and documents["north"]["cases"] is None


def test_a_column_of_words_is_a_fault() -> None:
    with pytest.raises(InputError, match="minutes must be numbers"):
        burden(log_of(STEPS, minutes=["long"] * 5))


def test_prices_have_a_source_and_unknown_keys_are_refused(tmp_path: Path) -> None:
    prices = burden_prices()
    assert all(price.source and price.confidence for price in (prices.hourly_wage, prices.visit_fare, prices.document_cost))
    file = tmp_path / "burden.yaml"
    file.write_text("hourly_wages: {value: 3}\n", encoding="utf-8")
    with pytest.raises(InputError, match="hourly_wage"):
        burden_prices(file)
