"""A process model as the tables that the event loop reads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from canbao.engine.draws import purpose_number
from canbao.procedures.simulation.distributions import Distribution, draws_of
from canbao.procedures.simulation.hours import ALWAYS, DAY, WEEKDAYS, OpenHours, open_hours, spans_of, whole_working_days
from canbao.procedures.simulation.process_model import GivesUp, ProcessModel, Step, calendar_of

Array = np.ndarray[Any, np.dtype[Any]]

YEARS_AFTER = 12
"""Working hours are laid out for so long after the last arrival; afterwards work goes on around the clock."""


@dataclass(frozen=True)
class Tables:
    """What `event_loop.simulate` wants of a model, in its order and by its names."""

    step_key: Array
    at_most: Array
    pool: Array
    service: Array
    clock: Array
    priority: Array
    automatic: Array
    gives_up_share: Array
    gives_up_rate: Array
    gives_up_to: Array
    batch_size: Array
    batch_seconds: Array
    release_first: Array
    releases: Array
    route_first: Array
    route_to: Array
    route_share: Array
    route_delay: Array
    route_clock: Array
    staff: Array
    pool_clock: Array
    levels: int
    draw_kind: Array
    draw_figures: Array
    draw_first: Array
    draw_values: Array
    clock_first: Array
    clock_begins: Array
    clock_ends: Array
    clock_before: Array


class _Numbered:
    """Distributions, each once, in the order in which they are first met."""

    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self.found: dict[str, int] = {}
        self.draws: list[Any] = []

    def number(self, distribution: Distribution | None) -> int:
        """The distribution's number; -1 for none."""
        if distribution is None:
            return -1
        key = distribution.model_dump_json(exclude={"source", "confidence"})
        if key not in self.found:
            self.found[key] = len(self.draws)
            self.draws.append(draws_of(distribution, self.model.value))
        return self.found[key]


