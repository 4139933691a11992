"""Numbers, words and flags of several workers at once, for code that Numba compiles.

A value of one of these types is a vector of LLVM, one lane a worker. All numbers are floats; whole ones are exact in them
up to 2**53. Words are what luck is made of. A plain number is the same for all lanes: operations on plain numbers alone
give plain numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from math import nan
from typing import Any

import llvmlite.ir as ir
from numba import njit
from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from canbao.engine.kinds import UNKNOWN

LANES = 16
"""More than a register holds, so that there is something to do while one waits for the other half."""

DOUBLE, WORD, FLAG, INDEX = ir.DoubleType(), ir.IntType(64), ir.IntType(1), ir.IntType(32)
NUMBERS, WORDS, FLAGS = (ir.VectorType(one, LANES) for one in (DOUBLE, WORD, FLAG))
BITS = ir.IntType(LANES)

Emit = Callable[..., Any]


class Lanes(types.Type):
    """A vector with one value a worker.

    Args:
        name: of the type.
        vector: of LLVM.
    """

    def __init__(self, name: str, vector: ir.VectorType) -> None:
        self.vector = vector
        super().__init__(name)


class LaneNumbers(Lanes):
    """Floats; unknown is NaN."""


class LaneWords(Lanes):
    """Whole numbers of sixty-four bits."""


class LaneFlags(Lanes):
    """Yes or no."""


numbers, words, flags = LaneNumbers("numbers", NUMBERS), LaneWords("words", WORDS), LaneFlags("flags", FLAGS)


@register_model(LaneNumbers)
@register_model(LaneWords)
@register_model(LaneFlags)
class LanesModel(models.PrimitiveModel):
    """A vector is stored as it is."""

    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, lanes.vector)


def is_lanes(*kinds: Any) -> bool:
    """Whether some of the types are vectors."""
    return any(isinstance(one, Lanes) for one in kinds)


def constant(vector: ir.VectorType, value: float) -> ir.Constant:
    """The same number in every lane."""
    return ir.Constant(vector, [value] * LANES)


def function(builder: ir.IRBuilder, name: str, result: ir.Type, *arguments: ir.Type) -> Any:
    """A function of LLVM's own."""
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, arguments), name)


def splat(builder: ir.IRBuilder, value: Any, vector: ir.VectorType) -> Any:
    """A plain value in every lane."""
    empty = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(INDEX, 0))
    return builder.shuffle_vector(first, empty, constant(ir.VectorType(INDEX, LANES), 0))


# --- one kind as another --------------------------------------------------------------------------------------------------


def as_double(builder: ir.IRBuilder, value: Any, kind: Any) -> Any:
    """A plain number or yes/no as a float."""
    match kind:
        case types.Float():
            return value if kind.bitwidth == 64 else builder.fpext(value, DOUBLE)
        case types.Integer():
            return builder.sitofp(value, DOUBLE) if kind.signed else builder.uitofp(value, DOUBLE)
    return builder.uitofp(value, DOUBLE)


def as_numbers(builder: ir.IRBuilder, value: Any, kind: Any) -> Any:
    """Anything as a vector of floats."""
    match kind:
        case LaneNumbers():
            return value
        case LaneFlags():
            return builder.select(value, constant(NUMBERS, 1.0), constant(NUMBERS, 0.0))
        case LaneWords():
            return builder.uitofp(value, NUMBERS)
    return splat(builder, as_double(builder, value, kind), NUMBERS)


def as_words(builder: ir.IRBuilder, value: Any, kind: Any) -> Any:
    """Anything but flags as a vector of words."""
    match kind:
        case LaneWords():
            return value
        case LaneNumbers():
            return builder.fptosi(value, WORDS)
        case types.Integer() if kind.bitwidth < 64:
            value = builder.sext(value, WORD) if kind.signed else builder.zext(value, WORD)
        case types.Float():
            value = builder.fptosi(value, WORD)
    return splat(builder, value, WORDS)


def as_flags(builder: ir.IRBuilder, value: Any, kind: Any) -> Any:
    """Anything as a vector of flags: zero is no, and everything else yes."""
    match kind:
        case LaneFlags():
            return value
        case types.Boolean():
            return splat(builder, as_flag(builder, value, kind), FLAGS)
    return builder.fcmp_unordered("!=", as_numbers(builder, value, kind), constant(NUMBERS, 0.0))


