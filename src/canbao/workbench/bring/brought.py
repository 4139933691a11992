"""A study that somebody brought: a study folder like any other, made step by step, known by an address nobody can guess."""

from __future__ import annotations

import datetime
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from django.core.files.uploadedfile import UploadedFile

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.outputs import whole_file
from canbao.study import Study
from canbao.workbench.background import State, begin, current_state
from canbao.workbench.project.place import data_folder
from canbao.workers.guesses import Guess, guesses
from canbao.workers.source import READABLE, Source, read_source
from canbao.workers.vocabulary import Vocabulary, vocabulary

say = Catalogue("canbao.workbench.bring", "words")

LARGEST = 200 * 2**20
"""Bytes of a survey file."""

TOKEN_LENGTH = 32


class Brought:
    """A study in the making.

    Args:
        token: in its address.

    Raises:
        KeyError: there is none.
    """

    def __init__(self, token: str) -> None:
        folder = _folder() / token
        if not (token.isalnum() and len(token) == TOKEN_LENGTH and folder.is_dir()):
            raise KeyError(token)
        self.token, self.folder = token, folder

    @classmethod
    def from_upload(cls, file: UploadedFile[Any], title: str, fieldwork: str) -> Brought:
        """A new study from a survey file.

        Raises:
            InputError: the file is too large, of an unknown kind or damaged; the month is none.
        """
        suffix = Path(file.name or "").suffix.lower()
        faults = []
        if suffix not in READABLE:
            faults.append(Fault(say("unknown_kind", kind=suffix or "?", known=", ".join(READABLE))))
        if (file.size or 0) > LARGEST:
            faults.append(Fault(say("too_large", most=str(LARGEST // 2**20))))
        if not _is_month(fieldwork):
            faults.append(Fault(say("wrong_fieldwork")))
        if faults:
            raise InputError(faults)
        token = secrets.token_hex(TOKEN_LENGTH // 2)
        folder = _folder() / token
        (folder / "data").mkdir(parents=True, mode=0o700)
        try:
            with (folder / "data" / f"survey{suffix}").open("wb") as stream:
                for chunk in file.chunks():
                    stream.write(chunk)
            brought = cls(token)
            with brought.told_inside():
                brought.source  # noqa: B018 (a file that cannot be read must not stay)
            brought.note({"title": title.strip()[:200] or Path(file.name or "").stem[:200], "fieldwork": fieldwork})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return brought

    # --- what is known of it so far -----------------------------------------------------------------------------------

    @cached_property
    def source(self) -> Source:
        """The survey file."""
        return read_source(next((self.folder / "data").glob("survey.*")))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The columns onto which it is mapped."""
        return vocabulary()

    @property
    def notes(self) -> dict[str, Any]:
        """What was said in the steps so far."""
        path = self.folder / "notes.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    def note(self, more: Mapping[str, Any]) -> None:
        """Remember what was said in a step."""
        text = json.dumps({**self.notes, **more}, ensure_ascii=False, indent=1)
        with whole_file(self.folder / "notes.json") as scratch:
            scratch.write_text(text, encoding="utf-8")

    @cached_property
    def guesses(self) -> tuple[Guess, ...]:
        """What each variable may be, computed once."""
        kept = self.notes.get("guesses")
        if kept is None:
            made = guesses(self.source, self.vocabulary)
            self.note({"guesses": [[one.variable, one.column, dict(one.values)] for one in made]})
            return made
        return tuple(Guess(*one) for one in kept)

    @property
    def columns(self) -> dict[str, str]:
        """The column that each variable was said to be."""
        said: dict[str, str] = self.notes.get("columns", {})
        return said

    @property
    def values(self) -> dict[str, dict[str, str | None]]:
        """For each variable with categories, the category of each code; None for no answer."""
        said: dict[str, dict[str, str | None]] = self.notes.get("values", {})
        return said

    @property
    def units(self) -> dict[str, str]:
        """The unit of each variable that is a number, where it is another than the column's."""
        said: dict[str, str] = self.notes.get("units", {})
        return said

    @contextmanager
    def told_inside(self) -> Iterator[None]:
        """Faults name files as they lie in the study; where the server keeps it is nobody's business."""
        try:
            yield
        except InputError as error:
            raise InputError([replace(one, place=self._inside(one.place)) for one in error.faults]) from None

    def _inside(self, place: Place) -> Place:
        file = None if place.file is None else Path(place.file)
        return replace(place, file=file.relative_to(self.folder)) if file and file.is_relative_to(self.folder) else place

    # --- what is made of it -------------------------------------------------------------------------------------------

    def write(self) -> Study:
        """Write codebook.yaml and study.yaml, as somebody would by hand, and open the study.

        Raises:
            InputError: what was said cannot be.
        """
        notes = self.notes
        rules: dict[str, Any] = {}
        for variable, column in self.columns.items():
            rule: dict[str, Any] = {"from": variable}
            if column in self.vocabulary and self.vocabulary[column].categories:
                rule["values"] = dict(self.values.get(variable, {}))
            if variable in self.units:
                rule["unit"] = self.units[variable]
            rules[column] = rule
        title = notes["title"]
        today = datetime.date.today()
        settings = {
            "title": {"en": title, "zh": title},
            "date": today,
            "law_date": datetime.date.fromisoformat(notes.get("law_date") or today.isoformat()),
            "fieldwork": notes["fieldwork"],
            "synthetic": bool(notes.get("synthetic")),
            "data": {"survey": self.source.path.relative_to(self.folder).as_posix()},
            "design": notes.get("design", {"kind": "convenience"}),
            "focus_groups": notes.get("focus_groups", []),
            "reforms": notes.get("reforms", []),
        }
        for name, content in (("codebook.yaml", {"columns": rules}), ("study.yaml", settings)):
            with whole_file(self.folder / name) as scratch:
                scratch.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return Study(self.folder)

    @property
    def reforms(self) -> list[str]:
        """The reforms that its report compares."""
        return list(self.notes.get("reforms", []))

    def add_reform(self, name: str, text: str) -> None:
        """Put a reform into the study's reforms/ and name it in study.yaml; its report is then written anew.

        Args:
            name: of the reform.
            text: its file.

        Raises:
            InputError: the study is being assessed, or the reform cannot be run on it.
        """
        if self.state.name == "working":
            raise InputError(Fault(say("being_assessed")))
        (self.folder / "reforms").mkdir(exist_ok=True)
        with whole_file(self.folder / "reforms" / f"{name}.yaml") as scratch:
            scratch.write_text(text, encoding="utf-8")
        before = self.reforms
        self.note({"reforms": list(dict.fromkeys([*before, name]))})
        try:
            with self.told_inside():
                self.write().reforms  # noqa: B018 (a reform that cannot be run must not stay)
        except InputError:
            self.note({"reforms": before})
            raise
        self.start()

    def start(self) -> None:
        """Assess it in a process of its own, unless one is at it."""
        if self.state.name == "working":
            return
        begin(self.folder, "canbao.workbench.bring.assessing")

    @property
    def state(self) -> State:
        """How far the assessment is."""
        return current_state(self.folder)

    def delete(self) -> None:
        """Everything of it goes."""
        shutil.rmtree(self.folder)


def _folder() -> Path:
    return data_folder() / "brought"


def _is_month(text: str) -> bool:
    try:
        datetime.date.fromisoformat(f"{text}-01")
    except ValueError:
        return False
    return True
