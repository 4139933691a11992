"""The laws and notices on which a report's figures rest: those only that something in it was reckoned with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from canbao.chapters.document import Block, Cell, Column, Row, Table
from canbao.chapters.findings import Findings, paragraph
from canbao.chapters.protection import arrangements
from canbao.engine import NATION
from canbao.engine.parameters import Parameter, citations
from canbao.engine.plan import Plan
from canbao.injury import Arrangement
from canbao.languages import Catalogue, Words, joined
from canbao.law import lawbook, model, places
from canbao.law.lawbook import DocumentEntry
from canbao.procedures.clocks import documents
from canbao.reforms import BASELINE
from canbao.reforms.simulation import COUNTED
from canbao.workers.legal_access import ACCESS_COLUMNS, ACCESS_GIVEN

say = Catalogue("canbao.chapters", "law_documents")

USES = ("access", "simulation", "clocks", "arrangements")


def law_documents(findings: Findings) -> Iterator[Block]:
    """A table of documents with their numbers in both languages, and what of the report rests on each."""
    used = {use: dict.fromkeys(names) for use, names in _used(findings).items()}
    # A document that two lists name is one.
    names: dict[str, list[str]] = {}
    for name, entry in sorted(documents().items(), key=lambda pair: _order(pair[1])):
        if any(name in found for found in used.values()):
            names.setdefault(entry.title.zh, []).append(name)
    rows = [_row(alike, used) for alike in names.values()]
    if not rows:
        return
    columns = (
        Column("title", say("document"), align="left"),
        Column("number", say("number"), align="left"),
        Column("date", say("date"), align="left"),
        Column("used", say("used"), align="left"),
    )
    yield paragraph(say("lead"))
    yield Table("law_documents", say("table"), columns, tuple(rows), (say("note"),))


RANKS = (r"主席令|全国人民代表大会", r"国务院令", r"国发|国办发", r"^(?!.{2,3}(省|市|自治区)|各省)")
"""How laws begin, by number or title; regulations, documents of the State Council, other national ones; then local."""


def _order(entry: DocumentEntry) -> tuple[int, str]:
    """Where a document stands among others: by rank, then by date."""
    texts = [entry.number.zh] if entry.number is not None else []
    texts.append(entry.title.zh)
    rank = next((at for at, form in enumerate(RANKS[:-1]) if any(re.match(form, one) for one in texts)), None)
    if rank is None:
        rank = len(RANKS) - (1 if re.match(RANKS[-1], entry.title.zh) else 0)
    return rank, entry.date or "9999"


def _title(entry: DocumentEntry) -> Words:
    return Words(entry.title.en, entry.title.zh if entry.described else f"《{entry.title.zh}》")


def _number(entry: DocumentEntry) -> Words | None:
    """As the issuing office gives it; in English its translation beside it."""
    return None if entry.number is None else Words(f"{entry.number.en} ({entry.number.zh})", entry.number.zh)


def _date(entry: DocumentEntry) -> Words | None:
    return None if entry.date is None else Words.same(entry.date)


def _row(alike: Sequence[str], used: Mapping[str, Mapping[str, None]]) -> Row:
    """A document under all of its names, with what rests on it."""
    entry = documents()[alike[0]]
    uses = [say(f"use_{use}") for use in USES if any(name in used.get(use, {}) for name in alike)]
    cells = (_title(entry), _number(entry), _date(entry), joined(uses, en="; ", zh="；"))
    return Row(tuple(Cell(one) for one in cells))


def _used(findings: Findings) -> dict[str, list[str]]:
    """By use the names of documents; nothing for what the study lacks."""
    provinces = {NATION}
    if findings.has("province"):
        for province in findings.estimator.design.frame["province"].cast(str).drop_nulls().unique():
            provinces |= places().within(province)
    found: dict[str, list[str]] = {}
    if findings.has(*ACCESS_COLUMNS):
        found["access"] = list(_of_plan(model().plan(ACCESS_COLUMNS, ACCESS_GIVEN), model().parameters, provinces))
    if findings.simulator is not None and findings.reforms:
        law = findings.simulator.outcome(BASELINE).scenario.model
        plan = law.plan(COUNTED, [*findings.simulator.respondents.columns], years=True)
        found["simulation"] = list(_of_plan(plan, law.parameters, provinces))
        single = {one.name: one for each in arrangements() for one in each}
        found["arrangements"] = [name for one in single.values() for name in _of_arrangement(one, provinces)]
    clocks = (clock.entry.source for one in findings.procedures for clock in one.limits.clocks)
    found["clocks"] = [name for name in clocks if name is not None and name in documents()]
    return found


def _of_plan(plan: Plan, parameters: Mapping[str, Parameter], provinces: set[str]) -> Iterator[str]:
    """What the rules and parameters of a run cite."""
    for node in plan.nodes.values():
        for rule in node.variants:
            yield from _laws(rule.basis)
        if node.name in parameters:
            yield from _of_parameter(parameters[node.name], provinces)


def _of_parameter(parameter: Parameter, provinces: set[str]) -> Iterator[str]:
    """What a parameter cites, for the nation and these provinces."""
    entry = parameter.entry
    yield from _laws(entry.basis)
    yield from _laws(entry.source)
    for place, dated in entry.values.items():
        if place in provinces:
            for value in dated.values():
                yield from _laws(value.basis)
                yield from _laws(value.source)


def _of_arrangement(arrangement: Arrangement, provinces: set[str]) -> Iterator[str]:
    """What an arrangement rests on: its sources, and the figures of the law that it takes."""
    for source in arrangement.sources:
        yield from _laws(source)
    figures = [name for part in (*arrangement.benefits, *arrangement.price) for name in _named(part.model_dump())]
    figures += [price.table.law for price in arrangement.price if price.table is not None]
    for name in figures:
        yield from _of_parameter(model().parameters[name], provinces)
    for benefit in arrangement.benefits:
        for rule in model().rules[benefit.rule] if benefit.rule is not None else ():
            yield from _laws(rule.basis)
    for step in arrangement.steps:
        yield from _laws(step.basis)


def _named(dumped: object) -> Iterator[str]:
    """The figures of the law within an entry: `{law: injury_funeral_months}`."""
    if isinstance(dumped, dict):
        if isinstance(dumped.get("law"), str):
            yield dumped["law"]
        for one in dumped.values():
            yield from _named(one)


def _laws(cited: str | None) -> Iterable[str]:
    """The laws and notices that are cited."""
    known = lawbook.documents()
    return [name for name, _ in citations(cited) if name in known and known[name].is_rule]
