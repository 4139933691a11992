"""What has to be computed for the wanted results, and in which order: it follows from the names alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from canbao.engine.kinds import Kind
from canbao.engine.parameters import Parameter, Parameters
from canbao.engine.places import Places
from canbao.engine.rule import Rule
from canbao.engine.scalar_code import can_give_unknown
from canbao.engine.timeline import Timeline
from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

FIXED, YEAR = "fixed", "year"
"""Moments beside the events: once in a life, and every year."""

LAST_YEAR_SUFFIX = "_last_year"
BUILT_IN: Mapping[str, Kind] = {"year": Kind("int"), "month": Kind("month"), "place": Kind("int")}
"""Arguments that the engine itself supplies: the year and month of the moment (of a whole year, the last month), and the
number of the worker's place."""

Traits = tuple[bool, str, bool, bool]
"""What a plan must know of a parameter: whether it is a table, when it is looked up, whether places differ, whether it may
be unknown."""

NodeKind = Literal["column", "parameter", "table", "place_years", "rule", "state", "built_in", "draw"]
Key = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """One thing to be computed or fetched.

    Args:
        name: of the column, parameter or rule; of the argument for draws.
        moment: fixed, year, or an event.
        kind: what it is.
        value: the kind of its value.
        needs: for rules, which node each argument is, for each variant.
        variants: of rules, the ones that can apply.
        may_be_unknown: it can lack a value.
    """

    name: str
    moment: str
    kind: NodeKind
    value: Kind
    needs: Mapping[str, Key] = field(default_factory=dict)
    variants: tuple[Rule, ...] = ()
    may_be_unknown: bool = False

    @property
    def key(self) -> Key:
        """Name and moment."""
        return self.name, self.moment


@dataclass(frozen=True)
class Plan:
    """Everything in the order of computation.

    Args:
        nodes: each after those that it needs.
        wanted: the nodes of the results, by name.
        columns: the supplied columns that are needed.
        has_years: a loop over years is needed, because some rule looks back on its own last year.
        by_month: the moment `year` is a single month, which the column `month` gives.
        events: the node that gives the month of each event that occurs.
        reach: for each node the numbers of the places whose workers' results can rest on it.
        places: the numbers of the places in which the workers are.
        within: the first and last year that the run goes through; None where it was not known.
        traits: what it rests on of each parameter, by name and the moment asked about.
    """

    nodes: Mapping[Key, Node]
    wanted: Mapping[str, Key]
    columns: tuple[str, ...]
    has_years: bool
    by_month: bool
    events: Mapping[str, Key]
    timeline: Timeline
    reach: Mapping[Key, frozenset[int]]
    places: frozenset[int]
    within: tuple[int, int] | None
    traits: Mapping[Key, Traits]

    def fits(self, parameters: Parameters) -> bool:
        """Whether it is the plan for these parameters too, as it is where only figures differ."""
        return all(
            _traits(parameters[name], moment, self.places, self.within) == known
            for (name, moment), known in self.traits.items()
        )

    @property
    def ends_with(self) -> str | None:
        """The event beyond which nothing is asked about, if its month is known before any year is gone through."""
        moments = {moment for _, moment in self.wanted.values()} - {FIXED}
        if len(moments) != 1 or len(self.events) != 1:
            return None
        event = next(iter(moments))
        return event if self.events.get(event, ("", YEAR))[1] == FIXED else None

    @property
    def bounds(self) -> list[str]:
        """The events between which a life that is gone through lies."""
        return self.timeline.bounds if self.has_years else []

    def this_year(self, state: Node) -> Key:
        """The node that becomes a state when the year is over."""
        base = state.name.removesuffix(LAST_YEAR_SUFFIX)
        return (base, FIXED) if (base, FIXED) in self.nodes else (base, YEAR)

    def known_before(self, node: Node) -> bool:
        """Whether a figure is looked up at an event whose month is known before any year is gone through."""
        return node.kind in ("parameter", "table") and self.events.get(node.moment, ("", YEAR))[1] == FIXED


@dataclass(frozen=True)
class Lawbook:
    """Rules, parameters, places and time together: what names can mean.

    Args:
        rules: all variants of each rule, by name.
        columns: the columns that may be supplied without there being a rule for them, with their kinds.
    """

    rules: Mapping[str, tuple[Rule, ...]]
    parameters: Parameters
    places: Places
    timeline: Timeline
    columns: Mapping[str, Kind]

    def kind(self, name: str) -> Kind | None:
        """The kind of what a name stands for; None if it stands for nothing."""
        if name in self.columns:
            return self.columns[name]
        if name in self.rules:
            return self.rules[name][0].gives
        if name in self.parameters:
            return Kind("table") if self.parameters[name].is_table else Kind("float")
        if name in BUILT_IN:
            return BUILT_IN[name]
        if name.endswith(LAST_YEAR_SUFFIX):
            return self.kind(name.removesuffix(LAST_YEAR_SUFFIX))
        return None

    @property
    def names(self) -> set[str]:
        """Every name that an argument may have."""
        return {*self.columns, *self.rules, *self.parameters, *BUILT_IN}


