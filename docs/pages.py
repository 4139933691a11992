"""Writes the pages that are calculated: no figure and no article in them is typed.

    python docs/pages.py        # or `make docs`

Of the worked examples a folder holds `cases.csv` and a template in each language; the pages lie beside them. In a
template `steps("a", "b")` is a table of all that leads to these results and was not shown before, and `value("a")` a
result in a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from canbao import law
from canbao.careers import carried_parameters
from canbao.careers.lifebook import documents
from canbao.engine.parameters import FIRST_YEAR
from canbao.exchange.messages.description import Column, description
from canbao.exchange.messages.json_schema import json_schema
from canbao.exchange.messages.status import codes
from canbao.injury import EXPOSURES, compare, draw_cases, exposed_by, find_arrangement, without_relation
from canbao.injury.arrangement import Price, shipped
from canbao.injury.assumptions import assumptions
from canbao.injury.benefits import joined
from canbao.injury.from_law import FromLaw
from canbao.languages import LANGUAGES, Language
from canbao.law.explanation import ExplainedStep
from canbao.law.lawbook import provinces, schemes
from canbao.located_yaml import Bilingual
from canbao.procedures.clocks import Clock, procedures, vocabulary
from canbao.procedures.clocks import shipped as shipped_clocks
from canbao.procedures.clocks.clock import Attribute
from canbao.reforms import difference, ratio
from canbao.reforms.reform import read_reform
from canbao.reforms.results import COVERAGE
from canbao.study import Study

HERE = Path(__file__).parent
STATES = ("published", "low", "filled", "open")
ASKED = (2025 * 12 + 11, 2025 * 12 + 11)
"""The month of which the state of the law is told: the last for which nearly all figures are published."""
HEADS = {"en": ("Step", "Value", "Why", "Article or source"), "zh": ("步骤", "数值", "依据说明", "法律依据或来源")}
SEMICOLON = {"en": "; ", "zh": "；"}
GIVEN = {"en": "as the case says", "zh": "个案所列"}


class Example:
    """One example in one language.

    Args:
        folder: where it lies.
        language: of the page.
    """

    def __init__(self, folder: Path, language: Language) -> None:
        self.folder = folder
        self.language = language
        self.cases = pl.read_csv(folder / "cases.csv", infer_schema=False)
        self.shown: set[tuple[str, str]] = set()

    def page(self) -> str:
        """The page."""
        templates = Environment(
            loader=FileSystemLoader(self.folder), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
        )
        return templates.get_template(f"template.{self.language}.md").render(steps=self.steps, value=self.value)

    def steps(self, *want: str) -> str:
        """A table of the steps that lead to some results and were not shown before with the same value."""
        every = law.explain(self.cases, 1, want).steps
        explained = [step for step in every if (step.name, step.value.en) not in self.shown]
        self.shown |= {(step.name, step.value.en) for step in explained}
        return _table(HEADS[self.language], [self._row(step, step.name in want) for step in explained])

    def value(self, name: str) -> str:
        """A result with its unit."""
        (step,) = law.explain(self.cases, 1, [name]).results
        return step.amount[self.language]

    def _row(self, step: ExplainedStep, wanted: bool) -> list[str]:
        label = step.label[self.language]
        caution = f" *{step.caution[self.language]}*" if step.caution else ""
        why = GIVEN[self.language] if step.kind == "given" else step.how[self.language]
        sources = [step.basis[self.language], step.source[self.language]]
        cited = SEMICOLON[self.language].join(filter(None, sources))
        return [f"**{label}**" if wanted else label, step.amount[self.language], why + caution, cited]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def examples() -> dict[Path, str]:
    """The worked examples."""
    made = {}
    for folder in sorted(path.parent for path in HERE.glob("examples/*/cases.csv")):
        for language in LANGUAGES:
            name = "README.md" if language == "en" else f"README.{language}.md"
            made[folder / name] = Example(folder, language).page()
    return made


def state_of_the_law() -> str:
    """For every parameter, in how many provinces its figure is published, of low confidence, filled in or open."""
    counts: dict[tuple[str, str, str], dict[str, int]] = {}
    for province in provinces():
        for scheme in schemes():
            for row in law.parameters_in_force(scheme, province, ASKED, "en").unique("name").iter_rows(named=True):
                state = counts.setdefault((scheme, row["name"], row["label"]), dict.fromkeys(STATES, 0))
                state[row["state"]] += 1
    rows = [
        [f"`{scheme}`", f"`{name}`", label, *(str(state[one] or "") for one in STATES)]
        for (scheme, name, label), state in sorted(counts.items())
    ]
    table = _table(("Scheme", "Parameter", "What it is", *(one.capitalize() for one in STATES)), rows)
    return (HERE / "reference" / "state-of-the-law.template.md").read_text(encoding="utf-8").replace("{{ table }}", table)


# --- life courses ---------------------------------------------------------------------------------------------------------


def life_courses() -> str:
    """What life courses rest on, reforms that have happened, and the national fund."""
    template = (HERE / "life-courses.template.md").read_text(encoding="utf-8")
    parts = {"assumptions": _assumptions(), "backcasts": _backcasts(), "fund": _national_fund()}
    for name, text in parts.items():
        template = template.replace(f"{{{{ {name} }}}}", text)
    return template


def _assumptions() -> str:
    rows = []
    for name, one in carried_parameters().items():
        if one.entry.span is not None:
            low, high = one.entry.span
            source = documents()[one.entry.source].title.en if one.entry.source else "our own"
            rows.append([f"`{name}`", one.entry.label.en, f"{low:g}", f"{one.yearly[0, -1]:g}", f"{high:g}", source])
    return _table(("Name", "What it is", "Low", "Central", "High", "Rests on"), rows)


BACKCASTS = (
    ("dearer_scheme", None, "significantly fewer migrants in the scheme"),
    ("information", ("age_group", ("under_25", "25_34")), "more, where the premium is low"),
    ("information", ("age_group", ("45_54", "55_over")), "no more"),
    ("half_subsidy", ("platform_worker", ("yes",)), "not markedly more"),
)
"""The reform's file, of whom the result is, and what was found."""


