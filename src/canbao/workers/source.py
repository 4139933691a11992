"""Survey files as they came: Stata, SPSS, SAS, CSV, Excel and Parquet, with the labels that they carry."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.workers.condition import code

say = Catalogue("canbao.workers", "faults")


@dataclass(frozen=True)
class Source:
    """A survey file: one row a respondent, one column a variable, values as the file codes them.

    Args:
        path: the file, for messages.
        frame: the variables; those of CSV and Excel files are text.
        labels: what a variable is about, where the file says so.
        value_labels: for a variable, what its codes mean; codes as `code()` writes them.
    """

    path: Path
    frame: pl.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def codes(self, variable: str) -> pl.Series:
        """A variable's values as text that can be compared; blank is null."""
        series = self.frame[variable]
        if series.dtype.is_integer():
            return series.cast(pl.String)
        known = series.unique().drop_nulls()
        written = [code(value) or None for value in known.to_list()]
        if not written:
            return pl.Series(variable, [None] * len(series), dtype=pl.String)
        return series.replace_strict(known, pl.Series(written, dtype=pl.String), default=None)

    def labelled_codes(self, variable: str, label: str) -> set[str]:
        """The codes of a variable that carry this label."""
        return {key for key, text in self.value_labels.get(variable, {}).items() if text.strip() == label.strip()}


def read_source(path: Path, encoding: str | None = None) -> Source:
    """Read a survey file by its suffix.

    Args:
        path: .dta, .sav, .zsav, .por, .sas7bdat, .xpt, .csv, .tsv, .txt, .xlsx, .xls, .ods or .parquet.
        encoding: of its texts, where the file does not say or says it wrongly; CSV in UTF-8 or GB18030 needs none.

    Raises:
        InputError: missing, of an unknown kind, damaged, in another encoding, or without rows.
    """
    if not path.exists():
        near = did_you_mean(path.name, (other.name for other in path.parent.glob("*") if other.is_file()))
        raise InputError(Fault(say("no_data_file"), Place(path), near))
    if path.is_dir():
        raise InputError(Fault(say("data_is_folder"), Place(path)))
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(Fault(say("unknown_kind", known=", ".join(_READERS)), Place(path)))
    try:
        source = reader(path, encoding)
    except PermissionError:
        raise InputError(Fault(say("data_not_readable"), Place(path))) from None
    if source.frame.height == 0:
        raise InputError(Fault(say("no_rows"), Place(path)))
    return source


def _read_labelled(read: Callable[..., Any]) -> Callable[[Path, str | None], Source]:
    def reader(path: Path, encoding: str | None) -> Source:
        try:
            frame, metadata = read(str(path), output_format="polars", encoding=encoding)
        except UnicodeDecodeError:
            raise InputError(Fault(say("wrong_encoding"), Place(path))) from None
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, LookupError) as error:
            key = "wrong_encoding" if "convert string" in str(error) or "encoding" in str(error) else "damaged"
            raise InputError(Fault(say(key), Place(path))) from None
        labels = {name: text for name, text in metadata.column_names_to_labels.items() if text}
        value_labels = {
            name: {code(value): str(text) for value, text in meanings.items()}
            for name, meanings in metadata.variable_value_labels.items()
        }
        return Source(path, frame, labels, value_labels)

    return reader


def _read_csv(path: Path, encoding: str | None) -> Source:
    text = decoded(path, encoding)
    if not text.strip():
        raise InputError(Fault(say("no_rows"), Place(path)))
    separator = _separator(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = [name.strip() for name in next(rows)]
    _refuse_bad_header(path, header)
    try:
        frame = pl.read_csv(text.encode(), separator=separator, infer_schema=False, encoding="utf8")
    except pl.exceptions.PolarsError:
        _refuse_ragged(path, rows, len(header))
        raise InputError(Fault(say("damaged"), Place(path))) from None
    _refuse_ragged(path, rows, len(header))
    return Source(path, frame.rename(dict(zip(frame.columns, header, strict=True))))


def decoded(path: Path, encoding: str | None = None) -> str:
    """The text of a CSV file with the line ends of Unix.

    Args:
        path: the file.
        encoding: of the text; UTF-8, UTF-16 with its mark and GB18030, as Excel writes it in China, need none.

    Raises:
        InputError: it is in another encoding.
    """
    raw = path.read_bytes()
    by_mark = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for candidate in (encoding,) if encoding else (by_mark, "gb18030"):
        try:
            text = raw.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise InputError(Fault(say("wrong_encoding"), Place(path)))


def _separator(text: str) -> str:
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",\t;", key=first_line.count)


def _refuse_bad_header(path: Path, header: list[str]) -> None:
    faults = []
    for position, name in enumerate(header, start=1):
        if not name:
            faults.append(Fault(say("nameless_variable"), Place(path, 1, position)))
        elif name in header[: position - 1]:
            faults.append(Fault(say("variable_twice", name=name), Place(path, 1, position)))
    raise_all(faults)


def _refuse_ragged(path: Path, rows: Any, width: int) -> None:
    try:
        for number, row in enumerate(rows, start=1):
            if row and len(row) != width:
                what = say("ragged_row", found=len(row), expected=width)
                raise InputError(Fault(what, Place(path, line=rows.line_num, row=number)))
    except csv.Error:
        raise InputError(Fault(say("damaged"), Place(path, line=rows.line_num))) from None


def _read_excel(path: Path, _encoding: str | None) -> Source:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pl.read_excel(path, infer_schema_length=0, raise_if_empty=False)
    except Exception as error:  # the reader's library raises plain exceptions of many kinds for a damaged workbook
        if isinstance(error, PermissionError):
            raise
        raise InputError(Fault(say("damaged"), Place(path))) from None
    _refuse_bad_header(path, [name.strip() for name in frame.columns])
    texts = frame.select(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    # Spreadsheets often end in rows that hold nothing but formatting.
    return Source(path, texts.filter(~pl.all_horizontal(pl.all().is_null())) if texts.width else texts)


def _read_parquet(path: Path, _encoding: str | None) -> Source:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise InputError(Fault(say("damaged"), Place(path))) from None
    named = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    return Source(path, named)


_READERS: Mapping[str, Callable[[Path, str | None], Source]] = {
    ".dta": _read_labelled(pyreadstat.read_dta),
    ".sav": _read_labelled(pyreadstat.read_sav),
    ".zsav": _read_labelled(pyreadstat.read_sav),
    ".por": _read_labelled(pyreadstat.read_por),
    ".sas7bdat": _read_labelled(pyreadstat.read_sas7bdat),
    ".xpt": _read_labelled(pyreadstat.read_xport),
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".txt": _read_csv,
    ".xlsx": _read_excel,
    ".xls": _read_excel,
    ".ods": _read_excel,
    ".parquet": _read_parquet,
}

READABLE = tuple(_READERS)
"""The suffixes of files that can be read."""
