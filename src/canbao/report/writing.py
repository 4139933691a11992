"""Write a document as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from canbao.chapters.document import Document
from canbao.languages import Catalogue, Language, Words, joined
from canbao.report.press import Format, Order, print_editions
from canbao.report.tables import write_tables

say = Catalogue("canbao.report", "words")


def write(
    document: Document,
    folder: Path,
    languages: Sequence[Language],
    formats: Sequence[Format],
    progress: Callable[[Words], None],
) -> None:
    """Write a report into a folder: `report.<language>.<format>`, figures/ and tables/.

    Args:
        document: the report.
        folder: where to.
        languages: of the editions.
        formats: of each edition.
        progress: told of each step before it is taken.

    Raises:
        InputError: characters that no font has.
    """
    progress(say("tables"))
    write_tables(document, folder / "tables")
    names = joined([say(f"language_{language}") for language in languages])
    progress(say("printing", languages=names, formats=", ".join(formats)))
    print_editions([Order(document, language, folder, tuple(formats)) for language in languages])
