"""Faults in what the user gave: what is wrong, where, and what to do. Never a traceback.

Every check collects its faults and raises them together, so that a file is mended in one go.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from canbao.languages import Catalogue, Language, Words, spoken_language

say = Catalogue("canbao", "errors")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault stands: a file, and in it a line and column (from 1), a data row (from 1), or a named field."""

    file: Path | str | None = None
    line: int | None = None
    column: int | None = None
    row: int | None = None
    field: str | None = None

    def text(self, language: Language) -> str:
        """`codebook.yaml:12:5`, or `survey.dta, row 6, q12`."""
        marks = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        parts = [":".join(marks)] if marks else []
        if self.row is not None:
            parts.append(say("row", row=str(self.row))[language])
        if self.field is not None:
            parts.append(self.field)
        return (", " if language == "en" else "，").join(parts)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where it is, and how to mend it."""

    what: Words
    place: Place = Place()
    remedy: Words | None = None

    def text(self, language: Language) -> str:
        """The fault in one line."""
        place = self.place.text(language)
        parts = [f"{place}: " if place else "", self.what[language]]
        if self.remedy is not None:
            parts += [" " if language == "en" else "", self.remedy[language]]
        return "".join(parts)


class InputError(Exception):
    """The user's input is at fault: one or more faults, all shown at once; exit code 2."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(*self.faults)

    def text(self, language: Language) -> str:
        """All faults, one a line."""
        return "\n".join(fault.text(language) for fault in self.faults)

    def __str__(self) -> str:
        return self.text(spoken_language())


def raise_all(faults: Sequence[Fault]) -> None:
    """Raise the faults together, if there are any."""
    if faults:
        raise InputError(faults)


def did_you_mean(name: str, known: Iterable[str]) -> Words | None:
    """A remedy that offers the nearest known name, or lists the known ones if they are few."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return say("did_you_mean", name=near[0])
    if 0 < len(names) <= 12:
        return say("one_of", names=", ".join(names))
    return None
