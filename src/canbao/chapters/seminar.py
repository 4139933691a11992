"""The seminar: who came, what was asked and answered, what people voted for, and what was said of the recommendations.

The same parts make the annex of a report and the proceedings that the workbench prints. What guests wrote stands as they
wrote it, in the edition's language where it was translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from canbao.chapters.document import Block, Bullets, Cell, Column, KeyFigure, KeyFigures, Row, Section, Table
from canbao.chapters.findings import Findings, paragraph
from canbao.chapters.reported import Reported
from canbao.evidence.recommendations.register import RecommendationEntry, Register
from canbao.evidence.seminar import ItemRecord, PollRecord, QuestionRecord, RemarkRecord, SeminarRecord
from canbao.languages import Catalogue, Language, Number, Words, joined

say = Catalogue("canbao.chapters", "seminar")


def chapter(findings: Findings, _reported: Reported) -> Section | None:
    """An annex; None where the study keeps no record of a seminar."""
    if findings.seminar is None:
        return None
    return Section("seminar", say("title"), (), sections(findings.seminar, findings.evidence.register), numbered=False)


def sections(record: SeminarRecord, register: Register) -> tuple[Section, ...]:
    """The parts of a seminar's record that have something in them.

    Args:
        record: of the seminar.
        register: of the study's recommendations; an empty one where nothing is recommended.
    """
    parts: dict[str, Sequence[Block]] = {
        "attendance": list(_attendance(record)),
        "agenda": [_agenda(record)] if record.agenda else [],
        "minutes": _remarks(record, "minute"),
        "remarks": _remarks(record, "remark"),
        "questions": list(_questions(record)),
        "polls": [paragraph(say("indicative"))] * (record.indicative and bool(record.polls)) + list(_polls(record)),
        "support": _support(record, register),
        "participants": _participants(record),
    }
    return tuple(
        Section(f"seminar_{key}", say(f"title_{key}"), tuple(blocks), numbered=False)
        for key, blocks in parts.items()
        if blocks
    )


def plain(text: str) -> str:
    """What somebody wrote, with nothing in it taken for a mark of the report's own."""
    return re.sub(r"([\\`*_\[\]<>&~$^])", r"\\\1", " ".join(text.split()))


def in_both(text: str, language: Language | None, other: str) -> Words:
    """A text and its translation; the text itself where there is none."""
    here, there = plain(text), plain(other) or plain(text)
    return Words(here, there) if language == "en" else Words(there, here)


# --- who came -------------------------------------------------------------------------------------------------------------


def present(record: SeminarRecord) -> int | None:
    """How many were counted in all rooms together; None where nobody counted."""
    counted = record.attendance.headcounts
    whole = [one.people for one in counted if one.room is None]
    return whole[0] if whole else sum(one.people for one in counted) if counted else None


def _attendance(record: SeminarRecord) -> Iterator[Block]:
    place = record.place.words if record.place else None
    day = Words.day(record.date) if record.date else None
    held = joined([one for one in (record.title.words, day, place) if one is not None], zh="，")
    yield paragraph(say("held", held=held))
    heads = present(record)
    figures = [KeyFigure(Number(heads), say("present"))] if heads is not None else []
    figures += [
        KeyFigure(Number(record.attendance.phones), say("phones")),
        KeyFigure(Number(len(record.questions)), say("questions_shown")),
        KeyFigure(Number(sum(bool(one.answer) for one in record.questions)), say("answered_in_writing")),
    ]
    yield KeyFigures(tuple(figures))
    rooms = [one for one in record.attendance.headcounts if one.room is not None]
    if rooms:
        columns = (Column("room", say("room"), align="left"), Column("people", say("people")))
        rows = tuple(Row((Cell(_room(record, one.room)), Cell(Number(one.people)))) for one in rooms)
        yield Table("seminar_rooms", say("rooms_table"), columns, rows)


