"""Clear identity data at rest: AES-256-GCM, a row a person and message; the person's number in the store is bound to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from canbao.errors import Fault, InputError
from canbao.exchange.identity.keys import Key, Keys
from canbao.languages import Catalogue

say = Catalogue("canbao.exchange.identity", "words")

SCHEMA = {"worker_key": pl.Int64, "key_id": pl.String, "sealed": pl.Binary}

NONCE = 12


@dataclass(frozen=True, slots=True)
class ClearIdentity:
    """Who somebody is."""

    worker_key: int
    identity_type: str
    identity_number: str
    name: str | None = None
    phone: str | None = None

    def __repr__(self) -> str:
        """Without what is personal: representations end up in logs."""
        return f"ClearIdentity({self.worker_key})"


def sealed(people: Sequence[ClearIdentity], key: Key) -> pl.DataFrame:
    """People's identities, encrypted.

    Returns:
        `worker_key`, `key_id`, `sealed`: a nonce and what it sealed.
    """
    cipher = AESGCM(key.raw)
    rows = []
    for one in people:
        content = [one.identity_type, one.identity_number, one.name, one.phone]
        nonce = os.urandom(NONCE)
        text = json.dumps(content, ensure_ascii=False).encode("utf-8")
        rows.append((one.worker_key, key.id, nonce + cipher.encrypt(nonce, text, _bound(one.worker_key))))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def opened(rows: pl.DataFrame, keys: Keys) -> Iterator[ClearIdentity]:
    """Identities in clear.

    Raises:
        InputError: a key is missing, or what was sealed has been changed.
    """
    ciphers: dict[str, AESGCM] = {}
    for worker, key_id, content in rows.select(*SCHEMA).iter_rows():
        if key_id not in ciphers:
            key = keys.find(key_id)
            if key is None:
                raise InputError(Fault(say("vault_key_missing", key=key_id), remedy=say("no_keys_remedy")))
            ciphers[key_id] = AESGCM(key.raw)
        try:
            text = ciphers[key_id].decrypt(content[:NONCE], content[NONCE:], _bound(worker))
        except InvalidTag:
            raise InputError(Fault(say("vault_broken"), remedy=say("vault_broken_remedy"))) from None
        yield ClearIdentity(worker, *json.loads(text))


def _bound(worker: int) -> bytes:
    """Sealed data cannot be moved to another person."""
    return worker.to_bytes(8, "big")
