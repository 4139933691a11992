"""Pages: tables are set closer where a few of their rows would stand on a page of their own."""

from collections.abc import Mapping
from typing import Any

import pytest

from canbao.report.pdf import set_close

ITEMS: list[Mapping[str, Any]] = [
    {"kind_of": "Heading"},
    {"kind_of": "PrintedTable", "key": "first", "wide": False},
    {"kind_of": "Heading"},
    {"kind_of": "PrintedTable", "key": "second", "wide": False},
    {"kind_of": "PrintedTable", "key": "on_its_side", "wide": True},
]


@pytest.mark.parametrize(
    ("page", "filled", "close"),
    [(5, 0.2, ["second"]), (5, 0.6, []), (3, 0.2, []), (4, 0.2, []), (5, 0.0, [])],
    ids=["a few rows over", "half a page over", "one page alone", "too much for one page before it", "nothing over"],
)
def test_rows_left_over_find_room(page: int, filled: float, close: list[str]) -> None:
    """The second chapter begins after page 2; what is left over must be little against the pages before it."""
    ends = [
        {"at": 0, "page": 1, "filled": 0.0},
        {"at": 2, "page": 2, "filled": 0.9},
        {"at": 5, "page": page, "filled": filled},
    ]
    assert set_close(ITEMS, ends) == close
