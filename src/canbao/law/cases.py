"""Cases: a table of workers as people write it, read cell by cell into what rules take."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from canbao.engine import Category, Kind, month_text
from canbao.engine.parameters import FIRST_YEAR, LAST_YEAR
from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.law.lawbook import columns, labels, model, provinces

say = Catalogue("canbao.law", "words")

NAME_COLUMN = "case"
"""Names the row in messages and results."""

YES = frozenset({"yes", "y", "true", "1", "1.0", "是", "有"})
NO = frozenset({"no", "n", "false", "0", "0.0", "否", "无"})
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "."})
MONTH = re.compile(r"^(\d{4})(?:[-/年](\d{1,2})|\.(\d{2}))(?:月|[-/.](\d{1,2})(?:[ T].*)?)?$")
"""A month may be followed by a day. After a point it has two digits: 1970.1 is what spreadsheets make of 1970.10."""
NUMBER = re.compile(r"^[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][-+]?\d+)?$")
RANGES: Mapping[str, tuple[float, float]] = {
    "CNY": (0, 1e12), "CNY/month": (0, 1e8), "CNY/year": (0, 1e9), "CNY/order": (0, 1e4),
    "months": (0, 1800), "years": (0, 120), "age": (0, 120), "days": (0, 40000),
    "share": (0, 1), "ratio": (0, 100), "share/day": (0, 1),
}  # fmt: skip
"""What a figure of each unit can be."""


@dataclass
class Case:
    """One row.

    Args:
        row: its number in the table, from 1.
        name: what it is called in messages.
        place: where it is, as the law's places name it.
        given: its values by column, as rules take them.
        faults: what is wrong with it.
        assumed: values that it did not give and that were taken for it.
    """

    row: int
    name: str
    place: str = "all"
    given: dict[str, float | int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    assumed: dict[str, Words] = field(default_factory=dict)

    def at(self, column: str | None = None) -> Place:
        """Where a fault stands."""
        return Place(None if self.name == str(self.row) else self.name, row=self.row, field=column)


def known_columns() -> list[str]:
    """Every column that a case may have."""
    law = model()
    return [NAME_COLUMN, *columns(), *law.rules, *(name for name, one in law.parameters.items() if not one.is_table)]


def read_cases(table: pl.DataFrame, first_row: int = 1) -> list[Case]:
    """All rows of a table of cases that are not blank.

    Args:
        table: as people write it; columns may also be headed by their labels.
        first_row: the number of its first row.

    Raises:
        InputError: a column that is not known, with the nearest name. Bad cells stand in each case's own faults.
    """
    table = table.rename({name: _heading(name) for name in table.columns if _heading(name) not in table.columns})
    known = set(known_columns())
    faults = [
        Fault(say("unknown_column", name=name), Place(field=name), did_you_mean(name, known))
        for name in table.columns
        if name not in known
    ]
    faults += [
        Fault(say("nested_column", name=name), Place(field=name)) for name in table.columns if table[name].dtype.is_nested()
    ]
    raise_all(faults)
    texts = {name: _texts(table[name]) for name in table.columns}
    names = texts.get(NAME_COLUMN, [None] * table.height)
    filled = [at for at in range(table.height) if any(column[at] is not None for column in texts.values())]
    cases = [Case(at + first_row, names[at] or str(at + first_row)) for at in filled]
    readers = {name: _reader(name) for name in table.columns if name not in (NAME_COLUMN, "province", "city_class")}
    for case, at in zip(cases, filled, strict=True):
        for name, read in readers.items():
            text = texts[name][at]
            if text is not None:
                value, expected = read(text)
                if expected is None:
                    case.given[name] = value
                else:
                    case.faults.append(_bad_cell(case, name, text, expected))
        _place(case, {name: texts[name][at] for name in ("province", "city_class") if name in texts})
        _infer_city_class(case)
        born, retired = case.given.get("birth_month"), case.given.get("retirement_month")
        if born is not None and retired is not None and retired <= born:
            case.faults.append(Fault(say("retired_before_birth"), case.at("retirement_month")))
    return cases


@cache
def _headings() -> Mapping[str, str]:
    """Columns by their labels in lower case, where a label is one column's only."""
    found: dict[str, list[str]] = {}
    for name in known_columns():
        for text in {name, *([] if name == NAME_COLUMN else _labels(name))}:
            found.setdefault(text.lower(), []).append(name)
    return {text: names[0] for text, names in found.items() if len(names) == 1 or text == names[0]}


