"""A process model as a file: which cases arrive, what happens to them, who does it, and how long it takes.

    title: {en: Enrolment, zh: 参保登记}
    procedure: individual_registration     # whose clocks hold
    opens: 2024-01-01
    parameters:
      answer_days: {label: {…}, value: 4, unit: days, source: …, confidence: reported}

Attributes:
      migrant: {shares: {"yes": 0.4, "no": rest}}
    arrivals:
      counter: {per_day: 6, days: working_days, by_hour: {9: 2, 14: 1}, set: {channel: counter}}
    staff:
      clerks: {number: 2, hours: {working_days: "08:30-12:00 13:30-17:30"}}
    begins_with: application_received
    steps:
      application_received: {next: {registered: 0.7, supplements_requested: rest}}
      supplements_requested:
        staff: clerks
        service: {lognormal: {mean: 8, cv: 0.5}, unit: minutes}
        next: supplements_received
      supplements_received: {service: {gamma: {mean: answer_days, cv: 1}, unit: days}, next: registered}
      registered: {staff: clerks, service: {constant: 10, unit: minutes}}

A step is called as the activity that it records, unless `activity` says otherwise (`null` records nothing). With `staff`
its service takes their working time; without, it is a delay: somebody outside of the office acts. What a step is for cases
of a kind stands in its `where`: of each field, the first that fits holds. A figure is a number or the name of a parameter;
where nothing says from where it comes, it is an assumption.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BeforeValidator, Field

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.located_yaml import Bilingual, Entry, PathInFile, YamlFile
from canbao.outputs import whole_file
from canbao.procedures.clocks.calendar import Calendar, find_calendar
from canbao.procedures.clocks.clock import activity_label, procedures
from canbao.procedures.simulation.distributions import Distribution, Figure, Sourced
from canbao.procedures.simulation.hours import WEEKDAYS, spans_of

say = Catalogue("canbao.procedures.simulation", "words")

REST = "rest"
"""As a share: what the others leave."""

MOST_KINDS = 4_096
"""Combinations of attributes on which steps depend; more would be a mistake."""

MOST_STAFF, MOST_A_DAY, MOST_PRIORITY = 10_000, 1_000_000, 15

Conditions = dict[str, Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]]
"""Attributes of a case, each with the values of which it must have one."""


def _as_branches(value: object) -> object:
    """A name is the only branch; a mapping names each branch's share."""
    if value is None:
        return []
    if isinstance(value, str):
        return [{"to": value}]
    if isinstance(value, dict) and not ({"to", "share", "delay"} & set(value)):
        return [{"to": to, "share": share} for to, share in value.items()]
    return value


def _as_shares(value: object) -> object:
    return {value: 1.0} if isinstance(value, str) else value


class Parameter(Sourced):
    """A figure with a name, so that changes and readers can speak of it."""

    label: Bilingual
    value: float
    unit: str
    span: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None


class OtherShares(Entry):
    """Other shares for cases of a kind."""

    when: Conditions
    shares: dict[str, Figure]


class Attribute(Sourced):
    """An attribute of cases: the share of each value; `where` looks at attributes further up and at what arrivals set."""

    label: Bilingual | None = None
    shares: dict[str, Figure]
    where: list[OtherShares] = Field(default_factory=list)


class Arrivals(Sourced):
    """A stream of cases: so many a day on average (Poisson), or at given times.

    `by_month` and `by_weekday` are factors, 1 where nothing is said; `by_hour` are weights, nought where nothing is said.
    """

    per_day: Figure | None = None
    days: Literal["working_days", "every_day"] = "every_day"
    by_month: dict[int, float] = Field(default_factory=dict)
    by_weekday: dict[str, float] = Field(default_factory=dict)
    by_hour: dict[int, float] = Field(default_factory=dict)
    times: list[datetime.datetime] | None = None
    set: dict[str, str] = Field(default_factory=dict)


class Staff(Sourced):
    """People who do the same work."""

    label: Bilingual | None = None
    number: Figure
    hours: Literal["always"] | dict[str, str]
    calendar: str | None = None


class Branch(Entry):
    """Where a case goes on, how likely, and what time passes in between without anybody's work."""

    to: str
    share: Figure = 1.0
    delay: Distribution | None = None


