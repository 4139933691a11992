"""Conditions on answers in words, as an interviewer or a reader of a definition needs them."""

from __future__ import annotations

from canbao.chapters.findings import Findings
from canbao.languages import Catalogue, Words, joined
from canbao.workers.condition import Part, Span, values
from canbao.workers.vocabulary import YES_NO

say = Catalogue("canbao.chapters", "conditions")


def condition_words(findings: Findings, named: Words, name: str, wanted: Part) -> Words:
    """One part of a condition.

    Args:
        findings: with the labels of the study's columns.
        named: what the column is called here: its label, or the number of its question.
        name: of the column.
        wanted: the answers that let somebody in; those that nobody could give are left out.
    """
    if isinstance(wanted, Span):
        key = "from" if wanted.high is None else "to" if wanted.low is None else "span"
        limits = {one: f"{limit:g}" for one, limit in (("low", wanted.low), ("high", wanted.high)) if limit is not None}
        return say(key, column=named, **limits)
    column = findings.column(name)
    labels = YES_NO if column.type == "yes_no" else column.categories
    offered = [labels[one] for one in values(wanted) if one in labels and one not in column.unasked]
    return say("answer", column=named, answers=joined(offered, en=" or ", zh="”或“"))
