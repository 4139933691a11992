"""Runs a plan in plain Python: to explain a worker step by step, to debug, for small tables, and as the kernel's oracle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from canbao.engine.draws import purpose_number, uniform
from canbao.engine.kinds import UNKNOWN, Month, PlaceYears, Table
from canbao.engine.parameters import FIRST_YEAR, MONTHS, Origin, Parameters
from canbao.engine.places import Places
from canbao.engine.plan import FIXED, LAST_YEAR_SUFFIX, YEAR, Key, Node, Plan, place_numbers
from canbao.engine.rule import Rule, chosen_order

Value = Any
FIRST_MONTH = FIRST_YEAR * 12


@dataclass(frozen=True)
class Step:
    """One step of a worker's calculation.

    Args:
        node: what was computed or fetched.
        value: its value; NaN or `UNKNOWN` where it is not known.
        year: of a yearly step; None for others.
        month: in which a parameter was looked up.
        rule: the variant that was used; None for other kinds of nodes.
        origin: of parameters.
        used: the names of the steps that it rests on, with their values.
    """

    node: Node
    value: Value
    year: int | None
    month: Month | None = None
    rule: Rule | None = None
    origin: Origin | None = None
    used: Mapping[str, Value] | None = None


class NotedTable(Table):
    """A table that notes which of its entries were looked up.

    Args:
        table: the table itself.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table.values)
        self.looked_up: dict[int, float] = {}

    def __getitem__(self, index: int) -> float:
        self.looked_up[int(index)] = found = super().__getitem__(index)
        return found


class Interpreter:
    """A plan to be run worker by worker.

    Args:
        plan: what is computed, in order.
        parameters: of the law.
        places: all places.
        seed: of random draws.
    """

    def __init__(self, plan: Plan, parameters: Parameters, places: Places, seed: int = 0) -> None:
        self.plan = plan
        self.parameters = parameters
        self.places = places
        self.seed = seed
        self._tables: dict[tuple[str, int], Table] = {}

    def worker(
        self,
        columns: Mapping[str, Value],
        place: int,
        worker_id: int = 0,
        years: tuple[int, int] | None = None,
        note: Callable[[Step], None] | None = None,
        *,
        to_the_end: bool = False,
    ) -> Worker:
        """One worker's life or case, computed.

        Args:
            columns: the supplied values by name.
            place: the number of the worker's place.
            worker_id: for random draws.
            years: the first and last year of a run through several years.
            note: told of each step in order.
            to_the_end: whether to go on beyond the last event that is asked about.
        """
        worker = Worker(self, columns, place, worker_id, note)
        worker.live(years, to_the_end=to_the_end)
        return worker

    @cached_property
    def steps(self) -> Sequence[Node]:
        """The nodes in order."""
        return list(self.plan.nodes.values())

    def table(self, name: str, row: int) -> Table:
        """One of a parameter's tables."""
        key = (name, row)
        if key not in self._tables:
            self._tables[key] = Table(self.parameters[name].tables[row])
        return self._tables[key]


