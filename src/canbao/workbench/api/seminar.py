"""Seminars: what guests see and do, by the functions, limits and tickets of the pages."""

from __future__ import annotations

import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from ninja.utils import check_csrf
from pydantic import Field

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.workbench.api.shapes import Both, Sent, both, told
from canbao.workbench.pages.limits import TICKET, count
from canbao.workbench.seminar import deeds, guests
from canbao.workbench.seminar.models import Choice, Event, Question, Room
from canbao.workbench.seminar.retention import forget_question
from canbao.workbench.seminar.states import PUBLIC
from canbao.workbench.seminar.voters import admitted, is_ticket

router = Router(tags=["seminar"])
say = Catalogue("canbao.workbench.seminar", "words")

REFUSED = (403, 404, 409, 413, 422, 429)
"""How a vote can be refused."""


class ForgedError(Exception):
    """A browser's cookie came without the token of one of our pages."""


class TwiceError(Exception):
    """It was done already; nothing changed."""


class RoomShape(Schema):
    """A session."""

    id: int
    title: Both


class EventShape(Schema):
    """A seminar. Whoever listens to /events/<id> on the port of the events is told that something has changed."""

    code: str
    id: UUID
    title: Both
    rules: Both
    is_open: bool
    tickets_only: bool
    premoderated: bool
    rooms: list[RoomShape]
    not_let_through: dict[str, int]


class QuestionShape(Schema):
    """A question that everybody sees."""

    id: UUID
    text: str
    language: Literal["en", "zh"]
    name: str
    room: int | None
    state: str
    votes: int
    voted: bool
    answer: str
    answered_by: str
    asked: datetime.datetime


class ChoiceShape(Schema):
    """An answer that a poll offers; `ballots` is null where results are not public."""

    id: int
    text: Both
    reform: str
    ballots: int | None
    mine: bool


class PollShape(Schema):
    """A poll that is open, or whose results are public."""

    id: UUID
    text: Both
    is_open: bool
    choices: list[ChoiceShape]


class TicketShape(Schema):
    """A ticket: with it as the header `Ticket` one asks and votes. Keep it; it is told once."""

    ticket: str


class Asked(Sent):
    """A question to be asked."""

    text: str = Field(min_length=deeds.SHORTEST, max_length=deeds.LONGEST)
    language: Literal["en", "zh"] = "zh"
    name: str = Field("", max_length=60)
    room: int | None = None


class ReceiptShape(Schema):
    """By this number one learns what became of the question, and can have it deleted."""

    receipt: str
    state: str


class Receipt(Sent):
    """A receipt number; it stands in the body, since addresses are noted by servers on the way."""

    receipt: str = Field(max_length=20)


class Fate(Schema):
    """What is kept of a question, and what became of it."""

    receipt: str
    seminar: str
    text: str
    language: str
    name: str
    asked: datetime.datetime
    state: str
    reason: str
    note: str
    votes: int
    answer: str
    answered_by: str


class VoteShape(Schema):
    """How many want the question answered."""

    votes: int


class Done(Schema):
    """It was done."""

    done: bool


@router.get("seminars/{code}", **told("event", EventShape, 404))
def event(request: HttpRequest, code: str) -> dict[str, Any]:
    """By the code that stands on the screen."""
    found = guests.event_with(code)
    default = say("rules_default")
    shown = guests.shown_to(request, found)
    return {
        "code": found.code,
        "id": found.public_id,
        "title": both(found.title),
        "rules": Both(en=found.rules_en or default.en, zh=found.rules_zh or default.zh),
        "is_open": found.is_open,
        "tickets_only": found.tickets_only,
        "premoderated": found.premoderated,
        "rooms": [RoomShape(id=room.pk, title=both(room.title)) for room in shown["rooms"]],
        "not_let_through": dict(shown["rejected"]),
    }


