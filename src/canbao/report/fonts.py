"""Fonts that always render Chinese, on machines without any.

The open font Noto Sans SC comes as a variable font from a package. Static Regular and Bold cuts with the characters of
GB 2312 are made on first use, into the user's cache; a report with rarer characters gets cuts that have them too.
Renderers put boxes or nothing where a glyph is missing and say nothing, so every character is checked before.
"""

from __future__ import annotations

import hashlib
import tempfile
import unicodedata
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.outputs import cache_folder, clear_disk_faults, scratch_folder, whole_file

say = Catalogue("canbao.report", "words")

FAMILY = "Noto Sans SC"
WEIGHTS = {"Regular": 400, "Bold": 700}
SHOWN_MISSING = 20


def fonts_for(characters: AbstractSet[str]) -> Path:
    """A folder with static fonts that have all these characters.

    Raises:
        InputError: no font has some of them; they are listed.
    """
    wanted = {ord(one) for one in characters if not _invisible(one)}
    missing = sorted(wanted - _known())
    if missing:
        listed = "、".join(f"{chr(code)} (U+{code:04X})" for code in missing[:SHOWN_MISSING])
        raise InputError(Fault(say("missing_glyphs", listed=listed, times=str(len(missing)))))
    beyond = sorted(wanted - _usual())
    return _made(tuple(beyond))


def usual_characters() -> frozenset[str]:
    """Those that every cut has: GB 2312, Latin, Greek, punctuation and signs."""
    return frozenset(map(chr, _usual()))


def woff2(folder: Path, weight: str, characters: AbstractSet[str]) -> bytes:
    """A font with no more than these characters, to travel inside a web page."""
    codes = {ord(one) for one in characters} | set(range(0x20, 0x7F))
    name = hashlib.sha256(repr(sorted(codes)).encode()).hexdigest()[:16]
    known = folder / f"{weight}-{name}.woff2"
    if not known.is_file():
        font = TTFont(folder / f"NotoSansSC-{weight}.ttf", recalcTimestamp=False)
        _reduce(font, codes)
        font.flavor = "woff2"
        with whole_file(known) as scratch:
            font.save(scratch)
    return known.read_bytes()


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")


@cache
def _source() -> Path:
    package = resources.files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc"
    return Path(str(package / "NotoSansSC[wght].ttf"))


@cache
def _known() -> frozenset[int]:
    """Every character that the font has."""
    with TTFont(_source(), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _usual() -> frozenset[int]:
    """GB 2312, Latin, Greek, punctuation and signs."""
    chinese = {
        ord(text)
        for row in range(0xA1, 0xF8)
        for cell in range(0xA1, 0xFF)
        if len(text := bytes((row, cell)).decode("gb2312", errors="ignore")) == 1
    }
    ranges = (
        (0x20, 0x180),
        (0x370, 0x400),
        (0x2000, 0x2070),
        (0x20A0, 0x2200),
        (0x2200, 0x2270),
        (0x2460, 0x2480),
        (0x25A0, 0x2610),
    )
    signs = {code for low, high in ranges for code in range(low, high)}
    return frozenset((chinese | signs) & _known())


@cache
def _made(beyond: tuple[int, ...]) -> Path:
    """The folder with the cuts, made if it is not there yet."""
    name = hashlib.sha256(f"{_source().stat().st_size}:{beyond}".encode()).hexdigest()[:16]
    folder = cache_folder() / "fonts" / name
    if all((folder / f"NotoSansSC-{weight}.ttf").is_file() for weight in WEIGHTS):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="canbao-fonts-")) / name
        folder.parent.mkdir(parents=True, exist_ok=True)
    with clear_disk_faults(folder), scratch_folder(folder) as scratch:
        _cut(_usual() | set(beyond), scratch)
        if not folder.exists():
            scratch.rename(folder)
    return folder


def _cut(codes: AbstractSet[int], folder: Path) -> None:
    font = TTFont(_source(), recalcTimestamp=False)
    # Fewer glyphs first: the cuts then have less to work out.
    _reduce(font, codes)
    reduced = BytesIO()
    font.save(reduced)
    for weight, value in WEIGHTS.items():
        reduced.seek(0)
        variable = TTFont(reduced, recalcTimestamp=False)
        static = instancer.instantiateVariableFont(variable, {"wght": value}, updateFontNames=True)
        static.save(folder / f"NotoSansSC-{weight}.ttf")


def _reduce(font: TTFont, codes: AbstractSet[int]) -> None:
    options = subset.Options(layout_features=["*"], name_IDs=["*"], notdef_outline=True, hinting=False)
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
