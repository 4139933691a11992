"""Commands that try changes to a procedure before anybody makes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from canbao.cli.options import names, quiet_option, said
from canbao.cli.procedures import (
    calendar_option,
    case_object_option,
    column_map,
    columns_option,
    formats_option,
    limits_option,
    out_option,
    time_zone_option,
)
from canbao.cli.terminal import out, print_frame, progress_line, say
from canbao.errors import Place
from canbao.languages import Number

if TYPE_CHECKING:
    from canbao.procedures.simulation.whatif import WhatIf

MODEL_SUFFIXES = (".yaml", ".yml")


@click.command(help=said("help_whatif"), epilog=said("example_whatif"))
@click.argument("subject", metavar="LOG|MODEL")
@click.option(
    "--change", "change", required=True, metavar="FILE", type=click.Path(path_type=Path), help=said("help_change")
)
@limits_option
@calendar_option
@click.option("--by", default="", metavar="COLUMNS", help=said("help_log_by"))
@click.option("--replications", default=20, show_default=True, metavar="N", type=int, help=said("help_replications"))
@click.option("--days", default=365, show_default=True, metavar="N", type=int, help=said("help_whatif_days"))
@click.option("--warm-up", default=60, show_default=True, metavar="N", type=int, help=said("help_warm_up"))
@click.option("--seed", default=1, show_default=True, metavar="N", type=int, help=said("help_whatif_seed"))
@out_option
@columns_option
@time_zone_option
@case_object_option
@formats_option
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

    from canbao.chapters.whatif import clock_label, figure_label, form_of, overloaded
    from canbao.procedures.attributes import attribute_value_label

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
                str(say("whatif_group")): str(attribute_value_label(row["by"], row["group"]))
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


COMMANDS = (whatif, sample_log)
