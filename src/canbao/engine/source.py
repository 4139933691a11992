"""Writes the kernel: one self-contained, readable Python file for Numba, in which every rule stands as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from canbao.engine.draws import KERNEL_SOURCE as DRAWS
from canbao.engine.kinds import UNKNOWN
from canbao.engine.node_source import (
    COLUMN,
    OF_YEAR,
    Argument,
    NodeWriter,
    every_year,
    is_event_month,
    nothing,
    unknown_test,
    variable_of,
)
from canbao.engine.parameters import FIRST_YEAR, Parameters
from canbao.engine.places import Places
from canbao.engine.plan import FIXED, Key, Node, Plan
from canbao.engine.request import Machine, Request
from canbao.engine.stretches import Stretch, stretches_of

HEADER = '''\
"""A kernel of Canbao's engine: {wanted}.

Made from the rules that stand below; do not edit, it is named by the hash of its text.
"""

from math import ceil, exp, floor, isfinite, isnan, log, nan, sqrt

import numpy as np
from numba import {numba}

UNKNOWN = {unknown}
FIRST_YEAR = {first_year}
FIRST_MONTH = FIRST_YEAR * 12
BLOCK = {block}


@njit
def entry(table, index):
    """A table's entry; NaN outside its range."""
    if index < 0 or index >= table.shape[0]:
        return nan
    return table[int(index)]


@njit
def entry_of_place_and_year(figures, place, year):
    """A parameter's figure at any place and year; NaN outside its range."""
    column = year - FIRST_YEAR
    if place < 0 or place >= figures.shape[0] or column < 0 or column >= figures.shape[1]:
        return nan
    return figures[int(place), int(column)]


@njit
def figure(figures, place, month):
    """A parameter's figure in a month; NaN outside its range: a month before it is a huge number without a sign."""
    column = np.uint64(np.int64(month - FIRST_MONTH))
    return figures[place, column] if column < figures.shape[1] else nan


@njit
def caution(cautions, place, month):
    """What to beware of in a month's figure; nothing outside its range."""
    column = np.uint64(np.int64(month - FIRST_MONTH))
    return cautions[place, column] if column < cautions.shape[1] else np.uint8(0)


@njit
def row_of(tables, rows, place, month):
    """Which table holds in a month; the last one is empty."""
    column = np.uint64(np.int64(month - FIRST_MONTH))
    return rows[place, column] if column < rows.shape[1] else tables.shape[0] - 1
'''

PUT_DOWN = '''\
@njit
def put_down(sums, at, total):
    """One of the sums of a block, where it belongs."""
    for year in range(sums.shape[0]):
        for group in range(sums.shape[1]):
            total[year, group] = sums[year, group, at]
