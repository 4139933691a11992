"""A study's evidence folder as a whole: literature, field, recommendations, monitoring."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from canbao.errors import Fault, InputError, raise_all
from canbao.evidence.field.notes import FieldWork, field_files, read_field
from canbao.evidence.recommendations.register import FILE as REGISTER_FILE
from canbao.evidence.recommendations.register import Register, read_register
from canbao.languages import LANGUAGES, Language

Read = TypeVar("Read")


@dataclass(frozen=True)
class Evidence:
    """What a study gathered beside its survey.

    Args:
        field: interviews, focus groups and local practice.
        register: of recommendations.
    """

    field: FieldWork = dataclasses.field(default_factory=FieldWork)
    register: Register = dataclasses.field(default_factory=Register)


def evidence_files(folder: Path) -> list[Path]:
    """The files of an evidence folder that are read, bibliographies apart."""
    single = [folder / name for name in (REGISTER_FILE,)]
    return [*(path for path in single if path.is_file()), *field_files(folder)]


def read_evidence(folder: Path, languages: Sequence[Language] = LANGUAGES) -> Evidence:
    """Everything in a study's evidence folder, bibliographies apart.

    Args:
        folder: the evidence folder; it need not be there.
        languages: of the report.

    Raises:
        InputError: all that is wrong in any of its files.
    """
    faults: list[Fault] = []

    def read(what: Callable[[], Read], otherwise: Read) -> Read:
        try:
            return what()
        except InputError as error:
            faults.extend(error.faults)
            return otherwise

    evidence = Evidence(
        field=read(lambda: read_field(folder, languages), FieldWork()),
        register=read(lambda: read_register(folder), Register()),
    )
    raise_all(faults)
    return evidence
