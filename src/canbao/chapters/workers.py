"""Who the workers are: composition, dependence, hours and income (indicators L1–L6)."""

from __future__ import annotations

from collections.abc import Sequence

from canbao.chapters.document import Block, Cell, Column, Row, Section, Table
from canbao.chapters.estimates import Estimate
from canbao.chapters.findings import (
    Findings,
    Part,
    bullets,
    chapter_of,
    contrast_sentence,
    interval_note,
    interval_shares,
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
from canbao.languages import Catalogue, Number, Words, joined, within_sentence

say = Catalogue("canbao.chapters", "workers")

LONG_WEEK = 49
"""Hours from which a week counts as long: more than 48, ILO Convention No. 1."""

EXCESSIVE_WEEK = 61
"""Hours from which a week counts as excessive: more than 60."""


def chapter(findings: Findings) -> Section:
    """Composition by status and relation, dependence, platforms, hours, income."""
    return chapter_of(
        findings,
        "workers",
        say("title"),
        _lead(findings),
        [
            Part("composition", say("composition"), ("sex",), _composition),
            Part("status", say("status"), ("work_status",), _status),
            Part("relation", say("relation"), ("relation",), _relation),
            Part("informality", say("informality"), ("informal",), _informality),
            Part("dependence", say("dependence"), ("misclassified",), _dependence),
            Part("platforms", say("platforms"), ("platforms_count", "main_platform_share"), _platforms),
            Part("hours", say("hours"), ("hours_week",), _hours),
            Part("income", say("income"), ("income_month",), _income),
        ],
    )


def _lead(findings: Findings) -> list[Block]:
    weighted = findings.settings.design.weight is not None or findings.estimator.design.weighting is not None
    lead = paragraph(say("lead", n=Number(findings.estimator.base())))
    return [lead, paragraph(say("weighted"))] if weighted else [lead]


def _composition(findings: Findings) -> Sequence[Block]:
    names = findings.groupings("income_group")
    largest = [group for name in names[:5] if (group := _group_in_list(findings, name)) is not None]
    told = [paragraph(say("largest_groups", groups=joined(largest, en="; ", zh="，")))] if largest else []
    return [*told, _profile(findings, names)]


def _group_in_list(findings: Findings, name: str) -> Words | None:
    """`men 73.0 % (set by the weighting)`, `by age group, 25–34 37.6 %`: the largest group among those of other columns."""
    largest = _largest(findings, name)
    if largest is None:
        return None
    category, estimate = largest
    label = findings.category(name, category)
    # A plain yes or no says nothing without its question.
    speaks = len(findings.column(name).categories) == 2 and label.en not in ("Yes", "No")
    told = say(
        "group_of_two" if speaks else "group_of_many",
        column=within_sentence(findings.label(name)),
        category=within_sentence(label),
        share=estimate.number("percent"),
    )
    return say("set_by_weighting", group=told) if name in findings.settings.design.rake else told


def _largest(findings: Findings, name: str) -> tuple[str, Estimate] | None:
    shares = findings.estimator.of(name)
    known = [(category, shares.at(category)) for category in shares.categories if shares.at(category).known]
    return max(known, key=lambda one: one[1].estimate or 0, default=None)


def _largest_group(findings: Findings, name: str) -> Words | None:
    largest = _largest(findings, name)
    if largest is None:
        return None
    category, estimate = largest
    return say(
        "largest_group",
        column=findings.label(name),
        category=within_sentence(findings.category(name, category)),
        share=estimate.number("percent"),
    )


def _profile(findings: Findings, names: Sequence[str]) -> Table:
    rows = []
    for name in names:
        rows.append(Row((Cell(findings.label(name)),), "heading"))
        shares = findings.estimator.of(name)
        for category in shares.categories:
            estimate = shares.at(category)
            if estimate.estimate == 0:
                continue
            rows.append(Row((Cell(findings.category(name, category)), estimate.base, estimate.cell("percent"))))
    columns = (
        Column("characteristic", say("characteristic"), align="left"),
        Column("n", say("answered")),
        Column("share", say("share")),
    )
    notes = (say("profile_note"), interval_note(findings))
    return Table("profile", say("profile_table"), columns, tuple(rows), notes, findings.source)


def _status(findings: Findings) -> Sequence[Block]:
    table = shares_table(
        findings,
        "work_status",
        say("status_table"),
        "work_status",
        findings.focus,
        categories=_categories_present(findings, "work_status"),
        notes=(say("status_note"),),
    )
    permanent = findings.estimator.of("work_status").at("permanent_employee")
    apart = say("permanent", share=permanent.number("percent")) if permanent.estimate else None
    return [*bullets(_largest_group(findings, "work_status"), apart), table]


def _categories_present(findings: Findings, name: str) -> list[str]:
    """Categories that someone is in; the table says no more by the others."""
    shares = findings.estimator.of(name)
    return [category for category in shares.categories if shares.at(category).estimate != 0]


def _relation(findings: Findings) -> Sequence[Block]:
    labour = findings.estimator.of("relation").at("labour")
    groupings = findings.groupings("contract", "education", "income_group")
    return [
        *bullets(
            say("relation_share", share=labour.number("percent")),
            *(
                contrast_sentence(findings, "relation", "labour", name, say("relation_what"))
                for name in ("platform_worker", "platform_type", "sex")
            ),
        ),
        stacked_shares(
            findings,
            "relation",
            say("relation_figure"),
            "relation",
            groupings,
            alt=say("relation_alt", share=labour.number("percent")),
        ),
    ]


def _informality(findings: Findings) -> Sequence[Block]:
    informal = findings.estimator.of("informal").at("yes")
    measure = share_of("informal", "yes", say("informal_share"))
    return [
        *bullets(
            say("informal_sentence", share=informal.number("percent"), n=Number(informal.n)),
            contrast_sentence(findings, "informal", "yes", "platform_worker", say("informal_what")),
        ),
        means_table(
            findings,
            "informality",
            say("informal_table"),
            [measure],
            findings.groupings("income_group", "platform_type"),
            notes=(say("informal_note"),),
        ),
    ]


def _dependence(findings: Findings) -> Sequence[Block]:
    wrong = findings.estimator.of("misclassified").at("yes")
    items = [
        share_of(item, "yes", findings.label(item))
        for item in ("control_price", "control_clients", "control_schedule", "control_penalty")
        if findings.has(item)
    ]
    grouping = "platform_type" if findings.has("platform_type") else findings.focus[0]
    return [
        *bullets(
            say("misclassified_sentence", share=wrong.number("percent")),
            contrast_sentence(findings, "misclassified", "yes", grouping, say("misclassified_what")),
        ),
        means_table(
            findings,
            "dependence",
            say("dependence_table"),
            [
                *items,
                mean_of("dependence_score", findings.label("dependence_score"), "decimal"),
                share_of("misclassified", "yes", findings.label("misclassified")),
            ],
            [name for name in ("platform_worker", "platform_type") if findings.has(name)],
            notes=(say("dependence_note"),),
        ),
    ]


def _platforms(findings: Findings) -> Sequence[Block]:
    several = share_at_least("platforms_count", 2, say("several_platforms"))
    measures = [several, mean_of("main_platform_share", findings.label("main_platform_share"), "percent")]
    share = findings.estimator.exceedance("platforms_count", 2).at("at_least")
    main = findings.estimator.of("main_platform_share").at("mean")
    groupings = [name for name in ("sex", "age_group", "migrant", "platform_type") if findings.has(name)]
    return [
        *bullets(say("platforms_sentence", share=share.number("percent"), main=main.number("percent"))),
        means_table(findings, "platforms", say("platforms_table"), measures, groupings, everybody=say("asked_platform")),
    ]


def _hours(findings: Findings) -> Sequence[Block]:
    long_week = findings.estimator.exceedance("hours_week", LONG_WEEK).at("at_least")
    mean = findings.estimator.of("hours_week").at("mean")
    measures = [
        mean_of("hours_week", say("hours_mean"), "decimal"),
        share_at_least("hours_week", LONG_WEEK, say("hours_long")),
        share_at_least("hours_week", EXCESSIVE_WEEK, say("hours_excessive")),
    ]
    if findings.has("rest_days_month"):
        measures.append(mean_of("rest_days_month", say("rest_days"), "decimal"))
    occupation = "main_occupation" if findings.has("main_occupation") else findings.focus[0]
    return [
        *bullets(
            say("hours_sentence", mean=mean.number("decimal"), share=long_week.number("percent")),
            contrast_sentence(findings, "hours_week", "mean", occupation, say("hours_what"), "decimal"),
        ),
        means_table(findings, "hours", say("hours_table"), measures, [*findings.focus, occupation]),
    ]


def _income(findings: Findings) -> Sequence[Block]:
    median = findings.estimator.median("income_month").at("median")
    groupings = findings.groupings("income_group", "contract")
    if findings.has("main_occupation"):
        groupings.append("main_occupation")
    measures = [
        median_of("income_month", say("income_median"), "count"),
        mean_of("income_month", say("income_mean"), "count"),
    ]
    return [
        *bullets(
            say("income_sentence", median=median.number("count")),
            *(measured_contrast(findings, measures[0], name, say("income_what")) for name in ("sex", "education")),
            say("income_minimum"),
        ),
        interval_shares(
            findings,
            "income",
            say("income_figure"),
            [median_of("income_month", say("income_median"), "count")],
            [*findings.focus, *(name for name in ("main_occupation",) if findings.has(name))],
            axis=say("income_axis"),
            alt=say("income_alt", median=median.number("count")),
        ),
        means_table(findings, "income_by_group", say("income_table"), measures, groupings),
    ]
