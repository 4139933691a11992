"""Scenarios that are saved, shared, compared and put into a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from markupsafe import Markup

from canbao.chapters.document import Block
from canbao.chapters.options import by_group, compared, fund_by_year, payers, platforms, winners
from canbao.chapters.protection import AS_IT_STANDS, arrangements_table, cases_of
from canbao.errors import Fault, InputError
from canbao.injury import compare as priced
from canbao.injury import find_arrangement
from canbao.languages import Catalogue, Language, Words
from canbao.reforms import Reform, available, find_reform
from canbao.workbench.bring.brought import Brought
from canbao.workbench.pages.language import address, language_of
from canbao.workbench.pages.limits import limited
from canbao.workbench.pages.page import printed, render
from canbao.workbench.pages.study import current_study
from canbao.workbench.project.place import keep_days
from canbao.workbench.simulate.asked import INJURY, YEARS, Asked, asked_of
from canbao.workbench.simulate.models import LONGEST_QUESTION, LONGEST_TITLE, Scenario
from canbao.workbench.simulate.scenarios import (
    TOKEN,
    asked_in,
    file_of,
    find_scenario,
    is_outdated,
    save_scenario,
    scenario_of_link,
)
from canbao.workbench.simulate.simulators import findings_of, forget_old, one_at_a_time, simulator_for
from canbao.workbench.simulate.views import first_of, more_of, of_question, yaml_file

say = Catalogue("canbao.workbench.simulate", "words")

MOST_COMPARED = 4


def scenario_or_404(token: str) -> Scenario:
    """A saved scenario; what nobody saved is not found, whatever it looks like."""
    found = find_scenario(token)
    if found is None:
        raise Http404
    return found


@require_POST
@limited("scenario", 30)
def save(request: HttpRequest) -> HttpResponse:
    """Keep where the levers stand under a title; the address is only for those who are told it."""
    asked = asked_of(request.POST)
    title = " ".join(request.POST.get("title", "").split())[:LONGEST_TITLE]
    faults = [Fault(say("nothing_to_save"))] if not asked.changes else []
    faults += [] if title else [Fault(say("no_title"))]
    if faults or len(asked.query) > LONGEST_QUESTION:
        raise InputError(faults or [Fault(say("nothing_to_save"))])
    scenario = save_scenario(title, asked)
    others = [one for one in request.POST.getlist("with") if one][: MOST_COMPARED - 1]
    if others:
        return HttpResponseRedirect(compare_address(request, [*others, scenario.token]))
    return HttpResponseRedirect(address(request, "simulate_saved", token=scenario.token))


def compare_address(request: HttpRequest, names: list[str]) -> str:
    """Where scenarios stand side by side."""
    return address(request, "simulate_compare") + "?" + "&".join(f"with={one}" for one in names)


@require_safe
def saved(request: HttpRequest, token: str) -> HttpResponse:
    """A scenario, computed anew, and what can be done with it."""
    scenario = scenario_or_404(token)
    asked = asked_in(scenario)
    language = language_of(request)
    context = of_question(asked) | dict(first_of(asked, language)) | dict(more_of(asked, language))
    link = request.build_absolute_uri(address(request, "simulate_saved", token=token))
    context |= {"scenario": scenario, "link": link, "file": file_of(scenario), "outdated": is_outdated(scenario)}
    context |= {"days": keep_days()}
    return render(request, "simulate/saved.html", say, lazily=False, **context)


@require_safe
def saved_file(_request: HttpRequest, token: str) -> HttpResponse:
    """A scenario as a reform's file."""
    scenario = scenario_or_404(token)
    return yaml_file(file_of(scenario), scenario.name)


@require_POST
@limited("scenario", 30)
def to_report(request: HttpRequest, token: str) -> HttpResponse:
    """Put a scenario into a study that somebody brought, whose report is then written anew."""
    scenario = scenario_or_404(token)
    brought = brought_of_link(request.POST.get("study", ""))
    brought.add_reform(scenario.name, file_of(scenario))
    return HttpResponseRedirect(address(request, "bring_result", token=brought.token))


