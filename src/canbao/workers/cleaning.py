"""cleaning.csv: every correction made to a survey's data, applied on reading and listed in the report's annex."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.workers.condition import code
from canbao.workers.source import Source, read_source

say = Catalogue("canbao.workers", "faults")

HEADER = ("row", "column", "from", "to", "why", "by")


@dataclass(frozen=True, slots=True)
class Correction:
    """One corrected value.

    Args:
        row: the respondent, counted from 1 in the order of the survey file.
        column: the source variable.
        before: what the file says, as a check that the right value is corrected; empty for blank.
        after: what it should say; empty for blank.
        why: the ground for it.
        by: who decided.
        line: where it stands in cleaning.csv.
    """

    row: int
    column: str
    before: str
    after: str
    why: str
    by: str
    line: int


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """The corrections of a study.

    Raises:
        InputError: another header, a row that is no number, or a correction without reason or author.
    """
    frame = read_source(path).frame if _has_rows(path) else pl.DataFrame(schema=dict.fromkeys(HEADER, pl.String))
    missing = [name for name in HEADER if name not in frame.columns]
    raise_all([Fault(say("cleaning_header", name=name, header=",".join(HEADER)), Place(path, 1)) for name in missing])
    corrections = []
    faults: list[Fault] = []
    for line, cells in enumerate(frame.select(HEADER).iter_rows(), start=2):
        texts = [(cell or "").strip() for cell in cells]
        if not texts[0].isdigit() or texts[0] == "0":
            faults.append(Fault(say("cleaning_row", value=texts[0]), Place(path, line)))
        for name, text in zip(("column", "why", "by"), (texts[1], texts[4], texts[5]), strict=True):
            if not text:
                faults.append(Fault(say("cleaning_blank", name=name), Place(path, line)))
        row = int(texts[0]) if texts[0].isdigit() else 0
        corrections.append(Correction(row, texts[1], texts[2], texts[3], texts[4], texts[5], line))
    raise_all([*faults, *_contradictions(corrections, path)])
    return tuple(corrections)


def _contradictions(corrections: Sequence[Correction], path: Path) -> Iterator[Fault]:
    """Corrections that give a value which an earlier one corrects otherwise."""
    first: dict[tuple[int, str], Correction] = {}
    for one in corrections:
        other = first.setdefault((one.row, one.column), one)
        if other.after != one.after:
            what = say("cleaning_twice", row=str(one.row), column=one.column, after=one.after, other=other.after)
            yield Fault(what, Place(path, one.line), say("cleaning_keep_one", line=str(other.line)))


def _has_rows(path: Path) -> bool:
    return len([line for line in path.read_bytes().splitlines() if line.strip(b" ,\xef\xbb\xbf")]) > 1


def corrected(source: Source, corrections: tuple[Correction, ...], path: Path) -> Source:
    """The survey with its corrections applied.

    Raises:
        InputError: a row or variable that is not there, or a value that is not what the correction says it was.
    """
    raise_all([fault for correction in corrections for fault in _faults(source, correction, path)])
    frame = source.frame
    for column in dict.fromkeys(correction.column for correction in corrections):
        frame = frame.with_columns(_corrected_column(frame[column], [one for one in corrections if one.column == column]))
    return replace(source, frame=frame)


def _faults(source: Source, correction: Correction, path: Path) -> Iterator[Fault]:
    place = Place(path, correction.line)
    if correction.column not in source.frame.columns:
        remedy = did_you_mean(correction.column, source.frame.columns)
        yield Fault(say("unknown_variable", variable=correction.column, file=source.path.name), place, remedy)
    elif correction.row > source.frame.height:
        yield Fault(say("cleaning_beyond", row=str(correction.row), rows=str(source.frame.height)), place)
    else:
        series = source.frame[correction.column]
        found = series[correction.row - 1]
        if code("" if found is None else found) != code(correction.before):
            shown = "" if found is None else code(found)
            yield Fault(say("cleaning_mismatch", expected=correction.before, found=shown), place)
        elif correction.after and pl.Series([correction.after]).cast(series.dtype, strict=False).is_null()[0]:
            yield Fault(say("cleaning_type", value=correction.after, column=correction.column), place)


def _corrected_column(series: pl.Series, corrections: list[Correction]) -> pl.Series:
    rows = [correction.row - 1 for correction in corrections]
    after = pl.Series([correction.after or None for correction in corrections], dtype=pl.String)
    return series.scatter(rows, after.cast(series.dtype))
