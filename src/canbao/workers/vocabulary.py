"""The vocabulary: which columns a worker table can have, what they mean and what they are called in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import polars as pl
from pydantic import RootModel

from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.languages import Catalogue, Form, Words
from canbao.located_yaml import Bilingual, Entry, read
from canbao.workers.condition import Condition, Part, Span, code, values

say = Catalogue("canbao.workers", "faults")

ColumnType = Literal["category", "yes_no", "set", "integer", "number", "share", "money", "month", "text"]

YES_NO: Mapping[str, Words] = {"yes": Words("Yes", "是"), "no": Words("No", "否")}


class ColumnEntry(Entry):
    """A column as the vocabulary file, or a study's codebook for its extra columns, describes it."""

    label: Bilingual
    type: ColumnType
    unit: str | None = None
    range: tuple[float, float] | None = None
    question: Bilingual | None = None
    when: Condition | None = None
    standard: Bilingual | str | None = None
    derived: bool = False
    categories: dict[str, Bilingual] | None = None


@dataclass(frozen=True, slots=True)
class WorkerColumn:
    """One column of the worker table.

    Args:
        name: as files, the command line and the API write it.
        when: whom a questionnaire asks; None for everybody.
        categories: keys with labels, in order; those of yes/no columns are `yes` and `no`.
        unit: of numbers, as the table holds them.
        derived: computed from other columns where a survey does not bring it.
        extra: the study's own, not in the common vocabulary.
        unasked: categories that no answer of this survey could fall into, so that a share of 0 says nothing.
    """

    name: str
    label: Words
    type: ColumnType
    categories: Mapping[str, Words]
    unit: str | None = None
    range: tuple[float, float] | None = None
    question: Words | None = None
    when: Condition | None = None
    standard: Words | None = None
    derived: bool = False
    extra: bool = False
    unasked: frozenset[str] = frozenset()

    @property
    def is_categorical(self) -> bool:
        """Each worker is in one of its categories."""
        return self.type in ("category", "yes_no")

    @property
    def is_numeric(self) -> bool:
        """It can be averaged and added up."""
        return self.type in ("integer", "number", "share", "money")

    @property
    def dtype(self) -> pl.DataType:
        """How the worker table stores it."""
        match self.type:
            case "category" | "yes_no":
                return pl.Enum(list(self.categories))
            case "set":
                return pl.List(pl.Enum(list(self.categories)))
            case "integer":
                return pl.Int64()
            case "number" | "share" | "money":
                return pl.Float64()
            case "month":
                return pl.Date()
            case "text":
                return pl.String()

    @property
    def form(self) -> Form:
        """How a mean of it is printed."""
        return {"money": "count", "share": "percent"}.get(self.type, "decimal")  # type: ignore[return-value]


class Vocabulary(Mapping[str, WorkerColumn]):
    """All columns that a worker table can have, by name and in the order of the file."""

    def __init__(self, columns: Mapping[str, WorkerColumn]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> WorkerColumn:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def find(self, name: str, place: Place | None = None) -> WorkerColumn:
        """The column of that name.

        Raises:
            InputError: there is none; the nearest name is offered.
        """
        if name not in self._columns:
            raise InputError(Fault(say("unknown_word", name=name), place or Place(), did_you_mean(name, self)))
        return self._columns[name]

    def with_extra(self, entries: Mapping[str, ColumnEntry]) -> Vocabulary:
        """The vocabulary with a study's own columns added behind the common ones."""
        extra = {name: worker_column(name, entry, extra=True) for name, entry in entries.items()}
        return Vocabulary({**self._columns, **extra})

    def as_offered(self, frame: pl.DataFrame, offered: Mapping[str, frozenset[str]] = MappingProxyType({})) -> Vocabulary:
        """The vocabulary with those answers only that a survey offered, where several may be marked.

        Of the others the categories stay, and those that no answer could fall into are marked as not asked.

        Args:
            frame: the worker table; the types of its columns say what was offered where several may be marked.
            offered: of columns with one answer, the categories that were offered, where that is known.
        """
        columns = {name: _as_offered(column, frame.schema.get(name)) for name, column in self._columns.items()}
        for name, categories in offered.items():
            columns[name] = replace(columns[name], unasked=frozenset(columns[name].categories) - categories)
        return Vocabulary(columns)


def _as_offered(column: WorkerColumn, dtype: pl.DataType | None) -> WorkerColumn:
    if column.type != "set" or not isinstance(dtype, pl.List) or not isinstance(dtype.inner, pl.Enum):
        return column
    return replace(column, categories={category: column.categories[category] for category in dtype.inner.categories})


def _standard(entry: ColumnEntry) -> Words | None:
    if isinstance(entry.standard, Bilingual):
        return entry.standard.words
    return Words.same(entry.standard) if entry.standard is not None else None


def worker_column(name: str, entry: ColumnEntry, *, extra: bool = False) -> WorkerColumn:
    """A column from its entry in a file."""
    categories = {key: label.words for key, label in (entry.categories or {}).items()}
    if entry.type == "yes_no":
        categories = {**YES_NO, **categories}
    return WorkerColumn(
        name=name,
        label=entry.label.words,
        type=entry.type,
        categories=categories,
        unit=entry.unit,
        range=entry.range,
        question=entry.question.words if entry.question else None,
        when=entry.when,
        standard=_standard(entry),
        derived=entry.derived,
        extra=extra,
    )


def description_faults(
    name: str, entry: ColumnEntry, known: Mapping[str, WorkerColumn], place: Callable[..., Place]
) -> Iterator[Fault]:
    """What is impossible in the description of a column.

    Args:
        name: of the column.
        entry: its description.
        known: the columns by which its question may be filtered.
        place: where something in the entry stands.
    """
    if entry.range is not None and not entry.range[0] <= entry.range[1]:
        low, high = (code(limit) for limit in entry.range)
        yield Fault(
            say("range_reversed", name=name, low=low, high=high),
            place("range"),
            say("mend_range_order", low=high, high=low),
        )
    if entry.type in ("category", "set") and not entry.categories:
        where = place("type" if entry.categories is None else "categories")
        yield Fault(say("no_categories", name=name, type=entry.type), where, say("list_categories"))
    if entry.categories and entry.type not in ("category", "yes_no", "set"):
        yield Fault(
            say("needless_categories", name=name, type=entry.type), place("categories"), say("choose_category_type")
        )
    for other, part in (entry.when or {}).items():
        yield from _filter_faults(other, part, known, place("when", other))


def _filter_faults(name: str, part: Part, known: Mapping[str, WorkerColumn], place: Place) -> Iterator[Fault]:
    column = known.get(name)
    if column is None:
        yield Fault(say("unknown_column", name=name), place, did_you_mean(name, known))
    elif column.type == "set":
        yield Fault(say("filter_by_set", column=name), place, say("filter_by_one_answer"))
    elif isinstance(part, Span):
        if not column.is_numeric:
            yield Fault(say("filter_by_span", column=name), place, say("name_its_values"))
    elif column.categories:
        for category in values(part):
            if category not in column.categories:
                what = say("unknown_category", category=category, column=name)
                yield Fault(what, place, did_you_mean(category, column.categories))


@cache
def vocabulary() -> Vocabulary:
    """The common vocabulary, read from vocabulary.yaml beside this module."""
    with resources.as_file(resources.files("canbao.workers") / "vocabulary.yaml") as path:
        entries = read(Path(path), RootModel[dict[str, ColumnEntry]]).root
    return Vocabulary({name: worker_column(name, entry) for name, entry in entries.items()})
