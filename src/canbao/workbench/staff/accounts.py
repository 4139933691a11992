"""Makes an account of the staff with a role at an event; called from the command line, by who has the server."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import User

from canbao.errors import Fault, InputError, raise_all
from canbao.languages import Catalogue
from canbao.workbench.seminar.models import Event, Staff
from canbao.workbench.seminar.states import Role

say = Catalogue("canbao.workbench.staff", "words")

PASSWORD_BYTES = 12


def give_role(name: str, code: str, role: Role) -> str | None:
    """Give somebody a role at an event.

    Returns:
        the password of an account that was made for it; None where there was one.

    Raises:
        InputError: there is no such event, or the name is none.
    """
    event = Event.objects.filter(code=code).first()
    if event is None:
        raise InputError([Fault(say("no_event", code=code)), *_name_faults(name)])
    user, password = account_of(name)
    Staff.objects.update_or_create(event=event, user=user, defaults={"role": role})
    return password


def account_of(name: str) -> tuple[User, str | None]:
    """The account of a name.

    Returns:
        the account, and its password where it was made now.

    Raises:
        InputError: the name is none.
    """
    raise_all(_name_faults(name))
    user, made = User.objects.get_or_create(username=name)
    password = secrets.token_urlsafe(PASSWORD_BYTES) if made else None
    if password is not None:
        user.set_password(password)
        user.save()
    return user, password


def _name_faults(name: str) -> list[Fault]:
    return [] if name.isascii() and name.isidentifier() else [Fault(say("bad_name", name=name))]
