"""What the text of a rule tells: where an unknown figure makes the result unknown by itself."""

import math
from collections.abc import Callable

import pytest

from canbao.engine import round_half_up
from canbao.engine.scalar_code import passes_on

SHARE = 0.6
MONTHS = (233.0, 230.0)


def arithmetic(wage: float, rate: float) -> float:
    return -wage * rate / SHARE + 1


def rounded(wage: float, rate: float) -> float:
    paid = wage * rate
    return round_half_up(paid, 2)


def looked_up(wage: float, rate: float) -> float:
    return wage / MONTHS[int(rate)]


def one_unused(wage: float, rate: float) -> float:
    _ = rate * 2
    return wage + 1


def overwritten(wage: float, rate: float) -> float:
    rate = SHARE
    return wage * rate


def guarded(wage: float, rate: float) -> float:
    if wage <= 0:
        return 0.0
    return wage * rate


def limited(wage: float, rate: float) -> float:
    return min(wage, rate)


def raised(wage: float, rate: float) -> float:
    return wage**rate


def half_arithmetic(wage: float, rate: float) -> float:
    limit = max(rate, SHARE)
    return wage * limit


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (arithmetic, {"wage", "rate"}),
        (rounded, {"wage", "rate"}),
        (looked_up, {"wage"}),
        (one_unused, {"wage"}),
        (overwritten, {"wage"}),
        (guarded, set()),
        (limited, set()),
        (raised, set()),
        (half_arithmetic, {"wage"}),
    ],
)
def test_only_arithmetic_passes_an_unknown_on(function: Callable[[float, float], float], expected: set[str]) -> None:
    found = passes_on(function)
    assert found == expected
    for name in found:
        assert math.isnan(function(**{"wage": 1.0, "rate": 1.0, name: math.nan}))
