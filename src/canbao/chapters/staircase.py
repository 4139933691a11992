"""The coverage staircase as a figure and a table: who is covered, and on which step the others were lost (C11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from canbao.chapters.document import Block, Cell, Column, Figure, Row, Staircase, Table
from canbao.chapters.estimates import Estimate, Estimates
from canbao.chapters.findings import Findings, bullets, shares_table, weighted_note
from canbao.languages import Catalogue, Number, Words, within_sentence
from canbao.workers.staircase import GAPS, shapley_shares

say = Catalogue("canbao.chapters", "staircase")


def staircase_of(findings: Findings, gap: str, title: Words, what: Words, notes: Sequence[Words] = ()) -> Sequence[Block]:
    """One branch: the figure, the sentence that goes with it, and the table by focus group.

    Args:
        findings: the study.
        gap: the column that says whether a worker is covered, or the gap.
        title: of the figure.
        what: the branch, as it stands in a sentence.
        notes: how the steps are told apart, under the table.
    """
    shares = findings.estimator.of(gap)
    shown = [step for step in (*GAPS, "covered") if (shares.at(step).estimate or 0) > 0 or shares.at(step).flag]
    sentence = _sentence(findings, gap, what, shares)
    chart = Staircase(
        tuple(findings.category(gap, step) for step in shown),
        tuple(shares.at(step).point for step in shown),
        tuple("covered" if step == "covered" else "gap" for step in shown),
    )
    return [
        *bullets(sentence),
        Figure(f"{gap}_staircase", title, chart, sentence, (say("order_note"),), findings.source, sentence),
        shares_table(
            findings,
            f"{gap}_by_group",
            say("table", what=what),
            gap,
            findings.focus,
            categories=["covered", *(step for step in shown if step != "covered")],
            notes=notes,
        ),
    ]


def _sentence(findings: Findings, gap: str, what: Words, shares: Estimates) -> Words:
    """How many are covered, and where most of the others are lost, if that is known and one step stands out."""
    covered = shares.at("covered")
    widest = widest_step(shares)
    if widest is None or covered.estimate is None:
        return say("sentence_covered", what=what, covered=covered.number("percent"))
    most = (shares.at(widest).estimate or 0.0) > (1 - covered.estimate) / 2
    if not most and gap == "pension_gap" and (largest := largest_gaps(findings)) and largest[0] != largest[1]:
        return say(
            "sentence_turns",
            what=what,
            covered=covered.number("percent"),
            step=within_sentence(findings.category(gap, widest)),
            share=shares.at(widest).number("percent"),
            other=within_sentence(findings.category(gap, largest[1])),
            equal=attributions(findings)[largest[1]][1].number("percent"),
        )
    return say(
        "sentence_most" if most else "sentence_largest",
        what=what,
        covered=covered.number("percent"),
        step=within_sentence(findings.category(gap, widest)),
        share=shares.at(widest).number("percent"),
    )


def widest_step(shares: Estimates) -> str | None:
    """The gap in which most are lost; None where a step is hidden, or nobody is lost."""
    known = {step: share for step in GAPS if (share := shares.at(step).estimate)}
    hidden = any(shares.at(step).flag == "suppressed" for step in GAPS)
    return None if hidden else max(known, key=lambda step: known[step], default=None)


def attributions(findings: Findings) -> Mapping[str, tuple[Estimate, Estimate]]:
    """Each pension gap in the order of attribution, and in equal parts for all the steps that fail."""
    in_order = findings.estimator.of("pension_gap")
    parts = shapley_shares(list(findings.estimator.design.frame.columns))
    return {
        gap: (in_order.at(gap), findings.estimator.mean_of("pension_gap", f"equal_parts:{gap}", parts[gap])) for gap in GAPS
    }


def largest_gaps(findings: Findings) -> tuple[str, str] | None:
    """The largest pension gap by either count; None where a step is hidden."""
    counts = attributions(findings)
    in_order = {gap: first.estimate for gap, (first, _) in counts.items() if first.estimate is not None}
    equal = {gap: parts.estimate for gap, (_, parts) in counts.items() if parts.estimate is not None}
    if len(in_order) < len(GAPS) or len(equal) < len(GAPS):
        return None
    return max(in_order, key=lambda gap: in_order[gap]), max(equal, key=lambda gap: equal[gap])


def shapley_table(findings: Findings) -> Table:
    """The pension gaps in the order of attribution beside equal parts for all the steps that fail."""
    rows = []
    for gap, (in_order, equal) in attributions(findings).items():
        label = Cell(findings.category("pension_gap", gap))
        rows.append(Row((label, in_order.cell("percent"), equal.cell("percent")), key=gap))
    columns = (
        Column("gap", say("gap"), align="left"),
        Column("in_order", say("in_order")),
        Column("equal_parts", say("equal_parts")),
    )
    base = Number(findings.estimator.of("pension_gap").at("covered").n)
    notes = (say("shapley_note"), say("base_note", n=base), weighted_note(findings))
    return Table("gap_attribution", say("shapley_table"), columns, tuple(rows), notes, findings.source)
