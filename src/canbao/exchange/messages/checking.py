"""Records are checked a block at a time, column-wise: each value by its column's type, then what must hold between them.

Input are columns of text, output are typed columns of the records that are in order, and findings. A record's check
depends on the record, its message's header and the rest of its message only, never on what was received before; so a
platform's own check finds what the administration's would.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from canbao.exchange.identity.numbers import (
    credit_code_is_valid,
    is_resident_number,
    normal_number,
    number_faults,
    region_is_known,
)
from canbao.exchange.identity.pseudonym_form import PSEUDONYM
from canbao.exchange.messages.description import Column, ColumnType, description
from canbao.exchange.messages.expected import expected
from canbao.exchange.messages.header import HOME, IDENTIFIER, Header
from canbao.exchange.messages.status import Findings, RecordPlace, codes

MOST_FEN = 10**13
"""A hundred thousand million yuan; sums of any number of records stay far below the limit of 64 bits."""

DEAR_ORDER_FEN = 1_000_000
LONG_ORDER = datetime.timedelta(days=7)
IDENTIFIERS = ("record_id", "replaces", "order_id")

_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?$"
_BEIJING = 480
"""Minutes before Greenwich; the summer times of 1986 to 1991 lie before all platforms."""

_UTC = pl.Datetime("us", "UTC")


@dataclass(slots=True)
class Block:
    """Some records as text.

    Args:
        texts: a column of text for each column of the file; blanks are null.
        first_row: the row of the first of them in the file, from 1.
        broken: rows that are no records at all.
        rows: the rows of the records, where some are broken.
    """

    texts: pl.DataFrame
    first_row: int
    broken: list[int] = field(default_factory=list)
    rows: pl.Series | None = None

    @property
    def numbers(self) -> pl.Series:
        """The row of each record."""
        if self.rows is not None:
            return self.rows.alias("row")
        return pl.Series("row", range(self.first_row, self.first_row + self.texts.height), dtype=pl.Int64)


@dataclass(slots=True)
class Checked:
    """What became of a block: the records in order with their columns typed and their row, and how many were read."""

    records: pl.DataFrame
    read: int


def storage_type(kind: ColumnType) -> pl.DataType:
    """How values of a column are held."""
    match kind:
        case "fen" | "amount" | "count":
            return pl.Int64()
        case "day":
            return pl.Date()
        case "time":
            return _UTC
        case _:
            return pl.String()


class Checker:
    """Checks the blocks of one message.

    Args:
        header: of the message.
        findings: what is wrong is added here.
    """

    def __init__(self, header: Header, findings: Findings) -> None:
        self.header = header
        self.findings = findings
        self.columns = description().columns(header.kind)
        self._looked = False

    def check(self, block: Block) -> Checked:
        """The block's records that are in order."""
        self._look_at_columns(block.texts.columns)
        read = block.texts.height + len(block.broken)
        self.findings.add_records("60011", None, [RecordPlace(row) for row in block.broken])
        if block.texts.height == 0:
            return Checked(self._typed(block).clear().select("row", *self.columns), read)
        typed = self._typed(block)
        masks = typed.lazy().select(_named(self._faults())).collect()
        wrong = self._report(typed, masks)
        return Checked(typed.filter(~wrong).select("row", *self.columns), read)

    def _look_at_columns(self, present: list[str]) -> None:
        """Once for each message: columns that are missing or not known."""
        if self._looked:
            return
        self._looked = True
        for name in present:
            # A header row is text of the sender: only what looks like a name is repeated.
            if name not in self.columns and name not in ("row",):
                self.findings.add("60005", name if _is_name(name) else "?")
        for name, column in self.columns.items():
            if name not in present and (column.needed in ("always", "unless_deleted") or name == "replaces"):
                if name == "replaces" and self.header.indicator == "new":
                    continue
                if column.needed == "unless_deleted" and self.header.indicator == "corrections":
                    continue  # a message of deletions only
                self.findings.add("60004", name)

    def _typed(self, block: Block) -> pl.DataFrame:
        """All columns of the kind: their texts, hidden under `text:`, and their values, null where they are wrong."""
        made = []
        for name, column in self.columns.items():
            text = _text(name, column) if name in block.texts.columns else pl.lit(None, pl.String)
            made.append(text.alias(f"text:{name}"))
        texts = block.texts.lazy().with_columns(made).select(f"text:{name}" for name in self.columns)
        values = [_value(pl.col(f"text:{name}"), column).alias(name) for name, column in self.columns.items()]
        return texts.with_columns(values).collect().with_columns(block.numbers)

    def _faults(self) -> Iterator[tuple[str, str | None, pl.Expr]]:
        """Code, column and which records are concerned."""
        for name, column in self.columns.items():
            yield from self._of_column(name, column)
        yield from self._of_links()
        yield from _BETWEEN[self.header.kind](self.header)

    def _of_column(self, name: str, column: Column) -> Iterator[tuple[str, str | None, pl.Expr]]:
        text, value = pl.col(f"text:{name}"), pl.col(name)
        if name not in IDENTIFIERS[:2]:
            needed = _needed(column, self.header.kind)
            if needed is not None:
                code = {"indirect": "64001", "completed": "62004"}.get(column.needed, "60012")
                yield code, None if code == "64001" else name, needed & text.is_null()
        wrong = text.is_not_null() & value.is_null()
        match column.type:
            case "pseudonym":
                yield "61008", name, wrong
            case "credit_code":
                yield "61009", name, wrong
            case "fen" | "amount" | "count":
                yield "60013", name, wrong
                yield "63001", name, value < 0
                yield "63004", name, value > MOST_FEN
            case "identity_number":
                kind = pl.col("identity_type").fill_null("other")
                made = pl.lit(_day_of(self.header.created_at))
                day = pl.coalesce(pl.col("registered_on"), made) if "registered_on" in self.columns else made
                for code, mask in number_faults(kind, value, day).items():
                    yield code, None, value.is_not_null() & pl.col("identity_type").is_not_null() & mask
                yield "60012", "identity_type", value.is_not_null() & pl.col("identity_type").is_null()
            case _ if name == "record_id":
                yield "80001", None, value.is_null()
            case _:
                yield "60013", name, wrong
        if name in IDENTIFIERS:
            yield "61010", name, is_resident_number(pl.col(name)).fill_null(False)

    def _of_links(self) -> Iterator[tuple[str, str | None, pl.Expr]]:
        """Actions, and what they name."""
        new, named = pl.col("action") == "new", pl.col("text:replaces").is_not_null()
        changes = pl.col("action").is_in(["correct", "delete"])
        yield "80004", None, new & named
        yield "80005", None, changes & ~named
        yield "80010", None, changes if self.header.indicator == "new" else new
        yield "80003", None, changes & (pl.col("replaces") == pl.col("record_id"))

    def _report(self, typed: pl.DataFrame, masks: pl.DataFrame) -> pl.Series:
        """Add what was found; which records are to be left out."""
        wrong = pl.repeat(False, typed.height, dtype=pl.Boolean, eager=True)
        for name in masks.columns:
            mask = masks[name].fill_null(False)
            if not mask.any():
                continue
            code, _, column = name.partition("|")
            column = column.split("|")[0]
            fills = {"expected": expected(self.columns[column])} if code == "60013" else {}
            self.findings.add_records(code, column or None, places(typed, mask), **fills)
            if codes()[code].level == "record":
                wrong = wrong | mask
        return wrong


