"""A file that cannot be read at all."""

from __future__ import annotations

from canbao.languages import Catalogue, Fill, Words

say = Catalogue("canbao.exchange.messages", "words")


class UnreadableError(Exception):
    """Reading stops here; the answer says why, without a value of the file.

    Args:
        problem: what is wrong.
        code: of the catalogue.
        fills: what the code's sentences need beside `problem`.
    """

    def __init__(self, problem: Words, code: str = "60001", **fills: Fill) -> None:
        self.problem, self.code, self.fills = problem, code, fills
        super().__init__(problem)


def unreadable(key: str, **fills: Fill) -> UnreadableError:
    """One by a key of the catalogue."""
    return UnreadableError(say(key, **fills))
