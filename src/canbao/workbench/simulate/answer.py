"""What a position of the levers changes, as cards, tables and a chart of the report's own kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from canbao.chapters.document import Block, Cell, Column, Figure, Interval, Intervals, Point, Row, Table
from canbao.languages import Catalogue, Form, Number, Words
from canbao.reforms import INDICATORS, Indicator, Simulator
from canbao.reforms.results import ADEQUACY, BURDEN, COVERAGE, MONEY, Comparison, difference, ratio

say = Catalogue("canbao.workbench.simulate", "words")
indicators = Catalogue("canbao.chapters", "options")

HEADLINES = ("employees_scheme", "no_scheme", "reaches_minimum", "worker_pays", "platform_pays", "state_pays")
GOOD_WHEN_MORE = {"employees_scheme": True, "no_scheme": False, "reaches_minimum": True}


@dataclass(frozen=True)
class Card:
    """One headline: the difference, and what it was and becomes.

    Args:
        tone: `up` for better, `down` for worse, empty where it is neither.
    """

    label: Words
    change: Words
    levels: Words
    tone: str


def cards(comparison: Comparison, year: int) -> list[Card]:
    """The headlines of a year."""
    return [_card(comparison, one, year) for one in INDICATORS if one.name in HEADLINES]


def _card(comparison: Comparison, one: Indicator, year: int) -> Card:
    before = ratio(comparison.baseline, one, year, comparison.survey)
    after = ratio(comparison.central, one, year, comparison.survey)
    changed = difference(comparison.central, comparison.baseline, one, year, comparison.survey)
    form: Form = "points" if one.form == "percent" else "count"
    sign = "+" if changed.value > 0 else ""
    key = "change_points" if form == "points" else "change_yuan"
    levels = say(
        "levels",
        before=Number(before.value, _form(one)),
        after=Number(after.value, _form(one)),
        low=Number(changed.low, form),
        high=Number(changed.high, form),
    )
    better = GOOD_WHEN_MORE.get(one.name)
    tone = "" if better is None or abs(changed.value) < 5e-4 else ("up" if (changed.value > 0) == better else "down")
    return Card(indicators(f"indicator_{one.name}"), say(key, sign=sign, change=Number(changed.value, form)), levels, tone)


def blocks(simulator: Simulator, comparison: Comparison, years: Sequence[int], year: int) -> list[Block]:
    """All indicators over the years, and coverage by the study's groups in one year."""
    return [_groups(simulator, comparison, year), _table("people", comparison, (*COVERAGE, *ADEQUACY, *BURDEN), years),
            _table("money", comparison, MONEY, years)]  # fmt: skip


def _table(key: str, comparison: Comparison, shown: Sequence[Indicator], years: Sequence[int]) -> Table:
    columns = [Column("indicator", say("indicator"), align="left"), Column("year", say("year"))]
    columns += [Column(name, say(name)) for name in ("before", "after", "difference", "span")]
    rows = []
    for one in shown:
        form: Form = "points" if one.form == "percent" else "count"
        for at, year in enumerate(years):
            before = ratio(comparison.baseline, one, year, comparison.survey)
            after = ratio(comparison.central, one, year, comparison.survey)
            changed = difference(comparison.central, comparison.baseline, one, year, comparison.survey)
            least, most = comparison.span(one, year)
            rows.append(
                Row(
                    (
                        Cell(indicators(f"indicator_{one.name}") if at == 0 else Words.same("")),
                        Cell(Words.same(str(year))),
                        Cell(Number(before.value, _form(one))),
                        Cell(Number(after.value, _form(one))),
                        Cell(Number(changed.value, form), None, Interval(changed.low, changed.high, form)),
                        Cell(Interval(least, most, form)),
                    )
                )
            )
    return Table(key, say(f"table_{key}"), tuple(columns), tuple(rows), (say(f"note_{key}"), say("note_span")))


def _groups(simulator: Simulator, comparison: Comparison, year: int) -> Figure:
    """The difference in coverage by the employees' scheme, by group."""
    one = COVERAGE[0]
    groups, panels, values = [say("everybody")], [say("all_workers")], [(_difference(comparison, one, year, None),)]
    for column, categories in simulator.groups.columns.items():
        hidden = simulator.hidden(column)
        for category in categories:
            groups.append(simulator.vocabulary[column].categories[category])
            panels.append(simulator.vocabulary[column].label)
            members = simulator.groups.members(column, category)
            point = Point(None) if category in hidden else _difference(comparison, one, year, members)
            values.append((point,))
    label = indicators("indicator_employees_scheme")
    chart = Intervals(
        tuple(groups), (label,), tuple(values), say("axis_points"), form="points", panels=tuple(panels), zero_line=True
    )
    alt = say("alt_groups", year=str(year), change=Number(values[0][0].value, "points"))
    return Figure("groups", say("figure_groups", year=str(year)), chart, alt, (say("note_people"),))


def _difference(comparison: Comparison, one: Indicator, year: int, group: Sequence[int] | None) -> Point:
    found = difference(comparison.central, comparison.baseline, one, year, comparison.survey, group)
    return Point(found.value, found.low, found.high)


def _form(one: Indicator) -> Form:
    return "percent" if one.form == "percent" else "count"
