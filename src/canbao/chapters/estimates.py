"""Estimates fit to be published: of columns of the worker table, for domains made of its categories.

Each comes with its base, its interval and a flag. Cells with fewer than 30 respondents are suppressed, and with them
those from which they could be worked out; the same cell is hidden wherever in a report it appears. Where a study asks for
multiple imputation, every estimate is combined from the completed tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import polars as pl

from canbao.chapters.document import Cell, Flag, Interval, Point
from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.languages import Catalogue, Form, Number, Words
from canbao.survey import Design
from canbao.survey.disclosure import EXCEPT, SMALLEST_BASE, Domain, suppressed
from canbao.survey.imputation import combine
from canbao.workers.vocabulary import Vocabulary, WorkerColumn

say = Catalogue("canbao.chapters", "estimates")

LARGEST_VARIATION = 0.30
"""Estimates with a larger coefficient of variation are flagged."""

MEASURES = ("n", "estimate", "se", "low", "high", "df", "cv", "deff")


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published number; all but the flag are None where it is suppressed or cannot be estimated."""

    n: int | None = None
    estimate: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    df: float | None = None
    cv: float | None = None
    deff: float | None = None
    flag: Flag | None = None

    def cell(self, form: Form) -> Cell:
        """The estimate with its interval, as a table shows it."""
        interval = None if self.low is None else Interval(self.low, self.high, form)
        return Cell(Number(self.estimate, form), self.flag, interval)

    @property
    def base(self) -> Cell:
        """The number of respondents, as a table shows it."""
        return Cell(Number(self.n, "count"), "suppressed" if self.flag == "suppressed" else None)

    @property
    def point(self) -> Point:
        """As a chart draws it."""
        return Point(self.estimate, self.low, self.high, self.flag)

    def number(self, form: Form) -> Number:
        """As a sentence says it."""
        return Number(self.estimate, form)

    def times(self, factor: float) -> Estimate:
        """The same in another unit."""
        scaled = {
            name: None if (value := getattr(self, name)) is None else value * factor
            for name in ("estimate", "se", "low", "high")
        }
        if factor < 0:
            scaled["low"], scaled["high"] = scaled["high"], scaled["low"]
        return replace(self, **scaled)

    @property
    def complement(self) -> Estimate:
        """Of a share, that of all others."""
        if self.estimate is None:
            return self
        low, high = (None if one is None else 1 - one for one in (self.high, self.low))
        return replace(self, estimate=1 - self.estimate, low=low, high=high, cv=None, flag=None)

    @property
    def known(self) -> bool:
        """Whether there is a number that may be shown."""
        return self.estimate is not None

    def differs_from(self, other: Estimate) -> bool:
        """Whether the intervals of both lie apart: a cautious reading of a difference."""
        if self.low is None or other.low is None or self.high is None or other.high is None:
            return False
        return self.low > other.high or other.low > self.high


Group = tuple[str, ...]


@dataclass(frozen=True)
class Estimates:
    """The answers to one question: estimates of a column's categories by groups.

    Args:
        of: the column.
        by: the columns whose categories, crossed, make the groups.
        cells: for each group and category its estimate; the category of a mean is `mean`, of a median `median`, and so on.
    """

    of: str
    by: tuple[str, ...]
    cells: Mapping[tuple[Group, str], Estimate]

    def at(self, category: str, *group: str) -> Estimate:
        """The estimate for a category in a group; an empty one where there is none."""
        return self.cells.get((group, category), Estimate())

    @property
    def groups(self) -> list[Group]:
        """The groups in order."""
        return list(dict.fromkeys(group for group, _ in self.cells))

    @property
    def categories(self) -> list[str]:
        """The categories in order."""
        return list(dict.fromkeys(category for _, category in self.cells))

    def times(self, factor: float) -> Estimates:
        """The same in another unit."""
        return replace(self, cells={cell: estimate.times(factor) for cell, estimate in self.cells.items()})

    def frame(self) -> pl.DataFrame:
        """One row a group and category: the `by` columns, of, category, n, estimate, se, low, high, df, cv, deff, flag."""
        rows = [
            {
                **dict(zip(self.by, group, strict=True)),
                "of": self.of,
                "category": category,
                **{name: getattr(estimate, name) for name in MEASURES},
                "flag": estimate.flag or "",
            }
            for (group, category), estimate in self.cells.items()
        ]
        types = {**dict.fromkeys((*self.by, "of", "category", "flag"), pl.String), "n": pl.Int64}
        schema = {name: types.get(name, pl.Float64()) for name in (*self.by, "of", "category", *MEASURES, "flag")}
        return pl.DataFrame(rows, schema=schema)


