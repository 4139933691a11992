"""The study's workers, ready to be run: made once a process, under each set of assumptions that is asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import RLock

from canbao.chapters.estimates import Estimator
from canbao.chapters.findings import Findings
from canbao.chapters.options import by_platform
from canbao.reforms import BASELINE, Reform, Simulator
from canbao.study import Study
from canbao.workbench.pages.study import opened
from canbao.workbench.project.place import study_folder

MOST_KEPT, MOST_ASSUMED = 12, 3
"""Outcomes of one simulator, some 25 MB each; and sets of assumptions whose outcomes are kept."""

one_at_a_time = RLock()
"""Whoever runs lives holds it: the kernel uses all cores."""

_simulators: OrderedDict[tuple[Path, tuple[tuple[str, float], ...]], Simulator] = OrderedDict()


def simulator_for(assumptions: Sequence[tuple[str, float]] = ()) -> Simulator:
    """The simulator of the study that is shown, in its focus groups."""
    folder = study_folder()
    key, plain = (folder, tuple(assumptions)), (folder, ())
    with one_at_a_time:
        if plain not in _simulators:
            _simulators[plain] = focused(opened(folder))
        if key not in _simulators:
            _simulators[key] = _simulators[plain].assuming(assumptions)
        _simulators.move_to_end(key)
        for old in [one for one in _simulators if one not in (key, plain)][: max(0, len(_simulators) - MOST_ASSUMED)]:
            del _simulators[old]
        return _simulators[key]


def focused(study: Study, workers: int | None = None) -> Simulator:
    """A study's simulator in its focus groups."""
    named = {column.name for column in study.table.columns if column.is_categorical}
    return study.simulator([name for name in study.settings.focus_groups if name in named], workers)


def forget_old(simulator: Simulator) -> None:
    """Let outcomes go beyond those that somebody may soon ask for again."""
    simulator.forget(MOST_KEPT)
    by_platform(simulator).forget(MOST_KEPT)


def findings_of(study: Study, simulator: Simulator, reforms: Sequence[Reform]) -> Findings:
    """A study with simulated reforms, as the report's chapters take it."""
    estimator = Estimator(study.designs, study.table.vocabulary)
    return Findings(study.settings, study.table, estimator, simulator=simulator, reforms=tuple(reforms))


def warm() -> None:
    """Run the law as it stands before anybody asks, so that nobody waits for it."""
    with one_at_a_time:
        simulator_for().compare(BASELINE)
