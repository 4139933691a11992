"""Makes an account of the staff with a role at an event; called from the command line, by who has the server."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import secrets

from allauth.mfa.models import Authenticator
from axes.utils import reset as unlock
from django.contrib.auth.models import User

from canbao.errors import Fault, InputError, raise_all
from canbao.languages import Catalogue
from canbao.workbench.seminar.models import Event, Staff
from canbao.workbench.seminar.states import Role

say = Catalogue("canbao.workbench.staff", "words")

PASSWORD_BYTES = 12


def give_role(name: str, code: str, role: Role, *, anew: bool = False) -> str | None:
    """Give somebody a role at an event.

    Args:
        name: of the account.
        code: of the event.
        role: there.
        anew: with a new password, without a second factor and unlocked, for who has lost one of them.

    Returns:
        the password of an account that was made for it, or made anew; None where it stays.

    Raises:
        InputError: there is no such event, or the name is none.
    """
    event = Event.objects.filter(code=code).first()
    if event is None:
        raise InputError([Fault(say("no_event", code=code)), *_name_faults(name)])
    user, password = account_of(name, anew=anew)
    Staff.objects.update_or_create(event=event, user=user, defaults={"role": role})
    return password


def account_of(name: str, *, anew: bool = False) -> tuple[User, str | None]:
    """The account of a name.

    Args:
        name: by which somebody signs in.
        anew: give it a new password and lift its second factor and lock, where somebody lost them.

    Returns:
        the account, and its password where that was made now.

    Raises:
        InputError: the name is none.
    """
    raise_all(_name_faults(name))
    user, made = User.objects.get_or_create(username=name)
    password = secrets.token_urlsafe(PASSWORD_BYTES) if made or anew else None
    if password is not None:
        user.set_password(password)
        user.save()
        Authenticator.objects.filter(user=user).delete()
        unlock(username=name.lower())
    return user, password


def _name_faults(name: str) -> list[Fault]:
    return [] if name.isascii() and name.isidentifier() else [Fault(say("bad_name", name=name))]
