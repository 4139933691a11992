"""Runs of many workers: begun, followed, cancelled and shown."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.workbench.pages.language import address, language_of
from canbao.workbench.pages.limits import limited
from canbao.workbench.pages.page import render
from canbao.workbench.simulate.asked import YEARS, asked_of
from canbao.workbench.simulate.runs import SIZES, Run, begin_run
from canbao.workbench.simulate.views import of_question

say = Catalogue("canbao.workbench.simulate", "words")


@require_POST
@limited("run", 6)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a run, or go to the one that was made of the same."""
    asked = asked_of(request.POST)
    workers = next((one for one in SIZES if request.POST.get("workers") == str(one)), SIZES[-1])
    if not asked.at.moved:
        raise InputError(Fault(say("nothing_to_save")))
    made = begin_run(asked, workers)
    return HttpResponseRedirect(f"{address(request, 'simulate_run', key=made.key)}?year={asked.year}")


@never_cache
@require_safe
def run(request: HttpRequest, key: str) -> HttpResponse:
    """How far a run is, or what it found."""
    made = _run(key)
    state, year = made.state, next((one for one in YEARS if request.GET.get("year") == str(one)), YEARS[1])
    context: dict[str, Any] = of_question(made.asked) | {"run": made, "state": state, "year": year, "answer": None}
    if state.name == "done":
        context["answer"] = made.answer(year, language_of(request))
    part = getattr(request, "htmx", False)
    return render(request, "simulate/run_state.html" if part else "simulate/run.html", say, **context)


@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Stop a run at its next step."""
    _run(key).cancel()
    return HttpResponseRedirect(address(request, "simulate_run", key=key))


def _run(key: str) -> Run:
    try:
        return Run(key)
    except KeyError:
        raise Http404 from None
