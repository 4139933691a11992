"""Which cells of many tables must be hidden, so that small groups stay hidden when tables are subtracted.

A cell is a domain of respondents. Cells under the smallest base are hidden first (primary suppression); others follow
where a hidden one could be worked out from sums that are shown (complementary suppression). The tables of a report are
linked through their margins, which makes the least loss a hard problem; here the cheapest cell is hidden wherever one
is needed, and then every cell that turns out not to be needed is shown again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from canbao.survey.structure import Floats

Domain = frozenset[tuple[str, str]]
"""Conditions that hold together: columns with a category, or several joined by `|`; with `EXCEPT` before, all others."""

EXCEPT = "≠"

SMALLEST_BASE = 30
"""What rests on fewer respondents than this is not published."""

Relation = tuple[Domain, tuple[Domain, ...]]
"""A domain and the domains that make it up."""


def suppressed(bases: Mapping[Domain, int], smallest: int = SMALLEST_BASE) -> frozenset[Domain]:
    """The domains whose cells must be hidden.

    Args:
        bases: for each domain of which something is published, its respondents.
        smallest: domains with fewer are hidden; empty ones have nothing to hide.
    """
    primary = {domain for domain, base in bases.items() if 0 < base < smallest}
    if not primary:
        return frozenset()
    relations = relations_between(bases, smallest)
    hidden = _closed(primary, bases, relations)
    for cell in sorted(hidden - primary, key=lambda one: (-bases[one], _named(one))):
        if not recoverable(hidden - {cell}, relations):
            hidden = hidden - {cell}
    return frozenset(hidden)


def _closed(primary: AbstractSet[Domain], bases: Mapping[Domain, int], relations: Sequence[Relation]) -> set[Domain]:
    """The primary cells with as many others as it takes for none to follow from what is shown."""
    hidden = set(primary)
    while True:
        exposed = recoverable(hidden, relations)
        if not exposed:
            return hidden
        added = {_cheapest(cell, hidden, bases, relations) for cell in sorted(exposed, key=_named)} - {None}
        if not added:
            return hidden
        hidden |= {cell for cell in added if cell is not None}


def _cheapest(
    cell: Domain, hidden: AbstractSet[Domain], bases: Mapping[Domain, int], relations: Sequence[Relation]
) -> Domain | None:
    """The shown cell of fewest respondents in a relation that gives a hidden one away; None where all are hidden."""
    own = [{whole, *parts} for whole, parts in relations if cell in (whole, *parts)]
    alone = [together for together in own if len(together & hidden) == 1]
    candidates = {one for together in alone or own for one in together if one not in hidden and bases[one] > 0}
    candidates = candidates or {one for one in _linked(cell, hidden, relations) if one not in hidden and bases[one] > 0}
    return min(candidates, key=lambda one: (bases[one], _named(one)), default=None)


def relations_between(bases: Mapping[Domain, int], smallest: int = SMALLEST_BASE) -> list[Relation]:
    """Every sum of some domains that makes another one, so that whoever knows all but one knows the last.

    Args:
        bases: for each domain its respondents.
        smallest: where fewer than this are in no part, because they left the question open, the parts still tell on one
            another.
    """

    def add(whole: Domain, parts: Sequence[Domain]) -> None:
        if parts and abs(bases[whole] - sum(bases[part] for part in parts)) < smallest:
            relations.append((whole, tuple(parts)))

    children: dict[tuple[Domain, str], dict[str, Domain]] = {}
    for domain in bases:
        for column, category in domain:
            children.setdefault((domain - {(column, category)}, column), {})[category] = domain
    relations: list[Relation] = []
    for (parent, _), by_category in sorted(children.items(), key=lambda entry: (_named(entry[0][0]), entry[0][1])):
        single = {name: domain for name, domain in by_category.items() if not is_several(name)}
        for name, domain in sorted(by_category.items()):
            if name.startswith(EXCEPT):
                if parent in bases:
                    add(parent, [by_category[name.removeprefix(EXCEPT)], domain])
            elif is_several(name):
                parts = set(name.split("|"))
                add(domain, [single[part] for part in sorted(parts) if part in single])
                if parent in bases:
                    add(parent, [domain, *(single[one] for one in sorted(single) if one not in parts)])
        if parent in bases:
            add(parent, [single[name] for name in sorted(single)])
    return relations


def is_several(category: str) -> bool:
    """Whether a condition names several categories, or all but some."""
    return "|" in category or category.startswith(EXCEPT)


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


def _named(domain: Domain) -> tuple[int, list[tuple[str, str]]]:
    return len(domain), sorted(domain)
