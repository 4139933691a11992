"""What if: a procedure as it is and as it would be, run side by side under common luck.

Both models meet the same cases with the same luck, replication by replication; so differences are paired, and a change that
changes nothing changes no digit. Intervals are over replications: they tell of chance alone, not of whether the model is
right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import special

from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Number, Words
from canbao.procedures.analysis.survival import LEVEL
from canbao.procedures.clocks import Calendar, Limits, limits_for
from canbao.procedures.event_log import EventLog
from canbao.procedures.simulation.changes import Changes, read_changes
from canbao.procedures.simulation.compilation import CompiledModel
from canbao.procedures.simulation.estimation import estimate
from canbao.procedures.simulation.measures import FIGURES, Measured, measured, window_of
from canbao.procedures.simulation.process_model import ProcessModel, find_model, flaws_of
from canbao.procedures.simulation.run import run
from canbao.procedures.simulation.validation import Validation, validate

say = Catalogue("canbao.procedures.simulation", "words")

Array = np.ndarray[Any, np.dtype[Any]]
Progress = Callable[[Words], None]

REPLICATIONS, DAYS, WARM_UP, SEED = 20, 365, 60, 1
MOST_REPLICATIONS, MOST_DAYS = 10_000, 3_650
CURVE_POINTS = 60


def unheard(_step: Words) -> None:
    """Progress of which nobody needs to know."""


@dataclass(frozen=True)
class WhatIf:
    """What a change would bring.

    Args:
        model: the procedure as it is.
        changed: as it would be.
        changes: what is done otherwise.
        limits: the time limits that were looked at, and what ends a case.
        figures: a row a group and figure: `by`, `group` (both empty for all cases), `figure` (see `measures`), `clock`;
            `before` and `after`, means over replications with `before_low` … `after_high`; `difference` with `low` and
            `high`: 95 % intervals over replications, null with one alone.
        pools: a row a pool of staff: `pool`, `staff_before`, `staff_after`, `hours_before`, `hours_after` worked a
            replication, `used_before` and `used_after`, the share of desk time that was worked.
        curve: share of completed cases that are through after so many `days`, `before` and `after`.
        cases: measured a replication, on average.
        replications: how many.
        days: for so many days the cases arrived that are measured.
        warm_up: days before them, and after them until arrivals cease.
        seed: of all draws.
        log: from which the model was estimated; None for a model of its own.
        validation: how well the estimated model repeats that log.
    """

    model: ProcessModel
    changed: ProcessModel
    changes: Changes
    limits: Limits
    figures: pl.DataFrame
    pools: pl.DataFrame
    curve: pl.DataFrame
    cases: float
    replications: int
    days: int
    warm_up: int
    seed: int
    log: EventLog | None = None
    validation: Validation | None = None

    def figure(self, figure: str, clock: str = "", by: str = "", group: str = "") -> dict[str, Any]:
        """One row of the figures; empty if there is none."""
        rows = self.figures.filter(
            pl.col("figure") == figure, pl.col("clock") == clock, pl.col("by") == by, pl.col("group") == group
        )
        return rows.row(0, named=True) if rows.height else {}


def whatif(
    subject: EventLog | ProcessModel | str,
    changes: Changes | Path | str,
    *,
    replications: int = REPLICATIONS,
    limits: Path | Limits | None = None,
    calendar: Calendar | None = None,
    by: Sequence[str] = (),
    days: int = DAYS,
    warm_up: int = WARM_UP,
    seed: int = SEED,
    progress: Progress = unheard,
) -> WhatIf:
    """Run a procedure as it is and as it would be.

    Args:
        subject: a log, from which a model is estimated; a model; or the name of one that comes with the programme.
        changes: what is done otherwise, or its file.
        replications: how often both are run.
        limits: a limits.yaml, or limits read before; without, the shipped ones of the procedures that are named.
        calendar: which days are working days for limits, in place of what these say.
        by: attributes of cases by which figures are shown.
        days: for so many days the cases arrive that are measured.
        warm_up: so many days are run before, that queues be as long as they usually are, and after.
        seed: of all draws.
        progress: told of each replication; raise in it to interrupt.

    Raises:
        InputError: the log, the model, the changes, the limits or a number is at fault; all places at once.
    """
    _check(replications, days, warm_up)
    changes = changes if isinstance(changes, Changes) else read_changes(Path(changes))
    log: EventLog | None = None
    held: Limits | None = limits if isinstance(limits, Limits) else None
    if isinstance(subject, EventLog):
        log = subject
        for column in by:
            log.case_column(column)
        progress(say("estimating", name=log.name))
        held = limits if isinstance(limits, Limits) else limits_for(log, limits)
        model = estimate(log, [*by, *(name for name in _asked(changes) if name not in by and _has(log, name))], held)
    else:
        model = find_model(subject) if isinstance(subject, str) else subject
        flaws = flaws_of(model)
        raise_all([Fault(flaw.what, Place(field=".".join(map(str, flaw.path))), flaw.remedy) for flaw in flaws])
    known = model.attribute_names
    raise_all([_no_column(name, known) for name in by if name not in known])
    changed = changes.applied(model)
    whole = days + 2 * warm_up
    compiled = (CompiledModel(model, whole), CompiledModel(changed, whole))
    window = window_of(warm_up, days)
    found: list[tuple[Measured, Measured]] = []
    for replication in range(replications):
        progress(say("replication", one=Number(replication + 1), all=Number(replications)))
        runs = [run(one, whole, seed, replication) for one in compiled]
        logs = [one.log("run") for one in runs]
        if held is None:
            held = limits_for(logs[0], limits if isinstance(limits, Path) else None)
        if calendar is not None:
            held = replace(held, calendar=calendar)
        before, after = (measured(one, held, window, by, made) for one, made in zip(runs, logs, strict=True))
        found.append((before, after))
    assert held is not None
    validation = validate(log, model, seed) if log is not None else None
    return WhatIf(
        model, changed, changes, held, _figure_table(found, by, held), _pool_table(compiled, found), _curve(found),
        float(np.mean([one.cases for one, _ in found])), replications, days, warm_up, seed, log, validation,
    )  # fmt: skip


def _check(replications: int, days: int, warm_up: int) -> None:
    limits = {
        "replications": (replications, 1, MOST_REPLICATIONS),
        "days": (days, 1, MOST_DAYS),
        "warm_up": (warm_up, 0, MOST_DAYS),
    }
    raise_all(
        [
            Fault(say("outside", value=str(value), low=str(low), high=str(high)), Place(field=name))
            for name, (value, low, high) in limits.items()
            if not low <= value <= high
        ]
    )


def _no_column(name: str, known: Sequence[str]) -> Fault:
    return Fault(say("no_attribute_here", name=name), Place(field="by"), did_you_mean(name, known))


def _asked(changes: Changes) -> list[str]:
    """The attributes to which changes are confined."""
    found = [getattr(entry.change, "when", {}) for entry in changes.entries if len(entry.kinds) == 1]
    return list(dict.fromkeys(name for when in found for name in when))


def _has(log: EventLog, column: str) -> bool:
    return column in log.cases.columns or column in log.events.columns


# --- over replications ----------------------------------------------------------------------------------------------------


def interval(values: Array) -> tuple[float, float | None, float | None]:
    """Mean of independent replications with its 95 % interval after Student; none for fewer than two."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, None, None
    reach = float(special.stdtrit(len(values) - 1, (1 + LEVEL) / 2)) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return mean, mean - reach, mean + reach


