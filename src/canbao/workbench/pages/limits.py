"""How often one may write: by ticket, and by address, generously, since a whole room may share one address."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from canbao.workbench.pages.faults import WAIT, TooLargeError, TooManyError

BY_ADDRESS = 30_000
"""Writes a minute from one address: two thousand phones behind one router, each every four seconds."""

WITHOUT_TICKET = 4000
"""Of these, by who has no ticket: two thousand phones that join, each twice."""

MOST_BYTES = 8192
"""Of what a guest sends: a question of 500 Chinese characters is 4,500 bytes as a browser's form."""

TICKET = "Ticket"
"""The header in which programmes send a ticket; browsers have it in a cookie."""

View = Callable[..., HttpResponse]


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; behind a proxy, what the proxy says of it last, since guests can write the rest."""
    said = request.headers.get("X-Forwarded-For", "") if settings.SECURE else ""
    return said.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def exceeds(key: str, most: int) -> bool:
    """Whether this is more than so many within the window; counts it."""
    # Tickets are secrets, and may hold any character.
    name = hashlib.sha256(f"limit:{key}".encode()).hexdigest()
    cache.add(name, 0, WAIT)
    try:
        return cache.incr(name) > most
    except ValueError:
        # It ran out between the two; a new window begins.
        cache.set(name, 1, WAIT)
        return False


def refuse_large(request: HttpRequest) -> None:
    """Raises TooLargeError where a guest sends too much."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise TooLargeError


def count(request: HttpRequest, name: str, most: int) -> None:
    """Count what somebody does.

    Args:
        request: that is to be answered.
        name: of what is done.
        most: times a minute with one ticket, or with all the tickets of one browser.

    Raises:
        TooManyError: it is more than so many, or too many from one address.
        TooLargeError: the body is too long.
    """
    refuse_large(request)
    tickets = [value for key, value in request.COOKIES.items() if key.startswith("ticket-")]
    who = "|".join(sorted([*tickets, *filter(None, [request.headers.get(TICKET)])]))
    from_here = address_of(request)
    own = exceeds(f"{name}:{who or from_here}", most if who else WITHOUT_TICKET)
    if own or exceeds(f"all:{from_here}", BY_ADDRESS):
        raise TooManyError


def limited(name: str, most: int) -> Callable[[View], View]:
    """Counts the posts to a view; see `count`."""

    def decorated(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if request.method == "POST":
                count(request, name, most)
            return view(request, *arguments, **named)

        return checked

    return decorated
