"""Commands for a study folder, from an empty one to the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table as Grid
from rich.text import Text

from canbao.cli.options import conditions, form_option, names, opened_study, quiet_option, said, study_folder
from canbao.cli.terminal import err, out, print_frame, progress_line, say
from canbao.errors import Fault, InputError, Place
from canbao.languages import LANGUAGES, Number, Words, spoken_language
from canbao.outputs import whole_folder

if TYPE_CHECKING:
    from canbao.study import Study


@click.command(help=said("help_new"), epilog=said("example_new"))
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


@click.command(help=said("help_check"), epilog=said("example_check"))
@study_folder
@quiet_option
def check(folder: Path, quiet: bool) -> None:
    """Find every fault before any work; say what the data can and cannot answer."""
    study = opened_study(folder)
    with progress_line(quiet) as progress:
        progress(say("checking"))
        missing = study.check()
    if not quiet:
        _print_check(study, missing)


@click.command(help=said("help_estimate"), epilog=said("example_estimate"))
@study_folder
@click.option("--of", required=True, metavar="COLUMN", help=said("help_of"))
@click.option("--by", default="", metavar="COLUMNS", help=said("help_by"))
@click.option("--among", multiple=True, metavar="COLUMN=CATEGORY", help=said("help_among"))
@form_option
def estimate(folder: Path, of: str, by: str, among: Sequence[str], form: str) -> None:
    """Print estimates that may be published, one row a category and domain."""
    frame = opened_study(folder).estimate(of, names(by), conditions(among))
    print_frame(frame, form)


@click.command(help=said("help_assess"), epilog=said("example_assess"))
@study_folder
@click.option("--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help=said("help_language"))
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["html", "pdf", "docx", "xlsx", "pptx"]),
    help=said("help_formats"),
)
@quiet_option
def assess(folder: Path, languages: Sequence[Any], formats: Sequence[Any], quiet: bool) -> None:
    """Write the report, then print its key findings and where it lies."""
    from canbao.report import FORMATS

    study = opened_study(folder)
    with progress_line(quiet) as progress:
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


@click.command(help=said("help_confirm"), epilog=said("example_confirm"))
@study_folder
def confirm(folder: Path) -> None:
    """Confirm the figures in the authors' text as they are now."""
    times = opened_study(folder).confirm()
    out.print(str(say("confirmed", times=str(times), file=str(folder / "text" / "figures.csv"))))


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
    if pairs := study.duplicates:
        out.print(Text(str(say("check_duplicates")), style="bold yellow"))
        for first, second in pairs:
            out.print(f"  {first.text('en')}, {second.text('en')}", markup=False)
    if table.unused:
        out.print(Text(str(say("check_unused")), style="bold"))
        out.print("  " + ", ".join(table.unused))
    out.print(Text(str(say("check_good")), style="green"))


COMMANDS = (new, check, estimate, assess, confirm)
