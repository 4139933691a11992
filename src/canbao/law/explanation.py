"""Explains one case step by step: every value with its unit, article and source, in both languages."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from canbao.engine import UNKNOWN, Category, Kind, Model, PlaceYears, Table, month_text
from canbao.engine.interpreter import NotedTable, Step
from canbao.engine.parameters import LOW_CONFIDENCE, citations
from canbao.engine.plan import YEAR
from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import LANGUAGES, Catalogue, Language, Words, joined
from canbao.law.calculation import assumed, settle, spans, supplied_columns
from canbao.law.cases import Case, read_cases
from canbao.law.citations import address_of, cited
from canbao.law.lawbook import columns, labels, model, place_label

say = Catalogue("canbao.law", "words")


@dataclass(frozen=True)
class ExplainedStep:
    """One step as it is shown.

    Args:
        name: as files and rules write it.
        kind: given by the case, a figure of the law, or what a rule makes of them.
        label: what it is called.
        value: as printed.
        unit: of the value; empty where it has none.
        how: what the rule says, or where the figure comes from.
        rests_on: the steps that it uses, each with its value.
        basis: the article.
        source: where a figure was read, if elsewhere than in the article itself.
        address: of the source.
        caution: that it was filled in, assumed, is of low confidence or unknown.
        code: the rule as it is written; None for figures and given values.
        number: the value unrounded; None where it is no number or not known.
    """

    name: str
    kind: Literal["given", "figure", "rule"]
    label: Words
    value: Words
    unit: Words
    how: Words
    rests_on: Words
    basis: Words
    source: Words
    address: str | None
    caution: Words | None
    code: str | None
    number: float | None

    @property
    def amount(self) -> Words:
        """The value with its unit."""
        return Words(f"{self.value.en} {self.unit.en}".strip(), f"{self.value.zh}{self.unit.zh}")


@dataclass(frozen=True)
class YearTable:
    """The yearly steps of a career, one row a year.

    Args:
        head: the names of the columns.
        rows: the year, then the values as printed.
    """

    head: tuple[Words, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Explanation:
    """All steps of one case.

    Args:
        title: which case.
        place: where it is.
        steps: in the order of computation; those of a career's years only for its last year.
        years: the career, where there is one.
        wanted: the names of the results that were asked for.
    """

    title: Words
    place: Words
    steps: tuple[ExplainedStep, ...]
    years: YearTable | None
    wanted: tuple[str, ...]

    @property
    def given(self) -> list[ExplainedStep]:
        """What the case says, or what was assumed for it."""
        return [step for step in self.steps if step.kind == "given"]

    @property
    def worked(self) -> list[ExplainedStep]:
        """The figures and rules, in order."""
        return [step for step in self.steps if step.kind != "given"]

    @property
    def results(self) -> list[ExplainedStep]:
        """What was asked for."""
        return [step for step in self.steps if step.name in self.wanted]

    def html(self, language: Language) -> str:
        """A web page that needs nothing else."""
        environment = Environment(
            loader=PackageLoader("canbao.law", "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = resources.files("canbao.law").joinpath("templates", "explanation.css").read_text(encoding="utf-8")
        return environment.get_template("explanation.html").render(
            explanation=self,
            language=language,
            other=LANGUAGES[1 - LANGUAGES.index(language)],
            lang={"en": "en", "zh": "zh-Hans"}[language],
            say=lambda key: say(key)[language],
            style=Markup(style),
        )

    def records(self, language: Language) -> list[dict[str, Any]]:
        """The steps as plain data."""
        return [
            {
                "name": step.name,
                "label": step.label[language],
                "value": step.number if step.number is not None else step.value[language],
                "unit": step.unit[language],
                "how": step.how[language],
                "basis": step.basis[language],
                "source": step.source[language],
                "address": step.address,
                "caution": step.caution[language] if step.caution else None,
            }
            for step in self.steps
        ]


def explain(table: pl.DataFrame, row: int, want: Sequence[str], law: Model | None = None) -> Explanation:
    """Explain one row of a table of cases.

    Args:
        table: the cases.
        row: which, from 1.
        want: names of results.
        law: another law than the one in force.

    Raises:
        InputError: there is no such row or result, a cell is wrong, or something that is needed is missing.
    """
    law = law or model()
    known = {*law.rules, *(name for name, one in law.parameters.items() if not one.is_table)}
    raise_all(
        [Fault(say("unknown_result", name=name), Place(), did_you_mean(name, known)) for name in want if name not in known]
    )
    raise_all([] if want else [Fault(say("nothing_wanted"))])
    if not 1 <= row <= table.height:
        raise_all([Fault(say("no_row", row=str(row), rows=str(table.height)))])
    case = read_cases(table.slice(row - 1, 1), first_row=row)[0]
    raise_all(case.faults)
    setting = settle(law, sorted(case.given), want, [case.place])
    raise_all(
        [Fault(one.what, case.at(one.place.field), one.remedy) for faults in setting.faults.values() for one in faults]
    )
    supplied = supplied_columns(setting, [case])
    plan = law.plan(want, setting.columns, years=setting.years, places=frozenset(supplied["place"].tolist()))
    span = spans(law, plan, supplied, [case])[0] if setting.years else None
    columns_of_case = {name: column[0] for name, column in supplied.items()}
    _, steps = law.explain(columns_of_case, want, years=span.years if span else None)
    year = None
    if span is not None:
        yearly = any(plan.wanted[name][1] == YEAR for name in want)
        year = span.shown if yearly else span.last
    return _explained(law, case, steps, want, {*assumed(plan, case), *case.assumed}, year)


def _explained(
    law: Model, case: Case, steps: Sequence[Step], want: Sequence[str], taken: set[str], year: int | None
) -> Explanation:
    reached = _reached(want, steps)
    yearly = [step for step in steps if step.year is not None and step.node.moment == YEAR]
    single = [step for step in steps if step.node.moment != YEAR or step.year in (None, year)]
    shown = [step for step in single if _is_shown(step) and step.node.key in reached]
    looked_up = _looked_up(shown)
    return Explanation(
        title=say("explained_case", case=case.name),
        place=place_label(case.place),
        steps=tuple(_step(law, step, taken, looked_up) for step in shown),
        years=_year_table(law, yearly) if yearly else None,
        wanted=tuple(want),
    )


def _reached(want: Sequence[str], steps: Sequence[Step]) -> set[Any]:
    """The steps on which the results of this case really rest: the variants that were used, and what they used."""
    by_key = {step.node.key: step for step in steps}
    reached: set[Any] = set()
    waiting = [key for key in by_key if key[0] in want]
    while waiting:
        key = waiting.pop()
        if key in reached or key not in by_key:
            continue
        reached.add(key)
        step = by_key[key]
        if step.rule is not None:
            waiting += [step.node.needs[name] for name in step.rule.arguments]
    return reached


def _looked_up(steps: Sequence[Step]) -> dict[str, dict[int, float]]:
    """The entries of each table that some step looked up."""
    found: dict[str, dict[int, float]] = {}
    for step in steps:
        for name, value in (step.used or {}).items():
            if isinstance(value, NotedTable):
                found.setdefault(name, {}).update(value.looked_up)
    return found


def _is_shown(step: Step) -> bool:
    return step.node.kind not in ("built_in", "place_years", "state", "draw")


def _year_table(law: Model, steps: Sequence[Step]) -> YearTable | None:
    names = list(dict.fromkeys(step.node.name for step in steps if step.node.kind in ("rule", "parameter")))
    if not names:
        return None
    values = {(step.year, step.node.name): step for step in steps}
    years = sorted({step.year for step in steps if step.year is not None})
    rows = []
    for year in years:
        found = [values[(year, name)] for name in names]
        rows.append((str(year), *(_printed(one.node.value, one.value, unit_of(law, one.node.name)).en for one in found)))
    return YearTable(tuple(label_of(name) for name in names), tuple(rows))


def _step(law: Model, step: Step, taken: set[str], looked_up: Mapping[str, Mapping[int, float]]) -> ExplainedStep:
    node = step.node
    rule = step.rule
    source = step.origin.source if step.origin else None
    article = rule.basis if rule else step.origin.basis if step.origin else None
    unused = isinstance(step.value, Table) and not looked_up.get(node.name)
    same = {name for name, _ in citations(source)} <= {name for name, _ in citations(article)}
    return ExplainedStep(
        name=node.name,
        kind="given" if node.kind == "column" else "rule" if node.kind == "rule" else "figure",
        label=label_of(node.name),
        value=_value(law, step, looked_up),
        unit=Words.same("") if unused else unit_words(unit_of(law, node.name)),
        how=_how(step),
        rests_on=_rests_on(law, step),
        basis=cited(article),
        source=Words.same("") if same else cited(source),
        address=address_of(source or article),
        caution=_caution(step, taken),
        code=rule_text(rule.function) if rule else None,
        number=_number(step),
    )


def _how(step: Step) -> Words:
    if step.rule is not None:
        entry = labels().get(step.rule.function.__name__)
        return Words(step.rule.description, entry.says if entry else step.rule.description)
    if step.node.kind == "rule":
        return say("not_in_force")
    if step.node.kind == "column":
        return say("given")
    if step.origin is None:
        return Words.same("")
    if step.origin.stand_in is not None:
        return step.origin.stand_in
    if step.origin.since is None:
        return step.origin.note or Words.same("")
    since = say("in_force_since", month=month_text(step.origin.since))
    return joined([since, step.origin.note], en=". ", zh="。") if step.origin.note else since


def _rests_on(law: Model, step: Step) -> Words:
    used = []
    for name, value in (step.used or {}).items():
        label, unit = label_of(name), unit_of(law, name)
        if isinstance(value, NotedTable):
            printed = _entries(value.looked_up, unit)
        elif isinstance(value, PlaceYears) or step.rule is None:
            continue
        else:
            printed = _printed(step.rule.arguments[name], value, unit)
        used.append(Words(f"{label.en} {printed.en}", f"{label.zh} {printed.zh}"))
    return joined(used, en="; ", zh="；")


def _caution(step: Step, taken: set[str]) -> Words | None:
    if step.node.name in taken:
        return say("assumed")
    if not _is_known(step) and step.node.kind != "table" and step.node.value.category is None:
        return say("open")
    if step.origin is not None and step.origin.filled:
        return say("filled")
    if step.origin is not None and step.origin.confidence in LOW_CONFIDENCE:
        return say("low_confidence", confidence=say(f"confidence_{step.origin.confidence}"))
    return None


def _value(law: Model, step: Step, looked_up: Mapping[str, Mapping[int, float]]) -> Words:
    unit = unit_of(law, step.node.name)
    if isinstance(step.value, Table):
        return _entries(looked_up.get(step.node.name, {}), unit)
    return _printed(step.node.value, step.value, unit)


def _entries(looked_up: Mapping[int, float], unit: str) -> Words:
    """The entries of a table that were looked up, as `3: 23`."""
    if not looked_up:
        return say("table")
    return Words.same("; ".join(f"{at}: {_printed(Kind('float'), one, unit).en}" for at, one in looked_up.items()))


def _number(step: Step) -> float | None:
    is_number = step.node.value.name in ("float", "int")
    return float(step.value) if is_number and _is_known(step) else None


def _is_known(step: Step) -> bool:
    return not isinstance(step.value, Table | PlaceYears) and step.value != UNKNOWN and step.value == step.value


def _printed(kind: Kind, value: Any, unit: str) -> Words:
    if value == UNKNOWN or value != value:
        return Words.same("–")
    if kind.category is not None:
        return category_words(kind.category(int(value)))
    if kind.name == "month":
        return Words.same(month_text(int(value)))
    if kind.name == "bool":
        return say("answer_yes") if value else say("answer_no")
    if kind.name == "int":
        return Words.same(str(int(value)))
    if unit == "year":
        return Words.same(f"{float(value):g}")
    if unit.startswith("CNY") and unit != "CNY/order" and value != int(value):
        text = f"{float(value):,.2f}"
    else:
        text = f"{float(value):,.4f}".rstrip("0").rstrip(".")
    return Words.same(text.replace("-", "−"))


def label_of(name: str) -> Words:
    """What a rule, parameter or column is called."""
    entry = labels().get(name)
    if entry is not None and entry.label is not None:
        return entry.label.words
    if name in model().parameters:
        return model().parameters[name].entry.label.words
    if name in columns():
        return columns()[name].label.words
    if name.endswith("_last_year"):
        return say("last_year", name=label_of(name.removesuffix("_last_year")))
    return Words.same(name)


def unit_of(law: Model, name: str) -> str:
    """The unit of a rule, parameter or column; empty where it has none."""
    if name in law.rules:
        return law.rules[name][0].unit
    if name in columns():
        return columns()[name].unit
    return law.parameters[name].entry.unit if name in law.parameters else ""


def unit_words(unit: str) -> Words:
    """A unit as it is printed; nothing for months, categories and shares."""
    key = f"unit_{unit.replace('/', '_per_')}"
    return say(key) if key in say else Words.same("")


def category_words(member: Category) -> Words:
    """A category as it is printed."""
    key = f"{type(member).__name__.lower()}_{member.key}"
    return say(key) if key in say else Words.same(member.key)


@cache
def rule_text(function: Callable[..., Any]) -> str:
    """A rule as it is written, without its decorator and docstring."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    return "\n".join(ast.unparse(one) for one in body)
