"""What the report has shown before: its tables by key, with the numbers under which they are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from canbao.chapters.document import Section, Table
from canbao.languages import Catalogue, Words

say = Catalogue("canbao.chapters", "reported")


@dataclass(frozen=True)
class Reported:
    """The tables of the chapters written so far.

    Args:
        tables: by key, in reading order.
    """

    tables: Mapping[str, Table]

    @classmethod
    def of(cls, chapters: Sequence[Section]) -> Reported:
        """The tables of some chapters, which must be the first of the report that have any."""
        return cls({block.key: block for chapter in chapters for block in chapter.walk() if isinstance(block, Table)})

    def __contains__(self, key: str) -> bool:
        return key in self.tables

    def number(self, key: str) -> Words:
        """`Table 12`, as it is printed."""
        return say("table", number=str(list(self.tables).index(key) + 1))

    def named(self, key: str) -> Words:
        """`Table 12, “Pension coverage by group”`."""
        return say("named", table=self.number(key), title=self.tables[key].title)
