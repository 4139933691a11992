"""The log of a study's comments on the server: what was said here, and what the study's own review folder holds.

The server keeps comments in its database and editions that it takes in its data folder; the study folder is only read.
"""

from __future__ import annotations

import datetime
import io
import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

from canbao.evidence.review.changes import Comparison, compare
from canbao.evidence.review.comments import FILE, ReviewLog, comments_csv, ordered, read_log, write_comments
from canbao.evidence.review.comments import Comment as LoggedComment
from canbao.evidence.review.snapshot import FILE as PARAGRAPHS
from canbao.evidence.review.snapshot import FOLDER, Snapshot, edition_order, read_snapshot
from canbao.evidence.review.translation import FILE as VERDICTS
from canbao.languages import Language
from canbao.workbench.background import State, begin, current_state
from canbao.workbench.drafts.models import FIELDS, Comment
from canbao.workbench.drafts.texts import gather_texts, own_texts, server_review, study_review
from canbao.workbench.project.place import data_folder, study_folder
from canbao.workbench.project.writing import one_writer

DECIDED = ("decision", "response", "responsible", "decided", "duplicate_of", "changed_text", "accepts")


def edition_folders() -> dict[str, Path]:
    """Where each edition lies, in order; of two with one name, the server's own."""
    found = {
        path.parent.name: path.parent
        for review in (study_review(), server_review())
        for path in (review / FOLDER).glob(f"*-*/{PARAGRAPHS}")
        if edition_order(path.parent.name)[1]
    }
    return {name: found[name] for name in sorted(found, key=edition_order)}


def editions() -> dict[str, Snapshot]:
    """All editions, each read once."""
    return {name: _snapshot(folder, (folder / PARAGRAPHS).stat().st_mtime_ns) for name, folder in edition_folders().items()}


@lru_cache(maxsize=16)
def _snapshot(folder: Path, _changed: int) -> Snapshot:
    return read_snapshot(folder)


def fragments(edition: str, language: Language) -> Mapping[str, str]:
    """An edition's paragraphs as they stand in its web page, by number."""
    path = edition_folders()[edition] / f"fragments.{language}.json"
    return _fragments(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _fragments(path: Path, _changed: int) -> Mapping[str, str]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def comparison(before: str, after: str) -> Comparison:
    """Two editions, compared once."""
    found = edition_folders()
    return _comparison(*((found[one], (found[one] / PARAGRAPHS).stat().st_mtime_ns) for one in (before, after)))


@lru_cache(maxsize=8)
def _comparison(before: tuple[Path, int], after: tuple[Path, int]) -> Comparison:
    return compare(_snapshot(*before), _snapshot(*after))


def log() -> ReviewLog:
    """Editions and comments as the server has them."""
    known = editions()
    return ReviewLog(known, ordered((one.logged for one in Comment.objects.all() if one.edition in known), known))


# --- comments in ----------------------------------------------------------------------------------------------------------


def add(comments: Iterable[LoggedComment], *, shown: bool = False) -> list[Comment]:
    """Keep comments that are new; those that are known stay as they are.

    Returns:
        the new ones.
    """
    known = editions()
    with one_writer():
        wanted = {one.id: one for one in comments}
        there = set(Comment.objects.filter(name__in=list(wanted)).values_list("name", flat=True)) if wanted else set()
        rows = [_row(one, known, shown=shown) for name, one in wanted.items() if name not in there]
        Comment.objects.bulk_create(rows, batch_size=500)
    return rows


def take_in() -> int:
    """Take in the comments of the study's own log that the server does not have.

    A decision made there counts where none was made here.

    Returns:
        how many comments are new.

    Raises:
        InputError: what is wrong in the study's comments.csv.
    """
    path = study_review() / FILE
    if not path.is_file():
        return 0
    said = read_log(study_review(), server_review()).comments
    new = add(said, shown=True)
    undecided = {one.name: one for one in Comment.objects.filter(decision="")}
    with one_writer():
        for one in said:
            if one.decision and one.id in undecided:
                row = undecided[one.id]
                for name in DECIDED:
                    setattr(row, name, getattr(one, name))
                row.is_shown = True
                row.save()
    return len(new)


def _row(one: LoggedComment, known: Mapping[str, Snapshot], *, shown: bool) -> Comment:
    said = {FIELDS.get(each.name, each.name): getattr(one, each.name) for each in fields(one)}
    position = known[one.edition].order[one.paragraph] if one.paragraph else -1
    return Comment(**said, position=position, is_shown=shown or bool(one.decision))


# --- editions out ---------------------------------------------------------------------------------------------------------


def work_folder() -> Path:
    """Where an edition in the making tells how far it is."""
    return data_folder() / "drafts" / "work"


def work_state() -> State:
    """How far it is."""
    return current_state(work_folder())


def begin_edition(kind: str) -> None:
    """Take an edition in a process of its own, unless one is being taken."""
    if work_state().name == "working":
        return
    review, texts = server_review(), work_folder() / "text"
    review.mkdir(parents=True, exist_ok=True)
    write_comments(review, log())
    shutil.rmtree(texts, ignore_errors=True)
    texts.mkdir(parents=True)
    arguments = (study_folder(), review, gather_texts(texts), kind)
    begin(work_folder(), "canbao.workbench.drafts.making", *map(str, arguments))


def review_zip() -> bytes:
    """What is to be put into the study: the log, the editions that were taken and the texts that were written here."""
    packed = io.BytesIO()
    stamp = (1980, 1, 1, 0, 0, 0)
    files = {f"review/{FILE}": ("\ufeff" + comments_csv(log().comments)).encode()}
    for name, folder in edition_folders().items():
        if folder.is_relative_to(server_review()):
            for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                files[f"review/{FOLDER}/{name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    files |= {f"text/{path.relative_to(own_texts()).as_posix()}": path.read_bytes() for path in own_texts().glob("*/*.md")}
    verdicts = server_review() / VERDICTS
    if verdicts.is_file():
        files[f"review/{VERDICTS}"] = verdicts.read_bytes()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return packed.getvalue()


def today() -> str:
    """The day, as the log has it."""
    return datetime.date.today().isoformat()
