"""The language stands in the address, so that a link says which one it opens in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from canbao.languages import LANGUAGES, Language

TAGS: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}


class LanguageConverter:
    """`en` or `zh` in an address."""

    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


class LanguageMiddleware:
    """Takes the language out of the address and puts it on the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        set_language(request, preferred(request))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, _args: object, kwargs: dict[str, Any]) -> None:
        """Views do not take the language as an argument."""
        if "language" in kwargs:
            set_language(request, kwargs.pop("language"))


def set_language(request: HttpRequest, language: Language) -> None:
    """Speak this language in the answer."""
    request.language = language  # type: ignore[attr-defined]


def language_of(request: HttpRequest) -> Language:
    """The language in which a request is answered."""
    spoken: Language = getattr(request, "language", "en")
    return spoken


def preferred(request: HttpRequest) -> Language:
    """What the address begins with, else what the browser asks for."""
    head = request.path_info.split("/")[1]
    if head in LANGUAGES:
        return "zh" if head == "zh" else "en"
    wished = request.headers.get("Accept-Language", "").lower()
    first = next((one[:2] for one in wished.split(",") if one.strip()[:2] in LANGUAGES), "en")
    return "zh" if first == "zh" else "en"


def address(request: HttpRequest, name: str, /, **arguments: object) -> str:
    """The address of a page in the request's language."""
    return reverse(name, kwargs={"language": language_of(request), **arguments})


def in_other_language(request: HttpRequest) -> str:
    """The same page in the other language."""
    language = language_of(request)
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    path = request.get_full_path()
    return f"/{other}/{path[4:]}" if path.startswith(f"/{language}/") else f"/{other}/"
