"""Texts as they stand in XML."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue

say = Catalogue("canbao.procedures.writing", "words")

FORBIDDEN = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""Characters that XML 1.0 cannot hold in any way."""

_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\t", "&#9;"), ("\n", "&#10;"), ("\r", "&#13;"))


def escaped(texts: pl.Series) -> pl.Series:
    """Texts as they stand in an XML attribute."""
    for character, written in _ESCAPES:
        texts = texts.str.replace_all(character, written, literal=True)
    return texts


def refuse_forbidden(texts: pl.Series, path: Path, name: str) -> None:
    """Refuse texts that XML cannot hold.

    Raises:
        InputError: one holds a control character.
    """
    bad = texts.str.contains(FORBIDDEN).fill_null(False)
    if bad.any():
        shown = repr(texts.filter(bad)[0])[:60]
        raise InputError(Fault(say("forbidden", column=name, text=shown), Place(path), say("forbidden_remedy")))