def _backcasts() -> str:
    study = Study(HERE.parent / "studies" / "sample")
    simulator = study.simulator(["age_group", "platform_worker"])
    rows = []
    for name, group, found in BACKCASTS:
        reform = read_reform(HERE / "backcasts" / f"{name}.yaml", study.folder, simulator.base_year)
        made = simulator.compare(reform)
        year = simulator.base_year + 5
        members, whom = None, "all workers"
        if group is not None:
            column, categories = group
            members = [one for category in categories for one in simulator.groups.members(column, category)]
            labels = [study.table.vocabulary[column].categories[category].en for category in categories]
            whom = f"{study.table.vocabulary[column].label.en}: {', '.join(labels)}"
        before = ratio(made.baseline, COVERAGE[0], year, simulator.survey, members).value
        change = difference(made.central, made.baseline, COVERAGE[0], year, simulator.survey, members)
        low, high = made.span(COVERAGE[0], year, members)
        shown = [f"{before:.1%}", f"{change.value * 100:+.1f} ({change.low * 100:+.1f} to {change.high * 100:+.1f})"]
        rows.append([reform.title.en, whom, found, *shown, f"{low * 100:+.1f} to {high * 100:+.1f}"])
    heads = (
        "Reform or trial",
        "Of whom",
        "Found",
        "In the scheme before",
        "Change in points (95 %)",
        "Low to high response",
    )
    return _table(heads, rows)


INSURED = {2019: 270, 2047: 345, 2050: 341}
RETIRED = {2019: 102, 2050: 278}
"""Millions of persons, as the actuarial report has them; straight lines between."""
PAYING = 0.80
INCOME, EXPENDITURE, BALANCE = 5292.0, 4923.0, 5462.0
"""The accounts of 2019, billion yuan."""


