"""What members pay of their income: by the rate of their way into the scheme, where they work."""

import datetime

import polars as pl
import pytest

from canbao.workers import vocabulary
from canbao.workers.burden import with_burden

DAY = datetime.date(2021, 6, 1)


def burden(scheme: str, province: str, base: float | None, income: float | None) -> float | None:
    known = vocabulary()
    row = {"pension_scheme": scheme, "province": province, "contribution_base": base, "income_month": income}
    frame = pl.DataFrame([pl.Series(name, [value], dtype=known[name].dtype) for name, value in row.items()])
    share: float | None = with_burden(frame, known, DAY)["contribution_burden"].item()
    return share


def test_employees_pay_their_share_and_flexible_workers_both() -> None:
    assert burden("employee", "41", 4000.0, 5000.0) == pytest.approx(0.08 * 0.8)
    assert burden("flexible", "41", 4000.0, 5000.0) == pytest.approx(0.20 * 0.8)
    assert burden("flexible", "31", 4000.0, 5000.0) == pytest.approx(0.24 * 0.8), "Shanghai asked for more"


OTHERS = [("none", None, 5000.0), ("resident", 4000.0, 5000.0), ("several", 4000.0, 5000.0), ("flexible", 4000.0, 0.0)]


@pytest.mark.parametrize(("scheme", "base", "income"), OTHERS)
def test_of_others_it_is_not_known(scheme: str, base: float | None, income: float | None) -> None:
    assert burden(scheme, "41", base, income) is None
