"""The literature that the study collected: how it was found, what it says, and the list of references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from canbao.careers import life_parameters
from canbao.careers.extraction import ExtractedRow, Sign, Unit, shipped_rows
from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Figure,
    FlowDiagram,
    Interval,
    Notice,
    References,
    Row,
    Section,
    Table,
)
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.evidence import Work
from canbao.evidence.literature.extraction import Extraction, Synthesis, synthesis
from canbao.evidence.literature.screening import Flow, Screening, open_duplicates
from canbao.languages import Catalogue, Form, Number, Words, joined

say = Catalogue("canbao.chapters", "literature")


def chapter(findings: Findings) -> Section:
    """How the works were found and kept, what they found by theme and determinant, and each result."""
    works = _reviewed_works(findings)
    if not findings.literature.works:
        return Section("literature", say("title"), (paragraph(say("none")),))
    if not works:
        return Section("literature", say("title"), (), (_searching(findings),))
    sections = (
        _searching(findings),
        Section("works", say("title_works"), tuple(_works(works))),
        Section("results", say("title_results"), tuple(_results(findings))),
    )
    written = tuple(one for one in sections if one.blocks)
    years = sorted(work.year for work in works if work.year)
    lead = (
        say("lead", n=Number(len(works)), first=years[0], last=years[-1])
        if years
        else say("lead_undated", n=Number(len(works)))
    )
    return Section("literature", say("title"), (paragraph(lead),), written)


def references(findings: Findings) -> Section | None:
    """The list of works cited; None where there are none."""
    if not findings.literature.citations:
        return None
    blocks = (References(), paragraph(say("references_note")))
    return Section("references", say("references"), blocks, numbered=False)


def reviewed(findings: Findings) -> frozenset[str]:
    """The keys of the works that the review holds: those that screening kept, or all where nobody screened."""
    return frozenset(work.key for work in _reviewed_works(findings))


def _reviewed_works(findings: Findings) -> list[Work]:
    screening = findings.evidence.screening
    works = findings.literature.works
    return [work for work in works if not screening.done or work.key in screening.included]


# --- how they were found --------------------------------------------------------------------------------------------------


Counted = tuple[Words, int]
"""What was counted, and how many times."""


def _searching(findings: Findings) -> Section:
    screening = findings.evidence.screening
    blocks: list[Block] = []
    if screening.searches and screening.searches.searches:
        blocks.append(_searches(screening))
    if screening.done:
        flow = screening.flow([work.key for work in findings.literature.works])
        blocks += [paragraph(_flow_sentence(flow)), _flow(flow, screening)]
        blocks += bullets(*_agreement(screening))
    blocks += _duplicates(findings)
    return Section("searching", say("title_searching"), tuple(blocks))


def _searches(screening: Screening) -> Table:
    assert screening.searches is not None
    columns = (
        Column("source", say("searched"), align="left"),
        Column("kind", say("kind"), align="left"),
        Column("date", say("date")),
        Column("query", say("query"), align="left"),
        Column("records", say("records")),
    )
    rows = tuple(
        Row(
            (
                Cell(one.source.words),
                Cell(say(f"kind_{one.kind}")),
                Cell(Words.same(one.date.isoformat()) if one.date else None),
                Cell(Words.same(one.query) if one.query else None),
                Cell(Number(one.records)),
            )
        )
        for one in screening.searches.searches
    )
    repeatable = all(one.date and one.query for one in screening.searches.searches)
    return Table("searches", say("searches_table"), columns, rows, () if repeatable else (say("not_systematic"),))


def _flow_sentence(flow: Flow) -> Words:
    identified = sum(flow.identified.values())
    return say(
        "flow_sentence", identified=Number(identified), assessed=Number(flow.assessed), included=Number(flow.included)
    )


def _flow(flow: Flow, screening: Screening) -> Figure:
    """The flow diagram of the PRISMA 2020 statement: what was found, screened, read and included, and what was left out."""
    removed = [(say("removed", reason=screening.labels[reason]), times) for reason, times in flow.removed.items()]
    reasons = [(say("left_out", reason=screening.labels[reason]), times) for reason, times in flow.reasons.items()]
    stages: list[tuple[list[Counted], list[Counted]]] = [
        (
            [(say(f"identified_{kind}"), times) for kind, times in flow.identified.items()],
            [*removed, (say("unscreened"), flow.unscreened)],
        ),
        ([(say("screened"), flow.screened)], [(say("excluded"), flow.excluded)]),
        ([(say("sought"), flow.sought)], [(say("not_retrieved"), flow.not_retrieved), (say("waiting"), flow.waiting)]),
        ([(say("assessed"), flow.assessed)], reasons),
        ([(say("included"), flow.included)], []),
    ]
    chart = FlowDiagram(
        tuple(tuple(told) for told, _ in stages),
        tuple(tuple((words, times) for words, times in left if times) for _, left in stages),
    )
    return Figure("literature_flow", say("flow_figure"), chart, _flow_sentence(flow), (say("flow_note"),))


def _agreement(screening: Screening) -> Iterator[Words]:
    for one in screening.agreement():
        share = Number(one.agreed / one.pairs, "percent")
        told = say("agreement", stage=say(f"stage_{one.stage}"), pairs=Number(one.pairs), share=share)
        yield told if one.kappa is None else say("with_kappa", told=told, kappa=Number(one.kappa, "decimal2"))


def _duplicates(findings: Findings) -> list[Block]:
    """Works that seem to stand in the bibliographies twice, unless screening has taken one of the two out."""
    found = open_duplicates(findings.literature.works, findings.evidence.screening)
    if not found:
        return []
    pairs = joined((Words.same(f"`{one.first}`, `{one.second}`") for one in found), en="; ", zh="；")
    return [Notice(say("duplicates", pairs=pairs))]


# --- what they say --------------------------------------------------------------------------------------------------------


def _works(works: Sequence[Work]) -> list[Block]:
    columns = (
        Column("work", say("work"), align="left"),
        Column("year", say("year")),
        Column("themes", say("themes"), align="left"),
        Column("finding", say("finding"), align="left"),
    )
    ordered = sorted(works, key=lambda work: (work.year, work.authors), reverse=True)
    table = Table("literature", say("table"), columns, tuple(_row(work) for work in ordered), (say("note"),))
    themes = _by_theme(works)
    return [table, *([paragraph(say("themes_lead")), *bullets(*themes)] if themes else [])]


def _row(work: Work) -> Row:
    return Row(
        (
            Cell(Words.same(f"[@{work.key}]")),
            Cell(Words.same(work.year) if work.year else None),
            Cell(joined([_theme(theme) for theme in work.themes]) if work.themes else None),
            Cell(work.finding or Words.same(work.title)),
        )
    )


def _by_theme(works: Sequence[Work]) -> list[Words]:
    """For each theme, the works that speak to it."""
    themes: dict[str, list[str]] = {}
    for work in works:
        for theme in work.themes:
            themes.setdefault(theme, []).append(work.key)
    cited = [(theme, "; ".join(f"@{key}" for key in keys)) for theme, keys in themes.items()]
    return [say("theme", theme=_theme(theme), works=f"[{keys}]") for theme, keys in cited]


def _theme(theme: str) -> Words:
    key = f"theme_{theme.replace(' ', '_').replace('-', '_').lower()}"
    return say(key) if key in say else Words.same(theme)


# --- results, by determinant and one by one -------------------------------------------------------------------------------

FORMS: Mapping[Unit, Form] = {
    "points": "points",
    "share": "percent",
    "log_odds": "decimal2",
    "odds_ratio": "decimal2",
    "log_points": "decimal2",
    "elasticity": "decimal2",
    "years": "decimal",
    "ratio": "decimal2",
}
SIGNS: tuple[Sign, ...] = ("positive", "negative", "none", "mixed")


def _results(findings: Findings) -> list[Block]:
    """The synthesis over the study's rows and those on which the simulation rests, then all rows."""
    rows = rows_of(findings)
    if not rows:
        return []
    extraction = findings.evidence.extraction
    found = synthesis(list(rows.values()))
    blocks: list[Block] = [paragraph(say("results_lead", times=Number(len(rows))))]
    if found:
        blocks.append(_synthesis(found, extraction))
    return [*blocks, _extracted(findings, rows)]


