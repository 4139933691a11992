"""Which variable of a survey file may be which column: guesses from names and labels, for a person to confirm.

A guess is never used unseen. It is made from what the file says of itself: the variable's name, its label, and the
meanings of its codes, in English or Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import polars as pl

from canbao.workers.source import Source
from canbao.workers.vocabulary import Vocabulary, WorkerColumn

CLOSE_ENOUGH = 0.78
"""Below it two labels say different things more often than the same."""

BY_A_CHARACTER = 0.8
"""How alike Chinese words are that differ by one character at their end."""

MOST_CODES = 40


@dataclass(frozen=True)
class Guess:
    """What a variable may be.

    Args:
        variable: of the survey file.
        column: of the vocabulary; None where nothing is like it.
        values: for the codes of a variable with categories, the category that each may be; None for no answer.
    """

    variable: str
    column: str | None
    values: Mapping[str, str | None] = field(default_factory=dict)


def guesses(source: Source, vocabulary: Vocabulary) -> tuple[Guess, ...]:
    """A guess for every variable of a file; no column is guessed twice, and the surest guess has it."""
    ranked = sorted(
        (
            (-_likeness(source, variable, column), at, variable, column.name)
            for at, variable in enumerate(source.frame.columns)
            for column in vocabulary.values()
        ),
    )
    taken: dict[str, str] = {}
    for likeness, _, variable, column in ranked:
        if -likeness >= CLOSE_ENOUGH and variable not in taken and column not in taken.values():
            taken[variable] = column
    return tuple(
        Guess(one, taken.get(one), guessed_values(source, one, vocabulary[taken[one]]) if one in taken else {})
        for one in source.frame.columns
    )


def guessed_values(source: Source, variable: str, column: WorkerColumn) -> dict[str, str | None]:
    """The category that each code of a variable may mean; None where nothing is like it."""
    if not column.categories:
        return {}
    return {one: _category(source, variable, one, column) for one in codes_of(source, variable)}


def guessed_unit(source: Source, variable: str, units: Sequence[str]) -> str:
    """The unit that a variable may be in: shares that go well beyond 1 are in percent; the first one otherwise.

    Args:
        source: the file.
        variable: one of its numbers.
        units: in which it may be, that of the worker table first.
    """
    numbers = source.codes(variable).cast(pl.Float64, strict=False)
    highest = numbers.quantile(0.95)
    return "percent" if "percent" in units and units[0] == "share" and (highest or 0) > 1 else units[0]


def codes_of(source: Source, variable: str) -> list[str]:
    """The codes that occur, as a codebook writes them, in their order; no more than can be gone through by hand."""
    found = source.codes(variable).drop_nulls().unique().sort().to_list()
    return sorted(found[:MOST_CODES], key=lambda one: (not _is_number(one), float(one) if _is_number(one) else 0.0, one))


def _likeness(source: Source, variable: str, column: WorkerColumn) -> float:
    name, label = _plain(variable), _plain(source.labels.get(variable, ""))
    if name == _plain(column.name):
        return 1.0
    texts = [column.label.en, column.label.zh, column.name]
    texts += [column.question.en, column.question.zh] if column.question else []
    said = [one for one in (label, name) if len(one) > 2 or not one.isascii()]
    return max((_alike(one, _plain(text)) for one in said for text in texts), default=0.0) * 0.99


def _category(source: Source, variable: str, code: str, column: WorkerColumn) -> str | None:
    meaning = _plain(source.value_labels.get(variable, {}).get(code, code))
    likeness = {
        key: max(_alike(meaning, _plain(text)) for text in (key, label.en, label.zh))
        for key, label in column.categories.items()
    }
    best = max(likeness, key=lambda key: likeness[key])
    return best if likeness[best] >= CLOSE_ENOUGH else None


def _alike(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    short, long = sorted((one, other), key=len)
    # 男 is 男性, 是 is 是的.
    if not short.isascii() and len(long) == len(short) + 1 and long.startswith(short):
        return BY_A_CHARACTER
    # Lengths too far apart cannot be alike, and most are: the long way is for the few.
    if min(len(one), len(other)) / max(len(one), len(other)) < 0.6:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
