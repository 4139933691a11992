"""Commands from draft to final report: take an edition, collect comments, decide, finalise."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from canbao.cli.options import form_option, opened_study, quiet_option, study_folder
from canbao.cli.terminal import err, out, print_faults, print_frame, progress_line
from canbao.cli.workbench import data_of_workbench
from canbao.languages import LANGUAGES, Catalogue, Language, spoken_language
from canbao.outputs import whole_file

if TYPE_CHECKING:
    from canbao.evidence.review.comments import ReviewLog
    from canbao.study import Study

say = Catalogue("canbao.cli", "review_words")

CHECK_FAILED = 1
KINDS = ("interim", "draft")
DECISIONS = ("accepted", "accepted_with_change", "noted", "not_accepted", "duplicate", "withdrawn", "out_of_scope")
ROLES = ("editor", "reader")


def said(key: str) -> str:
    """What help says, in the user's language."""
    return str(say(key))


formats_option = click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["html", "pdf", "docx", "xlsx", "pptx"]),
    help=said("help_formats"),
)


@click.group(help=said("help"), epilog=said("example"))
def review() -> None:
    """From draft to final report."""


@review.command(help=said("help_take"), epilog=said("example_take"))
@study_folder
@click.option("--as", "kind", type=click.Choice(KINDS), default="draft", show_default=True, help=said("help_as"))
@formats_option
@quiet_option
def take(folder: Path, kind: Any, formats: Sequence[Any], quiet: bool) -> None:
    """Keep the report as it is now, with numbered paragraphs, for comments."""
    _taken(opened_study(folder), kind, formats, quiet)


@review.command(help=said("help_collect"), epilog=said("example_collect"))
@study_folder
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--edition", metavar="EDITION", help=said("help_edition"))
@click.option("--commenter", default="", metavar="NAME", help=said("help_commenter"))
@click.option("--body", default="", metavar="BODY", help=said("help_body"))
def collect(folder: Path, files: Sequence[Path], edition: str | None, commenter: str, body: str) -> int:
    """Put the comments of Word files and Excel templates into the log; code 1 where a file could not be read."""
    from canbao.evidence.review.collation import collate
    from canbao.evidence.review.comments import merged, write_comments

    study = opened_study(folder)
    log = study.review_log()
    found = collate(files, log.editions, edition=edition, commenter=commenter, body=body)
    joined = merged(log, found.comments)
    if joined.comments != log.comments:
        write_comments(study.review, joined)
    new = len(joined.comments) - len(log.comments)
    out.print(str(say("collected", new=new, known=len(found.comments) - new, file=str(study.review / "comments.csv"))))
    print_faults(found.faults)
    return CHECK_FAILED if found.faults else 0


@review.command(help=said("help_status"), epilog=said("example_status"))
@study_folder
@form_option
def status(folder: Path, form: str) -> int:
    """Say which comments lack a decision; code 1 where one does."""
    import polars as pl

    log = opened_study(folder).review_log()
    columns = ("id", "edition", "paragraph", "commenter", "body", "type", "comment")
    rows = [{name: str(getattr(one, name)) for name in columns} for one in log.undecided]
    if form == "table":
        _print_state(log)
        rows = [{**row, "comment": _short(row["comment"])} for row in rows]
    if rows or form != "table":
        print_frame(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)), form)
    return CHECK_FAILED if log.undecided else 0


@review.command(help=said("help_decide"), epilog=said("example_decide"))
@study_folder
@click.argument("comment", metavar="ID")
@click.option("--decision", required=True, type=click.Choice(DECISIONS), help=said("help_decision"))
@click.option("--response", required=True, metavar="TEXT", help=said("help_response"))
@click.option("--by", "responsible", default="", metavar="NAME", help=said("help_by"))
@click.option("--on", "day", default="", metavar="YYYY-MM-DD", help=said("help_on"))
@click.option("--duplicate-of", default="", metavar="ID", help=said("help_duplicate_of"))
@click.option("--changed-text", default="", metavar="NUMBER", help=said("help_changed_text"))
def decide(folder: Path, comment: str, day: str, **given: str) -> None:
    """Write a decision with its reason into the log."""
    from canbao.evidence.review.comments import decided, write_comments

    study = opened_study(folder)
    log = decided(study.review_log(), comment, decided=day, **given)
    write_comments(study.review, log)
    out.print(str(say("decided", id=comment, left=len(log.undecided))))


@review.command(help=said("help_changes"), epilog=said("example_changes"))
@study_folder
@click.argument("before", metavar="EDITION")
@click.argument("after", metavar="EDITION")
@form_option
def changes(folder: Path, before: str, after: str, form: str) -> None:
    """Print which paragraphs were added, changed and removed between two editions."""
    import polars as pl

    from canbao.errors import Fault, did_you_mean, raise_all
    from canbao.evidence.review.changes import compare

    known = opened_study(folder).review_log().editions
    unknown = [one for one in (before, after) if one not in known]
    raise_all([Fault(say("no_edition", edition=one), remedy=did_you_mean(one, known)) for one in unknown])
    language: Language = spoken_language()
    rows: list[Mapping[str, str]] = []
    for one in compare(known[before], known[after]).changes:
        numbers = [side.number if side else "" for side in (one.before, one.after)]
        texts = [side.words[language].partition("\n")[0] if side else "" for side in (one.before, one.after)]
        cut = _short if form == "table" else str
        rows.append(dict(zip(_CHANGES, (one.kind, *numbers, *(cut(text) for text in texts)), strict=True)))
    print_frame(pl.DataFrame(rows, schema=dict.fromkeys(_CHANGES, pl.String)), form)


