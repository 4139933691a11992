"""Who changed which row of a seminar: what the log of deeds does not hold, from the audit log; see `staff/audit.py`."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from allauth.mfa.models import Authenticator
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from canbao.languages import Catalogue, Words
from canbao.workbench.pages.language import to_sign_in
from canbao.workbench.pages.page import render
from canbao.workbench.seminar.deeds import refuse_unless
from canbao.workbench.seminar.guests import of_event
from canbao.workbench.seminar.models import Choice, Event, Poll, Question, Room, Staff
from canbao.workbench.seminar.states import Act
from canbao.workbench.staff.audit import MASKED

say = Catalogue("canbao.workbench.seminar", "words")

A_PAGE = 50
ACTIONS = {LogEntry.Action.CREATE: "made", LogEntry.Action.UPDATE: "changed", LogEntry.Action.DELETE: "deleted"}
SECRET = frozenset({"password"})
"""Columns of which it is told that they changed, not what they hold; logs of earlier versions have half of a digest."""


@dataclass(frozen=True)
class Changed:
    """A row that was changed.

    Args:
        entry: of the audit log.
        what: kind of row and what was done to it.
        name: by which people know the row.
        values: what each column is called, and its value before and after.
    """

    entry: LogEntry
    what: Words
    name: Words
    values: list[tuple[Words, Words, Words]]


@never_cache
@require_safe
@of_event
def changes(request: HttpRequest, event: Event) -> HttpResponse:
    """Which rows of the event, of its staff and of their accounts were changed by whom, newest first."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    refuse_unless(event, request.user, Act.AUDIT)
    rows = _rows(event)
    page = Paginator(_entries(rows), A_PAGE).get_page(request.GET.get("page"))
    shown = [_changed(one, rows) for one in page.object_list]
    return render(request, "seminar/changes.html", say, event=event, page=page, shown=shown)


Rows = Mapping[int, Mapping[int, Words]]
"""By kind of row, as Django numbers them: the names of the event's rows by their numbers."""


def _rows(event: Event) -> Rows:
    staff = list(Staff.objects.filter(event=event).select_related("user"))
    accounts = {one.user_id: Words.same(one.user.get_username()) for one in staff}
    factors = Authenticator.objects.filter(user__in=accounts)
    named: dict[type[Model], dict[int, Words]] = {
        Event: {event.pk: event.title},
        Room: {one.pk: one.title for one in event.rooms.all()},
        Poll: {one.pk: one.text for one in event.polls.all()},
        Choice: {one.pk: one.text for one in Choice.objects.filter(poll__event=event)},
        Question: {
            one.pk: Words.same(one.receipt) for one in Question.objects.filter(event=event).exclude(answer="", note="")
        },
        Staff: {one.pk: Words.same(one.user.get_username()) for one in staff},
        User: accounts,
        Authenticator: {one.pk: accounts[one.user_id] for one in factors},
    }
    return {ContentType.objects.get_for_model(model).pk: names for model, names in named.items()}


def _entries(rows: Rows) -> QuerySet[LogEntry]:
    # Nothing is told of a question's making, which is its asker's.
    asked = Q(content_type=ContentType.objects.get_for_model(Question), action=LogEntry.Action.CREATE)
    factors, accounts = (ContentType.objects.get_for_model(model).pk for model in (Authenticator, User))
    ours = [Q(content_type=kind, object_id__in=list(names)) for kind, names in rows.items()]
    # A second factor that was turned off is no row any more; who did it is.
    ours.append(Q(content_type=factors, actor__in=list(rows[accounts])))
    found: QuerySet[LogEntry] = LogEntry.objects.filter(reduce(or_, ours)).exclude(asked)
    return found.select_related("actor", "content_type").order_by("-timestamp", "-pk")


def _changed(entry: LogEntry, rows: Rows) -> Changed:
    what = say(f"row_{ACTIONS[entry.action]}", kind=say(f"kind_{entry.content_type.model}"))
    # What is gone has no name any more: a second factor that was turned off, by whose it was.
    name = rows[entry.content_type_id].get(entry.object_id, Words.same("" if entry.actor is None else str(entry.actor)))
    values = {} if entry.action == LogEntry.Action.DELETE else entry.changes_dict or {}
    # Columns that people have a word for: the others are numbers of rows and lists of what hangs on them.
    told = [
        (say(f"column_{column}"), _shown(column, before), _shown(column, after))
        for column, (before, after) in values.items()
        if f"column_{column}" in say
    ]
    return Changed(entry, what, name, told)


def _shown(column: str, value: Any) -> Words:
    return Words.same(MASKED) if column in SECRET else _value(value)


def _value(value: Any) -> Words:
    known = {"None": "–", "": "–"}
    if str(value) in ("True", "False"):
        return say("is_yes" if str(value) == "True" else "is_no")
    if (key := f"role_{value}") in say:
        return say(key)
    return Words.same(known.get(str(value), str(value)))
