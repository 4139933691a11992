"""The synthetic survey as a survey institute delivers it: a Stata file with Chinese labels, codes and missing codes.

So the study that is shipped goes through the same door as any other: a codebook brings the file into the worker table.
"""

from __future__ import annotations

import datetime
import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import polars as pl
import pyreadstat
from pydantic import Field

from canbao.located_yaml import Entry, YamlFile
from canbao.outputs import whole_file

NOT_ASKED = -1
"""In the sample's numbers, what was not asked."""


class Variable(Entry):
    """One variable of the file.

    Args:
        source: the sample's column.
        codes: for each category its code and label.
        yes: whether it is a yes/no column.
        holds: a scheme; the variable says whether the worker is in it.
        marked: one box of a multiple choice, with the column that tells whether it was asked.
        only: a yes/no column that must be yes for the question to be asked.
        missing: the column whose missing codes it gets.
    """

    label: str
    source: str = Field(alias="from")
    codes: dict[str, tuple[int, str]] | None = None
    yes: bool = False
    holds: str | None = None
    marked: str | None = None
    only: str | None = None
    missing: str | None = None


class SampleFile(Entry):
    """All variables, in the order of the file."""

    missing_labels: dict[int | float, str]
    yes_labels: dict[int | float, str]
    marked_labels: dict[int | float, str]
    variables: dict[str, Variable]


@dataclass(frozen=True)
class Questionnaire:
    """The sample in the codes of its questionnaire.

    Args:
        frame: one row a respondent.
        labels: of the variables.
        value_labels: of the codes, by variable.
    """

    frame: pl.DataFrame
    labels: Mapping[str, str]
    value_labels: dict[str, dict[int | float, str]]

    def write_stata(self, path: Path, day: datetime.date) -> None:
        """Write a Stata file; it appears whole or not at all.

        Args:
            path: of the file.
            day: its date of writing, so that the same sample gives the same bytes.
        """
        with whole_file(path) as scratch:
            try:
                pyreadstat.write_dta(
                    self.frame,
                    str(scratch),
                    file_label="合成数据，仅供演示 / Synthetic data, for demonstration only",
                    column_labels=list(self.labels.values()),
                    variable_value_labels=self.value_labels,
                )
            except pyreadstat.ReadstatError as refusal:
                # It keeps to itself why the disk refused; what can go wrong when a file is open is a full one.
                raise OSError(errno.ENOSPC, str(refusal)) from refusal
            scratch.write_bytes(_dated(scratch.read_bytes(), day))


def questionnaire(sample: pl.DataFrame) -> Questionnaire:
    """Code a sample as its questionnaire does."""
    with resources.as_file(resources.files("canbao.workers").joinpath("sample_file.yaml")) as path:
        form = YamlFile(Path(path)).validate(SampleFile)
    columns: list[pl.Series] = []
    value_labels: dict[str, dict[int | float, str]] = {}
    for name, variable in form.variables.items():
        values = sample.select(_coded(variable, sample).alias(name)).to_series()
        columns.append(_narrow(values))
        if coded := _value_labels(variable, form):
            value_labels[name] = coded
    labels = {name: variable.label for name, variable in form.variables.items()}
    return Questionnaire(pl.DataFrame(columns), labels, value_labels)


def _coded(variable: Variable, sample: pl.DataFrame) -> pl.Expr:
    source = pl.col(variable.source)
    values: pl.Expr
    if variable.codes is not None:
        codes = {category: code for category, (code, _) in variable.codes.items()}
        values = source.replace_strict(codes, default=None, return_dtype=pl.Float64)
    elif variable.yes:
        values = (source == "yes").cast(pl.Float64)
    elif variable.holds is not None:
        values = _in_scheme(variable.holds).cast(pl.Float64)
    elif variable.marked is not None:
        asked = pl.col(variable.marked)
        asked = asked if sample.schema[variable.marked] == pl.Boolean else asked > 0
        values = pl.when(asked).then(source.cast(pl.Float64))
    elif sample.schema[variable.source] == pl.String:
        return source
    else:
        values = source.cast(pl.Float64)
        values = pl.when((values != NOT_ASKED) & values.is_not_nan()).then(values)
    if variable.only is not None:
        values = pl.when(pl.col(variable.only) == "yes").then(values)
    if variable.missing is not None:
        code = pl.col(f"{variable.missing}_missing")
        values = pl.when(values.is_not_null() & (code != 0)).then(code.cast(pl.Float64)).otherwise(values)
    return values


def _in_scheme(scheme: str) -> pl.Expr:
    """Who is in two schemes marks both: the first one, and the residents'."""
    several = pl.col("pension_scheme") == "several"
    own = pl.col("pension_scheme_first") == scheme
    return pl.when(several).then(own | pl.lit(scheme == "resident")).otherwise(pl.col("pension_scheme") == scheme)


def _narrow(values: pl.Series) -> pl.Series:
    """Whole numbers in the smallest type that holds them; Stata keeps its largest values for missing ones."""
    if not values.dtype.is_numeric() or ((values % 1).fill_null(0) != 0).any():
        return values
    largest = float(values.abs().max() or 0)  # type: ignore[arg-type]
    kind = pl.Int8 if largest <= 100 else pl.Int16 if largest <= 32_000 else pl.Int32
    return values.cast(kind)


def _value_labels(variable: Variable, form: SampleFile) -> dict[int | float, str]:
    labels: dict[int | float, str] = {}
    if variable.codes is not None:
        labels.update(variable.codes.values())
    elif variable.yes or variable.holds is not None:
        labels = dict(form.yes_labels)
    elif variable.marked is not None:
        labels = dict(form.marked_labels)
    if variable.missing is not None:
        labels |= form.missing_labels
    return labels


def _dated(content: bytes, day: datetime.date) -> bytes:
    """Stata's header holds the minute of writing, in English, in 17 characters."""
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    stamp = f"{day.day:02d} {months[day.month - 1]} {day.year} 00:00".encode()
    return re.sub(
        rb"<timestamp>\x11.{17}</timestamp>",
        b"<timestamp>\x11" + stamp + b"</timestamp>",
        content,
        count=1,
        flags=re.DOTALL,
    )
