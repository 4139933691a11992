"""Runs life courses under the law as it stands or as a reform has it, and adds them up by year and sampling unit.

All scenarios meet the same luck: what differs between them is what the reform changes. Totals are formed within sampling
units and groups, so that the sample's own uncertainty can be told (see `canbao.reforms.results`).
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np

from canbao.careers import carried_parameters, life_model, life_parameters
from canbao.careers.projection import GROWTH, SHIFT, projected
from canbao.engine import Model, Parameters
from canbao.engine.kernel import threads
from canbao.engine.model import Totals, requested
from canbao.engine.parameters import FIRST_YEAR, ValueEntry
from canbao.engine.places import NATION
from canbao.engine.ready_kernel import ReadyKernel, Sums
from canbao.engine.source import BLOCK as ENGINE_BLOCK
from canbao.languages import Catalogue, Words
from canbao.outputs import cache_folder, whole_file
from canbao.reforms.population import People, Population
from canbao.reforms.reform import Reform, reformed
from canbao.reforms.room import check_room

say = Catalogue("canbao.reforms", "words")

Array = np.ndarray[Any, np.dtype[Any]]
Level = Literal["low", "central", "high"]
LEVELS: tuple[Level, ...] = ("low", "central", "high")
Where = Literal["threads", "spark", "cuda"]
Progress = Callable[[Words], None]

PARTS = 4
BLOCK = PARTS * ENGINE_BLOCK
"""Workers are run so many at a time, so that memory does not grow with their number; threads share a block's parts."""

COUNTED = (
    "working_age",
    "works",
    "in_scheme_by_employer",
    "in_scheme_alone",
    "in_scheme_by_levy",
    "in_residents_scheme",
    "in_no_scheme",
    "income_year",
    "orders_made",
    "worker_pays",
    "employer_pays",
    "platform_pays",
    "state_pays",
    "into_employees_scheme",
    "employees_pension_year",
    "residents_pension_year",
    "new_pensioner",
    "new_pensioner_with_minimum",
    "new_pension_to_wage",
    "pensioner",
    "employees_pensioner",
    "pensioner_below_line",
)
"""What is added up by year."""

CAUSES = ("months_not_working", "months_lost_by_employer", "months_kept_out", "months_by_choice", "months_paused")
"""Months of working age that do not count, by their cause."""

AT_RETIREMENT = (
    "replacement_rate",
    "pension_to_wage",
    "lifetime_balance",
    "reaches_minimum",
    "lives_to_retirement",
    "missing_contribution_months",
    *CAUSES,
)
"""What is kept of every worker, for spreads, winners and losers and missing years, where it is asked for."""


@dataclass(frozen=True)
class Scenario:
    """A law and how people respond to it.

    Args:
        reform: what changes.
        level: at which end of their spans the responses lie.
        assumptions: other assumptions that are set, by name.
    """

    reform: Reform
    level: Level = "central"
    assumptions: tuple[tuple[str, float], ...] = ()

    @cached_property
    def parameters(self) -> Parameters:
        """The parameters of law and life courses under it."""
        base = carried_parameters()
        values = {} if self.level == "central" else {name: self._end(base, name) for name in responses(base)}
        values |= {**self.reform.responses, **dict(self.assumptions)}
        grows = {*GROWTH, SHIFT}
        growth = {name: dated for name, dated in self.reform.settings.items() if name in grows}
        shifted = tuple((name, values.pop(name)) for name in sorted(grows & set(values)))
        if growth:
            # Other growth carries everything on anew.
            base = projected(reformed(_shifted(shifted), replace(self.reform, settings=growth)))
        elif shifted:
            base = _carried_by(shifted)
        base = base.with_values({name: _for_ever(value) for name, value in values.items()}) if values else base
        return reformed(base, self.reform)

    @cached_property
    def model(self) -> Model:
        """Law and life courses under it."""
        return life_model(self.parameters, self.reform.rules)

    def _end(self, parameters: Parameters, name: str) -> float:
        low, high = parameters[name].entry.span or (0.0, 0.0)
        return low if self.level == "low" else high