def _national_fund() -> str:
    parameters = carried_parameters()
    years = range(2019, 2051)
    insured = np.interp(years, list(INSURED), list(INSURED.values()))
    retired = np.interp(years, list(RETIRED), list(RETIRED.values()))

    def rate(name: str, year: int) -> float:
        return float(parameters[name].yearly[0, year - FIRST_YEAR])

    balance, each_pays, each_gets = BALANCE, INCOME / (insured[0] * PAYING), EXPENDITURE / retired[0]
    rows = []
    for at, year in enumerate(years):
        if at:
            each_pays *= 1 + rate("wage_growth", year)
            # New pensions follow wages, those in payment are indexed: one in twelve is new.
            each_gets *= 1 + rate("wage_growth", year) / 12 + rate("pension_increase", year) * 11 / 12
            balance *= 1 + rate("price_growth", year) + 0.01
        income, paid = each_pays * insured[at] * PAYING, each_gets * retired[at]
        balance += income - paid if at else 0.0
        if year % 5 == 0 or year in (2019, 2027, 2028, 2036, 2044):
            rows.append([str(year), *(f"{one / 1000:.2f}" for one in (income, paid, income - paid, balance))])
    return _table(("Year", "Income", "Expenditure", "Balance of the year", "Fund, trillion yuan"), rows)


def injury() -> str:
    """Arrangements against injury at work, with a table of them."""
    rows = []
    for name in shipped():
        one = find_arrangement(name)
        prices = [_priced(price) for price in one.price]
        counts = ", ".join(each.replace("_", " ") for each in one.covers.circumstances) or "nothing"
        state = one.confidence if one.active else "switched off"
        rows.append([f"`{name}`", one.title.en, one.kind, counts, "; ".join(prices) or "–", state])
    head = ("Name", "Arrangement", "Kind", "What counts", "Price", "Found")
    lacking = [[f"`{name}`", one.lacks.en] for name in shipped() if (one := find_arrangement(name)).lacks is not None]
    assumed = assumptions().injuries_a_million_orders
    parts = {
        "arrangements": _table(head, rows),
        "lacking": _table(("Name", "What it lacks"), lacking),
        "low": f"{assumed.low:g}",
        "central": f"{assumed.value:g}",
        "high": f"{assumed.high:g}",
        "exposure": _exposure(),
    }
    template = (HERE / "injury.template.md").read_text(encoding="utf-8")
    for name, text in parts.items():
        template = template.replace(f"{{{{ {name} }}}}", text)
    return template


PILOT_YEAR, PILOT_WORKERS = 2025, 40_000
"""As in the report."""


def _exposure() -> str:
    """What the pilot spends for an order by what exposes to injury."""
    cases = without_relation(draw_cases(Study(HERE.parent / "studies" / "sample").simulator(), PILOT_YEAR, PILOT_WORKERS))
    pilot = find_arrangement("pilot-2025")
    insured = cases.some(np.flatnonzero(joined(pilot, cases)))
    rows = []
    for exposure in EXPOSURES:
        exposed = exposed_by(exposure, insured)
        found = compare([pilot], exposed)
        injuries, orders = exposed.injury_weight[exposed.injured].sum(), (exposed.orders * exposed.weight).sum()
        rates = [f"{injuries / exposed.weight.sum() * 100:.1f}", f"{injuries / orders * 1e6:.1f}"]
        rows.append([f"`{exposure}`", *rates, f"{found.spent_an_order:.3f}", f"{found.price_an_order:.3f}"])
    head = ("Exposure", "Injuries per 100 workers", "Per million orders", "Spent, yuan an order", "Price, yuan an order")
    return _table(head, rows)


def _priced(price: Price) -> str:
    return f"{_amounts(price)} {price.unit}, {price.payer}" if price.is_known else f"unknown, {price.payer}"


def _amounts(price: Price) -> str:
    if isinstance(price.amount, FromLaw):
        return "the law's"
    if price.amount is not None:
        return f"{price.amount:g}"
    if price.by_risk_class:
        return "the law's rate by risk class,"
    if price.by_order_sector:
        return f"the law's of {price.as_of} by sector,"
    return f"{min(price.by_group.values()):g} to {max(price.by_group.values()):g}"


# --- time limits ----------------------------------------------------------------------------------------------------------


