"""Work in a process of its own, and how far it is: a file in its folder, written by who works and read by the pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from canbao.errors import InputError
from canbao.languages import LANGUAGES, Words
from canbao.outputs import whole_file

FILE = "state.json"


@dataclass(frozen=True)
class State:
    """How far it is.

    Args:
        name: that it has not begun, is being worked at, is done, or ended with faults.
        step: what is being done, or the faults, by language.
        process: who works at it.
    """

    name: Literal["none", "working", "done", "failed"] = "none"
    step: Mapping[str, str] = field(default_factory=dict)
    process: int = 0


def begin(folder: Path, module: str, *arguments: str) -> None:
    """Start work in a process of its own: `python -m MODULE FOLDER ARGUMENTS`."""
    command = [sys.executable, "-m", module, str(folder), *arguments]
    begun = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    at_work.append(begun)
    write_state(folder, "working", process=begun.pid)


at_work: list[subprocess.Popen[bytes]] = []
"""Work that this process began."""


def current_state(folder: Path) -> State:
    """How far work is now."""
    # Those that have ended are waited for, so that they count as gone.
    at_work[:] = [one for one in at_work if one.poll() is None]
    return read_state(folder)


def read_state(folder: Path) -> State:
    """What the file says; work whose process is gone has failed."""
    path = folder / FILE
    if not path.is_file():
        return State()
    state = State(**json.loads(path.read_text(encoding="utf-8")))
    return State("failed") if state.name == "working" and not _lives(state.process) else state


def write_state(
    folder: Path, name: Literal["working", "done", "failed"], step: Words | None = None, process: int = 0
) -> None:
    """Say how far it is; `process` is the one that writes unless it says otherwise."""
    said: dict[str, str] = {} if step is None else {language: step[language] for language in LANGUAGES}
    with whole_file(folder / FILE) as scratch:
        scratch.write_text(
            json.dumps(asdict(State(name, said, process or os.getpid())), ensure_ascii=False), encoding="utf-8"
        )


@contextmanager
def told(folder: Path, named: Mapping[str, str] | None = None) -> Iterator[None]:
    """Say how work ends: done, failed by the user's faults with what they are, or failed by ours.

    Args:
        folder: of the work.
        named: beginnings of paths on this server, and what they are in the study; pages never show the former.
    """
    try:
        yield
    except InputError as error:
        faults = {language: error.text(language) for language in LANGUAGES}
        for path, name in (named or {}).items():
            faults = {language: text.replace(path, name) for language, text in faults.items()}
        write_state(folder, "failed", Words(**faults))
    except BaseException:
        write_state(folder, "failed")
        raise
    else:
        write_state(folder, "done")


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
