"""Assess a month: what is due now, less what was written before, becomes the lines of a new run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import polars as pl
from ibis.expr.types import Table

from canbao.errors import Fault, Place, raise_all
from canbao.exchange.ledger.activity import (
    KEY,
    Activity,
    activity_from_earnings,
    activity_from_orders,
    month_bounds,
    workers_placed,
)
from canbao.exchange.ledger.books import Ledger, Run, RunKind
from canbao.exchange.ledger.due import (
    COLUMNS,
    MEASURES,
    RECORDS,
    Due,
    asks_register,
    covered_by,
    due_on_income,
    due_on_orders,
    due_provisionally,
)
from canbao.exchange.ledger.engines import Engine, EngineName, cores, engine
from canbao.exchange.ledger.figures import Figures, figures_of
from canbao.exchange.ledger.inputs import RATES, REGISTER, Inputs
from canbao.exchange.ledger.portable import MOST_FEN
from canbao.exchange.ledger.scheme import SERVICES, Scheme
from canbao.languages import Catalogue, Words
from canbao.law import lawbook

say = Catalogue("canbao.exchange.ledger", "words")

MEMORY = "600MB"
"""What DuckDB may take; the programme itself takes some 200 MB beside it."""

MOST_ROWS = 64
"""Nobody's month has more rows of platforms, relations, places and services; sums are looked at only where one is large."""

