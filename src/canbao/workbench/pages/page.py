"""A page, or a part of one, in the language of its request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from markupsafe import Markup

from canbao.chapters.document import Block, Document, Section
from canbao.languages import LANGUAGES, Catalogue, Language, Words
from canbao.report.edition import edition_of
from canbao.report.html import html_items
from canbao.workbench.pages.language import TAGS, in_other_language, language_of
from canbao.workbench.pages.study import current_study

DOORS = ("explore", "simulate", "calculate", "seminar", "drafts", "bring")


def render(request: HttpRequest, template: str, say: Catalogue, /, status: int = 200, **values: Any) -> HttpResponse:
    """A page from a template.

    Args:
        request: that is answered.
        template: its name.
        say: the words of the door that it belongs to.
        status: of the answer.
        values: for the template.
    """
    return HttpResponse(rendered(request, template, say, **values), status=status)


def rendered(request: HttpRequest, template: str, say: Catalogue, /, **values: Any) -> str:
    """The text of a page, or of a part of one; arguments as for `render`."""
    language = language_of(request)
    frame = Catalogue("canbao.workbench", "words")
    context = {
        "language": language,
        "lang": TAGS[language],
        "other_language": LANGUAGES[1 - LANGUAGES.index(language)],
        "other_address": in_other_language(request),
        "doors": [(door, frame(f"door_{door}")[language], reverse(door, kwargs={"language": language})) for door in DOORS],
        "opened": request.path_info,
        "frame": lambda key, **fills: frame(key, **fills)[language],
        "say": lambda key, **fills: say(key, **fills)[language],
        "word": lambda words: words[language],
        "address": lambda name, **arguments: reverse(name, kwargs={"language": language, **arguments}),
        "nonce": getattr(request, "csp_nonce", ""),
        "study": current_study(),
        **values,
    }
    return str(render_to_string(template, context, request))


def printed(blocks: Sequence[Block], language: Language) -> Markup:
    """Blocks of a report as they stand in its web page."""
    study = current_study()
    section = Section("part", Words.same(""), tuple(blocks), numbered=False)
    title = study.settings.title.words
    document = Document("part", title, title, (), study.settings.date, (section,), {})
    edition = edition_of(document, language)
    return html_items(edition.items[1:], edition.words)
