"""Commands about administrative event logs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from canbao.cli.options import names, quiet_option, said
from canbao.cli.terminal import out, print_frame, progress_line, say
from canbao.errors import Fault, InputError, Place
from canbao.languages import Number

if TYPE_CHECKING:
    from canbao.procedures.procedure import Procedure
    from canbao.procedures.simulation.whatif import WhatIf

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


MODEL_SUFFIXES = (".yaml", ".yml")


@click.command(help=said("help_whatif"), epilog=said("example_whatif"))
@click.argument("subject", metavar="LOG|MODEL")
@click.option(
    "--change", "change", required=True, metavar="FILE", type=click.Path(path_type=Path), help=said("help_change")
)
@click.option("--limits", metavar="FILE", type=click.Path(path_type=Path), help=said("help_limits"))
@click.option("--calendar", metavar="NAME", help=said("help_calendar"))
@click.option("--by", default="", metavar="COLUMNS", help=said("help_log_by"))
@click.option("--replications", default=20, show_default=True, metavar="N", type=int, help=said("help_replications"))
@click.option("--days", default=365, show_default=True, metavar="N", type=int, help=said("help_whatif_days"))
@click.option("--warm-up", default=60, show_default=True, metavar="N", type=int, help=said("help_warm_up"))
@click.option("--seed", default=1, show_default=True, metavar="N", type=int, help=said("help_whatif_seed"))
@click.option("--out", "folder", metavar="DIR", type=click.Path(path_type=Path), help=said("help_log_out"))
@click.option("--columns", metavar="PAIRS", help=said("help_log_columns"))
@click.option("--time-zone", metavar="ZONE", help=said("help_time_zone"))
@click.option("--case-object", metavar="TYPE", help=said("help_case_object"))
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help=said("help_formats"))
@quiet_option
def whatif(
    subject: str,
    change: Path,
    limits: Path | None,
    calendar: str | None,
    by: str,
    replications: int,
    days: int,
    warm_up: int,
    seed: int,
    folder: Path | None,
    columns: str | None,
    time_zone: str | None,
    case_object: str | None,
    formats: Sequence[Any],
    quiet: bool,
) -> int:
    """What a change to a procedure would bring."""
    from canbao.outputs import refuse_occupied
    from canbao.procedures.clocks import find_calendar
    from canbao.procedures.simulation import read_changes, read_model, shipped_models
    from canbao.procedures.simulation import whatif as compared
    from canbao.whatif import write_whatif

    if folder is not None:
        refuse_occupied(folder)
    with progress_line(quiet) as progress:
        progress(say("reading_log", name=Path(subject).name))
        changes = read_changes(change)
        given: Any = subject
        held: Any = limits
        days_of = find_calendar(calendar, Path.cwd(), Place(field="--calendar")) if calendar is not None else None
        if subject not in shipped_models():
            path = Path(subject)
            if path.suffix.lower() in MODEL_SUFFIXES:
                given = read_model(path)
            else:
                from canbao.procedures.procedure import open_procedure

                procedure = open_procedure(
                    path, limits, names(by), calendar=calendar, columns=column_map(columns), time_zone=time_zone,
                    case_object=case_object,
                )  # fmt: skip
                given, held = procedure.log, procedure.limits
        result = compared(
            given, changes, replications=replications, limits=held, calendar=days_of, by=names(by), days=days,
            warm_up=warm_up, seed=seed, progress=progress,
        )  # fmt: skip
        if folder is not None:
            write_whatif(result, folder, tuple(formats) or ("html",), progress)
    held_up = _print_whatif(result)
    if folder is not None:
        click.echo(str(folder / "report.html" if not formats or "html" in formats else folder))
    return 0 if held_up else 1


def _print_whatif(result: WhatIf) -> bool:
    """Every figure before and after; whether staff can keep up."""
    import polars as pl

    from canbao.chapters.procedure import value_label
    from canbao.chapters.whatif import clock_label, figure_label, form_of, overloaded

    if result.log is None or result.log.synthetic:
        key = "synthetic" if result.log is not None else "simulated"
        out.print(Text(str(say(key)), style="bold magenta"))
    for told in result.changes.words(result.model):
        out.print(Text(f"• {told}"))
    rows = []
    for row in result.figures.iter_rows(named=True):
        form = form_of(row["figure"])
        change = "points" if form == "percent" else form
        label = str(figure_label(row["figure"]))
        rows.append(
            {
                str(say("whatif_group")): str(value_label(row["by"], row["group"]))
                if row["by"]
                else str(say("whatif_all")),
                str(say("whatif_figure")): f"{label}: {clock_label(result, row['clock'])}" if row["clock"] else label,
                str(say("whatif_before")): Number(row["before"], form).text("en"),
                str(say("whatif_after")): Number(row["after"], form).text("en"),
                str(say("whatif_difference")): Number(row["difference"], change).text("en"),
                str(
                    say("whatif_interval")
                ): f"{Number(row['low'], change).text('en')} … {Number(row['high'], change).text('en')}",
            }
        )
    print_frame(pl.DataFrame(rows), "table")
    full = overloaded(result)
    for pool, side in full:
        out.print(Text(str(say(f"whatif_overloaded_{side}", staff=result.model.staff_label(pool))), style="yellow"))
    return not full


@click.command("sample-log", help=said("help_sample_log"), epilog=said("example_sample_log"))
@click.argument("name", metavar="MODEL")
@click.option(
    "--out", "path", required=True, metavar="FILE", type=click.Path(path_type=Path), help=said("help_sample_log_out")
)
@click.option("--cases", default=1500, show_default=True, metavar="N", type=int, help=said("help_sample_log_cases"))
@click.option("--seed", default=7, show_default=True, metavar="N", type=int, help=said("help_whatif_seed"))
def sample_log(name: str, path: Path, cases: int, seed: int) -> None:
    """Make a synthetic log of a procedure."""
    from canbao.procedures.simulation import find_model, read_model
    from canbao.procedures.simulation import sample_log as made
    from canbao.procedures.writing import write_xes

    model = read_model(Path(name)) if Path(name).suffix.lower() in MODEL_SUFFIXES else find_model(name)
    log = made(model, cases, seed)
    write_xes(log, path)
    out.print(str(say("made_sample_log", file=str(path), cases=Number(log.cases.height), events=Number(log.events.height))))


COMMANDS = (bottlenecks, whatif, sample_log)
