"""A model: rules, parameters and places together, checked once, run often."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from canbao.engine.columns import (
    Findings,
    Grouping,
    Needs,
    check_columns,
    check_grouping,
    missing_column,
    year_faults,
)
from canbao.engine.gpu import refuse_without_gpu
from canbao.engine.interpreter import Interpreter, Step, Worker, is_unknown
from canbao.engine.kernel import figures_of
from canbao.engine.kinds import Kind
from canbao.engine.lanes.kernel import goes_in_lanes, write_lane_kernel
from canbao.engine.parameters import Parameters
from canbao.engine.places import Places
from canbao.engine.plan import LAST_YEAR_SUFFIX, Lawbook, Plan, make_plan
from canbao.engine.ready_kernel import ReadyKernel, Sums
from canbao.engine.request import Machine as KernelMachine
from canbao.engine.request import Request
from canbao.engine.rule import Rule
from canbao.engine.scalar_code import scalar_code
from canbao.engine.source import BLOCK, KernelSource, write_kernel
from canbao.engine.timeline import Timeline
from canbao.errors import Fault, InputError, did_you_mean, raise_all
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

Array = np.ndarray[Any, np.dtype[Any]]
Machine = Literal["threads", "cuda", "python"]

FEW = 16
"""So many places are looked for one by one sooner than all workers are counted."""


@dataclass(frozen=True)
class Totals:
    """Results added up by year and group, inside the kernel.

    Args:
        of: names of yearly results.
        group: a whole number from 0 on for each worker, or the name of the column that holds it; None for one group.
        weight: how many people each worker stands for, or the name of the column; None where each is one.
    """

    of: Sequence[str]
    group: Array | str | None = None
    weight: Array | str | None = None

    @property
    def column_names(self) -> tuple[str | None, str | None]:
        """The columns of group and weight, for workers that lie in a file; None for none.

        Raises:
            InputError: they are given as arrays, of which nobody can say which worker of the file has which value.
        """
        if isinstance(self.group, np.ndarray) or isinstance(self.weight, np.ndarray):
            raise InputError(Fault(say("name_columns")))
        return self.group, self.weight

    def grouping(self, columns: Mapping[str, Array]) -> Grouping:
        """Group and weight of some workers.

        Args:
            columns: by name, one value a worker.

        Raises:
            InputError: a column that is named is not there.
        """
        named = [one for one in (self.group, self.weight) if isinstance(one, str)]
        raise_all([missing_column(name) for name in named if name not in columns])
        group = columns[self.group] if isinstance(self.group, str) else self.group
        weight = columns[self.weight] if isinstance(self.weight, str) else self.weight
        names = [one if isinstance(one, str) else None for one in (self.group, self.weight)]
        return Grouping(group, weight, names[0] or "group", names[1] or "weight")


@dataclass(frozen=True)
class Result:
    """What a run brings back.

    Args:
        values: for each wanted result one value a worker; floats with NaN, whole numbers with `UNKNOWN`, where not known.
        panel: for each, one value a worker and year.
        totals: for each, the sum by year and group.
        years: the years of panel and totals.
        cautions: for each parameter looked at that has something to beware of, `FILLED` and `LOW` added up, one a worker.
    """

    values: Mapping[str, Array]
    panel: Mapping[str, Array]
    totals: Mapping[str, Array]
    years: range
    cautions: Mapping[str, Array] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        return self.values[name]


class Model:
    """Rules that belong together, with their parameters.

    Args:
        rules: all variants of all rules.
        parameters: that the rules name.
        places: where the parameters differ.
        timeline: the events and phases that the rules name.
        columns: the columns that may be supplied though there is no rule for them, with their kinds; those that rules ask
            for are added by themselves.

    Raises:
        InputError: all faults of the rules at once: a name that stands for nothing, variants that overlap or leave a gap,
            a circle, a rule that is not scalar code, a yearly rule that needs what is known only at an event.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        parameters: Parameters | None = None,
        places: Places | None = None,
        timeline: Timeline | None = None,
        columns: Mapping[str, Kind] | None = None,
    ) -> None:
        grouped: dict[str, list[Rule]] = {}
        for one in rules:
            grouped.setdefault(one.name, []).append(one)
        self.rules: Mapping[str, tuple[Rule, ...]] = {name: tuple(variants) for name, variants in grouped.items()}
        self.parameters = parameters or Parameters({})
        self.places = places or Places({})
        self.timeline = timeline or Timeline()
        self.columns = dict(columns or {})
        self.lawbook = Lawbook(self.rules, self.parameters, self.places, self.timeline, self.columns)
        self._plans: dict[tuple[object, ...], list[Plan]] = {}
        self._sources: dict[tuple[int, Request, KernelMachine], KernelSource] = {}
        raise_all(list(_faults(self.lawbook)))

    def with_rules(self, rules: Iterable[Rule]) -> Model:
        """The same model with some rules replaced, as a structural reform does; all variants of a name give way."""
        new = list(rules)
        names = {one.name for one in new}
        kept = [one for name, variants in self.rules.items() if name not in names for one in variants]
        return Model([*kept, *new], self.parameters, self.places, self.timeline, self.columns)

    def with_parameters(self, parameters: Parameters) -> Model:
        """The same rules with other figures; what was found out of the rules is not found out again.

        Args:
            parameters: of the same names, tables where they were tables.
        """
        if {name: one.is_table for name, one in parameters.items()} != {
            name: one.is_table for name, one in self.parameters.items()
        }:
            every = [one for each in self.rules.values() for one in each]
            return Model(every, parameters, self.places, self.timeline, self.columns)
        other = copy(self)
        other.parameters = parameters
        other.lawbook = replace(self.lawbook, parameters=parameters)
        return other

    def plan(
        self,
        want: Sequence[str],
        supplied: Collection[str],
        *,
        years: bool = False,
        places: frozenset[int] | None = None,
        within: tuple[int, int] | None = None,
    ) -> Plan:
        """What the wanted results need; see `make_plan`. Asked for again, it is the same plan."""
        known = self._plans.setdefault((tuple(want), frozenset(supplied), years, places, within), [])
        for plan in known:
            if plan.fits(self.parameters):
                return plan
        known.append(make_plan(self.lawbook, want, supplied, years=years, places=places, within=within))
        return known[-1]

    def kernel_source(
        self,
        want: Sequence[str],
        supplied: Collection[str],
        *,
        years: bool = False,
        request: Request | None = None,
        machine: KernelMachine = "threads",
    ) -> KernelSource:
        """The kernel's file, to be read."""
        plan = self.plan(want, supplied, years=years)
        return self._source(plan, request or Request(values=tuple(want)), machine)

    def _source(self, plan: Plan, request: Request, machine: KernelMachine = "threads") -> KernelSource:
        """A plan's kernel; plans are kept, so each is known by its identity."""
        if request.cautions:
            # It looks at the parameters themselves.
            return write_kernel(plan, request, self.parameters, self.places, machine)
        asked = (id(plan), request, machine)
        if asked not in self._sources:
            if machine == "threads" and goes_in_lanes(plan, request):
                self._sources[asked] = write_lane_kernel(plan, request, self.parameters, self.places)
            else:
                self._sources[asked] = write_kernel(plan, request, self.parameters, self.places, machine)
        return self._sources[asked]

    def ready_kernel(
        self,
        request: Request,
        supplied: Collection[str],
        *,
        years: tuple[int, int] | None = None,
        seed: int = 0,
        places: frozenset[int] | None = None,
        machine: KernelMachine = "threads",
    ) -> ReadyKernel:
        """A kernel with all that it takes but the workers.

        Args:
            request: what it shall bring back.
            supplied: names of the columns that are there.
            years: the first and last year to go through; None for cases that are given as they stand.
            seed: of random draws.
            places: the numbers of the places in which the workers are; None for all.
            machine: that shall run it.

        Raises:
            InputError: a column that is needed and missing; no graphics processor where it shall run on one.
        """
        if machine == "cuda":
            refuse_without_gpu()
        plan = self._plan_for(request, supplied, years, places)
        source = self._source(plan, request, machine)
        figures = figures_of(source, self.parameters, years)
        return ReadyKernel(source, figures, _stored(plan), Needs.of(self.lawbook, plan), years, seed)

    def _plan_for(
        self, request: Request, supplied: Collection[str], years: tuple[int, int] | None, places: frozenset[int] | None
    ) -> Plan:
        raise_all(year_faults(years))
        columns = [name for name in supplied if name not in ("place", "worker_id")]
        return self.plan(request.names, columns, years=years is not None, places=places, within=years)

    def places_among(self, place: Array | None) -> frozenset[int] | None:
        """The numbers of the places in which some worker is; None for all. A number that is none is found out later."""
        if place is None:
            return None
        return _present(np.asarray(place)) & frozenset(range(len(self.places.names))) or None

    def run(
        self,
        columns: Mapping[str, Array],
        want: Sequence[str] = (),
        *,
        years: tuple[int, int] | None = None,
        panel: Sequence[str] = (),
        totals: Totals | None = None,
        seed: int = 0,
        cautions: bool = False,
        on: Machine = "threads",
    ) -> Result:
        """Compute results for many workers.

        Args:
            columns: by name, one value a worker; categories by their number, months as whole months since the year 0.
                `place` is the number of the worker's place, `worker_id` the number under which luck is drawn.
            want: results with one value a worker: of an event's rule the value at the event, of a yearly rule the last.
            years: the first and last year to go through; None for cases that are given as they stand.
            panel: yearly results to be kept for every year.
            totals: yearly results to be added up.
            seed: of random draws.
            cautions: whether to note which filled-in or doubtful figures each worker's results looked at.
            on: compiled, on all threads; compiled for a graphics processor, which needs `canbao[cuda]`; or in plain Python.

        Raises:
            InputError: a column that is needed and missing, of the wrong type, with missing values or out of range; no
                graphics processor that can be used, or too little memory on it.
        """
        request = requested(want, panel, totals, cautions=cautions)
        grouping = totals.grouping(columns) if totals else Grouping()
        places = self.places_among(columns.get("place"))
        workers = len(next(iter(columns.values()))) if columns else 0
        if on == "python":
            plan = self._plan_for(request, list(columns), years, places)
            return self._interpret(plan, request, columns, workers, years, grouping, seed)
        kernel = self.ready_kernel(request, list(columns), years=years, seed=seed, places=places, machine=on)
        outputs = kernel.run(columns, workers, grouping)
        sums = Sums(len(kernel.span), request.totals)
        sums.add_all(outputs)
        return Result(outputs.values, outputs.panel, sums.totals, kernel.span, outputs.cautions)

    def explain(
        self,
        row: Mapping[str, Any],
        want: Sequence[str],
        *,
        years: tuple[int, int] | None = None,
        seed: int = 0,
    ) -> tuple[Worker, list[Step]]:
        """One worker step by step, in plain Python.

        Args:
            row: values by column name, as in `run`.
            want: names of results.
            years: as in `run`.
            seed: of random draws.
        """
        columns = {name: np.array([value]) for name, value in row.items()}
        supplied = [name for name in columns if name not in ("place", "worker_id")]
        raise_all(year_faults(years))
        plan = self.plan(list(want), supplied, years=years is not None, places=self.places_among(columns.get("place")))
        checked = check_columns(Needs.of(self.lawbook, plan), columns, 1)
        steps: list[Step] = []
        interpreter = Interpreter(plan, self.parameters, self.places, seed)
        worker = interpreter.worker(
            _row(checked, 0), int(checked["place"][0]), int(checked["worker_id"][0]), years, steps.append
        )
        return worker, steps

    def _interpret(
        self,
        plan: Plan,
        request: Request,
        columns: Mapping[str, Array],
        workers: int,
        years: tuple[int, int] | None,
        grouping: Grouping,
        seed: int,
    ) -> Result:
        findings = Findings()
        columns = check_columns(Needs.of(self.lawbook, plan), columns, workers, findings)
        groups, weights = check_grouping(grouping, workers, findings)
        findings.raise_all()
        interpreter = Interpreter(plan, self.parameters, self.places, seed)
        to_the_end = bool(request.panel or request.totals)
        lives = [
            interpreter.worker(
                _row(columns, at), int(columns["place"][at]), int(columns["worker_id"][at]), years, to_the_end=to_the_end
            )
            for at in range(workers)
        ]
        kinds = _stored(plan)
        values = {name: np.array([life.wanted(name) for life in lives], dtype=kinds[name]) for name in request.values}
        panel = {
            name: np.array([[life.in_year(year, name) for year in _range(years)] for life in lives], dtype=kinds[name])
            for name in request.panel
        }
        sums = {}
        for name in request.totals:
            total = np.zeros((len(_range(years)), int(groups.max(initial=0)) + 1))
            for at, life in enumerate(lives):
                times = float(weights[at]) if request.weighted else 1.0
                for year, found in life.panel.items():
                    total[year - _range(years)[0], groups[at]] += _amount(found[name]) * times
            sums[name] = total
        cautions = {}
        if request.cautions:
            names = dict.fromkeys(name for life in lives for name in life.cautions)
            cautions = {name: np.array([life.cautions.get(name, 0) for life in lives], dtype=np.uint8) for name in names}
        return Result(values, panel, sums, _range(years), cautions)

    @cached_property
    def needed_columns(self) -> Mapping[str, Kind]:
        """Every column that may be supplied: inputs, and every rule and parameter that one can replace."""
        replaced = {name: variants[0].gives for name, variants in self.rules.items()}
        figures = {name: Kind("float") for name, parameter in self.parameters.items() if not parameter.is_table}
        return {**figures, **replaced, **self.columns}


