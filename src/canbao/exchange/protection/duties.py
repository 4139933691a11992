"""Who may do what in an exchange."""

from __future__ import annotations

from canbao.errors import Fault, InputError
from canbao.exchange.protection.audit import actor
from canbao.exchange.store.exchange import Exchange, say
from canbao.exchange.store.settings import Duty


def require(exchange: Exchange, duty: Duty) -> None:
    """Let on whoever has a duty.

    Raises:
        InputError: exchange.yaml gives the duty to others.
    """
    named = exchange.settings.duties.get(duty)
    who = actor()
    if named is not None and who not in named:
        raise InputError(Fault(say("not_your_duty", who=who, duty=duty), remedy=say("not_your_duty_remedy")))
