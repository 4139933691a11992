"""What the study says, and what reforms would change: only cells that may be published leave."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, create_model

from canbao.errors import InputError
from canbao.reforms.reform import available, read_reform
from canbao.workbench.api.shapes import Basis, Both, basis, both, finite, told
from canbao.workbench.explore.question import MOST_FILTERS, MOST_GROUPS, askable, groupable, question_of
from canbao.workbench.pages.study import current_study
from canbao.workbench.simulate.asked import asked_of
from canbao.workbench.simulate.levers import levers
from canbao.workbench.simulate.views import estimates

router = Router(tags=["study"])

MEASURES = ("n", "estimate", "se", "low", "high", "df", "cv", "deff")


class Column(Schema):
    """A column of the study that can be asked for."""

    name: str
    label: Both
    type: str
    unit: str
    makes_groups: bool
    categories: dict[str, Both]


class About(Schema):
    """The study."""

    basis: Basis
    respondents: int
    columns: list[Column]


class Question(Schema):
    """A column, by groups, in a domain (column:category); what nobody says is what the page shows first."""

    of: str = ""
    by: list[str] = Field([], max_length=MOST_GROUPS)
    among: list[str] = Field([], max_length=MOST_FILTERS)


class Row(Schema):
    """One estimate; all numbers are null where the cell is suppressed."""

    groups: dict[str, str]
    category: str
    n: int | None
    estimate: float | None
    se: float | None
    low: float | None
    high: float | None
    df: float | None
    cv: float | None
    deff: float | None
    flag: str


class Indicators(Schema):
    """A column by groups."""

    basis: Basis
    of: str
    by: list[str]
    among: dict[str, str]
    label: Both
    rows: list[Row]


@router.get("study", **told("study", About))
def study(request: HttpRequest) -> dict[str, Any]:
    """Columns, categories and labels."""
    del request
    opened = current_study()
    vocabulary, groups = opened.table.vocabulary, set(groupable(opened))
    columns = [
        Column(
            name=name,
            label=both(vocabulary[name].label),
            type=vocabulary[name].type,
            unit=vocabulary[name].unit or "",
            makes_groups=name in groups,
            categories={key: both(label) for key, label in vocabulary[name].categories.items()},
        )
        for name in askable(opened)
    ]
    return {"basis": basis(), "respondents": opened.table.frame.height, "columns": columns}


@router.get("indicators", **told("indicators", Indicators, 422))
def indicators(request: HttpRequest, asked: Query[Question]) -> dict[str, Any]:
    """Shares of categories, or the mean of a number, with 95 % intervals and bases; `among` is column:category."""
    del asked  # read as the pages read it
    opened = current_study()
    question = question_of(request.GET, opened)
    frame = opened.estimate(question.of, question.by, dict(question.among))
    rows = [
        {
            "groups": {name: row[name] for name in question.by},
            "category": row["category"],
            "flag": row["flag"],
            **{name: row[name] for name in MEASURES},
        }
        for row in map(finite, frame.iter_rows(named=True))
    ]
    return {
        "basis": basis(),
        "of": question.of,
        "by": list(question.by),
        "among": dict(question.among),
        "label": both(opened.table.vocabulary[question.of].label),
        "rows": rows,
    }


class Option(Schema):
    """A reform that `canbao simulate` and study.yaml can name."""

    name: str
    title: Both
    starts: int | None
    in_study: bool


class LeverShape(Schema):
    """A lever; it stands where the law has it."""

    name: str
    label: Both
    about: Both
    kind: str
    low: float
    high: float
    step: float
    stands: float


class Reforms(Schema):
    """What can be changed."""

    basis: Basis
    reforms: list[Option]
    levers: list[LeverShape]


@router.get("reforms", **told("reforms", Reforms))
def reforms(request: HttpRequest) -> dict[str, Any]:
    """Reforms that have files, and levers that can be moved."""
    del request
    opened = current_study()
    named = set(opened.settings.reforms)
    options = []
    for name, path in available(opened.folder).items():
        try:
            reform = read_reform(path, opened.folder, opened.settings.fieldwork.year)
        except InputError:
            continue  # a file at fault is a matter for `canbao check`
        title = both(reform.title)
        options.append(Option(name=name, title=title, starts=reform.starts, in_study=name in named))
    moved = [
        LeverShape(
            name=name,
            label=both(one.label.words),
            about=Both(en=one.told("en"), zh=one.told("zh")),
            kind=one.kind,
            low=one.low,
            high=one.high,
            step=one.step,
            stands=one.stands,
        )
        for name, one in levers().items()
    ]
    return {"basis": basis(), "reforms": options, "levers": moved}


class Change(Schema):
    """An indicator in a year: under the law as it stands, under the reform, and the difference with its intervals."""

    indicator: str
    year: int
    baseline: float | None
    reform: float | None
    difference: float | None
    low: float | None
    high: float | None
    least: float | None
    most: float | None


class Simulation(Schema):
    """What positions of the levers change."""

    basis: Basis
    levers: dict[str, float]
    rows: list[Change]


_Levers: Any = create_model(
    "Levers",
    __base__=Schema,
    **{
        name: (float, Field(one.stands, ge=one.low, le=one.high, description=one.label.en))
        for name, one in levers().items()
    },  # type: ignore[call-overload]
)


@router.get("simulation", **told("simulation", Simulation, 422))
def simulation(request: HttpRequest, asked: Query[_Levers]) -> dict[str, Any]:
    """All respondents' life courses under the levers; low and high are sampling limits, least and most span assumptions."""
    del asked  # read as the pages read them
    question = asked_of(request.GET)
    rows = []
    for row in map(finite, estimates(question).iter_rows(named=True)) if question.at.moved else ():
        rows.append({**{name: row[name] for name in row if name != "reform_value"}, "reform": row["reform_value"]})
    return {"basis": basis(), "levers": dict(question.at.values), "rows": rows}
