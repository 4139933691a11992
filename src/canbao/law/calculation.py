"""Calculates what the law gives each case of a table: whatever a case supplies replaces the rule of that name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from canbao.engine import UNKNOWN, Kind, Model, month_text
from canbao.engine.parameters import AVERAGED, FILLED, FIRST_YEAR, LAST_YEAR, LOW, OPEN
from canbao.engine.plan import YEAR, Plan
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.law.cases import NAME_COLUMN, Case, default_of, read_cases
from canbao.law.lawbook import columns, model, places

say = Catalogue("canbao.law", "words")

LAW_YEAR = 2025
"""The last year for which nearly all figures are published: what is asked about where a case names no year."""

FEWEST_COMPILED = 3000
"""Below so many cases of one kind, plain Python is done before a kernel would be compiled."""

RESTS_ON = "rests_on"

BEWARE: Mapping[str, int] = {"filled": FILLED, "low": LOW, "averaged": AVERAGED, "open": OPEN}
"""What is said of the figures that a result rests on."""

CAREER_STARTS = ("first_contribution_month", "first_resident_payment_month", "retirement_month")
"""The columns that say when a career begins to be gone through; the last for pensions in payment."""


@dataclass
class Calculation:
    """The results of a table of cases.

    Args:
        table: one row a case: its name if it has one, the wanted results, and what they rest on.
        faults: what is wrong with some cases; their results are blank.
    """

    table: pl.DataFrame
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Setting:
    """How cases that supply the same columns are computed.

    Args:
        plan: for those of the wanted results that can be had.
        columns: supplied, or with a default.
        years: the first and last year to go through; None for cases that are computed as they stand.
        faults: for each result that cannot be had, why.
    """

    columns: tuple[str, ...]
    want: tuple[str, ...]
    years: bool
    faults: Mapping[str, tuple[Fault, ...]]


def calculate(
    table: Any, want: str | Sequence[str] | None = None, *, keep_going: bool = False, law: Model | None = None
) -> Any:
    """What the law gives each case.

    Args:
        table: a Polars or pandas frame of cases; any column of the law's names, `case` for the row's name.
        want: names of results, or one name; None for all that can be had.
        keep_going: leave faulty cases blank instead of refusing the table.
        law: another law than the one in force, as a reform makes it.

    Returns:
        a frame of the same kind, one row a case: `case` if it was there, the results, and `rests_on`: what was assumed
        (`assumed:sex`), filled in (`filled:base_floor`), of low confidence (`low:…`), the mean of a year in which it
        changed (`averaged:…`), or why a result is blank (`open:…`).

    Raises:
        InputError: every bad cell by row and column, and what each wanted result lacks.
    """
    if isinstance(table, pl.LazyFrame):
        table = table.collect()
    frame = table if isinstance(table, pl.DataFrame) else _from_pandas(table)
    made = calculation(frame, [want] if isinstance(want, str) else want, law=law)
    if not keep_going:
        raise_all(made.faults)
    return made.table if isinstance(table, pl.DataFrame) else type(table)(made.table.to_dict(as_series=False))


def _from_pandas(table: Any) -> pl.DataFrame:
    """A pandas frame, column by column: Polars' own way would need pyarrow."""
    made = {}
    for name in table.columns:
        cells = [None if one is None or one != one else one for one in table[name].tolist()]
        mixed = len({type(one) for one in cells if one is not None}) > 1
        made[str(name)] = pl.Series([None if one is None else str(one) for one in cells] if mixed else cells)
    return pl.DataFrame(made)


def calculation(frame: pl.DataFrame, want: Sequence[str] | None = None, *, law: Model | None = None) -> Calculation:
    """The results of all cases that can be computed, and what is wrong with the others; see `calculate`."""
    law = law or model()
    _check_wanted(law, want)
    cases = read_cases(frame)
    values: dict[str, dict[int, Any]] = {}
    rests: dict[int, list[str]] = {}
    for setting, group in _settled(law, [case for case in cases if not case.faults], want):
        for case in group:
            case.faults += [_of_case(fault, case) for faults in setting.faults.values() for fault in faults]
        if setting.want:
            found, notes = _run(law, setting, group)
            for name, column in found.items():
                values.setdefault(name, {}).update(column)
            for row, noted in notes.items():
                blank = any(column[row] is None for column in found.values())
                rests[row] = [f"{word}:{name}" for word, name in noted if word != "open" or blank]
    faults = [fault for case in cases for fault in _once(case.faults)]
    names = list(want) if want is not None else [name for name in law.rules if name in values]
    made = {name: [values.get(name, {}).get(case.row) for case in cases] for name in names}
    series = [pl.Series(name, column, dtype=_dtype(law, name)) for name, column in made.items()]
    notes_column = pl.Series(RESTS_ON, ["; ".join(rests.get(case.row, [])) for case in cases], dtype=pl.String)
    first = [frame[NAME_COLUMN]] if NAME_COLUMN in frame.columns else []
    return Calculation(pl.DataFrame([*first, *series, notes_column]), faults)