def as_flag(builder: ir.IRBuilder, value: Any, kind: Any) -> Any:
    """A plain value as one flag."""
    if isinstance(kind, types.Boolean):
        return value if value.type == FLAG else builder.trunc(value, FLAG)
    return builder.fcmp_unordered("!=", as_double(builder, value, kind), ir.Constant(DOUBLE, 0.0))


def as_index(builder: ir.IRBuilder, value: Any, kind: Any) -> Any:
    """A plain number as a place in an array."""
    if isinstance(kind, types.Integer):
        if kind.bitwidth == 64:
            return value
        return builder.sext(value, WORD) if kind.signed else builder.zext(value, WORD)
    return whole(builder, as_double(builder, value, kind))


def whole(builder: ir.IRBuilder, number: Any) -> Any:
    """A float as a whole number; nothing where it is NaN."""
    return builder.call(function(builder, "llvm.fptosi.sat.i64.f64", WORD, DOUBLE), [number])


# --- arithmetic and comparisons -------------------------------------------------------------------------------------------


def floor(builder: ir.IRBuilder, value: Any) -> Any:
    """The greatest whole number not above each."""
    return builder.call(function(builder, f"llvm.floor.v{LANES}f64", NUMBERS, NUMBERS), [value])


def floor_divided(builder: ir.IRBuilder, left: Any, right: Any) -> Any:
    """As `//`: whole months by twelve come out exact."""
    return floor(builder, builder.fdiv(left, right))


def remainder(builder: ir.IRBuilder, left: Any, right: Any) -> Any:
    """As `%`, for whole numbers."""
    return builder.fsub(left, builder.fmul(floor_divided(builder, left, right), right))


def compared(sign: str, builder: ir.IRBuilder, left: Any, right: Any) -> Any:
    """A comparison; what is unknown differs from everything and is neither more nor less."""
    return (builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered)(sign, left, right)


def _operator(sign: Callable[..., Any], result: Lanes, of: tuple[type[Lanes], ...], convert: Emit, emit: Emit) -> None:
    """What an operator does where one of its sides is a vector."""
    has_words = LaneWords in of

    @type_callable(sign)
    def typed(context: Any) -> Any:
        def typer(left: Any, right: Any) -> Any:
            is_words = isinstance(left, LaneWords) or isinstance(right, LaneWords)
            return result if is_lanes(left, right) and is_words == has_words else None

        return typer

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return emit(builder, *(convert(builder, *one) for one in zip(values, signature.args, strict=True)))

    plain = (types.Integer, types.Float, types.Boolean)
    for one in of:
        for other in (*of, *plain):
            lower_builtin(sign, one, other)(lowered)
        for other in plain:
            lower_builtin(sign, other, one)(lowered)


ARITHMETIC: dict[Callable[..., Any], Emit] = {
    operator.add: ir.IRBuilder.fadd,
    operator.sub: ir.IRBuilder.fsub,
    operator.mul: ir.IRBuilder.fmul,
    operator.truediv: ir.IRBuilder.fdiv,
    operator.floordiv: floor_divided,
    operator.mod: remainder,
}
COMPARISONS = {
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
    operator.eq: "==",
    operator.ne: "!=",
}
STIRRING: dict[Callable[..., Any], Emit] = {
    operator.add: ir.IRBuilder.add,
    operator.mul: ir.IRBuilder.mul,
    operator.xor: ir.IRBuilder.xor,
    operator.and_: ir.IRBuilder.and_,
    operator.rshift: ir.IRBuilder.lshr,
    operator.lshift: ir.IRBuilder.shl,
}

for _sign, _emit in ARITHMETIC.items():
    _operator(_sign, numbers, (LaneNumbers, LaneFlags), as_numbers, _emit)
for _sign, _text in COMPARISONS.items():
    _operator(_sign, flags, (LaneNumbers, LaneFlags), as_numbers, partial(compared, _text))
for _sign, _emit in STIRRING.items():
    _operator(_sign, words, (LaneWords,), as_words, _emit)


@type_callable(operator.neg)
def _negative(context: Any) -> Any:
    return lambda value: numbers if isinstance(value, LaneNumbers) else None


@lower_builtin(operator.neg, LaneNumbers)
def _negative_lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
    return builder.fneg(values[0])


