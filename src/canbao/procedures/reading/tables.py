"""Tables of events, a row an event: CSV in the forms that offices export, and Parquet.

Which column is the case, the activity and the time is told by the caller or by the column's name (`columns.yaml`).
Columns that begin with `case:` are attributes of the case, as in PM4Py.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Words
from canbao.procedures.event_log import Finding
from canbao.procedures.reading.names import NAMES, plain
from canbao.procedures.reading.raw import RawLog, found, refuse, refuse_too_wide, say
from canbao.procedures.reading.times import BLANKS, UTC, impossible, local_times, read_times

NEEDED = ("case_id", "activity", "time")
ROLES = tuple(role for role in NAMES if role != "case_start")

SEPARATORS = (",", ";", "\t", "|")

CASE_PREFIX = "case:"

STDERR = 2
"""Where everything in the process, not only Python, writes what went wrong."""


def read_delimited(content: bytes, path: Path, zone: str, columns: Mapping[str, str] | None) -> RawLog:
    """Read a CSV file.

    Args:
        content: the file, in UTF-8, UTF-16 with its mark, or GB18030; separated by commas, semicolons, tabs or bars.
        path: its name, for messages.
        zone: that of times that say none.
        columns: which column has which role, where the names do not tell.

    Raises:
        InputError: no rows, another encoding, rows of different lengths, no column for a role, times that cannot be read.
    """
    text = _in_utf8(content, path)
    table = _table(text, path)
    return raw_log(table, path, zone, columns, typed=False)


def read_parquet(content: bytes, path: Path, zone: str, columns: Mapping[str, str] | None) -> RawLog:
    """Read a Parquet file; see `read_delimited`.

    Raises:
        InputError: as there, or the file is damaged.
    """
    try:
        with _unheard_panics():
            scan = pl.scan_parquet(io.BytesIO(content))
            height = scan.select(pl.len()).collect().item()
            refuse_too_wide(path, len(scan.collect_schema()), height)
            table = scan.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        raise refuse("not_parquet", path, "broken_remedy") from None
    # The index of a pandas frame is no attribute.
    table = table.drop(name for name in table.columns if name.startswith("__index_level_"))
    return raw_log(table, path, zone, columns, typed=True)


@contextmanager
def _unheard_panics() -> Iterator[None]:
    """On a damaged file Polars may panic, and then prints where in its own code before Python hears of it."""
    try:
        heard = os.dup(STDERR)
    except OSError:
        # There is none, as in a service.
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        yield
    finally:
        os.dup2(heard, STDERR)
        os.close(heard)


def raw_log(table: pl.DataFrame, path: Path, zone: str, columns: Mapping[str, str] | None, *, typed: bool) -> RawLog:
    """A table as a log.

    Args:
        table: a row an event.
        path: the file, for messages.
        zone: that of times that say none.
        columns: which column has which role.
        typed: whether the columns have the file's own types; else all are text, and are given the type that they fit.
    """
    if table.height == 0:
        raise refuse("no_events", path, "no_events_remedy")
    refuse_too_wide(path, table.width, table.height)
    roles = _roles(table.columns, path, columns or {})
    findings: list[Finding] = []
    case_ids = _identifiers(table[roles["case_id"]])
    time = _times(table[roles["time"]], path, zone, roles["time"], case_ids, findings)
    events = {"case_id": case_ids, "activity": _identifiers(table[roles["activity"]]), "time": time}
    of_cases = {}
    used = set(roles.values())
    for role, column in roles.items():
        if role not in NEEDED:
            events[role] = _column(
                table[column], zone, typed=typed, text=role in ("lifecycle", "resource", "office", "channel")
            )
    for column in table.columns:
        if column in used:
            continue
        values = _column(table[column], zone, typed=typed, text=False)
        if column.startswith(CASE_PREFIX) and column != CASE_PREFIX:
            of_cases[_free(column.removeprefix(CASE_PREFIX), ("case", "case_id"), "case:")] = values
        else:
            events[_free(column, ("case", "position", *ROLES), "event:")] = values
    frame = pl.DataFrame(events)
    cases, differing = _cases(case_ids, of_cases)
    findings += found("differing_case_attributes", len(differing), differing)
    return RawLog(path, frame, cases, findings)


def _free(name: str, taken: tuple[str, ...], prefix: str) -> str:
    return f"{prefix}{name}" if name in taken else name


def _cases(case_ids: pl.Series, attributes: dict[str, pl.Series]) -> tuple[pl.DataFrame | None, list[str]]:
    """A row a case, with its first known value of each attribute; and the attributes that differ within a case."""
    if not attributes:
        return None, []
    table = pl.DataFrame({"case_id": case_ids} | {f"a:{name}": values for name, values in attributes.items()})
    known = table.filter(pl.col("case_id").is_not_null()).group_by("case_id", maintain_order=True)
    values = [pl.col(f"a:{name}").drop_nulls() for name in attributes]
    counted = known.agg(value.n_unique() for value in values)
    differing = [name for name in attributes if (counted[f"a:{name}"] > 1).any()]
    first = known.agg(value.first() for value in values)
    return first.rename({f"a:{name}": name for name in attributes}), differing


# --- columns ------------------------------------------------------------------------------------------------------------


def _roles(names: list[str], path: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Which column has which role.

    Raises:
        InputError: a role or column that there is not, one column twice, or none for case, activity or time.
    """
    faults = [
        Fault(say("unknown_role", role=role), Place(path, field="columns"), did_you_mean(role, ROLES))
        for role in given
        if role not in ROLES
    ]
    faults += [
        Fault(say("no_such_column", column=column, role=role), Place(path, field="columns"), _columns_are(column, names))
        for role, column in given.items()
        if column not in names
    ]
    raise_all(faults)
    chosen = dict(given.items())
    for role in ROLES:
        if role not in chosen and (column := _guess(role, names, set(chosen.values()))):
            chosen[role] = column
    faults = [
        Fault(say(f"no_{role}_column"), Place(path), say("name_columns", names=", ".join(names[:30]), role=role))
        for role in NEEDED
        if role not in chosen
    ]
    twice = [column for column in chosen.values() if list(chosen.values()).count(column) > 1]
    if twice:
        faults.append(Fault(say("column_twice", column=twice[0]), Place(path, field="columns")))
    raise_all(faults)
    return chosen