Progress = Callable[[Words], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one scheme in one month.

    Args:
        scheme: its name.
        month: as `2026-03`.
        run: what was written; None where nothing has changed since the last run.
        totals: of the new lines: their number, and the sums of `MEASURES`.
        open: for whom nothing could be assessed, since a figure is not known: `place`, `service`, `workers`,
            `income_fen`.
        missing: the figures that are not known, by place.
    """

    scheme: str
    month: str
    run: Run | None
    totals: dict[str, int]
    open: pl.DataFrame
    missing: tuple[tuple[str, str], ...]


def assess(
    inputs: Inputs,
    ledger: Ledger,
    month: str,
    schemes: Sequence[Scheme],
    *,
    provisional: bool = False,
    on: EngineName = "duckdb",
    memory: str = MEMORY,
    threads: int | None = None,
    session: Any = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Assess a month under several schemes.

    Args:
        inputs: the tables.
        ledger: where lines are written.
        month: as `2026-03`.
        schemes: which.
        provisional: before the month's income is known; schemes that are not provisional at first are left out.
        on: `duckdb` or `spark`.
        memory: what DuckDB may take.
        threads: of DuckDB; as many as there are processors if None.
        session: Spark's session.
        progress: told of each step before it is taken.

    Raises:
        InputError: a scheme needs a table that is not there, or a month's income is beyond `MOST_FEN`.
    """
    wanted = [one for one in schemes if not provisional or _is_provisional(one)]
    raise_all([fault for scheme in wanted for fault in _missing_tables(scheme, inputs, provisional=provisional)])
    ledger.folder.mkdir(parents=True, exist_ok=True)
    with engine(on, memory, threads or cores(), session=session) as computing:
        assessing = _Assessing(inputs, ledger, month, computing, wanted)
        outcomes = []
        for scheme in wanted:
            if progress is not None:
                progress(say("assessing", scheme=scheme.title, month=month))
            outcomes.append(assessing.provisionally(scheme) if provisional else assessing.finally_(scheme))
        return outcomes


class _Assessing:
    """One month in one engine; what several schemes need is computed once."""

    def __init__(self, inputs: Inputs, ledger: Ledger, month: str, computing: Engine, schemes: Sequence[Scheme]) -> None:
        self.inputs, self.ledger, self.month = inputs, ledger, month
        self.engine, self.schemes = computing, schemes
        self.activities: dict[str, Activity] = {}

    def finally_(self, scheme: Scheme) -> Outcome:
        """When the month's orders and earnings are known."""
        activity = self._activity(scheme)
        figures = figures_of(scheme, self.month, [one for one in activity.places if one >= 0])
        covered = covered_by(scheme, activity.rows, self._pensions() if asks_register(scheme) else None)
        if scheme.file.orders is not None:
            due = due_on_orders(scheme, covered, figures, self._classes(activity.rows), self.engine)
        else:
            rates = self.engine.source("rates", self.inputs.files["rates"], RATES) if _needs_rates(scheme) else None
            due = due_on_income(scheme, covered, figures, rates, self.engine)
        return self._written(scheme, due, figures, "assessed")

    def provisionally(self, scheme: Scheme) -> Outcome:
        """When only who is registered is known."""
        workers = workers_placed(self.inputs, self.engine)
        _, after = month_bounds(self.month)
        there = workers.filter((workers.registered_on < ibis.literal(after.date())) & (workers.status == "active")).select(
            "worker_key", "platform_key", "relation", "place"
        )
        registered = self.engine.keep("registered", there)
        places = [row[0] for row in self.engine.fetch(registered.select("place").distinct())]
        figures = figures_of(scheme, self.month, [one for one in places if one >= 0])
        covered = covered_by(scheme, registered, self._pensions() if asks_register(scheme) else None)
        return self._written(scheme, due_provisionally(scheme, covered, figures, self.engine), figures, "provisional")

    def _activity(self, scheme: Scheme) -> Activity:
        source = "orders" if scheme.file.income is None else scheme.file.income.source
        if source not in self.activities:
            if source == "orders":
                made = activity_from_orders(self.inputs, self.engine, self.month, self.schemes)
            else:
                measure = "gross_fen" if source == "earnings" else "net_fen"
                made = activity_from_earnings(self.inputs, self.engine, self.month, measure)
            self._check_sums(made.rows)
            self.activities[source] = made
        return self.activities[source]

    def _check_sums(self, activity: Table) -> None:
        """A worker's income of a month that cannot be is refused: products of it would not fit into a number."""
        highest = self.engine.fetch(activity.agg(highest=activity.pay_fen.max()))[0][0]
        if (highest or 0) <= MOST_FEN // MOST_ROWS:
            return
        totals = activity.group_by("worker_key").agg(income_fen=activity.pay_fen.sum())
        beyond = self.engine.fetch(
            totals.filter(totals.income_fen > MOST_FEN).agg(workers=ibis._.count(), worker=ibis._.worker_key.min())
        )
        if beyond[0][0]:
            most = str(MOST_FEN // 100)
            what = say("beyond", count=str(beyond[0][0]), worker=str(beyond[0][1]), month=self.month, most=most)
            raise_all([Fault(what, Place())])

    def _classes(self, activity: Table) -> pl.DataFrame:
        """The rate class of every platform that is active; the empty one where none is stated."""
        rows = self.engine.fetch(activity.select("platform_key").distinct())
        active = pl.DataFrame({"platform_key": [row[0] for row in rows]}, schema={"platform_key": pl.Int32})
        stated = active.join(self.inputs.classes_in(self.month), on="platform_key", how="left")
        return stated.with_columns(pl.col("rate_class").fill_null(""))

    def _pensions(self) -> Table:
        return self.engine.source("register", self.inputs.files["register"], REGISTER).select("worker_key", "pension")

    def _written(self, scheme: Scheme, due: Due, figures: Figures, kind: RunKind) -> Outcome:
        earlier = self.ledger.runs(scheme.name, self.month)
        if kind == "provisional" and any(run.kind != "provisional" for run in earlier):
            # What is known for good is not made provisional again.
            return Outcome(scheme.name, self.month, None, _no_totals(), _open_frame([], frozenset()), ())
        lines = self.engine.keep("lines", self._changes(due.lines, earlier) if earlier else due.lines)
        row = self.engine.fetch(
            lines.agg(lines=lines.count(), **{name: lines[name].sum().coalesce(0) for name in MEASURES})
        )[0]
        totals = dict(zip(("lines", *MEASURES), (int(one) for one in row), strict=True))
        open_rows = _open_frame(self.engine.fetch(due.open.order_by(["place", "service"])), figures.not_in_force)
        run = None
        if totals["lines"] or not earlier:
            run = self._add(scheme, lines, figures, "adjustment" if earlier and kind != "provisional" else kind, totals)
        self.engine.drop("lines")
        return Outcome(scheme.name, self.month, run, totals, open_rows, figures.missing)

    def _add(self, scheme: Scheme, lines: Table, figures: Figures, kind: RunKind, totals: dict[str, int]) -> Run:
        with tempfile.TemporaryDirectory(prefix=".canbao-lines-", dir=self.ledger.folder) as scratch:
            folder = Path(scratch) / "lines"
            self.engine.write(lines.select(*COLUMNS), folder, list(KEY))
            facts = {
                "title": {"en": scheme.title.en, "zh": scheme.title.zh},
                "rule": scheme.file.rule,
                "reform": scheme.file.reform,
                "totals": totals,
            }
            return self.ledger.add(scheme.name, self.month, kind, folder, figures.looked_up, facts)

    def _changes(self, due: Table, earlier: Sequence[Run]) -> Table:
        """What is due less what the lines of earlier runs add up to."""
        files = [path for run in earlier for path in run.lines]
        schema = {name: _LINE_KINDS.get(name, "int64") for name in COLUMNS}
        before = self.engine.source("earlier", files, schema)
        taken = before.select(*KEY, **{name: -before[name] for name in MEASURES}, **{one: before[one] for one in RECORDS})
        aligned = (
            due.select(*COLUMNS)
            .mutate(known=ibis.literal(1, type="int8"))
            .union(taken.select(*COLUMNS).mutate(known=ibis.literal(0, type="int8")))
        )
        added = aligned.group_by(list(KEY)).agg(
            **{name: aligned[name].sum() for name in MEASURES},
            # The records that are there now; where none is left, those that there were.
            first_record=aligned.first_record.min(where=aligned.known == 1).coalesce(aligned.first_record.min()),
            last_record=aligned.last_record.max(where=aligned.known == 1).coalesce(aligned.last_record.max()),
        )
        changed: Any = ibis.literal(False)
        for name in MEASURES:
            changed = changed | (added[name] != 0)
        return added.filter(changed)


_LINE_KINDS = {"platform_key": "int32", "relation": "int8", "place": "int16", "service": "int8"}


def _is_provisional(scheme: Scheme) -> bool:
    return scheme.file.income is not None and scheme.file.income.provisional is not None


def _needs_rates(scheme: Scheme) -> bool:
    return scheme.file.income is not None and any(share.rate_of_worker for share in scheme.file.income.shares)


def _missing_tables(scheme: Scheme, inputs: Inputs, *, provisional: bool) -> list[Fault]:
    needed = ["workers"] if provisional else []
    if not provisional:
        from_orders = scheme.file.income is None or scheme.file.income.source == "orders"
        needed += ["orders"] if from_orders else ["earnings", "workers"]
    needed += ["register"] if asks_register(scheme) else []
    needed += ["rates"] if _needs_rates(scheme) else []
    return [Fault(say("needs_table", scheme=scheme.title, table=one)) for one in needed if not inputs.has(one)]


def _no_totals() -> dict[str, int]:
    return dict.fromkeys(("lines", *MEASURES), 0)


def _open_frame(rows: Sequence[tuple[Any, ...]], not_in_force: frozenset[int]) -> pl.DataFrame:
    names = lawbook.places().names
    return pl.DataFrame(
        [
            (names[place] if place >= 0 else None, SERVICES[service] if service >= 0 else None, workers, income)
            for place, service, workers, income in rows
            if place not in not_in_force
        ],
        schema={"place": pl.String, "service": pl.String, "workers": pl.Int64, "income_fen": pl.Int64},
        orient="row",
    )


__all__ = ["MEMORY", "Outcome", "assess"]
