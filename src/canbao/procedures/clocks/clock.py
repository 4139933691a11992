"""A statutory clock as data: what starts and stops it, how long it may run, when it stands still, which article says so."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, RootModel

from canbao.engine.parameters import Confidence
from canbao.errors import Fault
from canbao.languages import Catalogue, Words, joined
from canbao.law import lawbook
from canbao.law.lawbook import DocumentEntry
from canbao.located_yaml import Bilingual, Entry, YamlFile, read
from canbao.procedures.clocks.calendar import Unit

say = Catalogue("canbao.procedures.clocks", "words")

Repeats = Literal["first", "each", "last"]
LastDay = Literal["as_it_falls", "next_working_day"]
Bound = Literal["agency", "employer", "platform", "applicant"]
Ending = Literal["completed", "refused", "abandoned"]
Scalar = str | int | float | bool

PROCEDURE = "procedure"
"""The attribute of a case that says which procedure it belongs to; shipped clocks then look at no others."""

LONGEST = 36_500
"""Days; no limit of the law is longer, and calendars reach no further."""


def _as_list(value: object) -> object:
    return value if isinstance(value, list | dict) else [value]


Conditions = dict[str, Annotated[list[Scalar], BeforeValidator(_as_list), Field(min_length=1)]]
"""Attributes of a case, each with the values of which it must have one."""

Length = Annotated[int, Field(ge=0, le=LONGEST)]


class Attribute(Entry):
    """A moment that stands in an attribute of the case, where the log has no event for it."""

    attribute: str


Moments = Annotated[list[str] | Attribute, BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class Pause(Entry):
    """The clock stands still from one event until another."""

    since: str = Field(alias="from")
    until: str


class OtherLength(Entry):
    """Another length for cases of a kind (`where`) or after an event while the clock runs (`when`); the first holds."""

    length: Length
    where: Conditions = Field(default_factory=dict)
    when: str | None = None


class ClockEntry(Entry):
    """A clock as its file has it."""

    label: Bilingual
    starts: Moments
    stops: Moments
    length: Length | None = None
    unit: Unit | None = None
    deadline: str | None = None
    pauses: list[Pause] = Field(default_factory=list)
    exceptions: list[OtherLength] = Field(default_factory=list)
    where: Conditions = Field(default_factory=dict)
    repeats: Repeats = "first"
    optional: bool = False
    last_day: LastDay = "as_it_falls"
    bound: Bound = "agency"
    source: str | None = None
    article: str | None = None
    confidence: Confidence | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None


class ProcedureFile(Entry):
    """A procedure's clocks, by name, and what it calls activities that others have as well."""

    title: Bilingual
    activities: dict[str, Bilingual] = Field(default_factory=dict)
    clocks: dict[str, ClockEntry]


class ActivityEntry(Entry):
    """An activity of the vocabulary that all procedures share."""

    label: Bilingual
    ending: Ending | None = None


