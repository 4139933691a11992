"""Why gaps exist: the coverage staircase of every branch, as far as answers carry it (C11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from canbao.chapters.document import Block, Cell, Column, Row, Section, Table
from canbao.chapters.findings import Findings, Part, bullets, chapter_of, paragraph, weighted_note
from canbao.chapters.staircase import attributions, largest_gaps, shapley_table, staircase_of, widest_step
from canbao.languages import Catalogue, Words, within_sentence
from canbao.workers.staircase import GAPS

say = Catalogue("canbao.chapters", "gaps")

BRANCHES = ("pension", "medical", "injury", "unemployment", "maternity")


def chapter(findings: Findings) -> Section:
    """All branches side by side, two orders of attribution, and the branches that hang on an employer."""
    return chapter_of(
        findings,
        "gaps",
        say("title"),
        [paragraph(say("lead"))],
        [
            Part("all_branches", say("all_branches"), ("pension_gap",), _all_branches),
            Part("attribution", say("attribution"), ("pension_gap",), _attribution),
            *(
                Part(f"{branch}_gap", say(branch), (f"{branch}_gap",), _branch(branch))
                for branch in ("injury", "unemployment")
            ),
        ],
    )


def _all_branches(findings: Findings) -> Sequence[Block]:
    shown = [branch for branch in BRANCHES if findings.has(f"{branch}_gap")]
    columns = (
        Column("step", say("step"), align="left"),
        *(Column(branch, say(f"branch_{branch}")) for branch in shown),
    )
    asked = {branch: findings.estimator.of(f"{branch}_gap") for branch in shown}
    rows = [Row((Cell(say("base")), *(one.at("covered").base for one in asked.values())))]
    for step in ("covered", *GAPS):
        cells = [one.at(step).cell("percent") for one in asked.values()]
        row = (Cell(findings.category("pension_gap", step)), *cells)
        rows.append(Row(row, "total" if step == "covered" else "body"))
    notes = (say("all_note"), weighted_note(findings))
    table = Table("staircases", say("all_table"), columns, tuple(rows), notes, findings.source)
    return [*bullets(*(_largest(findings, branch) for branch in shown)), table]


def _largest(findings: Findings, branch: str) -> Words | None:
    """Where most of a branch's uncovered are lost; nothing where a step is hidden or nobody is uncovered."""
    shares = findings.estimator.of(f"{branch}_gap")
    widest = widest_step(shares)
    if widest is None:
        return None
    share = shares.at(widest).number("percent")
    if widest == UNDETERMINED:
        return say("largest_undetermined", branch=say(f"branch_{branch}"), share=share)
    step = within_sentence(findings.category("pension_gap", widest))
    return say("largest", branch=say(f"branch_{branch}"), step=step, share=share)


UNDETERMINED = "undetermined"


def _attribution(findings: Findings) -> Sequence[Block]:
    return [paragraph(say("attribution_lead")), *bullets(_turns(findings)), shapley_table(findings)]


def _turns(findings: Findings) -> Words | None:
    """Whether the largest gap is another one by equal parts; nothing where a step is hidden."""
    largest = largest_gaps(findings)
    if largest is None:
        return None
    counts, (first, second) = attributions(findings), largest
    return say(
        "attribution_stays" if first == second else "attribution_turns",
        first=within_sentence(findings.category("pension_gap", first)),
        in_order=counts[first][0].number("percent"),
        second=within_sentence(findings.category("pension_gap", second)),
        equal=counts[second][1].number("percent"),
        first_equal=counts[first][1].number("percent"),
    )


def _branch(branch: str) -> Callable[[Findings], Sequence[Block]]:
    return lambda findings: staircase_of(findings, f"{branch}_gap", say(f"{branch}_figure"), say(f"{branch}_what"))
