"""The answer to a message: accepted or not, and every error with its code, place and remedy, in both languages.

It follows the generic status message of the OECD's reporting schemas: file errors, record errors with the records'
numbers, and a result. No value of the file is repeated in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from pydantic import RootModel

from canbao.languages import LANGUAGES, Fill, Words
from canbao.located_yaml import Bilingual, Entry, read

Level = Literal["file", "record", "notice"]
Result = Literal["accepted", "partly_accepted", "rejected"]

LISTED_AT_MOST = 100_000
"""Records listed with their errors; more are counted."""

NAMESPACE = "urn:canbao:exchange:status:v1"


class Code(Entry):
    """A code of the catalogue."""

    level: Level
    what: Bilingual
    remedy: Bilingual


@cache
def codes() -> Mapping[str, Code]:
    """The catalogue of codes."""
    return read(Path(str(resources.files("canbao.exchange.messages") / "codes.yaml")), RootModel[dict[str, Code]]).root


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Which record: its row in the file (from 1) and, where it has a usable one, its number."""

    row: int
    record_id: str | None = None


@dataclass(slots=True)
class Finding:
    """One thing that is wrong, with all records that it concerns.

    Args:
        code: of the catalogue.
        column: the column or header field concerned.
        fills: what the code's sentences need beside the column.
        count: records concerned; 0 for the file as a whole.
        records: the first of them.
    """

    code: str
    column: str | None = None
    fills: dict[str, Fill] = field(default_factory=dict)
    count: int = 0
    records: list[RecordPlace] = field(default_factory=list)

    @property
    def level(self) -> Level:
        """Whether it rejects the message, leaves a record out, or changes nothing."""
        return codes()[self.code].level

    def _filled(self, entry: Bilingual) -> Words:
        fills: dict[str, Fill] = {"column": self.column or "", "count": self.count, **self.fills}
        return Words(*(entry.words[one].format(**_said(fills, one)) for one in LANGUAGES))

    @property
    def what(self) -> Words:
        """What is wrong."""
        return self._filled(codes()[self.code].what)

    @property
    def remedy(self) -> Words:
        """What to do."""
        return self._filled(codes()[self.code].remedy)


def _said(fills: Mapping[str, Fill], language: Literal["en", "zh"]) -> dict[str, str]:
    return {name: fill[language] if isinstance(fill, Words) else str(fill) for name, fill in fills.items()}


