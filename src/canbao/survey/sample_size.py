"""How many interviews a survey needs for a share to be known within a margin (Cochran 1977, ch. 4)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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


def sample_sizes(
    groups: Mapping[str, Sequence[str]],
    share: float,
    margin: float,
    deff: float = 1.0,
    level: float = 0.95,
    response: float = 1.0,
    population: float | None = None,
) -> pl.DataFrame:
    """Interviews that let every crossed group be known within the margin.

    Args:
        groups: column → categories; the columns are crossed. None: one row for everybody.
        share: expected, in every group.
        margin: in every group.
        deff: design effect.
        level: of confidence.
        response: share of those approached who answer.
        population: size of every group, for the finite population correction; None for large ones.

    Returns:
        the groups' columns, `interviews` and `approached`; the first row, `all` in every column, is their sum: the
        survey in which every group is drawn in equal numbers.
    """
    interviews, approached = interviews_needed(share, margin, deff, level, response, population)
    crossed = list(product(*groups.values()))
    rows: list[tuple[str | int, ...]] = []
    if groups:
        rows.append((*("all" for _ in groups), interviews * len(crossed), approached * len(crossed)))
    rows += [(*names, interviews, approached) for names in crossed]
    schema = {**dict.fromkeys(groups, pl.String), "interviews": pl.Int64, "approached": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