def _participants(record: SeminarRecord) -> list[Block]:
    signed = record.attendance.participants
    if not signed:
        return []
    columns = (Column("name", say("name"), align="left"), Column("body", say("body"), align="left"))
    rows = tuple(
        Row((Cell(Words.same(plain(one.name))), Cell(Words.same(plain(one.body)) if one.body else None))) for one in signed
    )
    return [Table("seminar_participants", say("participants_table"), columns, rows, (say("participants_note"),))]


# --- what was said --------------------------------------------------------------------------------------------------------


def _agenda(record: SeminarRecord) -> Table:
    columns = tuple(Column(key, say(key), align="left") for key in ("time", "room", "item", "speakers", "topic"))
    rows = tuple(
        Row(
            (
                Cell(_hours(one)),
                Cell(_room(record, one.room)),
                Cell(_escaped(one.title.words)),
                Cell(joined([_escaped(speaker.words) for speaker in one.speakers]) if one.speakers else None),
                Cell(_escaped(one.topic.words) if one.topic else None),
            )
        )
        for one in record.agenda
    )
    return Table("seminar_agenda", say("agenda_table"), columns, rows)


def _hours(item: ItemRecord) -> Words | None:
    hours = [one.strftime("%H:%M") for one in (item.begins, item.ends) if one is not None]
    return Words.same("–".join(hours)) if hours else None


def _room(record: SeminarRecord, number: int | None) -> Words | None:
    return None if number is None else _escaped(record.rooms[number - 1].words)


def _escaped(words: Words) -> Words:
    return Words(plain(words.en), plain(words.zh))


def _remarks(record: SeminarRecord, kind: str) -> list[Block]:
    said = [one for one in record.remarks if one.kind == kind]
    if not said:
        return []
    columns = [Column("number", say("number"), align="left"), Column("item", say("item"), align="left")]
    columns += [Column("speaker", say("speaker"), align="left")] * (kind == "remark")
    columns += [Column("text", say(f"text_{kind}"), align="left"), Column("refers_to", say("refers_to"), align="left")]
    rows = []
    for one in said:
        cells = [Cell(Words.same(str(one.number))), Cell(_item(record, one.item))]
        cells += [Cell(_speaker(one))] * (kind == "remark")
        cells += [Cell(in_both(one.text, one.language, one.other)), Cell(_references(one))]
        rows.append(Row(tuple(cells)))
    return [Table(f"seminar_{kind}s", say(f"{kind}s_table"), tuple(columns), tuple(rows), _translated(said))]


def _item(record: SeminarRecord, number: int | None) -> Words | None:
    return None if number is None else _escaped(record.agenda[number - 1].title.words)


def _speaker(one: RemarkRecord) -> Words | None:
    parts = [Words.same(plain(part)) for part in (one.speaker, one.body) if part]
    return joined(parts, zh="，") if parts else None


def _references(one: RemarkRecord) -> Words | None:
    parts = [say("of_paragraph", number=number) for number in one.paragraphs]
    parts += [say("of_recommendation", number=plain(number)) for number in one.recommendations]
    return joined(parts) if parts else None


def _translated(said: Sequence[RemarkRecord] | Sequence[QuestionRecord]) -> tuple[Words, ...]:
    """A note where something stands in one language only."""
    return () if all(one.other for one in said) else (say("as_said"),)


# --- what was asked -------------------------------------------------------------------------------------------------------


def _questions(record: SeminarRecord) -> Iterator[Block]:
    if record.questions:
        columns = (
            Column("number", say("number"), align="left"),
            Column("question", say("question"), align="left"),
            Column("votes", say("votes")),
            Column("state", say("state"), align="left"),
            Column("answer", say("answer"), align="left"),
        )
        ranked = sorted(record.questions, key=lambda one: (-one.votes, one.number))
        rows = tuple(
            Row(
                (
                    Cell(Words.same(str(one.number))),
                    Cell(in_both(one.text, one.language, one.other)),
                    Cell(Number(one.votes)),
                    Cell(say(_stands(one))),
                    Cell(_answer(one)),
                )
            )
            for one in ranked
        )
        yield Table("seminar_questions", say("questions_table"), columns, rows, _translated(record.questions))
    if apart := list(_not_shown(record)):
        yield paragraph(say("not_shown"))
        yield Bullets(tuple(apart))