@dataclass(frozen=True)
class Clock:
    """A clock that has been read and checked.

    Args:
        name: its key.
        entry: as its file has it.
        procedure: the shipped procedure to which it belongs; None for a user's own.
    """

    name: str
    entry: ClockEntry
    procedure: str | None = None

    @property
    def label(self) -> Words:
        """What it is called."""
        return self.entry.label.words

    @property
    def unit(self) -> Unit:
        """The days in which it runs; calendar days where a date is given instead of a length."""
        return self.entry.unit or "calendar_days"

    @property
    def starts(self) -> tuple[str, ...]:
        """The activities that start it; none where an attribute does."""
        return _activities(self.entry.starts)

    @property
    def stops(self) -> tuple[str, ...]:
        """The activities that stop it; none where an attribute does."""
        return _activities(self.entry.stops)

    @property
    def activities(self) -> tuple[str, ...]:
        """Every activity that it names."""
        named = [*self.starts, *self.stops]
        for pause in self.entry.pauses:
            named += [pause.since, pause.until]
        named += [one.when for one in self.entry.exceptions if one.when is not None]
        return tuple(dict.fromkeys(named))

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes of the case without which it cannot be told."""
        moments = [one.attribute for one in (self.entry.starts, self.entry.stops) if isinstance(one, Attribute)]
        deadline = [self.entry.deadline] if self.entry.deadline is not None else []
        return tuple(dict.fromkeys([*moments, *deadline, *self.entry.where]))

    @property
    def limit(self) -> Words:
        """How long it may run, and how long in cases of another kind; that a day is given, where no length is."""
        entry = self.entry
        if entry.length is None:
            return say("limit_by_day")
        told = self._length(entry.length)
        others = dict.fromkeys(self._length(one.length) for one in entry.exceptions)
        return say("limit_with_others", limit=told, others=joined(others)) if others else told

    def _length(self, length: int) -> Words:
        """A length with its unit; the law says a year, not twelve months."""
        if self.unit == "months" and length % 12 == 0:
            return say("limit_year") if length == 12 else say("limit_years", length=str(length // 12))
        return say(f"limit_{self.unit}", length=str(length))

    @property
    def basis(self) -> Words:
        """The document with its number, and the article, as people cite them."""
        if self.entry.source is None:
            return Words.same("")
        found = documents().get(self.entry.source)
        if found is None:
            return Words.same(" ".join(filter(None, (self.entry.source, self.entry.article))))
        title = found.named
        if self.entry.article is None:
            return title
        return Words(f"{title.en}, art. {self.entry.article}", f"{title.zh}第{self.entry.article}条")

    @property
    def address(self) -> str | None:
        """Where the document was read."""
        found = documents().get(self.entry.source or "")
        return found.address if found is not None else None


def _activities(moments: list[str] | Attribute) -> tuple[str, ...]:
    return () if isinstance(moments, Attribute) else tuple(moments)


# --- those that come with the programme -----------------------------------------------------------------------------------


def _file(*parts: str) -> Path:
    return Path(str(resources.files("canbao.procedures.clocks").joinpath(*parts)))


@cache
def documents() -> Mapping[str, DocumentEntry]:
    """Every document that clocks cite, those of the law included."""
    own = read(_file("documents.yaml"), RootModel[dict[str, DocumentEntry]]).root
    return {**lawbook.documents(), **own}


@cache
def vocabulary() -> Mapping[str, ActivityEntry]:
    """The activities of all procedures, by key."""
    return read(_file("activities.yaml"), RootModel[dict[str, ActivityEntry]]).root


@cache
def procedures() -> Mapping[str, ProcedureFile]:
    """The procedures whose clocks come with the programme, by name."""
    return {path.stem: read(path, ProcedureFile) for path in sorted(_file("statutory").glob("*.yaml"))}


@cache
def shipped() -> Mapping[str, Clock]:
    """The clocks that come with the programme, by name."""
    return {
        name: Clock(name, entry, procedure)
        for procedure, file in procedures().items()
        for name, entry in file.clocks.items()
    }


def clocks_of(name: str) -> tuple[Clock, ...]:
    """The shipped clock of a name, or all of the procedure of that name; none if neither is known."""
    if name in shipped():
        return (shipped()[name],)
    return tuple(clock for clock in shipped().values() if clock.procedure == name)


def procedure_named(name: str) -> str | None:
    """The shipped procedure that a log calls by its key or by its title in either language; None if there is none."""
    titles = ((key, file.title) for key, file in procedures().items())
    return next((key for key, title in titles if name in (key, title.en, title.zh)), None)


def activity_label(activity: str, within: Collection[str | None] = ()) -> Words | None:
    """What an activity of the vocabulary is called.

    Args:
        activity: its key.
        within: the procedures of the cases; where it is one alone, that procedure's own name for the activity goes first.

    Returns:
        None where the vocabulary does not know it.
    """
    known = vocabulary().get(activity)
    if known is None:
        return None
    only = procedures().get(next(iter(within)) or "") if len(within) == 1 else None
    named = only.activities.get(activity) if only is not None else None
    return (named or known.label).words


def label_of(kind: Literal["state", "reason", "unit", "bound", "ending"], key: str) -> Words:
    """What a state, the reason of an unknown one, a unit, who is bound, or a kind of ending is called."""
    return say(f"{kind}_{key}")


# --- what cannot be -------------------------------------------------------------------------------------------------------


def faults_of(name: str, entry: ClockEntry, yaml: YamlFile, keys: Sequence[int | str]) -> Iterator[Fault]:
    """What is wrong with a clock in itself, each fault with its place.

    Args:
        name: of the clock.
        entry: the clock.
        yaml: the file.
        keys: where the clock stands in it.
    """
    yield from _length_faults(name, entry, yaml, keys)
    starts, stops = _activities(entry.starts), _activities(entry.stops)
    for key, moments in (("starts", entry.starts), ("stops", entry.stops)):
        if not isinstance(moments, Attribute) and not moments:
            yield Fault(say("no_moment", clock=name, key=key), yaml.place([*keys, key]), say("no_moment_remedy"))
    both = sorted(set(starts) & set(stops))
    if both or (isinstance(entry.starts, Attribute) and entry.starts == entry.stops):
        named = both[0] if both else entry.starts.attribute if isinstance(entry.starts, Attribute) else ""
        yield Fault(
            say("start_is_stop", clock=name, activity=named), yaml.place([*keys, "stops"]), say("start_is_stop_remedy")
        )
    yield from _pause_faults(name, entry, yaml, keys)
    for at, one in enumerate(entry.exceptions):
        if bool(one.where) == (one.when is not None):
            yield Fault(
                say("one_condition", clock=name), yaml.place([*keys, "exceptions", at]), say("one_condition_remedy")
            )
    if entry.since is not None and entry.until is not None and entry.since > entry.until:
        yield Fault(say("dates_reversed", clock=name), yaml.place([*keys, "until"]), say("dates_reversed_remedy"))


def _length_faults(name: str, entry: ClockEntry, yaml: YamlFile, keys: Sequence[int | str]) -> Iterator[Fault]:
    if (entry.length is None) == (entry.deadline is None):
        yield Fault(say("length_or_deadline", clock=name), yaml.place(keys), say("length_or_deadline_remedy"))
    if entry.length is not None and entry.unit is None:
        yield Fault(say("no_unit", clock=name), yaml.place([*keys, "length"]), say("no_unit_remedy"))
    if entry.deadline is not None:
        for key in ("pauses", "exceptions", "unit"):
            if getattr(entry, key):
                yield Fault(say("deadline_is_a_day", clock=name, key=key), yaml.place([*keys, key]), say("take_it_away"))


def _pause_faults(name: str, entry: ClockEntry, yaml: YamlFile, keys: Sequence[int | str]) -> Iterator[Fault]:
    for at, pause in enumerate(entry.pauses):
        place = yaml.place([*keys, "pauses", at])
        if pause.since == pause.until:
            yield Fault(say("pause_is_nothing", clock=name, activity=pause.since), place, say("pause_is_nothing_remedy"))
        elif pause.since in _led_to(pause.until, entry.pauses):
            fault = say("pauses_in_a_circle", clock=name, activity=pause.since)
            yield Fault(fault, place, say("pauses_in_a_circle_remedy"))
        if pause.since in _activities(entry.starts):
            yield Fault(say("pause_at_start", clock=name, activity=pause.since), place, say("pause_at_start_remedy"))


def _led_to(activity: str, pauses: Sequence[Pause]) -> set[str]:
    """All that ends a pause which begins with an activity, or with what ends such a pause, and so on."""
    found: set[str] = set()
    waiting = {activity}
    while waiting:
        following = {one.until for one in pauses if one.since in waiting and one.until != one.since}
        waiting = following - found
        found |= following
    return found
