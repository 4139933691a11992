"""Annexes: detailed tables, models, corrections made to the data, the columns used, and how to make the report again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl
from pydantic import RootModel

from canbao.chapters import law_documents
from canbao.chapters.conditions import condition_words
from canbao.chapters.document import Block, Cell, Column, Interval, Row, Section, Table
from canbao.chapters.estimates import Estimates
from canbao.chapters.findings import Findings, interval_note, largest_base, paragraph, weighted_note
from canbao.chapters.focus import CONTRACT, CONTROLS, outcomes
from canbao.errors import InputError
from canbao.languages import Catalogue, Number, Words, joined
from canbao.located_yaml import Bilingual, Entry, read
from canbao.workers import WorkerColumn
from canbao.workers.vocabulary import YES_NO

say = Catalogue("canbao.chapters", "annexes")
terms = Catalogue("canbao.chapters", "glossary")
abbreviations = Catalogue("canbao.chapters", "abbreviations")

SCHEMES = ("pension_scheme", "medical_scheme", "injury_cover")
SPLIT = "platform_worker"
SMALLEST_P = 0.001


def chapter(findings: Findings) -> Section:
    """Everything that a reader may want to check."""
    sections = [
        Section("detailed_tables", say("detailed"), tuple(_detailed(findings)), numbered=False),
        Section("models", say("models"), tuple(_models(findings)), numbered=False),
        Section("corrections", say("corrections"), tuple(_corrections(findings)), numbered=False),
        Section("questionnaire", say("questionnaire"), tuple(_questionnaire(findings)), numbered=False),
        Section("columns", say("columns"), tuple(_columns(findings)), numbered=False),
        Section("law_documents", law_documents.say("title"), tuple(law_documents.law_documents(findings)), numbered=False),
        Section("glossary", say("glossary"), (_glossary(), _abbreviations()), numbered=False),
        Section("method_sources", say("method_sources"), tuple(_method_sources(findings)), numbered=False),
        Section("reproducing", say("reproducing"), tuple(_reproducing(findings)), numbered=False),
    ]
    written = tuple(section for section in sections if section.blocks)
    return Section("annexes", say("title"), (), written, numbered=False)


# --- coverage of platform and other workers, by groups --------------------------------------------------------------------


def _detailed(findings: Findings) -> Iterator[Block]:
    if not findings.has(SPLIT):
        return
    groupings = findings.groupings(SPLIT, "platform_type")
    for scheme in SCHEMES:
        if findings.has(scheme) and groupings:
            yield _split_table(findings, scheme, groupings)


def _split_table(findings: Findings, scheme: str, groupings: Sequence[str]) -> Table:
    """Two categories of a scheme, enrolled through an employer and not at all, for platform and other workers."""
    shown = [name for name in ("employee", "employer", "none") if name in findings.column(scheme).categories]
    columns = [Column("group", say("group"), align="left")]
    for side in findings.column(SPLIT).categories:
        heading = findings.category(SPLIT, side)
        columns.append(Column(f"{SPLIT}_{side}_n", say("base"), heading))
        columns += [Column(f"{SPLIT}_{side}_{one}", findings.category(scheme, one), heading) for one in shown]
    total = findings.estimator.of(scheme, [SPLIT])
    rows = [Row((Cell(say("all_workers")), *_sides(findings, total, shown, ())), "total")]
    for name in groupings:
        rows.append(Row((Cell(findings.label(name)),), "heading"))
        asked = findings.estimator.of(scheme, [SPLIT, name])
        rows += [
            Row((Cell(label), *_sides(findings, asked, shown, (category,))))
            for category, label in findings.column(name).categories.items()
            if any((side, category) in asked.groups for side in findings.column(SPLIT).categories)
        ]
    title = say("split_table", scheme=findings.label(scheme))
    notes = (say("hidden_neighbours"), interval_note(findings))
    return Table(f"split_{scheme}", title, tuple(columns), tuple(rows), notes, findings.source)


def _sides(findings: Findings, asked: Estimates, shown: Sequence[str], group: tuple[str, ...]) -> list[Cell]:
    cells = []
    for side in findings.column(SPLIT).categories:
        estimates = [asked.at(category, side, *group) for category in shown]
        cells += [largest_base(estimates), *(one.cell("percent") for one in estimates)]
    return cells


# --- models ---------------------------------------------------------------------------------------------------------------


def _models(findings: Findings) -> Iterator[Block]:
    for outcome in outcomes(findings):
        persons = [name for name in dict.fromkeys([*findings.focus, *CONTROLS]) if findings.has(name) and name != outcome]
        terms = [name for name in CONTRACT if findings.has(name) and name not in (outcome, *persons)]
        for key, variables in {"": [*persons, *terms], **({"_of_persons": persons} if terms else {})}.items():
            try:
                yield _model_table(findings, outcome, variables, key)
            except InputError:
                # Too few cases for this model; the tables by groups still stand.
                continue


def _model_table(findings: Findings, outcome: str, variables: Sequence[str], key: str) -> Table:
    """Coefficients and average effects; `key` tells the model of all factors from that without the terms of work."""
    design, formula = findings.estimator.design, f"{outcome} ~ {' + '.join(variables)}"
    effects = {row["term"]: row for row in design.average_effects(formula).iter_rows(named=True)}
    odds = {row["term"]: row for row in design.logit(formula).iter_rows(named=True)}
    columns = (
        Column("term", say("term"), align="left"),
        Column("coefficient", say("coefficient")),
        Column("se", say("se")),
        Column("p", say("p")),
        Column("effect", say("effect")),
    )
    rows = []
    for name in variables:
        categories = findings.column(name).categories
        present = [one for one in categories if f"{name}{one}" in odds]
        reference = next((one for one in categories if one not in present and _occurs(findings, name, one)), None)
        heading = findings.label(name)
        if reference is not None:
            heading = say("against", column=heading, reference=findings.category(name, reference))
        rows.append(Row((Cell(heading),), "heading"))
        for category in present:
            term = odds[f"{name}{category}"]
            effect = effects[f"{name}{category}"]
            cells = (
                Cell(findings.category(name, category)),
                Cell(Number(term["estimate"], "decimal3")),
                Cell(Number(term["se"], "decimal3")),
                Cell(_p_value(term["p"])),
                Cell(Number(effect["estimate"], "points"), None, _limits(effect)),
            )
            rows.append(Row(cells))
    members = design.frame.select(
        pl.all_horizontal(pl.col(one).is_not_null() for one in [outcome, *variables]).sum()
    ).item()
    notes = (say("model_note", n=Number(members)), weighted_note(findings))
    title = say(f"model_table{key}", outcome=findings.label(outcome))
    return Table(f"model_{outcome}{key}", title, columns, tuple(rows), notes, findings.source)


def _p_value(p: float | None) -> Words | Number:
    """Blank where a sample of few sites leaves no degrees of freedom."""
    return say("p_small") if p is not None and p < SMALLEST_P else Number(p, "decimal3")


def _limits(effect: Mapping[str, float | None]) -> Interval | None:
    return None if effect["low"] is None else Interval(effect["low"], effect["high"], "points")


def _occurs(findings: Findings, name: str, category: str) -> bool:
    return bool((findings.table.frame[name] == category).any())


# --- the data -------------------------------------------------------------------------------------------------------------


def _corrections(findings: Findings) -> Iterator[Block]:
    made = findings.table.corrections
    if not made:
        # The chapter on method says so.
        return
    columns = tuple(
        Column(key, say(f"correction_{key}"), align="left") for key in ("row", "variable", "before", "after", "why", "who")
    )
    rows = [
        Row(tuple(Cell(Words.same(text)) for text in (str(one.row), one.column, one.before, one.after, one.why, one.by)))
        for one in made
    ]
    yield Table("corrections", say("corrections_table"), columns, tuple(rows))


def _columns(findings: Findings) -> Iterator[Block]:
    columns = (
        Column("name", say("name"), align="left"),
        Column("label", say("label"), align="left"),
        Column("kind", say("kind"), align="left"),
        Column("standard", say("standard"), align="left"),
        Column("answered", say("answered")),
    )
    rows = []
    for column in findings.table.columns:
        kind = say(f"type_{column.type}")
        if column.unit:
            unit = _unit(column.unit)
            kind = Words(f"{kind.en}, {unit.en}", f"{kind.zh}，{unit.zh}")
        rows.append(
            Row(
                (
                    Cell(Words.same(f"`{column.name}`")),
                    Cell(column.label),
                    Cell(kind),
                    Cell(column.standard or Words.same("")),
                    Cell(Number(findings.table.answered(column.name))),
                )
            )
        )
    yield Table("columns", say("columns_table"), columns, tuple(rows))


def _questionnaire(findings: Findings) -> Iterator[Block]:
    """What was asked: the questions of the columns that the survey brought, to whom they apply, and the answers offered."""
    given = [column for column in findings.table.columns if column.name in findings.table.given]
    asked = [column for column in given if column.question and column.name != "person_id"]
    if not asked:
        return
    columns = (
        Column("number", say("number")),
        Column("question", say("question"), align="left"),
        Column("answers", say("answers"), align="left"),
        Column("whom", say("whom"), align="left"),
    )
    numbers = {column.name: at for at, column in enumerate(asked, start=1)}
    rows = tuple(
        Row((Cell(Number(at)), Cell(column.question), Cell(_answers(column)), Cell(_whom(findings, column, numbers))))
        for at, column in enumerate(asked, start=1)
    )
    notes = [say("questionnaire_note"), say("refusals_note")]
    if findings.has("migrant") and "nonfarm_months" not in findings.table.given:
        notes.append(say("migrant_note"))
    yield Table("questionnaire", say("questionnaire_table"), columns, rows, tuple(notes))


def _answers(column: WorkerColumn) -> Words:
    categories = YES_NO if column.type == "yes_no" else column.categories
    offered = [label for category, label in categories.items() if category not in column.unasked]
    if offered:
        return joined(offered, en="; ", zh="；")
    if column.type in ("share", "month"):
        return say(f"answer_{column.type}")
    return _unit(column.unit) if column.unit else say(f"type_{column.type}")


def _whom(findings: Findings, column: WorkerColumn, numbers: Mapping[str, int]) -> Words:
    """Which answers to which questions bring this one, as an interviewer reads it."""
    if not column.when:
        return say("everybody")
    conditions = []
    for name, wanted in column.when.items():
        named = say("question_number", number=str(numbers[name])) if name in numbers else findings.label(name)
        conditions.append(condition_words(findings, named, name, wanted))
    return say("asked_if", conditions=joined(conditions, en=" and ", zh="且"))


def _glossary() -> Table:
    """Terms in both languages, in the order of the English ones."""
    pairs = sorted({(one.en, one.zh) for one in terms.entries.values()}, key=lambda pair: pair[0].casefold())
    columns = (Column("english", say("english"), align="left"), Column("chinese", say("chinese"), align="left"))
    rows = tuple(Row((Cell(Words.same(en)), Cell(Words.same(zh)))) for en, zh in pairs)
    return Table("glossary", say("glossary_table"), columns, rows)


def _abbreviations() -> Table:
    """What abbreviations and the codes of indicators stand for."""
    columns = (Column("short", say("short"), align="left"), Column("long", say("long"), align="left"))
    listed = sorted(abbreviations.entries.items(), key=lambda one: one[0].casefold())
    rows = tuple(Row((Cell(Words.same(short)), Cell(meaning))) for short, meaning in listed)
    return Table("abbreviations", say("abbreviations_table"), columns, rows)


class MethodSource(Entry):
    """A work on which definitions or methods rest, and what it is cited for."""

    used: Bilingual
    work: str


@cache
def method_sources() -> Mapping[str, MethodSource]:
    """All of method_sources.yaml, by name."""
    with resources.as_file(resources.files("canbao.chapters") / "method_sources.yaml") as path:
        return read(Path(path), RootModel[dict[str, MethodSource]]).root


def _method_sources(findings: Findings) -> Iterator[Block]:
    columns = (Column("used", say("used_for"), align="left"), Column("work", say("work"), align="left"))
    imputed = findings.settings.imputation is not None
    used = [one for name, one in method_sources().items() if imputed or name != "missing"]
    rows = tuple(Row((Cell(one.used.words), Cell(Words.same(one.work)))) for one in used)
    yield Table("method_sources", say("method_sources_table"), columns, rows)


def _unit(unit: str) -> Words:
    """A unit of the vocabulary as it is printed; one of the study's own as it is written."""
    key = f"unit_{unit.replace('/', '_per_')}"
    return say(key) if key in say else Words.same(unit)


def _reproducing(findings: Findings) -> Iterator[Block]:
    yield paragraph(say("reproducing_text", seed=str(findings.settings.seed)))
    columns = (Column("file", say("file"), align="left"), Column("sha256", say("sha256"), align="left"))
    rows = [
        Row((Cell(Words.same(f"`{name}`")), Cell(Words.same(f"`{digest}`")))) for name, digest in findings.inputs.items()
    ]
    if rows:
        yield Table("inputs", say("inputs_table"), columns, tuple(rows))
    columns = (Column("program", say("program"), align="left"), Column("version", say("version"), align="left"))
    rows = [Row((Cell(Words.same(name)), Cell(Words.same(version)))) for name, version in findings.versions.items()]
    if rows:
        yield Table("versions", say("versions_table"), columns, tuple(rows), (say("versions_note"),))
