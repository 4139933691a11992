"""How the administration is met: what workers say of it (A1-A8), and what offices' logs say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import polars as pl

from canbao.chapters.document import Bars, Block, Cell, Column, Figure, Row, Section, Table
from canbao.chapters.estimates import Estimate
from canbao.chapters.findings import (
    Findings,
    Part,
    bullets,
    categories_by_groups,
    chapter_of,
    contrast_sentence,
    interval_note,
    mean_of,
    means_table,
    median_of,
    paragraph,
    share_at_least,
    share_of,
    shares_table,
)
from canbao.chapters.procedure import IN_A_STUDY, procedure_section, recorded_burden
from canbao.chapters.whatif import tried_section
from canbao.languages import Catalogue, Number, Words
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.workers.staircase import STAGES

say = Catalogue("canbao.chapters", "administration")

ELIGIBLE = STAGES[1:]

KEY_PREFIX = "procedure_"
"""Before the names of a study's procedures, so that their tables are told from all others."""

TEN_FIELDS = (
    "case_id", "activity", "time", "lifecycle", "resource", "office", "channel", "documents", "migrant", "outcome",
)  # fmt: skip

MANY_VISITS = 3
"""So many visits are an obstacle: “at most one” is what the administration itself promises."""


def chapter(findings: Findings) -> Section:
    """Who knows, tries, is refused; visits, documents and days; transfers; and the procedures by their logs."""
    said = _survey_side(findings)
    logs = [_with_changes(findings, procedure_section(one, IN_A_STUDY)) for one in findings.procedures]
    if not logs:
        return replace(said, sections=(*said.sections, Section("ask_for_a_log", say("ask"), tuple(_ask()))))
    both = _experienced_and_recorded(findings)
    beside = (Section("experienced_and_recorded", say("both"), tuple(both)),) if both else ()
    return replace(said, sections=(*said.sections, *logs, *beside))


def _with_changes(findings: Findings, section: Section) -> Section:
    """A procedure's section with what changes to it would bring, where the study tries some."""
    tried = findings.tried.get(section.key, ())
    added = [tried_section(one, f"{section.key}_{number}", section.title) for number, one in enumerate(tried, start=1)]
    return replace(section, sections=(*section.sections, *added))


def _survey_side(findings: Findings) -> Section:
    return chapter_of(
        findings,
        "administration",
        say("title"),
        [paragraph(say("lead"))],
        [
            Part("funnel", say("funnel"), ("pension_stage",), _funnel),
            Part("knowing", say("knowing"), ("aware",), _knowing),
            Part("trying", say("trying"), ("tried_to_join", "refused_reason"), _trying),
            Part("burden", say("burden"), ("visits", "documents", "days_to_enrol"), _burden),
            Part("transfer", say("transfer"), ("transfer_status", "transfer_days"), _transfer),
            Part("twice", say("twice"), ("pension_scheme",), _twice),
        ],
    )


def _reached(findings: Findings) -> list[Estimate]:
    """Of those who must or may join, the shares that came at least so far."""
    among = {"pension_stage": list(ELIGIBLE)}
    return [findings.estimator.share_in("pension_stage", ELIGIBLE[at:], among) for at in range(1, len(ELIGIBLE))]


def _funnel(findings: Findings) -> Sequence[Block]:
    """How many of those eligible come how far, and the step at which most are lost."""
    reached = _reached(findings)
    labels = [say("funnel_not_lost"), *(findings.category("pension_stage", stage) for stage in ELIGIBLE[2:])]
    chart = Bars(tuple(labels), tuple(one.point for one in reached), say("funnel_axis"))
    shares = [1.0, *(one.estimate for one in reached if one.estimate is not None)]
    headline = None
    if len(shares) == len(ELIGIBLE):
        by_employer, *lost = (before - after for before, after in pairwise(shares))
        worst = 1 + max(range(len(lost)), key=lost.__getitem__)
        headline = say(
            "funnel_headline",
            enrolled=reached[ELIGIBLE.index("enrolled") - 1].number("percent"),
            continuous=reached[-1].number("percent"),
            by_employer=Number(by_employer, "percent"),
            step=labels[worst],
        )
    return [
        paragraph(say("funnel_lead")),
        *bullets(headline),
        Figure(
            "enrolment_funnel", say("funnel_figure"), chart, headline or say("funnel_figure"),
            (say("funnel_note"),), findings.source, headline,
        ),
        shares_table(
            findings, "enrolment_stages", say("funnel_table"), "pension_stage", findings.focus, notes=(say("stages_note"),)
        ),
    ]  # fmt: skip


