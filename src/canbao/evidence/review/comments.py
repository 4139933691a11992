"""The log of comments and decisions, review/comments.csv: one row a comment, kept by people and by programs.

A comment's id is made from what it says, so the same comment read twice is one, and the order of files does not matter.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal, get_args

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence.review.snapshot import Snapshot, edition_order, latest, read_editions, say
from canbao.languages import Words
from canbao.outputs import whole_file
from canbao.workers.source import decoded

FILE = "comments.csv"

CommentType = Literal["editorial", "technical", "general"]
Decision = Literal["accepted", "accepted_with_change", "noted", "not_accepted", "duplicate", "withdrawn", "out_of_scope"]
COMMENT_TYPES: tuple[CommentType, ...] = get_args(CommentType)
DECISIONS: tuple[Decision, ...] = get_args(Decision)
ANSWERS = ("yes", "no")

LONGEST = 20_000
"""Characters of a comment, a proposed change or a response."""

LONGEST_NAME = 200
ID = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
ID_LENGTH = 8

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody says of a paragraph, and what was decided.

    Args:
        id: made from what it says.
        edition: on which it is.
        paragraph: its number in that edition; 5.2 for a whole section, blank for the whole report.
        identity: of the paragraph.
        commenter: who says it.
        body: for whom.
        date: on which day, YYYY-MM-DD; blank where nobody knows.
        type: editorial, technical or general.
        comment: what is said.
        proposed_change: what should stand there instead.
        quote: the words that were marked.
        decision: what is done with it; blank while it is open.
        response: the answer, with its reason.
        responsible: who answers for it.
        decided: on which day.
        duplicate_of: the id of the comment that says the same.
        changed_text: the number of the paragraph in the final report where the change stands, or an address.
        accepts: whether the commenter accepts the decision; blank while nobody knows.
        source: the file from which it was read.
    """

    id: str
    edition: str
    paragraph: str
    identity: str
    commenter: str
    body: str
    date: str
    type: CommentType
    comment: str
    proposed_change: str = ""
    quote: str = ""
    decision: Decision | Literal[""] = ""
    response: str = ""
    responsible: str = ""
    decided: str = ""
    duplicate_of: str = ""
    changed_text: str = ""
    accepts: str = ""
    source: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether it has a decision with a reason."""
        return bool(self.decision and self.response)


HEADER = tuple(one.name for one in fields(Comment))


@dataclass(frozen=True)
class ReviewLog:
    """A study's editions and the comments on them.

    Args:
        editions: by name, in order.
        comments: in the order of editions and paragraphs.
    """

    editions: Mapping[str, Snapshot]
    comments: tuple[Comment, ...] = ()

    @property
    def undecided(self) -> tuple[Comment, ...]:
        """Comments that lack a decision or its reason."""
        return tuple(one for one in self.comments if not one.is_decided)

    @property
    def last_draft(self) -> Snapshot | None:
        """The edition against which changes are told."""
        return latest(self.editions, "interim", "draft")

    def refuse_undecided(self) -> None:
        """Check that a final report may be made.

        Raises:
            InputError: there was no draft; or comments without a decision, or without a reason for it.
        """
        if self.last_draft is None:
            raise InputError(Fault(say("no_draft"), remedy=say("take_draft")))
        raise_all([undecided_fault(one) for one in self.undecided])


def undecided_fault(one: Comment) -> Fault:
    """What a comment lacks."""
    key = "no_response" if one.decision else "undecided"
    return Fault(say(key, id=one.id, who=_who(one)), Place(field=one.paragraph or None), say("decide"))


def _who(one: Comment) -> str:
    return ", ".join(filter(None, (one.commenter, one.body))) or "?"


# --- making and putting in order ------------------------------------------------------------------------------------------


def comment_id(edition: str, identity: str, commenter: str, body: str, date: str, comment: str, proposed: str) -> str:
    """The id of a comment: nine letters and digits that people do not take for one another."""
    said = json.dumps([edition, identity, commenter, body, date, comment, proposed], ensure_ascii=False)
    number = int.from_bytes(hashlib.sha256(said.encode()).digest())
    letters = []
    for _ in range(ID_LENGTH):
        number, rest = divmod(number, len(ID_LETTERS))
        letters.append(ID_LETTERS[rest])
    return "c" + "".join(letters)


def made_comment(
    snapshot: Snapshot,
    paragraph: str,
    commenter: str,
    body: str,
    date: str,
    kind: str,
    comment: str,
    proposed: str = "",
    quote: str = "",
    source: str = "",
) -> Comment:
    """A new comment on an edition.

    Raises:
        InputError: no such paragraph or type, no words, too many words, or a day that is none.
    """
    paragraph = clean(paragraph, LONGEST_NAME)
    texts = {"comment": clean(comment), "proposed_change": clean(proposed)}
    day = iso_day(date)
    faults = []
    if paragraph and paragraph not in snapshot.by_number:
        faults.append(_no_paragraph(paragraph, snapshot, Place()))
    if kind not in COMMENT_TYPES:
        faults.append(Fault(say("no_type", type=kind), remedy=did_you_mean(kind, COMMENT_TYPES)))
    if not texts["comment"] and not texts["proposed_change"]:
        faults.append(Fault(say("no_words")))
    faults += [Fault(say("too_long", most=str(LONGEST))) for one in texts.values() if len(one) > LONGEST]
    if day is None:
        faults.append(Fault(say("no_day", day=date)))
    raise_all(faults)
    identity = snapshot.by_number[paragraph].identity if paragraph else ""
    who, whose = clean(commenter, LONGEST_NAME), clean(body, LONGEST_NAME)
    name = comment_id(snapshot.edition, identity, who, whose, day or "", *texts.values())
    return Comment(
        id=name,
        edition=snapshot.edition,
        paragraph=paragraph,
        identity=identity,
        commenter=who,
        body=whose,
        date=day or "",
        type=kind,  # type: ignore[arg-type]
        comment=texts["comment"],
        proposed_change=texts["proposed_change"],
        quote=clean(quote, 300),
        source=clean(source, LONGEST_NAME),
    )


def clean(text: str, most: int | None = None) -> str:
    """Text without control characters that no file may hold, the same accents written the same way."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
    kept = "".join(one for one in kept if one not in "\ufffe\uffff").strip()
    return kept if most is None else " ".join(kept.split())[:most]


