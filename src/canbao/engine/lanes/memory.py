"""What vectors are read from and written to: columns, figures of places and years, tables, and totals."""

from __future__ import annotations

from math import nan
from typing import Any

import llvmlite.ir as ir
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model

from canbao.engine.lanes.vectors import (
    DOUBLE,
    FLAG,
    FLAGS,
    INDEX,
    LANES,
    NUMBERS,
    WORD,
    WORDS,
    Lanes,
    any_flag,
    as_double,
    as_index,
    as_numbers,
    as_words,
    both,
    constant,
    in_lane,
    is_lanes,
    lane_of,
    numbers,
    select,
    splat,
    sum_of,
    whole_of,
    words,
)
from canbao.engine.parameters import FIRST_YEAR


def _array(context: Any, builder: ir.IRBuilder, kind: Any, value: Any) -> Any:
    return context.make_array(kind)(context, builder, value)


def _length(builder: ir.IRBuilder, array: Any, dimension: int) -> Any:
    return builder.extract_value(array.shape, dimension)


# --- columns --------------------------------------------------------------------------------------------------------------


def _reading(result: Lanes) -> Any:
    plain = types.float64 if result is numbers else types.int64

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        kind = signature.args[0]
        array = _array(context, builder, kind, values[0])
        first, end = (as_index(builder, *one) for one in zip(values[1:], signature.args[1:], strict=True))
        last = builder.sub(end, ir.Constant(WORD, 1))
        vector = ir.Constant(result.vector, ir.Undefined)
        for lane in range(LANES):
            at = builder.add(first, ir.Constant(WORD, lane))
            at = builder.select(builder.icmp_signed("<", at, last), at, last)
            cell = context.unpack_value(builder, kind.dtype, builder.gep(array.data, [at]))
            vector = builder.insert_element(
                vector, context.cast(builder, cell, kind.dtype, plain), ir.Constant(INDEX, lane)
            )
        return vector

    return intrinsic(lambda typing, array, first, end: (result(array, first, end), lowered))


read, read_words = _reading(numbers), _reading(words)
"""The cells of a column for the workers from one on; the last one's again where there are fewer than lanes."""


@njit
def write(array: Any, first: Any, end: Any, value: Any) -> None:
    """Put numbers into a column."""
    for lane in range(min(LANES, end - first)):
        array[first + lane] = lane_of(value, lane)


@njit
def write_whole(array: Any, first: Any, end: Any, value: Any) -> None:
    """Put whole numbers, categories or yes/no into a column."""
    for lane in range(min(LANES, end - first)):
        array[first + lane] = whole_of(value, lane)


# --- figures --------------------------------------------------------------------------------------------------------------


def _gathered(context: Any, builder: ir.IRBuilder, kind: Any, data: Any, at: Any, varying: list[Any]) -> Any:
    """Numbers from several places of an array: neighbours mostly ask for the same one, which is then read once.

    Args:
        context: of the compiler.
        builder: of the code.
        kind: of the array's cells.
        data: where the array begins.
        at: the places, as words.
        varying: what they differ by, if they do.
    """
    element = context.get_value_type(kind)
    vector = ir.VectorType(element, LANES)
    zero = ir.Constant(INDEX, 0)
    differs = ir.Constant(FLAG, 0)
    for one in varying:
        first = splat(builder, builder.extract_element(one, zero), WORDS)
        differs = builder.or_(differs, any_flag(builder, builder.icmp_unsigned("!=", one, first)))
    result = cgutils.alloca_once(builder, vector)
    with builder.if_else(differs) as (apart, alike):
        with apart:
            size = context.get_abi_sizeof(element)
            start = splat(builder, builder.ptrtoint(data, WORD), WORDS)
            address = builder.add(start, builder.mul(at, constant(WORDS, size)))
            pointers = builder.inttoptr(address, ir.VectorType(ir.PointerType(element), LANES))
            name = "f64" if element == DOUBLE else f"i{element.width}"
            gather = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(vector, [pointers.type, INDEX, FLAGS, vector]),
                f"llvm.masked.gather.v{LANES}{name}.v{LANES}p0",
            )
            cells = [pointers, ir.Constant(INDEX, size), constant(FLAGS, 1), ir.Constant(vector, ir.Undefined)]
            builder.store(builder.call(gather, cells), result)
        with alike:
            one = builder.load(builder.gep(data, [builder.extract_element(at, zero)]))
            builder.store(splat(builder, one, vector), result)
    found = builder.load(result)
    return found if element == DOUBLE else builder.sitofp(found, NUMBERS)


