"""Rounding where the law rounds. Half a unit in the last digit goes up, as award sheets do it, not to even.

Binary fractions fall a hair short of the decimals that they stand for: 1.005 is stored as 1.00499…. A millionth of a unit
in the last digit is allowed for that.
"""

from __future__ import annotations

import math

HAIR = 1e-6


def round_half_up(value: float, digits: int) -> float:
    """To so many digits, halves upwards."""
    if value - value != 0:  # unknown, or without bound
        return math.nan
    scale = 10.0**digits
    return math.floor(value * scale + 0.5 + HAIR) / scale


def round_up(value: float, digits: int) -> float:
    """To so many digits, never downwards."""
    if value - value != 0:
        return math.nan
    scale = 10.0**digits
    return math.ceil(value * scale - HAIR) / scale


def round_down(value: float, digits: int) -> float:
    """To so many digits, never upwards."""
    if value - value != 0:
        return math.nan
    scale = 10.0**digits
    return math.floor(value * scale + HAIR) / scale


def whole(value: float) -> int:
    """The nearest whole number, halves upwards."""
    return math.floor(value + 0.5)