class Worker:
    """The values of one worker while a plan is run."""

    def __init__(
        self,
        interpreter: Interpreter,
        columns: Mapping[str, Value],
        place: int,
        worker_id: int,
        note: Callable[[Step], None] | None,
    ) -> None:
        self.interpreter = interpreter
        self.plan = interpreter.plan
        self.columns = columns
        self.place = place
        self.worker_id = worker_id
        self.note = note
        self.year: int | None = None
        self.values: dict[Key, Value] = {}
        self.panel: dict[int, dict[str, Value]] = {}
        self.cautions: dict[str, int] = {}

    def live(self, years: tuple[int, int] | None, *, to_the_end: bool = False) -> None:
        """Compute everything, once or year by year."""
        with np.errstate(all="ignore"):
            if years is None:
                for node in self.interpreter.steps:
                    self._do(node)
                return
            yearly = []
            for node in self.interpreter.steps:
                if self._every_year(node):
                    yearly.append(node)
                    self.values[node.key] = self._first(node)
                else:
                    self._do(node)
            first, last = self._bounds(years)
            if self.plan.ends_with is not None and not to_the_end:
                last = min(last, int(self.values[self.plan.events[self.plan.ends_with]]) // 12)
            for self.year in range(first, last + 1):
                for node in yearly:
                    self._do_this_year(node)
                self.panel[self.year] = {name: self.values[key] for name, key in self.plan.wanted.items()}
                for node in yearly:
                    if node.kind == "state":
                        self.values[node.key] = self._this_year(node.name.removesuffix(LAST_YEAR_SUFFIX))

    def _bounds(self, years: tuple[int, int]) -> tuple[int, int]:
        """The first and last year that are lived, of those asked about."""
        timeline = self.plan.timeline
        first = max(years[0], self._year(timeline.opens)) if timeline.opens else years[0]
        last = min(years[1], self._year(timeline.closes)) if timeline.closes else years[1]
        return first, last

    def in_year(self, year: int, name: str) -> Value:
        """A wanted result of a year; blank where the year was not lived."""
        return self.panel[year][name] if year in self.panel else nothing(self.plan.nodes[self.plan.wanted[name]])

    def wanted(self, name: str) -> Value:
        """A wanted result."""
        return self.values[self.plan.wanted[name]]

    # --- a year ---------------------------------------------------------------------------------------------------------

    def _every_year(self, node: Node) -> bool:
        return node.moment != FIXED and node.kind not in ("place_years", "column") and not self.plan.known_before(node)

    def _first(self, node: Node) -> Value:
        if node.kind == "state":
            start = self.columns.get(node.name)
            return start if start is not None else (np.float64(0) if node.value.is_float else np.int64(0))
        return nothing(node)

    def _do_this_year(self, node: Node) -> None:
        if node.kind == "state":
            return
        if node.moment in self.plan.events and node.kind != "built_in":
            month = self.values[self.plan.events[node.moment]]
            if month // 12 != self.year:
                return
        self._do(node)

    def _this_year(self, name: str) -> Value:
        return self.values[(name, FIXED) if (name, FIXED) in self.values else (name, YEAR)]

    # --- a node ---------------------------------------------------------------------------------------------------------

    def _do(self, node: Node) -> None:
        month: Month | None = None
        rule: Rule | None = None
        origin: Origin | None = None
        used: dict[str, Value] | None = None
        match node.kind:
            case "column":
                value = self.columns[node.name]
            case "built_in":
                value = self._built_in(node)
            case "draw":
                year = 0 if node.moment == FIXED else self._year(node.moment)
                purpose = purpose_number(node.name)
                value = np.float64(uniform(self.interpreter.seed, self.worker_id, year, purpose))
            case "parameter":
                value, month, caution = self._parameter(node)
                self._beware(node, caution)
                if self.note is not None:
                    origin = self.interpreter.parameters[node.name].origin(self._place_of(node.name), month)
            case "table":
                value, month, caution = self._table(node)
                self._beware(node, caution)
                if self.note is not None:
                    origin = self.interpreter.parameters[node.name].origin(self._place_of(node.name), month)
            case "place_years":
                value = PlaceYears(self.interpreter.parameters[node.name].yearly, FIRST_YEAR)
            case "rule":
                value, rule, used = self._rule(node)
            case "state":
                value = self._first(node)
        self.values[node.key] = value
        if self.note is not None:
            self.note(Step(node, value, self.year if self._every_year(node) else None, month, rule, origin, used))

    def _built_in(self, node: Node) -> Value:
        if node.name == "place":
            return np.int64(self.place)
        if node.name == "month":
            return np.int64(self._month(node.moment))
        return np.int64(self._year(node.moment))

    def _year(self, moment: str) -> int:
        if moment in self.plan.events:
            return int(self.values[self.plan.events[moment]]) // 12
        if self.year is not None:
            return self.year
        return int(self.columns["month"]) // 12 if self.plan.by_month else int(self.columns["year"])

    def _month(self, moment: str) -> Month:
        """The month in which law and tables are looked up: at an event its own, in a year the last."""
        if moment in self.plan.events:
            return int(self.values[self.plan.events[moment]])
        if self.plan.by_month:
            return int(self.columns["month"])
        return self._year(moment) * 12 + 11

    def _place_of(self, name: str) -> int:
        return self.place if self.interpreter.parameters[name].varies_by_place else 0

    def _beware(self, node: Node, caution: int) -> None:
        if caution and self.place in self.plan.reach[node.key]:
            self.cautions[node.name] = self.cautions.get(node.name, 0) | caution

    def _parameter(self, node: Node) -> tuple[Value, Month, int]:
        parameter = self.interpreter.parameters[node.name]
        place = self._place_of(node.name)
        if node.moment == FIXED:
            month = FIRST_MONTH + MONTHS - 1
        elif node.moment == YEAR and not self.plan.by_month:
            year = self._year(YEAR)
            at = year - FIRST_YEAR
            month = year * 12 + (parameter.entry.taken_in or 1) - 1
            return np.float64(parameter.yearly[place, at]), month, int(parameter.yearly_cautions[place, at])
        else:
            month = self._month(node.moment)
        column = month - FIRST_MONTH
        if not 0 <= column < MONTHS:
            return np.float64(math.nan), FIRST_MONTH, 0
        return np.float64(parameter.monthly[place, column]), month, int(parameter.cautions[place, column])

    def _table(self, node: Node) -> tuple[Table, Month, int]:
        parameter = self.interpreter.parameters[node.name]
        place = self._place_of(node.name)
        if node.moment == FIXED:
            month = FIRST_MONTH + MONTHS - 1
        elif node.moment == YEAR and not self.plan.by_month:
            month = self._year(YEAR) * 12 + (parameter.entry.taken_in or 12) - 1
        else:
            month = self._month(node.moment)
        column = month - FIRST_MONTH
        if not 0 <= column < MONTHS:
            return self.interpreter.table(node.name, len(parameter.tables) - 1), FIRST_MONTH, 0
        row = int(parameter.table_rows[place, column])
        return self.interpreter.table(node.name, row), month, int(parameter.cautions[place, column])

    # --- rules ----------------------------------------------------------------------------------------------------------

    def _rule(self, node: Node) -> tuple[Value, Rule | None, dict[str, Value]]:
        for variant in chosen_order(node.variants):
            if self._applies(variant, node):
                used = {name: self._handed(self.values[node.needs[name]]) for name in variant.arguments}
                return self._called(variant, node, used), variant, used
        return (np.float64(0) if node.value.is_float else np.int64(0)), None, {}

    def _handed(self, value: Value) -> Value:
        """What a rule is given: a table that notes its use where the steps are told."""
        return NotedTable(value) if self.note is not None and isinstance(value, Table) else value

    def _applies(self, variant: Rule, node: Node) -> bool:
        if variant.provinces and self.place not in place_numbers(variant, node.variants, self.interpreter.places):
            return False
        if variant.since is not None and self._month(node.moment) < variant.since:
            return False
        if variant.until is not None and self._month(node.moment) > variant.until:
            return False
        return variant.during is None or self._in_phase(variant.during)

    def _in_phase(self, phase: str) -> bool:
        timeline, known = self.plan.timeline, self.plan.events
        year = self._year(YEAR)
        opened = [self._year(event) for event in timeline.opened_by(phase) if event in known]
        closed = [self._year(event) for event in timeline.closed_by(phase) if event in known]
        if phase != next(iter(timeline.phases)) and (not opened or year <= min(opened)):
            return False
        return not closed or year <= min(closed)

    @staticmethod
    def _called(variant: Rule, node: Node, used: Mapping[str, Value]) -> Value:
        if any(is_unknown(value) for name, value in used.items() if name not in variant.accepts_unknown):
            return nothing(node)
        value = variant.function(**used)
        return np.float64(value) if node.value.is_float else np.int64(value)


def nothing(node: Node) -> Value:
    """What stands for an unknown value of this kind."""
    return np.float64(math.nan) if node.value.is_float else np.int64(UNKNOWN)


def is_unknown(value: Value) -> bool:
    """Whether a value is not known."""
    if isinstance(value, Table | PlaceYears):
        return False
    return bool(value == UNKNOWN or value != value)
