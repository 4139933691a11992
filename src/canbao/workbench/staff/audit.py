"""Who changed which row.

What moderators do to questions, polls and events stands in the seminar's own log of deeds, with state and reason. Here
stand the rows that this log does not hold: how an event, a room or a poll was made and worded, who got which role, accounts
and second factors, and the words of answers and notes as they were before. Texts and names of askers are left out, so that
deleting a question deletes it; so are addresses of computers.
"""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


MASKED = "••••"


def masked(value: str) -> str:
    """What stands for a secret: the add-on's own mask would leave half of a password's digest in the log."""
    return MASKED if value else ""


def note_changes() -> None:
    """Begin to note."""
    from allauth.mfa.models import Authenticator
    from auditlog.registry import auditlog

    from canbao.workbench.seminar.models import Choice, Event, Poll, Question, Room, Staff

    auditlog.register(Event, exclude_fields=["secret"])
    for model in (Room, Poll, Staff):
        auditlog.register(model)
    auditlog.register(Choice, exclude_fields=["ballots_cast"])
    auditlog.register(User, include_fields=["username", "is_active", "password"], mask_fields=["password"])
    auditlog.register(Authenticator, include_fields=["user", "type"])
    auditlog.register(Question, include_fields=["answer", "note"])


class ActorMiddleware:
    """Says whose change it is. The add-on's own would open a session for every font and picture."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if request.method not in CHANGING or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        from auditlog.context import set_actor

        with set_actor(request.user if isinstance(request.user, User) else None):
            return self.get_response(request)
