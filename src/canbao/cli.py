"""One command line. Every command reads a study folder or makes something for one; see `canbao COMMAND --help`."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from canbao import __version__
from canbao.errors import Fault, InputError, Place, raise_all
from canbao.languages import LANGUAGES, UNKNOWN, Catalogue, Number, Words, spoken_language
from canbao.outputs import clear_disk_faults, whole_folder

if TYPE_CHECKING:
    import polars as pl

    from canbao.study import Study

say = Catalogue("canbao", "cli")

DONE, NOT_HELD, INPUT_AT_FAULT, INTERRUPTED = 0, 1, 2, 130
STATA_DAY = datetime.date(2021, 6, 30)
"""The date of writing in a sample's file: the same seed gives the same bytes."""

WIDEST = 400
"""Tables are not squeezed into a narrow terminal: a number that is cut off is none."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def _help(key: str) -> str:
    return str(say(key))


@click.group(
    help=_help("help"),
    epilog=_help("example"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="canbao")
def commands() -> None:
    """All commands; they import what they need only when they run."""


def main() -> None:
    """Run the command line; faults of the user end it with code 2 and no traceback."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 done, 1 a check did not hold, 2 the input is at fault, 130 interrupted.
    """
    try:
        with clear_disk_faults(Path.cwd()):
            code = commands.main(list(arguments), prog_name="canbao", standalone_mode=False)
    except InputError as error:
        language = spoken_language()
        for fault in error.faults:
            err.print(Text(say("fault", text=fault.text(language))[language], style="red"))
        return INPUT_AT_FAULT
    except click.ClickException as error:
        error.show()
        return INPUT_AT_FAULT
    except (KeyboardInterrupt, click.Abort):
        err.print(str(say("interrupted")))
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        sys.stderr.close()
        return DONE
    return code if isinstance(code, int) else DONE


# --- studies --------------------------------------------------------------------------------------------------------------

study_folder = click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
quiet_option = click.option("-q", "--quiet", is_flag=True, help=_help("help_quiet"))


@commands.command(help=_help("help_new"), epilog=_help("example_new"))
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Make a study folder with comments."""
    if folder.exists():
        raise InputError(Fault(say("exists"), Place(folder), say("choose_other")))
    template = resources.files("canbao").joinpath("new_study")
    with whole_folder(folder) as scratch, resources.as_file(template) as source:
        for path in sorted(source.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                target = scratch / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        (scratch / "data").mkdir()
    out.print(str(say("made_study", folder=str(folder))))


@commands.command(help=_help("help_check"), epilog=_help("example_check"))
@study_folder
@quiet_option
def check(folder: Path, quiet: bool) -> None:
    """Find every fault before any work; say what the data can and cannot answer."""
    study = _study(folder)
    with _progress(quiet) as progress:
        progress(say("checking"))
        missing = study.check()
    _print_check(study, missing)


@commands.command(help=_help("help_estimate"), epilog=_help("example_estimate"))
@study_folder
@click.option("--of", required=True, metavar="COLUMN", help=_help("help_of"))
@click.option("--by", default="", metavar="COLUMNS", help=_help("help_by"))
@click.option("--among", multiple=True, metavar="COLUMN=CATEGORY", help=_help("help_among"))
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help=_help("help_form"))
def estimate(folder: Path, of: str, by: str, among: Sequence[str], form: str) -> None:
    """Print estimates that may be published, one row a category and domain."""
    names = list(dict.fromkeys(name.strip() for name in by.split(",") if name.strip()))
    frame = _study(folder).estimate(of, names, _conditions(among))
    _print_frame(frame, form)


@commands.command(help=_help("help_assess"), epilog=_help("example_assess"))
@study_folder
@click.option("--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help=_help("help_language"))
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["html", "pdf", "docx", "xlsx", "pptx"]),
    help=_help("help_formats"),
)
@quiet_option
def assess(folder: Path, languages: Sequence[Any], formats: Sequence[Any], quiet: bool) -> None:
    """Write the report, then print its key findings and where it lies."""
    from canbao.report import FORMATS

    study = _study(folder)
    with _progress(quiet) as progress:
        made = study.assess(languages or None, formats or FORMATS, progress)
    for figure in made.changed:
        err.print(
            Text(
                str(
                    say(
                        "changed",
                        file=figure.file,
                        figure=figure.placeholder,
                        before=figure.confirmed or "",
                        now=figure.value,
                    )
                ),
                style="yellow",
            )
        )
    if made.changed:
        err.print(str(say("confirm_hint", folder=str(folder))))
    if not quiet:
        _print_key_findings(made.document)
        out.print(str(say("report_lies", folder=str(made.folder))))
        for path in sorted(made.folder.glob("report.*")):
            out.print(f"  {path}")


@commands.command(help=_help("help_confirm"), epilog=_help("example_confirm"))
@study_folder
def confirm(folder: Path) -> None:
    """Confirm the figures in the authors' text as they are now."""
    times = _study(folder).confirm()
    out.print(str(say("confirmed", times=str(times), file=str(folder / "text" / "figures.csv"))))


# --- before there is a study ----------------------------------------------------------------------------------------------


@commands.command(help=_help("help_questionnaire"), epilog=_help("example_questionnaire"))
@click.option("--out", "path", required=True, metavar="FILE.xlsx", type=click.Path(path_type=Path), help=_help("help_out"))
def questionnaire(path: Path) -> None:
    """Write a questionnaire that asks for the vocabulary."""
    from canbao.workers import vocabulary
    from canbao.workers.xlsform import write_xlsform

    _refuse_suffix(path, ".xlsx")
    questions = write_xlsform(path, vocabulary())
    out.print(str(say("made_questionnaire", times=str(questions), file=str(path))))


