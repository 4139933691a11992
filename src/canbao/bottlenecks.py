"""One procedure's log, or two of them side by side: what they tell, as a report of its own with its tables."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from canbao.chapters.before_and_after import before_and_after_document
from canbao.chapters.document import Document
from canbao.chapters.procedure import procedure_document
from canbao.languages import LANGUAGES, Catalogue, Language, Words, spoken_language
from canbao.outputs import refuse_occupied, whole_folder
from canbao.procedures.analysis import case_durations, variants
from canbao.procedures.before_and_after import BeforeAndAfter
from canbao.procedures.clocks import breaches
from canbao.procedures.procedure import Procedure
from canbao.report import Format, write

say = Catalogue("canbao", "bottlenecks")

Progress = Callable[[Words], None]


def unheard(_step: Words) -> None:
    """Progress of which nobody needs to know."""


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
    _write(document, _frames(procedure), summary_of(procedure), folder, formats, progress)


def write_comparison(
    both: BeforeAndAfter,
    folder: Path,
    formats: Sequence[Format] = ("html",),
    progress: Progress = unheard,
) -> None:
    """Write the report on two logs, its tables and summary.json into a folder, whole or not at all.

    As `write_bottlenecks` does; in full `tables/` has `log_figures`, `log_edges`, `log_variants`, `log_changes` and
    `log_limits`.

    Args:
        both: the logs.
        folder: where to; replaced if it was made by this command before.
        formats: of the report.
        progress: told of each step before it is taken.

    Raises:
        InputError: the place cannot be written to, or the logs cannot be compared.
    """
    refuse_occupied(folder)
    progress(say("working"))
    document = before_and_after_document(both, metadata.version("canbao"))
    found = both.found
    frames = {
        "figures": found.figures,
        "edges": found.edges.with_columns(pl.col("status").cast(pl.String)),
        "variants": found.variants.with_columns(pl.col("activities").list.join(" → "), pl.col("status").cast(pl.String)),
        "changes": found.changes.with_columns(pl.col("kind", "status").cast(pl.String)),
        "limits": both.limits,
    }
    _write(document, frames, comparison_of(both), folder, formats, progress)


def comparison_of(both: BeforeAndAfter) -> dict[str, Any]:
    """Two logs in a few figures, for machines; differences are after less before, with 95 % intervals."""
    return {
        "before": _about(both.before),
        "after": _about(both.after),
        "horizon_days": both.found.horizon_days,
        "figures": {row.pop("figure"): row for row in both.found.figures.iter_rows(named=True)},
        "limits": {row.pop("clock"): row for row in both.limits.iter_rows(named=True)},
    }


def _write(
    document: Document,
    frames: Mapping[str, pl.DataFrame],
    figures: Mapping[str, Any],
    folder: Path,
    formats: Sequence[Format],
    progress: Progress,
) -> None:
    with whole_folder(folder) as scratch:
        write(document, scratch, LANGUAGES, formats, progress)
        _rename(scratch, spoken_language(), formats)
        for name, frame in frames.items():
            frame.write_parquet(scratch / "tables" / f"log_{name}.parquet", compression="zstd")
        text = json.dumps(figures, ensure_ascii=False, indent=2) + "\n"
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
        **_about(procedure),
        "clocks": {row.pop("clock"): row for row in breaches(procedure.runs, log).iter_rows(named=True)},
    }


def _about(procedure: Procedure) -> dict[str, Any]:
    log = procedure.log
    return {
        "log": log.name,
        "synthetic": log.synthetic,
        "opened": log.opened.isoformat(),
        "closed": log.closed.isoformat(),
        **dataclasses.asdict(procedure.summary),
        "findings": {finding.kind: finding.count for finding in log.findings},
    }
