"""What a question to the simulator changes, as cards, tables and charts of the report's own kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from canbao.chapters.document import Block, Cell, Column, Figure, Interval, Intervals, Point, Row, StackedBars, Table
from canbao.chapters.findings import Findings, bullets
from canbao.chapters.options import fund_by_year, platforms, winners
from canbao.chapters.protection import arrangements_table, cases_of, title_of
from canbao.chapters.simulated import needed_columns
from canbao.injury import compare, find_arrangement
from canbao.languages import Catalogue, Form, Number, Words
from canbao.reforms import INDICATORS, Indicator, Simulator
from canbao.reforms.results import ADEQUACY, BURDEN, COVERAGE, MONEY, Comparison, difference, ratio

say = Catalogue("canbao.workbench.simulate", "words")
indicators = Catalogue("canbao.chapters", "options")

HEADLINES = ("employees_scheme", "no_scheme", "reaches_minimum", "worker_pays", "platform_pays", "state_pays")
GOOD_WHEN_MORE = {"employees_scheme": True, "no_scheme": False, "reaches_minimum": True}
STEPS = {
    "by_employer": ("in_scheme_by_employer",),
    "alone": ("in_scheme_alone",),
    "by_levy": ("in_scheme_by_levy",),
    "residents": ("in_residents_scheme",),
    "nowhere": ("in_no_scheme",),
}
"""From the best covered to those who are in no scheme; together everybody of working age."""


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


def cards_table(found: Sequence[Card], year: int) -> Table:
    """The headlines as a table, where they are printed."""
    columns = (Column("indicator", say("indicator"), align="left"), Column("difference", say("difference")),
               Column("levels", say("levels_column"), align="left"))  # fmt: skip
    rows = (Row((Cell(one.label), Cell(one.change), Cell(one.levels))) for one in found)
    return Table("headlines", say("in_year", year=str(year)), columns, tuple(rows))


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


def told(comparison: Comparison, year: int) -> Words:
    """The change in coverage in one sentence, for whoever hears the page."""
    changed = difference(comparison.central, comparison.baseline, COVERAGE[0], year, comparison.survey)
    return say("alt_groups", year=str(year), change=Number(changed.value, "points"))


def first_blocks(simulator: Simulator, comparison: Comparison, year: int) -> list[Block]:
    """What is seen while levers move: the staircase of coverage, and by whom it changes."""
    return [_staircase(comparison, year), _groups(simulator, comparison, year)]


def people_and_money(comparison: Comparison, years: Sequence[int]) -> list[Block]:
    """All indicators over the years."""
    return [
        _table("people", comparison, (*COVERAGE, *ADEQUACY, *BURDEN), years),
        _table("money", comparison, MONEY, years),
    ]


FOR_WHOM: Mapping[str, Callable[[Findings, int], Sequence[Block]]] = {
    "winners": lambda findings, _year: winners(findings),
    "fund": lambda findings, _year: fund_by_year(findings),
    "platforms": platforms,
}
"""Winners and losers, the fund and platforms, as the report has them."""


def injury_blocks(findings: Findings, names: Sequence[str], stands: Sequence[str]) -> Sequence[Block]:
    """An arrangement against injury at work beside the one that stands."""
    if not findings.has("platform_type", *needed_columns(findings)):
        return []
    cases = cases_of(findings)
    before, after = ([find_arrangement(name) for name in each] for each in (stands, names))
    found = [compare(each, cases) for each in (before, after)]
    covered = (found[1].loss_covered - found[0].loss_covered) * 100
    price = sum(found[1].price.values()) - sum(found[0].price.values())
    sentence = say(
        "injury_changes", name=title_of(after), covered=_signed(covered, "decimal"), price=_signed(price, "count"),
    )  # fmt: skip
    return [*bullets(sentence), arrangements_table(findings, list(zip((before, after), found, strict=True)))]


def _signed(value: float, form: Form) -> Words:
    number = Number(value, form)
    sign = "+" if value > 0 else ""
    return Words(f"{sign}{number.text('en')}", f"{sign}{number.text('zh')}")


def _staircase(comparison: Comparison, year: int) -> Figure:
    """Where everybody of working age stands under the law and under the reform."""
    parts = [Indicator(name, above, "working_age") for name, above in STEPS.items()]
    laws = {"before": comparison.baseline, "after": comparison.central}
    values = tuple(
        tuple(Point(ratio(outcome, part, year, comparison.survey).value) for part in parts) for outcome in laws.values()
    )
    chart = StackedBars(tuple(say(law) for law in laws), tuple(say(f"step_{name}") for name in STEPS), values)
    alt = say("alt_staircase", before=_listed(values[0]), after=_listed(values[1]))
    return Figure("staircase", say("figure_staircase", year=str(year)), chart, alt, (say("note_staircase"),))


def _listed(points: Sequence[Point]) -> Words:
    named = [(say(f"step_{name}"), Number(point.value, "percent")) for name, point in zip(STEPS, points, strict=True)]
    english = ", ".join(f"{label.en.lower()} {share.text('en')}" for label, share in named)
    return Words(english, "、".join(f"{label.zh}{share.text('zh')}" for label, share in named))


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