class Batch(Entry):
    """Cases wait until there are so many or the first has waited for so many days, or for an hour of a weekday."""

    size: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    days: Figure | None = None
    weekdays: list[str] = Field(default_factory=list)
    at: str = "09:00"


class GivesUp(Sourced):
    """Who leaves: a share on coming to a step, and a rate a day while waiting there; they go to the step `to`."""

    share: Figure = 0.0
    per_day: Figure = 0.0
    to: str


Branches = Annotated[list[Branch], BeforeValidator(_as_branches)]


class StepFields(Entry):
    """What a step is; all of it can be otherwise for cases of a kind."""

    staff: str | None = None
    service: Distribution | None = None
    next: Branches = Field(default_factory=list)
    priority: Annotated[int, Field(ge=0, le=MOST_PRIORITY)] = 0
    automatic: Figure = 0.0
    gives_up: GivesUp | None = None
    documents: Annotated[int, Field(ge=0, le=1_000)] | None = None
    visits: Annotated[int, Field(ge=0, le=1_000)] | None = None


class OtherStep(StepFields):
    """What is otherwise for cases of a kind."""

    when: Conditions


class Step(StepFields, Sourced):
    """A step; see the module."""

    label: Bilingual | None = None
    activity: str | None = None
    at_most: Annotated[int, Field(ge=1, le=1_000)] | None = None
    batch: Batch | None = None
    luck: str | None = None
    where: list[OtherStep] = Field(default_factory=list)

    def recorded(self, key: str) -> str | None:
        """The activity that the log will have; None where the step leaves no trace."""
        return self.activity if "activity" in self.model_fields_set else key

    def field(self, name: str, attributes: Mapping[str, str]) -> Any:
        """One of its fields, as it is for cases of a kind."""
        for other in self.where:
            if name in other.model_fields_set and fits(other.when, attributes):
                return getattr(other, name)
        return getattr(self, name)


def fits(when: Mapping[str, Iterable[str]], attributes: Mapping[str, str]) -> bool:
    """Whether a case's attributes fulfil conditions."""
    return all(attributes.get(name, "") in wanted for name, wanted in when.items())


class ProcessModel(Entry):
    """A procedure that can be run; see the module."""

    title: Bilingual
    summary: Bilingual | None = None
    procedure: str | None = None
    calendar: str = "cn"
    opens: datetime.date
    time_zone: str = "Asia/Shanghai"
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    attributes: dict[str, Attribute] = Field(default_factory=dict)
    arrivals: Annotated[dict[str, Arrivals], Field(min_length=1)]
    staff: dict[str, Staff] = Field(default_factory=dict)
    begins_with: Annotated[dict[str, Figure], BeforeValidator(_as_shares), Field(min_length=1)]
    steps: Annotated[dict[str, Step], Field(min_length=1)]

    def value(self, figure: Figure) -> float:
        """What a figure comes to.

        Raises:
            KeyError: there is no such parameter; `faults_of` finds that first.
        """
        return self.parameters[figure].value if isinstance(figure, str) else float(figure)

    def shares(self, given: Iterable[Figure]) -> list[float]:
        """Shares, with `rest` filled in."""
        listed = list(given)
        known = [0.0 if share == REST else self.value(share) for share in listed]
        left = max(0.0, 1.0 - sum(known))
        return [left if share == REST else value for share, value in zip(listed, known, strict=True)]

    def values_of(self, attribute: str) -> list[str]:
        """Every value that an attribute can have."""
        found: dict[str, None] = {}
        if attribute in self.attributes:
            entry = self.attributes[attribute]
            for shares in (entry.shares, *(other.shares for other in entry.where)):
                found.update(dict.fromkeys(shares))
        found.update(dict.fromkeys(one.set[attribute] for one in self.arrivals.values() if attribute in one.set))
        return list(found)

    @property
    def attribute_names(self) -> list[str]:
        """Every attribute: those that arrivals set first."""
        set_by = [name for one in self.arrivals.values() for name in one.set]
        return list(dict.fromkeys([*set_by, *self.attributes]))

    @property
    def deciding(self) -> list[str]:
        """The attributes on which any step depends."""
        return list(dict.fromkeys(name for step in self.steps.values() for other in step.where for name in other.when))

    def label(self, step: str) -> Words:
        """What a step is called."""
        entry = self.steps[step]
        if entry.label is not None:
            return entry.label.words
        return activity_label(entry.recorded(step) or step, {self.procedure}) or Words.same(step)

    def staff_label(self, pool: str) -> Words:
        """What a pool of staff is called."""
        label = self.staff[pool].label
        return label.words if label is not None else Words.same(pool)


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Flaw:
    """Something that cannot be, with its place in the model."""

    path: PathInFile
    what: Words
    remedy: Words | None = None