def requested(want: Sequence[str], panel: Sequence[str], totals: Totals | None, *, cautions: bool = False) -> Request:
    """What a run shall bring back, as the kernel is written for it."""
    weighted = totals is not None and totals.weight is not None
    return Request(tuple(want), tuple(panel), tuple(totals.of) if totals else (), cautions, weighted)


def _present(place: Array) -> frozenset[int]:
    if place.dtype.kind not in "iu" or not place.size or place.min() < 0 or place.max() >= place.size:
        return (
            frozenset(np.unique(place[np.isfinite(place)]).astype(int).tolist())
            if place.dtype.kind in "fiu"
            else frozenset()
        )
    most = int(place.max()) + 1
    counts = np.bincount(place[:BLOCK], minlength=most)
    absent = np.flatnonzero(counts == 0)
    if len(absent) <= FEW:
        return frozenset(range(most)) - {int(one) for one in absent if not (place == one).any()}
    # Part by part, for what it counts in is larger than what it counts.
    for start in range(BLOCK, place.size, BLOCK):
        counts += np.bincount(place[start : start + BLOCK], minlength=most)
    return frozenset(np.flatnonzero(counts).tolist())


def _row(columns: Mapping[str, Array], at: int) -> dict[str, Any]:
    return {name: (np.float64 if array.dtype.kind == "f" else np.int64)(array[at]) for name, array in columns.items()}


