"""What everybody sees and does: read a draft, comment on a paragraph, find a comment again, read what was decided."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from markupsafe import Markup

from canbao.evidence.review.comments import COMMENT_TYPES, DECISIONS
from canbao.evidence.review.snapshot import NumberedParagraph, Snapshot, edition_named
from canbao.languages import LANGUAGES, Catalogue, Words
from canbao.workbench.drafts import deeds
from canbao.workbench.drafts.log import comparison, edition_folders, editions, fragments
from canbao.workbench.drafts.models import Comment
from canbao.workbench.drafts.roles import may
from canbao.workbench.drafts.states import Act
from canbao.workbench.pages.faults import TooManyError
from canbao.workbench.pages.language import TAGS, address, language_of
from canbao.workbench.pages.limits import address_of, exceeds
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench.drafts", "words")

FROM_ONE_ADDRESS = 60
"""Comments, and numbers tried, a minute: a whole office may share one address."""

A_PAGE = 50
MOST_BESIDE = 20
"""Comments shown beside a paragraph; the list has all."""

FILE = re.compile(r"(report\.(en|zh)\.(html|pdf|docx|xlsx|pptx)|comments\.(en|zh)\.xlsx|manifest\.json)")
REMEMBERED = ("commenter", "body")
RECEIPT = "drafts_receipt"

View = Callable[..., HttpResponseBase]


def of_edition(view: View) -> View:
    """The edition of an address; one that nobody took is not found."""

    @wraps(view)
    def found(request: HttpRequest, edition: str, **arguments: Any) -> HttpResponseBase:
        snapshot = editions().get(edition)
        if snapshot is None:
            raise Http404
        return view(request, snapshot, **arguments)

    return found


@never_cache
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """The editions, newest first, and what can be done."""
    shown: Counter[str] = Counter(Comment.objects.filter(is_shown=True).values_list("edition", flat=True))
    listed = [(one, edition_named(one.edition), _files(one), shown[one.edition]) for one in reversed(editions().values())]
    context: dict[str, Any] = {"listed": listed, "open": deeds.open_edition(), "staff": may(request.user, Act.READ)}
    return render(request, "drafts/drafts.html", say, **context)


@never_cache
@require_safe
@of_edition
def edition(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """The chapters of an edition."""
    shown: Counter[str] = Counter(
        Comment.objects.filter(edition=snapshot.edition, is_shown=True)
        .exclude(paragraph="")
        .values_list("identity", flat=True)
    )
    times = Counter({chapter: sum(shown[one.identity] for one in ones) for chapter, ones in _by_chapter(snapshot).items()})
    heads = [(chapter, ones[0], times[chapter]) for chapter, ones in _by_chapter(snapshot).items()]
    context: dict[str, Any] = {"named": edition_named(snapshot.edition), "heads": heads, "files": _files(snapshot)}
    return render(request, "drafts/edition.html", say, snapshot=snapshot, **context, **_form(request, snapshot))


@never_cache
@require_safe
@of_edition
def chapter(request: HttpRequest, snapshot: Snapshot, chapter: str) -> HttpResponse:
    """A chapter, paragraph by paragraph, with a form at each."""
    chapters = _by_chapter(snapshot)
    if chapter not in chapters:
        raise Http404
    language = language_of(request)
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    ones = chapters[chapter]
    here, there = fragments(snapshot.edition, language), fragments(snapshot.edition, other)
    said: dict[str, list[Comment]] = {}
    for one in Comment.objects.filter(
        edition=snapshot.edition, is_shown=True, paragraph__in=[each.number for each in ones]
    ):
        said.setdefault(one.paragraph, []).append(one)
    keys = list(chapters)
    at = keys.index(chapter)
    context: dict[str, Any] = {
        "named": edition_named(snapshot.edition),
        "chapter": chapter,
        "paragraphs": [_shown(one, here, there) for one in ones],
        "said": said,
        "most": MOST_BESIDE,
        "before": (keys[at - 1], chapters[keys[at - 1]][0]) if at else None,
        "after": (keys[at + 1], chapters[keys[at + 1]][0]) if at + 1 < len(keys) else None,
        "other_lang": TAGS[other],
        "other": other,
    }
    return render(request, "drafts/chapter.html", say, snapshot=snapshot, **context, **_form(request, snapshot))


@never_cache
@require_POST
@of_edition
def comment_on(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """Comment; the answer is a receipt."""
    if exceeds(f"draft-comment-from:{address_of(request)}", FROM_ONE_ADDRESS):
        raise TooManyError
    made = deeds.comment(snapshot.edition, {name: str(value) for name, value in request.POST.items()})
    for name in REMEMBERED:
        request.session[f"drafts_{name}"] = getattr(made, name)
    # The receipt stands in no address: whoever sees a link cannot answer for the commenter.
    request.session[RECEIPT] = made.receipt
    return HttpResponseRedirect(address(request, "drafts_receipt"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """What became of a comment."""
    fresh = False
    if request.method == "POST":
        if exceeds(f"draft-receipt-from:{address_of(request)}", FROM_ONE_ADDRESS):
            raise TooManyError
        request.session[RECEIPT] = "".join(request.POST.get("receipt", "").lower().split())
    else:
        fresh = "again" not in request.GET
    number = str(request.session.get(RECEIPT, ""))
    found = Comment.objects.filter(receipt=number).first() if number else None
    context: dict[str, Any] = {"one": found, "number": number, "fresh": fresh and found is not None and not found.decision}
    if found is not None:
        context |= {"named": edition_named(found.edition), "now": _now(found)}
    return render(request, "drafts/receipt.html", say, **context)


@never_cache
@require_POST
def answer_decision(request: HttpRequest) -> HttpResponse:
    """Accept the decision on one's own comment or not, or take the comment back."""
    if exceeds(f"draft-answer-from:{address_of(request)}", FROM_ONE_ADDRESS):
        raise TooManyError
    number = str(request.session.get(RECEIPT, ""))
    found = Comment.objects.filter(receipt=number).first() if number else None
    said = request.POST.get("answer", "")
    if found is None or said not in ("yes", "no", "withdraw"):
        raise Http404
    if said == "withdraw":
        deeds.withdraw(found)
    else:
        deeds.answer(found, accepts=said == "yes")
    return HttpResponseRedirect(address(request, "drafts_receipt") + "?again=1")


