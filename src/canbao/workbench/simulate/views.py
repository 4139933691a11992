"""Levers on one side, what they change on the other: the difference first, then the levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from markupsafe import Markup

from canbao.chapters.protection import AS_IT_STANDS, arrangements, title_of
from canbao.languages import Catalogue, Language
from canbao.reforms import BASELINE
from canbao.reforms.simulation import LEVELS
from canbao.workbench.pages.language import address, language_of
from canbao.workbench.pages.page import printed, render
from canbao.workbench.pages.stamp import outdated, stamped
from canbao.workbench.pages.study import current_study
from canbao.workbench.simulate.answer import FOR_WHOM, cards, first_blocks, injury_blocks, people_and_money, told
from canbao.workbench.simulate.asked import INJURY, YEARS, Asked, asked_of, choosable
from canbao.workbench.simulate.levers import levers
from canbao.workbench.simulate.runs import SIZES
from canbao.workbench.simulate.simulators import findings_of, forget_old, one_at_a_time, simulator_for

say = Catalogue("canbao.workbench.simulate", "words")


@require_safe
def simulate(request: HttpRequest) -> HttpResponse:
    """The levers, and the answer at their positions; while they move, what is seen first."""
    asked = asked_of(request.GET)
    part = request.GET.get("part") if getattr(request, "htmx", False) else None
    context = of_question(asked) | {"with": request.GET.getlist("with"), "changed_since": outdated(request.GET)}
    if part == "more":
        return render(request, "simulate/more.html", say, **context, **more_of(asked, language_of(request)))
    context |= first_of(asked, language_of(request))
    if getattr(request, "htmx", False):
        response = render(request, "simulate/answer.html", say, **context, lazily=True)
        # What stands as the law has it need not stand in the address.
        with_others = urlencode([("with", one) for one in context["with"]])
        response["HX-Replace-Url"] = "?".join(
            (address(request, "simulate"), "&".join(filter(None, [asked.query, with_others])))
        )
        return response
    context |= more_of(asked, language_of(request))
    injury = dict(zip(INJURY, map(title_of, arrangements()), strict=True))
    context |= {"levers": levers(), "assumptions": choosable(), "injury": injury}
    return render(request, "simulate/page.html", say, **context, lazily=False)


@require_safe
def reform_file(request: HttpRequest) -> HttpResponse:
    """The reform as a file for the command line."""
    return yaml_file(asked_of(request.GET).at.yaml(), "reform")


def yaml_file(text: str, name: str) -> HttpResponse:
    """A file to be kept."""
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response


def estimates(asked: Asked) -> pl.DataFrame:
    """What positions of the levers change, as `Comparison.frame` has it, for the years that the page shows."""
    with one_at_a_time:
        simulator = simulator_for(asked.assumptions)
        comparison = simulator.compare(asked.at.reform(), BASELINE)
        forget_old(simulator)
        return comparison.frame(YEARS)


def of_question(asked: Asked) -> dict[str, Any]:
    """What every page about a question says of it."""
    return {
        "asked": asked,
        "at": asked.at,
        "year": asked.year,
        "years": YEARS,
        "folder": current_study().folder.name,
        "sizes": SIZES,
        "stamped": stamped(asked.query),
    }


def first_of(asked: Asked, language: Language) -> Mapping[str, Any]:
    """The cards and the charts of coverage: under central responses alone, so that they follow the levers."""
    if not asked.at.moved:
        return {"cards": [], "answer": Markup(""), "told": None}
    with one_at_a_time:
        simulator = simulator_for(asked.assumptions)
        comparison = simulator.compare(asked.at.reform(), BASELINE, ("central",))
        forget_old(simulator)
    found = printed(first_blocks(simulator, comparison, asked.year), language)
    return {"cards": cards(comparison, asked.year), "answer": found, "told": told(comparison, asked.year)[language]}


def more_of(asked: Asked, language: Language) -> Mapping[str, Any]:
    """All that takes a moment longer: the span over responses, winners and losers, fund, enterprises, injury protection.

    It is worked out piece by piece, so that whoever moves a lever meanwhile is answered in between.
    """
    study, parts = current_study(), {}
    if asked.at.moved:
        simulator, reform = simulator_for(asked.assumptions), asked.at.reform()
        for level in LEVELS:
            for law in (BASELINE, reform):
                with one_at_a_time:
                    simulator.outcome(law, level)
        with one_at_a_time:
            parts["people"] = people_and_money(simulator.compare(reform, BASELINE), YEARS)
        findings = findings_of(study, simulator, [reform])
        for key, write in FOR_WHOM.items():
            with one_at_a_time:
                parts[key] = list(write(findings, asked.year))
        with one_at_a_time:
            forget_old(simulator)
    if asked.reforms_injury:
        with one_at_a_time:
            findings = findings_of(study, simulator_for(), [])
            parts["injury"] = list(injury_blocks(findings, INJURY[asked.injury], AS_IT_STANDS))
    return {"parts": {key: printed(blocks, language) for key, blocks in parts.items() if blocks}}