'''

BLOCK = 65_536
"""Totals are added up within blocks of so many workers, then over blocks in order, so that threads change no digit."""


@dataclass(frozen=True)
class KernelSource:
    """A kernel's text and what it takes.

    Args:
        text: the file.
        arguments: the arrays in order.
        cautious: the parameters that have something to beware of, in the order of the columns that say so.
        machine: for which it is written.
    """

    text: str
    arguments: tuple[Argument, ...]
    cautious: tuple[str, ...]
    machine: Machine = "threads"

    @property
    def digest(self) -> str:
        """The hash by which the file is named."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:20]


def write_kernel(
    plan: Plan, request: Request, parameters: Parameters, places: Places, machine: Machine = "threads"
) -> KernelSource:
    """The kernel of a plan."""
    return _Writer(plan, request, parameters, places, machine).write()


LIFE = Stretch(None, (), ())
"""The whole of it: of what is computed once, every variant can hold."""


class _Writer:
    def __init__(self, plan: Plan, request: Request, parameters: Parameters, places: Places, machine: Machine) -> None:
        self.on_gpu = machine == "cuda"
        self.machine = machine
        self.plan = plan
        self.request = request
        self.places = places
        self.last = plan.ends_with if plan.has_years and not (request.panel or request.totals) else None
        self.needed_at_last = {
            key for node in plan.nodes.values() if self.last and node.moment == self.last for key in node.needs.values()
        }
        self.all_at_last = self._is_all_at_last()
        self.leave = "return" if self.on_gpu else "continue"
        self.nodes = NodeWriter(
            plan, request, parameters, places, last=self.last, all_at_last=self.all_at_last, leave=self.leave
        )
        # Where the event beyond which nothing is asked about is known, years end with it anyway.
        self.stretches = stretches_of(plan, request.names, whole=self.last is not None or request.cautions)

    def _is_all_at_last(self) -> bool:
        """Whether nothing is asked about those whose event, known beforehand, lies outside of the years."""
        if self.last is None or self.request.cautions or self.plan.events[self.last][1] != FIXED:
            return False
        return all(self.plan.wanted[name][1] == self.last for name in self.request.values)

    def write(self) -> KernelSource:
        body = self._body()
        nodes = self.nodes
        names = ", ".join([*self.plan.wanted])
        numba = "cuda" if self.on_gpu else "njit"
        header = HEADER.format(wanted=names, unknown=UNKNOWN, first_year=FIRST_YEAR, block=BLOCK, numba=numba)
        constants = "".join(f"{name} = {value!r}\n" for name, value in nodes.constants.items())
        arguments = "".join(f"    {name},\n" for name in nodes.arguments)
        # Threads each call it for a part of the workers, without Python's lock: Numba's own threads would have the kernel
        # compiled several times over.
        compiled = "@cuda.jit(cache=True)" if self.on_gpu else '@njit(cache=True, nogil=True, error_model="numpy")'
        whom, said = ("workers", "One worker a thread.") if self.on_gpu else ("begin,\n    end", "Some of the workers.")
        kernel = (
            f"{compiled}\n"
            f"def run(\n    {whom},\n    first_year,\n    last_year,\n    seed,\n    worker_ids,\n    places,\n    wrong,\n"
            f"{arguments}):\n"
            f'    """{said}"""\n' + "".join(f"    {line}\n" if line else "\n" for line in body)
        )
        draws = [DRAWS] if any(node.kind == "draw" for node in self.plan.nodes.values()) else []
        sums = [PUT_DOWN] if self.request.totals and not self.on_gpu else []
        functions = [header + ("\n" + constants if constants else ""), *draws, *sums, *nodes.texts]
        if self.on_gpu:
            functions = [_for_gpu(one) for one in functions]
        text = "\n\n".join(part.strip("\n") + "\n" for part in [*functions, kernel])
        return KernelSource(text, tuple(nodes.arguments.values()), tuple(nodes.cautious), self.machine)

    # --- the loops ------------------------------------------------------------------------------------------------------

    def _body(self) -> list[str]:
        once, at_last, years = self._once(), self._at_last(), self._years()
        one = [*self._guard(), *self._read_once(), *once, *years]
        if self.all_at_last:
            one += at_last
        elif self.last:
            one.append(f"if first_year <= year_at_{self.last} <= last_year:")
            one += [f"    {line}" for line in at_last]
        one += self._results()
        if self.on_gpu:
            # A thread for each worker. A loop over workers would be unrolled, and its code be four times as long.
            return ["worker = cuda.grid(1)", "if worker >= workers:", "    return", *one]
        loop = ["for worker in range(np.uint64(begin), np.uint64(end)):", *(f"    {line}" for line in one)]
        if not self.request.totals:
            return loop
        # Totals are added up within each block, whichever thread has it; those of a year and group stand side by side.
        totals = [self.nodes.argument("totals", name) for name in self.request.totals]
        return [
            "block = begin // BLOCK",
            f"sums = np.zeros(({totals[0]}.shape[1], {totals[0]}.shape[2], {len(totals)}))",
            *loop,
            *(f"put_down(sums, {at}, {name}[block])" for at, name in enumerate(totals)),
        ]

    def _read_once(self) -> list[str]:
        """What is asked of a worker every year; a loop that writes would read it anew each time."""
        lines = []
        if any(node.kind == "draw" for node in self.plan.nodes.values()):
            lines.append("worker_id = worker_ids[worker]")
        if self.request.totals:
            lines.append(f"group = {self.nodes.argument('group', 'worker')}[worker]")
            if self.request.weighted:
                lines.append(f"weight = {self.nodes.argument('weight', 'worker')}[worker]")
        return lines

    def _once(self) -> list[str]:
        """What is done once a worker, and what is there of results and of events until they are computed."""
        lines: list[str] = []
        for node in self.plan.nodes.values():
            if not self._in_loop(node):
                lines += self.nodes.lines(node, LIFE)
            elif node.kind == "rule" and (self._is_at_event(node) or self._is_read_later(node)):
                lines.append(f"{variable_of(node.key)} = {nothing(node)}")
        if self.plan.bounds:
            lines += [
                f"{self.nodes.argument('panel', name)}[worker, :] = {nothing(self.plan.nodes[self.plan.wanted[name]])}"
                for name in self.request.panel
            ]
        return lines

    def _is_read_later(self, node: Node) -> bool:
        """Whether a yearly value is read after a loop through which some workers never go."""
        if self.plan.bounds and node.key in {self.plan.wanted[name] for name in self.request.values}:
            return True
        return node.key in self.needed_at_last

    def _at_last(self) -> list[str]:
        """What is done at the event beyond which nothing is asked about."""
        nodes = [node for node in self.plan.nodes.values() if self.last and self._in_loop(node) and self._is_at_event(node)]
        return [line for node in nodes for line in self.nodes.lines(node, LIFE)]

    def _years(self) -> list[str]:
        """The loops over years, one for each stretch of them."""
        if not self.plan.has_years:
            return []
        timeline = self.plan.timeline
        begin = self._bounded("max", "first_year", [timeline.opens] if timeline.opens else [])
        end = self._bounded("min", "last_year", [timeline.closes] if timeline.closes else [])
        if self.last:
            end = f"year_at_{self.last}" if self.all_at_last else f"min({end}, year_at_{self.last})"
        if len(self.stretches) == 1 and not self.plan.bounds:
            return [f"for year in range({begin}, {end} + 1):", *self._year(self.stretches[0])]
        lines = [f"begin = {begin}", f"end = {end}"]
        for stretch in self.stretches:
            until = "end"
            if stretch.closed_by:
                until = "until"
                lines.append(f"until = min(end, {self.nodes.first_year_of(stretch.closed_by)})")
            lines += [f"for year in range(begin, {until} + 1):", *self._year(stretch)]
            if stretch.closed_by:
                lines.append("begin = max(begin, until + 1)")
        return lines

    def _bounded(self, word: str, year: str, events: list[str]) -> str:
        return f"{word}({year}, {self.nodes.first_year_of(events)})" if events else year

    def _year(self, stretch: Stretch) -> list[str]:
        """What is done in every year of a stretch."""
        lines: list[str] = []
        kept = set(stretch.keys)
        for node in self.plan.nodes.values():
            if node.key not in kept or not self._in_loop(node):
                continue
            if not self._is_at_event(node):
                lines += self.nodes.lines(node, stretch)
            elif not self.last:
                lines += [f"if year == year_at_{node.moment}:", *(f"    {one}" for one in self.nodes.lines(node, stretch))]
        lines = [OF_YEAR, *_merged(lines), *self._panel_and_totals(stretch), *self._states(kept)]
        return [f"    {line}" for line in lines]

    def _in_loop(self, node: Node) -> bool:
        return self.plan.has_years and every_year(self.plan, node)

    def _is_at_event(self, node: Node) -> bool:
        return node.moment in self.plan.events and not is_event_month(node)

    def _states(self, kept: Collection[Key]) -> list[str]:
        nodes = [node for node in self.plan.nodes.values() if node.kind == "state" and node.key in kept]
        return [f"{variable_of(node.key)} = {variable_of(self.plan.this_year(node))}" for node in nodes]

    def _panel_and_totals(self, stretch: Stretch) -> list[str]:
        lines = []
        for name in self.request.panel:
            target = self.nodes.argument("panel", name)
            lines.append(f"{target}[worker, year - first_year] = {variable_of(self.plan.wanted[name])}")
        times = " * weight" if self.request.weighted else ""
        for at, name in enumerate(self.request.totals):
            variants = self.plan.nodes[self.plan.wanted[name]].variants
            if not variants or any(stretch.holds(one) for one in variants):
                lines.append(self._added(name, at, self._amount(name) + times))
        return lines

    def _amount(self, name: str) -> str:
        """What is added to a total: what is not known is not added as the number that stands for it."""
        node = self.plan.nodes[self.plan.wanted[name]]
        value = variable_of(node.key)
        return value if node.value.is_float or not node.may_be_unknown else f"(nan if {unknown_test(node)} else {value})"

    def _added(self, name: str, at: int, amount: str) -> str:
        if self.on_gpu:
            # Many threads add at once; neighbours to different rows, so that they seldom wait for one another.
            target = self.nodes.argument("totals", name)
            return f"cuda.atomic.add({target}, (worker % wrong.shape[0], year - first_year, group), float({amount}))"
        return f"sums[{COLUMN}, group, {at}] += {amount}"

    def _results(self) -> list[str]:
        return [
            f"{self.nodes.argument('output', name)}[worker] = {variable_of(self.plan.wanted[name])}"
            for name in self.request.values
        ]

    def _guard(self) -> list[str]:
        """Whoever has an impossible cell is left out and noted, before anything is looked up by it."""
        # All are looked at in any case, which costs less than to stop at the first.
        possible = " & ".join(self.nodes.possible("worker"))
        return [f"if not ({possible}):", "    wrong[worker // BLOCK] = 1", f"    {self.leave}"]


def _for_gpu(text: str) -> str:
    """Functions as a kernel on a graphics processor calls them; its compiler decides by itself what to write into loops."""
    return text.replace('@njit(inline="always")', "@njit").replace("@njit", "@cuda.jit(device=True)")


def _merged(lines: Sequence[str]) -> list[str]:
    """Neighbouring blocks under the same condition become one."""
    merged: list[str] = []
    latest: str | None = None
    for line in lines:
        if line.startswith("if year == year_at_"):
            if line != latest:
                merged.append(line)
            latest = line
        else:
            merged.append(line)
            if not line.startswith(" "):
                latest = None
    return merged
