"""The front page, and what every server answers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from canbao.languages import Catalogue
from canbao.report.fonts import WEIGHTS, fonts_for, usual_characters, woff2
from canbao.workbench.pages.faults import fault_page
from canbao.workbench.pages.language import address
from canbao.workbench.pages.page import render
from canbao.workbench.pages.study import current_study
from canbao.workbench.project.place import keep_days

say = Catalogue("canbao.workbench", "words")


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """To the front page in the language that the browser asks for."""
    return HttpResponseRedirect(address(request, "home"))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The doors, and what the study is about."""
    study = current_study()
    table = study.table
    return render(request, "home.html", say, respondents=table.frame.height, columns=len(table.columns))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of people, how long, and how they have it deleted."""
    return render(request, "privacy.html", Catalogue("canbao.workbench.pages", "privacy"), days=keep_days())


@require_safe
def healthy(_request: HttpRequest) -> HttpResponse:
    """For those who watch the server."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def font(_request: HttpRequest, weight: str) -> HttpResponse:
    """Noto Sans SC with the usual characters; the phone's own fonts carry the rarer ones."""
    if weight not in WEIGHTS:
        raise Http404
    return HttpResponse(woff2(fonts_for(frozenset()), weight, usual_characters()), content_type="font/woff2")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same answer for what does not exist and what nobody may see."""
    del exception  # nothing of it is for the user
    return fault_page(request, 404, "not_found")


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that no browser of a good-willed person makes."""
    del exception
    return fault_page(request, 400, "refused")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the one who is signed in may not do."""
    del exception
    return fault_page(request, 403, "not_found")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from one of our own pages."""
    del reason
    return fault_page(request, 403, "forged")


def failed(request: HttpRequest) -> HttpResponse:
    """The programme's own fault; nothing of it is shown."""
    return fault_page(request, 500, "failed")
