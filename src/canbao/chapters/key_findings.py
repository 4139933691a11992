"""The key findings: the numbers that people will remember, figures at a glance, and what each chapter has to say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from canbao.chapters.document import (
    Block,
    Bullets,
    Chart,
    Figure,
    KeyFigure,
    KeyFigures,
    Point,
    Section,
    SmallChart,
    SmallCharts,
    StackedBars,
    Staircase,
)
from canbao.chapters.findings import Findings, Measure, bullets, ended, mean_of, rate_per_100, share_of
from canbao.chapters.focus import outcomes
from canbao.languages import Catalogue, Number, Words

say = Catalogue("canbao.chapters", "key_findings")

MOST_FIGURES = 8
MOST_MESSAGES = 9

AT_A_GLANCE = (
    "pension_scheme",
    "injury_cover",
    "pension_gap_staircase",
    "medical_scheme",
    "injury_gap_staircase",
)
"""The figures that are shown small, the first ones that a report has."""

MOST_SMALL_CHARTS = 3


def chapter(findings: Findings, chapters: Iterable[Section]) -> Section:
    """Headline numbers, a few figures at a glance, then the messages of the chapters.

    Args:
        findings: the study.
        chapters: the report's other chapters.
    """
    figures = headlines(findings)
    blocks: list[Block] = [KeyFigures(figures)] if figures else []
    read = [*chapters]
    small = _small_charts([block for chapter in read for block in chapter.walk() if isinstance(block, Figure)])
    if small:
        blocks.append(SmallCharts(small))
    messages = _chosen([_messages(chapter, {one.figure for one in small}) for chapter in read])
    return Section("key_findings", say("title"), (*blocks, *bullets(*messages)), numbered=False)


def headlines(findings: Findings) -> tuple[KeyFigure, ...]:
    """The numbers worth a large print."""
    return tuple(_key_figures(findings))[:MOST_FIGURES]


def _small_charts(drawn: Sequence[Figure]) -> tuple[SmallChart, ...]:
    """The first few of the figures that are worth a glance."""
    found = {figure.key: figure for figure in drawn}
    shown = [key for key in AT_A_GLANCE if key in found][:MOST_SMALL_CHARTS]
    return tuple(_small(found[key]) for key in shown)


def _small(figure: Figure) -> SmallChart:
    note = say("counted_first") if isinstance(figure.chart, Staircase) else None
    return SmallChart(say(f"small_{figure.key}"), _bars(figure.chart), figure.key, note)


def _bars(chart: Chart) -> tuple[tuple[Words, Point], ...]:
    """What a chart says of all workers."""
    match chart:
        case StackedBars(series=labels, values=(points, *_)):
            return tuple(zip(labels, points, strict=True))
        case Staircase(steps=labels, values=points, kinds=kinds):
            bars = zip(labels, points, kinds, strict=True)
            return tuple((label, point) for label, point, _ in sorted(bars, key=lambda bar: bar[2] != "covered"))
        case _:
            raise AssertionError(chart)


def _messages(chapter: Section, shown: Collection[str]) -> list[Words]:
    """What a chapter has to say, each message once, as a sentence; a figure that is shown speaks for itself."""
    said: dict[Words, None] = {}
    for block in chapter.walk():
        match block:
            case Figure(key=key, headline=Words() as headline) if key not in shown:
                said[ended(headline)] = None
            case Bullets(items, messages=True):
                said |= dict.fromkeys(map(ended, items))
    return [*said]


def _chosen(by_chapter: Sequence[Sequence[Words]]) -> list[Words]:
    """The messages for which there is room, in the order of the chapters: the first of each, then their second ones."""
    ranked = [(rank, chapter) for chapter, said in enumerate(by_chapter) for rank in range(len(said))]
    kept = sorted((chapter, rank) for rank, chapter in sorted(ranked)[:MOST_MESSAGES])
    return list(dict.fromkeys(by_chapter[chapter][rank] for chapter, rank in kept))


@dataclass(frozen=True, slots=True)
class _Headline:
    """A number worth a large print, and the column that it needs."""

    column: str
    measure: Measure


def _headlines(findings: Findings) -> Iterator[_Headline]:
    yield _Headline("pension_scheme", share_of("pension_scheme", "employee", say("pension_employee")))
    yield _Headline("pension_scheme", share_of("pension_scheme", "none", say("pension_none")))
    yield _Headline("medical_scheme", share_of("medical_scheme", "none", say("medical_none")))
    yield _Headline("injury_cover", share_of("injury_cover", "none", say("injury_none")))
    yield _Headline("injuries_12", rate_per_100("injuries_12", say("injuries")))
    yield _Headline("informal", share_of("informal", "yes", say("informal")))
    yield _Headline("aware", share_of("aware", "yes", say("aware")))
    yield _Headline("branches_held", mean_of("branches_held", say("branches"), "decimal2"))
    standing = {"pension_scheme", "medical_scheme", "injury_cover"}
    if not any(findings.has(name) for name in standing):
        for name in outcomes(findings):
            yield _Headline(name, share_of(name, "yes", findings.label(name)))


def _key_figures(findings: Findings) -> Iterator[KeyFigure]:
    for one in _headlines(findings):
        if not findings.has(one.column):
            continue
        measure = one.measure
        estimate = measure.ask(findings.estimator, (), None).at(measure.category)
        if estimate.known:
            limits = (Number(estimate.low, measure.form), Number(estimate.high, measure.form))
            detail = None if estimate.low is None else say("interval", low=limits[0], high=limits[1], n=Number(estimate.n))
            yield KeyFigure(estimate.number(measure.form), measure.label, detail)
