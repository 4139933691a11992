"""review/seminar.json: the record of a seminar, without keys of voters, tickets or receipts.

JSON is YAML, so the file is read like all others: a fault names its line.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue, Language
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.evidence.seminar", "record")

FILE = Path("review") / "seminar.json"
"""Where a study keeps it."""

PARAGRAPH = r"[A-Z0-9]{1,4}(\.[A-Za-z0-9]{1,4})*(-[0-9]{1,4})?"
"""A paragraph of the report: its section and its place there, such as 5.2-3."""

RECOMMENDATION = r"[A-Za-z0-9][A-Za-z0-9.\-]{0,11}"
"""A recommendation by the number that the register gives it."""

Number = Annotated[int, Field(ge=0)]
Position = Annotated[int, Field(ge=1)]
State = Literal["live", "answering", "answered", "archived"]
Reason = Literal["off_topic", "insulting", "personal_data", "duplicate", "no_question", "other"]


class ItemRecord(Entry):
    """An item of the agenda.

    Args:
        room: its place in the list of rooms, from 1.
    """

    title: Bilingual
    begins: datetime.time | None = None
    ends: datetime.time | None = None
    room: Position | None = None
    speakers: list[Bilingual] = Field(default_factory=list)
    topic: Bilingual | None = None


class HeadcountRecord(Entry):
    """How many were counted in a room; in all where none is named."""

    people: Number
    room: Position | None = None


class ParticipantRecord(Entry):
    """Somebody who signed the list of participants."""

    name: str
    body: str = ""


class AttendanceRecord(Entry):
    """Who came: phones that joined, heads that were counted, and those who gave their names."""

    phones: Number = 0
    headcounts: list[HeadcountRecord] = Field(default_factory=list)
    participants: list[ParticipantRecord] = Field(default_factory=list)


class QuestionRecord(Entry):
    """A question that was let through.

    Args:
        number: in the order in which they were asked, of those let through.
        language: in which it was asked; `other` is the translation.
        votes: of people who wanted it answered.
    """

    number: Position
    text: str
    language: Language
    state: State
    votes: Number = 0
    other: str = ""
    label: str = ""
    name: str = ""
    room: Position | None = None
    answer: str = ""
    answer_language: Language | None = None
    answer_other: str = ""
    answered_by: str = ""
    answered_after: bool = False


class ChoiceRecord(Bilingual):
    """An answer of a poll."""

    ballots: Number
    reform: str = ""


class PollRecord(Entry):
    """A poll that was held."""

    text: Bilingual
    choices: list[ChoiceRecord]


class RemarkRecord(Entry):
    """What was said (`remark`) or agreed (`minute`).

    Args:
        number: unique, and never given to another.
        item: of the agenda, from 1.
        other: the text in the other language.
        paragraphs: of the report, such as 5.2-3.
        recommendations: by their numbers in the register.
    """

    number: Position
    kind: Literal["remark", "minute"] = "remark"
    item: Position | None = None
    speaker: str = ""
    body: str = ""
    language: Language
    text: str
    other: str = ""
    paragraphs: list[Annotated[str, Field(pattern=f"^{PARAGRAPH}$")]] = Field(default_factory=list)
    recommendations: list[Annotated[str, Field(pattern=f"^{RECOMMENDATION}$")]] = Field(default_factory=list)


class SeminarRecord(Entry):
    """A seminar's record.

    Args:
        indicative: whether anybody could vote, not only who had a ticket.
        rejected: how many questions were not let through, by reason.
        withdrawn: how many their askers took back.
        merged: how many were united with others.
    """

    canbao_seminar: Literal[1]
    """The version of this form of file."""

    title: Bilingual
    date: datetime.date | None = None
    place: Bilingual | None = None
    indicative: bool = True
    rooms: list[Bilingual] = Field(default_factory=list)
    agenda: list[ItemRecord] = Field(default_factory=list)
    attendance: AttendanceRecord = Field(default_factory=AttendanceRecord)
    questions: list[QuestionRecord] = Field(default_factory=list)
    rejected: dict[Reason, Number] = Field(default_factory=dict)
    withdrawn: Number = 0
    merged: Number = 0
    polls: list[PollRecord] = Field(default_factory=list)
    remarks: list[RemarkRecord] = Field(default_factory=list)


def written(record: SeminarRecord) -> str:
    """The text of the file."""
    return record.model_dump_json(indent=1, exclude_defaults=True) + "\n"


def read_seminar(study: Path, recommendations: Collection[str] = ()) -> SeminarRecord | None:
    """The record that a study keeps; None where it keeps none.

    Args:
        study: its folder.
        recommendations: the numbers of its register.

    Raises:
        InputError: all that is wrong in the file: what a record does not have, items and rooms that are not in it, a number
            given twice, a recommendation that the register does not have.
    """
    path = study / FILE
    if not path.is_file():
        return None
    yaml = YamlFile(path)
    record = yaml.validate(SeminarRecord)
    raise_all([*_strays(record, yaml), *_twice(record, yaml), *_unknown(record, yaml, recommendations)])
    return record


def _strays(record: SeminarRecord, yaml: YamlFile) -> Iterator[Fault]:
    """References within the file that lead nowhere."""
    places: list[tuple[str, list[int | None], int, list[str]]] = [
        ("room", [one.room for one in record.agenda], len(record.rooms), ["agenda"]),
        ("room", [one.room for one in record.questions], len(record.rooms), ["questions"]),
        ("room", [one.room for one in record.attendance.headcounts], len(record.rooms), ["attendance", "headcounts"]),
        ("item", [one.item for one in record.remarks], len(record.agenda), ["remarks"]),
    ]
    for name, numbers, most, keys in places:
        for at, number in enumerate(numbers):
            if number is not None and number > most:
                yield Fault(say(f"no_{name}", number=str(number), most=str(most)), yaml.place([*keys, at, name]))


def _twice(record: SeminarRecord, yaml: YamlFile) -> Iterator[Fault]:
    given = {"questions": [one.number for one in record.questions], "remarks": [one.number for one in record.remarks]}
    for key, numbers in given.items():
        seen: set[int] = set()
        for at, number in enumerate(numbers):
            if number in seen:
                yield Fault(say("number_twice", number=str(number)), yaml.place([key, at, "number"]))
            seen.add(number)


def _unknown(record: SeminarRecord, yaml: YamlFile, known: Collection[str]) -> Iterator[Fault]:
    # R1 and r1 are spoken of as one.
    folded = {number.casefold() for number in known}
    for at, one in enumerate(record.remarks):
        for place, number in enumerate(one.recommendations):
            if number.casefold() not in folded:
                where = yaml.place(["remarks", at, "recommendations", place])
                yield Fault(say("no_recommendation", number=number), where, did_you_mean(number, known))
