"""Write a document as files: each edition is printed in a process of its own, both languages at once.

A process that is started anew, not forked and not through `multiprocessing`: so a notebook or a script without a main
guard can assess a study too. What prints is loaded there only.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from canbao.chapters.document import Document
from canbao.errors import Fault, InputError
from canbao.languages import Catalogue, Language, Words, joined
from canbao.report.tables import write_tables

say = Catalogue("canbao.report", "words")

Format = Literal["html", "pdf", "docx", "xlsx", "pptx"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True)
class Order:
    """An edition to be printed."""

    document: Document
    language: Language
    folder: Path
    formats: tuple[Format, ...]


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
    _print_editions([Order(document, language, folder, tuple(formats)) for language in languages])


def _print_editions(orders: Sequence[Order]) -> None:
    """Print several editions at once.

    Raises:
        InputError: the faults of all of them.
    """
    faults: list[Fault] = []
    with ExitStack() as running:
        processes = []
        for order in orders:
            processes.append(running.enter_context(_started(order)))
            # Whatever ends this, an interruption or a fault, ends them too.
            running.callback(processes[-1].kill)
        for process in processes:
            answer = process.stdout.read() if process.stdout else b""
            if process.wait() == 2:
                faults += pickle.loads(answer)
            elif process.returncode != 0:
                raise RuntimeError(f"printing an edition failed with code {process.returncode}")
    if faults:
        raise InputError(list(dict.fromkeys(faults)))


def _started(order: Order) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "import sys; from canbao.report.printing import main; sys.exit(main())"]
    # In a session of its own: an interruption at the terminal is answered here, not by each of them.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    if process.stdin:
        process.stdin.write(pickle.dumps(order))
        process.stdin.close()
    return process
