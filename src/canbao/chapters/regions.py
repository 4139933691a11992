"""Regions: what the law sets in each province, and what the survey says of it, directly and by a model (C14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl

from canbao.chapters.confidence import confidence_words
from canbao.chapters.document import Block, Cell, Column, Figure, Row, Section, Table, TileMap
from canbao.chapters.estimates import Estimate, Estimates
from canbao.chapters.findings import (
    Findings,
    Part,
    bullets,
    chapter_of,
    interval_note,
    paragraph,
    share_of,
    widest_contrast,
)
from canbao.engine.parameters import FILLED, FIRST_YEAR, LOW
from canbao.errors import InputError
from canbao.evidence.field.notes import Practice
from canbao.languages import UNKNOWN, Catalogue, Number, Words
from canbao.law import model, places
from canbao.located_yaml import Entry, read
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.survey.small_areas import small_areas

say = Catalogue("canbao.chapters", "regions")

FEWEST_DIRECT = 50
"""Fewer respondents of a province give no direct estimate that is shown."""

LAW = (
    "contribution_reference_wage",
    "base_floor",
    "base_ceiling",
    "flexible_pension_rate",
    "flexible_hukou_open",
    "resident_basic_part",
)
"""Figures of the law that provinces set, or in which they differ."""

MEASURES: tuple[tuple[str, str], ...] = (
    ("pension_scheme", "none"),
    ("employees_pension", "yes"),
    ("injury_cover", "none"),
)
"""What is shown of each province: a column and its category."""

COVARIATE = "contribution_reference_wage"
"""What is known of a province apart from the survey: how much is earned there."""


class TilesFile(Entry):
    """province_tiles.yaml."""

    tiles: dict[str, tuple[int, int]]


@cache
def tiles() -> Mapping[str, tuple[int, int]]:
    """About where each province lies."""
    return read(Path(str(resources.files("canbao.chapters").joinpath("province_tiles.yaml"))), TilesFile).tiles


def chapter(findings: Findings) -> Section | None:
    """The law's figures by province, then coverage by province, of all workers and of the smaller groups."""
    if not findings.has("province") or len(_provinces(findings)) < 2:
        return None
    shown = [one for one in MEASURES if findings.has(one[0])]
    return chapter_of(
        findings,
        "regions",
        say("title"),
        [paragraph(say("lead", fewest=Number(FEWEST_DIRECT)))],
        [
            Part("regions_law", say("law"), ("province",), _law),
            Part("regions_coverage", say("coverage"), ("province", *(of for of, _ in shown[:1])), _coverage),
            Part("regions_groups", say("groups"), ("province", "pension_scheme"), _groups),
            *([Part("regions_practices", say("practices"), ("province",), _practices)] if _local(findings) else []),
        ],
    )


def _provinces(findings: Findings) -> list[str]:
    asked = findings.estimator.design.frame["province"].cast(pl.String).drop_nulls().unique().to_list()
    return [one for one in findings.column("province").categories if one in asked]


# --- the law --------------------------------------------------------------------------------------------------------------


def _law(findings: Findings) -> Sequence[Block]:
    """One row a province, one column a figure of the law on the study's date."""
    day = findings.settings.law_date
    month = (day.year - FIRST_YEAR) * 12 + day.month - 1
    law, numbers = model(), places().numbers
    provinces = [numbers[one] for one in _provinces(findings)]
    known = {name: law.parameters[name].monthly[provinces, month] for name in LAW}
    shown = [name for name in LAW if not np.isnan(known[name]).all()]
    rows = []
    for province in _provinces(findings):
        cells = [_figure(name, numbers[province], month) for name in shown]
        rows.append(Row((Cell(findings.category("province", province)), *cells)))
    columns = (
        Column("province", say("province"), align="left"),
        *(Column(name, say(f"figure_{name}")) for name in shown),
    )
    filled = [name for name in ("base_floor", "base_ceiling") if name in shown and _filled(name, provinces, month)]
    notes = [say("law_note"), *([say("filled_note")] if filled else [])]
    table = Table("province_law", say("law_table", law=Words.day(day)), columns, tuple(rows), tuple(notes))
    return [paragraph(say("law_lead")), table]


def _filled(name: str, provinces: Sequence[int], month: int) -> bool:
    """Whether a figure of some province was filled in."""
    return bool((model().parameters[name].cautions[provinces, month] & FILLED).any())