def _settled(law: Model, cases: Sequence[Case], want: Sequence[str] | None) -> Iterator[tuple[Setting, list[Case]]]:
    """Cases that give the same columns together; where they are many and a province lacks something, by province."""
    groups: dict[tuple[str, ...], list[Case]] = {}
    for case in cases:
        groups.setdefault(tuple(sorted(case.given)), []).append(case)
    for given, group in groups.items():
        by_place: dict[str, list[Case]] = {}
        for case in group:
            by_place.setdefault(case.place, []).append(case)
        together = settle(law, given, want, by_place)
        if len(group) >= FEWEST_COMPILED and not together.faults:
            yield together, group
        else:
            for place, some in by_place.items():
                yield settle(law, given, want, [place]), some


def settle(law: Model, given: Sequence[str], want: Sequence[str] | None, where: Iterable[str]) -> Setting:
    """How cases that give these columns are computed: at once if that is enough, else through the years of a career."""
    defaults = [name for name in columns() if name not in given and default_of(name) is not None]
    supplied = [*given, *defaults]
    if "year" not in supplied and "month" not in supplied:
        supplied.append("year")
    career = [name for name in supplied if name not in ("year", "month")]
    numbers = frozenset(places().numbers[place] for place in where)
    possible, faults = _possible(law, supplied, want, numbers, years=False)
    if faults and set(CAREER_STARTS) & set(given):
        in_career, career_faults = _possible(law, career, want, numbers, years=True)
        if len(in_career) > len(possible):
            return Setting(tuple(career), tuple(in_career), True, {} if want is None else career_faults)
    return Setting(tuple(supplied), tuple(possible), False, {} if want is None else faults)


def _possible(
    law: Model, supplied: Sequence[str], want: Sequence[str] | None, where: frozenset[int], *, years: bool
) -> tuple[list[str], dict[str, tuple[Fault, ...]]]:
    possible, faults = [], {}
    for name in want if want is not None else law.rules:
        try:
            law.plan([name], supplied, years=years, places=where)
        except InputError as error:
            faults[name] = error.faults
        else:
            if want is not None or name not in supplied:
                possible.append(name)
    return possible, faults


def supplied_columns(setting: Setting, cases: Sequence[Case]) -> dict[str, np.ndarray[Any, Any]]:
    """The columns of cases as the engine takes them, with defaults where they give nothing."""
    made: dict[str, np.ndarray[Any, Any]] = {}
    for name in setting.columns:
        default = LAW_YEAR if name == "year" else default_of(name)
        made[name] = np.array([case.given.get(name, default) for case in cases])
    made["place"] = np.array([places().numbers[case.place] for case in cases], dtype=np.int32)
    return made


@dataclass(frozen=True)
class Span:
    """The years of a career that are gone through.

    Args:
        first: the year of the first payment.
        last: the year in which all events have happened, or that is asked about.
        asked: the year whose yearly results are wanted; None for the last.
    """

    first: int
    last: int
    asked: int | None

    @property
    def years(self) -> tuple[int, int]:
        """As the engine takes them."""
        return self.first, self.last

    @property
    def shown(self) -> int:
        """The year whose yearly results are shown."""
        return self.last if self.asked is None else self.asked


