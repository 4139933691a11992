"""Takes an edition: a report as it is now, its paragraphs numbered, kept in the review folder for those who comment."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from canbao.chapters.document import Document
from canbao.chapters.review import annex
from canbao.evidence.review.changes import compare
from canbao.evidence.review.comments import ReviewLog
from canbao.evidence.review.snapshot import (
    FILE,
    FOLDER,
    EditionKind,
    Snapshot,
    edition_notice,
    next_edition,
    written,
)
from canbao.evidence.review.workbook import write_template
from canbao.languages import LANGUAGES, Catalogue, Language, Words
from canbao.outputs import whole_folder
from canbao.report.numbering import fragments, numbered_paragraphs, printed_for_numbering, snapshot_of
from canbao.report.press import Format, write

say = Catalogue("canbao.report", "words")


def write_edition(
    document: Document,
    kind: EditionKind,
    review: Path,
    log: ReviewLog,
    languages: Sequence[Language],
    formats: Sequence[Format],
    finish: Callable[[Path], None],
    progress: Callable[[Words], None],
) -> Path:
    """Write an edition into the review folder.

    Args:
        document: the report.
        kind: interim, draft or final; a final one gets its annexes.
        review: the review folder.
        log: editions and comments so far.
        languages: of the report.
        formats: of each language.
        finish: called with the folder when all is written, for the manifest.
        progress: told of each step before it is taken.

    Returns:
        the edition's folder.
    """
    progress(say("numbering"))
    if kind == "final":
        document = with_annexes(document, log)
    editions = printed_for_numbering(document)
    name = next_edition(log.editions, kind, numbered_paragraphs(editions))
    snapshot = snapshot_of(document, editions, name)
    folder = review / FOLDER / name
    with whole_folder(folder) as scratch:
        write(replace(document, label=name, edition=edition_notice(name)), scratch, languages, formats, progress)
        (scratch / FILE).write_text(written(snapshot), encoding="utf-8")
        for language in LANGUAGES:
            if kind != "final":
                write_template(snapshot, scratch / f"comments.{language}.xlsx", language)
            shown = json.dumps(fragments(editions[language]), ensure_ascii=False, indent=0)
            (scratch / f"fragments.{language}.json").write_text(shown, encoding="utf-8")
        finish(scratch)
    return folder


def with_annexes(document: Document, log: ReviewLog) -> Document:
    """A report with the comments on it and the changes since its last draft at its end.

    Raises:
        InputError: a comment has no decision.
    """
    log.refuse_undecided()
    now = Snapshot("final-1", document.date, document.title, numbered_paragraphs(printed_for_numbering(document)))
    wanted = {one.edition for one in log.comments} | ({log.last_draft.edition} if log.last_draft else set())
    comparisons = {name: compare(log.editions[name], now) for name in sorted(wanted)}
    return replace(document, chapters=(*document.chapters, annex(log, comparisons)))
