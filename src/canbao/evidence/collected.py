"""A study's evidence folder as a whole: literature, field, recommendations, monitoring."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence.citations import brackets
from canbao.evidence.field.notes import FieldWork, field_files, read_field
from canbao.evidence.literature.extraction import FILE as EXTRACTION_FILE
from canbao.evidence.literature.extraction import Extraction, read_study_extraction, say
from canbao.evidence.literature.screening import Screening, read_screening, screening_files
from canbao.evidence.monitoring.framework import FILE as FRAMEWORK_FILE
from canbao.evidence.monitoring.framework import Framework, read_framework
from canbao.evidence.recommendations.register import FILE as REGISTER_FILE
from canbao.evidence.recommendations.register import Register, read_register
from canbao.languages import LANGUAGES, Language
from canbao.located_yaml import read_text

Read = TypeVar("Read")


@dataclass(frozen=True)
class Evidence:
    """What a study gathered beside its survey.

    Args:
        screening: which records were kept, and why the others were not.
        extraction: what the works found.
        field: interviews, focus groups and local practice.
        register: of recommendations.
        framework: owners, frequencies and targets of indicators.
    """

    screening: Screening = dataclasses.field(default_factory=Screening)
    extraction: Extraction = dataclasses.field(default_factory=Extraction)
    field: FieldWork = dataclasses.field(default_factory=FieldWork)
    register: Register = dataclasses.field(default_factory=Register)
    framework: Framework = dataclasses.field(default_factory=Framework)


def evidence_files(folder: Path) -> list[Path]:
    """The files of an evidence folder that are read, bibliographies apart."""
    single = [folder / name for name in (EXTRACTION_FILE, REGISTER_FILE, FRAMEWORK_FILE)]
    return [*screening_files(folder), *(path for path in single if path.is_file()), *field_files(folder)]


def read_evidence(
    folder: Path,
    works: Collection[str] = (),
    assumptions: Callable[[], Collection[str]] = tuple,
    languages: Sequence[Language] = LANGUAGES,
) -> Evidence:
    """Everything in a study's evidence folder, bibliographies apart.

    Args:
        folder: the evidence folder; it need not be there.
        works: the keys of the bibliography.
        assumptions: gives the names of the simulation's assumptions; asked only where there is an extraction table.
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
        screening=read(lambda: read_screening(folder, works), Screening()),
        extraction=read(lambda: read_study_extraction(folder, works, assumptions), Extraction()),
        field=read(lambda: read_field(folder, languages), FieldWork()),
        register=read(lambda: read_register(folder), Register()),
        framework=read(lambda: read_framework(folder), Framework()),
    )
    raise_all([*faults, *_citation_faults(evidence_files(folder), works)])
    return evidence


def _citation_faults(files: Sequence[Path], works: Collection[str]) -> Iterator[Fault]:
    """Citations, in whatever text of a file, of works that the bibliography does not have."""
    for path in files:
        if path.suffix == ".csv":
            continue
        try:
            text = _COMMENT.sub(lambda line: " " * len(line[0]), read_text(path))
        except InputError:
            continue  # told where the file was read
        for bracket in brackets(text):
            line, column = text.count("\n", 0, bracket.start) + 1, bracket.start - text.rfind("\n", 0, bracket.start)
            for one in bracket.citations:
                if one.key not in works:
                    remedy = did_you_mean(one.key, works) or say("add_work")
                    yield Fault(say("no_work", work=one.key), Place(path, line, column), remedy)


_COMMENT = re.compile(r"(?m)^\s*#.*$")
