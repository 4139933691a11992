"""Assumptions that somebody sets at an end of their span, or at a figure of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from canbao.careers import carried_parameters
from canbao.engine.parameters import FIRST_YEAR
from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.reforms.reform import assumption_names
from canbao.reforms.simulation import LEVELS, RESPONSES, Level

say = Catalogue("canbao.reforms", "words")

FROM_NOW_ON = 2027
"""The year whose figure of an assumption is told, where it changes over time."""


@dataclass(frozen=True)
class Assumption:
    """An assumption with its span.

    Args:
        name: of the parameter.
        label: what it is.
        ends: its value at each level.
        response: whether it says how people respond to a reform.
    """

    name: str
    label: Words
    ends: Mapping[Level, float]
    response: bool


@cache
def spanned() -> Mapping[str, Assumption]:
    """All assumptions that have a span, by name; those on how people respond come first."""
    known = carried_parameters()
    names = [one for one in assumption_names() if not known[one].is_table]
    found = {}
    for name in [*RESPONSES, *(one for one in names if one not in RESPONSES)]:
        entry = known[name].entry
        low, high = entry.span or (0.0, 0.0)
        central = float(known[name].yearly[0, FROM_NOW_ON - FIRST_YEAR])
        ends: dict[Level, float] = {"low": low, "central": central, "high": high}
        found[name] = Assumption(name, entry.label.words, ends, name in RESPONSES)
    return found


def assumed(levels: Mapping[str, str]) -> tuple[tuple[str, float], ...]:
    """The values of assumptions that somebody sets.

    Args:
        levels: by name `low`, `central` or `high`, or a number; central ones are left as they are.

    Raises:
        InputError: there is no such assumption, or the value is neither a level nor a number within twice the span.
    """
    faults, values = [], []
    for name, said in levels.items():
        if name not in spanned():
            faults.append(Fault(say("no_response", name=name), remedy=did_you_mean(name, spanned())))
            continue
        ends = spanned()[name].ends
        value = _value(said, ends)
        width = ends["high"] - ends["low"]
        low, high = (ends["low"] - width if ends["low"] < 0 else max(0.0, ends["low"] - width)), ends["high"] + width
        if value is None or not low <= value <= high:
            faults.append(Fault(say("out_of_range", name=name, value=said, low=f"{low:g}", high=f"{high:g}")))
        elif said != "central":
            values.append((name, value))
    raise_all(faults)
    return tuple(values)


def _value(said: str, ends: Mapping[Level, float]) -> float | None:
    for level in LEVELS:
        if said == level:
            return ends[level]
    try:
        return float(said)
    except ValueError:
        return None
