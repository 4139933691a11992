"""The legal map: what the law in force lets these workers join, worked out by its rules (I12, I13, E1)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from canbao.chapters.document import Block, Cell, Column, Row, Section, StackedBars, Table
from canbao.chapters.document import Figure as Drawing
from canbao.chapters.findings import (
    Findings,
    Part,
    bullets,
    chapter_of,
    interval_note,
    means_table,
    paragraph,
    share_of,
)
from canbao.engine import Rule
from canbao.engine.parameters import FIRST_YEAR, LOW
from canbao.engine.scalar_code import scalar_code
from canbao.languages import UNKNOWN, Catalogue, Words, joined
from canbao.law import model
from canbao.law.access.rules import Ground, meaning
from canbao.law.categories import Access
from canbao.law.citations import cited, in_force_on
from canbao.law.explanation import category_words
from canbao.workers.legal_access import ACCESS_COLUMNS

say = Catalogue("canbao.chapters", "legal_access")

SHOWN = ("must", "may", "may_not", "unknown")


def chapter(findings: Findings) -> Section:
    """Who must, may and may not join, for all workers and for each kind of contract; and the law's own words for it."""
    return chapter_of(
        findings,
        "legal_access",
        say("title"),
        [paragraph(say("lead", law=Words.day(findings.settings.law_date)))],
        [
            Part("access", say("access"), ("employees_pension_access",), _access),
            Part("formal_access", say("formal"), ("employees_pension_access",), _without_access),
            Part("grounds", say("grounds"), ("employees_pension_access",), _grounds),
        ],
    )


def _branch(column: str) -> Words:
    return say(column)


def _access(findings: Findings) -> Sequence[Block]:
    asked = {name: findings.estimator.of(name) for name in ACCESS_COLUMNS}
    columns = (
        Column("branch", say("branch"), align="left"),
        Column("n", say("base")),
        *(Column(one, findings.category(ACCESS_COLUMNS[0], one)) for one in SHOWN),
    )
    rows = []
    for name, shares in asked.items():
        measures = [share_of(name, one, _branch(name), settled=True) for one in SHOWN]
        cells = [measure.cell(shares.at(measure.category)) for measure in measures]
        rows.append(Row((Cell(_branch(name)), shares.at("must").base, *cells)))
    series = tuple(findings.category(ACCESS_COLUMNS[0], one) for one in SHOWN)
    points = tuple(tuple(shares.at(one).point for one in SHOWN) for shares in asked.values())
    pension, covered = asked["employees_pension_access"], findings.estimator.of("legally_covered")
    sentence = say(
        "sentence",
        must=pension.at("must").number("percent"),
        may=pension.at("may").number("percent"),
        may_not=pension.at("may_not").number("percent"),
        unknown=pension.at("unknown").number("percent"),
        unemployment=asked["unemployment_access"].at("may_not").number("percent"),
    )
    chart = StackedBars(tuple(_branch(name) for name in ACCESS_COLUMNS), series, points)
    notes = (say("unknown_note"), say("by_law_note"), interval_note(findings))
    return [
        *bullets(sentence, say("all_sentence", all=covered.at("yes").number("percent"))),
        Drawing("legal_access", say("access_figure"), chart, sentence, (say("unknown_note"),), findings.source, sentence),
        Table("legal_access", say("access_table"), columns, tuple(rows), notes, findings.source),
    ]


def _without_access(findings: Findings) -> Sequence[Block]:
    groupings = [name for name in ("contract", "work_status", "relation", *findings.focus) if findings.has(name)]
    measures = [
        share_of(name, "may_not", _branch(name), settled=True)
        for name in ("employees_pension_access", "work_injury_access", "unemployment_access", "maternity_access")
    ]
    measures.append(share_of("legally_covered", "yes", say("all_branches"), settled=True))
    table = means_table(
        findings,
        "without_access",
        say("formal_table"),
        measures,
        list(dict.fromkeys(groupings)),
        notes=(say("formal_note"),),
    )
    return [paragraph(say("formal_lead")), table]


def _grounds(findings: Findings) -> Sequence[Block]:
    """Each branch with every ground on which the law decides, and the articles."""
    rows = []
    for name in ACCESS_COLUMNS:
        rule = _ground_rule(name)
        grounds = _grounds_of(rule.function)
        basis = cited(in_force_on(rule.basis, f"{findings.settings.law_date:%Y-%m}"))
        cells = [Cell(_named([one for one in grounds if meaning(one) == access])) for access in Access]
        rows.append(Row((Cell(_branch(name)), *cells, Cell(basis))))
    columns = (
        Column("branch", say("branch"), align="left"),
        *(Column(one.key, category_words(one), align="left") for one in Access),
        Column("basis", say("basis_head"), align="left"),
    )
    notes = [say("map_note")]
    if low := _low_confidence(findings.settings.law_date):
        notes.append(say("low_note", listed=joined(low)))
    return [Table("legal_map", say("map_table"), columns, tuple(rows), tuple(notes))]


def _named(grounds: Sequence[Ground]) -> Words:
    return joined([category_words(one) for one in grounds], en="; ", zh="；") if grounds else Words.same(UNKNOWN)


def _ground_rule(access: str) -> Rule:
    return model().rules[access.replace("_access", "_ground")][0]


def _grounds_of(function: Callable[..., Any]) -> list[Ground]:
    """The grounds that a rule can give, itself or by a function that it calls."""
    code = scalar_code(function)
    named = {name.removeprefix("Ground_") for name in code.constants if name.startswith("Ground_")} - {"OPEN"}
    found = {Ground[name] for name in named}
    for helper in code.helpers.values():
        found |= set(_grounds_of(helper))
    return sorted(found)


def _low_confidence(law_date: datetime.date) -> list[Words]:
    """The parameters on which access turns of which some place has only a figure of low confidence."""
    law = model()
    column = (law_date.year - FIRST_YEAR) * 12 + law_date.month - 1
    asked = {argument for name in ACCESS_COLUMNS for argument in _ground_rule(name).arguments}
    used = [law.parameters[name] for name in law.parameters if name in asked]
    return [one.entry.label.words for one in used if (one.cautions[:, column] & LOW).any()]
