"""Which cells of many tables must be hidden, so that small groups stay hidden when tables are subtracted.

A cell is a domain of respondents. Cells under the smallest base are hidden first (primary suppression); others follow
where a hidden one could be worked out from sums that are shown (complementary suppression), at the least loss of
respondents, found by integer programming (Fischetti and Salazar 2000 pose the problem; ours are small enough to be
solved as they stand).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from canbao.survey.structure import Floats

Domain = frozenset[tuple[str, str]]
"""Conditions that hold together: columns with a category, or several joined by `|`."""

Relation = tuple[Domain, tuple[Domain, ...]]
"""A domain and the domains that make it up."""


def suppressed(bases: Mapping[Domain, int], smallest: int = 30) -> frozenset[Domain]:
    """The domains whose cells must be hidden.

    Args:
        bases: for each domain of which something is published, its respondents.
        smallest: domains with fewer are hidden; empty ones have nothing to hide.
    """
    primary = {domain for domain, base in bases.items() if 0 < base < smallest}
    if not primary:
        return frozenset()
    relations = relations_between(bases)
    order = sorted(bases, key=_named)
    required: list[tuple[set[Domain], int]] = []
    while True:
        hidden = _cheapest(order, bases, primary, relations, required)
        exposed = recoverable(hidden, relations)
        if not exposed:
            return frozenset(hidden)
        # Some of the cells shown in the relations that give them away must be hidden too.
        for cell in sorted(exposed, key=_named):
            linked = _linked(cell, hidden, relations)
            shown = {one for one in linked if one not in hidden and bases[one] > 0}
            if shown:
                required.append((shown, 1))
            else:
                required.append((set(order), len(hidden) + 1))
        if all(domain in hidden or bases[domain] == 0 for domain in order):
            return frozenset(hidden)


def relations_between(bases: Mapping[Domain, int]) -> list[Relation]:
    """Every sum of some domains that makes another one, so that whoever knows all but one knows the last."""
    children: dict[tuple[Domain, str], dict[str, Domain]] = {}
    for domain in bases:
        for column, category in domain:
            children.setdefault((domain - {(column, category)}, column), {})[category] = domain
    relations: list[Relation] = []
    for (parent, _), by_category in sorted(children.items(), key=lambda entry: (_named(entry[0][0]), entry[0][1])):
        single = {name: domain for name, domain in by_category.items() if "|" not in name}
        for name, domain in sorted(by_category.items()):
            if "|" not in name:
                continue
            parts = set(name.split("|"))
            _add(relations, bases, domain, [single[part] for part in sorted(parts) if part in single])
            if parent in bases:
                _add(relations, bases, parent, [domain, *(single[one] for one in sorted(single) if one not in parts)])
        if parent in bases:
            _add(relations, bases, parent, [single[name] for name in sorted(single)])
    return relations


def _add(relations: list[Relation], bases: Mapping[Domain, int], whole: Domain, parts: Sequence[Domain]) -> None:
    # Where some left the question open the parts do not make up the whole, and nothing follows from them.
    if parts and bases[whole] == sum(bases[part] for part in parts):
        relations.append((whole, tuple(parts)))


def recoverable(hidden: AbstractSet[Domain], relations: Sequence[Relation]) -> set[Domain]:
    """The hidden domains whose values follow from what is shown."""
    cells = sorted(hidden, key=_named)
    place = {cell: at for at, cell in enumerate(cells)}
    rows = []
    for whole, parts in relations:
        row = np.zeros(len(cells))
        for cell, sign in ((whole, -1.0), *((part, 1.0) for part in parts)):
            if cell in place:
                row[place[cell]] += sign
        if row.any():
            rows.append(row)
    if not rows:
        return set()
    free = _null_space(np.array(rows))
    return {cell for cell, at in place.items() if np.abs(free[at]).max(initial=0.0) < 1e-9}


def _null_space(matrix: Floats) -> Floats:
    _, singular, right = np.linalg.svd(matrix)
    rank = int((singular > 1e-9).sum())
    space: Floats = right[rank:].T
    return space


def _linked(cell: Domain, hidden: AbstractSet[Domain], relations: Sequence[Relation]) -> set[Domain]:
    """All cells in relations that are linked to a cell through hidden ones."""
    reached, frontier = {cell}, {cell}
    members: set[Domain] = set()
    while frontier:
        following: set[Domain] = set()
        for whole, parts in relations:
            together = {whole, *parts}
            if together & frontier:
                members |= together
                following |= {one for one in together if one in hidden and one not in reached}
        reached |= following
        frontier = following
    return members


def _cheapest(
    order: Sequence[Domain],
    bases: Mapping[Domain, int],
    primary: AbstractSet[Domain],
    relations: Sequence[Relation],
    required: Sequence[tuple[set[Domain], int]],
) -> set[Domain]:
    """The hidden cells of least loss with at least two in every relation that has one."""
    # Loaded here: most tables need nothing hidden, and it takes half a second.
    from scipy import optimize, sparse

    place = {cell: at for at, cell in enumerate(order)}
    rows: list[dict[int, float]] = []
    least: list[float] = []
    for whole, parts in relations:
        together = [place[cell] for cell in (whole, *parts) if bases[cell] > 0]
        for one in together:
            rows.append({**{other: 1.0 for other in together if other != one}, one: -1.0})
            least.append(0.0)
    for cells, count in required:
        rows.append({place[cell]: 1.0 for cell in cells})
        least.append(float(count))
    fixed = np.array([1.0 if cell in primary else 0.0 for cell in order])
    possible = np.array([1.0 if bases[cell] > 0 else 0.0 for cell in order])
    if not rows:
        return set(primary)
    # A unit a cell beside its respondents keeps the hidden cells few.
    cost = np.array([bases[cell] + 1.0 for cell in order])
    heights = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    matrix = sparse.csr_array(
        (
            np.concatenate([list(row.values()) for row in rows]),
            (heights, np.concatenate([list(row) for row in rows]).astype(int)),
        ),
        shape=(len(rows), len(order)),
    )
    solution = optimize.milp(
        cost,
        integrality=np.ones(len(order)),
        bounds=optimize.Bounds(fixed, np.maximum(possible, fixed)),
        constraints=optimize.LinearConstraint(matrix, lb=np.array(least)),
        options={"mip_rel_gap": 0.0, "node_limit": 5000},
    )
    if solution.x is None:
        # Nothing but hiding everything would do.
        return {cell for cell in order if bases[cell] > 0}
    return {cell for cell, chosen in zip(order, solution.x, strict=True) if chosen > 0.5}


def _named(domain: Domain) -> tuple[int, list[tuple[str, str]]]:
    return len(domain), sorted(domain)
