"""Canbao's part."""

import json
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numba.core.registry import cpu_target

from benchmarks.careers import rules
from benchmarks.careers.measure import measure
from benchmarks.careers.population import FIRST_YEAR, LAST_YEAR
from canbao.engine import Kind, Model, Parameters, Places, Timeline, rules_in

folder = Path(sys.argv[1])
population = dict(np.load(folder / "population.npz"))
figures = dict(np.load(folder / "parameters.npz"))
workers = len(population["place"])
# Place 0 of the engine is the nation.
columns = {
    **population,
    "place": population["place"] + 1,
    "retirement_month": np.full(workers, LAST_YEAR * 12 + 11, dtype=np.int32),
}


@cache
def law() -> Model:
    """The rules with the figures as a parameter file gives them."""
    places = Places({f"{at:02d}": "all" for at in range(len(figures["average_wage"]))})
    about = {"label": {"en": "–", "zh": "–"}, "unit": "–", "confidence": "assumption"}
    entries = {}
    for name in ("average_wage", "floor", "ceiling", "contribution_rate", "interest"):
        by_place = {
            place: {str(FIRST_YEAR + at): float(one) for at, one in enumerate(row)}
            for place, row in zip(places.parents, figures[name], strict=True)
        }
        entries[name] = {**about, "values": by_place}
    reference = zip(places.parents, figures["reference_wage"], strict=True)
    entries["reference_wage"] = {**about, "values": {place: {str(LAST_YEAR): float(one)} for place, one in reference}}
    months = {str(age): float(one) for age, one in enumerate(figures["divisor"]) if one == one}
    entries["divisor"] = {**about, "values": {str(FIRST_YEAR): months}}
    path = folder / "parameters.yaml"
    path.write_text(json.dumps(entries), encoding="utf-8")
    kinds = {"retirement_month": Kind("month"), "retirement_age": Kind("int"), "entry_year": Kind("int")}
    kinds |= {"relative_wage": Kind("float"), "seniority_slope": Kind("float")}
    life = Timeline({"retirement": "retirement_month"})
    return Model(rules_in(vars(rules)), Parameters.read([path], places), places, life, kinds)


# Numba imports much of itself only when the first kernel is loaded.
cpu_target.target_context.refresh()
measure(
    folder,
    "canbao",
    f"Canbao {version('canbao')}",
    lambda: law().run(columns, ["pension"], years=(FIRST_YEAR, LAST_YEAR))["pension"],
)
