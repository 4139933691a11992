"""What studies found, a row a result: the assumptions of life courses name the rows on which they rest.

Rows that come with the programme stand in results.yaml, their works in results.bib. A study's own table, in its
evidence folder, has the same form. What nobody could read is left blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from canbao.errors import Fault, Place, raise_all
from canbao.languages import Catalogue
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.careers", "extracted")

Method = Literal[
    "trial", "difference_in_differences", "panel", "cross_section", "survey", "stated", "records", "press", "projection"
]
Unit = Literal["points", "share", "log_odds", "odds_ratio", "log_points", "elasticity", "years", "ratio"]
Sign = Literal["positive", "negative", "none", "mixed"]
Seen = Literal["whole", "excerpt", "reprint", "quoted", "memory"]

SIGNED: frozenset[str] = frozenset({"points", "log_odds", "log_points", "elasticity"})
"""Units in which an effect below nought is a negative one."""


def _as_text(value: object) -> object:
    """A year or a page is text: 2015 and 2015–2016 may both stand."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text)]


class ExtractedRow(Entry):
    """One result of one work.

    Args:
        work: key in the bibliography.
        place: where the data are from.
        year: of the data: `2015`, `2015–2016`.
        n: observations.
        outcome: what was explained, or measured.
        determinant: of what the effect is; blank where the row says how large something is.
        effect: on the outcome, in `unit`.
        interval: 95 % confidence interval, in the same unit.
        sign: of the effect, also where its size is not known.
        page: or table; in both languages where it has words.
        seen: how much of the work whoever extracted the row has seen.
        by: who extracted it.
        assumptions: of the simulation, by name, on which a study's own row bears.
    """

    work: str
    place: Bilingual | None = None
    year: Text | None = None
    n: Annotated[int, Field(gt=0)] | None = None
    method: Method | None = None
    outcome: str
    determinant: str | None = None
    effect: Annotated[float, Field(allow_inf_nan=False)] | None = None
    unit: Unit | None = None
    interval: tuple[float, float] | None = None
    sign: Sign | None = None
    page: Text | Bilingual | None = None
    seen: Seen
    by: str | None = None
    note: Bilingual | None = None
    assumptions: list[str] = Field(default_factory=list)


class ExtractionFile(Entry):
    """A table of extracted results.

    Args:
        outcomes: of the table's own, beside those that the programme knows, with labels.
        determinants: the same.
        rows: by id.
    """

    outcomes: dict[str, Bilingual] = Field(default_factory=dict)
    determinants: dict[str, Bilingual] = Field(default_factory=dict)
    rows: dict[str, ExtractedRow] = Field(default_factory=dict)


def read_extraction(path: Path) -> tuple[YamlFile, ExtractionFile]:
    """A table of what studies found, and its file with the places of all rows.

    Raises:
        InputError: all that contradicts itself in a row.
    """
    file = YamlFile(path)
    table = file.validate(ExtractionFile)
    raise_all([fault for name, row in table.rows.items() for fault in _faults(name, row, file)])
    return file, table


@cache
def shipped_rows() -> Mapping[str, ExtractedRow]:
    """The rows that come with the programme, by id."""
    return read_extraction(_file("results.yaml"))[1].rows


def shipped_bibliography() -> Path:
    """The works of the rows that come with the programme."""
    return _file("results.bib")


def _faults(name: str, row: ExtractedRow, file: YamlFile) -> Iterator[Fault]:
    def at(key: str) -> Place:
        return file.place(["rows", name, key])

    if row.effect is not None and row.unit is None:
        yield Fault(say("no_unit", row=name), at("effect"))
    if row.interval is not None:
        low, high = row.interval
        if row.effect is None or not low <= row.effect <= high:
            yield Fault(say("outside", row=name), at("interval"))
    if row.sign is not None and row.determinant is None:
        yield Fault(say("sign_of_nothing", row=name), at("sign"))
    if row.effect is not None and row.sign in ("positive", "negative") and not _agree(row):
        yield Fault(say("wrong_sign", row=name), at("sign"))


def _agree(row: ExtractedRow) -> bool:
    effect = row.effect or 0.0
    if row.unit == "odds_ratio":
        return effect > 1 if row.sign == "positive" else effect < 1
    if row.unit in SIGNED:
        return effect > 0 if row.sign == "positive" else effect < 0
    return True


def _file(name: str) -> Path:
    return Path(str(resources.files("canbao.careers").joinpath(name)))
