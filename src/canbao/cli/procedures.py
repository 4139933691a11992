"""Commands about administrative event logs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from canbao.cli.options import names, quiet_option, said
from canbao.cli.terminal import out, print_frame, progress_line, say
from canbao.errors import Fault, InputError
from canbao.languages import Number

if TYPE_CHECKING:
    from canbao.procedures.procedure import Procedure

FORMATS = ["html", "pdf", "docx", "xlsx", "pptx"]


def column_map(text: str | None) -> dict[str, str] | None:
    """`case_id=Ticket,activity=Step,time=When`.

    Raises:
        InputError: a part is no pair.
    """
    if not text:
        return None
    pairs = [part.partition("=") for part in names(text)]
    bad = [f"{one}{sign}{two}" for one, sign, two in pairs if not (one.strip() and sign and two.strip())]
    if bad:
        raise InputError([Fault(say("bad_pair", text=one), remedy=say("bad_pair_remedy")) for one in bad])
    return {one.strip(): two.strip() for one, _, two in pairs}


@click.command(help=said("help_bottlenecks"), epilog=said("example_bottlenecks"))
@click.argument("path", metavar="LOG", type=click.Path(path_type=Path))
@click.option("--limits", metavar="FILE", type=click.Path(path_type=Path), help=said("help_limits"))
@click.option("--calendar", metavar="NAME", help=said("help_calendar"))
@click.option("--by", default="", metavar="COLUMNS", help=said("help_log_by"))
@click.option("--out", "folder", metavar="DIR", type=click.Path(path_type=Path), help=said("help_log_out"))
@click.option("--columns", metavar="PAIRS", help=said("help_log_columns"))
@click.option("--time-zone", metavar="ZONE", help=said("help_time_zone"))
@click.option("--case-object", metavar="TYPE", help=said("help_case_object"))
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help=said("help_formats"))
@quiet_option
def bottlenecks(
    path: Path,
    limits: Path | None,
    calendar: str | None,
    by: str,
    folder: Path | None,
    columns: str | None,
    time_zone: str | None,
    case_object: str | None,
    formats: Sequence[Any],
    quiet: bool,
) -> None:
    """Where cases wait, which time limits break, and who drops out."""
    from canbao.bottlenecks import write_bottlenecks
    from canbao.procedures.procedure import open_procedure

    with progress_line(quiet) as progress:
        progress(say("reading_log", name=path.name))
        procedure = open_procedure(
            path,
            limits,
            names(by),
            calendar=calendar,
            columns=column_map(columns),
            time_zone=time_zone,
            case_object=case_object,
        )
        if folder is not None:
            write_bottlenecks(procedure, folder, tuple(formats) or ("html",), progress)
    _print_summary(procedure)
    if folder is not None:
        click.echo(str(folder / "report.html" if not formats or "html" in formats else folder))


def _print_summary(procedure: Procedure) -> None:
    """The log in a few lines."""
    import polars as pl

    found = procedure.summary
    if procedure.log.synthetic:
        out.print(Text(str(say("synthetic")), style="bold magenta"))
    figures = {
        "cases": Number(found.cases),
        "events": Number(found.events),
        "activities": Number(found.activities),
        "variants": Number(found.variants),
        "median_days": Number(found.median_days, "decimal2"),
        "mean_days": Number(found.mean_days, "decimal2"),
        "p90_days": Number(found.p90_days, "decimal2"),
    }
    print_frame(pl.DataFrame([{str(say(f"log_{key}")): number.text("en") for key, number in figures.items()}]), "table")
    for finding in procedure.log.findings:
        out.print(Text(f"• {finding.words}", style="yellow"))


COMMANDS = (bottlenecks,)
