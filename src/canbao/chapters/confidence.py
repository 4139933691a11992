"""How sure one may be of a figure or rule, called by the same words in every chapter."""

from __future__ import annotations

from typing import Literal

from canbao.engine.parameters import Confidence
from canbao.languages import Catalogue, Words

say = Catalogue("canbao.chapters", "confidence")

Grade = Literal["A", "B", "C", "D"]
"""Of published figures: A seen in the original, B in a reprint, C told by the press or another author, D not seen."""

GRADES: dict[Grade, Confidence] = {"A": "official", "B": "reported", "C": "reported", "D": "memory"}


def confidence_words(confidence: Confidence | Literal["estimated"]) -> Words:
    """What a confidence is called in a table."""
    return say(confidence)


def grade_words(grade: Grade) -> Words:
    """What the grade of a published figure is called."""
    return say(GRADES[grade])
