"""What the comparison of arrangements assumes, from its file with a source for each."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field

from canbao.located_yaml import Entry, read
from canbao.reforms.population import Assumed


class OrderExposure(Entry):
    """How many injuries a million orders bring, and which order of the law's each kind of work makes."""

    low: float = Field(gt=0)
    value: float = Field(gt=0)
    high: float = Field(gt=0)
    source: str
    by_order_sector: dict[str, str]
    as_of: str


class AssumptionsFile(Entry):
    """assumptions.yaml."""

    earning_until: Assumed
    nursing_until: Assumed
    child_years: Assumed
    days_a_year: Assumed
    time_share: dict[str, Assumed]
    published_spending_an_order: Assumed
    injuries_a_million_orders: OrderExposure


@cache
def assumptions() -> AssumptionsFile:
    """All of them."""
    return read(Path(str(resources.files("canbao.injury").joinpath("assumptions.yaml"))), AssumptionsFile)
