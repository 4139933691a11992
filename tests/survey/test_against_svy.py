"""Against svy 0.35, an independent implementation, on random one-stage designs, where it was found to agree with R."""

import numpy as np
import polars as pl
import pytest
import svy

from canbao.survey import Design


def drawn(seed: int) -> pl.DataFrame:
    """Unequal strata, units and weights; a domain that some units lack; answers missing."""
    random = np.random.default_rng(seed)
    rows = []
    for stratum in range(5):
        for unit in range(int(random.integers(3, 9))):
            level = random.normal()
            for _ in range(int(random.integers(4, 25))):
                y = 10 + 2 * level + random.normal()
                rows.append(
                    (
                        stratum,
                        stratum * 100 + unit,
                        random.uniform(1, 9),
                        y,
                        float(random.random() < 0.4),
                        random.choice(["a", "b", "c"]),
                    )
                )
    return pl.DataFrame(rows, schema=["h", "u", "w", "y", "z", "d"], orient="row")


@pytest.fixture(params=range(6))
def pair(request: pytest.FixtureRequest) -> tuple[Design, svy.Sample]:
    frame = drawn(request.param)
    return Design(frame, weight="w", stratum="h", cluster="u"), svy.Sample(frame, svy.Design(stratum="h", psu="u", wgt="w"))


def rows_of(result: object) -> list[tuple[float, float, float, float]]:
    parts = result if isinstance(result, list) else [result]
    found = [one for part in parts for one in part.estimates]  # type: ignore[attr-defined]
    return [(one.est, one.se, one.lci, one.uci) for one in sorted(found, key=lambda one: str(one.by_level))]


def ours(frame: pl.DataFrame) -> list[tuple[float, ...]]:
    return frame.select("estimate", "se", "low", "high").rows()


@pytest.mark.parametrize("column", ["y", "z"])
def test_means_and_totals(pair: tuple[Design, svy.Sample], column: str) -> None:
    design, sample = pair
    for ours_now, theirs in (
        (design.mean(column), sample.estimation.mean(column)),
        (design.total(column), sample.estimation.total(column)),
    ):
        assert np.array(ours(ours_now)) == pytest.approx(np.array(rows_of(theirs)), rel=1e-8)


@pytest.mark.parametrize("column", ["y", "z"])
def test_means_of_domains(pair: tuple[Design, svy.Sample], column: str) -> None:
    design, sample = pair
    assert np.array(ours(design.mean(column, by="d"))) == pytest.approx(
        np.array(rows_of(sample.estimation.mean(column, by="d"))), rel=1e-8
    )


def test_ratios(pair: tuple[Design, svy.Sample]) -> None:
    design, sample = pair
    assert np.array(ours(design.ratio("z", "y"))) == pytest.approx(
        np.array(rows_of(sample.estimation.ratio("z", "y"))), rel=1e-8
    )
