"""Commands that ask the law: what it gives, step by step, and what of it is in force."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from canbao.cli.options import form_option, language_option, names, refuse_suffix, said
from canbao.cli.terminal import WIDEST, err, exact, out, print_faults, print_frame, progress_line, say
from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.languages import UNKNOWN, Number, spoken_language
from canbao.outputs import whole_file

if TYPE_CHECKING:
    import polars as pl

    from canbao.languages import Language
    from canbao.law import Explanation


cases_file = click.argument("file", metavar="CASES", type=click.Path(path_type=Path))
wanted = click.option("--want", multiple=True, metavar="RESULTS", help=said("help_want"))


@click.command(help=said("help_calculate"), epilog=said("example_calculate"))
@cases_file
@wanted
@click.option("--out", "path", metavar="FILE", type=click.Path(path_type=Path), help=said("help_results"))
@form_option
@click.option("--keep-going", is_flag=True, help=said("help_keep_going"))
@click.option("--arrangements", metavar="NAMES", help=said("help_arrangements"))
def calculate(
    file: Path, want: Sequence[str], path: Path | None, form: str, keep_going: bool, arrangements: str | None
) -> int:
    """Work out what the law gives each case of a table, or what arrangements against injury pay."""
    from canbao.law import calculation

    if path is not None and path.resolve() == file.resolve():
        raise InputError(Fault(say("out_is_in"), Place(path), say("out_is_in_remedy")))
    if arrangements is not None:
        return _injury_benefits(file, arrangements, path, form)
    with progress_line(quiet=False) as progress:
        progress(say("calculating"))
        made = calculation(_cases(file), names(",".join(want)) or None)
    if made.faults and not keep_going:
        raise InputError(made.faults)
    if path is None:
        print_frame(made.table, form, exact)
    else:
        _write_results(made.table, path)
        times = Number(made.table.height)
        err.print(str(say("made_results", times=times, file=str(path))))
    print_faults(made.faults)
    return 2 if made.faults else 0


def _injury_benefits(file: Path, arrangements: str, path: Path | None, form: str) -> int:
    from canbao.injury import find_arrangement
    from canbao.injury.calculation import benefits_of

    found = benefits_of(_cases(file), [find_arrangement(one.strip()) for one in arrangements.split(",")])
    if path is None:
        print_frame(found, form, exact)
    else:
        _write_results(found, path)
        err.print(str(say("made_results", times=Number(found.height), file=str(path))))
    return 0


@click.command(help=said("help_explain"), epilog=said("example_explain"))
@cases_file
@wanted
@click.option("--row", type=int, help=said("help_row"))
@click.option("--case", "name", metavar="NAME", help=said("help_case"))
@click.option("--html", "path", metavar="FILE.html", type=click.Path(path_type=Path), help=said("help_html"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=said("help_form"))
@language_option
def explain(
    file: Path, want: Sequence[str], row: int | None, name: str | None, path: Path | None, form: str, language: Any
) -> None:
    """Show one case step by step, with articles and sources."""
    from canbao.law import explain as explained

    cases = _cases(file)
    spoken = language or spoken_language()
    explanation = explained(cases, _row_of(cases, row, name), names(",".join(want)))
    if path is not None:
        refuse_suffix(path, ".html")
        with whole_file(path) as scratch:
            scratch.write_text(explanation.html(spoken), encoding="utf-8")
        err.print(str(say("made_explanation", file=str(path))))
    elif form == "json":
        click.echo(json.dumps(explanation.records(spoken), ensure_ascii=False, indent=2))
    else:
        _print_explanation(explanation, spoken)


@click.group(help=said("help_law"), epilog=said("example_law"))
def law() -> None:
    """What can be asked of the law itself."""


@law.command(help=said("help_law_show"), epilog=said("example_law"))
@click.argument("scheme", metavar="SCHEME")
@click.option("--province", metavar="CODE", help=said("help_province"))
@click.option("--city-class", metavar="CLASS", help=said("help_city_class"))
@click.option("--year", type=int, help=said("help_year"))
@click.option("--month", metavar="YYYY-MM", help=said("help_month"))
@form_option
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
        print_frame(frame, form)


@law.command("list", help=said("help_law_list"))
@language_option
def list_(language: Any) -> None:
    """Print every result that can be calculated, scheme by scheme."""
    from canbao.law.listing import results

    spoken = language or spoken_language()
    listed = results(spoken)
    print_frame(listed.rename({name: say(f"head_{name}")[spoken] for name in listed.columns}), "table")


# --- reading cases ---


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


def _write_results(frame: pl.DataFrame, path: Path) -> None:
    """Write results in the format that the file's name asks for."""
    writers: Mapping[str, Callable[[io.BytesIO], Any]] = {
        ".csv": frame.write_csv,
        ".parquet": frame.write_parquet,
        ".xlsx": frame.write_excel,
        ".json": frame.write_json,
    }
    if path.suffix.lower() not in writers:
        raise InputError(Fault(say("unknown_results", known=", ".join(writers)), Place(path)))
    content = io.BytesIO()
    writers[path.suffix.lower()](content)
    with whole_file(path) as scratch:
        # Written here and not by polars, which has its own words for a full disk.
        scratch.write_bytes(content.getvalue())


# --- printing ---


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


COMMANDS = (calculate, explain, law)
