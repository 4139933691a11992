"""What a change to a procedure would bring, from the command line to its report."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from canbao.chapters.whatif import overloaded, whatif_document
from canbao.languages import LANGUAGES, Catalogue, Words, spoken_language
from canbao.outputs import refuse_occupied, whole_folder
from canbao.procedures.simulation.process_model import write_model
from canbao.procedures.simulation.whatif import WhatIf
from canbao.report import Format, write

say = Catalogue("canbao", "whatif")

Progress = Callable[[Words], None]


def unheard(_step: Words) -> None:
    """Progress of which nobody needs to know."""


def write_whatif(
    result: WhatIf, folder: Path, formats: Sequence[Format] = ("html",), progress: Progress = unheard
) -> None:  # fmt: skip
    """Write the report, its tables and summary.json into a folder, whole or not at all.

    `report.html` is in the language spoken, the other language's beside it as `report.<language>.html`. `tables/` has every
    table and figure of the report, and in full `whatif_all`, every figure of every group unrounded. `model.yaml` is the
    procedure as it is, to be changed by hand.

    Args:
        result: of `whatif`.
        folder: where to; replaced if it was made by this command before.
        formats: of the report.
        progress: told of each step before it is taken.

    Raises:
        InputError: the place cannot be written to.
    """
    refuse_occupied(folder)
    progress(say("writing"))
    document = whatif_document(result, metadata.version("canbao"))
    with whole_folder(folder) as scratch:
        write(document, scratch, LANGUAGES, formats, progress)
        for form in formats:
            (scratch / f"report.{spoken_language()}.{form}").rename(scratch / f"report.{form}")
        result.figures.write_parquet(scratch / "tables" / "whatif_all.parquet", compression="zstd")
        write_model(result.model, scratch / "model.yaml")
        text = json.dumps(summary_of(result), ensure_ascii=False, indent=2) + "\n"
        (scratch / "summary.json").write_text(text, encoding="utf-8")


def summary_of(result: WhatIf) -> dict[str, Any]:
    """The result in a few figures, for machines; days of 86,400 s."""
    validation = result.validation
    return {
        "model": result.model.title.en,
        "log": result.log.name if result.log is not None else None,
        "synthetic": result.log is None or result.log.synthetic,
        "changes": [words.en for words in result.changes.words(result.model)],
        "replications": result.replications,
        "days": result.days,
        "warm_up": result.warm_up,
        "seed": result.seed,
        "cases": result.cases,
        "figures": result.figures.to_dicts(),
        "staff": result.pools.to_dicts(),
        "overloaded": [{"staff": pool, "when": side} for pool, side in overloaded(result)],
        "validation": None
        if validation is None
        else {
            "figures": validation.figures.to_dicts(),
            "distance_days": validation.distance_days,
            "distance_share": validation.distance_share,
            "largest_gap": validation.largest_gap,
        },
    }
