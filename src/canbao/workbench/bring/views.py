"""The steps: upload, columns, values, design, result; each a form that works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canbao.errors import Fault, InputError
from canbao.languages import LANGUAGES, Catalogue
from canbao.workbench.bring.brought import Brought
from canbao.workbench.pages.language import address, language_of
from canbao.workbench.pages.page import render
from canbao.workbench.simulate.scenarios import file_of, scenario_of_link
from canbao.workers.guesses import codes_of, guessed_unit, guessed_values
from canbao.workers.source import READABLE
from canbao.workers.units import unit_label, units_for

say = Catalogue("canbao.workbench.bring", "words")

KINDS = ("convenience", "quota", "respondent_driven", "probability")
DESIGN_COLUMNS = ("weight", "stratum", "cluster")
FORMS = ("html", "pdf", "docx", "xlsx", "pptx")
MOST_EXAMPLES = 4
NO_ANSWER = "-"

View = Callable[..., HttpResponseBase]


def of_brought(view: View) -> View:
    """The study of an address; one that nobody knows is not found, whatever it looks like."""

    @wraps(view)
    def found(request: HttpRequest, token: str, **arguments: Any) -> HttpResponseBase:
        try:
            brought = Brought(token)
        except KeyError:
            raise Http404 from None
        return view(request, brought, **arguments)

    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A survey file, and when it was in the field."""
    if request.method != "POST":
        return render(request, "bring/upload.html", say, suffixes=READABLE)
    file = request.FILES.get("survey")
    if file is None:
        raise InputError(Fault(say("no_file")))
    brought = Brought.from_upload(file, request.POST.get("title", ""), request.POST.get("fieldwork", ""))
    return _to(request, "bring_columns", brought)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_brought
