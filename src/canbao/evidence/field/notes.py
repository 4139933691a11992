"""Interviews, focus groups and local-practice cards: Markdown with YAML metadata, in a study's evidence/field/.

An interview or focus group begins with its metadata between two lines of three hyphens. What is to be quoted in reports
stands as a quotation, in both languages, and ends with a line that names its themes:

    > I would join if I knew which window to go to. || 知道去哪个窗口，我就参保了。
    > — information, procedure

A local-practice card has everything in its metadata; what stands below is for the study team. Files whose names begin with
an underscore are templates and not read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from canbao.engine.parameters import Confidence
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence.field.identity import traces
from canbao.languages import LANGUAGES, Catalogue, Language, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile, read_text
from canbao.workers.vocabulary import vocabulary

say = Catalogue("canbao.evidence.field", "notes")

TalkKind = Literal["interview", "focus_group"]
KINDS = ("interview", "focus_group", "practice")

FENCE = re.compile(r"---\s*")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
THEMES_LINE = re.compile(r"(?:—|–|--)\s*(?P<themes>.+)")


def _as_text(value: object) -> object:
    """A year is text here: 2018 and 2018-04 may both stand."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


DateText = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{4}(-\d{2}){0,2}$")]


class Source(Entry):
    """Where something about a local practice is said.

    Args:
        title: of the document or page.
        address: where it can be read; blank where the source is memory.
        date: of the document.
    """

    title: Bilingual
    address: str | None = None
    date: DateText | None = None


