"""study.yaml: what a study declares about itself, its data and its sample."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import LANGUAGES, Catalogue, Language, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao", "settings")

SHARES_OFF = 1e-3
"""By how much rounded shares may miss one."""

SampleKind = Literal["probability", "quota", "respondent_driven", "convenience"]
LonelyRule = Literal["fail", "certainty", "remove", "adjust", "average"]


def _month_or_day(value: object) -> object:
    """2021-06 is a month: its first day stands for it."""
    return f"{value}-01" if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}", value.strip()) else value


Day = Annotated[datetime.date, BeforeValidator(_month_or_day)]


def _stamp(day: datetime.date) -> datetime.date:
    """A day that can be a file's time stamp: zip archives, which office documents are, know no other years."""
    if not 1980 <= day.year <= 2107:
        raise PydanticCustomError("stamp_day", "The year must lie between 1980 and 2107")
    return day


StampDay = Annotated[Day, AfterValidator(_stamp)]


class DataFiles(Entry):
    """Where the data lie, by paths from the study folder."""

    survey: str
    encoding: str | None = None


class SamplingDesign(Entry):
    """How the sample came about. The names are columns of the worker table.

    Args:
        kind: only a declared probability design earns confidence intervals.
        lonely: what to do with a stratum that has one site only, by the names of R's `survey`.
        rake: population shares or counts to which the weights are raked, for each column and category.
        recruited_apart: a column whose groups were recruited apart, such as platform and other workers; they are pooled
            only where `rake` states the population's mix of them.
    """

    kind: SampleKind
    weight: str | None = None
    stratum: str | None = None
    cluster: str | list[str] | None = None
    population: str | list[str] | None = None
    lonely: LonelyRule = "fail"
    recruited_apart: str | None = None
    rake: dict[str, dict[str, Annotated[float, Field(gt=0)]]] = Field(default_factory=dict)
    description: Bilingual | None = None


class Imputation(Entry):
    """Which unanswered questions are filled in by multiple imputation.

    Args:
        columns: columns of the worker table to be filled.
        classes: columns within whose categories donors are sought, the most important first.
        copies: how many completed tables are made.
    """

    columns: Annotated[list[str], Field(min_length=1)]
    classes: Annotated[list[str], Field(min_length=1)]
    copies: Annotated[int, Field(ge=2, le=200)] = 20


class Tabulation(Entry):
    """Columns of the study's own that the report tabulates beside its standing chapters."""

    of: str
    by: list[str] = Field(default_factory=list)
    among: dict[str, str | list[str]] = Field(default_factory=dict)
    title: Bilingual | None = None


class ProcedureLog(Entry):
    """An office's event log that the study has.

    Args:
        log: the file, from the study folder.
        title: of the procedure.
        limits: a limits.yaml, from the study folder.
        by: columns of the log by whose values results are shown.
        columns: of tables, which column is which.
        time_zone: of times that state none.
        experienced: columns of the survey that ask for what the log records: `days`, `documents`, `visits`.
        changes: files of changes to be simulated, from the study folder.
    """

    log: str
    title: Bilingual
    limits: str | None = None
    by: list[str] = Field(default_factory=list)
    columns: dict[str, str] | None = None
    time_zone: str | None = None
    experienced: dict[Literal["days", "documents", "visits"], str] = Field(default_factory=dict)
    changes: list[str] = Field(default_factory=list)


class StudySettings(Entry):
    """A study as it declares itself."""

    title: Bilingual
    subtitle: Bilingual | None = None
    authors: list[Bilingual] = Field(default_factory=list)
    date: StampDay
    law_date: Day
    fieldwork: Day
    synthetic: bool = False
    data: DataFiles
    design: SamplingDesign
    languages: Annotated[list[Language], Field(min_length=1)] = Field(default_factory=lambda: list(LANGUAGES))
    focus_groups: list[str] = Field(default_factory=lambda: ["platform_worker", "sex", "migrant"])
    among: dict[str, str | list[str]] = Field(default_factory=dict)
    tabulations: list[Tabulation] = Field(default_factory=list)
    imputation: Imputation | None = None
    reforms: list[str] = Field(default_factory=list)
    procedures: dict[str, ProcedureLog] = Field(default_factory=dict)
    seed: Annotated[int, Field(ge=0)] = 1

    @property
    def titles(self) -> tuple[Words, Words]:
        """Title and subtitle."""
        return self.title.words, self.subtitle.words if self.subtitle else Words.same("")


class SettingsFile:
    """A study.yaml that has been read: its settings, and where each of them stands.

    Args:
        path: the study.yaml.

    Raises:
        InputError: it is missing, or says what cannot be.
    """

    def __init__(self, path: Path) -> None:
        self._file = YamlFile(path)
        self.path = path
        self.settings = self._file.validate(StudySettings)
        raise_all(list(self._share_faults()))

    def place(self, *keys: int | str) -> Place:
        """Where an entry stands in the file."""
        return self._file.place(keys)

    def check_columns(self, known: Mapping[str, Collection[str]]) -> None:
        """Check that every column and category that the study names exists.

        Args:
            known: the worker table's columns with their categories.

        Raises:
            InputError: unknown columns or categories, with the nearest ones.
        """
        faults = [
            Fault(say("unknown_column", name=name), self.place(*keys), did_you_mean(name, known))
            for keys, name in self._named_columns()
            if name not in known
        ]
        for name, wanted in self.settings.among.items():
            for category in [wanted] if isinstance(wanted, str) else wanted:
                if name in known and category not in known[name]:
                    what = say("unknown_category", name=name, category=category)
                    faults.append(Fault(what, self.place("among", name), did_you_mean(category, known[name])))
        raise_all(faults)

    def _share_faults(self) -> Iterator[Fault]:
        """Shares of a population make a whole; numbers of which any is above one are counts."""
        for name, wanted in self.settings.design.rake.items():
            total = sum(wanted.values())
            if wanted and min(wanted.values()) < 1 and max(wanted.values()) <= 1 and abs(total - 1) >= SHARES_OFF:
                yield Fault(say("shares_total", name=name, total=f"{total:g}"), self.place("design", "rake", name))

    def _named_columns(self) -> list[tuple[tuple[int | str, ...], str]]:
        design = self.settings.design
        named: list[tuple[tuple[int | str, ...], str]] = []
        for key in ("weight", "stratum", "cluster", "population", "recruited_apart"):
            value = getattr(design, key)
            for name in [value] if isinstance(value, str) else value or []:
                named.append((("design", key), name))
        named += [(("design", "rake", name), name) for name in design.rake]
        # Those that were not named but are usual may be absent.
        if "focus_groups" in self.settings.model_fields_set:
            named += [(("focus_groups", at), name) for at, name in enumerate(self.settings.focus_groups)]
        named += [(("among", name), name) for name in self.settings.among]
        for at, tabulation in enumerate(self.settings.tabulations):
            named.append((("tabulations", at, "of"), tabulation.of))
            named += [(("tabulations", at, "by", n), name) for n, name in enumerate(tabulation.by)]
        if self.settings.imputation:
            for key in ("columns", "classes"):
                listed = getattr(self.settings.imputation, key)
                named += [(("imputation", key, at), name) for at, name in enumerate(listed)]
        return named
