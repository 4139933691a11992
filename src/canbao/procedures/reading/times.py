"""Times as offices write them, put into UTC.

ISO 8601 with a zone is read as it stands. A time without one is taken as the log's zone. Beside ISO there are the forms
of Chinese systems and spreadsheets: 2024/1/2 8:05, 2024.1.2, 2024年1月2日8时5分, 20240102080500, and days first or months
first (31/12/2024) where the column itself shows which.
"""

from __future__ import annotations

import datetime
import difflib
import zoneinfo
from dataclasses import dataclass

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.procedures.reading.raw import say

UTC = pl.Datetime("us", "UTC")

BLANKS = ("", "null", "nan", "na", "n/a", "nat", "none", "-", "–", "—", "/", "无", "空")
"""What stands in a table where there is no time."""

_CLOCK = r"(?:[T\s]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,9}))?秒?|分)?)?"
_ZONE = r"\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?\s*$"
_YEAR_FIRST = rf"^\s*(?P<year>\d{{4}})[-/.年](?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})日?{_CLOCK}{_ZONE}"
_YEAR_LAST = rf"^\s*(?P<first>\d{{1,2}})[-/.](?P<second>\d{{1,2}})[-/.](?P<year>\d{{4}}){_CLOCK}{_ZONE}"
_COMPACT = r"^\s*(\d{4})(\d{2})(\d{2})(?:[T\s]?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?\s*$"

_PARTS = ("year", "month", "day", "hour", "minute", "second", "fraction", "zone")


@dataclass(frozen=True, slots=True)
class ReadTimes:
    """Times of a column.

    Args:
        times: in UTC; null where the text is blank or cannot be read.
        without_zone: which of them were written without a zone.
        unreadable: which texts are neither blank nor a time.
        moved: which fall into an hour that the zone's clocks skipped.
    """

    times: pl.Series
    without_zone: pl.Series
    unreadable: pl.Series
    moved: pl.Series


FROM, UNTIL = datetime.date(1, 1, 3), datetime.date(9999, 12, 29)
"""What calendars can write, in any zone; numbers that mean a time may lie far beyond."""


def impossible(times: pl.Series) -> pl.Series:
    """Which times or days no calendar can write; told by their numbers, on which nothing can go wrong.

    Args:
        times: Datetime or Date.
    """
    kind = times.dtype
    day = 1 if kind == pl.Date else 86_400 * {"ms": 10**3, "us": 10**6, "ns": 10**9}[getattr(kind, "time_unit", "us")]
    epoch = datetime.date(1970, 1, 1).toordinal()
    low, high = ((one.toordinal() - epoch) * day for one in (FROM, UNTIL))
    number = times.to_physical().cast(pl.Int64)
    # In nanoseconds a whole number reaches from 1677 to 2262 only.
    bounds = 2**63 - 1
    return ((number < max(low, -bounds)) | (number > min(high, bounds))).fill_null(False)


def check_zone(name: str) -> str:
    """A time zone's name, if there is such a zone.

    Raises:
        InputError: there is none of that name.
    """
    known = zoneinfo.available_timezones()
    if name in known:
        return name
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    remedy = say("zone_near", name=near[0]) if near else say("zone_remedy")
    raise InputError(Fault(say("unknown_zone", name=name), Place(field="time_zone"), remedy))


def read_times(texts: pl.Series, zone: str) -> ReadTimes:
    """Texts as times.

    Args:
        texts: a column of text.
        zone: that of times that say none.
    """
    # Most columns repeat themselves little and are in one form; the slow way is for the rest.
    zoned = texts.str.to_datetime("%+", strict=False, time_unit="us", time_zone="UTC")
    left = texts.is_not_null() & zoned.is_null()
    if not left.any():
        nowhere = pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
        return ReadTimes(zoned, nowhere, nowhere, nowhere)
    local = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    rest = left & local.is_null()
    if rest.any():
        other_zoned, other_local = _of_other_forms(texts.filter(rest))
        where = rest.arg_true()
        zoned = zoned.scatter(where, other_zoned)
        local = local.scatter(where, other_local)
    placed, moved = _placed(local, zone)
    blank = texts.is_null() | texts.str.strip_chars().str.to_lowercase().is_in(BLANKS)
    times = pl.select(pl.coalesce(zoned, placed)).to_series()
    return ReadTimes(times, zoned.is_null() & local.is_not_null(), ~blank & times.is_null(), moved)


