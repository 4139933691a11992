"""The language stands in the address, so that a link says which one it opens in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLResolver, include, path, reverse
from django.urls.resolvers import LocalePrefixPattern
from django.utils import translation

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


class SpokenLanguage(LocalePrefixPattern):
    """The language in front of the addresses of add-ons, which know of no languages: the one that is being spoken."""

    @property
    def language_prefix(self) -> str:
        """`en/` or `zh/`."""
        return "zh/" if (translation.get_language() or "").startswith("zh") else "en/"

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, str]] | None:
        """Either, as in `LanguageConverter`."""
        language, _, rest = path.partition("/")
        return (rest, (), {"language": language}) if language in LANGUAGES else None


def in_language(prefix: str, addresses: str) -> URLResolver:
    """Addresses of an add-on, whose names it looks up without a language.

    Args:
        prefix: what stands before them, after the language.
        addresses: their module.
    """
    return URLResolver(SpokenLanguage(), [path(prefix, include(addresses))])


class LanguageMiddleware:
    """Takes the language out of the address and puts it on the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; add-ons speak its language, too."""
        language = preferred(request)
        set_language(request, language)
        with translation.override(TAGS[language].lower()):
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
    """What the address begins with, else what it says or the browser asks for."""
    head = request.path_info.split("/")[1]
    if head in LANGUAGES:
        return "zh" if head == "zh" else "en"
    if request.GET.get("language") in LANGUAGES:
        return "zh" if request.GET["language"] == "zh" else "en"
    wished = request.headers.get("Accept-Language", "").lower()
    first = next((one[:2] for one in wished.split(",") if one.strip()[:2] in LANGUAGES), "en")
    return "zh" if first == "zh" else "en"


def address(request: HttpRequest, name: str, /, **arguments: object) -> str:
    """The address of a page in the request's language."""
    return reverse(name, kwargs={"language": language_of(request), **arguments})


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in of the staff, and from there back to here."""
    return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")


def in_other_language(request: HttpRequest) -> str:
    """The same page in the other language."""
    language = language_of(request)
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    path = request.get_full_path()
    return f"/{other}/{path[4:]}" if path.startswith(f"/{language}/") else f"/{other}/"