class CellRegister:
    """Every cell that a report publishes, so that what must be hidden is hidden everywhere.

    A report is drawn up twice: the first time cells are only noted; `close` then decides which must be hidden, and the
    second time they are.
    """

    def __init__(self, smallest: int = SMALLEST_BASE) -> None:
        self._smallest = smallest
        self._bases: dict[str, dict[Domain, int]] = {}
        self._hidden: dict[str, frozenset[Domain]] | None = None

    def note(self, of: str, domain: Domain, base: int) -> None:
        """Say that an estimate of a column is to be published for a domain with so many respondents.

        Summed up from a table in which some left a question open, a domain seems smaller than it is: the largest counts.
        """
        bases = self._bases.setdefault(of, {})
        bases[domain] = max(base, bases.get(domain, 0))

    def bases(self, of: str) -> Mapping[Domain, int]:
        """The respondents of every domain of which something about a column is published, or follows."""
        return self._bases.get(of, {})

    def close(self) -> None:
        """Decide what must be hidden."""
        self._hidden = {of: suppressed(bases, self._smallest) for of, bases in self._bases.items()}

    def hides(self, of: str, domain: Domain, base: int) -> bool:
        """Whether the cell must be hidden; before closing, nothing is."""
        if self._hidden is None:
            return False
        return 0 < base < self._smallest or domain in self._hidden.get(of, frozenset())


Statistic = Callable[[Design, list[str]], pl.DataFrame]