def local_times(times: pl.Series, zone: str) -> tuple[pl.Series, pl.Series]:
    """Times without a zone, taken as a zone's, in UTC; and which of them its clocks skipped."""
    return _placed(times.cast(pl.Datetime("us")), zone)


def _placed(local: pl.Series, zone: str) -> tuple[pl.Series, pl.Series]:
    """Of an hour that came twice the first is taken; one that was skipped is read by the clock of the hour before."""
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    moved = local.is_not_null() & placed.is_null()
    if moved.any():
        hour = pl.duration(hours=1)
        before = (pl.lit(local) - hour).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        placed = pl.select(pl.coalesce(placed, before.dt.convert_time_zone("UTC") + hour)).to_series()
    return placed.cast(UTC), moved


def _of_other_forms(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Texts that are not plain ISO: those with a zone in UTC, and those without as they stand."""
    frame = pl.DataFrame({"text": texts})
    parts = [_year_first(frame), _compact(frame), _year_last(frame)]
    found = pl.DataFrame({part: _first([one[part] for one in parts]) for part in _PARTS})
    number = pl.format(
        "{}-{}-{}T{}:{}:{}.{}",
        "year",
        *(pl.col(part).fill_null("00").str.pad_start(2, "0") for part in ("month", "day", "hour", "minute", "second")),
        pl.col("fraction").fill_null("0"),
    )
    local = found.select(number.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")).to_series()
    sign = pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1)
    digits = pl.col("zone").str.replace_all(r"\D", "").str.pad_end(4, "0")
    minutes = sign * (digits.str.slice(0, 2).cast(pl.Int32) * 60 + digits.str.slice(2, 2).cast(pl.Int32))
    shift = found.select(pl.duration(minutes=minutes)).to_series()
    has_zone = found["zone"].is_not_null()
    zoned = pl.select(pl.when(has_zone).then(pl.lit(local) - pl.lit(shift))).to_series().dt.replace_time_zone("UTC")
    return zoned, pl.select(pl.when(~has_zone).then(pl.lit(local))).to_series()


def _year_first(frame: pl.DataFrame) -> pl.DataFrame:
    return _groups(frame, _YEAR_FIRST, ("year", "month", "day", "hour", "minute", "second", "fraction", "zone"))


def _compact(frame: pl.DataFrame) -> pl.DataFrame:
    return _groups(frame, _COMPACT, ("year", "month", "day", "hour", "minute", "second", "zone"))


def _year_last(frame: pl.DataFrame) -> pl.DataFrame:
    """Day or month first: told by a number above twelve anywhere in the column, or by dots; else nothing is read."""
    groups = _groups(frame, _YEAR_LAST, ("first", "second_number", "year", "hour", "minute", "second", "fraction", "zone"))
    first, second = (groups[name].cast(pl.Int32).max() for name in ("first", "second_number"))
    dotted = frame["text"].str.contains(r"^\s*\d{1,2}\.\d{1,2}\.\d{4}").any()
    if isinstance(first, int) and isinstance(second, int):
        if second <= 12 and (first > 12 or dotted):
            return groups.with_columns(groups["first"].alias("day"), groups["second_number"].alias("month"))
        if first <= 12 and second > 12:
            return groups.with_columns(groups["first"].alias("month"), groups["second_number"].alias("day"))
    return _nothing(len(frame))


def _groups(frame: pl.DataFrame, pattern: str, names: tuple[str, ...]) -> pl.DataFrame:
    """A pattern's groups by these names; all parts are there, those that the pattern lacks as null."""
    struct = frame.select(pl.col("text").str.extract_groups(pattern)).to_series().struct.unnest()
    named = struct.rename(dict(zip(struct.columns, names, strict=True)))
    missing = [pl.lit(None, pl.String).alias(part) for part in _PARTS if part not in names]
    return named.with_columns(missing)


def _nothing(height: int) -> pl.DataFrame:
    blank = pl.repeat(None, height, dtype=pl.String, eager=True)
    return pl.DataFrame(dict.fromkeys(_PARTS, blank))


def _first(columns: list[pl.Series]) -> pl.Series:
    return pl.select(pl.coalesce(*columns)).to_series()
