"""The worker table: a survey brought into the vocabulary, corrected, completed with derived columns and checked."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place, raise_all
from canbao.languages import Catalogue
from canbao.workers.burden import with_burden
from canbao.workers.cleaning import Correction, corrected, read_corrections
from canbao.workers.codebook import Codebook
from canbao.workers.condition import code, holds
from canbao.workers.derived import with_derived
from canbao.workers.legal_access import BRANCHES, with_legal_access
from canbao.workers.mapping import Mapped, map_by_name, map_columns
from canbao.workers.source import Source, read_source
from canbao.workers.staircase import TOLD_BY_LAW
from canbao.workers.vocabulary import Vocabulary, WorkerColumn, vocabulary

say = Catalogue("canbao.workers", "faults")

RESERVED = frozenset(("of", "category", "n", "estimate", "se", "low", "high", "df", "cv", "deff", "flag", "marked"))
"""What tables of estimates call their own columns; a column of a study's own of that name would clash with them."""


@dataclass(frozen=True)
class WorkerTable:
    """One row a worker, columns from one vocabulary.

    Args:
        frame: categories as Enum, yes/no as Enum of both, sets as lists, months as dates of their first day.
        vocabulary: the common columns and the study's own.
        source: the survey file as it came.
        refused: for each column, how many answers are one of the missing codes.
        corrections: what cleaning.csv changed.
        unused: variables of the survey file that no column uses.
        given: the columns that the survey brings itself; the others follow from them.
    """

    frame: pl.DataFrame
    vocabulary: Vocabulary
    source: Source
    refused: Mapping[str, int]
    corrections: tuple[Correction, ...] = ()
    unused: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[WorkerColumn, ...]:
        """What the table has, in the order of the vocabulary."""
        return tuple(column for name, column in self.vocabulary.items() if name in self.frame.columns)

    @property
    def absent(self) -> tuple[WorkerColumn, ...]:
        """What the vocabulary knows and the table has not."""
        return tuple(column for name, column in self.vocabulary.items() if name not in self.frame.columns)

    def has(self, *names: str) -> bool:
        """Whether all these columns are there with at least one answer."""
        return all(name in self.frame.columns and self.frame[name].null_count() < self.frame.height for name in names)

    def whom(self, name: str) -> pl.Series:
        """To which respondents a question was put, by its filter in the vocabulary.

        Where the filter's columns are absent, everybody counts as asked.
        """
        when = self.vocabulary[name].when
        if not when or not set(when) <= set(self.frame.columns):
            return pl.repeat(True, self.frame.height, eager=True)
        return self.frame.select(holds(when).fill_null(False).alias("asked")).to_series()

    def answered(self, name: str) -> int:
        """How many respondents answered."""
        return self.frame.height - self.frame[name].null_count()


def read_worker_table(
    survey: Path,
    *,
    codebook: Path | None = None,
    cleaning: Path | None = None,
    encoding: str | None = None,
    fieldwork: datetime.date,
    law_date: datetime.date | None = None,
) -> WorkerTable:
    """Bring a survey file into the vocabulary.

    Args:
        survey: the data file.
        codebook: how its variables map; without one they are taken by their names.
        cleaning: cleaning.csv, where there is one.
        encoding: of the texts in the data file, where it does not say.
        fieldwork: when the interviews took place.
        law_date: the date of the law by which legal access is judged; that of the fieldwork if None.

    Raises:
        InputError: any fault in these files; all that can be found at once.
    """
    source = read_source(survey, encoding)
    corrections: tuple[Correction, ...] = ()
    if cleaning is not None and cleaning.exists():
        corrections = read_corrections(cleaning)
        source = corrected(source, corrections, cleaning)
    known = vocabulary()
    if codebook is None:
        mapped = map_by_name(source, known)
        used: set[str] = set(source.frame.columns)
        if not mapped:
            raise InputError(Fault(say("no_known_column"), Place(survey), say("write_codebook")))
    else:
        book = Codebook(codebook, known)
        raise_all([Fault(say("name_reserved", name=one), book.place(one)) for one in book.rules if one in RESERVED])
        if not book.rules:
            raise InputError(Fault(say("codebook_empty"), Place(codebook), say("write_codebook")))
        book.check_against(source)
        known = book.vocabulary
        mapped = map_columns(source, book)
        used = {variable for rule in book.rules.values() for _, variable in rule.named_variables()}
    raise_all([fault for one in mapped.values() for fault in one.faults])
    frame = _frame(mapped, known, source)
    known = known.as_offered(frame, _offered(mapped, known, frame))
    raise_all(list(_faults(frame, known, source)))
    law_date = law_date or fieldwork
    judged = with_burden(with_legal_access(frame, known, fieldwork, law_date), known, law_date)
    completed = with_derived(judged, known, fieldwork)
    # An impossible age comes from an impossible month of birth, which the survey brought.
    if "age" not in frame.columns and "age" in completed.columns:
        raise_all(list(_range_faults(completed["age"], known["age"], source)))
    return WorkerTable(
        frame=completed,
        vocabulary=known,
        source=source,
        refused={name: one.refused for name, one in mapped.items()},
        corrections=corrections,
        unused=tuple(name for name in source.frame.columns if name not in used),
        given=tuple(frame.columns),
    )