Faults = Iterator[Flaw]


def read_model(path: Path) -> ProcessModel:
    """A model from its file.

    Raises:
        InputError: the file is at fault; all places at once.
    """
    file = YamlFile(path)
    model = file.validate(ProcessModel)
    flaws = flaws_of(model, path.parent)
    raise_all([Fault(flaw.what, file.place(_written(file.content, flaw.path)), flaw.remedy) for flaw in flaws])
    return model


def _written(content: object, path: PathInFile) -> PathInFile:
    """A path as the file has it: branches may stand in a mapping there."""
    written: list[int | str] = []
    for key in path:
        if isinstance(content, dict):
            names = list(content)
            key = names[key] if isinstance(key, int) and key not in content and key < len(names) else key
            content = content.get(key)
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
        else:
            content = None
        written.append(key)
    return tuple(written)


def write_model(model: ProcessModel, path: Path) -> None:
    """Write a model as its file, from which `read_model` makes the same again.

    Args:
        model: the model.
        path: the file.
    """
    content = model.model_dump(mode="json", exclude_unset=True, by_alias=True)
    with whole_file(path) as scratch:
        scratch.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")


def _models() -> Path:
    return Path(str(resources.files("canbao.procedures.simulation").joinpath("models")))


def shipped_models() -> list[str]:
    """The names of the models that come with the programme."""
    return sorted(path.stem for path in _models().glob("*.yaml"))


@cache
def _shipped(name: str) -> ProcessModel:
    return read_model(_models() / f"{name}.yaml")


def find_model(name: str) -> ProcessModel:
    """A model that comes with the programme.

    Raises:
        InputError: there is none of that name.
    """
    known = shipped_models()
    if name not in known:
        raise InputError(Fault(say("no_model", name=name), Place(), did_you_mean(name, known)))
    return _shipped(name)


def calendar_of(model: ProcessModel, name: str | None = None, folder: Path | None = None) -> Calendar:
    """The working days of a model, or of one of its pools."""
    return find_calendar(name or model.calendar, folder or Path.cwd())


# --- what cannot be -------------------------------------------------------------------------------------------------------


def flaws_of(model: ProcessModel, folder: Path | None = None) -> list[Flaw]:
    """What is wrong with a model, all at once: first names and numbers, then, if these are sound, its ways.

    Args:
        model: one that has been read or changed.
        folder: from which a calendar's file is named.
    """
    found = [*_figure_flaws(model), *_name_flaws(model, folder)]
    if found:
        return found
    found = [
        *_attribute_flaws(model), *_arrival_flaws(model), *_staff_flaws(model), *_step_flaws(model), *_kind_flaws(model),
    ]  # fmt: skip
    return found or list(_endless(model))