def spans(law: Model, plan: Plan, supplied: Mapping[str, np.ndarray[Any, Any]], cases: Sequence[Case]) -> list[Span]:
    """The years to be gone through for each case: nobody's result depends on who else is in the table."""
    events = [law.timeline.events[event] for event in plan.events]
    columns = {**supplied, "year": np.full(len(cases), LAW_YEAR)}
    months = law.run(columns, events, on="python") if events else None
    found = []
    for at, case in enumerate(cases):
        happens = [int(months[name][at]) // 12 for name in events if months[name][at] != UNKNOWN] if months else []
        starts = [int(case.given[name]) // 12 for name in CAREER_STARTS if name in case.given]
        asked = int(case.given["month"]) // 12 if "month" in case.given else case.given.get("year")
        asked = None if asked is None else int(asked)
        named = [] if asked is None else [asked]
        first, last = min([*starts, *named]), max([*starts, *happens, *named])
        found.append(Span(max(first, FIRST_YEAR), min(last, LAST_YEAR - 1), asked))
    return found


def _run(
    law: Model, setting: Setting, cases: Sequence[Case]
) -> tuple[dict[str, dict[int, Any]], dict[int, list[tuple[str, str]]]]:
    """Results and what they rest on, by the number of the row."""
    supplied = supplied_columns(setting, cases)
    plan = law.plan(setting.want, setting.columns, years=setting.years, places=_places(supplied))
    on: Any = "threads" if len(cases) >= FEWEST_COMPILED else "python"
    values: dict[str, dict[int, Any]] = {name: {} for name in setting.want}
    notes: dict[int, list[tuple[str, str]]] = {}
    groups: dict[Span | None, list[int]] = {}
    for at, span in enumerate(spans(law, plan, supplied, cases) if setting.years else [None] * len(cases)):
        groups.setdefault(span, []).append(at)
    for span, rows in groups.items():
        some = {name: column[rows] for name, column in supplied.items()}
        yearly = [name for name in setting.want if span and span.asked and plan.wanted[name][1] == YEAR]
        single = [name for name in setting.want if name not in yearly]
        years = span.years if span else None
        result = law.run(some, single, years=years, panel=yearly, cautions=True, on=on)
        for name in setting.want:
            column = result.panel[name][:, span.shown - span.first] if span and name in yearly else result[name]
            kind = law.lawbook.kind(name) or Kind("float")
            values[name] |= {cases[at].row: cell for at, cell in zip(rows, _cells(kind, column), strict=True)}
        for number, at in enumerate(rows):
            case = cases[at]
            notes[case.row] = [("assumed", name) for name in [*case.assumed, *assumed(plan, case)]]
            for word, flag in BEWARE.items():
                notes[case.row] += [(word, name) for name, codes in result.cautions.items() if codes[number] & flag]
    return values, notes


def _places(supplied: Mapping[str, np.ndarray[Any, Any]]) -> frozenset[int]:
    return frozenset(supplied["place"].tolist())


def assumed(plan: Plan, case: Case) -> list[str]:
    """The columns that a plan needs, a case did not give, and for which something was assumed."""
    silent = {name for name, entry in columns().items() if entry.default is not None}
    needed = [*plan.columns, *(["year"] if ("year", "year") in plan.nodes and not plan.has_years else [])]
    return [
        name
        for name in dict.fromkeys(needed)
        if name not in case.given and name not in silent and not (name == "year" and plan.by_month)
    ]


# --- cells out ----------------------------------------------------------------------------------------------------------


def _cells(kind: Kind, values: np.ndarray[Any, Any]) -> Iterable[Any]:
    for value in values.tolist():
        if value == UNKNOWN or value != value:
            yield None
        elif kind.name == "month":
            yield month_text(value)
        elif kind.category is not None:
            yield kind.category(value).key
        elif kind.name == "bool":
            yield "yes" if value else "no"
        else:
            # Sums of rounded amounts keep no binary dust.
            yield round(value, 6) if kind.is_float else value


def _dtype(law: Model, name: str) -> pl.DataType:
    kind = law.lawbook.kind(name) or Kind("float")
    if kind.is_float or kind.name == "table":
        return pl.Float64()
    return pl.Int64() if kind.name == "int" else pl.String()


def _check_wanted(law: Model, want: Sequence[str] | None) -> None:
    known = {*law.rules, *(name for name, one in law.parameters.items() if not one.is_table)}
    raise_all(
        [
            Fault(say("unknown_result", name=name), Place(), did_you_mean(name, known))
            for name in want or []
            if name not in known
        ]
    )


def _of_case(fault: Fault, case: Case) -> Fault:
    return Fault(fault.what, case.at(fault.place.field), fault.remedy)


def _once(faults: Iterable[Fault]) -> list[Fault]:
    return list(dict.fromkeys(faults))
