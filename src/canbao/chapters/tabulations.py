"""Tables that the study asks for in study.yaml, of its own columns or any others."""

from __future__ import annotations

from collections.abc import Iterator

from canbao.chapters.document import Block, Section
from canbao.chapters.findings import (
    Findings,
    bullets,
    categories_by_groups,
    contrast_sentence,
    interval_shares,
    mean_of,
    means_table,
    median_of,
    paragraph,
    share_of,
    shares_table,
    within_sentence,
)
from canbao.languages import Catalogue
from canbao.settings import Tabulation

say = Catalogue("canbao.chapters", "tabulations")


def chapter(findings: Findings) -> Section | None:
    """One section a table; None where the study asks for none."""
    wanted = findings.settings.tabulations
    if not wanted:
        return None
    sections = [_section(findings, tabulation, at) for at, tabulation in enumerate(wanted, start=1)]
    return Section("tabulations", say("title"), (paragraph(say("lead")),), tuple(sections))


def _section(findings: Findings, tabulation: Tabulation, at: int) -> Section:
    label = findings.label(tabulation.of)
    title = tabulation.title.words if tabulation.title else label
    return Section(f"tabulation_{at}", title, tuple(_blocks(findings, tabulation, at)))


def _blocks(findings: Findings, tabulation: Tabulation, at: int) -> Iterator[Block]:
    column = findings.column(tabulation.of)
    groupings = [name for name in tabulation.by or findings.focus if name != column.name]
    key, title = f"tabulation_{at}", say("table", column=column.label)
    if column.type == "yes_no":
        measure = share_of(column.name, "yes", column.label)
        what = say("share", column=within_sentence(column.label))
        yield from bullets(*(contrast_sentence(findings, column.name, "yes", name, what) for name in groupings))
        share = findings.estimator.of(column.name).at("yes")
        alt = say("alt", column=column.label, share=share.number("percent"))
        yield interval_shares(findings, key, title, [measure], groupings, axis=say("share_axis"), alt=alt, headline=alt)
        yield means_table(findings, key, title, [measure], groupings)
    elif column.type == "category":
        yield shares_table(findings, key, title, column.name, groupings)
    elif column.type == "set":
        yield categories_by_groups(findings, key, title, column.name, groupings)
    elif column.is_numeric:
        measures = [mean_of(column.name, column.label, column.form), median_of(column.name, column.label, column.form)]
        yield means_table(findings, key, title, measures, groupings)
