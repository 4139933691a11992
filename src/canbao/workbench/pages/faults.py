"""What a user gave wrongly is answered in words, as everywhere in Canbao: what is wrong, where, what to do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from canbao.errors import InputError
from canbao.languages import Catalogue
from canbao.workbench.pages.language import language_of
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench", "words")


class FaultsMiddleware:
    """Turns `InputError` into a page with status 422."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Faults of the user only; all others are the programme's own."""
        if not isinstance(error, InputError):
            return None
        faults = [fault.text(language_of(request)) for fault in error.faults]
        part = getattr(request, "htmx", False)
        return render(
            request, "faults_part.html" if part else "faults.html", say, 200 if part else 422, faults=faults, title=None
        )
