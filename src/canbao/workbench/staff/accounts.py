"""Makes an account of the staff with a role at an event; called from the command line, by who has the server."""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import secrets

from allauth.mfa.models import Authenticator
from axes.utils import reset as unlock
from django.contrib.auth.models import User

from canbao.errors import Fault, InputError
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
    faults = []
    if event is None:
        faults.append(Fault(say("no_event", code=code)))
    if not name.isascii() or not name.isidentifier():
        faults.append(Fault(say("bad_name", name=name)))
    if faults or event is None:
        raise InputError(faults)
    user, made = User.objects.get_or_create(username=name)
    password = secrets.token_urlsafe(PASSWORD_BYTES) if made or anew else None
    if password is not None:
        user.set_password(password)
        user.save()
        Authenticator.objects.filter(user=user).delete()
        unlock(username=name.lower())
    Staff.objects.update_or_create(event=event, user=user, defaults={"role": role})
    return password