def _figure(name: str, place: int, month: int) -> Cell:
    """A figure of the law, marked where it was filled in or is of low confidence."""
    parameter = model().parameters[name]
    value = float(parameter.monthly[place, month])
    if np.isnan(value):
        return Cell()
    unit = parameter.entry.unit
    if unit == "yes/no":
        text = say("yes" if value else "no")
    else:
        number = Number(value, "percent") if unit == "share" else Number(value)
        text = Words(number.text("en"), number.text("zh"))
    caution = int(parameter.cautions[place, month])
    marks = [mark for mark, flag in (("filled", FILLED), ("low", LOW)) if caution & flag]
    return Cell(say(f"marked_{marks[0]}", value=text)) if marks else Cell(text)


# --- the survey -----------------------------------------------------------------------------------------------------------


def _covariates(findings: Findings) -> dict[str, list[float]] | None:
    """For each province the logarithm of its reference wage; None where one is not known or all are alike."""
    year = findings.settings.law_date.year
    wages = model().parameters[COVARIATE].yearly[:, year - FIRST_YEAR]
    found = {one: float(wages[places().numbers[one]]) for one in _provinces(findings)}
    if any(np.isnan(wage) for wage in found.values()) or len(set(found.values())) < 2:
        return None
    return {one: [float(np.log(wage))] for one, wage in found.items()}


def _modelled(findings: Findings, of: str, category: str, among: Mapping[str, str] | None = None) -> dict[str, Estimate]:
    """Model-based shares by province; nothing where there are too few provinces for a model."""
    design = findings.estimator.design
    for name, wanted in (among or {}).items():
        design = design.domain(pl.col(name).cast(pl.String) == wanted)
    try:
        frame = small_areas(design, of, "province", category, _covariates(findings), fewest=SMALLEST_BASE)
    except InputError:
        return {}
    return {
        str(row["province"]): Estimate(n=row["n"], estimate=row["estimate"], se=row["se"], low=row["low"], high=row["high"])
        for row in frame.iter_rows(named=True)
    }


def _direct(estimate: Estimate) -> Cell:
    """A direct estimate, where enough were asked."""
    few = estimate.flag != "suppressed" and (estimate.n or 0) < FEWEST_DIRECT
    return Cell() if few else estimate.cell("percent")


def _coverage(findings: Findings) -> Sequence[Block]:
    """Direct and model-based shares side by side, and where they lie."""
    measures = [one for one in MEASURES if findings.has(one[0])]
    provinces = _provinces(findings)
    direct = {one: findings.estimator.of(one[0], ["province"]) for one in measures}
    modelled = {one: _modelled(findings, *one) for one in measures}
    rows = []
    for province in provinces:
        base = direct[measures[0]].at(measures[0][1], province)
        cells = [Cell(findings.category("province", province)), base.base]
        for one in measures:
            cells.append(_direct(direct[one].at(one[1], province)))
            cells.append(modelled[one].get(province, Estimate()).cell("percent"))
        rows.append(Row(tuple(cells)))
    columns = [Column("province", say("province"), align="left"), Column("n", say("base"))]
    for of, category in measures:
        columns.append(Column(f"{of}_{category}_direct", say("direct"), say(f"measure_{of}_{category}")))
        columns.append(Column(f"{of}_{category}_model", say("model_based"), say(f"measure_{of}_{category}")))
    table = Table(
        "province_coverage", say("coverage_table"), tuple(columns), tuple(rows), _notes(findings), findings.source
    )
    first = measures[0]
    sentence = _contrast(findings, first)
    return [*bullets(sentence), *_map(findings, first, modelled[first]), table]


def _contrast(findings: Findings, measure: tuple[str, str]) -> Words | None:
    """Where a share is lowest and highest, and whether the intervals tell them apart."""
    asked = share_of(*measure, say(f"what_{measure[0]}_{measure[1]}"))
    found = widest_contrast(findings, asked, "province", fewest=FEWEST_DIRECT)
    if found is None:
        return None
    return say(
        "contrast" if found.high.differs_from(found.low) else "contrast_unclear",
        what=asked.label,
        low=found.low.number("percent"),
        low_place=found.low_group,
        high=found.high.number("percent"),
        high_place=found.high_group,
    )


def _notes(findings: Findings) -> tuple[Words, ...]:
    fewest = Number(FEWEST_DIRECT)
    return (say("model_note", least=Number(SMALLEST_BASE)), say("direct_note", fewest=fewest), interval_note(findings))


