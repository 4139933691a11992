"""Which records were kept: screening decisions, and the flow of records from search to review (PRISMA 2020).

A study's evidence/screening.csv has a line a decision: record, stage, decision, reason, by, date. A record is named by its
key in the bibliography. evidence/searches.yaml says what was searched and what was taken out before the bibliography was
made. Two people may decide on the same record at the same stage; where they differ, a line `by` consensus settles it.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence.literature.duplicates import Duplicate, duplicates
from canbao.evidence.literature.works import Work
from canbao.languages import Catalogue, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile, read_text

say = Catalogue("canbao.evidence.literature", "screening")

DECISIONS_FILE = "screening.csv"
SEARCHES_FILE = "searches.yaml"

Stage = Literal["identification", "screening", "retrieval", "eligibility"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""In their order: before screening; titles and abstracts; getting hold of the text; the text."""

HEADER = ("record", "stage", "decision", "reason", "by", "date")
CONSENSUS = "consensus"

REASONS = (
    "duplicate",
    "automation",
    "topic",
    "population",
    "place",
    "outcome",
    "design",
    "no_text",
    "language",
    "year",
    "quality",
    "double_report",
    "other",
)
"""Why a record is left out; a study adds its own in searches.yaml."""

SAME_WORK = frozenset({"duplicate", "double_report"})

SearchKind = Literal["database", "register", "website", "organisation", "citations"]


class SearchEntry(Entry):
    """One search.

    Args:
        source: what was searched.
        kind: as PRISMA 2020 tells sources apart.
        date: on which it was done.
        query: as it was entered.
        records: how many it found.
    """

    source: Bilingual
    kind: SearchKind
    date: datetime.date | None = None
    query: str | None = None
    records: Annotated[int, Field(ge=0)]


class SearchesFile(Entry):
    """searches.yaml.

    Args:
        removed: taken out before the bibliography was made, by reason.
        reasons: of the study's own, with labels.
    """

    searches: list[SearchEntry] = Field(default_factory=list)
    removed: dict[Literal["duplicate", "automation", "other"], Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    reasons: dict[str, Bilingual] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of screening.csv."""

    record: str
    stage: Stage
    included: bool
    reason: str
    by: str
    date: datetime.date
    line: int


@dataclass(frozen=True)
class Flow:
    """How many records came how far; every number follows from those above it.

    `identified = removed + screened + unscreened`, `screened = excluded + sought`,
    `sought = not retrieved + assessed + waiting`, `assessed = excluded by reason + included`.

    Args:
        identified: by kind of source; one entry `bibliography` where no searches are stated.
        removed: before screening, by reason.
        unscreened: records on which nobody has decided yet.
        screened: by title and abstract.
        excluded: of them.
        sought: texts that were looked for.
        not_retrieved: texts that could not be had.
        waiting: texts on which nobody has decided yet.
        assessed: texts that were read.
        reasons: texts left out, by reason, the most frequent first.
        included: works in the review.
    """

    identified: Mapping[str, int]
    removed: Mapping[str, int]
    unscreened: int
    screened: int
    excluded: int
    sought: int
    not_retrieved: int
    waiting: int
    assessed: int
    reasons: Mapping[str, int]
    included: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two people agreed who decided on the same records at a stage.

    Args:
        pairs: records on which two decided.
        agreed: of them, how many alike.
        kappa: Cohen's kappa; None where it is not defined, since all said the same.
    """

    stage: Stage
    pairs: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True)
