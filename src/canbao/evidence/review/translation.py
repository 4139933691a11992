"""How far the authors' text is translated, paragraph by paragraph, and which terms of the glossary a translation lacks.

What somebody said of a pair of paragraphs stands in review/translation.csv with the identities of both. When one of the two
changes later, the other is stale until somebody looks again.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence.review.snapshot import say
from canbao.languages import LANGUAGES, Language
from canbao.located_yaml import Entry, read
from canbao.outputs import whole_file
from canbao.workers.source import decoded

FILE = "translation.csv"
GLOSSARY = "glossary.yaml"
HEADER = ("slot", "en", "zh", "status", "by", "date")

Said = Literal["translated", "to_check", "signed_off"]
SAID: tuple[Said, ...] = get_args(Said)
State = Literal["missing_en", "missing_zh", "unchecked", "translated", "to_check", "signed_off", "stale_en", "stale_zh"]


class TermEntry(Entry):
    """A term and what it is called in the other language; any of several names will do."""

    en: Annotated[list[str], Field(min_length=1)] | str
    zh: Annotated[list[str], Field(min_length=1)] | str

    def names(self, language: Language) -> list[str]:
        """Its names in a language."""
        said = self.en if language == "en" else self.zh
        return [said] if isinstance(said, str) else said


class GlossaryFile(Entry):
    """glossary.yaml."""

    terms: list[TermEntry] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of a pair.

    Args:
        en: the identity of the English paragraph.
        zh: of the Chinese one.
    """

    slot: str
    en: str
    zh: str
    status: Said
    by: str
    date: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph in both languages.

    Args:
        slot: where the text stands, as its file is called: `pensions.end`.
        position: in the text, from 1.
        texts: of both languages; blank where one is missing.
        state: `stale_zh` where English changed after Chinese was last looked at.
        by: who said so.
        date: when.
        terms: of the glossary that one language has and the other lacks, as the one that has it writes it.
    """

    slot: str
    position: int
    texts: Mapping[Language, str]
    state: State
    by: str = ""
    date: str = ""
    terms: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How it is spoken of: `pensions.end#2`."""
        return f"{self.slot}#{self.position}"


def paragraphs(markdown: str) -> list[str]:
    """The paragraphs, headings, lists and tables of a text: what stands between blank lines."""
    return [" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", markdown.replace("\r\n", "\n")) if part.strip()]


def identity(text: str) -> str:
    """Made from what a paragraph says; a letter in front, since spreadsheets take some digits for a number."""
    return "t" + hashlib.sha256(text.encode()).hexdigest()[:12]


def pairs(
    texts: Mapping[str, Mapping[Language, str]], verdicts: Sequence[Verdict], glossary: Sequence[TermEntry] = ()
) -> tuple[Pair, ...]:
    """All paragraphs of the authors' text with the state of their translation.

    Args:
        texts: for each slot the text in each language.
        verdicts: the last on a pair holds.
        glossary: terms to be looked for.
    """
    return tuple(one for slot in sorted(texts) for one in _of_slot(slot, texts[slot], verdicts, glossary))


def _of_slot(
    slot: str, text: Mapping[Language, str], verdicts: Sequence[Verdict], glossary: Sequence[TermEntry]
) -> Iterator[Pair]:
    told = [one for one in verdicts if one.slot == slot]
    both = {(one.en, one.zh): one for one in told}
    english, chinese = {one.en: one for one in told}, {one.zh: one for one in told}
    left, right = (paragraphs(text.get(language, "")) for language in LANGUAGES)
    for position, (en, zh) in enumerate(_aligned(left, right, set(both)), start=1):
        here: Mapping[Language, str] = {"en": en, "zh": zh}
        if not en or not zh:
            yield Pair(slot, position, here, "missing_zh" if en else "missing_en")
            continue
        names = identity(en), identity(zh)
        state: State = "unchecked"
        found = both.get(names)
        if found is not None:
            state = found.status
        elif names[1] in chinese:
            state, found = "stale_zh", chinese[names[1]]
        elif names[0] in english:
            state, found = "stale_en", english[names[0]]
        by, date = (found.by, found.date) if found else ("", "")
        yield Pair(slot, position, here, state, by, date, tuple(_lacking(here, glossary)))


