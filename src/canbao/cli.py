"""One command line. Every command reads a study folder or makes something for one; see `canbao COMMAND --help`."""

from __future__ import annotations

import datetime
import io
import json
import math
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
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import LANGUAGES, UNKNOWN, Catalogue, Number, Words, spoken_language
from canbao.outputs import clear_disk_faults, hear_refusals_once, whole_file, whole_folder

if TYPE_CHECKING:
    import polars as pl

    from canbao.languages import Language
    from canbao.law import Explanation
    from canbao.study import Study

say = Catalogue("canbao", "cli")

MOST_FAULTS = 50
"""More are counted, not printed."""

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
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows another in its place.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    hear_refusals_once()
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
        _print_faults(error.faults)
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
    if not quiet:
        _print_check(study, missing)


@commands.command(help=_help("help_estimate"), epilog=_help("example_estimate"))
@study_folder
@click.option("--of", required=True, metavar="COLUMN", help=_help("help_of"))
@click.option("--by", default="", metavar="COLUMNS", help=_help("help_by"))
@click.option("--among", multiple=True, metavar="COLUMN=CATEGORY", help=_help("help_among"))
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help=_help("help_form"))
def estimate(folder: Path, of: str, by: str, among: Sequence[str], form: str) -> None:
    """Print estimates that may be published, one row a category and domain."""
    frame = _study(folder).estimate(of, _names(by), _conditions(among))
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


# --- the law --------------------------------------------------------------------------------------------------------------

cases_file = click.argument("file", metavar="CASES", type=click.Path(path_type=Path))
wanted = click.option("--want", multiple=True, metavar="RESULTS", help=_help("help_want"))
language_option = click.option("--language", type=click.Choice(LANGUAGES), help=_help("help_one_language"))


@commands.command(help=_help("help_calculate"), epilog=_help("example_calculate"))
@cases_file
@wanted
@click.option("--out", "path", metavar="FILE", type=click.Path(path_type=Path), help=_help("help_results"))
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help=_help("help_form"))
@click.option("--keep-going", is_flag=True, help=_help("help_keep_going"))
def calculate(file: Path, want: Sequence[str], path: Path | None, form: str, keep_going: bool) -> int:
    """Work out what the law gives each case of a table."""
    from canbao.law import calculation

    if path is not None and path.resolve() == file.resolve():
        raise InputError(Fault(say("out_is_in"), Place(path), say("out_is_in_remedy")))
    made = calculation(_cases(file), _names(",".join(want)) or None)
    if made.faults and not keep_going:
        raise InputError(made.faults)
    if path is None:
        _print_frame(made.table, form, _exact)
    else:
        _write_results(made.table, path)
        times = Number(made.table.height)
        err.print(str(say("made_results", times=times, file=str(path))))
    _print_faults(made.faults)
    return INPUT_AT_FAULT if made.faults else DONE


@commands.command(help=_help("help_explain"), epilog=_help("example_explain"))
@cases_file
@wanted
@click.option("--row", type=int, help=_help("help_row"))
@click.option("--case", "name", metavar="NAME", help=_help("help_case"))
@click.option("--html", "path", metavar="FILE.html", type=click.Path(path_type=Path), help=_help("help_html"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=_help("help_form"))
@language_option
def explain(
    file: Path, want: Sequence[str], row: int | None, name: str | None, path: Path | None, form: str, language: Any
) -> None:
    """Show one case step by step, with articles and sources."""
    from canbao.law import explain as explained

    cases = _cases(file)
    spoken = language or spoken_language()
    explanation = explained(cases, _row_of(cases, row, name), _names(",".join(want)))
    if path is not None:
        _refuse_suffix(path, ".html")
        with whole_file(path) as scratch:
            scratch.write_text(explanation.html(spoken), encoding="utf-8")
        err.print(str(say("made_explanation", file=str(path))))
    elif form == "json":
        click.echo(json.dumps(explanation.records(spoken), ensure_ascii=False, indent=2))
    else:
        _print_explanation(explanation, spoken)


@commands.group(help=_help("help_law"), epilog=_help("example_law"))
def law() -> None:
    """What can be asked of the law itself."""


@law.command(help=_help("help_law_show"), epilog=_help("example_law"))
@click.argument("scheme", metavar="SCHEME")
@click.option("--province", metavar="CODE", help=_help("help_province"))
@click.option("--city-class", metavar="CLASS", help=_help("help_city_class"))
@click.option("--year", type=int, help=_help("help_year"))
@click.option("--month", metavar="YYYY-MM", help=_help("help_month"))
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help=_help("help_form"))
@language_option
def show(
    scheme: str,
    province: str | None,
    city_class: str | None,
    year: int | None,
    month: str | None,
    form: str,
    language: Any,
) -> None:
    """Print the parameters in force with their sources, and what of them is filled in or open."""
    from canbao.law import parameters_in_force
    from canbao.law.listing import place_and_months

    place, at = place_and_months(province, city_class, year, month)
    frame = parameters_in_force(scheme, place, at, language or spoken_language())
    if form == "table":
        _print_law(frame)
    else:
        _print_frame(frame, form)


