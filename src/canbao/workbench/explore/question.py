"""What somebody asks of the survey, as its address says it: nothing else is remembered, so every answer can be shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from canbao.study import Study

MOST_GROUPS = 2
MOST_FILTERS = 2
FIRST_ASKED = ("pension_scheme", "medical_scheme", "injury_cover")


@dataclass(frozen=True)
class Question:
    """A column, by groups, in a domain.

    Args:
        of: the column.
        by: the columns whose categories make the groups.
        among: for each column the category that counts.
    """

    of: str
    by: tuple[str, ...]
    among: Mapping[str, str]

    @property
    def query(self) -> str:
        """The question as the end of an address."""
        among = [("among", f"{name}:{one}") for name, one in self.among.items()]
        return urlencode([("of", self.of), *(("by", name) for name in self.by), *among])

    def python(self, folder: str) -> str:
        """The same question in Python."""
        arguments = [repr(self.of)]
        if self.by:
            arguments.append(f"by={list(self.by)!r}")
        if self.among:
            arguments.append(f"among={dict(self.among)!r}")
        return f"from canbao import Study\n\nStudy({folder!r}).estimate({', '.join(arguments)})"

    def command(self, folder: str) -> str:
        """The same question on the command line."""
        by = f" --by {','.join(self.by)}" if self.by else ""
        among = "".join(f" --among {name}={one}" for name, one in self.among.items())
        return f"canbao estimate {folder} --of {self.of}{by}{among}"


def question_of(asked: QueryDict, study: Study) -> Question:
    """The question that an address asks; what nobody says is the first that people want to know."""
    first = next((one for one in FIRST_ASKED if one in study.table.frame.columns), study.table.columns[0].name)
    of = asked.get("of") or first
    by = [name for name in asked.getlist("by") if name and name != of]
    if not asked:
        by = [name for name in study.settings.focus_groups if name in study.table.frame.columns][:MOST_GROUPS]
    pairs = [text.partition(":") for text in asked.getlist("among") if text]
    among = {name: one for name, _, one in pairs[:MOST_FILTERS] if name and one}
    return Question(of, tuple(dict.fromkeys(by))[:MOST_GROUPS], among)


def askable(study: Study) -> Sequence[str]:
    """The columns of which shares or means can be had."""
    return [
        column.name
        for column in study.table.columns
        if (column.is_categorical or column.is_numeric or column.type == "set")
        and column.name != study.settings.design.weight
    ]


def groupable(study: Study) -> Sequence[str]:
    """The columns that make groups."""
    return [column.name for column in study.table.columns if column.is_categorical]