def _labels(name: str) -> tuple[str, str]:
    if name in columns():
        words = columns()[name].label.words
    elif name in model().parameters:
        words = model().parameters[name].entry.label.words
    else:
        entry = labels().get(name)
        words = entry.label.words if entry is not None and entry.label is not None else Words.same(name)
    return words.en, words.zh


def _heading(text: str) -> str:
    """The column that a heading names."""
    return _headings().get(text.strip().lower(), text)


def _bad_cell(case: Case, name: str, text: str, expected: Words) -> Fault:
    return Fault(say("bad_cell", value=text, expected=expected), case.at(name))


def _texts(series: pl.Series) -> list[str | None]:
    """Cells as text; blanks as None."""
    kept = (
        frozenset()
        if (kind := model().lawbook.kind(series.name)) is None or kind.category is None
        else kind.category.keys()
    )
    if series.dtype.is_temporal():
        series = series.dt.strftime("%Y-%m")
    elif series.dtype == pl.Boolean:
        series = series.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String)
    elif series.dtype.is_float():
        return [None if one is None or math.isnan(one) else f"{one:.15g}" for one in series]
    texts = series.cast(pl.String, strict=False)
    missing = MISSING - set(kept)
    return [None if one is None or one.strip().lower() in missing else one.strip() for one in texts]


# --- places -------------------------------------------------------------------------------------------------------------


def _place(case: Case, cells: Mapping[str, str | None]) -> None:
    province, city = cells.get("province"), cells.get("city_class")
    code = None
    if province is not None:
        code = province_code(province)
        if code is None:
            case.faults.append(_bad_cell(case, "province", province, say("expected_province")))
            return
        case.place = code
    if city is None:
        return
    if code is None:
        code = next((one for one, entry in provinces().items() if _class(one, city) and entry.classes), None)
        if code is None or city in "123":
            case.faults.append(Fault(say("city_without_province"), case.at("city_class"), say("give_province")))
            return
    found = _class(code, city)
    if found is None:
        listed = ", ".join(provinces()[code].classes) or "–"
        case.faults.append(_bad_cell(case, "city_class", city, say("expected_class", listed=listed)))
        return
    case.place = f"{code}/{found}"


@cache
def province_code(text: str) -> str | None:
    """The code of a province that is written as code, as six digits or by its name; None if there is none such."""
    code = text.removesuffix(".0")
    if re.fullmatch(r"\d{2}0{4}", code):
        code = code[:2]
    if code in provinces():
        return code
    return next(
        (
            one
            for one, entry in provinces().items()
            if text.lower() == entry.label.en.lower() or text.startswith(entry.label.zh)
        ),
        None,
    )


@cache
def _class(code: str, text: str) -> str | None:
    wanted = text.removesuffix(".0").lower()
    if re.fullmatch(r"\d{4}00", wanted):
        wanted = wanted[:4]
    for name, entry in provinces()[code].classes.items():
        if wanted in {name, entry.label.en.lower(), entry.label.zh, *(one.lower() for one in entry.also)}:
            return name
    return None


def _infer_city_class(case: Case) -> None:
    """A benefit reference wage that only one class of city ever had says which class it is."""
    wage = case.given.get("benefit_reference_wage")
    if wage is None or "/" in case.place or case.place == "all":
        return
    values = model().parameters["benefit_reference_wage"].entry.values
    general = {one.value for one in values.get(case.place, {}).values()}
    fitting = [
        name
        for name, dated in values.items()
        if name.startswith(f"{case.place}/") and wage in {one.value for one in dated.values()} - general
    ]
    if len(fitting) == 1:
        case.place = fitting[0]
        case.assumed["city_class"] = Words.same(case.place.partition("/")[2])


