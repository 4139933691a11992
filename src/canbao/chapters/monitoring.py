"""The monitoring framework: a sheet for each indicator that the report shows, with its baseline, target and owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

import polars as pl
from pydantic import Field, RootModel

from canbao.chapters.conditions import condition_words
from canbao.chapters.document import Block, Cell, Column, Notice, Row, Section, Table
from canbao.chapters.estimates import Estimate
from canbao.chapters.findings import Findings, ended, interval_note, paragraph
from canbao.chapters.procedure import recorded_burden
from canbao.chapters.reported import Reported
from canbao.chapters.simulated import indicator
from canbao.evidence.monitoring.framework import WatchedEntry
from canbao.languages import Catalogue, Form, Number, Words, joined
from canbao.located_yaml import Bilingual, Entry, read
from canbao.procedures.procedure import Procedure
from canbao.reforms import BASELINE, LAST_YEAR, ratio
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.workers import WorkerColumn
from canbao.workers.derived import inputs_of

say = Catalogue("canbao.chapters", "monitoring")

NUMBERS = ("mean", "median", "per_100")

PROCEDURE = "procedure_"
"""In front of a procedure's name in the keys of its tables."""


class IndicatorEntry(Entry):
    """An indicator as indicators.yaml describes it."""

    code: str
    of: str
    category: str
    among: dict[str, str | list[str]] = Field(default_factory=dict)
    whom: Bilingual | None = None
    form: Form | None = None
    simulated: str | None = None
    tables: list[str] = Field(min_length=1)


@cache
def indicators() -> Mapping[str, IndicatorEntry]:
    """All indicators that can be followed, by name."""
    path = Path(str(resources.files("canbao.chapters").joinpath("indicators.yaml")))
    return read(path, RootModel[dict[str, IndicatorEntry]]).root


