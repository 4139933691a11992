"""The description of messages, `records.yaml`, as the code reads it."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field

from canbao.located_yaml import Bilingual, Entry, read

ColumnType = Literal[
    "text",
    "identifier",
    "choice",
    "day",
    "month",
    "time",
    "fen",
    "amount",
    "count",
    "region",
    "credit_code",
    "pseudonym",
    "identity_number",
]
Needed = Literal["always", "enrolment", "indirect", "completed", "either", "unless_deleted", "no"]

LINK = ("record_id", "action", "replaces")
"""What every record has, and what a deletion has to say."""


class Column(Entry):
    """A column of a kind of records, or a field of the header.

    Args:
        label: what it is called.
        type: what its values look like.
        choices: of a choice, each with its label.
        longest: of a text, in characters.
        needed: in which records it must be there.
        private: personal data in clear.
        about: what a sender should know.
    """

    label: Bilingual
    type: ColumnType
    choices: dict[str, Bilingual] = Field(default_factory=dict)
    longest: int | None = None
    needed: Needed = "unless_deleted"
    private: bool = False
    about: Bilingual | None = None


class Kind(Entry):
    """A kind of records."""

    label: Bilingual
    about: Bilingual
    columns: dict[str, Column]


class Description(Entry):
    """All that may be sent.

    Args:
        version: of the description; a message says by which it was made.
        header: the fields of a message's header.
        every_record: columns that all kinds have first.
        kinds: the kinds, each with its further columns.
    """

    version: str
    header: dict[str, Column]
    every_record: dict[str, Column]
    kinds: dict[str, Kind]

    def columns(self, kind: str) -> dict[str, Column]:
        """All columns of a kind, in the order in which they are written."""
        return {**self.every_record, **self.kinds[kind].columns}

    def private_columns(self, kind: str) -> list[str]:
        """Those that hold personal data in clear."""
        return [name for name, column in self.columns(kind).items() if column.private]


@cache
def description() -> Description:
    """The description that this version of the program follows."""
    return read(Path(str(resources.files("canbao.exchange.messages") / "records.yaml")), Description)