def _amount(value: Any) -> float:
    """What is added to a total: what is not known is not added as the number that stands for it."""
    return math.nan if is_unknown(value) else float(value)


def _stored(plan: Plan) -> dict[str, np.dtype[Any]]:
    """How the values of each result are stored; categories and yes/no need room for `UNKNOWN` too."""
    kinds = {name: plan.nodes[key].value for name, key in plan.wanted.items()}
    return {name: np.dtype(np.float64 if kind.is_float else np.int32) for name, kind in kinds.items()}


def _range(years: tuple[int, int] | None) -> range:
    return range(years[0], years[1] + 1) if years else range(0)


# --- faults of the rules ------------------------------------------------------------------------------------------------


def _faults(lawbook: Lawbook) -> Iterable[Fault]:
    wrong_times = list(_wrong_times(lawbook))
    yield from wrong_times
    for check in (_unknown_names, _impure, _overlaps, _gaps, _unlike_variants, _circles):
        yield from check(lawbook)
    if not wrong_times:
        yield from _needs_event_early(lawbook)


def _all(lawbook: Lawbook) -> Iterable[Rule]:
    return (one for variants in lawbook.rules.values() for one in variants)


def _unknown_names(lawbook: Lawbook) -> Iterable[Fault]:
    """An argument that is neither column, parameter, rule nor what the engine supplies."""
    for one in _all(lawbook):
        for name, kind in one.arguments.items():
            if kind.name in ("draw", "life_draw"):
                continue
            base = name.removesuffix(LAST_YEAR_SUFFIX)
            known = name in lawbook.names or (name != base and base in lawbook.rules)
            if not known:
                near = did_you_mean(name, {*lawbook.names, *(f"{rule}{LAST_YEAR_SUFFIX}" for rule in lawbook.rules)})
                yield Fault(say("unknown_argument", rule=one.function.__name__, name=name), one.place, near)
        for name in (*one.provinces, *one.excluding):
            if name not in lawbook.places.numbers:
                yield Fault(say("unknown_place", name=name), one.place, did_you_mean(name, lawbook.places.names))
        for name in one.given:
            if name not in lawbook.names:
                yield Fault(
                    say("unknown_argument", rule=one.function.__name__, name=name),
                    one.place,
                    did_you_mean(name, lawbook.names),
                )