@law.command("list", help=_help("help_law_list"))
@language_option
def list_(language: Any) -> None:
    """Print every result that can be calculated, scheme by scheme."""
    from canbao.law.listing import results

    spoken = language or spoken_language()
    listed = results(spoken)
    _print_frame(listed.rename({name: say(f"head_{name}")[spoken] for name in listed.columns}), "table")


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

    columns = _group_categories(_names(groups))
    asked = {"share": share, "margin": margin, "deff": deff, "level": level, "response": response}
    _refuse_infinite({**asked, "population": population or 0.0})
    try:
        frame = sample_sizes(columns, share, margin, deff, level, response, population)
    except (ArithmeticError, TypeError) as too_many:
        # More than a whole number of 64 bits can hold.
        raise InputError(Fault(say("too_many_interviews"))) from too_many
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


# --- reading cases --------------------------------------------------------------------------------------------------------


def _cases(path: Path) -> pl.DataFrame:
    from canbao.workers.source import read_source

    return read_source(path).frame


def _row_of(cases: pl.DataFrame, row: int | None, name: str | None) -> int:
    """Which row is meant: by its number, by its name, or the first."""
    if name is None:
        return 1 if row is None else row
    if row is not None:
        raise InputError(Fault(say("row_or_case")))
    named = cases["case"].cast(str).to_list() if "case" in cases.columns else []
    if name not in named:
        raise InputError(Fault(say("no_case", name=name), Place(), did_you_mean(name, [one for one in named if one])))
    if named.count(name) > 1:
        rows = ", ".join(str(at + 1) for at, one in enumerate(named) if one == name)
        raise InputError(Fault(say("case_twice", name=name, rows=rows), Place(), say("give_row")))
    return named.index(name) + 1


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _write_results(frame: pl.DataFrame, path: Path) -> None:
    """Write results in the format that the file's name asks for."""
    writers: Mapping[str, Callable[[Path], Any]] = {
        ".csv": frame.write_csv,
        ".parquet": frame.write_parquet,
        ".xlsx": frame.write_excel,
        ".json": frame.write_json,
    }
    if path.suffix.lower() not in writers:
        raise InputError(Fault(say("unknown_results", known=", ".join(writers)), Place(path)))
    with whole_file(path) as scratch:
        writers[path.suffix.lower()](scratch)


# --- reading options ------------------------------------------------------------------------------------------------------


def _study(folder: Path) -> Study:
    from canbao.study import Study

    return Study(folder)


def _conditions(texts: Sequence[str]) -> dict[str, list[str]]:
    """`sex=female` and `sex=female|male`, each column once."""
    faults: list[Fault] = []
    conditions: dict[str, list[str]] = {}
    for text in (part.strip() for one in texts for part in one.split(",")):
        name, equals, wanted = (part.strip() for part in text.partition("="))
        if not equals or not name or not wanted:
            faults.append(Fault(say("bad_condition", text=text)))
        categories = [one.strip() for one in wanted.split("|")]
        if conditions.setdefault(name, categories) != categories:
            faults.append(Fault(say("condition_twice", name=name), remedy=say("write_both", name=name)))
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
    from canbao.workers import vocabulary

    known = vocabulary()
    groups = {name: column for name, column in known.items() if column.is_categorical}
    raise_all(
        [Fault(say("no_group", name=name), Place(), did_you_mean(name, groups)) for name in names if name not in groups]
    )
    return {name: list(groups[name].categories) for name in names}


def _refuse_infinite(values: Mapping[str, float]) -> None:
    raise_all([Fault(say("not_finite", option=f"--{name}")) for name, value in values.items() if not math.isfinite(value)])


def _refuse_suffix(path: Path, suffix: str) -> None:
    if path.suffix.lower() != suffix:
        raise InputError(Fault(say("wrong_suffix", suffix=suffix), Place(path)))


# --- printing -------------------------------------------------------------------------------------------------------------


