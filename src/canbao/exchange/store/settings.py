"""What exchange.yaml may say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from canbao.errors import Fault, raise_all
from canbao.exchange.identity.numbers import is_valid_credit_code
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.exchange.store", "words")

Duty = Literal["receive", "share", "keys", "audit", "expire", "read"]
Months = Annotated[int, Field(ge=1, le=1200)]


class Administration(Entry):
    """Who keeps the exchange."""

    name: Bilingual
    code: str


class ExchangeSettings(Entry):
    """An exchange as it declares itself.

    Args:
        administration: who keeps it.
        production: whether test data are refused.
        retention_months: how long records of a kind are kept after the end of their message's period; identities after
            the worker's last record.
        duties: who may do what: a duty, and the names of those who have it; anybody where a duty is not named.
        contact: whom people can ask about their data.
        answers: the impact assessment's questions that only the administration can answer.
    """

    administration: Administration
    production: bool = True
    retention_months: dict[str, Months] = Field(default_factory=dict)
    duties: dict[Duty, list[str]] = Field(default_factory=dict)
    contact: str = ""
    answers: dict[str, str] = Field(default_factory=dict)


def read_settings(path: Path) -> ExchangeSettings:
    """The settings of an exchange.

    Raises:
        InputError: with every fault and its place.
    """
    file = YamlFile(path)
    settings = file.validate(ExchangeSettings)
    faults = []
    if not is_valid_credit_code(settings.administration.code):
        faults.append(Fault(say("bad_code"), file.place(("administration", "code")), say("bad_code_remedy")))
    raise_all(faults)
    return settings