def places(typed: pl.DataFrame, mask: pl.Series) -> list[RecordPlace]:
    """Where records stand; a record's number is named only where it is fit to be."""
    shown = pl.col("record_id").is_not_null() & ~is_resident_number(pl.col("record_id"))
    kept = typed.filter(mask).select("row", pl.when(shown).then(pl.col("record_id")))
    return [RecordPlace(row, record_id) for row, record_id in kept.iter_rows()]


def _named(faults: Iterator[tuple[str, str | None, pl.Expr]]) -> list[pl.Expr]:
    return [mask.alias(f"{code}|{column or ''}|{at}") for at, (code, column, mask) in enumerate(faults)]


def _is_name(name: str) -> bool:
    return len(name) <= 60 and name.isprintable() and sum(one.isdigit() for one in name) < 8


def _needed(column: Column, kind: str) -> pl.Expr | None:
    """In which records a column must be there; None if in none."""
    kept = pl.col("text:action").fill_null("") != "delete"
    match column.needed:
        case "always":
            return pl.lit(True)
        case "unless_deleted":
            return kept
        case "enrolment":
            return pl.col("text:action").fill_null("") == "new"
        case "indirect":
            return kept & pl.col("relation").is_in(["station", "outsourced"])
        case "either":
            return kept & pl.col("text:identity_number").is_null()
        case "completed" if kind == "orders":
            return kept & (pl.col("status") == "completed")
    return None


# --- values -------------------------------------------------------------------------------------------------------------


def _text(name: str, column: Column) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    if column.type in ("identity_number", "credit_code"):
        text = normal_number(text)
    return pl.when(text != "").then(text)


def _value(text: pl.Expr, column: Column) -> pl.Expr:
    """The value of a text, null where it has not the form of the column's type."""
    match column.type:
        case "choice":
            return _where(text.is_in(list(column.choices)), text)
        case "day":
            return _day(text)
        case "month":
            return _where(text.str.contains(r"^(?:19[89]|20\d|21\d)\d-(?:0[1-9]|1[0-2])$"), text)
        case "time":
            return _time(text)
        case "fen" | "amount" | "count":
            return _where(text.str.contains(r"^-?[0-9]{1,18}$"), text).cast(pl.Int64, strict=False)
        case "region":
            return _where(region_is_known(text), text)
        case "credit_code":
            return _where(credit_code_is_valid(text), text)
        case "pseudonym":
            return _where(text.str.contains(PSEUDONYM), text)
        case "identity_number":
            return text
    fits = (text.str.len_chars() <= (column.longest or 200)) & ~text.str.contains(r"\p{Cc}")
    if column.type == "identifier":
        fits = fits & text.str.contains(IDENTIFIER)
    return _where(fits, text)