def _print_faults(faults: Sequence[Fault]) -> None:
    language = spoken_language()
    for fault in faults[:MOST_FAULTS]:
        err.print(Text(say("fault", text=fault.text(language))[language], style="red"))
    if len(faults) > MOST_FAULTS:
        err.print(Text(say("more_faults", times=Number(len(faults) - MOST_FAULTS))[language], style="red"))


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Words], None]]:
    """A line that says what is being done, for people at a terminal."""
    if quiet or not err.is_terminal:
        yield lambda _step: None
        return
    with err.status("") as status:
        yield lambda step: status.update(str(step))


def _print_frame(frame: pl.DataFrame, form: str, shown: Callable[[object], str] | None = None) -> None:
    if form == "csv":
        click.echo(frame.write_csv(), nl=False)
    elif form == "json":
        click.echo(json.dumps(frame.to_dicts(), ensure_ascii=False, indent=2))
    else:
        Console(width=WIDEST, highlight=False).print(_grid(frame, shown or _short))


def _grid(frame: pl.DataFrame, shown: Callable[[object], str]) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for name, kind in frame.schema.items():
        grid.add_column(name, justify="right" if kind.is_numeric() else "left", no_wrap=True)
    for row in frame.iter_rows():
        grid.add_row(*(shown(value) for value in row))
    return grid


def _exact(value: object) -> str:
    """An amount with its fen, any other number with the digits that it has."""
    if isinstance(value, float):
        return f"{value:,.2f}" if round(value, 2) == value else f"{value:,.6g}"
    return _short(value)


def _short(value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"
    return str(value)


def _print_explanation(explanation: Explanation, language: Language) -> None:
    from canbao.law.explanation import say as words

    out.print(Text(explanation.title[language], style="bold"), Text(f"· {explanation.place[language]}", style="dim"))
    for step in explanation.given:
        caution = f" ({step.caution[language]})" if step.caution else ""
        out.print(Text(f"  {words('given_value', label=step.label, value=step.amount)[language]}{caution}"))
    for step in explanation.worked:
        style = "bold blue" if step.name in explanation.wanted else "bold"
        out.print()
        out.print(Text(f"{step.label[language]} = {step.amount[language]}", style=style), Text(step.name, style="dim"))
        if step.caution is not None:
            out.print(Text(f"  ! {step.caution[language]}", style="yellow"))
        for line in (step.how, words("rests_on", what=step.rests_on) if step.rests_on[language] else None, step.basis):
            if line is not None and line[language]:
                out.print(Text(f"  {line[language]}"))
        if step.source[language]:
            out.print(Text(f"  {step.source[language]}{f' <{step.address}>' if step.address else ''}", style="dim"))
    if explanation.years is not None:
        out.print()
        out.print(Text(words("head_career")[language], style="bold"))
        grid = Grid(box=None, pad_edge=False, header_style="bold")
        grid.add_column(words("head_year")[language])
        for head in explanation.years.head:
            grid.add_column(head[language], justify="right", overflow="fold")
        for row in explanation.years.rows:
            grid.add_row(*row)
        Console(width=WIDEST, highlight=False).print(grid)
    out.print()
    out.print(Text(words("disclaimer")[language], style="dim"))


def _print_law(frame: pl.DataFrame) -> None:
    """Parameters for people: what is said of all entries of a table stands once."""
    before = None
    for row in frame.iter_rows(named=True):
        if row["name"] != before:
            out.print()
            out.print(Text(row["label"], style="bold"), Text(row["name"], style="dim"))
        entry = f"{row['entry']}: " if row["entry"] is not None else ""
        value = _figure(row["value"], row["unit"])
        style = {"filled": "yellow", "open": "yellow", "low": "yellow"}.get(row["state"], "blue")
        since = f"{say('since', month=row['since'])} · " if row["since"] else ""
        out.print(Text(f"  {entry}{value}", style=style), Text(f"{since}{say('state_' + row['state'])}"))
        if row["name"] != before:
            for part in dict.fromkeys([row["basis"], row["source"], row["note"]]):
                if part:
                    out.print(Text(f"    {part}", style="dim"))
        before = row["name"]


def _figure(value: float | None, unit: str) -> str:
    """A figure of the law with its unit; shares as per cent."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return f"{value * 100:,.6g} %"
    if unit == "yes/no":
        return str(say("answer_yes") if value else say("answer_no"))
    return f"{value:,.10g} {unit}"


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
    if stray := study.unread_texts:
        out.print(Text(str(say("check_stray")), style="bold yellow"))
        for path in stray:
            out.print(f"  {path}", markup=False)
    if table.unused:
        out.print(Text(str(say("check_unused")), style="bold"))
        out.print("  " + ", ".join(table.unused))
    out.print(Text(str(say("check_good")), style="green"))
