"""Who takes in a message while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.unreadable import UnreadableError


@dataclass(frozen=True, slots=True)
class OperatorRecord:
    """The operator's own record in a message: is it sent anew or again, does it correct or delete another.

    Args:
        action: `new`, `resend`, `correct` or `delete`.
        record_id: its number.
        replaces: the record that it corrects or deletes.
    """

    action: str
    record_id: str
    replaces: str | None = None


class Receiver(Protocol):
    """Takes in a message as it is read."""

    def header(self, texts: Mapping[str, str]) -> bool:
        """The header, before any record.

        Returns:
            whether the records are wanted.
        """
        ...

    def block(self, block: Block) -> None:
        """The next records."""
        ...

    def unreadable(self, error: UnreadableError) -> None:
        """Reading stopped here, or goes on though this is wrong."""
        ...

    def operator_record(self, record: OperatorRecord) -> None:
        """What the message says of its operator's own record, where its form has one."""
        ...

    def found(self, code: str, record: tuple[int, str | None] | None) -> None:
        """Something that the reader found, about a record (row and number) or the file."""
        ...