def iso_day(text: str) -> str | None:
    """A day as YYYY-MM-DD, also where a spreadsheet has written it its own way; blank stays blank, None is no day."""
    if not text.strip():
        return ""
    found = _DAY.match(text.strip())
    if found is None:
        return None
    try:
        return datetime.date(*map(int, found.groups())).isoformat()
    except ValueError:
        return None


def ordered(comments: Iterable[Comment], editions: Mapping[str, Snapshot]) -> tuple[Comment, ...]:
    """By edition, then as the paragraphs stand in it, then by day: the same for any order in which they came."""

    def key(one: Comment) -> tuple[object, ...]:
        snapshot = editions.get(one.edition)
        position = -1 if snapshot is None or not one.paragraph else snapshot.order[one.paragraph]
        return edition_order(one.edition), position, one.date, one.commenter, one.id

    return tuple(sorted(comments, key=key))


def merged(log: ReviewLog, new: Iterable[Comment]) -> ReviewLog:
    """The log with new comments; those that it has keep their decisions."""
    known = {one.id: one for one in log.comments}
    for one in sorted(new, key=lambda one: one.source):
        known.setdefault(one.id, one)
    return ReviewLog(log.editions, ordered(known.values(), log.editions))


# --- the file -------------------------------------------------------------------------------------------------------------