class Estimator:
    """Answers questions about the worker table with estimates that may be published.

    Args:
        designs: the worker table under the study's design; several, one a completed table, under multiple imputation.
        vocabulary: the table's columns.
        register: of published cells.
    """

    def __init__(self, designs: Sequence[Design], vocabulary: Vocabulary, register: CellRegister | None = None) -> None:
        self.designs = tuple(designs)
        self.vocabulary = vocabulary
        self.register = register or CellRegister()
        self._known: dict[tuple[object, ...], pl.DataFrame] = {}
        self._counted: dict[tuple[object, ...], dict[Group, int]] = {}

    @property
    def design(self) -> Design:
        """The first of its designs; all have the same sample."""
        return self.designs[0]

    def of(self, of: str, by: Sequence[str] = (), among: Mapping[str, str | Sequence[str]] | None = None) -> Estimates:
        """Shares of a column's categories, or the mean of a number.

        Args:
            of: a column: categories and sets give shares, numbers a mean.
            by: columns with categories, crossed.
            among: the domain: for each column the category, or categories, that count.

        Raises:
            InputError: a column or category that does not exist, or that cannot make groups.
        """
        column = self.column(of)
        if column.is_categorical:
            return self._estimates("share", column, by, among, lambda design, groups: design.share(of, by=groups or None))
        if column.type == "set":
            return self._set_shares(column, by, among)
        if column.is_numeric:
            return self._estimates("mean", column, by, among, lambda design, groups: design.mean(of, by=groups or None))
        raise InputError(Fault(say("not_estimable", column=of)))

    def median(self, of: str, by: Sequence[str] = (), among: Mapping[str, str | Sequence[str]] | None = None) -> Estimates:
        """The median of a number; arguments as for `of`."""
        column = self.column(of)
        return self._estimates(
            "median", column, by, among, lambda design, groups: design.quantile(of, 0.5, by=groups or None)
        )

    def rate(self, of: str, by: Sequence[str] = (), among: Mapping[str, str | Sequence[str]] | None = None) -> Estimates:
        """The mean of a count for a hundred workers; the category is `rate`, arguments as for `of`."""
        column = self.column(of)
        per_worker = self._estimates("rate", column, by, among, lambda design, groups: design.rate(of, by=groups or None))
        return per_worker.times(100)

    def exceedance(
        self, of: str, least: float, by: Sequence[str] = (), among: Mapping[str, str | Sequence[str]] | None = None
    ) -> Estimates:
        """The share whose number is at least `least`; the category is `at_least`."""
        column = self.column(of)
        name = f"{of}>={least:g}"

        def share(design: Design, groups: list[str]) -> pl.DataFrame:
            reached = design.with_column(name, pl.col(of) >= least).share(name, by=groups or None)
            return reached.filter(pl.col("category") == "true").with_columns(category=pl.lit("at_least"))

        return self._estimates(name, column, by, among, share)

    def share_in(
        self, of: str, categories: Sequence[str], among: Mapping[str, str | Sequence[str]] | None = None
    ) -> Estimate:
        """The share in any of several categories of a column; arguments as for `of`."""
        column = self._group_column(of)
        self._refuse_unknown_categories(of, categories)
        name = f"{of}:{'|'.join(categories)}"

        def share(design: Design, _groups: list[str]) -> pl.DataFrame:
            blank = pl.when(pl.col(of).is_not_null())
            marked = blank.then(pl.col(of).cast(pl.String).is_in(list(categories)))
            return design.with_column(name, marked).share(name).filter(pl.col("category") == "true")

        return self._estimates(name, column, (), among, share).at("true")

    def mean_of(self, of: str, name: str, expression: pl.Expr) -> Estimate:
        """The mean, over everybody, of a number that is worked out for each worker.

        Args:
            of: the column that it is about, with which it is suppressed.
            name: of the number.
            expression: gives it from the worker table's columns.
        """

        def mean(design: Design, _groups: list[str]) -> pl.DataFrame:
            return design.with_column(name, expression).mean(name)

        return self._estimates(name, self.column(of), (), None, mean).at(name)

    def base(self, among: Mapping[str, str | Sequence[str]] | None = None) -> int:
        """The respondents in a domain; arguments as for `of`."""
        domain = {name: [value] if isinstance(value, str) else list(value) for name, value in (among or {}).items()}
        for name, wanted in domain.items():
            self._refuse_unknown_categories(name, wanted)
        return int(_within(self.design, domain).inside.sum())

    def column(self, name: str) -> WorkerColumn:
        """A column that the worker table has.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self.design.frame.columns:
            key = "column_absent" if name in self.vocabulary else "column_unknown"
            remedy = did_you_mean(name, [known for known in self.vocabulary if known in self.design.frame.columns])
            raise InputError(Fault(say(key, name=name), Place(), remedy))
        return self.vocabulary[name]

    def has(self, *names: str) -> bool:
        """Whether all these columns are there with at least one answer."""
        frame = self.design.frame
        return all(name in frame.columns and frame[name].null_count() < frame.height for name in names)

    def categories(self, name: str) -> Mapping[str, Words]:
        """A column's categories with their labels."""
        return self.vocabulary[name].categories

    def _set_shares(
        self, column: WorkerColumn, by: Sequence[str], among: Mapping[str, str | Sequence[str]] | None
    ) -> Estimates:
        """For each category of a set, the share that marked it, among those who marked any."""

        def shares(design: Design, groups: list[str]) -> pl.DataFrame:
            parts = []
            for category in column.categories:
                chosen = pl.col(column.name).cast(pl.List(pl.String))
                marked = pl.when(chosen.list.len() > 0).then(chosen.list.contains(category))
                part = design.with_column("marked", marked).share("marked", by=groups or None)
                parts.append(part.filter(pl.col("category") == "true").with_columns(category=pl.lit(category)))
            return pl.concat(parts)

        return self._estimates("share", column, by, among, shares)

    def _estimates(
        self,
        statistic: str,
        column: WorkerColumn,
        by: Sequence[str],
        among: Mapping[str, str | Sequence[str]] | None,
        compute: Statistic,
    ) -> Estimates:
        groups = list(dict.fromkeys(self._group_column(name).name for name in by))
        domain = {name: [value] if isinstance(value, str) else list(value) for name, value in (among or {}).items()}
        for name, wanted in domain.items():
            self._refuse_unknown_categories(name, wanted)
        key = (
            statistic,
            column.name,
            tuple(groups),
            tuple((name, tuple(sorted(w))) for name, w in sorted(domain.items())),
        )
        if key not in self._known:
            results = [compute(_within(design, domain), groups) for design in self.designs]
            self._known[key] = results[0] if len(results) == 1 else combine(results, rate=statistic == "rate")
        return self._published(statistic, column, tuple(groups), domain, self._known[key])

    def _group_column(self, name: str) -> WorkerColumn:
        column = self.column(name)
        if not column.is_categorical:
            raise InputError(Fault(say("not_groupable", column=name)))
        return column

    def _refuse_unknown_categories(self, name: str, wanted: Sequence[str]) -> None:
        known = self._group_column(name).categories
        faults = [
            Fault(say("no_such_category", column=name, category=category), Place(), did_you_mean(category, known))
            for category in wanted
            if category not in known
        ]
        if faults:
            raise InputError(faults)

    def _published(
        self, statistic: str, column: WorkerColumn, by: Group, domain: Mapping[str, list[str]], frame: pl.DataFrame
    ) -> Estimates:
        fixed = frozenset((name, "|".join(sorted(wanted))) for name, wanted in domain.items())
        bases = _bases(frame, by)
        for group, base in bases.items():
            self.register.note(column.name, fixed | frozenset(zip(by, group, strict=True)), base)
        self._note_margins(column.name, by, fixed, bases)
        self._note_excepted(column.name, by, domain, bases)
        cells: dict[tuple[Group, str], Estimate] = {}
        for row in frame.iter_rows(named=True):
            group = tuple(str(row[name]) for name in by)
            if bases[group] == 0:
                continue
            category = str(row["category"]) if "category" in row else statistic
            if category in column.unasked:
                continue
            hidden = self.register.hides(column.name, fixed | frozenset(zip(by, group, strict=True)), bases[group])
            cells[group, category] = Estimate(flag="suppressed") if hidden else _estimate(row)
        order = list(column.categories) or [statistic]
        ranked = sorted(cells, key=lambda cell: (self._rank(by, cell[0]), _position(order, cell[1])))
        return Estimates(column.name, by, {cell: cells[cell] for cell in ranked})

    def _note_margins(self, of: str, by: Group, fixed: Domain, bases: Mapping[Group, int]) -> None:
        """Whoever sees a table may ask for its margins too: they count as published."""
        for size in range(len(by)):
            for kept in combinations(range(len(by)), size):
                sums: dict[Domain, int] = {}
                for group, base in bases.items():
                    margin = fixed | frozenset((by[at], group[at]) for at in kept)
                    sums[margin] = sums.get(margin, 0) + base
                for margin, base in sums.items():
                    self.register.note(of, margin, base)

    def _note_excepted(self, of: str, by: Group, domain: Mapping[str, list[str]], bases: Mapping[Group, int]) -> None:
        """Whoever sees a domain may see it without one of its conditions too: those left out count as published."""
        for name, wanted in domain.items():
            others = {other: categories for other, categories in domain.items() if other != name}
            fixed = frozenset((other, "|".join(sorted(categories))) for other, categories in others.items())
            excepted = (name, EXCEPT + "|".join(sorted(wanted)))
            for group, whole in self._answered(of, by, others).items():
                where = fixed | frozenset(zip(by, group, strict=True))
                self.register.note(of, where, whole)
                self.register.note(of, where | {excepted}, whole - bases.get(group, 0))

    def _answered(self, of: str, by: Group, domain: Mapping[str, list[str]]) -> dict[Group, int]:
        """How many of each group answered a question."""
        asked = (of, by, tuple((name, tuple(sorted(wanted))) for name, wanted in sorted(domain.items())))
        if asked not in self._counted:
            design = _within(self.design, domain)
            given = design.frame[of].list.len() > 0 if self.vocabulary[of].type == "set" else design.frame[of].is_not_null()
            answered = design.frame.filter(pl.Series(design.inside) & given)
            if by:
                counted = answered.drop_nulls(list(by)).group_by(list(by)).len()
                self._counted[asked] = {tuple(map(str, row[:-1])): int(row[-1]) for row in counted.iter_rows()}
            else:
                self._counted[asked] = {(): answered.height}
        return self._counted[asked]

    def _rank(self, by: Group, group: Group) -> tuple[int, ...]:
        return tuple(
            _position(list(self.vocabulary[name].categories), category) for name, category in zip(by, group, strict=True)
        )


def _within(design: Design, domain: Mapping[str, list[str]]) -> Design:
    if not domain:
        return design
    return design.domain(pl.all_horizontal(pl.col(name).cast(pl.String).is_in(wanted) for name, wanted in domain.items()))


def _bases(frame: pl.DataFrame, by: Group) -> dict[Group, int]:
    """The respondents of each group; the largest where categories of a set were answered by different numbers."""
    bases: dict[Group, int] = {}
    for row in frame.iter_rows(named=True):
        group = tuple(str(row[name]) for name in by)
        bases[group] = max(bases.get(group, 0), int(row["n"] or 0))
    return bases


def _estimate(row: Mapping[str, float | int | None]) -> Estimate:
    measured = {name: _finite(row.get(name)) for name in MEASURES if name != "n"}
    variation = measured["cv"]
    unreliable = variation is not None and variation > LARGEST_VARIATION
    return Estimate(n=int(row["n"] or 0), **measured, flag="unreliable" if unreliable else None)


def _finite(value: float | int | None) -> float | None:
    return None if value is None or value != value or value in (float("inf"), float("-inf")) else float(value)


def _position(order: Sequence[str], item: str) -> int:
    return order.index(item) if item in order else len(order)
