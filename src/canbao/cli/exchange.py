"""Commands of the data exchange with platform companies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import polars as pl
from rich.text import Text

from canbao.cli.terminal import out, print_frame
from canbao.languages import Catalogue, Number, spoken_language

say = Catalogue("canbao.cli", "exchange_words")

DONE, DOES_NOT_HOLD = 0, 1

SHOWN_ROWS = 8
"""Rows that are named with a finding at the terminal; the status message has them all."""


def said(key: str) -> str:
    """What help says, in the user's language."""
    return str(say(key))


PATH = click.Path(path_type=Path)
folder_argument = click.argument("folder", metavar="DIR", type=PATH)
files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATH)
status_option = click.option("--status", "status_to", metavar="DIR", type=PATH, help=said("help_status_to"))
json_option = click.option("--json", "as_json", is_flag=True, help=said("help_as_json"))


@click.group(help=said("help_exchange"), epilog=said("example_exchange"))
def exchange() -> None:
    """All commands of the exchange."""


@exchange.command(help=said("help_init"))
@folder_argument
@click.option("--code", required=True, metavar="CODE", help=said("help_code"))
@click.option("--name", required=True, metavar="NAME", help=said("help_name"))
@click.option("--test", "test", is_flag=True, help=said("help_test_system"))
def init(folder: Path, code: str, name: str, test: bool) -> None:
    """A new exchange."""
    from canbao.exchange.store import Exchange

    made = Exchange.make(folder, code, name, production=not test)
    out.print(Text(str(say("made", folder=str(folder)))))
    out.print(Text(str(say("keep_keys", file=str(made.keys.path))), style="yellow"))


@exchange.command(help=said("help_validate"))
@files_argument
@status_option
@json_option
def validate(files: Sequence[Path], status_to: Path | None, as_json: bool) -> int:
    """A platform's own check."""
    from canbao.exchange.messages.message import validate as check

    answers = []
    for path in files:
        status = check(path)
        _write_status(path, status.as_json(), status.as_xml(), status_to)
        answers.append(json.loads(status.as_json()))
    return _print_answers(answers, as_json)


@exchange.command(help=said("help_receive"))
@folder_argument
@files_argument
@status_option
@json_option
def receive(folder: Path, files: Sequence[Path], status_to: Path | None, as_json: bool) -> int:
    """Take messages in."""
    from canbao.exchange.store import Exchange
    from canbao.exchange.store import receive as take_in

    opened = Exchange.open(folder)
    answers = []
    for path in files:
        receipt = take_in(opened, path)
        texts = [(receipt.folder / f"status.{form}").read_text(encoding="utf-8") for form in ("json", "xml")]
        _write_status(path, *texts, status_to)
        answers.append(receipt.status | {"before": receipt.before})
    return _print_answers(answers, as_json)


def _write_status(path: Path, as_json: str, as_xml: str, folder: Path | None) -> None:
    from canbao.outputs import whole_file

    if folder is None:
        return
    for form, text in (("json", as_json), ("xml", as_xml)):
        with whole_file(folder / f"{path.name}.status.{form}") as scratch:
            scratch.write_text(text, encoding="utf-8")


def _print_answers(answers: Sequence[dict[str, Any]], as_json: bool) -> int:
    """The answers for people, or as JSON.

    Returns:
        1 if any message was not accepted as a whole.
    """
    if as_json:
        click.echo(json.dumps(answers if len(answers) > 1 else answers[0], ensure_ascii=False, indent=1))
    else:
        print_frame(pl.DataFrame([_row(one) for one in answers]), "table")
        for one in answers:
            _print_findings(one)
    return DONE if all(one["result"] == "accepted" for one in answers) else DOES_NOT_HOLD


def _row(answer: dict[str, Any]) -> dict[str, str]:
    counts = answer["records"]
    row = {
        str(say("head_file")): str(answer["file"]),
        str(say("head_message")): str(answer["message_id"] or "–"),
        str(say("head_result")): str(say(f"result_{answer['result']}")),
        **{str(say(f"head_{key}")): Number(counts[key]).text("en") for key in ("read", "accepted", "in_error")},
    }
    if answer.get("before"):
        row[str(say("head_result"))] += f" ({say('head_before')})"
    return row


def _print_findings(answer: dict[str, Any]) -> None:
    language = spoken_language()
    for part, style in (("file_errors", "red"), ("record_errors", "red"), ("notices", "yellow")):
        for one in answer[part]:
            rows = [str(place["row"]) for place in one.get("records", [])]
            listed = ", ".join(rows[:SHOWN_ROWS])
            where = f" ({say('rows_are', rows=listed)}" if rows else ""
            more = int(one.get("count", 0)) - min(len(rows), SHOWN_ROWS)
            where += f", {say('and_more', count=more)}" if rows and more > 0 else ""
            where += ")" if rows else ""
            text = f"{answer['file']}: {one['code']} {one['details'][language]} {one['remedy'][language]}{where}"
            out.print(Text(text, style=style))


COMMANDS = (exchange,)
