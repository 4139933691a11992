"""What a column expects, in words."""

from __future__ import annotations

from canbao.exchange.messages.description import Column
from canbao.languages import Catalogue, Words

say = Catalogue("canbao.exchange.messages", "words")


def expected(column: Column) -> Words:
    """What its values look like, for people who mend them."""
    if column.type == "choice":
        return say("expected_choice", choices=", ".join(column.choices))
    if column.type in ("text", "identifier"):
        return say(f"expected_{column.type}", longest=str(column.longest or 200))
    return say(f"expected_{column.type}")
