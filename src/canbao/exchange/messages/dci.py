"""The envelope of the Digital Convergence Initiative (spdci.org), by which registries of social protection talk.

`{signature, header, message}`: the signature is over header and message as JSON with sorted keys and no blanks. The
standard leaves open how content is brought into one form before it is signed; that is ours.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

VERSION = "1.0.0"
UNSIGNED = "unsigned"

DciStatus = Literal["rcvd", "pdng", "succ", "rjct"]

Json = dict[str, Any]

_SIGNATURE = re.compile(r'(\w+)="([^"]*)"')


class DciError(Exception):
    """A message is refused.

    Args:
        code: by the standard, such as `rjct.message_id.duplicate`.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs messages.

    Args:
        sender: whose key it is.
        key_id: its number.
        key: the key.
    """

    sender: str
    key_id: str
    key: Ed25519PrivateKey

    def sign(self, header: Json, message: Json, now: datetime.datetime) -> str:
        """The signature's text."""
        created = int(now.timestamp())
        content = base64.b64encode(self.key.sign(_signed(header, message, created))).decode("ascii")
        key_id = f"{self.sender}|{self.key_id}|ed25519"
        return (
            f'Signature: namespace="dci", kidId="{key_id}", algorithm="ed25519", created="{created}", signature="{content}"'
        )


def verify(envelope: Json, keys: Mapping[str, Ed25519PublicKey]) -> None:
    """Check a signature.

    Args:
        envelope: the message.
        keys: the senders' keys by `sender|key`.

    Raises:
        DciError: there is none, its key is not known, or it does not fit.
    """
    parts = dict(_SIGNATURE.findall(str(envelope.get("signature", ""))))
    key = keys.get("|".join(parts.get("kidId", "").split("|")[:2]))
    if key is None or "signature" not in parts:
        raise DciError("err.signature.missing")
    try:
        content = base64.b64decode(parts["signature"], validate=True)
        key.verify(content, _signed(envelope["header"], envelope["message"], int(parts["created"])))
    except (InvalidSignature, binascii.Error, KeyError, ValueError):
        raise DciError("err.signature.invalid") from None


def _signed(header: Json, message: Json, created: int) -> bytes:
    content = {"created": created, "header": header, "message": message}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def enveloped(header: Json, message: Json, signer: Signer | None, now: datetime.datetime) -> Json:
    """A message in its envelope, signed if there is a signer."""
    signature = signer.sign(header, message, now) if signer is not None else UNSIGNED
    return {"signature": signature, "header": header, "message": message}


def request_header(
    action: str, message_id: str, sender: str, receiver: str, now: datetime.datetime, count: int = 1
) -> Json:
    """The header of a request."""
    return {
        "version": VERSION,
        "message_id": message_id,
        "message_ts": timestamp(now),
        "action": action,
        "sender_id": sender,
        "receiver_id": receiver,
        "total_count": count,
        "is_msg_encrypted": False,
    }


def answer_header(asked: Json, action: str, status: DciStatus, now: datetime.datetime, completed: int) -> Json:
    """The header of an answer."""
    made = request_header(
        action, f"{asked['message_id']}-answer", asked["receiver_id"], asked["sender_id"], now, asked["total_count"]
    )
    return {**made, "status": status, "completed_count": completed}


def acknowledged(correlation_id: str, now: datetime.datetime, code: str | None = None) -> Json:
    """The short answer to a message that was received, or was refused for a reason."""
    message: Json = {"ack_status": "ERR" if code else "ACK", "timestamp": timestamp(now), "correlation_id": correlation_id}
    message["error"] = {"code": code, "message": code} if code else {}
    return {"message": message}


def checked(content: object, action: str, at_most: int = 100) -> tuple[Json, Json]:
    """Header and message of an envelope, if they are in order.

    Args:
        content: what was received.
        action: which is expected.
        at_most: requests in one message.

    Raises:
        DciError: they are not.
    """
    if not isinstance(content, dict) or not isinstance(content.get("header"), dict):
        raise DciError("err.request.bad")
    header, message = content["header"], content.get("message")
    texts = ("version", "message_id", "message_ts", "action", "sender_id", "receiver_id")
    if any(not isinstance(header.get(name), str) or not 0 < len(header[name]) <= 200 for name in texts):
        raise DciError("err.request.bad")
    if header["version"].split(".")[0] != VERSION.split(".")[0]:
        raise DciError("rjct.version.invalid")
    if header["action"] != action or not isinstance(message, dict):
        raise DciError("rjct.action.not_supported")
    if header.get("is_msg_encrypted"):
        raise DciError("rjct.encryption.invalid")
    count = header.setdefault("total_count", 1)
    if not isinstance(count, int) or count > at_most:
        raise DciError("rjct.total_count.limit_exceeded")
    return header, message


def timestamp(now: datetime.datetime) -> str:
    """A time as the standard has it."""
    return now.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
