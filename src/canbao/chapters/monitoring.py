"""The monitoring framework: a sheet for each indicator that the report shows, with its baseline, target and owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field, RootModel

from canbao.chapters.conditions import condition_words
from canbao.chapters.document import Cell, Column, Row, Section, Table
from canbao.chapters.estimates import Estimate
from canbao.chapters.findings import Findings, ended, interval_note, paragraph
from canbao.chapters.reported import Reported
from canbao.evidence.monitoring.framework import WatchedEntry
from canbao.languages import Catalogue, Form, Number, Words, joined
from canbao.located_yaml import Entry, read
from canbao.workers import WorkerColumn
from canbao.workers.derived import inputs_of

say = Catalogue("canbao.chapters", "monitoring")

NUMBERS = ("mean", "median", "per_100")


class IndicatorEntry(Entry):
    """An indicator as indicators.yaml describes it."""

    code: str
    of: str
    category: str
    among: dict[str, str] = Field(default_factory=dict)
    form: Form | None = None
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
    findings.evidence.framework.check(indicators(), share_indicators())
    sheets = [sheet for name in indicators() if (sheet := _sheet(findings, reported, name)) is not None]
    if not sheets:
        return None
    lead = say("lead", times=Number(len(sheets)))
    sections = (
        Section("baselines", say("title_baselines"), (_baselines(findings, sheets),)),
        Section("sheets", say("title_sheets"), (paragraph(say("sheets_lead")), _definitions(findings, sheets, reported))),
    )
    return Section("monitoring", say("title"), (paragraph(lead),), sections)


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
        Column("target", say("target")),
        Column("by", say("target_year")),
        Column("frequency", say("frequency"), align="left"),
        Column("owner", say("owner"), align="left"),
    )
    rows = tuple(
        Row(
            (
                Cell(Words.same(one.entry.code)),
                Cell(_named(findings, one)),
                one.baseline.base,
                one.baseline.cell(one.form),
                Cell(Number(one.watched.target.value, one.form) if one.watched.target else None),
                Cell(Words.same(str(one.watched.target.year)) if one.watched.target else None),
                Cell(say(f"frequency_{one.watched.frequency}") if one.watched.frequency else None),
                Cell(one.watched.owner.words if one.watched.owner else None),
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
    whom = joined(
        findings.label(name) if category == "yes" else findings.category(name, category)
        for name, category in entry.among.items()
    )
    return say("among", indicator=named, whom=whom)


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
    conditions = {**(column.when or {}), **entry.among}
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
