"""Parameters: figures of the law by place and month, each with its basis, source and confidence.

A file holds entries such as

    pension_rate_flexible:
      label: {en: Contribution rate of a flexible worker, zh: 灵活就业人员缴费比例}
      unit: share
      basis: state_council_2005_38:3
      source: d38
      confidence: official
      values:
        2006-01: 0.20
        "31": {2023-12: {value: 0.24, source: shanghai_2023_5}, 2024-03: 0.20}

A value holds from its month until the next one. Where it may hold for a while only, `lasts` says for how many months.
`fill` says how cells that nobody knows are filled; such figures are marked. A value may be a table, `{1: 27, 2: 25}`;
with `steps: true` its entries hold up to the next one. A yearly rule takes the mean over the months of the year, unless
`taken_in: 7` names the month whose figure counts. `null` says that nobody knows; what a place does not mention at all it
has from the larger area that it lies in. `range: [1, 400]` bounds what a case may give in the parameter's place. An
assumption says with `span: [low, high]` between what it may lie, and with `evidence` on which results of studies it
rests. A figure that has been the same ever since but that a reform may well set says `may_change: true`; setting it then
needs no new kernel.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, RootModel

from canbao.engine.kinds import Month, month_text
from canbao.engine.places import NATION, Places
from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.engine", "words")

FIRST_YEAR, LAST_YEAR = 1951, 2150
MONTHS = (LAST_YEAR - FIRST_YEAR + 1) * 12
STEPS_TO = 1000
MONTH_KEY = re.compile(r"^\d{4}(-(0[1-9]|1[0-2]))?$")

Confidence = Literal["official", "agreed", "reported", "doubtful", "memory", "assumption"]
LOW_CONFIDENCE: frozenset[str] = frozenset({"doubtful", "memory", "assumption"})
"""What may not carry a headline without being named."""

FILLED, LOW, AVERAGED, OPEN = 1, 2, 4, 8
"""What to beware of in a figure: filled in by rule; published, but of low confidence; the mean of a year in which it
changed; not known."""

Cell = float | None
Array = np.ndarray[Any, np.dtype[Any]]


def _as_entry(value: object) -> object:
    """A bare number, null or table is a value with nothing said about it."""
    if value is None or isinstance(value, int | float):
        return {"value": value}
    if isinstance(value, dict) and value and all(re.fullmatch(r"\d+", str(key)) for key in value):
        return {"table": value}
    return value


class ValueEntry(Entry):
    """One figure from one month on; what it leaves out holds as the parameter says."""

    value: Cell = None
    table: dict[int, Cell] | None = None
    basis: str | None = None
    source: str | None = None
    confidence: Confidence | None = None
    note: Bilingual | None = None


class Fill(Entry):
    """How cells that nobody knows are filled: a share of another parameter, or the last known value."""

    share: float | None = None
    of: str | None = None
    last_known: bool = False


DatedEntry = Annotated[ValueEntry, BeforeValidator(_as_entry)]


def _by_place(values: object) -> object:
    """Dates that stand without a place hold for the nation."""
    if not isinstance(values, dict):
        return values
    national = {key: value for key, value in values.items() if MONTH_KEY.match(str(key))}
    places = {str(key): value for key, value in values.items() if key not in national}
    return {**({NATION: national} if national else {}), **places}


class ParameterEntry(Entry):
    """A parameter as its file describes it."""

    label: Bilingual
    unit: str
    basis: str | None = None
    source: str | None = None
    confidence: Confidence
    note: Bilingual | None = None
    lasts: Annotated[int, Field(gt=0)] | None = None
    taken_in: Annotated[int, Field(ge=1, le=12)] | None = None
    range: tuple[float, float] | None = None
    span: tuple[float, float] | None = None
    evidence: list[str] = Field(default_factory=list)
    may_change: bool = False
    steps: bool = False
    fill: list[Fill] = Field(default_factory=list)
    values: Annotated[dict[str, dict[str, DatedEntry]], BeforeValidator(_by_place)]


def citations(basis: str | None) -> list[tuple[str, str]]:
    """Document and article of each citation in `document:article; document:article`; the article may be empty."""
    parts = [part.strip() for part in (basis or "").split(";") if part.strip()]
    return [(part.partition(":")[0], part.partition(":")[2]) for part in parts]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from.

    Args:
        value: the figure; None where nobody knows it.
        since: the month from which it holds; None where it is filled.
        filled: it was filled in by rule, not published.
        stand_in: how it was filled; None where it was not.
    """

    value: float | None
    since: Month | None
    basis: str | None
    source: str | None
    confidence: Confidence
    note: Words | None
    filled: bool = False
    stand_in: Words | None = None