def _knowing(findings: Findings) -> Sequence[Block]:
    groupings = [*findings.focus, *(name for name in ("education", "platform_type") if findings.has(name))]
    known = findings.estimator.of("aware").at("yes")
    return [
        *bullets(
            say("knowing_sentence", share=known.number("percent")),
            contrast_sentence(findings, "aware", "yes", "education", say("knowing_what")),
        ),
        means_table(
            findings, "aware", say("knowing_table"), [share_of("aware", "yes", findings.label("aware"))], groupings
        ),
    ]


def _trying(findings: Findings) -> Sequence[Block]:
    tried = findings.estimator.of("tried_to_join").at("yes")
    failed = findings.estimator.of("refused_reason")
    ranked = sorted(failed.categories, key=lambda one: -(failed.at(one).estimate or 0))
    first = ranked[0] if ranked else None
    return [
        *bullets(
            say("trying_sentence", share=tried.number("percent")),
            say(
                "refused_sentence",
                reason=findings.category("refused_reason", first),
                share=failed.at(first).number("percent"),
            )
            if first is not None and failed.at(first).known
            else None,
        ),
        means_table(
            findings,
            "tried",
            say("trying_table"),
            [share_of("tried_to_join", "yes", findings.label("tried_to_join"))],
            [*findings.focus, *(name for name in ("hukou_locality",) if findings.has(name))],
        ),
        categories_by_groups(
            findings,
            "refused_reason",
            say("refused_table"),
            "refused_reason",
            findings.focus,
            everybody=say("refused_whom"),
            notes=(say("refused_note"),),
        ),
    ]


def _burden(findings: Findings) -> Sequence[Block]:
    often = findings.estimator.exceedance("visits", MANY_VISITS).at("at_least")
    days = findings.estimator.median("days_to_enrol").at("median")
    return [
        *bullets(say("burden_sentence", often=often.number("percent"), visits=MANY_VISITS, days=days.number("count"))),
        means_table(
            findings,
            "enrolment_burden",
            say("burden_table"),
            [
                mean_of("visits", say("visits_mean"), "decimal"),
                share_at_least("visits", MANY_VISITS, say("visits_many", visits=MANY_VISITS)),
                mean_of("documents", say("documents_mean"), "decimal"),
                median_of("days_to_enrol", say("days_median"), "count"),
            ],
            findings.focus,
            everybody=say("burden_whom"),
            notes=(say("burden_note"),),
        ),
    ]


def _transfer(findings: Findings) -> Sequence[Block]:
    shares = findings.estimator.of("transfer_status")
    days = findings.estimator.median("transfer_days").at("median")
    return [
        *bullets(
            say(
                "transfer_sentence",
                completed=shares.at("completed").number("percent"),
                pending=shares.at("pending").number("percent"),
                unasked=shares.at("not_requested").number("percent"),
                days=days.number("count"),
            )
        ),
        shares_table(
            findings,
            "transfer_status",
            say("transfer_table"),
            "transfer_status",
            _with_locality(findings),
            notes=_nothing_to_move(findings),
        ),
        shares_table(
            findings,
            "transfer_requested",
            say("transfer_requested_table"),
            "transfer_status",
            [],
            among={"transfer_status": REQUESTED},
            everybody=say("transfer_requested_whom"),
            categories=REQUESTED,
        ),
        means_table(
            findings,
            "transfer_days",
            say("transfer_days_table"),
            [
                mean_of("transfer_days", say("transfer_mean"), "count"),
                median_of("transfer_days", say("transfer_median"), "count"),
            ],
            _with_locality(findings),
            everybody=say("transfer_whom"),
            notes=(say("transfer_few"),),
        ),
    ]


