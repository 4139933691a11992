"""What guests see and do. Everything works as plain forms; scripts only spare them the reload."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.workbench.pages.faults import TooManyError
from canbao.workbench.pages.language import address, language_of
from canbao.workbench.pages.limits import exceeds, limited
from canbao.workbench.pages.page import render, rendered
from canbao.workbench.project.place import EVENTS
from canbao.workbench.seminar.deeds import (
    NotAllowedError,
    ask,
    cast,
    edit,
    role_at,
    sign,
    take_back,
    vote,
    withdraw,
)
from canbao.workbench.seminar.models import Ballot, Choice, Event, Participant, Question, Room, Vote
from canbao.workbench.seminar.retention import forget_question, kept
from canbao.workbench.seminar.states import PUBLIC, State
from canbao.workbench.seminar.voters import is_ticket, join, voter_of

say = Catalogue("canbao.workbench.seminar", "words")

WRITES_A_MINUTE = 40
QUESTIONS_A_MINUTE = 4
VOTES_A_MINUTE = 120
LIST_SECONDS = 0.9

View = Callable[..., HttpResponse]


def event_with(code: str) -> Event:
    """The event of a code; one that nobody knows is not found."""
    event = Event.called(code.lower())
    if event is None:
        raise Http404
    return event


def question_with(receipt: str) -> Question:
    """The question of a receipt number; one that nobody holds is not found."""
    number = "".join(receipt.lower().split())
    found = Question.objects.filter(receipt=number).select_related("merged_into", "event").first()
    if found is None:
        raise Http404
    return found


def fate_of(receipt: str) -> dict[str, Any]:
    """All that is kept of a question; an answer once everybody may see it."""
    question = question_with(receipt)
    hidden = {} if _answer_shown(question) else {"answer": "", "answered_by": ""}
    return {**kept(question), **hidden}


def of_event(view: View) -> View:
    """Gives a view the event of the code in its address."""

    @wraps(view)
    def found(request: HttpRequest, code: str, **arguments: Any) -> HttpResponse:
        event = event_with(code)
        try:
            return view(request, event, **arguments)
        except NotAllowedError:
            # The same answer as for what does not exist.
            raise Http404 from None

    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("code", WRITES_A_MINUTE)
def events(request: HttpRequest) -> HttpResponse:
    """Join by code."""
    if request.method == "POST":
        code = "".join(request.POST.get("code", "").lower().split())
        if not Event.objects.filter(code=code).exists():
            raise InputError(Fault(say("no_such_code")))
        return HttpResponseRedirect(address(request, "seminar_event", code=code))
    return render(request, "seminar/events.html", say)


@never_cache
@require_safe
@of_event
def event(request: HttpRequest, event: Event) -> HttpResponse:
    """The agenda, the questions, the polls, and a form to ask. A ticket in the address joins."""
    ticket = request.GET.get("ticket", "")
    if ticket and event.is_open and is_ticket(event, ticket):
        response: HttpResponse = HttpResponseRedirect(address(request, "seminar_event", code=event.code))
        join(response, event, ticket, secure=settings.SECURE)
        return response
    return render(request, "seminar/event.html", say, **shown_to(request, event), receipt=request.GET.get("receipt", ""))


@never_cache
@require_safe
def listed(request: HttpRequest, code: str) -> HttpResponse:
    """Questions and polls alone, for phones that heard of a change: the same for all, so that it is made once a second.

    A phone asks a second after it was told or later, so what it gets is never older than what it was told of.
    """
    key = f"seminar-list:{code.lower()}:{language_of(request)}:{_order(request)}"
    page = cache.get(key)
    if page is None:
        page = _listed(request, code=code).content
        cache.set(key, page, LIST_SECONDS)
    return HttpResponse(page)


@of_event
def _listed(request: HttpRequest, event: Event) -> HttpResponse:
    everybody = {"joined": event.is_open, "mine": (), "ballots": {}, "shared": True}
    return HttpResponse(rendered(request, "seminar/list.html", say, **_shown(request, event), **everybody))


@never_cache
@require_POST
@limited("join", WRITES_A_MINUTE)
@of_event
def join_event(request: HttpRequest, event: Event) -> HttpResponse:
    """Take part: with a ticket, or without where the event is open to all."""
    ticket = request.POST.get("ticket", "").strip()
    if (event.tickets_only or ticket) and not is_ticket(event, ticket):
        raise InputError(Fault(say("no_such_ticket")))
    response = HttpResponseRedirect(address(request, "seminar_event", code=event.code))
    if voter_of(request, event) is None or ticket:
        join(response, event, ticket or None, secure=settings.SECURE)
    return response


@never_cache
@require_POST
@limited("ask", WRITES_A_MINUTE)
@of_event
def ask_question(request: HttpRequest, event: Event) -> HttpResponse:
    """Ask; the answer is a receipt."""
    voter = voter_at(request, event)
    refuse_haste(voter)
    room = (
        Room.objects.filter(event=event, pk=int(number)).first()
        if (number := request.POST.get("room", "")).isdigit()
        else None
    )
    text, name = request.POST.get("text", ""), request.POST.get("name", "")
    question = ask(event, voter, text, language_of(request), name, room)
    return HttpResponseRedirect(f"{address(request, 'seminar_event', code=event.code)}?receipt={question.receipt}")


@never_cache
@require_POST
@limited("vote", VOTES_A_MINUTE)
@of_event
def vote_for(request: HttpRequest, event: Event, question: UUID) -> HttpResponse:
    """Want a question answered, or no longer. Twice the same is answered with 409 and changes nothing."""
    voter = voter_at(request, event)
    found = Question.called(event, question)
    if found is None or found.state not in PUBLIC:
        raise Http404
    done = withdraw(found, voter) if request.POST.get("withdraw") else vote(found, voter)
    return _back(request, event, done=done)


@never_cache
@require_POST
@limited("vote", VOTES_A_MINUTE)
@of_event
def answer_poll(request: HttpRequest, event: Event, choice: int) -> HttpResponse:
    """Answer a poll, once."""
    voter = voter_at(request, event)
    found = Choice.objects.filter(poll__event=event, pk=choice).select_related("poll__event").first()
    if found is None:
        raise Http404
    return _back(request, event, done=cast(found, voter))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("receipt", WRITES_A_MINUTE)
def receipt(request: HttpRequest) -> HttpResponse:
    """What became of a question; while nobody has read it, a form to word it anew or to take it back."""
    number = _number(request)
    found = Question.objects.filter(receipt=number).select_related("merged_into", "event").first() if number else None
    signed = Participant.objects.filter(receipt=number).select_related("event").first() if number and not found else None
    shown: dict[str, Any] = {
        "question": found,
        "signed": signed,
        "number": number,
        "answer_shown": found is not None and _answer_shown(found),
    }
    return render(request, "seminar/receipt.html", say, **shown)


@never_cache
@require_POST
@limited("receipt", WRITES_A_MINUTE)
def change_own(request: HttpRequest) -> HttpResponse:
    """Word one's own question anew or take it back, or take one's name off the list, by receipt."""
    number = _number(request)
    found = Question.objects.filter(receipt=number).first()
    if found is not None:
        take_back(found) if "take_back" in request.POST else edit(found, request.POST.get("text", ""))
    elif not Participant.objects.filter(receipt=number).delete()[0]:
        raise InputError(Fault(say("no_receipt")))
    return HttpResponseRedirect(f"{address(request, 'seminar_receipt')}?receipt={number}")


@never_cache
@require_POST
@limited("sign", WRITES_A_MINUTE)
@of_event
def sign_list(request: HttpRequest, event: Event) -> HttpResponse:
    """Put one's name on the list of participants; the answer is a receipt by which it can be taken off."""
    refuse_haste(voter_at(request, event), "sign")
    signed = sign(event, request.POST.get("name", ""), request.POST.get("body", ""))
    return HttpResponseRedirect(f"{address(request, 'seminar_receipt')}?receipt={signed.receipt}")


