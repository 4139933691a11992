"""What chapters of simulated results share: the simulator, indicators by name, and cells with their intervals.

Simulated results carry two uncertainties, and they are kept apart: the interval says how far another sample would have led,
the span what other responses would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from canbao.chapters.document import Block, Cell, Interval, Section
from canbao.chapters.findings import Findings, paragraph
from canbao.languages import Catalogue, Form, Number, Words
from canbao.reforms import INDICATORS, Indicator, Simulator
from canbao.reforms.population import NEEDED
from canbao.reforms.results import Ratio
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.chapters", "simulated")

Writer = Callable[[Findings], Sequence[Block]]

COMPARED = 2045
"""The year in which options are compared: those who begin under them are halfway through their working lives."""


def simulator_of(findings: Findings) -> Simulator:
    """The simulator of a study that asks for simulations."""
    assert findings.simulator is not None
    return findings.simulator


def written_once(
    findings: Findings, name: str, say: Catalogue, parts: Mapping[str, Writer], kept: WeakKeyDictionary[Simulator, Section]
) -> Section:
    """A chapter of simulated results.

    A report is drawn up twice, to learn which cells of the survey must be hidden; nothing here depends on that.

    Args:
        findings: the study.
        name: of the chapter.
        say: its words; `title`, `lead` and the title of each part are among them.
        parts: in order; one that has nothing to say is left out.
        kept: what was written before.
    """
    simulator = simulator_of(findings)
    if simulator not in kept:
        written = {key: tuple(write(findings)) for key, write in parts.items()}
        sections = tuple(Section(key, say(f"title_{key}"), blocks) for key, blocks in written.items() if blocks)
        kept[simulator] = Section(name, say("title"), (paragraph(say("lead")),), sections)
    return kept[simulator]


def needed_columns(findings: Findings) -> tuple[str, ...]:
    """The columns without which nothing is simulated."""
    return tuple("age" if name == "birth_month" and findings.has("age") else name for name in NEEDED)


def indicator(name: str) -> Indicator:
    """An indicator by its name."""
    return next(one for one in INDICATORS if one.name == name)


def estimated(row: Mapping[str, Any] | None, form: Form) -> Cell:
    """A row of the survey's estimators as a cell."""
    if row is None or row["estimate"] is None:
        return Cell()
    if row["n"] < SMALLEST_BASE:
        return Cell(None, "suppressed")
    limits = Interval(row["low"], row["high"], form) if row["se"] else None
    return Cell(Number(row["estimate"], form), None, limits)


def form_of(one: Indicator) -> Form:
    """How an indicator is printed."""
    return "count" if one.real else "percent"


def ratio_cell(found: Ratio, form: Form) -> Cell:
    """A simulated ratio with its interval."""
    if not np.isfinite(found.value):
        return Cell()
    limits = Interval(found.low, found.high, form) if np.isfinite(found.low) and found.low < found.high else None
    return Cell(Number(found.value, form), None, limits)


def assumptions_note() -> Words:
    """Where the assumptions of a chart stand."""
    return say("assumptions_note")


def interval_note() -> Words:
    """What stands beneath results."""
    return say("interval_note")
