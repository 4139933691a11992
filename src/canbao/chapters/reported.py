"""What the report has shown before: its tables by key, with the numbers under which they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from canbao.chapters.document import Cell, Row, Section, Table
from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.languages import Catalogue, Words

say = Catalogue("canbao.chapters", "reported")


@dataclass(frozen=True)
class Reported:
    """The tables of the chapters written so far.

    Args:
        tables: by key, in reading order.
        complete: whether they are all that there will be; those of simulations are missing where none was run.
    """

    tables: Mapping[str, Table]
    complete: bool = True

    @classmethod
    def of(cls, chapters: Sequence[Section], *, complete: bool = True) -> Reported:
        """The tables of some chapters, which must be the first of the report that have any."""
        tables = {block.key: block for chapter in chapters for block in chapter.walk() if isinstance(block, Table)}
        return cls(tables, complete)

    def __contains__(self, key: str) -> bool:
        return key in self.tables

    def missing(self, key: str, place: Place | None = None) -> Fault:
        """That the report has no such table."""
        return Fault(say("no_table", key=key), place or Place(), did_you_mean(key, self.tables) or say("which_tables"))

    def number(self, key: str) -> Words:
        """`Table 12`, as it is printed."""
        return say("table", number=str(list(self.tables).index(key) + 1))

    def named(self, key: str) -> Words:
        """`Table 12, “Pension coverage by group”`."""
        return say("named", table=self.number(key), title=self.tables[key].title)

    def cell(self, key: str, row: str, column: str) -> Cell | None:
        """A cell of a table; None where the table belongs to simulations that were not run.

        Args:
            key: of the table.
            row: its key, or its first words in English as a name: `Ten years suffice` is `ten_years_suffice`; where
                several rows have it, with the heading above it in front: `all_steps.on_paper`.
            column: its key.

        Raises:
            InputError: there is no such table, row or column, or several rows have the name.
        """
        if key not in self.tables:
            if not self.complete:
                return None
            raise InputError(self.missing(key))
        table = self.tables[key]
        names = [one.key for one in table.columns]
        if column not in names:
            raise InputError(Fault(say("no_column", key=key, column=column), remedy=did_you_mean(column, names)))
        rows = list(_named_rows(table))
        found = [one for known, one in rows if row in known]
        if len(found) != 1:
            what = say("rows_alike" if found else "no_row", key=key, row=row)
            raise InputError(Fault(what, remedy=did_you_mean(row, [name for known, _ in rows for name in known])))
        return found[0].cells[names.index(column)]


def _named_rows(table: Table) -> Iterator[tuple[tuple[str, str], Row]]:
    """Each row that is no heading, with its name alone and behind that of the heading above it."""
    heading = ""
    for row in table.rows:
        if row.kind == "heading":
            heading = row_name(row)
        else:
            yield (row_name(row), f"{heading}.{row_name(row)}"), row


def row_name(row: Row) -> str:
    """By what a row is cited: its key, or its first words in English in small letters with low lines between them."""
    if row.key is not None:
        return row.key
    first = row.cells[0].content
    return re.sub(r"[^a-z0-9]+", "_", first.en.lower()).strip("_") if isinstance(first, Words) else ""
