"""What the staff of an event see and do, each by her role; all of it is noted."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from xlsxwriter import Workbook

from canbao.languages import Catalogue
from canbao.workbench.pages.language import address, language_of, to_sign_in
from canbao.workbench.pages.page import render
from canbao.workbench.seminar.deeds import close, moderate, refuse_unless, role_at, set_poll
from canbao.workbench.seminar.guests import of_event
from canbao.workbench.seminar.minutes import label, publish, steer, translate
from canbao.workbench.seminar.models import Deed, Event, Poll, Question
from canbao.workbench.seminar.states import LEADS_TO, MAY, REASONS, VOTED, Act, State

say = Catalogue("canbao.workbench.seminar", "words")

FIELDS = (
    "receipt",
    "state",
    "votes",
    "text",
    "language",
    "other",
    "label",
    "name",
    "room",
    "reason",
    "note",
    "answer",
    "answer_language",
    "answer_other",
    "answered_by",
    "asked",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@never_cache
@require_safe
@of_event
def queue(request: HttpRequest, event: Event) -> HttpResponse:
    """What waits, what is live, and what can be done with it."""
    role = role_at(event, request.user)
    if role is None:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        raise Http404
    may = MAY[role]
    unseen, seen = [State.PENDING], [State.ANSWERING, State.LIVE, State.ANSWERED]
    if Act.READ_PENDING in may:
        seen += [State.ARCHIVED, State.REJECTED]
    states = unseen * (Act.READ_PENDING in may) + seen
    questions = list(Question.objects.filter(event=event, state__in=states).select_related("room"))
    shown = {state: [one for one in questions if one.state == state] for state in states}
    open_to = {
        state: [act for act, (sources, _) in LEADS_TO.items() if state in sources and act in may] for state in states
    }
    context: dict[str, Any] = {
        "event": event,
        "role": role,
        "may": may,
        "shown": shown,
        "acts": open_to,
        "reasons": REASONS,
    }
    context |= {
        "targets": [one for one in questions if one.state in VOTED],
        "polls": list(event.polls.prefetch_related("choices")),
        "agenda": list(event.agenda.all()),
        "deeds": Deed.objects.filter(event=event).select_related("user").order_by("-pk")[:20],
    }
    return render(request, "seminar/queue.html", say, **context)


@never_cache
@require_POST
@of_event
def act_on(request: HttpRequest, event: Event, question: UUID) -> HttpResponse:
    """Bring a question to another state."""
    found = Question.objects.filter(event=event, public_id=question).select_related("event").first()
    act = request.POST.get("act", "")
    if found is None or act not in {one.value for one in LEADS_TO}:
        raise Http404
    into = Question.objects.filter(event=event, receipt=request.POST.get("into", "")).first()
    moderate(
        found,
        user_of(request),
        Act(act),
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""),
        into=into,
        answer=request.POST.get("answer", ""),
        language=language_of(request),
    )
    return HttpResponseRedirect(address(request, "seminar_queue", code=event.code))


@never_cache
@require_POST
@of_event
def reword(request: HttpRequest, event: Event, question: UUID) -> HttpResponse:
    """Give a question its translation or its label, whichever was posted."""
    found = Question.objects.filter(event=event, public_id=question).select_related("event").first()
    if found is None:
        raise Http404
    if "label" in request.POST:
        label(found, user_of(request), request.POST["label"])
    if "other" in request.POST:
        translate(found, user_of(request), request.POST["other"], request.POST.get("answer_other", ""))
    return HttpResponseRedirect(address(request, "seminar_queue", code=event.code))


@never_cache
@require_POST
@of_event
def steer_event(request: HttpRequest, event: Event) -> HttpResponse:
    """Say at which item of the agenda the seminar is."""
    number = request.POST.get("item", "")
    item = event.agenda.filter(pk=int(number)).first() if number.isdecimal() else None
    steer(event, user_of(request), item)
    return HttpResponseRedirect(address(request, "seminar_queue", code=event.code))


@never_cache
@require_POST
@of_event
def publish_event(request: HttpRequest, event: Event) -> HttpResponse:
    """Show everybody the proceedings and what was answered after the end."""
    publish(event, user_of(request))
    return HttpResponseRedirect(address(request, "seminar_queue", code=event.code))


@never_cache
@require_POST
@of_event
def switch_poll(request: HttpRequest, event: Event, poll: UUID) -> HttpResponse:
    """Open or close a poll, show or hide its results."""
    found = Poll.objects.filter(event=event, public_id=poll).select_related("event").first()
    if found is None:
        raise Http404
    set_poll(found, user_of(request), is_open="open" in request.POST, shows_results="results" in request.POST)
    return HttpResponseRedirect(address(request, "seminar_queue", code=event.code))


@never_cache
@require_POST
@of_event
def close_event(request: HttpRequest, event: Event) -> HttpResponse:
    """End the event for good."""
    close(event, user_of(request))
    return HttpResponseRedirect(address(request, "seminar_queue", code=event.code))


@never_cache
@require_safe
@of_event
def record(request: HttpRequest, event: Event, form: str) -> HttpResponse:
    """All questions with what became of them, the rejected, too, as CSV, JSON or a workbook; no keys of voters."""
    refuse_unless(event, request.user, Act.EXPORT)
    language = language_of(request)
    rows = [
        {
            **{name: getattr(one, name) for name in FIELDS if name not in ("room", "asked")},
            "room": one.room.title[language] if one.room else "",
            "asked": one.asked.isoformat(timespec="seconds"),
        }
        for one in Question.objects.filter(event=event).select_related("room").order_by("asked", "pk")
    ]
    content, kind = _written(rows, form)
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="questions-{event.code}.{form}"'
    return response


def _written(rows: list[dict[str, Any]], form: str) -> tuple[bytes, str]:
    if form == "json":
        return json.dumps(rows, ensure_ascii=False, indent=1).encode(), "application/json"
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, FIELDS)
        writer.writeheader()
        # What begins like a formula must not become one in somebody's spreadsheet.
        writer.writerows(
            {name: f"'{one}" if str(one).startswith(FORMULA) else one for name, one in row.items()} for row in rows
        )
        return text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"
    if form == "xlsx":
        stream = io.BytesIO()
        book = Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        sheet = book.add_worksheet()
        for at, name in enumerate(FIELDS):
            sheet.write_string(0, at, name)
            for line, row in enumerate(rows, start=1):
                value = row[name]
                sheet.write_number(line, at, value) if name == "votes" else sheet.write_string(line, at, str(value))
        book.close()
        return stream.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    raise Http404


def user_of(request: HttpRequest) -> User:
    """Who has signed in; for anybody else there is nothing here."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
