"""Runs of many workers: in a process of their own, with progress, cancelled by whoever asks, kept by what they rest on."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import QueryDict
from markupsafe import Markup

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue, Language
from canbao.outputs import whole_file
from canbao.workbench.background import State, begin, current_state
from canbao.workbench.pages.stamp import data_hash, stamp
from canbao.workbench.project.place import data_folder, study_folder
from canbao.workbench.simulate.asked import Asked, asked_of

say = Catalogue("canbao.workbench.simulate", "words")

SIZES = (100_000, 1_000_000)
MOST_KEPT = 40
KEY_LENGTH = 32
CANCEL = "cancel"


@dataclass(frozen=True)
class Run:
    """One run, known by the hash of all that it rests on.

    Args:
        key: that hash.

    Raises:
        KeyError: there is none.
    """

    key: str

    def __post_init__(self) -> None:
        if not (self.key.isalnum() and len(self.key) == KEY_LENGTH and self.folder.is_dir()):
            raise KeyError(self.key)

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return _folder() / self.key

    @property
    def asked(self) -> Asked:
        """What was asked."""
        return asked_of(QueryDict(self._question["query"]))

    @property
    def workers(self) -> int:
        """How many workers are run."""
        return int(self._question["workers"])

    @property
    def _question(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "question.json").read_text(encoding="utf-8")))

    @property
    def state(self) -> State:
        """How far it is."""
        return current_state(self.folder)

    def answer(self, year: int, language: Language) -> Markup:
        """What it found, as a part of a page."""
        # The process that worked wrote it, every word escaped.
        return Markup((self.folder / f"answer.{year}.{language}.html").read_text(encoding="utf-8"))

    def cancel(self) -> None:
        """Ask the process to stop at its next step."""
        (self.folder / CANCEL).touch()


def begin_run(asked: Asked, workers: int) -> Run:
    """Begin a run, or find the one that was made of the same.

    Raises:
        InputError: another run is at work.
    """
    question = {"query": asked.scenario, "workers": workers}
    basis = json.dumps([question, data_hash(study_folder()), stamp()], sort_keys=True)
    key = hashlib.sha256(basis.encode()).hexdigest()[:KEY_LENGTH]
    folder = _folder() / key
    if folder.is_dir() and current_state(folder).name in ("working", "done"):
        return Run(key)
    if any(current_state(one).name == "working" for one in _kept()):
        raise InputError(Fault(say("busy"), remedy=say("wait")))
    shutil.rmtree(folder, ignore_errors=True)
    for old in _kept()[MOST_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True)
    with whole_file(folder / "question.json") as scratch:
        scratch.write_text(json.dumps({**question, "study": str(study_folder())}), encoding="utf-8")
    begin(folder, "canbao.workbench.simulate.running")
    return Run(key)


def _kept() -> list[Path]:
    """The runs that are kept, newest first."""
    found = [one for one in _folder().glob("*") if one.is_dir()]
    return sorted(found, key=lambda one: one.stat().st_mtime, reverse=True)


def _folder() -> Path:
    folder = data_folder() / "runs"
    folder.mkdir(exist_ok=True)
    return folder
