"""The study's own table of what its works found, in evidence/extraction.yaml, and the synthesis by determinant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from canbao.careers.extraction import ExtractedRow, Sign, Unit, read_extraction, shipped_rows
from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.located_yaml import YamlFile

say = Catalogue("canbao.evidence.literature", "extraction")

FILE = "extraction.yaml"


@dataclass(frozen=True)
class Extraction:
    """What a study's works found.

    Args:
        rows: by id, in the order of the file.
        outcomes: labels of all outcomes that may be named.
        determinants: labels of all determinants that may be named.
    """

    rows: Mapping[str, ExtractedRow] = field(default_factory=dict)
    outcomes: Mapping[str, Words] = field(default_factory=dict)
    determinants: Mapping[str, Words] = field(default_factory=dict)

    def outcome(self, key: str) -> Words:
        """What an outcome is called."""
        return self.outcomes.get(key) or say(f"outcome_{key}")

    def determinant(self, key: str) -> Words:
        """What a determinant is called."""
        return self.determinants.get(key) or say(f"determinant_{key}")

    def bearing_on(self, assumption: str) -> list[str]:
        """The study's rows that bear on an assumption of the simulation."""
        return [name for name, row in self.rows.items() if assumption in row.assumptions]


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What all works together say of one determinant and outcome.

    Args:
        works: how many different ones.
        signs: how many works found each sign; a work with several signs counts as mixed.
        ranges: for each unit, the number of effects, the least and the largest.
    """

    determinant: str
    outcome: str
    works: int
    signs: Mapping[Sign, int]
    ranges: Mapping[Unit, tuple[int, float, float]]


def read_study_extraction(evidence: Path, works: Collection[str], assumptions: Callable[[], Collection[str]]) -> Extraction:
    """A study's extraction table; an empty one where there is no file.

    Args:
        evidence: its evidence folder.
        works: the keys of its bibliography.
        assumptions: gives the names of the simulation's assumptions.

    Raises:
        InputError: works, outcomes, determinants or assumptions that nobody knows; rows that contradict themselves, or
            have the id of a row that comes with the programme.
    """
    path = evidence / FILE
    if not path.is_file():
        return Extraction()
    file, table = read_extraction(path)
    outcomes = {**_known("outcome"), **{key: one.words for key, one in table.outcomes.items()}}
    determinants = {**_known("determinant"), **{key: one.words for key, one in table.determinants.items()}}
    extraction = Extraction(table.rows, outcomes, determinants)
    known = assumptions() if any(row.assumptions for row in table.rows.values()) else ()
    raise_all([fault for one in table.rows for fault in _faults(one, extraction, file, works, known)])
    return extraction


def synthesis(rows: Sequence[ExtractedRow]) -> list[Synthesis]:
    """By determinant and outcome, those with the most works first; rows without a determinant are left out."""
    groups: dict[tuple[str, str], list[ExtractedRow]] = {}
    for row in rows:
        if row.determinant is not None:
            groups.setdefault((row.determinant, row.outcome), []).append(row)
    found = [_together(determinant, outcome, members) for (determinant, outcome), members in groups.items()]
    return sorted(found, key=lambda one: (-one.works, one.determinant, one.outcome))


def _together(determinant: str, outcome: str, rows: Sequence[ExtractedRow]) -> Synthesis:
    told: dict[str, set[Sign]] = {}
    for row in rows:
        told.setdefault(row.work, set()).update([row.sign] if row.sign else [])
    signs: dict[Sign, int] = {}
    for each in told.values():
        if each:
            sign: Sign = next(iter(each)) if len(each) == 1 else "mixed"
            signs[sign] = signs.get(sign, 0) + 1
    effects: dict[Unit, list[float]] = {}
    for row in rows:
        if row.effect is not None and row.unit is not None:
            effects.setdefault(row.unit, []).append(row.effect)
    ranges = {unit: (len(each), min(each), max(each)) for unit, each in effects.items()}
    return Synthesis(determinant, outcome, len(told), signs, ranges)


def _known(kind: str) -> dict[str, Words]:
    prefix = f"{kind}_"
    return {key.removeprefix(prefix): words for key, words in say.entries.items() if key.startswith(prefix)}


def _faults(
    name: str, extraction: Extraction, file: YamlFile, works: Collection[str], assumptions: Collection[str]
) -> Iterator[Fault]:
    row = extraction.rows[name]
    if name in shipped_rows():
        yield Fault(say("shipped", row=name), file.place(["rows", name]))
    if row.work not in works:
        remedy = did_you_mean(row.work, works) or say("add_work")
        yield Fault(say("no_work", work=row.work), file.place(["rows", name, "work"]), remedy)
    if row.outcome not in extraction.outcomes:
        remedy = did_you_mean(row.outcome, extraction.outcomes) or say("add_outcome")
        yield Fault(say("no_outcome", name=row.outcome), file.place(["rows", name, "outcome"]), remedy)
    if row.determinant is not None and row.determinant not in extraction.determinants:
        remedy = did_you_mean(row.determinant, extraction.determinants) or say("add_determinant")
        yield Fault(say("no_determinant", name=row.determinant), file.place(["rows", name, "determinant"]), remedy)
    for at, assumption in enumerate(row.assumptions):
        if assumption not in assumptions:
            place = file.place(["rows", name, "assumptions", at])
            yield Fault(say("no_assumption", name=assumption), place, did_you_mean(assumption, assumptions))
