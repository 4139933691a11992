"""The user's limits.yaml: which clocks hold for a log, in which calendar, and what the log's own names mean.

calendar: cn                      # or weekdays, calendar_days, or a file of one's own
use: [injury_recognition]         # shipped clocks, or all of a shipped procedure
rename: {受理: accepted}           # an activity of the log: what it is called in the vocabulary
endings: {completed: [paid], refused: [refused], abandoned: [withdrawn]}
clocks:
  permit:
    label: {en: Permit, zh: 许可}
    starts: received
    stops: decided
    length: 8
    unit: working_days
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args

import polars as pl
from pydantic import BeforeValidator, Field

from canbao.errors import Fault, InputError, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.located_yaml import Entry, YamlFile
from canbao.procedures.clocks.calendar import Calendar, chinese_calendar, find_calendar
from canbao.procedures.clocks.clock import (
    PROCEDURE,
    Attribute,
    Clock,
    ClockEntry,
    Ending,
    activity_label,
    clocks_of,
    faults_of,
    procedure_named,
    procedures,
    shipped,
    vocabulary,
)
from canbao.procedures.clocks.evaluation import applicability, evaluate
from canbao.procedures.event_log import EventLog

say = Catalogue("canbao.procedures.clocks", "words")

ENDINGS: tuple[Ending, ...] = get_args(Ending)


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_names)]


class Endings(Entry):
    """The activities with which a case ends, by what became of it."""

    completed: Names = Field(default_factory=list)
    refused: Names = Field(default_factory=list)
    abandoned: Names = Field(default_factory=list)


class LimitsFile(Entry):
    """What limits.yaml may say."""

    calendar: str = "cn"
    use: Names = Field(default_factory=list)
    rename: dict[str, str] = Field(default_factory=dict)
    endings: Endings | None = None
    clocks: dict[str, ClockEntry] = Field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """The clocks that hold for a log, and what its names mean.

    Args:
        clocks: those to evaluate.
        calendar: which days are working days.
        rename: activities of the log, each with its name in the vocabulary.
        endings: for each kind of ending the log's own activities with which a case ends so.
    """

    clocks: tuple[Clock, ...]
    calendar: Calendar
    rename: Mapping[str, str]
    endings: Mapping[Ending, tuple[str, ...]]

    def evaluate(self, log: EventLog, at: datetime.datetime | None = None) -> pl.DataFrame:
        """Every run of the clocks; see `canbao.procedures.clocks.evaluate`."""
        ended_by = [*self.endings["refused"], *self.endings["abandoned"]]
        return evaluate(log, self.clocks, self.calendar, at, self.rename, ended_by)

    def applicability(self, log: EventLog, at: datetime.datetime | None = None) -> Mapping[str, Words | None]:
        """Why a clock says nothing about the log; None where it applies."""
        return applicability(log, self.clocks, at, self.rename)

    def label(self, activity: str) -> Words:
        """What an activity of the log is called: as its procedure calls it, or in the vocabulary's words."""
        within = {clock.procedure for clock in self.clocks} - {None}
        return activity_label(self.rename.get(activity, activity), within) or Words.same(activity)


def limits_for(log: EventLog, path: Path | None = None, beside: Sequence[EventLog] = ()) -> Limits:
    """The limits for a log.

    Without a file those of the shipped procedures hold that the log's column `procedure` names; a log without that column
    has none, since one activity may belong to many procedures.

    Args:
        log: the log.
        path: the user's limits.yaml.
        beside: other logs of the procedure to which the file applies as well; it may name what only they have.

    Raises:
        InputError: the file is at fault; all places at once.
    """
    if path is None:
        endings = {ending: tuple(_occurring(log, {}, _of_ending(ending))) for ending in ENDINGS}
        return Limits(_named_by(log), chinese_calendar(), {}, endings)
    yaml = YamlFile(path)
    file = yaml.validate(LimitsFile)
    faults = list(_faults(file, yaml, [log, *beside]))
    calendar = chinese_calendar()
    try:
        calendar = find_calendar(file.calendar, path.parent, yaml.place(["calendar"]))
    except InputError as error:
        faults += error.faults
    raise_all(faults)
    used = [clock for name in file.use for clock in clocks_of(name)]
    if not file.use and not file.clocks:
        used = list(_named_by(log))
    own = [Clock(name, entry) for name, entry in file.clocks.items()]
    clocks = {clock.name: clock for clock in [*used, *own]}
    given = {ending: getattr(file.endings, ending) for ending in ENDINGS} if file.endings is not None else None
    endings = {
        ending: tuple(_occurring(log, file.rename, given[ending] if given is not None else _of_ending(ending)))
        for ending in ENDINGS
    }
    return Limits(tuple(clocks.values()), calendar, file.rename, endings)


