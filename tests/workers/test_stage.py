"""How far a worker came into the employees' scheme, by the steps of the staircase."""

from __future__ import annotations

import polars as pl
import pytest

from canbao.workers.staircase import GAPS, STAGES, pension_stage


@pytest.mark.parametrize(
    ("gap", "tried", "months", "stage"),
    [
        ("legal", "yes", None, "not_eligible"),
        ("compliance", None, None, "not_enrolled"),
        ("information", "no", None, "eligible"),
        ("affordability", "no", None, "aware"),
        ("preference", "no", None, "aware"),
        ("administrative", "no", None, "willing"),
        ("administrative", None, None, "willing"),
        ("administrative", "yes", None, "applied"),
        ("covered", None, 0, "enrolled"),
        ("covered", "yes", 7, "paying"),
        ("covered", None, 12, "continuous"),
        ("covered", None, None, None),
        ("undetermined", "yes", 12, None),
        (None, "yes", 12, None),
    ],
)
def test_the_furthest_stage(gap: str | None, tried: str | None, months: int | None, stage: str | None) -> None:
    kinds = {"pension_gap": pl.String, "tried_to_join": pl.String, "months_paid_12": pl.Int64}
    one = pl.DataFrame({"pension_gap": [gap], "tried_to_join": [tried], "months_paid_12": [months]}, schema=kinds)
    assert one.select(pension_stage()).item() == stage


def test_every_gap_but_the_undetermined_has_its_stage() -> None:
    columns = {"pension_gap": [gap for gap in GAPS if gap != "undetermined"]}
    frame = pl.DataFrame(columns).with_columns(tried_to_join=pl.lit("no"), months_paid_12=pl.lit(None, pl.Int64))
    found = frame.select(pension_stage()).to_series().to_list()
    assert set(found) <= set(STAGES)