def _number(request: HttpRequest) -> str:
    given = request.POST if request.method == "POST" else request.GET
    return "".join(given.get("receipt", "").lower().split())


@never_cache
@require_POST
@limited("receipt", WRITES_A_MINUTE)
def receipt_file(request: HttpRequest) -> HttpResponse:
    """All that is kept of a question, for whom asked it."""
    text = json.dumps(fate_of(request.POST.get("receipt", "")), ensure_ascii=False, indent=2, default=str)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="question.json"'
    return response


@never_cache
@require_POST
@limited("receipt", WRITES_A_MINUTE)
def forget(request: HttpRequest) -> HttpResponse:
    """Delete a question at the wish of whom asked it."""
    found = question_with(request.POST.get("receipt", ""))
    forget_question(found)
    return HttpResponseRedirect(f"{address(request, 'seminar_receipt')}?receipt={found.receipt}")


@never_cache
@require_safe
@of_event
def screen(request: HttpRequest, event: Event) -> HttpResponse:
    """For the wall: the code, the question being answered, and those that most want answered; all, or one room's."""
    shown = _shown(request, event)
    room = next((one for one in shown["rooms"] if str(one.pk) == request.GET.get("room", "")), None)
    if room is not None:
        for part in ("answering", "live"):
            shown[part] = [one for one in shown[part] if one.room_id == room.pk]
    return render(request, "seminar/screen.html", say, **shown, room=room)


