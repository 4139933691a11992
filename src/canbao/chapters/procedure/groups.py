"""The same procedure for different groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Figure,
    Interval,
    Intervals,
    Notice,
    Point,
    Row,
    Table,
)
from canbao.chapters.findings import bullets, paragraph
from canbao.chapters.procedure.words import GROUPS_SHOWN, day_form, days_of, say, source_of, table_of
from canbao.languages import Form, Number, Words, joined, within_sentence
from canbao.procedures.analysis import (
    group_differences,
)
from canbao.procedures.analysis.groups import GroupDifferences
from canbao.procedures.attributes import attribute_label, attribute_value_label
from canbao.procedures.procedure import Procedure

SURE = 0.05


def groups_of(procedure: Procedure) -> Sequence[Block]:
    """How long groups wait, how many get through and how many time limits break, with intervals and tests."""
    if not procedure.by:
        return []
    endings = procedure.endings.within(procedure.steps)
    known = any(endings.knows(way) for way in ("completed", "refused", "abandoned"))
    found = group_differences(procedure.steps, procedure.by, endings=endings if known else None, breach=procedure.broken)
    if not (found.tests["p"].is_not_null()).any():
        return [paragraph(say("groups_lead")), Notice(say("groups_alone"), "missing")]
    statements = [_group_sentence(found, column) for column in procedure.by]
    return [
        paragraph(say("groups_lead")),
        *bullets(*statements),
        *_group_chart(procedure, found),
        _group_table(procedure, found, survival=known),
        _test_table(procedure, found),
    ]


def _shown(found: GroupDifferences, column: str) -> pl.DataFrame:
    """The groups of a column that are listed, by name."""
    own = found.table.filter(pl.col("column") == column, ~pl.col("suppressed")).with_row_index("row")
    return own.sort("cases", "row", descending=[True, False]).head(GROUPS_SHOWN).sort("row").drop("row")


def _group_sentence(found: GroupDifferences, column: str) -> Words | None:
    own = found.table.filter(pl.col("column") == column, pl.col("median_days").is_not_null()).sort("median_days", "group")
    tested = found.tests.filter(pl.col("column") == column, pl.col("measure") == "days", pl.col("p_holm").is_not_null())
    if own.height < 2 or tested.is_empty():
        return None
    low, high = own.row(0, named=True), own.row(-1, named=True)
    p = float(tested["p_holm"][0])
    tests = int(found.tests["p"].is_not_null().sum())
    corrected = say("groups_corrected", tests=Number(tests)) if tests > 1 else Words.same("")
    sure = say("groups_sure" if p < SURE else "groups_unsure", p=_p_words(p), tests=corrected)
    return say(
        "groups_sentence",
        column=within_sentence(attribute_label(column)),
        low=days_of(low["median_days"]),
        first=attribute_value_label(column, low["group"]),
        high=days_of(high["median_days"]),
        last=attribute_value_label(column, high["group"]),
        sure=sure,
    )


def _p_words(p: float) -> Words:
    return say("p_less") if p < 0.001 else say("p_equals", p=Number(p, "decimal3"))


def _group_chart(procedure: Procedure, found: GroupDifferences) -> Sequence[Block]:
    groups, panels, points = [], [], []
    for column in procedure.by:
        drawn = _shown(found, column).filter(pl.col("median_days").is_not_null())
        if drawn.height < 2:
            continue
        for row in drawn.iter_rows(named=True):
            groups.append(attribute_value_label(column, row["group"]))
            panels.append(attribute_label(column))
            points.append((Point(row["median_days"], row["median_days_low"], row["median_days_high"]),))
    if not groups:
        return []
    alt = joined([one for one in (_group_sentence(found, column) for column in procedure.by) if one], en=" ", zh="")
    headed = tuple(panels) if len(set(panels)) > 1 else None
    chart = Intervals(tuple(groups), (say("median"),), tuple(points), say("groups_axis"), "decimal", headed)
    return [Figure(f"{procedure.key}_groups", say("groups_figure"), chart, alt, (), source_of(procedure))]


def _group_table(procedure: Procedure, found: GroupDifferences, *, survival: bool) -> Table:
    shares = [
        (base, measure)
        for base, measure in (("ended", "completed_share"), ("judged", "breach_share"))
        if found.table[measure].is_not_null().any()
    ]
    columns = [
        Column("group", say("group"), align="left"),
        Column("cases", say("cases")),
        Column("median_days", say("median_days_short")),
    ]
    for base, measure in shares:
        columns += [Column(base, say(base)), Column(measure, say(measure))]
    form = day_form(found.table["median_days"])
    rows: list[Row] = []
    notes = [say("groups_note"), *([say("groups_survival")] if survival else [])]
    for column in procedure.by:
        rows.append(Row((Cell(attribute_label(column)),), "heading"))
        own = _shown(found, column)
        rows += [_group_row(column, row, shares, form) for row in own.iter_rows(named=True)]
        every = found.table.filter(pl.col("column") == column).height
        if every > own.height:
            notes.append(
                say("groups_left_out", column=attribute_label(column), shown=Number(own.height), all=Number(every))
            )
    return table_of(procedure, "groups", columns, rows, notes)


def _group_row(column: str, row: Mapping[str, float | str | None], shares: Sequence[tuple[str, str]], form: Form) -> Row:
    label = Cell(attribute_value_label(column, None if row["group"] is None else str(row["group"])))
    cells = [Cell(Number(_number(row["cases"]))), _with_interval(row, "median_days", form)]
    for base, measure in shares:
        cells += [Cell(Number(_number(row[base]))), _with_interval(row, measure, "percent")]
    return Row((label, *cells))


def _with_interval(row: Mapping[str, float | str | None], measure: str, form: Form) -> Cell:
    value, low, high = (_number(row[f"{measure}{end}"]) for end in ("", "_low", "_high"))
    if value is None:
        return Cell()
    return Cell(Number(value, form), None, Interval(low, high, form) if low is not None or high is not None else None)


def _number(value: float | str | None) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)


def _test_table(procedure: Procedure, found: GroupDifferences) -> Table:
    columns = (
        Column("column", say("tested_column"), align="left"),
        Column("measure", say("measure"), align="left"),
        Column("test", say("test"), align="left"),
        Column("statistic", say("statistic")),
        Column("df", say("df")),
        Column("p", say("p")),
        Column("p_holm", say("p_holm")),
    )
    rows = [
        Row(
            (
                Cell(attribute_label(row["column"])),
                Cell(say(f"measure_{row['measure']}")),
                Cell(say(f"test_{row['test']}") if f"test_{row['test']}" in say else Words.same(row["test"])),
                Cell(Number(row["statistic"], "decimal2")),
                Cell(Number(row["df"])),
                *(Cell(say("p_less") if row[p] < 0.001 else Number(row[p], "decimal3")) for p in ("p", "p_holm")),
            )
        )
        for row in found.tests.filter(pl.col("p").is_not_null()).iter_rows(named=True)
    ]
    return table_of(procedure, "tests", columns, rows, [say("tests_note")])
