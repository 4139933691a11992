"""Data and method: the sample, its weights, who did not answer, and what the numbers can carry."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import Block, Cell, Column, Notice, Row, Section, Table
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.languages import Catalogue, Number, Words, joined

say = Catalogue("canbao.chapters", "method")

REFINING = frozenset({"nonfarm_months"})
"""Columns that make another sharper; without them nothing is left out, and where that other is told, it says how it was."""

MANY_BLANK = 0.2
"""Questions that more than this share of those asked left open are pointed out."""


def chapter(findings: Findings) -> Section:
    """Sample, weights, missing answers, estimation."""
    sections = [
        Section("sample", say("sample"), tuple(_sample(findings))),
        Section("weights", say("weights"), tuple(_weights(findings))),
        Section("missing_answers", say("missing_answers"), tuple(_missing_answers(findings))),
        Section("estimation", say("estimation"), tuple(_estimation(findings))),
        Section("not_possible", say("not_possible"), tuple(_not_possible(findings))),
    ]
    return Section("method", say("title"), (), tuple(sections))


def _sample(findings: Findings) -> list[Block]:
    settings, frame = findings.settings, findings.table.frame
    design = settings.design
    blocks: list[Block] = []
    if settings.synthetic:
        blocks.append(Notice(say("synthetic")))
    if design.kind != "probability":
        blocks.append(Notice(say(f"kind_{design.kind}", name=findings.estimator.design.interval_name)))
    counts = [
        say("count_strata", n=Number(frame[name].n_unique()))
        if key == "stratum"
        else say("count_sites", n=Number(frame[name].n_unique()))
        for key, name in (("stratum", design.stratum), ("cluster", _first(design.cluster)))
        if name is not None
    ]
    text = say("sample_text", n=Number(frame.height), month=Words.day(settings.fieldwork))
    blocks.append(paragraph(text))
    if design.description is not None:
        blocks.append(paragraph(design.description.words))
    blocks.append(paragraph(say(f"design_{design.kind}", parts=joined(counts) if counts else say("one_stage"))))
    if settings.among:
        named = joined(
            [
                say(
                    "among_group",
                    column=findings.label(name),
                    categories=joined(
                        [findings.category(name, one) for one in ([wanted] if isinstance(wanted, str) else wanted)]
                    ),
                )
                for name, wanted in settings.among.items()
            ],
            en="; ",
            zh="；",
        )
        blocks.append(paragraph(say("among", groups=named)))
    return blocks


def _first(names: str | list[str] | None) -> str | None:
    return names[0] if isinstance(names, list) and names else names if isinstance(names, str) else None


def _weights(findings: Findings) -> list[Block]:
    weighting = findings.estimator.design.weighting
    kish = findings.estimator.design.weighting_effect
    if findings.settings.design.weight is None and weighting is None:
        return [paragraph(say("unweighted"))]
    blocks: list[Block] = [paragraph(say("weights_text", effect=Number(kish, "decimal2")))]
    if weighting is None:
        return blocks
    rows, heading = [], ""
    for row in weighting.iter_rows(named=True):
        name = str(row["column"])
        if name != heading:
            heading = name
            rows.append(Row((Cell(findings.label(name)),), "heading"))
        shares = [Cell(Number(row[key], "percent")) for key in ("before", "target", "after")]
        rows.append(Row((Cell(findings.category(name, str(row["category"]))), *shares)))
    columns = (
        Column("category", say("margin"), align="left"),
        Column("before", say("before")),
        Column("target", say("target")),
        Column("after", say("after")),
    )
    table = Table("weighting", say("weighting_table"), columns, tuple(rows), (say("weighting_note"),), findings.source)
    return [*blocks, paragraph(say("raked")), table]


def _missing_answers(findings: Findings) -> list[Block]:
    rows = []
    worst = []
    for column in findings.table.columns:
        if column.derived or column.name in ("person_id", "weight", "stratum", "cluster"):
            continue
        # Of a report on some workers only they count as asked.
        whom = findings.table.whom(column.name) & pl.Series(findings.estimator.design.inside)
        asked, answered = int(whom.sum()), int((whom & findings.table.frame[column.name].is_not_null()).sum())
        if asked == 0 or answered >= asked:
            continue
        blank = (asked - answered) / asked
        if blank > MANY_BLANK:
            worst.append(column.label)
        cells = (Number(asked), Number(answered), Number(findings.table.refused.get(column.name, 0)))
        rows.append(Row((Cell(column.label), *(Cell(one) for one in cells), Cell(Number(blank, "percent")))))
    corrected = [] if findings.table.corrections else [paragraph(say("no_corrections"))]
    if not rows:
        return [paragraph(say("no_missing")), *corrected]
    columns = (
        Column("question", say("question"), align="left"),
        Column("asked", say("asked")),
        Column("answered", say("answered")),
        Column("refused", say("refused")),
        Column("blank", say("blank")),
    )
    table = Table("missing_answers", say("missing_table"), columns, tuple(rows), (say("missing_note"),), findings.source)
    pointed = [say("many_blank", columns=joined(worst))] if worst else []
    return [paragraph(say("missing_text")), *corrected, *bullets(*pointed), *_imputed(findings), table]


def _imputed(findings: Findings) -> list[Block]:
    imputation = findings.settings.imputation
    if imputation is None:
        return [paragraph(say("not_imputed"))]
    filled = joined([findings.label(name) for name in imputation.columns])
    classes = joined([findings.label(name) for name in imputation.classes])
    return [paragraph(say("imputed", columns=filled, classes=classes, copies=Number(imputation.copies)))]


def _estimation(findings: Findings) -> list[Block]:
    kind = findings.settings.design.kind
    return [
        paragraph(say("estimation_text", name=findings.estimator.design.interval_name)),
        *bullets(
            say("intervals_probability" if kind == "probability" else "intervals_other"),
            say("suppression"),
            say("reliability"),
            say("denominators"),
            say("words_not_typed"),
        ),
    ]


def _not_possible(findings: Findings) -> Sequence[Block]:
    absent = [one for one in findings.table.absent if one.question is not None and one.name not in REFINING]
    limits = ["response", "workers", "moment"]
    if not any(name.startswith("recorded_") for name in findings.table.frame.columns):
        limits.insert(1, "answers")
    if findings.has("reason_not_joined"):
        limits.insert(2, "reasons")
    told = bullets(*(say(f"limit_{one}") for one in limits))
    if not absent:
        return [paragraph(say("all_possible")), *told]
    named = joined([Words(f"{one.label.en} (`{one.name}`)", f"{one.label.zh}（`{one.name}`）") for one in absent])
    return [paragraph(say("absent", columns=named)), *told]
