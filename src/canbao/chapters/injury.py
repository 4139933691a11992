"""Employment injury as the survey tells it: who is covered by what, who was hurt, what it cost and who paid (C3, C10)."""

from __future__ import annotations

from collections.abc import Sequence

from canbao.chapters.document import Block, Section
from canbao.chapters.findings import (
    Findings,
    Part,
    bullets,
    categories_by_groups,
    chapter_of,
    contrast_sentence,
    mean_of,
    means_table,
    measured_contrast,
    median_of,
    paragraph,
    rate_per_100,
    share_at_least,
    shares_table,
    stacked_shares,
)
from canbao.languages import Catalogue

say = Catalogue("canbao.chapters", "injury")

HURT = {"injured": "yes"}


def chapter(findings: Findings) -> Section:
    """Cover against work injury, injuries in the last year, their cost."""
    return chapter_of(
        findings,
        "injury",
        say("title"),
        [paragraph(say("lead"))],
        [
            Part("injury_cover", say("cover"), ("injury_cover",), _cover),
            Part("injuries", say("injuries"), ("injuries_12",), _injuries),
            Part("injury_costs", say("costs"), ("injured", "injury_days", "injury_paid_by"), _costs),
        ],
    )


def _cover(findings: Findings) -> Sequence[Block]:
    shares = findings.estimator.of("injury_cover")
    groupings = findings.groupings("education", "income_group", "hukou_locality")
    occupation = [name for name in ("main_occupation",) if findings.has(name)]
    headline = say(
        "cover_headline", employer=shares.at("employer").number("percent"), none=shares.at("none").number("percent")
    )
    return [
        *bullets(
            headline,
            say("commercial", share=shares.at("commercial").number("percent")),
            contrast_sentence(findings, "injury_cover", "none", "contract", say("none_what")),
            contrast_sentence(findings, "injury_cover", "none", "platform_type", say("none_what")),
        ),
        stacked_shares(
            findings,
            "injury_cover",
            say("cover_figure"),
            "injury_cover",
            groupings,
            alt=headline,
            headline=headline,
        ),
        shares_table(
            findings,
            "injury_cover",
            say("cover_table"),
            "injury_cover",
            [*groupings, *occupation],
            notes=(say("cover_note"),),
        ),
    ]


def _injuries(findings: Findings) -> Sequence[Block]:
    rate = findings.estimator.rate("injuries_12").at("rate")
    hurt = findings.estimator.exceedance("injuries_12", 1).at("at_least")
    groupings = [name for name in ("main_occupation", "hours_group", "sex", "injury_cover") if findings.has(name)]
    per_100 = rate_per_100("injuries_12", say("rate"))
    measures = [per_100, share_at_least("injuries_12", 1, say("hurt"))]
    return [
        *bullets(
            say("rate_sentence", rate=rate.number("decimal"), share=hurt.number("percent")),
            measured_contrast(findings, per_100, "main_occupation", say("rate_what")),
        ),
        means_table(findings, "injuries", say("injuries_table"), measures, groupings, notes=(say("injuries_note"),)),
    ]


def _costs(findings: Findings) -> Sequence[Block]:
    paid = findings.estimator.of("injury_paid_by", among=HURT)
    days = findings.estimator.of("injury_days", among=HURT).at("mean")
    measures = [
        mean_of("injury_days", say("days_mean"), "decimal"),
        median_of("injury_days", say("days_median"), "count"),
    ]
    if findings.has("injury_cost"):
        measures.append(median_of("injury_cost", say("cost_median"), "count"))
    return [
        *bullets(
            say("costs_sentence", days=days.number("decimal"), self=paid.at("self").number("percent")),
        ),
        means_table(
            findings,
            "injury_costs",
            say("costs_table"),
            measures,
            findings.focus[:2],
            among=HURT,
            everybody=say("injured_workers"),
        ),
        categories_by_groups(
            findings,
            "injury_payers",
            say("payers_table"),
            "injury_paid_by",
            findings.focus[:2],
            among=HURT,
            everybody=say("injured_workers"),
            notes=(say("payers_note"),),
        ),
    ]