@require_safe
@cache_control(public=True, max_age=3600)
@of_event
def qr(request: HttpRequest, event: Event) -> HttpResponse:
    """The event's address as a QR code."""
    drawn = BytesIO()
    segno.make(request.build_absolute_uri(address(request, "seminar_event", code=event.code)), error="m").save(
        drawn, kind="svg", scale=8, border=2, xmldecl=False
    )
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


def refuse_haste(voter: str, what: str = "question") -> None:
    """Raises TooManyError where somebody asks one question after the other."""
    if exceeds(f"{what}:{voter}", QUESTIONS_A_MINUTE):
        raise TooManyError


def voter_at(request: HttpRequest, event: Event) -> str:
    """The key of who asks or votes. Raises InputError where somebody has not joined, or the event is over."""
    if not event.is_open:
        raise InputError(Fault(say("is_over")))
    voter = voter_of(request, event)
    if voter is None:
        raise InputError(Fault(say("join_first")))
    return voter


def _back(request: HttpRequest, event: Event, *, done: bool) -> HttpResponse:
    if not done:
        return render(request, "faults.html", say, 409, faults=[say("already")[language_of(request)]], title=None)
    return HttpResponseRedirect(address(request, "seminar_event", code=event.code))


def _order(request: HttpRequest) -> str:
    return "newest" if request.GET.get("sort") == "newest" else "votes"


def _answer_shown(question: Question) -> bool:
    """Answers that were written after the end are shown once they are published, all together."""
    event = question.event
    return bool(question.answer) and (
        event.closed is None or event.published is not None or not question.answered or question.answered <= event.closed
    )


def _shown(request: HttpRequest, event: Event) -> dict[str, Any]:
    """All that everybody sees of an event, from as few queries as a room of phones allows."""
    questions = list(Question.objects.filter(event=event, state__in=PUBLIC).select_related("room"))
    for one in questions:
        one.event = event
        if one.state == State.ANSWERED and not _answer_shown(one):
            one.state, one.answer, one.answer_other = State.LIVE, "", ""
    if _order(request) == "newest":
        questions.sort(key=lambda one: one.asked, reverse=True)
    by_state = {state: [one for one in questions if one.state == state] for state in PUBLIC}
    rejected = Question.objects.filter(event=event, state=State.REJECTED).values_list("reason", flat=True)
    agenda = list(event.agenda.select_related("room"))
    return {
        "event": event,
        "answering": by_state[State.ANSWERING],
        "live": by_state[State.LIVE],
        "answered": by_state[State.ANSWERED],
        "rejected": sorted(Counter(rejected).items()),
        "polls": list(event.polls.prefetch_related("choices").order_by("pk")),
        "rooms": list(event.rooms.all()),
        "agenda": agenda,
        "current": next((one for one in agenda if one.pk == event.current_id), None),
        "order": _order(request),
        "events": _events_address(request, event),
    }


def _own(request: HttpRequest, event: Event) -> dict[str, Any]:
    """What is a guest's own: her votes and ballots; and whether she is of the staff."""
    voter = voter_of(request, event)
    mine, ballots = set[int](), dict[int, int]()
    if voter is not None:
        mine = set(Vote.objects.filter(voter=voter, question__event=event).values_list("question_id", flat=True))
        ballots = dict(Ballot.objects.filter(voter=voter, poll__event=event).values_list("poll_id", "choice_id"))
    return {
        "joined": voter is not None,
        "mine": mine,
        "ballots": ballots,
        "role": role_at(event, request.user),
        "shared": False,
    }


def shown_to(request: HttpRequest, event: Event) -> dict[str, Any]:
    """All that somebody sees of an event."""
    return _shown(request, event) | _own(request, event)


def _events_address(request: HttpRequest, event: Event) -> str:
    """Where a page hears of changes: this server, by the name by which it was reached, at the port of the events."""
    port = os.environ.get(EVENTS)
    name = split_domain_port(request.get_host())[0]
    return f"{request.scheme}://{name}:{port}/events/{event.public_id}" if port else ""
