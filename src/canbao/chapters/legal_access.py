"""The legal map: what the law in force lets these workers join, worked out by its rules (I12, I13, E1)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

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
from canbao.engine.parameters import FIRST_YEAR, LOW, citations
from canbao.languages import UNKNOWN, Catalogue, Words, joined
from canbao.law import model, places
from canbao.law.access.rules import Ground, meaning
from canbao.law.categories import Access, HukouLocality, Relation, Sex, WorkerClass
from canbao.law.citations import cited, in_force_on
from canbao.law.explanation import category_words
from canbao.law.lawbook import documents
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
    notes = (say("unknown_note"), say("by_law_note"), *_since_then(findings.settings.law_date), interval_note(findings))
    return [
        *bullets(sentence, say("all_sentence", all=covered.at("yes").number("percent"))),
        Drawing("legal_access", say("access_figure"), chart, sentence, (say("unknown_note"),), findings.source, sentence),
        Table("legal_access", say("access_table"), columns, tuple(rows), notes, findings.source),
    ]


def _since_then(day: datetime.date) -> list[Words]:
    """That other chapters use a law which has been opened since; nothing where it was open on the day."""
    opened = model().parameters["flexible_hukou_open"].monthly[places().numbers["all"]] == 1
    first = datetime.date(FIRST_YEAR + int(np.argmax(opened)) // 12, int(np.argmax(opened)) % 12 + 1, 1)
    if not opened.any() or day >= first:
        return []
    return [
        say("today_note", law=Words.day(day), since=Words(f"{first:%B} {first.year}", f"{first.year}年{first.month}月"))
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
    """Each branch with every ground on which the law decides on the study's date, and the articles."""
    day = findings.settings.law_date
    given = grounds_on(day)
    rows = []
    for name in ACCESS_COLUMNS:
        grounds = given[name]
        cells = [Cell(_named([one for one in grounds if meaning(one) == access])) for access in Access]
        rows.append(Row((Cell(_branch(name)), *cells, Cell(_basis(_ground_rule(name), day)))))
    columns = (
        Column("branch", say("branch"), align="left"),
        *(Column(one.key, category_words(one), align="left") for one in Access),
        Column("basis", say("basis_head"), align="left"),
    )
    notes = [say("map_note")]
    if low := _low_confidence(day):
        notes.append(say("low_note", listed=joined(low)))
    return [Table("legal_map", say("map_table"), columns, tuple(rows), tuple(notes))]


def _basis(rule: Rule, day: datetime.date) -> Words:
    """The documents in force on a day; where there are none yet, the first that is to come, and when."""
    month = f"{day:%Y-%m}"
    if issued := in_force_on(rule.basis, month):
        return cited(issued)
    coming = min((name for name, _ in citations(rule.basis)), key=lambda name: documents()[name].date or "")
    return say("not_yet", basis=documents()[coming].named, since=_day(documents()[coming].date))


def _day(date: str | None) -> Words:
    """A date of the list of documents, which may be a month."""
    if date is None:
        return Words.same(UNKNOWN)
    return Words.day(datetime.date.fromisoformat(date)) if len(date) == len("2022-07-01") else Words.same(date)


AGES = (15, 30, 70)
"""Below working age, in it, and past any age at which a scheme can be joined."""


@cache
def grounds_on(day: datetime.date) -> Mapping[str, Sequence[Ground]]:
    """By way into a branch the grounds that some worker in some province meets on a day, in their own order.

    The rules are put to workers who differ in one thing at a time, so that a ground of a law that is yet to come, or is
    gone, is not among them.
    """
    month = day.year * 12 + day.month - 1
    usual = {"relation": Relation.CIVIL, "hukou_locality": HukouLocality.LOCAL, "student": 0, "orders": 0, "age": 30}
    others: list[dict[str, int]] = [
        {},
        {"relation": Relation.LABOUR},
        {"relation": Relation.LABOUR, "orders": 1},
        {"hukou_locality": HukouLocality.OTHER_PROVINCE},
        {"student": 1},
        {"orders": 1},
        *({"age": age} for age in AGES),
    ]
    asked = [{**usual, **one, "place": place} for place in places().numbers.values() for one in others]

    def column(name: str) -> np.ndarray[Any, np.dtype[Any]]:
        return np.array([int(one[name]) for one in asked])

    columns = {
        **{name: column(name).astype(np.int8) for name in ("relation", "hukou_locality", "student")},
        "place": column("place"),
        "month": np.full(len(asked), month),
        "birth_month": month - 12 * column("age"),
        "sex": np.full(len(asked), int(Sex.MALE), dtype=np.int8),
        "worker_class": np.full(len(asked), int(WorkerClass.FLEXIBLE), dtype=np.int8),
        "takes_platform_orders": column("orders").astype(np.int8),
        "platform_worker": column("orders").astype(np.int8),
    }
    wanted = {name: name.replace("_access", "_ground") for name in ACCESS_COLUMNS}
    found = model().run(columns, list(wanted.values()), on="python")
    return {
        name: sorted({Ground(int(one)) for one in np.unique(found[ground]) if one != Ground.OPEN})
        for name, ground in wanted.items()
    }


def _named(grounds: Sequence[Ground]) -> Words:
    return joined([category_words(one) for one in grounds], en="; ", zh="；") if grounds else Words.same(UNKNOWN)


def _ground_rule(access: str) -> Rule:
    return model().rules[access.replace("_access", "_ground")][0]


def _low_confidence(law_date: datetime.date) -> list[Words]:
    """The parameters on which access turns of which some place has only a figure of low confidence."""
    law = model()
    column = (law_date.year - FIRST_YEAR) * 12 + law_date.month - 1
    asked = {argument for name in ACCESS_COLUMNS for argument in _ground_rule(name).arguments}
    used = [law.parameters[name] for name in law.parameters if name in asked]
    return [one.entry.label.words for one in used if (one.cautions[:, column] & LOW).any()]
