"""The literature that the study collected: a review table, and the list of references."""

from __future__ import annotations

from canbao.chapters.document import Cell, Column, References, Row, Section, Table
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.evidence import Work
from canbao.languages import Catalogue, Number, Words, joined

say = Catalogue("canbao.chapters", "literature")


def chapter(findings: Findings) -> Section:
    """What the works found, by theme and work."""
    works = findings.literature.works
    if not works:
        return Section("literature", say("title"), (paragraph(say("none")),))
    columns = (
        Column("work", say("work"), align="left"),
        Column("year", say("year")),
        Column("themes", say("themes"), align="left"),
        Column("finding", say("finding"), align="left"),
    )
    ordered = sorted(works, key=lambda work: (work.year, work.authors), reverse=True)
    table = Table("literature", say("table"), columns, tuple(_row(work) for work in ordered), (say("note"),))
    lead = say("lead", n=Number(len(works)), first=works[0].year, last=works[-1].year)
    return Section("literature", say("title"), (paragraph(lead), *bullets(*_by_theme(findings)), table))


def references(findings: Findings) -> Section | None:
    """The list of works cited; None where there are none."""
    if not findings.literature.works:
        return None
    return Section("references", say("references"), (References(),), numbered=False)


def _row(work: Work) -> Row:
    return Row(
        (
            Cell(Words.same(f"[@{work.key}]")),
            Cell(Words.same(work.year)),
            Cell(joined([_theme(theme) for theme in work.themes]) if work.themes else None),
            Cell(work.finding or Words.same(work.title)),
        )
    )


def _by_theme(findings: Findings) -> list[Words]:
    """For each theme, the works that speak to it."""
    themes: dict[str, list[str]] = {}
    for work in findings.literature.works:
        for theme in work.themes:
            themes.setdefault(theme, []).append(work.key)
    frequent = [(theme, keys) for theme, keys in themes.items() if len(keys) >= 2]
    cited = [(theme, "; ".join(f"@{key}" for key in keys)) for theme, keys in frequent]
    return [say("theme", theme=_theme(theme), works=f"[{keys}]") for theme, keys in cited]


def _theme(theme: str) -> Words:
    key = f"theme_{theme.replace(' ', '_').replace('-', '_').lower()}"
    return say(key) if key in say else Words.same(theme)
