"""How often one may write: by ticket, and by address, generously, since a whole room may share one address."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from canbao.languages import Catalogue
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench", "words")

WINDOW = 60
BY_ADDRESS = 6000
"""Writes a minute from one address: two thousand phones behind one router, each three times."""

View = Callable[..., HttpResponse]


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; behind a proxy, what the proxy says of it last, since guests can write the rest."""
    said = request.headers.get("X-Forwarded-For", "") if settings.SECURE else ""
    return said.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def exceeds(key: str, most: int) -> bool:
    """Whether this is more than so many within the window; counts it."""
    name = f"limit:{key}"
    cache.add(name, 0, WINDOW)
    try:
        return cache.incr(name) > most
    except ValueError:
        # It ran out between the two; a new window begins.
        cache.set(name, 1, WINDOW)
        return False


def limited(name: str, most: int) -> Callable[[View], View]:
    """No more than so many posts a minute by whoever the view is for, nor too many from one address."""

    def decorated(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if request.method == "POST":
                who = "|".join(sorted(value for key, value in request.COOKIES.items() if key.startswith("ticket-")))
                from_here = address_of(request)
                if exceeds(f"{name}:{who or from_here}", most if who else BY_ADDRESS) or exceeds(
                    f"all:{from_here}", BY_ADDRESS
                ):
                    return too_many(request)
            return view(request, *arguments, **named)

        return checked

    return decorated


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Please wait."""
    del exception  # as Django's handlers are called
    response = render(request, "faults.html", say, 429, faults=[], title="too_many")
    response["Retry-After"] = str(WINDOW)
    return response