@dataclass(frozen=True)
class Parameter:
    """A parameter with all its values.

    Args:
        name: as rules name it.
        entry: as its file describes it.
        place: where it stands in its file.
        places: all places.
        sources: the parameter whose share fills unknown cells, by name.
    """

    name: str
    entry: ParameterEntry
    place: Place
    places: Places
    sources: Mapping[str, Parameter]

    @cached_property
    def is_table(self) -> bool:
        """Its values are tables."""
        return any(value.table is not None for dated in self.entry.values.values() for value in dated.values())

    @cached_property
    def varies_by_place(self) -> bool:
        """Some place has values of its own."""
        fills = any(fill.of and self.sources[fill.of].varies_by_place for fill in self.entry.fill)
        return fills or set(self.entry.values) != {NATION}

    @cached_property
    def varies_in_time(self) -> bool:
        """It is not one figure for all time: it changes, or it is not known before some month."""
        fills = any(fill.of and self.sources[fill.of].varies_in_time for fill in self.entry.fill)
        begins = {_month_index(text) for dated in self.entry.values.values() for text in dated}
        known_to = self.entry.may_change or self.entry.lasts is not None
        return fills or known_to or any(begin > 0 for begin in begins)

    @cached_property
    def monthly(self) -> Array:
        """The figures by place and month from `FIRST_YEAR` on; NaN where unknown."""
        return self._cells[0]

    @cached_property
    def cautions(self) -> Array:
        """What to beware of, by place and month, added up; 0 for nothing."""
        cautions = self._cells[1] * FILLED
        for at, name in enumerate(self._places_apart):
            for ancestor in reversed(list(self._ancestors(name))):
                for first, last, value in self._spans(self.entry.values.get(ancestor, {})):
                    known = value.table is not None or value.value is not None
                    if known and (value.confidence or self.entry.confidence) in LOW_CONFIDENCE:
                        cautions[at, first:last] |= LOW
                    elif known:
                        cautions[at, first:last] &= ~LOW
        if not self.varies_by_place:
            cautions[:] = cautions[0]
        unknown = self.table_rows == len(self._all_tables) if self.is_table else np.isnan(self.monthly)
        cautions[unknown] = OPEN
        return cautions.astype(np.uint8)

    @cached_property
    def has_cautions(self) -> bool:
        """There is something to beware of in some figure."""
        return bool(self.cautions.any() or self.yearly_cautions.any())

    @cached_property
    def yearly(self) -> Array:
        """The figures by place and year, weighted by months unless the law names the month."""
        return self._by_year(self.monthly)[0]

    def lacks(self, places: frozenset[int], years: tuple[int, int] | None) -> bool:
        """Whether some figure is not known.

        Args:
            places: in any of these.
            years: in any year from the first to the last; in any month at all if None.
        """
        asked = (places, years)
        if asked not in self._lacking:
            rows = sorted(places)
            seen = self.monthly[rows]
            if years is not None:
                seen = self.yearly[rows, years[0] - FIRST_YEAR : years[1] + 1 - FIRST_YEAR]
            self._lacking[asked] = bool(np.isnan(seen).any())
        return self._lacking[asked]

    @cached_property
    def _lacking(self) -> dict[tuple[frozenset[int], tuple[int, int] | None], bool]:
        """What has been found to be lacking, by places and years: models of many reforms ask the same."""
        return {}

    @cached_property
    def yearly_cautions(self) -> Array:
        """What to beware of in the months that a yearly figure rests on."""
        return self._by_year(self.monthly)[1]

    @cached_property
    def tables(self) -> Array:
        """All tables that ever hold, one a row, by index; NaN where a table has no entry."""
        rows = [value.table or {} for value in self._all_tables]
        longest = max((max(row, default=0) for row in rows), default=0)
        # The last entry of a table with steps holds on: its top is far enough for any index that a rule asks for.
        tables = np.full((len(rows) + 1, (STEPS_TO if self.entry.steps else longest) + 1), math.nan)
        for at, row in enumerate(rows):
            for index, cell in sorted(row.items()):
                figure = math.nan if cell is None else cell
                tables[at, index : None if self.entry.steps else index + 1] = figure
        return tables

    @cached_property
    def table_rows(self) -> Array:
        """Which row of `tables` holds, by place and month; the last one is empty."""
        rows = np.full((len(self.places.names), MONTHS), len(self._all_tables), dtype=np.int32)
        number = {id(value): at for at, value in enumerate(self._all_tables)}
        for at, name in enumerate(self.places.names):
            for first, last, value in self._spans(self._own(name)):
                rows[at, first:last] = number[id(value)]
        return rows

    @staticmethod
    def column(month: Month) -> int:
        """Where a month stands in `monthly`, `cautions` and `table_rows`."""
        return month - FIRST_YEAR * 12

    def origin(self, place: int, month: Month) -> Origin:
        """Where the figure of a place and month comes from."""
        index = self.column(month)
        entry = self.entry
        for name in self._ancestors(self.places.names[place]):
            for first, last, value in self._spans(entry.values.get(name, {})):
                known = value.table is not None or value.value is not None
                if first <= index < last and (known or not self._filled(place, index)):
                    return Origin(
                        value.value,
                        None if first == 0 else first + FIRST_YEAR * 12,
                        value.basis or entry.basis,
                        value.source or entry.source,
                        value.confidence or entry.confidence,
                        value.note.words if value.note else entry.note.words if entry.note else None,
                    )
        if not self._filled(place, index):
            return Origin(None, None, entry.basis, entry.source, entry.confidence, None)
        figure = float(self.monthly[place, index])
        stand_in, source = self._stand_in(place, index)
        return Origin(figure, None, entry.basis, source, "assumption", None, True, stand_in)

    def known_span(self, name: str) -> tuple[Month, Month] | None:
        """The first and last month for which a place has a published figure; None if it has none."""
        at = self.places.numbers[name]
        known = np.flatnonzero(~np.isnan(self.monthly[at]) & ~self._cells[1][at])
        start = FIRST_YEAR * 12
        return (int(known[0]) + start, int(known[-1]) + start) if len(known) else None

    # --- cells ------------------------------------------------------------------------------------------------------------

    @cached_property
    def _cells(self) -> tuple[Array, Array]:
        shape = (len(self._places_apart), MONTHS)
        cells, marks = np.full(shape, math.nan), np.zeros(shape, dtype=bool)
        for at, name in enumerate(self._places_apart):
            own = self.entry.values.get(name, {})
            told = np.zeros(MONTHS, dtype=bool)
            for first, last, value in self._spans(own):
                cells[at, first:last] = math.nan if value.value is None else value.value
                told[first:last] = True
            parent = self.places.parent(name)
            if parent is not None:
                above = self.places.numbers[parent]
                missing = ~told
                cells[at, missing] = cells[above, missing]
                # A place that has figures of its own only borrows the others.
                marks[at, missing] = marks[above, missing] | (bool(own) & ~np.isnan(cells[above, missing]))
        for fill in self.entry.fill:
            self._apply(fill, cells, marks)
        if not self.varies_by_place:
            everywhere = (len(self.places.names), MONTHS)
            return np.broadcast_to(cells, everywhere).copy(), np.broadcast_to(marks, everywhere).copy()
        return cells, marks

    @property
    def _places_apart(self) -> Sequence[str]:
        """The places whose figures are worked out one by one: the nation alone where all have its."""
        return self.places.names if self.varies_by_place else self.places.names[:1]

    def _apply(self, fill: Fill, cells: Array, marks: Array) -> None:
        missing = np.isnan(cells)
        if fill.of is not None:
            stand_in = (fill.share or 1.0) * self.sources[fill.of].monthly[: len(cells)]
        else:
            latest = np.where(missing, 0, np.arange(MONTHS))
            np.maximum.accumulate(latest, axis=1, out=latest)
            stand_in = np.take_along_axis(cells, latest, axis=1)
        cells[missing] = stand_in[missing]
        marks |= missing & ~np.isnan(cells)

    def _filled(self, place: int, index: int) -> bool:
        return not self.is_table and bool(self._cells[1][place, index])

    def _stand_in(self, place: int, index: int) -> tuple[Words, str | None]:
        """How a figure was filled in, and the source of what it was filled in with."""
        figure = self.monthly[place, index]
        for fill in self.entry.fill:
            if fill.of is not None:
                source = self.sources[fill.of]
                if (fill.share or 1.0) * source.monthly[place, index] == figure:
                    words = say("filled_share", share=f"{fill.share or 1:g}", of=source.entry.label.words)
                    return words, source.origin(place, index + FIRST_YEAR * 12).source
        published = ~self._cells[1][place, : index + 1] & ~np.isnan(self.monthly[place, : index + 1])
        earlier = np.flatnonzero(published)
        if len(earlier) and self.monthly[place, earlier[-1]] == figure:
            month = int(earlier[-1]) + FIRST_YEAR * 12
            return say("filled_last", month=month_text(month)), self.origin(place, month).source
        return say("filled_province"), None

    def _by_year(self, monthly: Array) -> tuple[Array, Array]:
        years = LAST_YEAR - FIRST_YEAR
        shape = (len(self.places.names), years)
        cells = monthly[:, : years * 12].reshape(shape[0], years, 12)
        beware = self.cautions[:, : years * 12].reshape(shape[0], years, 12)
        if self.entry.taken_in is not None:
            return np.ascontiguousarray(cells[:, :, self.entry.taken_in - 1]), beware[:, :, self.entry.taken_in - 1].copy()
        # A figure that does not change within a year is taken as it is, to the last digit.
        steady = (cells == cells[:, :, :1]).all(axis=2)
        yearly = np.where(steady, cells[:, :, 0], cells.mean(axis=2))
        cautions = np.bitwise_or.reduce(beware, axis=2)
        cautions[~steady & ~np.isnan(yearly)] |= AVERAGED
        return yearly, cautions

    def _spans(self, dated: Mapping[str, ValueEntry]) -> Iterator[tuple[int, int, ValueEntry]]:
        """First index, index after the last, and value."""
        starts = sorted(((_month_index(text), value) for text, value in dated.items()), key=lambda one: one[0])
        ends = [*(start for start, _ in starts[1:]), MONTHS][: len(starts)]
        for (start, value), end in zip(starts, ends, strict=True):
            # What nobody knows goes on unknown.
            unknown = value.value is None and value.table is None
            last = end if self.entry.lasts is None or unknown else min(end, start + self.entry.lasts)
            if last > 0:
                yield max(start, 0), min(last, MONTHS), value

    def _own(self, name: str) -> Mapping[str, ValueEntry]:
        for ancestor in self._ancestors(name):
            if ancestor in self.entry.values:
                return self.entry.values[ancestor]
        return {}

    def _ancestors(self, name: str) -> Iterator[str]:
        place: str | None = name
        while place is not None:
            yield place
            place = self.places.parent(place)

    @cached_property
    def _all_tables(self) -> list[ValueEntry]:
        return [value for dated in self.entry.values.values() for value in dated.values()]


