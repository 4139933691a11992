"""Writing messages: CSV, NDJSON, Parquet, and yearly reports as DPI XML. The same message gives the same bytes."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.exchange.messages.checking import storage_type
from canbao.exchange.messages.description import description
from canbao.exchange.messages.dpi.sellers import seller_of
from canbao.exchange.messages.dpi.structure import Node
from canbao.exchange.messages.dpi.writing import write_dpi
from canbao.exchange.messages.files.parquet import METADATA
from canbao.exchange.messages.header import HOME, Header
from canbao.languages import Catalogue
from canbao.outputs import whole_file

say = Catalogue("canbao.exchange.messages", "words")


def write_message(path: Path, header: Header, records: pl.DataFrame) -> None:
    """Write a message; the name tells the form: .csv, .ndjson, .parquet, .xml.

    Args:
        path: the file.
        header: of the message.
        records: columns of the kind, typed or as text; those that are not there are left out.

    Raises:
        InputError: the name tells no form, the form cannot hold the kind, or the file cannot be written.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError(Fault(say("no_form"), Place(path), say("forms_are", names=", ".join(_WRITERS))))
    columns = [name for name in description().columns(header.kind) if name in records.columns]
    writer(path, header, records.select(columns))


def empty_records(kind: str) -> pl.DataFrame:
    """No records of a kind, typed."""
    return pl.DataFrame(schema={name: storage_type(column.type) for name, column in description().columns(kind).items()})


def _texts(records: pl.DataFrame) -> pl.DataFrame:
    """Times in Beijing's zone; all else as it is printed."""
    made = []
    for name, kind in records.schema.items():
        if isinstance(kind, pl.Datetime):
            local = pl.col(name).dt.convert_time_zone("Asia/Shanghai")
            made.append(local.dt.to_string("%Y-%m-%dT%H:%M:%S%.f+08:00").alias(name))
    return records.with_columns(made)


def _write_csv(path: Path, header: Header, records: pl.DataFrame) -> None:
    with whole_file(path) as scratch, scratch.open("wb") as file:
        lines = [f"# {name}: {text}\n" for name, text in header.as_texts().items()]
        file.write("".join(lines).encode("utf-8"))
        _texts(records).write_csv(file)


def _write_lines(path: Path, header: Header, records: pl.DataFrame) -> None:
    with whole_file(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps({"header": header.as_texts()}, ensure_ascii=False) + "\n")
        for row in _texts(records).iter_rows(named=True):
            kept = {name: _plain(value) for name, value in row.items() if value is not None}
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime.date) else value


def _write_parquet(path: Path, header: Header, records: pl.DataFrame) -> None:
    about = json.dumps(header.as_texts(), ensure_ascii=False)
    with whole_file(path) as scratch:
        records.write_parquet(scratch, compression="zstd", metadata={METADATA: about})


def _write_xml(path: Path, header: Header, records: pl.DataFrame) -> None:
    if header.kind != "yearly":
        raise InputError(Fault(say("xml_is_yearly"), Place(path)))
    without = records.filter(pl.col("worker").is_null() & (pl.col("action") != "delete")) if records.height else records
    if without.height:
        raise InputError(Fault(say("xml_needs_pseudonyms"), Place(path)))
    sellers = (seller_of(row, test=header.test) for row in records.iter_rows(named=True))
    bodies = [] if header.indicator == "nothing" else [([_operator(header)], sellers)]
    write_dpi(path, _message_spec(header), bodies)


_INDICATORS = {"new": "DPI401", "corrections": "DPI402", "nothing": "DPI403"}


def _message_spec(header: Header) -> Node:
    texts: Mapping[str, str] = {
        "SendingEntityIN": header.operator,
        "TransmittingCountry": "CN",
        "ReceivingCountry": "CN",
        "MessageType": "DPI",
        "MessageRefId": header.message_id,
        "MessageTypeIndic": _INDICATORS[header.indicator],
        "ReportingPeriod": header.period_to.isoformat(),
        "Timestamp": header.created_at.astimezone(HOME).isoformat(timespec="seconds"),
    }
    return Node("MessageSpec", {}, "", [Node(name, {}, text) for name, text in texts.items()])


def _operator(header: Header) -> Node:
    """The operator, new with new records and resent with corrections; its address is that of its code in the register."""
    address = Node("Address", {}, "", [Node("CountryCode", {}, "CN"), Node("AddressFree", {}, header.operator)])
    kind = f"OECD{'1' if header.test else ''}{'1' if header.indicator == 'new' else '0'}"
    # One record a year, so that corrections send again what has been sent.
    spec = [Node("DocTypeIndic", {}, kind), Node("DocRefId", {}, f"{header.operator}:{header.period_to.year}")]
    children = [
        Node("ResCountryCode", {}, "CN"),
        Node("TIN", {"issuedBy": "CN"}, header.operator),
        Node("Name", {}, header.platform),
        Node("PlatformBusinessName", {}, header.platform),
        address,
        Node("DocSpec", {}, "", spec),
    ]
    return Node("PlatformOperator", {}, "", children)


_WRITERS: Mapping[str, Callable[[Path, Header, pl.DataFrame], None]] = {
    ".csv": _write_csv,
    ".ndjson": _write_lines,
    ".parquet": _write_parquet,
    ".xml": _write_xml,
}