def _where(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(value)


def _day(text: pl.Expr) -> pl.Expr:
    day = _where(text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), text).str.to_date("%Y-%m-%d", strict=False)
    return _where(day.dt.year().is_between(1980, 2200), day)


def _time(text: pl.Expr) -> pl.Expr:
    """In UTC; a time without a zone is Beijing's."""
    return text.map_batches(_read_times, return_dtype=_UTC, is_elementwise=True)


def _read_times(texts: pl.Series) -> pl.Series:
    """Step by step, each once: polars would find the same parts again for each use."""
    text = pl.col("text")
    return (
        pl.DataFrame({"text": texts})
        .select(_where(text.str.contains(_TIME), text))
        .select(
            minute=pl.concat_str([text.str.slice(0, 10), text.str.slice(11, 5)], separator="T").str.to_datetime(
                "%Y-%m-%dT%H:%M", strict=False, time_unit="us"
            ),
            second=text.str.extract(r"^.{16}:([0-9]{2})").cast(pl.Int64, strict=False).fill_null(0),
            micros=text.str.extract(r"\.([0-9]{1,6})").str.pad_end(6, "0").cast(pl.Int64, strict=False).fill_null(0),
            zone=text.str.extract(r"([Zz]|[+-][0-9]{2}:?[0-9]{2})$").str.replace(":", "", literal=True),
        )
        .with_columns(hours=pl.col("zone").str.slice(0, 3), minutes=pl.col("zone").str.slice(3, 2))
        .with_columns(pl.col("hours", "minutes").cast(pl.Int64, strict=False))
        .with_columns(
            offset=pl.when(pl.col("zone").is_null())
            .then(_BEIJING)
            .when(pl.col("zone").is_in(["Z", "z"]))
            .then(0)
            .when((pl.col("hours").abs() <= 14) & (pl.col("minutes") < 60))
            .then(
                pl.col("hours") * 60
                + pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1) * pl.col("minutes")
            )
        )
        .select(
            _where(
                (pl.col("second") < 60) & pl.col("minute").dt.year().is_between(1980, 2200),
                pl.col("minute")
                + pl.duration(seconds=pl.col("second") - pl.col("offset") * 60, microseconds="micros", time_unit="us"),
            )
            .dt.replace_time_zone("UTC")
            .alias(texts.name)
        )
        .to_series()
    )


# --- between columns ------------------------------------------------------------------------------------------------------


_Faults = Iterator[tuple[str, str | None, pl.Expr]]


def _of_workers(header: Header) -> _Faults:
    yield "62005", None, pl.col("registered_on") > _day_of(header.created_at)


def _of_orders(header: Header) -> _Faults:
    accepted, completed = pl.col("accepted_at"), pl.col("completed_at")
    yield "62001", None, completed < accepted
    yield "62002", None, completed - accepted > LONG_ORDER
    day = accepted.dt.convert_time_zone("Asia/Shanghai").dt.date()
    yield "62003", None, ~day.is_between(header.period_from, header.period_to)
    yield "62005", None, (accepted > header.created_at) | (completed > header.created_at)
    yield "63003", None, pl.col("pay_fen") > DEAR_ORDER_FEN


def _of_earnings(header: Header) -> _Faults:
    net = pl.col("gross_fen") - pl.col("refunds_fen") - pl.col("fees_fen")
    within = [pl.col(name).is_between(0, MOST_FEN) for name in ("gross_fen", "refunds_fen", "fees_fen")]
    yield "63002", None, pl.all_horizontal(within) & (pl.col("net_fen") >= 0) & (pl.col("net_fen") != net)
    first, last = (pl.lit(day.strftime("%Y-%m")) for day in (header.period_from, header.period_to))
    yield "62003", None, ~pl.col("month").is_between(first, last)


def _of_register(_header: Header) -> _Faults:
    yield "62006", None, pl.col("until") < pl.col("since")


def _of_yearly(header: Header) -> _Faults:
    yield "62003", None, ~pl.col("year").is_between(header.period_from.year, header.period_to.year)


def _day_of(time: datetime.datetime) -> datetime.date:
    return time.astimezone(HOME).date()


_BETWEEN: Mapping[str, Callable[[Header], _Faults]] = {
    "workers": _of_workers,
    "orders": _of_orders,
    "earnings": _of_earnings,
    "register": _of_register,
    "yearly": _of_yearly,
}