@dataclass(frozen=True)
class Outcome:
    """What a scenario brings.

    Args:
        scenario: that was run.
        years: of the totals.
        totals: for each count its sum by year, sampling unit and group.
        values: for each result at retirement one value a worker, where they were kept.
    """

    scenario: Scenario
    years: range
    totals: Mapping[str, Array]
    values: Mapping[str, Array]

    def total(self, name: str) -> Array:
        """A count's sum by year."""
        return self.totals[name].sum(axis=(1, 2))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Grouping:
    """In which cell of the totals each worker is added up.

    Args:
        unit: the number of each respondent's sampling unit, by row of the worker table.
        group: the number of each respondent's group.
        units: how many sampling units there are.
        groups: how many groups.
    """

    unit: Array
    group: Array
    units: int
    groups: int

    def cell(self, population: Population) -> Array:
        """Unit and group of each worker as one number."""
        of_respondent = self.unit * self.groups + self.group
        return np.asarray(of_respondent[population.respondent], dtype=np.int64)


def responses(parameters: Parameters) -> list[str]:
    """The assumptions on how people respond, which have a low and a high end."""
    return [name for name in RESPONSES if parameters[name].entry.span is not None]


RESPONSES = ("price_response", "information_response", "default_response", "duty_response")


def run_scenario(
    scenario: Scenario, people: People, grouping: Grouping, *, seed: int = 0, keep_values: bool = False,
    progress: Progress | None = None, on: Where = "threads", until: int | None = None,
) -> Outcome:  # fmt: skip
    """Run everybody through their life courses.

    What was run once is kept in the user's cache by its content, block by block, so an interrupted run goes on.

    Args:
        scenario: the law and the responses.
        people: the workers.
        grouping: where each is added up.
        seed: of luck.
        keep_values: whether the results at retirement are kept.
        progress: told of each block.
        on: which machine.
        until: the last year; the one in which the last people enter if None.
    """
    years = (people.respondents.base_year, people.last_year if until is None else until)
    shape = (years[1] - years[0] + 1, grouping.units, grouping.groups)
    if on == "spark":
        return Outcome(scenario, range(years[0], years[1] + 1), _by_spark(scenario, people, grouping, years, seed), {})
    blocks, cells = -(-len(people) // BLOCK), int(np.prod(shape)) * len(COUNTED)
    at_once = min(len(people), blocks_at_once() * BLOCK)
    check_room(at_once, -(-at_once // ENGINE_BLOCK), cells, blocks * cells * 8 if len(people) >= CACHED_FROM else 0)
    run = _Run(scenario, people, grouping, years, seed, keep_values, on)
    sums: dict[str, Array] = {}
    values: dict[str, list[Array]] = {name: [] for name in AT_RETIREMENT} if keep_values else {}

    def tell(number: int) -> None:
        if progress is not None and 1 < blocks >= number:
            progress(say("running_block", scenario=scenario.reform.title, block=str(number), blocks=str(blocks)))

    tell(1)
    for number, part in enumerate(run.blocks(), start=2):
        tell(number)
        for name in COUNTED:
            sums[name] = part[name] if name not in sums else sums[name] + part[name]
        for name, kept in values.items():
            kept.append(part[f"at_{name}"])
    return Outcome(
        scenario,
        range(years[0], years[1] + 1),
        {name: total.reshape(shape) for name, total in sums.items()},
        {name: np.concatenate(kept) for name, kept in values.items()},
    )


def _by_spark(
    scenario: Scenario, people: People, grouping: Grouping, years: tuple[int, int], seed: int
) -> dict[str, Array]:
    from canbao.reforms.on_spark import totals_by_spark

    starts = range(0, len(people), BLOCK)
    cells = {start: grouping.cell(people.block(range(start, start + BLOCK))) for start in starts}
    size = grouping.units * grouping.groups
    found = totals_by_spark(scenario.model, people, cells, COUNTED, years, seed, size)
    return {name: sums.reshape(-1, grouping.units, grouping.groups) for name, sums in found.items()}


@dataclass(frozen=True)
class _Run:
    """One scenario, block by block."""

    scenario: Scenario
    people: People
    grouping: Grouping
    years: tuple[int, int]
    seed: int
    keep_values: bool
    on: Literal["threads", "cuda"]

    def blocks(self) -> Iterator[dict[str, Array]]:
        """All blocks in order; while one is computed the workers of the next are made."""
        starts = range(0, len(self.people), BLOCK)
        rows = deque(range(start, min(start + BLOCK, len(self.people))) for start in starts)
        # The kernel is there before any block is begun; each thread makes one block's workers where the last one's were.
        needed, memory = self.needed, threading.local()
        begun: deque[Future[dict[str, Array]]] = deque()
        at_once = blocks_at_once() if self.on == "threads" else 1
        with ThreadPoolExecutor(at_once) as pool:
            try:
                while rows or begun:
                    while rows and len(begun) < at_once:
                        begun.append(pool.submit(self.block, rows.popleft(), needed, memory))
                    yield begun.popleft().result()
            finally:
                for one in begun:
                    one.cancel()

    def block(self, rows: range, needed: Collection[str], memory: threading.local) -> dict[str, Array]:
        """The sums and results of some workers.

        Args:
            rows: the workers' numbers.
            needed: the columns that are made of them.
            memory: each thread's own arrays.
        """
        path = None
        if len(rows) >= CACHED_FROM:
            path = cache_folder() / "simulations" / f"{self._key(rows)}.npz"
            if path.is_file():
                with np.load(path) as kept:
                    return dict(kept)
        made = self._made(self.people.block(rows, needed, vars(memory)))
        if path is not None:
            with whole_file(path) as scratch:
                np.savez(scratch, **made)  # type: ignore[arg-type]
        return made

    def _made(self, population: Population) -> dict[str, Array]:
        size = self.grouping.units * self.grouping.groups
        totals = Totals(COUNTED, self.grouping.cell(population), population.weight)
        outputs = self.kernel.run(population.columns, len(population), totals.grouping(population.columns))
        sums = Sums(len(self.kernel.span), COUNTED)
        sums.add_all(outputs)
        # A block may lack the last cells.
        made = {name: np.pad(total, ((0, 0), (0, size - total.shape[1]))) for name, total in sums.totals.items()}
        return made | {f"at_{name}": values for name, values in outputs.values.items()}

    @cached_property
    def kernel(self) -> ReadyKernel:
        """One kernel for all blocks and all studies: compiling it takes longer than many runs."""
        request = requested(AT_RETIREMENT if self.keep_values else (), (), Totals(COUNTED, weight="weight"))
        supplied = [*self.people.respondents.columns]
        return self.scenario.model.ready_kernel(request, supplied, years=self.years, seed=self.seed, machine=self.on)

    @property
    def needed(self) -> frozenset[str]:
        """The columns of workers that are made for the kernel."""
        return frozenset({"place", *(one.name for one in self.kernel.needs.columns)})

    def _key(self, rows: range) -> str:
        """The hash of all that a block's results depend on."""
        return hashlib.sha256(self._basis + repr((rows.start, rows.stop)).encode()).hexdigest()[:32]

    @cached_property
    def _basis(self) -> bytes:
        """The hash of all that is the same for every block."""
        digest = hashlib.sha256(self.people.basis)
        digest.update(self.kernel.source.text.encode())
        for name, figures in self.kernel.figures.items():
            digest.update(f"{name} {figures.shape}".encode() + figures.tobytes())
        digest.update(self.grouping.unit.tobytes() + self.grouping.group.tobytes())
        settled = (self.years, self.seed, self.on == "cuda", self.keep_values, self.grouping.units, self.grouping.groups)
        digest.update(repr(settled).encode())
        return digest.digest()


def blocks_at_once() -> int:
    """So many that every processor has a part, and that workers are made for one while another is run."""
    return max(2, -(-threads() // PARTS))


CACHED_FROM = 200_000
"""Smaller runs are done again sooner than they are read."""


def _shifted(growth: Sequence[tuple[str, float]]) -> Parameters:
    return life_parameters().with_values({name: _for_ever(value) for name, value in growth})


@lru_cache(maxsize=8)
def _carried_by(growth: tuple[tuple[str, float], ...]) -> Parameters:
    """Everything carried on by another growth; reforms that leave it alone share it."""
    return projected(_shifted(growth))


def _for_ever(value: float) -> dict[str, dict[str, ValueEntry]]:
    entry = ValueEntry.model_construct(value=value, table=None, basis=None, source=None, confidence="assumption", note=None)
    return {NATION: {f"{FIRST_YEAR}-01": entry}}


def with_assumption(scenario: Scenario, name: str, value: float) -> Scenario:
    """The same scenario under another value of one assumption."""
    return replace(scenario, assumptions=(*scenario.assumptions, (name, value)))


def varied_assumptions(scenario: Scenario, columns: Sequence[str]) -> Sequence[str]:
    """All assumptions that have a span and on which the counts can rest.

    Args:
        scenario: whose they are.
        columns: of the workers.
    """
    used = {name for name, _ in scenario.model.plan(COUNTED, columns, years=True).traits} | {*GROWTH, SHIFT}
    return [name for name, one in scenario.parameters.items() if one.entry.span is not None and name in used]
