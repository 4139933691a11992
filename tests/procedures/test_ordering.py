"""Events and cases in order, by whichever way."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.procedures import EventLog, ordering
from canbao.procedures.ordering import case_numbers, cases_of, in_order

MOMENT = st.one_of(
    st.integers(0, 5).map(lambda seconds: seconds * 1_000_000),
    st.integers(0, 10**9).map(lambda milliseconds: milliseconds * 1_000),
    st.integers(-(10**15), 10**15),
)


@given(st.lists(st.tuples(st.integers(0, 4), MOMENT), max_size=30), st.booleans())
def test_events_are_sorted_by_case_time_and_position(rows: list[tuple[int, int]], reversed_positions: bool) -> None:
    positions = np.arange(len(rows), dtype=np.uint32)
    frame = pl.DataFrame(
        {
            "case": pl.Series([case for case, _ in rows], dtype=pl.UInt32),
            "time": pl.Series([time for _, time in rows], dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
            "position": positions[::-1] if reversed_positions else positions,
        }
    )
    assert in_order(frame).equals(frame.sort("case", "time", "position"))


@pytest.mark.parametrize("different", [1, 3, 1 << 62])
def test_cases_are_told_apart_even_when_their_numbers_are_alike(different: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "_hashes", lambda values: values.hash() % different)
    events = pl.Series("case_id", ["b", "a", "b", "c", "a", "d"])
    cases, numbers = cases_of(events)
    assert cases.to_list() == ["b", "a", "c", "d"]
    assert numbers.to_list() == [0, 1, 0, 2, 1, 3]
    assert case_numbers(events, pl.Series(["a", "b", "z"])).to_list() == [1, 0, 1, None, 0, None]


def test_events_of_cases_that_are_not_listed_are_left_out() -> None:
    events = pl.DataFrame({"case_id": ["x", "y", None], "activity": ["a", "b", "c"], "time": [3, 2, 1]}).with_columns(
        pl.col("time").cast(pl.Datetime("us", "UTC"))
    )
    log = EventLog.of("log", events, cases=pl.DataFrame({"case_id": ["y"]}))
    assert log.events["activity"].to_list() == ["b"]
