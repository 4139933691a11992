"""Who votes: nobody by name. A ticket, or a cookie where an event is open, becomes a key under the event's secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.workbench.pages.limits import TICKET
from canbao.workbench.seminar.models import Event, Ticket

say = Catalogue("canbao.workbench.seminar", "words")

TICKET_BYTES = 16
COOKIE_AGE = 3 * 24 * 3600


def new_ticket(event: Event) -> str:
    """A ticket for one person; it is told once and cannot be told again."""
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    Ticket.objects.create(event=event, digest=_digest(ticket))
    return ticket


def tickets_for(code: str, number: int) -> list[str]:
    """Tickets of an event, all or none.

    Raises:
        InputError: there is no such event, or it is over.
    """
    event = Event.objects.filter(code=code, closed=None).first()
    if event is None:
        raise InputError(Fault(say("no_such_code")))
    with transaction.atomic():
        return [new_ticket(event) for _ in range(number)]


def is_ticket(event: Event, ticket: str) -> bool:
    """Whether an event gave it out."""
    return Ticket.objects.filter(event=event, digest=_digest(ticket)).exists()


def cookie_name(event: Event) -> str:
    """Where a browser keeps its ticket of an event."""
    return f"ticket-{event.public_id.hex[:12]}"


def voter_of(request: HttpRequest, event: Event) -> str | None:
    """The key of who asks or votes; None for who has not joined, and after an event is closed."""
    ticket = request.headers.get(TICKET) or request.COOKIES.get(cookie_name(event), "")
    if not ticket or event.secret is None or (event.tickets_only and not is_ticket(event, ticket)):
        return None
    return hmac.new(bytes(event.secret), ticket.encode(), hashlib.sha256).hexdigest()


def join(response: HttpResponse, event: Event, ticket: str | None, *, secure: bool) -> None:
    """Give a browser its ticket; at an open event a new one, which makes votes indicative only."""
    value = ticket or secrets.token_urlsafe(TICKET_BYTES)
    response.set_cookie(cookie_name(event), value, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=secure)


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
