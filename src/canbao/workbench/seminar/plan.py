"""A seminar as a file: title, day, rooms, agenda, rules and polls.

title: {en: Seminar on …, zh: …研讨会}
date: 2026-12-03
tickets_only: true
rooms:
  - {en: Main hall, zh: 主会场}
agenda:
  - begins: 09:00
    ends: 09:40
    room: Main hall
    title: {en: What the survey found, zh: 调查发现}
    speakers: [{en: Li Hua, zh: 李华}]
    topic: {en: Pensions, zh: 养老保险}
polls:
  - text: {en: Which option first?, zh: 优先选择哪项改革？}
    choices:
      - {en: Platforms pay for each order, zh: 平台按单缴费, reform: order_levy}
      - {en: The state matches, zh: 政府补贴, reform: matching}
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import Field

from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, YamlFile
from canbao.reforms.reform import available
from canbao.workbench.project.writing import one_writer
from canbao.workbench.seminar.models import AgendaItem, Choice, Event, Poll, Room

say = Catalogue("canbao.workbench.seminar", "words")


class ChoiceEntry(Bilingual):
    """An answer of a poll; `reform` names one that can be simulated."""

    reform: str = ""


class PollEntry(Entry):
    """A poll."""

    text: Bilingual
    choices: list[ChoiceEntry] = Field(min_length=2, max_length=12)


class ItemEntry(Entry):
    """An item of the agenda; its room by either title."""

    title: Bilingual
    begins: datetime.time | None = None
    ends: datetime.time | None = None
    room: str | None = None
    speakers: list[Bilingual] = Field(default_factory=list)
    topic: Bilingual | None = None


class SeminarFile(Entry):
    """A seminar's file."""

    title: Bilingual
    date: datetime.date | None = None
    place: Bilingual | None = None
    rules: Bilingual | None = None
    tickets_only: bool = False
    premoderated: bool = True
    rooms: list[Bilingual] = Field(default_factory=list)
    agenda: list[ItemEntry] = Field(default_factory=list)
    polls: list[PollEntry] = Field(default_factory=list)


def open_seminar(path: Path, study: Path) -> Event:
    """Make an event as its file says.

    Raises:
        InputError: what is wrong with the file, or a reform that a poll names does not exist.
    """
    yaml = YamlFile(path)
    file = yaml.validate(SeminarFile)
    raise_all([*_unknown_reforms(file, yaml, available(study)), *_wrong_items(file, yaml)])
    with one_writer():
        event = Event.objects.create(
            title_en=file.title.en,
            title_zh=file.title.zh,
            day=file.date,
            **_both("place", file.place),
            **_both("rules", file.rules),
            tickets_only=file.tickets_only,
            premoderated=file.premoderated,
        )
        rooms = [
            Room.objects.create(event=event, order=at, title_en=room.en, title_zh=room.zh)
            for at, room in enumerate(file.rooms)
        ]
        for at, item in enumerate(file.agenda):
            AgendaItem.objects.create(
                event=event,
                order=at,
                room=None if item.room is None else rooms[_room(file, item.room)],
                begins=item.begins,
                ends=item.ends,
                title_en=item.title.en,
                title_zh=item.title.zh,
                **_both("topic", item.topic),
                speakers=[{"en": one.en, "zh": one.zh} for one in item.speakers],
            )
        for poll in file.polls:
            made = Poll.objects.create(event=event, text_en=poll.text.en, text_zh=poll.text.zh)
            for at, one in enumerate(poll.choices):
                Choice.objects.create(poll=made, order=at, text_en=one.en, text_zh=one.zh, reform=one.reform)
    return event


def _both(name: str, text: Bilingual | None) -> dict[str, str]:
    return {f"{name}_en": text.en if text else "", f"{name}_zh": text.zh if text else ""}


def _room(file: SeminarFile, title: str) -> int:
    """The place of a room in the list, -1 where there is none of that title."""
    return next((at for at, room in enumerate(file.rooms) if title in (room.en, room.zh)), -1)


def _wrong_items(file: SeminarFile, yaml: YamlFile) -> Iterator[Fault]:
    for at, item in enumerate(file.agenda):
        if item.room is not None and _room(file, item.room) < 0:
            known = [title for room in file.rooms for title in (room.en, room.zh)]
            place = yaml.place(["agenda", at, "room"])
            yield Fault(say("no_room", name=item.room), place, did_you_mean(item.room, known))
        if item.begins and item.ends and item.ends <= item.begins:
            yield Fault(say("ends_before"), yaml.place(["agenda", at, "ends"]))


def _unknown_reforms(file: SeminarFile, yaml: YamlFile, known: Mapping[str, Path]) -> Iterator[Fault]:
    for at, poll in enumerate(file.polls):
        for number, one in enumerate(poll.choices):
            if one.reform and one.reform not in known:
                place = yaml.place(["polls", at, "choices", number, "reform"])
                yield Fault(say("no_reform", name=one.reform), place, did_you_mean(one.reform, known))