def clocks() -> str:
    """The clocks that come with the programme, and the activities of which they speak."""
    rows = []
    for name, one in shipped_clocks().items():
        entry = one.entry
        title = procedures()[one.procedure].title.en if one.procedure is not None else ""
        found = f"{one.basis.en}; {entry.confidence}; since {entry.since}"
        rows.append([title, f"`{name}`", f"{entry.label.en} / {entry.label.zh}", _runs(one), _length(one), found])
    activities = [
        [f"`{key}`", entry.label.en, entry.label.zh, entry.ending or "", _own_names(key)]
        for key, entry in vocabulary().items()
    ]
    parts = {
        "clocks": _table(("Procedure", "Name", "Clock", "From – until", "Length", "Rests on"), rows),
        "activities": _table(("Activity", "English", "Chinese", "Ending", "What a procedure calls it"), activities),
    }
    template = (HERE / "reference" / "clocks.template.md").read_text(encoding="utf-8")
    for name, text in parts.items():
        template = template.replace(f"{{{{ {name} }}}}", text)
    return template


def _own_names(activity: str) -> str:
    """What procedures call an activity that have a name of their own for it."""
    own = ((name, file.activities.get(activity)) for name, file in procedures().items())
    return "; ".join(f"`{name}`: {label.en} / {label.zh}" for name, label in own if label is not None)


def _runs(clock: Clock) -> str:
    moments = (clock.entry.starts, clock.entry.stops)
    ends = [one.attribute if isinstance(one, Attribute) else ", ".join(one) for one in moments]
    pauses = [f"stands still from {one.since} until {one.until}" for one in clock.entry.pauses]
    return "; ".join([" – ".join(ends), *pauses, *(["each time"] if clock.entry.repeats == "each" else [])])


def _length(clock: Clock) -> str:
    entry = clock.entry
    unit = clock.unit.replace("_", " ")
    said = [f"{entry.length} {unit}"]
    for one in entry.exceptions:
        said.append(f"{one.length} {_when(one.where) if one.where else f'after {one.when}'}")
    said += [_when(entry.where)] if entry.where else []
    said += [f"kept by the {entry.bound}"] if entry.bound != "agency" else []
    return "; ".join([*said, *(["a right"] if entry.optional else [])])


def _when(conditions: Mapping[str, Sequence[object]]) -> str:
    return "where " + " and ".join(f"{name} is {' or '.join(map(str, values[:3]))}" for name, values in conditions.items())


# --- messages of the exchange -----------------------------------------------------------------------------------------


def messages() -> str:
    """What platforms send, and the codes of the answers."""
    described = description()
    parts = [_columns("header", described.header)]
    every = _columns("every record", described.every_record)
    for name, kind in described.kinds.items():
        parts.append(
            f"### `{name}`: {kind.label.en} / {kind.label.zh}\n\n{kind.about.en}\n\n{_columns(name, kind.columns)}"
        )
    rows = [[f"`{code}`", one.level, _said(one.what), _said(one.remedy)] for code, one in sorted(codes().items())]
    listed = _table(("Code", "Level", "What", "What to do"), rows)
    template = (HERE / "reference" / "messages.template.md").read_text(encoding="utf-8")
    found = {
        "version": described.version,
        "header": parts[0],
        "every": every,
        "kinds": "\n\n".join(parts[1:]),
        "codes": listed,
    }
    for name, text in found.items():
        template = template.replace(f"{{{{ {name} }}}}", text)
    return template


def _columns(_name: str, columns: Mapping[str, Column]) -> str:
    rows = []
    for name, column in columns.items():
        kind = ", ".join(f"`{choice}`" for choice in column.choices) or column.type
        kind += f", {column.longest} characters at most" if column.longest else ""
        marks = [column.needed.replace("_", " ")] + (["in clear"] if column.private else [])
        about = f"{column.about.en} / {column.about.zh}" if column.about else ""
        rows.append([f"`{name}`", f"{column.label.en} / {column.label.zh}", kind, "; ".join(marks), about])
    return _table(("Column", "What it is", "Values", "Needed", "About"), rows)


def _said(text: Bilingual) -> str:
    return f"{text.en} / {text.zh}".replace("{{", "{").replace("}}", "}")


def messages_schema() -> str:
    """The description of messages as JSON Schema."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def pages() -> dict[Path, str]:
    """Every calculated page with its text."""
    state = HERE / "reference" / "state-of-the-law.md"
    return {
        **examples(),
        state: state_of_the_law(),
        HERE / "reference" / "clocks.md": clocks(),
        HERE / "reference" / "messages.md": messages(),
        HERE / "reference" / "messages.schema.json": messages_schema(),
        HERE / "life-courses.md": life_courses(),
        HERE / "injury.md": injury(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
