"""What is kept of a seminar beside its questions: where it stands, who came, what was said, and in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Max
from django.utils import timezone

from canbao.errors import Fault, InputError, raise_all
from canbao.evidence.seminar import PARAGRAPH, RECOMMENDATION
from canbao.languages import Catalogue, Language
from canbao.workbench.seminar.commits import committed
from canbao.workbench.seminar.deeds import changed, refuse_unless
from canbao.workbench.seminar.models import AgendaItem, Deed, Event, Headcount, Question, Remark, Room
from canbao.workbench.seminar.states import REMARKS, Act

say = Catalogue("canbao.workbench.seminar", "words")

MOST_PEOPLE = 100_000
LONGEST_LABEL = 40


@dataclass(frozen=True)
class Said:
    """A remark as it is written down; references are numbers with commas or blanks between.

    Args:
        kind: `remark` for what somebody said, `minute` for what was agreed.
        other: the text in the other language.
        paragraphs: of the report, such as 5.2-3.
        recommendations: of its register.
    """

    text: str
    language: Language
    kind: str = REMARKS[0]
    speaker: str = ""
    body: str = ""
    other: str = ""
    paragraphs: str = ""
    recommendations: str = ""


@committed
def write_down(event: Event, user: User, item: AgendaItem | None, said: Said, remark: Remark | None = None) -> Remark:
    """Note what was said, or word a remark anew, which keeps its number.

    Raises:
        NotAllowedError: the role does not have this act.
        InputError: no words, or references that are none.
    """
    refuse_unless(event, user, Act.MINUTE)
    paragraphs, recommendations = numbers_in(said.paragraphs), numbers_in(said.recommendations)
    _refuse_wrong(said, paragraphs, recommendations)
    if remark is None:
        last = Remark.objects.filter(event=event).aggregate(Max("number"))["number__max"] or 0
        remark = Remark(event=event, number=last + 1)
    remark.item, remark.kind, remark.language = item, said.kind, said.language
    remark.speaker, remark.body = said.speaker.strip()[:120], said.body.strip()[:160]
    remark.text, remark.other = said.text.strip(), said.other.strip()
    remark.paragraphs, remark.recommendations = " ".join(paragraphs), " ".join(recommendations)
    remark.save()
    _note(event, user, Act.MINUTE, f"{remark.kind} {remark.number}")
    return remark


def _refuse_wrong(said: Said, paragraphs: list[str], recommendations: list[str]) -> None:
    faults = [] if said.text.strip() else [Fault(say("words_needed"))]
    faults += [Fault(say("no_paragraph", name=one)) for one in paragraphs if not re.fullmatch(PARAGRAPH, one)]
    faults += [
        Fault(say("no_recommendation", name=one)) for one in recommendations if not re.fullmatch(RECOMMENDATION, one)
    ]
    faults += [Fault(say("too_many_numbers"))] * any(len(" ".join(one)) > 200 for one in (paragraphs, recommendations))
    raise_all(faults)


def numbers_in(numbers: str) -> list[str]:
    """Numbers with commas or blanks between."""
    return [one for one in re.split(r"[\s,;，、；]+", numbers) if one]


@committed
def strike(remark: Remark, user: User, *, struck: bool) -> None:
    """Take a remark out of the proceedings, or put it back; its number stays its own."""
    refuse_unless(remark.event, user, Act.MINUTE)
    Remark.objects.filter(pk=remark.pk).update(struck=struck)
    _note(remark.event, user, Act.MINUTE, f"{'strike' if struck else 'restore'} {remark.number}")


@committed
def count_heads(event: Event, user: User, room: Room | None, people: int) -> None:
    """Note how many somebody counted; the newest count of a room is the one that is told."""
    refuse_unless(event, user, Act.MINUTE)
    if not 0 <= people <= MOST_PEOPLE:
        raise InputError(Fault(say("wrong_headcount", most=str(MOST_PEOPLE))))
    Headcount.objects.create(event=event, room=room, people=people)
    _note(event, user, Act.MINUTE, f"headcount {people}")


@committed
def steer(event: Event, user: User, item: AgendaItem | None) -> None:
    """Say at which item the seminar is; all are shown."""
    refuse_unless(event, user, Act.STEER)
    Event.objects.filter(pk=event.pk).update(current=item)
    _note(event, user, Act.STEER, "" if item is None else item.title_en)
    changed(event, "agenda")


@committed
def translate(question: Question, user: User, other: str, answer_other: str) -> None:
    """Give a question and its answer in the other language; blank takes a translation away."""
    refuse_unless(question.event, user, Act.TRANSLATE)
    Question.objects.filter(pk=question.pk).update(other=" ".join(other.split())[:1000], answer_other=answer_other.strip())
    _note(question.event, user, Act.TRANSLATE, question.receipt, question)
    changed(question.event, "questions")


@committed
def label(question: Question, user: User, words: str) -> None:
    """Say by a word what a question is about; blank takes the label away."""
    refuse_unless(question.event, user, Act.LABEL)
    Question.objects.filter(pk=question.pk).update(label=" ".join(words.split())[:LONGEST_LABEL])
    _note(question.event, user, Act.LABEL, words[:LONGEST_LABEL], question)
    changed(question.event, "questions")


@committed
def publish(event: Event, user: User) -> None:
    """After the end: show everybody the answers that were written since, and the proceedings."""
    refuse_unless(event, user, Act.PUBLISH)
    if event.is_open:
        raise InputError(Fault(say("not_over")))
    Event.objects.filter(pk=event.pk).update(published=timezone.now())
    _note(event, user, Act.PUBLISH)
    changed(event, "closed")


def _note(event: Event, user: User, act: Act, detail: str = "", question: Question | None = None) -> None:
    Deed.objects.create(event=event, user=user, act=act, question=question, detail=detail[:300])
