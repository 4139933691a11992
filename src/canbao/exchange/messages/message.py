"""A message is read, checked, and answered. What is accepted goes on to whoever wants it, block by block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.exchange.messages.checking import Block, Checker
from canbao.exchange.messages.files import read_file
from canbao.exchange.messages.header import Header, checked_header
from canbao.exchange.messages.maps import InputMap
from canbao.exchange.messages.receiver import OperatorRecord
from canbao.exchange.messages.repetition import Repetitions
from canbao.exchange.messages.status import Counts, Findings, RecordPlace, Result, Status, codes
from canbao.exchange.messages.unreadable import UnreadableError
from canbao.languages import Catalogue

say = Catalogue("canbao.exchange.messages", "words")

Sink = Callable[[Header, pl.DataFrame], None]
"""Takes records that are in order: the kind's columns, typed, and `row`."""

PLATFORMS_SEND = ("workers", "orders", "earnings", "yearly")


@dataclass(slots=True)
class Intake:
    """Takes in one file; a `Receiver`.

    Args:
        sink: takes the records that are in order.
        administration: the credit code of whoever may send the register; None where that is not known.
        production: whether test data are refused.
        further: checks of who keeps a store: of a header, and of records (which are wrong).
    """

    sink: Sink | None = None
    administration: str | None = None
    production: bool = False
    further: Callable[[Header, pl.DataFrame, Findings], pl.DataFrame] | None = None
    findings: Findings = field(default_factory=Findings)
    texts: Mapping[str, str] = field(default_factory=dict)
    accepted_header: Header | None = None
    operator: OperatorRecord | None = None
    checker: Checker | None = None
    repetitions: Repetitions | None = None
    read: int = 0
    accepted: int = 0
    _rows: set[int] = field(default_factory=set)

    def header(self, texts: Mapping[str, str]) -> bool:
        """See `Receiver`."""
        self.texts = texts
        if not texts:
            self.findings.add("60002")
            return False
        header = checked_header(texts, self.findings)
        if header is None:
            return False
        if header.test and self.production:
            self.findings.add("50010")
        if self.administration is not None:
            sender_is_administration = header.operator == self.administration
            if sender_is_administration != (header.kind not in PLATFORMS_SEND):
                self.findings.add("60014")
        if self.findings.rejects:
            return False
        self.accepted_header, self.checker = header, Checker(header, self.findings)
        self.repetitions = Repetitions(header.kind)
        return True

    def block(self, block: Block) -> None:
        """See `Receiver`."""
        assert self.accepted_header is not None and self.checker is not None and self.repetitions is not None
        checked = self.checker.check(block)
        self.read += checked.read
        records = checked.records
        if self._rows:
            records = records.filter(~pl.col("row").is_in(list(self._rows)))
        records = self.repetitions.first_ones(records, self.findings)
        if self.further is not None:
            records = self.further(self.accepted_header, records, self.findings)
        self.accepted += records.height
        if self.sink is not None and not self.findings.rejects and records.height:
            self.sink(self.accepted_header, records)

    def unreadable(self, error: UnreadableError) -> None:
        """See `Receiver`."""
        self.findings.add(error.code, None, **{"problem": error.problem, **error.fills})

    def operator_record(self, record: OperatorRecord) -> None:
        """See `Receiver`."""
        self.operator = record

    def found(self, code: str, record: tuple[int, str | None] | None) -> None:
        """See `Receiver`."""
        if record is None:
            self.findings.add(code)
            return
        row, record_id = record
        shown = record_id if record_id and re.fullmatch(r"[A-Za-z0-9._:/-]{1,200}", record_id) else None
        self.findings.add_records(code, None, [RecordPlace(row, shown)])
        if codes()[code].level == "record":
            self._rows.add(row)

    def finish(self, path: Path, digest: str) -> Status:
        """The answer."""
        if self.accepted_header is not None and not self.findings.rejects:
            if self.accepted_header.indicator == "nothing" and self.read:
                self.findings.add("60006")
            elif self.accepted_header.indicator != "nothing" and not self.read:
                self.findings.add("60007")
        result: Result = "accepted"
        if self.findings.rejects or (self.read and not self.accepted):
            result = "rejected"
        elif self.accepted < self.read:
            result = "partly_accepted"
        accepted = 0 if result == "rejected" else self.accepted
        counts = Counts(self.read, accepted, self.read - accepted)
        return Status(path.name, digest, dict(self.texts), result, counts, tuple(self.findings.sorted()))


def validate(
    path: Path,
    *,
    intake: Intake | None = None,
    xsd: Path | None = None,
    input_map: InputMap | None = None,
    fields: Mapping[str, str] | None = None,
) -> Status:
    """Check a message as the administration would, without any store.

    Args:
        path: the file.
        intake: how it is taken in.
        xsd: the official schema of DPI, against which XML is checked as well.
        input_map: how a table of another form is read.
        fields: of the header, where the file states none.

    Raises:
        InputError: there is no such file, or it may not be read.
    """
    intake = intake or Intake()
    if not path.is_file():
        raise InputError(Fault(say("missing_file"), Place(path)))
    try:
        digest = read_file(path, intake, input_map=input_map, fields=fields)
    except PermissionError:
        raise InputError(Fault(say("not_allowed"), Place(path))) from None
    if xsd is not None:
        from canbao.exchange.messages.dpi.official import official_faults

        for line, problem in official_faults(path, xsd):
            intake.findings.add("50007", None, line=line, problem=problem)
    return intake.finish(path, digest)
