"""The annexes of a final report: the comments on the draft with their decisions, and what has changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from canbao.chapters.document import Block, Bullets, Cell, Column, Paragraph, Row, Section, Table
from canbao.evidence.review.changes import Change, Comparison
from canbao.evidence.review.comments import DECISIONS, Comment, ReviewLog, shown
from canbao.evidence.review.snapshot import NumberedParagraph, edition_named
from canbao.languages import LANGUAGES, Catalogue, Language, Number, Words, joined

say = Catalogue("canbao.chapters", "review")

CONTEXT = 40
"""Characters shown around what has changed in a paragraph."""

LONGEST = 500
MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>&#!~|{}@"})


def annex(log: ReviewLog, comparisons: Mapping[str, Comparison]) -> Section:
    """Comments and decisions, and the changes since the last draft.

    Args:
        log: all comments.
        comparisons: of each edition that was commented on, and of the last draft, with the final report.
    """
    draft = log.last_draft
    sections = [comments_section(log, comparisons)]
    if draft is not None:
        sections.append(_changes(comparisons[draft.edition]))
    return Section("review", say("title"), (), tuple(sections), numbered=False)


def comments_section(log: ReviewLog, comparisons: Mapping[str, Comparison]) -> Section:
    """The disposition log as a table; arguments as for `annex`, whose comparisons may be missing."""
    blocks: list[Block] = [Paragraph(_lead(log))]
    if log.comments:
        blocks.append(_log(log, comparisons))
    return Section("comments", say("comments"), tuple(blocks), numbered=False)


def literal(text: str) -> str:
    """Text of somebody else as it stands: what looks like a mark is none."""
    return " ".join(text.split()).translate(MARKS)


def _lead(log: ReviewLog) -> Words:
    if not log.comments:
        return say("no_comments")
    times = Counter(one.decision for one in log.comments)
    told = [
        say("times", decision=say(f"decision_{one}"), times=Number(each))
        for one, each in sorted(times.items(), key=lambda item: (*DECISIONS, "").index(item[0]))
    ]
    bodies = len({one.body or one.commenter for one in log.comments})
    return say("lead", times=Number(len(log.comments)), bodies=Number(bodies), told=joined(told))


def _log(log: ReviewLog, comparisons: Mapping[str, Comparison]) -> Table:
    names = ("id", "who", "paragraph", "type", "comment", "decision", "response", "now", "accepts")
    columns = tuple(Column(name, say(f"column_{name}"), align="left") for name in names)
    rows = tuple(Row(tuple(_cells(one, comparisons.get(one.edition)))) for one in log.comments)
    notes = (say("comments_note"),) if comparisons else ()
    return Table("comments", say("comments_table"), columns, rows, notes)


def _cells(one: Comment, comparison: Comparison | None) -> list[Cell]:
    who = literal(", ".join(filter(None, (one.commenter, one.body))))
    place = say("place", edition=edition_named(one.edition), paragraph=one.paragraph or say("whole"))
    comment = Words.same(literal(one.comment))
    if one.proposed_change:
        comment = say("proposed", comment=comment, proposed=literal(one.proposed_change))
    told = [Words.same(literal(one.response))] if one.response else []
    told += [say("same_as", id=one.duplicate_of)] if one.duplicate_of else []
    told += [say("by", name=literal(one.responsible), day=one.decided)] if one.responsible or one.decided else []
    return [
        Cell(Words.same(one.id)),
        Cell(Words.same(who) if who else None),
        Cell(place),
        Cell(say(f"type_{one.type}")),
        Cell(comment),
        Cell(say(f"decision_{one.decision}")),
        Cell(joined(told, en=" ", zh="") if told else None),
        Cell(_now(one, comparison)),
        Cell(shown(one, "accepts") if one.accepts else None),
    ]


def _now(one: Comment, comparison: Comparison | None) -> Words | None:
    """Where the text is now: as the log says, else as it was found."""
    if one.changed_text:
        return Words.same(literal(one.changed_text))
    if comparison is None or not one.paragraph:
        return None
    state, paragraph = comparison.whereabouts(one.paragraph)
    return say(f"now_{state}", number=paragraph.number if paragraph else "")


# --- changes --------------------------------------------------------------------------------------------------------------


def _changes(comparison: Comparison) -> Section:
    changes = comparison.changes
    edition = edition_named(comparison.before.edition)
    if not changes:
        return Section("changes", say("changes"), (Paragraph(say("no_changes", edition=edition)),), numbered=False)
    times = Counter(one.kind for one in changes)
    told = tuple(
        say(f"changes_{kind}", times=Number(times[kind])) for kind in ("added", "changed", "removed") if times[kind]
    )
    columns = tuple(
        Column(name, say(f"column_{name}"), align="left")
        for name in ("change", "number_before", "number_now", "before", "after")
    )
    rows = tuple(Row(tuple(_change_cells(one))) for one in changes)
    table = Table("changes", say("changes_table", edition=edition), columns, rows, (say("changes_note"),))
    lead = Paragraph(say("changes_lead", edition=edition))
    return Section("changes", say("changes"), (lead, Bullets(told), table), numbered=False)


def _change_cells(change: Change) -> list[Cell]:
    before, after = change.before, change.after
    texts = {language: _texts(before, after, language) for language in LANGUAGES}
    sides = [Words(*(texts[language][side] for language in LANGUAGES)) for side in (0, 1)]
    return [
        Cell(say(f"change_{change.kind}")),
        Cell(Words.same(before.number) if before else None),
        Cell(Words.same(after.number) if after else None),
        *(Cell(side if side.en or side.zh else None) for side in sides),
    ]


def _texts(before: NumberedParagraph | None, after: NumberedParagraph | None, language: Language) -> tuple[str, str]:
    """What stood there and what stands there, cut to where they differ; of tables how many rows are others."""
    one, other = (paragraph.words[language] if paragraph else "" for paragraph in (before, after))
    kind = (after or before).kind  # type: ignore[union-attr]
    if kind in ("table", "figure", "references"):
        return _rows(one, other, language)
    if before is None or after is None:
        return tuple(literal(_cut(text)) for text in (one, other))  # type: ignore[return-value]
    if one == other:
        unchanged = say("same_here")[language]
        return unchanged, unchanged
    begin = _in_common(one, other)
    end = _in_common(one[begin:][::-1], other[begin:][::-1])
    return literal(_around(one, begin, end)), literal(_around(other, begin, end))


def _rows(one: str, other: str, language: Language) -> tuple[str, str]:
    sides = []
    before, after = one.split("\n"), other.split("\n")
    for mine, theirs in ((before, after), (after, before)):
        if mine == [""]:
            sides.append("")
            continue
        others = len(list((Counter(mine[1:]) - Counter(theirs[1:])).elements()))
        told = say("rows", title=literal(_cut(mine[0])), times=Number(others))
        sides.append(told[language] if theirs != [""] and others else literal(_cut(mine[0])))
    return sides[0], sides[1]


def _in_common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _around(text: str, begin: int, end: int) -> str:
    start, stop = max(begin - CONTEXT, 0), min(len(text) - end + CONTEXT, len(text))
    return _cut(("…" if start else "") + text[start:stop] + ("…" if stop < len(text) else ""))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
