"""What people do with a draft, each in one transaction: comment, accept, withdraw, decide, show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile

from canbao.errors import Fault, InputError
from canbao.evidence.review.collation import READERS, Collation, collate
from canbao.evidence.review.comments import ReviewLog, decided, made_comment
from canbao.evidence.review.packed import LARGEST_FILE
from canbao.languages import Catalogue
from canbao.workbench.drafts.log import DECIDED, add, begin_edition, editions, log, take_in, today
from canbao.workbench.drafts.models import Comment, Deed
from canbao.workbench.drafts.states import Act
from canbao.workbench.project.writing import one_writer

say = Catalogue("canbao.workbench.drafts", "words")

MOST_FILES = 200
LONGEST_BY_FORM = 5000
"""Characters of a comment or a proposed change that comes by a form."""


def open_edition() -> str | None:
    """The edition that can be commented on: the last draft, until there is a final report."""
    known = ReviewLog(editions())
    final = any(one.kind == "final" for one in known.editions.values())
    return None if final or known.last_draft is None else known.last_draft.edition


def comment(edition: str, said: Mapping[str, str]) -> Comment:
    """Comment on a paragraph.

    Args:
        edition: that is open for comments.
        said: paragraph, commenter, body, type, comment, proposed_change.

    Raises:
        InputError: the edition is not open; there is no such paragraph; nothing is said, or too much.
    """
    if edition != open_edition():
        raise InputError(Fault(say("not_open")))
    words = {name: said.get(name, "") for name in ("comment", "proposed_change")}
    if any(len(one) > LONGEST_BY_FORM for one in words.values()):
        raise InputError(Fault(say("too_long", most=str(LONGEST_BY_FORM))))
    paragraph, commenter, body, kind = (said.get(name, "") for name in ("paragraph", "commenter", "body", "type"))
    made = made_comment(editions()[edition], paragraph, commenter, body, today(), kind, *words.values())
    new = add([made])
    if not new:
        # The same again, by a second press or a reload: no second receipt, nor the first one's to whoever repeats it.
        raise InputError(Fault(say("said_before")))
    return new[0]


def answer(one: Comment, *, accepts: bool) -> None:
    """Accept a decision, or not.

    Raises:
        InputError: it is not decided yet.
    """
    if not one.decision:
        raise InputError(Fault(say("not_decided")))
    Comment.objects.filter(pk=one.pk).update(accepts="yes" if accepts else "no")


def withdraw(one: Comment) -> None:
    """Take a comment back while it is undecided.

    Raises:
        InputError: it is decided.
    """
    with one_writer():
        current = Comment.objects.select_for_update().get(pk=one.pk)
        if current.decision:
            raise InputError(Fault(say("is_decided")))
        current.decision, current.decided = "withdrawn", today()
        current.response = " / ".join(dict.fromkeys((say("withdrawn").en, say("withdrawn").zh)))
        current.save()


def decide(one: Comment, user: User, said: Mapping[str, str]) -> None:
    """Decide on a comment.

    Args:
        one: the comment.
        user: who decides.
        said: decision, response, responsible, duplicate_of, changed_text.

    Raises:
        InputError: there is no decision or no reason, or the duplicate is none.
    """
    told = {name: said.get(name, "") for name in ("decision", "response", "responsible", "duplicate_of", "changed_text")}
    faults = [Fault(say(f"{name}_needed")) for name in ("decision", "response") if not told[name].strip()]
    if faults:
        raise InputError(faults)
    told["responsible"] = told["responsible"].strip() or user.get_username()
    with one_writer():
        after = decided(_around(one, told["duplicate_of"]), one.name, **told, decided=today(), accepts="")
        row = next(each for each in after.comments if each.id == one.name)
        before = one.decision
        for name in DECIDED:
            setattr(one, name, getattr(row, name))
        one.is_shown = one.is_shown or not one.withheld
        one.save()
        Deed.objects.create(user=user, act=Act.DECIDE, comment=one.name, detail=f"{before or '-'}>{row.decision}"[:300])


def show(names: Sequence[str], user: User) -> int:
    """Show comments to all."""
    with one_writer():
        times = Comment.objects.filter(name__in=names).update(is_shown=True, withheld="")
        Deed.objects.create(user=user, act=Act.SHOW, detail=f"{times} shown")
    return times


def withhold(one: Comment, user: User, reason: str) -> None:
    """Keep a comment from the public list; it is answered, logged and printed all the same.

    Raises:
        InputError: no reason is given.
    """
    if not reason.strip():
        raise InputError(Fault(say("reason_needed")))
    with one_writer():
        Comment.objects.filter(pk=one.pk).update(is_shown=False, withheld=reason.strip()[:300])
        Deed.objects.create(user=user, act=Act.SHOW, comment=one.name, detail=f"withheld: {reason.strip()}"[:300])


def upload(files: Sequence[UploadedFile[Any]], user: User, said: Mapping[str, str]) -> tuple[int, Collation]:
    """Collect the comments of Word files and templates.

    Args:
        files: as they were sent.
        user: who sends them.
        said: edition, commenter and body, where files do not say.

    Returns:
        how many comments are new; and what was found.

    Raises:
        InputError: no files, or too many.
    """
    if not 0 < len(files) <= MOST_FILES:
        raise InputError(Fault(say("how_many_files", most=str(MOST_FILES))))
    with TemporaryDirectory() as name:
        paths: dict[Path, str] = {}
        for at, file in enumerate(files):
            suffix = Path(file.name or "").suffix.lower()
            path = Path(name) / f"{at:04d}{suffix if suffix in READERS else '.unknown'}"
            # What is too large is cut off and refused when it is read.
            with path.open("wb") as stream:
                for chunk in file.chunks():
                    if stream.tell() <= LARGEST_FILE:
                        stream.write(chunk)
            paths[path] = Path(file.name or "?").name[:100]
        found = collate(
            list(paths), editions(), edition=said.get("edition") or None, commenter=said.get("commenter", ""),
            body=said.get("body", ""), names=paths,
        )  # fmt: skip
    new = add(found.comments, shown=True)
    Deed.objects.create(user=user, act=Act.UPLOAD, detail=", ".join(paths.values())[:300])
    return len(new), found


def take_edition(kind: str, user: User) -> None:
    """Begin to take an edition for comments, or the final report.

    Raises:
        InputError: for a final report, every comment that lacks a decision.
    """
    take_in()
    if kind == "final":
        log().refuse_undecided()
    Deed.objects.create(user=user, act=Act.FINALISE if kind == "final" else Act.TAKE, detail=kind)
    begin_edition(kind)


def _around(one: Comment, duplicate_of: str) -> ReviewLog:
    """A log with what bears on a decision: the comment, what it repeats, and what repeats it."""
    rows = Comment.objects.filter(name__in=[one.name, duplicate_of]) | Comment.objects.filter(duplicate_of=one.name)
    return ReviewLog(editions(), tuple(row.logged for row in rows))
