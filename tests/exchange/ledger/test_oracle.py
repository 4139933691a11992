"""The engine's lines are what plain Python gets, to the last fen; and what the law's own rules say of one worker."""

import datetime
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from canbao.exchange.ledger import Ledger, assess, named_schemes
from canbao.exchange.ledger.places import place_of
from canbao.law import calculate

from .made_up import half_up, injury_by_hand, inputs, largest_remainders, orders, pension_by_hand, register, summed

MONTH = "2025-09"
PRICES = {"ride_hailing": Fraction(1, 100), "instant_delivery": Fraction(7, 100), "city_freight": Fraction(18, 100)}
REGIONS = ["110101", "320102", "440305", "440103", "420106", "330106", "510104", "350503"]
OPEN = [place_of(region) for region in REGIONS]
PENSIONS = ["employee", "flexible", "resident", "none"]

an_order = st.fixed_dictionaries(
    {
        "worker_key": st.integers(1, 6),
        "platform_key": st.integers(1, 4),
        "service": st.sampled_from(["instant_delivery", "ride_hailing", "city_freight", "domestic_service"]),
        "region": st.sampled_from(REGIONS),
        "completed_at": st.datetimes(datetime.datetime(2025, 8, 30), datetime.datetime(2025, 10, 2)),
        "status": st.sampled_from(["completed", "completed", "completed", "cancelled", "refunded"]),
        "pay_fen": st.one_of(st.integers(0, 5_000), st.integers(0, 3_000_000)),
        "relation": st.sampled_from(["own", "station", "outsourced"]),
    }
)


@settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(an_order, min_size=1, max_size=150), known=st.dictionaries(st.integers(1, 6), st.sampled_from(PENSIONS))
)
def test_lines_are_those_of_plain_python(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]], known: dict[int, str]
) -> None:
    folder = tmp_path_factory.mktemp("oracle")
    frame = orders(rows)
    tables = inputs(folder / "in", orders=frame, register=register(known))
    ledger = Ledger(folder / "ledger")
    assess(tables, ledger, MONTH, named_schemes(["injury_orders", "flexible_pension"]), threads=1)
    assert summed(ledger.scan("injury_orders")) == injury_by_hand(frame, MONTH, PRICES, known, OPEN)
    assert summed(ledger.scan("flexible_pension")) == pension_by_hand(frame, MONTH, known, ["flexible"])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**7), st.dictionaries(st.integers(0, 9), st.integers(1, 10**7), min_size=1))
def test_largest_remainders_of_the_oracle_are_fair(amount: int, weights: dict[int, int]) -> None:
    parts = largest_remainders(amount, weights)
    assert sum(parts.values()) == amount
    for member, part in parts.items():
        assert abs(part - Fraction(amount * weights[member], sum(weights.values()))) < 1


def test_one_platform_pays_what_the_law_says_of_one_worker(tmp_path: Path) -> None:
    """The same from `calculate`, which the ledger does not use."""
    frame = orders([{"region": "440305", "pay_fen": 523_456}] * 2 + [{"worker_key": 2, "service": "city_freight"}] * 37)
    tables = inputs(tmp_path / "in", orders=frame, register=register({1: "flexible"}))
    ledger = Ledger(tmp_path / "ledger")
    assess(tables, ledger, MONTH, named_schemes(["injury_orders", "flexible_pension", "flexible_medical"]))
    by_law = calculate(
        pl.DataFrame({"province": ["44"], "city_class": ["shenzhen"], "month": [MONTH], "contribution_base": [10469.12]}),
        ["flexible_contribution_month", "flexible_medical_contribution_month"],
    )
    for scheme, rule in (("flexible_pension", 0), ("flexible_medical", 1)):
        assert ledger.scan(scheme).collect()["worker_fen"].to_list() == [half_up(Fraction(str(by_law.row(0)[rule])) * 100)]
    freight = ledger.scan("injury_orders").filter(pl.col("worker_key") == 2).collect()
    premium = calculate(
        pl.DataFrame({"province": ["32"], "month": [MONTH], "orders_month": [37], "order_sector": ["city_freight"]}),
        ["order_premium_month"],
    )
    assert freight["platform_fen"].to_list() == [round(premium["order_premium_month"][0] * 100)] == [666]
