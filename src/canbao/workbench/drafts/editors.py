"""What the staff see and do: decide with reasons, upload files, show comments, take editions; all of it is noted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from canbao.evidence.review.comments import DECISIONS
from canbao.evidence.review.snapshot import edition_named
from canbao.languages import Catalogue
from canbao.report.log_files import LOG_FORMATS, write_log
from canbao.workbench.drafts import deeds
from canbao.workbench.drafts.log import comparison, editions, log, review_zip, take_in, work_state
from canbao.workbench.drafts.models import Comment, Deed
from canbao.workbench.drafts.readers import linked
from canbao.workbench.drafts.roles import may
from canbao.workbench.drafts.states import Act
from canbao.workbench.pages.language import address, language_of, to_sign_in
from canbao.workbench.pages.page import render
from canbao.workbench.pages.study import current_study

say = Catalogue("canbao.workbench.drafts", "words")

A_PAGE = 50
KINDS = ("interim", "draft", "final")
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

View = Callable[..., HttpResponseBase]


def for_those_who_may(act: Act) -> Callable[[View], View]:
    """Others are asked to sign in, or find nothing."""

    def decorated(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            if may(request.user, act):
                return view(request, **arguments)
            if not request.user.is_authenticated and request.method in ("GET", "HEAD"):
                return to_sign_in(request)
            raise Http404

        return checked

    return decorated


@never_cache
@require_safe
@for_those_who_may(Act.READ)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and what can be done."""
    return _queue(request)


@never_cache
@require_safe
@for_those_who_may(Act.READ)
def state(request: HttpRequest) -> HttpResponse:
    """How far an edition in the making is."""
    return render(request, "drafts/state.html", say, **_state())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_may(Act.READ)
def decide_one(request: HttpRequest, comment: str) -> HttpResponse:
    """A comment with its paragraph then and now, and the form to decide."""
    one = _comment(comment)
    if request.method == "POST":
        if not may(request.user, Act.DECIDE):
            raise Http404
        deeds.decide(one, user_of(request), {key: str(value) for key, value in request.POST.items()})
        following = Comment.objects.filter(decision="").first()
        if following is None or "stay" in request.POST:
            return HttpResponseRedirect(address(request, "drafts_queue"))
        return HttpResponseRedirect(address(request, "drafts_decide", comment=following.name))
    return render(request, "drafts/decide.html", say, **_decided(request, one))


@never_cache
@require_POST
@for_those_who_may(Act.SHOW)
def withhold_one(request: HttpRequest, comment: str) -> HttpResponse:
    """Keep a comment from the public list, with a reason; or show it."""
    one = _comment(comment)
    if "show" in request.POST:
        deeds.show([one.name], user_of(request))
    else:
        deeds.withhold(one, user_of(request), request.POST.get("reason", ""))
    return HttpResponseRedirect(address(request, "drafts_decide", comment=one.name))


@never_cache
@require_POST
@for_those_who_may(Act.SHOW)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the comments that were ticked."""
    deeds.show(request.POST.getlist("name"), user_of(request))
    return HttpResponseRedirect(address(request, "drafts_queue"))


@never_cache
@require_POST
@for_those_who_may(Act.UPLOAD)
def upload_files(request: HttpRequest) -> HttpResponse:
    """Collect comments from Word files and templates; what could not be read is named."""
    said = {key: str(value) for key, value in request.POST.items()}
    new, found = deeds.upload(request.FILES.getlist("files"), user_of(request), said)
    language = language_of(request)
    faults = [fault.text(language) for fault in found.faults]
    return _queue(request, 422 if faults else 200, uploaded=(new, len(found.comments) - new), faults=faults)


@never_cache
@require_POST
@for_those_who_may(Act.TAKE)
def take(request: HttpRequest) -> HttpResponse:
    """Take an edition; a final report only when every comment has a decision with a reason."""
    kind = request.POST.get("kind", "")
    if kind not in KINDS or (kind == "final" and not may(request.user, Act.FINALISE)):
        raise Http404
    deeds.take_edition(kind, user_of(request))
    return HttpResponseRedirect(address(request, "drafts_queue") + "#state")


@never_cache
@require_safe
@for_those_who_may(Act.READ)
def log_file(request: HttpRequest, form: str) -> HttpResponse:
    """The log as CSV, a workbook or a Word document."""
    if form not in LOG_FORMATS:
        raise Http404
    kept, study = log(), current_study()
    last = next(reversed(list(kept.editions)), None)
    wanted = {one.edition for one in kept.comments} - {last}
    compared = {one: comparison(one, last) for one in wanted if last}
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"comments.{form}"
        write_log(kept, path, language_of(request), study.settings.date, study.settings.title.words, compared)
        response = HttpResponse(path.read_bytes(), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="comments.{form}"'
    return response


@never_cache
@require_safe
@for_those_who_may(Act.READ)
def review_folder(request: HttpRequest) -> HttpResponse:
    """The review folder, to be put into the study."""
    del request
    response = HttpResponse(review_zip(), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="review.zip"'
    return response


def _queue(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    taken_in = take_in() if may(request.user, Act.UPLOAD) else 0
    rows = Comment.objects.all()
    wanted = request.GET.get("show", "undecided")
    if wanted == "undecided":
        rows = rows.filter(decision="") | rows.filter(response="")
    elif wanted in DECISIONS:
        rows = rows.filter(decision=wanted)
    elif wanted == "unseen":
        rows = rows.filter(is_shown=False, withheld="")
    elif wanted == "disputed":
        rows = rows.filter(accepts="no")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "wanted": wanted,
        "wishes": ("undecided", "unseen", "disputed", *DECISIONS, "all"),
        "editions": {name: edition_named(name) for name in editions()},
        "undecided": (Comment.objects.filter(decision="") | Comment.objects.filter(response="")).count(),
        "times": Comment.objects.count(),
        "may": {act.value for act in Act if may(request.user, act)},
        "taken_in": taken_in,
        "deeds": Deed.objects.select_related("user").order_by("-pk")[:20],
        "forms": LOG_FORMATS,
        "uploaded": None,
        "faults": [],
        "link": lambda one: linked(request, one),
    }
    return render(request, "drafts/queue.html", say, status, **{**context, **_state(), **more})


def _state() -> dict[str, Any]:
    return {"state": work_state()}


def _decided(request: HttpRequest, one: Comment) -> dict[str, Any]:
    known = editions()
    snapshot = known.get(one.edition)
    then = snapshot.by_number.get(one.paragraph) if snapshot else None
    last = next(reversed(known), None)
    found = comparison(one.edition, last).whereabouts(one.paragraph) if then and last else ("gone", None)
    return {
        "one": one,
        "named": edition_named(one.edition),
        "then": then,
        "state": found[0] if then else None,
        "now": found[1],
        "last": edition_named(last) if last else None,
        "decisions": DECISIONS,
        "others": Comment.objects.filter(edition=one.edition, paragraph=one.paragraph).exclude(pk=one.pk)[:20],
        "may": {act.value for act in Act if may(request.user, act)},
        "link": linked(request, one),
        "deeds": Deed.objects.filter(comment=one.name).select_related("user").order_by("-pk")[:20],
    }


def _comment(name: str) -> Comment:
    found = Comment.objects.filter(name=name).first()
    if found is None:
        raise Http404
    return found


def user_of(request: HttpRequest) -> User:
    """Who asks, where somebody has signed in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
