"""How a paragraph's number stands in a Word file: as a bookmark, which editing leaves where it is."""

from __future__ import annotations

import re

PREFIX = "canbao_"
NUMBER = re.compile(r"(?:\d+|[A-Z]+)(?:\.(?:\d+|[A-Z]+))*(?:-\d+)?")
"""5, 5.2, 5.2-3; A.0-1 in chapters without a number."""


def bookmark(number: str) -> str:
    """The bookmark of a paragraph: Word takes letters, digits and underscores."""
    return PREFIX + number.replace(".", "_").replace("-", "__")


def number_of(name: str) -> str | None:
    """The paragraph of a bookmark; None for one that somebody else set."""
    if not name.startswith(PREFIX):
        return None
    number = name.removeprefix(PREFIX).replace("__", "-").replace("_", ".")
    return number if NUMBER.fullmatch(number) else None
