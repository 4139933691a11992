"""Assess a month: what is due now, less what was written before, becomes the lines of a new run."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import ibis
import polars as pl
from ibis.expr.types import Table

from canbao.errors import Fault, Place, raise_all
from canbao.exchange.ledger.accounts import (
    EMPLOYED,
    ENGAGED,
    changed_accounts,
    employers_from_orders,
    employers_from_workers,
)
from canbao.exchange.ledger.accounts import ORDERS as EMPLOYERS_OF_ORDERS
from canbao.exchange.ledger.activity import (
    KEY,
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
    pensions_of,
    prices_of,
    with_pensions,
)
from canbao.exchange.ledger.engines import Engine, EngineName, cores, engine
from canbao.exchange.ledger.figures import Figures, figures_of, month_number
from canbao.exchange.ledger.inputs import EARNINGS, ORDERS, RATES, REGISTER, WORKERS, Inputs
from canbao.exchange.ledger.places import cities
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
    day: datetime.date | None = None,
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
        day: on which it is assessed; what is found late is due later. None for the month after.
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
        assessing = _Assessing(inputs, ledger, computing, wanted, day)
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

    def __init__(
        self,
        inputs: Inputs,
        ledger: Ledger,
        computing: Engine,
        schemes: Sequence[Scheme],
        day: datetime.date | None,
    ) -> None:
        self.inputs, self.ledger, self.day = inputs, ledger, day
        self.engine, self.schemes = computing, schemes
        self.made: dict[tuple[str, ...], Any] = {}
        self.month = ""
        self.kept: set[str] = set()
        self.cities = computing.frame("cities", cities())
        self.pensions: Table | None = None
        if any(asks_register(one) for one in schemes):
            register = computing.source("register", inputs.files["register"], REGISTER)
            self.pensions = computing.keep("pensions", pensions_of(register))

    def turn_to(self, month: str) -> None:
        """Forget the tables of the month before."""
        self.month = month
        self.kept = set()

    def finally_(self, scheme: Scheme) -> Outcome:
        """When the month's orders and earnings are known."""
        activity = self._activity(scheme)
        figures = figures_of(scheme, self.month)
        covered = self._once(("covered", scheme.name), lambda: covered_by(scheme, activity))
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
        registered = self._registered()
        figures = figures_of(scheme, self.month)
        limits = self.engine.frame(f"limits_{scheme.name}", figures.reckoned)
        covered = self._once(("covered", scheme.name), lambda: covered_by(scheme, registered))
        due = self._once(("due", scheme.name), lambda: due_provisionally(covered, limits))
        return self._written(scheme, due, figures, "provisional")

    def _once(self, key: tuple[str, ...], make: Callable[[], Made]) -> Made:
        """What does not depend on the month."""
        if key not in self.made:
            self.made[key] = make()
        made: Made = self.made[key]
        return made

    def _kept(self, name: str, make: Callable[[], Table]) -> Table:
        """A table of the month."""
        made = self._once((name,), make)
        if name not in self.kept:
            self.kept.add(name)
            self.engine.keep(name, made)
        return self._once((name, "table"), lambda: ibis.table(made.schema(), name=name))

    def _activity(self, scheme: Scheme) -> Table:
        source = "orders" if scheme.file.income is None else scheme.file.income.source
        is_new = f"activity_{source}" not in self.kept
        activity = self._from_orders() if source == "orders" else self._from_earnings(source)
        if is_new:
            self._check_sums(activity)
        return activity

    def _from_orders(self) -> Table:
        def make() -> Table:
            return self._with_pensions(activity_from_orders(orders, self.cities, self.schemes))

        within = ("completed_at", *month_bounds(self.month))
        orders = self.engine.source("orders", self.inputs.files["orders"], ORDERS, within)
        return self._kept("activity_orders", make)

    def _from_earnings(self, source: str) -> Table:
        def make() -> Table:
            placed = workers_placed(workers, self.cities)
            return self._with_pensions(activity_from_earnings(earnings, placed, measure))

        first, after = month_bounds(self.month)
        within = ("month", f"{first:%Y-%m}", f"{after:%Y-%m}")
        earnings = self.engine.source("earnings", self.inputs.files["earnings"], EARNINGS, within)
        workers = self.engine.source("workers", self.inputs.files["workers"], WORKERS)
        measure = "gross_fen" if source == "earnings" else "net_fen"
        return self._kept(f"activity_{source}", make)

    def _registered(self) -> Table:
        """Who is with a platform at some time in the month."""

        def make() -> Table:
            placed = workers_placed(workers, self.cities)
            there = placed.filter(placed.status == "active")
            once = there.group_by(["worker_key", "platform_key"]).agg(
                relation=there.relation.max(), place=there.place.max()
            )
            return self._with_pensions(once)

        _, after = month_bounds(self.month)
        within = ("registered_on", datetime.date.min, after.date())
        workers = self.engine.source("workers", self.inputs.files["workers"], WORKERS, within)
        return self._kept("registered", make)

    def _employers(self) -> Table | None:
        """The firms of the month's engaged workers; None where no table names any."""
        makers: list[Callable[[], Table]] = []
        if self.inputs.has_column("orders", "employer_code"):
            within = ("completed_at", *month_bounds(self.month))
            orders = self.engine.source("employing_orders", self.inputs.files["orders"], EMPLOYERS_OF_ORDERS, within)
            makers.append(lambda: employers_from_orders(orders))
        if self.inputs.has("workers"):
            workers = self.engine.source("employing_workers", self.inputs.files["workers"], WORKERS)
            makers.append(lambda: employers_from_workers(workers))

        def make() -> Table:
            first, *others = (one() for one in makers)
            return first.union(others[0].anti_join(first, list(ENGAGED))) if others else first

        return self._kept("employers", make) if makers else None

    def _write_accounts(self, scheme: Scheme, folder: Path, written: Path, earlier: Sequence[Run]) -> bool:
        """Whose account the engaged workers' lines are in, as far as no earlier run says so; whether there is any news."""
        employers = self._employers()
        if employers is None:
            return False
        files = [*(path for run in earlier for path in run.lines), *sorted(written.glob("*.parquet"))]
        lines = self.engine.source("accounted", files, {name: EMPLOYED[name] for name in ENGAGED})
        before = [path for run in earlier for path in run.accounts]
        known = self.engine.source("accounts", before, {**EMPLOYED, "run": "int64"}) if before else None
        news = self._once(("accounts", scheme.name, str(bool(before))), lambda: changed_accounts(employers, lines, known))
        if not self.engine.fetch(
            self._once(("news", scheme.name, str(bool(before))), lambda: news.agg(count=news.count()))
        )[0][0]:
            return False
        run = ibis.literal(len(earlier) + 1, type="int64")
        self.engine.write(news.mutate(run=run), folder, list(ENGAGED))
        return True

    def _with_pensions(self, rows: Table) -> Table:
        return rows if self.pensions is None else with_pensions(rows, self.pensions)

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
        facts: dict[str, Any] = {
            "title": {"en": scheme.title.en, "zh": scheme.title.zh},
            "rule": scheme.file.rule,
            "reform": scheme.file.reform,
            "collected_from": scheme.file.collected_from,
            "due_on": due_day(self.month, scheme.file.due_months, self.day).isoformat(),
            "assessed_on": self.day.isoformat() if self.day is not None else None,
        }
        with tempfile.TemporaryDirectory(prefix=".canbao-lines-", dir=self.ledger.folder) as scratch:
            folder = Path(scratch) / "lines"
            self.engine.write(wanted, folder, list(KEY))
            totals, places = self._totals(folder)
            run = None
            accounts = Path(scratch) / "accounts"
            moved = self._write_accounts(scheme, accounts, folder, earlier)
            if totals["lines"] or moved or not earlier:
                kind = "adjustment" if earlier and kind != "provisional" else kind
                facts["totals"] = totals
                parts = [folder, accounts] if moved else [folder]
                run = self.ledger.add(scheme.name, self.month, kind, parts, figures.looked_up_in(places), facts)
        for name, _ in due.steps:
            self.engine.drop(name)
        missing = tuple(one for one in figures.missing if one[0] in open_rows["place"])
        return Outcome(scheme.name, self.month, run, totals, open_rows, missing)

    def _totals(self, folder: Path) -> tuple[dict[str, int], list[int]]:
        """What has been written adds up to, and the places that occur in it."""
        columns = {"place": "int16", **dict.fromkeys(MEASURES, "int64")}
        lines = self.engine.source("written", sorted(folder.glob("*.parquet")), columns)
        sums = self._once(
            ("totals",),
            lambda: lines.group_by("place").agg(
                lines=lines.count(), **{name: lines[name].sum().coalesce(0) for name in MEASURES}
            ),
        )
        rows = self.engine.fetch(sums)
        totals = {name: sum(int(row[at]) for row in rows) for at, name in enumerate(("lines", *MEASURES), start=1)}
        return totals, [row[0] for row in rows]


def due_day(month: str, months: int, day: datetime.date | None) -> datetime.date:
    """The last day on which what is due for a month can be paid; of what is assessed later, so much later.

    Args:
        month: as `2026-03`.
        months: how many months after it.
        day: on which it was assessed; None for the month after.
    """
    number = month_number(month) + months
    if day is not None:
        number = max(number, day.year * 12 + day.month - 2 + months)
    _, after = month_bounds(f"{number // 12}-{number % 12 + 1:02}")
    return (after - datetime.timedelta(days=1)).date()


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
