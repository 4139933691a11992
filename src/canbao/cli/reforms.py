"""Commands that ask what a reform would change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from canbao.cli.options import form_option, opened_study, quiet_option, said, study_folder
from canbao.cli.terminal import out, print_frame, progress_line, say
from canbao.errors import Fault, InputError, Place
from canbao.languages import Number, spoken_language

if TYPE_CHECKING:
    import polars as pl

YEARS = "2030,2045,2060,2075"


@click.command(help=said("help_simulate"), epilog=said("example_simulate"))
@study_folder
@click.option("--reform", "names", multiple=True, required=True, metavar="REFORM", help=said("help_reform"))
@click.option("--against", default="baseline", show_default=True, metavar="REFORM", help=said("help_against"))
@click.option("--years", default=YEARS, show_default=True, metavar="YEARS", help=said("help_years"))
@click.option("--by", metavar="COLUMN", help=said("help_simulate_by"))
@click.option("--workers", type=click.IntRange(1000, 1_000_000_000), metavar="N", help=said("help_workers"))
@click.option("--on", type=click.Choice(["threads", "spark", "cuda"]), default="threads", help=said("help_on"))
@click.option("--assume", "assume", multiple=True, metavar="NAME=LEVEL", help=said("help_assume"))
@click.option("--assumptions", is_flag=True, help=said("help_assumptions"))
@form_option
@quiet_option
def simulate(
    folder: Path, names: Sequence[str], against: str, years: str, by: str | None, workers: int | None, on: Any,
    assume: Sequence[str], assumptions: bool, form: str, quiet: bool,
) -> None:  # fmt: skip
    """Compare reforms with the law as it stands, or with another reform."""
    study = opened_study(folder)
    if assumptions:
        with progress_line(quiet) as progress:
            frame = study.sensitivity(names, against, _years(years)[:1], workers=workers, on=on, progress=progress)
        print_frame(frame, form)
        return
    with progress_line(quiet) as progress:
        levels = {name: level for name, _, level in (one.partition("=") for one in assume)}
        made = study.simulate(
            names, against, _years(years), by=by, workers=workers, on=on, progress=progress, assuming=levels
        )
    if form != "table":
        print_frame(made.frame, form)
        return
    if made.notice is not None:
        out.print(Text(str(made.notice), style="bold magenta"))
    for note in made.notes:
        out.print(Text(str(note), style="dim"))
    for reform in made.reforms:
        out.print()
        out.print(Text(str(reform.title), style="bold"), Text(reform.name, style="dim"))
        _print_table(made.frame.filter(made.frame["reform"] == reform.name).drop("reform"))


@click.command("reforms", help=said("help_reforms"))
@click.argument("folder", metavar="STUDY", required=False, type=click.Path(path_type=Path))
def reforms(folder: Path | None) -> None:
    """List the reforms that can be simulated."""
    import polars as pl

    from canbao.reforms import available, find_reform

    study = folder or Path()
    language = spoken_language()
    found = [find_reform(name, study, 1951) for name in available(study)]
    rows = [
        {"name": one.name, "option": one.file.option if one.file else "", "title": one.title[language]} for one in found
    ]
    print_frame(pl.DataFrame(rows), "table")


def _years(text: str) -> list[int]:
    try:
        return [int(one) for one in text.split(",") if one.strip()]
    except ValueError as error:
        raise InputError(Fault(say("bad_years_option", text=text), Place())) from error


def _print_table(frame: pl.DataFrame) -> None:
    """Shares as per cent, sums in yuan, with the names that reports give them."""
    import polars as pl

    from canbao.reforms import INDICATORS

    forms = {one.name: one.form for one in INDICATORS}

    def shown(row: dict[str, Any], name: str) -> str:
        return Number(row[name], "decimal" if forms[row["indicator"]] == "count" else "percent").text("en")

    numbers = ("baseline", "reform_value", "difference", "low", "high", "least", "most")
    words = {name: str(say(f"head_{name}")) for name in numbers}
    rows = []
    for row in frame.iter_rows(named=True):
        if row["baseline"] is None and row["reform_value"] is None:
            continue
        group = {"group": row["group"]} if "group" in row else {}
        label = str(say(f"indicator_{row['indicator']}"))
        rows.append({"": label, **group, "year": str(row["year"]), **{words[one]: shown(row, one) for one in numbers}})
    print_frame(pl.DataFrame(rows), "table")


COMMANDS = (simulate, reforms)
