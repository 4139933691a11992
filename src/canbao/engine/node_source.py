"""Writes what one thing that is computed or fetched becomes in the kernel: a few lines, each rule as it was written."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from canbao.engine.columns import possible_range
from canbao.engine.draws import purpose_number
from canbao.engine.kinds import Kind
from canbao.engine.parameters import Parameters
from canbao.engine.places import Places
from canbao.engine.plan import BUILT_IN, FIXED, YEAR, Key, Node, Plan, place_numbers
from canbao.engine.request import Request
from canbao.engine.rule import Rule, chosen_order
from canbao.engine.scalar_code import ScalarCode, scalar_code
from canbao.engine.stretches import Stretch
from canbao.engine.unknowns import Unknowns

MOST_INLINED = 24
"""With more rules, compiling takes minutes instead of seconds, and the run gains nothing."""

ROW, COLUMN = "place_index", "year_index"
"""Where a figure stands, as numbers that cannot be negative: a negative index would have to be asked about each time."""

TAKEN = frozenset(
    """
    begin end worker workers worker_id worker_ids group groups weight block sums gathered since possible one inside here
    now opens closes until seed first_year last_year places wrong place_index year_index run lanes np nan njit cuda range
    min max int float abs bool entry entry_of_place_and_year figure caution row_of put_down mixed uniform isnan isfinite
    floor ceil exp log sqrt
    """.split()
)
"""Names that a kernel has for itself: what is called so in a law has another one there."""

OF_YEAR = f"{COLUMN} = np.uint64(year - first_year)"

ArrayKind = Literal[
    "column", "state", "month", "always", "yearly", "monthly", "cautions_always", "cautions_yearly", "cautions_monthly",
    "tables", "table_rows", "table_row_always", "figures", "output", "panel", "totals", "group", "weight", "cautions",
]  # fmt: skip


@dataclass(frozen=True)
class Argument:
    """An array that the kernel takes.

    Args:
        kind: what it holds.
        name: of the column, parameter or result.
    """

    kind: ArrayKind
    name: str

    @property
    def text(self) -> str:
        """Its name in the kernel."""
        return f"{self.name}_{self.kind}"


class NodeWriter:
    """Writes nodes, and gathers what the kernel has to take and hold for them.

    Args:
        plan: that they belong to.
        request: what the run shall bring back.
        parameters: of the law.
        places: all places.
        last: the event beyond which nothing is asked about; None where that is not known.
        all_at_last: whether nothing is asked about those whose event lies outside of the years.
        leave: the statement that leaves a worker.
    """

    def __init__(
        self, plan: Plan, request: Request, parameters: Parameters, places: Places, *, last: str | None, all_at_last: bool,
        leave: str,
    ) -> None:  # fmt: skip
        self.plan = plan
        self.request = request
        self.parameters = parameters
        self.places = places
        self.last = last
        self.all_at_last = all_at_last
        self.leave = leave
        self.functions: dict[Callable[..., Any], str] = {}
        self.texts: list[str] = []
        self.constants: dict[str, float | int] = {}
        self.arguments: dict[str, Argument] = {}
        self.cautious: list[str] = []
        rules = [node for node in plan.nodes.values() if node.kind == "rule"]
        self.is_small = plan.has_years and len(rules) <= MOST_INLINED
        self.variables = {variable_of(key) for key in plan.nodes}
        self.names = {*self.variables, *TAKEN}
        self.unknowns = Unknowns(plan)

    def argument(self, kind: ArrayKind, name: str) -> str:
        """The name of an array that the kernel takes."""
        argument = Argument(kind, name)
        self.arguments.setdefault(argument.text, argument)
        return argument.text

    def lines(self, node: Node, stretch: Stretch) -> list[str]:
        """What a node becomes in a stretch of years."""
        match node.kind:
            case "column":
                return [f"{variable_of(node.key)} = {self._cell('column', node.name)}"]
            case "state":
                return [f"{variable_of(node.key)} = {self._first_state(node)}"]
            case "built_in":
                return self._built_in(node)
            case "draw":
                year = "0" if node.moment == FIXED else at_moment("year", node.moment)
                return [f"{variable_of(node.key)} = {self._drawn(year, purpose_number(node.name))}"]
            case "parameter":
                return self._parameter(node)
            case "table":
                return self._table(node)
            case "place_years":
                return [f"{variable_of(node.key)} = {self.argument('figures', node.name)}"]
            case "rule":
                return self._rule(node, stretch)

    def _cell(self, kind: ArrayKind, name: str) -> str:
        return f"{self.argument(kind, name)}[worker]"

    def _drawn(self, year: str, purpose: int) -> str:
        return f"uniform(seed, worker_id, {year}, {purpose})"

    def _first_state(self, node: Node) -> str:
        if node.name in self.plan.columns:
            return self._cell("state", node.name)
        return "0.0" if node.value.is_float else "0"

    def _built_in(self, node: Node) -> list[str]:
        if node.name == "place":
            return ["place = places[worker]", f"{ROW} = np.uint64(place)"]
        if node.moment == YEAR:
            if node.name == "month":
                return [] if self.plan.by_month else ["month = year * 12 + 11"]
            if self.plan.has_years:
                return []
            if self.plan.by_month:
                return [f"month = {self.argument('month', 'month')}[worker]", "year = month // 12"]
            return [f"year = {self.argument('column', 'year')}[worker]", OF_YEAR]
        if node.name == "month":
            return []
        month = variable_of(self.plan.events[node.moment])
        lines = [f"month_at_{node.moment} = {month}", f"year_at_{node.moment} = {month} // 12"]
        return lines + self._unreached() if self.all_at_last and node.moment == self.last else lines

    def _unreached(self) -> list[str]:
        """Whose event lies outside of the years has nothing at it; for the others no lookup at it need ask again."""
        blank = [
            f"{self.argument('output', name)}[worker] = {nothing(self.plan.nodes[self.plan.wanted[name]])}"
            for name in self.request.values
        ]
        return [
            f"if not first_year <= year_at_{self.last} <= last_year:",
            *(f"    {line}" for line in [*blank, self.leave]),
        ]

    def _parameter(self, node: Node) -> list[str]:
        parameter = self.parameters[node.name]
        row = ROW if parameter.varies_by_place else "0"
        variable = variable_of(node.key)
        if node.moment == FIXED:
            lines = [f"{variable} = {self.argument('always', node.name)}[{row}]"]
            return lines + self._caution(node, f"{self._caution_array('cautions_always', node)}[{row}]")
        if node.moment == YEAR and not self.plan.by_month:
            lines = [f"{variable} = {self.argument('yearly', node.name)}[{row}, {COLUMN}]"]
            return lines + self._caution(node, f"{self._caution_array('cautions_yearly', node)}[{row}, {COLUMN}]")
        month = at_moment("month", node.moment)
        figures = self.argument("monthly", node.name)
        if self.all_at_last and node.moment == self.last:
            return [f"{variable} = {figures}[{row}, np.uint64({month} - FIRST_MONTH)]"]
        lines = [f"{variable} = figure({figures}, {row}, {month})"]
        return lines + self._caution(node, f"caution({self._caution_array('cautions_monthly', node)}, {row}, {month})")

    def _caution_array(self, kind: ArrayKind, node: Node) -> str:
        return self.argument(kind, node.name) if self._has_cautions(node) else ""

    def _has_cautions(self, node: Node) -> bool:
        reach = self.plan.reach[node.key]
        return self.request.cautions and bool(reach) and self.parameters[node.name].has_cautions

    def _caution(self, node: Node, what: str) -> list[str]:
        """Note what to beware of in a figure that was looked up."""
        if not self._has_cautions(node):
            return []
        if node.name not in self.cautious:
            self.cautious.append(node.name)
        line = f"{self.argument('cautions', 'parameter')}[worker, {self.cautious.index(node.name)}] |= {what}"
        reach = self.plan.reach[node.key]
        if len(reach) == len(self.places.names):
            return [line]
        return [f"if places[worker] in ({', '.join(map(str, sorted(reach)))},):", f"    {line}"]

    def _table(self, node: Node) -> list[str]:
        parameter = self.parameters[node.name]
        place = ROW if parameter.varies_by_place else "0"
        tables = self.argument("tables", node.name)
        if node.moment == FIXED:
            lines = [f"{variable_of(node.key)} = {tables}[{self.argument('table_row_always', node.name)}[{place}]]"]
            return lines + self._caution(node, f"{self._caution_array('cautions_always', node)}[{place}]")
        taken_in = (parameter.entry.taken_in or 12) - 1
        month = (
            f"year * 12 + {taken_in}" if node.moment == YEAR and not self.plan.by_month else at_moment("month", node.moment)
        )
        rows = self.argument("table_rows", node.name)
        if self.all_at_last and node.moment == self.last:
            return [f"{variable_of(node.key)} = {tables}[{rows}[{place}, np.uint64({month} - FIRST_MONTH)]]"]
        row = f"row_of({tables}, {rows}, {place}, {month})"
        lines = [f"{variable_of(node.key)} = {tables}[{row}]"]
        return lines + self._caution(node, f"caution({self._caution_array('cautions_monthly', node)}, {place}, {month})")

    def possible(self, worker: str) -> list[str]:
        """The conditions under which all cells of a worker can be true."""
        kinds = {node.name: node.value for node in self.plan.nodes.values() if node.kind in ("column", "state")}
        supplied = [one for one in self.arguments.values() if one.kind in ("column", "state", "month")]
        cells = [(f"{one.text}[{worker}]", one.name, {**BUILT_IN, **kinds}[one.name]) for one in supplied]
        return [_within(f"places[{worker}]", 0, len(self.places.names) - 1), *(_possible(*one) for one in cells)]

    # --- rules ----------------------------------------------------------------------------------------------------------

    def _rule(self, node: Node, stretch: Stretch) -> list[str]:
        variable, zero = variable_of(node.key), "0.0" if node.value.is_float else "0"
        held = [one for one in chosen_order(node.variants) if stretch.holds(one)]
        choices = [(self._condition(one, node, stretch), self._call(one, node, stretch)) for one in held]
        if not choices:
            return [f"{variable} = {zero}"]
        if len(choices) == 1 and choices[0][0] is None:
            return [f"{variable} = {choices[0][1]}"]
        lines, word = [], "if"
        for condition, call in choices:
            if condition is None:
                lines += ["else:", f"    {variable} = {call}"]
                return lines
            lines += [f"{word} {condition}:", f"    {variable} = {call}"]
            word = "elif"
        return [*lines, "else:", f"    {variable} = {zero}"]

    def _condition(self, variant: Rule, node: Node, stretch: Stretch) -> str | None:
        parts = []
        if variant.provinces:
            numbers = place_numbers(variant, node.variants, self.places)
            parts.append(self._among(numbers))
        month = self._month(node.moment)
        if variant.since is not None:
            parts.append(f"{month} >= {variant.since}")
        if variant.until is not None:
            parts.append(f"{month} <= {variant.until}")
        if variant.during is not None and stretch.phase is None:
            parts += self._phase(variant.during)
        return self._all(parts) if parts else None

    def _among(self, numbers: Iterable[int]) -> str:
        """Whether the place is one of several."""
        return f"place in ({', '.join(map(str, numbers))},)"

    def _all(self, conditions: Iterable[str]) -> str:
        """Whether several conditions hold."""
        return " and ".join(conditions)

    def _month(self, moment: str) -> str:
        if moment in (FIXED, YEAR):
            return "month" if self.plan.by_month else "year * 12 + 11"
        return at_moment("month", moment)

    def _phase(self, phase: str) -> list[str]:
        """Asked every year, for want of knowing it beforehand."""
        timeline, known = self.plan.timeline, self.plan.events
        opened = [event for event in timeline.opened_by(phase) if event in known]
        closed = [event for event in timeline.closed_by(phase) if event in known]
        if phase != next(iter(timeline.phases)) and not opened:
            return ["False"]
        return [
            *([f"year > {self.first_year_of(opened)}"] if opened else []),
            *([f"year <= {self.first_year_of(closed)}"] if closed else []),
        ]

    def first_year_of(self, events: Sequence[str]) -> str:
        """The year in which the first of some events happens."""
        years = [f"{variable_of(self.plan.events[event])} // 12" for event in events]
        return years[0] if len(years) == 1 else f"min({', '.join(years)})"

    def _call(self, variant: Rule, node: Node, stretch: Stretch) -> str:
        arguments = [variable_of(node.needs[name]) for name in variant.arguments]
        inlined = self.is_small and every_year(self.plan, node)
        call = f"{self._function(variant.function, inlined=inlined)}({', '.join(arguments)})"
        unknown = [unknown_test(one) for one in self.unknowns.asked(variant, node, stretch)]
        if not node.value.is_float:
            call = f"int({call})"
        if not unknown:
            return call
        return f"{nothing(node)} if {' or '.join(unknown)} else {call}"

    def _function(self, function: Callable[..., Any], *, inlined: bool = False) -> str:
        """The name under which a function stands in the file; its text is added with all that it calls.

        What is called every year is written into the loop by the compiler, which then asks each guard of neighbouring
        rules only once; that takes time to compile, so what is called once a life is not, nor anything where rules are
        many.
        """
        if function in self.functions:
            return self.functions[function]
        name = self.functions[function] = self.free_name(function.__name__)
        code = scalar_code(function, name)
        decorator = '@njit(inline="always")' if inlined else "@njit"
        self.texts.append(f"{decorator}\n{self.renamed(code.text, code, self._function)}")
        return name

    def free_name(self, wanted: str) -> str:
        """A name that nothing else in the file has."""
        own = f"{wanted}_rule" if wanted in self.variables else wanted
        name, number = own, 1
        while name in self.names:
            number += 1
            name = f"{own}_{number}"
        self.names.add(name)
        return name

    def renamed(self, text: str, code: ScalarCode, named: Callable[[Callable[..., Any]], str]) -> str:
        """A function's text, in which what comes from outside has the name that it has in the file.

        Args:
            text: of the function.
            code: what it takes from outside.
            named: writes a function that it calls, if need be, and tells its name.
        """
        names = {called: named(helper) for called, helper in code.helpers.items()}
        names |= {constant: self._constant(constant, value) for constant, value in code.constants.items()}
        return _rename(text, names)

    def _constant(self, name: str, value: float | int) -> str:
        own, number = name, 1
        while own in self.constants and self.constants[own] != value:
            number += 1
            own = f"{name}_{number}"
        self.constants[own] = value
        return own


def _possible(cell: str, name: str, kind: Kind) -> str:
    """The condition under which a cell can be true."""
    if kind.is_float:
        return f"isfinite({cell})"
    return _within(cell, *possible_range(name, kind))


def _within(cell: str, low: int, high: int) -> str:
    return f"({low} <= {cell}) & ({cell} <= {high})"


def every_year(plan: Plan, node: Node) -> bool:
    """Whether a node is computed within the loop over years."""
    if node.moment == FIXED or node.kind in ("state", "place_years", "column") or plan.known_before(node):
        return False
    return not is_event_month(node) or plan.events[node.moment][1] != FIXED


def is_event_month(node: Node) -> bool:
    """Whether a node is the month or year of an event itself."""
    return node.kind == "built_in" and node.name in ("year", "month") and node.moment not in (FIXED, YEAR)


def variable_of(key: Key) -> str:
    """The variable that holds a node's value."""
    name, moment = key
    if name in TAKEN:
        name += "_"
    if moment == "all_years":
        return f"{name}_figures_of_all_places"
    return name if moment in (FIXED, YEAR) else f"{name}_at_{moment}"


def at_moment(word: str, moment: str) -> str:
    """The variable that holds a year or month."""
    return word if moment in (FIXED, YEAR) else f"{word}_at_{moment}"


def nothing(node: Node) -> str:
    """What stands for an unknown value."""
    return "nan" if node.value.is_float else "UNKNOWN"


def unknown_test(node: Node) -> str:
    """The condition under which a value is not known."""
    return f"isnan({variable_of(node.key)})" if node.value.is_float else f"{variable_of(node.key)} == UNKNOWN"


def _rename(text: str, names: dict[str, str]) -> str:
    changed = {name: new for name, new in names.items() if name != new}
    if not changed:
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in changed:
            node.id = changed[node.id]
    return ast.unparse(tree)
