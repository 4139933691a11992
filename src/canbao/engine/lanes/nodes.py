"""Writes what one thing that is computed or fetched becomes in a kernel of lanes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from canbao.engine.kinds import UNKNOWN, Kind
from canbao.engine.lanes.straight import Known, NotStraightError, straightened
from canbao.engine.node_source import COLUMN, ArrayKind, NodeWriter, at_moment, variable_of
from canbao.engine.parameters import Parameters
from canbao.engine.places import Places
from canbao.engine.plan import FIXED, YEAR, Node, Plan
from canbao.engine.request import Request
from canbao.engine.rule import Rule, chosen_order
from canbao.engine.scalar_code import argument_kinds, scalar_code
from canbao.engine.stretches import Stretch
from canbao.engine.unknowns import Unknowns


class LaneNodes(NodeWriter):
    """Writes nodes for several workers at once; its arguments are those of `NodeWriter`."""

    def __init__(self, plan: Plan, request: Request, parameters: Parameters, places: Places) -> None:
        super().__init__(plan, request, parameters, places, last=None, all_at_last=False, leave="continue")
        self.unknowns = Unknowns(plan, all_are_nan=True)
        self.helpers: dict[Callable[..., Any], str] = {}
        self.of_one: dict[Callable[..., Any], str] = {}

    def _cell(self, kind: ArrayKind, name: str) -> str:
        return f"lanes.read({self.argument(kind, name)}, worker, end)"

    def _drawn(self, year: str, purpose: int) -> str:
        """Luck; it is drawn in the rules that ask for it."""
        return f"lanes.luck(seed, worker_id, {year}, {purpose})"

    def _first_state(self, node: Node) -> str:
        return self._cell("state", node.name) if node.name in self.plan.columns else "lanes.numbers_of(0.0)"

    def _built_in(self, node: Node) -> list[str]:
        if node.name == "place":
            return ["place = lanes.read(places, worker, end)"]
        if node.moment == YEAR:
            return ["month = year * 12 + 11"] if node.name == "month" else []
        return super()._built_in(node)

    def _parameter(self, node: Node) -> list[str]:
        varies = self.parameters[node.name].varies_by_place
        if node.moment == FIXED:
            figures = self.argument("always", node.name)
            figure = f"lanes.cell({figures}, place)" if varies else f"{figures}[0]"
        elif node.moment == YEAR:
            figures = self.argument("yearly", node.name)
            figure = f"lanes.at({figures}, place, {COLUMN})" if varies else f"{figures}[0, {COLUMN}]"
        else:
            figures, month = self.argument("monthly", node.name), at_moment("month", node.moment)
            figure = f"lanes.look_up({figures}, {_row(varies)}, {month} - FIRST_MONTH, nan)"
        return [f"{variable_of(node.key)} = {figure}"]

    def _table(self, node: Node) -> list[str]:
        parameter = self.parameters[node.name]
        varies, tables = parameter.varies_by_place, self.argument("tables", node.name)
        if node.moment == FIXED:
            rows = self.argument("table_row_always", node.name)
            row = f"lanes.cell({rows}, place)" if varies else f"{rows}[0]"
        else:
            rows = self.argument("table_rows", node.name)
            taken_in = (parameter.entry.taken_in or 12) - 1
            month = f"year * 12 + {taken_in}" if node.moment == YEAR else at_moment("month", node.moment)
            # The last table is empty.
            row = f"lanes.look_up({rows}, {_row(varies)}, {month} - FIRST_MONTH, {tables}.shape[0] - 1)"
        return [f"{variable_of(node.key)} = lanes.table_of({tables}, {row})"]

    # --- rules ----------------------------------------------------------------------------------------------------------

    def _rule(self, node: Node, stretch: Stretch) -> list[str]:
        found = "0.0" if node.value.is_float else "0"
        for variant in reversed([one for one in chosen_order(node.variants) if stretch.holds(one)]):
            condition, call = self._condition(variant, node, stretch), self._call(variant, node, stretch)
            found = call if condition is None else f"lanes.select({condition}, {call}, {found})"
        return [f"{variable_of(node.key)} = {found}"]

    def _among(self, numbers: Iterable[int]) -> str:
        return joined("either", (f"place == {number}" for number in numbers))

    def _all(self, conditions: Iterable[str]) -> str:
        return joined("both", conditions)

    def first_year_of(self, events: Sequence[str]) -> str:
        """The year in which the first of some events happens."""
        return joined("least", (f"lanes.year_of({variable_of(self.plan.events[event])})" for event in events))

    def _call(self, variant: Rule, node: Node, stretch: Stretch) -> str:
        arguments = ", ".join(variable_of(node.needs[name]) for name in variant.arguments)
        call = f"{self._function(variant.function)}({arguments})"
        if node.value.name in ("int", "month"):
            call = f"lanes.truncated({call})"
        unknown = [f"lanes.unknown({variable_of(one.key)})" for one in self.unknowns.asked(variant, node, stretch)]
        return f"lanes.select({joined('either', unknown)}, nan, {call})" if unknown else call

    def _function(self, function: Callable[..., Any], *, inlined: bool = False) -> str:
        """The name under which a rule's function for lanes stands in the file; its text is added with all that it calls."""
        if function in self.functions:
            return self.functions[function]
        name = self.functions[function] = self.free_name(function.__name__)
        draws = [argument for argument, kind in argument_kinds(function).items() if is_draw(kind)]
        try:
            text = self._straight(function, name, draws)
        except NotStraightError:
            text = self._one_by_one(function, name)
        self.texts.append(f"@njit\n{text}")
        return name

    def _helper(self, function: Callable[..., Any]) -> str:
        """The same of a function that a rule calls: luck is drawn before it is called."""
        if function not in self.helpers:
            name = self.free_name(function.__name__)
            text = self._straight(function, name, ())
            self.helpers[function] = name
            self.texts.append(f"@njit\n{text}")
        return self.helpers[function]

    def _straight(self, function: Callable[..., Any], name: str, draws: Collection[str]) -> str:
        code, kinds = scalar_code(function, name), argument_kinds(function)
        blanks = [constant for constant, value in code.constants.items() if value == UNKNOWN]
        categories = {argument: numbers for argument, kind in kinds.items() if (numbers := _numbers(kind))}
        return self.renamed(straightened(code.text, Known(draws, blanks, categories)), code, self._helper)

    def _one_by_one(self, function: Callable[..., Any], name: str) -> str:
        """A function for lanes that calls the rule as it was written for one worker after another."""
        kinds = argument_kinds(function)
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        given = ", ".join(_of_lane(argument, kinds[argument]) for argument in names)
        one = "one" if kinds["return"].is_float else "lanes.known(one)"
        return "\n".join(
            [
                f"def {name}({', '.join(names)}):",
                "    result = lanes.numbers_of(0.0)",
                "    for lane in range(lanes.LANES):",
                f"        one = {self._scalar(function)}({given})",
                f"        result = lanes.with_lane(result, lane, {one})",
                "    return result",
            ]
        )

    def _scalar(self, function: Callable[..., Any]) -> str:
        """The name under which a function stands as it was written."""
        if function not in self.of_one:
            name = self.of_one[function] = self.free_name(f"{function.__name__}_of_one")
            code = scalar_code(function, name)
            self.texts.append(f"@njit\n{self.renamed(code.text, code, self._scalar)}")
        return self.of_one[function]


def is_draw(kind: Kind) -> bool:
    """Whether an argument is luck."""
    return kind.name in ("draw", "life_draw")


def _numbers(kind: Kind) -> list[int]:
    """The numbers of a kind's categories, but for the one that stands for none."""
    return [int(member) for member in kind.category if member != UNKNOWN] if kind.category else []


def joined(word: str, several: Iterable[str]) -> str:
    """Several of them by a function of two."""
    found, *others = several
    for other in others:
        found = f"lanes.{word}({found}, {other})"
    return found


def _of_lane(argument: str, kind: Kind) -> str:
    """What one worker gives a rule."""
    if is_draw(kind):
        return f"lanes.lane_of(lanes.drawn({argument}), lane)"
    if kind.name == "table":
        return f"lanes.table_of_lane({argument}, lane)"
    return f"lanes.{'lane_of' if kind.is_float or kind.name == 'place_years' else 'whole_of'}({argument}, lane)"


def _row(varies: bool) -> str:
    return "place" if varies else "0"
