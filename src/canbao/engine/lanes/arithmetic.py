"""Logarithms, exponentials, powers and luck of vectors, in steps that are the same on every processor.

Both series are within one unit in the last place of the C library's; a test holds them to it.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import njit
from numba.core import cgutils
from numba.extending import intrinsic

from canbao.engine.draws import STEP, stirred
from canbao.engine.kinds import UNKNOWN
from canbao.engine.lanes.vectors import (
    DOUBLE,
    FLAG,
    INDEX,
    LANES,
    NUMBERS,
    any_flag,
    as_numbers,
    bits,
    both,
    floored,
    from_bits,
    function,
    fused,
    greatest,
    least,
    magnitude,
    nearest,
    negated,
    numbers,
    numbers_of,
    select,
    some,
    splat,
    unknown,
    words_of,
)

LOG_2, LOG_2_HIGH, LOG_2_LOW = 0.6931471805599453, 0.6931471803691238, 1.9082149292705877e-10
"""The logarithm of two; and in two parts, the first of them short enough to be multiplied exactly by a whole power."""
BY_LOG_2 = 1.4426950408889634
SMALLEST = 2.2250738585072014e-308
"""Numbers below it are written with fewer digits."""
BIAS, FRACTION, FRACTION_BITS = 1023, 2**52 - 1, 52
ROOT_OF_HALF = 0x3FE6A09E667F3BCD
"""How the machine writes the square root of a half."""


@njit(forceinline=True)
def scaled(value: Any, power: Any) -> Any:
    """Value times two to a whole power; in two steps where the power by itself is beyond all numbers."""
    if some(magnitude(power) > BIAS - 2):
        half = floored(power * 0.5)
        value = value * from_bits(words_of(half + BIAS) << FRACTION_BITS)
        power = power - half
    return value * from_bits(words_of(power + BIAS) << FRACTION_BITS)


@njit(forceinline=True)
def exponential(value: Any) -> Any:
    """E to the power of each: two to a whole power, and of what is left the series of 1/n!.

    The terms are added in pairs, so that one need not wait for the other (Estrin 1960).
    """
    value = least(greatest(numbers_of(value), -800.0), 800.0)
    power = nearest(value * BY_LOG_2)
    left = fused(power, -LOG_2_LOW, fused(power, -LOG_2_HIGH, value))
    square = left * left
    fourth = square * square
    from_2 = fused(fused(left, 1 / 120, 1 / 24), square, fused(left, 1 / 6, 1 / 2))
    from_6 = fused(fused(left, 1 / 362880, 1 / 40320), square, fused(left, 1 / 5040, 1 / 720))
    from_10 = fused(fused(left, 1 / 6227020800, 1 / 479001600), square, fused(left, 1 / 39916800, 1 / 3628800))
    series = fused(fused(from_10, fourth, from_6), fourth, from_2)
    return scaled(1.0 + fused(series, square, left), power)


@njit(forceinline=True)
def logarithm(value: Any) -> Any:
    """The natural logarithm of each; unknown of what is below zero."""
    value = numbers_of(value)
    if some(negated(both(value > SMALLEST, value < inf))):
        small = value < SMALLEST
        found = _logarithm(select(small, value * 2.0**54, value)) - select(small, 54 * LOG_2, 0.0)
        found = select(value == inf, inf, select(value == 0.0, -inf, found))
        return select(value < 0.0, nan, select(unknown(value), value, found))
    return _logarithm(value)


@njit(forceinline=True)
def _logarithm(value: Any) -> Any:
    """Of usual numbers: that of a power of two, and of what is left the series of the inverse hyperbolic tangent."""
    word = bits(value) + ((BIAS << FRACTION_BITS) - ROOT_OF_HALF)
    power = numbers_of(word >> FRACTION_BITS) - BIAS
    beyond = from_bits((word & FRACTION) + ROOT_OF_HALF) - 1.0
    ratio = beyond / (2.0 + beyond)
    square = ratio * ratio
    fourth = square * square
    eighth = fourth * fourth
    from_3 = fused(fused(square, 2 / 9, 2 / 7), fourth, fused(square, 2 / 5, 2 / 3))
    from_11 = fused(fused(square, 2 / 17, 2 / 15), fourth, fused(square, 2 / 13, 2 / 11))
    from_19 = fused(2 / 23, fourth, fused(square, 2 / 21, 2 / 19))
    series = fused(fused(from_19, eighth, from_11), eighth, from_3) * square
    return power * LOG_2_HIGH + (beyond - (ratio * (beyond - series) - power * LOG_2_LOW))


@intrinsic
def power(typing: Any, base: Any, exponent: Any) -> Any:
    """Each to its power, by the C library: once where all lanes ask the same."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        sides = [as_numbers(builder, *one) for one in zip(values, signature.args, strict=True)]
        firsts = [builder.extract_element(one, ir.Constant(INDEX, 0)) for one in sides]
        differs = ir.Constant(FLAG, 0)
        for side, first in zip(sides, firsts, strict=True):
            apart = builder.fcmp_unordered("!=", side, splat(builder, first, NUMBERS))
            differs = builder.or_(differs, any_flag(builder, apart))
        result = cgutils.alloca_once(builder, NUMBERS)
        with builder.if_else(differs) as (apart_block, alike_block):
            with apart_block:
                each = function(builder, f"llvm.pow.v{LANES}f64", NUMBERS, NUMBERS, NUMBERS)
                builder.store(builder.call(each, sides), result)
            with alike_block:
                one = builder.call(function(builder, "llvm.pow.f64", DOUBLE, DOUBLE, DOUBLE), firsts)
                builder.store(splat(builder, one, NUMBERS), result)
        return builder.load(result)

    return numbers(base, exponent), lowered


@njit
def year_of(month: Any) -> Any:
    """The year of a month; of one that is not known a year before all others, as the number for unknown gives it."""
    return select(unknown(month), UNKNOWN // 12, month // 12)


# --- luck -----------------------------------------------------------------------------------------------------------------


mixed = njit(forceinline=True)(stirred)


@njit(forceinline=True)
def luck(seed: Any, workers: Any, year: Any, purpose: Any) -> Any:
    """What a draw rests on, all but stirred: it is drawn only where somebody asks for it."""
    step = np.uint64(STEP)
    word = mixed(np.uint64(seed) + step)
    word = mixed((word ^ np.uint64(purpose)) + step)
    return (mixed((workers ^ word) + step) ^ np.uint64(year)) + step


@njit(forceinline=True)
def drawn(luck: Any) -> Any:
    """Numbers in [0, 1), those of `canbao.engine.draws.uniform`."""
    return numbers_of(mixed(luck) >> np.uint64(11)) * 2.0**-53