def columns(request: HttpRequest, brought: Brought) -> HttpResponse:
    """Which variable is which column."""
    if request.method == "POST":
        said = {one: request.POST.get(f"column:{one}", "").strip() for one in brought.source.frame.columns}
        chosen = {variable: column for variable, column in said.items() if column}
        _refuse_bad_columns(brought, chosen)
        brought.note({"columns": chosen})
        return _to(request, "bring_values", brought)
    known = brought.columns or {one.variable: one.column for one in brought.guesses if one.column}
    source = brought.source
    examples = {one: codes_of(source, one)[:MOST_EXAMPLES] for one in source.frame.columns}
    context: dict[str, Any] = {
        "brought": brought,
        "known": known,
        "examples": examples,
        "source": source,
        "vocabulary": brought.vocabulary,
    }
    return render(request, "bring/columns.html", say, **context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_brought
def values(request: HttpRequest, brought: Brought) -> HttpResponse:
    """What the codes of columns with categories mean, and in which units numbers are."""
    coded = {
        variable: brought.vocabulary[column]
        for variable, column in brought.columns.items()
        if brought.vocabulary[column].categories
    }
    codes = {variable: codes_of(brought.source, variable) for variable in coded}
    measured = _measured(brought)
    if request.method == "POST":
        said = {variable: {code: _meaning(request, variable, code) for code in codes[variable]} for variable in coded}
        units = {variable: request.POST.get(f"unit:{variable}", "") for variable in measured}
        others = {variable: unit for variable, unit in units.items() if unit in measured[variable][1:]}
        brought.note({"values": said, "units": others})
        return _to(request, "bring_design", brought)
    known = {
        variable: brought.values.get(variable) or guessed_values(brought.source, variable, column)
        for variable, column in coded.items()
    }
    context: dict[str, Any] = {
        "brought": brought,
        "coded": coded,
        "codes": codes,
        "known": known,
        "labels": brought.source.value_labels,
        "measured": measured,
        "units": brought.units or {one: guessed_unit(brought.source, one, measured[one]) for one in measured},
        "unit": unit_label,
        "vocabulary": brought.vocabulary,
    }
    return render(request, "bring/values.html", say, no_answer=NO_ANSWER, **context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_brought
def design(request: HttpRequest, brought: Brought) -> HttpResponse:
    """How the sample came about, and which groups matter."""
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        wanted = {"kind": kind if kind in KINDS else KINDS[0]}
        mapped = set(brought.columns.values())
        wanted |= {one: one for one in DESIGN_COLUMNS if one in mapped}
        groups = [one for one in request.POST.getlist("focus") if one in mapped]
        law_date = request.POST.get("law_date", "")
        brought.note(
            {"design": wanted, "focus_groups": groups, "law_date": law_date, "synthetic": "synthetic" in request.POST}
        )
        brought.write()
        return _to(request, "bring_result", brought)
    groupable = [name for name in brought.columns.values() if brought.vocabulary[name].is_categorical]
    context: dict[str, Any] = {
        "brought": brought,
        "kinds": KINDS,
        "groupable": groupable,
        "notes": brought.notes,
        "vocabulary": brought.vocabulary,
    }
    return render(request, "bring/design.html", say, **context)


@never_cache
@require_safe
@of_brought
def result(request: HttpRequest, brought: Brought) -> HttpResponse:
    """What can be answered, what is at fault, how far the assessment is, and the reports."""
    state = brought.state
    context: dict[str, Any] = {
        "brought": brought,
        "state": state,
        "forms": FORMS,
        "languages": LANGUAGES,
        "faults": [],
        "missing": (),
    }
    if state.name == "none":
        try:
            with brought.told_inside():
                context["missing"] = brought.write().check()
        except InputError as error:
            context["faults"] = [fault.text(language_of(request)) for fault in error.faults]
    part = getattr(request, "htmx", False)
    return render(request, "bring/state.html" if part else "bring/result.html", say, **context)


@never_cache
@require_POST
@of_brought
def assess(request: HttpRequest, brought: Brought) -> HttpResponse:
    """Begin the assessment."""
    brought.start()
    return _to(request, "bring_result", brought)


@never_cache
@require_POST
@of_brought
def reform(request: HttpRequest, brought: Brought) -> HttpResponse:
    """A saved scenario goes into the study's reforms, and the report is written anew."""
    scenario = scenario_of_link(request.POST.get("scenario", ""))
    brought.add_reform(scenario.name, file_of(scenario))
    return _to(request, "bring_result", brought)


@never_cache
@require_POST
@of_brought
def delete(request: HttpRequest, brought: Brought) -> HttpResponse:
    """Everything that was uploaded and made goes."""
    brought.delete()
    return HttpResponseRedirect(address(request, "bring"))


@never_cache
@require_safe
@of_brought
def report(_request: HttpRequest, brought: Brought, tongue: str, form: str) -> FileResponse:
    """A report that was made."""
    path = brought.folder / "build" / f"report.{tongue}.{form}"
    if tongue not in LANGUAGES or form not in FORMS or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


def _measured(brought: Brought) -> dict[str, tuple[str, ...]]:
    """For each variable that is a number, the units that it may be in, that of the worker table first."""
    chosen = {variable: brought.vocabulary[column] for variable, column in brought.columns.items()}
    units = {variable: units_for(column.unit or column.type) for variable, column in chosen.items() if column.is_numeric}
    return {variable: several for variable, several in units.items() if len(several) > 1}


def _to(request: HttpRequest, name: str, brought: Brought) -> HttpResponse:
    return HttpResponseRedirect(address(request, name, token=brought.token))


def _meaning(request: HttpRequest, variable: str, code: str) -> str | None:
    said = request.POST.get(f"value:{variable}:{code}", NO_ANSWER)
    return None if said in ("", NO_ANSWER) else said


def _refuse_bad_columns(brought: Brought, chosen: dict[str, str]) -> None:
    """Columns that the vocabulary has, each once.

    Raises:
        InputError: an unknown column, one said of two variables, or none at all.
    """
    faults = [Fault(say("unknown_column", column=one)) for one in chosen.values() if one not in brought.vocabulary]
    twice = {one for one in chosen.values() if list(chosen.values()).count(one) > 1}
    for column in sorted(twice):
        variables = ", ".join(variable for variable, one in chosen.items() if one == column)
        faults.append(Fault(say("column_twice", column=column, variables=variables)))
    if not chosen:
        faults.append(Fault(say("nothing_mapped")))
    if faults:
        raise InputError(faults)
