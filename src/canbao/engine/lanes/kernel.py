"""Writes the kernel that goes through sixteen workers at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from canbao.engine.kinds import UNKNOWN
from canbao.engine.lanes.nodes import LaneNodes
from canbao.engine.node_source import COLUMN, OF_YEAR, every_year, is_event_month, variable_of
from canbao.engine.parameters import FIRST_YEAR, Parameters
from canbao.engine.places import Places
from canbao.engine.plan import FIXED, Key, Node, Plan
from canbao.engine.request import Request
from canbao.engine.source import BLOCK, LIFE, KernelSource
from canbao.engine.stretches import Stretch, stretches_of

HEADER = '''\
"""A kernel of Canbao's engine, for several workers at once: {wanted}.

Made from the rules that stand below; do not edit, it is named by the hash of its text. What it calls has the hash {lanes}.
"""

from math import ceil, exp, floor, isnan, isfinite, log, nan, sqrt

import numpy as np
from numba import njit

from canbao.engine.lanes import operations as lanes
from canbao.engine.lanes.operations import entry, entry_of_place_and_year

UNKNOWN = {unknown}
FIRST_YEAR = {first_year}
FIRST_MONTH = FIRST_YEAR * 12
BLOCK = {block}
'''

CALLED = ("vectors.py", "arithmetic.py", "memory.py", "../draws.py")
"""What a kernel calls: with another text of theirs it is another kernel."""


def goes_in_lanes(plan: Plan, request: Request) -> bool:
    """Whether a kernel of lanes can be written: for totals over lives whose events are known beforehand."""
    return (
        plan.has_years
        and bool(request.totals)
        and not (request.panel or request.cautions or plan.by_month)
        and all(moment == FIXED for _, moment in plan.events.values())
    )


def write_lane_kernel(plan: Plan, request: Request, parameters: Parameters, places: Places) -> KernelSource:
    """The kernel of a plan.

    Args:
        plan: what is computed; it must go in lanes.
        request: what the run shall bring back.
        parameters: of the law.
        places: all places.
    """
    return _LaneWriter(plan, request, parameters, places).write()


class _LaneWriter:
    def __init__(self, plan: Plan, request: Request, parameters: Parameters, places: Places) -> None:
        self.plan = plan
        self.request = request
        self.nodes = LaneNodes(plan, request, parameters, places)
        self.stretches = stretches_of(plan, request.names)
        yearly = [key for name in request.values if self._is_yearly(plan.nodes[key := plan.wanted[name]])]
        self.latest: dict[Key, str] = {key: self.nodes.free_name(f"latest_{variable_of(key)}") for key in yearly}

    def write(self) -> KernelSource:
        body = self._body()
        nodes = self.nodes
        called = b"".join((Path(__file__).parent / name).read_bytes() for name in CALLED)
        header = HEADER.format(
            wanted=", ".join(self.plan.wanted),
            lanes=hashlib.sha256(called).hexdigest()[:20],
            unknown=UNKNOWN,
            first_year=FIRST_YEAR,
            block=BLOCK,
        )
        constants = "".join(f"{name} = {value!r}\n" for name, value in nodes.constants.items())
        taken = ["begin", "end", "first_year", "last_year", "seed", "worker_ids", "places", "wrong", *nodes.arguments]
        kernel = "\n".join(
            [
                '@njit(cache=True, nogil=True, error_model="numpy")',
                "def run(",
                *(f"    {one}," for one in taken),
                "):",
                '    """Some of the workers."""',
                *(f"    {line}" for line in body),
            ]
        )
        functions = [header + ("\n" + constants if constants else ""), *nodes.texts]
        text = "\n\n".join(part.strip("\n") + "\n" for part in [*functions, kernel])
        return KernelSource(text, tuple(nodes.arguments.values()), ())

    # --- the loops ------------------------------------------------------------------------------------------------------

    def _body(self) -> list[str]:
        """All workers; what is gathered in their lanes is put down when those who follow belong to other groups."""
        once, years, results = self._once(), self._years(), self._results()
        group = self.nodes.argument("group", "worker")
        weights = self.nodes.argument("weight", "worker") if self.request.weighted else None
        weight = [f"weight = lanes.read({weights}, worker, end)"] if weights else []
        totals = [self.nodes.argument("totals", name) for name in self.request.totals]
        several = [
            *self._guard(),
            "worker_id = lanes.read_words(worker_ids, worker, end)",
            "inside = lanes.lane_numbers() < end - worker",
            *weight,
            f"if lanes.differ({group}, worker, end, groups):",
            "    lanes.put_down(gathered, groups, sums, since)",
            f"    lanes.note({group}, worker, end, groups)",
            "    since = gathered.shape[0]",
            *once,
            *years,
            *results,
        ]
        return [
            "block = begin // BLOCK",
            f"sums = np.zeros(({len(totals)}, {totals[0]}.shape[1], {totals[0]}.shape[2]))",
            f"gathered = np.zeros(({totals[0]}.shape[1], {len(totals)}, lanes.LANES))",
            "groups = np.zeros(lanes.LANES, dtype=np.int64)",
            "since = gathered.shape[0]",
            "for worker in range(begin, end, lanes.LANES):",
            *(f"    {line}" for line in several),
            "lanes.put_down(gathered, groups, sums, since)",
            *(f"{name}[block] = sums[{number}]" for number, name in enumerate(totals)),
        ]

    def _guard(self) -> list[str]:
        """Where one has an impossible cell all are left out and it is noted, before anything is looked up by it."""
        possible = " & ".join(self.nodes.possible("one"))
        return [
            "possible = True",
            "for one in range(worker, min(worker + lanes.LANES, end)):",
            f"    possible &= {possible}",
            "if not possible:",
            "    wrong[worker // BLOCK] = 1",
            "    continue",
        ]

    def _once(self) -> list[str]:
        """What is done once a worker; of events nothing is known until they happen."""
        lines: list[str] = []
        for node in self.plan.nodes.values():
            if not self._in_loop(node):
                lines += self.nodes.lines(node, LIFE)
            elif node.kind == "rule" and self._is_at_event(node):
                lines.append(f"{variable_of(node.key)} = lanes.numbers_of(nan)")
        return lines + [f"{name} = lanes.numbers_of(nan)" for name in self.latest.values()]

    def _years(self) -> list[str]:
        """The loops over years, one for each stretch of them, from the first to the last of any worker."""
        timeline = self.plan.timeline
        opens, closes = "first_year", "last_year"
        if timeline.opens:
            opens = f"lanes.greatest(first_year, {self.nodes.first_year_of([timeline.opens])})"
        if timeline.closes:
            closes = f"lanes.least(last_year, {self.nodes.first_year_of([timeline.closes])})"
        lines = [f"opens = lanes.numbers_of({opens})", f"closes = lanes.numbers_of({closes})"]
        lines.append("since = min(since, lanes.lowest(opens) - first_year)")
        for stretch in self.stretches:
            closed_by = stretch.closed_by
            until = f"lanes.least(closes, {self.nodes.first_year_of(closed_by)})" if closed_by else "closes"
            lines += [f"until = {until}", "for year in range(lanes.lowest(opens), lanes.highest(until) + 1):"]
            lines += self._year(stretch)
            if closed_by:
                lines.append("opens = lanes.greatest(opens, until + 1)")
        return lines

    def _year(self, stretch: Stretch) -> list[str]:
        """What is done in every year of a stretch; it counts for those who are in it."""
        lines = [OF_YEAR, "here = lanes.both(inside, lanes.both(opens <= year, until >= year))"]
        kept = set(stretch.keys)
        event: str | None = None
        for node in self.plan.nodes.values():
            if node.key not in kept or not self._in_loop(node):
                continue
            made = self.nodes.lines(node, stretch)
            if self._is_at_event(node):
                if node.moment != event:
                    lines += [f"now = lanes.both(here, year_at_{node.moment} == year)", "if lanes.some(now):"]
                event = node.moment
                lines += [f"    {self._changed('now', line)}" for line in made]
            else:
                event = None
                lines += made
        states = [node for node in self.plan.nodes.values() if node.kind == "state" and node.key in kept]
        lines += self._totals(stretch)
        lasting = {variable_of(one.key): self.plan.this_year(one) for one in states}
        lasting |= {name: key for key, name in self.latest.items() if key in kept}
        lines += [self._changed("here", f"{name} = {variable_of(key)}") for name, key in lasting.items()]
        return [f"    {line}" for line in lines]

    @staticmethod
    def _changed(whose: str, line: str) -> str:
        """An assignment that holds for some."""
        name, _, value = line.partition(" = ")
        return f"{name} = lanes.select({whose}, {value}, {name})"

    def _totals(self, stretch: Stretch) -> Iterable[str]:
        times = " * weight" if self.request.weighted else ""
        for number, name in enumerate(self.request.totals):
            node = self.plan.nodes[self.plan.wanted[name]]
            if not node.variants or any(stretch.holds(one) for one in node.variants):
                amount = f"lanes.select(here, {variable_of(node.key)}{times}, 0.0)"
                yield f"lanes.add(gathered, {COLUMN}, {number}, {amount})"

    def _in_loop(self, node: Node) -> bool:
        return every_year(self.plan, node)

    def _is_yearly(self, node: Node) -> bool:
        return self._in_loop(node) and not self._is_at_event(node)

    def _is_at_event(self, node: Node) -> bool:
        return node.moment in self.plan.events and not is_event_month(node)

    def _results(self) -> list[str]:
        lines = []
        for name in self.request.values:
            node = self.plan.nodes[self.plan.wanted[name]]
            call = "write" if node.value.is_float else "write_whole"
            value = self.latest.get(node.key, variable_of(node.key))
            lines.append(f"lanes.{call}({self.nodes.argument('output', name)}, worker, end, {value})")
        return lines
