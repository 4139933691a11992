"""Which cells of many tables must be hidden, so that small groups stay hidden when tables are subtracted.

A cell is a domain of respondents. Cells under the smallest base are hidden first (primary suppression); others follow
where a hidden one could be worked out from sums that are shown (complementary suppression). The tables of a report are
linked through their margins, which makes the least loss a hard problem; here the cheapest cell is hidden wherever one
is needed, and then every cell that turns out not to be needed is shown again. Cheap is what is crossed by many columns,
then what has few respondents: a small group in an annex takes its neighbours there with it, not the tables that all read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

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
    equations = _Equations(hidden, relations)
    for cell in sorted(hidden - primary, key=lambda one: (len(one), -bases[one], _named(one))):
        if not equations.would_tell(cell):
            equations.show(cell)
            hidden.discard(cell)
    return frozenset(hidden)


def _closed(primary: AbstractSet[Domain], bases: Mapping[Domain, int], relations: Sequence[Relation]) -> set[Domain]:
    """The primary cells with as many others as it takes for none to follow from what is shown."""
    hidden, network = set(primary), _Network(relations)
    while True:
        exposed = recoverable(hidden, relations)
        if not exposed:
            return hidden
        added = False
        for cell in sorted(exposed, key=_named):
            neighbour = _cheapest(cell, hidden, bases, network)
            if neighbour is not None:
                hidden.add(neighbour)
                added = True
        if not added:
            return hidden


def _cheapest(cell: Domain, hidden: AbstractSet[Domain], bases: Mapping[Domain, int], network: _Network) -> Domain | None:
    """The shown cell to hide next, out of a relation that gives a hidden one away; None where all are hidden.

    The finest first; then one whose other sums have a hidden cell already, so that it needs no further neighbour; then the
    one of fewest respondents.
    """
    own = network.of(cell)
    alone = [together for together in own if len(together & hidden) == 1]
    candidates = {one for together in alone or own for one in together if one not in hidden and bases[one] > 0}
    candidates = candidates or {one for one in network.linked(cell, hidden) if one not in hidden and bases[one] > 0}

    def cost(one: Domain) -> tuple[int, int, int, tuple[int, list[tuple[str, str]]]]:
        supported = sum(not hidden.isdisjoint(together) for together in network.of(one))
        return -len(one), -supported, bases[one], _named(one)

    return min(candidates, key=cost, default=None)


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
    return set(_Equations(hidden, relations).known)


Row = dict[Domain, float]
"""Of an equation between hidden cells their coefficients; none is nought."""


class _Equations:
    """What the sums that are shown tell of hidden cells, solved for one cell each by the elimination of Gauss and Jordan.

    A cell follows if its equation has no other. Most equations have few cells, and few have many; so short ones first, and
    solving each for the cell that occurs in the fewest, keeps what is to be gone through small.
    """

    def __init__(self, hidden: AbstractSet[Domain], relations: Sequence[Relation]) -> None:
        rows: list[Row] = []
        for whole, parts in relations:
            row: Row = dict.fromkeys((part for part in parts if part in hidden), 1.0)
            if whole in hidden:
                row[whole] = -1.0
            if row:
                rows.append(row)
        self.solved: dict[Domain, Row] = {}
        """By the cell for which it was solved, whose coefficient is one; in no other equation does that cell occur."""
        self.holding: dict[Domain, set[Domain]] = {}
        """Of every other cell the equations that it occurs in."""
        self.known: set[Domain] = set()
        occurs = Counter(cell for row in rows for cell in row)
        for row in sorted(rows, key=len):
            rest = dict(row)
            for cell, factor in row.items():
                if cell in self.solved:
                    _take_off(rest, self.solved[cell], factor)
            if rest:
                self._solve(rest, min(rest, key=lambda cell: (occurs[cell], _named(cell))))

    def _solve(self, row: Row, pivot: Domain) -> None:
        """Take up an equation in which none is solved for, solved for one of its cells."""
        scale = row[pivot]
        equation = {cell: value / scale for cell, value in row.items()}
        for other in self.holding.pop(pivot, set()):
            changed = self.solved[other]
            _take_off(changed, equation, changed[pivot])
            for cell in equation:
                if cell in changed:
                    self.holding.setdefault(cell, set()).add(other)
                elif cell in self.holding:
                    self.holding[cell].discard(other)
            self._note(other)
        self.solved[pivot] = equation
        for cell in equation:
            if cell != pivot:
                self.holding.setdefault(cell, set()).add(pivot)
        self._note(pivot)

    def _note(self, pivot: Domain) -> None:
        if len(self.solved[pivot]) == 1:
            self.known.add(pivot)

    def would_tell(self, cell: Domain) -> bool:
        """Whether some other hidden cell follows once this one is shown."""
        if self.known - {cell}:
            return True
        own = self.solved.get(cell)
        if own is None:
            return any(len(self.solved[pivot]) == 2 for pivot in self.holding.get(cell, ()))
        others = own.keys() - {cell}
        if len(others) < 2:
            return bool(others)
        # Another equation with the same cells in the same proportion: the two together have only what they were solved for.
        rarest = min(others, key=lambda one: (len(self.holding[one]), _named(one)))
        for pivot in self.holding[rarest] - {cell}:
            other = self.solved[pivot]
            if len(other) == len(own) and others <= other.keys():
                ratio = other[rarest] / own[rarest]
                if all(abs(other[one] - ratio * own[one]) < 1e-9 for one in others):
                    return True
        return False

    def show(self, cell: Domain) -> None:
        """Take a cell out of all equations, since it is hidden no more."""
        self.known.discard(cell)
        own = self.solved.pop(cell, None)
        if own is None:
            for pivot in self.holding.pop(cell, set()):
                del self.solved[pivot][cell]
                self._note(pivot)
            return
        del own[cell]
        for one in own:
            self.holding[one].discard(cell)
        if own:
            self._solve(own, min(own, key=lambda one: (len(self.holding[one]), _named(one))))


def _take_off(row: Row, other: Row, factor: float) -> None:
    """Subtract so many times another equation, in place."""
    for cell, value in other.items():
        left = row.get(cell, 0.0) - factor * value
        if abs(left) < 1e-9:
            row.pop(cell, None)
        else:
            row[cell] = left


class _Network:
    """Relations by the cells that are in them."""

    def __init__(self, relations: Sequence[Relation]) -> None:
        self.together = [frozenset((whole, *parts)) for whole, parts in relations]
        self.having: dict[Domain, list[int]] = {}
        for at, members in enumerate(self.together):
            for cell in members:
                self.having.setdefault(cell, []).append(at)

    def of(self, cell: Domain) -> list[frozenset[Domain]]:
        """The cells of each relation that a cell is in."""
        return [self.together[at] for at in self.having.get(cell, ())]

    def linked(self, cell: Domain, hidden: AbstractSet[Domain]) -> set[Domain]:
        """All cells in relations that are linked to a cell through hidden ones."""
        reached, frontier = {cell}, [cell]
        gone_through: set[int] = set()
        members: set[Domain] = set()
        while frontier:
            for at in self.having.get(frontier.pop(), ()):
                if at not in gone_through:
                    gone_through.add(at)
                    members |= self.together[at]
                    new = (self.together[at] & hidden) - reached
                    reached |= new
                    frontier.extend(new)
        return members


def _named(domain: Domain) -> tuple[int, list[tuple[str, str]]]:
    return len(domain), sorted(domain)
