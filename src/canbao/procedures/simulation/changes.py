"""Changes to a procedure as a file: what is done otherwise, checked whole before anything is run.

    title: {en: One window and shared data, zh: 一窗受理与数据共享}
    changes:
      - add_staff: {staff: clerks, more: 1}
      - auto_decide: {step: accepted, share: 0.4, when: {channel: app}}
      - digitise: {step: registered, service: {constant: 2, unit: minutes}}
      - remove_document: {step: supplements_requested, fewer: 0.5}

They apply in order, each to what those before have made. `when` confines a change to cases with these attributes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue, Number, Words, joined, within_sentence
from canbao.located_yaml import Bilingual, Entry, PathInFile, YamlFile
from canbao.procedures.attributes import attribute_label, attribute_value_label
from canbao.procedures.simulation.distributions import (
    Distribution,
    Spread,
    draws_of,
    moments,
)
from canbao.procedures.simulation.process_model import (
    Branch,
    Conditions,
    Flaw,
    OtherStep,
    ProcessModel,
    Step,
    StepFields,
    flaws_of,
)

say = Catalogue("canbao.procedures.simulation", "words")

Share = Annotated[float, Field(ge=0, le=1)]
NOTHING: dict[str, Any] = {"service": None, "staff": None, "gives_up": None, "automatic": 0.0}


class Change(Entry):
    """Something that is done otherwise."""

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """What it names and the model does not have."""
        raise NotImplementedError

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model as it then is."""
        raise NotImplementedError

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        raise NotImplementedError


