"""Keyed pseudonyms: who knows no key can neither make nor reverse one.

A pseudonym is the HMAC-SHA256 of identity type and number, cut to 128 bits, behind the number of its key. Keys differ
by purpose, and for platforms by operator, so that two platforms cannot find their common workers by comparing files. A
keyed hash is de-identified, not anonymous: whoever holds the key can try all numbers.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import RootModel, ValidationError

from canbao.errors import Fault, InputError, Place
from canbao.exchange.identity.pseudonym_form import PSEUDONYM
from canbao.languages import Catalogue

say = Catalogue("canbao.exchange.identity", "words")

__all__ = ["PSEUDONYM", "Pseudonymiser", "derived", "read_operator_key", "worker_key"]


@dataclass(frozen=True, slots=True)
class Pseudonymiser:
    """Makes pseudonyms with one key.

    Args:
        key_id: the key's number, which stands in the pseudonym.
        secret: the key.
    """

    key_id: str
    secret: bytes

    def __call__(self, identity_type: str, number: str) -> str:
        """The pseudonym of a person."""
        return f"{self.key_id}-{_hash(self.secret, person(identity_type, number)).hex()[:32]}"

    def of_key(self, key: int) -> str:
        """The pseudonym of a worker of whom no number is known."""
        return f"{self.key_id}-{_hash(self.secret, f'key|{key}'.encode()).hex()[:32]}"


def person(identity_type: str, number: str) -> bytes:
    """What is hashed of a person: type and number, without blanks, x as X."""
    return f"{identity_type}|{number.strip().upper()}".encode()


def derived(secret: bytes, whom: str) -> bytes:
    """The key for one operator, of the key of a purpose."""
    return _hash(secret, f"operator|{whom}".encode())


def worker_key(secret: bytes, identity_type: str, number: str) -> int:
    """The number under which the store knows a person: 63 bits of a keyed hash, the same in whatever order files come."""
    return int.from_bytes(_hash(secret, person(identity_type, number))[:8], "big") >> 1


def _hash(secret: bytes, content: bytes) -> bytes:
    return hmac.digest(secret, content, hashlib.sha256)


def read_operator_key(path: Path) -> Pseudonymiser:
    """The key that an administration has issued to a platform, as `canbao exchange key` wrote it.

    Raises:
        InputError: the file is missing or no key.
    """
    try:
        content = RootModel[dict[str, str]].model_validate(json.loads(path.read_text(encoding="utf-8"))).root
        return Pseudonymiser(content["key_id"], bytes.fromhex(content["secret"]))
    except (OSError, ValueError, ValidationError, KeyError):
        raise InputError(Fault(say("no_key_file"), Place(path), say("no_key_file_remedy"))) from None
