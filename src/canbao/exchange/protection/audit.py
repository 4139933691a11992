"""Who did what, when and on which basis: a line each, sealed in a chain, so that tampering shows.

Each line carries the seal of the one before and its own: an HMAC-SHA256 over both. Whoever changes, inserts or takes out
a line needs the key to seal the rest anew. What is cut off at the end shows against the last seal, if that was written
down elsewhere: `canbao exchange audit` prints it and compares it.
"""

from __future__ import annotations

import datetime
import getpass
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from canbao.exchange.durable import sync_folder
from canbao.exchange.identity.keys import Keys

FIRST = "0" * 64

Scalar = str | int | bool | None


def actor() -> str:
    """Who acts: CANBAO_USER, else the login name."""
    chosen = os.environ.get("CANBAO_USER")
    if chosen:
        return chosen
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a check of the log.

    Args:
        lines: how many there are.
        head: the last seal.
        wrong: the first line, from 1, whose seal does not fit; None if all do.
    """

    lines: int
    head: str
    wrong: int | None = None


class AuditLog:
    """The log of an exchange. Lines are added under the exchange's lock only.

    Args:
        folder: of the exchange.
        keys: its keys.
    """

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.path = folder / "audit.jsonl"
        self._secret = keys.newest("audit").raw

    def add(self, action: str, about: Mapping[str, Scalar], *, now: datetime.datetime | None = None) -> None:
        """Add a line. What it is about must hold no personal data."""
        before, number = self._mend()
        time = (now or datetime.datetime.now(datetime.UTC)).isoformat(timespec="seconds")
        entry = {"number": number + 1, "time": time, "actor": actor(), "action": action, **about, "before": before}
        line = json.dumps({**entry, "seal": self._seal(entry)}, ensure_ascii=False).encode("utf-8") + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # One call: a kill leaves the whole line or nothing of it.
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(self.path.parent)

    def entries(self) -> Iterator[dict[str, Scalar]]:
        """All lines that can be read."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                try:
                    content = json.loads(line)
                except ValueError:
                    continue
                if isinstance(content, dict):
                    yield content

    def verify(self) -> Verdict:
        """Check the chain from its beginning."""
        before, number = FIRST, 0
        if not self.path.exists():
            return Verdict(0, FIRST)
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    content = json.loads(line)
                    seal = content.pop("seal")
                    fits = hmac.compare_digest(str(seal), self._seal(content))
                    fits = fits and content["before"] == before and content["number"] == number
                except (ValueError, KeyError, TypeError, AttributeError):
                    fits = False
                if not fits:
                    return Verdict(number, before, number)
                before = seal
        return Verdict(number, before)

    def _seal(self, entry: Mapping[str, Scalar]) -> str:
        text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        return hmac.new(self._secret, text.encode("utf-8"), hashlib.sha256).hexdigest()

    def _mend(self) -> tuple[str, int]:
        """The last seal and number. A line that a power cut tore was never answered for: it is cut off."""
        if not self.path.exists():
            return FIRST, 0
        with self.path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 2**20))
            tail = file.read()
            end = tail.rfind(b"\n") + 1
            if end < len(tail):
                file.truncate(size - len(tail) + end)
                tail = tail[:end]
        last = tail.rstrip(b"\n").rpartition(b"\n")[2]
        if not last:
            return FIRST, 0
        try:
            content = json.loads(last)
            return str(content["seal"]), int(content["number"])
        except (ValueError, KeyError, TypeError):
            # Damaged: the chain goes on, and verifying it shows where it broke.
            return hashlib.sha256(last).hexdigest(), 0
