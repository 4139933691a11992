"""Write a document as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from canbao.chapters.document import Document
from canbao.languages import Catalogue, Language, Words
from canbao.report.docx import write_docx
from canbao.report.edition import Edition, edition_of
from canbao.report.fonts import fonts_for
from canbao.report.html import write_html
from canbao.report.pdf import write_pdf
from canbao.report.pptx import write_pptx
from canbao.report.tables import write_tables
from canbao.report.xlsx import write_xlsx

say = Catalogue("canbao.report", "words")

Format = Literal["html", "pdf", "docx", "xlsx", "pptx"]

WRITERS: Mapping[Format, Callable[[Edition, Path, Path], None]] = {
    "html": write_html,
    "pdf": write_pdf,
    "docx": write_docx,
    "xlsx": write_xlsx,
    "pptx": write_pptx,
}
"""Each takes an edition, the file to write and the folder of fonts."""

FORMATS: tuple[Format, ...] = tuple(WRITERS)


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
        progress: told of each file before it is written.

    Raises:
        InputError: characters that no font has.
    """
    for language in languages:
        edition = edition_of(document, language)
        fonts = fonts_for(edition.characters)
        for name in formats:
            progress(say("rendering", language=say(f"language_{language}"), format=name))
            WRITERS[name](edition, folder / f"{document.key}.{language}.{name}", fonts)
        _write_figures(edition, folder / "figures")
    write_tables(document, folder / "tables")


def _write_figures(edition: Edition, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for figure in edition.figures:
        (folder / f"{figure.key}.{edition.language}.svg").write_text(figure.svg, encoding="utf-8")
