"""Who votes: nobody by name. A ticket, or a cookie where an event is open, becomes a key under the event's secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db.models import F
from django.http import HttpRequest, HttpResponse

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.workbench.pages.limits import TICKET
from canbao.workbench.project.writing import one_writer
from canbao.workbench.seminar.commits import committed
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
    with one_writer():
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
    if not ticket or event.secret is None or not (_is_own(event, ticket) or is_ticket(event, ticket)):
        return None
    return _key(event, ticket)


@committed
def admitted(event: Event, ticket: str | None) -> str:
    """The ticket of somebody who joins: the printed one, or at an open event a new one, which makes votes indicative only.

    A printed ticket counts as one phone, in however many browsers it is used.
    """
    if ticket is None or Ticket.objects.filter(event=event, digest=_digest(ticket), used=False).update(used=True):
        Event.objects.filter(pk=event.pk).update(phones=F("phones") + 1)
    return ticket or _own(event)


def join(response: HttpResponse, event: Event, ticket: str | None, *, secure: bool) -> None:
    """Give a browser its ticket."""
    value = admitted(event, ticket)
    response.set_cookie(cookie_name(event), value, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=secure)


def _own(event: Event) -> str:
    """A ticket that the event itself gives to whoever joins; one that somebody made up counts for nothing."""
    drawn = secrets.token_urlsafe(TICKET_BYTES)
    return f"{drawn}.{_key(event, drawn)[:32]}"


def _is_own(event: Event, ticket: str) -> bool:
    drawn, _, proof = ticket.partition(".")
    return not event.tickets_only and secrets.compare_digest(_key(event, drawn)[:32].encode(), proof.encode())


def _key(event: Event, ticket: str) -> str:
    return hmac.new(bytes(event.secret or b""), ticket.encode(), hashlib.sha256).hexdigest()


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