def make_plan(
    lawbook: Lawbook,
    want: Sequence[str],
    supplied: Collection[str],
    *,
    years: bool,
    places: frozenset[int] | None = None,
    within: tuple[int, int] | None = None,
) -> Plan:
    """Find what the wanted results need.

    Args:
        lawbook: what names can mean.
        want: names of rules.
        supplied: names of the columns that are there; each replaces the rule or parameter of its name.
        years: whether the run goes through several years.
        places: the numbers of the places in which the workers are; variants that hold elsewhere are left out. None for all.
        within: the first and last year that the run goes through; None where it is not known yet.

    Raises:
        InputError: a name that stands for nothing, a circle, a column that is needed and not there; all at once.
    """
    planner = _Planner(lawbook, supplied, places, has_years=years, within=within)
    plan = planner.plan(want)
    raise_all(planner.faults)
    return plan


class _Planner:
    def __init__(
        self,
        lawbook: Lawbook,
        supplied: Collection[str],
        places: frozenset[int] | None,
        *,
        has_years: bool,
        within: tuple[int, int] | None = None,
    ) -> None:
        self.lawbook = lawbook
        self.places = frozenset(range(len(lawbook.places.names))) if places is None else places
        self.supplied = set(supplied)
        self.has_years = has_years
        self.within = within
        self.nodes: dict[Key, Node] = {}
        self.stack: list[Key] = []
        self.faults: list[Fault] = []
        self.events: dict[str, Key] = {}
        self.happening: dict[str, bool] = {}
        self.traits: dict[Key, Traits] = {}
        self.seen: set[str] = set()
        self.looked_back_on: list[tuple[str, Rule | None]] = []
        self.result = ""

    def plan(self, want: Sequence[str]) -> Plan:
        wanted = {}
        for name in want:
            self.result = name
            key = self.visit(name, YEAR, None)
            if key is not None:
                wanted[name] = key
        while self.looked_back_on:
            base, asker = self.looked_back_on.pop()
            self.visit(base, YEAR, asker)
        self._bounds()
        self._spread_unknowns()
        columns = sorted({node.name for node in self.nodes.values() if node.kind == "column"})
        columns += [node.name for node in self.nodes.values() if node.kind == "state" and node.name in self.supplied]
        by_month = "month" in self.supplied and not self.has_years
        if by_month and "month" not in columns:
            columns.append("month")
        return Plan(
            self.nodes,
            wanted,
            tuple(columns),
            self.has_years,
            by_month,
            self.events,
            self.lawbook.timeline,
            self._reach(wanted),
            self.places,
            self.within,
            self.traits,
        )

    # --- one name -------------------------------------------------------------------------------------------------------

    def visit(self, name: str, moment: str, asker: Rule | None, argument: Kind | None = None) -> Key | None:
        """The node of a name at a moment, made with all that it needs; None after a fault."""
        lawbook = self.lawbook
        if argument is not None and argument.name == "life_draw":
            return self._add(Node(name, FIXED, "draw", argument))
        if argument is not None and argument.name == "draw":
            self._year(moment)
            return self._add(Node(name, moment, "draw", argument))
        if argument is not None and argument.name == "place_years":
            return self._place_years(name, asker, argument)
        if name == "month":
            return self._month(moment)
        if name == "year":
            return self._year(moment)
        looks_back = name.endswith(LAST_YEAR_SUFFIX) and name.removesuffix(LAST_YEAR_SUFFIX) in lawbook.rules
        if looks_back and (self.has_years or name not in self.supplied):
            return self._state(name, asker)
        if name in self.supplied:
            kind = lawbook.kind(name)
            if kind is None:
                self._unknown_name(name, asker)
                return None
            return self._add(Node(name, FIXED, "column", kind))
        if name in lawbook.rules:
            return self._rule(name, moment)
        if name in lawbook.parameters:
            return self._parameter(name, moment)
        if name == "place":
            return self._add(Node(name, FIXED, "built_in", BUILT_IN[name]))
        self._missing(name, asker)
        return None

    def _add(self, node: Node) -> Key:
        self.nodes.setdefault(node.key, node)
        return node.key

    def _year(self, moment: str) -> Key | None:
        if moment in self.lawbook.timeline.events and self._event(moment) is None:
            return None
        return self._add(Node("year", moment, "built_in", BUILT_IN["year"]))

    def _month(self, moment: str) -> Key | None:
        if self._year(moment) is None:
            return None
        return self._add(Node("month", moment, "built_in", BUILT_IN["month"]))

    def _event(self, event: str) -> Key | None:
        """The node that says when an event happens."""
        if event not in self.events:
            key = self.visit(self.lawbook.timeline.events[event], YEAR, None)
            if key is None:
                return None
            self.events[event] = key
        return self.events[event]

    def _bounds(self) -> None:
        """The events between which a life lies; the loop over years must know them."""
        for event in self.lawbook.timeline.bounds if self.has_years else ():
            key = self._event(event)
            if key is not None and key[1] != FIXED:
                rule = self.lawbook.timeline.events[event]
                self.faults.append(
                    Fault(say("bound_known_late", event=event, rule=rule), self.nodes[key].variants[0].place)
                )

    def _parameter(self, name: str, moment: str) -> Key | None:
        traits = self.traits[name, moment] = _traits(self.lawbook.parameters[name], moment, self.places, self.within)
        is_table, at, varies_by_place, unknown = traits
        if at in self.lawbook.timeline.events and self._event(at) is None:
            return None
        if at != FIXED:
            self._year(at)
        if varies_by_place:
            self._add(Node("place", FIXED, "built_in", BUILT_IN["place"]))
        if is_table:
            return self._add(Node(name, at, "table", Kind("table"), may_be_unknown=True))
        return self._add(Node(name, at, "parameter", Kind("float"), may_be_unknown=unknown))

    def _place_years(self, name: str, asker: Rule | None, kind: Kind) -> Key | None:
        if name not in self.lawbook.parameters:
            self._unknown_name(name, asker)
            return None
        return self._add(Node(name, "all_years", "place_years", kind, may_be_unknown=True))

    def _state(self, name: str, asker: Rule | None) -> Key | None:
        base = name.removesuffix(LAST_YEAR_SUFFIX)
        if not self.has_years:
            self._missing(base, asker, look_back=True)
            return None
        key = self._add(Node(name, YEAR, "state", self.lawbook.rules[base][0].gives))
        if base not in self.seen:
            self.seen.add(base)
            self.looked_back_on.append((base, asker))
        return key

    def _rule(self, name: str, moment: str) -> Key | None:
        variants = self._variants(name)
        at = self._moment(variants[0].at, moment)
        for key in ((name, FIXED), (name, at)):
            if key in self.nodes:
                return key
        if (name, at) in self.stack:
            circle = [one for one, _ in self.stack[self.stack.index((name, at)) :]] + [name]
            self.faults.append(Fault(say("circle", names=" → ".join(circle)), variants[0].place))
            return None
        happens = at not in self.lawbook.timeline.events or self._year(at) is not None
        self.stack.append((name, at))
        needs = self._needs(variants, at)
        self.stack.pop()
        if needs is None or not happens:
            return None
        return self._add(self._node(name, at, variants, needs))

    def _moment(self, event: str | None, asked: str) -> str:
        """When a rule is evaluated: at its event, else when it is asked for.

        Of a worker who is given as she stands nobody need say when the event happens: it is then the year asked about.
        """
        if self.has_years:
            return event or YEAR
        if event is None:
            return asked
        if event not in self.happening:
            probe = _Planner(self.lawbook, self.supplied, self.places, has_years=False)
            self.happening[event] = probe.visit(self.lawbook.timeline.events[event], YEAR, None) is not None
        return event if self.happening[event] else YEAR

    def _variants(self, name: str) -> tuple[Rule, ...]:
        """Those that hold where the workers are and apply to the supplied columns: the ones made for most of them."""
        every = self.lawbook.rules[name]
        variants = tuple(one for one in every if where(one, every, self.lawbook.places) & self.places) or every
        fitting = [one for one in variants if set(one.given) <= self.supplied]
        most = max((len(one.given) for one in fitting), default=0)
        return tuple(one for one in fitting if len(one.given) == most) or variants

    def _needs(self, variants: Iterable[Rule], at: str) -> dict[str, Key] | None:
        needs: dict[str, Key] = {}
        complete = True
        for variant in variants:
            if variant.during is not None:
                complete &= self._phase(variant.during)
            if (variant.since or variant.until) is not None:
                self._year(at)
            if variant.provinces:
                self._add(Node("place", FIXED, "built_in", BUILT_IN["place"]))
            for argument, kind in variant.arguments.items():
                if argument not in needs:
                    key = self.visit(argument, at, variant, kind)
                    if key is None:
                        complete = False
                    else:
                        needs[argument] = key
        return needs if complete else None

    def _phase(self, phase: str) -> bool:
        """See to the events that bound a phase; one that is not known never happens."""
        timeline = self.lawbook.timeline
        self._year(YEAR)
        for event in (*timeline.opened_by(phase), *timeline.closed_by(phase)):
            if event not in self.events:
                known = timeline.events[event]
                if known in self.supplied or known in self.lawbook.rules:
                    self._event(event)
        return True

    def _node(self, name: str, at: str, variants: tuple[Rule, ...], needs: Mapping[str, Key]) -> Node:
        needed = [self.nodes[key] for key in needs.values() if key in self.nodes]
        bounded = any(one.since or one.until or one.during for one in variants)
        steady = not bounded and variants[0].at is None and all(node.moment == FIXED for node in needed)
        unknown = (
            any(node.may_be_unknown for node in needed)
            or at in self.lawbook.timeline.events
            or any(can_give_unknown(one.function) for one in variants)
        )
        return Node(name, FIXED if steady else at, "rule", variants[0].gives, needs, variants, unknown)

    def _spread_unknowns(self) -> None:
        """What was unknown last year makes this year's value unknown, and so on until nothing changes."""
        changed = True
        while changed:
            changed = False
            for key, node in self.nodes.items():
                sources = (
                    [(node.name.removesuffix(LAST_YEAR_SUFFIX), YEAR)] if node.kind == "state" else node.needs.values()
                )
                if not node.may_be_unknown and any(self.nodes[one].may_be_unknown for one in sources if one in self.nodes):
                    self.nodes[key] = replace(node, may_be_unknown=True)
                    changed = True

    def _reach(self, wanted: Mapping[str, Key]) -> dict[Key, frozenset[int]]:
        """Follow every node back from the results, through the variants that hold in each place."""
        reach: dict[Key, frozenset[int]] = dict.fromkeys(self.nodes, frozenset())
        waiting = [(key, self.places) for key in [*wanted.values(), *self.events.values()]]
        while waiting:
            key, places = waiting.pop()
            if places <= reach[key]:
                continue
            reach[key] |= places
            node = self.nodes[key]
            if node.kind == "state":
                base = node.name.removesuffix(LAST_YEAR_SUFFIX)
                waiting.append(((base, FIXED if (base, FIXED) in self.nodes else YEAR), places))
            for variant in node.variants:
                held = places & where(variant, self.lawbook.rules[node.name], self.lawbook.places)
                waiting += [(node.needs[name], held) for name in variant.arguments]
        return reach

    # --- faults ---------------------------------------------------------------------------------------------------------

    def _missing(self, name: str, asker: Rule | None, *, look_back: bool = False) -> None:
        """A column that was not supplied, or a name that stands for nothing."""
        if name not in self.lawbook.names:
            self._unknown_name(name, asker)
            return
        what = say("needs_column", result=self.result, name=name)
        remedy = say("needs_years", name=name) if look_back else say("give_column", name=name)
        fault = Fault(what, Place(field=name), remedy)
        if fault not in self.faults:
            self.faults.append(fault)

    def _unknown_name(self, name: str, asker: Rule | None) -> None:
        near = did_you_mean(name, self.lawbook.names)
        if asker is None:
            self.faults.append(Fault(say("unknown_result", name=name), Place(), near))
        else:
            self.faults.append(Fault(say("unknown_argument", rule=asker.name, name=name), asker.place, near))


