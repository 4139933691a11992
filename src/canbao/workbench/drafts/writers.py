"""What authors see and do: write the report's own text in both languages, and sign translations off."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canbao.errors import InputError
from canbao.evidence.review.snapshot import say as review_words
from canbao.evidence.review.translation import SAID
from canbao.languages import LANGUAGES, Catalogue, Words
from canbao.workbench.drafts import texts as written
from canbao.workbench.drafts.editors import for_those_who_may, user_of
from canbao.workbench.drafts.log import editions
from canbao.workbench.drafts.roles import may
from canbao.workbench.drafts.states import Act
from canbao.workbench.pages.language import TAGS, address, language_of
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench.drafts", "words")


@never_cache
@require_safe
@for_those_who_may(Act.READ)
def texts(request: HttpRequest) -> HttpResponse:
    """All texts, how far each is translated, and a form to begin another."""
    if slot := request.GET.get("slot", "").strip():
        if not written.SLOT.fullmatch(slot):
            raise Http404
        return HttpResponseRedirect(address(request, "drafts_text", slot=slot))
    told = written.translation()
    listed = [(slot, Counter(one.state for one in told if one.slot == slot)) for slot in written.slots()]
    context: dict[str, Any] = {"listed": listed, "known": _known(), "states": review_words, "titles": _titles()}
    return render(request, "drafts/texts.html", say, **context, may=_acts(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_may(Act.READ)
def text(request: HttpRequest, slot: str) -> HttpResponse:
    """A text in both languages, to be read or written."""
    if not written.SLOT.fullmatch(slot):
        raise Http404
    faults: list[str] = []
    shown = written.content(slot)
    seen = {language: written.digest(shown[language]) for language in LANGUAGES}
    if request.method == "POST":
        if not may(request.user, Act.WRITE):
            raise Http404
        said = {language: request.POST.get(language, "") for language in LANGUAGES}
        was = {language: request.POST.get(f"seen_{language}", "") for language in LANGUAGES}
        try:
            written.write(slot, said, was, user_of(request), _known())
        except InputError as error:
            # What was typed stays in the form, with what somebody else wrote as the base that it is saved over next.
            faults, shown = [fault.text(language_of(request)) for fault in error.faults], said
        else:
            return HttpResponseRedirect(address(request, "drafts_text", slot=slot))
    context: dict[str, Any] = {
        "slot": slot,
        "titles": _titles(),
        "shown": shown,
        "seen": seen,
        "tags": TAGS,
        "languages": LANGUAGES,
        "pairs": [one for one in written.translation() if one.slot == slot],
        "statuses": SAID,
        "states": review_words,
        "faults": faults,
        "theirs": {one: now for one, now in written.content(slot).items() if faults and now != shown[one]},
        "longest": written.LONGEST,
        "may": _acts(request),
    }
    return render(request, "drafts/text.html", say, 422 if faults else 200, **context)


@never_cache
@require_POST
@for_those_who_may(Act.SIGN)
def sign(request: HttpRequest, slot: str) -> HttpResponse:
    """Say of paragraphs how far their translation is."""
    status = request.POST.get("status", "")
    names = [name for name in request.POST.getlist("name") if name.partition("#")[0] == slot]
    if status not in SAID or not written.SLOT.fullmatch(slot):
        raise Http404
    written.sign(names, SAID[SAID.index(status)], user_of(request))
    return HttpResponseRedirect(address(request, "drafts_text", slot=slot))


def _acts(request: HttpRequest) -> set[str]:
    return {act.value for act in Act if may(request.user, act)}


def _titles() -> dict[str, Words]:
    """What the last edition calls the places of texts."""
    last = next(reversed(list(editions().values())), None)
    heads = [one for one in last.paragraphs if one.kind == "heading" and one.key] if last else []
    return {one.key.replace("-", "."): one.words for one in heads}


def _known() -> list[str]:
    """Where a text may stand, by the headings of the last edition."""
    last = next(reversed(list(editions().values())), None)
    return written.known_slots([one.key for one in last.paragraphs if one.kind == "heading"]) if last else []
