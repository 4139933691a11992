"""Who counts as a migrant worker: rural registration, and six months or more of the year outside of farming."""

import datetime

import polars as pl
import pytest

from canbao.workers import vocabulary
from canbao.workers.derived import with_derived

DAY = datetime.date(2021, 6, 1)


def migrant(**row: str | int | None) -> str | None:
    known = vocabulary()
    frame = pl.DataFrame([pl.Series(name, [value], dtype=known[name].dtype) for name, value in row.items()])
    found: str | None = with_derived(frame, known, DAY)["migrant"].item()
    return found


@pytest.mark.parametrize(
    ("hukou", "months", "counts"),
    [
        ("agricultural", 6, "yes"),
        ("agricultural", 5, "no"),
        ("agricultural", None, None),
        ("non_agricultural", 12, "no"),
        ("non_agricultural", None, "no"),
        (None, 12, None),
    ],
)
def test_months_decide_where_they_were_asked(hukou: str | None, months: int | None, counts: str | None) -> None:
    assert migrant(hukou=hukou, nonfarm_months=months) == counts


@pytest.mark.parametrize(("hukou", "counts"), [("agricultural", "yes"), ("non_agricultural", "no"), (None, None)])
def test_registration_decides_where_they_were_not(hukou: str | None, counts: str | None) -> None:
    assert migrant(hukou=hukou) == counts
