"""Print one edition in a process of its own, so that both languages are printed at once.

A process that is started anew, not forked and not through `multiprocessing`: so a notebook or a script without a main
guard can assess a study too.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from canbao.chapters.document import Document
from canbao.errors import Fault, InputError
from canbao.languages import Language
from canbao.outputs import clear_disk_faults
from canbao.report.docx import write_docx
from canbao.report.edition import Edition, edition_of
from canbao.report.fonts import fonts_for
from canbao.report.html import write_html
from canbao.report.pdf import write_pdf
from canbao.report.pptx import write_pptx
from canbao.report.xlsx import write_xlsx

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


@dataclass(frozen=True)
class Order:
    """An edition to be printed."""

    document: Document
    language: Language
    folder: Path
    formats: tuple[Format, ...]


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


def print_editions(orders: Sequence[Order]) -> None:
    """Print several editions at once.

    Raises:
        InputError: the faults of all of them.
    """
    if len(orders) == 1:
        print_edition(orders[0])
        return
    # The fonts are made once, before the processes that need them.
    fonts_for(frozenset())
    faults: list[Fault] = []
    with ExitStack() as running:
        processes = [running.enter_context(_started(order)) for order in orders]
        for process in processes:
            answer = process.stdout.read() if process.stdout else b""
            if process.wait() == 2:
                faults += pickle.loads(answer)
            elif process.returncode != 0:
                raise RuntimeError(f"printing an edition failed with code {process.returncode}")
    if faults:
        raise InputError(list(dict.fromkeys(faults)))


def _started(order: Order) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "import sys; from canbao.report.editions import main; sys.exit(main())"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if process.stdin:
        process.stdin.write(pickle.dumps(order))
        process.stdin.close()
    return process


def main() -> int:
    """Print the edition that is ordered on standard input; faults go back pickled, with exit code 2."""
    order: Order = pickle.load(sys.stdin.buffer)
    try:
        print_edition(order)
    except InputError as error:
        sys.stdout.buffer.write(pickle.dumps(list(error.faults)))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