def _stands(one: QuestionRecord) -> str:
    if one.answer:
        return "answered_after" if one.answered_after else "answered_then"
    return "answered_aloud" if one.state in ("answered", "answering") else "not_answered"


def _answer(one: QuestionRecord) -> Words | None:
    if not one.answer:
        return None
    answer = in_both(one.answer, one.answer_language, one.answer_other)
    by = Words.same(plain(one.answered_by))
    return say("answer_by", answer=answer, by=by) if one.answered_by else answer


def _not_shown(record: SeminarRecord) -> Iterator[Words]:
    for reason, times in sorted(record.rejected.items()):
        yield say("rejected", reason=say(f"reason_{reason}"), times=Number(times))
    if record.merged:
        yield say("merged", times=Number(record.merged))
    if record.withdrawn:
        yield say("withdrawn", times=Number(record.withdrawn))


# --- what people voted for ------------------------------------------------------------------------------------------------


def _polls(record: SeminarRecord) -> Iterator[Block]:
    columns = (
        Column("choice", say("choice"), align="left"),
        Column("ballots", say("ballots")),
        Column("share", say("share")),
    )
    for number, poll in enumerate(record.polls, start=1):
        cast = sum(one.ballots for one in poll.choices)
        rows = [
            Row((Cell(_escaped(one.words)), Cell(Number(one.ballots)), Cell(share_of(one.ballots, cast))))
            for one in poll.choices
        ]
        rows.append(Row((Cell(say("all_ballots")), Cell(Number(cast)), Cell(None)), "total"))
        yield Table(f"seminar_poll_{number}", _escaped(poll.text.words), columns, tuple(rows))


def share_of(part: int, whole: int) -> Number:
    """A share; unknown of nothing."""
    return Number(part / whole if whole else None, "percent")


@dataclass(frozen=True, slots=True)
class Support:
    """What a recommendation met with.

    Args:
        ballots: cast for the reform that it names, in the poll where most were; None where no poll offered it.
        cast: in that poll.
        remarks: that speak of it.
    """

    entry: RecommendationEntry
    ballots: int | None
    cast: int
    remarks: int


def supported(record: SeminarRecord, register: Register) -> list[Support]:
    """The recommendations that were voted on or spoken of, those with the largest share of ballots first."""
    found = []
    for entry in register.entries:
        offered = [
            (poll, one.ballots)
            for poll in record.polls
            for one in poll.choices
            if one.reform and one.reform == entry.reform
        ]
        best: tuple[PollRecord, int] | None = max(offered, key=lambda one: one[1], default=None)
        named = entry.number.casefold()
        remarks = sum(named in (number.casefold() for number in one.recommendations) for one in record.remarks)
        cast = sum(one.ballots for one in best[0].choices) if best else 0
        if best is not None or remarks:
            found.append(Support(entry, best[1] if best else None, cast, remarks))
    return sorted(found, key=lambda one: (-((one.ballots or 0) / one.cast if one.cast else 0), -one.remarks))


def _support(record: SeminarRecord, register: Register) -> list[Block]:
    found = supported(record, register)
    if not found:
        return []
    columns = (
        Column("number", say("number"), align="left"),
        Column("recommendation", say("recommendation"), align="left"),
        Column("ballots", say("ballots")),
        Column("share", say("share")),
        Column("remarks", say("remarks")),
    )
    rows = tuple(
        Row(
            (
                Cell(Words.same(one.entry.number)),
                Cell(one.entry.recommendation.words),
                Cell(None if one.ballots is None else Number(one.ballots)),
                Cell(None if one.ballots is None else share_of(one.ballots, one.cast)),
                Cell(Number(one.remarks)),
            )
        )
        for one in found
    )
    return [Table("seminar_support", say("support_table"), columns, rows, (say("support_note"),))]
