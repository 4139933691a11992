"""Context, questions and the definitions on which the rest of the report stands."""

from __future__ import annotations

from canbao.chapters.document import Bullets, Cell, Column, Row, Section, Table
from canbao.chapters.findings import Findings, paragraph
from canbao.languages import Catalogue, Words, joined, within_sentence

say = Catalogue("canbao.chapters", "context")

TERMS = ("non_standard", "flexible", "platform", "migrant", "legal_coverage", "effective_coverage", "contributor")
INDICATORS = ("C1–C14", "A1–A8", "L1–L6", "I1–I15", "E1–E10")
"""The lists of indicators whose codes stand in titles; what they are stands with the abbreviations."""
ICSE_BRIDGE = (
    "employer",
    "own_account",
    "dependent_contractor",
    "permanent_employee",
    "fixed_term_employee",
    "casual_employee",
)


def chapter(findings: Findings) -> Section:
    """What the study asks, and what its words mean."""
    questions = Bullets(tuple(say(f"question_{number}") for number in range(1, 5)))
    return Section(
        "context",
        say("title"),
        (paragraph(say("lead", law=Words.day(findings.settings.law_date))),),
        (
            Section("questions", say("questions"), (questions,)),
            Section(
                "definitions",
                say("definitions"),
                (
                    _terms(),
                    paragraph(_codes()),
                    paragraph(say("bridge_lead")),
                    _bridge(findings),
                ),
            ),
        ),
    )


def _terms() -> Table:
    rows = tuple(Row((Cell(say(term)), Cell(say(f"{term}_means")))) for term in TERMS)
    columns = (Column("term", say("term"), align="left"), Column("meaning", say("meaning"), align="left"))
    return Table("definitions", say("definitions_table"), columns, rows)


def _codes() -> Words:
    """What the codes of indicators stand for, and where abbreviations are listed."""
    meanings = Catalogue("canbao.chapters", "abbreviations")
    kinds = (say("code", codes=Words.same(codes), meaning=within_sentence(meanings(codes))) for codes in INDICATORS)
    return say("codes", kinds=joined(kinds, en="; ", zh="；"))


def _bridge(findings: Findings) -> Table:
    """Which Chinese relation usually goes with which international status."""
    rows = tuple(
        Row((Cell(findings.category("work_status", status)), Cell(say(f"bridge_{status}")))) for status in ICSE_BRIDGE
    )
    columns = (Column("status", say("icse"), align="left"), Column("relation", say("chinese"), align="left"))
    return Table("icse_bridge", say("bridge_table"), columns, rows, (say("bridge_note"),))
