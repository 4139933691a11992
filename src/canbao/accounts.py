"""A platform's or worker's account with the administration: the statement of a month as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from canbao.chapters.statement import statement_document
from canbao.exchange.statements import Statement
from canbao.languages import LANGUAGES, Words, spoken_language
from canbao.outputs import refuse_occupied, whole_folder
from canbao.report import Format, write


def write_statement(
    statement: Statement,
    folder: Path,
    formats: Sequence[Format] = ("pdf", "xlsx"),
    progress: Callable[[Words], None] = lambda _step: None,
) -> None:
    """Write a statement into a folder, whole or not at all.

    `statement.<format>` is in the language spoken, the other language's beside it as `statement.<language>.<format>`;
    `statement.json` says the same for machines, `lines.csv` has every line, `tables/` the tables of the statement.

    Args:
        statement: what is told.
        folder: where to; replaced if it was made before.
        formats: of the statement.
        progress: told of each step before it is taken.

    Raises:
        InputError: the place cannot be written to.
    """
    refuse_occupied(folder)
    document = statement_document(statement, metadata.version("canbao"))
    with whole_folder(folder) as scratch:
        write(document, scratch, LANGUAGES, formats, progress)
        for form in formats:
            (scratch / f"statement.{spoken_language()}.{form}").rename(scratch / f"statement.{form}")
        statement.lines.write_csv(scratch / "lines.csv")
        text = json.dumps(statement.as_json(), ensure_ascii=False, indent=2) + "\n"
        (scratch / "statement.json").write_text(text, encoding="utf-8")
