"""The folder of an exchange.

    exchange.yaml   settings
    keys.json       keys, readable by their owner only; CANBAO_EXCHANGE_KEYS names another place
    messages/       a folder a message that was accepted: manifest.json, status.json and .xml, and its Parquet files
    rejected/       a folder a file that was rejected: manifest.json, status.json and .xml
    aliases/        pseudonyms that came of a change of keys
    audit.jsonl     who did what, in a chain
    state/          what can be calculated again

A message's folder appears by one renaming, with everything in it. So a message is there as a whole or not at all,
whenever the process or the machine may end, and the same message cannot be there twice.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from canbao.errors import Fault, InputError, Place
from canbao.exchange.durable import locked, write_durably
from canbao.exchange.identity.keys import Keys
from canbao.exchange.identity.numbers import is_valid_credit_code
from canbao.exchange.protection.audit import actor
from canbao.exchange.store.settings import Duty, ExchangeSettings, read_settings
from canbao.languages import Catalogue

say = Catalogue("canbao.exchange.store", "words")

SETTINGS = "exchange.yaml"


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message that was accepted.

    Args:
        folder: where it lies.
        manifest: what it is.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def key(self) -> int:
        """Its number in the store."""
        return int(self.manifest["message_key"])

    @property
    def header(self) -> dict[str, str]:
        """Its header."""
        return dict(self.manifest["header"])

    def file(self, name: str) -> Path | None:
        """One of its Parquet files, if it has it."""
        path = self.folder / f"{name}.parquet"
        return path if path.is_file() else None


@dataclass(frozen=True)
class Exchange:
    """An exchange that has been opened.

    Args:
        folder: where it lies.
        settings: what it says of itself.
    """

    folder: Path
    settings: ExchangeSettings

    @classmethod
    def make(
        cls, folder: Path, code: str, name: str, *, production: bool = True, day: datetime.date | None = None
    ) -> Exchange:
        """Make the folder of a new exchange, with settings and keys.

        Args:
            folder: where; must not hold one already.
            code: the administration's credit code.
            name: the administration's name.
            production: whether test data are refused.
            day: of the keys; today by default.

        Raises:
            InputError: there is an exchange already, or the code is wrong.
        """
        if (folder / SETTINGS).exists() or Keys.at(folder).exists():
            raise InputError(Fault(say("exists"), Place(folder), say("exists_remedy")))
        if not is_valid_credit_code(code):
            raise InputError(Fault(say("bad_code"), Place(field="--code"), say("bad_code_remedy")))
        for part in ("messages", "rejected", "aliases", "state"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        Keys.make(folder, day or datetime.date.today())
        text = _SETTINGS.format(code=code, name=json.dumps(name, ensure_ascii=False), production=str(production).lower())
        write_durably(folder / SETTINGS, text.encode("utf-8"))
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Exchange:
        """Open an exchange.

        Raises:
            InputError: there is none, or its settings are at fault.
        """
        if not (folder / SETTINGS).is_file():
            raise InputError(Fault(say("no_exchange"), Place(folder), say("no_exchange_remedy")))
        return cls(folder, read_settings(folder / SETTINGS))

    def require(self, duty: Duty) -> None:
        """Let on whoever has a duty.

        Raises:
            InputError: exchange.yaml gives the duty to others.
        """
        named, who = self.settings.duties.get(duty), actor()
        if named is not None and who not in named:
            raise InputError(Fault(say("not_your_duty", who=who, duty=duty), remedy=say("not_your_duty_remedy")))

    @cached_property
    def keys(self) -> Keys:
        """The keys as they were when they were first asked for."""
        return Keys.open(self.folder)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone among those who change the store."""
        with locked(self.folder / ".lock"):
            yield

    def messages(self) -> list[StoredMessage]:
        """All accepted messages, by the name of their folder."""
        found = []
        for folder in sorted((self.folder / "messages").glob("[0-9a-f]*")):
            found.append(StoredMessage(folder, json.loads((folder / "manifest.json").read_text(encoding="utf-8"))))
        return found

    def message_folder(self, operator: str, message_id: str) -> Path:
        """Where a message lies or would lie."""
        return self.folder / "messages" / f"{message_key(operator, message_id):016x}"

    def rejected_folder(self, digest: str) -> Path:
        """Where the answer to a rejected file lies."""
        return self.folder / "rejected" / digest[:32]


def message_key(operator: str, message_id: str) -> int:
    """A message's number in the store: 63 bits of a hash of who sent it and its own number."""
    return hashed(f"{operator}|{message_id}")


def hashed(text: str) -> int:
    """The upper 63 of the lower 64 bits of MD5, as DuckDB's `md5_number_lower(text) >> 1`; not for secrecy."""
    digest = hashlib.md5(text.encode("utf-8"), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") >> 1


_SETTINGS = """\
# An exchange of data between a social insurance administration and platform companies.
administration:
  name: {{en: {name}, zh: {name}}}
  code: "{code}"          # unified social credit code / 统一社会信用代码
production: {production}        # refuse test data / 拒收测试数据

# How many months records are kept after the end of their message's period. Platforms must keep transaction records for
# three years (E-Commerce Law, art. 31), and so long contributions may be calculated again.
retention_months:
  orders: 36
  earnings: 180
  workers: 180
  register: 180
  yearly: 60
  identities: 36          # after the worker's last record

# Who may do what (login names); anybody where a duty is not named: receive, share, keys, audit, expire, read.
duties: {{}}

contact: ""               # whom people can ask about their data / 个人信息保护联系方式
answers: {{}}               # canbao exchange assessment lists the questions / 影响评估中由本机构回答的问题
"""
