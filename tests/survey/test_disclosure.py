"""Nothing that is hidden can be worked out: checked by linear programming over everything that is shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from canbao.survey.disclosure import Domain, _Equations, recoverable, relations_between, suppressed


def domain(**conditions: str) -> Domain:
    return frozenset(conditions.items())


def crossed(counts: np.ndarray) -> dict[Domain, int]:
    """A table of two columns with its margins."""
    rows, columns = counts.shape
    bases = {domain(): int(counts.sum())}
    bases |= {domain(a=str(at)): int(counts[at].sum()) for at in range(rows)}
    bases |= {domain(b=str(at)): int(counts[:, at].sum()) for at in range(columns)}
    bases |= {domain(a=str(i), b=str(j)): int(counts[i, j]) for i in range(rows) for j in range(columns)}
    return bases


def width(cell: Domain, hidden: frozenset[Domain], bases: dict[Domain, int]) -> float:
    """How far the value of a hidden cell may range, given all that is shown and that counts are not negative."""
    order = sorted(hidden, key=lambda one: sorted(one))
    equations, known = [], []
    for whole, parts in relations_between(bases):
        row = np.zeros(len(order))
        rest = 0.0
        for one, sign in ((whole, -1.0), *((part, 1.0) for part in parts)):
            if one in hidden:
                row[order.index(one)] += sign
            else:
                rest -= sign * bases[one]
        if row.any():
            equations.append(row)
            known.append(rest)
    goal = np.zeros(len(order))
    goal[order.index(cell)] = 1.0
    ends = [linprog(sign * goal, A_eq=equations or None, b_eq=known or None, bounds=(0, 1e6)).fun for sign in (1, -1)]
    return float(-ends[1] - ends[0])


def test_a_small_cell_takes_others_with_it() -> None:
    counts = np.array([[100, 12, 90], [80, 70, 60], [50, 90, 40]])
    hidden = suppressed(crossed(counts))
    assert domain(a="0", b="1") in hidden
    assert len(hidden) >= 4, "one cell more in its row, one in its column, and one where these cross"
    assert all(width(cell, hidden, crossed(counts)) > 0 for cell in hidden)


def test_a_small_cell_of_a_crossing_leaves_the_headline_tables_whole() -> None:
    """Ages crossed with platform work: the few old platform workers hide nothing of the table by age alone."""
    counts = np.array([[350, 60], [700, 160], [600, 190], [227, 218], [23, 68]])
    hidden = suppressed(crossed(counts))
    assert domain(a="4", b="0") in hidden
    assert all(len(cell) == 2 for cell in hidden), "margins stay"
    assert len(hidden) == 4, "no more than the square that keeps the cell unknown"


def test_nothing_small_nothing_hidden() -> None:
    assert suppressed(crossed(np.full((3, 3), 30))) == frozenset()


def test_an_empty_cell_has_nothing_to_hide() -> None:
    hidden = suppressed(crossed(np.array([[100, 0], [80, 90]])))
    assert hidden == frozenset()


def test_two_categories_in_one_domain_are_subtracted_too() -> None:
    bases = {domain(): 200, domain(a="x|y"): 190, domain(a="z"): 10, domain(a="x"): 100, domain(a="y"): 90}
    hidden = suppressed(bases)
    assert domain(a="z") in hidden
    assert not recoverable(hidden, relations_between(bases))


def test_a_part_that_is_the_whole_hides_it() -> None:
    bases = {domain(): 100, domain(a="x"): 20, domain(a="x", b="y"): 20, domain(a="z"): 80}
    hidden = suppressed(bases)
    assert {domain(a="x"), domain(a="x", b="y")} <= hidden


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 120), min_size=3, max_size=4), min_size=2, max_size=5).filter(
        lambda rows: len({len(row) for row in rows}) == 1
    )
)
def test_no_auditor_recovers_a_small_cell(rows: list[list[int]]) -> None:
    counts = np.array(rows)
    bases = crossed(counts)
    hidden = suppressed(bases)
    small = {cell for cell, base in bases.items() if 0 < base < 30}
    assert small <= hidden
    shown = [cell for cell, base in bases.items() if base and cell not in hidden]
    if not shown:
        return
    assert not recoverable(hidden, relations_between(bases))


@pytest.mark.parametrize("count", [29, 30])
def test_the_limit_is_thirty(count: int) -> None:
    assert (domain(a="x") in suppressed({domain(a="x"): count})) == (count < 30)


def unknown_by_rank(rows: np.ndarray) -> set[int]:
    """The unknowns that a system tells: to set one to one changes the rank."""
    told = set()
    for at in range(rows.shape[1]):
        unit = np.zeros((1, rows.shape[1]))
        unit[0, at] = 1
        if np.linalg.matrix_rank(np.vstack([rows, unit])) == np.linalg.matrix_rank(rows):
            told.add(at)
    return told


SYSTEMS = st.lists(st.sets(st.integers(0, 7), min_size=1, max_size=5), min_size=1, max_size=7)


@settings(max_examples=200)
@given(SYSTEMS, st.lists(st.integers(0, 7), max_size=5))
def test_what_sums_tell_is_what_their_rank_tells(sums: list[set[int]], shown_later: list[int]) -> None:
    cells = [domain(cell=str(at)) for at in range(8)]
    relations = [(domain(whole=str(at)), tuple(cells[one] for one in sorted(parts))) for at, parts in enumerate(sums)]
    matrix = np.array([[float(at in parts) for at in range(8)] for parts in sums])
    hidden = set(range(8))
    equations = _Equations(frozenset(cells), relations)
    assert {cells.index(cell) for cell in equations.known} == unknown_by_rank(matrix)
    for at in shown_later:
        if at not in hidden:
            continue
        left = np.delete(matrix, [one for one in range(8) if one not in hidden - {at}], axis=1)
        assert equations.would_tell(cells[at]) == bool(unknown_by_rank(left))
        if not equations.would_tell(cells[at]):
            equations.show(cells[at])
            hidden.discard(at)
