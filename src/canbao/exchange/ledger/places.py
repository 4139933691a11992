"""Where in the law a county lies: its province, or a class of cities with figures of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from canbao.law import lawbook

NOWHERE = -1
"""A region that is in no province of the law."""


def place_of(region: str) -> int:
    """The number of the law's place in which a region of six digits lies; `NOWHERE` if in none."""
    province = region[:2]
    if len(region) != 6 or not region.isdigit() or province not in lawbook.provinces():
        return NOWHERE
    return lawbook.places().numbers[_cities().get(region[:4], province)]


def cities() -> pl.DataFrame:
    """The place of every city that there can be: `city`, the first four digits of its regions, and `place`."""
    codes = [f"{province}{city:02}" for province in lawbook.provinces() for city in range(100)]
    rows = [(int(code), place_of(f"{code}00")) for code in codes]
    return pl.DataFrame(rows, schema={"city": pl.Int16, "place": pl.Int16}, orient="row")


@cache
def _cities() -> Mapping[str, str]:
    """The place of each city that has figures of its own, by the first four digits of its regions."""
    found: dict[str, str] = {}
    for code, entry in lawbook.provinces().items():
        for name, city_class in entry.classes.items():
            found |= {other: f"{code}/{name}" for other in city_class.also if len(other) == 4 and other.isdigit()}
    return found
