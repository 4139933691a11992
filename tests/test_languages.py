"""Numbers and words as each language prints them."""

import datetime

import pytest

from canbao.languages import Number, Words, joined


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.2634, "percent", "26.3%"),
        (-0.2286, "points", "−22.9"),
        (-0.00001, "points", "0.0"),
        (1234567.8, "count", "1,234,568"),
        (0.0006, "decimal3", "0.001"),
        (None, "percent", "–"),
        (float("nan"), "percent", "–"),
        (float("inf"), "count", "–"),
    ],
)
def test_numbers(value: float | None, form: str, expected: str) -> None:
    assert Number(value, form).text("en") == expected  # type: ignore[arg-type]
    assert Number(value, form).text("zh") == expected  # type: ignore[arg-type]


def test_days_and_lists() -> None:
    day = Words.day(datetime.date(2026, 11, 24))
    assert (day.en, day.zh) == ("24 November 2026", "2026年11月24日")
    both = joined([Words("one", "一"), Words("two", "二")])
    assert (both.en, both.zh) == ("one, two", "一、二")