def _frame(mapped: Mapping[str, Mapped], known: Vocabulary, source: Source) -> pl.DataFrame:
    frame = pl.DataFrame([mapped[name].values.alias(name) for name in known if name in mapped])
    if "person_id" not in frame.columns:
        numbers = pl.Series("person_id", [str(row) for row in range(1, source.frame.height + 1)])
        frame = frame.insert_column(0, numbers)
    return frame


def _offered(mapped: Mapping[str, Mapped], known: Vocabulary, frame: pl.DataFrame) -> dict[str, frozenset[str]]:
    """Of columns with one answer, what could be answered; of the staircases that follow from the law, their steps."""
    single = {name: one.offered for name, one in mapped.items() if known[name].type == "category" and one.offered}
    worked_out = {f"{branch}_gap": frozenset(TOLD_BY_LAW) for branch in BRANCHES if branch != "pension"}
    return {**{name: steps for name, steps in worked_out.items() if name not in frame.columns}, **single}


def _faults(frame: pl.DataFrame, known: Vocabulary, source: Source) -> Iterator[Fault]:
    yield from _identity_faults(frame, source)
    for name in frame.columns:
        yield from _range_faults(frame[name], known[name], source)
    if "weight" in frame.columns:
        yield from _weight_faults(frame["weight"], source)
    for name in ("stratum", "cluster"):
        if name in frame.columns and (blank := frame[name].is_null()).any():
            what = say("blank_design", column=name, times=str(int(blank.sum())))
            yield Fault(what, Place(source.path, row=(blank.arg_max() or 0) + 1))


def _identity_faults(frame: pl.DataFrame, source: Source) -> Iterator[Fault]:
    ids = frame["person_id"]
    repeated = ids.is_duplicated() & ids.is_not_null()
    if repeated.any():
        first = repeated.arg_max() or 0
        rows = [row + 1 for row in (ids == ids[first]).fill_null(False).arg_true().to_list()]
        what = say(
            "duplicate_id",
            value=str(ids[first]),
            rows=", ".join(str(row) for row in rows[:5]),
            times=str(int(repeated.sum())),
        )
        yield Fault(what, Place(source.path, row=rows[1]), say("mend_duplicate"))


def _range_faults(values: pl.Series, column: WorkerColumn, source: Source) -> Iterator[Fault]:
    if column.range is None or column.name == "weight" or not column.is_numeric:
        return
    low, high = column.range
    outside = ((values < low) | (values > high)).fill_null(False)
    if outside.any():
        first = outside.arg_max() or 0
        what = say(
            "out_of_range",
            column=column.name,
            value=code(float(values[first])),
            low=code(float(low)),
            high=code(float(high)),
            times=str(int(outside.sum())),
        )
        yield Fault(what, Place(source.path, row=first + 1), say("mend_range"))


def _weight_faults(weights: pl.Series, source: Source) -> Iterator[Fault]:
    for key, bad in (("negative_weight", weights < 0), ("blank_weight", weights.is_null())):
        hits = bad.fill_null(False)
        if hits.any():
            what = say(key, times=str(int(hits.sum())))
            yield Fault(what, Place(source.path, row=(hits.arg_max() or 0) + 1), say("mend_weight"))
    if weights.drop_nulls().len() and (weights.drop_nulls() == 0).all():
        yield Fault(say("zero_weights"), Place(source.path), say("mend_weight"))