class Parameters(Mapping[str, Parameter]):
    """All parameters by name.

    Args:
        parameters: by name.
    """

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self._parameters = dict(parameters)

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    @classmethod
    def read(
        cls,
        files: Iterable[Path],
        places: Places,
        documents: Mapping[str, object] | None = None,
        evidence: Mapping[str, object] | None = None,
    ) -> Parameters:
        """The parameters of several files.

        Args:
            files: YAML files as this module describes them.
            places: all places; values for others are refused.
            documents: the known documents; a basis or source outside them is refused. None to let all through.
            evidence: the known results of studies; evidence outside of them is refused. None to let all through.

        Raises:
            InputError: unknown keys, places, documents or evidence, a wrong date, a name that stands twice, a circle of
                fills.
        """
        entries: dict[str, tuple[ParameterEntry, Place]] = {}
        faults: list[Fault] = []
        for path in files:
            file = YamlFile(path)
            for name, entry in file.validate(RootModel[dict[str, ParameterEntry]]).root.items():
                if name in entries:
                    first = entries[name][1].text("en")
                    faults.append(Fault(say("parameter_twice", name=name, place=first), file.place([name])))
                faults += _faults(name, entry, file, places, documents)
                faults += _evidence_faults(name, entry, file, evidence)
                entries[name] = (entry, file.place([name]))
        faults += _fill_faults(entries)
        raise_all(faults)
        return cls(_linked(entries, places))

    def with_values(self, values: Mapping[str, Mapping[str, Mapping[str, ValueEntry]]]) -> Parameters:
        """The parameters with other values from certain months on, as a reform of parameters sets them.

        Args:
            values: by parameter, place and month. What a place had from that month on no longer holds.

        Raises:
            InputError: no parameter has that name.
        """
        raise_all(
            [
                Fault(say("unknown_parameter", name=name), Place(), did_you_mean(name, self))
                for name in values
                if name not in self
            ]
        )
        entries = {name: (parameter.entry, parameter.place) for name, parameter in self.items()}
        for name, by_place in values.items():
            entry, place = entries[name]
            changed = {at: _reformed(entry.values.get(at, {}), dated) for at, dated in by_place.items()}
            entries[name] = (entry.model_copy(update={"values": {**entry.values, **changed}}), place)
        places = next(iter(self.values())).places
        return Parameters(_linked(entries, places, {name: one for name, one in self.items() if name not in values}))


