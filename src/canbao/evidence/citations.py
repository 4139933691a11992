"""Citations in a text: [@key], [@one; @other], [@key, p. 3]. In code and after a backslash they are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_BRACKETS = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"
    r"|(?<!\\)\[(?P<inside>(?:[^\[\]]*[\s;-])?@[^\s\[\]][^\[\]]*)\](?![(\[])",
    re.DOTALL,
)
_WORK = re.compile(r"@(?P<key>[^\s,;，；@]+)(?:\s*[,，]\s*(?P<locator>[^;；@]+))?")


@dataclass(frozen=True, slots=True)
class Citation:
    """A work that is cited, and where in it."""

    key: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket that cites.

    Args:
        start: where in the text it begins.
        text: as written.
        citations: empty where it is not written as a citation should be.
    """

    start: int
    text: str
    citations: tuple[Citation, ...]


def brackets(text: str) -> Iterator[Bracket]:
    """Every bracket of a text that cites or seems meant to."""
    yield from (_bracket(found) for found in _BRACKETS.finditer(text) if found["inside"])


def with_citations(text: str, printed: Callable[[Sequence[Citation]], str | None]) -> str:
    """A text with its citations printed.

    Args:
        text: Markdown.
        printed: prints those of one bracket; None leaves it as it is.
    """

    def replaced(found: re.Match[str]) -> str:
        citations = _bracket(found).citations if found["inside"] else ()
        return (printed(citations) if citations else None) or found[0]

    return _BRACKETS.sub(replaced, text)


def _bracket(found: re.Match[str]) -> Bracket:
    works = [_WORK.fullmatch(part.strip()) for part in re.split("[;；]", found["inside"])]
    cited = tuple(Citation(one["key"], (one["locator"] or "").strip()) for one in works if one)
    return Bracket(found.start(), found[0], cited if len(cited) == len(works) else ())