def _columns_are(column: str, names: list[str]) -> Words:
    return did_you_mean(column, names) or say("columns_are", names=", ".join(names[:30]))


def _guess(role: str, names: list[str], taken: set[str]) -> str | None:
    by_plain: dict[str, str] = {}
    for name in names:
        if name not in taken:
            by_plain.setdefault(plain(name), name)
    return next((by_plain[plain(known)] for known in NAMES[role] if plain(known) in by_plain), None)


def _identifiers(values: pl.Series) -> pl.Series:
    """Names as text: whole numbers without a decimal point, blanks as null."""
    if values.dtype.is_float() and (values.drop_nulls() == values.drop_nulls().round()).all():
        values = values.cast(pl.Int64, strict=False)
    texts = values.cast(pl.String).str.strip_chars()
    blank = texts == ""
    return texts.set(blank, None) if blank.any() else texts


def _times(
    values: pl.Series, path: Path, zone: str, column: str, case_ids: pl.Series, findings: list[Finding]
) -> pl.Series:
    """The events' times.

    Raises:
        InputError: some cannot be read, or the column holds something else than times.
    """
    if (isinstance(values.dtype, pl.Datetime) or values.dtype == pl.Date) and impossible(values).any():
        rows = impossible(values).arg_true()
        place = Place(path, row=int(rows[0]) + 1, field=column)
        raise refuse("impossible_time", place, "unreadable_time_remedy", count=len(rows))
    if isinstance(values.dtype, pl.Datetime):
        if values.dtype.time_zone is not None:
            return values.dt.convert_time_zone("UTC").cast(UTC)
        times, moved = local_times(values, zone)
        without = values.is_not_null()
    elif values.dtype == pl.Date:
        times, moved = local_times(values, zone)
        without = values.is_not_null()
    elif values.dtype in (pl.String, pl.Categorical) or isinstance(values.dtype, pl.Enum):
        read = read_times(values.cast(pl.String), zone)
        if read.unreadable.any():
            rows = read.unreadable.arg_true()
            fills: dict[str, str | int] = {"text": str(values[rows[0]])[:60], "count": len(rows)}
            place = Place(path, row=int(rows[0]) + 1, field=column)
            raise refuse("unreadable_time_in_row", place, "unreadable_time_remedy", **fills)
        times, moved, without = read.times, read.moved, read.without_zone
    else:
        raise refuse("time_is_number", Place(path, field=column), "time_is_number_remedy")
    findings += found("missing_time_zone", int(without.sum()), case_ids.filter(without).head(50))
    findings += found("skipped_hour", int(moved.sum()), case_ids.filter(moved).head(50))
    return times