def _named_by(log: EventLog) -> tuple[Clock, ...]:
    """The clocks of the procedures that the log names."""
    if PROCEDURE not in {*log.cases.columns, *log.events.columns}:
        return ()
    named = {procedure_named(name) for name in log.case_column(PROCEDURE).cast(pl.String).drop_nulls().unique()}
    return tuple(clock for clock in shipped().values() if clock.procedure in named)


def _of_ending(ending: Ending) -> list[str]:
    return [key for key, entry in vocabulary().items() if entry.ending == ending]


def _occurring(log: EventLog, rename: Mapping[str, str], activities: Iterable[str]) -> Iterator[str]:
    """The log's own names of activities that are given by these or by the vocabulary's."""
    wanted = set(activities)
    return (own for own in log.activities if own in wanted or rename.get(own) in wanted)


# --- what cannot be -------------------------------------------------------------------------------------------------------


def _faults(file: LimitsFile, yaml: YamlFile, logs: Sequence[EventLog]) -> Iterator[Fault]:
    own = {name for log in logs for name in log.activities}
    names = {*shipped(), *procedures()}
    for at, name in enumerate(file.use):
        if name not in names:
            yield Fault(say("no_clock", name=name), yaml.place(["use", at]), did_you_mean(name, names))
    # What may stand in clocks and endings: the log's names, and those that the vocabulary has for them.
    known = own | set(vocabulary()) | set(file.rename.values())
    for name, meant in file.rename.items():
        if name not in own:
            yield Fault(say("not_in_log", name=name), yaml.place(["rename", name]), did_you_mean(name, own))
        if meant not in vocabulary() and meant not in own and not _is_used(meant, file):
            yield Fault(say("no_meaning", name=meant), yaml.place(["rename", name]), did_you_mean(meant, vocabulary()))
    for ending in ENDINGS:
        for at, name in enumerate(getattr(file.endings, ending) if file.endings is not None else ()):
            if name not in known:
                place = yaml.place(["endings", ending, at])
                yield Fault(say("not_in_log", name=name), place, did_you_mean(name, known))
    yield from _endings_twice(file, yaml)
    for name, entry in file.clocks.items():
        yield from faults_of(name, entry, yaml, ["clocks", name])
        yield from _activity_faults(entry, yaml, ["clocks", name], known)
        yield from _attribute_faults(entry, yaml, ["clocks", name], logs)


def _is_used(meant: str, file: LimitsFile) -> bool:
    """Whether one of the user's own clocks or endings speaks of an activity."""
    ends = [name for ending in ENDINGS for name in (getattr(file.endings, ending) if file.endings is not None else ())]
    return meant in ends or any(meant in Clock(name, entry).activities for name, entry in file.clocks.items())


def _endings_twice(file: LimitsFile, yaml: YamlFile) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for ending in ENDINGS:
        for at, name in enumerate(getattr(file.endings, ending) if file.endings is not None else ()):
            if seen.setdefault(name, ending) != ending:
                fault = say("ends_twice", activity=name, first=seen[name], second=ending)
                yield Fault(fault, yaml.place(["endings", ending, at]), say("ends_twice_remedy"))


def _activity_faults(entry: ClockEntry, yaml: YamlFile, keys: Sequence[int | str], known: Iterable[str]) -> Iterator[Fault]:
    for path, name in _activities_in(entry):
        if name not in known:
            place = yaml.place([*keys, *path])
            yield Fault(say("not_in_log", name=name), place, did_you_mean(name, known) or say("not_in_log_remedy"))


def _activities_in(entry: ClockEntry) -> Iterator[tuple[list[int | str], str]]:
    """Every activity that a clock names, and where."""
    for key, moments in (("starts", entry.starts), ("stops", entry.stops)):
        for at, name in enumerate(moments if not isinstance(moments, Attribute) else ()):
            yield [key, at], name
    for at, pause in enumerate(entry.pauses):
        yield ["pauses", at, "from"], pause.since
        yield ["pauses", at, "until"], pause.until
    for at, one in enumerate(entry.exceptions):
        if one.when is not None:
            yield ["exceptions", at, "when"], one.when


def _attribute_faults(
    entry: ClockEntry, yaml: YamlFile, keys: Sequence[int | str], logs: Sequence[EventLog]
) -> Iterator[Fault]:
    known = {column for log in logs for column in (*log.cases.columns, *log.events.columns)} - {
        "case",
        "position",
        "case_id",
        "activity",
        "time",
    }
    named: list[tuple[list[int | str], str]] = []
    for key, moments in (("starts", entry.starts), ("stops", entry.stops)):
        if isinstance(moments, Attribute):
            named.append(([key, "attribute"], moments.attribute))
    if entry.deadline is not None:
        named.append((["deadline"], entry.deadline))
    named += [(["where", attribute], attribute) for attribute in entry.where]
    for at, one in enumerate(entry.exceptions):
        named += [(["exceptions", at, "where", attribute], attribute) for attribute in one.where]
    for path, attribute in named:
        if attribute not in known:
            yield Fault(say("no_attribute", name=attribute), yaml.place([*keys, *path]), did_you_mean(attribute, known))