def _reformed(before: Mapping[str, ValueEntry], after: Mapping[str, ValueEntry]) -> dict[str, ValueEntry]:
    start = min(_month_index(text) for text in after)
    return {**{text: value for text, value in before.items() if _month_index(text) < start}, **after}


def _linked(
    entries: Mapping[str, tuple[ParameterEntry, Place]], places: Places, unchanged: Mapping[str, Parameter] | None = None
) -> dict[str, Parameter]:
    """Parameters with those that fill them; one of which nothing changed stays, with the figures it has worked out."""
    made: dict[str, Parameter] = {}
    kept = unchanged or {}

    def link(name: str) -> Parameter:
        if name not in made:
            entry, place = entries[name]
            sources = {fill.of: link(fill.of) for fill in entry.fill if fill.of is not None}
            stays = name in kept and all(kept[name].sources[one] is source for one, source in sources.items())
            made[name] = kept[name] if stays else Parameter(name, entry, place, places, sources)
        return made[name]

    for name in entries:
        link(name)
    return {name: made[name] for name in entries}


def _month_index(text: str) -> int:
    year, _, month = text.partition("-")
    return (int(year) - FIRST_YEAR) * 12 + int(month or 1) - 1


def _evidence_faults(
    name: str, entry: ParameterEntry, file: YamlFile, known: Mapping[str, object] | None
) -> Iterator[Fault]:
    for at, row in enumerate(entry.evidence):
        if known is not None and row not in known:
            yield Fault(say("unknown_evidence", name=row), file.place([name, "evidence", at]), did_you_mean(row, known))


