"""How many interviews a survey needs for a share to be known within a margin (Cochran 1977, ch. 4)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

import polars as pl
from scipy import special

from canbao.errors import Fault, raise_all
from canbao.languages import Catalogue

say = Catalogue("canbao.survey", "faults")


def interviews_needed(
    share: float,
    margin: float,
    deff: float = 1.0,
    level: float = 0.95,
    response: float = 1.0,
    population: float | None = None,
) -> tuple[int, int]:
    """Interviews to complete, and people to approach.

    Args:
        share: expected; 0.5 is the most demanding.
        margin: half the width of the interval that is wanted.
        deff: design effect of clusters and weights.
        level: of confidence.
        response: share of those approached who answer.
        population: size, for the finite population correction; None for a large one.

    Raises:
        InputError: values outside of their ranges.
    """
    checks = (
        (0 < share < 1, "size_share", share),
        (0 < margin < 1, "size_margin", margin),
        (deff > 0, "size_deff", deff),
        (0 < level < 1, "size_level", level),
        (0 < response <= 1, "size_response", response),
        (population is None or population > 0, "size_population", population or 0),
    )
    raise_all([Fault(say(key, value=f"{value:g}")) for holds, key, value in checks if not holds])
    normal = float(special.ndtri((1 + level) / 2))
    needed = normal**2 * share * (1 - share) / margin**2
    if population is not None:
        needed = needed / (1 + (needed - 1) / population)
    # Rounding errors must not ask for one interview more.
    interviews = math.ceil(needed * deff - 1e-9)
    if population is not None:
        interviews = min(interviews, math.ceil(population))
    return interviews, math.ceil(interviews / response - 1e-9)


def interviews_by_group(
    groups: Mapping[str, Mapping[str, float]],
    share: float,
    margin: float,
    deff: float = 1.0,
    level: float = 0.95,
    response: float = 1.0,
) -> pl.DataFrame:
    """Interviews that let every crossed group be known within the margin.

    Args:
        groups: column → category → its share of the population; the columns are crossed as if independent.
        share: expected in every group.
        margin: in every group.
        deff: design effect.
        level: of confidence.
        response: share of those approached who answer.

    Returns:
        the groups' columns, then `population_share`, `interviews` and `approached` for that group to be known within
        the margin, and `survey` and `survey_approached`, the size of a whole survey that draws everybody with equal
        chances until this group has enough.
    """
    interviews, approached = interviews_needed(share, margin, deff, level, response)
    rows = []
    for crossed in product(*(categories.items() for categories in groups.values())):
        part = math.prod(size for _, size in crossed)
        whole = math.ceil(interviews / part - 1e-9) if part > 0 else None
        total = None if whole is None else math.ceil(whole / response - 1e-9)
        rows.append((*(name for name, _ in crossed), part, interviews, approached, whole, total))
    counts = ("interviews", "approached", "survey", "survey_approached")
    schema = {**dict.fromkeys(groups, pl.String), "population_share": pl.Float64, **dict.fromkeys(counts, pl.Int64)}
    return pl.DataFrame(rows, schema=schema, orient="row")
