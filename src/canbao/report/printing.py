"""Print one edition, in every format that its order names."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from canbao.errors import InputError
from canbao.outputs import clear_disk_faults, hear_refusals_once
from canbao.report.docx import write_docx
from canbao.report.edition import Edition, edition_of
from canbao.report.fonts import fonts_for
from canbao.report.html import write_html
from canbao.report.pdf import write_pdf
from canbao.report.pptx import write_pptx
from canbao.report.press import Format, Order
from canbao.report.xlsx import write_xlsx

WRITERS: Mapping[Format, Callable[[Edition, Path, Path], None]] = {
    "html": write_html,
    "pdf": write_pdf,
    "docx": write_docx,
    "xlsx": write_xlsx,
    "pptx": write_pptx,
}
"""Each takes an edition, the file to write and the folder of fonts."""


def print_edition(order: Order) -> None:
    """Write `report.<language>.<format>` and the figures of one edition.

    Raises:
        InputError: characters that no font has, or a disk that refuses.
    """
    edition = edition_of(order.document, order.language)
    fonts = fonts_for(edition.characters)
    with clear_disk_faults(order.folder):
        for name in order.formats:
            WRITERS[name](edition, order.folder / f"{order.document.key}.{order.language}.{name}", fonts)
        figures = order.folder / "figures"
        figures.mkdir(exist_ok=True)
        for figure in edition.figures:
            (figures / f"{figure.key}.{order.language}.svg").write_text(figure.svg, encoding="utf-8")


def main() -> int:
    """Print the edition that is ordered on standard input; faults go back pickled, with exit code 2."""
    hear_refusals_once()
    try:
        order: Order = pickle.load(sys.stdin.buffer)
        print_edition(order)
    except InputError as error:
        sys.stdout.buffer.write(pickle.dumps(list(error.faults)))
        return 2
    except (KeyboardInterrupt, EOFError, pickle.UnpicklingError):
        # Whoever ordered it was interrupted.
        return 130
    return 0