class CompiledModel:
    """A model ready to run.

    Args:
        model: one without flaws.
        days: for how many days cases arrive.
    """

    def __init__(self, model: ProcessModel, days: int) -> None:
        self.model = model
        self.days = days
        self.steps: list[str] = list(model.steps)
        self.pools: list[str] = list(model.staff)
        self.deciding: list[str] = model.deciding
        self._values = [model.values_of(name) for name in self.deciding]
        self.kinds: list[Mapping[str, str]] = [
            dict(zip(self.deciding, combination, strict=True)) for combination in itertools.product(*self._values)
        ]

    def kind_of(self, attributes: Mapping[str, Array]) -> Array:
        """The kind of each case.

        Args:
            attributes: for each deciding attribute the index of its value among `model.values_of`.
        """
        count = len(next(iter(attributes.values()))) if attributes else 0
        found = np.zeros(count, np.int64)
        for name, values in zip(self.deciding, self._values, strict=True):
            found = found * len(values) + attributes[name]
        return found

    @cached_property
    def tables(self) -> Tables:
        """The model in numbers."""
        model, steps, kinds = self.model, self.steps, self.kinds
        numbered = _Numbered(model)
        clocks = self._clocks()
        shape = (len(steps), len(kinds))
        whole = {name: np.full(shape, -1, np.int64) for name in ("pool", "service", "gives_up_to")}
        priority, clock = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        automatic, share, rate = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        first, branches = np.zeros((len(steps), len(kinds) + 1), np.int64), _Branches(self, numbered)
        levels = sorted({one for step in model.steps.values() for one in _priorities(step)})
        for s, step in enumerate(model.steps.values()):
            for k, kind in enumerate(kinds):
                staff, service = step.field("staff", kind), step.field("service", kind)
                whole["pool"][s, k] = self.pools.index(staff) if staff is not None else -1
                whole["service"][s, k] = numbered.number(service)
                clock[s, k] = _clock_number(service)
                priority[s, k] = levels.index(step.field("priority", kind))
                automatic[s, k] = model.value(step.field("automatic", kind))
                gives_up: GivesUp | None = step.field("gives_up", kind)
                if gives_up is not None:
                    share[s, k], rate[s, k] = model.value(gives_up.share), model.value(gives_up.per_day) / DAY
                    whole["gives_up_to"][s, k] = steps.index(gives_up.to)
                first[s, k] = len(branches.to)
                branches.add(step.field("next", kind))
                first[s, k + 1] = len(branches.to)
        releases = [self._releases(step) for step in model.steps.values()]
        draws = numbered.draws
        return Tables(
            step_key=np.array([purpose_number(step.luck or key) for key, step in model.steps.items()], np.uint64),
            at_most=np.array([step.at_most or 0 for step in model.steps.values()], np.int64),
            pool=whole["pool"],
            service=whole["service"],
            clock=clock,
            priority=priority,
            automatic=automatic,
            gives_up_share=share,
            gives_up_rate=rate,
            gives_up_to=whole["gives_up_to"],
            batch_size=np.array([_size(step) for step in model.steps.values()], np.int64),
            batch_seconds=np.array([self._batch_seconds(step) for step in model.steps.values()]),
            release_first=_firsts(releases),
            releases=_joined(releases),
            route_first=first,
            route_to=np.array(branches.to, np.int64),
            route_share=np.array(branches.share, float),
            route_delay=np.array(branches.delay, np.int64),
            route_clock=np.array(branches.clock, np.int64),
            staff=np.array([round(model.value(staff.number)) for staff in model.staff.values()], np.int64),
            pool_clock=np.arange(2, 2 + len(self.pools), dtype=np.int64),
            levels=max(len(levels), 1),
            draw_kind=np.array([one.kind for one in draws], np.int64),
            draw_figures=np.array([(one.first, one.second, one.third) for one in draws], float).reshape(-1, 3),
            draw_first=_firsts([one.values for one in draws]),
            draw_values=_joined([np.array(one.values, float) for one in draws]),
            clock_first=_firsts([one.begins for one in clocks]),
            clock_begins=_joined([one.begins for one in clocks]),
            clock_ends=_joined([one.ends for one in clocks]),
            clock_before=_joined([one.before for one in clocks]),
        )

    def _clocks(self) -> list[OpenHours]:
        """Around the clock; working days from midnight to midnight; then each pool's hours."""
        model, days = self.model, self.days + YEARS_AFTER * 365
        calendar = calendar_of(model)
        found = [ALWAYS, whole_working_days(calendar, model.opens, days)]
        for staff in model.staff.values():
            found.append(open_hours(staff.hours, calendar_of(model, staff.calendar), model.opens, days))
        return found

    def _batch_seconds(self, step: Step) -> float:
        if step.batch is None or step.batch.days is None:
            return 0.0
        return self.model.value(step.batch.days) * DAY

    def _releases(self, step: Step) -> Array:
        """Fixed moments at which a step's cases are released."""
        if step.batch is None or not step.batch.weekdays:
            return np.empty(0)
        moment = spans_of(f"{step.batch.at}-24:00")[0][0]
        first = self.model.opens.weekday()
        wanted = [WEEKDAYS.index(name) for name in step.batch.weekdays]
        days = np.arange(self.days + YEARS_AFTER * 365)
        return np.asarray(days[np.isin((days + first) % 7, wanted)] * DAY + moment)


class _Branches:
    """Where cases go on, one branch after the other."""

    def __init__(self, compiled: CompiledModel, numbered: _Numbered) -> None:
        self.compiled, self.numbered = compiled, numbered
        self.to: list[int] = []
        self.share: list[float] = []
        self.delay: list[int] = []
        self.clock: list[int] = []

    def add(self, branches: Sequence[Any]) -> None:
        """The branches of one step and kind; what is left of their shares ends the case."""
        shares = self.compiled.model.shares(branch.share for branch in branches)
        for branch, share in zip(branches, shares, strict=True):
            self._put(self.compiled.steps.index(branch.to), share, branch.delay)
        if branches and sum(shares) < 1 - 1e-9:
            self._put(-1, 1 - sum(shares), None)

    def _put(self, to: int, share: float, delay: Distribution | None) -> None:
        self.to.append(to)
        self.share.append(share)
        self.delay.append(self.numbered.number(delay))
        self.clock.append(_clock_number(delay))


def _clock_number(distribution: Distribution | None) -> int:
    return 1 if distribution is not None and distribution.unit == "working_days" else 0


def _priorities(step: Step) -> Iterable[int]:
    yield step.priority
    yield from (other.priority for other in step.where if "priority" in other.model_fields_set)


def _size(step: Step) -> int:
    return step.batch.size if step.batch is not None and step.batch.size is not None and step.batch.size > 1 else 0


def _firsts(parts: Sequence[Any]) -> Array:
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate([*parts, np.empty(0)]).astype(np.float64)
