"""Comments and tracked changes that somebody made in Word, each with the paragraph at which it stands.

A tracked change becomes a proposal: what the paragraph said, and what it should say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn

from canbao.errors import Fault, InputError, Place
from canbao.evidence.review.anchors import number_of
from canbao.evidence.review.packed import refuse_bomb
from canbao.evidence.review.snapshot import say

LONGEST_QUOTE = 300
_PARAGRAPH, _TEXT, _BOOKMARK = qn("w:p"), qn("w:t"), qn("w:bookmarkStart")
_BEGIN, _END, _REFERENCE = qn("w:commentRangeStart"), qn("w:commentRangeEnd"), qn("w:commentReference")
_ID, _NAME = qn("w:id"), qn("w:name")
_PRINTED = re.compile(r"\s*((?:\d+|[A-Z]+)(?:\.(?:\d+|[A-Z]+))+-\d+)\s")

_TYPE = re.compile(
    r"\s*[\[(（【]?(editorial|technical|general|文字性?|编辑性?|技术性?|一般性?)[\])）】]?\s*[:：]\s*", re.IGNORECASE
)
_PROPOSED = re.compile(r"(?:^|\n)\s*(?:proposed change|proposed|建议修改为?|修改建议|建议改为)\s*[:：]\s*", re.IGNORECASE)
_MEANT = {"文": "editorial", "编": "editorial", "技": "technical", "一": "general"}


@dataclass
class WordComment:
    """A comment as Word keeps it.

    Args:
        paragraph: the number at which it stands; blank before the first.
        quote: the words that were marked.
        author: who wrote it.
        day: when, YYYY-MM-DD, or blank.
        type: as the comment begins ("technical: …"), else general.
        comment: what it says.
        proposed: what follows "proposed change:".
    """

    paragraph: str
    quote: str
    author: str
    day: str
    type: str
    comment: str
    proposed: str


@dataclass
class _Anchor:
    paragraph: str
    words: list[str] = field(default_factory=list)


def read_word(path: Path) -> tuple[str, list[WordComment]]:
    """The comments and tracked changes of a Word file.

    Returns:
        the edition that the file says it is of, or blank; and what was said.

    Raises:
        InputError: it is no Word file, or is damaged.
    """
    refuse_bomb(path)
    try:
        document = docx.Document(str(path))
        anchors = _anchors(document.element.body)
        found = [_comment(one, anchors) for one in document.comments]
        return str(document.core_properties.category or ""), [*found, *_proposals(document.element.body)]
    except Exception as error:
        # A file that others made can be wrong in more ways than the reader names.
        raise InputError(Fault(say("no_word", problem=type(error).__name__), Place(path), say("save_as_docx"))) from None


def split_comment(text: str) -> tuple[str, str, str]:
    """A comment's type, words and proposed change: "technical: … Proposed change: …"."""
    kind = "general"
    if begun := _TYPE.match(text):
        kind, text = _MEANT.get(begun[1][0], begun[1].lower()), text[begun.end() :]
    parts = _PROPOSED.split(text, maxsplit=1)
    return kind, parts[0].strip(), parts[1].strip() if len(parts) > 1 else ""


def _comment(one: Any, anchors: dict[str, _Anchor]) -> WordComment:
    kind, comment, proposed = split_comment(one.text)
    anchor = anchors.get(str(one.comment_id), _Anchor(""))
    quote = "".join(anchor.words)[:LONGEST_QUOTE]
    day = one.timestamp.date().isoformat() if one.timestamp else ""
    return WordComment(anchor.paragraph, quote, one.author or "", day, kind, comment, proposed)


def _anchors(body: Any) -> dict[str, _Anchor]:
    """For each comment where it begins and the words that it marks."""
    found: dict[str, _Anchor] = {}
    open_now: set[str] = set()
    here = ""
    for element in body.iter(_PARAGRAPH, _BEGIN, _END, _REFERENCE, _TEXT):
        name = element.get(_ID, "")
        if element.tag == _PARAGRAPH:
            here = next(_numbers(element), here)
            for one in open_now:
                if found[one].words:
                    found[one].words.append(" ")
        elif element.tag == _BEGIN:
            found.setdefault(name, _Anchor(here))
            open_now.add(name)
        elif element.tag == _END:
            open_now.discard(name)
        elif element.tag == _REFERENCE:
            found.setdefault(name, _Anchor(here))
        else:
            for one in open_now:
                if not found[one].words:
                    # What begins between two paragraphs begins with the second.
                    found[one].paragraph = here
                found[one].words.append(element.text or "")
    return found


def _numbers(paragraph: Any) -> Iterator[str]:
    """Its number: by the bookmark, or as it is printed where a program has dropped the bookmarks."""
    for mark in paragraph.iter(_BOOKMARK):
        if number := number_of(mark.get(_NAME, "")):
            yield number
    printed = _PRINTED.match("".join(text.text or "" for text in paragraph.iter(_TEXT))[:60])
    if printed:
        yield printed[1]


# --- tracked changes ------------------------------------------------------------------------------------------------------


def _proposals(body: Any) -> Iterator[WordComment]:
    """For each paragraph with insertions or deletions what it said and what it should say."""
    here = ""
    for paragraph in body.iter(_PARAGRAPH):
        here = next(_numbers(paragraph), here)
        marks = list(paragraph.iter(_INSERTED, _DELETED))
        if not marks:
            continue
        before, after = _text(paragraph, without=_INSERTED), _text(paragraph, without=_DELETED)
        if before == after:
            continue  # only the look of it was changed
        author = next((one.get(_AUTHOR, "") for one in marks if one.get(_AUTHOR)), "")
        day = max((one.get(_DATE, "")[:10] for one in marks), default="")
        key = "tracked" if before and after else "tracked_out" if before else "tracked_in"
        said = say(key)
        yield WordComment(here, before[:LONGEST_QUOTE], author, day, "editorial", f"{said.en} / {said.zh}", after)


def _text(paragraph: Any, without: str) -> str:
    """A paragraph's text without what was inserted, or without what was deleted; its printed number is no part of it."""
    words = []
    for text in paragraph.iter(_TEXT, _DELETED_TEXT):
        kinds = {above.tag for above in text.iterancestors(_INSERTED, _DELETED)}
        if without not in kinds:
            words.append(text.text or "")
    return _PRINTED.sub("", "".join(words), count=1).strip()


_INSERTED, _DELETED, _DELETED_TEXT = qn("w:ins"), qn("w:del"), qn("w:delText")
_AUTHOR, _DATE = qn("w:author"), qn("w:date")
