"""A seminar as a file: title, sessions, rules and polls.

title: {en: Seminar on …, zh: …研讨会}
tickets_only: true
rooms:
  - {en: Pensions, zh: 养老保险}
polls:
  - text: {en: Which option first?, zh: 优先选择哪项改革？}
    choices:
      - {en: Platforms pay for each order, zh: 平台按单缴费, reform: order_levy}
      - {en: The state matches, zh: 政府补贴, reform: matching}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db import transaction
from pydantic import Field

from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, YamlFile
from canbao.reforms.reform import available
from canbao.workbench.seminar.models import Choice, Event, Poll, Room

say = Catalogue("canbao.workbench.seminar", "words")


class ChoiceEntry(Bilingual):
    """An answer of a poll; `reform` names one that can be simulated."""

    reform: str = ""


class PollEntry(Entry):
    """A poll."""

    text: Bilingual
    choices: list[ChoiceEntry] = Field(min_length=2, max_length=12)


class SeminarFile(Entry):
    """A seminar's file."""

    title: Bilingual
    rules: Bilingual | None = None
    tickets_only: bool = False
    premoderated: bool = True
    rooms: list[Bilingual] = Field(default_factory=list)
    polls: list[PollEntry] = Field(default_factory=list)


def open_seminar(path: Path, study: Path) -> Event:
    """Make an event as its file says.

    Raises:
        InputError: what is wrong with the file, or a reform that a poll names does not exist.
    """
    yaml = YamlFile(path)
    file = yaml.validate(SeminarFile)
    raise_all(list(_unknown_reforms(file, yaml, available(study))))
    with transaction.atomic():
        rules = file.rules.words if file.rules else None
        event = Event.objects.create(
            title_en=file.title.en,
            title_zh=file.title.zh,
            rules_en=rules.en if rules else "",
            rules_zh=rules.zh if rules else "",
            tickets_only=file.tickets_only,
            premoderated=file.premoderated,
        )
        for at, room in enumerate(file.rooms):
            Room.objects.create(event=event, order=at, title_en=room.en, title_zh=room.zh)
        for poll in file.polls:
            made = Poll.objects.create(event=event, text_en=poll.text.en, text_zh=poll.text.zh)
            for at, one in enumerate(poll.choices):
                Choice.objects.create(poll=made, order=at, text_en=one.en, text_zh=one.zh, reform=one.reform)
    return event


def _unknown_reforms(file: SeminarFile, yaml: YamlFile, known: Mapping[str, Path]) -> Iterator[Fault]:
    for at, poll in enumerate(file.polls):
        for number, one in enumerate(poll.choices):
            if one.reform and one.reform not in known:
                place = yaml.place(["polls", at, "choices", number, "reform"])
                yield Fault(say("no_reform", name=one.reform), place, did_you_mean(one.reform, known))