def _impure(lawbook: Lawbook) -> Iterable[Fault]:
    """A rule that is not scalar code."""
    for one in _all(lawbook):
        try:
            scalar_code(one.function)
        except InputError as error:
            yield from error.faults


def _overlaps(lawbook: Lawbook) -> Iterable[Fault]:
    """Two variants that would hold for the same worker at the same time."""
    for name, variants in lawbook.rules.items():
        for at, one in enumerate(variants):
            for other in variants[at + 1 :]:
                if _overlap(one, other):
                    what = say("overlap", rule=name, other=other.place.text("en"))
                    yield Fault(what, one.place, say("overlap_remedy"))


def _overlap(one: Rule, other: Rule) -> bool:
    if set(one.given) != set(other.given) or (one.during != other.during and one.during and other.during):
        return False
    if bool(one.provinces) != bool(other.provinces) or (one.provinces and not set(one.provinces) & set(other.provinces)):
        return False
    return (one.until is None or other.since is None or other.since <= one.until) and (
        other.until is None or one.since is None or one.since <= other.until
    )


def _gaps(lawbook: Lawbook) -> Iterable[Fault]:
    """Months between two variants in which neither holds."""
    for name, variants in lawbook.rules.items():
        alike: dict[tuple[object, ...], list[Rule]] = {}
        for one in variants:
            alike.setdefault((one.provinces, one.given, one.during), []).append(one)
        for group in alike.values():
            ordered = sorted(group, key=lambda one: one.since or 0)
            for one, following in pairwise(ordered):
                if one.until is not None and following.since is not None and following.since > one.until + 1:
                    yield Fault(say("gap", rule=name), following.place)


