"""The worker's calculator. It takes posts, so that nothing typed stands in an address, a log or the browser's history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from canbao.languages import Catalogue, Language, Number, Words
from canbao.law import explain
from canbao.law.lawbook import place_label
from canbao.workbench.calculate.worker import (
    BRANCHES,
    COSTS,
    EARLIER,
    GIVES,
    RESULTS,
    Result,
    Variant,
    answered,
    asked_variants,
    case_of,
    fields,
    law_for,
    results,
)
from canbao.workbench.pages.language import language_of
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench.calculate", "words")
words = Catalogue("canbao.law", "words")

MONEY = {"pension", *COSTS}
COSTLY = ("here", "elsewhere")
"""What is paid does not depend on when one stops."""


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
def steps(request: HttpRequest, variant: Variant, result: str) -> HttpResponse:
    """How one number came about, step by step with its articles."""
    values = answered(request.POST.dict())
    if result not in RESULTS or variant not in asked_variants(values):
        raise Http404
    explanation = explain(case_of(values, [result], variant), 1, [result], law_for(values, [result], variant))
    template = "calculate/steps.html" if getattr(request, "htmx", False) else "calculate/steps_page.html"
    context: dict[str, Any] = {"explanation": explanation, "result": result, "variant": variant}
    return render(request, template, say, heading=_headings(values)[variant], **context)


def _answers(values: dict[str, str]) -> dict[str, Any]:
    access = {one.name: one for one in results(values, [f"{branch}_{part}" for branch in BRANCHES for part in _PARTS])}
    asked = asked_variants(values)
    costs = {one: results(values, COSTS, one) for one in asked if one in COSTLY}
    gives = {one: results(values, GIVES, one) for one in asked}
    headings = _headings(values)
    parts = [("paying", costs), ("getting", gives)]
    return {"access": access, "parts": parts, "headings": headings, "place": headings["here"], "lacks": _lacks(gives)}


def _headings(values: dict[str, str]) -> dict[str, Words]:
    """What stands over each way."""
    return {
        "here": place_label(values["province"]),
        "elsewhere": place_label(values["elsewhere"] or values["province"]),
        "stopped": say("if_stopped"),
        "earlier": say(f"earlier_{values['earlier'] or EARLIER[0]}"),
    }


def _lacks(gives: Mapping[Variant, Sequence[Result]]) -> dict[Variant, Words]:
    """The ways on which too few months are paid at retirement, and what that means."""
    told = {}
    for way, found in gives.items():
        missing = next(one.value for one in found if one.name == "missing_contribution_months")
        if missing:
            told[way] = say("not_early" if way == "earlier" else "not_yet", months=str(missing))
    return told


_PARTS = ("access", "ground")


def _ground(request: HttpRequest) -> Callable[[str], str]:
    return lambda key: words(f"ground_{key}")[language_of(request)]


def _result(one: Result, language: Language) -> str:
    """A result as people read it; blank where nobody knows."""
    if one.value is None:
        return say("unknown")[language]
    if isinstance(one.value, Words):
        return one.value[language]
    if one.name == "account_refund" and isinstance(one.value, int | float):
        return say("yuan", amount=Number(float(one.value), "decimal2"))[language]
    if one.name in MONEY and isinstance(one.value, int | float):
        key = "year" if one.name.endswith("_year") else "month"
        return say(f"yuan_a_{key}", amount=Number(float(one.value), "decimal2"))[language]
    if isinstance(one.value, float):
        return say("years", years=Number(one.value, "decimal"))[language]
    if isinstance(one.value, int):
        return say("months", months=str(one.value))[language]
    return str(one.value)