def _mathematical(name: str, count: int) -> Any:
    """A function of LLVM's that takes and gives floats, plain where all are."""

    def emit(vector: bool, context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        convert, kind, suffix = (as_numbers, NUMBERS, f"v{LANES}f64") if vector else (as_double, DOUBLE, "f64")
        taken = [convert(builder, *one) for one in zip(values, signature.args, strict=True)]
        return builder.call(function(builder, f"llvm.{name}.{suffix}", kind, *[kind] * count), taken)

    def typed(*kinds: Any) -> tuple[Any, Emit]:
        vector = is_lanes(*kinds)
        return (numbers if vector else types.float64)(*kinds), partial(emit, vector)

    if count == 1:
        return intrinsic(lambda typing, value: typed(value))
    return intrinsic(lambda typing, first, second, third: typed(first, second, third))


@intrinsic
def number(typing: Any, value: Any) -> Any:
    """Anything as floats."""
    vector = is_lanes(value)

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return (as_numbers if vector else as_double)(builder, values[0], value)

    return (numbers if vector else types.float64)(value), lowered


floored, raised, truncated, nearest = (_mathematical(one, 1) for one in ("floor", "ceil", "trunc", "roundeven"))
magnitude, root = (_mathematical(one, 1) for one in ("fabs", "sqrt"))
fused = _mathematical("fma", 3)
"""first * second + third, rounded once."""


def _one_of_two(sign: str) -> Any:
    """The second where it compares so to the first, else the first, as Python's `min` and `max` have it."""

    def emit(vector: bool, context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        convert = as_numbers if vector else as_double
        first, second = (convert(builder, *one) for one in zip(values, signature.args, strict=True))
        return builder.select(builder.fcmp_ordered(sign, second, first), second, first)

    def typed(typing: Any, first: Any, second: Any) -> Any:
        vector = is_lanes(first, second)
        return (numbers if vector else types.float64)(first, second), partial(emit, vector)

    return intrinsic(typed)


least, greatest = _one_of_two("<"), _one_of_two(">")


# --- conditions -----------------------------------------------------------------------------------------------------------


def _of_conditions(emit: Emit) -> Any:
    def lowered(vector: bool, context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        convert = as_flags if vector else as_flag
        return emit(builder, *(convert(builder, *one) for one in zip(values, signature.args, strict=True)))

    def typed(typing: Any, first: Any, second: Any) -> Any:
        vector = is_lanes(first, second)
        return (flags if vector else types.boolean)(first, second), partial(lowered, vector)

    return intrinsic(typed)


both, either = _of_conditions(ir.IRBuilder.and_), _of_conditions(ir.IRBuilder.or_)


def _of_condition(emit: Emit) -> Any:
    def lowered(vector: bool, context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return emit(builder, (as_flags if vector else as_flag)(builder, values[0], signature.args[0]))

    def typed(typing: Any, value: Any) -> Any:
        vector = is_lanes(value)
        return (flags if vector else types.boolean)(value), partial(lowered, vector)

    return intrinsic(typed)


truth, negated = _of_condition(lambda _, value: value), _of_condition(ir.IRBuilder.not_)


@intrinsic
def unknown(typing: Any, value: Any) -> Any:
    """Whether a number is not known."""
    vector = is_lanes(value)

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        number = (as_numbers if vector else as_double)(builder, values[0], value)
        return builder.fcmp_unordered("uno", number, number)

    return (flags if vector else types.boolean)(value), lowered


def any_flag(builder: ir.IRBuilder, value: Any) -> Any:
    """Whether a flag is set in some lane."""
    return builder.icmp_unsigned("!=", builder.bitcast(value, BITS), ir.Constant(BITS, 0))


@intrinsic
def some(typing: Any, value: Any) -> Any:
    """Whether a condition holds in some lane."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        if is_lanes(value):
            return any_flag(builder, as_flags(builder, values[0], value))
        return as_flag(builder, values[0], value)

    return types.boolean(value), lowered


@intrinsic
def select(typing: Any, condition: Any, yes: Any, no: Any) -> Any:
    """The one where a condition holds, the other where not."""
    ways = (yes, no)
    vector = is_lanes(condition, *ways)
    result: Any
    convert: Emit
    if all(isinstance(one, LaneFlags | types.Boolean) for one in ways):
        result, convert = (flags, as_flags) if vector else (types.boolean, as_flag)
    else:
        result, convert = (numbers, as_numbers) if vector else (types.float64, as_double)

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        first, *others = values
        chooses = (as_flags if is_lanes(condition) else as_flag)(builder, first, condition)
        return builder.select(chooses, *(convert(builder, *one) for one in zip(others, ways, strict=True)))

    return result(condition, yes, no), lowered


# --- vectors and their lanes ----------------------------------------------------------------------------------------------


def _converted(result: Lanes, convert: Emit) -> Any:
    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return convert(builder, values[0], signature.args[0])

    return intrinsic(lambda typing, value: (result(value), lowered))


numbers_of, words_of = _converted(numbers, as_numbers), _converted(words, as_words)
bits = _converted(words, lambda builder, value, kind: builder.bitcast(as_numbers(builder, value, kind), WORDS))
"""How numbers are written in the machine."""
from_bits = _converted(numbers, lambda builder, value, kind: builder.bitcast(as_words(builder, value, kind), NUMBERS))


@intrinsic
def lane_numbers(typing: Any) -> Any:
    """Each lane's own number, from 0 on."""
    return numbers(), lambda context, builder, signature, values: ir.Constant(NUMBERS, [*map(float, range(LANES))])


def in_lane(builder: ir.IRBuilder, value: Any, lane: Any) -> Any:
    """What stands in a lane."""
    return builder.extract_element(value, builder.trunc(lane, INDEX))


@intrinsic
def lane_of(typing: Any, value: Any, lane: Any) -> Any:
    """What stands in a lane; what is the same for all, as it is."""
    if not is_lanes(value):
        return value(value, lane), lambda context, builder, signature, values: impl_ret_borrowed(
            context, builder, signature.return_type, values[0]
        )

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return in_lane(builder, as_numbers(builder, values[0], value), values[1])

    return types.float64(value, lane), lowered


@intrinsic
def whole_of(typing: Any, value: Any, lane: Any) -> Any:
    """The same as a whole number, which has a number of its own where it is not known."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        if is_lanes(value):
            one = in_lane(builder, as_numbers(builder, values[0], value), values[1])
        else:
            one = as_double(builder, values[0], value)
        blank = builder.fcmp_unordered("uno", one, one)
        return builder.select(blank, ir.Constant(WORD, UNKNOWN), whole(builder, one))

    return types.int64(value, lane), lowered


@njit
def known(one: Any) -> Any:
    """A whole number as a float, unknown where it stands for that."""
    return nan if one == UNKNOWN else float(one)


@intrinsic
def with_lane(typing: Any, value: Any, lane: Any, one: Any) -> Any:
    """The same numbers but for one lane."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        return builder.insert_element(values[0], as_double(builder, values[2], one), builder.trunc(values[1], INDEX))

    return numbers(value, lane, one), lowered


def _extreme(name: str) -> Any:
    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        (kind,) = signature.args
        if not is_lanes(kind):
            return as_index(builder, values[0], kind)
        reduced = function(builder, f"llvm.vector.reduce.{name}.v{LANES}f64", DOUBLE, NUMBERS)
        return whole(builder, builder.call(reduced, [as_numbers(builder, values[0], kind)]))

    return intrinsic(lambda typing, value: (types.int64(value), lowered))


lowest, highest = _extreme("fmin"), _extreme("fmax")
"""The least and the greatest number of all lanes, as whole ones; unknown ones do not count."""


def halved_sum(builder: ir.IRBuilder, value: Any) -> Any:
    """The sum of all lanes: halves are added until one is left, on every machine in the same order."""
    size = LANES
    while size > 1:
        size //= 2
        empty, kind = ir.Constant(value.type, ir.Undefined), ir.VectorType(INDEX, size)
        halves = (ir.Constant(kind, [*range(start, start + size)]) for start in (0, size))
        value = builder.fadd(*(builder.shuffle_vector(value, empty, half) for half in halves))
    return builder.extract_element(value, ir.Constant(INDEX, 0))


@intrinsic
def sum_of(typing: Any, value: Any) -> Any:
    """The sum of all lanes."""
    return types.float64(value), lambda context, builder, signature, values: halved_sum(builder, values[0])