def _unlike_variants(lawbook: Lawbook) -> Iterable[Fault]:
    """Variants of one rule that give different kinds, or live at different moments."""
    for name, variants in lawbook.rules.items():
        first = variants[0]
        for one in variants[1:]:
            if (one.gives, one.at) != (first.gives, first.at):
                yield Fault(say("unlike_variants", rule=name), one.place)


def _wrong_times(lawbook: Lawbook) -> Iterable[Fault]:
    """An event or phase that the timeline does not have."""
    for one in _all(lawbook):
        for name, known in ((one.at, lawbook.timeline.events), (one.during, lawbook.timeline.phases)):
            if name is not None and name not in known:
                yield Fault(say("unknown_moment", rule=one.name, name=name), one.place, did_you_mean(name, known))


def _needs_event_early(lawbook: Lawbook) -> Iterable[Fault]:
    """A yearly rule that needs a value known only at an event that comes later."""
    for one in _all(lawbook):
        if one.at is not None:
            continue
        known = lawbook.timeline.events_before(one.during) if one.during is not None else []
        for name in one.arguments:
            event = lawbook.rules[name][0].at if name in lawbook.rules else None
            if event is not None and event not in known and name not in one.given:
                what = say("needs_event", rule=one.name, name=name, event=event)
                yield Fault(what, one.place, say("needs_event_remedy", event=event))


def _circles(lawbook: Lawbook) -> Iterable[Fault]:
    """Rules that need one another."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> Iterable[Fault]:
        if name in path:
            circle = [*path[path.index(name) :], name]
            yield Fault(say("circle", names=" → ".join(circle)), lawbook.rules[name][0].place)
            return
        if name in done or name not in lawbook.rules:
            return
        for one in lawbook.rules[name]:
            if not one.given:
                for argument in one.arguments:
                    yield from walk(argument, [*path, name])
        done.add(name)

    for name in lawbook.rules:
        yield from walk(name, [])
