"""A DPI message as a message of ours: header, and a record of the kind `yearly` for each person."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.description import description
from canbao.exchange.messages.dpi.quick import QuickReader, QuickSeller
from canbao.exchange.messages.dpi.rules import INDICATORS, doc_type, is_test, operator_record, seller_codes
from canbao.exchange.messages.dpi.sellers import has_other_activities, is_individual, record_of
from canbao.exchange.messages.dpi.structure import EMPTIED, Node, element_faults
from canbao.exchange.messages.files.unpacking import Stream
from canbao.exchange.messages.receiver import Receiver
from canbao.exchange.messages.unreadable import UnreadableError

RECORDS = 20_000
"""Records of a block."""

FAULTS_AT_MOST = 100
"""Faults of the structure that are reported."""


def read_dpi(stream: Stream, path: Path, receiver: Receiver) -> None:
    """Read a DPI message; see `read_file`.

    Raises:
        UnreadableError: it is not XML or not DPI.
    """
    taking = _Taking(receiver)
    for name, found in QuickReader(stream, path).elements():
        if not taking.take(name, found):
            break
    taking.finish()


class _Taking:
    """Takes elements in, in the order of the file."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.spec: Node | None = None
        self.operator: Node | None = None
        self.wanted: bool | None = None
        self.records: list[dict[str, str | None]] = []
        self.row = 1
        self.rows: list[int] = []
        self.faults = 0
        self.year, self.test = "", False

    def take(self, name: str, found: Node | QuickSeller) -> bool:
        """Take an element that has ended; whether more is wanted."""
        if isinstance(found, QuickSeller):
            return self.faults < FAULTS_AT_MOST and self._take_seller(found)
        for line, problem in element_faults(name, found):
            self._fault(line, problem)
        if name in EMPTIED:
            return True
        if self.faults >= FAULTS_AT_MOST:
            return False
        match name:
            case "MessageSpec":
                self.spec, self.year = found, _year(found)
                if found.has("CorrMessageRefId"):
                    self.receiver.found("80006", None)
            case "PlatformOperator":
                return self._take_operator(found)
            case "ReportableSeller":
                return self._take_seller(found)
        return True

    def _fault(self, line: int, problem: object) -> None:
        self.faults += 1
        if self.faults <= FAULTS_AT_MOST:
            self.receiver.unreadable(UnreadableError(problem, "50007", line=line))  # type: ignore[arg-type]

    def _take_operator(self, node: Node) -> bool:
        if self.operator is not None:
            if _code(self.operator) != _code(node):
                self.receiver.found("60016", None)
            return True
        self.operator, self.test = node, is_test(node)
        self._begin()
        return self.wanted is not False

    def _begin(self) -> None:
        """Hand the header on, once."""
        if self.wanted is None:
            texts = _header(self.spec, self.operator)
            self.wanted = self.receiver.header(texts)
            if self.wanted and self.operator is not None and doc_type(self.operator) == "OECD3":
                self.receiver.found("80009", None)
            record = operator_record(self.operator) if self.operator is not None else None
            if record is not None:
                self.receiver.operator_record(record)

    def _take_seller(self, node: Node | QuickSeller) -> bool:
        self._begin()
        if not self.wanted:
            return False
        row, self.row = self.row, self.row + 1
        for code in dict.fromkeys(seller_codes(node, self.test)):
            self.receiver.found(code, (row, node.text_of("DocSpec/DocRefId")))
        if not is_individual(node):
            self.receiver.found("60017", (row, None))
            return True
        if has_other_activities(node):
            self.receiver.found("60015", (row, None))
        self.records.append(record_of(node, self.year))
        self.rows.append(row)
        if len(self.records) >= RECORDS:
            self._hand_on()
        return True

    def _hand_on(self) -> None:
        names = list(description().columns("yearly"))
        columns = {name: [record.get(name) for record in self.records] for name in names}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
        self.receiver.block(Block(frame, self.rows[0], [], pl.Series("row", self.rows, dtype=pl.Int64)))
        self.records, self.rows = [], []

    def finish(self) -> None:
        """At the end of the file."""
        self._begin()
        if self.wanted and self.records:
            self._hand_on()


def _code(operator: Node) -> str | None:
    tins = [one.text.strip() for one in operator.every("TIN") if one.attributes.get("issuedBy", "CN") == "CN"]
    return tins[0] if tins else operator.text_of("TIN")


def _year(spec: Node | None) -> str:
    return ((spec.text_of("ReportingPeriod") if spec is not None else None) or "")[:4]


def _header(spec: Node | None, operator: Node | None) -> dict[str, str]:
    """The header as text; what the file lacks stays out."""
    spec = spec or Node("MessageSpec")
    year = _year(spec)
    time = spec.text_of("Timestamp") or ""
    made = {
        "message_id": spec.text_of("MessageRefId"),
        "kind": "yearly",
        "indicator": INDICATORS.get(spec.text_of("MessageTypeIndic") or ""),
        "operator": (_code(operator) if operator is not None else None) or spec.text_of("SendingEntityIN"),
        "platform": (operator.text_of("PlatformBusinessName") or operator.text_of("Name"))
        if operator is not None
        else None,
        "period_from": f"{year}-01-01" if year else None,
        "period_to": f"{year}-12-31" if year else None,
        "created_at": time if re.search(r"(Z|[+-]\d{2}:\d{2})$", time) else f"{time}+08:00" if time else None,
        "schema_version": description().version,
        "test": "yes" if operator is not None and is_test(operator) else None,
    }
    # Names of the schema may be longer, and hold line breaks.
    made["platform"] = " ".join((made["platform"] or made["operator"] or "").split())[:100]
    return {name: text for name, text in made.items() if text}
