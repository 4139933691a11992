"""The administration's keys: one or more for each purpose, of which the newest is used and older ones hold until a day.

They lie in a file of their own, readable by its owner only; CANBAO_EXCHANGE_KEYS names another place for it, such as a
disk that is not backed up with the data.
"""

from __future__ import annotations

import datetime
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from canbao.errors import Fault, InputError, Place
from canbao.exchange.durable import write_durably
from canbao.exchange.identity.pseudonyms import Pseudonymiser, derived
from canbao.languages import Catalogue
from canbao.located_yaml import Entry

say = Catalogue("canbao.exchange.identity", "words")

Purpose = Literal["exchange", "link", "vault", "audit", "injury", "pension", "tax"]
PURPOSES: tuple[Purpose, ...] = ("exchange", "link", "vault", "audit", "injury", "pension", "tax")

PREFIX = {"exchange": "x", "link": "l", "vault": "v", "audit": "a", "injury": "i", "pension": "p", "tax": "t"}

OVERLAP = datetime.timedelta(days=90)
"""How long a key holds beside its successor."""

ROTATED = ("exchange", "vault", "injury", "pension", "tax")
"""`link` stays: it makes the numbers under which persons are known. `audit` stays: it seals the log."""


class Key(Entry):
    """One key.

    Args:
        id: its number, which stands in pseudonyms.
        purpose: what it is for.
        secret: 256 bits in hexadecimal digits.
        made_on: the day from which it is used.
        until: the last day on which it holds; None for the newest.
    """

    id: str
    purpose: Purpose
    secret: str
    made_on: datetime.date
    until: datetime.date | None = None

    @property
    def raw(self) -> bytes:
        """The key itself."""
        return bytes.fromhex(self.secret)

    def __repr__(self) -> str:
        """Without the secret: representations end up in logs."""
        return f"Key({self.id})"

    __str__ = __repr__


class _KeyFile(Entry):
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of an exchange.

    Args:
        path: their file.
        keys: the keys, oldest first.
    """

    path: Path
    keys: tuple[Key, ...]

    @classmethod
    def at(cls, folder: Path) -> Path:
        """Where the keys of an exchange are."""
        chosen = os.environ.get("CANBAO_EXCHANGE_KEYS")
        return Path(chosen) if chosen else folder / "keys.json"

    @classmethod
    def make(cls, folder: Path, day: datetime.date) -> Keys:
        """New keys for all purposes, written to their file."""
        keys = tuple(_new(purpose, 1, day) for purpose in PURPOSES)
        made = cls(cls.at(folder), keys)
        made._write()
        return made

    @classmethod
    def open(cls, folder: Path) -> Keys:
        """The keys of an exchange.

        Raises:
            InputError: the file is missing or damaged.
        """
        path = cls.at(folder)
        try:
            content = _KeyFile.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            raise InputError(Fault(say("no_keys"), Place(path), say("no_keys_remedy"))) from None
        return cls(path, content.keys)

    def newest(self, purpose: Purpose) -> Key:
        """The key in use for a purpose."""
        return [one for one in self.keys if one.purpose == purpose][-1]

    def find(self, key_id: str) -> Key | None:
        """A key by its number."""
        return next((one for one in self.keys if one.id == key_id), None)

    def in_force(self, purpose: Purpose, day: datetime.date) -> list[str]:
        """The numbers of the keys that hold on a day."""
        return [one.id for one in self.keys if one.purpose == purpose and (one.until is None or day <= one.until)]

    def for_operator(self, operator: str, key: Key | None = None) -> Pseudonymiser:
        """What makes an operator's pseudonyms."""
        key = key or self.newest("exchange")
        return Pseudonymiser(key.id, derived(key.raw, operator))

    def for_purpose(self, purpose: Purpose) -> Pseudonymiser:
        """What makes the pseudonyms of those whom data are shared with."""
        key = self.newest(purpose)
        return Pseudonymiser(key.id, key.raw)

    def rotated(self, purpose: Purpose, day: datetime.date, overlap: datetime.timedelta = OVERLAP) -> Keys:
        """With a new key for a purpose; the one before holds for a while longer. Written at once.

        Raises:
            InputError: keys of this purpose are not changed.
        """
        if purpose not in ROTATED:
            raise InputError(
                Fault(say("not_rotated", purpose=purpose), remedy=say("rotated_are", names=", ".join(ROTATED)))
            )
        before = self.newest(purpose)
        count = sum(one.purpose == purpose for one in self.keys)
        ended = tuple(one.model_copy(update={"until": day + overlap}) if one is before else one for one in self.keys)
        made = Keys(self.path, (*ended, _new(purpose, count + 1, day)))
        made._write()
        return made

    def _write(self) -> None:
        content = json.dumps({"keys": [one.model_dump(mode="json", exclude_none=True) for one in self.keys]}, indent=1)
        write_durably(self.path, f"{content}\n".encode(), mode=0o600)


def _new(purpose: Purpose, number: int, day: datetime.date) -> Key:
    return Key(id=f"{PREFIX[purpose]}{number}", purpose=purpose, secret=secrets.token_hex(32), made_on=day)


def issue(keys: Keys, operator: str, path: Path) -> None:
    """Write an operator's key to a file that is handed to it by a safe way.

    Args:
        keys: the exchange's.
        operator: the operator's credit code.
        path: the file.
    """
    made = keys.for_operator(operator)
    content = {"key_id": made.key_id, "operator": operator, "secret": made.secret.hex()}
    write_durably(path, f"{json.dumps(content, indent=1)}\n".encode(), mode=0o600)
