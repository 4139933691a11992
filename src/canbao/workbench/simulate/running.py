"""Runs many workers in a process of its own: `python -m canbao.workbench.simulate.running FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from django.http import QueryDict

from canbao.chapters.options import fund_by_year
from canbao.errors import Fault, InputError
from canbao.languages import LANGUAGES, Catalogue, Words
from canbao.reforms import BASELINE, Reform, Simulator
from canbao.reforms.simulation import LEVELS
from canbao.study import Study
from canbao.workbench.background import told, write_state
from canbao.workbench.pages.page import printed
from canbao.workbench.simulate.answer import cards, cards_table, first_blocks, people_and_money
from canbao.workbench.simulate.asked import YEARS, asked_of
from canbao.workbench.simulate.runs import CANCEL
from canbao.workbench.simulate.simulators import findings_of, focused

say = Catalogue("canbao.workbench.simulate", "words")

STEPS = 2 * len(LEVELS)
"""The law as it stands and the reform, each under every level of response."""


def main(folder: Path) -> None:
    """Run, telling each step."""
    with told(folder):
        _run(folder)


def _run(folder: Path) -> None:
    question = json.loads((folder / "question.json").read_text(encoding="utf-8"))
    asked, study = asked_of(QueryDict(question["query"])), Study(question["study"])
    done = 0

    def progress(step: Words) -> None:
        if (folder / CANCEL).exists():
            raise InputError(Fault(say("cancelled")))
        write_state(folder, "working", say("run_step", step=step, number=str(done + 1), steps=str(STEPS)))

    simulator = focused(study, question["workers"]).assuming(asked.assumptions)
    simulator.progress = progress
    reform = asked.at.reform()
    for level in LEVELS:
        for law in (BASELINE, reform):
            simulator.outcome(law, level)
            done += 1
    _write(folder, study, simulator, reform)


def _write(folder: Path, study: Study, simulator: Simulator, reform: Reform) -> None:
    """The answer for each year in each language."""
    comparison = simulator.compare(reform, BASELINE)
    everything = [*people_and_money(comparison, YEARS), *fund_by_year(findings_of(study, simulator, [reform]))]
    for year in YEARS:
        blocks = [cards_table(cards(comparison, year), year), *first_blocks(simulator, comparison, year), *everything]
        for language in LANGUAGES:
            path = folder / f"answer.{year}.{language}.html"
            path.write_text(printed(blocks, language), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