def _all_figures(model: ProcessModel) -> Iterator[tuple[PathInFile, Figure, tuple[float, float], bool]]:
    """Every figure with its place, between what it must lie, and whether it may be `rest`."""
    share = (0.0, 1.0)
    for key, parameter in model.parameters.items():
        yield ("parameters", key, "value"), parameter.value, (-math.inf, math.inf), False
    for key, attribute in model.attributes.items():
        for name, figure in attribute.shares.items():
            yield ("attributes", key, "shares", name), figure, share, True
        for at, other in enumerate(attribute.where):
            for name, figure in other.shares.items():
                yield ("attributes", key, "where", at, "shares", name), figure, share, True
    for key, arrivals in model.arrivals.items():
        if arrivals.per_day is not None:
            yield ("arrivals", key, "per_day"), arrivals.per_day, (0.0, MOST_A_DAY), False
        for field in ("by_month", "by_weekday", "by_hour"):
            for name, number in getattr(arrivals, field).items():
                yield ("arrivals", key, field, name), number, (0.0, 1e6), False
    for key, staff in model.staff.items():
        yield ("staff", key, "number"), staff.number, (1.0, MOST_STAFF), False
    for name, figure in model.begins_with.items():
        yield ("begins_with", name), figure, share, True
    for path, fields in _all_steps(model):
        yield (*path, "automatic"), fields.automatic, share, False
        for at, branch in enumerate(fields.next):
            yield (*path, "next", at, "share"), branch.share, share, True
        if fields.gives_up is not None:
            yield (*path, "gives_up", "share"), fields.gives_up.share, share, False
            yield (*path, "gives_up", "per_day"), fields.gives_up.per_day, (0.0, 1e6), False
    for key, step in model.steps.items():
        if step.batch is not None and step.batch.days is not None:
            yield ("steps", key, "batch", "days"), step.batch.days, (0.0, 3_650.0), False
    for path, distribution in _all_distributions(model):
        for inner, figure in distribution.figures():
            yield (*path, *inner), figure, (-math.inf, math.inf), False


def _all_steps(model: ProcessModel) -> Iterator[tuple[PathInFile, StepFields]]:
    for key, step in model.steps.items():
        yield ("steps", key), step
        for at, other in enumerate(step.where):
            yield ("steps", key, "where", at), other


def _all_distributions(model: ProcessModel) -> Iterator[tuple[PathInFile, Distribution]]:
    for path, fields in _all_steps(model):
        if fields.service is not None:
            yield (*path, "service"), fields.service
        for at, branch in enumerate(fields.next):
            if branch.delay is not None:
                yield (*path, "next", at, "delay"), branch.delay


def _figure_flaws(model: ProcessModel) -> Faults:
    for path, figure, (low, high), may_rest in _all_figures(model):
        if isinstance(figure, str):
            if figure == REST and may_rest:
                continue
            if figure not in model.parameters:
                remedy = did_you_mean(figure, model.parameters) or say("write_a_number")
                yield Flaw(path, say("no_parameter", name=figure), remedy)
                continue
        number = model.value(figure)
        if not math.isfinite(number):
            yield Flaw(path, say("not_finite"))
        elif not low <= number <= high:
            yield Flaw(path, say("outside", value=f"{number:g}", low=f"{low:g}", high=f"{high:g}"))
    for key, parameter in model.parameters.items():
        if parameter.span is not None and not parameter.span[0] <= parameter.value <= parameter.span[1]:
            yield Flaw(("parameters", key, "span"), say("outside_span", name=key))
        if key == REST:
            yield Flaw(("parameters", key), say("reserved", name=REST))


def _name_flaws(model: ProcessModel, folder: Path | None) -> Faults:
    if model.procedure is not None and model.procedure not in procedures():
        remedy = did_you_mean(model.procedure, procedures())
        yield Flaw(("procedure",), say("no_procedure", name=model.procedure), remedy)
    try:
        ZoneInfo(model.time_zone)
    except (KeyError, ValueError, OSError):
        yield Flaw(("time_zone",), say("no_zone", name=model.time_zone))
    if not 1990 <= model.opens.year <= 2100:
        yield Flaw(("opens",), say("opens_outside"))
    places: list[tuple[PathInFile, str | None]] = [(("calendar",), model.calendar)]
    places += [(("staff", key, "calendar"), staff.calendar) for key, staff in model.staff.items()]
    for path, name in places:
        if name is None:
            continue
        try:
            find_calendar(name, folder or Path.cwd())
        except InputError as error:
            yield from (Flaw(path, fault.what, fault.remedy) for fault in error.faults)
    yield from _link_flaws(model)