def _column(values: pl.Series, zone: str, *, typed: bool, text: bool) -> pl.Series:
    """A further column: in its own type, or in the type that all its texts fit."""
    if isinstance(values.dtype, pl.Datetime) or values.dtype == pl.Date:
        values = values.set(impossible(values), None)
    if isinstance(values.dtype, pl.Datetime):
        if values.dtype.time_zone is None:
            return local_times(values, zone)[0]
        return values.dt.convert_time_zone("UTC").cast(UTC)
    if values.dtype == pl.Date:
        return local_times(values, zone)[0]
    if values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Object, pl.Duration, pl.Time):
        return pl.Series(values.name, [None if one is None else str(one) for one in values.to_list()], dtype=pl.String)
    if values.dtype == pl.Categorical or isinstance(values.dtype, pl.Enum):
        values = values.cast(pl.String)
    if values.dtype.is_integer():
        return values.cast(pl.Int64, strict=False)
    if values.dtype.is_float() or values.dtype.is_decimal():
        return values.cast(pl.Float64).fill_nan(None)
    if typed or values.dtype != pl.String:
        return values if not text else values.cast(pl.String)
    blank = pl.lit(values).str.strip_chars().str.to_lowercase().is_in(BLANKS)
    known = pl.select(pl.when(~blank).then(pl.lit(values))).to_series()
    return known if text else _fitted(known, zone)


NUMBER = r"^\s*-?(?:0|[1-9]\d{0,17})\s*$"
DECIMAL = r"^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$"


def _fitted(texts: pl.Series, zone: str) -> pl.Series:
    """Whole numbers, decimals, yes and no, or times, where all texts are such; a number with a leading zero is a code."""
    known = texts.drop_nulls()
    if known.is_empty():
        return texts
    few = known.head(100)
    if few.str.contains(NUMBER).all() and known.str.contains(NUMBER).all():
        return texts.str.strip_chars().cast(pl.Int64)
    if few.str.contains(DECIMAL).all() and known.str.contains(DECIMAL).all():
        return texts.str.strip_chars().cast(pl.Float64)
    if few.str.to_lowercase().is_in(["true", "false"]).all() and known.str.to_lowercase().is_in(["true", "false"]).all():
        return texts.str.to_lowercase() == "true"
    if few.str.contains(r"^\s*\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}").all():
        read = read_times(texts, zone)
        if not read.unreadable.any():
            return read.times
    return texts


# --- CSV ----------------------------------------------------------------------------------------------------------------


def _in_utf8(content: bytes, path: Path) -> bytes:
    """The text in UTF-8 without a mark.

    Raises:
        InputError: it is neither UTF-8 nor UTF-16 with its mark nor GB18030.
    """
    if content.startswith(codecs.BOM_UTF8):
        content = content[3:]
    encodings = ["utf-16"] if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            continue
        if "\x00" in text:
            raise refuse("not_a_log", path, "not_a_log_remedy")
        return content if encoding == "utf-8" else text.encode("utf-8")
    raise refuse("wrong_encoding", Place(path, line), "csv_encoding_remedy", name="UTF-8")


def _table(text: bytes, path: Path) -> pl.DataFrame:
    """The rows as text.

    Raises:
        InputError: there are none, or their lengths differ.
    """
    first = text[: 2**16].decode("utf-8", "ignore").lstrip("\r\n")
    if not first.strip():
        raise refuse("empty_file", path, "no_events_remedy")
    separator = _separator(first)
    try:
        table = pl.read_csv(
            io.BytesIO(text),
            separator=separator,
            infer_schema=False,
            raise_if_empty=False,
        )
    except pl.exceptions.PolarsError:
        raise _ragged(text, path, separator) from None
    if table.width < 2:
        raise refuse("one_column", path, "one_column_remedy", head=first.splitlines()[0][:80])
    return table.rename({name: name.strip() for name in table.columns if name != name.strip()})


def _separator(head: str) -> str:
    """The one that splits the header most."""
    header = next(csv.reader(io.StringIO(head, newline=""), delimiter="\x1f"), [""])[0]
    return max(SEPARATORS, key=header.count)


def _ragged(text: bytes, path: Path, separator: str) -> InputError:
    """The first row that is longer than the header, or a fault of quotation marks."""
    rows = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=separator)
    try:
        width = len(next(rows))
        for row in rows:
            if len(row) > width:
                return refuse("long_row", Place(path, rows.line_num), "long_row_remedy", count=len(row), expected=width)
    except (csv.Error, StopIteration):
        pass
    return refuse("broken_quotes", path, "long_row_remedy")
