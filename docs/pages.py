"""Writes the pages that are calculated: no figure and no article in them is typed.

    python docs/pages.py        # or `make docs`

Of the worked examples a folder holds `cases.csv` and a template in each language; the pages lie beside them. In a
template `steps("a", "b")` is a table of all that leads to these results and was not shown before, and `value("a")` a
result in a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from canbao import law
from canbao.languages import LANGUAGES, Language
from canbao.law.explanation import ExplainedStep
from canbao.law.lawbook import provinces, schemes

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


def pages() -> dict[Path, str]:
    """Every calculated page with its text."""
    return {**examples(), HERE / "reference" / "state-of-the-law.md": state_of_the_law()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