# --- cells --------------------------------------------------------------------------------------------------------------

Reader = Callable[[str], tuple[Any, Words | None]]


def _reader(name: str) -> Reader:
    """Reads a column's cells: the value, or what was expected instead."""
    kind = model().lawbook.kind(name) or Kind("int")
    if kind.name == "month":
        return _birth_month if name == "birth_month" else _month
    if kind.name == "bool" or _unit(name) == "yes/no":
        return _yes_no
    if kind.category is not None:
        return _category_reader(name, kind.category)
    return _number_reader(kind, column_range(name))


def _month(text: str, first_year: int = FIRST_YEAR) -> tuple[Any, Words | None]:
    compact = re.match(r"^(\d{4})(\d{2})$", text)
    found = compact or MONTH.match(text)
    if found is None:
        return None, say("expected_month", first=str(first_year))
    year, month = int(found[1]), int(found[2] or found[3])
    day = 1 if compact or found[4] is None else int(found[4])
    if not (first_year <= year < LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 31):
        return None, say("expected_month", first=str(first_year))
    return year * 12 + month - 1, None


def _birth_month(text: str) -> tuple[Any, Words | None]:
    return _month(text, 1900)


def _yes_no(text: str) -> tuple[Any, Words | None]:
    lower = text.lower()
    return (1 if lower in YES else 0, None) if lower in YES | NO else (None, say("expected_yes_no"))


def _category_reader(name: str, listed: type[Category]) -> Reader:
    also = columns()[name].also if name in columns() else {}
    numbers = {member.key: int(member) for member in listed}
    numbers |= {other.lower(): numbers[key] for other, key in also.items()}
    expected = Words.same(" | ".join(listed.keys()))
    return lambda text: (numbers[text.lower()], None) if text.lower() in numbers else (None, expected)


def _number_reader(kind: Kind, span: tuple[float, float]) -> Reader:
    low, high = span
    key = "expected_number" if kind.is_float else "expected_integer"
    expected = say(key, low=f"{low:g}", high=f"{high:g}")

    def read(text: str) -> tuple[Any, Words | None]:
        try:
            value = float(text.replace(",", "")) if NUMBER.match(text) else math.nan
        except ValueError:
            value = math.nan
        if not low <= value <= high or (not kind.is_float and value != int(value)):
            return None, expected
        return (value if kind.is_float else int(value)), None

    return read


def column_range(name: str) -> tuple[float, float]:
    """The lowest and highest value that can be true in a column."""
    entry = columns().get(name)
    if entry is not None and entry.range is not None:
        return entry.range
    law = model()
    own = law.rules[name][0].limits if name in law.rules else None
    own = law.parameters[name].entry.range if name in law.parameters else own
    if own is not None:
        return own
    return RANGES.get(_unit(name), (-1e12, 1e12))


def _unit(name: str) -> str:
    law = model()
    if name in law.rules:
        return law.rules[name][0].unit
    return law.parameters[name].entry.unit if name in law.parameters else ""


def default_of(name: str) -> float | int | None:
    """What is taken where a case does not give a column; None if it must be given."""
    entry = columns().get(name)
    taken = None if entry is None else entry.default if entry.assumed is None else entry.assumed
    if taken is None:
        return None
    value, _ = _reader(name)(str(taken))
    return value  # type: ignore[no-any-return]


def shown(name: str, value: float | int) -> str:
    """A value as cases are written."""
    kind = model().lawbook.kind(name) or Kind("int")
    if kind.category is not None:
        return kind.category(int(value)).key
    if kind.name == "month":
        return month_text(int(value))
    if kind.name == "bool":
        return "yes" if value else "no"
    return f"{value:g}"