@intrinsic
def cell(typing: Any, array: Any, index: Any) -> Any:
    """What stands at each index of an array with one dimension."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        data = _array(context, builder, array, values[0]).data
        at = as_words(builder, values[1], index)
        return _gathered(context, builder, array.dtype, data, at, [at])

    return numbers(array, index), lowered


@intrinsic
def at(typing: Any, array: Any, row: Any, column: Any) -> Any:
    """What stands in each row and one column, which must be there."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        struct = _array(context, builder, array, values[0])
        rows = as_words(builder, values[1], row)
        columns = splat(builder, _length(builder, struct, 1), WORDS)
        place = builder.add(builder.mul(rows, columns), splat(builder, as_index(builder, values[2], column), WORDS))
        return _gathered(context, builder, array.dtype, struct.data, place, [rows])

    return numbers(array, row, column), lowered


def _within(builder: ir.IRBuilder, value: Any, kind: Any, length: Any) -> tuple[Any, Any]:
    """Which indices lie within a length, and the index where it does, else nought."""
    if isinstance(kind, types.Integer):
        index = as_index(builder, value, kind)
        inside = builder.icmp_unsigned("<", index, length)
        return inside, builder.select(inside, index, ir.Constant(WORD, 0))
    number, limit = value, builder.sitofp(length, DOUBLE)
    none, word = ir.Constant(DOUBLE, 0.0), WORD
    if is_lanes(kind):
        number, limit = as_numbers(builder, value, kind), splat(builder, limit, NUMBERS)
        none, word = constant(NUMBERS, 0.0), WORDS
    inside = builder.and_(builder.fcmp_ordered(">=", number, none), builder.fcmp_ordered("<", number, limit))
    return inside, builder.fptosi(builder.select(inside, number, none), word)


def _looked_up(
    context: Any, builder: ir.IRBuilder, data: Any, cells: Any, length: Any, row: Any, value: Any, kind: Any, otherwise: Any
) -> Any:
    """What stands in rows of so many cells at an index, one for all or one a lane; something else outside of them."""
    inside, index = _within(builder, value, kind, length)
    row_varies = isinstance(row.type, ir.VectorType)
    if not row_varies and not is_lanes(kind):
        place = builder.add(builder.mul(row, length), index)
        found = as_double(builder, builder.load(builder.gep(data, [place])), cells)
        return builder.select(inside, found, otherwise)
    varying = [one for one, varies in ((index, is_lanes(kind)), (row, row_varies)) if varies]
    rows = row if row_varies else splat(builder, row, WORDS)
    indices = index if is_lanes(kind) else splat(builder, index, WORDS)
    place = builder.add(builder.mul(rows, splat(builder, length, WORDS)), indices)
    found = _gathered(context, builder, cells, data, place, varying)
    return builder.select(inside, found, splat(builder, otherwise, NUMBERS))


@intrinsic
def look_up(typing: Any, array: Any, row: Any, column: Any, otherwise: Any) -> Any:
    """What stands in a row and a column; a plain number where there is no such column."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        struct = _array(context, builder, array, values[0])
        rows = (as_words if is_lanes(row) else as_index)(builder, values[1], row)
        other = as_double(builder, values[3], otherwise)
        length = _length(builder, struct, 1)
        return _looked_up(context, builder, struct.data, array.dtype, length, rows, values[2], column, other)

    return (numbers if is_lanes(row, column) else types.float64)(array, row, column, otherwise), lowered


# --- tables ---------------------------------------------------------------------------------------------------------------


class LaneTable(types.Type):
    """A table: the same for all lanes, or one of several for each.

    Args:
        varies: whether lanes have different ones.
    """

    def __init__(self, varies: bool) -> None:
        self.varies = varies
        super().__init__(f"table({'varies' if varies else 'same'})")


same_table, varying_table = LaneTable(False), LaneTable(True)


@register_model(LaneTable)
class LaneTableModel(models.StructModel):
    """Where the tables begin, how long each is, and which it is."""

    def __init__(self, manager: Any, table: LaneTable) -> None:
        row = words if table.varies else types.int64
        super().__init__(manager, table, [("data", types.CPointer(types.float64)), ("length", types.int64), ("row", row)])


@intrinsic
def table_of(typing: Any, tables: Any, row: Any) -> Any:
    """The table in a row, or in each lane's row, of an array of them."""
    result = varying_table if is_lanes(row) else same_table

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        struct = _array(context, builder, tables, values[0])
        table = cgutils.create_struct_proxy(result)(context, builder)
        table.data, table.length = struct.data, _length(builder, struct, 1)
        table.row = (as_words if result.varies else as_index)(builder, values[1], row)
        return table._getvalue()

    return result(tables, row), lowered


