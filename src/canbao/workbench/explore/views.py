"""One question and its answer; the answer alone where HTMX asks for it."""

from __future__ import annotations

import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from canbao.languages import Catalogue, Number
from canbao.workbench.explore.question import MOST_FILTERS, MOST_GROUPS, askable, groupable, question_of
from canbao.workbench.pages.language import language_of
from canbao.workbench.pages.page import printed, render
from canbao.workbench.pages.stamp import outdated, stamped
from canbao.workbench.pages.study import current_study

say = Catalogue("canbao.workbench.explore", "words")

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """A column of the survey by groups."""
    study = current_study()
    question = question_of(request.GET, study)
    section, frame = study.tabulate(question.of, question.by, dict(question.among))
    vocabulary = study.table.vocabulary
    values: dict[str, Any] = {
        "question": question,
        "column": vocabulary[question.of],
        "answer": printed(section.blocks, language_of(request)),
        "respondents": study.table.frame.height,
        "rows": frame.height,
        "folder": study.folder.name,
        "stamped": stamped(question.query),
        "changed_since": outdated(request.GET),
        "told": say("told", column=vocabulary[question.of].label, rows=Number(frame.height)),
        "answered": study.table.answered(question.of),
    }
    if getattr(request, "htmx", False):
        return render(request, "explore/answer.html", say, part=True, **values)
    columns = {name: vocabulary[name] for name in askable(study)}
    groups = {name: vocabulary[name] for name in groupable(study)}
    among = [f"{name}:{one}" for name, one in question.among.items()]
    return render(
        request,
        "explore/page.html",
        say,
        columns=columns,
        groups=groups,
        chosen_by=[*question.by, *[""] * MOST_GROUPS][:MOST_GROUPS],
        chosen_among=[*among, *[""] * MOST_FILTERS][:MOST_FILTERS],
        part=False,
        **values,
    )


@require_safe
def download(request: HttpRequest, form: str) -> HttpResponse:
    """The estimates of a question as a file, unrounded, suppressed cells empty."""
    if form not in CONTENT_TYPES:
        raise Http404
    question = question_of(request.GET, current_study())
    frame = current_study().estimate(question.of, question.by, dict(question.among))
    content = io.BytesIO()
    match form:
        case "csv":
            content.write(frame.write_csv(include_bom=True).encode())
        case "xlsx":
            frame.write_excel(content)
        case "json":
            content.write(frame.write_json().encode())
    response = HttpResponse(content.getvalue(), content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{question.of}.{form}"'
    return response
