"""Identity numbers and credit codes, checked column-wise.

Resident numbers follow GB 11643: six digits of the region of first registration, eight of the birth date, three of
sequence, and a check character after ISO 7064 MOD 11-2. Every number that may have been assigned passes. Regions have been
abolished and founded ever since, and people keep their numbers, so a region is never a reason to refuse one. Hong Kong,
Macao and Taiwan residents' permits (810000, 820000, 830000) and the foreign permanent residents' card of 2023 (beginning
with 9) are of the same form; the foreign card of 2004 has three letters and twelve digits.

Credit codes follow GB 32100: eighteen characters, the last a check character modulo 31.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, at, 31) for at in range(17))

PROVINCES = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82"),
)
"""First two digits of county codes (GB/T 2260)."""

_PREFIX = {"hmt_permit": r"^8[123]0000[0-9]{11}[0-9X]$", "foreign_permanent": r"^(?:9[0-9]{16}[0-9X]|[A-Z]{3}[0-9]{12})$"}
_EIGHTEEN = r"^[0-9]{17}[0-9X]$"
_RESIDENT = r"^[1-8][0-9]{16}[0-9X]$"
_CREDIT_FORM = rf"^[1-9A-HJ-NPQRTUWXY][{CREDIT_ALPHABET}][0-9]{{6}}[{CREDIT_ALPHABET}]{{10}}$"

_Characters = np.ndarray[tuple[int, int], np.dtype[np.int32]]
_Truths = np.ndarray[tuple[int], np.dtype[np.bool_]]

_WEIGHTS = np.array(WEIGHTS, dtype=np.int32)
_EXPECTED = np.frombuffer(CHECKS.encode("ascii"), dtype=np.uint8).astype(np.int32)
_CREDIT_VALUES = np.zeros(256, dtype=np.int32)
_CREDIT_VALUES[[ord(one) for one in CREDIT_ALPHABET]] = range(31)


def normal_number(column: pl.Expr) -> pl.Expr:
    """A number as it is compared: without blanks around it, x as X."""
    return column.str.strip_chars().str.to_uppercase()


def check_character_fits(number: pl.Expr) -> pl.Expr:
    """Whether the eighteenth character follows from the others; false where these are no digits."""
    return number.map_batches(_check_fits, return_dtype=pl.Boolean, is_elementwise=True)


def _check_fits(numbers: pl.Series) -> pl.Series:
    return _by_characters(
        numbers, _EIGHTEEN, lambda found: _EXPECTED[(found[:, :17] - ord("0")) @ _WEIGHTS % 11] == found[:, 17]
    )


def _by_characters(texts: pl.Series, shape: str, fits: Callable[[_Characters], _Truths]) -> pl.Series:
    """A test on texts of eighteen ASCII characters, each as a row of numbers; false for texts of another shape."""
    shaped = texts.str.contains(shape).fill_null(False)
    found = np.zeros(len(texts), dtype=bool)
    if shaped.any():
        content = "".join(texts.filter(shaped).to_list()).encode("ascii")
        rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, 18).astype(np.int32)
        found[shaped.to_numpy()] = fits(rows)
    return pl.Series(texts.name, found)


def birth_date(number: pl.Expr) -> pl.Expr:
    """The birth date in a number of eighteen characters; null where there is no such day."""
    return number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)


def number_faults(kind: pl.Expr, number: pl.Expr, day: pl.Expr) -> dict[str, pl.Expr]:
    """What is wrong with identity numbers, a Boolean for each code of the catalogue.

    Args:
        kind: resident, hmt_permit, foreign_permanent or other.
        number: after `normal_number`.
        day: the day at which the worker must have been born.
    """
    form = (
        pl.when(kind == "resident")
        .then(number.str.contains(_RESIDENT) & (number.str.slice(14, 3) != "000"))
        .when(kind == "hmt_permit")
        .then(number.str.contains(_PREFIX["hmt_permit"]))
        .when(kind == "foreign_permanent")
        .then(number.str.contains(_PREFIX["foreign_permanent"]))
        .otherwise(number.str.contains(r"^[0-9A-Z()（）/-]{4,30}$"))
    )
    checked = (kind != "other") & form & number.str.contains(_EIGHTEEN)
    born = birth_date(number)
    cannot_be = born.is_null() | (born < pl.date(1900, 1, 1)) | (born > day)
    fits = check_character_fits(number).fill_null(False)
    province = number.str.slice(0, 2).is_in(PROVINCES)
    return {
        "61001": ~form,
        "61002": checked & ~fits,
        "61003": checked & fits & cannot_be,
        "61004": checked & fits & ~cannot_be & (born.dt.offset_by("16y") > day),
        "61005": checked & fits & (kind == "resident") & ~province,
    }


def is_resident_number(text: pl.Expr) -> pl.Expr:
    """Whether a text is a resident number with the right check character and a birth date: it stands nowhere by chance."""
    number = normal_number(text)
    shaped = number.str.contains(_RESIDENT)
    return shaped & check_character_fits(number).fill_null(False) & birth_date(number).is_not_null()


def credit_code_is_valid(code: pl.Expr) -> pl.Expr:
    """Whether a code is a unified social credit code with the right check character."""
    return code.map_batches(_credit_fits, return_dtype=pl.Boolean, is_elementwise=True)


def _credit_fits(codes: pl.Series) -> pl.Series:
    def fits(found: _Characters) -> _Truths:
        values = _CREDIT_VALUES[found]
        return np.asarray((31 - values[:, :17] @ np.array(CREDIT_WEIGHTS) % 31) % 31 == values[:, 17])

    return _by_characters(codes, _CREDIT_FORM, fits)


def is_valid_credit_code(code: str) -> bool:
    """Whether one code is valid."""
    return bool(pl.select(credit_code_is_valid(pl.lit(code))).item())


def region_is_known(code: pl.Expr) -> pl.Expr:
    """Whether a county code begins with a province's; counties themselves change from year to year."""
    return code.str.contains(r"^[0-9]{6}$") & code.str.slice(0, 2).is_in(PROVINCES)


def credit_code(first: str) -> str:
    """A credit code from its first seventeen characters, for examples and synthetic platforms."""
    total = sum(CREDIT_ALPHABET.index(one) * weight for one, weight in zip(first, CREDIT_WEIGHTS, strict=True))
    return first + CREDIT_ALPHABET[(31 - total % 31) % 31]


def resident_number(first: str) -> str:
    """A resident number from its first seventeen digits, for examples and synthetic platforms."""
    total = sum(int(one) * weight for one, weight in zip(first, WEIGHTS, strict=True))
    return first + CHECKS[total % 11]
