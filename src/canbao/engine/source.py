"""Writes the kernel: one self-contained, readable Python file for Numba, in which every rule stands as it was written."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from canbao.engine.columns import possible_range
from canbao.engine.draws import KERNEL_SOURCE as DRAWS
from canbao.engine.draws import purpose_number
from canbao.engine.kinds import UNKNOWN, Kind
from canbao.engine.parameters import FIRST_YEAR, Parameters
from canbao.engine.places import Places
from canbao.engine.plan import BUILT_IN, FIXED, LAST_YEAR_SUFFIX, YEAR, Key, Node, Plan, place_numbers
from canbao.engine.rule import Rule
from canbao.engine.scalar_code import passes_on, scalar_code

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

Machine = Literal["threads", "cuda"]
"""What a kernel is compiled for: all threads of the processor, or a graphics processor."""

BLOCK = 65_536
"""Totals are added up within blocks of so many workers, then over blocks in order, so that threads change no digit."""

MOST_INLINED = 24
"""With more rules, compiling takes minutes instead of seconds, and the run gains nothing."""

ROW, COLUMN = "place_index", "year_index"
"""Where a figure stands, as numbers that cannot be negative: a negative index would have to be asked about each time."""

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


@dataclass(frozen=True)
class Request:
    """What a run shall bring back.

    Args:
        values: results with one value a worker.
        panel: results with one value a worker and year.
        totals: results added up by year and group.
        cautions: whether to note which filled-in or doubtful figures a worker's results looked at.
        weighted: whether totals are multiplied by a weight of each worker.
    """

    values: tuple[str, ...] = ()
    panel: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    cautions: bool = False
    weighted: bool = False

    @property
    def names(self) -> list[str]:
        """Everything that is asked for, once."""
        return list(dict.fromkeys([*self.values, *self.panel, *self.totals]))


def write_kernel(
    plan: Plan, request: Request, parameters: Parameters, places: Places, machine: Machine = "threads"
) -> KernelSource:
    """The kernel of a plan."""
    return _Writer(plan, request, parameters, places, machine).write()


class _Writer:
    def __init__(self, plan: Plan, request: Request, parameters: Parameters, places: Places, machine: Machine) -> None:
        self.on_gpu = machine == "cuda"
        self.leave = "return" if self.on_gpu else "continue"
        self.plan = plan
        self.request = request
        self.parameters = parameters
        self.places = places
        self.functions: dict[Callable[..., Any], str] = {}
        self.texts: list[str] = []
        self.constants: dict[str, float | int] = {}
        self.arguments: dict[str, Argument] = {}
        self.cautious: list[str] = []
        self.last = plan.ends_with if plan.has_years and not (request.panel or request.totals) else None
        self.needed_at_last = {
            key for node in plan.nodes.values() if self.last and node.moment == self.last for key in node.needs.values()
        }
        self.all_at_last = self._is_all_at_last()
        rules = [node for node in plan.nodes.values() if node.kind == "rule"]
        self.is_small = plan.has_years and len(rules) <= MOST_INLINED
        self.variables = {_variable(key) for key in plan.nodes}

    def _is_all_at_last(self) -> bool:
        """Whether nothing is asked about those whose event, known beforehand, lies outside of the years."""
        if self.last is None or self.request.cautions or self.plan.events[self.last][1] != FIXED:
            return False
        return all(self.plan.wanted[name][1] == self.last for name in self.request.values)

    def write(self) -> KernelSource:
        body = self._body()
        names = ", ".join([*self.plan.wanted])
        numba = "cuda" if self.on_gpu else "njit, prange"
        header = HEADER.format(wanted=names, unknown=UNKNOWN, first_year=FIRST_YEAR, block=BLOCK, numba=numba)
        constants = "".join(f"{name} = {value!r}\n" for name, value in self.constants.items())
        arguments = "".join(f"    {name},\n" for name in self.arguments)
        compiled = "@cuda.jit(cache=True)" if self.on_gpu else '@njit(parallel=True, cache=True, error_model="numpy")'
        kernel = (
            f"{compiled}\n"
            "def run(\n    workers,\n    first_year,\n    last_year,\n    seed,\n    worker_ids,\n    places,\n    wrong,\n"
            f"{arguments}):\n"
            f'    """All workers, shared out among threads."""\n'
            + "".join(f"    {line}\n" if line else "\n" for line in body)
        )
        draws = [DRAWS] if any(node.kind == "draw" for node in self.plan.nodes.values()) else []
        functions = [header + ("\n" + constants if constants else ""), *draws, *self.texts]
        if self.on_gpu:
            functions = [_for_gpu(one) for one in functions]
        text = "\n\n".join(part.strip("\n") + "\n" for part in [*functions, kernel])
        machine: Machine = "cuda" if self.on_gpu else "threads"
        return KernelSource(text, tuple(self.arguments.values()), tuple(self.cautious), machine)

    # --- the loops ------------------------------------------------------------------------------------------------------

    def _body(self) -> list[str]:
        once, yearly, at_last = self._lines()
        one = [*self._guard(), *once]
        if self.plan.has_years:
            until = f"min(last_year, year_at_{self.last})" if self.last else "last_year"
            until = f"year_at_{self.last}" if self.all_at_last else until
            one.append(f"for year in range(first_year, {until} + 1):")
            one += [f"    {line}" for line in [OF_YEAR, *yearly]]
        if self.all_at_last:
            one += at_last
        elif self.last:
            one.append(f"if first_year <= year_at_{self.last} <= last_year:")
            one += [f"    {line}" for line in at_last]
        one += self._results()
        if self.on_gpu:
            # A thread for each worker. A loop over workers would be unrolled, and its code be four times as long.
            return ["worker = cuda.grid(1)", "if worker >= workers:", "    return", *one]
        if not self.request.totals:
            return ["for worker in prange(workers):", *(f"    {line}" for line in one)]
        # Totals are added up within each block, whichever thread has it.
        return [
            "for block in prange((workers + BLOCK - 1) // BLOCK):",
            "    for worker in range(np.uint64(block * BLOCK), np.uint64(min(workers, (block + 1) * BLOCK))):",
            *(f"        {line}" for line in one),
        ]

    def _lines(self) -> tuple[list[str], list[str], list[str]]:
        """What is done once a worker, what every year, and what at the event beyond which nothing is asked about."""
        at_last: list[str] = []
        once: list[str] = []
        yearly: list[str] = []
        for node in self.plan.nodes.values():
            lines = self._node(node)
            in_loop = self.plan.has_years and self._every_year(node)
            if not in_loop:
                once += lines
            elif node.moment in self.plan.events and not self._is_event_month(node):
                once.append(f"{_variable(node.key)} = {_nothing(node)}") if node.kind == "rule" else None
                if self.last:
                    at_last += lines
                    continue
                yearly += [f"if year == year_at_{node.moment}:", *(f"    {line}" for line in lines)]
            else:
                if node.key in self.needed_at_last and node.kind == "rule":
                    once.append(f"{_variable(node.key)} = {_nothing(node)}")
                yearly += lines
        if self.plan.has_years:
            yearly = _merged(yearly) + self._panel_and_totals() + self._states()
        return once, yearly, at_last

    def _every_year(self, node: Node) -> bool:
        if node.moment == FIXED or node.kind in ("state", "place_years", "column") or self.plan.known_before(node):
            return False
        if self._is_event_month(node):
            return self.plan.events[node.moment][1] != FIXED
        return True

    @staticmethod
    def _is_event_month(node: Node) -> bool:
        return node.kind == "built_in" and node.name in ("year", "month") and node.moment not in (FIXED, YEAR)

    def _states(self) -> list[str]:
        lines = []
        for node in self.plan.nodes.values():
            if node.kind == "state":
                lines.append(f"{node.name} = {_variable(self._key(node.name.removesuffix(LAST_YEAR_SUFFIX)))}")
        return lines

    def _key(self, name: str) -> Key:
        return (name, FIXED) if (name, FIXED) in self.plan.nodes else (name, YEAR)

    def _panel_and_totals(self) -> list[str]:
        lines = []
        for name in self.request.panel:
            target = self._argument("panel", name)
            lines.append(f"{target}[worker, year - first_year] = {_variable(self.plan.wanted[name])}")
        if self.request.totals:
            group = self._argument("group", "worker")
            times = f" * {self._argument('weight', 'worker')}[worker]" if self.request.weighted else ""
            for name in self.request.totals:
                target = self._argument("totals", name)
                lines.append(self._added(target, f"{group}[worker]", self._amount(name) + times))
        return lines

    def _amount(self, name: str) -> str:
        """What is added to a total: what is not known is not added as the number that stands for it."""
        node = self.plan.nodes[self.plan.wanted[name]]
        value = _variable(node.key)
        return value if node.value.is_float or not node.may_be_unknown else f"(nan if {_is_unknown(node)} else {value})"

    def _added(self, target: str, group: str, amount: str) -> str:
        if self.on_gpu:
            # Many threads add at once; neighbours to different rows, so that they seldom wait for one another.
            return f"cuda.atomic.add({target}, (worker % wrong.shape[0], year - first_year, {group}), float({amount}))"
        return f"{target}[block, year - first_year, {group}] += {amount}"

    def _results(self) -> list[str]:
        return [
            f"{self._argument('output', name)}[worker] = {_variable(self.plan.wanted[name])}"
            for name in self.request.values
        ]

    def _guard(self) -> list[str]:
        """Whoever has an impossible cell is left out and noted, before anything is looked up by it."""
        kinds = {node.name: node.value for node in self.plan.nodes.values() if node.kind in ("column", "state")}
        supplied = [one for one in self.arguments.values() if one.kind in ("column", "state", "month")]
        possible = [_within("places[worker]", 0, len(self.places.names) - 1)]
        possible += [_possible(f"{one.text}[worker]", one.name, {**BUILT_IN, **kinds}[one.name]) for one in supplied]
        # All are looked at in any case, which costs less than to stop at the first.
        return [f"if not ({' & '.join(possible)}):", "    wrong[worker // BLOCK] = 1", f"    {self.leave}"]

    # --- one node -------------------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> list[str]:
        match node.kind:
            case "column":
                return [f"{node.name} = {self._argument('column', node.name)}[worker]"]
            case "state":
                return [f"{node.name} = {self._first_state(node)}"]
            case "built_in":
                return self._built_in(node)
            case "draw":
                year = "0" if node.moment == FIXED else _at("year", node.moment)
                call = f"uniform(seed, worker_ids[worker], {year}, {purpose_number(node.name)})"
                return [f"{_variable(node.key)} = {call}"]
            case "parameter":
                return self._parameter(node)
            case "table":
                return self._table(node)
            case "place_years":
                return [f"{_variable(node.key)} = {self._argument('figures', node.name)}"]
            case "rule":
                return self._rule(node)

    def _first_state(self, node: Node) -> str:
        if node.name in self.plan.columns:
            return f"{self._argument('state', node.name)}[worker]"
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
                return [f"month = {self._argument('month', 'month')}[worker]", "year = month // 12"]
            return [f"year = {self._argument('column', 'year')}[worker]", OF_YEAR]
        if node.name == "month":
            return []
        month = _variable(self.plan.events[node.moment])
        lines = [f"month_at_{node.moment} = {month}", f"year_at_{node.moment} = {month} // 12"]
        return lines + self._unreached() if self.all_at_last and node.moment == self.last else lines

    def _unreached(self) -> list[str]:
        """Whose event lies outside of the years has nothing at it; for the others no lookup at it need ask again."""
        nothing = [
            f"{self._argument('output', name)}[worker] = {_nothing(self.plan.nodes[self.plan.wanted[name]])}"
            for name in self.request.values
        ]
        return [
            f"if not first_year <= year_at_{self.last} <= last_year:",
            *(f"    {line}" for line in [*nothing, self.leave]),
        ]

    def _parameter(self, node: Node) -> list[str]:
        parameter = self.parameters[node.name]
        row = ROW if parameter.varies_by_place else "0"
        variable = _variable(node.key)
        if node.moment == FIXED:
            lines = [f"{variable} = {self._argument('always', node.name)}[{row}]"]
            return lines + self._caution(node, f"{self._caution_array('cautions_always', node)}[{row}]")
        if node.moment == YEAR and not self.plan.by_month:
            lines = [f"{variable} = {self._argument('yearly', node.name)}[{row}, {COLUMN}]"]
            return lines + self._caution(node, f"{self._caution_array('cautions_yearly', node)}[{row}, {COLUMN}]")
        month = _at("month", node.moment)
        figures = self._argument("monthly", node.name)
        if self.all_at_last and node.moment == self.last:
            return [f"{variable} = {figures}[{row}, np.uint64({month} - FIRST_MONTH)]"]
        lines = [f"{variable} = figure({figures}, {row}, {month})"]
        return lines + self._caution(node, f"caution({self._caution_array('cautions_monthly', node)}, {row}, {month})")

    def _caution_array(self, kind: ArrayKind, node: Node) -> str:
        return self._argument(kind, node.name) if self._has_cautions(node) else ""

    def _has_cautions(self, node: Node) -> bool:
        reach = self.plan.reach[node.key]
        return self.request.cautions and bool(reach) and self.parameters[node.name].has_cautions

    def _caution(self, node: Node, what: str) -> list[str]:
        """Note what to beware of in a figure that was looked up."""
        if not self._has_cautions(node):
            return []
        if node.name not in self.cautious:
            self.cautious.append(node.name)
        line = f"{self._argument('cautions', 'parameter')}[worker, {self.cautious.index(node.name)}] |= {what}"
        reach = self.plan.reach[node.key]
        if len(reach) == len(self.places.names):
            return [line]
        return [f"if places[worker] in ({', '.join(map(str, sorted(reach)))},):", f"    {line}"]

    def _table(self, node: Node) -> list[str]:
        parameter = self.parameters[node.name]
        place = ROW if parameter.varies_by_place else "0"
        tables = self._argument("tables", node.name)
        if node.moment == FIXED:
            lines = [f"{_variable(node.key)} = {tables}[{self._argument('table_row_always', node.name)}[{place}]]"]
            return lines + self._caution(node, f"{self._caution_array('cautions_always', node)}[{place}]")
        taken_in = (parameter.entry.taken_in or 12) - 1
        month = f"year * 12 + {taken_in}" if node.moment == YEAR and not self.plan.by_month else _at("month", node.moment)
        rows = self._argument("table_rows", node.name)
        if self.all_at_last and node.moment == self.last:
            return [f"{_variable(node.key)} = {tables}[{rows}[{place}, np.uint64({month} - FIRST_MONTH)]]"]
        row = f"row_of({tables}, {rows}, {place}, {month})"
        lines = [f"{_variable(node.key)} = {tables}[{row}]"]
        return lines + self._caution(node, f"caution({self._caution_array('cautions_monthly', node)}, {place}, {month})")

    # --- rules ----------------------------------------------------------------------------------------------------------

    def _rule(self, node: Node) -> list[str]:
        variable = _variable(node.key)
        choices = [(self._condition(one, node), self._call(one, node)) for one in chosen_order(node.variants)]
        if len(choices) == 1 and choices[0][0] is None:
            return [f"{variable} = {choices[0][1]}"]
        lines, word = [], "if"
        for condition, call in choices:
            if condition is None:
                lines += ["else:", f"    {variable} = {call}"]
                return lines
            lines += [f"{word} {condition}:", f"    {variable} = {call}"]
            word = "elif"
        return [*lines, "else:", f"    {variable} = {'0.0' if node.value.is_float else '0'}"]

    def _condition(self, variant: Rule, node: Node) -> str | None:
        parts = []
        if variant.provinces:
            numbers = place_numbers(variant, node.variants, self.places)
            parts.append(f"place in ({', '.join(map(str, numbers))},)")
        month = self._month(node.moment)
        if variant.since is not None:
            parts.append(f"{month} >= {variant.since}")
        if variant.until is not None:
            parts.append(f"{month} <= {variant.until}")
        if variant.during is not None:
            parts += self._phase(variant.during)
        return " and ".join(parts) or None

    def _month(self, moment: str) -> str:
        if moment in (FIXED, YEAR):
            return "month" if self.plan.by_month else "year * 12 + 11"
        return _at("month", moment)

    def _phase(self, phase: str) -> list[str]:
        timeline = self.plan.timeline
        opened, closed = timeline.ended_before(phase), timeline.phases[phase]
        parts = []
        if opened is not None:
            parts.append(f"year > {self._event_year(opened)}" if opened in self.plan.events else "False")
        if closed is not None and closed in self.plan.events:
            parts.append(f"year <= {self._event_year(closed)}")
        return parts

    def _event_year(self, event: str) -> str:
        return f"{_variable(self.plan.events[event])} // 12"

    def _call(self, variant: Rule, node: Node) -> str:
        arguments = [_variable(node.needs[name]) for name in variant.arguments]
        inlined = self.is_small and self._every_year(node)
        call = f"{self._function(variant.function, inlined=inlined)}({', '.join(arguments)})"
        unknown = [
            _is_unknown(self.plan.nodes[node.needs[name]])
            for name, kind in variant.arguments.items()
            if name not in variant.accepts_unknown
            and self.plan.nodes[node.needs[name]].may_be_unknown
            and _has_unknowns(self.plan.nodes[node.needs[name]])
            and not (node.value.is_float and kind.is_float and name in passes_on(variant.function))
        ]
        if not node.value.is_float:
            call = f"int({call})"
        if not unknown:
            return call
        return f"{_nothing(node)} if {' or '.join(unknown)} else {call}"

    def _function(self, function: Callable[..., Any], *, inlined: bool = False) -> str:
        """The name under which a function stands in the file; its text is added with all that it calls.

        What is called every year is written into the loop by the compiler, which then asks each guard of neighbouring
        rules only once; that takes time to compile, so what is called once a life is not, nor anything where rules are
        many.
        """
        if function in self.functions:
            return self.functions[function]
        own = f"{function.__name__}_rule" if function.__name__ in self.variables else function.__name__
        name, number = own, 1
        while name in self.functions.values() or name in self.variables:
            number += 1
            name = f"{own}_{number}"
        self.functions[function] = name
        code = scalar_code(function, name)
        renamed: dict[str, str] = {}
        for called, helper in code.helpers.items():
            renamed[called] = self._function(helper)
        for constant, value in code.constants.items():
            renamed[constant] = self._constant(constant, value)
        decorator = '@njit(inline="always")' if inlined else "@njit"
        self.texts.append(f"{decorator}\n{_rename(code.text, renamed)}")
        return name

    def _constant(self, name: str, value: float | int) -> str:
        own, number = name, 1
        while own in self.constants and self.constants[own] != value:
            number += 1
            own = f"{name}_{number}"
        self.constants[own] = value
        return own

    def _argument(self, kind: ArrayKind, name: str) -> str:
        argument = Argument(kind, name)
        self.arguments.setdefault(argument.text, argument)
        return argument.text


def chosen_order(variants: Iterable[Rule]) -> list[Rule]:
    """Variants as they are tried: those for certain places first, the general rule last."""
    return sorted(
        variants, key=lambda one: (not one.provinces, one.since is None and one.until is None and one.during is None)
    )


def _for_gpu(text: str) -> str:
    """Functions as a kernel on a graphics processor calls them; its compiler decides by itself what to write into loops."""
    return text.replace('@njit(inline="always")', "@njit").replace("@njit", "@cuda.jit(device=True)")


def _variable(key: Key) -> str:
    name, moment = key
    if moment == "all_years":
        return f"{name}_figures_of_all_places"
    return name if moment in (FIXED, YEAR) else f"{name}_at_{moment}"


def _at(word: str, moment: str) -> str:
    return word if moment in (FIXED, YEAR) else f"{word}_at_{moment}"


def _possible(cell: str, name: str, kind: Kind) -> str:
    """The condition under which a cell can be true."""
    if kind.is_float:
        return f"isfinite({cell})"
    return _within(cell, *possible_range(name, kind))


def _within(cell: str, low: int, high: int) -> str:
    return f"({low} <= {cell}) & ({cell} <= {high})"


def _nothing(node: Node) -> str:
    return "nan" if node.value.is_float else "UNKNOWN"


def _has_unknowns(node: Node) -> bool:
    return node.kind not in ("table", "place_years")


def _is_unknown(node: Node) -> str:
    return f"isnan({_variable(node.key)})" if node.value.is_float else f"{_variable(node.key)} == UNKNOWN"


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


def _rename(text: str, names: dict[str, str]) -> str:
    changed = {name: new for name, new in names.items() if name != new}
    if not changed:
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in changed:
            node.id = changed[node.id]
    return ast.unparse(tree)
