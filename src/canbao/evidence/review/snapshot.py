"""An edition of the report as it was: every paragraph, table and figure with its number, in both languages.

A number says where a paragraph stands (5.2-3: chapter, section, paragraph) and changes when something is put in before it.
Its identity is made from its chapter and its words and stays as long as they do, so a comment finds its paragraph again.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Words
from canbao.located_yaml import read_text

say = Catalogue("canbao.evidence.review", "review")

EditionKind = Literal["interim", "draft", "final"]
EDITION_KINDS: tuple[EditionKind, ...] = get_args(EditionKind)
ParagraphKind = Literal["heading", "text", "item", "notice", "headlines", "table", "figure", "references"]

FOLDER = "editions"
FILE = "paragraphs.json"
NAME = re.compile(r"(interim|draft|final)-([1-9]\d{0,3})")
IDENTITY_LENGTH = 12


@dataclass(frozen=True, slots=True)
class NumberedParagraph:
    """A paragraph, a table, a figure or a heading.

    Args:
        number: where it stands: 5.2-3, or 5.2 for the heading of a section.
        identity: made from its chapter and words.
        kind: of what it is.
        chapter: the key of its chapter.
        key: of a table, figure or section; blank for words.
        words: all that it says; a table's cells one by one.
    """

    number: str
    identity: str
    kind: ParagraphKind
    chapter: str
    key: str
    words: Words


@dataclass(frozen=True)
class Snapshot:
    """A report as it was.

    Args:
        edition: `draft-1`.
        date: of the report.
        title: of the report.
        paragraphs: in reading order.
    """

    edition: str
    date: datetime.date
    title: Words
    paragraphs: tuple[NumberedParagraph, ...]

    @property
    def kind(self) -> EditionKind:
        """Interim, draft or final."""
        return kind_of(self.edition)

    @cached_property
    def by_number(self) -> Mapping[str, NumberedParagraph]:
        """Paragraphs by where they stand."""
        return {one.number: one for one in self.paragraphs}

    @cached_property
    def by_identity(self) -> Mapping[str, NumberedParagraph]:
        """Paragraphs by what they say."""
        return {one.identity: one for one in self.paragraphs}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The position of each number in reading order."""
        return {one.number: at for at, one in enumerate(self.paragraphs)}


def identified(parts: Iterable[tuple[str, ParagraphKind, str, str, Words]]) -> tuple[NumberedParagraph, ...]:
    """Paragraphs with their identities; what a chapter says twice is told apart by which comes first.

    Args:
        parts: number, kind, chapter, key and words of each.
    """
    seen: Counter[tuple[str, Words]] = Counter()
    made = []
    for number, kind, chapter, key, words in parts:
        seen[chapter, words] += 1
        said = json.dumps([chapter, words.en, words.zh, seen[chapter, words]], ensure_ascii=False)
        # A letter in front: spreadsheets take some digits with an e among them for a number.
        identity = "p" + hashlib.sha256(said.encode()).hexdigest()[:IDENTITY_LENGTH]
        made.append(NumberedParagraph(number, identity, kind, chapter, key, words))
    return tuple(made)


def kind_of(edition: str) -> EditionKind:
    """Interim, draft or final."""
    head = edition.partition("-")[0]
    return EDITION_KINDS[EDITION_KINDS.index(head)]


def edition_order(edition: str) -> tuple[int, int]:
    """Interim reports, drafts, then final reports, each in the order in which they were taken."""
    found = NAME.fullmatch(edition)
    return (EDITION_KINDS.index(kind_of(edition)), int(found[2])) if found else (len(EDITION_KINDS), 0)


def edition_named(edition: str) -> Words:
    """Draft 1, interim report 2."""
    found = NAME.fullmatch(edition)
    return say(f"edition_{found[1]}", number=found[2]) if found else Words.same(edition)


def edition_notice(edition: str) -> Words | None:
    """What is said on every page of an edition for comments; nothing on those of a final report."""
    found = NAME.fullmatch(edition)
    return say(f"notice_{found[1]}", number=found[2]) if found and found[1] != "final" else None


def written(snapshot: Snapshot) -> str:
    """The content of paragraphs.json."""
    content = {
        "edition": snapshot.edition,
        "date": snapshot.date.isoformat(),
        "title": {"en": snapshot.title.en, "zh": snapshot.title.zh},
        "paragraphs": [
            {
                "number": one.number,
                "identity": one.identity,
                "kind": one.kind,
                "chapter": one.chapter,
                "key": one.key,
                "en": one.words.en,
                "zh": one.words.zh,
            }
            for one in snapshot.paragraphs
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _paragraph(one: Mapping[str, Any]) -> NumberedParagraph:
    number, identity, chapter, key = (str(one[name]) for name in ("number", "identity", "chapter", "key"))
    return NumberedParagraph(number, identity, one["kind"], chapter, key, Words(str(one["en"]), str(one["zh"])))


def read_snapshot(folder: Path) -> Snapshot:
    """An edition that was taken.

    Raises:
        InputError: paragraphs.json is missing or is not as `written` makes it.
    """
    path = folder / FILE
    text = read_text(path)
    try:
        content: Any = json.loads(text)
        paragraphs = tuple(_paragraph(one) for one in content["paragraphs"])
        title = Words(str(content["title"]["en"]), str(content["title"]["zh"]))
        day = datetime.date.fromisoformat(content["date"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(Fault(say("no_snapshot"), Place(path), say("take_again"))) from None
    return Snapshot(folder.name, day, title, paragraphs)


def read_editions(*reviews: Path) -> dict[str, Snapshot]:
    """All editions of one or more review folders, interim reports first, each kind in order.

    Raises:
        InputError: one cannot be read.
    """
    found = {
        path.name: path
        for review in reversed(reviews)
        for path in (review / FOLDER).glob("*-*")
        if NAME.fullmatch(path.name) and (path / FILE).is_file()
    }
    return {name: read_snapshot(found[name]) for name in sorted(found, key=edition_order)}


def latest(editions: Mapping[str, Snapshot], *kinds: EditionKind) -> Snapshot | None:
    """The last edition of some kinds."""
    return next((one for one in reversed(list(editions.values())) if one.kind in kinds), None)


def next_edition(editions: Mapping[str, Snapshot], kind: EditionKind, paragraphs: tuple[NumberedParagraph, ...]) -> str:
    """What an edition is called: as the last of its kind where it says the same, else by the next number."""
    last = latest(editions, kind)
    if last is not None and last.paragraphs == paragraphs:
        return last.edition
    return f"{kind}-{edition_order(last.edition)[1] + 1 if last else 1}"
