"""Assess a month: what is due now, less what was written before, becomes the lines of a new run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import ibis
import polars as pl
from ibis.expr.types import Table

from canbao.errors import Fault, Place, raise_all
from canbao.exchange.ledger.activity import (
    KEY,
    activity_from_earnings,
    activity_from_orders,
    month_bounds,
    regions_of,
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
    prices_of,
)
from canbao.exchange.ledger.engines import Engine, EngineName, cores, engine
from canbao.exchange.ledger.figures import Figures, figures_of
from canbao.exchange.ledger.inputs import EARNINGS, ORDERS, RATES, REGISTER, WORKERS, Inputs
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
Made = TypeVar("Made")


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
    months: str | Sequence[str],
    schemes: Sequence[Scheme],
    *,
    provisional: bool = False,
    on: EngineName = "duckdb",
    memory: str = MEMORY,
    threads: int | None = None,
    session: Any = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Assess months under several schemes.

    Args:
        inputs: the tables.
        ledger: where lines are written.
        months: as `2026-03`; one, or several, which are gone through in their order.
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
    asked = [months] if isinstance(months, str) else sorted(set(months))
    with engine(on, memory, threads or cores(), session=session) as computing:
        assessing = _Assessing(inputs, ledger, computing, wanted)
        outcomes = []
        for month in asked:
            assessing.turn_to(month)
            for scheme in wanted:
                if progress is not None:
                    progress(say("assessing", scheme=scheme.title, month=month))
                outcomes.append(assessing.provisionally(scheme) if provisional else assessing.finally_(scheme))
        return outcomes


class _Assessing:
    """Goes from month to month in one engine: expressions are made once, what they name is filled anew each month."""

    def __init__(self, inputs: Inputs, ledger: Ledger, computing: Engine, schemes: Sequence[Scheme]) -> None:
        self.inputs, self.ledger = inputs, ledger
        self.engine, self.schemes = computing, schemes
        self.made: dict[tuple[str, ...], Any] = {}
        self.month = ""
        self.places: dict[str, tuple[int, ...]] = {}

    def turn_to(self, month: str) -> None:
        """Forget the tables of the month before."""
        self.month = month
        self.places = {}

    def finally_(self, scheme: Scheme) -> Outcome:
        """When the month's orders and earnings are known."""
        activity = self._activity(scheme)
        figures = self._figures(scheme, self.places[activity.get_name()])
        covered = self._covered(scheme, activity)
        if scheme.file.orders is not None:
            prices = prices_of(figures.reckoned, self._classes(activity), scheme.file.orders)
            priced = self.engine.frame(f"prices_{scheme.name}", prices)
            due = self._once(("due", scheme.name), lambda: due_on_orders(scheme, covered, priced))
        else:
            limits = self.engine.frame(f"limits_{scheme.name}", figures.reckoned)
            rates = self.engine.source("rates", self.inputs.files["rates"], RATES) if _needs_rates(scheme) else None
            due = self._once(("due", scheme.name), lambda: due_on_income(scheme, covered, limits, rates))
        return self._written(scheme, due, figures, "assessed")

    def provisionally(self, scheme: Scheme) -> Outcome:
        """When only who is registered is known."""
        if "registered" not in self.places:
            workers = self._workers()
            first, after = month_bounds(self.month)
            bounds = pl.DataFrame({"first_day": [first.date()], "after": [after.date()]})
            joined = workers.cross_join(self.engine.frame("bounds", bounds))
            there = joined.filter((joined.registered_on < joined.after) & (joined.status == "active"))
            self.engine.keep("registered", there.select("worker_key", "platform_key", "relation", "place"))
            self.places["registered"] = self.places["workers"]
        registered = ibis.table(_REGISTERED, name="registered")
        figures = self._figures(scheme, self.places["registered"])
        limits = self.engine.frame(f"limits_{scheme.name}", figures.reckoned)
        covered = self._covered(scheme, registered)
        due = self._once(("due", scheme.name), lambda: due_provisionally(covered, limits))
        return self._written(scheme, due, figures, "provisional")

    def _once(self, key: tuple[str, ...], make: Callable[[], Made]) -> Made:
        """What does not depend on the month."""
        if key not in self.made:
            self.made[key] = make()
        made: Made = self.made[key]
        return made

    def _figures(self, scheme: Scheme, places: Sequence[int]) -> Figures:
        return figures_of(scheme, self.month, [one for one in places if one >= 0])

    def _covered(self, scheme: Scheme, rows: Table) -> Table:
        pensions = None
        if asks_register(scheme):
            register = self.engine.source("register", self.inputs.files["register"], REGISTER)
            pensions = register.select("worker_key", "pension")
        return self._once(("covered", scheme.name), lambda: covered_by(scheme, rows, pensions))

    def _activity(self, scheme: Scheme) -> Table:
        source = "orders" if scheme.file.income is None else scheme.file.income.source
        name = f"activity_{source}"
        if name not in self.places:
            made = self._activity_from_orders() if source == "orders" else self._activity_from_earnings(source)
            self._check_sums(self.engine.keep(name, made))
            self.places[name] = self.places["orders" if source == "orders" else "workers"]
        return self._once((name, "table"), lambda: ibis.table(self.made[source, "activity"].schema(), name=name))

    def _activity_from_orders(self) -> Table:
        within = ("completed_at", *month_bounds(self.month))
        orders = self.engine.source("orders", self.inputs.files["orders"], ORDERS, within)
        regions = self._regions("orders", orders)
        return self._once(("orders", "activity"), lambda: activity_from_orders(orders, regions, self.schemes))

    def _activity_from_earnings(self, source: str) -> Table:
        first, after = month_bounds(self.month)
        within = ("month", f"{first:%Y-%m}", f"{after:%Y-%m}")
        earnings = self.engine.source("earnings", self.inputs.files["earnings"], EARNINGS, within)
        workers = self._workers()
        measure = "gross_fen" if source == "earnings" else "net_fen"
        return self._once((source, "activity"), lambda: activity_from_earnings(earnings, workers, measure))

    def _workers(self) -> Table:
        workers = self.engine.source("workers", self.inputs.files["workers"], WORKERS)
        regions = self._regions("workers", workers)
        return self._once(("workers", "placed"), lambda: workers_placed(workers, regions))

    def _regions(self, table: str, rows: Table) -> Table:
        frame, self.places[table] = regions_of(rows, self.engine)
        return self.engine.frame(f"regions_{table}", frame)

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

    def _written(self, scheme: Scheme, due: Due, figures: Figures, kind: RunKind) -> Outcome:
        earlier = self.ledger.runs(scheme.name, self.month)
        if kind == "provisional" and any(run.kind != "provisional" for run in earlier):
            # What is known for good is not made provisional again.
            return Outcome(scheme.name, self.month, None, _no_totals(), _open_frame([], frozenset()), ())
        for name, step in due.steps:
            self.engine.keep(name, step)
        open_rows = _open_frame(self.engine.fetch(due.open), figures.not_in_force)
        wanted = due.lines.select(*COLUMNS)
        if earlier:
            files = [path for run in earlier for path in run.lines]
            before = self.engine.source("earlier", files, {name: _LINE_KINDS.get(name, "int64") for name in COLUMNS})
            wanted = self._once(("changes", scheme.name), lambda: changes(due.lines, before))
        facts = {
            "title": {"en": scheme.title.en, "zh": scheme.title.zh},
            "rule": scheme.file.rule,
            "reform": scheme.file.reform,
        }
        with tempfile.TemporaryDirectory(prefix=".canbao-lines-", dir=self.ledger.folder) as scratch:
            folder = Path(scratch) / "lines"
            self.engine.write(wanted, folder, list(KEY))
            totals = self._totals(folder)
            run = None
            if totals["lines"] or not earlier:
                kind = "adjustment" if earlier and kind != "provisional" else kind
                facts["totals"] = totals
                run = self.ledger.add(scheme.name, self.month, kind, folder, figures.looked_up, facts)
        for name, _ in due.steps:
            self.engine.drop(name)
        return Outcome(scheme.name, self.month, run, totals, open_rows, figures.missing)

    def _totals(self, folder: Path) -> dict[str, int]:
        lines = self.engine.source("written", sorted(folder.glob("*.parquet")), dict.fromkeys(MEASURES, "int64"))
        sums = self._once(
            ("totals",),
            lambda: lines.agg(lines=lines.count(), **{name: lines[name].sum().coalesce(0) for name in MEASURES}),
        )
        return dict(zip(("lines", *MEASURES), (int(one) for one in self.engine.fetch(sums)[0]), strict=True))


