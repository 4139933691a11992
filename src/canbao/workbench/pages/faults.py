"""What a user gave wrongly is answered in words, as everywhere in Canbao: what is wrong, where, what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse

from canbao.errors import InputError
from canbao.languages import Catalogue
from canbao.workbench.pages.language import TAGS, language_of
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench", "words")

AS_WRITTEN = {"ensure_ascii": False}
"""For JSON in which Chinese can be read."""

WAIT = 60
"""Seconds after which who did too much may go on."""

INTERFACE = "/api/"
"""What programmes ask for begins with this."""


class TooManyError(Exception):
    """Somebody has to wait."""


class TooLargeError(Exception):
    """Somebody sends more than a guest has to say."""


def fault_page(request: HttpRequest, status: int, title: str) -> HttpResponse:
    """What every server may have to say, as a page; as JSON where a programme asks.

    Args:
        request: that is answered.
        status: of the answer.
        title: the key of its words; `<title>_what` says more.
    """
    if request.path_info.startswith(INTERFACE):
        words = [say(title)[language_of(request)], say(f"{title}_what")[language_of(request)]]
        return as_json(request, status, [". ".join(words) if language_of(request) == "en" else "。".join(words)])
    return render(request, "faults.html", say, status, faults=[], title=title)


def as_json(request: HttpRequest, status: int, faults: Sequence[str]) -> HttpResponse:
    """Faults for a programme, in the language that it asks for."""
    headers = {"Content-Language": TAGS[language_of(request)]}
    return JsonResponse({"faults": list(faults)}, status=status, headers=headers, json_dumps_params=AS_WRITTEN)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Please wait."""
    del exception  # as Django's handlers are called
    response = fault_page(request, 429, "too_many")
    response["Retry-After"] = str(WAIT)
    return response


class FaultsMiddleware:
    """Turns what somebody gave wrongly, or too much of, into a page: `InputError` with status 422."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Faults of the user only; all others are the programme's own."""
        if isinstance(error, TooManyError):
            return too_many(request)
        if isinstance(error, TooLargeError):
            return fault_page(request, 413, "too_large")
        if isinstance(error, DataError):
            # What the database cannot hold, such as characters that are no text: no page of ours sends it.
            return fault_page(request, 400, "refused")
        if not isinstance(error, InputError):
            return None
        faults = [fault.text(language_of(request)) for fault in error.faults]
        part = getattr(request, "htmx", False)
        return render(
            request, "faults_part.html" if part else "faults.html", say, 200 if part else 422, faults=faults, title=None
        )
