"""Variants: the different sequences of activities that cases go through."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from canbao.procedures.analysis.sequences import DAY, Booleans, Codes, Integers, Sequences, Sorted, named
from canbao.procedures.event_log import EventLog

_MULTIPLIER = 0x9E3779B97F4A7C15
_SEED = 20_261_125


def case_variants(log: EventLog) -> pl.DataFrame:
    """Which variant each case follows.

    Returns:
        `case` and `variant`, a row of `variants(log)`; without cases that have no events.
    """
    sequences = Sequences.of(log)
    variant, examples = _grouped(sequences)
    place = np.empty(len(examples), dtype=np.uint32)
    place[_order(variant, examples)] = np.arange(len(examples), dtype=np.uint32)
    return pl.DataFrame({"case": log.events["case"].gather(sequences.first), "variant": place[variant]})


def variants(log: EventLog) -> pl.DataFrame:
    """Every variant with the cases that follow it; all events count, in the log's order.

    Returns:
        `activities` (a list), `events` in it, `count` of cases, their `share`, the `cumulative_share`, `median_days` of
        throughput time, and its first case as `example`. Most frequent first, among equals in the order of examples.
    """
    sequences = Sequences.of(log)
    variant, examples = _grouped(sequences)
    order = _order(variant, examples)
    days = Sorted.of(variant, sequences.time[sequences.last] - sequences.time[sequences.first], len(examples))
    first, lengths = sequences.first[examples][order], sequences.lengths[examples][order]
    rows = np.repeat(first, lengths) + _from_nought(lengths)
    steps = pl.DataFrame(
        {
            "variant": np.repeat(np.arange(len(order), dtype=np.uint32), lengths),
            "activities": named(log, sequences.activity[rows]),
        }
    )
    count = days.count[order]
    return (
        steps.group_by("variant", maintain_order=True)
        .agg("activities")
        .select(
            "activities",
            pl.Series("events", lengths, dtype=pl.UInt32),
            pl.Series("count", count, dtype=pl.UInt32),
            pl.Series("share", count / count.sum()),
            pl.Series("cumulative_share", np.cumsum(count) / count.sum()),
            pl.Series("median_days", days.quantile(0.5)[order] / DAY),
            log.events["case"].gather(first).alias("example"),
        )
    )


def count_variants(log: EventLog) -> int:
    """How many variants there are."""
    return len(_grouped(Sequences.of(log))[1])


def _order(variant: Codes, examples: Integers) -> Integers:
    return np.lexsort((examples, -np.bincount(variant, minlength=len(examples))))


def _from_nought(lengths: Integers) -> Integers:
    """0, 1, … within each of several runs."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _grouped(sequences: Sequences) -> tuple[Codes, Integers]:
    """Each case's variant, and the first case of each variant; as places among the cases.

    Sequences are told apart by a number that is made of them. Two that differ may have the same number by chance, so
    every case is compared with the first that has its number, and those that differ from it are told apart exactly.
    """
    _, examples, variant = np.unique(_fingerprints(sequences), return_index=True, return_inverse=True)
    alike = _alike(sequences, examples[variant])
    return (variant, examples) if alike.all() else _told_apart(sequences, variant, examples, np.flatnonzero(~alike))


def _fingerprints(sequences: Sequences) -> npt.NDArray[np.uint64]:
    """A number of each case's sequence: a polynomial whose coefficients are random numbers, one an activity."""
    if not len(sequences.first):
        return np.zeros(0, dtype=np.uint64)
    random = np.random.default_rng(_SEED)
    of_activity = random.integers(1, 1 << 63, int(sequences.activity.max()) + 1, dtype=np.uint64)
    powers = np.cumprod(np.full(int(sequences.lengths.max()), _MULTIPLIER, dtype=np.uint64))
    terms = of_activity[sequences.activity]
    terms *= powers[sequences.number]
    return np.asarray(np.add.reduceat(terms, sequences.first))


def _alike(sequences: Sequences, other: Integers) -> Booleans:
    """Whether each case has the sequence of another."""
    alike = sequences.lengths == sequences.lengths[other]
    if not len(alike):
        return np.asarray(alike)
    # The event of the same number in the other case; where the other is shorter, any, since it is unlike already.
    row = np.repeat(sequences.first[other] - sequences.first, sequences.lengths)
    row += np.arange(len(row))
    np.clip(row, 0, len(row) - 1, out=row)
    same = sequences.activity[row] == sequences.activity
    return np.asarray(alike & np.logical_and.reduceat(same, sequences.first))


def _told_apart(sequences: Sequences, variant: Codes, examples: Integers, unlike: Integers) -> tuple[Codes, Integers]:
    """New variants for the cases that are unlike the first of theirs."""
    variant = variant.astype(np.int64)
    found: dict[tuple[int, bytes], int] = {}
    more: list[int] = []
    for case in unlike.tolist():
        first = int(sequences.first[case])
        steps = sequences.activity[first : first + int(sequences.lengths[case])].tobytes()
        key = (int(variant[case]), steps)
        if key not in found:
            found[key] = len(examples) + len(more)
            more.append(case)
        variant[case] = found[key]
    return variant, np.concatenate([examples, np.array(more, dtype=np.int64)])
