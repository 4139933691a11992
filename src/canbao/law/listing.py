"""Lists the parameters in force at a place and time, with their sources, and what of them is filled in or open."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from canbao.engine import Month, month_text
from canbao.engine.parameters import LOW_CONFIDENCE, Parameter
from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Language
from canbao.law.calculation import LAW_YEAR
from canbao.law.cases import read_cases
from canbao.law.citations import address_of, cited
from canbao.law.explanation import label_of, unit_of, unit_words
from canbao.law.lawbook import model, places, rules_of, schemes

say = Catalogue("canbao.law", "words")


def parameters_in_force(scheme: str, place: str, months: tuple[Month, Month], language: Language) -> pl.DataFrame:
    """One row a parameter and change in the time asked about, tables one row an entry.

    Args:
        scheme: a folder of the law.
        place: a place of the law.
        months: the first and the last month asked about.
        language: of labels and citations.

    Returns:
        `name`, `label`, `entry` (of tables), `value`, `unit`, `since`, `state` (published, filled, low, open), `basis`,
        `source`, `address`, `note`.

    Raises:
        InputError: there is no such scheme.
    """
    known = schemes()
    raise_all(
        [Fault(say("unknown_scheme", name=scheme), Place(), did_you_mean(scheme, known))] if scheme not in known else []
    )
    number = places().numbers[place]
    rows = []
    for name, parameter in model().parameters.items():
        if parameter.place.file is None or not str(parameter.place.file).endswith(f"{scheme}/parameters.yaml"):
            continue
        for month in _changes(parameter, number, months):
            rows += _rows(name, parameter, number, month, language)
    names = ["name", "label", "entry", "value", "unit", "since", "state", "basis", "source", "address", "note"]
    kinds = {"entry": pl.Int64(), "value": pl.Float64()}
    return pl.DataFrame(rows, schema={one: kinds.get(one, pl.String()) for one in names}, orient="row")


def results(language: Language) -> pl.DataFrame:
    """Every result that can be calculated: `scheme`, `name`, `label`, `unit`."""
    rows = []
    for scheme in schemes():
        for name in dict.fromkeys(one.name for one in rules_of(scheme)):
            rows.append((scheme, name, label_of(name)[language], unit_words(unit_of(model(), name))[language]))
    return pl.DataFrame(rows, schema=["scheme", "name", "label", "unit"], orient="row")


def place_and_months(
    province: str | None, city_class: str | None, year: int | None, month: str | None
) -> tuple[str, tuple[Month, Month]]:
    """The place and months that a command line names; the nation and the law's last year where it names none.

    Raises:
        InputError: a place or month that is none.
    """
    cells = {"province": province, "city_class": city_class, "month": month, "year": None if year is None else str(year)}
    case = read_cases(pl.DataFrame({name: [cell] for name, cell in cells.items() if cell is not None} or {"case": ["1"]}))[
        0
    ]
    raise_all([Fault(one.what, Place(field=one.place.field), one.remedy) for one in case.faults])
    if month is not None:
        return case.place, (int(case.given["month"]),) * 2
    january = int(case.given.get("year", LAW_YEAR)) * 12
    return case.place, (january, january + 11)


def _changes(parameter: Parameter, place: int, months: tuple[Month, Month]) -> Iterable[Month]:
    """The months in which another figure begins to hold; of a year whose figure is taken in one month, that month."""
    first, last = months
    if first < last and parameter.entry.taken_in is not None:
        return [first + parameter.entry.taken_in - 1]
    found = [first]
    for month in range(first + 1, last + 1):
        before, now = parameter.origin(place, month - 1), parameter.origin(place, month)
        if (before.value, before.since, before.filled) != (now.value, now.since, now.filled):
            found.append(month)
    return found


def _rows(name: str, parameter: Parameter, place: int, month: Month, language: Language) -> list[tuple[object, ...]]:
    origin = parameter.origin(place, month)
    about = (
        parameter.entry.unit,
        month_text(origin.since) if origin.since is not None else None,
    )
    note = origin.stand_in or origin.note
    after = (
        cited(origin.basis)[language] or None,
        cited(origin.source)[language] or None,
        address_of(origin.source),
        note[language] if note else None,
    )
    label = parameter.entry.label.words[language]
    if parameter.is_table:
        table = parameter.tables[parameter.table_rows[place, parameter.column(month)]]
        entries: list[tuple[int | None, float | None]] = [(at, float(one)) for at, one in enumerate(table) if one == one]
        if parameter.entry.steps:
            entries = [(at, one) for at, one in entries if not at or table[at - 1] != one]
        state = _state(origin.confidence in LOW_CONFIDENCE) if entries else "open"
        return [(name, label, at, one, *about, state, *after) for at, one in entries or [(None, None)]]
    state = "filled" if origin.filled else "open" if origin.value is None else _state(origin.confidence in LOW_CONFIDENCE)
    return [(name, label, None, origin.value, *about, state, *after)]


def _state(low: bool) -> str:
    return "low" if low else "published"
