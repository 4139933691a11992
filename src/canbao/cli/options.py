"""What several commands take on the command line, and how it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from canbao.cli.terminal import say
from canbao.errors import Fault, InputError, Place, raise_all
from canbao.languages import LANGUAGES

if TYPE_CHECKING:
    from canbao.study import Study


def said(key: str) -> str:
    """What help says, in the user's language."""
    return str(say(key))


study_folder = click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
quiet_option = click.option("-q", "--quiet", is_flag=True, help=said("help_quiet"))
form_option = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help=said("help_form")
)
language_option = click.option("--language", type=click.Choice(LANGUAGES), help=said("help_one_language"))


def opened_study(folder: Path) -> Study:
    """A study, loaded only for the commands that need one."""
    from canbao.study import Study

    return Study(folder)


def names(text: str) -> list[str]:
    """`sex,migrant`, each once."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def conditions(texts: Sequence[str]) -> dict[str, list[str]]:
    """`sex=female` and `sex=female|male`, each column once."""
    faults: list[Fault] = []
    domain: dict[str, list[str]] = {}
    for text in (part.strip() for one in texts for part in one.split(",")):
        name, equals, wanted = (part.strip() for part in text.partition("="))
        if not equals or not name or not wanted:
            faults.append(Fault(say("bad_condition", text=text)))
        categories = [one.strip() for one in wanted.split("|")]
        if domain.setdefault(name, categories) != categories:
            faults.append(Fault(say("condition_twice", name=name), remedy=say("write_both", name=name)))
    raise_all(faults)
    return domain


def refuse_infinite(values: Mapping[str, float]) -> None:
    """Refuse options whose number is infinite or none at all."""
    raise_all([Fault(say("not_finite", option=f"--{name}")) for name, value in values.items() if not math.isfinite(value)])


def refuse_suffix(path: Path, suffix: str) -> None:
    """Refuse the name of a file that says another format than the one written."""
    if path.suffix.lower() != suffix:
        raise InputError(Fault(say("wrong_suffix", suffix=suffix), Place(path)))
