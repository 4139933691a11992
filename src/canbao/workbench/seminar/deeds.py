"""What people do at a seminar, each whole or not at all: ask, vote, moderate, answer, poll."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils import timezone

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue, Language
from canbao.workbench.seminar.commits import committed
from canbao.workbench.seminar.models import (
    Ballot,
    Change,
    Choice,
    Deed,
    Event,
    Participant,
    Poll,
    Question,
    Room,
    Staff,
    Vote,
)
from canbao.workbench.seminar.states import LEADS_TO, MAY, REASONS, VOTED, Act, Role, State

say = Catalogue("canbao.workbench.seminar", "words")

LONGEST, SHORTEST = 500, 5
MOST_PENDING = 5
"""Questions of one person that wait at once."""


class NotAllowedError(Exception):
    """Somebody may not do this here."""


@committed
def ask(event: Event, voter: str, text: str, language: Language, name: str = "", room: Room | None = None) -> Question:
    """Ask a question.

    Raises:
        InputError: it is too short or long, or too many of the same person wait already.
    """
    words = _worded(text)
    waiting = Question.objects.filter(event=event, author=voter, state=State.PENDING).count()
    if waiting >= MOST_PENDING:
        raise InputError(Fault(say("too_many_waiting", most=str(MOST_PENDING))))
    question = Question.objects.create(
        event=event,
        author=voter,
        text=words,
        language=language,
        name=" ".join(name.split())[:60],
        room=room,
        state=State.PENDING if event.premoderated else State.LIVE,
    )
    if question.state == State.LIVE:
        changed(event, "questions")
    return question


def _worded(text: str) -> str:
    words = " ".join(text.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise InputError(Fault(say("wrong_length", least=str(SHORTEST), most=str(LONGEST))))
    return words


def edit(question: Question, text: str) -> None:
    """Word one's own question anew, while nobody has read it.

    Raises:
        InputError: it is too short or long, or somebody has.
    """
    _own_pending(question, text=_worded(text))


def take_back(question: Question) -> None:
    """Take one's own question back, while nobody has read it; its words and name are forgotten.

    Raises:
        InputError: somebody has.
    """
    _own_pending(question, text="", name="", state=State.WITHDRAWN)


@committed
def _own_pending(question: Question, **changed: str) -> None:
    mine = Question.objects.filter(pk=question.pk, state=State.PENDING, event__closed=None)
    if not mine.update(**changed):
        raise InputError(Fault(say("read_already")))


@committed
def sign(event: Event, name: str, body: str) -> Participant:
    """Put oneself on the list of participants; nothing ties the name to a ticket.

    Raises:
        InputError: without a name, or the event is over.
    """
    name, body = " ".join(name.split())[:60], " ".join(body.split())[:120]
    if not name:
        raise InputError(Fault(say("name_needed")))
    if not event.is_open:
        raise InputError(Fault(say("is_over")))
    return Participant.objects.create(event=event, name=name, body=body)


@committed
def vote(question: Question, voter: str) -> bool:
    """Want a question answered; whether this was the first time.

    Raises:
        NotAllowedError: it is not, or no longer, one that can be voted for.
    """
    with connection.cursor() as cursor:
        # As it stands now: it may have been merged or answered since somebody read it.
        cursor.execute(_VOTE, [voter, question.pk])
        if cursor.rowcount:
            _count(cursor, question, 1)
            return True
    if not Question.objects.filter(pk=question.pk, state__in=VOTED).exists():
        raise NotAllowedError
    return False


@committed
def withdraw(question: Question, voter: str) -> bool:
    """Take a vote back; whether there was one."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM seminar_vote WHERE question_id = %s AND voter = %s", [question.pk, voter])
        if cursor.rowcount:
            _count(cursor, question, -1)
            return True
    return False


# Hundreds of votes a second: written out, since the mapper takes five times as long to find the same words.
_VOTE = f"""INSERT INTO seminar_vote (voter, question_id) SELECT %s, id FROM seminar_question
WHERE id = %s AND state IN ({", ".join(f"'{one}'" for one in sorted(VOTED))}) ON CONFLICT (question_id, voter) DO NOTHING"""
_COUNT = "UPDATE seminar_question SET votes = votes + %s WHERE id = %s"
_TELL = "INSERT INTO seminar_change (event_id, kind, question_id, at) VALUES (%s, 'votes', %s, %s)"


def _count(cursor: CursorWrapper, question: Question, more: int) -> None:
    cursor.execute(_COUNT, [more, question.pk])
    cursor.execute(_TELL, [question.event_id, question.pk, connection.ops.adapt_datetimefield_value(timezone.now())])