class ForSome(Change):
    """A change that may be confined to some cases."""

    when: Conditions = Field(default_factory=dict)

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Attributes and values that cases do not have."""
        names = model.attribute_names
        for name, wanted in self.when.items():
            if name not in names:
                yield Flaw(("when", name), say("no_attribute_here", name=name), did_you_mean(name, names))
                continue
            values = model.values_of(name)
            for value in wanted:
                if value not in values:
                    remedy = did_you_mean(value, values)
                    yield Flaw(("when", name), say("no_such_value", name=name, value=value), remedy)

    def for_whom(self) -> Words:
        """To which cases it is confined, in brackets; nothing for all."""
        if not self.when:
            return Words.same("")
        conditions = (
            say(
                "condition",
                name=within_sentence(attribute_label(name)),
                values=joined((attribute_value_label(name, str(value)) for value in wanted), en=" or ", zh="或"),
            )
            for name, wanted in self.when.items()
        )
        told = say("for_whom", conditions=joined(conditions))
        return Words(f" {told.en}", told.zh)


class Digitise(ForSome):
    """A step is done by the system: in no time, or in `service`; nobody is needed and nobody need come."""

    step: str
    service: Distribution | None = None
    documents: Annotated[int, Field(ge=0, le=1_000)] | None = None

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown names; an impossible duration."""
        yield from _no_step(model, ("step",), self.step)
        yield from _duration(model, ("service",), self.service)
        yield from super().flaws(model)

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The step without staff and visits."""
        otherwise = NOTHING | {"service": self.service, "visits": 0}
        if self.documents is not None:
            otherwise["documents"] = self.documents
        return _without_batch(_otherwise(model, self.step, self.when, otherwise), self.step, bool(self.when))

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        return say("change_digitise", step=model.label(self.step), whom=self.for_whom())


class MergeSteps(Change):
    """Whoever does the first step does the others in one go: they need no queue and no staff of their own.

    The first takes `service`; where that is not said, the means of all, with a spread as if they were independent. All of
    them are recorded as before, so that time limits find their events.
    """

    steps: Annotated[list[str], Field(min_length=2, max_length=50)]
    service: Distribution | None = None

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown names; steps of which one does not lead to the next."""
        yield from _duration(model, ("service",), self.service)
        for at, name in enumerate(self.steps):
            yield from _no_step(model, ("steps", at), name)
            if self.steps.index(name) != at:
                yield Flaw(("steps", at), say("step_twice", name=name))
        if any(name not in model.steps for name in self.steps):
            return
        for at, (one, following) in enumerate(zip(self.steps, self.steps[1:], strict=False)):
            leads = {branch.to for fields in _variants(model.steps[one]) for branch in fields.next}
            if following not in leads:
                remedy = did_you_mean(following, leads)
                yield Flaw(("steps", at + 1), say("does_not_lead", first=one, second=following), remedy)

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The steps in one go."""
        first, *others = self.steps
        if self.service is not None:
            model = _otherwise(model, first, {}, {"service": self.service})
        else:
            more = [model.steps[name].service for name in others]
            model = _mapped(model, first, lambda fields: _longer(model, fields, more))
        for one, name in zip(self.steps, others, strict=False):
            model = _without_batch(_otherwise(model, name, {}, NOTHING), name, False)
            model = _mapped(model, one, lambda fields, to=name: _without_delay(fields, to))
        return model

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        return say("change_merge_steps", steps=joined([model.label(name) for name in self.steps], en=", ", zh="、"))


class AutoDecide(ForSome):
    """A share of cases passes a step at once, decided by the system."""

    step: str
    share: Share

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown names."""
        yield from _no_step(model, ("step",), self.step)
        yield from super().flaws(model)

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The step with that share of automatic decisions."""
        return _otherwise(model, self.step, self.when, {"automatic": self.share})

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        share = Number(self.share, "percent")
        return say("change_auto_decide", step=model.label(self.step), share=share, whom=self.for_whom())


class AddStaff(Change):
    """More people, or fewer where `more` is negative."""

    staff: str
    more: Annotated[int, Field(ge=-10_000, le=10_000)]

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown staff; nobody left."""
        yield from _no_staff(model, self.staff)
        if self.staff in model.staff and model.value(model.staff[self.staff].number) + self.more < 1:
            yield Flaw(("more",), say("nobody_left", name=self.staff))

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model with more of them."""
        entry = model.staff[self.staff]
        number = model.value(entry.number) + self.more
        return model.model_copy(update={"staff": model.staff | {self.staff: entry.model_copy(update={"number": number})}})

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        key = "change_add_staff" if self.more >= 0 else "change_fewer_staff"
        return say(key, staff=model.staff_label(self.staff), more=Number(abs(self.more)))


class RemoveDocument(ForSome):
    """Less is asked for, so that fewer cases come to a step such as the request for supplements.

    Of those who came there the share `fewer` goes on as the others do. `from` and its `documents` say which step asks for
    less.
    """

    step: str
    fewer: Share
    documents: Annotated[int, Field(ge=1, le=1_000)] | None = None
    asked_at: Annotated[str | None, Field(alias="from")] = None

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown names; a step to which no way leads, or nothing but it."""
        yield from _no_step(model, ("step",), self.step)
        if self.asked_at is not None:
            yield from _no_step(model, ("from",), self.asked_at)
        if (self.documents is None) != (self.asked_at is None):
            yield Flaw(("documents",) if self.documents else ("from",), say("from_and_documents"))
        yield from super().flaws(model)
        if self.step not in model.steps:
            return
        leading = [fields for step in model.steps.values() for fields in _variants(step) if _leads(fields, self.step)]
        if not leading:
            yield Flaw(("step",), say("no_way_leads", name=self.step))
        elif not any(len(fields.next) > 1 or sum(_shares(model, fields)) < 1 - 1e-9 for fields in leading):
            yield Flaw(("step",), say("no_other_way", name=self.step), say("no_other_way_remedy"))

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model with fewer cases on the ways to the step."""
        shares = partial(_fewer, model, to=self.step, fewer=self.fewer)
        for key in model.steps:
            model = _mapped(model, key, shares, self.when)
        if self.documents is not None and self.asked_at is not None:
            model = _mapped(model, self.asked_at, lambda fields: _fewer_documents(fields, self.documents or 0), self.when)
        return model

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        share = Number(self.fewer, "percent")
        return say("change_remove_document", step=model.label(self.step), share=share, whom=self.for_whom())


class ChangeCalendar(Change):
    """Other working hours or days."""

    staff: str
    hours: Literal["always"] | dict[str, str] | None = None
    calendar: str | None = None

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown staff; nothing said."""
        yield from _no_staff(model, self.staff)
        if self.hours is None and self.calendar is None:
            yield Flaw((), say("hours_or_calendar"))

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model with the staff's new hours."""
        given = {"hours": self.hours, "calendar": self.calendar}
        update = {name: value for name, value in given.items() if value is not None}
        return model.model_copy(
            update={"staff": model.staff | {self.staff: model.staff[self.staff].model_copy(update=update)}}
        )

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        return say("change_calendar", staff=model.staff_label(self.staff))


