"""The worker's calculator. It takes posts, so that nothing typed stands in an address, a log or the browser's history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from canbao.languages import Catalogue, Language, Number
from canbao.law import explain
from canbao.law.lawbook import place_label
from canbao.workbench.calculate.worker import BRANCHES, COSTS, GIVES, RESULTS, Result, answered, case_of, fields, results
from canbao.workbench.pages.language import language_of
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench.calculate", "words")
words = Catalogue("canbao.law", "words")

MONEY = {"pension", *COSTS}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calculate(request: HttpRequest) -> HttpResponse:
    """What may be joined, what it costs, what it gives, here and elsewhere."""
    asked = request.method == "POST"
    values = answered(request.POST.dict()) if asked else answered({})
    context: dict[str, Any] = {
        "fields": fields(),
        "values": values,
        "asked": asked,
        "result": _result,
        "branches": BRANCHES,
        "ground_words": _ground(request),
    }
    if asked:
        context |= _answers(values)
    template = "calculate/answer.html" if getattr(request, "htmx", False) else "calculate/page.html"
    return render(request, template, say, **context)


@never_cache
@require_POST
def steps(request: HttpRequest, result: str) -> HttpResponse:
    """How one number came about, step by step with its articles."""
    if result not in RESULTS:
        raise Http404
    values = answered(request.POST.dict())
    explanation = explain(case_of(values, [result]), 1, [result])
    template = "calculate/steps.html" if getattr(request, "htmx", False) else "calculate/steps_page.html"
    return render(request, template, say, explanation=explanation, result=result)


def _answers(values: dict[str, str]) -> dict[str, Any]:
    access = {one.name: one for one in results(values, [f"{branch}_{part}" for branch in BRANCHES for part in _PARTS])}
    here = [*results(values, COSTS), *results(values, GIVES)]
    there = None
    if values["elsewhere"]:
        there = [*results(values, COSTS, elsewhere=True), *results(values, GIVES, elsewhere=True)]
    return {
        "access": access,
        "here": here,
        "there": there,
        "place": place_label(values["province"]),
        "other_place": place_label(values["elsewhere"]) if there else None,
        "costs": len(COSTS),
    }


_PARTS = ("access", "ground")


def _ground(request: HttpRequest) -> Callable[[str], str]:
    return lambda key: words(f"ground_{key}")[language_of(request)]


def _result(one: Result, language: Language) -> str:
    """A result as people read it; blank where nobody knows."""
    if one.value is None:
        return say("unknown")[language]
    if one.name in MONEY and isinstance(one.value, int | float):
        key = "year" if one.name.endswith("_year") else "month"
        return say(f"yuan_a_{key}", amount=Number(float(one.value), "decimal2"))[language]
    if isinstance(one.value, float):
        return say("years", years=Number(one.value, "decimal"))[language]
    if isinstance(one.value, int):
        return say("months", months=str(one.value))[language]
    return str(one.value)