@router.get("seminars/{code}/questions", **told("questions", list[QuestionShape], 404))
def questions(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Those that everybody sees, the most wanted first."""
    shown = guests.shown_to(request, guests.event_with(code))
    return [
        {
            "id": one.public_id,
            "text": one.text,
            "language": one.language,
            "name": one.name,
            "room": one.room_id,
            "state": one.state,
            "votes": one.votes,
            "voted": one.pk in shown["mine"],
            "answer": one.answer,
            "answered_by": one.answered_by,
            "asked": one.asked,
        }
        for one in [*shown["answering"], *shown["live"], *shown["answered"]]
    ]


@router.get("seminars/{code}/polls", **told("polls", list[PollShape], 404))
def polls(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """With results where the chair has made them public."""
    shown = guests.shown_to(request, guests.event_with(code))
    return [
        {
            "id": poll.public_id,
            "text": both(poll.text),
            "is_open": poll.is_open,
            "choices": [
                {
                    "id": one.pk,
                    "text": both(one.text),
                    "reform": one.reform,
                    "ballots": one.ballots_cast if poll.shows_results else None,
                    "mine": shown["ballots"].get(poll.pk) == one.pk,
                }
                for one in poll.choices.all()
            ],
        }
        for poll in shown["polls"]
        if poll.is_open or poll.shows_results
    ]


@router.post("seminars/{code}/tickets", **told("join", TicketShape, 400, 404, 413, 422, 429))
def join(request: HttpRequest, code: str) -> dict[str, str]:
    """A ticket of one's own, where a seminar is open to all; elsewhere the one that was printed is looked at."""
    count(request, "join", guests.WRITES_A_MINUTE)
    found = guests.event_with(code)
    if not found.is_open:
        raise InputError(Fault(say("is_over")))
    ticket = request.headers.get(TICKET, "")
    if (found.tickets_only or ticket) and not is_ticket(found, ticket):
        raise InputError(Fault(say("no_such_ticket")))
    return {"ticket": admitted(found, ticket or None)}


@router.post("seminars/{code}/questions", **told("ask", ReceiptShape, 400, 403, 404, 413, 422, 429))
def ask(request: HttpRequest, code: str, asked: Asked) -> dict[str, str]:
    """A moderator reads it before it is shown, unless the seminar is open."""
    found, voter = _taking_part(request, code, "ask", guests.WRITES_A_MINUTE)
    guests.refuse_haste(voter)
    room = Room.objects.filter(event=found, pk=asked.room).first() if asked.room else None
    question = deeds.ask(found, voter, asked.text, asked.language, asked.name, room)
    return {"receipt": question.receipt, "state": question.state}


@router.post("receipts", **told("receipt", Fate, 400, 404, 413, 422, 429))
def receipt(request: HttpRequest, held: Receipt) -> dict[str, Any]:
    """All that is kept of it."""
    count(request, "receipt", guests.WRITES_A_MINUTE)
    return guests.fate_of(held.receipt)


@router.post("receipts/deletion", **told("forget", Done, 400, 404, 413, 422, 429))
def forget(request: HttpRequest, held: Receipt) -> dict[str, bool]:
    """Its text, the name and the votes go; an answer in writing stays in the record."""
    count(request, "receipt", guests.WRITES_A_MINUTE)
    forget_question(guests.question_with(held.receipt))
    return {"done": True}


@router.put("seminars/{code}/questions/{uuid:question}/vote", **told("vote", VoteShape, *REFUSED))
def vote(request: HttpRequest, code: str, question: UUID) -> dict[str, int]:
    """Want a question answered."""
    return _voted(request, code, question, withdraw=False)


@router.delete(
    "seminars/{code}/questions/{uuid:question}/vote", **told("withdraw", VoteShape, 403, 404, 409, 413, 422, 429)
)
def withdraw(request: HttpRequest, code: str, question: UUID) -> dict[str, int]:
    """Take one's vote back."""
    return _voted(request, code, question, withdraw=True)


@router.put("seminars/{code}/choices/{int:choice}/ballot", **told("answer_poll", Done, *REFUSED))
def answer_poll(request: HttpRequest, code: str, choice: int) -> dict[str, bool]:
    """Answer a poll, once."""
    found, voter = _taking_part(request, code, "vote", guests.VOTES_A_MINUTE)
    one = Choice.objects.filter(poll__event=found, pk=choice).select_related("poll__event").first()
    if one is None:
        raise Http404
    if not deeds.cast(one, voter):
        raise TwiceError
    return {"done": True}


def _voted(request: HttpRequest, code: str, question: UUID, *, withdraw: bool) -> dict[str, int]:
    found, voter = _taking_part(request, code, "vote", guests.VOTES_A_MINUTE)
    one = Question.called(found, question)
    if one is None or one.state not in PUBLIC:
        raise Http404
    if not (deeds.withdraw(one, voter) if withdraw else deeds.vote(one, voter)):
        raise TwiceError
    one.refresh_from_db(fields=["votes"])
    return {"votes": one.votes}


def _taking_part(request: HttpRequest, code: str, what: str, most: int) -> tuple[Event, str]:
    """The event, and the key of who takes part; limits as on the pages."""
    count(request, what, most)
    # Another site can make a browser send a cookie, but no header.
    if TICKET not in request.headers and check_csrf(request) is not None:
        raise ForgedError
    found = guests.event_with(code)
    return found, guests.voter_at(request, found)