@intrinsic
def table_of_lane(typing: Any, table: Any, lane: Any) -> Any:
    """The table of one lane."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        if not table.varies:
            return values[0]
        every = cgutils.create_struct_proxy(table)(context, builder, value=values[0])
        one = cgutils.create_struct_proxy(same_table)(context, builder)
        one.data, one.length, one.row = every.data, every.length, in_lane(builder, every.row, values[1])
        return one._getvalue()

    return same_table(table, lane), lowered


@intrinsic
def entry(typing: Any, table: Any, index: Any) -> Any:
    """A table's entry; unknown outside its range."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        one = cgutils.create_struct_proxy(table)(context, builder, value=values[0])
        blank = ir.Constant(DOUBLE, nan)
        return _looked_up(context, builder, one.data, types.float64, one.length, one.row, values[1], index, blank)

    return (numbers if table.varies or is_lanes(index) else types.float64)(table, index), lowered


@njit
def entry_of_place_and_year(figures: Any, place: Any, year: Any) -> Any:
    """A parameter's figure at any place and year; unknown outside its range."""
    known = both(place >= 0, place < figures.shape[0])
    return select(known, look_up(figures, select(known, place, 0.0), year - FIRST_YEAR, nan), nan)


# --- totals ---------------------------------------------------------------------------------------------------------------


def _gathering(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
    """Where the lanes of a total and year stand."""
    struct = _array(context, builder, signature.args[0], values[0])
    year, total = (as_index(builder, *one) for one in zip(values[1:3], signature.args[1:3], strict=True))
    place = builder.add(builder.mul(year, _length(builder, struct, 1)), total)
    start = builder.gep(struct.data, [builder.mul(place, ir.Constant(WORD, LANES))])
    return builder.bitcast(start, ir.PointerType(NUMBERS))


@intrinsic
def add(typing: Any, gathered: Any, year: Any, total: Any, amount: Any) -> Any:
    """Add each lane's amount to what was gathered of a total in a year."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        pointer = _gathering(context, builder, signature, values)
        before = builder.load(pointer, align=8)
        builder.store(builder.fadd(before, as_numbers(builder, values[3], amount)), pointer, align=8)
        return context.get_dummy_value()

    return types.none(gathered, year, total, amount), lowered


@intrinsic
def taken_out(typing: Any, gathered: Any, year: Any, total: Any) -> Any:
    """What was gathered of a total in a year, of which then nothing is left."""

    def lowered(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> Any:
        pointer = _gathering(context, builder, signature, values)
        found = builder.load(pointer, align=8)
        builder.store(constant(NUMBERS, 0.0), pointer, align=8)
        return found

    return numbers(gathered, year, total), lowered


@njit
def differ(group: Any, first: Any, end: Any, groups: Any) -> Any:
    """Whether workers belong to other groups than those before them in their lanes."""
    others = False
    for lane in range(LANES):
        others |= group[min(first + lane, end - 1)] != groups[lane]
    return others


@njit
def note(group: Any, first: Any, end: Any, groups: Any) -> None:
    """Note the groups of workers."""
    for lane in range(LANES):
        groups[lane] = group[min(first + lane, end - 1)]


@njit
def put_down(gathered: Any, groups: Any, sums: Any, since: Any) -> None:
    """What was gathered, to the groups that it belongs to; before a year there is nothing."""
    alike = True
    for lane in range(LANES):
        alike &= groups[lane] == groups[0]
    for year in range(since, gathered.shape[0]):
        for total in range(gathered.shape[1]):
            found = taken_out(gathered, year, total)
            if alike:
                sums[total, year, groups[0]] += sum_of(found)
            else:
                for lane in range(LANES):
                    sums[total, year, groups[lane]] += lane_of(found, lane)