def comments_csv(comments: Iterable[Comment]) -> str:
    """The content of comments.csv; what begins like a formula does not become one in somebody's spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([_kept(str(getattr(one, name))) for name in HEADER] for one in comments)
    return out.getvalue()


def write_comments(review: Path, log: ReviewLog) -> Path:
    """Write review/comments.csv, with the mark by which Excel knows UTF-8."""
    path = review / FILE
    with whole_file(path) as scratch:
        scratch.write_text(comments_csv(log.comments), encoding="utf-8-sig", newline="")
    return path


def read_log(review: Path, *more: Path) -> ReviewLog:
    """A study's editions and comments.

    Args:
        review: the review folder; it need not be there.
        more: folders with further editions.

    Raises:
        InputError: all that is wrong in comments.csv, row by row.
    """
    editions = read_editions(review, *more)
    path = review / FILE
    if not path.is_file():
        return ReviewLog(editions)
    return ReviewLog(editions, ordered(_read(path, editions), editions))


def _kept(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _unkept(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _read(path: Path, editions: Mapping[str, Snapshot]) -> tuple[Comment, ...]:
    reader = csv.reader(io.StringIO(decoded(path), newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError(Fault(say("no_csv", problem=str(error)), Place(path))) from None
    if not rows or tuple(cell.strip() for cell in rows[0][1]) != HEADER:
        raise InputError(Fault(say("header", header=",".join(HEADER)), Place(path, 1)))
    faults: list[Fault] = []
    found: list[tuple[int, Comment]] = []
    before = rows[0][0]
    for last, cells in rows[1:]:
        # A row with line ends in its cells is named by its first line.
        line, before = before + 1, last
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(cells, editions, Place(path, line))
        if isinstance(row, Comment):
            found.append((line, row))
        else:
            faults += row
    faults += _crosswise(found, path)
    raise_all(sorted(faults, key=lambda one: one.place.line or 0))
    return tuple(one for _, one in found)


def _row(cells: Sequence[str], editions: Mapping[str, Snapshot], place: Place) -> Comment | list[Fault]:
    if len(cells) != len(HEADER):
        return [Fault(say("cells", times=str(len(cells)), header=",".join(HEADER)), place)]
    said = {name: clean(_unkept(cell.strip())) for name, cell in zip(HEADER, cells, strict=True)}
    faults = list(_word_faults(said, place))
    snapshot = editions.get(said["edition"])
    if snapshot is None:
        remedy = did_you_mean(said["edition"], editions) or say("take_draft")
        faults.append(Fault(say("no_edition", edition=said["edition"]), place, remedy))
    elif said["identity"]:
        # The identity holds: a spreadsheet makes 5.1 of section 5.10.
        here = snapshot.by_identity.get(said["identity"])
        if here is None:
            faults.append(Fault(say("no_identity", identity=said["identity"], edition=snapshot.edition), place))
        else:
            said["paragraph"] = here.number
    elif said["paragraph"]:
        if said["paragraph"] in snapshot.by_number:
            said["identity"] = snapshot.by_number[said["paragraph"]].identity
        else:
            faults.append(_no_paragraph(said["paragraph"], snapshot, place))
    return faults or Comment(**said)  # type: ignore[arg-type]


def _word_faults(said: dict[str, str], place: Place) -> Iterator[Fault]:
    if not ID.fullmatch(said["id"]):
        yield Fault(say("no_id", id=said["id"]), place, say("ids"))
    for name, known in (("type", COMMENT_TYPES), ("decision", DECISIONS), ("accepts", ANSWERS)):
        one = said[name]
        if one not in known and (one or name == "type"):
            yield Fault(say(f"no_{name}", **{name: one}), place, say("one_of", listed=", ".join(known)))
    for name in ("date", "decided"):
        day = iso_day(said[name])
        if day is None:
            yield Fault(say("no_day", day=said[name]), place)
        else:
            said[name] = day
    if not said["comment"] and not said["proposed_change"]:
        yield Fault(say("no_words"), place)
    for name in ("comment", "proposed_change", "response"):
        if len(said[name]) > LONGEST:
            yield Fault(say("too_long", most=str(LONGEST)), place)
    if said["duplicate_of"] and said["decision"] != "duplicate":
        yield Fault(say("not_duplicate", decision=said["decision"]), place)


def _no_paragraph(number: str, snapshot: Snapshot, place: Place) -> Fault:
    remedy = did_you_mean(number, snapshot.by_number) or say("which_paragraphs", edition=snapshot.edition)
    return Fault(say("no_paragraph", number=number, edition=snapshot.edition), place, remedy)


def _crosswise(found: Sequence[tuple[int, Comment]], path: Path) -> Iterator[Fault]:
    """What cannot be seen in one row: an id that stands twice, a duplicate of what is none."""
    first: dict[str, int] = {}
    for line, one in found:
        if one.id in first:
            yield Fault(say("id_twice", id=one.id, line=str(first[one.id])), Place(path, line), say("new_id"))
        first.setdefault(one.id, line)
    same = {one.id: one.duplicate_of for _, one in found}
    for line, one in found:
        if one.duplicate_of and (one.duplicate_of not in first or one.duplicate_of == one.id or same[one.duplicate_of]):
            yield Fault(say("no_duplicate", id=one.duplicate_of), Place(path, line), say("name_first"))


# --- deciding -------------------------------------------------------------------------------------------------------------


def decided(log: ReviewLog, name: str, **said: str) -> ReviewLog:
    """The log with a decision on one comment.

    Args:
        log: the log.
        name: the comment's id.
        said: decision, response, responsible, decided, duplicate_of, changed_text, accepts; what is left out stays.

    Raises:
        InputError: there is no such comment, or what is said cannot be.
    """
    known = {one.id: one for one in log.comments}
    if name not in known:
        raise InputError(Fault(say("no_comment", id=name), remedy=did_you_mean(name, known)))
    one = replace(known[name], **{key: clean(text) for key, text in said.items()})  # type: ignore[arg-type]
    if one.decision != "duplicate":
        one = replace(one, duplicate_of="")
    texts = {key: str(getattr(one, key)) for key in HEADER}
    faults = list(_word_faults(texts, Place()))
    target = known.get(one.duplicate_of)
    if one.duplicate_of and (target is None or target.id == name or target.duplicate_of):
        faults.append(Fault(say("no_duplicate", id=one.duplicate_of), remedy=say("name_first")))
    if one.decision == "duplicate" and any(other.duplicate_of == name for other in log.comments):
        faults.append(Fault(say("has_duplicates", id=name)))
    raise_all(faults)
    known[name] = replace(one, date=texts["date"], decided=texts["decided"])
    return ReviewLog(log.editions, ordered(known.values(), log.editions))


def shown(one: Comment, name: str) -> Words:
    """A field of a comment as people read it."""
    value = str(getattr(one, name))
    if value and name in ("type", "decision", "accepts"):
        return say(f"{name}_{value}")
    return Words.same(value)
