"""Comments from many files put together; a file that is broken is named and does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from canbao.errors import Fault, InputError, Place
from canbao.evidence.review.comments import Comment, made_comment
from canbao.evidence.review.snapshot import Snapshot, latest, say
from canbao.evidence.review.word import read_word
from canbao.evidence.review.workbook import read_template


@dataclass(frozen=True)
class Collation:
    """What was found in some files.

    Args:
        comments: from all that could be read.
        faults: what could not, file by file and row by row.
    """

    comments: tuple[Comment, ...]
    faults: tuple[Fault, ...]


def collate(
    files: Sequence[Path],
    editions: Mapping[str, Snapshot],
    *,
    edition: str | None = None,
    commenter: str = "",
    body: str = "",
    names: Mapping[Path, str] | None = None,
) -> Collation:
    """Read the comments of Word files and filled-in templates.

    Args:
        files: in any order.
        editions: that were taken.
        edition: on which the comments are, where a file does not say.
        commenter: for comments that name nobody.
        body: likewise.
        names: what files are called, where that is not their own name.
    """
    found: dict[str, Comment] = {}
    faults: list[Fault] = []
    for path in sorted(files, key=lambda path: (path.name, str(path))):
        called = (names or {}).get(path, path.name)
        for one in _read(path, editions, edition, commenter, body, called):
            if isinstance(one, Fault):
                faults.append(replace(one, place=replace(one.place, file=called)))
            else:
                found.setdefault(one.id, one)
    return Collation(tuple(found[name] for name in sorted(found)), tuple(faults))


def _read(
    path: Path, editions: Mapping[str, Snapshot], edition: str | None, commenter: str, body: str, called: str
) -> Iterator[Comment | Fault]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        yield Fault(say("unknown_kind", kind=path.suffix or "?", known=", ".join(READERS)), Place(path))
        return
    try:
        yield from reader(path, editions, edition, commenter, body, called)
    except InputError as error:
        yield from error.faults


def _from_word(
    path: Path, editions: Mapping[str, Snapshot], edition: str | None, commenter: str, body: str, called: str
) -> Iterator[Comment | Fault]:
    of, told = read_word(path)
    snapshot = _edition(of, edition, editions)
    for at, one in enumerate(told, start=1):
        try:
            yield made_comment(
                snapshot, one.paragraph, one.author or commenter, body, one.day, one.type, one.comment, one.proposed,
                one.quote, called,
            )  # fmt: skip
        except InputError as error:
            yield from (replace(fault, place=Place(path, row=at)) for fault in error.faults)


def _from_template(
    path: Path, editions: Mapping[str, Snapshot], edition: str | None, commenter: str, body: str, called: str
) -> Iterator[Comment | Fault]:
    fields, told = read_template(path)
    snapshot = _edition(fields.get("edition", ""), edition, editions)
    who, whose = fields.get("commenter", "") or commenter, fields.get("body", "") or body
    for one in told:
        try:
            yield made_comment(
                snapshot, one.paragraph, who, whose, fields.get("date", ""), one.type, one.comment, one.proposed,
                source=called,
            )  # fmt: skip
        except InputError as error:
            yield from (replace(fault, place=Place(path, row=one.row)) for fault in error.faults)


READERS: Mapping[str, Callable[..., Iterator[Comment | Fault]]] = {".docx": _from_word, ".xlsx": _from_template}


def _edition(of: str, asked: str | None, editions: Mapping[str, Snapshot]) -> Snapshot:
    """The edition that a file names, else the one that was asked for, else the only one that there is."""
    wanted = of if of in editions else asked
    if wanted is not None and wanted in editions:
        return editions[wanted]
    last = latest(editions, "interim", "draft")
    if wanted is None and last is not None and len(editions) == 1:
        return last
    raise InputError(Fault(say("which_edition"), remedy=say("say_edition", known=", ".join(editions) or "–")))
