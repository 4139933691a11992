"""Recommendations: what the study recommends, on what it rests, what it would change, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from canbao.chapters.authored import filled
from canbao.chapters.document import Block, Bullets, Cell, Column, Row, Section, Table
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.chapters.options import effect_cells, effect_columns, effect_notes, effect_title
from canbao.chapters.reported import Reported
from canbao.errors import Fault, InputError, did_you_mean, raise_all
from canbao.evidence.recommendations.register import RecommendationEntry, Register
from canbao.languages import Catalogue, Number, Words, joined

say = Catalogue("canbao.chapters", "recommendations")


def chapter(findings: Findings, reported: Reported) -> Section | None:
    """The register, simulated effects and costs, and the follow-up; None where the study recommends nothing.

    Args:
        findings: the study.
        reported: what the chapters before have shown.

    Raises:
        InputError: a table that the report does not have, or a figure that cannot be worked out.
    """
    register = findings.evidence.register
    if not register.entries:
        return None
    rests = _findings(findings, register, reported)
    lead = say("lead", times=Number(len(register.entries)))
    parts: dict[str, list[Block]] = {
        "each": list(_each(register, rests)),
        "effects": _effects(findings, register, reported),
        "not_recommended": _not_recommended(findings, register),
        "follow_up": _follow_up(register),
    }
    sections = tuple(Section(key, say(f"title_{key}"), tuple(blocks)) for key, blocks in parts.items() if blocks)
    return Section("recommendations", say("title"), (paragraph(lead),), sections)


def _findings(findings: Findings, register: Register, reported: Reported) -> list[Words]:
    """What each recommendation rests on: its sentence, and the numbers of the tables."""
    made, faults = [], []
    # Before the simulation has run, nobody knows all tables.
    complete = findings.simulator is not None or not findings.settings.reforms
    for at, one in enumerate(register.entries):
        named: list[tuple[str, tuple[str | int, ...]]] = [
            (key, ("finding", "tables", number)) for number, key in enumerate(one.finding.tables)
        ]
        # Effects stand in tables of simulated results, which a study without reforms has none of.
        if findings.simulator is not None:
            named += [(key, ("effects", number)) for number, key in enumerate(one.effects)]
        for key, where in named:
            if key not in reported and complete:
                place = register.place(at, *where)
                remedy = did_you_mean(key, reported.tables) or say("which_tables")
                faults.append(Fault(say("no_table", key=key), place, remedy))
        try:
            text = _text(findings, one)
        except InputError as error:
            place = register.place(at, "finding", "text")
            faults += [Fault(fault.what, place, fault.remedy) for fault in error.faults]
            continue
        tables = joined(reported.number(key) for key in one.finding.tables if key in reported)
        made.append(say("finding", text=text, tables=tables) if text else tables)
    raise_all(faults)
    return made


def _text(findings: Findings, one: RecommendationEntry) -> Words | None:
    if one.finding.text is None:
        return None
    text = one.finding.text
    works = findings.literature.citations
    return Words(*(filled(text.words[language], findings.estimator, language, works) for language in ("en", "zh")))


def _each(register: Register, rests: Sequence[Words]) -> Iterator[Block]:
    """Each recommendation in words."""
    for one, finding in zip(register.entries, rests, strict=True):
        yield paragraph(say("numbered", number=one.number, recommendation=one.recommendation.words))
        told = [say("rests_on", finding=finding), say("addressed_to", addressee=one.addressee.words)]
        told += [say("to_be_changed", change=one.change.words)] if one.change else []
        yield Bullets(tuple(told))


def _effects(findings: Findings, register: Register, reported: Reported) -> list[Block]:
    """What the reforms behind the recommendations would change, as the chapter on options has it."""
    compared = {reform.name: reform for reform in findings.reforms}
    named = [one for one in register.entries if one.reform in compared]
    if findings.simulator is None or not named:
        return []
    elsewhere = [
        say(
            "effect_elsewhere",
            number=one.number,
            tables=joined((reported.named(key) for key in one.effects), en=" and ", zh="和"),
        )
        for one in register.entries
        if one.effects
    ]
    rows = tuple(Row((Cell(Words.same(one.number)), *effect_cells(findings, compared[one.reform or ""]))) for one in named)
    columns = (Column("number", say("number"), align="left"), *effect_columns())
    apart = [Words.same(one.number) for one in register.entries if one.reform and one.reform not in compared]
    notes = (*effect_notes(), *([say("not_compared", numbers=joined(apart))] if apart else []))
    table = Table("recommendation_effects", effect_title(findings), columns, rows, notes, findings.source)
    return [paragraph(say("effects_lead")), table, *bullets(*elsewhere)]


def _not_recommended(findings: Findings, register: Register) -> list[Block]:
    """Options that were compared and are not recommended, with the reason."""
    rows = tuple(
        Row((Cell(reform.title), Cell(register.not_recommended[reform.name].words)))
        for reform in findings.reforms
        if reform.name in register.not_recommended
    )
    if not rows:
        return []
    columns = (Column("option", say("option"), align="left"), Column("why_not", say("why_not"), align="left"))
    return [Table("options_not_recommended", say("not_recommended_table"), columns, rows)]


def _follow_up(register: Register) -> list[Block]:
    told = [one for one in register.entries if one.comments or one.decision or one.follow_up]
    if not told:
        return []
    columns = (
        Column("number", say("number"), align="left"),
        Column("comments", say("comments"), align="left"),
        Column("decision", say("decision"), align="left"),
        Column("state", say("state"), align="left"),
    )
    rows = []
    for one in told:
        rows.append(
            Row(
                (
                    Cell(Words.same(one.number)),
                    Cell(_comments(one)),
                    Cell(_decision(one)),
                    Cell(_state(one)),
                )
            )
        )
    return [Table("recommendation_follow_up", say("follow_up_table"), columns, tuple(rows), (say("blank_note"),))]


def _comments(one: RecommendationEntry) -> Words | None:
    if not one.comments:
        return None
    said = (say("comment", by=each.by.words, date=each.date.isoformat(), text=each.text.words) for each in one.comments)
    return joined(said, en="; ", zh="；")


def _decision(one: RecommendationEntry) -> Words | None:
    if one.decision is None:
        return None
    state = say(f"decision_{one.decision.state}")
    details = [one.decision.by.words] if one.decision.by else []
    details += [Words.same(one.decision.date.isoformat())] if one.decision.date else []
    told = say("with_details", state=state, details=joined(details, zh="，")) if details else state
    return say("because", told=told, reason=one.decision.reason.words) if one.decision.reason else told


def _state(one: RecommendationEntry) -> Words | None:
    if not one.follow_up:
        return None
    last = one.follow_up[-1]
    state = say("with_details", state=say(f"state_{last.state}"), details=last.date.isoformat())
    return say("because", told=state, reason=last.note.words) if last.note else state
