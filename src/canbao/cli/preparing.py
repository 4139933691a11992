"""Commands for before there is a study: questionnaire, sample size, synthetic sample."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table as Grid

from canbao.cli.options import form_option, names, refuse_infinite, refuse_suffix, said
from canbao.cli.terminal import out, print_frame, say
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Number

STATA_DAY = datetime.date(2021, 6, 30)
"""The date of writing in a sample's file: the same seed gives the same bytes."""


@click.command(help=said("help_questionnaire"), epilog=said("example_questionnaire"))
@click.option("--out", "path", required=True, metavar="FILE.xlsx", type=click.Path(path_type=Path), help=said("help_out"))
def questionnaire(path: Path) -> None:
    """Write a questionnaire that asks for the vocabulary."""
    from canbao.workers import vocabulary
    from canbao.workers.xlsform import write_xlsform

    refuse_suffix(path, ".xlsx")
    questions = write_xlsform(path, vocabulary())
    out.print(str(say("made_questionnaire", times=str(questions), file=str(path))))


@click.command("sample-size", help=said("help_sample_size"), epilog=said("example_sample_size"))
@click.option("--share", type=float, required=True, help=said("help_share"))
@click.option("--margin", type=float, required=True, help=said("help_margin"))
@click.option("--deff", type=float, default=1.0, show_default=True, help=said("help_deff"))
@click.option("--level", type=float, default=0.95, show_default=True, help=said("help_level"))
@click.option("--response", type=float, default=1.0, show_default=True, help=said("help_response"))
@click.option("--population", type=float, help=said("help_population"))
@click.option("--groups", default="", metavar="COLUMNS", help=said("help_groups"))
@form_option
def sample_size(
    share: float,
    margin: float,
    deff: float,
    level: float,
    response: float,
    population: float | None,
    groups: str,
    form: str,
) -> None:
    """Print how many interviews a margin of error takes, as a whole and by group."""
    from canbao.survey.sample_size import sample_sizes

    columns = _group_categories(names(groups))
    asked = {"share": share, "margin": margin, "deff": deff, "level": level, "response": response}
    refuse_infinite({**asked, "population": population or 0.0})
    try:
        frame = sample_sizes(columns, share, margin, deff, level, response, population)
    except (ArithmeticError, TypeError) as too_many:
        # More than a whole number of 64 bits can hold.
        raise InputError(Fault(say("too_many_interviews"))) from too_many
    print_frame(frame, form)
    if form == "table":
        out.print(str(say("sample_size_note" if columns else "sample_size_all")))


@click.command(help=said("help_sample"), epilog=said("example_sample"))
@click.option("--out", "path", required=True, metavar="FILE.dta", type=click.Path(path_type=Path), help=said("help_out"))
@click.option("--seed", type=int, help=said("help_seed"))
@click.option("--size", type=int, help=said("help_size"))
@click.option("--set", "settings", multiple=True, metavar="MARGIN=VALUE", help=said("help_set"))
@click.option(
    "--list",
    "listed",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda *a: _list_margins(*a),
    help=said("help_list"),
)
def sample(path: Path, seed: int | None, size: int | None, settings: Sequence[str]) -> None:
    """Make a synthetic survey, as a Stata file with Chinese labels."""
    from canbao.workers.sample import SEED, SIZE, make_sample, sample_parameters
    from canbao.workers.sample_file import questionnaire as coded

    refuse_suffix(path, ".dta")
    parameters = sample_parameters().with_margins(_margins(settings))
    drawn = make_sample(SEED if seed is None else seed, SIZE if size is None else size, parameters)
    coded(drawn).write_stata(path, STATA_DAY)
    out.print(str(say("made_sample", times=Number(drawn.height), file=str(path))))


def _list_margins(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from canbao.workers.sample import sample_parameters

    grid = Grid(
        *(str(say(f"margin_{head}")) for head in ("name", "value", "range", "confidence", "scenario", "source")),
        box=None,
        pad_edge=False,
    )
    for name, margin in sample_parameters().margins.items():
        low, high = margin.range
        scenario = str(say("is_scenario")) if margin.scenario else ""
        grid.add_row(name, f"{margin.value:g}", f"{low:g}–{high:g}", margin.confidence, scenario, margin.source)
    out.print(grid)
    context.exit()


def _margins(texts: Sequence[str]) -> dict[str, float]:
    faults, margins = [], {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            margins[name.strip()] = float(value)
        except ValueError:
            faults.append(Fault(say("bad_margin", text=text)))
    raise_all(faults)
    return margins


def _group_categories(names: Sequence[str]) -> dict[str, list[str]]:
    from canbao.workers import vocabulary

    known = vocabulary()
    groups = {name: column for name, column in known.items() if column.is_categorical}
    raise_all(
        [Fault(say("no_group", name=name), Place(), did_you_mean(name, groups)) for name in names if name not in groups]
    )
    return {name: list(groups[name].categories) for name in names}


COMMANDS = (questionnaire, sample_size, sample)
