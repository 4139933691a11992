"""How long what people gave is kept, and how they get it back or have it deleted (PIPL, articles 45 and 47)."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from canbao.workbench.seminar.commits import committed
from canbao.workbench.seminar.deeds import changed
from canbao.workbench.seminar.models import Ballot, Change, Event, Participant, Question, Vote
from canbao.workbench.seminar.states import State

NEVER_PUBLISHED = (State.PENDING, State.REJECTED)


def kept(question: Question) -> dict[str, Any]:
    """All that is kept of a question, as whom asked it may have it; of who she is, only the name that she gave."""
    told = ("receipt", "text", "language", "name", "asked", "state", "reason", "note", "votes", "answer", "answered_by")
    return {"seminar": question.event.code, **{name: getattr(question, name) for name in told}}


@committed
def forget_question(question: Question) -> None:
    """Delete what somebody asked: text, name, key and votes.

    The row stays, so that the log of deeds holds; so does an answer in writing, which is its author's.
    Questions that were merged into it stand on their own again.
    """
    question.merged.update(state=State.LIVE, merged_into=None)
    Vote.objects.filter(question=question).delete()
    gone = dict.fromkeys(("text", "other", "name", "author", "note", "reason", "label"), "")
    Question.objects.filter(pk=question.pk).update(state=State.WITHDRAWN, merged_into=None, votes=0, **gone)
    changed(question.event, "questions")


@committed
def expire(days: int) -> None:
    """Delete what is no longer needed some days after an event was closed.

    Names, the list of participants, questions that were never published, notes to their askers, and who voted for what,
    which nobody could tell since the event was closed. Published questions, answers and numbers of votes are the record.
    """
    over = Event.objects.filter(closed__lt=timezone.now() - datetime.timedelta(days=days))
    questions = Question.objects.filter(event__in=over)
    questions.filter(state__in=NEVER_PUBLISHED).update(text="", other="")
    questions.update(name="", author="", note="")
    Participant.objects.filter(event__in=over).delete()
    Vote.objects.filter(question__event__in=over).delete()
    Ballot.objects.filter(poll__event__in=over).delete()
    Change.objects.filter(event__in=over).delete()