class Screening:
    """The screening of a study.

    Args:
        decisions: by record, stage and line.
        settled: for each record, what holds at each stage.
        searches: what was searched; None where that is not stated.
        labels: of reasons, the study's own included.
    """

    decisions: tuple[Decision, ...] = ()
    settled: Mapping[str, Mapping[Stage, Decision]] = field(default_factory=dict)
    searches: SearchesFile | None = None
    labels: Mapping[str, Words] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether there is a screening at all."""
        return bool(self.decisions)

    @property
    def included(self) -> frozenset[str]:
        """Records that were read and kept."""
        return frozenset(key for key, at in self.settled.items() if "eligibility" in at and at["eligibility"].included)

    def flow(self, records: Collection[str]) -> Flow:
        """The flow of all records of the bibliography."""
        last = {key: self.settled.get(key, {}) for key in records}
        before = [at["identification"].reason for at in last.values() if "identification" in at]
        screened = [at for at in last.values() if "screening" in at]
        sought = [at for at in screened if at["screening"].included]
        lost = [at for at in sought if "retrieval" in at and not at["retrieval"].included]
        assessed = [at for at in sought if "eligibility" in at]
        left_out = Counter(at["eligibility"].reason for at in assessed if not at["eligibility"].included)
        searches = self.searches
        found: dict[str, int] = {"bibliography": len(last)}
        removed = Counter(before)
        if searches and searches.searches:
            found = {}
            for one in searches.searches:
                found[one.kind] = found.get(one.kind, 0) + one.records
            removed.update(searches.removed)
        return Flow(
            identified=found,
            removed={reason: times for reason, times in _ranked(removed) if times},
            unscreened=len(last) - len(before) - len(screened),
            screened=len(screened),
            excluded=len(screened) - len(sought),
            sought=len(sought),
            not_retrieved=len(lost),
            waiting=len(sought) - len(lost) - len(assessed),
            assessed=len(assessed),
            reasons=dict(_ranked(left_out)),
            included=sum(at["eligibility"].included for at in assessed),
        )

    def agreement(self) -> tuple[Agreement, ...]:
        """How far those who decided on the same records agreed, by stage; the first two by line where there are more."""
        found = []
        for stage in STAGES:
            pairs = list(self._pairs(stage))
            if pairs:
                found.append(Agreement(stage, len(pairs), sum(one == other for one, other in pairs), _kappa(pairs)))
        return tuple(found)

    def _pairs(self, stage: Stage) -> Iterator[tuple[bool, bool]]:
        by_record: dict[str, list[bool]] = {}
        for one in self.decisions:
            if one.stage == stage and one.by.casefold() != CONSENSUS:
                by_record.setdefault(one.record, []).append(one.included)
        yield from ((told[0], told[1]) for told in by_record.values() if len(told) > 1)


def open_duplicates(works: Sequence[Work], screening: Screening) -> list[Duplicate]:
    """Pairs of works that seem to be one, of which screening has taken out neither."""
    settled = screening.settled.items()
    out = {key for key, at in settled if any(not one.included and one.reason in SAME_WORK for one in at.values())}
    return [one for one in duplicates(works) if not out & {one.first, one.second}]


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen (1960), A coefficient of agreement for nominal scales."""
    count = len(pairs)
    observed = sum(one == other for one, other in pairs) / count
    first, second = sum(one for one, _ in pairs) / count, sum(other for _, other in pairs) / count
    by_chance = first * second + (1 - first) * (1 - second)
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


def screening_files(evidence: Path) -> list[Path]:
    """The files from which `read_screening` reads, of those that are there."""
    return [path for name in (DECISIONS_FILE, SEARCHES_FILE) if (path := evidence / name).is_file()]


def read_screening(evidence: Path, records: Collection[str]) -> Screening:
    """A study's screening.

    Args:
        evidence: its evidence folder.
        records: the keys of its bibliography.

    Raises:
        InputError: records that the bibliography does not have, decisions without reason, author or day, decisions that
            contradict each other or come before their turn; numbers of the searches that do not add up.
    """
    searches = evidence / SEARCHES_FILE
    file = YamlFile(searches) if searches.is_file() else None
    entry = file.validate(SearchesFile) if file else None
    own = {key: label.words for key, label in entry.reasons.items()} if entry else {}
    labels = {**{reason: say(f"reason_{reason}") for reason in REASONS}, **own}
    path = evidence / DECISIONS_FILE
    decisions = _read_decisions(path, records, labels) if path.is_file() else ()
    settled = _settled(decisions, path)
    if file is not None and entry is not None and entry.searches:
        _refuse_other_total(entry, file, records)
    return Screening(decisions, settled, entry, labels)


def _refuse_other_total(entry: SearchesFile, file: YamlFile, records: Collection[str]) -> None:
    found, removed = sum(one.records for one in entry.searches), sum(entry.removed.values())
    if found - removed != len(records):
        what = say("total", found=str(found), removed=str(removed), left=str(found - removed), records=str(len(records)))
        raise InputError(Fault(what, file.place(["searches"]), say("total_remedy")))


# --- screening.csv --------------------------------------------------------------------------------------------------------


