"""Works that stand in the bibliographies twice: by DOI, or by title, year and first author.

They are reported, never merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from canbao.evidence.literature.works import Work, identities


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two entries that seem to be one work.

    Args:
        first: key of the one that stands first in the literature's order.
        second: key of the other.
        by: what they have in common: the DOI; or title, year and first author.
    """

    first: str
    second: str
    by: Literal["doi", "title"]


def duplicates(works: Sequence[Work]) -> tuple[Duplicate, ...]:
    """Pairs that seem to be one work; of three entries of one work the second and third are each paired with the first."""
    seen: dict[tuple[str, ...], str] = {}
    found: dict[tuple[str, str], Duplicate] = {}
    for work in works:
        for identity in identities(work):
            first = seen.setdefault(identity, work.key)
            if first != work.key and (first, work.key) not in found:
                found[first, work.key] = Duplicate(first, work.key, "doi" if identity[0] == "doi" else "title")
    return tuple(found.values())
