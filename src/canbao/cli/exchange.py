"""Commands of the data exchange with platform companies."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import polars as pl
from rich.text import Text

from canbao.cli import exchange_accounts
from canbao.cli.options import form_option, language_option
from canbao.cli.terminal import out, print_frame
from canbao.errors import Fault, InputError
from canbao.languages import Catalogue, Language, Number, spoken_language

if TYPE_CHECKING:
    from canbao.exchange.messages.maps import InputMap
    from canbao.exchange.store import Exchange

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

map_option = click.option("--map", "mapped", metavar="MAP", help=said("help_map"))
fields_option = click.option("--set", "fields", multiple=True, metavar="FIELD=VALUE", help=said("help_set_header"))


@click.group(help=said("help_exchange"), epilog=said("example_exchange"))
def exchange() -> None:
    """All commands of the exchange; modules beside this one mount theirs with `exchange.add_command`."""


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
@click.option("--xsd", metavar="FILE", type=PATH, help=said("help_xsd"))
@map_option
@fields_option
def validate(
    files: Sequence[Path],
    status_to: Path | None,
    as_json: bool,
    xsd: Path | None,
    mapped: str | None,
    fields: Sequence[str],
) -> int:
    """A platform's own check."""
    from canbao.exchange.messages.message import validate as check

    given = _header_fields(fields)
    answers = []
    for path in files:
        status = check(path, xsd=xsd, input_map=_input_map(mapped), fields=given)
        _write_status(path, status.as_json(), status.as_xml(), status_to)
        answers.append(json.loads(status.as_json()))
    return _print_answers(answers, as_json)


@exchange.command(help=said("help_receive"))
@folder_argument
@files_argument
@status_option
@json_option
@map_option
@fields_option
def receive(
    folder: Path, files: Sequence[Path], status_to: Path | None, as_json: bool, mapped: str | None, fields: Sequence[str]
) -> int:
    """Take messages in."""
    from canbao.exchange.store import receive as take_in

    opened = _opened(folder)
    answers = []
    for path in files:
        receipt = take_in(opened, path, input_map=_input_map(mapped), fields=_header_fields(fields))
        as_xml = (receipt.folder / "status.xml").read_text(encoding="utf-8")
        _write_status(path, receipt.text, as_xml, status_to)
        answers.append(receipt.status | {"before": receipt.before})
    return _print_answers(answers, as_json)


@exchange.command(help=said("help_key"))
@folder_argument
@click.option("--operator", required=True, metavar="CODE", help=said("help_operator"))
@click.option("--out", "path", required=True, metavar="FILE", type=PATH, help=said("help_out_file"))
def key(folder: Path, operator: str, path: Path) -> None:
    """An operator's key."""
    from canbao.exchange.store.rotation import issue_key

    issue_key(_opened(folder), operator, path)
    out.print(Text(str(say("issued", file=str(path))), style="yellow"))


@exchange.command(help=said("help_rotate"))
@folder_argument
@click.argument("purpose", type=click.Choice(["exchange", "vault", "injury", "pension", "tax"]))
def rotate(folder: Path, purpose: Any) -> None:
    """A new key."""
    from canbao.exchange.store.rotation import rotate as new_key

    keys = new_key(_opened(folder), purpose, datetime.date.today())
    told = "rotated" if purpose == "exchange" else "rotated_own"
    out.print(Text(str(say(told, key=keys.newest(purpose).id))))


@exchange.command(help=said("help_share"))
@folder_argument
@click.option("--to", required=True, type=click.Choice(["injury", "pension", "tax"]), help=said("help_to"))
@click.option("--month", metavar="MONTH", help=said("help_month"))
@click.option("--out", "target", required=True, metavar="DIR", type=PATH, help=said("help_out_folder"))
def share(folder: Path, to: str, month: str | None, target: Path) -> None:
    """What a purpose needs."""
    from canbao.exchange.protection.sharing import share as give

    if month is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise InputError(Fault(say("bad_month", text=month)))
    rows = give(_opened(folder), to, target, month=month)
    out.print(Text(str(say("wrote_rows", file=str(target), rows=Number(rows)))))


@exchange.command(help=said("help_events"))
@folder_argument
@click.option("--out", "path", required=True, metavar="FILE", type=PATH, help=said("help_out_file"))
@click.option("--ledger", "ledger_folder", metavar="DIR", type=PATH, help=said("help_events_ledger"))
def events(folder: Path, path: Path, ledger_folder: Path | None) -> None:
    """An event log of messages and accounts."""
    from canbao.exchange.ledger import Ledger
    from canbao.exchange.store.events import write_events

    write_events(_opened(folder), path, Ledger(ledger_folder) if ledger_folder is not None else None)
    out.print(Text(str(say("wrote", file=str(path)))))


