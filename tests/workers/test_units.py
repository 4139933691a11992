"""Units in which surveys ask."""

from __future__ import annotations

import pytest

from canbao.languages import Words
from canbao.workers.units import conversion, unit_label, units_for
from canbao.workers.vocabulary import vocabulary


def test_a_share_may_come_in_percent() -> None:
    assert units_for("share") == ("share", "percent", "permille")
    assert conversion("percent", "share") == 0.01


def test_money_may_be_by_any_period() -> None:
    assert units_for("CNY/month") == ("CNY/month", "CNY/day", "CNY/week", "CNY/quarter", "CNY/year")


def test_what_cannot_be_converted_has_itself_alone() -> None:
    assert units_for("visits") == ("visits",)
    assert units_for("CNY") == ("CNY",)


def test_nobody_counts_days_by_the_day() -> None:
    assert units_for("days/month") == ("days/month", "days/week", "days/quarter", "days/year")


@pytest.mark.parametrize("wanted", sorted({one.unit or one.type for one in vocabulary().values() if one.is_numeric}))
def test_every_unit_on_offer_can_be_converted_and_has_a_label(wanted: str) -> None:
    for unit in units_for(wanted)[1:]:
        assert (conversion(unit, wanted) or 0) > 0
        assert unit_label(unit).en and unit_label(unit).zh


def test_labels() -> None:
    assert unit_label("CNY/month") == Words("yuan a month", "元/月")
