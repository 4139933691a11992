"""Synthetic logs of the models that come with the programme, for demonstration and for tests."""

from __future__ import annotations

import numpy as np

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.procedures.event_log import EventLog
from canbao.procedures.simulation.cases import arriving
from canbao.procedures.simulation.compilation import CompiledModel
from canbao.procedures.simulation.process_model import ProcessModel, find_model
from canbao.procedures.simulation.run import run_cases

say = Catalogue("canbao.procedures.simulation", "words")

MOST_CASES, LONGEST = 2_000_000, 3_650
MINUTE = 60


def sample_log(name: str | ProcessModel, cases: int = 1_500, seed: int = 7) -> EventLog:
    """A synthetic log: so many cases, drawn when the last of them has arrived, so that some are still open.

    Times are in whole minutes, as offices record them.

    Args:
        name: of a model that comes with the programme, or a model.
        cases: how many arrive.
        seed: of all draws.

    Raises:
        InputError: there is no such model, or so many cases do not arrive within ten years.
    """
    model = find_model(name) if isinstance(name, str) else name
    if not 1 <= cases <= MOST_CASES:
        fault = say("outside", value=str(cases), low="1", high=str(MOST_CASES))
        raise InputError(Fault(fault, Place(field="cases")))
    days = 30
    while len((found := arriving(model, days, seed)).arrival) < cases:
        if days >= LONGEST:
            raise InputError(Fault(say("too_few_cases", cases=str(cases)), Place(field="cases"), say("no_cases_remedy")))
        days = min(2 * days, LONGEST)
    found = found.only(np.arange(len(found.arrival)) < cases)
    made = run_cases(CompiledModel(model, days), found)
    title = name if isinstance(name, str) else model.title.en
    return made.log(title, float(found.arrival[-1]), MINUTE)
