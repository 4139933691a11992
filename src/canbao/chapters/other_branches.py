"""The other branches: medical, unemployment, maternity, housing fund, and which are held together (C2, C4, C5)."""

from __future__ import annotations

from collections.abc import Sequence

from canbao.chapters import misreporting
from canbao.chapters.document import Block, Combinations, Figure, Section
from canbao.chapters.findings import (
    Findings,
    Part,
    bullets,
    chapter_of,
    contrast_sentence,
    interval_note_for_charts,
    mean_of,
    means_table,
    paragraph,
    share_at_least,
    share_of,
    shares_table,
    stacked_shares,
)
from canbao.chapters.reference import published_figures
from canbao.languages import Catalogue, Number

say = Catalogue("canbao.chapters", "other_branches")

BRANCHES = ("pension", "medical", "injury", "unemployment", "maternity")
SHOWN_COMBINATIONS = 10


def chapter(findings: Findings) -> Section:
    """Medical insurance, the employer-bound branches, and combinations."""
    return chapter_of(
        findings,
        "other_branches",
        say("title"),
        [paragraph(say("lead"))],
        [
            Part("medical", say("medical"), ("medical_scheme",), _medical),
            Part("medical_misreported", misreporting.say("title"), ("medical_scheme",), _misreported),
            Part("employer_bound", say("bound"), ("unemployment_cover", "maternity_cover"), _bound),
            Part("combinations", say("combinations"), ("branches_held", "branch_combination"), _combinations),
        ],
    )


def _medical(findings: Findings) -> Sequence[Block]:
    shares = findings.estimator.of("medical_scheme")
    sentence = say(
        "medical_sentence",
        employee=shares.at("employee").number("percent"),
        resident=shares.at("resident").number("percent"),
        none=shares.at("none").number("percent"),
    )
    groupings = findings.groupings("education", "income_group", "platform_type")
    return [
        *bullets(
            sentence,
            contrast_sentence(findings, "medical_scheme", "none", "age_group", say("none_what")),
            contrast_sentence(findings, "medical_scheme", "none", "hukou_locality", say("none_what")),
        ),
        stacked_shares(findings, "medical_scheme", say("medical_figure"), "medical_scheme", groupings, alt=sentence),
        shares_table(
            findings,
            "medical_scheme",
            say("medical_table"),
            "medical_scheme",
            findings.groupings(),
            notes=(say("medical_note", measured=Number(_measured_nationally(), "percent")),),
        ),
    ]


def _measured_nationally() -> float | None:
    """What was published of basic medical insurance in the nation."""
    return next(one.value for one in published_figures() if one.key == "any_medical_national")


def _misreported(findings: Findings) -> Sequence[Block]:
    return misreporting.if_misreported(findings, "medical_scheme")


def _bound(findings: Findings) -> Sequence[Block]:
    names = [name for name in ("unemployment_cover", "maternity_cover", "housing_fund") if findings.has(name)]
    unemployment = findings.estimator.of("unemployment_cover").at("yes")
    maternity = findings.estimator.of("maternity_cover").at("yes")
    groupings = [name for name in ("contract", *findings.focus) if findings.has(name)]
    blocks: list[Block] = [
        *bullets(
            say("bound_sentence", unemployment=unemployment.number("percent"), maternity=maternity.number("percent")),
            contrast_sentence(findings, "unemployment_cover", "yes", "contract", say("unemployment_what")),
        ),
        means_table(
            findings,
            "employer_bound",
            say("bound_table"),
            [share_of(name, "yes", findings.label(name)) for name in names],
            groupings,
            notes=(say("bound_note"),),
        ),
    ]
    if findings.has("sex", "age_group"):
        women = {"sex": "female", "age_group": ("under_25", "25_34", "35_44")}
        blocks.append(
            means_table(
                findings,
                "maternity_women",
                say("women_table"),
                [share_of("maternity_cover", "yes", findings.label("maternity_cover"))],
                [name for name in ("contract", "platform_worker", "migrant") if findings.has(name)],
                among=women,
                everybody=say("women"),
                notes=(say("women_note"),),
            )
        )
    return blocks


def _combinations(findings: Findings) -> Sequence[Block]:
    mean = findings.estimator.of("branches_held").at("mean")
    none = findings.estimator.exceedance("branches_held", 1).at("at_least")
    measures = [
        mean_of("branches_held", say("branches_mean"), "decimal2"),
        share_at_least("branches_held", 1, say("at_least_one")),
        share_at_least("branches_held", 5, say("all_five")),
    ]
    if findings.has("any_cash_benefit"):
        measures.append(share_of("any_cash_benefit", "yes", say("cash_benefit")))
    return [
        *bullets(
            say("combinations_sentence", mean=mean.number("decimal2"), any=none.number("percent")),
            contrast_sentence(findings, "branches_held", "mean", "contract", say("branches_what"), "decimal2"),
        ),
        _combination_figure(findings),
        means_table(
            findings,
            "branches_held",
            say("branches_table"),
            measures,
            findings.groupings("income_group", "platform_type"),
            notes=(say("branches_note"),),
        ),
    ]


def _combination_figure(findings: Findings) -> Figure:
    """The combinations that most workers have: which branches, and how many workers."""
    shares = findings.estimator.of("branch_combination")
    ranked = sorted(shares.categories, key=lambda one: -(shares.at(one).estimate or 0))[:SHOWN_COMBINATIONS]
    ranked = [one for one in ranked if shares.at(one).known]
    members = tuple(
        tuple(at for at, branch in enumerate(BRANCHES) if one != "none" and branch in one.split("+")) for one in ranked
    )
    sets = tuple(say(f"branch_{branch}") for branch in BRANCHES)
    chart = Combinations(sets, members, tuple(shares.at(one).point for one in ranked))
    alt = say("combinations_alt", share=shares.at(ranked[0]).number("percent"))
    notes = (say("combinations_note"), interval_note_for_charts(findings))
    return Figure("combinations", say("combinations_figure"), chart, alt, notes, findings.source)