@never_cache
@require_safe
def comments(request: HttpRequest) -> HttpResponse:
    """All comments that are shown, with what was decided and why."""
    shown = Comment.objects.filter(is_shown=True)
    decision, wanted = request.GET.get("decision", ""), request.GET.get("edition", "")
    if decision in (*DECISIONS, "open"):
        shown = shown.filter(decision="" if decision == "open" else decision)
    if wanted in editions():
        shown = shown.filter(edition=wanted)
    page = Paginator(shown, A_PAGE).get_page(request.GET.get("page"))
    hidden = Comment.objects.filter(is_shown=False)
    context: dict[str, Any] = {
        "page": page,
        "decision": decision,
        "edition": wanted,
        "decisions": DECISIONS,
        "editions": {name: edition_named(name) for name in editions()},
        "waiting": hidden.filter(withheld="").count(),
        "withheld": hidden.exclude(withheld="").count(),
        "link": lambda one: linked(request, one),
    }
    return render(request, "drafts/comments.html", say, **context)


@never_cache
@require_safe
@of_edition
def edition_file(request: HttpRequest, snapshot: Snapshot, file: str) -> FileResponse:
    """The report or the template for comments, as files."""
    del request
    path = edition_folders()[snapshot.edition] / file
    if not FILE.fullmatch(file) or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{snapshot.edition}.{file}")


def linked(request: HttpRequest, one: Comment) -> str:
    """Where a comment's paragraph can be read."""
    snapshot = editions().get(one.edition)
    if snapshot is None or not one.paragraph:
        return address(request, "drafts_edition", edition=one.edition)
    chapter = snapshot.by_number[one.paragraph].chapter
    return f"{address(request, 'drafts_chapter', edition=one.edition, chapter=chapter)}#p-{one.paragraph}"


def _now(one: Comment) -> Words | None:
    """Where the paragraph of a comment stands in the last edition."""
    known = editions()
    last = next(reversed(known), None)
    if last is None or not one.paragraph or one.edition not in known or last == one.edition:
        return None
    state, paragraph = comparison(one.edition, last).whereabouts(one.paragraph)
    return say(f"now_{state}", edition=edition_named(last), number=paragraph.number if paragraph else "")


def _by_chapter(snapshot: Snapshot) -> dict[str, list[NumberedParagraph]]:
    chapters: dict[str, list[NumberedParagraph]] = {}
    for one in snapshot.paragraphs:
        chapters.setdefault(one.chapter, []).append(one)
    return chapters


def _shown(one: NumberedParagraph, here: Mapping[str, str], there: Mapping[str, str]) -> dict[str, Any]:
    words = one.kind in ("text", "item", "notice", "heading")
    return {
        "one": one,
        "html": Markup(here.get(one.number, "")),
        "other": Markup(there.get(one.number, "")) if words else "",
        "level": min(one.number.count(".") + 2, 4),
    }


def _files(snapshot: Snapshot) -> list[str]:
    return sorted(path.name for path in edition_folders()[snapshot.edition].iterdir() if FILE.fullmatch(path.name))


def _form(request: HttpRequest, snapshot: Snapshot) -> dict[str, Any]:
    remembered = {name: request.session.get(f"drafts_{name}", "") for name in REMEMBERED}
    return {
        "is_open": snapshot.edition == deeds.open_edition(),
        "types": COMMENT_TYPES,
        "remembered": remembered,
        "longest": deeds.LONGEST_BY_FORM,
    }
