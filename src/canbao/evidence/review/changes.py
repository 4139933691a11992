"""What has changed from one edition to another, paragraph by paragraph, and where a paragraph is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from canbao.evidence.review.snapshot import NumberedParagraph, Snapshot

LEAST_ALIKE = 0.4
"""Share of three-letter pieces in common from which on a paragraph is a changed one, not another."""

LONGEST_COMPARED = 1500

Whereabouts = Literal["same", "moved", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Change:
    """A paragraph that is new, says something else, or is no longer there."""

    kind: Literal["added", "changed", "removed"]
    before: NumberedParagraph | None
    after: NumberedParagraph | None


@dataclass(frozen=True)
class Comparison:
    """Two editions of a report.

    Args:
        before: the earlier one.
        after: the later one.
        pairs: for the number of each paragraph of the earlier one that is still there, that of the later one.
    """

    before: Snapshot
    after: Snapshot
    pairs: Mapping[str, str]

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """In reading order of the later edition; what was removed stands where it stood."""
        return tuple(self._changes())

    def whereabouts(self, number: str) -> tuple[Whereabouts, NumberedParagraph | None]:
        """What became of a paragraph of the earlier edition, and the paragraph in the later one."""
        if number not in self.pairs:
            return "gone", None
        now = self.after.by_number[self.pairs[number]]
        if now.identity != self.before.by_number[number].identity:
            return "changed", now
        return ("same" if now.number == number else "moved"), now

    def _changes(self) -> Iterator[Change]:
        backwards = {now: then for then, now in self.pairs.items()}
        # What is gone comes after the paragraph behind which it stood.
        gone: dict[str, list[NumberedParagraph]] = {}
        last = ""
        for one in self.before.paragraphs:
            if one.number in self.pairs:
                last = self.pairs[one.number]
            else:
                gone.setdefault(last, []).append(one)
        for one in gone.get("", ()):
            yield Change("removed", one, None)
        for now in self.after.paragraphs:
            then = self.before.by_number[backwards[now.number]] if now.number in backwards else None
            if then is None:
                yield Change("added", None, now)
            elif then.identity != now.identity:
                yield Change("changed", then, now)
            for one in gone.get(now.number, ()):
                yield Change("removed", one, None)


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """Find each paragraph of one edition in another: by its words, then by its key, then by its likeness in the chapter."""
    pairs = {
        one.number: after.by_identity[one.identity].number for one in before.paragraphs if one.identity in after.by_identity
    }
    keyed = {_key(one): one.number for one in after.paragraphs if one.key}
    taken = set(pairs.values())
    for one in before.paragraphs:
        now = keyed.get(_key(one)) if one.key else None
        if one.number not in pairs and now is not None and now not in taken:
            pairs[one.number] = now
            taken.add(now)
    for chapter in dict.fromkeys(one.chapter for one in before.paragraphs):
        left = [one for one in before.paragraphs if one.chapter == chapter and one.number not in pairs and not one.key]
        free = [one for one in after.paragraphs if one.chapter == chapter and one.number not in taken and not one.key]
        found = _alike(left, free)
        pairs |= found
        taken |= set(found.values())
    return Comparison(before, after, pairs)


def _key(one: NumberedParagraph) -> tuple[str, str, str]:
    return one.chapter, one.kind, one.key


def _alike(left: list[NumberedParagraph], free: list[NumberedParagraph]) -> dict[str, str]:
    """The likest first; of two as like, those that stand nearest."""
    theirs = [_pieces(one) for one in free]
    scored = []
    for at, one in enumerate(left):
        mine = _pieces(one)
        for other, pieces in enumerate(theirs):
            both = len(mine & pieces)
            alike = both / (len(mine) + len(pieces) - both or 1)
            if alike >= LEAST_ALIKE:
                scored.append((-alike, abs(at - other), at, other))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, at, other in sorted(scored):
        if at not in pairs and other not in taken:
            pairs[at] = other
            taken.add(other)
    return {left[at].number: free[other].number for at, other in pairs.items()}


def _pieces(one: NumberedParagraph) -> frozenset[str]:
    text = f"{one.words.en[:LONGEST_COMPARED]}\n{one.words.zh[:LONGEST_COMPARED]}"
    return frozenset(text[at : at + 3] for at in range(max(len(text) - 2, 1)))