def _link_flaws(model: ProcessModel) -> Faults:
    def unknown_step(path: PathInFile, name: str) -> Faults:
        if name not in model.steps:
            yield Flaw(path, say("no_step", name=name), did_you_mean(name, model.steps))

    for name in model.begins_with:
        yield from unknown_step(("begins_with", name), name)
    for path, fields in _all_steps(model):
        if fields.staff is not None and fields.staff not in model.staff:
            yield Flaw((*path, "staff"), say("no_staff", name=fields.staff), did_you_mean(fields.staff, model.staff))
        for at, branch in enumerate(fields.next):
            yield from unknown_step((*path, "next", at), branch.to)
        if fields.gives_up is not None:
            yield from unknown_step((*path, "gives_up", "to"), fields.gives_up.to)
    names = model.attribute_names
    for path, when in _all_conditions(model):
        for name, wanted in when.items():
            if name not in names:
                yield Flaw((*path, name), say("no_attribute_here", name=name), did_you_mean(name, names))
                continue
            values = model.values_of(name)
            for value in wanted:
                if value not in values:
                    yield Flaw((*path, name), say("no_such_value", name=name, value=value), did_you_mean(value, values))
    for taken in {"case_id", "procedure", "case", "activity", "time", "position", "lifecycle", "resource"} & set(names):
        yield Flaw(("attributes", taken), say("reserved", name=taken))


def _all_conditions(model: ProcessModel) -> Iterator[tuple[PathInFile, Conditions]]:
    for key, step in model.steps.items():
        for at, other in enumerate(step.where):
            yield ("steps", key, "where", at, "when"), other.when
    for key, attribute in model.attributes.items():
        for at, one in enumerate(attribute.where):
            yield ("attributes", key, "where", at, "when"), one.when


def _shares_flaw(path: PathInFile, shares: Iterable[Figure], value: Callable[[Figure], float], whole: bool) -> Faults:
    """Shares must not exceed 1, and where they are shares of all cases they must add up to it."""
    listed = list(shares)
    rests = listed.count(REST)
    total = sum(value(share) for share in listed if share != REST)
    if rests > 1:
        yield Flaw(path, say("two_rests"))
    elif total > 1 + 1e-9 or (whole and not rests and total < 1 - 1e-6):
        yield Flaw(path, say("shares_add_up", total=f"{total:g}"), say("shares_remedy"))


def _attribute_flaws(model: ProcessModel) -> Faults:
    order = model.attribute_names
    for key, attribute in model.attributes.items():
        yield from _shares_flaw(("attributes", key, "shares"), attribute.shares.values(), model.value, True)
        for at, other in enumerate(attribute.where):
            path: PathInFile = ("attributes", key, "where", at)
            yield from _shares_flaw((*path, "shares"), other.shares.values(), model.value, True)
            for name in other.when:
                if order.index(name) >= order.index(key):
                    yield Flaw((*path, "when", name), say("attribute_later", name=name, attribute=key))
    for name in order:
        if name in model.attributes:
            continue
        for key, arrivals in model.arrivals.items():
            if name not in arrivals.set:
                yield Flaw(("arrivals", key, "set"), say("attribute_not_set", name=name, stream=key))


def _arrival_flaws(model: ProcessModel) -> Faults:
    for key, arrivals in model.arrivals.items():
        path: PathInFile = ("arrivals", key)
        if (arrivals.per_day is None) == (not arrivals.times):
            yield Flaw(path, say("per_day_or_times"))
        for month in arrivals.by_month:
            if not 1 <= month <= 12:
                yield Flaw((*path, "by_month", month), say("no_month", value=str(month)))
        for name in arrivals.by_weekday:
            if name not in WEEKDAYS:
                yield Flaw((*path, "by_weekday", name), say("no_weekday", value=name), did_you_mean(name, WEEKDAYS))
        for hour in arrivals.by_hour:
            if not 0 <= hour <= 23:
                yield Flaw((*path, "by_hour", hour), say("no_hour", value=str(hour)))
        if arrivals.by_hour and not sum(arrivals.by_hour.values()):
            yield Flaw((*path, "by_hour"), say("above_zero"))
    yield from _shares_flaw(("begins_with",), model.begins_with.values(), model.value, True)