def _map(findings: Findings, measure: tuple[str, str], modelled: Mapping[str, Estimate]) -> list[Block]:
    """Provinces as tiles, by the model-based estimates; provinces without respondents stay blank."""
    if not modelled:
        return []
    known = findings.column("province").categories
    values = {one: estimate.estimate for one, estimate in modelled.items()}
    label = say(f"measure_{measure[0]}_{measure[1]}")
    chart = TileMap(
        tuple(known[one] for one in tiles()),
        tuple(tiles().values()),
        tuple(modelled.get(one, Estimate()).point for one in tiles()),
        say("map_axis", what=label),
    )
    ranked = sorted((one for one in values if values[one] is not None), key=lambda one: values[one] or 0.0)
    alt = say(
        "map_alt",
        low=Number(values[ranked[0]], "percent"),
        low_place=known[ranked[0]],
        high=Number(values[ranked[-1]], "percent"),
        high_place=known[ranked[-1]],
    )
    notes = (say("map_note"), say("map_scale_note"))
    return [Figure("province_map", say("map_figure", what=label), chart, alt, notes, findings.source)]


def _groups(findings: Findings) -> Sequence[Block]:
    """The smaller side of each focus group, by province: where direct estimates fail and the model earns its keep."""
    measure = MEASURES[0]
    sides = {name: _smaller(findings, name) for name in findings.focus if name != "province"}
    chosen = {name: side for name, side in sides.items() if side is not None}
    if not chosen:
        return [paragraph(say("no_groups"))]
    direct = {name: findings.estimator.of(measure[0], ["province"], among={name: side}) for name, side in chosen.items()}
    modelled = {name: _modelled(findings, *measure, among={name: side}) for name, side in chosen.items()}
    rows = []
    for province in _provinces(findings):
        cells = [Cell(findings.category("province", province))]
        for name in chosen:
            one = direct[name].at(measure[1], province)
            cells += [one.base, _direct(one), modelled[name].get(province, Estimate()).cell("percent")]
        rows.append(Row(tuple(cells)))
    columns = [Column("province", say("province"), align="left")]
    for name, side in chosen.items():
        label = findings.category(name, side)
        columns.append(Column(f"{name}_{side}_n", say("base"), label))
        columns.append(Column(f"{name}_{side}_direct", say("direct"), label))
        columns.append(Column(f"{name}_{side}_model", say("model_based"), label))
    gained = _gain(direct, modelled, measure[1])
    sentence = None if gained is None else say("gain", gain=Number(gained, "percent"))
    what = say(f"measure_{measure[0]}_{measure[1]}")
    table = Table(
        "province_groups", say("groups_table", what=what), tuple(columns), tuple(rows), _notes(findings), findings.source
    )
    return [paragraph(say("groups_lead")), *bullets(sentence), table]


def _smaller(findings: Findings, name: str) -> str | None:
    """The category of a focus group of which fewer were asked."""
    counted = findings.estimator.design.frame[name].cast(pl.String).drop_nulls().value_counts(sort=True)
    return str(counted[name][-1]) if counted.height > 1 else None


def _gain(direct: Mapping[str, Estimates], modelled: Mapping[str, Mapping[str, Estimate]], category: str) -> float | None:
    """By how much the model shortens standard errors, on average over provinces that have both."""
    shorter = []
    for name, estimates in modelled.items():
        asked = direct[name]
        for province, one in estimates.items():
            own = asked.at(category, province)
            if own.se and one.se and own.flag != "suppressed":
                shorter.append(1 - one.se / own.se)
    return float(np.mean(shorter)) if shorter else None


# --- local practice -------------------------------------------------------------------------------------------------------


def _local(findings: Findings) -> list[tuple[str, Practice]]:
    """Local practices of the provinces that were surveyed, in the provinces' order."""
    provinces = _provinces(findings)
    told = [(one.entry.province, one) for one in findings.evidence.field.practices]
    return [(province, one) for province in provinces for place, one in told if place == province]


def _practices(findings: Findings) -> Sequence[Block]:
    """What provinces and cities tried beyond the general rules; the whole cards stand in the chapter on the field."""
    columns = [Column(name, say(name), align="left") for name in ("province", "practice", "since", "price", "known_from")]
    rows = []
    for province, one in _local(findings):
        entry = one.entry
        since = say("since_until", since=entry.since or UNKNOWN, until=entry.until) if entry.until else None
        began = Words.same(entry.since) if entry.since else None
        title = say("practice_in", title=entry.title.words, where=entry.where.words)
        price = Cell(entry.cost.words if entry.cost else None)
        known = Cell(confidence_words(entry.confidence))
        rows.append(Row((Cell(findings.category("province", province)), Cell(title), Cell(since or began), price, known)))
    table = Table("province_practices", say("practices_table"), tuple(columns), tuple(rows), (say("practices_note"),))
    return [paragraph(say("practices_lead", count=Number(len(rows)))), table]