def changes(due: Table, before: Table) -> Table:
    """What is due less what lines of earlier runs add up to.

    Args:
        due: `COLUMNS`.
        before: the lines of earlier runs.
    """
    taken = before.select(*KEY, **{name: -before[name] for name in MEASURES}, **{one: before[one] for one in RECORDS})
    now = due.select(*COLUMNS).mutate(known=ibis.literal(1, type="int8"))
    aligned = now.union(taken.select(*COLUMNS).mutate(known=ibis.literal(0, type="int8")))
    is_now = aligned.known == 1
    added = aligned.group_by(list(KEY)).agg(
        **{name: aligned[name].sum() for name in MEASURES},
        # The records that are there now; where none is left, those that there were.
        first_record=aligned.first_record.min(where=is_now).coalesce(aligned.first_record.min()),
        last_record=aligned.last_record.max(where=is_now).coalesce(aligned.last_record.max()),
    )
    changed: Any = ibis.literal(False)
    for name in MEASURES:
        changed = changed | (added[name] != 0)
    return added.filter(changed).select(*COLUMNS)


_LINE_KINDS = {"platform_key": "int32", "relation": "int8", "place": "int16", "service": "int8"}
_REGISTERED = {"worker_key": "int64", "platform_key": "int32", "relation": "int8", "place": "int16"}


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
            for place, service, workers, income in sorted(rows)
            if place not in not_in_force
        ],
        schema={"place": pl.String, "service": pl.String, "workers": pl.Int64, "income_fen": pl.Int64},
        orient="row",
    )


__all__ = ["MEMORY", "Outcome", "assess"]