class RemoveStep(ForSome):
    """A step falls away: cases pass it at once, and it leaves no trace."""

    step: str

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown names; a trace that would be left for some alone."""
        yield from _no_step(model, ("step",), self.step)
        yield from super().flaws(model)

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model in which nothing happens there."""
        model = _otherwise(model, self.step, self.when, NOTHING | {"documents": 0, "visits": 0})
        model = _without_batch(model, self.step, bool(self.when))
        if self.when:
            return model
        # Set as if the file had it, so that the step counts as one that says what it records.
        step = Step.model_validate(
            model.steps[self.step].model_dump(exclude_unset=True, by_alias=True) | {"activity": None}
        )
        return model.model_copy(update={"steps": model.steps | {self.step: step}})

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        return say("change_remove_step", step=model.label(self.step), whom=self.for_whom())


class ShareData(ForSome):
    """What others used to send comes by shared data: waits become short, papers and visits fall away."""

    steps: Annotated[list[str], Field(min_length=1, max_length=50)]
    delay: Distribution | None = None

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown names; steps at which staff works."""
        yield from _duration(model, ("delay",), self.delay)
        for at, name in enumerate(self.steps):
            yield from _no_step(model, ("steps", at), name)
            if name in model.steps and any(fields.staff is not None for fields in _variants(model.steps[name])):
                yield Flaw(("steps", at), say("share_data_staffed", name=name), say("share_data_remedy"))
        yield from super().flaws(model)

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model with that delay in place of the waits."""
        for name in self.steps:
            otherwise = {"service": self.delay, "documents": 0, "visits": 0, "gives_up": None}
            model = _otherwise(model, name, self.when, otherwise)
        return model

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        steps = joined([model.label(name) for name in self.steps])
        return say("change_share_data", steps=steps, whom=self.for_whom())


class SetParameter(Change):
    """Another value of a named figure."""

    name: str
    value: float

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown parameters."""
        if self.name not in model.parameters:
            yield Flaw(("name",), say("no_parameter", name=self.name), did_you_mean(self.name, model.parameters))

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model with the new value."""
        entry = model.parameters[self.name].model_copy(update={"value": self.value, "span": None})
        return model.model_copy(update={"parameters": model.parameters | {self.name: entry}})

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        entry = model.parameters[self.name]
        old, new = Number(entry.value, "plain"), Number(self.value, "plain")
        return say("change_set_parameter", name=entry.label.words, old=old, new=new)


class ChangeArrivals(Change):
    """More or fewer cases of a stream: so many times as many."""

    stream: str
    times: Annotated[float, Field(ge=0, le=1_000)]

    def flaws(self, model: ProcessModel) -> Iterator[Flaw]:
        """Unknown streams, and those whose moments are given."""
        if self.stream not in model.arrivals:
            yield Flaw(("stream",), say("no_stream", name=self.stream), did_you_mean(self.stream, model.arrivals))
        elif model.arrivals[self.stream].per_day is None:
            yield Flaw(("stream",), say("stream_of_times", name=self.stream))

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model with so many cases."""
        entry = model.arrivals[self.stream]
        more = entry.model_copy(update={"per_day": model.value(entry.per_day or 0.0) * self.times})
        return model.model_copy(update={"arrivals": model.arrivals | {self.stream: more}})

    def words(self, model: ProcessModel) -> Words:
        """The change in a sentence."""
        del model
        return say("change_arrivals", stream=self.stream, times=Number(self.times, "plain"))


class ChangeEntry(Entry):
    """One change, named by its kind."""

    digitise: Digitise | None = None
    merge_steps: MergeSteps | None = None
    auto_decide: AutoDecide | None = None
    add_staff: AddStaff | None = None
    remove_document: RemoveDocument | None = None
    change_calendar: ChangeCalendar | None = None
    remove_step: RemoveStep | None = None
    share_data: ShareData | None = None
    set_parameter: SetParameter | None = None
    change_arrivals: ChangeArrivals | None = None

    @property
    def kinds(self) -> list[str]:
        """Those that are given; there should be one."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]

    @property
    def change(self) -> Change:
        """The change itself."""
        found = getattr(self, self.kinds[0])
        assert isinstance(found, Change)
        return found