def brought_of_link(text: str) -> Brought:
    """The brought study whose address somebody gives.

    Raises:
        InputError: there is none.
    """
    tokens = TOKEN.findall(text)
    try:
        return Brought(tokens[-1] if tokens else "")
    except KeyError:
        raise InputError(Fault(say("no_brought", text=text[:80]), remedy=say("give_address"))) from None


@never_cache
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four scenarios and reforms side by side, under the same assumptions and the same luck."""
    given = [one.strip() for one in request.GET.getlist("with") if one.strip()]
    sides = list({side.key: side for side in map(_side, given)}.values())
    if len(sides) > MOST_COMPARED:
        raise InputError(Fault(say("too_many_sides", most=str(MOST_COMPARED))))
    conditions = _conditions(request, sides)
    context: dict[str, Any] = {
        "sides": sides,
        "room": len(sides) < MOST_COMPARED,
        "known": {name: _reform(name).title for name in available(current_study().folder)},
        "conditions": conditions,
        "years": YEARS,
        "parts": _compared(sides, conditions, language_of(request)) if sides else {},
    }
    return render(request, "simulate/compare.html", say, **context)


class _Side:
    """What is compared: a saved scenario, or a reform that the study can name."""

    def __init__(self, key: str, title: Words, reform: Reform | None, asked: Asked | None) -> None:
        self.key, self.title, self.reform, self.asked = key, title, reform, asked


def _side(text: str) -> _Side:
    if TOKEN.search(text):
        scenario = scenario_of_link(text)
        asked = asked_in(scenario)
        reform = asked.at.reform(scenario.title) if asked.at.moved else None
        return _Side(scenario.token, Words.same(scenario.title), reform, asked)
    reform = _reform(text)
    return _Side(text, reform.title, reform, None)


def _reform(name: str) -> Reform:
    """A reform by its name alone: a path would open other files."""
    study = current_study()
    if name not in available(study.folder):
        raise InputError(Fault(say("no_scenario", text=name[:80]), remedy=say("save_first")))
    return find_reform(name, study.folder, study.settings.fieldwork.year)


def _conditions(request: HttpRequest, sides: list[_Side]) -> Asked:
    """The year and the assumptions: those of the address, else those of the first scenario."""
    if "year" not in request.GET:
        first = next((side.asked for side in sides if side.asked is not None), None)
        return first or asked_of(request.GET)
    return asked_of(request.GET)


def _compared(sides: list[_Side], conditions: Asked, language: Language) -> dict[str, Markup]:
    """The report's own tables and charts of these reforms."""
    study, year = current_study(), conditions.year
    reforms = [replace(side.reform, title=side.title) for side in sides if side.reform is not None]
    parts: dict[str, list[Block]] = {}
    with one_at_a_time:
        if reforms:
            simulator = simulator_for(conditions.assumptions)
            findings = findings_of(study, simulator, reforms)
            parts = {
                "people": list(compared(findings, year)),
                "money": list(payers(findings, year)),
                "groups": list(by_group(findings, year)),
                "winners": list(winners(findings)),
                "fund": list(fund_by_year(findings)),
                "platforms": list(platforms(findings, year)),
            }
            forget_old(simulator)
        parts["injury"] = _injury(sides)
    return {key: printed(blocks, language) for key, blocks in parts.items() if blocks}


def _injury(sides: list[_Side]) -> list[Block]:
    """The arrangements against injury that the scenarios hold, beside the one that stands."""
    chosen = [side.asked.injury for side in sides if side.asked is not None and side.asked.reforms_injury]
    if not chosen:
        return []
    findings = findings_of(current_study(), simulator_for(), [])
    wanted = [[find_arrangement(name) for name in names] for names in (AS_IT_STANDS, *(INJURY[one] for one in chosen))]
    cases = cases_of(findings)
    return [arrangements_table(findings, [(each, priced(each, cases)) for each in wanted])]
