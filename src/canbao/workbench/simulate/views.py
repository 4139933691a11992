"""Levers on one side, what they change on the other: the difference first, then the levels."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from canbao.languages import Catalogue
from canbao.reforms import BASELINE, Simulator
from canbao.workbench.pages.language import language_of
from canbao.workbench.pages.page import printed, render
from canbao.workbench.pages.study import current_study
from canbao.workbench.simulate.answer import blocks, cards
from canbao.workbench.simulate.levers import Positions, levers, positions

say = Catalogue("canbao.workbench.simulate", "words")

YEARS = (2030, 2045, 2060)
MOST_KEPT = 60

_one_at_a_time = Lock()
_simulators: dict[str, Simulator] = {}


@require_safe
def simulate(request: HttpRequest) -> HttpResponse:
    """The levers, and the answer at their positions."""
    at = positions(request.GET)
    year = next((year for year in YEARS if request.GET.get("year") == str(year)), YEARS[1])
    context: dict[str, Any] = {
        "levers": levers(),
        "at": at,
        "year": year,
        "years": YEARS,
        "folder": current_study().folder.name,
    }
    if at.moved:
        context |= _answer(request, at, year)
    template = "simulate/answer.html" if getattr(request, "htmx", False) else "simulate/page.html"
    return render(request, template, say, **context)


@require_safe
def reform_file(request: HttpRequest) -> HttpResponse:
    """The reform as a file for the command line."""
    response = HttpResponse(positions(request.GET).yaml(), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="reform.yaml"'
    return response


def estimates(at: Positions) -> pl.DataFrame:
    """What positions of the levers change, as `Comparison.frame` has it, for the years that the page shows."""
    with _one_at_a_time:
        simulator = _simulator()
        comparison = simulator.compare(at.reform(), BASELINE)
        simulator.forget(MOST_KEPT)
        return comparison.frame(YEARS)


def _answer(request: HttpRequest, at: Positions, year: int) -> Mapping[str, Any]:
    with _one_at_a_time:
        simulator = _simulator()
        comparison = simulator.compare(at.reform(), BASELINE)
        simulator.forget(MOST_KEPT)
        found = blocks(simulator, comparison, YEARS, year)
    return {"cards": cards(comparison, year), "answer": printed(found, language_of(request))}


def _simulator() -> Simulator:
    """The study's workers, made ready once a process."""
    study = current_study()
    key = str(study.folder)
    if key not in _simulators:
        named = {column.name for column in study.table.columns if column.is_categorical}
        _simulators[key] = study.simulator([name for name in study.settings.focus_groups if name in named])
    return _simulators[key]
