"""One run of a model: its cases, every step that they had, and the log that an office would have kept of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.outputs import cache_folder
from canbao.procedures.event_log import EventLog
from canbao.procedures.simulation.cases import Cases, arriving
from canbao.procedures.simulation.compilation import CompiledModel
from canbao.procedures.simulation.process_model import ProcessModel

say = Catalogue("canbao.procedures.simulation", "words")

Array = np.ndarray[Any, np.dtype[Any]]

MOST_VISITS = 10_000
"""A case with more steps never ends."""

BY_MACHINE = "system"
"""In the place of a person's name, for what was decided at once."""


@dataclass(frozen=True)
class Run:
    """What happened.

    Args:
        compiled: the model.
        cases: in the order of their arrival.
        case: of each step that was begun, in the order of beginning.
        step: which.
        entered: when the case came to it, seconds since the model's first midnight.
        started: when it was begun.
        completed: when it was completed.
        server: by whom: a number within the pool, -1 nobody, -2 at once by the system.
    """

    compiled: CompiledModel
    cases: Cases
    case: Array
    step: Array
    entered: Array
    started: Array
    completed: Array
    server: Array

    @property
    def model(self) -> ProcessModel:
        """The model that was run."""
        return self.compiled.model

    def pools(self) -> Array:
        """The pool that each step begun would have been served by; -1 for none."""
        kinds = _kinds(self.compiled, self.cases)
        return np.asarray(self.compiled.tables.pool[self.step, kinds[self.case]])

    def service_seconds(self) -> Array:
        """The working time that each step took of its staff."""
        tables = self.compiled.tables
        pools = self.pools()
        found = np.zeros(len(self.step))
        for pool in range(len(self.compiled.pools)):
            clock = tables.pool_clock[pool]
            low, high = tables.clock_first[clock], tables.clock_first[clock + 1]
            rows = (pools == pool) & (self.server >= 0)
            stretches = tuple(one[low:high] for one in (tables.clock_begins, tables.clock_ends, tables.clock_before))
            found[rows] = worked(self.completed[rows], *stretches) - worked(self.started[rows], *stretches)
        return found

    def log(self, name: str, until: float | None = None, resolution: int = 1) -> EventLog:
        """The log that an office would have kept.

        Staffed steps have a start and a completion, delays a completion only. Cases have their attributes, and in the
        column `procedure` the model's.

        Args:
            name: of the log.
            until: seconds at which it was drawn; later events are not in it. All if None.
            resolution: times are in so many whole seconds.
        """
        model = self.model
        activities = [step.recorded(key) for key, step in model.steps.items()]
        is_recorded = np.array([activity is not None for activity in activities])[self.step]
        staffed = self.pools() >= 0
        rows = np.flatnonzero(is_recorded)
        starts = rows[staffed[rows]] if staffed.any() else rows[:0]
        row = np.concatenate([starts, rows])
        is_end = np.concatenate([np.zeros(len(starts), np.int64), np.ones(len(rows), np.int64)])
        seconds = np.where(is_end == 1, self.completed[row], self.started[row])
        seconds = np.floor(seconds / resolution) * resolution
        if until is not None:
            kept = seconds <= until
            row, is_end, seconds = row[kept], is_end[kept], seconds[kept]
        order = np.lexsort((is_end, row, seconds, self.case[row]))
        row, is_end, seconds = row[order], is_end[order], seconds[order]
        names = np.array([name or "" for name in activities])
        columns: dict[str, pl.Series] = {
            "case": pl.Series(self.case[row], dtype=pl.UInt32),
            "activity": pl.Series(names[self.step[row]], dtype=pl.String),
            "time": self.moments(seconds),
        }
        if len(starts):
            columns["lifecycle"] = pl.Series(np.where(is_end == 1, "complete", "start"), dtype=pl.String)
            columns["resource"] = self._resources(row)
        columns |= self._burden(row, is_end)
        events = pl.DataFrame(columns)
        seen = np.unique(self.case[row])
        renumbered = np.zeros(len(self.cases.arrival), np.int64)
        renumbered[seen] = np.arange(len(seen))
        width = max(6, len(str(len(self.cases.arrival))))
        cases = self.case_table().filter(pl.col("number").is_in(seen.tolist()))
        cases = cases.with_columns(
            (pl.col("number") + 1).cast(pl.String).str.zfill(width).alias("case_id"),
            *([pl.lit(model.procedure).alias("procedure")] if model.procedure is not None else []),
        ).select("case_id", pl.exclude("case_id", "number"))
        return _in_order(name, events, cases, renumbered, model)

    def case_table(self) -> pl.DataFrame:
        """The `number` of each case, from 0, and its attributes."""
        found = {
            name: pl.Series(np.array(self.model.values_of(name))[values], dtype=pl.String)
            for name, values in self.cases.attributes.items()
        }
        return pl.DataFrame({"number": np.arange(len(self.cases.arrival)), **found})

    def moments(self, seconds: Array) -> pl.Series:
        """Moments from seconds since the model's first midnight, by the clocks of its zone."""
        midnight = datetime.datetime.combine(self.model.opens, datetime.time())
        whole = pl.Series((seconds * 1_000_000).round().astype(np.int64)).cast(pl.Duration("us"))
        local = pl.select((pl.lit(midnight, pl.Datetime("us")) + pl.lit(whole)).alias("time")).to_series()
        zone = self.model.time_zone
        placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        # In the hour that clocks skip in spring an event is written down an hour later.
        later = (local + datetime.timedelta(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return placed.zip_with(placed.is_not_null(), later).dt.convert_time_zone("UTC")

    def _resources(self, row: Array) -> pl.Series:
        pools, server = self.pools()[row], self.server[row]
        names = pl.Series([*self.compiled.pools, ""]).gather(
            pl.Series(np.where(pools >= 0, pools, len(self.compiled.pools)))
        )
        numbers = pl.Series(server + 1).cast(pl.String).str.zfill(2)
        people = pl.select(pl.concat_str(pl.lit(names), pl.lit("-"), pl.lit(numbers)).alias("resource")).to_series()
        machine = pl.Series(server == -2)
        people = people.zip_with(~machine, pl.Series([BY_MACHINE]).new_from_index(0, len(people)))
        return people.zip_with(pl.Series(server != -1), pl.Series([None], dtype=pl.String).new_from_index(0, len(people)))

    def _burden(self, row: Array, is_end: Array) -> dict[str, pl.Series]:
        """Documents asked for and visits made, where the model says so; they stand at completions."""
        kinds = _kinds(self.compiled, self.cases)
        found = {}
        for name in ("documents", "visits"):
            table = np.array(
                [
                    [-1 if step.field(name, kind) is None else step.field(name, kind) for kind in self.compiled.kinds]
                    for step in self.model.steps.values()
                ]
            )
            if (table < 0).all():
                continue
            values = table[self.step[row], kinds[self.case[row]]]
            values = np.where((is_end == 1) & (self.server[row] != -2), values, -1)
            series = pl.Series(name, values, dtype=pl.Int64)
            found[name] = series.set(series < 0, None)
        return found


def _in_order(name: str, events: pl.DataFrame, cases: pl.DataFrame, renumbered: Array, model: ProcessModel) -> EventLog:
    """A log from events that stand in order already."""
    known = events["activity"].unique().sort()
    events = events.with_columns(
        pl.Series("case", renumbered[events["case"].to_numpy()], dtype=pl.UInt32),
        pl.col("activity").cast(pl.Enum(known)),
        pl.col("time").dt.convert_time_zone("UTC").dt.cast_time_unit("us"),
    )
    others = [column for column in events.columns if column not in ("case", "activity", "time")]
    events = events.with_row_index("position").select("case", "activity", "time", "position", *others)
    return EventLog(name, events, cases, model.time_zone, synthetic=True)


def _kinds(compiled: CompiledModel, cases: Cases) -> Array:
    return compiled.kind_of(cases.attributes) if compiled.deciding else np.zeros(len(cases.arrival), np.int64)


def worked(moments: Array, begins: Array, ends: Array, before: Array) -> Array:
    """Working time up to each moment."""
    if not len(begins):
        return moments
    at = np.searchsorted(begins, moments, side="right") - 1
    last = len(begins) - 1
    inside = np.where(at == last, moments, np.minimum(moments, ends[at])) - begins[at]
    return np.where(at < 0, 0.0, before[at] + inside)


def run(model: ProcessModel | CompiledModel, days: int, seed: int, replication: int = 0) -> Run:
    """Run a model until the last case has ended.

    Args:
        model: one without flaws.
        days: for so many days cases arrive.
        seed: of the run.
        replication: its number.

    Raises:
        InputError: there are no cases, far too many, or one that never ends.
    """
    compiled = model if isinstance(model, CompiledModel) else CompiledModel(model, days)
    return run_cases(compiled, arriving(compiled.model, days, seed, replication))


def run_cases(compiled: CompiledModel, cases: Cases) -> Run:
    """Run a model with given cases."""
    from dataclasses import fields

    tables = compiled.tables
    given = [getattr(tables, field.name) for field in fields(tables)]
    kinds = _kinds(compiled, cases)
    state, case, step, times, server = _loop()(
        cases.arrival, kinds, cases.luck, cases.begins_with, *given, MOST_VISITS
    )  # fmt: skip
    if state != 0:
        raise InputError(Fault(say("case_never_ends"), Place(field="steps"), say("never_ends_remedy")))
    return Run(compiled, cases, case, step, times[:, 0], times[:, 1], times[:, 2], server)


@cache
def _loop() -> Any:
    """The compiled loop; Numba is loaded when it is first needed."""
    import numba

    # Machine code belongs into the user's cache, not beside the source.
    settings: Any = numba.config
    folder, settings.CACHE_DIR = settings.CACHE_DIR, str(cache_folder() / "kernels")
    try:
        from canbao.procedures.simulation import event_loop

        return event_loop.simulate
    finally:
        settings.CACHE_DIR = folder
