"""Who takes in a message while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.unreadable import UnreadableError


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

    def found(self, code: str, record: tuple[int, str | None] | None) -> None:
        """Something that the reader found, about a record (row and number) or the file."""
        ...
