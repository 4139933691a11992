"""The terminal: faults in red, tables, and a line that says what is being done."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from canbao.errors import Fault
from canbao.languages import UNKNOWN, Catalogue, Number, Words, spoken_language

if TYPE_CHECKING:
    import polars as pl

say = Catalogue("canbao.cli", "words")

MOST_FAULTS = 50
"""More are counted, not printed."""

WIDEST = 400
"""Tables are not squeezed into a narrow terminal: a number that is cut off is none."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_faults(faults: Sequence[Fault]) -> None:
    """Faults one below the other; of very many, the first."""
    language = spoken_language()
    for fault in faults[:MOST_FAULTS]:
        err.print(Text(say("fault", text=fault.text(language))[language], style="red"))
    if len(faults) > MOST_FAULTS:
        err.print(Text(say("more_faults", times=Number(len(faults) - MOST_FAULTS))[language], style="red"))


_INTERRUPTED = threading.Event()


def hear_interruptions() -> None:
    """Remember an interruption, so that one which some library swallows while it is loaded is heard at the next step."""

    def hear(_number: int, _frame: FrameType | None) -> None:
        _INTERRUPTED.set()
        raise KeyboardInterrupt

    _INTERRUPTED.clear()
    # Whoever was started to ignore interruptions goes on doing so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, hear)


@contextmanager
def progress_line(quiet: bool) -> Iterator[Callable[[Words], None]]:
    """A line that says what is being done, for people at a terminal."""

    def step(what: Words, show: Callable[[str], None]) -> None:
        if _INTERRUPTED.is_set():
            raise KeyboardInterrupt
        show(str(what))

    if quiet or not err.is_terminal:
        yield lambda what: step(what, lambda _text: None)
        return
    with err.status("") as status:
        yield lambda what: step(what, status.update)


def print_frame(frame: pl.DataFrame, form: str, shown: Callable[[object], str] | None = None) -> None:
    """A table for people, or as CSV or JSON.

    Args:
        frame: what is printed.
        form: table, csv or json.
        shown: how a cell of a table for people is written; as `short` has it if None.
    """
    if form == "csv":
        click.echo(frame.write_csv(), nl=False)
    elif form == "json":
        click.echo(json.dumps(frame.to_dicts(), ensure_ascii=False, indent=2))
    else:
        Console(width=WIDEST, highlight=False).print(_grid(frame, shown or short))


def _grid(frame: pl.DataFrame, shown: Callable[[object], str]) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for name, kind in frame.schema.items():
        grid.add_column(name, justify="right" if kind.is_numeric() else "left", no_wrap=True)
    for row in frame.iter_rows():
        grid.add_row(*(shown(value) for value in row))
    return grid


def exact(value: object) -> str:
    """An amount with its fen, any other number with the digits that it has."""
    if isinstance(value, float):
        return f"{value:,.2f}" if round(value, 2) == value else f"{value:,.6g}"
    return short(value)


def short(value: object) -> str:
    """A number with as many digits as an estimate deserves."""
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"
    return str(value)