class ChangesFile(Entry):
    """What a file of changes may say."""

    title: Bilingual | None = None
    summary: Bilingual | None = None
    changes: Annotated[list[ChangeEntry], Field(max_length=200)]


@dataclass(frozen=True)
class Changes:
    """Changes that have been read.

    Args:
        title: what they are called.
        entries: in the order in which they apply.
        yaml: the file, for the places of faults; None where they were made by a program.
        summary: what they are about.
    """

    title: Words
    entries: tuple[ChangeEntry, ...]
    yaml: YamlFile | None = None
    summary: Words | None = None

    @classmethod
    def of(cls, *entries: dict[str, Any], title: str = "") -> Changes:
        """Changes written in a program, as the file would have them."""
        file = ChangesFile.model_validate({"changes": list(entries)})
        return cls(Words.same(title), tuple(file.changes))

    def applied(self, model: ProcessModel) -> ProcessModel:
        """The model after all changes.

        Raises:
            InputError: something that they name is not there, or what they make cannot be; all places at once.
        """
        faults: list[Fault] = []
        for at, entry in enumerate(self.entries):
            if len(entry.kinds) != 1:
                faults.append(self._fault(at, Flaw((), say("one_change"), did_you_mean("", ChangeEntry.model_fields))))
                continue
            own = [Flaw((entry.kinds[0], *flaw.path), flaw.what, flaw.remedy) for flaw in entry.change.flaws(model)]
            faults += [self._fault(at, flaw) for flaw in own]
            if own:
                continue
            model = entry.change.applied(model)
            made = flaws_of(model, self.yaml.path.parent if self.yaml is not None else None)
            faults += [self._fault(at, Flaw((entry.kinds[0],), flaw.what, flaw.remedy)) for flaw in made]
            if made:
                break
        raise_all(faults)
        return model

    def words(self, model: ProcessModel) -> list[Words]:
        """Each change in a sentence; the model is the one before."""
        told = []
        for entry in self.entries:
            told.append(entry.change.words(model))
            model = entry.change.applied(model)
        return told

    def _fault(self, at: int, flaw: Flaw) -> Fault:
        if self.yaml is None:
            return Fault(flaw.what, remedy=flaw.remedy)
        return Fault(flaw.what, self.yaml.place(("changes", at, *flaw.path)), flaw.remedy)


def read_changes(path: Path) -> Changes:
    """Changes from their file.

    Raises:
        InputError: the file is at fault; all places at once.
    """
    yaml = YamlFile(path)
    file = yaml.validate(ChangesFile)
    title = file.title.words if file.title is not None else Words.same(path.stem)
    return Changes(title, tuple(file.changes), yaml, file.summary.words if file.summary is not None else None)


# --- how models are changed -----------------------------------------------------------------------------------------------


def _no_step(model: ProcessModel, path: PathInFile, name: str) -> Iterator[Flaw]:
    if name not in model.steps:
        yield Flaw(path, say("no_step", name=name), did_you_mean(name, model.steps))


def _no_staff(model: ProcessModel, name: str) -> Iterator[Flaw]:
    if name not in model.staff:
        yield Flaw(("staff",), say("no_staff", name=name), did_you_mean(name, model.staff))


def _duration(model: ProcessModel, path: PathInFile, given: Distribution | None) -> Iterator[Flaw]:
    if given is None:
        return
    unknown = [figure for _, figure in given.figures() if isinstance(figure, str) and figure not in model.parameters]
    for name in unknown:
        yield Flaw(path, say("no_parameter", name=name), did_you_mean(name, model.parameters))
    if not unknown:
        yield from (Flaw((*path, *inner), what) for inner, what in given.faults(model.value))


def _variants(step: Step) -> Sequence[StepFields]:
    return [step, *step.where]


def _leads(fields: StepFields, to: str) -> bool:
    return any(branch.to == to for branch in fields.next)