REQUESTED = ("completed", "pending", "refused")
"""How those fare who ask for a transfer."""


def _nothing_to_move(findings: Findings) -> tuple[Words, ...]:
    """That nobody registered at the place of work has rights elsewhere, where all of them say so."""
    if not findings.has("hukou_locality"):
        return ()
    local = findings.estimator.of("transfer_status", (), {"hukou_locality": "local"}).at("not_needed")
    return (say("transfer_local"),) if local.estimate == 1 else ()


def _with_locality(findings: Findings) -> list[str]:
    """The focus groups and where a worker is registered: within the province or across its borders."""
    return [*findings.focus, *(name for name in ("hukou_locality",) if findings.has(name) and name not in findings.focus)]


def _twice(findings: Findings) -> Sequence[Block]:
    """Who says to be in two pension schemes at once: contributions of which one brings nothing (A7)."""
    twice = findings.estimator.of("pension_scheme").at("several")
    if twice.estimate is None and twice.flag is None:
        return [paragraph(say("twice_unasked"))]
    measure = share_of("pension_scheme", "several", say("twice_measure"))
    return [
        *bullets(say("twice_sentence", share=twice.number("percent"))),
        means_table(findings, "enrolled_twice", say("twice_table"), [measure], _with_locality(findings)),
    ]


# --- beside the logs ------------------------------------------------------------------------------------------------------


def _experienced_and_recorded(findings: Findings) -> list[Block]:
    """What workers say that it took beside what the offices' logs record."""
    rows = []
    for procedure in findings.procedures:
        entry = findings.settings.procedures[procedure.key.removeprefix(KEY_PREFIX)]
        asked = {what: column for what, column in entry.experienced.items() if findings.has(column)}
        if asked:
            rows.append(Row((Cell(procedure.title),), "heading"))
        for what, column in asked.items():
            said = findings.estimator.median(column).at("median")
            recorded = recorded_burden(procedure, what)
            rows.append(
                Row(
                    (
                        Cell(findings.label(column)),
                        said.base,
                        said.cell("decimal"),
                        Cell(Number(len(recorded))),
                        _quantile(recorded, 0.5),
                        _quantile(recorded, 0.9),
                    )
                )
            )
    if not rows:
        return []
    columns = (
        Column("what", say("both_what"), align="left"),
        Column("said_n", say("both_n"), say("both_said")),
        Column("said_median", say("both_median"), say("both_said")),
        Column("recorded_cases", say("both_cases"), say("both_recorded")),
        Column("recorded_median", say("both_median"), say("both_recorded")),
        Column("recorded_p90", say("both_p90"), say("both_recorded")),
    )
    notes = (say("both_note"), *_other_times(findings), interval_note(findings))
    table = Table("experienced_and_recorded", say("both_table"), columns, tuple(rows), notes, findings.source)
    return [paragraph(say("both_lead")), table]


def _other_times(findings: Findings) -> list[Words]:
    """That survey and logs are of different times, where no log holds the day of the survey."""
    logs = [procedure.log for procedure in findings.procedures]
    day = findings.settings.fieldwork
    first = min(log.opened.astimezone(log.zone).date() for log in logs)
    last = max(log.closed.astimezone(log.zone).date() for log in logs)
    if first <= day <= last:
        return []
    return [say("both_years", month=Words.month(day), first=Words.day(first), last=Words.day(last))]


def _quantile(values: pl.Series, probability: float) -> Cell:
    return Cell(Number(values.quantile(probability, "linear"), "decimal")) if len(values) >= SMALLEST_BASE else Cell()


def _ask() -> list[Block]:
    """The ten fields for which an office should be asked, on one page."""
    columns = (
        Column("field", say("ask_field"), align="left"),
        Column("meaning", say("ask_meaning"), align="left"),
        Column("why", say("ask_why"), align="left"),
    )
    rows = tuple(
        Row((Cell(Words.same(f"`{field}`")), Cell(say(f"field_{field}")), Cell(say(f"field_{field}_why"))))
        for field in TEN_FIELDS
    )
    return [paragraph(say("ask_lead")), Table("ten_fields", say("ask_table"), columns, rows, (say("ask_note"),))]