def _aligned(english: Sequence[str], chinese: Sequence[str], known: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Pairs that somebody looked at stay together; what stands between them is paired as it comes."""
    names = [identity(one) for one in english], [identity(one) for one in chinese]
    begin = (0, 0)
    for here, there in [*_anchors(*names, known), (len(english), len(chinese))]:
        left, right = english[begin[0] : here], chinese[begin[1] : there]
        for at in range(max(len(left), len(right))):
            yield left[at] if at < len(left) else "", right[at] if at < len(right) else ""
        if here < len(english) and there < len(chinese):
            yield english[here], chinese[there]
        begin = here + 1, there + 1


def _anchors(english: Sequence[str], chinese: Sequence[str], known: set[tuple[str, str]]) -> list[tuple[int, int]]:
    found, last = [], -1
    for here, one in enumerate(english):
        there = next((at for at in range(last + 1, len(chinese)) if (one, chinese[at]) in known), None)
        if there is not None:
            found.append((here, there))
            last = there
    return found


def _lacking(texts: Mapping[Language, str], glossary: Sequence[TermEntry]) -> Iterator[str]:
    for term in glossary:
        has = {language: _first(texts[language], term.names(language), language) for language in LANGUAGES}
        if bool(has["en"]) != bool(has["zh"]):
            yield has["en"] or has["zh"]


def _first(text: str, names: Sequence[str], language: Language) -> str:
    """The first of a term's names that a text has; in English as a word of its own, in the singular or plural."""
    for name in names:
        if language == "zh" and name in text:
            return name
        if language == "en" and re.search(rf"\b{re.escape(name)}(?:s|es)?\b", text, re.IGNORECASE):
            return name
    return ""


# --- files ----------------------------------------------------------------------------------------------------------------


def read_glossary(review: Path) -> tuple[TermEntry, ...]:
    """The terms of review/glossary.yaml; none where there is no file.

    Raises:
        InputError: what is wrong in it.
    """
    path = review / GLOSSARY
    return tuple(read(path, GlossaryFile).terms) if path.is_file() else ()


def read_verdicts(review: Path) -> tuple[Verdict, ...]:
    """What review/translation.csv holds.

    Raises:
        InputError: rows that cannot be, with their lines.
    """
    path = review / FILE
    if not path.is_file():
        return ()
    reader = csv.reader(io.StringIO(decoded(path)))
    faults, found = [], []
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise InputError(Fault(say("no_csv", problem=str(error)), Place(path))) from None
    if not rows or tuple(rows[0][1]) != HEADER:
        raise InputError(Fault(say("header", header=",".join(HEADER)), Place(path, 1)))
    for line, cells in rows[1:]:
        if not any(cells):
            continue
        if len(cells) != len(HEADER):
            faults.append(Fault(say("cells", times=str(len(cells)), header=",".join(HEADER)), Place(path, line)))
        elif cells[3] not in SAID:
            remedy = say("one_of", listed=", ".join(SAID))
            faults.append(Fault(say("no_status", status=cells[3]), Place(path, line), remedy))
        else:
            found.append(Verdict(*cells))  # type: ignore[arg-type]
    raise_all(faults)
    return tuple(found)


def signed(
    told: Sequence[Pair], verdicts: Sequence[Verdict], names: Sequence[str], status: Said, by: str, day: datetime.date
) -> tuple[Verdict, ...]:
    """The verdicts with one more on each of some pairs.

    Args:
        told: all pairs.
        verdicts: so far.
        names: of pairs, `pensions#2`, or of whole texts, `pensions`.
        status: what is said of them.
        by: who says it.
        day: when.

    Raises:
        InputError: there is no such pair, or a language is missing.
    """
    known = {one.name: one for one in told}
    slots = {one.slot for one in told}
    faults, wanted = [], dict.fromkeys(name for name in names if name in known)
    for name in names:
        if name in slots:
            # Of a whole text, what is there in both languages.
            wanted |= dict.fromkeys(one.name for one in told if one.slot == name and all(one.texts.values()))
        elif name not in known:
            faults.append(Fault(say("no_pair", name=name), remedy=did_you_mean(name, [*known, *slots])))
        elif not all(known[name].texts.values()):
            faults.append(Fault(say("half_pair", name=name)))
    raise_all(faults)
    kept = {(one.slot, one.en, one.zh): one for one in verdicts}
    for name in wanted:
        pair = known[name]
        en, zh = (identity(pair.texts[language]) for language in LANGUAGES)
        kept[pair.slot, en, zh] = Verdict(pair.slot, en, zh, status, by, day.isoformat())
    return tuple(kept[key] for key in sorted(kept))


def write_verdicts(review: Path, verdicts: Sequence[Verdict]) -> None:
    """Write review/translation.csv."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    # What begins like a formula does not become one in somebody's spreadsheet.
    writer.writerows((one.slot, one.en, one.zh, one.status, one.by.lstrip("=+-@\t\r"), one.date) for one in verdicts)
    with whole_file(review / FILE) as scratch:
        scratch.write_text(out.getvalue(), encoding="utf-8-sig", newline="")
