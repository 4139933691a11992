"""The figures of the law in years for which none is published: wages and what hangs on them go on growing.

What is set here is marked as an assumption, so every result that rests on it can say so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path

import numpy as np

from canbao.engine import Parameters
from canbao.engine.parameters import FIRST_YEAR, LAST_YEAR, ValueEntry
from canbao.engine.places import NATION
from canbao.located_yaml import Entry, read

SHIFT = "wage_growth_shift"
SHIFT_FROM = 2027
"""Before it, growth is known or nearly so."""

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Growth = Mapping[str, float]
Dated = dict[str, ValueEntry]


class FollowsFile(Entry):
    """follows.yaml."""

    levels: dict[str, dict[str, float]]
    rates: dict[str, dict[str, float]]
    national: list[str]


GROWTH = ("wage_growth", "price_growth")
"""By what figures go on; a change of these, or of the shift, changes all that follow them."""


def projected(parameters: Parameters, only: Collection[str] | None = None) -> Parameters:
    """The parameters with figures for all years.

    Args:
        parameters: of the law and of life courses, with the growth of wages and prices among them.
        only: the names of those that are to be carried on; None for all that follow some growth.
    """
    follows = read(Path(str(resources.files(__name__) / "follows.yaml")), FollowsFile)
    growth = {name: _growth(parameters, name) for name in GROWTH}
    values: dict[str, dict[str, Dated]] = {}
    for parts_of, carried in ((follows.levels, _level), (follows.rates, _rate)):
        for name, parts in parts_of.items():
            if only is not None and name not in only:
                continue
            yearly = _mixed(growth, parts)
            by_place = {
                place: carried(dated, yearly) for place, dated in {NATION: {}, **parameters[name].entry.values}.items()
            }
            values[name] = {place: dated for place, dated in by_place.items() if dated}
    for name in follows.national if only is None else ():
        dated = parameters[name].entry.values
        values[name] = {place: _everywhere(dated[NATION]) for place in dated if place != NATION}
    return parameters.with_values({name: by_place for name, by_place in values.items() if by_place})


def carried_back(parameters: Parameters) -> Parameters:
    """The parameters with figures for the years before the first published one; later years stay as they are.

    Args:
        parameters: as for `projected`.
    """
    after = projected(parameters)
    follows = read(Path(str(resources.files(__name__) / "follows.yaml")), FollowsFile)
    values: dict[str, dict[str, Dated]] = {}
    for name in (*follows.levels, *follows.rates):
        for place, published in parameters[name].entry.values.items():
            first = min((month for month, one in published.items() if one.value is not None), default="")
            earlier = {month: one for month, one in after[name].entry.values[place].items() if month < first}
            if earlier:
                values.setdefault(name, {})[place] = {**earlier, **published}
    return parameters.with_values(values)


def growing() -> set[str]:
    """The sums of money that grow on from wherever they are set."""
    return set(read(Path(str(resources.files(__name__) / "follows.yaml")), FollowsFile).levels)


def _growth(parameters: Parameters, name: str) -> Floats:
    """The growth in each year from `FIRST_YEAR` on."""
    yearly: Floats = parameters[name].yearly[0].copy()
    if name == "wage_growth":
        yearly[SHIFT_FROM - FIRST_YEAR :] += parameters[SHIFT].yearly[0, SHIFT_FROM - FIRST_YEAR :]
    return yearly


def _mixed(growth: Mapping[str, Floats], parts: Growth) -> Floats:
    mixed: Floats = np.sum([share * growth[name] for name, share in parts.items()], axis=0)
    return mixed


def _level(dated: Mapping[str, ValueEntry], yearly: Floats) -> Dated:
    """A sum of money, carried on from the last figure and back from the first."""
    known = {month: value.value for month, value in sorted(dated.items()) if value.value is not None}
    if not known or all(value == 0 for value in known.values()):
        return {}
    made: Dated = dict(dated)
    (first, value), (last, latest) = next(iter(known.items())), list(known.items())[-1]
    for year in range(int(last[:4]) + 1, LAST_YEAR):
        latest = (latest or 0.0) * (1 + yearly[year - FIRST_YEAR])
        made[f"{year}{last[4:]}"] = _assumed(latest)
    for year in range(int(first[:4]) - 1, FIRST_YEAR - 1, -1):
        value = (value or 0.0) / (1 + yearly[year + 1 - FIRST_YEAR])
        made[f"{year}{first[4:]}"] = _assumed(value)
    return dict(sorted(made.items()))


def _rate(dated: Mapping[str, ValueEntry], yearly: Floats) -> Dated:
    """A yearly rate in every year for which none is published."""
    known = {month: value for month, value in dated.items() if value.value is not None}
    published = {int(month[:4]) for month in known}
    assumed = {
        f"{year}-01": _assumed(float(yearly[year - FIRST_YEAR]))
        for year in range(FIRST_YEAR, LAST_YEAR)
        if year not in published
    }
    return {**assumed, **known}


def _everywhere(dated: Mapping[str, ValueEntry]) -> Dated:
    """The nation's figures as an assumption on a place."""
    since_ever = {f"{FIRST_YEAR}-01": next(iter(dated.values())), **dated}
    return {month: one.model_copy(update={"confidence": "assumption"}) for month, one in since_ever.items()}


def _assumed(value: float) -> ValueEntry:
    return ValueEntry.model_construct(
        value=float(value), table=None, basis=None, source=None, confidence="assumption", note=None
    )