@commands.command("sample-size", help=_help("help_sample_size"), epilog=_help("example_sample_size"))
@click.option("--share", type=float, required=True, help=_help("help_share"))
@click.option("--margin", type=float, required=True, help=_help("help_margin"))
@click.option("--deff", type=float, default=1.0, show_default=True, help=_help("help_deff"))
@click.option("--level", type=float, default=0.95, show_default=True, help=_help("help_level"))
@click.option("--response", type=float, default=1.0, show_default=True, help=_help("help_response"))
@click.option("--population", type=float, help=_help("help_population"))
@click.option("--groups", default="", metavar="COLUMNS", help=_help("help_groups"))
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help=_help("help_form"))
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

    columns = _group_categories([name.strip() for name in groups.split(",") if name.strip()])
    frame = sample_sizes(columns, share, margin, deff, level, response, population)
    _print_frame(frame, form)
    if form == "table":
        out.print(str(say("sample_size_note" if columns else "sample_size_all")))


@commands.command(help=_help("help_sample"), epilog=_help("example_sample"))
@click.option("--out", "path", required=True, metavar="FILE.dta", type=click.Path(path_type=Path), help=_help("help_out"))
@click.option("--seed", type=int, help=_help("help_seed"))
@click.option("--size", type=int, help=_help("help_size"))
@click.option("--set", "settings", multiple=True, metavar="MARGIN=VALUE", help=_help("help_set"))
@click.option(
    "--list",
    "listed",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda *a: _list_margins(*a),
    help=_help("help_list"),
)
def sample(path: Path, seed: int | None, size: int | None, settings: Sequence[str]) -> None:
    """Make a synthetic survey, as a Stata file with Chinese labels."""
    from canbao.workers.sample import SEED, SIZE, make_sample, sample_parameters
    from canbao.workers.sample_file import questionnaire as coded

    _refuse_suffix(path, ".dta")
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


# --- reading options ------------------------------------------------------------------------------------------------------


def _study(folder: Path) -> Study:
    from canbao.study import Study

    return Study(folder)


def _conditions(texts: Sequence[str]) -> dict[str, list[str]]:
    """`sex=female` and `sex=female|male`, each column once."""
    faults, conditions = [], {}
    for text in (part.strip() for one in texts for part in one.split(",")):
        name, equals, wanted = text.partition("=")
        if not equals or not name.strip() or not wanted.strip():
            faults.append(Fault(say("bad_condition", text=text)))
        conditions[name.strip()] = [one.strip() for one in wanted.split("|")]
    raise_all(faults)
    return conditions


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
    from canbao.errors import did_you_mean
    from canbao.workers import vocabulary

    known = vocabulary()
    groups = {name: column for name, column in known.items() if column.is_categorical}
    raise_all(
        [Fault(say("no_group", name=name), Place(), did_you_mean(name, groups)) for name in names if name not in groups]
    )
    return {name: list(groups[name].categories) for name in names}


def _refuse_suffix(path: Path, suffix: str) -> None:
    if path.suffix.lower() != suffix:
        raise InputError(Fault(say("wrong_suffix", suffix=suffix), Place(path)))


# --- printing -------------------------------------------------------------------------------------------------------------


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Words], None]]:
    """A line that says what is being done, for people at a terminal."""
    if quiet or not err.is_terminal:
        yield lambda _step: None
        return
    with err.status("") as status:
        yield lambda step: status.update(str(step))


def _print_frame(frame: pl.DataFrame, form: str) -> None:
    if form == "csv":
        click.echo(frame.write_csv(), nl=False)
    elif form == "json":
        click.echo(json.dumps(frame.to_dicts(), ensure_ascii=False, indent=2))
    else:
        Console(width=WIDEST, highlight=False).print(_grid(frame))


def _grid(frame: pl.DataFrame) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for name, kind in frame.schema.items():
        grid.add_column(name, justify="right" if kind.is_numeric() else "left", no_wrap=True)
    for row in frame.iter_rows():
        grid.add_row(*(_short(value) for value in row))
    return grid


def _short(value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"
    return str(value)


def _print_key_findings(document: Any) -> None:
    from canbao.chapters.document import Bullets, KeyFigures

    language = spoken_language()
    if document.notice is not None:
        out.print(Text(str(document.notice), style="bold magenta"))
    grid = Grid(box=None, pad_edge=False, show_header=False)
    for block in document.chapters[0].walk():
        if isinstance(block, KeyFigures):
            for figure in block.figures:
                detail = f"({figure.detail})" if figure.detail else ""
                grid.add_row(
                    Text(figure.number.text(language), style="bold blue"), str(figure.label), Text(detail, style="dim")
                )
    out.print(grid)
    for block in document.chapters[0].walk():
        if isinstance(block, Bullets):
            for item in block.items:
                out.print(f"• {item}")


def _print_check(study: Study, missing: Sequence[Words]) -> None:
    table, design = study.table, study.designs[0]
    frame = table.frame
    facts: Mapping[str, str] = {
        "respondents": Number(frame.height).text("en"),
        "columns": str(len(table.columns)),
        "degrees": str(design.degrees_of_freedom),
        "weighting": f"{design.weighting_effect:.2f}",
        "interval": str(design.interval_name),
    }
    for key, value in facts.items():
        out.print(f"{say(f'check_{key}')}: {value}")
    if missing:
        out.print(Text(str(say("check_absent")), style="bold"))
        for part in missing:
            out.print(f"  • {part}", markup=False)
    if table.unused:
        out.print(Text(str(say("check_unused")), style="bold"))
        out.print("  " + ", ".join(table.unused))
    out.print(Text(str(say("check_good")), style="green"))