@exchange.command(help=said("help_tables"))
@folder_argument
@click.option("--out", "target", required=True, metavar="DIR", type=PATH, help=said("help_out_folder"))
def tables(folder: Path, target: Path) -> None:
    """What counts now, for calculation."""
    from canbao.exchange.store.tables import write_tables

    write_tables(_opened(folder), target)
    out.print(Text(str(say("wrote", file=str(target)))))


@exchange.command(help=said("help_audit"))
@folder_argument
@click.option("--expect", metavar="SEAL", help=said("help_expect"))
def audit(folder: Path, expect: str | None) -> int:
    """Whether the audit log is as it was written."""
    from canbao.exchange.protection.audit import AuditLog

    opened = _opened(folder)
    log = AuditLog(opened.folder, opened.keys)
    verdict = log.verify()
    if verdict.wrong is not None:
        out.print(Text(str(say("audit_wrong", line=verdict.wrong)), style="red"))
        return DOES_NOT_HOLD
    if expect is not None and expect not in {str(one.get("seal")) for one in log.entries()}:
        out.print(Text(str(say("audit_cut")), style="red"))
        return DOES_NOT_HOLD
    out.print(Text(str(say("audit_good", lines=Number(verdict.lines), head=verdict.head))))
    return DONE


@exchange.command(help=said("help_suspicions"))
@folder_argument
@form_option
def suspicions(folder: Path, form: str) -> None:
    """What looks like a mistake."""
    from canbao.exchange.protection.suspicions import suspicions_of

    found = suspicions_of(_opened(folder))
    if found.is_empty() and form == "table":
        out.print(Text(str(say("nothing_suspicious"))))
        return
    print_frame(found, form)


@exchange.command(help=said("help_expire"))
@folder_argument
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help=said("help_on_day"))
@click.option("--dry-run", is_flag=True, help=said("help_dry_run"))
def expire(folder: Path, day: datetime.datetime | None, dry_run: bool) -> None:
    """Delete what is past its time."""
    from canbao.exchange.protection import retention

    opened = _opened(folder)
    on = day.date() if day else datetime.date.today()
    found = retention.past_time(opened, on) if dry_run else retention.expire(opened, on)
    if not (found.files or found.people):
        out.print(Text(str(say("nothing_expired"))))
        return
    told = "would_expire" if dry_run else "expired"
    out.print(Text(str(say(told, records=Number(len(found.files)), people=Number(len(found.people))))))


@exchange.command(help=said("help_assessment"))
@folder_argument
@click.option("--out", "path", required=True, metavar="FILE", type=PATH, help=said("help_out_file"))
@language_option
def assessment(folder: Path, path: Path, language: Language | None) -> None:
    """The impact assessment."""
    from canbao.exchange.protection.assessment import assessment as filled_in
    from canbao.outputs import whole_file

    with whole_file(path) as scratch:
        scratch.write_text(filled_in(_opened(folder), language or spoken_language()), encoding="utf-8")
    out.print(Text(str(say("wrote", file=str(path)))))


@exchange.command(help=said("help_schema"))
@click.option("--out", "path", required=True, metavar="FILE", type=PATH, help=said("help_out_file"))
def schema(path: Path) -> None:
    """The description of messages."""
    from canbao.exchange.messages.json_schema import json_schema
    from canbao.outputs import whole_file

    with whole_file(path) as scratch:
        scratch.write_text(json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    out.print(Text(str(say("wrote", file=str(path)))))


@exchange.command(help=said("help_convert"))
@click.argument("path", metavar="FILE", type=PATH)
@click.option("--out", "target", required=True, metavar="FILE", type=PATH, help=said("help_out_file"))
@map_option
@fields_option
def convert(path: Path, target: Path, mapped: str | None, fields: Sequence[str]) -> int:
    """A message in another form."""
    from canbao.exchange.messages.conversion import convert as write_as

    status = write_as(path, target, input_map=_input_map(mapped), fields=_header_fields(fields))
    return _print_answers([json.loads(status.as_json())], as_json=False)


def _header_fields(texts: Sequence[str]) -> dict[str, str]:
    from canbao.exchange.messages.description import description

    pairs = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or name not in description().header or not value:
            raise InputError(Fault(say("bad_field", text=text)))
        pairs[name] = value
    return pairs


def _input_map(name: str | None) -> InputMap | None:
    from canbao.exchange.messages.maps import find_map

    return find_map(name) if name is not None else None


def _opened(folder: Path) -> Exchange:
    from canbao.exchange.store import Exchange

    return Exchange.open(folder)


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


for command in exchange_accounts.COMMANDS:
    exchange.add_command(command)

COMMANDS = (exchange,)
