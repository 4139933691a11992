"""Tables that the study asks for in study.yaml, of its own columns or any others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from canbao.chapters.document import Block, Section
from canbao.chapters.findings import (
    Among,
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
)
from canbao.languages import Catalogue, Words, joined, within_sentence
from canbao.settings import Tabulation

say = Catalogue("canbao.chapters", "tabulations")

MOST_FREQUENT = 3
"""So many of a question's answers are told in words."""


def chapter(findings: Findings) -> Section | None:
    """One section a table; None where the study asks for none."""
    wanted = findings.settings.tabulations
    if not wanted:
        return None
    sections = [tabulated(findings, tabulation, at) for at, tabulation in enumerate(wanted, start=1)]
    return Section("tabulations", say("title"), (paragraph(say("lead")),), tuple(sections))


def tabulated(findings: Findings, tabulation: Tabulation, at: int = 1) -> Section:
    """One table, and a chart where one says more; `at` numbers it among others."""
    label = findings.label(tabulation.of)
    title = tabulation.title.words if tabulation.title else label
    return Section(f"tabulation_{at}", title, tuple(_blocks(findings, tabulation, at)))


def _blocks(findings: Findings, tabulation: Tabulation, at: int) -> Iterator[Block]:
    column = findings.column(tabulation.of)
    groupings = [name for name in tabulation.by or findings.focus if name != column.name]
    among = tabulation.among or None
    everybody = among_words(findings, among)
    key, title = f"tabulation_{at}", say("table", column=column.label)
    if column.type == "yes_no":
        measure = share_of(column.name, "yes", column.label)
        what = say("share", column=within_sentence(column.label))
        if not among:
            yield from bullets(*(contrast_sentence(findings, column.name, "yes", name, what) for name in groupings))
        share = findings.estimator.of(column.name, among=among).at("yes")
        alt = say("alt", column=column.label, share=share.number("percent"))
        yield interval_shares(
            findings, key, title, [measure], groupings, axis=say("share_axis"), alt=alt, among=among, headline=alt
        )
        yield means_table(findings, key, title, [measure], groupings, among=among, everybody=everybody)
    elif column.type == "category":
        yield from _most_frequent(findings, tabulation, groupings)
        yield shares_table(findings, key, title, column.name, groupings, among=among, everybody=everybody)
    elif column.type == "set":
        yield categories_by_groups(findings, key, title, column.name, groupings, among=among, everybody=everybody)
    elif column.is_numeric:
        measures = [mean_of(column.name, column.label, column.form), median_of(column.name, column.label, column.form)]
        yield means_table(findings, key, title, measures, groupings, among=among, everybody=everybody)


def _most_frequent(findings: Findings, tabulation: Tabulation, groupings: Sequence[str]) -> Sequence[Block]:
    """The answers most often given, and how groups differ in the first of them."""
    column, among = findings.column(tabulation.of), tabulation.among or None
    shares = findings.estimator.of(column.name, among=among)
    known = [one for one in shares.categories if shares.at(one).known]
    ranked = sorted(known, key=lambda one: -(shares.at(one).estimate or 0))[:MOST_FREQUENT]
    if not ranked:
        return []
    answers = (
        say("answer", answer=within_sentence(column.categories[one]), share=shares.at(one).number("percent"))
        for one in ranked
    )
    told = say("most_frequent", column=column.label, answers=joined(answers, zh="，"))
    what = say("share", column=within_sentence(column.categories[ranked[0]]))
    apart = [] if among else [contrast_sentence(findings, column.name, ranked[0], name, what) for name in groupings]
    return bullets(told, *apart)


def among_words(findings: Findings, among: Among | None) -> Words | None:
    """Whom a table is about; None for everybody."""
    if not among:
        return None
    wanted = {name: [one] if isinstance(one, str) else one for name, one in among.items()}
    return joined(
        joined((findings.category(name, one) for one in ones), en=" or ", zh="或") for name, ones in wanted.items()
    )
