"""What is hidden stays hidden: checked on the respondents themselves, whatever the register believes about sums."""

import numpy as np
import polars as pl
import pytest

from canbao.chapters.estimates import CellRegister, Estimator
from canbao.survey import Design
from canbao.survey.disclosure import EXCEPT, Domain
from canbao.workers import vocabulary

SMALLEST = 30
SCHOOLING = ["none", "primary", "junior", "senior", "college", "degree"]


def workers(seed: int) -> pl.DataFrame:
    """A survey in which some leave their schooling open and few have none."""
    luck = np.random.default_rng(seed)
    number = 1200
    schooling = luck.choice(SCHOOLING, number, p=[0.03, 0.2, 0.35, 0.22, 0.12, 0.08])
    answered = luck.random(number) > 0.02
    columns = {
        "sex": luck.choice(["female", "male"], number),
        "platform_worker": luck.choice(["yes", "no"], number, p=[0.7, 0.3]),
        "education": [one if said else None for one, said in zip(schooling, answered, strict=True)],
        "pension_scheme": luck.choice(["employee", "flexible", "resident", "none"], number),
    }
    return pl.DataFrame({name: pl.Series(values, dtype=vocabulary()[name].dtype) for name, values in columns.items()})


def ask(estimator: Estimator) -> None:
    """The questions of a report."""
    estimator.of("pension_scheme", ["sex"])
    estimator.of("pension_scheme", ["education"])
    estimator.of("pension_scheme", ["platform_worker"])
    estimator.of("pension_scheme", ["platform_worker", "education"])
    estimator.of("pension_scheme", ["sex", "platform_worker"])
    estimator.of("pension_scheme", ["sex"], {"platform_worker": "yes"})
    estimator.of("pension_scheme", [], {"platform_worker": "yes", "education": SCHOOLING[1:]})


def members(frame: pl.DataFrame, domain: Domain) -> np.ndarray:
    """Who is in a domain, as ones and zeros."""
    inside = pl.repeat(True, frame.height)
    for column, category in domain:
        listed = pl.col(column).cast(pl.String).is_in(category.removeprefix(EXCEPT).split("|")).fill_null(False)
        inside &= ~listed if category.startswith(EXCEPT) else listed
    return frame.select(inside.alias("in"))["in"].to_numpy().astype(float)


@pytest.mark.parametrize("seed", range(6))
def test_no_small_group_is_a_sum_of_groups_that_are_shown(seed: int) -> None:
    frame = workers(seed)
    register = CellRegister(SMALLEST)
    estimator = Estimator([Design(frame)], vocabulary(), register)
    ask(estimator)
    register.close()
    ask(estimator)
    bases = register.bases("pension_scheme")
    shown = [members(frame, one) for one, base in bases.items() if not register.hides("pension_scheme", one, base)]
    table = np.unique(np.array(shown).T, axis=0)
    small = [one for one, base in bases.items() if 0 < base < SMALLEST]
    assert small, "the test would have nothing to find"
    for one in small:
        both = np.unique(np.column_stack([np.array(shown).T, members(frame, one)]), axis=0)
        assert np.linalg.matrix_rank(both) > np.linalg.matrix_rank(table), sorted(one)


def test_a_domain_that_leaves_few_out_is_hidden_too() -> None:
    """Everybody is published; so the few whom `among` leaves out would follow."""
    frame = workers(1)
    left_out = frame.filter(pl.col("education").cast(pl.String).is_in(SCHOOLING[1:]).not_().fill_null(True)).height
    assert 0 < left_out < 2 * SMALLEST
    register = CellRegister(left_out + 1)
    estimator = Estimator([Design(frame)], vocabulary(), register)
    among = {"education": SCHOOLING[1:]}
    estimator.of("pension_scheme", [], among)
    register.close()
    assert estimator.of("pension_scheme", [], among).at("employee").flag == "suppressed"


def test_of_a_set_those_who_marked_nothing_are_not_in_the_base() -> None:
    """Whoever was asked for reasons and gave none has no share in them."""
    marked = [["too_dear"]] * 40 + [["hukou", "too_dear"]] * 10 + [[]] * 30 + [None] * 20
    column = vocabulary()["reason_not_joined"]
    frame = pl.DataFrame({"reason_not_joined": pl.Series(marked, dtype=column.dtype)})
    shares = Estimator([Design(frame)], vocabulary()).of("reason_not_joined")
    assert shares.at("too_dear").n == 50
    assert shares.at("too_dear").estimate == pytest.approx(1.0)
    assert shares.at("hukou").estimate == pytest.approx(0.2)