def rows_of(findings: Findings) -> dict[str, ExtractedRow]:
    """The study's extracted rows, then those of the programme on which its simulation rests."""
    own = dict(findings.evidence.extraction.rows)
    if findings.simulator is None:
        return own
    parameters = life_parameters()
    linked = dict.fromkeys(row for name in parameters for row in parameters[name].entry.evidence)
    return {**own, **{name: shipped_rows()[name] for name in linked}}


def cited_row(findings: Findings, row: ExtractedRow) -> Words:
    """The work that a row was taken from, as a citation."""
    return Words.same(f"[@{findings.literature.key(row.work)}]")


def _synthesis(found: Sequence[Synthesis], extraction: Extraction) -> Table:
    columns = (
        Column("result", say("determinant_outcome"), align="left"),
        Column("works", say("works")),
        *(Column(sign, say(f"mark_{sign}"), say("signs")) for sign in SIGNS),
        Column("effects", say("effects"), align="left"),
    )
    rows = tuple(
        Row(
            (
                Cell(_effect_on(one.determinant, one.outcome, extraction)),
                Cell(Number(one.works)),
                *(Cell(Number(one.signs[sign]) if sign in one.signs else None) for sign in SIGNS),
                Cell(_ranges(one)),
            )
        )
        for one in found
    )
    notes = (say("synthesis_note"),)
    return Table("literature_synthesis", say("synthesis_table"), columns, rows, notes)