@committed
def cast(choice: Choice, voter: str) -> bool:
    """Answer a poll; whether this was the first answer, which alone counts.

    Raises:
        NotAllowedError: the poll is not open.
    """
    if not Poll.objects.filter(pk=choice.poll_id, is_open=True).exists():
        raise NotAllowedError
    try:
        with transaction.atomic():
            Ballot.objects.create(poll=choice.poll, voter=voter, choice=choice)
    except IntegrityError:
        return False
    Choice.objects.filter(pk=choice.pk).update(ballots_cast=F("ballots_cast") + 1)
    if choice.poll.shows_results:
        changed(choice.poll.event, "ballots")
    return True


def role_at(event: Event, user: User | AnonymousUser) -> Role | None:
    """What somebody is at an event."""
    if not user.is_authenticated:
        return None
    found = Staff.objects.filter(event=event, user_id=user.pk).values_list("role", flat=True).first()
    return None if found is None else Role(found)


def refuse_unless(event: Event, user: User | AnonymousUser, act: Act) -> None:
    """Raises NotAllowedError where somebody's role does not have an act."""
    role = role_at(event, user)
    if role is None or act not in MAY[role]:
        raise NotAllowedError


@committed
def moderate(
    question: Question, user: User, act: Act, *, reason: str = "", note: str = "", into: Question | None = None,
    answer: str = "", language: Language | None = None,
) -> Question:  # fmt: skip
    """Bring a question to another state.

    Raises:
        NotAllowedError: the role does not have this act.
        InputError: it does not lead on from where the question stands, or lacks a reason, a target or words.
    """
    refuse_unless(question.event, user, act)
    sources, target = LEADS_TO[act]
    current = Question.objects.select_for_update().get(pk=question.pk)
    # Both as they stand now: the one into which it is merged may have been merged itself since somebody read it.
    into = None if into is None else Question.objects.select_for_update().get(pk=into.pk)
    _refuse_wrong(current, sources, act, reason, into, answer)
    before, current.state = current.state, target
    current.reason, current.note = (reason, note[:300]) if act == Act.REJECT else ("", current.note)
    if act == Act.ANSWER:
        current.answer, current.answered_by = answer.strip(), user.get_full_name() or user.get_username()
        current.answer_language, current.answered = language or current.language, timezone.now()
    if act == Act.MERGE and into is not None:
        current.merged_into = into
        _unite(current, into)
    current.save()
    Deed.objects.create(
        event=current.event, user=user, act=act, question=current, detail=f"{before}>{target} {reason}"[:300]
    )
    changed(current.event, "questions")
    return current


def _refuse_wrong(
    question: Question, sources: Iterable[State], act: Act, reason: str, into: Question | None, answer: str
) -> None:
    faults = []
    if State(question.state) not in sources:
        faults.append(Fault(say("wrong_state", state=say(f"state_{question.state}"))))
    if act == Act.REJECT and reason not in REASONS:
        faults.append(Fault(say("reason_needed")))
    if act == Act.MERGE and (
        into is None or into.pk == question.pk or into.event_id != question.event_id or into.state not in VOTED
    ):
        faults.append(Fault(say("target_needed")))
    if act == Act.ANSWER and not answer.strip():
        faults.append(Fault(say("answer_needed")))
    if faults:
        raise InputError(faults)


def _unite(question: Question, into: Question) -> None:
    """The votes of both, each person's once; who asked the one wants the other answered."""
    voters = set(Vote.objects.filter(question=question).values_list("voter", flat=True)) | {question.author}
    voters -= set(Vote.objects.filter(question=into).values_list("voter", flat=True)) | {into.author}
    Vote.objects.bulk_create([Vote(question=into, voter=voter) for voter in voters])
    Question.objects.filter(pk=into.pk).update(votes=F("votes") + len(voters))


@committed
def set_poll(poll: Poll, user: User, *, is_open: bool, shows_results: bool) -> None:
    """Open or close a poll, show or hide its results."""
    refuse_unless(poll.event, user, Act.POLL)
    Poll.objects.filter(pk=poll.pk).update(is_open=is_open, shows_results=shows_results)
    Deed.objects.create(event=poll.event, user=user, act=Act.POLL, detail=f"{poll.public_id} {is_open} {shows_results}")
    changed(poll.event, "polls")


@committed
def close(event: Event, user: User) -> None:
    """End an event: nobody can ask or vote any more, and nobody can ever say whose a vote was."""
    refuse_unless(event, user, Act.CLOSE)
    Event.objects.filter(pk=event.pk).update(closed=timezone.now(), secret=None, current=None)
    event.tickets.all().delete()
    Deed.objects.create(event=event, user=user, act=Act.CLOSE)
    changed(event, "closed")


def changed(event: Event, kind: str) -> None:
    """Have all who listen told."""
    Change.objects.create(event=event, kind=kind)