class ThemeEntry(Entry):
    """A theme by which quotations and cards are coded."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Bilingual
    description: Bilingual | None = None


class FieldFile(Entry):
    """evidence/field.yaml.

    Args:
        themes: in the order in which the report takes them.
        practices: cards that come with the programme and belong to this study.
    """

    themes: list[ThemeEntry] = Field(default_factory=list)
    practices: list[str] = Field(default_factory=list)


class TalkEntry(Entry):
    """The metadata of an interview or a focus group.

    Args:
        label: by which reports name it: `R07`, never a name.
        who: what may be said of the respondents: work, sex, age group.
        where: as far as it may be said.
        participants: how many took part.
        synthetic: it was made up.
        not_identity: what looks like an identity and is none, as written.
    """

    kind: TalkKind
    label: Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]{1,20}$")]
    date: DateText
    who: Bilingual
    where: Bilingual
    participants: Annotated[int, Field(ge=1, le=1000)] = 1
    synthetic: bool = False
    not_identity: list[str] = Field(default_factory=list)


def _known_province(code: str) -> str:
    if code not in vocabulary()["province"].categories:
        raise PydanticCustomError("province", 'No province has this code of GB/T 2260, such as "32"')
    return code


class PracticeEntry(Entry):
    """A local-practice card. What nobody knows is left out or blank.

    Args:
        who: which body runs it, for whom.
        province: in which it is, by the vocabulary's code; the report tells of the practice beside the province's figures.
        since: year or month in which it began.
        until: when it ended; blank where it goes on or nobody knows.
        what: what is done.
        cost: what it costs, and who pays.
        result: what is known to have come of it.
        repeatable: what speaks for or against doing it elsewhere.
        confidence: the least of its sources.
    """

    kind: Literal["practice"]
    title: Bilingual
    who: Bilingual
    where: Bilingual
    province: Annotated[str, AfterValidator(_known_province)] | None = None
    since: DateText | None = None
    until: DateText | None = None
    what: Bilingual
    cost: Bilingual | None = None
    result: Bilingual | None = None
    repeatable: Bilingual | None = None
    themes: list[str] = Field(default_factory=list)
    sources: list[Source] = Field(default_factory=list)
    confidence: Confidence
    not_identity: list[str] = Field(default_factory=list)


class _KindOnly(BaseModel):
    """Any note: what else it says depends on its kind. Keys that are unknown are let through here."""

    kind: Literal["interview", "focus_group", "practice"]


@dataclass(frozen=True, slots=True)
class Quotation:
    """What somebody said, coded by theme.

    Args:
        talk: label of the interview or focus group.
        text: in both languages.
        themes: keys.
    """

    talk: str
    text: Words
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """An interview or a focus group."""

    path: Path
    entry: TalkEntry
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class Practice:
    """A local-practice card.

    Args:
        name: of its file.
        own: the study's, not one that comes with the programme.
    """

    name: str
    entry: PracticeEntry
    own: bool


@dataclass(frozen=True)
class FieldWork:
    """What a study saw and heard outside of its survey.

    Args:
        themes: labels by key, in order.
        talks: interviews and focus groups, by label.
        practices: cards, by the order of field.yaml, then the study's own by name.
    """

    themes: Mapping[str, Words] = field(default_factory=dict)
    talks: tuple[Talk, ...] = ()
    practices: tuple[Practice, ...] = ()

    @property
    def quotations(self) -> list[Quotation]:
        """All of them, by talk."""
        return [quotation for talk in self.talks for quotation in talk.quotations]

    @property
    def synthetic(self) -> bool:
        """Whether some talk was made up."""
        return any(talk.entry.synthetic for talk in self.talks)


def shipped_practices() -> Mapping[str, Path]:
    """The cards that come with the programme, by name."""
    folder = Path(str(resources.files("canbao.evidence.field").joinpath("practices")))
    return {path.stem: path for path in sorted(folder.glob("*.md"))}


@cache
def read_practice(path: Path) -> PracticeEntry:
    """One card that comes with the programme."""
    front, _ = _parts(path)
    return front.validate(PracticeEntry)


def field_files(evidence: Path) -> list[Path]:
    """The files from which `read_field` reads, of those that are there."""
    single = evidence / "field.yaml"
    return [*([single] if single.is_file() else []), *_notes(evidence)]


def read_field(evidence: Path, languages: Sequence[Language] = LANGUAGES) -> FieldWork:
    """Everything in a study's evidence/field.yaml and evidence/field/.

    Args:
        evidence: the study's evidence folder.
        languages: of the report; a quotation must be there in each of them.

    Raises:
        InputError: all that is wrong in any of the files; what looks like somebody's identity, with line.
    """
    faults: list[Fault] = []
    themes: dict[str, Words] = {}
    practices: list[Practice] = []
    listed = evidence / "field.yaml"
    if listed.is_file():
        try:
            themes, practices = _listed(listed)
        except InputError as error:
            faults += error.faults
    talks: list[Talk] = []
    for path in _notes(evidence):
        try:
            note = _note(path, themes, languages)
        except InputError as error:
            faults += error.faults
            continue
        if isinstance(note, Talk):
            talks.append(note)
        else:
            practices.append(note)
    faults += _labels_twice(talks)
    raise_all(faults)
    return FieldWork(themes, tuple(sorted(talks, key=lambda talk: talk.entry.label)), tuple(practices))


def _notes(evidence: Path) -> list[Path]:
    found = sorted((evidence / "field").glob("*.md"))
    return [path for path in found if not path.name.startswith((".", "_"))]


def _listed(path: Path) -> tuple[dict[str, Words], list[Practice]]:
    file = YamlFile(path)
    entry = file.validate(FieldFile)
    first: dict[str, int] = {}
    faults = []
    for at, theme in enumerate(entry.themes):
        if theme.id in first:
            line = str(file.place(["themes", first[theme.id]]).line)
            faults.append(Fault(say("theme_twice", theme=theme.id, line=line), file.place(["themes", at, "id"])))
        first.setdefault(theme.id, at)
    known = shipped_practices()
    for at, name in enumerate(entry.practices):
        if name not in known:
            what = say("no_practice", name=name)
            faults.append(Fault(what, file.place(["practices", at]), did_you_mean(name, known)))
    raise_all(faults)
    practices = [Practice(name, read_practice(known[name]), own=False) for name in dict.fromkeys(entry.practices)]
    return {theme.id: theme.label.words for theme in entry.themes}, practices


# --- one note -------------------------------------------------------------------------------------------------------------


def _note(path: Path, themes: Mapping[str, Words], languages: Sequence[Language]) -> Talk | Practice:
    front, body = _parts(path)
    kind = front.validate(_KindOnly).kind
    if kind == "practice":
        card = front.validate(PracticeEntry)
        named = enumerate(card.themes)
        faults = [_unknown_theme(name, front.place(["themes", at]), themes) for at, name in named if name not in themes]
        raise_all([*faults, *_identity_faults(path, card.not_identity)])
        return Practice(path.stem, card, own=True)
    talk = front.validate(TalkEntry)
    faults = _identity_faults(path, talk.not_identity)
    quotations = []
    for line, text in _quoted(body):
        try:
            quotations.append(_quotation(talk.label, text, Place(path, line), themes, languages))
        except InputError as error:
            faults += error.faults
    raise_all(sorted(faults, key=lambda one: one.place.line or 0))
    return Talk(path, talk, tuple(quotations))


def _parts(path: Path) -> tuple[YamlFile, str]:
    """The metadata, and the text below with its lines where they stand."""
    lines = read_text(path).splitlines()
    if not lines or not FENCE.fullmatch(lines[0]):
        raise InputError(Fault(say("no_metadata"), Place(path, 1), say("how_metadata")))
    end = next((number for number, line in enumerate(lines[1:], start=1) if FENCE.fullmatch(line)), None)
    if end is None:
        raise InputError(Fault(say("open_metadata"), Place(path, 1)))
    return YamlFile(path, "\n".join(["", *lines[1:end]])), "\n".join([*[""] * (end + 1), *lines[end + 1 :]])


def _quoted(body: str) -> Iterator[tuple[int, list[str]]]:
    """The line where each quotation begins, and its lines without marks."""
    start, quoted = 0, []
    kept = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), body)
    for number, line in enumerate([*kept.splitlines(), ""], start=1):
        if line.lstrip().startswith(">"):
            start = start or number
            quoted.append(line.lstrip().removeprefix(">").strip())
        elif quoted:
            yield start, quoted
            start, quoted = 0, []


def _quotation(
    label: str, lines: Sequence[str], place: Place, themes: Mapping[str, Words], languages: Sequence[Language]
) -> Quotation:
    marked = THEMES_LINE.fullmatch(lines[-1])
    spoken = " ".join(line for line in (lines[:-1] if marked else lines) if line)
    english, bar, chinese = (part.strip() for part in spoken.partition("||"))
    last = Place(place.file, (place.line or 1) + len(lines) - 1)
    faults = []
    if marked is None:
        faults.append(Fault(say("no_themes"), last, say("how_themes")))
    given = {"en": english, "zh": chinese if bar else ""}
    if not bar and list(languages) == ["zh"]:
        given = {"en": english, "zh": english}
    if any(not given[language] for language in languages):
        faults.append(Fault(say("one_language"), place, say("how_languages")))
    coded = tuple(part.strip() for part in re.split("[,，、;；]", marked["themes"]) if part.strip()) if marked else ()
    faults += [_unknown_theme(name, last, themes) for name in coded if name not in themes]
    raise_all(faults)
    return Quotation(label, Words(given["en"] or given["zh"], given["zh"] or given["en"]), coded)


def _unknown_theme(name: str, place: Place, themes: Collection[str]) -> Fault:
    return Fault(say("no_theme", name=name), place, did_you_mean(name, themes) or say("add_theme"))


def _labels_twice(talks: Sequence[Talk]) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for talk in talks:
        if talk.entry.label in first:
            what = say("label_twice", label=talk.entry.label, other=first[talk.entry.label].name)
            yield Fault(what, Place(talk.path))
        first.setdefault(talk.entry.label, talk.path)


def _identity_faults(path: Path, allowed: Collection[str]) -> list[Fault]:
    """What looks like an identity anywhere in a note: the folder goes where the study goes."""
    faults = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if re.match(r"\s*-?\s*(address|not_identity)\s*:", line):
            continue  # where a source can be read, and what the team has looked at
        for trace in traces(line, allowed):
            what = say("identity", kind=say(f"kind_{trace.kind}"), text=trace.text)
            faults.append(Fault(what, Place(path, number, trace.start + 1), say(f"instead_{trace.kind}")))
    return faults