def _shares(model: ProcessModel, fields: StepFields) -> list[float]:
    return model.shares(branch.share for branch in fields.next)


def _put(model: ProcessModel, key: str, step: Step) -> ProcessModel:
    return model.model_copy(update={"steps": model.steps | {key: step}})


def _otherwise(model: ProcessModel, key: str, when: Conditions, fields: dict[str, Any]) -> ProcessModel:
    """A step with some of its fields otherwise for cases of a kind, before all that it said of them."""
    step = model.steps[key]
    first = OtherStep.model_construct(_fields_set={"when", *fields}, when=when, **_filled(fields))
    return _put(model, key, step.model_copy(update={"where": [first, *step.where]}))


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    defaults = {name: field.get_default(call_default_factory=True) for name, field in StepFields.model_fields.items()}
    return defaults | fields


def _without_batch(model: ProcessModel, key: str, for_some: bool) -> ProcessModel:
    """A step that need not wait for others; while some cases still do, all do."""
    if for_some or model.steps[key].batch is None:
        return model
    return _put(model, key, model.steps[key].model_copy(update={"batch": None}))


def _mapped(model: ProcessModel, key: str, change: Any, when: Conditions | None = None) -> ProcessModel:
    """A step each of whose variants is changed by a function; for some cases alone, changed copies are put before them."""
    step = model.steps[key]
    if not when:
        where = [other.model_copy(update=change(other)) for other in step.where]
        return _put(model, key, step.model_copy(update={"where": where, **change(step)}))
    copies = []
    for fields in [*step.where, step]:
        conditions = fields.when if isinstance(fields, OtherStep) else {}
        both = _both(conditions, when)
        update = change(fields)
        if both is not None and update:
            copies.append(OtherStep.model_construct(_fields_set={"when", *update}, when=both, **_filled(update)))
    return _put(model, key, step.model_copy(update={"where": [*copies, *step.where]})) if copies else model


def _both(first: Conditions, second: Conditions) -> Conditions | None:
    """Both conditions at once; None where no case fulfils them."""
    made = dict(first)
    for name, wanted in second.items():
        made[name] = [value for value in made.get(name, wanted) if value in wanted]
    return made if all(made.values()) else None


def _fewer(model: ProcessModel, fields: StepFields, to: str, fewer: float) -> dict[str, Any]:
    if "next" not in fields.model_fields_set or not _leads(fields, to):
        return {}
    shares = _shares(model, fields)
    kept = [share * (1 - fewer) if branch.to == to else share for branch, share in zip(fields.next, shares, strict=True)]
    others = sum(share for branch, share in zip(fields.next, shares, strict=True) if branch.to != to)
    end = max(0.0, 1 - sum(shares))
    if others + end <= 1e-12:
        return {}
    freed = sum(shares) - sum(kept)
    branches = [
        Branch(to=branch.to, share=share if branch.to == to else share + freed * share / (others + end), delay=branch.delay)
        for branch, share in zip(fields.next, kept, strict=True)
    ]
    return {"next": branches}


def _fewer_documents(fields: StepFields, fewer: int) -> dict[str, Any]:
    if fields.documents is None:
        return {}
    return {"documents": max(0, fields.documents - fewer)}


def _without_delay(fields: StepFields, to: str) -> dict[str, Any]:
    if not _leads(fields, to):
        return {}
    return {"next": [one.model_copy(update={"delay": None}) if one.to == to else one for one in fields.next]}


def _longer(model: ProcessModel, fields: StepFields, more: Sequence[Distribution | None]) -> dict[str, Any]:
    """Services one after the other, as one with the same mean and variance."""
    if isinstance(fields, OtherStep) and "service" not in fields.model_fields_set:
        return {}
    parts = [moments(draws_of(one, model.value)) for one in (fields.service, *more) if one is not None]
    mean, variance = (sum(part[at] for part in parts) for at in (0, 1))
    if mean <= 0:
        return {}
    if variance <= 1e-12 * mean**2:
        return {"service": Distribution(constant=mean / 60, unit="minutes")}
    spread = Spread(mean=mean / 60, cv=math.sqrt(variance) / mean)
    return {"service": Distribution(gamma=spread, unit="minutes")}