def _faults(
    name: str, entry: ParameterEntry, file: YamlFile, places: Places, documents: Mapping[str, object] | None
) -> Iterator[Fault]:
    cited: list[tuple[tuple[str, ...], str | None]] = [((name, "basis"), entry.basis), ((name, "source"), entry.source)]
    for place, dated in entry.values.items():
        keys = (
            (name, "values") if place == NATION and NATION not in file.content[name]["values"] else (name, "values", place)
        )
        if place not in places.numbers:
            yield Fault(say("unknown_place", name=place), file.place(keys), did_you_mean(place, places.names))
        for month, value in dated.items():
            if not MONTH_KEY.match(month):
                yield Fault(say("bad_month", text=month), file.place((*keys, month)))
            cited += [((*keys, month, "basis"), value.basis), ((*keys, month, "source"), value.source)]
    for keys_cited, reference in cited:
        for document, _ in citations(reference):
            if documents is not None and document not in documents:
                yield Fault(
                    say("unknown_document", name=document), file.place(keys_cited), did_you_mean(document, documents)
                )


def _fill_faults(entries: Mapping[str, tuple[ParameterEntry, Place]]) -> Iterator[Fault]:
    for name, (entry, place) in entries.items():
        for fill in entry.fill:
            if fill.of is not None and fill.of not in entries:
                yield Fault(say("unknown_parameter", name=fill.of), place, did_you_mean(fill.of, entries))
        seen, waiting = set(), [name]
        while waiting:
            current = waiting.pop()
            following = [fill.of for fill in entries[current][0].fill if fill.of in entries] if current in entries else []
            if name in following:
                yield Fault(say("fill_circle", name=name), place)
                break
            waiting += [one for one in following if one is not None and one not in seen]
            seen |= set(waiting)
