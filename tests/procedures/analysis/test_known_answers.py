"""PM4Py 2.7.23.11's answers on real logs: edges, variants, durations and repetitions."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from canbao.procedures import EventLog
from canbao.procedures.analysis import edges, ends, rework, starts, summary, variants

from .logs import read_xes, real

ANSWERS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "pm4py.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=sorted(ANSWERS))
def known(request: pytest.FixtureRequest) -> tuple[EventLog, dict[str, Any]]:
    """A real log, and what PM4Py says of it."""
    path = real(request.param)
    if path is None:
        pytest.skip(f"{request.param}.xes.gz is not here; see CANBAO_EVENT_LOGS")
    return read_xes(path), ANSWERS[request.param]


def test_figures_of_the_log(known: tuple[EventLog, dict[str, Any]]) -> None:
    log, answer = known
    found = summary(log)
    assert (found.cases, found.events, found.activities, found.variants) == tuple(
        answer[name] for name in ("cases", "events", "activities", "variants")
    )
    for ours, theirs in ((found.median_days, "median"), (found.mean_days, "mean"), (found.p90_days, "p90")):
        assert ours * 86_400 == pytest.approx(answer[f"{theirs}_seconds"], rel=1e-9)


def test_every_edge_with_its_count_median_and_mean(known: tuple[EventLog, dict[str, Any]]) -> None:
    log, answer = known
    names = answer["activity_names"]
    expected = {(names[a], names[b]): rest for a, b, *rest in answer["edges"]}
    rows = edges(log).cast({"activity": pl.String, "following": pl.String}).to_dicts()
    found = {(row["activity"], row["following"]): row for row in rows}
    assert set(found) == set(expected)
    for edge, (count, median, mean) in expected.items():
        assert found[edge]["count"] == count
        assert found[edge]["median_days"] * 86_400 == pytest.approx(median, rel=1e-9, abs=1e-6)
        assert found[edge]["mean_days"] * 86_400 == pytest.approx(mean, rel=1e-9, abs=1e-6)


def test_first_and_last_activities(known: tuple[EventLog, dict[str, Any]]) -> None:
    log, answer = known
    for found, name in ((starts(log), "starts"), (ends(log), "ends")):
        assert dict(found.select(pl.col("activity").cast(pl.String), "count").iter_rows()) == answer[name]
        assert found["share"].sum() == pytest.approx(1)


def test_every_variant_with_its_count(known: tuple[EventLog, dict[str, Any]]) -> None:
    log, answer = known
    names = answer["activity_names"]
    expected = {tuple(names[at] for at in steps): count for count, *steps in answer["variants_by_count"]}
    assert {tuple(steps): count for steps, count in variants(log).select("activities", "count").iter_rows()} == expected


def test_cases_in_which_an_activity_is_repeated(known: tuple[EventLog, dict[str, Any]]) -> None:
    log, answer = known
    table = rework(log).filter(pl.col("repeating_cases") > 0)
    assert dict(zip(table["activity"], table["repeating_cases"], strict=True)) == answer["rework"]