class Findings:
    """Collects what is wrong, one entry for each code and column."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str | None, str], Finding] = {}
        self.listed = 0

    def add(self, code: str, column: str | None = None, /, **fills: Fill) -> None:
        """Something about the file as a whole."""
        self._entry(code, column, fills)

    def add_records(self, code: str, column: str | None, places: Sequence[RecordPlace], /, **fills: Fill) -> None:
        """Something about records."""
        if not places:
            return
        entry = self._entry(code, column, fills)
        entry.count += len(places)
        room = max(0, LISTED_AT_MOST - self.listed)
        entry.records += places[:room]
        self.listed += min(room, len(places))

    def _entry(self, code: str, column: str | None, fills: Mapping[str, Fill]) -> Finding:
        key = (code, column, repr(sorted(fills.items(), key=lambda one: one[0])))
        return self._found.setdefault(key, Finding(code, column, dict(fills)))

    def sorted(self) -> list[Finding]:
        """All of them, by code and column."""
        return [self._found[key] for key in sorted(self._found, key=lambda one: (one[0], one[1] or "", one[2]))]

    @property
    def rejects(self) -> bool:
        """Whether anything rejects the message."""
        return any(one.level == "file" for one in self._found.values())


@dataclass(frozen=True, slots=True)
class Counts:
    """Records that were read, are accepted, and are left out."""

    read: int = 0
    accepted: int = 0
    in_error: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """The answer to one file.

    Args:
        file: its name.
        digest: SHA-256 of its content, unpacked.
        header: the message's header as text, as far as it could be read.
        result: what became of it.
        counts: its records.
        findings: what is wrong, by code.
        before: whether the same message had been received before.
    """

    file: str
    digest: str
    header: Mapping[str, str]
    result: Result
    counts: Counts
    findings: tuple[Finding, ...]
    before: bool = False

    @property
    def message_id(self) -> str | None:
        """The message's number."""
        return self.header.get("message_id")

    def of_level(self, *levels: Level) -> list[Finding]:
        """Findings of some levels."""
        return [one for one in self.findings if one.level in levels]

    def as_json(self) -> str:
        """The answer as JSON, for machines and people."""
        about = {
            "message_id": self.message_id,
            "kind": self.header.get("kind"),
            "operator": self.header.get("operator"),
            "platform": self.header.get("platform"),
            "file": self.file,
            "sha256": self.digest,
            "result": self.result,
            "records": {"read": self.counts.read, "accepted": self.counts.accepted, "in_error": self.counts.in_error},
            "file_errors": [_in_json(one) for one in self.of_level("file")],
            "record_errors": [_in_json(one) for one in self.of_level("record")],
            "notices": [_in_json(one) for one in self.of_level("notice")],
        }
        return json.dumps(about, ensure_ascii=False, indent=1) + "\n"

    def as_xml(self) -> str:
        """The answer as XML in the order of the OECD's generic status message."""
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<StatusMessage xmlns="{NAMESPACE}">']
        lines += [f"<OriginalMessageRefId>{escape(self.message_id)}</OriginalMessageRefId>"] if self.message_id else []
        lines += [
            f"<FileName>{_xml(self.file)}</FileName>",
            f"<FileDigest>{self.digest}</FileDigest>",
            "<ValidationErrors>",
        ]
        for one in self.of_level("file"):
            lines += ["<FileError>", *_code_in_xml(one), "</FileError>"]
        for one in self.of_level("record"):
            lines += ["<RecordError>", *_code_in_xml(one), *_records_in_xml(one.records), "</RecordError>"]
        lines.append("</ValidationErrors>")
        for one in self.of_level("notice"):
            lines += ["<Notice>", *_code_in_xml(one), *_records_in_xml(one.records), "</Notice>"]
        read, accepted, in_error = self.counts.read, self.counts.accepted, self.counts.in_error
        lines += [
            "<ValidationResult>",
            f"<Status>{'Rejected' if self.result == 'rejected' else 'Accepted'}</Status>",
            f'<Records read="{read}" accepted="{accepted}" inError="{in_error}"/>',
            "</ValidationResult>",
            "</StatusMessage>",
        ]
        return "\n".join(lines) + "\n"


def _in_json(one: Finding) -> dict[str, object]:
    made: dict[str, object] = {"code": one.code}
    if one.column is not None:
        made["column"] = one.column
    made["details"] = {language: one.what[language] for language in LANGUAGES}
    made["remedy"] = {language: one.remedy[language] for language in LANGUAGES}
    if one.count:
        made["count"] = one.count
        made["records"] = [
            {"row": place.row} | ({"record_id": place.record_id} if place.record_id is not None else {})
            for place in one.records
        ]
    return made


def _code_in_xml(one: Finding) -> Iterable[str]:
    yield f"<Code>{one.code}</Code>"
    for language in LANGUAGES:
        yield f'<Details xml:lang="{language}">{_xml(one.what[language])} {_xml(one.remedy[language])}</Details>'


def _records_in_xml(records: Sequence[RecordPlace]) -> Iterable[str]:
    for one in records:
        text = escape(one.record_id) if one.record_id is not None else ""
        yield f'<DocRefIDInError row="{one.row}">{text}</DocRefIDInError>'


def _xml(text: str) -> str:
    """Text without what XML cannot hold."""
    return escape("".join(character for character in text if character >= " " and character not in "\ufffe\uffff"))
