"""Tables of other forms, such as the files that platforms prepare for the tax authority, read as records of ours.

A map is a YAML file: which kind the records are, and where each column of ours comes from: a column of the table (the
first that is there) or a fixed value, with words replaced, or yuan turned into fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.exchange.messages.checking import Block
from canbao.exchange.messages.description import description
from canbao.exchange.messages.receiver import OperatorRecord, Receiver
from canbao.exchange.messages.unreadable import UnreadableError, unreadable
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.exchange.messages", "words")

YUAN = r"^-?\d{1,14}(?:\.\d{1,2})?$"


class MappedColumn(Entry):
    """Where a column of ours comes from.

    Args:
        column: columns of the table, of which the first that is there counts.
        value: the same for all records.
        words: what stands in the table, and what it means; other words stay as they are.
        unit: yuan are turned into fen.
        joined: further columns of the table whose text is joined to it with hyphens; for record numbers.
        added: further columns of the table that are added to it.
    """

    column: list[str] = Field(default_factory=list)
    value: str | None = None
    words: dict[str, str] = Field(default_factory=dict)
    unit: Literal["yuan", "fen"] | None = None
    joined: list[str] = Field(default_factory=list)
    added: list[str] = Field(default_factory=list)

    def expression(self, present: list[str], header: Mapping[str, str]) -> pl.Expr | None:
        """The column as text; None where the table has nothing for it."""
        if self.value is not None:
            return pl.lit(self.value.format_map(_Blanks(header)))
        found = next((name for name in self.column if name in present), None)
        if found is None:
            return None
        text = pl.col(found).str.strip_chars()
        if self.unit == "yuan":
            amounts = [_fen(pl.col(name)) for name in [found, *self.added] if name in present]
            bad = pl.any_horizontal(text.is_not_null() & (text != "") & amounts[0].is_null())
            return pl.when(bad).then(text).otherwise(pl.sum_horizontal(amounts).cast(pl.String))
        for name in self.joined:
            if name in present:
                text = pl.concat_str([text, pl.col(name).str.strip_chars()], separator="-", ignore_nulls=True)
        return text.replace(self.words) if self.words else text


class InputMap(Entry):
    """A map.

    Args:
        label: what it reads.
        about: what a user should know.
        kind: of records.
        encoding: of the table where it is not UTF-8.
        header: fields of the header that are always the same.
        columns: of ours, each with where it comes from.
    """

    label: Bilingual
    about: Bilingual
    kind: str
    encoding: str = "gb18030"
    header: dict[str, str] = Field(default_factory=dict)
    columns: dict[str, MappedColumn]

    def receiver(self, receiver: Receiver) -> Receiver:
        """Takes the table in and hands records on."""
        return _Mapping(self, receiver)


class _Blanks(dict[str, str]):
    """Fields of the header by name; those that are missing are empty."""

    def __missing__(self, key: str) -> str:
        return ""


class _Mapping:
    """A `Receiver` that turns a table's rows into records."""

    def __init__(self, input_map: InputMap, receiver: Receiver) -> None:
        self.map, self.receiver = input_map, receiver
        self.texts: Mapping[str, str] = {}

    def header(self, texts: Mapping[str, str]) -> bool:
        """See `Receiver`."""
        self.texts = {"kind": self.map.kind, "schema_version": description().version, **texts}
        return self.receiver.header(self.texts)

    def block(self, block: Block) -> None:
        """See `Receiver`."""
        made = []
        for name, column in self.map.columns.items():
            expression = column.expression(block.texts.columns, self.texts)
            if expression is not None:
                made.append(expression.cast(pl.String).alias(name))
        if not made:
            raise unreadable("no_columns")
        texts = block.texts.select(made) if block.texts.height else block.texts.select(made).clear()
        self.receiver.block(Block(texts, block.first_row, block.broken, block.rows))

    def unreadable(self, error: UnreadableError) -> None:
        """See `Receiver`."""
        self.receiver.unreadable(error)

    def operator_record(self, record: OperatorRecord) -> None:
        """See `Receiver`."""
        self.receiver.operator_record(record)

    def found(self, code: str, record: tuple[int, str | None] | None) -> None:
        """See `Receiver`."""
        self.receiver.found(code, record)


def _fen(text: pl.Expr) -> pl.Expr:
    """Yuan with up to two decimals as fen, exactly."""
    plain = text.str.strip_chars().str.replace_all(",", "", literal=True)
    shaped = pl.when(plain.str.contains(YUAN)).then(plain)
    sign = pl.when(shaped.str.starts_with("-")).then(-1).otherwise(1)
    parts = shaped.str.strip_prefix("-").str.split(".")
    whole = parts.list.first().cast(pl.Int64, strict=False)
    cents = parts.list.get(1, null_on_oob=True).str.pad_end(2, "0").cast(pl.Int64, strict=False).fill_null(0)
    return sign * (whole * 100 + cents)


def shipped_maps() -> dict[str, Path]:
    """The maps that come with the program, by name."""
    folder = Path(str(resources.files("canbao.exchange.messages") / "input_maps"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_map(name: str) -> InputMap:
    """A map by its name, or by its file.

    Raises:
        InputError: there is none, or it is at fault.
    """
    path = shipped_maps().get(name) or (Path(name) if name.endswith((".yaml", ".yml")) else None)
    if path is None:
        raise InputError(Fault(say("no_map", name=name), Place(field="--map"), did_you_mean(name, shipped_maps())))
    file = YamlFile(path)
    found = file.validate(InputMap)
    if found.kind not in description().kinds:
        near = did_you_mean(found.kind, description().kinds)
        raise InputError(Fault(say("map_column", name=found.kind, kind="–"), file.place(("kind",)), near))
    known = description().columns(found.kind)
    raise_all(
        [
            Fault(say("map_column", name=one, kind=found.kind), file.place(("columns", one)), did_you_mean(one, known))
            for one in found.columns
            if one not in known
        ]
    )
    return found
