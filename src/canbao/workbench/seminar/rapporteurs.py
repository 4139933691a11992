"""Minutes as they are taken, and the proceedings that are made of them."""

from __future__ import annotations

from typing import Any, get_args

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canbao.errors import Fault, InputError
from canbao.evidence.seminar import written
from canbao.languages import Catalogue, Language
from canbao.report import Format
from canbao.workbench.pages.language import address, language_of, to_sign_in
from canbao.workbench.pages.page import printed as shown_in_page
from canbao.workbench.pages.page import render
from canbao.workbench.pages.study import current_study
from canbao.workbench.seminar.deeds import refuse_unless, role_at
from canbao.workbench.seminar.guests import of_event
from canbao.workbench.seminar.minutes import MOST_PEOPLE, Said, count_heads, numbers_in, strike, write_down
from canbao.workbench.seminar.models import Event, Remark
from canbao.workbench.seminar.organisers import user_of
from canbao.workbench.seminar.proceedings import heads as newest_heads
from canbao.workbench.seminar.proceedings import press_release, printed, proceedings, record_of
from canbao.workbench.seminar.states import MAY, REMARKS, Act

say = Catalogue("canbao.workbench.seminar", "words")

KINDS: dict[str, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_event
def minutes(request: HttpRequest, event: Event) -> HttpResponse:
    """The agenda with what was said at each item, and a form to note more; with a number, that remark to be worded anew."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    refuse_unless(event, request.user, Act.MINUTE)
    items = {one.pk: one for one in event.agenda.select_related("room")}
    chosen = _remark(event, request.POST.get("remark") or request.GET.get("remark", ""))
    if request.method == "POST":
        item = items.get(int(number)) if (number := request.POST.get("item", "")).isdecimal() else None
        write_down(event, user_of(request), item, _said(request), chosen)
        return HttpResponseRedirect(f"{address(request, 'seminar_minutes', code=event.code)}#form")
    remarks = list(event.remarks.select_related("item"))
    context: dict[str, Any] = {
        "event": event,
        "agenda": list(items.values()),
        "parts": [
            (item, [one for one in remarks if one.item_id == (item and item.pk)]) for item in (*items.values(), None)
        ],
        "chosen": chosen,
        "kinds": REMARKS,
        "rooms": [(room, newest_heads(event).get(room.pk)) for room in event.rooms.all()],
        "all_heads": newest_heads(event).get(None),
        "recommendations": [one.number for one in current_study().evidence.register.entries],
        "may": MAY[role] if (role := role_at(event, request.user)) else (),
    }
    return render(request, "seminar/minutes.html", say, **context)


def _remark(event: Event, number: str) -> Remark | None:
    return event.remarks.filter(number=int(number)).first() if number.isdecimal() else None


def _said(request: HttpRequest) -> Said:
    given = {
        name: request.POST.get(name, "") for name in ("speaker", "body", "text", "other", "paragraphs", "recommendations")
    }
    language: Language = "zh" if request.POST.get("language") == "zh" else "en"
    kind = request.POST.get("kind", "")
    said = Said(**given, language=language, kind=kind if kind in REMARKS else REMARKS[0])
    _refuse_unknown(said)
    return said


def _refuse_unknown(said: Said) -> None:
    """Where the study has a register, a remark speaks of what stands in it."""
    known = {one.number.casefold() for one in current_study().evidence.register.entries}
    unknown = [one for one in numbers_in(said.recommendations) if known and one.casefold() not in known]
    if unknown:
        raise InputError([Fault(say("not_in_register", name=one)) for one in unknown])


@never_cache
@require_POST
@of_event
def strike_remark(request: HttpRequest, event: Event, number: int) -> HttpResponse:
    """Take a remark out of the proceedings, or put it back."""
    found = event.remarks.filter(number=number).first()
    if found is None:
        raise Http404
    strike(found, user_of(request), struck="restore" not in request.POST)
    return HttpResponseRedirect(address(request, "seminar_minutes", code=event.code))


@never_cache
@require_POST
@of_event
def heads(request: HttpRequest, event: Event) -> HttpResponse:
    """Note how many were counted in a room."""
    number, people = request.POST.get("room", ""), request.POST.get("people", "")
    room = event.rooms.filter(pk=int(number)).first() if number.isdecimal() else None
    if not people.isdecimal() or len(people) > len(str(MOST_PEOPLE)):
        refuse_unless(event, request.user, Act.MINUTE)
        raise InputError(Fault(say("wrong_headcount", most=str(MOST_PEOPLE))))
    count_heads(event, user_of(request), room, int(people))
    return HttpResponseRedirect(address(request, "seminar_minutes", code=event.code))


@never_cache
@require_safe
@of_event
def read_proceedings(request: HttpRequest, event: Event) -> HttpResponse:
    """The proceedings as a page: for the staff at any time, for everybody once they are published."""
    role = role_at(event, request.user)
    may_export = role is not None and Act.EXPORT in MAY[role]
    if event.published is None and not may_export:
        raise Http404
    sections, language = proceedings(event).chapters[0].sections, language_of(request)
    parts = [(one.key, one.title, shown_in_page(one.blocks, language)) for one in sections]
    return render(request, "seminar/proceedings.html", say, event=event, parts=parts, may_export=may_export)


@never_cache
@require_safe
@of_event
def download(request: HttpRequest, event: Event, part: str, form: str) -> HttpResponse:
    """The proceedings or the draft for the press in any form of the report; or the record as a study reads it."""
    refuse_unless(event, request.user, Act.EXPORT)
    if (part, form) == ("seminar", "json"):
        response = HttpResponse(written(record_of(event)), content_type="application/json")
        response["Content-Disposition"] = 'attachment; filename="seminar.json"'
        return response
    made = {"proceedings": proceedings, "press": press_release}.get(part)
    wanted = next((one for one in get_args(Format) if one == form), None)
    if made is None or wanted is None:
        raise Http404
    language = language_of(request)
    response = HttpResponse(printed(made(event), language, wanted), content_type=KINDS[form])
    response["Content-Disposition"] = f'attachment; filename="{part}-{event.code}.{language}.{form}"'
    return response
