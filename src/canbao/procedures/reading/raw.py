"""What a reader hands on: the events and cases of a file as it has them, before anything is left out or put in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.procedures.event_log import Finding, ObjectTables

say = Catalogue("canbao.procedures.reading", "words")

EXAMPLES = 5
"""How many cases a finding names at most."""

COLUMNS_AT_MOST = 1_000
CELLS_AT_MOST = 400_000_000
"""Events times attributes; more would not fit into the memory of an office's machine."""


class ByteSource(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes or fewer; all that are left if the size is negative; none at the end."""
        ...


@dataclass(slots=True)
class RawLog:
    """A file's events and cases.

    Args:
        path: the file, for messages.
        events: `case_id` (text), `activity` (text), `time` (UTC) and further columns, a row an event in the file's order;
            any of the three may be null, and none of the texts is blank.
        cases: `case_id` and attributes of cases, a row a case, where the file has them. Ids may repeat.
        findings: what reading found.
        objects: the object-centric tables, where the file is object-centric.
        time_zone: the zone in whose days time limits are counted, where the file says.
        synthetic: whether the file says that it was made rather than recorded.
    """

    path: Path
    events: pl.DataFrame
    cases: pl.DataFrame | None = None
    findings: list[Finding] = field(default_factory=list)
    objects: ObjectTables | None = None
    time_zone: str | None = None
    synthetic: bool = False


def without_blanks(texts: pl.Series) -> pl.Series:
    """Texts, null where there are only blanks."""
    blank = texts.str.strip_chars() == ""
    return texts.set(blank, None) if blank.any() else texts


def found(kind: str, count: int, examples: Iterable[object] = ()) -> list[Finding]:
    """A finding, if there is anything to report."""
    if count == 0:
        return []
    named = tuple(dict.fromkeys(str(one) for one in examples if one is not None))[:EXAMPLES]
    return [Finding(kind, count, named)]


def refuse(key: str, place: Path | Place, remedy: str | None = None, **fills: str | int) -> InputError:
    """One fault as an error to raise: `key` and `remedy` name sentences of the catalogue."""
    where = place if isinstance(place, Place) else Place(place)
    return InputError(Fault(say(key, **fills), where, say(remedy, **fills) if remedy else None))


def refuse_too_wide(path: Path, columns: int, events: int) -> None:
    """Refuse a file whose attributes would fill the memory.

    Raises:
        InputError: too many different attributes, or too many for so many events.
    """
    if columns > COLUMNS_AT_MOST or columns * events > CELLS_AT_MOST:
        raise refuse("too_many_attributes", path, "too_many_attributes_remedy", count=columns, events=events)