_CHANGES = ("change", "was", "is", "before", "after")


@review.command(help=said("help_finalise"), epilog=said("example_finalise"))
@study_folder
@formats_option
@quiet_option
def finalise(folder: Path, formats: Sequence[Any], quiet: bool) -> int:
    """Make the final report; code 1, and which, where a comment lacks a decision with a reason."""
    from canbao.evidence.review.comments import undecided_fault

    study = opened_study(folder)
    if undecided := study.review_log().undecided:
        print_faults([undecided_fault(one) for one in undecided])
        return CHECK_FAILED
    _taken(study, "final", formats, quiet)
    return 0


@review.command(help=said("help_export"), epilog=said("example_export"))
@study_folder
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), help=said("help_language"))
def export(folder: Path, file: Path, language: Language | None) -> None:
    """Write the log of comments and decisions as .csv, .xlsx or .docx."""
    from canbao.report.log_files import write_log

    study = opened_study(folder)
    with whole_file(file) as scratch:
        write_log(
            study.review_log(), scratch, language or spoken_language(), study.settings.date, study.settings.title.words
        )
    out.print(str(say("exported", file=str(file))))


@review.command(help=said("help_staff"), epilog=said("example_staff"))
@study_folder
@click.argument("name", metavar="NAME")
@click.option("--role", type=click.Choice(ROLES), required=True, help=said("help_role"))
@data_of_workbench
def staff(folder: Path, name: str, role: str, data: Path | None) -> None:
    """Let somebody read or decide comments in the workbench; the password of a new account is printed once."""
    from canbao.workbench.serve import prepare

    prepare(folder, data)
    from canbao.workbench.drafts.roles import give_role
    from canbao.workbench.drafts.states import Role

    password = give_role(name, Role(role))
    click.echo(str(say("staff_has_role" if password is None else "staff_made", name=name, password=password or "")))


@review.command(help=said("help_translation"), epilog=said("example_translation"))
@study_folder
@form_option
def translation(folder: Path, form: str) -> int:
    """Say how far the authors' text is translated; code 1 while a paragraph is not signed off."""
    import polars as pl

    from canbao.evidence.review.snapshot import say as words

    told = opened_study(folder).translation()
    columns = ("paragraph", "state", "by", "date", "terms", "en", "zh")
    cut = _short if form == "table" else str
    rows = [
        {
            "paragraph": one.name,
            "state": str(words(f"state_{one.state}")) if form == "table" else one.state,
            "by": one.by,
            "date": one.date,
            "terms": ", ".join(one.terms),
            "en": cut(one.texts["en"]),
            "zh": cut(one.texts["zh"]),
        }
        for one in told
    ]
    print_frame(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)), form)
    return CHECK_FAILED if any(one.state != "signed_off" for one in told) else 0


@review.command(help=said("help_sign"), epilog=said("example_sign"))
@study_folder
@click.argument("names", metavar="PARAGRAPH...", nargs=-1, required=True)
@click.option(
    "--as",
    "status",
    type=click.Choice(["translated", "to_check", "signed_off"]),
    default="signed_off",
    show_default=True,
    help=said("help_sign_as"),
)
@click.option("--by", "who", required=True, metavar="NAME", help=said("help_by"))
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help=said("help_on"))
def sign(folder: Path, names: Sequence[str], status: Any, who: str, day: datetime.datetime) -> None:
    """Say of paragraphs that their translation is made, to be checked, or signed off."""
    from canbao.evidence.review.translation import read_verdicts, signed, write_verdicts

    study = opened_study(folder)
    verdicts = signed(study.translation(), read_verdicts(study.review), names, status, who, day.date())
    write_verdicts(study.review, verdicts)
    left = sum(one.state != "signed_off" for one in study.translation())
    out.print(str(say("signed", left=left)))


def _taken(study: Study, kind: Any, formats: Sequence[Any], quiet: bool) -> None:
    from canbao.report import FORMATS

    with progress_line(quiet) as progress:
        folder = study.take_edition(kind, formats or FORMATS, progress)
    if not quiet:
        out.print(str(say("taken", edition=folder.name, folder=str(folder))))
        for path in sorted([*folder.glob("report.*"), *folder.glob("comments.*")]):
            out.print(f"  {path}", markup=False)


def _print_state(log: ReviewLog) -> None:
    for name, snapshot in log.editions.items():
        times = sum(one.edition == name for one in log.comments)
        out.print(str(say("edition_line", edition=name, paragraphs=len(snapshot.paragraphs), comments=times)))
    key = "some_undecided" if log.undecided else "all_decided"
    told = Text(str(say(key, times=len(log.undecided), of=len(log.comments))), style="yellow" if log.undecided else "green")
    (err if log.undecided else out).print(told)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"


COMMANDS = (review,)
