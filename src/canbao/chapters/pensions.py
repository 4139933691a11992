"""Pensions: who is in which scheme, how steadily, on which base, and why others are not (C1, C6–C9)."""

from __future__ import annotations

from collections.abc import Sequence

from canbao.chapters import misreporting
from canbao.chapters.document import Bars, Block, Curves, Figure, Section, Table
from canbao.chapters.findings import (
    Findings,
    Part,
    bullets,
    categories_by_groups,
    chapter_of,
    contrast_sentence,
    interval_note_for_charts,
    mean_of,
    means_table,
    measured_contrast,
    median_of,
    paragraph,
    share_at_least,
    share_of,
    shares_table,
    stacked_shares,
)
from canbao.chapters.staircase import staircase_of
from canbao.languages import Catalogue, Number, Words, joined, within_sentence

say = Catalogue("canbao.chapters", "pensions")

STEPS_DEFINED = ("compliance", "legal", "information", "affordability", "preference", "administrative")
IN_A_SCHEME = ("employee", "flexible", "resident", "several")
IN_EMPLOYEES_SCHEME = ("employee", "flexible", "several")
OUTSIDE = {"pension_scheme": ("none", "resident")}
WILLINGNESS_STEPS = (0.001, 0.02, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20)


def chapter(findings: Findings) -> Section:
    """Scheme and status, the staircase, continuity, base, reasons, willingness."""
    return chapter_of(
        findings,
        "pensions",
        say("title"),
        [paragraph(say("lead"))],
        [
            Part("pension_status", say("status"), ("pension_scheme",), _status),
            Part("pension_misreported", misreporting.say("title"), ("pension_scheme",), _misreported),
            Part("pension_staircase", say("staircase"), ("pension_gap",), _staircase),
            Part("continuity", say("continuity"), ("continuity", "months_paid_12"), _continuity),
            Part("contribution_base", say("base"), ("base_to_income",), _base),
            Part("reasons", say("reasons"), ("reason_not_joined",), _reasons),
            Part("willingness", say("willingness"), ("willing_share",), _willingness),
        ],
    )


def _status(findings: Findings) -> Sequence[Block]:
    shares = findings.estimator.of("pension_scheme")
    figure_groups = findings.groupings("education", "income_group", "platform_type")
    headline = say(
        "status_headline", employee=shares.at("employee").number("percent"), none=shares.at("none").number("percent")
    )
    return [
        *bullets(
            say(
                "status_sentence",
                employee=shares.at("employee").number("percent"),
                flexible=shares.at("flexible").number("percent"),
                resident=shares.at("resident").number("percent"),
                none=shares.at("none").number("percent"),
            ),
            *(
                contrast_sentence(findings, "pension_scheme", "employee", name, say("employee_what"))
                for name in ("contract", "platform_worker", "education")
            ),
            *(
                contrast_sentence(findings, "pension_scheme", "none", name, say("none_what"))
                for name in ("age_group", "hukou_locality")
            ),
        ),
        stacked_shares(
            findings,
            "pension_scheme",
            say("status_figure"),
            "pension_scheme",
            figure_groups,
            alt=headline,
            headline=headline,
        ),
        shares_table(
            findings,
            "pension_scheme",
            say("status_table"),
            "pension_scheme",
            findings.groupings(),
            notes=(say("status_note"),),
        ),
    ]


def _misreported(findings: Findings) -> Sequence[Block]:
    return misreporting.if_misreported(findings, "pension_scheme")


def _staircase(findings: Findings) -> Sequence[Block]:
    return [
        paragraph(say("staircase_lead")),
        *staircase_of(
            findings,
            "pension_gap",
            say("staircase_figure"),
            say("staircase_what"),
            [say(f"step_{step}") for step in STEPS_DEFINED],
        ),
    ]


def _continuity(findings: Findings) -> Sequence[Block]:
    among = {"pension_scheme": IN_EMPLOYEES_SCHEME}
    steady = findings.estimator.of("continuity", among=among).at("all")
    measures = [
        share_of("continuity", "all", findings.category("continuity", "all")),
        mean_of("months_paid_12", say("months_12"), "decimal"),
    ]
    if findings.has("months_paid_36"):
        measures.append(mean_of("months_paid_36", say("months_36"), "decimal"))
    blocks: list[Block] = [
        *bullets(
            say("continuity_sentence", share=steady.number("percent")),
            contrast_sentence(findings, "continuity", "all", "pension_scheme", say("continuity_what"), among=among),
        ),
        means_table(
            findings,
            "continuity",
            say("continuity_table"),
            measures,
            [*findings.focus, *(name for name in ("pension_scheme", "contract", "income_group") if findings.has(name))],
            among=among,
            everybody=say("employees_members"),
            notes=(say("continuity_note"),),
        ),
    ]
    if findings.has("stop_reason"):
        blocks.append(_bars(findings, "stop_reason", say("stop_figure"), say("stop_axis"), None))
    return blocks


