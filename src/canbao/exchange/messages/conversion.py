"""A message in another form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from canbao.exchange.messages.header import Header
from canbao.exchange.messages.maps import InputMap
from canbao.exchange.messages.message import Intake, validate
from canbao.exchange.messages.status import Status
from canbao.exchange.messages.writing import empty_records, write_message


def read_message(
    path: Path, *, input_map: InputMap | None = None, fields: Mapping[str, str] | None = None
) -> tuple[Status, Header | None, pl.DataFrame]:
    """A message's answer, its header and its records that are in order, in memory.

    Args:
        path: the file.
        input_map: how a table of another form is read.
        fields: of the header, where the file states none.

    Raises:
        InputError: there is no such file.
    """
    blocks: list[pl.DataFrame] = []
    intake = Intake(sink=lambda _, records: blocks.append(records))
    status = validate(path, intake=intake, input_map=input_map, fields=fields)
    header = intake.accepted_header
    if header is None:
        return status, None, pl.DataFrame()
    return status, header, pl.concat(blocks).drop("row") if blocks else empty_records(header.kind)


def convert(
    path: Path, target: Path, *, input_map: InputMap | None = None, fields: Mapping[str, str] | None = None
) -> Status:
    """Write a message in another form, if it is accepted.

    Args:
        path: the file.
        target: the new file, whose name tells the form.
        input_map: how a table of another form is read.
        fields: of the header, where the file states none.

    Returns:
        the answer to the message.

    Raises:
        InputError: there is no such file, or the new one cannot be written.
    """
    status, header, records = read_message(path, input_map=input_map, fields=fields)
    if header is not None and status.result != "rejected":
        write_message(target, header, records)
    return status