def share_indicators() -> list[str]:
    """Those that lie between 0 and 1."""
    return [name for name, one in indicators().items() if one.category not in NUMBERS]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of one indicator in a study."""

    name: str
    entry: IndicatorEntry
    baseline: Estimate
    form: Form
    watched: WatchedEntry
    tables: tuple[str, ...]


def chapter(findings: Findings, reported: Reported) -> Section | None:
    """Baselines and targets, then the definitions; None where the report shows none of the indicators."""
    procedures = {one.key.removeprefix(PROCEDURE): one for one in findings.procedures}
    findings.evidence.framework.check(indicators(), share_indicators(), procedures)
    sheets = [sheet for name in indicators() if (sheet := _sheet(findings, reported, name)) is not None]
    if not sheets:
        return None
    lead = say("lead", times=Number(len(sheets)))
    notice = [Notice(say("made_up"))] if findings.settings.synthetic else []
    baselines = (*notice, _baselines(findings, sheets), *_recorded(findings, procedures))
    sections = [Section("baselines", say("title_baselines"), baselines)]
    if targets := _targets(findings, sheets):
        sections.append(Section("targets", say("title_targets"), (paragraph(say("targets_lead")), targets)))
    definitions = (paragraph(say("sheets_lead")), _definitions(findings, sheets, reported))
    sections.append(Section("sheets", say("title_sheets"), definitions))
    return Section("monitoring", say("title"), (paragraph(lead),), tuple(sections))


def _sheet(findings: Findings, reported: Reported, name: str) -> Sheet | None:
    """None where the data cannot answer, or the report has no table that shows it."""
    entry = indicators()[name]
    tables = tuple(key for key in entry.tables if key in reported)
    if not tables or not findings.has(entry.of, *entry.among):
        return None
    if entry.category not in NUMBERS and entry.category not in findings.column(entry.of).categories:
        return None
    baseline, form = _baseline(findings, entry)
    return Sheet(name, entry, baseline, entry.form or form, findings.evidence.framework.watched(name), tables)


def _baseline(findings: Findings, entry: IndicatorEntry) -> tuple[Estimate, Form]:
    estimator, column = findings.estimator, findings.column(entry.of)
    among = entry.among or None
    match entry.category:
        case "median":
            return estimator.median(entry.of, among=among).at("median"), column.form
        case "mean":
            return estimator.of(entry.of, among=among).at("mean"), column.form
        case "per_100":
            return estimator.rate(entry.of, among=among).at("rate"), "decimal"
        case _:
            return estimator.of(entry.of, among=among).at(entry.category), "percent"


# --- baselines and targets ------------------------------------------------------------------------------------------------


def _baselines(findings: Findings, sheets: list[Sheet]) -> Table:
    columns = (
        Column("code", say("code"), align="left"),
        Column("indicator", say("indicator"), align="left"),
        Column("n", say("base")),
        Column("baseline", say("baseline", month=Words.month(findings.settings.fieldwork))),
        *_aim_columns(),
    )
    rows = tuple(
        Row(
            (
                Cell(Words.same(one.entry.code)),
                Cell(_named(findings, one)),
                one.baseline.base,
                one.baseline.cell(one.form),
                *_aims(one.watched, one.form),
            )
        )
        for one in sheets
    )
    notes = (say("blank_note"), interval_note(findings))
    return Table("monitoring_framework", say("baselines_table"), columns, rows, notes, findings.source)


def _named(findings: Findings, sheet: Sheet) -> Words:
    """What an indicator is called: the category of its column, or what is averaged."""
    entry, label = sheet.entry, findings.label(sheet.entry.of)
    kind = findings.column(entry.of).type
    if entry.category in NUMBERS:
        named = say(f"named_{entry.category}", column=label)
    elif kind == "yes_no":
        named = label
    else:
        # “Employees' pension: covered or why not” has a colon of its own.
        plain = Words(label.en.replace(": ", ", "), label.zh.replace("：", ""))
        named = say("named_share", column=plain, category=findings.category(entry.of, entry.category))
    if not entry.among:
        return named
    whom = entry.whom.words if entry.whom else joined(_group(findings, name, one) for name, one in entry.among.items())
    return say("among", indicator=named, whom=whom)


def _group(findings: Findings, name: str, category: str | Sequence[str]) -> Words:
    """What a group is called: by its column where it is those who say yes, else by its categories."""
    if category == "yes" and findings.column(name).type == "yes_no":
        return findings.label(name)
    return joined(findings.category(name, one) for one in ([category] if isinstance(category, str) else category))


# --- targets and what the simulation says of them -------------------------------------------------------------------------


def _targets(findings: Findings, sheets: Sequence[Sheet]) -> Table | None:
    """Each target beside what the law as it stands leads to in the same year, with its reason."""
    rows = []
    for one in sheets:
        target = one.watched.target
        if target is None:
            continue
        expected = _expected(findings, one, target.year)
        reason = target.reason.words if target.reason else None
        numbers = (one.baseline.cell(one.form), Cell(expected), Cell(Number(target.value, one.form)))
        rows.append(
            Row((Cell(_named(findings, one)), *numbers, Cell(Words.same(str(target.year))), Cell(reason)), key=one.name)
        )
    if not rows:
        return None
    columns = (
        Column("indicator", say("indicator"), align="left"),
        Column("baseline", say("baseline", month=Words.month(findings.settings.fieldwork))),
        Column("expected", say("expected")),
        Column("target", say("target")),
        Column("by", say("target_year")),
        Column("reason", say("reason"), align="left"),
    )
    notes = (say("expected_note"), interval_note(findings))
    return Table("monitoring_targets", say("targets_table"), columns, tuple(rows), notes, findings.source)


def _expected(findings: Findings, sheet: Sheet, year: int) -> Number | None:
    """What the simulation has of an indicator under the law as it stands; None where it has none."""
    simulator = findings.simulator
    if simulator is None or sheet.entry.simulated is None or not simulator.base_year <= year <= LAST_YEAR:
        return None
    found = ratio(simulator.outcome(BASELINE), indicator(sheet.entry.simulated), year, simulator.survey)
    return Number(found.value, sheet.form)


# --- what the offices' logs tell ------------------------------------------------------------------------------------------


def _recorded(findings: Findings, procedures: Mapping[str, Procedure]) -> list[Block]:
    """Baselines from the offices' logs, apart from the survey's: what is measured otherwise is not to be compared."""
    rows = []
    for name, procedure in procedures.items():
        days = recorded_burden(procedure, "days")
        if len(days) < SMALLEST_BASE:
            continue
        broken = procedure.broken
        late = broken.drop_nulls().cast(pl.Float64).mean() if broken is not None else None
        watched = findings.evidence.framework.recorded(name)
        rows.append(
            Row(
                (
                    Cell(procedure.title),
                    Cell(Number(len(days))),
                    Cell(Number(days.quantile(0.5, "linear"), "decimal")),
                    Cell(Number(cast(float, late), "percent") if late is not None else None),
                    *_aims(watched, "decimal"),
                    Cell(watched.target.reason.words if watched.target and watched.target.reason else None),
                ),
                key=name,
            )
        )
    if not rows:
        return []
    columns = (
        Column("procedure", say("procedure"), align="left"),
        Column("cases", say("cases")),
        Column("days", say("recorded_days")),
        Column("late", say("recorded_late")),
        *_aim_columns(),
        Column("reason", say("reason"), align="left"),
    )
    notes = (say("recorded_note"), say("blank_note"))
    return [
        paragraph(say("recorded_lead")),
        Table("recorded_indicators", say("recorded_table"), columns, tuple(rows), notes),
    ]


def _aims(watched: WatchedEntry, form: Form) -> tuple[Cell, ...]:
    """Target, year, frequency and owner."""
    return (
        Cell(Number(watched.target.value, form) if watched.target else None),
        Cell(Words.same(str(watched.target.year)) if watched.target else None),
        Cell(say(f"frequency_{watched.frequency}") if watched.frequency else None),
        Cell(watched.owner.words if watched.owner else None),
    )


def _aim_columns() -> tuple[Column, ...]:
    """The columns of `_aims`."""
    return (
        Column("target", say("target")),
        Column("by", say("target_year")),
        Column("frequency", say("frequency"), align="left"),
        Column("owner", say("owner"), align="left"),
    )


# --- definitions ----------------------------------------------------------------------------------------------------------


def _definitions(findings: Findings, sheets: list[Sheet], reported: Reported) -> Table:
    columns = (
        Column("name", say("name"), align="left"),
        Column("indicator", say("indicator"), align="left"),
        Column("definition", say("definition"), align="left"),
        Column("source", say("source"), align="left"),
    )
    rows = tuple(
        Row(
            (
                Cell(Words.same(one.entry.code)),
                Cell(_named(findings, one)),
                Cell(_definition(findings, one)),
                Cell(joined(reported.number(key) for key in one.tables)),
            )
        )
        for one in sheets
    )
    note = say("source_note", survey=findings.settings.title.words)
    return Table("indicator_sheets", say("definitions_table"), columns, rows, (note,))


def _definition(findings: Findings, sheet: Sheet) -> Words:
    entry, column = sheet.entry, findings.column(sheet.entry.of)
    if entry.category in NUMBERS:
        told = say(f"definition_{entry.category}", column=column.label)
    elif column.type == "yes_no":
        told = say("definition_yes", column=column.label)
    else:
        told = say("definition_share", category=column.categories[entry.category], column=column.label)
    conditions: dict[str, Any] = {**(column.when or {}), **entry.among}
    whom = [condition_words(findings, _quoted(findings.label(name)), name, wanted) for name, wanted in conditions.items()]
    if whom:
        told = say("of_those", definition=told, whom=joined(whom, en=" and ", zh="且"))
    told = ended(say("asked", definition=told, question=_question(findings, column)))
    later = sheet.watched.source
    return say("later", definition=told, source=later.words) if later else told


def _quoted(label: Words) -> Words:
    return say("quoted", label=label)


def _question(findings: Findings, column: WorkerColumn) -> Words:
    """What is asked for it, or from which columns it follows, and the standard."""
    told = say("question", question=column.question) if column.question else _worked_out(findings, column)
    return say("by_standard", told=told, standard=column.standard) if column.standard else told


def _worked_out(findings: Findings, column: WorkerColumn) -> Words:
    needs = [findings.label(one) for one in inputs_of(column.name) if one in findings.table.vocabulary]
    return say("worked_out", columns=joined(needs, en="; ", zh="；")) if needs else say("worked_out_by_law")
