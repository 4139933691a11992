"""The years of a life parted into stretches in which the same rules hold, each with what has to be computed in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from canbao.engine.plan import FIXED, YEAR, Key, Plan
from canbao.engine.rule import Rule


@dataclass(frozen=True)
class Stretch:
    """Some years of a life.

    Args:
        phase: of life that they are; None where the phase is asked about every year.
        closed_by: they end with the year in which the first of these events happens; none where they last to the end.
        keys: what is computed in them.
    """

    phase: str | None
    closed_by: tuple[str, ...]
    keys: Collection[Key]

    def holds(self, variant: Rule) -> bool:
        """Whether a variant can hold in these years."""
        return variant.during is None or self.phase is None or variant.during == self.phase


def stretches_of(plan: Plan, wanted: Iterable[str], *, whole: bool = False) -> list[Stretch]:
    """The stretches in order; a single one where phases make no difference, or end nobody knows when.

    What neither a result nor a later year asks for is left out: of the retired nobody need know the job.

    Args:
        plan: what is computed.
        wanted: the results that are asked for.
        whole: whether everything shall be computed in every year all the same.
    """
    ends = [] if whole else _ends(plan)
    if not ends:
        return [Stretch(None, (), [*plan.nodes])]
    results = {key for name in wanted if (key := plan.wanted[name])[1] == YEAR}
    stretches: list[Stretch] = []
    carried: set[Key] = set()
    for phase, closed_by in reversed(ends):
        roots = {*results, *carried, *_at_events(plan, phase)}
        needed = _needed(plan, phase, roots)
        carried |= {key for key in needed if plan.nodes[key].kind == "state"}
        stretches.insert(0, Stretch(phase, closed_by, needed))
    return stretches


def _ends(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """The phases that there are, with the events that end them; nothing where it is not known beforehand when."""
    timeline = plan.timeline
    named = {one.during for node in plan.nodes.values() for one in node.variants if one.during is not None}
    bounds = {event for phase in named for event in (*timeline.opened_by(phase), *timeline.closed_by(phase))}
    if any(plan.events[event][1] != FIXED for event in bounds & set(plan.events)):
        return []
    known = bounds & set(plan.events) - {timeline.closes}
    ends: list[tuple[str, tuple[str, ...]]] = []
    for phase in timeline.phases if known else ():
        closed_by = tuple(event for event in timeline.closed_by(phase) if event in known)
        ends.append((phase, closed_by))
        if not closed_by:
            break
    return ends


def _at_events(plan: Plan, phase: str) -> set[Key]:
    """What is computed at events that can happen in a phase: not at the one with which the phase before it ended."""
    phases = list(plan.timeline.phases)
    before = plan.timeline.phases[phases[phases.index(phase) - 1]] if phase != phases[0] else None
    return {key for key in plan.nodes if key[1] in plan.events and key[1] != before}


def _needed(plan: Plan, phase: str, roots: Iterable[Key]) -> set[Key]:
    """Roots and all that they need in a phase; what was computed at an event of an earlier one is there."""
    needed: set[Key] = set()
    waiting = list(roots)
    events = {key for key in waiting if key[1] in plan.events}
    while waiting:
        key = waiting.pop()
        if key in needed or key[1] == FIXED or (key[1] in plan.events and key not in events):
            continue
        needed.add(key)
        node = plan.nodes[key]
        if node.kind == "state":
            waiting.append(plan.this_year(node))
        for variant in node.variants:
            if variant.during in (None, phase):
                waiting += [node.needs[name] for name in variant.arguments]
    return needed