def _base(findings: Findings) -> Sequence[Block]:
    ratio = findings.estimator.median("base_to_income").at("median")
    to_income = median_of("base_to_income", say("ratio_median"), "percent")
    measures = [median_of("contribution_base", say("base_median"), "count"), to_income]
    groupings = [name for name in (*findings.focus, "income_group", "contract") if findings.has(name)]
    burden = median_of("contribution_burden", say("burden_median"), "percent")
    borne = []
    if findings.has("contribution_burden"):
        measures.append(burden)
        groupings.append("pension_scheme")
        borne = [measured_contrast(findings, burden, "pension_scheme", say("burden_what"))]
    return [
        *bullets(
            say("base_sentence", ratio=ratio.number("percent"), n=Number(ratio.n)),
            measured_contrast(findings, to_income, "income_group", say("ratio_what")),
            *borne,
            say("base_open"),
        ),
        means_table(
            findings,
            "contribution_base",
            say("base_table"),
            measures,
            groupings,
            everybody=say("base_known"),
            notes=(say("base_note"),),
        ),
    ]


def _reasons(findings: Findings) -> Sequence[Block]:
    shares = findings.estimator.of("reason_not_joined")
    known = [(category, shares.at(category)) for category in shares.categories if shares.at(category).known]
    leading = sorted(known, key=lambda one: -(one[1].estimate or 0))[:3]
    named = joined(
        [
            Words(
                f"{within_sentence(findings.category('reason_not_joined', category)).en}"
                f" ({estimate.number('percent').text('en')})",
                f"{findings.category('reason_not_joined', category).zh}（{estimate.number('percent').text('zh')}）",
            )
            for category, estimate in leading
        ]
    )
    headline = say("reasons_headline", reasons=named)
    return [
        *bullets(headline),
        _bars(findings, "reason_not_joined", say("reasons_figure"), say("reasons_axis"), headline),
        categories_by_groups(
            findings, "reasons", say("reasons_table"), "reason_not_joined", findings.focus, notes=(say("reasons_note"),)
        ),
    ]


def _bars(findings: Findings, of: str, title: Words, axis: Words, headline: Words | None) -> Figure:
    """A bar a category, the longest first."""
    shares = findings.estimator.of(of)
    ranked = sorted(shares.categories, key=lambda category: -(shares.at(category).estimate or 0))
    chart = Bars(
        tuple(findings.category(of, category) for category in ranked),
        tuple(shares.at(category).point for category in ranked),
        axis,
    )
    first = shares.at(ranked[0])
    alt = say("bars_alt", category=findings.category(of, ranked[0]), share=first.number("percent"))
    return Figure(of, title, chart, alt, (interval_note_for_charts(findings),), findings.source, headline)


def _willingness(findings: Findings) -> Sequence[Block]:
    something = findings.estimator.exceedance("willing_share", WILLINGNESS_STEPS[0]).at("at_least")
    five = findings.estimator.exceedance("willing_share", 0.05).at("at_least")
    blocks: list[Block] = [
        *bullets(
            say(
                "willing_sentence",
                nothing=something.complement.number("percent"),
                five=five.number("percent"),
            ),
            contrast_sentence(findings, "willing_share", "mean", "income_group", say("willing_what")),
        ),
        _willingness_curve(findings),
        _willingness_table(findings),
    ]
    if findings.has("preferred_cycle"):
        blocks.append(shares_table(findings, "preferred_cycle", say("cycle_table"), "preferred_cycle", findings.focus))
    return blocks


def _willingness_table(findings: Findings) -> Table:
    """What workers would pay, by income and group (C9)."""
    measures = [
        mean_of("willing_share", say("willing_mean"), "percent"),
        share_at_least("willing_share", WILLINGNESS_STEPS[0], say("willing_anything")),
        share_at_least("willing_share", 0.05, say("willing_five")),
    ]
    groupings = [*findings.focus, *(name for name in ("income_group", "age_group") if findings.has(name))]
    return means_table(findings, "willingness_by_group", say("willing_table"), measures, groupings)


def _willingness_curve(findings: Findings) -> Figure:
    """The share that would pay at least so much of income: a demand curve."""
    grouping = findings.focus[0] if findings.focus else None
    if grouping is None:
        curves: list[tuple[Words, tuple[str, ...]]] = [(say("everybody"), ())]
    else:
        curves = [(findings.category(grouping, category), (category,)) for category in findings.column(grouping).categories]
    asked = {
        step: findings.estimator.exceedance("willing_share", step, [grouping] if grouping else [])
        for step in WILLINGNESS_STEPS
    }
    values = tuple(tuple(asked[step].at("at_least", *group).point for step in WILLINGNESS_STEPS) for _, group in curves)
    chart = Curves(
        tuple(0.0 if step == WILLINGNESS_STEPS[0] else step for step in WILLINGNESS_STEPS),
        tuple(label for label, _ in curves),
        values,
        say("willing_x"),
        say("willing_y"),
        x_form="percent",
    )
    return Figure(
        "willingness",
        say("willing_figure"),
        chart,
        say("willing_alt"),
        (say("willing_curve_note"), interval_note_for_charts(findings)),
        findings.source,
    )
