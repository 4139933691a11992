"""Roles at the drafts of a study, given from the command line by who has the server."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from canbao.workbench.drafts.models import Staff
from canbao.workbench.drafts.states import MAY, Act, Role
from canbao.workbench.project.writing import one_writer
from canbao.workbench.staff.accounts import account_of


def give_role(name: str, role: Role) -> str | None:
    """Give somebody a role.

    Returns:
        the password of an account that was made for it; None where there was one.

    Raises:
        InputError: the name is none.
    """
    with one_writer():
        user, password = account_of(name)
        Staff.objects.update_or_create(user=user, defaults={"role": role})
    return password


def may(user: User | AnonymousUser, act: Act) -> bool:
    """Whether somebody may do this."""
    if not user.is_authenticated:
        return False
    role = Staff.objects.filter(user_id=user.pk).values_list("role", flat=True).first()
    return role is not None and act in MAY[Role(role)]
