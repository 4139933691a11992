"""What charts share: colours, the size of letters, and how long texts are broken."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

# Colours that stay apart for the colour-blind and in print, dark enough for white letters where they carry any.
SERIES = ("#1E2DBE", "#00A0A8", "#E8A200", "#960A55", "#5B8C2A", "#7A5CD6", "#C0562F")
REST = "#C5CAD3"
DARK_LETTERS = {"#E8A200", REST}
INK, SOFT, GRID = "#1F2430", "#5A6272", "#DFE3EA"
FONT_SIZE = 11


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """About how wide a text is drawn, in dots."""
    return sum(size if ord(character) > 0x2E80 else size * 0.56 for character in text)


def wrapped(text: str, width: float) -> str:
    """In two lines where one is too long; a word of Latin letters is never torn."""
    room = width - 10
    if text_width(text) <= room or (" " not in text and text.isascii()):
        return text
    words = text.split(" ") if " " in text else list(text)
    joiner = " " if " " in text else ""
    half = text_width(text) / 2
    first: list[str] = []
    while words and text_width(joiner.join([*first, words[0]])) <= max(half * 1.12, room * 0.55):
        first.append(words.pop(0))
    return f"{joiner.join(first)}\n{joiner.join(words)}" if first else text
