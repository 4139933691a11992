"""Recommendations: what the study recommends, on what it rests, what it would change, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from canbao.chapters.authored import filled
from canbao.chapters.document import Block, Bullets, Cell, Column, Notice, Row, Section, Table
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.chapters.options import effect_cells, effect_columns, effect_notes, effect_title
from canbao.chapters.reported import Reported
from canbao.errors import Fault, InputError, raise_all
from canbao.evidence.recommendations.register import RecommendationEntry, Register
from canbao.injury import find_arrangement
from canbao.languages import Catalogue, Number, Words, joined
from canbao.located_yaml import Bilingual

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
    leads = [paragraph(say("lead", times=Number(len(register.entries))))]
    if any(one.standing for one in register.entries):
        leads.append(paragraph(say("lead_standing", day=Words.day(findings.settings.date))))
    parts: dict[str, list[Block]] = {
        "each": list(_each(findings, register, rests, reported)),
        "effects": _effects(findings, register, reported),
        "not_recommended": _not_recommended(findings, register, reported),
        "follow_up": _follow_up(findings, register),
    }
    sections = tuple(Section(key, say(f"title_{key}"), tuple(blocks)) for key, blocks in parts.items() if blocks)
    return Section("recommendations", say("title"), tuple(leads), sections)


def _findings(findings: Findings, register: Register, reported: Reported) -> list[Words]:
    """What each recommendation rests on: its sentence, and the numbers of the tables."""
    made, faults = [], []
    for at, one in enumerate(register.entries):
        named: list[tuple[str, tuple[str | int, ...]]] = [
            (key, ("finding", "tables", number)) for number, key in enumerate(one.finding.tables)
        ]
        # Effects stand in tables of simulated results, which a study without reforms has none of.
        if findings.simulator is not None:
            named += [(key, ("effects", number)) for number, key in enumerate(one.effects)]
        for key, where in named:
            if key not in reported and reported.complete:
                place = register.place(at, *where)
                faults.append(reported.missing(key, place))
        try:
            text = _text(findings, reported, one.finding.text)
        except InputError as error:
            place = register.place(at, "finding", "text")
            faults += [Fault(fault.what, place, fault.remedy) for fault in error.faults]
            continue
        tables = joined(reported.number(key) for key in one.finding.tables if key in reported)
        made.append(say("finding", text=text, tables=tables) if text else tables)
    raise_all(faults)
    return made


def _text(findings: Findings, reported: Reported, text: Bilingual | None) -> Words | None:
    """A text of the register with its figures filled in."""
    if text is None:
        return None
    works = findings.literature.citations
    return Words(*(filled(text.words[one], findings.estimator, one, works, reported) for one in ("en", "zh")))


def _each(findings: Findings, register: Register, rests: Sequence[Words], reported: Reported) -> Iterator[Block]:
    """Each recommendation in words: what is to be done, why, what holds already, what it would bring, who and what."""
    for at, (one, finding) in enumerate(zip(register.entries, rests, strict=True)):
        yield paragraph(say("numbered", number=one.number, recommendation=one.recommendation.words))
        told = [say("rests_on", finding=finding)]
        if one.standing:
            told.append(say("standing", standing=one.standing.words))
        told += _outcome(findings, register, at, reported)
        told.append(say("addressed_to", addressee=one.addressee.words))
        told += [say("to_be_changed", change=one.change.words)] if one.change else []
        yield Bullets(tuple(told))


def _outcome(findings: Findings, register: Register, at: int, reported: Reported) -> list[Words]:
    """What the simulation says of a recommendation's effect and cost, or that nothing simulates it."""
    one = register.entries[at]
    if findings.simulator is None:
        return []
    try:
        text = _text(findings, reported, one.outcome)
    except InputError as error:
        place = register.place(at, "outcome")
        raise InputError([Fault(fault.what, place, fault.remedy) for fault in error.faults]) from None
    if one.reform is None and not one.effects:
        return [say("not_simulated_because", reason=text) if text else say("not_simulated")]
    return [say("outcome", outcome=text)] if text else []


def _effects(findings: Findings, register: Register, reported: Reported) -> list[Block]:
    """What the reforms behind the recommendations would change, as the chapter on options has it."""
    compared = {reform.name: reform for reform in findings.reforms}
    named = [one for one in register.entries if one.reform in compared]
    if findings.simulator is None or not named:
        return []
    elsewhere = [
        say("effect_elsewhere", number=one.number, tables=_listed([reported.named(key) for key in one.effects]))
        for one in register.entries
        if one.effects
    ]
    rows = tuple(Row((Cell(Words.same(one.number)), *effect_cells(findings, compared[one.reform or ""]))) for one in named)
    columns = (Column("number", say("number"), align="left"), *effect_columns())
    apart = [Words.same(one.number) for one in register.entries if one.reform and one.reform not in compared]
    notes = (*effect_notes(), *([say("not_compared", numbers=joined(apart))] if apart else []))
    table = Table("recommendation_effects", effect_title(findings), columns, rows, notes, findings.source)
    return [paragraph(say("effects_lead")), table, *bullets(*elsewhere)]


def _not_recommended(findings: Findings, register: Register, reported: Reported) -> list[Block]:
    """Options that were compared and are not recommended, with the reason; then arrangements against injury at work."""
    compared = {reform.name: reform.title for reform in findings.reforms}
    arrangements = register.arrangements_not_recommended if "injury_arrangements" in reported else {}
    reasons = [
        *((compared[name], name, why) for name, why in register.not_recommended.items() if name in compared),
        *((find_arrangement(name).title, name, why) for name, why in arrangements.items()),
    ]
    faults, rows = [], []
    for title, name, why in reasons:
        try:
            rows.append(Row((Cell(title), Cell(_text(findings, reported, why))), key=name))
        except InputError as error:
            faults += [Fault(fault.what, register.place_of_reason(name), fault.remedy) for fault in error.faults]
    raise_all(faults)
    if not rows:
        return []
    columns = (Column("option", say("option"), align="left"), Column("why_not", say("why_not"), align="left"))
    return [Table("options_not_recommended", say("not_recommended_table"), columns, tuple(rows))]


def _listed(words: Sequence[Words]) -> Words:
    """Several words as one list that ends with an `and`."""
    if len(words) < 2:
        return joined(words)
    return say("and", first=joined(words[:-1]), last=words[-1])


def _follow_up(findings: Findings, register: Register) -> list[Block]:
    """Comments, decisions and progress; of made-up data the reader is told that these are made up, too."""
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
    silent = [Words.same(one.number) for one in register.entries if one not in told]
    notes = (say("blank_note"), *([say("silent_note", numbers=joined(silent))] if silent else []))
    table = Table("recommendation_follow_up", say("follow_up_table"), columns, tuple(rows), notes)
    return [*([Notice(say("made_up"))] if findings.settings.synthetic else []), table]


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