def _traits(parameter: Parameter, moment: str, places: frozenset[int], within: tuple[int, int] | None) -> Traits:
    at = moment if parameter.varies_in_time else FIXED
    if parameter.is_table:
        return True, at, parameter.varies_by_place, True
    rows = places if parameter.varies_by_place else frozenset({0})
    return False, at, parameter.varies_by_place, parameter.lacks(rows, within if at == YEAR else None)


def where(variant: Rule, variants: Sequence[Rule], places: Places) -> frozenset[int]:
    """The numbers of all places in which a variant holds: those named with all that lies within, or all that are left."""
    if variant.provinces:
        return frozenset(place_numbers(variant, variants, places))
    named = {one for other in variants if other.provinces for one in place_numbers(other, variants, places)}
    return frozenset(range(len(places.names))) - named


def place_numbers(variant: Rule, variants: Sequence[Rule], places: Places) -> list[int]:
    """The numbers of the places that a variant names: with those that lie within, unless they have their own."""
    own = {name for other in variants if other is not variant for name in other.provinces}
    numbers = set()
    for name in variant.provinces:
        excluded = {inner for other in own & places.within(name) if other != name for inner in places.within(other)}
        numbers |= {places.numbers[one] for one in places.within(name) - excluded}
    return sorted(numbers - {places.numbers[one] for name in variant.excluding for one in places.within(name)})
