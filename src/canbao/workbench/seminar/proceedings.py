"""What is made of a seminar: its record as a file, proceedings and a draft of a press release as documents."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from canbao.chapters.document import Block, Bullets, Document, KeyFigures, Paragraph, Section
from canbao.chapters.seminar import plain, present, sections, share_of, supported
from canbao.evidence.seminar import SeminarRecord
from canbao.languages import LANGUAGES, Catalogue, Language, Number, Words, joined
from canbao.report import Format, write
from canbao.workbench.pages.study import current_study
from canbao.workbench.seminar.models import AgendaItem, Event, Question, Remark
from canbao.workbench.seminar.states import PUBLIC, State

say = Catalogue("canbao.workbench.seminar", "words")

SHOWN = PUBLIC | {State.ARCHIVED}
MOST_SUPPORTED = 3


# --- the record -----------------------------------------------------------------------------------------------------------


def record_of(event: Event) -> SeminarRecord:
    """An event as its file has it: nothing of who voted, no receipts, no words of what was not let through."""
    rooms = {one.pk: at for at, one in enumerate(event.rooms.all(), start=1)}
    items = {one.pk: at for at, one in enumerate(event.agenda.all(), start=1)}
    states = Counter(Question.objects.filter(event=event).values_list("state", flat=True))
    rejected = Question.objects.filter(event=event, state=State.REJECTED).values_list("reason", flat=True)
    shown = Question.objects.filter(event=event, state__in=SHOWN).order_by("asked", "pk")
    content = {
        "canbao_seminar": 1,
        "title": _pair(event.title),
        "date": event.day,
        "place": _pair(event.place) if event.place_en else None,
        "indicative": not event.tickets_only,
        "rooms": [_pair(one.title) for one in event.rooms.all()],
        "agenda": [_item(one, rooms) for one in event.agenda.all()],
        "attendance": {
            "phones": event.phones,
            "headcounts": [{"people": people, "room": rooms.get(room or 0)} for room, people in heads(event).items()],
            "participants": list(event.participants.values("name", "body")),
        },
        "questions": [_question(at, one, event, rooms) for at, one in enumerate(shown, start=1)],
        "rejected": dict(Counter(rejected)),
        "withdrawn": states[State.WITHDRAWN],
        "merged": states[State.MERGED],
        "polls": [
            {
                "text": _pair(poll.text),
                "choices": [
                    {**_pair(one.text), "ballots": one.ballots_cast, "reform": one.reform} for one in poll.choices.all()
                ],
            }
            for poll in event.polls.prefetch_related("choices").order_by("pk")
        ],
        "remarks": [_remark(one, items) for one in event.remarks.filter(struck=False)],
    }
    return SeminarRecord.model_validate(content)


def heads(event: Event) -> dict[int | None, int]:
    """The newest count of each room, by its key; under None that of all."""
    counted = event.headcounts.order_by("at", "pk").values_list("room_id", "people")
    return dict(counted)


def _pair(words: Words) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def _item(one: AgendaItem, rooms: dict[int, int]) -> dict[str, object]:
    return {
        "title": _pair(one.title),
        "begins": one.begins,
        "ends": one.ends,
        "room": rooms.get(one.room_id or 0),
        "speakers": one.speakers,
        "topic": _pair(one.topic) if one.topic_en else None,
    }


def _question(number: int, one: Question, event: Event, rooms: dict[int, int]) -> dict[str, object]:
    after = bool(event.closed and one.answered and one.answered > event.closed)
    return {
        "number": number,
        "text": one.text,
        "language": one.language,
        "state": one.state,
        "votes": one.votes,
        "other": one.other,
        "label": one.label,
        "name": one.name,
        "room": rooms.get(one.room_id or 0),
        "answer": one.answer,
        "answer_language": (one.answer_language or one.language) if one.answer else None,
        "answer_other": one.answer_other,
        "answered_by": one.answered_by if one.answer else "",
        "answered_after": bool(one.answer) and after,
    }


def _remark(one: Remark, items: dict[int, int]) -> dict[str, object]:
    return {
        "number": one.number,
        "kind": one.kind,
        "item": items.get(one.item_id or 0),
        "speaker": one.speaker,
        "body": one.body,
        "language": one.language,
        "text": one.text,
        "other": one.other,
        "paragraphs": one.paragraphs.split(),
        "recommendations": one.recommendations.split(),
    }


# --- documents ------------------------------------------------------------------------------------------------------------


def proceedings(event: Event) -> Document:
    """The whole record, ready to be printed."""
    record, study = record_of(event), current_study()
    return _document(event, say("proceedings"), sections(record, study.evidence.register), None)


def press_release(event: Event) -> Document:
    """A draft for the press; every number in it is taken from the record or the study."""
    record, study = record_of(event), current_study()
    parts: dict[str, list[Block]] = {
        "press_event": [Paragraph(_held(record))],
        "press_findings": [KeyFigures(figures)] if (figures := study.headlines()) else [],
        "press_votes": _as_list(_votes(record)),
        "press_support": _as_list(_supported(record)),
    }
    written = tuple(Section(key, say(key), tuple(blocks), numbered=False) for key, blocks in parts.items() if blocks)
    return _document(event, say("press"), written, say("press_draft"))


def _document(event: Event, kind: Words, parts: tuple[Section, ...], draft: Words | None) -> Document:
    study = current_study()
    day = event.day or (event.closed or timezone.now()).date()
    synthetic = say("press_synthetic") if study.settings.synthetic else None
    notices = [one for one in (draft, synthetic) if one is not None]
    return Document(
        key="seminar",
        title=Words(plain(event.title_en), plain(event.title_zh)),
        subtitle=kind,
        kind=say("title"),
        authors=(),
        date=day,
        # One chapter: a few pages, not one for each part.
        chapters=(Section("seminar", kind, (), parts, numbered=False),),
        references=dict.fromkeys(LANGUAGES, ()),
        notice=joined(notices, en=" ", zh="") if notices else None,
    )


def _held(record: SeminarRecord) -> Words:
    people = present(record)
    came = (
        say("press_came", people=Number(people))
        if people is not None
        else say("press_joined", phones=Number(record.attendance.phones))
    )
    when = [say("press_day", day=Words.day(record.date))] if record.date else []
    when += [say("press_place", place=_escaped(record.place.words))] if record.place else []
    told = Words("".join(f" {one.en}" for one in when), "".join(one.zh for one in when))
    answered = sum(bool(one.answer) or one.state == "answered" for one in record.questions)
    asked = say("press_asked", questions=Number(len(record.questions)), answered=Number(answered))
    return joined([say("press_held", title=_escaped(record.title.words), when=told, came=came), asked], en=" ", zh="")


def _votes(record: SeminarRecord) -> Iterator[Words]:
    """Of each poll in which anybody voted, what most chose."""
    for poll in record.polls:
        cast = sum(one.ballots for one in poll.choices)
        most = max(one.ballots for one in poll.choices)
        if most:
            first = joined([_escaped(one.words) for one in poll.choices if one.ballots == most], en=" / ", zh="、")
            share = share_of(most, cast)
            yield say("press_poll", poll=_escaped(poll.text.words), choice=first, share=share, cast=Number(cast))
    if record.indicative and record.polls:
        yield say("press_indicative")


def _supported(record: SeminarRecord) -> Iterator[Words]:
    for one in supported(record, current_study().evidence.register)[:MOST_SUPPORTED]:
        words: dict[str, Words | str] = {"number": one.entry.number, "recommendation": one.entry.recommendation.words}
        if one.ballots:
            yield say("press_supported", **words, share=share_of(one.ballots, one.cast), cast=Number(one.cast))
        elif one.remarks:
            yield say("press_spoken_of", **words, remarks=Number(one.remarks))


def _as_list(items: Iterator[Words]) -> list[Block]:
    said = tuple(items)
    return [Bullets(said)] if said else []


def _escaped(words: Words) -> Words:
    return Words(plain(words.en), plain(words.zh))


def printed(document: Document, language: Language, form: Format) -> bytes:
    """A document as a file, by the writers of the report."""
    with tempfile.TemporaryDirectory() as folder:
        write(document, Path(folder), [language], [form], lambda _: None)
        return (Path(folder) / f"{document.key}.{language}.{form}").read_bytes()