def _read_decisions(path: Path, records: Collection[str], reasons: Mapping[str, Words]) -> tuple[Decision, ...]:
    reader = csv.reader(io.StringIO(read_text(path)))
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in _rows(reader, path)]
    if not rows or tuple(rows[0][1]) != HEADER:
        raise InputError(Fault(say("header", header=",".join(HEADER)), Place(path, 1)))
    faults: list[Fault] = []
    decisions = []
    for line, cells in rows[1:]:
        if not any(cells):
            continue
        found = list(_line_faults(cells, records, reasons, Place(path, line)))
        faults += found
        if not found:
            record, stage, decision, reason, by, date = cells
            day = datetime.date.fromisoformat(date)
            decisions.append(Decision(record, stage, decision == "include", reason, by, day, line))  # type: ignore[arg-type]
    raise_all(faults)
    return tuple(decisions)


def _rows(reader: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise InputError(Fault(say("no_csv", problem=str(error)), Place(path))) from None


def _line_faults(
    cells: Sequence[str], records: Collection[str], reasons: Mapping[str, Words], place: Place
) -> Iterator[Fault]:
    if len(cells) != len(HEADER):
        yield Fault(say("cells", times=str(len(cells)), header=",".join(HEADER)), place)
        return
    record, stage, decision, reason, by, date = cells
    if record not in records:
        yield Fault(say("no_record", record=record), place, did_you_mean(record, records) or say("add_record"))
    if stage not in STAGES:
        yield Fault(say("no_stage", stage=stage), place, did_you_mean(stage, STAGES))
    if decision not in ("include", "exclude"):
        yield Fault(say("no_decision", decision=decision), place, did_you_mean(decision, ("include", "exclude")))
    elif decision == "include" and stage == "identification":
        yield Fault(say("only_removed"), place)
    if decision == "exclude" and reason not in reasons:
        what = say("no_reason_given") if not reason else say("no_reason", reason=reason)
        yield Fault(what, place, did_you_mean(reason, reasons) or say("which_reasons", reasons=", ".join(reasons)))
    if decision == "include" and reason:
        yield Fault(say("needless_reason"), place)
    if not by:
        yield Fault(say("no_author"), place)
    if not _is_day(date):
        yield Fault(say("no_day", date=date), place)


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _settled(decisions: Sequence[Decision], path: Path) -> dict[str, dict[Stage, Decision]]:
    """What holds for each record at each stage."""
    several: dict[tuple[str, Stage], list[Decision]] = {}
    for one in decisions:
        several.setdefault((one.record, one.stage), []).append(one)
    faults: list[Fault] = []
    settled: dict[str, dict[Stage, Decision]] = {}
    for (record, stage), told in several.items():
        faults += _twice(told, path)
        agreed = [one for one in told if one.by.casefold() == CONSENSUS]
        if not agreed and len({one.included for one in told}) > 1:
            lines = ", ".join(str(one.line) for one in told)
            faults.append(Fault(say("disagree", record=record, stage=stage, lines=lines), Place(path, told[-1].line)))
        settled.setdefault(record, {})[stage] = (agreed or told)[-1]
    for record, at in settled.items():
        faults += _out_of_turn(record, at, path)
    raise_all(sorted(faults, key=lambda one: one.place.line or 0))
    return settled


def _twice(told: Sequence[Decision], path: Path) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for one in told:
        if one.by.casefold() in first:
            line = str(first[one.by.casefold()])
            yield Fault(say("twice", by=one.by, record=one.record, stage=one.stage, line=line), Place(path, one.line))
        first.setdefault(one.by.casefold(), one.line)


def _out_of_turn(record: str, at: Mapping[Stage, Decision], path: Path) -> Iterator[Fault]:
    """A record goes on only while it is included; the text may be read without a line on getting hold of it."""
    for position, stage in enumerate(STAGES):
        if stage not in at:
            continue
        before = [one for one in STAGES[:position] if one in at]
        out = next((one for one in before if not at[one].included), None)
        if out is not None:
            what = say("goes_on", record=record, stage=stage, before=out, line=str(at[out].line))
            yield Fault(what, Place(path, at[stage].line))
        elif position >= STAGES.index("retrieval") and "screening" not in at:
            yield Fault(say("not_screened", record=record, stage=stage), Place(path, at[stage].line))
