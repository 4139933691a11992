"""The same procedure, different groups: how long they wait, how many get through, how many time limits break.

Groups of fewer than thirty cases are not shown, nor what would give them away by subtraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue
from canbao.procedures.analysis.drop_out import Endings, outcomes
from canbao.procedures.analysis.durations import case_durations
from canbao.procedures.analysis.intervals import Estimate, chi_square, holm, kruskal_wallis, quantile, share
from canbao.procedures.analysis.survival import kaplan_meier, log_rank, median_days
from canbao.procedures.event_log import EventLog
from canbao.survey.disclosure import SMALLEST_BASE, suppressed

say = Catalogue("canbao.procedures.analysis", "words")


@dataclass(frozen=True, slots=True)
class GroupDifferences:
    """What groups differ in.

    Args:
        table: a row a group: `column`; `group` (null where the log does not say); `suppressed`, with all that follows
            null; `cases`; `median_days` (`_low`, `_high`); `ended`, and of these `completed_share` (`_low`, `_high`);
            `judged`, the cases of which it is known whether a time limit broke, and of these `breach_share` (`_low`,
            `_high`). What was not given or rests on too few cases is null.
        tests: a row a test: `column`, `measure` (`days`, `completed`, `breach`), `test`, `statistic`, `df`, `p`, and
            `p_holm`, corrected for all of them together.
    """

    table: pl.DataFrame
    tests: pl.DataFrame


TABLE = {
    "column": pl.String(),
    "group": pl.String(),
    "suppressed": pl.Boolean(),
    "cases": pl.UInt32(),
    **{f"median_days{end}": pl.Float64() for end in ("", "_low", "_high")},
    "ended": pl.UInt32(),
    **{f"completed_share{end}": pl.Float64() for end in ("", "_low", "_high")},
    "judged": pl.UInt32(),
    **{f"breach_share{end}": pl.Float64() for end in ("", "_low", "_high")},
}

TESTS = {
    "column": pl.String(), "measure": pl.String(), "test": pl.String(), "statistic": pl.Float64(), "df": pl.UInt32(),
    "p": pl.Float64(),
}  # fmt: skip


def group_differences(
    log: EventLog,
    by: Sequence[str],
    *,
    endings: Endings | None = None,
    breach: pl.Series | None = None,
    smallest: int = SMALLEST_BASE,
) -> GroupDifferences:
    """Compare groups of cases.

    With endings, the median is that of Kaplan and Meier until the case ends, with those still open kept in, and groups are
    compared by the log-rank test; `completed_share` is that of the cases that have ended. Without, days are throughput
    times, their interval that of order statistics, and the test that of Kruskal and Wallis. Shares have Wilson's intervals
    and are compared by chi-square. Only groups with enough cases are tested.

    Args:
        log: the log.
        by: columns, of cases or events (then of the case's first event that has one).
        endings: how cases end.
        breach: whether a time limit broke, a value a case of `log.cases`; null where that is not known.
        smallest: groups with fewer cases are not shown.

    Raises:
        InputError: the log has no such column or no activity of an ending's name, or there are not as many values of
            `breach` as cases.
    """
    if breach is not None and len(breach) != log.cases.height:
        fault = say("not_a_value_a_case", given=len(breach), cases=log.cases.height)
        raise InputError(Fault(fault, Place(log.name)))
    cases = _measured(log, endings, breach)
    tables, tests = [], []
    for column in by:
        of_case = log.case_column(column).cast(pl.String)
        own = cases.with_columns(group=of_case.gather(cases["case"]))
        table = _table(column, own, endings is not None, smallest)
        tables.append(table)
        shown = table.filter(pl.col("cases") >= smallest)["group"]
        tests += list(
            _tests(column, own.filter(pl.col("group").is_in(shown.implode(), nulls_equal=True)), endings is not None)
        )
    tested = pl.DataFrame(tests, schema=TESTS, orient="row")
    corrected = holm(tested["p"].fill_null(float("nan")).to_list())
    tested = tested.with_columns(p_holm=pl.Series(corrected, dtype=pl.Float64)).with_columns(
        pl.col("statistic", "p", "p_holm").fill_nan(None)
    )
    return GroupDifferences(pl.concat(tables) if tables else pl.DataFrame(schema=TABLE), tested)


def _measured(log: EventLog, endings: Endings | None, breach: pl.Series | None) -> pl.DataFrame:
    if endings is None:
        table = case_durations(log).select("case", "days", ended=pl.lit(True), completed=pl.lit(None, pl.Boolean))
    else:
        outcome = pl.col("outcome").cast(pl.String)
        table = outcomes(log, endings).select(
            "case",
            "days",
            ended=outcome != "open",
            completed=pl.when(outcome != "open").then(outcome == "completed")
            if endings.completed
            else pl.lit(None, pl.Boolean),
        )
    broken = pl.Series([None] * log.cases.height, dtype=pl.Boolean) if breach is None else breach.cast(pl.Boolean)
    return table.with_columns(breach=broken.gather(table["case"]))


def _table(column: str, own: pl.DataFrame, survival: bool, smallest: int) -> pl.DataFrame:
    groups = [(keys[0], part) for keys, part in own.group_by("group", maintain_order=True)]
    groups.sort(key=lambda entry: (entry[0] is None, entry[0] or ""))
    bases = {
        "cases": [part.height for _, part in groups],
        "ended": [part["completed"].count() for _, part in groups],
        "judged": [part["breach"].count() for _, part in groups],
    }
    hidden = {base: hidden_groups(counts, smallest) for base, counts in bases.items()}
    rows = []
    for at, (name, part) in enumerate(groups):
        row: dict[str, object] = {"column": column, "group": name, "suppressed": at in hidden["cases"]}
        if at not in hidden["cases"]:
            row |= {"cases": part.height, **_named("median_days", _median(part, survival))}
            for base, measure, value in (("ended", "completed_share", "completed"), ("judged", "breach_share", "breach")):
                if bases[base][at] and at not in hidden[base]:
                    row |= {base: bases[base][at], **_named(measure, share(int(part[value].sum()), bases[base][at]))}
        rows.append(row)
    return pl.DataFrame(rows, schema=TABLE)


def hidden_groups(counts: Sequence[int], smallest: int) -> set[int]:
    """The groups, by place, that are too small, and those that would give them away; the whole is known."""
    bases = {frozenset({("group", str(at))}): count for at, count in enumerate(counts)}
    hidden = suppressed({frozenset(): sum(counts), **bases}, smallest)
    return {at for at in range(len(counts)) if frozenset({("group", str(at))}) in hidden}


def _median(part: pl.DataFrame, survival: bool) -> Estimate:
    if survival:
        return Estimate(*median_days(kaplan_meier(part["days"], part["ended"])))
    return quantile(part["days"].sort().to_numpy())


def _named(measure: str, estimate: Estimate) -> dict[str, object]:
    return {measure: estimate.value, f"{measure}_low": estimate.low, f"{measure}_high": estimate.high}


def _tests(column: str, own: pl.DataFrame, survival: bool) -> Iterator[tuple[str, str, str, float, int, float]]:
    if own.is_empty():
        return
    code = own.select(pl.col("group").rank("dense").fill_null(0).cast(pl.Int64)).to_series().to_numpy()
    code = np.unique(code, return_inverse=True)[1]
    days = own["days"].to_numpy()
    if survival:
        yield (column, "days", "log-rank", *log_rank(days, own["ended"], code))
    else:
        yield (column, "days", "Kruskal–Wallis", *kruskal_wallis(days, code))
    for measure in ("completed", "breach"):
        known = own[measure].is_not_null().to_numpy()
        if known.any():
            count = np.bincount(code[known])
            having = np.bincount(code[known], weights=own[measure].fill_null(False).to_numpy()[known])
            present = count > 0
            yield (column, measure, "chi-square", *chi_square(having[present], count[present]))
