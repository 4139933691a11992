"""Orders for editions, each printed in a process of its own, so that both languages are printed at once.

A process that is started anew, not forked and not through `multiprocessing`: so a notebook or a script without a main
guard can assess a study too. What prints is loaded there only.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from canbao.chapters.document import Document
from canbao.errors import Fault, InputError
from canbao.languages import Language

Format = Literal["html", "pdf", "docx", "xlsx", "pptx"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True)
class Order:
    """An edition to be printed."""

    document: Document
    language: Language
    folder: Path
    formats: tuple[Format, ...]


def print_editions(orders: Sequence[Order]) -> None:
    """Print several editions at once.

    Raises:
        InputError: the faults of all of them.
    """
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
    command = [sys.executable, "-c", "import sys; from canbao.report.printing import main; sys.exit(main())"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if process.stdin:
        process.stdin.write(pickle.dumps(order))
        process.stdin.close()
    return process
