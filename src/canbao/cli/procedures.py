"""Commands about administrative event logs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.formatting import HelpFormatter
from rich.text import Text

from canbao.cli.options import names, quiet_option, said
from canbao.cli.terminal import out, print_frame, progress_line, say
from canbao.errors import Fault, InputError
from canbao.languages import Number, spoken_language

if TYPE_CHECKING:
    from canbao.procedures.before_and_after import BeforeAndAfter
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


limits_option = click.option("--limits", metavar="FILE", type=click.Path(path_type=Path), help=said("help_limits"))
calendar_option = click.option("--calendar", metavar="NAME", help=said("help_calendar"))
columns_option = click.option("--columns", metavar="PAIRS", help=said("help_log_columns"))
time_zone_option = click.option("--time-zone", metavar="ZONE", help=said("help_time_zone"))
case_object_option = click.option("--case-object", metavar="TYPE", help=said("help_case_object"))
out_option = click.option("--out", "folder", metavar="DIR", type=click.Path(path_type=Path), help=said("help_log_out"))
formats_option = click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help=said("help_formats"))


@click.command("compare", help=said("help_compare_logs"), epilog=said("example_compare_logs"))
@click.argument("before", metavar="LOG_A", type=click.Path(path_type=Path))
@click.argument("after", metavar="LOG_B", type=click.Path(path_type=Path))
@limits_option
@calendar_option
@out_option
@columns_option
@time_zone_option
@case_object_option
@formats_option
@quiet_option
def compare(
    before: Path,
    after: Path,
    limits: Path | None,
    calendar: str | None,
    folder: Path | None,
    columns: str | None,
    time_zone: str | None,
    case_object: str | None,
    formats: Sequence[Any],
    quiet: bool,
) -> None:
    """Two logs of a procedure, before and after a reform."""
    from canbao.bottlenecks import write_comparison
    from canbao.procedures.before_and_after import open_before_and_after

    with progress_line(quiet) as progress:
        progress(say("reading_logs", before=before.name, after=after.name))
        both = open_before_and_after(
            before,
            after,
            limits,
            calendar=calendar,
            columns=column_map(columns),
            time_zone=time_zone,
            case_object=case_object,
        )
        if folder is not None:
            write_comparison(both, folder, tuple(formats) or ("html",), progress)
    _print_comparison(both)
    if folder is not None:
        click.echo(str(folder / "report.html" if not formats or "html" in formats else folder))


class _WithComparison(click.Command):
    """`bottlenecks LOG`, and `bottlenecks compare LOG_A LOG_B`; a log called compare is given as ./compare."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == [compare.name]:
            return compare.make_context(f"{info_name} {compare.name}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def format_options(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(said("help_commands")):
            formatter.write_dl([(f"{compare.name} LOG_A LOG_B", said("help_compare_short"))])


@click.command(cls=_WithComparison, help=said("help_bottlenecks"), epilog=said("example_bottlenecks"))
@click.argument("path", metavar="LOG", type=click.Path(path_type=Path))
@limits_option
@calendar_option
@click.option("--by", default="", metavar="COLUMNS", help=said("help_log_by"))
@out_option
@columns_option
@time_zone_option
@case_object_option
@formats_option
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


def _print_comparison(both: BeforeAndAfter) -> None:
    """Figures side by side, differences with their intervals."""
    import polars as pl

    from canbao.chapters.before_and_after import differing, figure_label, figures_of

    language = spoken_language()
    if any(one.log.synthetic for one in both.sides):
        out.print(Text(str(say("synthetic")), style="bold magenta"))
    rows = []
    for row in figures_of(both).iter_rows(named=True):
        form = differing(row["form"])
        low, high = (Number(row[end], form).text(language) for end in ("low", "high"))
        rows.append(
            {
                str(say("compared_figure")): str(figure_label(both, row["figure"])),
                str(say("compared_before")): Number(row["before"], row["form"]).text(language),
                str(say("compared_after")): Number(row["after"], row["form"]).text(language),
                str(say("compared_difference")): Number(row["difference"], form).text(language),
                str(say("compared_interval")): str(say("compared_between", low=low, high=high))
                if row["low"] is not None or row["high"] is not None
                else "",
            }
        )
    print_frame(pl.DataFrame(rows), "table")
    for one in both.sides:
        for finding in one.log.findings:
            out.print(Text(f"• {one.log.name}: {finding.words}", style="yellow"))


COMMANDS = (bottlenecks,)