def _staff_flaws(model: ProcessModel) -> Faults:
    for key, staff in model.staff.items():
        number = model.value(staff.number)
        if number != round(number):
            yield Flaw(("staff", key, "number"), say("whole_number", value=f"{number:g}"))
        if isinstance(staff.hours, str):
            continue
        total = 0.0
        for name, text in staff.hours.items():
            path = ("staff", key, "hours", name)
            if name not in (*WEEKDAYS, "working_days"):
                yield Flaw(path, say("no_weekday", value=name), did_you_mean(name, (*WEEKDAYS, "working_days")))
            try:
                total += sum(stop - start for start, stop in spans_of(text))
            except ValueError as error:
                yield Flaw(path, say("no_hours", value=str(error)), say("no_hours_remedy"))
                total += 1
        if not total:
            yield Flaw(("staff", key, "hours"), say("never_at_work", name=key))


def _step_flaws(model: ProcessModel) -> Faults:
    for path, distribution in _all_distributions(model):
        yield from (Flaw((*path, *inner), what) for inner, what in distribution.faults(model.value))
    for path, fields in _all_steps(model):
        yield from _shares_flaw((*path, "next"), (branch.share for branch in fields.next), model.value, False)
        if fields.gives_up is not None and model.steps[fields.gives_up.to].staff is not None:
            yield Flaw((*path, "gives_up", "to"), say("leaves_to_staff", name=fields.gives_up.to))
        if fields.gives_up is not None and fields.gives_up.to == path[1]:
            yield Flaw((*path, "gives_up", "to"), say("leaves_to_itself", name=fields.gives_up.to))
    for key, step in model.steps.items():
        yield from _unit_flaws(model, key, step)
        yield from _batch_flaws(("steps", key, "batch"), step.batch)


def _unit_flaws(model: ProcessModel, key: str, step: Step) -> Faults:
    """Staff work hours, not days; a day of theirs would be anybody's guess."""
    kinds: list[tuple[PathInFile, StepFields]] = [(("steps", key), step)]
    kinds += [(("steps", key, "where", at), other) for at, other in enumerate(step.where)]
    for path, fields in kinds:
        if fields.service is None:
            continue
        staff = fields.staff if "staff" in fields.model_fields_set else step.staff
        if staff is None or staff not in model.staff:
            continue
        if fields.service.unit in ("days", "working_days") and model.staff[staff].hours != "always":
            yield Flaw((*path, "service", "unit"), say("service_in_days"), say("service_in_days_remedy"))


def _batch_flaws(path: PathInFile, batch: Batch | None) -> Faults:
    if batch is None:
        return
    if (batch.size is None) == (not batch.weekdays):
        yield Flaw(path, say("size_or_weekdays"))
    if batch.size is not None and batch.size > 1 and not batch.days:
        yield Flaw(path, say("batch_without_days"), say("batch_without_days_remedy"))
    for at, name in enumerate(batch.weekdays):
        if name not in WEEKDAYS:
            yield Flaw((*path, "weekdays", at), say("no_weekday", value=name), did_you_mean(name, WEEKDAYS))
    try:
        spans_of(f"{batch.at}-24:00")
    except ValueError:
        yield Flaw((*path, "at"), say("no_hours", value=batch.at))


def _kind_flaws(model: ProcessModel) -> Faults:
    kinds = math.prod(len(model.values_of(name)) for name in model.deciding)
    if kinds > MOST_KINDS:
        yield Flaw(("steps",), say("too_many_kinds", kinds=kinds, most=MOST_KINDS))


def _endless(model: ProcessModel) -> Faults:
    """Steps from which no way leads to an end."""
    ways: dict[str, set[str]] = {key: set() for key in model.steps}
    ends: set[str] = set()
    for path, fields in _all_steps(model):
        key = str(path[1])
        if "next" not in fields.model_fields_set and len(path) > 2:
            continue
        shares = model.shares(branch.share for branch in fields.next)
        ways[key] |= {branch.to for branch, share in zip(fields.next, shares, strict=True) if share > 0}
        if sum(shares) < 1 - 1e-9 or any(model.steps[branch.to].at_most for branch in fields.next):
            ends.add(key)
    while True:
        more = {key for key, following in ways.items() if following & ends} - ends
        if not more:
            break
        ends |= more
    reached, waiting = set(), set(model.begins_with)
    while waiting:
        reached |= waiting
        waiting = {to for key in waiting for to in ways[key]} - reached
    for key in model.steps:
        if key in reached and key not in ends:
            yield Flaw(("steps", key), say("never_ends", name=key), say("never_ends_remedy"))