def _ranges(one: Synthesis) -> Words | None:
    """`−12.3 to −9.3 percentage points (3)`, for each unit."""
    told = []
    for unit, (times, low, high) in one.ranges.items():
        numbers = {"low": Number(low, FORMS[unit]), "high": Number(high, FORMS[unit])}
        key = "range" if times > 1 else "single"
        told.append(say(key, unit=say(f"unit_{unit}"), times=Number(times), **numbers))
    return joined(told, en="; ", zh="；") if told else None


def _extracted(findings: Findings, rows: Mapping[str, ExtractedRow]) -> Table:
    extraction = findings.evidence.extraction
    columns = (
        Column("row", say("row"), align="left"),
        Column("place", say("place"), align="left"),
        Column("year", say("data_year")),
        Column("n", say("observations")),
        Column("method", say("method"), align="left"),
        Column("result", say("result"), align="left"),
        Column("effect", say("effect")),
        Column("unit", say("unit"), align="left"),
        Column("sign", say("sign"), align="left"),
        Column("seen", say("seen"), align="left"),
    )
    listed = tuple(
        Row(
            (
                Cell(cited_row(findings, row)),
                Cell(row.place.words if row.place else None),
                Cell(Words.same(row.year) if row.year else None),
                Cell(Number(row.n) if row.n else None),
                Cell(say(f"method_{row.method}") if row.method else None),
                Cell(_result(row, extraction)),
                _effect(row),
                Cell(say(f"unit_{row.unit}") if row.unit else None),
                Cell(say(f"sign_{row.sign}") if row.sign else None),
                Cell(_seen(row)),
            )
        )
        for row in rows.values()
    )
    notes = (say("extraction_note"),) if any(row.interval for row in rows.values()) else ()
    return Table("literature_extraction", say("extraction_table"), columns, listed, notes)


def _result(row: ExtractedRow, extraction: Extraction) -> Words:
    if row.determinant is None:
        told = extraction.outcome(row.outcome)
    else:
        told = _effect_on(row.determinant, row.outcome, extraction)
    return say("noted", result=told, note=row.note.words) if row.note else told


def _effect_on(determinant: str, outcome: str, extraction: Extraction) -> Words:
    return say("effect_on", determinant=extraction.determinant(determinant), outcome=extraction.outcome(outcome))


def _effect(row: ExtractedRow) -> Cell:
    if row.effect is None or row.unit is None:
        return Cell()
    form = FORMS[row.unit]
    interval = Interval(*row.interval, form) if row.interval else None
    return Cell(Number(row.effect, form), None, interval)


def _seen(row: ExtractedRow) -> Words:
    seen = say(f"seen_{row.seen}")
    if row.page is None:
        return seen
    return say("at_page", seen=seen, page=Words.same(row.page) if isinstance(row.page, str) else row.page.words)
