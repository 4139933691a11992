"""One procedure's log: what it tells, as a report of its own with its tables."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from canbao.chapters.procedure import procedure_document
from canbao.errors import Place
from canbao.languages import LANGUAGES, Catalogue, Language, Words, spoken_language
from canbao.outputs import refuse_occupied, whole_folder
from canbao.procedures.analysis import case_durations, summary, variants
from canbao.procedures.clocks import breaches, find_calendar, limits_for
from canbao.procedures.procedure import Procedure
from canbao.procedures.reading import open_log
from canbao.report import Format, write

say = Catalogue("canbao", "bottlenecks")

Progress = Callable[[Words], None]


def unheard(_step: Words) -> None:
    """Progress of which nobody needs to know."""


def read_procedure(
    path: Path,
    limits: Path | None = None,
    by: Sequence[str] = (),
    *,
    calendar: str | None = None,
    columns: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    case_object: str | None = None,
    title: Words | None = None,
    key: str = "procedure",
) -> Procedure:
    """A log with the time limits that hold for it.

    Args:
        path: the log, in any format that `open_log` reads.
        limits: a limits.yaml; without one, the shipped limits of the procedures that the log names.
        by: columns by whose values results are shown.
        calendar: which days are working days, in place of what the limits say: `cn`, `weekdays`, `calendar_days` or a file.
        columns: as for `open_log`.
        time_zone: as for `open_log`.
        case_object: as for `open_log`.
        title: of the procedure; the file's name if None.
        key: names its tables and figures.

    Raises:
        InputError: the log, the limits or a column is at fault.
    """
    log = open_log(path, columns=columns, time_zone=time_zone, case_object=case_object)
    for column in by:
        log.case_column(column)
    held = limits_for(log, limits)
    if calendar is not None:
        held = dataclasses.replace(held, calendar=find_calendar(calendar, Path.cwd(), Place(field="--calendar")))
    return Procedure(key, title or Words.same(log.name), log, held, tuple(by))


def write_bottlenecks(
    procedure: Procedure,
    folder: Path,
    formats: Sequence[Format] = ("html",),
    progress: Progress = unheard,
) -> None:
    """Write the report, its tables and summary.json into a folder, whole or not at all.

    `report.html` is in the language spoken, the other language's beside it as `report.<language>.html`. `tables/` has every
    table and figure of the report, and in full `log_edges`, `log_variants`, `log_cases`, `log_clocks` and `log_breaches`.

    Args:
        procedure: the log.
        folder: where to; replaced if it was made by this command before.
        formats: of the report.
        progress: told of each step before it is taken.

    Raises:
        InputError: the place cannot be written to.
    """
    refuse_occupied(folder)
    progress(say("working"))
    document = procedure_document(procedure, metadata.version("canbao"))
    with whole_folder(folder) as scratch:
        write(document, scratch, LANGUAGES, formats, progress)
        _rename(scratch, spoken_language(), formats)
        for name, frame in _frames(procedure).items():
            frame.write_parquet(scratch / "tables" / f"log_{name}.parquet", compression="zstd")
        text = json.dumps(summary_of(procedure), ensure_ascii=False, indent=2) + "\n"
        (scratch / "summary.json").write_text(text, encoding="utf-8")


def _rename(folder: Path, language: Language, formats: Sequence[Format]) -> None:
    for form in formats:
        (folder / f"report.{language}.{form}").rename(folder / f"report.{form}")


def _frames(procedure: Procedure) -> Mapping[str, pl.DataFrame]:
    """What the log tells in full, for machines."""
    log = procedure.log
    every = variants(log).with_columns(pl.col("activities").cast(pl.List(pl.String)).list.join(" → "))
    cases = case_durations(log).join(log.cases.with_row_index("case"), on="case", how="left", maintain_order="left")
    return {
        "edges": procedure.edges.with_columns(pl.col("activity", "following").cast(pl.String)),
        "variants": every.drop("example"),
        "cases": cases.drop("case"),
        "clocks": procedure.runs.drop("case"),
        "breaches": breaches(procedure.runs, log),
    }


def summary_of(procedure: Procedure) -> dict[str, Any]:
    """The log in a few figures, for machines: terms as in PM4Py, durations in days of 86,400 s."""
    log = procedure.log
    return {
        "log": log.name,
        "synthetic": log.synthetic,
        "opened": log.opened.isoformat(),
        "closed": log.closed.isoformat(),
        **dataclasses.asdict(summary(log)),
        "findings": {finding.kind: finding.count for finding in log.findings},
        "clocks": {row.pop("clock"): row for row in breaches(procedure.runs, log).iter_rows(named=True)},
    }