def _figure_table(found: Sequence[tuple[Measured, Measured]], by: Sequence[str], limits: Limits) -> pl.DataFrame:
    keys = {key for one in found for side in one for key in side.figures}
    clocks = ["", *(clock.name for clock in limits.clocks)]
    columns = ["", *by]
    order = sorted(keys, key=lambda key: (columns.index(key[0]), key[1], FIGURES.index(key[2]), clocks.index(key[3])))
    rows = []
    for key in order:
        # A group without a case in some replication counts in the others.
        pairs = [
            (before.figures[key], after.figures[key])
            for before, after in found
            if key in before.figures and key in after.figures
        ]
        if not pairs:
            continue
        before, after = np.array(pairs, float).T
        rows.append((*key, *interval(before), *interval(after), *interval(after - before), len(pairs)))
    names = ["before", "before_low", "before_high", "after", "after_low", "after_high", "difference", "low", "high"]
    schema: dict[str, Any] = dict.fromkeys(("by", "group", "figure", "clock"), pl.String)
    schema |= dict.fromkeys(names, pl.Float64) | {"replications": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _pool_table(compiled: Sequence[CompiledModel], found: Sequence[tuple[Measured, Measured]]) -> pl.DataFrame:
    rows = []
    for at, pool in enumerate(compiled[0].pools):
        busy = [float(np.mean([one[side].busy[at] for one in found])) for side in (0, 1)]
        desks = [float(np.mean([one[side].open_hours[at] for one in found])) for side in (0, 1)]
        used = [part / whole if whole else None for part, whole in zip(busy, desks, strict=True)]
        staff = [int(one.tables.staff[at]) for one in compiled]
        rows.append((pool, *staff, *busy, *used))
    names = ("staff_before", "staff_after", "hours_before", "hours_after", "used_before", "used_after")
    kinds: list[Any] = [pl.Int64, pl.Int64, pl.Float64, pl.Float64, pl.Float64, pl.Float64]
    return pl.DataFrame(rows, schema={"pool": pl.String, **dict(zip(names, kinds, strict=True))}, orient="row")


def _curve(found: Sequence[tuple[Measured, Measured]]) -> pl.DataFrame:
    """Shares of completed cases that are through, up to the day by which nearly all are."""
    whole = [np.concatenate([one[side].days for one in found]) for side in (0, 1)]
    last = max((float(np.quantile(days, 0.98)) for days in whole if len(days)), default=1.0)
    points = np.linspace(0.0, max(last, 1e-6), CURVE_POINTS + 1)
    shares = [np.searchsorted(np.sort(days), points, side="right") / max(len(days), 1) for days in whole]
    return pl.DataFrame({"days": points, "before": shares[0], "after": shares[1]})
