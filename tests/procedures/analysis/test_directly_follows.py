"""Edges, variants and durations against plain loops over events."""

from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.procedures.analysis import (
    case_durations,
    case_variants,
    directly_follows,
    edges,
    ends,
    starts,
    summary,
    variants,
)
from canbao.procedures.analysis.sequences import DAY, Sequences, numbered

from .logs import log_of

CASES = st.dictionaries(
    st.sampled_from(["x", "y", "z", "NA", ""]),
    st.lists(st.tuples(st.sampled_from(["apply", "check", "审核"]), st.floats(-400, 400)), min_size=1, max_size=8),
    min_size=1,
)
Cases = dict[str, list[tuple[str, float]]]


@given(CASES)
@settings(deadline=None)
def test_edges_are_those_that_one_counts(cases: Cases) -> None:
    log = log_of(cases)
    waits: dict[tuple[str, str], list[float]] = {}
    having: dict[tuple[str, str], set[int]] = {}
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for (case,), own in log.events.group_by("case"):
        steps = list(zip(own["activity"], own["time"].to_physical(), strict=True))
        first[steps[0][0]] += 1
        last[steps[-1][0]] += 1
        for (here, begun), (there, ended) in pairwise(steps):
            waits.setdefault((here, there), []).append((ended - begun) / DAY)
            having.setdefault((here, there), set()).add(case)  # type: ignore[arg-type]
    graph = directly_follows(log)
    found = {(row["activity"], row["following"]): row for row in graph.edges.to_dicts()}
    assert set(found) == set(waits)
    whole = sum(map(sum, waits.values()))
    for edge, days in waits.items():
        row = found[edge]
        assert (row["count"], row["cases"]) == (len(days), len(having[edge]))
        assert row["median_days"] == pytest.approx(np.median(days), abs=1e-9)
        assert row["p90_days"] == pytest.approx(np.quantile(days, 0.9), abs=1e-9)
        assert row["mean_days"] == pytest.approx(np.mean(days), abs=1e-9)
        assert row["share_of_delay"] == (pytest.approx(sum(days) / whole, abs=1e-9) if whole else None)
    assert dict(graph.starts.select("activity", "count").iter_rows()) == first
    assert dict(graph.ends.select("activity", "count").iter_rows()) == last


def variants_by_hand(cases: Cases) -> Counter[tuple[str, ...]]:
    log = log_of(cases)
    return Counter(tuple(own["activity"]) for _, own in log.events.group_by("case"))


@given(CASES)
@settings(deadline=None)
def test_variants_are_those_that_one_counts(cases: Cases) -> None:
    table = variants(log_of(cases))
    counted = variants_by_hand(cases)
    assert {tuple(row[0]): row[1] for row in table.select("activities", "count").iter_rows()} == counted
    assert table["count"].to_list() == sorted(counted.values(), reverse=True)
    assert table["cumulative_share"][-1] == pytest.approx(1)
    assert table["events"].to_list() == [len(steps) for steps in table["activities"]]


@given(CASES)
@settings(deadline=None)
def test_variants_with_the_same_fingerprint_are_told_apart(cases: Cases) -> None:
    from canbao.procedures.analysis.variants import _grouped

    with pytest.MonkeyPatch.context() as patch:
        names = _grouped.__globals__
        patch.setitem(names, "_fingerprints", lambda sequences: sequences.lengths.astype(np.uint64) % 2)
        table = variants(log_of(cases))
        of_case = case_variants(log_of(cases))
    assert {tuple(row[0]): row[1] for row in table.select("activities", "count").iter_rows()} == variants_by_hand(cases)
    log = log_of(cases)
    for case, variant in of_case.iter_rows():
        own = log.events.filter(pl.col("case") == case)["activity"].to_list()
        assert own == table["activities"][variant].to_list()


@given(CASES)
@settings(deadline=None)
def test_throughput_is_from_the_first_event_to_the_last(cases: Cases) -> None:
    log = log_of(cases)
    table = case_durations(log)
    days = []
    for (case,), own in log.events.group_by("case", maintain_order=True):
        days.append((own["time"].max() - own["time"].min()).total_seconds() / 86_400)  # type: ignore[operator, union-attr]
        assert table.filter(pl.col("case") == case)["days"][0] == pytest.approx(days[-1])
    found = summary(log)
    assert (found.cases, found.events) == (len(days), log.events.height)
    assert found.median_days == pytest.approx(np.median(days))
    assert found.p90_days == pytest.approx(np.quantile(days, 0.9))


def test_a_log_without_delay_has_no_shares_of_it() -> None:
    log = log_of({"x": [("a", 1), ("b", 1)]})
    assert edges(log)["share_of_delay"].to_list() == [None]


def test_a_case_of_one_event_has_no_edge() -> None:
    log = log_of({"x": [("a", 1)]})
    assert edges(log).is_empty() and edges(log)["count"].dtype == pl.UInt32
    assert starts(log).rows() == ends(log).rows() == [("a", 1, 1.0)]
    assert summary(log).median_days == 0


def test_waits_beyond_any_packing_are_sorted_all_the_same() -> None:
    """Days and edges that do not fit into one number of 64 bits together."""
    cases = {f"{at}": [(f"s{at}", 0.0), (f"t{at}", 400_000.0 + at / 10)] for at in range(600)}
    cases["again"] = [("s7", 0.0), ("t7", 3.0)]
    table = edges(log_of(cases))
    row = table.filter(pl.col("activity") == "s7").to_dicts()[0]
    assert row["count"] == 2 and row["median_days"] == pytest.approx((400_000.7 + 3) / 2)


def test_keys_are_numbered_alike_by_table_and_by_sorting() -> None:
    keys = np.array([5, 2, 5, 9])
    for possible in (10, 1 << 30):
        place, occurring = numbered(keys, possible)
        assert place.tolist() == [1, 0, 1, 2] and occurring.tolist() == [2, 5, 9]


def test_numbers_of_events_start_anew_with_each_case() -> None:
    log = log_of({"x": [("a", 0), ("b", 1)], "y": [("a", 0)]})
    sequences = Sequences.of(log)
    assert sequences.number.tolist() == [0, 1, 0]
    assert sequences.followed.tolist() == [True, False]
